/*
 * bundle_read.c: the file of a bundle, opened by whoever wants what is in it.
 * In: a path, perhaps a public key.
 * Out: an open file that is signed by that key; where in it the tar lies.
 */
#include "bundle_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs.h"
#include "image_read.h"
#include "sums.h"

enum { USTAR_MAGIC_OFFSET = 257, HEAD = USTAR_MAGIC_OFFSET + 5, MAX_SUM = 64 * 1024 };

static int open_regular(const char *path, struct stat *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), error;

	if (fd < 0)
		return -1;
	if (fstat(fd, ret) != 0)
		error = errno;
	else if (S_ISREG(ret->st_mode))
		return fd;
	else
		error = S_ISDIR(ret->st_mode) ? EISDIR : EINVAL;
	close(fd);
	errno = error;
	return -1;
}

bool bundle_is_one(const char *path)
{
	unsigned char head[HEAD];
	struct stat st;
	int fd = open_regular(path, &st), error;
	ssize_t n;

	/* What is no file is none; it is told by whoever reads it as something else. */
	if (fd < 0) {
		errno = errno == EINVAL || errno == EISDIR || errno == ENXIO || errno == ENOENT ? 0 : errno;
		return false;
	}
	n = pread(fd, head, sizeof(head), 0);
	error = n < 0 ? errno : 0;
	close(fd);
	errno = error;
	return (n >= 2 && head[0] == 0x1f && head[1] == 0x8b) ||
	       (n == HEAD && memcmp(head + USTAR_MAGIC_OFFSET, "ustar", 5) == 0);
}

bool bundle_open(struct bundle *bundle, const char *path, const struct refusal *refusal)
{
	memset(bundle, 0, sizeof(*bundle));
	bundle->path = path;
	return bundle_reopen(bundle, refusal);
}

bool bundle_reopen(struct bundle *bundle, const struct refusal *refusal)
{
	struct stat st;

	bundle->fd = open_regular(bundle->path, &st);
	if (bundle->fd < 0) {
		int number = errno;

		diag_fail(refusal->diag, number == ENOENT || number == ENOTDIR ? EXIT_NOT_THERE : EXIT_SYSTEM,
			  "cannot open %s: %s", bundle->path,
			  number == EINVAL ? "it is no regular file" : strerror(number));
		if (number == EISDIR)
			diag_help(refusal->diag, "a bundle is a file; `dimc info %s` shows a directory", bundle->path);
		return false;
	}
	bundle->size = (uint64_t)st.st_size;
	if (bundle->size == 0)
		return refuse(refusal, EXIT_DAMAGED, NULL, "it is empty");
	posix_fadvise(bundle->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return true;
}

/* A file beside the bundle; refused where it is not there. */
static bool read_beside(const struct bundle *bundle, const char *suffix, const struct refusal *refusal,
			struct arena *arena, struct fs_file *ret)
{
	const char *path = arena_printf(arena, "%s%s", bundle->path, suffix);

	if (fs_read(AT_FDCWD, path, MAX_SUM, FS_FOLLOW, arena, ret) == 0)
		return true;
	if (errno == ENOENT)
		return refuse(refusal, EXIT_REFUSED, NULL, "it is not signed: there is no %s", path);
	return refuse_system(refusal, "read", path, errno);
}

static bool prove_signature(struct bundle *bundle, const struct sign_key *key, const struct refusal *refusal,
			    struct arena *arena)
{
	const char *slash = strrchr(bundle->path, '/'), *name = slash != NULL ? slash + 1 : bundle->path;
	struct fs_file sum, signature;
	struct digest stated;
	char *stated_name;
	bool has_name;

	if (!read_beside(bundle, BUNDLE_SUM, refusal, arena, &sum) ||
	    !read_beside(bundle, BUNDLE_SIGNATURE, refusal, arena, &signature))
		return false;
	if (signature.size != SIGN_SIZE || !sign_verify(key, sum.bytes, sum.size, (const uint8_t *)signature.bytes))
		return refuse(refusal, EXIT_REFUSED, NULL, "%s%s is not signed by this key", bundle->path, BUNDLE_SUM);
	if (!sums_parse(sum.bytes, sum.size, &stated, &stated_name))
		return refuse(refusal, EXIT_REFUSED, NULL, "%s%s is not the sum of one file", bundle->path, BUNDLE_SUM);
	has_name = strcmp(stated_name, name) == 0;
	free(stated_name);
	if (!has_name)
		return refuse(refusal, EXIT_REFUSED, NULL, "%s%s is signed, but for a file of another name",
			      bundle->path, BUNDLE_SUM);
	if (fs_digest(bundle->fd, &bundle->digest) != 0)
		return refuse_system(refusal, "read", bundle->path, errno);
	if (!digest_equal(&stated, &bundle->digest))
		return refuse(refusal, EXIT_REFUSED, NULL,
			      "it is not the file that was signed: its SHA-256 is another");
	bundle->is_signed = true;
	return true;
}

bool bundle_prove_signature(struct bundle *bundle, const struct sign_key *key, const struct refusal *refusal)
{
	struct arena arena = {0};
	bool ok = prove_signature(bundle, key, refusal, &arena);

	arena_free(&arena);
	return ok;
}

bool bundle_unpack(const struct bundle *bundle, int dirfd, const struct unpack_options *options, struct diag *diag,
		   struct unpacked *ret)
{
	struct refusal refusal = {diag, bundle->path, options->consequence, NULL};
	uint64_t offset = bundle->offset, size = bundle->size;
	struct image_layer layer;

	memset(ret, 0, sizeof(*ret));
	if (!image_find_layer(bundle->fd, offset, size, &refusal, options->progress, &layer))
		return false;
	if (layer.is_there) {
		offset = layer.offset;
		size = layer.size;
	}
	if (!unpack(bundle->path, bundle->fd, offset, size, dirfd, options, diag, ret))
		return false;
	if (layer.is_there) {
		if (!image_layer_prove(&layer, &ret->facts, &refusal))
			return false;
		ret->facts.file_size = layer.facts.file_size;
		ret->facts.file_digest = layer.facts.file_digest;
	}
	/* Between the proof and now, somebody may have written to the file. */
	if (bundle->is_signed && !digest_equal(&ret->facts.file_digest, &bundle->digest))
		return refuse(&refusal, EXIT_REFUSED, NULL, "it changed while it was read");
	return true;
}

void bundle_close(struct bundle *bundle)
{
	if (bundle->fd >= 0)
		close(bundle->fd);
	bundle->fd = -1;
}
