/*
 * page_summary.c: the part of a report that needs no script: a headline, a sentence, a table of the dimensions.
 * In: the facts of regions.
 * Out: HTML.
 */
#include "page_summary.h"

#include "html.h"
#include "text.h"
#include "volume.h"

enum { PAGE_COLORS = 14 }; /* the classes c0 to c13 of compiler/page/page.css */

/* In percent with one digit; 0.0 of nothing. */
static double share(uint64_t part, uint64_t whole)
{
	return whole > 0 ? (double)part * 100 / (double)whole : 0;
}

void page_summary_headline(const struct page_facts *facts, struct buf *buf)
{
	char layers[48], dimensions[48];

	buf_printf(buf, "%s in %s", text_count(facts->layers, "layer", layers),
		   text_count(facts->count, "dimension", dimensions));
}

void page_summary_sentence(const struct page_facts *facts, struct buf *buf)
{
	const struct page_bytes *b = &facts->bytes;
	char content[16], file[16];

	buf_printf(buf,
		   "%s of content in %s of regions. Of these, %.1f%% are content, %.1f%% metadata and %.1f%% padding "
		   "up to "
		   "the next page",
		   text_size(b->content, content), text_size(b->file, file), share(b->content, b->file),
		   share(b->metadata, b->file), share(b->padding, b->file));
	if (b->tail > 0)
		buf_printf(buf, "; %.1f%% are a tail that is reserved and not in use", share(b->tail, b->file));
	buf_puts(buf, ".");
}

/* A number of bytes, short for people and whole for whoever hovers or sorts. */
static void add_size(struct buf *buf, uint64_t bytes)
{
	char size[16];

	buf_printf(buf, "<td class=\"n\"><data value=\"%llu\" title=\"%llu bytes\">%s</data></td>",
		   (unsigned long long)bytes, (unsigned long long)bytes, text_size(bytes, size));
}

static void add_bytes(struct buf *buf, const struct page_bytes *b)
{
	add_size(buf, b->content);
	add_size(buf, b->metadata);
	add_size(buf, b->padding);
	buf_printf(buf, "<td class=\"n\">%.1f%%</td>", share(b->padding, b->file));
	add_size(buf, b->tail);
	add_size(buf, b->file);
}

void page_summary_rows(const struct page_facts *facts, struct buf *buf)
{
	char id[16], low[40], high[40], hex[DIGEST_HEX_SIZE];
	size_t i;

	for (i = 0; i < facts->count; i++) {
		const struct page_dimension *d = &facts->dimensions[i];

		digest_hex(&d->digest, hex);
		volume_dimension_name(d->id, id);
		buf_printf(buf, "<tr class=\"c%u\" id=\"%s\"><th scope=\"row\"><span class=\"id\">%s</span> <bdi>",
			   (d->id - 1) % PAGE_COLORS, id, id);
		html_add_text(buf, d->name.bytes, d->name.size);
		buf_printf(buf, "</bdi></th><td class=\"n\">%u</td><td class=\"n\">%u</td>", d->layers, d->keywords);
		if (d->layers > 0)
			buf_printf(buf, "<td class=\"n\">%s\xE2\x80\x93%s</td>", text_double(d->low, low),
				   text_double(d->high, high));
		else
			buf_puts(buf, "<td class=\"n\">none</td>");
		add_bytes(buf, &d->bytes);
		buf_printf(buf, "<td><code title=\"%s\">%.12s</code></td></tr>\n", hex, hex);
	}
}

void page_summary_sums(const struct page_facts *facts, struct buf *buf)
{
	buf_printf(buf, "<tr><th scope=\"row\">Together</th><td class=\"n\">%llu</td><td></td><td></td>",
		   (unsigned long long)facts->layers);
	add_bytes(buf, &facts->bytes);
	buf_puts(buf, "<td></td></tr>\n");
}
