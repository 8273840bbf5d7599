/*
 * limit.h: what the parts of `limit` share: the bare work of a compiler and nothing else, to compare dimc with.
 * In: sources of corpus.c (it knows no others), a number of threads.
 * Out: declarations.
 */
#ifndef TESTS_LIMIT_H
#define TESTS_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIMIT_CHECK(condition, what)               \
	do {                                       \
		if (!(condition))                  \
			limit_die(what, __LINE__); \
	} while (0)

enum { LIMIT_DIGEST_SIZE = 32, LIMIT_THREADS_MAX = 256 };

/* Says what failed, with errno, and ends the run with status 1. */
_Noreturn void limit_die(const char *what, int line);

/* How many threads work; each has its own number. */
extern int limit_threads;

/* Runs `work` on all threads, and waits for them. */
void limit_parallel(void (*work)(void *data, int thread), void *data);

/* A directory of sources: an open descriptor, and the names of its files one behind the other. */
struct limit_folder {
	const char *path;
	int fd;
	char *names;
	uint32_t *name_at;
	size_t count;
};

struct limit_tree {
	struct limit_folder *folders;
	size_t count;
};

/* Every directory in `path`, and the names of the files in each, without a stat. */
struct limit_tree limit_list(const char *path);

/* A layer as it stands in its file. What it points to lies in the memory that `limit_parse` was given. */
struct limit_layer {
	uint32_t id, keyword_count;
	double frequency;
	const char *head, *content;
	uint32_t head_size; /* of the title and the keywords */
	size_t content_size;
	uint8_t digest[LIMIT_DIGEST_SIZE];
};

/*
 * Takes a source apart: keys by memchr, numbers by strtod, lines of the content by memchr and memcpy, without their
 * indentation, UTF-8 validated. Writes at most `size` + 1 bytes to `to` and returns how many.
 */
size_t limit_parse(const char *text, size_t size, char *to, struct limit_layer *ret);

/* SHA-256 by OpenSSL, fetched once; one context for each thread. */
struct limit_sha;
struct limit_sha *limit_sha_new(void);
void limit_sha_start(struct limit_sha *sha);
void limit_sha_add(struct limit_sha *sha, const void *bytes, size_t size);
void limit_sha_end(struct limit_sha *sha, uint8_t ret[LIMIT_DIGEST_SIZE]);

/* How far a compile goes; each includes what is above it. */
enum limit_depth { LIMIT_READ, LIMIT_PARSE, LIMIT_DIGEST, LIMIT_WRITE, LIMIT_SYNC };

void limit_compile(const char *sources, const char *out, enum limit_depth depth);

/* readdir, and fstatat of every file. */
void limit_stat(const char *sources);

/* SHA-256 of every file below `path`; with contents also what the digests in region.mmap are about, compared with them.
 */
void limit_hash(const char *path, bool with_contents);

#endif
