/*
 * checks.c: what each check is called, is about, and how loud it is by itself.
 * In: the table of checks.h.
 * Out: its columns.
 */
#include "checks.h"

static const struct {
	const char *name;
	enum check_level level;
	const char *about;
} checks[] = {
#define CHECK_ROW(id, name, level, about) {name, level, about},
	CHECKS(CHECK_ROW)
#undef CHECK_ROW
};

const char *check_name(enum check check)
{
	return checks[check].name;
}

const char *check_about(enum check check)
{
	return checks[check].about;
}

enum check_level check_default_level(enum check check)
{
	return checks[check].level;
}
