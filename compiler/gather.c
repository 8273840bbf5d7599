/*
 * gather.c: from sources to regions.
 * In: a folder of sources; what is published, where it may be spared what is already there.
 * Out: every dimension read, checked and built, one after the other, so that little is in memory at a time.
 */
#include "gather.h"

#include <stdatomic.h>
#include <string.h>

#include "check.h"
#include "lint.h"
#include "plan.h"
#include "sketch.h"
#include "source.h"
#include "trace.h"
#include "word_table.h"

/*
 * Of so many layers all keywords are kept, for warnings to be found. Of more each keyword is kept once for a dimension:
 * that tells whether there is a warning, and then everything is read once more.
 */
enum { KEPT_LAYERS = 20000 };

/* What reading gives goes on to be built while the next files are read. */
struct line {
	const struct compile_options *options;
	const struct published *published; /* NULL: all stays in memory */
	struct recall *recall;
	struct diag *diag;
	struct gathered *gathered;
	atomic_size_t layer_count;
	atomic_bool is_summed_up; /* of a dimension each keyword is left once */
};

/* A text and where it stands, for each keyword, in one piece of memory. */
static void copy_keywords(struct arena *arena, struct layer *layer)
{
	size_t texts = layer->keyword_count * sizeof(*layer->keywords);
	size_t places = layer->keyword_count * sizeof(*layer->keyword_at), size = texts + places, i;
	char *at;

	for (i = 0; i < layer->keyword_count; i++)
		size += layer->keywords[i].size + 1;
	at = arena_alloc_raw(arena, size);
	layer->keyword_at = memcpy(at + texts, layer->keyword_at, places);
	layer->keywords = memcpy(at, layer->keywords, texts);
	at += texts + places;
	for (i = 0; i < layer->keyword_count; i++) {
		layer->keywords[i].bytes = memcpy(at, layer->keywords[i].bytes, layer->keywords[i].size + 1);
		at += layer->keywords[i].size + 1;
	}
}

static struct sketch *copy_sketch(struct arena *arena, const struct sketch *sketch)
{
	return sketch == NULL ? NULL : memcpy(arena_alloc_raw(arena, sizeof(*sketch)), sketch, sizeof(*sketch));
}

/* Keeps what the judging of all dimensions together needs of a layer, and frees the rest: contents are empty then. */
static void shrink(struct dimension *d)
{
	struct arena arena = {0};
	size_t i;

	d->layers = mem_grow(d->layers, d->layer_count, sizeof(*d->layers));
	d->layer_capacity = d->layer_count;
	for (i = 0; i < d->layer_count; i++) {
		copy_keywords(&arena, &d->layers[i]);
		d->layers[i].sketch = copy_sketch(&arena, d->layers[i].sketch);
		d->layers[i].title = d->layers[i].content = (struct text){"", 0};
	}
	arena_free(&d->layer_arena);
	d->layer_arena = arena;
}

/* Keeps the same of all layers together: a layer with each of their keywords, and their sketches. */
static void sum_up(struct dimension *d)
{
	struct layer *all = mem_zalloc(1, sizeof(*all));
	struct arena arena = {0}, words = {0};
	struct word_table table = {0};
	size_t i;

	word_table_add_keywords(&table, d);
	all->keywords = arena_alloc_raw(&words, table.count * sizeof(*all->keywords));
	all->keyword_at = arena_alloc_raw(&words, table.count * sizeof(*all->keyword_at));
	for (; all->keyword_count < table.count; all->keyword_count++) {
		all->keywords[all->keyword_count] = table.words[all->keyword_count].text;
		all->keyword_at[all->keyword_count] = *table.words[all->keyword_count].at;
	}
	copy_keywords(&arena, all);
	d->texts = arena_alloc_raw(&arena, d->layer_count * sizeof(*d->texts));
	for (i = 0; i < d->layer_count; i++)
		d->texts[i] = (struct kept_text){copy_sketch(&arena, d->layers[i].sketch), d->layers[i].content_at};
	i = d->layer_count;
	word_table_free(&table);
	arena_free(&words);
	model_drop_layers(d);
	d->layer_arena = arena;
	d->layers = all;
	d->layer_count = d->layer_capacity = 1;
	d->text_count = i;
}

/* What is to become of a dimension's layers once they are built. */
enum fate { STAY, SHRINK, SUM_UP, DROP };

/* Memory is given back as early as can be: the region goes to the disk, or is there already. */
static enum fate decide(struct line *line, struct dimension *d, struct built *built)
{
	if (line->published == NULL)
		return STAY;
	if (plan_keeps(line->options, line->published, d->dimension_id, &built->region.digest)) {
		region_drop(&built->region);
		built->is_spared = true;
	} else if (!build_spill(&line->gathered->build, built)) {
		return STAY;
	}
	if (!lint_is_wanted(line->diag))
		return DROP;
	return atomic_fetch_add(&line->layer_count, d->layer_count) + d->layer_count <= KEPT_LAYERS ? SHRINK : SUM_UP;
}

static void take(void *context, struct dimension *d)
{
	struct line *line = context;
	struct built *built;
	enum fate fate;

	if (d->known != NULL) {
		d->is_selected = true;
		build_add_known(&line->gathered->build, d);
		return;
	}
	trace_begin_dimension(TRACE_JUDGE, d->dimension_id);
	check_dimension(d, line->diag);
	trace_end(TRACE_JUDGE);
	if (!d->is_selected)
		return;
	/* Also after an error: that a region is too large should be told in the same run. */
	trace_begin_dimension(TRACE_BUILD, d->dimension_id);
	built = build_add(&line->gathered->build, d);
	trace_end(TRACE_BUILD);
	if (line->recall == NULL || built == NULL || diag_errors(line->diag) > 0)
		return;
	fate = decide(line, d, built);
	recall_note(line->recall, d, built, fate == SUM_UP);
	trace_begin_dimension(TRACE_TIDY, d->dimension_id);
	if (fate == SHRINK)
		shrink(d);
	else if (fate == SUM_UP)
		sum_up(d);
	else if (fate == DROP)
		model_drop_layers(d);
	if (fate == SUM_UP)
		atomic_store(&line->is_summed_up, true);
	trace_end(TRACE_TIDY);
}

/* A dimension need not be read of which the last run knows what it gives, where that is published. */
static void know(void *context, struct dimension *d)
{
	const struct line *line = context;
	const struct recalled *known;

	trace_begin(TRACE_CACHE, d->folder);
	known = recall_dimension(line->recall, d);
	trace_end(TRACE_CACHE);
	if (known != NULL && plan_keeps(line->options, line->published, d->dimension_id, &known->digest))
		d->known = known;
}

/* A dimension that was asked for must be in the sources. */
static void check_selection(const struct compile_options *options, const struct model *model, struct diag *diag)
{
	size_t i, k;

	for (i = 0; i < options->selected_count && !options->allow_absent; i++) {
		for (k = 0; k < model->count && model->dimensions[k].dimension_id != options->selected[i]; k++)
			;
		if (k == model->count)
			diag_fail(diag, EXIT_NOT_THERE, "D%02u is not among the sources in %s", options->selected[i],
				  options->source);
	}
}

/* Two folders with one number are told with their places, which are not known of what was not read. */
static bool has_known_twice(const struct model *model)
{
	size_t i, k;

	for (i = 0; i < model->count; i++)
		for (k = 0; k < model->count && model->dimensions[i].known != NULL; k++)
			if (k != i && model->dimensions[k].dimension_id == model->dimensions[i].dimension_id)
				return true;
	return false;
}

/*
 * Words and texts that are nearly the same. Where they are summed up, or some are known alone: whether there are any,
 * since which of two is the slip depends on how often each is there.
 */
static void judge(struct line *line)
{
	bool is_part = atomic_load(&line->is_summed_up) || model_has_known(&line->gathered->model);
	struct diag *listener = is_part ? diag_new_listener(line->diag) : NULL;
	struct diag *diag = listener != NULL ? listener : line->diag;

	lint_keywords(&line->gathered->model, diag);
	lint_texts(&line->gathered->model, diag);
	if (listener != NULL && diag_errors(listener) + diag_warnings(listener) > 0)
		line->gathered->in_doubt = true;
	diag_free(listener);
}

/* Reads it all, and judges what is about several dimensions. */
static bool run(struct line *line, enum source_kind kind)
{
	const struct compile_options *options = line->options;
	struct gathered *gathered = line->gathered;
	struct source_options source = {.max_region_size = options->settings->max_size,
					.jobs = options->jobs,
					.selected = options->selected,
					.selected_count = options->selected_count,
					.allow_one = kind == SOURCES_OR_ONE,
					.progress = options->progress,
					.know = line->published != NULL ? know : NULL,
					.take = take,
					.context = line};
	bool is_read = kind == ONE_DIMENSION ? source_read_one(options->source, &source, line->diag, &gathered->model)
					     : source_read(options->source, &source, line->diag, &gathered->model);

	trace_begin(TRACE_JUDGE, NULL);
	arena_trim();
	build_end(&gathered->build);
	check_ids(&gathered->model, line->diag);
	if (is_read)
		check_selection(options, &gathered->model, line->diag);
	if (line->published != NULL)
		gathered->in_doubt = has_known_twice(&gathered->model) ||
				     recall_doubts(line->recall, &gathered->model, diag_errors(line->diag) > 0);
	judge(line);
	trace_end(TRACE_JUDGE);
	return diag_errors(line->diag) == 0;
}

bool gather(const struct compile_options *options, enum source_kind kind, struct recall *recall, struct diag *diag,
	    struct gathered *ret)
{
	struct line line = {.options = options, .recall = recall, .diag = diag, .gathered = ret};

	*ret = (struct gathered){0};
	build_begin(&ret->build, options, diag);
	return run(&line, kind);
}

bool gather_lean(const struct compile_options *options, const struct published *published, struct recall *recall,
		 struct diag *diag, struct gathered *ret)
{
	struct line line = {
		.options = options, .diag = diag, .gathered = ret, .published = published, .recall = recall};

	*ret = (struct gathered){0};
	build_begin(&ret->build, options, diag);
	if (options->mode == COMPILE_PUBLISH && !options->layer_files)
		spills_open(&ret->build.spills, options->volume, options->sync);
	return run(&line, SOURCES);
}

void gather_free(struct gathered *gathered)
{
	build_free(&gathered->build);
	model_free(&gathered->model);
	*gathered = (struct gathered){0};
}
