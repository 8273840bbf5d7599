/*
 * loader_error.c: what libdim says, in dimc's terms.
 * In: a status, an error or a span of libdim.
 * Out: the exit status, the line of text and the struct text that go with it.
 */
#include "loader_error.h"

#include <stdio.h>

enum exit_status loader_status(enum dim_status status)
{
	switch (status) {
	case DIM_OK:
		return EXIT_DONE;
	case DIM_ERR_NOT_REGION:
	case DIM_ERR_DAMAGED:
		return EXIT_DAMAGED;
	case DIM_ERR_VERSION:
		return EXIT_VERSION;
	case DIM_ERR_NOT_FOUND:
		return EXIT_NOT_THERE;
	case DIM_ERR_USAGE:
		return EXIT_USAGE;
	default:
		return EXIT_SYSTEM;
	}
}

void loader_report(struct diag *diag, const char *path, const struct dim_error *error)
{
	char dimension[32] = "", bytes[64] = "", layer[32] = "";

	if (error->dimension_id != 0)
		snprintf(dimension, sizeof(dimension), " D%02u", error->dimension_id);
	if (error->layer_id != 0)
		snprintf(layer, sizeof(layer), " layer %u", error->layer_id);
	if (error->size > 0)
		snprintf(bytes, sizeof(bytes), " (bytes %llu to %llu)", (unsigned long long)error->offset,
			 (unsigned long long)(error->offset + error->size - 1));
	diag_fail(diag, loader_status(error->status), "%s:%s%s%s %s%s", path, dimension, layer,
		  *dimension != '\0' || *layer != '\0' ? ":" : "", error->message, bytes);
	if (error->status == DIM_ERR_LIMIT)
		diag_help(diag, LOADER_LIMIT_HELP);
}

struct text loader_text(struct dim_span span)
{
	struct text text = {span.data, span.size};

	return text;
}
