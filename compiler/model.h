/*
 * model.h: what the sources say, once they are read: dimensions and their layers.
 * In: nothing; source.c fills it, all later stages read it.
 * Out: plain structs. All memory belongs to the dimension's arena.
 */
#ifndef DIMC_MODEL_H
#define DIMC_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "diag.h"
#include "inputs.h"
#include "mem.h"

enum {
	MODEL_MAX_KEYWORDS = 64,	/* of one layer */
	MODEL_MAX_KEYWORD_LENGTH = 128, /* characters */
	MODEL_MAX_TITLE_LENGTH = 200,
	MODEL_MAX_NAME_LENGTH = 100,
	MODEL_MAX_DESCRIPTION_LENGTH = 4000,
	MODEL_MAX_DIMENSION_ID = 65535,
};

/* Bytes of the author's, with a NUL behind them that does not count. */
struct text {
	const char *bytes;
	size_t size;
};

struct sketch;

struct layer {
	uint32_t layer_id;
	double frequency;
	struct text title; /* size 0: none */
	struct text *keywords;
	size_t keyword_count;
	struct text content;
	struct sketch *sketch; /* of title and content; NULL: no check needs it, or the layer is not complete */
	bool is_complete;      /* false: something of it was reported; it still takes its layer_id */
	struct place at;       /* where the layer begins */
	struct place id_at;
	struct place title_at;
	struct place frequency_at;
	struct place *keyword_at; /* NULL where the layer comes from no source */
	struct place content_at;
};

enum layout { LAYOUT_PAGE = 0, LAYOUT_PACKED = 1, LAYOUT_UNSET = 2 };

/* A layer's texts, of which nothing else is left. */
struct kept_text {
	const struct sketch *sketch;
	struct place content_at;
};

struct recalled;

struct dimension {
	struct arena arena;
	const struct recalled *known; /* what its sources give, without being read; NULL: they are read */
	bool is_there;		      /* its folder holds a dimension.yaml */
	bool is_selected;	      /* its layers were asked for */
	bool has_ignored;	      /* files in its folder that look like sources, and are not read */
	bool is_partly_read;	      /* there may be layers that could not be read */
	uint32_t dimension_id;	      /* 0 where it could not be read */
	struct text name;
	struct text description; /* size 0: none */
	bool has_created_at, has_updated_at, has_frequency_range;
	int64_t created_at, updated_at;
	double frequency_low, frequency_high;
	struct place frequency_range_at; /* line 0 where the dimension comes from no source */
	enum layout layout;		 /* LAYOUT_UNSET: the author said nothing */
	uint32_t alignment;		 /* 0: the author said nothing */
	struct layer *layers;		 /* after check_dimensions by ascending layer_id */
	size_t layer_count;
	size_t layer_capacity;
	struct kept_text *texts; /* of layers that are gone */
	size_t text_count;
	struct arena layer_arena; /* what the layers are made of, but those of dimension.yaml */
	int64_t newest_mtime;	  /* of its source files, seconds */
	uint64_t source_bytes;
	size_t file_count;
	uint32_t first_file; /* the number of its dimension.yaml; its `named_files` layer files follow */
	size_t named_files;
	const char *folder;   /* its path, for messages */
	const char *base;     /* the directory in which its files are */
	struct inputs inputs; /* what was read of it; the paths are in `arena` */
	const char *unread; /* a file in its folder that is none of its layers, where it has none; NULL: no such file */
	struct place at;
	struct place id_at;
};

/* A set of dimensions, in the order of their folders' names. */
struct model {
	struct dimension *dimensions;
	size_t count, capacity;
	struct arena arena;
	struct inputs inputs; /* what was looked at to find them; the paths are in `arena` */
};

/* Frees a dimension's layers. Those of dimension.yaml keep their memory until the end. */
void model_drop_layers(struct dimension *dimension);

void model_free(struct model *model);

/* Whether a dimension was not read, since it is known. */
bool model_has_known(const struct model *model);

/* Whether a dimension is among the selected ones; NULL: all are. */
bool model_is_selected(const uint32_t *selected, size_t count, uint32_t dimension_id);

#endif
