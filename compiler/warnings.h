/*
 * warnings.h: -W options: how loud each check is.
 * In: what was typed behind -W, in its order.
 * Out: a level for each check; or a reported error of usage.
 */
#ifndef DIMC_WARNINGS_H
#define DIMC_WARNINGS_H

#include <stdio.h>

#include "options.h"

/*
 * NAME and no-NAME turn a check on and off, `all` and `no-all` every one that can be; error=NAME makes it an error,
 * no-error=NAME a warning; `error` makes all that are warnings errors, but for those that no-error=NAME names. Later
 * ones go before earlier ones, but `error` holds wherever it stands. false, reported with status 2.
 */
bool warnings_parse(const struct option_list *typed, struct diag *diag, enum check_level ret[CHECK_COUNT]);

/* "off", "warning", "error", or "always" for an error that nothing turns off. */
const char *warnings_level_name(enum check_level level);

/* What --list-checks prints: a line for each check with its name, its level and what it is about. */
void warnings_print(const enum check_level levels[CHECK_COUNT], FILE *stream);

#endif
