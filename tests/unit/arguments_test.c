/*
 * arguments_test.c: the names of arguments, and operands in a synopsis.
 * In: the program, whose tables it asks for. Out: an assertion that fails, or an argument that has no kind.
 */
#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "../../compiler/arguments.h"

static void test_operands(void)
{
	const char *at = "[PATH] WORD... A -o FILE [--any] [-f LOW..HIGH] [-n [--older=DAYS]] [-U N] [B] [OPTIONS] [-q "
			 "| -v]; --other C";
	static const char *const names[] = {"PATH", "WORD", "A", "B"};
	struct operand o;
	size_t i;

	for (i = 0; argument_next_operand(&at, &o); i++) {
		assert(i < 4 && o.size == strlen(names[i]) && memcmp(o.name, names[i], o.size) == 0);
		assert(o.is_optional == (i == 0 || i == 3));
		assert(o.repeats == (i == 1));
	}
	assert(i == 4);
}

/* Each argument of an option, and each operand, is one that completion knows. */
static int check_tables(FILE *tables)
{
	char line[8192], none[] = "";
	int bad = 0;
	size_t i;

	while (fgets(line, sizeof(line), tables) != NULL) {
		char *field[6] = {line, none, none, none, none, none}, *tab = line;
		struct operand o;
		const char *at;

		for (i = 1; i < 6 && (tab = strchr(tab, '\t')) != NULL; i++) {
			*tab++ = '\0';
			field[i] = tab;
		}
		if (strcmp(field[0], "option") == 0) {
			if (*field[4] != '\0' && argument_kind(field[4], strlen(field[4])) == ARGUMENT_UNKNOWN)
				bad += printf("compiler/arguments.c has no row for %s, of %s %s\n", field[4], field[1],
					      field[3]);
			continue;
		}
		for (at = field[2]; argument_next_operand(&at, &o);)
			if (argument_kind(o.name, o.size) == ARGUMENT_UNKNOWN)
				bad += printf("compiler/arguments.c has no row for %.*s, of %s\n", (int)o.size, o.name,
					      field[1]);
	}
	return bad;
}

int main(int argc, char **argv)
{
	char command[4096];
	FILE *tables;
	int bad;

	assert(argc == 2);
	test_operands();
	snprintf(command, sizeof(command), "'%s' completion tables", argv[1]);
	tables = popen(command, "r");
	assert(tables != NULL);
	bad = check_tables(tables);
	assert(pclose(tables) == 0);
	return bad != 0;
}
