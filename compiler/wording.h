/*
 * wording.h: what libyaml says of a syntax error, in the words of somebody who writes layers.
 * In: libyaml's constant texts.
 * Out: a better text, and the way out. A text that is not known comes back as it is.
 */
#ifndef DIMC_WORDING_H
#define DIMC_WORDING_H

/* `theirs` and `context` may be NULL; *ret_help may become NULL. All texts are constants. */
const char *wording_of_problem(const char *theirs, const char *context, const char **ret_help);

/* What stands at the place where libyaml's context begins. */
const char *wording_of_context(const char *theirs);

#endif
