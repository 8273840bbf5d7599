/*
 * recall_file.h: the form of .cache/sources.
 * In: records of dimensions with what was looked at for each; a descriptor.
 * Out: the file's bytes; or, of a file of this form, the same records.
 *
 * One head, the records, all their entries, their strings, and the words of each record, which are read by themselves.
 * Numbers are as this machine has them: the file is for nobody else.
 */
#ifndef DIMC_RECALL_FILE_H
#define DIMC_RECALL_FILE_H

#include <stdbool.h>

#include "buf.h"
#include "digest.h"
#include "fs.h"
#include "mem.h"

/* A file or folder that was looked at. */
struct recall_entry {
	struct fs_stamp stamp;
	uint32_t path; /* in the strings, below the folder of the dimension; empty: that folder itself */
	uint32_t is_directory;
};

/* A dimension. */
struct recall_record {
	struct digest digest; /* the region digest */
	uint32_t dimension_id;
	uint32_t folder; /* its name, in the strings */
	uint64_t layer_count, content_size, total_size, file_count, source_bytes;
	uint64_t first_entry, entry_count;
	uint64_t words, words_size, words_sum; /* from the end of the strings: the numbers of lint_facts.h */
	uint64_t word_count;		       /* of these */
};

struct recall_file {
	struct digest key; /* under which conditions all of it holds */
	const struct recall_record *records;
	size_t record_count;
	const struct recall_entry *entries;
	size_t entry_count;
	const char *strings; /* each with a NUL behind it */
	size_t strings_size;
	uint64_t words_offset; /* in the file */
	uint64_t sum;	       /* of everything */
};

/* Reads all but the words into the arena. false where the file has another form, another key, or is damaged. */
bool recall_file_read(int fd, const struct digest *key, struct arena *arena, struct recall_file *ret);

/* Reads the words of a record; NULL where they are damaged. */
const void *recall_file_words(int fd, const struct recall_file *file, const struct recall_record *record,
			      struct arena *arena);

/* A file is so many pieces, and those of the words behind them. */
enum { RECALL_PIECES = 4 };

/*
 * Puts the pieces before the words together; `head` holds the first one. The words of record i are words[i]; their
 * places are computed here, and their sums where they are 0. Returns the sum of all.
 */
uint64_t recall_file_compose(const struct recall_file *file, struct recall_record *records,
			     const struct fs_bytes *words, struct buf *head, struct fs_bytes ret[RECALL_PIECES]);

#endif
