/*
 * recall.c: what each dimension's sources gave when they were last published, for as long as nobody touched them.
 * In: .cache/sources of the volume; stat of every file and folder that was looked at then.
 * Out: dimensions that need not be read again.
 */
#include "recall.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lint.h"
#include "parallel.h"
#include "recall_notes.h"

/* Under which conditions what is written down holds: the program, its options, the sources' folder. false: unknown. */
static bool make_key(const struct compile_options *options, const struct diag *diag, struct digest *ret)
{
	enum check_level levels[CHECK_COUNT];
	struct stat program = {0}, sources = {0};
	struct buf text = {0};
	size_t i;

	if (stat("/proc/self/exe", &program) != 0 || stat(options->source, &sources) != 0)
		return false;
	diag_levels(diag, levels);
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
	return true;
}

void recall_restart(struct recall *recall)
{
	struct timespec now;
	size_t i;

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	recall->started = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	for (i = 0; i < recall->note_count; i++)
		lint_facts_free(&recall->notes[i].facts);
	recall->note_count = 0;
}

struct recall *recall_open(const struct compile_options *options, const struct diag *diag)
{
	struct recall *r = mem_zalloc(1, sizeof(*r));
	struct arena arena = {0};

	r->options = options;
	r->fd = -1;
	r->is_wanted = options->selected == NULL && make_key(options, diag, &r->key);
	r->judges = lint_is_wanted(diag);
	pthread_mutex_init(&r->lock, NULL);
	recall_restart(r);
	if (!r->is_wanted)
		return r;
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
	recall_restart(recall);
	pthread_mutex_destroy(&recall->lock);
	arena_free(&recall->arena);
	free(recall->notes);
	free(recall);
}

/* --- what is known --- */

bool recall_has_any(const struct recall *recall)
{
	return recall->file.record_count > 0;
}

const char *recall_folder_name(const struct dimension *d)
{
	const char *slash = strrchr(d->folder, '/');

	return slash == NULL ? d->folder : slash + 1;
}

/* Records are in the order of their folders' names, as dimensions are. */
const struct recall_record *recall_find_record(const struct recall *r, const struct dimension *d)
{
	const char *name = recall_folder_name(d);
	size_t low = 0, high = r->file.record_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(r->file.strings + r->file.records[middle].folder, name);

		if (order == 0)
			return &r->file.records[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
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
	const struct recall_record *record = recall_find_record(r, d);
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

/* --- what of it meets what is new --- */

const void *recall_words(struct recall *r, const struct recall_record *record)
{
	size_t i = (size_t)(record - r->file.records);

	if (r->words == NULL)
		r->words = arena_alloc(&r->arena, r->file.record_count * sizeof(*r->words));
	if (r->words[i] == NULL)
		r->words[i] = recall_file_words(r->fd, &r->file, record, &r->arena);
	return r->words[i];
}

/* The facts of a record. false where they are damaged. */
static bool read_facts(struct recall *r, const struct recall_record *record, struct lint_facts *ret)
{
	const void *words;

	assert(record != NULL); /* the dimension is known */
	words = recall_words(r, record);
	*ret = (struct lint_facts){(uint32_t *)(uintptr_t)words, (size_t)record->word_count,
				   (size_t)record->words_size / sizeof(uint32_t)};
	return words != NULL && lint_facts_are_whole(ret);
}

static void take_facts(void *context, size_t item)
{
	const struct recall *r = context;

	if (r->notes[item].facts.numbers == NULL)
		lint_facts_of(r->notes[item].dimension, &r->notes[item].facts);
}

void recall_take_facts(const struct recall *r)
{
	if (r->judges)
		parallel_for(r->note_count, r->options->jobs, take_facts, (void *)(uintptr_t)r);
}

/* The facts of all dimensions that are known into the arena. false where some are damaged. */
static bool read_known(struct recall *r, const struct model *model, struct arena *arena, const struct lint_facts **ret,
		       size_t *ret_count)
{
	size_t i;

	for (i = 0; i < model->count; i++) {
		struct lint_facts *facts = arena_alloc(arena, sizeof(*facts));

		if (model->dimensions[i].known == NULL)
			continue;
		if (!read_facts(r, recall_find_record(r, &model->dimensions[i]), facts))
			return false;
		ret[(*ret_count)++] = facts;
	}
	return true;
}

/* Whether a dimension that is written down has no folder any more. */
static bool is_one_gone(const struct recall *r, const struct model *model)
{
	size_t i, found = 0;

	for (i = 0; i < model->count; i++)
		found += recall_find_record(r, &model->dimensions[i]) != NULL;
	return found < r->file.record_count;
}

bool recall_doubts(struct recall *r, const struct model *model, bool has_errors)
{
	const struct lint_facts **others;
	struct arena arena = {0};
	bool is_in_doubt;
	size_t count = 0, i, k;

	if (!r->judges || !model_has_known(model))
		return false;
	if (has_errors || is_one_gone(r, model))
		return true;
	if (r->note_count == 0)
		return false;
	others = mem_zalloc(model->count, sizeof(*others));
	recall_take_facts(r);
	is_in_doubt = !read_known(r, model, &arena, others, &count);
	for (i = 0; i < r->note_count && !is_in_doubt; i++) {
		const struct recall_record *record = recall_find_record(r, r->notes[i].dimension);
		struct lint_facts before = {0};
		bool has_before = record != NULL && read_facts(r, record, &before);

		/* The others that were read count as well, where something is gone from this one. */
		for (k = 0; k + 1 < r->note_count; k++)
			others[count + k] = &r->notes[k < i ? k : k + 1].facts;
		is_in_doubt = lint_may_concern(&r->notes[i].facts, has_before ? &before : NULL, others,
					       count + r->note_count - 1);
	}
	arena_free(&arena);
	free(others);
	return is_in_doubt;
}

/* --- what was read --- */

void recall_note(struct recall *r, const struct dimension *d, const struct built *built, bool is_last)
{
	struct note note = {d,
			    {.digest = built->region.digest,
			     .dimension_id = d->dimension_id,
			     .layer_count = built->layer_count,
			     .content_size = built->content_size,
			     .total_size = built->region.at.total_size,
			     .file_count = d->file_count,
			     .source_bytes = d->source_bytes},
			    .facts = {NULL, 0, 0}};

	if (!r->is_wanted && !r->judges)
		return;
	if (r->judges && is_last)
		lint_facts_of(d, &note.facts);
	pthread_mutex_lock(&r->lock);
	r->notes = mem_reserve(r->notes, r->note_count, &r->note_capacity, sizeof(*r->notes));
	r->notes[r->note_count++] = note;
	pthread_mutex_unlock(&r->lock);
}
