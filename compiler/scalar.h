/*
 * scalar.h: from one event to one typed value.
 * In: an event, and what its field allows.
 * Out: the value, or a located problem and false. The event is taken whole in either case.
 */
#ifndef DIMC_SCALAR_H
#define DIMC_SCALAR_H

#include "events.h"
#include "model.h"

/* What reading one file carries along. `field` is the key whose value is being read, for messages. */
struct scalar_reader {
	struct yaml_reader *events;
	struct diag *diag;
	struct arena *arena;
	struct dimension *dimension;
	const char *field;
	int folder;
	uint64_t max_region_size;
	bool is_run_together; /* all of a document was one text, as was reported: how it is typed says nothing more */
};

/* What an event is, in words: "a list", "keys with values", "text", "nothing". */
const char *scalar_kind_name(const struct yaml_event *event);

/*
 * Whether the event is a text without quotes over several lines, and what follows is no YAML, which is reported: the
 * second line was meant for something else.
 */
bool scalar_is_cut_off(struct scalar_reader *r, const struct yaml_event *event);

/* Reports that the event's tag does not fit `what`, and names the tag. */
void scalar_report_tag(struct scalar_reader *r, const struct yaml_event *event, const char *what, const char *help);

/* The same of a field's value, and false. */
bool scalar_refuse_tag(struct scalar_reader *r, const struct yaml_event *value);

/*
 * Whether the value is a scalar without a NUL, and its tag one of `tags`, a bit for each; anything else is reported as
 * not `wanted`, with `help`, and passed over.
 */
bool scalar_want(struct scalar_reader *r, const struct yaml_event *value, unsigned tags, const char *wanted,
		 const char *help);

/* What the author typed, any bytes but NUL. */
bool scalar_read_text(struct scalar_reader *r, const struct yaml_event *value, struct text *ret);

/* A text of 1 to `max` characters on one line, without control characters; of several lines, which may hold tabs. */
bool scalar_read_line(struct scalar_reader *r, const struct yaml_event *value, size_t max, struct text *ret);
bool scalar_read_paragraph(struct scalar_reader *r, const struct yaml_event *value, size_t max, struct text *ret);

/* Warns of a text in typographic quotes and no others: for YAML these are part of it, and likely not for its author. */
void scalar_check_quotes(struct scalar_reader *r, const struct yaml_event *value);

/* The control characters that a text of several lines may hold. */
#define SCALAR_PARAGRAPH_CONTROLS "\t\n"

enum { SCALAR_REASON_SIZE = 80 };

/*
 * The rule of both: 1 to `max` characters, no control characters but those in `controls`. Where a text breaks it, false
 * with the reason, to be put behind the text's name ("is empty"), and a way out or NULL.
 */
bool scalar_is_limited(struct text text, size_t max, const char *controls, char ret_reason[SCALAR_REASON_SIZE],
		       const char **ret_help);

/* YYYY-MM-DDTHH:MM:SSZ or YYYY-MM-DD, in seconds since 1970. */
bool scalar_read_time(struct scalar_reader *r, const struct yaml_event *value, int64_t *ret);

/* Whether the value is a list; anything else is reported and taken. */
bool scalar_want_sequence(struct scalar_reader *r, const struct yaml_event *value);

#endif
