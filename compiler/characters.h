/*
 * characters.h: which bytes a source may consist of.
 * In: the bytes of a file.
 * Out: whether all of them are UTF-8 and characters that YAML allows; else where the first is that is not, and why.
 */
#ifndef DIMC_CHARACTERS_H
#define DIMC_CHARACTERS_H

#include <stdbool.h>
#include <stddef.h>

#include "checks.h"

/*
 * A quick look: whether all of them are allowed, and lines end with LF alone. false where that is not sure: there is a
 * CR, NEL, LS, PS or U+FEFF, or something that characters_are_allowed may refuse.
 */
bool characters_are_common(const char *bytes, size_t size);

/* On failure: the offset, the check that failed, a text and a constant way out. */
bool characters_are_allowed(const char *bytes, size_t size, size_t *ret_offset, enum check *ret_check,
			    char ret_text[80], const char **ret_help);

#endif
