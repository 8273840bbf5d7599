/*
 * page_data.h: what the drawings and the search of a report are made of.
 * In: the facts of regions; how much of their texts to take along.
 * Out: one JSON document.
 */
#ifndef DIMC_PAGE_DATA_H
#define DIMC_PAGE_DATA_H

#include "buf.h"
#include "page_facts.h"

enum page_text { PAGE_TEXT_AUTO, PAGE_TEXT_FULL, PAGE_TEXT_EXCERPT, PAGE_TEXT_NONE };

enum {
	PAGE_AUTO_LIMIT = 8 << 20, /* bytes of content up to which PAGE_TEXT_AUTO is all of it */
	PAGE_EXCERPT = 400,	   /* bytes of each content that are an excerpt */
	PAGE_BINARY_EXCERPT = 256, /* of one that is no text: more is of no use to a reader */
};

/* auto, full, excerpt or none; false for anything else. */
bool page_text_parse(const char *word, enum page_text *ret);

/* What PAGE_TEXT_AUTO means for these facts; the others mean themselves. */
enum page_text page_text_decide(enum page_text wanted, const struct page_facts *facts);

/* Appends the document, as compiler/page/data.js reads it. false where a record is damaged. */
bool page_data_write(const struct page_facts *facts, enum page_text text, struct buf *buf);

#endif
