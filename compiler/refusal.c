/*
 * refusal.c: how a bundle is refused.
 * In: the bundle, the member, the reason.
 * Out: one line, "BUNDLE: refused: member NAME: reason; nothing changed", with an exit status.
 */
#include "refusal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

enum { MAX_SHOWN_NAME = 200 };

bool refuse(const struct refusal *refusal, enum exit_status status, const char *member, const char *format, ...)
{
	struct buf name = {0};
	char text[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	if (member != NULL) {
		buf_puts(&name, "member ");
		if (refusal->prefix != NULL)
			text_add_cut(&name, refusal->prefix, strlen(refusal->prefix), MAX_SHOWN_NAME);
		text_add_cut(&name, member, strlen(member), MAX_SHOWN_NAME);
		buf_puts(&name, ": ");
	}
	diag_fail(refusal->diag, status, "%s: refused: %s%s%s", refusal->path, member != NULL ? name.bytes : "", text,
		  refusal->consequence);
	buf_free(&name);
	return false;
}

bool refuse_system(const struct refusal *refusal, const char *what, const char *name, int number)
{
	diag_fail(refusal->diag, EXIT_SYSTEM, "%s: cannot %s %s: %s%s", refusal->path, what, name, strerror(number),
		  refusal->consequence);
	if (number == ENOSPC || number == EDQUOT)
		diag_help(refusal->diag, "free some space and run it again");
	return false;
}
