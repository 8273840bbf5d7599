/*
 * arguments.c: what the names of arguments stand for, those of options and those of a synopsis.
 * In: a name as the help shows it: VOLUME, D01,D05, page|packed; a synopsis.
 * Out: what may be typed in its place, for completion; the operands of a command.
 */
#include "arguments.h"

#include <string.h>

static const struct row {
	const char *name;
	enum argument_kind kind;
	bool has_dimensions;
} rows[] = {
	{"VOLUME", ARGUMENT_DIRECTORY, true},
	{"SOURCES", ARGUMENT_DIRECTORY, true},
	{"DIR", ARGUMENT_DIRECTORY, false},
	{"PATH", ARGUMENT_FILE, true},
	{"A", ARGUMENT_FILE, true},
	{"B", ARGUMENT_FILE, true},
	{"BUNDLE", ARGUMENT_FILE, false},
	{"FILE", ARGUMENT_FILE, false},
	{"KEY", ARGUMENT_FILE, false},
	{"D01", ARGUMENT_DIMENSION, false},
	{"D01,D05", ARGUMENT_DIMENSIONS, false},
	{"D01/3", ARGUMENT_LAYER, false},
	{"WORD", ARGUMENT_KEYWORD, false},
	{"D03", ARGUMENT_DIMENSION, false},
	{"CHECK", ARGUMENT_CHECK, false},
	{"WARNING", ARGUMENT_WARNING, false},
	{"COUNT", ARGUMENT_FREE, false},
	{"DAYS", ARGUMENT_FREE, false},
	{"LOW..HIGH", ARGUMENT_FREE, false},
	{"N", ARGUMENT_FREE, false},
	{"NAME", ARGUMENT_FREE, false},
	{"SECONDS", ARGUMENT_FREE, false},
	{"TARGET", ARGUMENT_FREE, false},
	{"TITLE", ARGUMENT_FREE, false},
};

static const struct row *find(const char *name, size_t size)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strlen(rows[i].name) == size && memcmp(rows[i].name, name, size) == 0)
			return &rows[i];
	return NULL;
}

enum argument_kind argument_kind(const char *name, size_t size)
{
	const struct row *row = find(name, size);

	if (row != NULL)
		return row->kind;
	return memchr(name, '|', size) != NULL ? ARGUMENT_CHOICE : ARGUMENT_UNKNOWN;
}

bool argument_has_dimensions(const char *name, size_t size)
{
	const struct row *row = find(name, size);

	return row != NULL && row->has_dimensions;
}

bool argument_next_operand(const char **at, struct operand *ret)
{
	bool is_value = false; /* the word before it was an option that takes it */

	for (;;) {
		const char *word = *at + strspn(*at, " ");
		size_t size = strcspn(word, " ");
		bool is_optional = *word == '[', was_value = is_value;

		if (size == 0)
			return false;
		*at = word[size - 1] == ';' ? word + strlen(word) : word + size;
		size -= word[size - 1] == ';';
		for (; size > 0 && *word == '['; size--)
			word++;
		is_value = *word == '-' && memchr(word, ']', size) == NULL && memchr(word, '=', size) == NULL;
		if (was_value || *word == '-' || *word == '|' || strncmp(word, "OPTIONS", strlen("OPTIONS")) == 0)
			continue;
		*ret = (struct operand){.name = word, .size = size, .is_optional = is_optional};
		while (ret->size > 0 && ret->name[ret->size - 1] == ']')
			ret->size--;
		if (ret->size > 3 && memcmp(ret->name + ret->size - 3, "...", 3) == 0) {
			ret->repeats = true;
			ret->size -= 3;
		}
		return true;
	}
}
