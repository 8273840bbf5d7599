/*
 * settings.c: what the environment and .env say.
 * In: MMAP_BASE_PATH, MMAP_INITIAL_SIZE, MMAP_MAX_SIZE, SOURCE_DATE_EPOCH; a file .env in the working directory.
 * Out: checked values; the environment goes before .env, and .env before the defaults.
 */
#include "settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "../include/dim_format.h"
#include "fs.h"
#include "text.h"

enum { MAX_ENV_FILE = 1 << 20 };

static const char DEFAULT_PATH[] = "data/mmap";

/*
 * The value of `name` in the lines of .env, as docker compose reads it: NAME=VALUE, an optional `export`, quotes around
 * the value, a comment after white space; the last line counts. NULL where it is not set.
 */
static const char *find_in_file(struct arena *arena, const char *text, const char *name)
{
	const char *found = NULL, *line = text;
	size_t length = strlen(name);

	while (line != NULL && *line != '\0') {
		const char *next = strchr(line, '\n');
		const char *at = line + strspn(line, " \t"), *end = next != NULL ? next : line + strlen(line);

		line = next != NULL ? next + 1 : NULL;
		if (strncmp(at, "export ", 7) == 0)
			at += 7 + strspn(at + 7, " \t");
		if (strncmp(at, name, length) != 0 || at[length] != '=')
			continue;
		at += length + 1;
		if (at < end && (*at == '"' || *at == '\'')) {
			const char *quote = memchr(at + 1, *at, (size_t)(end - at - 1));

			if (quote != NULL) {
				found = arena_copy(arena, at + 1, (size_t)(quote - at - 1));
				continue;
			}
		}
		for (const char *c = at; c < end; c++)
			if (*c == '#' && (c == at || c[-1] == ' ' || c[-1] == '\t'))
				end = c;
		while (end > at && strchr(" \t\r", end[-1]) != NULL)
			end--;
		found = arena_copy(arena, at, (size_t)(end - at));
	}
	return found;
}

static const char *find(struct settings *s, const char *file, const char *name)
{
	const char *value = getenv(name);

	if (value == NULL || *value == '\0')
		value = file != NULL ? find_in_file(&s->arena, file, name) : NULL;
	return value == NULL || *value == '\0' ? NULL : value;
}

static bool find_size(struct settings *s, const char *file, const char *name, uint64_t *ret, struct diag *diag)
{
	const char *value = find(s, file, name);

	if (value == NULL || text_parse_number(value, INT64_MAX, ret))
		return true;
	diag_fail(diag, EXIT_USAGE, "%s must be a whole number of bytes, not \"%s\"", name, value);
	diag_help(diag, "set it in the environment or in .env, for example %s=10485760", name);
	return false;
}

bool settings_load(struct diag *diag, struct settings *ret)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	struct fs_file file = {0};
	uint64_t seconds;
	bool ok;

	memset(ret, 0, sizeof(*ret));
	ret->max_size = DIM_FORMAT_DEFAULT_MAX_SIZE;
	ret->base_path = DEFAULT_PATH;
	if (fs_read(AT_FDCWD, ".env", MAX_ENV_FILE, FS_FOLLOW, &ret->arena, &file) != 0 && errno != ENOENT &&
	    errno != EISDIR) {
		diag_fail(diag, EXIT_SYSTEM, "cannot read .env: %s", strerror(errno));
		return false;
	}
	ret->has_file = file.bytes != NULL;
	if (find(ret, file.bytes, "MMAP_BASE_PATH") != NULL)
		ret->base_path = find(ret, file.bytes, "MMAP_BASE_PATH");
	ok = find_size(ret, file.bytes, "MMAP_INITIAL_SIZE", &ret->initial_size, diag);
	ok = find_size(ret, file.bytes, "MMAP_MAX_SIZE", &ret->max_size, diag) && ok;
	if (ok && ret->max_size == 0) {
		diag_fail(diag, EXIT_USAGE, "MMAP_MAX_SIZE must be greater than zero");
		ok = false;
	}
	if (ok && ret->initial_size > ret->max_size) {
		diag_fail(diag, EXIT_USAGE, "MMAP_INITIAL_SIZE (%llu) is greater than MMAP_MAX_SIZE (%llu)",
			  (unsigned long long)ret->initial_size, (unsigned long long)ret->max_size);
		ok = false;
	}
	if (epoch != NULL && *epoch != '\0') {
		ret->has_epoch = text_parse_number(epoch, INT64_C(253402300799), &seconds);
		ret->epoch = ret->has_epoch ? (int64_t)seconds : 0;
		if (!ret->has_epoch) {
			diag_fail(diag, EXIT_USAGE,
				  "SOURCE_DATE_EPOCH must be a number of seconds since 1970, not \"%s\"", epoch);
			ok = false;
		}
	}
	return ok;
}

void settings_free(struct settings *settings)
{
	arena_free(&settings->arena);
}
