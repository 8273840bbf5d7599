/*
 * wording.h: what libyaml says of a syntax error, in the words of somebody who writes layers.
 * In: libyaml's constant texts.
 * Out: a better text, and the way out. A text that is not known comes back as it is.
 */
#ifndef DIMC_WORDING_H
#define DIMC_WORDING_H

/* Problems that the source tells more about (syntax.c). */
#define WORDING_COLON "mapping values are not allowed in this context"
#define WORDING_KEY "did not find expected key"
#define WORDING_DOCUMENT "did not find expected <document start>"

/* `theirs` and `context` may be NULL; *ret_help may become NULL. All texts are constants. */
const char *wording_of_problem(const char *theirs, const char *context, const char **ret_help);

/*
 * What to say at the place where the context begins, in an earlier line, because the mistake is there; *ret_end of the
 * later place, or NULL. NULL where the problem's place is the mistake's.
 */
const char *wording_of_beginning(const char *theirs, const char **ret_end);

/* What stands at the place where libyaml's context begins. */
const char *wording_of_context(const char *theirs);

#endif
