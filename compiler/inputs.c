/*
 * inputs.c: the files and directories that a result depends on.
 * In: paths, in the order in which they are looked at.
 * Out: a set of them.
 */
#include "inputs.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As many links as the kernel follows in one path. */
enum { MAX_LINKS = 40 };

void inputs_add(struct inputs *inputs, const char *path, bool is_directory)
{
	inputs->items = mem_reserve(inputs->items, inputs->count, &inputs->capacity, sizeof(*inputs->items));
	inputs->items[inputs->count++] = (struct input){.path = path, .is_directory = is_directory};
}

void inputs_add_seen(struct inputs *inputs, const char *path, const struct stat *st)
{
	inputs_add(inputs, path, S_ISDIR(st->st_mode));
	inputs->items[inputs->count - 1].stamp = fs_stamp(st);
}

void inputs_add_beneath(struct inputs *inputs, const char *base, const char *path, const struct stat *st)
{
	const char *slash;

	inputs_add(inputs, base, true);
	for (slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/'))
		inputs_add(inputs, arena_printf(&inputs->arena, "%s/%.*s", base, (int)(slash - path), path), true);
	inputs_add_seen(inputs, arena_printf(&inputs->arena, "%s/%s", base, path), st);
}

void inputs_append(struct inputs *inputs, const struct inputs *from)
{
	size_t i;

	for (i = 0; i < from->count; i++) {
		inputs->items = mem_reserve(inputs->items, inputs->count, &inputs->capacity, sizeof(*inputs->items));
		inputs->items[inputs->count++] = from->items[i];
	}
}

void inputs_take(struct inputs *inputs, struct inputs *from)
{
	inputs_append(inputs, from);
	arena_take(&inputs->arena, &from->arena);
	inputs_free(from);
}

/* The directory that holds the name; "." where the path has no slash. */
static const char *directory_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? "." : arena_copy(arena, path, slash == path ? 1 : (size_t)(slash - path));
}

/* Where the link `path` leads; NULL where it is none. */
static const char *follow(struct arena *arena, const char *path)
{
	char target[PATH_MAX];
	ssize_t size = readlink(path, target, sizeof(target) - 1);

	if (size <= 0)
		return NULL;
	target[size] = '\0';
	return target[0] == '/' ? arena_copy(arena, target, (size_t)size)
				: arena_printf(arena, "%s/%s", directory_of(arena, path), target);
}

void inputs_add_links(struct inputs *inputs, struct arena *arena)
{
	size_t i, count = inputs->count;

	for (i = 0; i < count; i++) {
		const char *at = follow(arena, inputs->items[i].path), *next;
		int links;

		for (links = 0; at != NULL && links < MAX_LINKS; links++, at = next) {
			next = follow(arena, at);
			if (next != NULL)
				inputs_add(inputs, directory_of(arena, at), true);
		}
	}
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct input *)a)->path, ((const struct input *)b)->path);
}

void inputs_sort(struct inputs *inputs)
{
	size_t i, count = 0;

	if (inputs->count > 0)
		qsort(inputs->items, inputs->count, sizeof(*inputs->items), by_path);
	for (i = 0; i < inputs->count; i++)
		if (count == 0 || strcmp(inputs->items[count - 1].path, inputs->items[i].path) != 0)
			inputs->items[count++] = inputs->items[i];
	inputs->count = count;
}

bool inputs_has(const struct inputs *inputs, const char *path)
{
	struct input wanted = {.path = path};

	return inputs->count > 0 && bsearch(&wanted, inputs->items, inputs->count, sizeof(wanted), by_path) != NULL;
}

void inputs_free(struct inputs *inputs)
{
	free(inputs->items);
	arena_free(&inputs->arena);
	*inputs = (struct inputs){0};
}
