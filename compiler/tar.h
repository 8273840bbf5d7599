/*
 * tar.h: tar archives, written as POSIX ustar and read from anyone; the only room that includes <archive.h>.
 * In: names, sizes and bytes; or a part of a file, compressed by gzip or not.
 * Out: the bytes of an archive, the same for the same calls; or its members, one after the other, and what is wrong.
 */
#ifndef DIMC_TAR_H
#define DIMC_TAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "digest.h"

/* --- writing: owner 0/0 without names, directories 0755, files 0444 --- */

struct tar_writer;

/* `write` gets the bytes of the archive, in order; false: it cannot take more, and the archive has failed. */
struct tar_writer *tar_writer_new(bool (*write)(void *context, const void *bytes, size_t size), void *context);

/* `name` ends with a slash. mtime in seconds since 1970; ustar knows 0 to 2^33 - 1, others are clamped. */
void tar_add_directory(struct tar_writer *writer, const char *name, int64_t mtime);

/* A file of `size` bytes, at most 2^33 - 1; then its bytes, in any pieces. */
void tar_add_file(struct tar_writer *writer, const char *name, uint64_t size, int64_t mtime);
void tar_add_bytes(struct tar_writer *writer, const void *bytes, size_t size);

/* Whether something went wrong already, so that there is no use in going on. */
bool tar_writer_failed(const struct tar_writer *writer);

/* Ends the archive and frees the writer. NULL, or a constant text of what went wrong since tar_writer_new. */
const char *tar_writer_end(struct tar_writer *writer);

/* --- reading --- */

enum tar_kind { TAR_FILE, TAR_DIRECTORY, TAR_OTHER };

struct tar_member {
	const char *name; /* until the next call */
	enum tar_kind kind;
	const char *what; /* of TAR_OTHER: "a symbolic link", constant */
	uint64_t size;	  /* of a file, in bytes */
	unsigned mode;	  /* permission bits, with setuid, setgid and sticky */
	uint64_t offset;  /* of its bytes in the uncompressed archive */
};

/* What is known of an archive once all of it was read. */
struct tar_facts {
	uint64_t size;		/* uncompressed */
	struct digest identity; /* SHA-256 of the uncompressed archive */
	uint64_t file_size;	/* as it lies in the file */
	struct digest file_digest;
	bool is_compressed;
};

enum tar_result { TAR_MEMBER, TAR_END, TAR_WRONG };

struct tar_reader;

/* Reads the `size` bytes at `offset` of a file. The descriptor stays the caller's. */
struct tar_reader *tar_reader_new(int fd, uint64_t offset, uint64_t size);

/*
 * The next member; what was not read of the one before is passed over. TAR_END: the archive ended as it should, and
 * nothing but its padding follows. TAR_WRONG: tar_reader_problem says why.
 */
enum tar_result tar_reader_next(struct tar_reader *reader, struct tar_member *ret);

/* Bytes of the present member: how many, 0 at its end, -1 where something is wrong. */
ptrdiff_t tar_reader_read(struct tar_reader *reader, void *buffer, size_t size);

/* A text without the archive's name. *ret_errno: where the system refused to read the file, else 0. */
const char *tar_reader_problem(const struct tar_reader *reader, int *ret_errno);

/* How many bytes of the file were read so far. */
uint64_t tar_reader_position(const struct tar_reader *reader);

/* After TAR_END. */
void tar_reader_facts(struct tar_reader *reader, struct tar_facts *ret);

void tar_reader_free(struct tar_reader *reader);

#endif
