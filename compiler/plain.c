/*
 * plain.c: all of YAML as events with places; the only room that includes <yaml.h> of libyaml.
 * In: the bytes of one file, of allowed characters.
 * Out: events, aliases already replaced by what they stand for; or one reported problem, after which nothing comes.
 */
#include "plain.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "marks.h"
#include "syntax.h"

/* A named node: its events are kept, from the first on, for the aliases to come. */
struct anchor {
	const char *name;
	size_t first, count; /* in `kept` */
	int depth;	     /* of the node; -1 once it is complete */
	size_t outer;	     /* the anchor around this one that is not complete either, plus 1 */
};

struct plain {
	yaml_parser_t parser;
	struct marks marks; /* of the bytes of the file */
	struct diag *diag;
	struct arena *arena;
	bool ended, failed;
	bool is_broken; /* failed, and not for what the YAML says, but because it is none */
	int depth;
	yaml_event_t ahead; /* what yaml_fails_next read before it was asked for */
	bool has_ahead;
	struct anchor *anchors;
	size_t anchor_count, anchor_capacity;
	size_t open_anchor; /* the innermost one that is not complete, plus 1; 0: none */
	struct yaml_event *kept;
	size_t kept_count, kept_capacity;
	size_t replay, replay_end; /* the part of `kept` that an alias stands for */
	struct place alias_at;	   /* where that alias stands, */
	bool is_alias_new;	   /* and whether nothing of what it stands for went out yet */
	uint64_t expanded;	   /* bytes and events that aliases gave */
	struct yaml_span *spans;
	size_t span_count, span_capacity;
};

static void stop(struct plain *r)
{
	r->ended = true;
	r->failed = true;
	r->replay = r->replay_end = 0;
}

/* libyaml holds every %TAG line against all before it: some megabytes of them would take it days. */
static void limit_directives(struct plain *r)
{
	const char *at = r->marks.bytes, *end = at + r->marks.size, *hit;
	struct marks marks = r->marks;
	size_t count = 0;

	for (; (hit = memmem(at, (size_t)(end - at), "%TAG", 4)) != NULL; at = hit + 4) {
		/* Behind LF, CR, NEL, LS or PS. */
		if (hit > r->marks.bytes && strchr("\n\r\x85\xA8\xA9", hit[-1]) == NULL)
			continue;
		if (memmem(at, (size_t)(hit - at), "---", 3) != NULL) /* of another document */
			count = 0;
		if (++count > YAML_MAX_DIRECTIVES) {
			diag_report(r->diag, CHECK_TAG, marks_place_of_byte(&marks, (size_t)(hit - r->marks.bytes)),
				    NULL, "more than %d %%TAG lines in front of one document", YAML_MAX_DIRECTIVES);
			stop(r);
			return;
		}
	}
}

struct plain *plain_open(const char *bytes, size_t size, uint32_t file, struct diag *diag, struct arena *arena)
{
	struct plain *r = mem_zalloc(1, sizeof(*r));

	r->marks = (struct marks){.bytes = bytes, .size = size, .file = file, .line = 1, .column = 1};
	r->diag = diag;
	r->arena = arena;
	if (!yaml_parser_initialize(&r->parser))
		mem_have(NULL); /* says so and ends the run */
	yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r->parser, (const unsigned char *)bytes, size);
	limit_directives(r);
	return r;
}

static void report_syntax(struct plain *r)
{
	const yaml_parser_t *p = &r->parser;
	struct place at = marks_place(&r->marks, p->problem_mark.index, p->problem_mark.index + 1);
	struct place context = marks_place(&r->marks, p->context_mark.index, p->context_mark.index + 1);
	struct text source = {r->marks.bytes, r->marks.size};

	if (p->error == YAML_MEMORY_ERROR)
		mem_have(NULL);
	syntax_report(r->diag, p->problem, at, p->context, context, source);
}

static void take_tag(struct plain *r, const yaml_char_t *tag, struct yaml_event *ours)
{
	static const struct {
		const char *name;
		enum yaml_tag tag;
	} known[] = {{YAML_STR_TAG, YAML_TAG_STR},
		     {YAML_INT_TAG, YAML_TAG_INT},
		     {YAML_FLOAT_TAG, YAML_TAG_FLOAT},
		     {YAML_SEQ_TAG, YAML_TAG_SEQ},
		     {YAML_MAP_TAG, YAML_TAG_MAP}};
	size_t i;

	if (tag == NULL)
		return;
	ours->tag = YAML_TAG_OTHER;
	ours->tag_name = arena_copy(r->arena, tag, strlen((const char *)tag));
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(ours->tag_name, known[i].name) == 0)
			ours->tag = known[i].tag;
}

static bool begin_anchor(struct plain *r, const char *name, struct place at)
{
	struct anchor *a;

	if (r->anchor_count == YAML_MAX_ANCHORS) {
		diag_report(r->diag, CHECK_ALIAS, at, NULL, "more than %d anchors in one document", YAML_MAX_ANCHORS);
		return false;
	}
	r->anchors = mem_reserve(r->anchors, r->anchor_count, &r->anchor_capacity, sizeof(*r->anchors));
	a = &r->anchors[r->anchor_count++];
	a->name = arena_copy(r->arena, name, strlen(name));
	a->first = r->kept_count;
	a->count = 0;
	a->depth = r->depth;
	a->outer = r->open_anchor;
	r->open_anchor = r->anchor_count;
	return true;
}

/* Every event that goes out passes here: depth is counted, and anchored nodes are kept. */
static struct yaml_event deliver(struct plain *r, struct yaml_event event)
{
	if (event.kind == YAML_SEQUENCE || event.kind == YAML_MAPPING) {
		if (++r->depth > YAML_MAX_DEPTH) {
			diag_report(r->diag, CHECK_NESTING, event.at, NULL, "nested deeper than %d levels",
				    YAML_MAX_DEPTH);
			stop(r);
			event.kind = YAML_END;
			return event;
		}
	} else if (event.kind == YAML_SEQUENCE_END || event.kind == YAML_MAPPING_END) {
		r->depth--;
	}
	if (r->open_anchor == 0)
		return event;
	r->kept = mem_reserve(r->kept, r->kept_count, &r->kept_capacity, sizeof(*r->kept));
	r->kept[r->kept_count++] = event;
	while (r->open_anchor > 0 && r->anchors[r->open_anchor - 1].depth == r->depth) {
		struct anchor *a = &r->anchors[r->open_anchor - 1];

		a->count = r->kept_count - a->first;
		a->depth = -1;
		r->open_anchor = a->outer;
	}
	return event;
}

/* Makes the events of the alias's anchor the next ones. */
static bool begin_replay(struct plain *r, const char *name, struct place at)
{
	struct diag_extra extra = {.help = "an anchor &name stands before the first alias *name, in the same document"};
	size_t i;

	for (i = r->anchor_count; i > 0; i--)
		if (strcmp(r->anchors[i - 1].name, name) == 0)
			break;
	if (i == 0) {
		diag_report(r->diag, CHECK_ALIAS, at, &extra, "there is no anchor &%s", name);
		return false;
	}
	if (r->anchors[i - 1].depth >= 0) {
		diag_report(r->diag, CHECK_ALIAS, at, NULL, "the alias *%s stands inside what it stands for", name);
		return false;
	}
	r->replay = r->anchors[i - 1].first;
	r->replay_end = r->replay + r->anchors[i - 1].count;
	for (i = r->replay; i < r->replay_end; i++)
		r->expanded += r->kept[i].text.size + 1;
	if (r->expanded > (uint64_t)r->marks.size * YAML_MAX_EXPANSION) {
		extra.help = "write the text out, or put it into a file that content_file names";
		diag_report(r->diag, CHECK_ALIAS, at, &extra,
			    "aliases expand to more than %d times the size of the file", YAML_MAX_EXPANSION);
		return false;
	}
	r->alias_at = at;
	r->is_alias_new = true;
	return true;
}

static void add_span(struct plain *r, const yaml_event_t *theirs, const struct yaml_event *ours)
{
	struct yaml_span *span;

	r->spans = mem_reserve(r->spans, r->span_count, &r->span_capacity, sizeof(*r->spans));
	span = &r->spans[r->span_count++];
	span->start = (size_t)(ours->raw.bytes - r->marks.bytes);
	span->end = span->start + ours->raw.size;
	span->is_plain = ours->is_plain;
	span->is_block = theirs->data.scalar.style >= YAML_LITERAL_SCALAR_STYLE;
}

/* From libyaml's event to ours; false where nothing goes out for it. Takes over nothing of *theirs. */
static bool convert(struct plain *r, const yaml_event_t *theirs, struct yaml_event *ours)
{
	const yaml_char_t *anchor = NULL;

	memset(ours, 0, sizeof(*ours));
	ours->at = marks_place(&r->marks, theirs->start_mark.index, theirs->start_mark.index + 1);
	ours->raw.bytes = r->marks.bytes + r->marks.byte;
	switch (theirs->type) {
	case YAML_DOCUMENT_START_EVENT:
		ours->kind = YAML_DOCUMENT;
		ours->is_decorated = theirs->data.document_start.version_directive != NULL ||
				     theirs->data.document_start.tag_directives.start !=
					     theirs->data.document_start.tag_directives.end;
		r->anchor_count = r->open_anchor = r->kept_count = 0;
		break;
	case YAML_DOCUMENT_END_EVENT:
		ours->kind = YAML_DOCUMENT_END;
		break;
	case YAML_SCALAR_EVENT:
		ours->kind = YAML_SCALAR;
		take_tag(r, theirs->data.scalar.tag, ours);
		ours->is_plain = theirs->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
		ours->text.bytes = arena_copy(r->arena, theirs->data.scalar.value, theirs->data.scalar.length);
		ours->text.size = theirs->data.scalar.length;
		if (theirs->data.scalar.style < YAML_LITERAL_SCALAR_STYLE)
			ours->at = marks_place(&r->marks, theirs->start_mark.index, theirs->end_mark.index);
		anchor = theirs->data.scalar.anchor;
		break;
	case YAML_SEQUENCE_START_EVENT:
		ours->kind = YAML_SEQUENCE;
		take_tag(r, theirs->data.sequence_start.tag, ours);
		anchor = theirs->data.sequence_start.anchor;
		break;
	case YAML_MAPPING_START_EVENT:
		ours->kind = YAML_MAPPING;
		take_tag(r, theirs->data.mapping_start.tag, ours);
		anchor = theirs->data.mapping_start.anchor;
		break;
	case YAML_SEQUENCE_END_EVENT:
		ours->kind = YAML_SEQUENCE_END;
		break;
	case YAML_MAPPING_END_EVENT:
		ours->kind = YAML_MAPPING_END;
		break;
	case YAML_ALIAS_EVENT:
		ours->at = marks_place(&r->marks, theirs->start_mark.index, theirs->end_mark.index);
		if (!begin_replay(r, (const char *)theirs->data.alias.anchor, ours->at))
			stop(r);
		return false;
	case YAML_STREAM_END_EVENT:
		r->ended = true;
		return false;
	default:
		return false;
	}
	if (anchor != NULL && !begin_anchor(r, (const char *)anchor, ours->at)) {
		stop(r);
		return false;
	}
	ours->is_decorated = ours->is_decorated || anchor != NULL || ours->tag != YAML_TAG_NONE;
	ours->raw.size = (size_t)(r->marks.bytes + marks_byte(&r->marks, theirs->end_mark.index) - ours->raw.bytes);
	if (ours->kind == YAML_SCALAR)
		add_span(r, theirs, ours);
	return true;
}

/* The parser's next event; false, reported, where there is none because of a mistake. */
static bool parse(struct plain *r, yaml_event_t *ret)
{
	if (r->has_ahead) {
		*ret = r->ahead;
		r->has_ahead = false;
		return true;
	}
	if (yaml_parser_parse(&r->parser, ret))
		return true;
	report_syntax(r);
	stop(r);
	r->is_broken = true;
	return false;
}

bool plain_fails_next(struct plain *r)
{
	while (!r->ended && r->replay == r->replay_end && !r->has_ahead) {
		r->has_ahead = parse(r, &r->ahead);
		if (r->has_ahead && r->ahead.type == YAML_DOCUMENT_END_EVENT) {
			yaml_event_delete(&r->ahead);
			r->has_ahead = false;
		}
	}
	return r->failed;
}

bool plain_is_broken(const struct plain *r)
{
	return r->is_broken;
}

struct yaml_event plain_next(struct plain *r)
{
	struct yaml_event ours = {.kind = YAML_END};

	for (;;) {
		yaml_event_t theirs;
		bool goes_out;

		if (r->replay < r->replay_end) {
			ours = r->kept[r->replay++];
			if (r->is_alias_new)
				ours.at = r->alias_at;
			ours.raw = (struct text){0};
			r->is_alias_new = false;
			return deliver(r, ours);
		}
		if (r->ended) {
			ours.kind = YAML_END;
			return ours;
		}
		if (!parse(r, &theirs))
			continue;
		goes_out = convert(r, &theirs, &ours);
		yaml_event_delete(&theirs);
		if (goes_out)
			return deliver(r, ours);
	}
}

bool plain_failed(const struct plain *r)
{
	return r->failed;
}

const struct yaml_span *plain_spans(const struct plain *r, size_t *ret_count)
{
	*ret_count = r->span_count;
	return r->spans;
}

void plain_close(struct plain *r)
{
	if (r->has_ahead)
		yaml_event_delete(&r->ahead);
	yaml_parser_delete(&r->parser);
	free(r->anchors);
	free(r->kept);
	free(r->spans);
	free(r);
}
