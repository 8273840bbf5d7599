/*
 * fuzz_notes.c: .cache/sources, which anybody who may write to a volume may write.
 * In: a byte, how the rest is taken: as a file whose key is right, or as its records, entries and words, put together
 * rightly. Out: nothing while a file that is taken leads nowhere outside, and one that was put together says what went
 * in, or is refused.
 */
#include <string.h>

#include "../../compiler/lint_facts.h"
#include "../../compiler/recall_file.h"
#include "scratch.h"

enum { KEY_OFFSET = 16, MOST_RECORDS = 8, MOST_ENTRIES = 16 };

static struct memory_file file;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	memory_file_new(&file);
	return 0;
}

/* What recall.c does with it. */
static void use(const struct recall_file *read, struct arena *arena)
{
	size_t names = 0, i, k;

	for (i = 0; i < read->record_count; i++) {
		const struct recall_record *record = &read->records[i];
		const void *words = recall_file_words(file.fd, read, record, arena);
		struct lint_facts facts = {(uint32_t *)(uintptr_t)words, (size_t)record->word_count,
					   (size_t)record->words_size / sizeof(uint32_t)};
		const struct lint_facts *others[] = {&facts};

		names += strlen(read->strings + record->folder);
		for (k = 0; k < record->entry_count; k++)
			names += strlen(read->strings + read->entries[record->first_entry + k].path);
		if (words != NULL && lint_facts_are_whole(&facts)) {
			CHECK(!lint_may_concern(&facts, &facts, others, 0));
			lint_may_concern(&facts, NULL, others, 1);
		}
	}
	CHECK(names <= (size_t)1 << 30);
}

static void read_file(const void *bytes, size_t size)
{
	struct digest key = {{0}};
	struct recall_file read = {0};
	struct arena arena = {0};

	if (size >= KEY_OFFSET + sizeof(key))
		memcpy(&key, (const char *)bytes + KEY_OFFSET, sizeof(key));
	memory_file_set(&file, bytes, size);
	if (recall_file_read(file.fd, &key, &arena, &read))
		use(&read, &arena);
	arena_free(&arena);
}

struct rest {
	const uint8_t *at;
	size_t size;
};

static void take(struct rest *input, void *ret, size_t size)
{
	size_t taken = size < input->size ? size : input->size;

	memset(ret, 0, size);
	if (taken > 0)
		memcpy(ret, input->at, taken);
	input->at += taken;
	input->size -= taken;
}

/* Records and entries of any numbers, their strings, and words; the sums are right, but for those of some words. */
static void put_together(struct rest input)
{
	struct recall_record records[MOST_RECORDS];
	struct recall_entry entries[MOST_ENTRIES];
	struct fs_bytes words[MOST_RECORDS], pieces[RECALL_PIECES];
	struct recall_file made = {.records = records, .entries = entries}, read = {0};
	struct buf head = {0}, all = {0};
	struct arena arena = {0};
	uint8_t counts[3];
	size_t i;
	bool ok;

	take(&input, counts, sizeof(counts));
	made.record_count = counts[0] % (MOST_RECORDS + 1);
	made.entry_count = counts[1] % (MOST_ENTRIES + 1);
	take(&input, records, made.record_count * sizeof(*records));
	take(&input, entries, made.entry_count * sizeof(*entries));
	made.strings = (const char *)input.at;
	made.strings_size = counts[2] < input.size ? counts[2] : input.size;
	input.at += made.strings_size;
	input.size -= made.strings_size;
	for (i = 0; i < made.record_count; i++) {
		words[i] = (struct fs_bytes){input.at, input.size / (i + 1)};
		records[i].words_sum *= records[i].words_sum % 8 == 7; /* 0: it is computed */
	}
	recall_file_compose(&made, records, words, &head, pieces);
	for (i = 0; i < RECALL_PIECES; i++)
		buf_add(&all, pieces[i].bytes, pieces[i].size);
	for (i = 0; i < made.record_count; i++)
		buf_add(&all, words[i].bytes, words[i].size);
	memory_file_set(&file, all.bytes, all.size);
	ok = recall_file_read(file.fd, &made.key, &arena, &read);
	if (ok) {
		CHECK(read.record_count == made.record_count && read.entry_count == made.entry_count);
		CHECK(read.strings_size == made.strings_size &&
		      memcmp(read.strings, made.strings, read.strings_size) == 0);
		CHECK(made.record_count == 0 ||
		      memcmp(read.records, records, made.record_count * sizeof(*records)) == 0);
		CHECK(made.entry_count == 0 || memcmp(read.entries, entries, made.entry_count * sizeof(*entries)) == 0);
		use(&read, &arena);
	}
	arena_free(&arena);
	buf_free(&head);
	buf_free(&all);
}

static void test_one(const uint8_t *data, size_t size)
{
	if (size > 0 && data[0] % 4 == 0)
		read_file(data + 1, size - 1);
	else if (size > 0)
		put_together((struct rest){data + 1, size - 1});
}
