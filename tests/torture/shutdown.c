/*
 * shutdown.c: takes the power from a mounted filesystem: what it has not written to its device is lost from here on.
 * In: shutdown nothing|log DIRECTORY; log: the journal's transaction is committed first, though no file's data is.
 * Out: a filesystem that fails, or 1 and why not. btrfs cannot be shut down: `log` commits, and the caller copies the
 * image.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>

/* The same on ext4 (EXT4_IOC_SHUTDOWN), xfs (XFS_IOC_GOINGDOWN) and f2fs. */
#define SHUTDOWN _IOR('X', 125, uint32_t)

enum { LOG_FLUSHED = 1, NOTHING_FLUSHED = 2 };

static int commit(int fd)
{
	uint64_t transaction;

	if (ioctl(fd, BTRFS_IOC_START_SYNC, &transaction) != 0)
		return -1;
	return ioctl(fd, BTRFS_IOC_WAIT_SYNC, &transaction);
}

int main(int argc, char **argv)
{
	static const long btrfs = 0x9123683E;
	uint32_t how = argc == 3 && strcmp(argv[1], "log") == 0 ? LOG_FLUSHED : NOTHING_FLUSHED;
	struct statfs st;
	int fd, result;

	if (argc != 3) {
		fputs("shutdown nothing|log DIRECTORY\n", stderr);
		return 1;
	}
	fd = open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstatfs(fd, &st) != 0)
		result = -1;
	else if (st.f_type == btrfs)
		result = how == LOG_FLUSHED ? commit(fd) : 0;
	else
		result = ioctl(fd, SHUTDOWN, &how);
	if (result != 0)
		fprintf(stderr, "shutdown: %s: %s\n", argv[2], strerror(errno));
	return result != 0;
}
