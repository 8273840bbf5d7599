/*
 * mapping.h: reads a mapping of known keys by a table of fields.
 * In: a YAML reader that stands in a mapping, and the table.
 * Out: each value given to its field's function; unknown, repeated and missing keys reported.
 */
#ifndef DIMC_MAPPING_H
#define DIMC_MAPPING_H

#include "scalar.h"

enum { MAPPING_MAX_FIELDS = 16 };

/* A mapping's key, and the function that reads its value, which must take it whole from the events. */
struct field {
	const char *name;
	void (*read)(struct scalar_reader *r, const struct yaml_event *value, void *object);
	bool is_required;
	const char *missing_help;
	const char *others; /* what people write for it, each between blanks; NULL: nothing */
	bool holds_layers;  /* a text cannot be meant for it */
};

struct table {
	const char *what;	    /* "a layer", for messages */
	const struct field *fields; /* the first one is the number */
	size_t count;
	const char *second_help; /* where the number is given twice: how another one begins */
};

/* Where each field of a mapping stood; line 0: nowhere. */
struct seen {
	struct place at[MAPPING_MAX_FIELDS];
	bool is_misspelt[MAPPING_MAX_FIELDS]; /* a key that is unknown was likely meant for this one */
	size_t count;
};

/* Reads the rest of a mapping that has begun, each value by its field's function. */
void mapping_read(struct scalar_reader *r, const struct table *table, void *object, struct seen *ret_seen);

/* Reports the required keys that are not among the seen ones; `at` is where the mapping begins. */
void mapping_report_missing(struct scalar_reader *r, const struct table *table, const struct seen *seen,
			    struct place at);

/*
 * Whether the event begins a mapping; anything else is reported, as what `what` should be, with `help`, and passed
 * over.
 */
bool mapping_wanted(struct scalar_reader *r, const struct yaml_event *event, const char *what, const char *help);

#endif
