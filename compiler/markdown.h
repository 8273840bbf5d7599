/*
 * markdown.h: the small part of Markdown that docs/checks.md is written in, for a terminal.
 * In: a document: headings, paragraphs, lists, fenced texts, **strong**, `code`, [links](where); comments are dropped.
 * Out: a section of it; its text, wrapped.
 */
#ifndef DIMC_MARKDOWN_H
#define DIMC_MARKDOWN_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

/* What stands below the line "## NAME", down to the next such line. false where there is none. */
bool markdown_section(const char *text, size_t size, const char *name, const char **ret, size_t *ret_size);

/* Appends it without its comments. */
void markdown_add(struct buf *buf, const char *text, size_t size);

/*
 * Appends it as people read it: paragraphs in lines of at most `width` columns; fenced texts as they are, indented,
 * below the name that their fence gives them. Without color, `code` that is more than a word is put into quotes.
 */
void markdown_render(struct buf *buf, const char *text, size_t size, size_t width, bool color);

#endif
