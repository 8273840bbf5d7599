/*
 * page_summary.h: the part of a report that needs no script: a headline, a sentence, a table of the dimensions.
 * In: the facts of regions.
 * Out: HTML.
 */
#ifndef DIMC_PAGE_SUMMARY_H
#define DIMC_PAGE_SUMMARY_H

#include "buf.h"
#include "page_facts.h"

/* "125 layers in 14 dimensions" */
void page_summary_headline(const struct page_facts *facts, struct buf *buf);

/* What takes the room, in words. */
void page_summary_sentence(const struct page_facts *facts, struct buf *buf);

/* The rows of the table, one for each dimension; the row of their sums. */
void page_summary_rows(const struct page_facts *facts, struct buf *buf);
void page_summary_sums(const struct page_facts *facts, struct buf *buf);

#endif
