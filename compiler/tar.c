/*
 * tar.c: tar archives, written as POSIX ustar and read from anyone; the only room that includes <archive.h>.
 * In: names, sizes and bytes; or a part of a file, compressed by gzip or not.
 * Out: the bytes of an archive, the same for the same calls; or its members, one after the other, and what is wrong.
 */
#include "tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "gunzip.h"
#include "mem.h"

/* ustar's fields for time and size hold 11 octal digits. */
static const int64_t MAX_FIELD = 077777777777;

/* A tar ends with two blocks of zeros; tools pad further, to records that are seldom longer than this. */
enum { BLOCK = 512, END = 2 * BLOCK, MAX_PADDING = 1 << 20, DIRECTORY_MODE = 0755, FILE_MODE = 0444 };

/*
 * Some of libarchive's rooms exit(3) with status 1 where they have no memory. That is not what 1 stands for: as main()
 * frees what it opened before it returns, an exit with an archive open is libarchive's, and the run ends as it does
 * without memory.
 */
static atomic_uint open_archives;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void libarchive_ended(void)
{
	if (open_archives > 0)
		mem_have(NULL);
}

static void watch_exit(void)
{
	if (atexit(libarchive_ended) != 0)
		mem_have(NULL);
}

static void count_archive(void)
{
	pthread_once(&once, watch_exit);
	open_archives++;
}

/* --- writing --- */

struct tar_writer {
	struct archive *archive;
	struct archive_entry *entry;
	bool (*write)(void *context, const void *bytes, size_t size);
	void *context;
	uint64_t unwritten; /* bytes that the present file still lacks */
	const char *problem;
};

/* Whatever became of the bytes: libarchive frees not all of an archive for which this fails. */
static la_ssize_t pass_on(struct archive *archive, void *context, const void *bytes, size_t size)
{
	struct tar_writer *w = context;

	(void)archive;
	if (w->problem == NULL && !w->write(w->context, bytes, size))
		w->problem = "the archive's bytes are not taken";
	return (la_ssize_t)size;
}

static void check(struct tar_writer *w, bool ok, const char *problem)
{
	if (!ok && archive_errno(w->archive) == ENOMEM)
		mem_have(NULL);
	if (!ok && w->problem == NULL)
		w->problem = problem;
}

struct tar_writer *tar_writer_new(bool (*write)(void *context, const void *bytes, size_t size), void *context)
{
	struct tar_writer *w = mem_zalloc(1, sizeof(*w));

	w->write = write;
	w->context = context;
	count_archive();
	w->archive = mem_have(archive_write_new());
	w->entry = mem_have(archive_entry_new());
	/* Without blocks: bytes are passed on as they come, and not copied. */
	check(w,
	      archive_write_set_format_ustar(w->archive) == ARCHIVE_OK &&
		      archive_write_set_bytes_per_block(w->archive, 0) == ARCHIVE_OK &&
		      archive_write_open(w->archive, w, NULL, pass_on, NULL) == ARCHIVE_OK,
	      "libarchive cannot write a tar");
	return w;
}

static void add_header(struct tar_writer *w, const char *name, unsigned type, unsigned mode, uint64_t size,
		       int64_t mtime)
{
	check(w, w->unwritten == 0, "a file is shorter than it was said to be");
	check(w, size <= (uint64_t)MAX_FIELD, "a file is too large for ustar (8 GiB)");
	mtime = mtime < 0 ? 0 : mtime > MAX_FIELD ? MAX_FIELD : mtime;
	/* A time of 32 bits would give other bytes than everywhere else. */
	check(w, (time_t)mtime == mtime, "libarchive knows no time after January 2038 on this system");
	archive_entry_clear(w->entry);
	archive_entry_set_pathname(w->entry, name);
	archive_entry_set_filetype(w->entry, type);
	archive_entry_set_perm(w->entry, (mode_t)mode);
	archive_entry_set_size(w->entry, (la_int64_t)size);
	archive_entry_set_mtime(w->entry, (time_t)mtime, 0);
	if (w->problem == NULL)
		check(w, archive_write_header(w->archive, w->entry) == ARCHIVE_OK, "ustar cannot hold a name");
	w->unwritten = size;
}

void tar_add_directory(struct tar_writer *w, const char *name, int64_t mtime)
{
	add_header(w, name, AE_IFDIR, DIRECTORY_MODE, 0, mtime);
}

void tar_add_file(struct tar_writer *w, const char *name, uint64_t size, int64_t mtime)
{
	add_header(w, name, AE_IFREG, FILE_MODE, size, mtime);
}

void tar_add_bytes(struct tar_writer *w, const void *bytes, size_t size)
{
	check(w, size <= w->unwritten, "a file is longer than it was said to be");
	if (w->problem != NULL)
		return;
	check(w, archive_write_data(w->archive, bytes, size) == (la_ssize_t)size, "libarchive cannot write a tar");
	w->unwritten -= size;
}

bool tar_writer_failed(const struct tar_writer *w)
{
	return w->problem != NULL;
}

const char *tar_writer_end(struct tar_writer *w)
{
	const char *problem;

	check(w, w->unwritten == 0, "a file is shorter than it was said to be");
	if (w->problem == NULL)
		check(w, archive_write_close(w->archive) == ARCHIVE_OK, "libarchive cannot write a tar");
	problem = w->problem;
	archive_write_free(w->archive);
	open_archives--;
	archive_entry_free(w->entry);
	free(w);
	return problem;
}

/* --- reading --- */

struct tar_reader {
	struct gunzip *source;
	struct archive *archive;
	bool in_member;
	uint64_t last_nonzero; /* where the last byte of the archive that is not zero ends */
	char problem[256];
	int system_error;
};

static void notice(struct tar_reader *r, const char *problem, int number)
{
	snprintf(r->problem, sizeof(r->problem), "%s", problem);
	r->system_error = number;
}

/* The next piece of the archive, for libarchive or to see what follows its end. */
static ptrdiff_t pull(struct tar_reader *r, const void **ret_bytes)
{
	uint64_t before = gunzip_bytes_out(r->source);
	ptrdiff_t n = gunzip_read(r->source, ret_bytes), i;
	const char *bytes;

	if (n < 0) {
		int number;
		const char *problem = gunzip_problem(r->source, &number);

		notice(r, problem, number);
		return -1;
	}
	bytes = *ret_bytes;
	for (i = n; i > 0 && bytes[i - 1] == 0; i--)
		;
	if (i > 0)
		r->last_nonzero = before + (uint64_t)i;
	return n;
}

static la_ssize_t feed(struct archive *archive, void *context, const void **ret_bytes)
{
	ptrdiff_t n = pull(context, ret_bytes);

	if (n < 0)
		archive_set_error(archive, EIO, "cannot be read");
	return n;
}

struct tar_reader *tar_reader_new(int fd, uint64_t offset, uint64_t size)
{
	struct tar_reader *r = mem_zalloc(1, sizeof(*r));

	r->source = gunzip_new(fd, offset, size);
	count_archive();
	r->archive = mem_have(archive_read_new());
	archive_read_support_filter_none(r->archive);
	archive_read_support_format_tar(r->archive);
	/* What goes wrong here is told again by the first tar_reader_next. */
	archive_read_open(r->archive, r, NULL, feed, NULL);
	return r;
}

/* Where libarchive stands in the archive. */
static uint64_t consumed(const struct tar_reader *r)
{
	la_int64_t bytes = archive_filter_bytes(r->archive, 0);

	return bytes > 0 ? (uint64_t)bytes : 0;
}

/* What libarchive says, unless the reason is known better. */
static void notice_libarchive(struct tar_reader *r)
{
	const char *text = archive_error_string(r->archive);

	if (archive_errno(r->archive) == ENOMEM)
		mem_have(NULL);
	if (r->problem[0] == '\0')
		notice(r, text == NULL || strcmp(text, "Unrecognized archive format") == 0 ? "it is no tar" : text, 0);
}

/* A tar that was cut between two members looks whole to libarchive: its end must be there, and nothing behind it. */
static enum tar_result check_end(struct tar_reader *r, uint64_t end_of_members)
{
	const void *bytes;
	ptrdiff_t n;

	while ((n = pull(r, &bytes)) > 0) {
		if (gunzip_bytes_out(r->source) > end_of_members + END + MAX_PADDING) {
			notice(r, "trailing garbage after the end of the archive", 0);
			return TAR_WRONG;
		}
	}
	if (n < 0)
		return TAR_WRONG;
	if (r->last_nonzero > end_of_members)
		notice(r, "trailing garbage after the end of the archive", 0);
	else if (gunzip_bytes_out(r->source) < end_of_members + END)
		notice(r, "truncated: the end of the archive is missing", 0);
	return r->problem[0] != '\0' ? TAR_WRONG : TAR_END;
}

/* What a member is that is neither a file nor a directory; NULL for those. */
static const char *unwanted(struct archive_entry *entry)
{
	if (archive_entry_hardlink(entry) != NULL)
		return "a hard link";
	switch (archive_entry_filetype(entry)) {
	case AE_IFREG:
	case AE_IFDIR:
		return NULL;
	case AE_IFLNK:
		return "a symbolic link";
	case AE_IFCHR:
	case AE_IFBLK:
		return "a device";
	case AE_IFIFO:
		return "a FIFO";
	case AE_IFSOCK:
		return "a socket";
	default:
		return "of an unknown type";
	}
}

/* ARCHIVE_RETRY is what libarchive says of a header whose checksum is wrong: it would look for another one behind it.
 */
static bool went_well(int result)
{
	return result == ARCHIVE_OK || result == ARCHIVE_WARN;
}

enum tar_result tar_reader_next(struct tar_reader *r, struct tar_member *ret)
{
	struct archive_entry *entry;
	uint64_t end_of_members;
	int result;

	if (r->problem[0] != '\0' || (r->in_member && !went_well(archive_read_data_skip(r->archive))))
		goto wrong;
	r->in_member = false;
	end_of_members = (consumed(r) + BLOCK - 1) / BLOCK * BLOCK;
	result = archive_read_next_header(r->archive, &entry);
	if (result == ARCHIVE_EOF)
		return check_end(r, end_of_members);
	if (!went_well(result) || archive_entry_pathname(entry) == NULL)
		goto wrong;
	r->in_member = true;
	memset(ret, 0, sizeof(*ret));
	ret->name = archive_entry_pathname(entry);
	ret->what = unwanted(entry);
	ret->kind = ret->what != NULL				? TAR_OTHER
		    : archive_entry_filetype(entry) == AE_IFDIR ? TAR_DIRECTORY
								: TAR_FILE;
	ret->size = archive_entry_size(entry) > 0 ? (uint64_t)archive_entry_size(entry) : 0;
	ret->mode = archive_entry_perm(entry) & 07777;
	ret->offset = consumed(r);
	return TAR_MEMBER;
wrong:
	notice_libarchive(r);
	return TAR_WRONG;
}

ptrdiff_t tar_reader_read(struct tar_reader *r, void *buffer, size_t size)
{
	la_ssize_t n = archive_read_data(r->archive, buffer, size);

	if (n < 0)
		notice_libarchive(r);
	return n < 0 ? -1 : n;
}

const char *tar_reader_problem(const struct tar_reader *r, int *ret_errno)
{
	*ret_errno = r->system_error;
	return r->problem;
}

uint64_t tar_reader_position(const struct tar_reader *r)
{
	return gunzip_bytes_in(r->source);
}

void tar_reader_facts(struct tar_reader *r, struct tar_facts *ret)
{
	ret->size = gunzip_bytes_out(r->source);
	ret->file_size = gunzip_bytes_in(r->source);
	ret->is_compressed = gunzip_is_compressed(r->source);
	gunzip_digests(r->source, &ret->file_digest, &ret->identity);
}

void tar_reader_free(struct tar_reader *r)
{
	if (r == NULL)
		return;
	archive_read_free(r->archive);
	open_archives--;
	gunzip_free(r->source);
	free(r);
}
