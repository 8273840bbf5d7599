/*
 * volume.c: the directory tree that services mount: its structure.
 * In: the path of a volume.
 * Out: an open volume, with all of its parts.
 */
#include "volume.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fs.h"
#include "rights.h"

static const char readme[] =
	"# MMAP volume\n"
	"\n"
	"Dimensional layer data, compiled by dimc from YAML sources. Services map these files read-only.\n"
	"\n"
	"    consciousness/   the published generation: manifest.json and D01/, D02/, ... with region.mmap and "
	"index.json\n"
	"    proto/           temporary regions of learning systems, *.mmap\n"
	"    temp/            scratch; safe to empty at any time\n"
	"    .previous/       the former generation, for `dimc rollback`; no backup, it shares files with the present "
	"one\n"
	"    .cache/          what incremental builds remember; safe to delete\n"
	"\n"
	"consciousness/ is replaced as a whole by every publication. Mount this directory into containers, never\n"
	"consciousness/ itself, and do not write into it: change the sources and run `dimc compile`.\n"
	"\n"
	"    dimc verify .    reads every byte and says whether it is what was published\n"
	"    dimc info .      shows what is here\n";

static const char gitignore[] = "# The data is built from sources; only the directory's description is kept in git.\n"
				"*\n!.gitignore\n!README.md\n";

const char *volume_dimension_name(uint32_t dimension_id, char ret[16])
{
	snprintf(ret, 16, "D%02u", dimension_id);
	return ret;
}

uint32_t volume_dimension_id(const char *name)
{
	char canonical[16], *end;
	unsigned long id;

	if (name[0] != 'D' || name[1] < '0' || name[1] > '9' || strlen(name) > 6)
		return 0;
	id = strtoul(name + 1, &end, 10);
	if (*end != '\0' || id > 65535)
		return 0;
	return strcmp(volume_dimension_name((uint32_t)id, canonical), name) == 0 ? (uint32_t)id : 0;
}

bool volume_open(struct volume *volume, const char *path, struct diag *diag)
{
	int error;

	volume->path = path;
	volume->lock = -1;
	volume->diag = diag;
	volume->fd = fs_open_dir(AT_FDCWD, path);
	if (volume->fd >= 0)
		return true;
	error = errno;
	diag_fail(diag, error == ENOENT ? EXIT_NOT_THERE : EXIT_SYSTEM, "cannot open the volume %s: %s", path,
		  strerror(error));
	if (error == ENOENT)
		diag_help(diag, "`dimc init %s` makes one, `dimc compile SOURCES -o %s` fills it", path, path);
	rights_help(diag, path, NULL, error == EACCES ? error : 0);
	return false;
}

bool volume_create(struct volume *volume, const char *path, bool sync, struct diag *diag, bool *ret_made)
{
	struct stat st;

	*ret_made = stat(path, &st) != 0;
	volume->fd = volume->lock = -1;
	if (fs_make_path(path, sync) != 0) {
		int error = errno;

		diag_fail(diag, EXIT_SYSTEM, "cannot make %s: %s", path, strerror(error));
		rights_help(diag, path, NULL, error);
		return false;
	}
	if (!volume_open(volume, path, diag))
		return false;
	/* Readers of other users reach what is in it, whatever the umask. */
	if (*ret_made && fchmod(volume->fd, VOLUME_DIR_MODE) != 0) {
		diag_fail(diag, EXIT_SYSTEM, "cannot set the mode of %s: %s", path, strerror(errno));
		volume_close(volume);
		return false;
	}
	return true;
}

static const struct part {
	const char *name;
	const char *text; /* of a file; NULL: a directory */
} parts[] = {
	{VOLUME_GENERATION, NULL}, {VOLUME_PROTO, NULL},      {VOLUME_TEMP, NULL},
	{"README.md", readme},	   {".gitignore", gitignore},
};
enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

/* consciousness/D01 and so on. */
static const char *initial_dimension(uint32_t id, char ret[64])
{
	char name[16];

	snprintf(ret, 64, VOLUME_GENERATION "/%s", volume_dimension_name(id, name));
	return ret;
}

static bool make_initial_dimensions(const struct volume *volume)
{
	int fd = fs_open_own_dir(volume->fd, VOLUME_GENERATION), error = 0;
	char name[16];
	uint32_t i;

	if (fd < 0)
		return false;
	for (i = 1; i <= VOLUME_INITIAL_DIMENSIONS && error == 0; i++)
		error = fs_make_dir(fd, volume_dimension_name(i, name), VOLUME_DIR_MODE) == 0 ? 0 : errno;
	close(fd);
	errno = error;
	return error == 0;
}

static bool is_missing(const struct volume *volume, const char *name)
{
	return faccessat(volume->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0;
}

bool volume_lacks_parts(struct volume *volume, bool dimensions)
{
	char name[64];
	uint32_t i;

	for (i = 0; i < PARTS; i++)
		if (is_missing(volume, parts[i].name))
			return true;
	if (!dimensions || volume_has_generation(volume, VOLUME_GENERATION) == 1)
		return false;
	for (i = 1; i <= VOLUME_INITIAL_DIMENSIONS; i++)
		if (is_missing(volume, initial_dimension(i, name)))
			return true;
	return false;
}

/* Writes a small file, aside and then renamed, unless something of that name is there. */
static bool make_file(const struct volume *volume, const char *name, const char *text, bool sync)
{
	char aside[64];
	int fd, error;
	bool ok;

	if (!is_missing(volume, name))
		return true;
	snprintf(aside, sizeof(aside), ".%s.new", name);
	if (fs_remove_tree(volume->fd, aside) != 0)
		return false;
	fd = openat(volume->fd, aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return false;
	ok = fs_write_all(fd, text, strlen(text)) == 0 && fchmod(fd, 0644) == 0 && (!sync || fsync(fd) == 0);
	if (close(fd) == 0 && ok && renameat(volume->fd, aside, volume->fd, name) == 0)
		return true;
	error = errno;
	unlinkat(volume->fd, aside, 0);
	errno = error;
	return false;
}

bool volume_make_parts(struct volume *volume, bool dimensions, bool sync)
{
	const char *what = NULL;
	uint32_t i;
	bool ok = true;

	sync = sync && volume_lacks_parts(volume, dimensions);
	for (i = 0; i < PARTS && ok; i++) {
		what = parts[i].name;
		ok = parts[i].text == NULL ? fs_make_dir(volume->fd, what, VOLUME_DIR_MODE) == 0
					   : make_file(volume, what, parts[i].text, sync);
	}
	/* What is published has the dimensions that its sources have. */
	if (ok && dimensions) {
		int has = volume_has_generation(volume, VOLUME_GENERATION);

		what = VOLUME_GENERATION;
		ok = has == 1 || (has == 0 && make_initial_dimensions(volume));
	}
	if (ok && sync) {
		what = VOLUME_GENERATION;
		ok = fs_sync_dir(volume->fd, what) == 0 && fsync(volume->fd) == 0;
	}
	if (!ok) {
		int error = errno;

		diag_fail(volume->diag, EXIT_SYSTEM, "cannot make %s/%s: %s", volume->path, what, strerror(error));
		rights_help(volume->diag, volume->path, what, error);
	}
	return ok;
}

bool volume_exchange(struct volume *volume, const char *a, const char *b)
{
	if (renameat2(volume->fd, a, volume->fd, b, RENAME_EXCHANGE) == 0)
		return true;
	/* What kernels and file systems say that do not know the flag. */
	if (errno == EINVAL || errno == EOPNOTSUPP)
		errno = ENOSYS;
	return false;
}

int volume_has_generation(struct volume *volume, const char *name)
{
	struct arena arena = {0};
	char **names, path[512];
	size_t count, i;
	int error = 0, fd = fs_open_dir(volume->fd, name);
	bool yes;

	if (fd < 0)
		return fs_says_absent(errno) ? 0 : -1;
	yes = faccessat(fd, "manifest.json", F_OK, 0) == 0;
	if (!yes && (!fs_says_absent(errno) || fs_list(fd, &arena, &names, &count) != 0)) {
		error = errno;
		count = 0;
	}
	for (i = 0; !yes && i < count; i++) {
		if (volume_dimension_id(names[i]) == 0)
			continue;
		snprintf(path, sizeof(path), "%s/region.mmap", names[i]);
		yes = faccessat(fd, path, F_OK, 0) == 0;
		if (!yes && !fs_says_absent(errno))
			error = errno;
	}
	arena_free(&arena);
	close(fd);
	errno = error;
	return yes ? 1 : error == 0 ? 0 : -1;
}

void volume_pause(void)
{
	nanosleep(&(struct timespec){0, 1000000}, NULL);
}

bool volume_cache(const struct volume *volume, const char *name, const struct fs_bytes *pieces, size_t count)
{
	struct arena arena = {0};
	const char *aside = arena_printf(&arena, "%s.new", name);
	int dirfd = -1, fd = -1;
	bool ok = false;
	size_t i;

	if (fs_make_dir(volume->fd, VOLUME_CACHE, VOLUME_DIR_MODE) == 0)
		dirfd = fs_open_own_dir(volume->fd, VOLUME_CACHE);
	if (dirfd >= 0 && fs_remove_tree(dirfd, aside) == 0)
		fd = openat(dirfd, aside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd >= 0) {
		ok = true;
		for (i = 0; i < count && ok; i++)
			ok = fs_write_all(fd, pieces[i].bytes, pieces[i].size) == 0;
		ok = close(fd) == 0 && ok && renameat(dirfd, aside, dirfd, name) == 0;
		if (!ok)
			unlinkat(dirfd, aside, 0);
	}
	if (dirfd >= 0)
		close(dirfd);
	arena_free(&arena);
	return ok;
}

void volume_close(struct volume *volume)
{
	if (volume->lock >= 0)
		close(volume->lock);
	if (volume->fd >= 0)
		close(volume->fd);
	volume->lock = volume->fd = -1;
}
