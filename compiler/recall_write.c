/*
 * recall_write.c: writes down what each dimension's sources gave.
 * In: notes of what was read, and what was known and still holds.
 * Out: .cache/sources, of dimensions without a problem, whose files cannot have changed since they were read.
 */
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "recall_notes.h"

/*
 * A file that changed so shortly before it was read may change again without a new time: the kernel's clock for files
 * ticks every 10 ms at most, and there are file systems that keep two seconds alone.
 */
enum { TICK = 20 * 1000 * 1000 };
#define COARSE_TICK INT64_C(2000000000)

/* The file as it is put together. */
struct writing {
	struct recall *recall;
	struct buf records, entries, strings;
	struct fs_bytes *words; /* of each record */
	size_t record_count;
};

static uint32_t add_string(struct writing *w, const char *text)
{
	uint32_t at = (uint32_t)w->strings.size;

	buf_add(&w->strings, text, strlen(text) + 1);
	return at;
}

/* Whether nothing can have changed a file between the reading and its time. */
static bool is_settled(const struct recall *r, const struct fs_stamp *stamp)
{
	bool is_coarse = stamp->changed % 1000000000 == 0 && stamp->modified % 1000000000 == 0;

	return stamp->inode != 0 && stamp->changed <= r->started - (is_coarse ? COARSE_TICK : TICK);
}

/* What other machines write has times of other clocks. */
static bool is_local(const char *path)
{
	static const unsigned remote[] = {NFS_SUPER_MAGIC,  SMB_SUPER_MAGIC,	     SMB2_SUPER_MAGIC,
					  CIFS_SUPER_MAGIC, FUSE_SUPER_MAGIC,	     V9FS_MAGIC,
					  CEPH_SUPER_MAGIC, AFS_SUPER_MAGIC,	     AFS_FS_MAGIC,
					  CODA_SUPER_MAGIC, 0x0BD00BD0 /* Lustre */, 0x786F4256 /* VirtualBox */};
	struct statfs st;
	size_t i;

	if (statfs(path, &st) != 0)
		return false;
	for (i = 0; i < sizeof(remote) / sizeof(remote[0]); i++)
		if ((unsigned)st.f_type == remote[i])
			return false;
	return true;
}

/* Appends the entries of a dimension that was read. false where one of them cannot be trusted. */
static bool add_entries(struct writing *w, const struct dimension *d)
{
	size_t size = strlen(d->folder), i;

	for (i = 0; i < d->inputs.count; i++) {
		const struct input *input = &d->inputs.items[i];
		struct recall_entry entry = {.stamp = input->stamp, .is_directory = input->is_directory};
		const char *path = input->path + size;
		struct stat st;

		if (strncmp(input->path, d->folder, size) != 0 || (*path != '\0' && *path != '/'))
			return false;
		/* One that only leads to a file, which has a stamp of its own. */
		if (entry.stamp.inode == 0 && input->is_directory && stat(input->path, &st) == 0)
			entry.stamp = fs_stamp(&st);
		if (!is_settled(w->recall, &entry.stamp))
			return false;
		entry.path = add_string(w, *path == '\0' ? path : path + 1);
		buf_add(&w->entries, &entry, sizeof(entry));
	}
	return is_local(d->folder);
}

static void add_record(struct writing *w, struct recall_record record, const struct dimension *d, size_t first,
		       struct fs_bytes words)
{
	record.folder = add_string(w, recall_folder_name(d));
	record.first_entry = first;
	record.entry_count = w->entries.size / sizeof(struct recall_entry) - first;
	buf_add(&w->records, &record, sizeof(record));
	w->words[w->record_count++] = words;
}

static void add_known(struct writing *w, const struct dimension *d)
{
	const struct recall_file *file = &w->recall->file;
	const struct recall_record *record = recall_find_record(w->recall, d);
	size_t first = w->entries.size / sizeof(struct recall_entry), i;
	const void *words = recall_words(w->recall, record);

	for (i = 0; i < record->entry_count; i++) {
		struct recall_entry entry = file->entries[record->first_entry + i];

		entry.path = add_string(w, file->strings + entry.path);
		buf_add(&w->entries, &entry, sizeof(entry));
	}
	if (words != NULL)
		add_record(w, *record, d, first, (struct fs_bytes){words, (size_t)record->words_size});
}

static void add_noted(struct writing *w, const struct note *note, struct diag *diag)
{
	const struct dimension *d = note->dimension;
	size_t entries = w->entries.size, strings = w->strings.size;
	struct recall_record record = note->record;

	/* What has a problem is read again, so that it is told again. */
	record.word_count = note->facts.word_count;
	if (!d->has_ignored && !diag_is_wrong(diag, d->first_file, d->named_files + 1) && add_entries(w, d)) {
		add_record(w, record, d, entries / sizeof(struct recall_entry),
			   (struct fs_bytes){note->facts.numbers, note->facts.count * sizeof(*note->facts.numbers)});
		return;
	}
	w->entries.size = entries;
	w->strings.size = strings;
}

static void write_file(struct writing *w, const struct volume *volume)
{
	struct recall_file file = {.key = w->recall->key,
				   .record_count = w->record_count,
				   .entries = (const struct recall_entry *)(const void *)w->entries.bytes,
				   .entry_count = w->entries.size / sizeof(struct recall_entry),
				   .strings = w->strings.bytes,
				   .strings_size = w->strings.size};
	struct fs_bytes *pieces = mem_zalloc(RECALL_PIECES + w->record_count, sizeof(*pieces));
	struct buf head = {0};

	if (recall_file_compose(&file, (struct recall_record *)(void *)w->records.bytes, w->words, &head, pieces) !=
	    w->recall->file.sum) {
		memcpy(&pieces[RECALL_PIECES], w->words, w->record_count * sizeof(*pieces));
		if (!volume_cache(volume, "sources", pieces, RECALL_PIECES + w->record_count))
			diag_warn(volume->diag,
				  "cannot write %s/" VOLUME_CACHE "/sources: the next run reads every source",
				  volume->path);
	}
	free(pieces);
	buf_free(&head);
}

void recall_write(struct recall *r, const struct model *model, const struct volume *volume, struct diag *diag)
{
	struct writing w = {.recall = r};
	const struct note **notes; /* of each dimension; NULL: none */
	size_t i;

	if (!r->is_wanted || (r->note_count == 0 && model->count == r->file.record_count))
		return;
	recall_take_facts(r);
	w.words = mem_zalloc(model->count, sizeof(*w.words));
	add_string(&w, "");
	notes = mem_zalloc(model->count, sizeof(*notes));
	for (i = 0; i < r->note_count; i++)
		notes[r->notes[i].dimension - model->dimensions] = &r->notes[i];
	for (i = 0; i < model->count; i++) {
		if (model->dimensions[i].known != NULL)
			add_known(&w, &model->dimensions[i]);
		else if (notes[i] != NULL)
			add_noted(&w, notes[i], diag);
	}
	free(notes);
	write_file(&w, volume);
	buf_free(&w.records);
	buf_free(&w.entries);
	buf_free(&w.strings);
	free(w.words);
}
