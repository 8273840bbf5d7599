/*
 * recall_file.c: the form of .cache/sources.
 * In: records of dimensions with what was looked at for each; a descriptor.
 * Out: the file's bytes; or, of a file of this form, the same records.
 */
#include "recall_file.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char MAGIC[8] = "dimcsrc1";

/* What is larger was not written by us: no sum of sizes can overflow. */
#define MAX_SIZE INT32_MAX /* what pread(2) reads at once on every machine */

struct head {
	char magic[8];
	uint32_t entry_size, record_size; /* a compiler that lays them out differently reads nothing */
	struct digest key;
	uint64_t record_count, entry_count, strings_size;
	uint64_t sum; /* of all before the words, with zero here */
};

/* Tells damage by chance, eight bytes at a time; whoever means harm can write what he likes, and gains nothing. */
static uint64_t sum(uint64_t seed, const void *bytes, size_t size)
{
	const char *at = bytes;
	uint64_t hash = seed ^ size, word;

	for (; size >= sizeof(word); size -= sizeof(word), at += sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
		hash ^= hash >> 32;
	}
	word = 0;
	if (size > 0)
		memcpy(&word, at, size);
	hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
	return hash ^ hash >> 32;
}

static bool read_at(int fd, uint64_t offset, void *bytes, uint64_t size)
{
	return pread(fd, bytes, size, (off_t)offset) == (ssize_t)size;
}

/* What a damaged record could lead out of. */
static bool is_sound(const struct recall_file *file)
{
	size_t i;

	if (file->strings_size == 0 || file->strings[file->strings_size - 1] != '\0')
		return false;
	for (i = 0; i < file->record_count; i++) {
		const struct recall_record *r = &file->records[i];

		if (r->folder >= file->strings_size || r->first_entry > file->entry_count ||
		    r->entry_count > file->entry_count - r->first_entry)
			return false;
	}
	for (i = 0; i < file->entry_count; i++)
		if (file->entries[i].path >= file->strings_size)
			return false;
	return true;
}

bool recall_file_read(int fd, const struct digest *key, struct arena *arena, struct recall_file *ret)
{
	struct head head;
	struct stat st;
	uint64_t records_size, entries_size, size, want;
	char *bytes;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || !read_at(fd, 0, &head, sizeof(head)) ||
	    memcmp(head.magic, MAGIC, sizeof(MAGIC)) != 0 || head.entry_size != sizeof(struct recall_entry) ||
	    head.record_size != sizeof(struct recall_record) || !digest_equal(&head.key, key))
		return false;
	size = (uint64_t)st.st_size;
	if (size > MAX_SIZE)
		return false;
	if (head.record_count > size / sizeof(struct recall_record) ||
	    head.entry_count > size / sizeof(struct recall_entry) || head.strings_size > size)
		return false;
	records_size = head.record_count * sizeof(struct recall_record);
	entries_size = head.entry_count * sizeof(struct recall_entry);
	if (records_size + entries_size + head.strings_size > size - sizeof(head))
		return false;
	size = records_size + entries_size + head.strings_size;
	bytes = arena_alloc(arena, (size_t)size);
	want = head.sum;
	head.sum = 0;
	if (!read_at(fd, sizeof(head), bytes, size))
		return false;
	head.sum = sum(0, &head, sizeof(head));
	head.sum = sum(head.sum, bytes, (size_t)records_size);
	head.sum = sum(head.sum, bytes + records_size, (size_t)entries_size);
	head.sum = sum(head.sum, bytes + records_size + entries_size, (size_t)head.strings_size);
	if (head.sum != want)
		return false;
	*ret = (struct recall_file){
		.key = *key,
		.records = (const struct recall_record *)(const void *)bytes,
		.record_count = (size_t)head.record_count,
		.entries = (const struct recall_entry *)(const void *)(bytes + records_size),
		.entry_count = (size_t)head.entry_count,
		.strings = bytes + records_size + entries_size,
		.strings_size = (size_t)head.strings_size,
		.words_offset = sizeof(head) + size,
		.sum = want,
	};
	return is_sound(ret);
}

const void *recall_file_words(int fd, const struct recall_file *file, const struct recall_record *record,
			      struct arena *arena)
{
	struct stat st;
	char *bytes;

	if (fstat(fd, &st) != 0 || (uint64_t)st.st_size > MAX_SIZE || record->words > (uint64_t)st.st_size ||
	    record->words_size > (uint64_t)st.st_size)
		return NULL;
	bytes = arena_alloc(arena, (size_t)record->words_size);
	if (!read_at(fd, file->words_offset + record->words, bytes, record->words_size) ||
	    sum(0, bytes, (size_t)record->words_size) != record->words_sum)
		return NULL;
	return bytes;
}

uint64_t recall_file_compose(const struct recall_file *file, struct recall_record *records,
			     const struct fs_bytes *words, struct buf *head_buf, struct fs_bytes ret[RECALL_PIECES])
{
	struct head head = {.entry_size = sizeof(struct recall_entry),
			    .record_size = sizeof(struct recall_record),
			    .key = file->key,
			    .record_count = file->record_count,
			    .entry_count = file->entry_count,
			    .strings_size = file->strings_size};
	uint64_t at = 0;
	size_t i;

	memcpy(head.magic, MAGIC, sizeof(MAGIC));
	for (i = 0; i < file->record_count; i++) {
		records[i].words = at;
		records[i].words_size = words[i].size;
		if (records[i].words_sum == 0)
			records[i].words_sum = sum(0, words[i].bytes, words[i].size);
		at += words[i].size;
	}
	ret[1] = (struct fs_bytes){records, file->record_count * sizeof(*records)};
	ret[2] = (struct fs_bytes){file->entries, file->entry_count * sizeof(*file->entries)};
	ret[3] = (struct fs_bytes){file->strings, file->strings_size};
	head.sum = sum(0, &head, sizeof(head));
	for (i = 1; i < RECALL_PIECES; i++)
		head.sum = sum(head.sum, ret[i].bytes, ret[i].size);
	buf_add(head_buf, &head, sizeof(head));
	ret[0] = (struct fs_bytes){head_buf->bytes, head_buf->size};
	return head.sum;
}
