/*
 * strays.c: what lies in a published generation and is not of it.
 * In: what is published, and a report of what a compile would change.
 * Out: paths below consciousness/, in the order of their bytes.
 */
#include "strays.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs.h"
#include "volume.h"

/* Files of a generation are at most this deep: D01/layers/1.txt. */
enum { MAX_DEPTH = 3 };

struct search {
	struct compile_report *report;
	const char **known; /* paths of files, sorted */
	size_t known_count, capacity;
};

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The first known path that is not before `path`; NULL where there is none. */
static const char *first_from(const struct search *search, const char *path)
{
	size_t low = 0, high = search->known_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(search->known[middle], path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < search->known_count ? search->known[low] : NULL;
}

/* Whether a name in consciousness/ is that of a dimension whose state is told anyway. */
static bool is_told(const struct compile_report *report, const char *name)
{
	uint32_t id = volume_dimension_id(name);
	size_t i;

	for (i = 0; id != 0 && i < report->count; i++)
		if (report->dimensions[i].dimension_id == id)
			return report->dimensions[i].change != CHANGE_NONE;
	return false;
}

static void search_directory(struct search *search, int dirfd, const char *prefix, int depth)
{
	struct compile_report *report = search->report;
	struct arena arena = {0};
	size_t count, i;
	char **names;

	if (dirfd < 0 || fs_list(dirfd, &arena, &names, &count) != 0)
		count = 0;
	for (i = 0; i < count; i++) {
		const char *path = arena_printf(&arena, "%s%s", prefix, names[i]);
		const char *below = arena_printf(&arena, "%s/", path);
		const char *file = first_from(search, path), *inside = first_from(search, below);

		if ((file != NULL && strcmp(file, path) == 0) || (depth == 0 && is_told(report, names[i])))
			continue;
		if (depth < MAX_DEPTH && inside != NULL && strncmp(inside, below, strlen(below)) == 0) {
			int fd = fs_open_dir(dirfd, names[i]);

			search_directory(search, fd, below, depth + 1);
			if (fd >= 0)
				close(fd);
			continue;
		}
		report->strays =
			mem_reserve(report->strays, report->stray_count, &search->capacity, sizeof(*report->strays));
		report->strays[report->stray_count++] = arena_copy(&report->arena, path, strlen(path));
	}
	arena_free(&arena);
}

void strays_find(const struct published *published, struct compile_report *report)
{
	const struct manifest *manifest = &published->manifest;
	struct search search = {.report = report};
	size_t i, k, count = 1;

	if (!published->has_manifest)
		return;
	for (i = 0; i < manifest->count; i++)
		count += manifest->dimensions[i].file_count;
	search.known = mem_zalloc(count, sizeof(*search.known));
	search.known[search.known_count++] = "manifest.json";
	for (i = 0; i < manifest->count; i++)
		for (k = 0; k < manifest->dimensions[i].file_count; k++)
			search.known[search.known_count++] = manifest->dimensions[i].files[k].path;
	qsort(search.known, search.known_count, sizeof(*search.known), by_bytes);
	search_directory(&search, published->fd, "", 0);
	free(search.known);
}
