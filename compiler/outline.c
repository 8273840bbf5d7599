/*
 * outline.c: a source as its author laid it out: documents, keys, values, and the comments that speak of them.
 * In: the text of a source that has no errors.
 * Out: a tree of what is written, each comment at what it belongs to.
 *
 * libyaml gives no comments, but it tells where every scalar and bracket stands. What lies between them are blanks,
 * the marks of lists and mappings, and comments; there, every # begins one.
 */
#include "outline.h"

#include <string.h>

struct reader {
	struct outline *outline;
	struct yaml_reader *events;
	const char *end;	     /* of the text */
	const char *at;		     /* all comments before are read */
	const char *seen, *line;     /* up to here lines were looked at; where the one that this is in begins, */
	bool is_empty;		     /* whether it holds nothing so far, */
	bool is_after_empty;	     /* and whether the one before it is there and held nothing */
	struct comments pending;     /* in lines of their own, not yet given to anything */
	struct outline_entry *owner; /* who gets a comment behind other things in a line */
	/* lists and mappings that ended since the last entry, the innermost first: comments may be their last lines */
	struct {
		struct outline_node *node;
		uint32_t column;
	} ended[YAML_MAX_DEPTH + 1];
	size_t ended_count;
	bool is_decorated;
};

static void append(struct comments *list, struct comment *comment)
{
	comment->next = NULL;
	if (list->first == NULL)
		list->first = comment;
	else
		list->last->next = comment;
	list->last = comment;
}

static void append_all(struct comments *list, struct comments *more)
{
	struct comment *comment, *next;

	for (comment = more->first; comment != NULL; comment = next) {
		next = comment->next;
		append(list, comment);
	}
	memset(more, 0, sizeof(*more));
}

/* --- lines --- */

/* How long the break is that the text has here, as YAML sees it: CR LF, LF, CR, NEL, LS or PS. 0: none. */
static size_t break_size(const struct reader *r, const char *at)
{
	size_t left = (size_t)(r->end - at);

	if (left > 0 && (*at == '\n' || *at == '\r'))
		return left > 1 && at[0] == '\r' && at[1] == '\n' ? 2 : 1;
	if (left > 1 && memcmp(at, "\xC2\x85", 2) == 0)
		return 2;
	return left > 2 && (memcmp(at, "\xE2\x80\xA8", 3) == 0 || memcmp(at, "\xE2\x80\xA9", 3) == 0) ? 3 : 0;
}

/* Goes on to a place, to know its line. Places ascend, and a line may be all of a file. */
static void look(struct reader *r, const char *place)
{
	size_t size;

	while (r->seen < place) {
		size = break_size(r, r->seen);
		if (size > 0) {
			r->line = r->seen + size;
			r->is_after_empty = r->is_empty;
		}
		r->is_empty = size > 0 || (r->is_empty && (*r->seen == ' ' || *r->seen == '\t'));
		r->seen += size > 0 ? size : 1;
	}
}

/* --- comments --- */

static const char *take_comment(struct reader *r, const char *at)
{
	struct comment *comment = arena_alloc(&r->outline->arena, sizeof(*comment));
	const char *behind = at, *last;
	size_t blanks, marks;

	look(r, at);
	while (behind < r->end && break_size(r, behind) == 0)
		behind++;
	for (last = behind; last[-1] == ' ' || last[-1] == '\t';)
		last--;
	comment->text = (struct text){at, (size_t)(last - at)};
	comment->earlier = r->outline->last_comment;
	r->outline->last_comment = comment;
	r->outline->comment_count++;
	blanks = strspn(r->line, " \t");
	marks = strspn(r->line, " \t-?:,.");
	if (r->line + marks < at && r->owner != NULL) {
		append(&r->owner->trail, comment);
		return behind;
	}
	if (r->line + blanks == at) {
		comment->column = (uint32_t)blanks + 1;
		comment->is_after_blank = r->is_after_empty;
	}
	append(&r->pending, comment);
	return behind;
}

/* Takes the comments up to a place. */
static void go_to(struct reader *r, const char *place)
{
	while (r->at < place)
		r->at = *r->at == '#' ? take_comment(r, r->at) : r->at + 1;
}

/* Takes the comments up to what was typed here, and passes over it. */
static void pass(struct reader *r, struct text raw)
{
	go_to(r, raw.bytes);
	if (r->at < raw.bytes + raw.size)
		r->at = raw.bytes + raw.size;
}

/*
 * Shares out the comments before an entry that begins in `column`. Those that are indented like what has just ended
 * are its last lines; the others go to `rest`.
 */
static void share_out(struct reader *r, struct comments *rest, uint32_t column)
{
	struct comment *comment, *next;
	size_t level = 0;

	for (comment = r->pending.first; comment != NULL; comment = next) {
		next = comment->next;
		while (level < r->ended_count && r->ended[level].column > comment->column)
			level++;
		if (level < r->ended_count && r->ended[level].column > column)
			append(&r->ended[level].node->tail, comment);
		else
			append(rest, comment);
	}
	memset(&r->pending, 0, sizeof(r->pending));
	r->ended_count = 0;
}

/* --- the tree --- */

static struct outline_entry *add_entry(struct reader *r, struct outline_node *node)
{
	struct outline_entry *entry = arena_alloc(&r->outline->arena, sizeof(*entry));

	if (node->first == NULL)
		node->first = entry;
	else
		node->last->next = entry;
	node->last = entry;
	node->count++;
	r->owner = entry;
	return entry;
}

/* The next event; nothing comes after one that is decorated. */
static struct yaml_event next_event(struct reader *r)
{
	static const struct yaml_event end = {.kind = YAML_END};
	struct yaml_event event = r->is_decorated ? end : yaml_next(r->events);

	r->is_decorated = r->is_decorated || event.is_decorated;
	return r->is_decorated ? end : event;
}

static void read_scalar(struct reader *r, const struct yaml_event *event, struct outline_entry *entry)
{
	const char *head = event->raw.bytes, *end = event->raw.bytes + event->raw.size;

	go_to(r, head);
	append_all(&entry->before, &r->pending);
	entry->value.text = event->text;
	entry->value.raw = event->raw;
	if (*head == '|' || *head == '>') /* its first line may have a comment */
		while (head < end && break_size(r, head) == 0)
			head++;
	go_to(r, head);
	r->at = end;
}

static void read_value(struct reader *r, const struct yaml_event *event, struct outline_entry *entry)
{
	struct outline_node *node = &entry->value;
	bool is_flow = event->raw.size > 0 && strchr("[{", *event->raw.bytes) != NULL;
	struct yaml_event item;

	node->kind = event->kind;
	if (event->kind == YAML_SCALAR) {
		read_scalar(r, event, entry);
		return;
	}
	go_to(r, event->raw.bytes);
	if (is_flow) {
		append_all(&entry->before, &r->pending);
		pass(r, event->raw);
	}
	while ((item = next_event(r)).kind != YAML_END && item.kind != YAML_SEQUENCE_END &&
	       item.kind != YAML_MAPPING_END) {
		struct outline_entry *inner;

		go_to(r, item.raw.bytes);
		look(r, item.raw.bytes);
		inner = add_entry(r, node);
		inner->is_after_blank = r->is_after_empty;
		share_out(r, &inner->before,
			  event->kind == YAML_SEQUENCE && !is_flow ? event->at.column : item.at.column);
		if (event->kind == YAML_MAPPING) {
			inner->key = item.text;
			pass(r, item.raw);
			item = next_event(r);
		}
		if (item.kind != YAML_END)
			read_value(r, &item, inner);
	}
	if (item.kind == YAML_END)
		return;
	pass(r, item.raw);
	if (is_flow) {
		append_all(&node->tail, &r->pending);
		r->owner = entry;
	} else {
		r->ended[r->ended_count].node = node;
		r->ended[r->ended_count++].column = event->at.column;
	}
}

/* A line for an editor, which looks for it at the top. */
static bool is_modeline(const struct comment *comment)
{
	static const char *const marks[] = {"yaml-language-server:", "-*-", "vim:", "vi:"};
	size_t i;

	for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (memmem(comment->text.bytes, comment->text.size, marks[i], strlen(marks[i])) != NULL)
			return true;
	return false;
}

/*
 * Of the comments above the first key, those that an empty line parts from it are the document's own, and so are lines
 * for editors. The others speak of the key, and go where it goes.
 */
static void take_top(struct outline_entry *document)
{
	struct outline_entry *first = document->value.first;
	struct comments all = first->before;
	struct comment *comment, *next, *last = NULL;

	for (comment = all.first; comment != NULL; comment = comment->next)
		if (comment->next != NULL ? comment->next->is_after_blank : first->is_after_blank)
			last = comment;
	document->is_after_blank = document->is_after_blank || last != NULL;
	if (last == NULL)
		for (comment = all.first; comment != NULL && is_modeline(comment); comment = comment->next)
			last = comment;
	memset(&first->before, 0, sizeof(first->before));
	for (comment = all.first; comment != NULL; comment = next) {
		next = comment->next;
		append(last != NULL ? &document->before : &first->before, comment);
		if (comment == last)
			last = NULL;
	}
}

static void read_document(struct reader *r, const struct yaml_event *event)
{
	struct outline_entry *document;
	struct yaml_event next;

	pass(r, event->raw);
	document = add_entry(r, &r->outline->documents);
	if (event->raw.size > 0) {
		append_all(&document->before, &r->pending);
		document->is_after_blank = document->before.first != NULL;
	}
	r->ended_count = 0;
	next = next_event(r);
	if (next.kind == YAML_END)
		return;
	read_value(r, &next, document);
	next = next_event(r);
	if (next.kind == YAML_END)
		return;
	pass(r, next.raw);
	share_out(r, &document->value.tail, 0);
	append_all(&document->before, &document->trail);
	if (document->value.first != NULL)
		take_top(document);
}

bool outline_read(struct text text, struct outline *ret)
{
	struct diag *diag = diag_new(); /* the text was read before, and nothing was wrong with it */
	struct reader r = {.outline = ret, .at = text.bytes, .end = text.bytes + text.size, .is_empty = true};
	struct yaml_event event;
	bool ok;

	memset(ret, 0, sizeof(*ret));
	if (text.size >= 3 && memcmp(text.bytes, "\xEF\xBB\xBF", 3) == 0)
		r.at += 3;
	r.seen = r.line = r.at;
	r.events = yaml_open(text.bytes, text.size, diag_file(diag, ""), diag, &ret->arena);
	while ((event = next_event(&r)).kind != YAML_END)
		if (event.kind == YAML_DOCUMENT)
			read_document(&r, &event);
	ok = !r.is_decorated && !yaml_failed(r.events) && ret->documents.count > 0;
	if (ok) {
		go_to(&r, r.end);
		append_all(&ret->documents.last->value.tail, &r.pending);
	} else {
		outline_free(ret);
	}
	yaml_close(r.events);
	diag_free(diag);
	return ok;
}

void outline_free(struct outline *outline)
{
	arena_free(&outline->arena);
	memset(outline, 0, sizeof(*outline));
}
