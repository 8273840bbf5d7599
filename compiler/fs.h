/*
 * fs.h: files and directories, by descriptor, without following links where that matters.
 * In: directory descriptors and names.
 * Out: bytes, descriptors, or -1 with errno.
 */
#ifndef DIMC_FS_H
#define DIMC_FS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "buf.h"
#include "digest.h"
#include "mem.h"

/* A piece of memory, the caller's. */
struct fs_bytes {
	const void *bytes;
	size_t size;
};

/* What fs_read gives. `bytes` has a NUL behind it and lives in the arena. */
struct fs_file {
	char *bytes;
	size_t size;
	struct stat st;
};

enum { FS_FOLLOW = 0, FS_NO_FOLLOW = 1 };

/*
 * Reads a regular file of at most `max` bytes. -1 and errno: that of the call that failed, EFBIG where it is larger
 * (ret->st is filled then), EINVAL where it is not a regular file, EBUSY where somebody wrote to it meanwhile.
 */
int fs_read(int dirfd, const char *name, uint64_t max, int follow, struct arena *arena, struct fs_file *ret);

/*
 * The same, following links, into a buffer that is used again for the next file: ret->bytes are there. Nothing that the
 * buffer held stays.
 */
int fs_read_into(int dirfd, const char *name, uint64_t max, struct buf *buffer, struct fs_file *ret);

/*
 * The same as fs_read for a `path` below a directory, opened one component at a time, through no symbolic link. Also -1
 * and errno EXDEV for an absolute path or one with an empty, `.` or `..` component, ELOOP at a link.
 */
int fs_read_beneath(int dirfd, const char *path, uint64_t max, struct arena *arena, struct fs_file *ret);

/*
 * What changes when a file does: to write to it, to exchange it for another one, or to set its time back. Times are in
 * nanoseconds.
 */
struct fs_stamp {
	uint64_t device, inode, size;
	int64_t modified, changed;
};

struct fs_stamp fs_stamp(const struct stat *st);
bool fs_stamp_equal(const struct fs_stamp *a, const struct fs_stamp *b);

/* Whether both are of the same file or directory. */
bool fs_is_same(const struct stat *a, const struct stat *b);

/* Whether a name still leads to what is open as `fd`, as fstatat(2) with these flags sees it. */
bool fs_leads_to(int dirfd, const char *name, int flags, int fd);

/* Whether this errno says that nothing is there, a link that leads nowhere included; not that it cannot be looked at.
 */
bool fs_says_absent(int error);

/* Whether there is something of this name, a link included: 1, 0; -1 and errno where the system does not say. */
int fs_look(int dirfd, const char *name, struct stat *ret);

/* SHA-256 of all that an open file holds, from its beginning. 0; else -1 and errno. */
int fs_digest(int fd, struct digest *ret);

/* Opens a directory; -1 and errno. The second one follows no link (ELOOP): for those in which dimc writes. */
int fs_open_dir(int dirfd, const char *name);
int fs_open_own_dir(int dirfd, const char *name);

/*
 * The names in a directory, but . and .., sorted by their bytes. 0; else -1 and errno, and nothing in the arena.
 */
int fs_list(int dirfd, struct arena *arena, char ***ret_names, size_t *ret_count);

/*
 * Makes a directory, and sets mode `mode` whatever the umask. An existing directory is fine and stays as it is; a link
 * to one is not (ELOOP). The second one sets the mode of a directory, and never that of what a link leads to.
 */
int fs_make_dir(int dirfd, const char *name, mode_t mode);
int fs_set_dir_mode(int dirfd, const char *name, mode_t mode);

/* The directory that holds a name: all in front of the last slash, "." or "/". Freed by the caller; NULL: no memory. */
char *fs_parent(const char *path);

/* Makes every missing directory of a path, mode 0755 less the umask. `sync`: and syncs those in which it made one. */
int fs_make_path(const char *path, bool sync);

/*
 * Whom files belong to that this process makes in a directory: its effective user, or another one where the file system
 * says so, as NFS does with root_squash.
 */
uid_t fs_own_uid(int dirfd);

/* Removes a file or a whole tree, never through a link. 0 also where there is nothing; else -1 and errno. */
int fs_remove_tree(int dirfd, const char *name);

/* fsync of a directory by name; of a file, which is no link. 0; else -1 and errno. */
int fs_sync_dir(int dirfd, const char *name);
int fs_sync_file(int dirfd, const char *path);

/* Gives a file that was opened with O_TMPFILE a name that is free. 0; else -1 and errno: EEXIST where it is taken. */
int fs_link_unnamed(int fd, int dirfd, const char *name);

/* Writes all bytes to a descriptor, retrying short writes and EINTR. */
int fs_write_all(int fd, const void *bytes, size_t size);

/*
 * Waits for the lock of whoever has it, for seconds at most: false then. Where the file system has no locks, it goes on
 * without.
 */
bool fs_lock_patiently(int fd);

#endif
