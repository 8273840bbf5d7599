/*
 * scratch.c: a directory for what is looked at once and thrown away.
 * In: TMPDIR, or /tmp.
 * Out: a new directory that only this user can read; gone after scratch_remove.
 */
#include "scratch.h"

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

bool scratch_make(struct scratch *scratch, struct diag *diag)
{
	const char *parent = scratch_parent();
	struct buf path = {0};
	struct stat st;

	scratch->fd = -1;
	scratch->path = NULL;
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
	if (scratch->fd >= 0 && fstat(scratch->fd, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & 077) == 0)
		return true;
	if (scratch->fd >= 0)
		errno = EPERM;
	diag_fail(diag, EXIT_SYSTEM, "cannot open %s: %s", scratch->path, strerror(errno));
	scratch_remove(scratch);
	return false;
}

void scratch_remove(struct scratch *scratch)
{
	if (scratch->path == NULL)
		return;
	if (scratch->fd >= 0)
		close(scratch->fd);
	fs_remove_tree(AT_FDCWD, scratch->path);
	free(scratch->path);
	scratch->fd = -1;
	scratch->path = NULL;
}
