/*
 * scratch.c: a directory for what is looked at once and thrown away.
 * In: TMPDIR, or /tmp.
 * Out: a new directory that only this user can read; gone after scratch_remove.
 */
#include "scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "fs.h"

const char *scratch_parent(void)
{
	const char *parent = getenv("TMPDIR");

	return parent != NULL && *parent != '\0' ? parent : "/tmp";
}

/* All that are there. */
static struct scratch *scratches;

/* Empties a directory, without memory. */
static void empty(int fd)
{
	_Alignas(struct dirent64) char entries[4096];
	size_t removed;
	ssize_t size, at;

	do {
		removed = 0;
		lseek(fd, 0, SEEK_SET);
		size = getdents64(fd, entries, sizeof(entries));
		for (at = 0; at < size; at += ((struct dirent64 *)(entries + at))->d_reclen) {
			const char *name = ((struct dirent64 *)(entries + at))->d_name;
			int child;

			if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
				continue;
			child = unlinkat(fd, name, 0) == 0 ? -1 : fs_open_own_dir(fd, name);
			if (child >= 0) {
				empty(child);
				close(child);
				unlinkat(fd, name, AT_REMOVEDIR);
			}
			removed += faccessat(fd, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0;
		}
	} while (removed > 0);
}

/* What a run without memory leaves would be found by no other one. */
static void remove_at_end(void)
{
	struct scratch *scratch;

	for (scratch = scratches; scratch != NULL; scratch = scratch->next) {
		empty(scratch->fd);
		rmdir(scratch->path);
	}
}

bool scratch_make(struct scratch *scratch, struct diag *diag)
{
	const char *parent = scratch_parent();
	struct buf path = {0};
	struct stat st;

	scratch->fd = -1;
	scratch->path = NULL;
	scratch->diag = diag;
	buf_printf(&path, "%s/dimc.XXXXXX", parent);
	if (mkdtemp(path.bytes) == NULL) {
		diag_fail(diag, EXIT_SYSTEM, "cannot make a directory in %s: %s", parent, strerror(errno));
		diag_help(diag, "set TMPDIR to a directory with room for the largest dimension");
		buf_free(&path);
		return false;
	}
	scratch->path = path.bytes;
	/* Where others may rename in `parent`, it can be another one by now. */
	scratch->fd = fs_open_own_dir(AT_FDCWD, scratch->path);
	if (scratch->fd >= 0 && fstat(scratch->fd, &st) == 0) {
		if (st.st_uid == geteuid() && (st.st_mode & 077) == 0) {
			scratch->next = scratches;
			scratches = scratch;
			mem_at_end(remove_at_end);
			return true;
		}
		errno = EPERM;
	}
	diag_fail(diag, EXIT_SYSTEM, "cannot open %s: %s", scratch->path, strerror(errno));
	scratch_remove(scratch);
	return false;
}

void scratch_remove(struct scratch *scratch)
{
	struct scratch **at;
	bool is_removed;

	if (scratch->path == NULL)
		return;
	if (scratch->fd >= 0)
		close(scratch->fd);
	is_removed = fs_remove_tree(AT_FDCWD, scratch->path) == 0;
	/* Nobody looks for it later: once more, before it is told. */
	if (!is_removed)
		is_removed = fs_remove_tree(AT_FDCWD, scratch->path) == 0;
	if (!is_removed)
		diag_warn(scratch->diag, "cannot remove %s: %s", scratch->path, strerror(errno));
	for (at = &scratches; *at != NULL; at = &(*at)->next) {
		if (*at != scratch)
			continue;
		*at = scratch->next;
		break;
	}
	free(scratch->path);
	scratch->fd = -1;
	scratch->path = NULL;
}
