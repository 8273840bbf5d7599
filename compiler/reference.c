/*
 * reference.c: names of container images, as registries and engines take them.
 * In: REGISTRY/PATH[:TAG], from the command line.
 * Out: whether it is one, or what is wrong with it.
 */
#include "reference.h"

#include <stddef.h>
#include <string.h>

/* The grammar is that of the distribution project, on which Docker, podman and skopeo agree. */
enum { MAX_NAME = 255, MAX_TAG = 128 };

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static bool refuse(const char **ret_why, const char *why)
{
	*ret_why = why;
	return false;
}

/* Labels of letters, digits and inner hyphens, with dots between them; perhaps a port. */
static bool is_registry(const char *text, size_t size)
{
	const char *end = text + size, *colon = memchr(text, ':', size), *at = text;
	size_t length;

	if (colon != NULL) {
		if (colon + 1 == end || strspn(colon + 1, DIGITS) < (size_t)(end - colon - 1))
			return false;
		end = colon;
	}
	for (;; at += length + 1) {
		length = strspn(at, LOWER UPPER DIGITS "-");
		if (at + length > end)
			length = (size_t)(end - at);
		if (length == 0 || at[0] == '-' || at[length - 1] == '-')
			return false;
		if (at + length == end)
			return true;
		if (at[length] != '.')
			return false;
	}
}

/* Lower-case letters and digits, with separators between them: a dot, one or two underscores, or hyphens. */
static bool is_component(const char *text, size_t size)
{
	const char *end = text + size, *at = text;

	for (;;) {
		size_t length = strspn(at, LOWER DIGITS);

		if (length == 0)
			return false;
		at += length;
		if (at >= end)
			return at == end;
		if (*at == '-')
			at += strspn(at, "-");
		else if (*at == '_')
			at += at[1] == '_' ? 2 : 1;
		else if (*at == '.')
			at++;
		else
			return false;
	}
}

static bool is_tag(const char *text)
{
	size_t size = strlen(text);

	return size > 0 && size <= MAX_TAG && text[0] != '.' && text[0] != '-' &&
	       strspn(text, LOWER UPPER DIGITS "_.-") == size;
}

bool reference_check(const char *text, bool *ret_has_tag, const char **ret_why)
{
	const char *slash = strchr(text, '/'), *tag, *end, *at;
	size_t registry = slash != NULL ? (size_t)(slash - text) : 0;

	if (strchr(text, '@') != NULL)
		return refuse(ret_why, "it has a digest, which follows from what is in the image");
	if (slash == NULL || (memchr(text, '.', registry) == NULL && memchr(text, ':', registry) == NULL &&
			      !(registry == strlen("localhost") && memcmp(text, "localhost", registry) == 0)))
		return refuse(ret_why, "it does not begin with a registry");
	if (!is_registry(text, registry))
		return refuse(ret_why, "its registry is no host name with, perhaps, a port");
	tag = strchr(slash, ':');
	end = tag != NULL ? tag : text + strlen(text);
	if (end - text > MAX_NAME)
		return refuse(ret_why, "it is longer than 255 characters");
	for (at = slash + 1;; at = slash + 1) {
		slash = memchr(at, '/', (size_t)(end - at));
		if (!is_component(at, (size_t)((slash != NULL ? slash : end) - at)))
			return refuse(ret_why,
				      "between slashes stand lower-case letters and digits, with single ., _, __ or - "
				      "between them");
		if (slash == NULL)
			break;
	}
	if (tag != NULL && !is_tag(tag + 1))
		return refuse(ret_why,
			      "a tag is at most 128 letters, digits, _, . and -, and begins with none of the last "
			      "two");
	*ret_has_tag = tag != NULL;
	return true;
}
