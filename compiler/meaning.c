/*
 * meaning.c: which key somebody meant who wrote one that is not known.
 * In: a table of fields, and what stands in the place of a key.
 * Out: the field, and how certain that is.
 */
#include "meaning.h"

#include <string.h>

#include "text.h"
#include "utf8.h"

/* A key in small letters, with _ between words; false for one that is longer than any, or has a NUL. Spaces around it
 * are not seen.
 */
static bool fold_key(struct text key, char *ret, size_t capacity)
{
	size_t i;

	while (key.size > 2 && memcmp(key.bytes, UTF8_NO_BREAK, 2) == 0)
		key = (struct text){key.bytes + 2, key.size - 2};
	while (key.size > 2 && memcmp(key.bytes + key.size - 2, UTF8_NO_BREAK, 2) == 0)
		key.size -= 2;
	if (key.size >= capacity)
		return false;
	for (i = 0; i < key.size; i++) {
		char c = key.bytes[i];

		if (c == '\0')
			return false;
		ret[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c == '-' || c == ' ' ? '_' : c);
	}
	ret[i] = '\0';
	return true;
}

static bool is_among(const char *words, const char *word)
{
	size_t size = strlen(word);
	const char *at;

	for (at = words; at != NULL && (at = strstr(at, word)) != NULL; at++)
		if (at > words && at[-1] == ' ' && at[size] == ' ')
			return true;
	return false;
}

size_t meaning_find(const struct table *table, struct text key, const struct yaml_event *value, enum meaning *ret_how)
{
	const char *names[MAPPING_MAX_FIELDS], *meant;
	enum { MANY = 8 }; /* letters of a name */
	char word[40];
	size_t count = 0, size, i;

	if (!fold_key(key, word, sizeof(word)) || (size = strlen(word)) == 0)
		return table->count;
	*ret_how = MEANING_WORD;
	for (i = 0; i < table->count; i++)
		if (is_among(table->fields[i].others, word))
			return i;
	for (i = 0; i < table->count; i++)
		if (!table->fields[i].holds_layers || value->kind != YAML_SCALAR)
			names[count++] = table->fields[i].name;
	meant = text_did_you_mean(word, size, names, count);
	if (meant == NULL)
		return table->count;
	*ret_how = text_distance(word, size, meant, strlen(meant)) <= (strlen(meant) < MANY ? 1 : 2) ? MEANING_SURE
												     : MEANING_LIKELY;
	for (i = 0; strcmp(table->fields[i].name, meant) != 0; i++)
		;
	return i;
}
