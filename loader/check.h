/*
 * check.h: what the rooms of dim_region_check share.
 * In: internal.h.
 * Out: struct dim_check, the proof of text (check_text.c) and of the keyword hash (check_hash.c).
 */
#ifndef DIM_CHECK_H
#define DIM_CHECK_H

#include "internal.h"

/* How far the proof of the postings has come with one keyword. */
struct dim_tally {
	uint32_t next; /* the posting that has to name the next layer with this keyword */
	uint32_t last; /* position + 1 of the last layer with this keyword */
};

struct dim_check {
	const struct dim_region *region;
	struct dim_error *err;
	uint64_t strings;	   /* bytes of the strings that earlier records have taken */
	uint64_t keywords;	   /* layer keywords, or postings, taken likewise */
	bool strings_are_text;	   /* all of them in one piece: then each is, if it ends where a character does */
	uint32_t *hashes;	   /* one for each keyword: of its text */
	struct dim_tally *tallies; /* likewise */
};

/* Bytes [at, at + size) of the region are wrong. Returns DIM_ERR_DAMAGED. */
enum dim_status dim_check_damaged(const struct dim_check *w, uint32_t layer_id, const void *at, uint64_t size,
				  const char *what);

/* UTF-8 as in RFC 3629, without NUL. */
bool dim_check_text(const uint8_t *bytes, size_t size);

/* The keyword hash is the one that inserting the keywords in their order gives. check->hashes are theirs. */
enum dim_status dim_check_hash(const struct dim_check *check);

#endif
