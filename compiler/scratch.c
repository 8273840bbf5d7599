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
	scratch->fd = fs_open_dir(AT_FDCWD, scratch->path);
	if (scratch->fd >= 0)
		return true;
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
