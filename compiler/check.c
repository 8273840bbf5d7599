/*
 * check.c: what no single value can show: ids, ranges and counts across files and folders.
 * In: the model as it was read.
 * Out: the model with its layers sorted by layer_id, and a problem for everything that contradicts something else.
 */
#include "check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "text.h"

/* By id; equal ids stay in the order in which they were read, which is that of files and lines. */
static int by_layer_id(const void *a, const void *b)
{
	const struct layer *x = a, *y = b;

	if (x->layer_id != y->layer_id)
		return x->layer_id < y->layer_id ? -1 : 1;
	if (x->id_at.file != y->id_at.file)
		return x->id_at.file < y->id_at.file ? -1 : 1;
	if (x->id_at.line != y->id_at.line)
		return x->id_at.line < y->id_at.line ? -1 : 1;
	return x->id_at.column < y->id_at.column ? -1 : x->id_at.column > y->id_at.column;
}

/* What was reported takes part in no more than the checks. */
static void drop_incomplete(struct dimension *d)
{
	size_t i, kept = 0;

	for (i = 0; i < d->layer_count; i++)
		if (d->layers[i].is_complete)
			d->layers[kept++] = d->layers[i];
	d->layer_count = kept;
}

static void check_layers(const struct dimension *d, struct diag *diag)
{
	uint64_t vacant = d->layer_count > 0 ? (uint64_t)d->layers[d->layer_count - 1].layer_id + 1 : 1;
	char low[40], high[40], value[40], help[80];
	size_t i, first = 0;

	for (i = 0; i < d->layer_count; i++) {
		const struct layer *layer = &d->layers[i];

		if (layer->layer_id != d->layers[first].layer_id)
			first = i;
		if (i > first && layer->layer_id != 0) {
			struct diag_extra extra = {.related = &d->layers[first].id_at,
						   .related_text = "first used here",
						   .help = "every layer of a dimension has a number of its own"};

			if (vacant <= UINT32_MAX) {
				snprintf(help, sizeof(help), "give it another number; %" PRIu64 " is free", vacant++);
				extra.help = help;
			}
			diag_report(diag, CHECK_LAYER_ID_DUPLICATE, layer->id_at, &extra, "layer_id %u is used twice",
				    layer->layer_id);
		}
		if (d->has_frequency_range && layer->frequency > 0 &&
		    (layer->frequency < d->frequency_low || layer->frequency > d->frequency_high)) {
			struct diag_extra extra = {.related = &d->frequency_range_at,
						   .related_text = "the range is given here",
						   .help = "choose a frequency inside of it, or widen the range"};

			diag_report(diag, CHECK_FREQUENCY_BAND, layer->frequency_at, &extra,
				    "%s Hz is outside of the dimension's range, %s to %s Hz",
				    text_double(layer->frequency, value), text_double(d->frequency_low, low),
				    text_double(d->frequency_high, high));
		}
	}
}

static int by_dimension_id(const void *a, const void *b)
{
	const struct dimension *x = *(const struct dimension *const *)a, *y = *(const struct dimension *const *)b;

	if (x->dimension_id != y->dimension_id)
		return x->dimension_id < y->dimension_id ? -1 : 1;
	return x < y ? -1 : x > y;
}

void check_ids(const struct model *model, struct diag *diag)
{
	const struct dimension **order = mem_zalloc(model->count, sizeof(struct dimension *));
	size_t i, first = 0;

	for (i = 0; i < model->count; i++)
		order[i] = &model->dimensions[i];
	qsort(order, model->count, sizeof(*order), by_dimension_id);
	for (i = 0; i < model->count; i++) {
		if (order[i]->dimension_id != order[first]->dimension_id)
			first = i;
		if (i > first && order[i]->dimension_id != 0) {
			struct diag_extra extra = {.related = &order[first]->id_at,
						   .related_text = "first used here",
						   .help = "every dimension has a number of its own"};

			diag_report(diag, CHECK_DIMENSION_ID_DUPLICATE, order[i]->id_at, &extra,
				    "dimension_id %u is used twice", order[i]->dimension_id);
		}
	}
	free(order);
}

void check_dimension(struct dimension *d, struct diag *diag)
{
	if (d->layer_count > 0)
		qsort(d->layers, d->layer_count, sizeof(*d->layers), by_layer_id);
	check_layers(d, diag);
	if (d->layer_count == 0 && d->is_selected && !d->is_partly_read) {
		struct diag_extra extra = {.help = "write a layer file beside it: 010-name.yaml"};

		if (d->unread != NULL)
			extra.help = arena_printf(&d->arena,
						  "layers are read from files whose names end in "
						  ".yaml, and not from %s",
						  d->unread);
		diag_report(diag, CHECK_DIMENSION_EMPTY, d->at, &extra, "the dimension has no layers");
	}
	drop_incomplete(d);
}
