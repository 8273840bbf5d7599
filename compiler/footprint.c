/*
 * footprint.c: what a run that fails takes away again, so that a volume is as it was, or is still none.
 * In: the path of a volume, before anything is made there.
 * Out: no directory, lock or empty generation that this run has made.
 */
#include "footprint.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"

static bool is_there(const char *path, const char *name)
{
	struct buf full = {0};
	struct stat st;
	bool yes;

	buf_printf(&full, "%s/%s", path, name);
	yes = lstat(full.bytes, &st) == 0;
	buf_free(&full);
	return yes;
}

void footprint_take(struct footprint *f, const char *path)
{
	size_t end = strlen(path);
	struct stat st;

	f->path = mem_alloc(end + 1);
	memcpy(f->path, path, end + 1);
	while (end > 0 && f->path[end - 1] == '/')
		f->path[--end] = '\0';
	/* Cut off components from the end until what is left exists. */
	while (end > 0) {
		char cut = f->path[end];
		bool exists;

		f->path[end] = '\0';
		exists = stat(f->path, &st) == 0;
		f->path[end] = cut;
		if (exists)
			break;
		while (end > 0 && f->path[end - 1] != '/')
			end--;
		while (end > 0 && f->path[end - 1] == '/')
			end--;
	}
	f->existing = end;
	f->had_lock = is_there(path, ".lock");
	f->had_generation = is_there(path, VOLUME_GENERATION);
}

void footprint_wipe(const struct footprint *f, const struct volume *volume)
{
	size_t end = strlen(f->path);

	if (volume->fd >= 0 && volume->lock >= 0) {
		if (!f->had_generation)
			unlinkat(volume->fd, VOLUME_GENERATION, AT_REMOVEDIR);
		if (!f->had_lock)
			unlinkat(volume->fd, ".lock", 0);
	}
	while (end > f->existing) {
		f->path[end] = '\0';
		if (rmdir(f->path) != 0)
			break;
		while (end > f->existing && f->path[end - 1] != '/')
			end--;
		while (end > f->existing && f->path[end - 1] == '/')
			end--;
	}
}

void footprint_free(struct footprint *f)
{
	free(f->path);
	f->path = NULL;
}
