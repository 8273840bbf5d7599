/*
 * recall.c: what each dimension's sources gave when they were last published, for as long as nobody touched them.
 * In: .cache/sources of the volume; stat of every file and folder that was looked at then.
 * Out: dimensions that need not be read again.
 */
#include "recall.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "fs.h"
#include "recall_file.h"

/*
 * A file that changed so shortly before it was read may change again without a new time: the kernel's clock for files
 * ticks every 10 ms at most, and there are file systems that keep two seconds alone.
 */
enum { TICK = 20 * 1000 * 1000 };
#define COARSE_TICK INT64_C(2000000000)

/* What a dimension that was read in this run gives. */
struct note {
	const struct dimension *dimension;
	struct recall_record record;
};

struct recall {
	const struct compile_options *options;
	bool is_wanted;
	int64_t started;
	struct digest key;
	struct arena arena;
	int fd; /* of the file; -1: nothing is known */
	struct recall_file file;
	struct note *notes;
	size_t note_count, note_capacity;
	pthread_mutex_t lock;
};

/* Under which conditions what is written down holds: the program, its options, the sources' folder. */
static void make_key(const struct compile_options *options, const struct diag *diag, struct digest *ret)
{
	enum check_level levels[CHECK_COUNT];
	struct stat program = {0}, sources = {0};
	struct buf text = {0};
	size_t i;

	diag_levels(diag, levels);
	stat("/proc/self/exe", &program);
	stat(options->source, &sources);
	buf_printf(&text, DIM_VERSION " %llu %llu %llu %lld.%09ld %llu %llu %llu %llu %d %u %d",
		   (unsigned long long)program.st_dev, (unsigned long long)program.st_ino,
		   (unsigned long long)program.st_size, (long long)program.st_mtim.tv_sec, program.st_mtim.tv_nsec,
		   (unsigned long long)sources.st_dev, (unsigned long long)sources.st_ino,
		   (unsigned long long)options->settings->max_size, (unsigned long long)options->settings->initial_size,
		   (int)options->layout, options->alignment, options->layer_files);
	for (i = 0; i < CHECK_COUNT; i++)
		buf_printf(&text, " %d", (int)levels[i]);
	digest_of(text.bytes, text.size, ret);
	buf_free(&text);
}

void recall_restart(struct recall *recall)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	recall->started = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	recall->note_count = 0;
}

struct recall *recall_open(const struct compile_options *options, const struct diag *diag)
{
	struct recall *r = mem_zalloc(1, sizeof(*r));
	struct arena arena = {0};

	r->options = options;
	r->fd = -1;
	r->is_wanted = options->selected == NULL;
	pthread_mutex_init(&r->lock, NULL);
	recall_restart(r);
	if (!r->is_wanted)
		return r;
	make_key(options, diag, &r->key);
	r->fd = open(arena_printf(&arena, "%s/" VOLUME_CACHE "/sources", options->volume),
		     O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (r->fd >= 0 && !recall_file_read(r->fd, &r->key, &r->arena, &r->file)) {
		close(r->fd);
		r->fd = -1;
		r->file = (struct recall_file){0};
	}
	arena_free(&arena);
	return r;
}

void recall_free(struct recall *recall)
{
	if (recall == NULL)
		return;
	if (recall->fd >= 0)
		close(recall->fd);
	pthread_mutex_destroy(&recall->lock);
	arena_free(&recall->arena);
	free(recall->notes);
	free(recall);
}

/* --- what is known --- */

static const char *folder_name(const struct dimension *d)
{
	const char *slash = strrchr(d->folder, '/');

	return slash == NULL ? d->folder : slash + 1;
}

static const struct recall_record *find_record(const struct recall *r, const struct dimension *d)
{
	const char *name = folder_name(d);
	size_t i;

	for (i = 0; i < r->file.record_count; i++)
		if (strcmp(r->file.strings + r->file.records[i].folder, name) == 0)
			return &r->file.records[i];
	return NULL;
}

/* Whether a file or folder is as it was. */
static bool is_untouched(const struct recall *r, int folder, const struct recall_entry *entry)
{
	const char *path = r->file.strings + entry->path;
	struct fs_stamp now;
	struct stat st;

	if (*path == '\0' ? fstat(folder, &st) != 0
			  : fstatat(folder, path, &st, entry->is_directory ? AT_SYMLINK_NOFOLLOW : 0) != 0)
		return false;
	now = fs_stamp(&st);
	return fs_stamp_equal(&now, &entry->stamp);
}

static void add_inputs(const struct recall *r, const struct recall_record *record, struct dimension *d)
{
	size_t i;

	for (i = 0; i < record->entry_count; i++) {
		const struct recall_entry *entry = &r->file.entries[record->first_entry + i];
		const char *path = r->file.strings + entry->path;

		inputs_add(&d->inputs,
			   *path == '\0' ? d->folder : arena_printf(&d->inputs.arena, "%s/%s", d->folder, path),
			   entry->is_directory);
	}
}

const struct recalled *recall_dimension(const struct recall *r, struct dimension *d)
{
	const struct recall_record *record = find_record(r, d);
	bool is_untouched_all = true;
	struct recalled *ret;
	int folder;
	size_t i;

	if (record == NULL)
		return NULL;
	folder = fs_open_dir(AT_FDCWD, d->folder);
	if (folder < 0)
		return NULL;
	for (i = 0; i < record->entry_count && is_untouched_all; i++)
		is_untouched_all = is_untouched(r, folder, &r->file.entries[record->first_entry + i]);
	close(folder);
	if (!is_untouched_all)
		return NULL;
	if (r->options->depfile != NULL)
		add_inputs(r, record, d);
	d->dimension_id = record->dimension_id;
	d->file_count = (size_t)record->file_count;
	d->source_bytes = record->source_bytes;
	ret = arena_alloc(&d->arena, sizeof(*ret));
	*ret = (struct recalled){record->digest, record->layer_count, record->content_size, record->total_size};
	return ret;
}

/* --- what is written down --- */

void recall_note(struct recall *r, const struct dimension *d, const struct built *built)
{
	struct note note = {d,
			    {.digest = built->region.digest,
			     .dimension_id = d->dimension_id,
			     .layer_count = built->layer_count,
			     .content_size = built->content_size,
			     .total_size = built->region.at.total_size,
			     .file_count = d->file_count,
			     .source_bytes = d->source_bytes}};

	if (!r->is_wanted)
		return;
	pthread_mutex_lock(&r->lock);
	r->notes = mem_reserve(r->notes, r->note_count, &r->note_capacity, sizeof(*r->notes));
	r->notes[r->note_count++] = note;
	pthread_mutex_unlock(&r->lock);
}

/* The file as it is put together. */
struct writing {
	const struct recall *recall;
	struct buf records, entries, strings, words;
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
		/* A folder that changed since it was looked at has a time that is not settled. */
		if (input->is_directory && stat(input->path, &st) == 0)
			entry.stamp = fs_stamp(&st);
		if (!is_settled(w->recall, &entry.stamp))
			return false;
		entry.path = add_string(w, *path == '\0' ? path : path + 1);
		buf_add(&w->entries, &entry, sizeof(entry));
	}
	return is_local(d->folder);
}

static void add_record(struct writing *w, struct recall_record record, const struct dimension *d, size_t first)
{
	record.folder = add_string(w, folder_name(d));
	record.first_entry = first;
	record.entry_count = w->entries.size / sizeof(struct recall_entry) - first;
	buf_add(&w->records, &record, sizeof(record));
}

static void add_known(struct writing *w, const struct dimension *d)
{
	const struct recall_file *file = &w->recall->file;
	const struct recall_record *record = find_record(w->recall, d);
	size_t first = w->entries.size / sizeof(struct recall_entry), i;

	for (i = 0; i < record->entry_count; i++) {
		struct recall_entry entry = file->entries[record->first_entry + i];

		entry.path = add_string(w, file->strings + entry.path);
		buf_add(&w->entries, &entry, sizeof(entry));
	}
	add_record(w, *record, d, first);
}

static void add_noted(struct writing *w, const struct note *note, struct diag *diag)
{
	const struct dimension *d = note->dimension;
	size_t entries = w->entries.size, strings = w->strings.size;

	/* What has a problem is read again, so that it is told again. */
	if (!d->has_ignored && !diag_is_wrong(diag, d->first_file, d->named_files + 1) && add_entries(w, d)) {
		add_record(w, note->record, d, entries / sizeof(struct recall_entry));
		return;
	}
	w->entries.size = entries;
	w->strings.size = strings;
}

static void write_file(struct writing *w, const struct volume *volume)
{
	struct recall_file file = {.key = w->recall->key,
				   .record_count = w->records.size / sizeof(struct recall_record),
				   .entries = (const struct recall_entry *)(const void *)w->entries.bytes,
				   .entry_count = w->entries.size / sizeof(struct recall_entry),
				   .strings = w->strings.bytes,
				   .strings_size = w->strings.size};
	struct buf bytes = {0};

	if (recall_file_write(&file, (struct recall_record *)(void *)w->records.bytes, &w->words, &bytes) !=
	    w->recall->file.sum)
		volume_cache(volume, "sources", &bytes);
	buf_free(&bytes);
}

void recall_write(struct recall *r, const struct model *model, const struct volume *volume, struct diag *diag)
{
	struct writing w = {.recall = r};
	size_t i, k;

	if (!r->is_wanted || (r->note_count == 0 && model->count == r->file.record_count))
		return;
	add_string(&w, "");
	for (i = 0; i < model->count; i++) {
		const struct dimension *d = &model->dimensions[i];

		if (d->known != NULL)
			add_known(&w, d);
		for (k = 0; k < r->note_count && d->known == NULL; k++)
			if (r->notes[k].dimension == d)
				add_noted(&w, &r->notes[k], diag);
	}
	write_file(&w, volume);
	buf_free(&w.records);
	buf_free(&w.entries);
	buf_free(&w.strings);
	buf_free(&w.words);
}
