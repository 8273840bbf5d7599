/*
 * page.h: a report as one page of HTML that asks nobody for anything.
 * In: the facts of regions; the files of compiler/page, which are in the program.
 * Out: the page, the same for the same regions.
 */
#ifndef DIMC_PAGE_H
#define DIMC_PAGE_H

#include "buf.h"
#include "page_data.h"

/* Appends the page. false where a record is damaged. */
bool page_write(const struct page_facts *facts, enum page_text text, struct buf *buf);

#endif
