/*
 * canonical.c: the one form in which a source is written.
 * In: the outline of a source.
 * Out: its text: the same values and comments, keys in their order, each as plainly as it can be.
 */
#include "canonical.h"

#include <string.h>

#include "canonical_value.h"
#include "utf8.h"
#include "yaml_text.h"

enum { INDENT = 2 };

struct writer {
	struct buf *out;
	struct buf value; /* the one being written */
	size_t indent;
	bool is_item;	    /* the next key stands behind a dash */
	bool is_fresh;	    /* nothing is written of the document yet */
	bool is_open_block; /* an empty line would belong to the text before */
};

static void write_entries(struct writer *w, const struct outline_node *node);

/* --- lines --- */

static void add_blank_line(struct writer *w)
{
	const struct buf *out = w->out;

	if (!w->is_fresh && !w->is_open_block && (out->size < 2 || memcmp(out->bytes + out->size - 2, "\n\n", 2) != 0))
		buf_puts(w->out, "\n");
}

static void begin_line(struct writer *w)
{
	buf_fill(w->out, ' ', w->indent - (w->is_item ? INDENT : 0));
	w->is_fresh = w->is_open_block = false;
}

static void add_comment(struct writer *w, const struct comment *comment)
{
	if (comment->is_after_blank && !w->is_item)
		add_blank_line(w);
	begin_line(w);
	buf_add(w->out, comment->text.bytes, comment->text.size);
	buf_puts(w->out, "\n");
}

static void add_comments(struct writer *w, const struct comments *comments)
{
	const struct comment *comment;

	for (comment = comments->first; comment != NULL; comment = comment->next)
		add_comment(w, comment);
}

/* The comments above an entry, and what stood behind it but has no room in its line. */
static void add_comments_before(struct writer *w, const struct outline_entry *entry, bool has_line)
{
	const struct comment *comment;

	add_comments(w, &entry->before);
	for (comment = entry->trail.first; comment != NULL; comment = comment->next)
		if (!has_line || comment != entry->trail.last)
			add_comment(w, comment);
	if (entry->before.first != NULL && entry->is_after_blank && !w->is_item)
		add_blank_line(w);
}

/* Ends the line with the last comment that stood behind the entry; a block's comment stands behind its head. */
static void end_line(struct writer *w, const struct outline_entry *entry)
{
	const struct buf *value = &w->value;
	const char *behind = value->size > 0 && strchr("|>", value->bytes[0]) != NULL
				     ? memchr(value->bytes, '\n', value->size)
				     : NULL;
	size_t head = behind != NULL ? (size_t)(behind - value->bytes) : value->size;

	buf_add(w->out, value->bytes, head);
	if (entry->trail.last != NULL) {
		buf_puts(w->out, " ");
		buf_add(w->out, entry->trail.last->text.bytes, entry->trail.last->text.size);
	}
	buf_add(w->out, value->bytes + head, value->size - head);
	buf_puts(w->out, "\n");
	w->is_open_block = behind != NULL && memchr(value->bytes, '+', head) != NULL;
}

/* --- entries --- */

static void begin_key(struct writer *w, const struct outline_entry *entry)
{
	begin_line(w);
	if (w->is_item)
		buf_puts(w->out, "- ");
	w->is_item = false;
	buf_add(w->out, entry->key.bytes, entry->key.size);
	buf_puts(w->out, ":");
}

static void write_scalar(struct writer *w, const struct outline_entry *entry, enum canonical_kind kind)
{
	w->value.size = 0;
	canonical_value_add(&w->value, kind, &entry->value, w->indent + entry->key.size + 2, w->indent + INDENT, false);
	add_comments_before(w, entry, true);
	begin_key(w, entry);
	buf_puts(w->out, " ");
	end_line(w, entry);
}

/* Whether a list of scalars fits between brackets into one line, which is then in w->value. */
static bool fits_flow(struct writer *w, const struct outline_entry *entry, enum canonical_kind kind)
{
	const struct outline_entry *item;

	w->value.size = 0;
	buf_puts(&w->value, "[");
	for (item = entry->value.first; item != NULL; item = item->next) {
		if (item->before.first != NULL || item->trail.first != NULL)
			return false;
		canonical_value_add(&w->value, kind, &item->value, 0, 0, true);
		buf_puts(&w->value, item->next != NULL ? ", " : "");
	}
	buf_puts(&w->value, "]");
	return entry->value.tail.first == NULL &&
	       w->indent + entry->key.size + 2 + utf8_columns(w->value.bytes, w->value.size) <= YAML_TEXT_LIST_WIDTH;
}

static void write_scalars(struct writer *w, const struct outline_entry *entry, enum canonical_kind kind)
{
	const struct outline_entry *item;
	bool is_flow = fits_flow(w, entry, kind);

	add_comments_before(w, entry, true);
	begin_key(w, entry);
	if (is_flow)
		buf_puts(w->out, " ");
	else
		w->value.size = 0;
	end_line(w, entry);
	if (is_flow)
		return;
	w->indent += INDENT;
	for (item = entry->value.first; item != NULL; item = item->next) {
		add_comments_before(w, item, true);
		begin_line(w);
		buf_puts(w->out, "- ");
		w->value.size = 0;
		canonical_value_add(&w->value, kind, &item->value, 0, 0, false);
		end_line(w, item);
	}
	add_comments(w, &entry->value.tail);
	w->indent -= INDENT;
}

/* The layers of a list, an empty line between them. */
static void write_layers(struct writer *w, const struct outline_entry *entry)
{
	const struct outline_entry *item;
	bool is_empty = entry->value.count == 0;

	add_comments_before(w, entry, true);
	if (is_empty)
		add_comments(w, &entry->value.tail);
	begin_key(w, entry);
	w->value.size = 0;
	buf_puts(&w->value, is_empty ? " []" : "");
	end_line(w, entry);
	for (item = entry->value.first; item != NULL; item = item->next) {
		w->indent += INDENT;
		if (item != entry->value.first)
			add_blank_line(w);
		add_comments_before(w, item, false);
		w->indent += INDENT;
		w->is_item = true;
		write_entries(w, &item->value);
		add_comments(w, &item->value.tail);
		w->indent -= 2 * (size_t)INDENT;
	}
	w->indent += INDENT;
	if (!is_empty)
		add_comments(w, &entry->value.tail);
	w->indent -= INDENT;
}

static void write_entries(struct writer *w, const struct outline_node *node)
{
	static const struct {
		const char *key;
		enum canonical_kind kind;
	} order[] = {
		{"layer_id", CANONICAL_WHOLE},
		{"dimension_id", CANONICAL_WHOLE},
		{"title", CANONICAL_LINE},
		{"name", CANONICAL_LINE},
		{"description", CANONICAL_PROSE},
		{"created_at", CANONICAL_WORD},
		{"updated_at", CANONICAL_WORD},
		{"frequency", CANONICAL_DECIMAL},
		{"frequency_range", CANONICAL_DECIMAL},
		{"layout", CANONICAL_WORD},
		{"alignment", CANONICAL_WHOLE},
		{"keywords", CANONICAL_LINE},
		{"content", CANONICAL_CONTENT},
		{"content_file", CANONICAL_LINE},
		{"layers", CANONICAL_LINE},
	};
	const struct outline_entry *entry;
	size_t i;

	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		for (entry = node->first; entry != NULL; entry = entry->next) {
			if (strcmp(entry->key.bytes, order[i].key) != 0)
				continue;
			if (strcmp(order[i].key, "layers") == 0)
				write_layers(w, entry);
			else if (entry->value.kind == YAML_SEQUENCE)
				write_scalars(w, entry, order[i].kind);
			else
				write_scalar(w, entry, order[i].kind);
		}
}

void canonical_write(const struct outline *outline, struct buf *ret)
{
	struct writer w = {.out = ret};
	const struct outline_entry *document;

	for (document = outline->documents.first; document != NULL; document = document->next) {
		w.is_fresh = document == outline->documents.first;
		if (!w.is_fresh) {
			add_blank_line(&w);
			buf_puts(ret, "---\n");
		}
		w.is_fresh = true;
		w.is_open_block = false;
		add_comments_before(&w, document, false);
		w.is_fresh = document->before.first == NULL || document->is_after_blank;
		write_entries(&w, &document->value);
		add_comments(&w, &document->value.tail);
	}
	buf_free(&w.value);
}
