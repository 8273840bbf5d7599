/*
 * html.h: texts of authors in a page of HTML, where they stay texts.
 * In: any bytes.
 * Out: HTML that shows them; JSON that no script element can be left by.
 */
#ifndef DIMC_HTML_H
#define DIMC_HTML_H

#include "buf.h"

/* For elements and quoted attributes. What is invisible or turns the direction of writing is shown as text_add_visible
 * does. */
void html_add_text(struct buf *buf, const char *bytes, size_t size);

/*
 * A JSON document for a script element: what HTML or JavaScript could take for an end (<, >, &, U+2028, U+2029) is
 * written as an escape, which means the same to a reader of JSON.
 */
void html_add_json(struct buf *buf, const char *json, size_t size);

#endif
