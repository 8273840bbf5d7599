/*
 * warnings.c: -W options: how loud each check is.
 * In: what was typed behind -W, in its order.
 * Out: a level for each check; or a reported error of usage.
 */
#include "warnings.h"

#include <string.h>

#include "text.h"

/* Takes `prefix` off the front of *word, where it stands there. */
static bool take(const char **word, const char *prefix)
{
	size_t size = strlen(prefix);

	if (strncmp(*word, prefix, size) != 0)
		return false;
	*word += size;
	return true;
}

/* The check of this name; CHECK_COUNT, reported, where there is none or where it is always an error. */
static enum check find(const char *name, const char *typed, struct diag *diag)
{
	const char *names[CHECK_COUNT], *meant;
	enum check check;
	size_t count = 0;

	for (check = 0; check < CHECK_COUNT; check++) {
		if (check_default_level(check) != LEVEL_ALWAYS)
			names[count++] = check_name(check);
		if (strcmp(check_name(check), name) != 0)
			continue;
		if (check_default_level(check) != LEVEL_ALWAYS)
			return check;
		diag_fail(diag, EXIT_USAGE, "-W%s: %s is always an error", typed, name);
		return CHECK_COUNT;
	}
	diag_fail(diag, EXIT_USAGE, "-W%s: there is no check \"%s\"", typed, name);
	meant = text_did_you_mean(name, strlen(name), names, count);
	if (meant != NULL)
		diag_help(diag, "did you mean \"%s\"?", meant);
	else
		diag_help(diag, "`dimc check --list-checks` lists them");
	return CHECK_COUNT;
}

struct loudness {
	enum check_level *levels;
	bool errors;		     /* what is a warning is an error, */
	bool is_spared[CHECK_COUNT]; /* but these */
};

/* What is on stays as loud as it is. */
static void turn_on(enum check check, bool on, enum check_level *level)
{
	if (!on)
		*level = LEVEL_OFF;
	else if (*level == LEVEL_OFF)
		*level = check_default_level(check) > LEVEL_WARNING ? check_default_level(check) : LEVEL_WARNING;
}

/* One -W. */
static void apply(const char *typed, struct loudness *l, struct diag *diag)
{
	const char *name = typed;
	bool no = take(&name, "no-"), error = take(&name, "error=");
	enum check check;

	if (strcmp(name, "error") == 0 && !error) {
		l->errors = !no;
	} else if (strcmp(name, "all") == 0 && !error) {
		for (check = 0; check < CHECK_COUNT; check++)
			if (l->levels[check] != LEVEL_ALWAYS)
				turn_on(check, !no, &l->levels[check]);
	} else if ((check = find(name, typed, diag)) != CHECK_COUNT) {
		if (error) {
			l->levels[check] = no ? LEVEL_WARNING : LEVEL_ERROR;
			l->is_spared[check] = no;
		} else {
			turn_on(check, !no, &l->levels[check]);
		}
	}
}

bool warnings_parse(const struct option_list *typed, struct diag *diag, enum check_level ret[CHECK_COUNT])
{
	size_t before = diag_errors(diag), i;
	struct loudness l = {.levels = ret};
	enum check check;

	for (check = 0; check < CHECK_COUNT; check++)
		ret[check] = check_default_level(check);
	for (i = 0; i < typed->count; i++)
		apply(typed->values[i], &l, diag);
	for (check = 0; check < CHECK_COUNT && l.errors; check++)
		if (ret[check] == LEVEL_WARNING && !l.is_spared[check])
			ret[check] = LEVEL_ERROR;
	return diag_errors(diag) == before;
}

const char *warnings_level_name(enum check_level level)
{
	static const char *const names[] = {
		[LEVEL_OFF] = "off", [LEVEL_WARNING] = "warning", [LEVEL_ERROR] = "error", [LEVEL_ALWAYS] = "always"};

	return names[level];
}

void warnings_print(const enum check_level levels[CHECK_COUNT], FILE *stream)
{
	enum check check;

	for (check = 0; check < CHECK_COUNT; check++)
		fprintf(stream, "%-23s %-8s %s\n", check_name(check), warnings_level_name(levels[check]),
			check_about(check));
}
