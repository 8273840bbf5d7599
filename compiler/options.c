/*
 * options.c: tables of options, from which the command line is read and the help is written.
 * In: a table, the arguments.
 * Out: a filled struct and the operands; or a reported error of usage.
 */
#include "options.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "text.h"

struct reading {
	const struct option_target *targets;
	size_t target_count;
	struct diag *diag;
};

/* The option with this long name (`size` bytes) or letter, and its target. */
static const struct option *find(const struct reading *r, const char *name, size_t size, char letter, void **ret_target)
{
	const struct option *o;
	size_t i;

	for (i = 0; i < r->target_count; i++) {
		for (o = r->targets[i].options; o->name != NULL; o++) {
			if (letter != 0 ? o->letter == letter
					: o->letter != OPTION_ONE_DASH && strlen(o->name) == size &&
						  memcmp(o->name, name, size) == 0) {
				*ret_target = r->targets[i].target;
				return o;
			}
		}
	}
	return NULL;
}

static void report_unknown(const struct reading *r, const char *argument)
{
	const char *names[64], *meant;
	size_t count = 0, i;
	const struct option *o;

	for (i = 0; i < r->target_count; i++)
		for (o = r->targets[i].options; o->name != NULL && count < 64; o++)
			names[count++] = o->name;
	diag_fail(r->diag, EXIT_USAGE, "there is no option %s", argument);
	meant = strncmp(argument, "--", 2) != 0
			? NULL
			: text_did_you_mean(argument + 2, strcspn(argument + 2, "="), names, count);
	if (meant != NULL)
		diag_help(r->diag, "did you mean --%s?", meant);
}

static bool set(const struct reading *r, const struct option *o, void *target, const char *shown, const char *value)
{
	char *field = (char *)target + o->offset;

	switch (o->kind) {
	case OPTION_TRUE:
	case OPTION_FALSE:
		*(bool *)(void *)field = o->kind == OPTION_TRUE;
		return true;
	case OPTION_TEXT:
		*(const char **)(void *)field = value;
		return true;
	case OPTION_LIST: {
		struct option_list *list = (struct option_list *)(void *)field;

		list->values = mem_reserve(list->values, list->count, &list->capacity, sizeof(*list->values));
		list->values[list->count++] = value;
		return true;
	}
	case OPTION_NUMBER:
		if (text_parse_number(value, o->max, (uint64_t *)(void *)field) && *(uint64_t *)(void *)field >= o->min)
			return true;
		diag_fail(r->diag, EXIT_USAGE, "%s takes a whole number from %llu to %llu, not \"%s\"", shown,
			  (unsigned long long)o->min, (unsigned long long)o->max, value);
		return false;
	}
	return false;
}

/* --name, --name=value, --name value. Returns how many arguments it took, 0 where something was reported. */
static int read_long(const struct reading *r, int argc, char *const *argv)
{
	const char *name = argv[0] + 2, *value = NULL;
	size_t size = strcspn(name, "=");
	void *target;
	const struct option *o = find(r, name, size, 0, &target);
	char shown[64];

	if (o == NULL) {
		report_unknown(r, argv[0]);
		return 0;
	}
	snprintf(shown, sizeof(shown), "--%s", o->name);
	if (name[size] == '=')
		value = name + size + 1;
	if (o->argument == NULL && value != NULL) {
		diag_fail(r->diag, EXIT_USAGE, "%s takes no value", shown);
		return 0;
	}
	if (o->argument == NULL || value != NULL)
		return set(r, o, target, shown, value) ? 1 : 0;
	if (argc < 2) {
		diag_fail(r->diag, EXIT_USAGE, "%s needs a value: %s", shown, o->argument);
		return 0;
	}
	return set(r, o, target, shown, argv[1]) ? 2 : 0;
}

/* -MD, -MF value, -MFvalue: the option of one dash with the longest name that `argument` begins with. */
static const struct option *find_one_dash(const struct reading *r, const char *argument, void **ret_target)
{
	const struct option *o, *best = NULL;
	size_t i, size;

	for (i = 0; i < r->target_count; i++) {
		for (o = r->targets[i].options; o->name != NULL; o++) {
			size = strlen(o->name);
			if (o->letter == OPTION_ONE_DASH && strncmp(argument, o->name, size) == 0 &&
			    (argument[size] == '\0' || o->argument != NULL) &&
			    (best == NULL || size > strlen(best->name))) {
				best = o;
				*ret_target = r->targets[i].target;
			}
		}
	}
	return best;
}

/* Such an option. Returns as read_long, -1 where the argument is none. */
static int read_one_dash(const struct reading *r, int argc, char *const *argv)
{
	const char *argument = argv[0] + 1, *value;
	void *target = NULL;
	const struct option *best = find_one_dash(r, argument, &target);
	char shown[64];

	if (best == NULL)
		return -1;
	snprintf(shown, sizeof(shown), "-%s", best->name);
	value = argument + strlen(best->name);
	if (best->argument == NULL || *value != '\0')
		return set(r, best, target, shown, value) ? 1 : 0;
	if (argc < 2) {
		diag_fail(r->diag, EXIT_USAGE, "%s needs a value: %s", shown, best->argument);
		return 0;
	}
	return set(r, best, target, shown, argv[1]) ? 2 : 0;
}

/* -x, -xyz, -xvalue, -x value. */
static int read_short(const struct reading *r, int argc, char *const *argv)
{
	const char *at;

	for (at = argv[0] + 1; *at != '\0'; at++) {
		void *target;
		const struct option *o = find(r, "", 0, *at, &target);
		char shown[3] = {'-', *at, '\0'};

		if (o == NULL) {
			report_unknown(r, shown);
			return 0;
		}
		if (o->argument == NULL) {
			if (!set(r, o, target, shown, NULL))
				return 0;
			continue;
		}
		if (at[1] != '\0')
			return set(r, o, target, shown, at + 1) ? 1 : 0;
		if (argc < 2) {
			diag_fail(r->diag, EXIT_USAGE, "%s needs a value: %s", shown, o->argument);
			return 0;
		}
		return set(r, o, target, shown, argv[1]) ? 2 : 0;
	}
	return 1;
}

bool options_parse(const struct option_target *targets, size_t target_count, int argc, char *const *argv,
		   bool stop_at_operand, int *ret_used, const char ***ret_operands, size_t *ret_operand_count,
		   struct diag *diag)
{
	struct reading r = {targets, target_count, diag};
	const char **operands = mem_zalloc((size_t)argc + 1, sizeof(*operands));
	size_t count = 0;
	int at = 0;
	bool only_operands = false, ok = true;

	while (at < argc && ok) {
		int taken = 1;

		if (only_operands || argv[at][0] != '-' || argv[at][1] == '\0') {
			if (stop_at_operand)
				break;
			operands[count++] = argv[at];
		} else if (strcmp(argv[at], "--") == 0) {
			only_operands = true;
		} else if (argv[at][1] == '-') {
			taken = read_long(&r, argc - at, argv + at);
		} else {
			taken = read_one_dash(&r, argc - at, argv + at);
			if (taken < 0)
				taken = read_short(&r, argc - at, argv + at);
		}
		ok = taken > 0;
		at += taken;
	}
	*ret_used = at;
	if (!ok) {
		free(operands);
		return false;
	}
	*ret_operands = operands;
	*ret_operand_count = count;
	return true;
}

const struct option *options_recognize(const struct option_target *targets, size_t target_count, const char *argument,
				       const char **ret_value)
{
	struct reading r = {targets, target_count, NULL};
	const struct option *o;
	const char *at;
	void *target;

	*ret_value = NULL;
	if (argument[1] == '-') {
		size_t size = strcspn(argument + 2, "=");

		if (argument[2 + size] == '=')
			*ret_value = argument + 2 + size + 1;
		return find(&r, argument + 2, size, 0, &target);
	}
	o = find_one_dash(&r, argument + 1, &target);
	if (o != NULL) {
		at = argument + 1 + strlen(o->name);
	} else {
		for (at = argument + 1; *at != '\0'; at++) {
			o = find(&r, at, 0, *at, &target);
			if (o == NULL || o->argument != NULL || at[1] == '\0')
				break;
		}
		at += *at != '\0';
	}
	if (o != NULL && o->argument != NULL && *at != '\0')
		*ret_value = at;
	return o;
}

void options_free(const struct option *options, void *target)
{
	const struct option *o;

	for (o = options; o->name != NULL; o++)
		if (o->kind == OPTION_LIST)
			free(((struct option_list *)(void *)((char *)target + o->offset))->values);
}

void options_print(const struct option *options, FILE *stream)
{
	enum { column = 29, width = 79 };
	const struct option *o;
	struct buf buf = {0};

	for (o = options; o->name != NULL; o++) {
		const char *argument = o->argument != NULL ? o->argument : "";
		size_t start = buf.size, used;

		if (o->letter == OPTION_ONE_DASH)
			buf_printf(&buf, "  -%s%s%s", o->name, o->argument != NULL ? " " : "", argument);
		else
			buf_printf(&buf, "  %c%c%s--%s%s%s", o->letter != 0 ? '-' : ' ',
				   o->letter != 0 ? o->letter : ' ', o->letter != 0 ? ", " : "  ", o->name,
				   o->argument != NULL ? "=" : "", argument);
		used = buf.size - start;
		if (used >= column) { /* it has its line for itself */
			buf_puts(&buf, "\n");
			used = 0;
		}
		buf_fill(&buf, ' ', column - used);
		text_add_wrapped(&buf, o->help, column, column, width);
		buf_puts(&buf, "\n");
	}
	if (buf.size > 0)
		fwrite(buf.bytes, 1, buf.size, stream);
	buf_free(&buf);
}
