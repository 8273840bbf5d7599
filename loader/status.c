/*
 * status.c: what libdim says when something is wrong.
 * In: a status, and the facts of one failure.
 * Out: constant texts, and a filled struct dim_error.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "internal.h"

#ifndef DIM_VERSION
#error "the Makefile defines DIM_VERSION"
#endif

const char *dim_strerror(enum dim_status status)
{
	switch (status) {
	case DIM_OK:
		return "success";
	case DIM_ERR_USAGE:
		return "an argument is out of range";
	case DIM_ERR_SYSTEM:
		return "the system refused";
	case DIM_ERR_MEMORY:
		return "out of memory";
	case DIM_ERR_NOT_FOUND:
		return "not found";
	case DIM_ERR_NOT_REGION:
		return "not a region file";
	case DIM_ERR_DAMAGED:
		return "damaged";
	case DIM_ERR_VERSION:
		return "a newer version of the format";
	case DIM_ERR_LIMIT:
		return "more than allowed";
	case DIM_ERR_NOT_LOADED:
		return "not loaded";
	case DIM_ERR_UNKNOWN:
		return "the kernel does not tell";
	}
	return "unknown status";
}

const char *dim_version(void)
{
	return DIM_VERSION;
}

enum dim_status dim_fail(struct dim_error *ret_error, enum dim_status status, uint32_t dimension_id, uint32_t layer_id,
			 uint64_t offset, uint64_t size, const char *format, ...)
{
	va_list ap;

	if (ret_error == NULL)
		return status;
	memset(ret_error, 0, sizeof(*ret_error));
	ret_error->status = status;
	ret_error->dimension_id = dimension_id;
	ret_error->layer_id = layer_id;
	ret_error->offset = offset;
	ret_error->size = size;
	va_start(ap, format);
	vsnprintf(ret_error->message, sizeof(ret_error->message), format, ap);
	va_end(ap);
	return status;
}

enum dim_status dim_fail_errno(struct dim_error *ret_error, int number, const char *what)
{
	enum dim_status status = number == ENOMEM ? DIM_ERR_MEMORY : DIM_ERR_SYSTEM;

	dim_fail(ret_error, status, 0, 0, 0, 0, "%s: %s", what, strerror(number));
	if (ret_error != NULL && status == DIM_ERR_SYSTEM)
		ret_error->system_errno = number;
	return status;
}

enum dim_status dim_fail_limit(struct dim_error *ret_error, uint64_t limit, uint64_t usage, const char *format, ...)
{
	char what[sizeof(ret_error->message)];
	va_list ap;

	va_start(ap, format);
	vsnprintf(what, sizeof(what), format, ap);
	va_end(ap);
	dim_fail(ret_error, DIM_ERR_LIMIT, 0, 0, 0, 0, "%s", what);
	if (ret_error != NULL) {
		ret_error->limit = limit;
		ret_error->usage = usage;
	}
	return DIM_ERR_LIMIT;
}

enum dim_status dim_fail_dimension(struct dim_error *ret_error, enum dim_status status, uint32_t dimension_id,
				   const char *what)
{
	return dim_fail(ret_error, status, dimension_id, 0, 0, 0, "%s", what);
}

void dim_error_at(struct dim_error *error, const char *format, ...)
{
	char whole[4096 + 64];
	const size_t room = sizeof(error->path) - 1;
	size_t length;
	va_list ap;

	if (error == NULL)
		return;
	va_start(ap, format);
	vsnprintf(whole, sizeof(whole), format, ap);
	va_end(ap);
	length = strlen(whole);
	if (length <= room)
		memcpy(error->path, whole, length + 1);
	else
		snprintf(error->path, sizeof(error->path), "...%s", whole + length - (room - 3));
}

size_t dim_error_format(const struct dim_error *error, char *buffer, size_t size)
{
	char dimension[16] = "", layer[16] = "", bytes[64] = "";

	if (error->dimension_id != 0)
		snprintf(dimension, sizeof(dimension), "D%02u", error->dimension_id);
	if (error->layer_id != 0)
		snprintf(layer, sizeof(layer), "/%u", error->layer_id);
	if (error->size != 0)
		snprintf(bytes, sizeof(bytes), " (bytes %llu to %llu)", (unsigned long long)error->offset,
			 (unsigned long long)(error->offset + error->size - 1));
	return (size_t)snprintf(buffer, size, "%s%s%s%s%s%s%s", error->path, error->path[0] != '\0' ? ": " : "",
				dimension, layer, dimension[0] != '\0' ? ": " : "", error->message, bytes);
}
