/*
 * known_keys.c: the names of all keys that sources have, to recognise one where it should not stand.
 * In: a piece of text.
 * Out: whether it begins with a key and a colon.
 *
 * What a key means is said by the tables of fields.c; tests/schema.bats holds this list against the schemas.
 */
#include "known_keys.h"

#include <string.h>

static const char *const keys[] = {
	"layer_id",	"title",      "frequency",	 "keywords", "content",
	"content_file", "layers",     "dimension_id",	 "name",     "description",
	"created_at",	"updated_at", "frequency_range", "layout",   "alignment",
};

size_t known_key(const char *text, size_t size)
{
	size_t i, length;

	for (length = 0; length < size && ((text[length] >= 'a' && text[length] <= 'z') || text[length] == '_');)
		length++;
	if (length == size || text[length] != ':')
		return 0;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strlen(keys[i]) == length && memcmp(text, keys[i], length) == 0)
			return length;
	return 0;
}
