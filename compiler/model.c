/*
 * model.c: whose memory the model is.
 * In: a model, a dimension of it.
 * Out: nothing of it.
 */
#include "model.h"

#include <stdlib.h>
#include <string.h>

bool model_is_selected(const uint32_t *selected, size_t count, uint32_t dimension_id)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (selected[i] == dimension_id)
			return true;
	return selected == NULL;
}

bool model_has_known(const struct model *model)
{
	size_t i;

	for (i = 0; i < model->count; i++)
		if (model->dimensions[i].known != NULL)
			return true;
	return false;
}

void model_drop_layers(struct dimension *dimension)
{
	arena_free(&dimension->layer_arena);
	free(dimension->layers);
	dimension->layers = NULL;
	dimension->text_count = 0;
	dimension->layer_count = dimension->layer_capacity = 0;
}

void model_free(struct model *model)
{
	size_t i;

	for (i = 0; i < model->count; i++) {
		model_drop_layers(&model->dimensions[i]);
		inputs_free(&model->dimensions[i].inputs);
		arena_free(&model->dimensions[i].arena);
	}
	free(model->dimensions);
	inputs_free(&model->inputs);
	arena_free(&model->arena);
	memset(model, 0, sizeof(*model));
}
