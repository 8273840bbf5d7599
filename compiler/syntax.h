/*
 * syntax.h: tells what is wrong with a file that is not YAML.
 * In: libyaml's texts and places, and the source.
 * Out: a reported problem, where it can be with an edit that mends it.
 */
#ifndef DIMC_SYNTAX_H
#define DIMC_SYNTAX_H

#include "diag.h"
#include "model.h"

/* `problem` and `context` are libyaml's constants, either may be NULL; `source` is the whole file. */
void syntax_report(struct diag *diag, const char *problem, struct place at, const char *context,
		   struct place context_at, struct text source);

/*
 * Reports `title:Joy` at `key`, where `source` begins: YAML takes it for a text, or for a key whose colon is still to
 * come. false where no key of ours stands there without a space.
 */
bool syntax_report_missing_space(struct diag *diag, struct place key, struct text source);

#endif
