/*
 * against.h: whether bytes that were proved are what sources give.
 * In: a path with its proof, a path of sources.
 * Out: yes; or what differs, from the bytes to the sources. Times that nobody authored are never compared.
 */
#ifndef DIMC_AGAINST_H
#define DIMC_AGAINST_H

#include "compare.h"
#include "diff_text.h"
#include "json.h"
#include "prove.h"

struct against {
	bool is_done; /* false: the rest is empty */
	struct side published, sources;
	struct comparison comparison;
};

/*
 * Compares. A dimension's directory or a region is compared with its own dimension of the sources. What could not be
 * compared is reported, and so is, with status 4, that something differs. Free with against_free in any case.
 */
void against_compare(const char *path, const char *sources, const struct proof *proof,
		     const struct side_options *options, struct diag *diag, struct against *ret);
void against_free(struct against *against);

/* Prints the list of what differs; nothing where all is the same or nothing was compared. */
void against_print(const struct against *against, const struct diff_text_options *options);

/* Appends to a line about the proof that all is the same, where it is. */
void against_add(struct buf *buf, const struct against *against, const struct proof *proof, bool is_quick);

/* Adds the member "against" to an object; null where nothing was compared. */
void against_json(struct json *json, const struct against *against);

#endif
