/*
 * refusal.h: how a bundle is refused.
 * In: the bundle, the member, the reason.
 * Out: one line, "BUNDLE: refused: member NAME: reason; nothing changed", with an exit status.
 */
#ifndef DIMC_REFUSAL_H
#define DIMC_REFUSAL_H

#include "diag.h"

struct refusal {
	struct diag *diag;
	const char *path;	 /* of the bundle */
	const char *consequence; /* ends the line: "; nothing changed", or "" */
	const char *prefix;	 /* NULL, or what comes before the names of members: data/mmap/consciousness/ */
};

/* `member` NULL: it is about the bundle as a whole. Always false, for callers to return. */
bool refuse(const struct refusal *refusal, enum exit_status status, const char *member, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* The system would not read or write `what`. Always false. */
bool refuse_system(const struct refusal *refusal, const char *what, const char *name, int number);

#endif
