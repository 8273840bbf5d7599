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

/* Of so many layers the words are kept, for warnings to be found; of more, what tells whether there may be any. */
enum { KEPT_LAYERS = 20000 };

/* What reading gives goes on to be built while the next files are read. */
struct line {
	const struct compile_options *options;
	const struct published *published; /* NULL: all stays in memory */
	struct recall *recall;
	struct diag *diag;
	struct gathered *gathered;
	atomic_size_t layer_count;
	atomic_bool is_dropped;	 /* the layers of a dimension are gone, words and all, */
	atomic_bool is_in_doubt; /* and it may have had something to say */
};

/* The keywords of a layer, and where they stand, in one piece of memory. */
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

/* Keeps what the judging of all dimensions together needs of a layer, and frees the rest: contents are empty then. */
static void shrink(struct dimension *dimension)
{
	struct arena arena = {0};
	size_t i;

	dimension->layers = mem_grow(dimension->layers, dimension->layer_count, sizeof(*dimension->layers));
	dimension->layer_capacity = dimension->layer_count;
	for (i = 0; i < dimension->layer_count; i++) {
		struct layer *layer = &dimension->layers[i];

		copy_keywords(&arena, layer);
		if (layer->sketch != NULL)
			layer->sketch = memcpy(arena_alloc_raw(&arena, sizeof(*layer->sketch)), layer->sketch,
					       sizeof(*layer->sketch));
		layer->title = layer->content = (struct text){"", 0};
	}
	arena_free(&dimension->layer_arena);
	dimension->layer_arena = arena;
}

/* Whether there is something to be said of a dimension's words and texts, taken by itself. */
static bool has_warnings(const struct dimension *dimension, const struct diag *diag)
{
	struct dimension copy = *dimension;
	struct model alone = {.dimensions = &copy, .count = 1};
	struct diag *listener = diag_new_listener(diag);
	bool yes;

	lint_keywords(&alone, listener);
	lint_texts(&alone, listener);
	yes = diag_errors(listener) + diag_warnings(listener) > 0;
	diag_free(listener);
	return yes;
}

/* What is to become of a dimension's layers once they are built. */
enum fate { STAY, SHRINK, DROP };

/*
 * Memory is given back as early as can be: the region goes to the disk, or is there already. Of many layers not even
 * the words stay.
 */
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
	if (lint_is_wanted(line->diag) &&
	    atomic_fetch_add(&line->layer_count, d->layer_count) + d->layer_count <= KEPT_LAYERS)
		return SHRINK;
	return DROP;
}

static void drop(struct line *line, struct dimension *d)
{
	if (lint_is_wanted(line->diag)) {
		atomic_store(&line->is_dropped, true);
		if (has_warnings(d, line->diag))
			atomic_store(&line->is_in_doubt, true);
	}
	model_drop_layers(d);
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
	recall_note(line->recall, d, built, fate == DROP);
	trace_begin_dimension(TRACE_TIDY, d->dimension_id);
	if (fate == SHRINK)
		shrink(d);
	else if (fate == DROP)
		drop(line, d);
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
		gathered->in_doubt = atomic_load(&line->is_in_doubt) || has_known_twice(&gathered->model) ||
				     recall_doubts(line->recall, &gathered->model, atomic_load(&line->is_dropped));
	lint_keywords(&gathered->model, line->diag);
	lint_texts(&gathered->model, line->diag);
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
