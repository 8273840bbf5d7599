/*
 * recall_notes.h: what recall.c and recall_write.c share.
 * In: nothing.
 * Out: what is known of the last run, and what was taken down in this one.
 */
#ifndef DIMC_RECALL_NOTES_H
#define DIMC_RECALL_NOTES_H

#include "fs.h"
#include "lint_facts.h"
#include "recall.h"
#include "recall_file.h"

/* What a dimension that was read in this run gives. */
struct note {
	const struct dimension *dimension;
	struct recall_record record;
	struct lint_facts facts; /* taken when there is need of them, or they would be lost */
};

struct recall {
	const struct compile_options *options;
	bool is_wanted;
	bool judges; /* checks are on that look at several dimensions */
	int64_t started;
	struct digest key;
	struct arena arena;
	int fd; /* of the file; -1: nothing is known */
	struct recall_file file;
	const void **words; /* of its records, as far as they were read; NULL: none was */
	struct note *notes;
	size_t note_count, note_capacity;
	pthread_mutex_t lock;
};

/* The words of a record, read once; NULL where they are damaged. */
const void *recall_words(struct recall *recall, const struct recall_record *record);

/* Takes the facts of all notes that have none yet, on several threads. */
void recall_take_facts(const struct recall *recall);

/* The name of a dimension's folder, and what is known under it; NULL: nothing. */
const char *recall_folder_name(const struct dimension *d);
const struct recall_record *recall_find_record(const struct recall *recall, const struct dimension *d);

#endif
