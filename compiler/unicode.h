/*
 * unicode.h: the forms of Unicode text (UAX 15) and its case folding; the only room that knows utf8proc.
 * In: UTF-8.
 * Out: texts that are equal where people see no difference.
 */
#ifndef DIMC_UNICODE_H
#define DIMC_UNICODE_H

#include <stdbool.h>

#include "mem.h"
#include "model.h"

/* The text in Normalization Form C; as it is where it has that form already, or is not UTF-8. Lives in the arena. */
struct text unicode_compose(struct text text, struct arena *arena);

/* The same, in lower case as far as comparing goes: "STRASSE" and "Strasse" give one text. */
struct text unicode_fold(struct text text, struct arena *arena);

/* What forms there are among the letters of a text that have two. */
struct unicode_forms {
	bool composed;	 /* one code point */
	bool decomposed; /* a letter, and its accents behind it */
};

/* Adds those of a text to *forms. */
void unicode_find_forms(struct text text, struct unicode_forms *forms);

/* Whether a code point is a decimal digit; a letter, digit or mark of any script. */
bool unicode_is_digit(uint32_t code_point);
bool unicode_is_word(uint32_t code_point);

/* Whether a text begins and ends with quotes as word processors make them. */
bool unicode_is_in_quotes(struct text text);

#endif
