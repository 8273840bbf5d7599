/*
 * spill.c: bytes that wait, outside of memory, for their place in a generation.
 * In: what writes them; a directory on the file system where the generation will be.
 * Out: a file without a name, which gets one later, or is gone with the run however that ends.
 */
#include "spill.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "fs.h"
#include "mem.h"
#include "trace.h"

/* Many dimensions are small ones, and others need descriptors, too: a quarter of them, and no more than that. */
enum { MAX_OPEN = 256, SHARE = 4 };

void spills_open(struct spills *spills, const char *path, bool sync)
{
	struct arena arena = {0};
	struct rlimit limit;
	char *at = arena_copy(&arena, path, strlen(path)), *slash;

	*spills = (struct spills){.dirfd = fs_open_dir(AT_FDCWD, at), .sync = sync};
	while (spills->dirfd < 0 && errno == ENOENT && strcmp(at, ".") != 0 && strcmp(at, "/") != 0) {
		slash = strrchr(at, '/');
		if (slash == NULL)
			at = arena_copy(&arena, ".", 1);
		else
			slash[slash == at] = '\0';
		spills->dirfd = fs_open_dir(AT_FDCWD, at);
	}
	spills->is_open = spills->dirfd >= 0;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		spills->max = limit.rlim_cur / SHARE < MAX_OPEN ? (unsigned)(limit.rlim_cur / SHARE) : MAX_OPEN;
	arena_free(&arena);
}

void spills_close(struct spills *spills)
{
	if (spills->is_open)
		close(spills->dirfd);
	spills->is_open = false;
}

bool spill_write(struct spills *spills, void (*fill)(void *context, struct out *out), void *context, struct spill *ret)
{
	struct out out;

	ret->fd = -1;
	if (!spills->is_open)
		return false;
	if (atomic_fetch_add(&spills->open, 1) < spills->max) {
		trace_begin(TRACE_WRITE, "spilled");
		out_open_unnamed(&out, spills->dirfd);
		if (out.error == 0)
			fill(context, &out);
		out_finish(&out, &ret->fd, &ret->size, &ret->digest);
		trace_end(TRACE_WRITE);
	}
	if (ret->fd < 0)
		atomic_fetch_sub(&spills->open, 1);
	else if (spills->sync)
		sync_file_range(ret->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	return ret->fd >= 0;
}

int spill_link(const struct spill *spill, int dirfd, const char *name)
{
	return fs_link_unnamed(spill->fd, dirfd, name) == 0 ? 0 : errno;
}

void spill_free(struct spills *spills, struct spill *spill)
{
	if (spill->fd < 0)
		return;
	close(spill->fd);
	spill->fd = -1;
	atomic_fetch_sub(&spills->open, 1);
}
