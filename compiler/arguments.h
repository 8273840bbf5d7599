/*
 * arguments.h: what the names of arguments stand for, those of options and those of a synopsis.
 * In: a name as the help shows it: VOLUME, D01,D05, page|packed; a synopsis.
 * Out: what may be typed in its place, for completion; the operands of a command.
 */
#ifndef DIMC_ARGUMENTS_H
#define DIMC_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

enum argument_kind {
	ARGUMENT_UNKNOWN, /* a name that has no row in arguments.c; a test refuses it */
	ARGUMENT_FREE,	  /* a number, a name: only its author knows */
	ARGUMENT_CHOICE,  /* one of the words that the name lists: page|packed */
	ARGUMENT_FILE,	  /* a file or a directory */
	ARGUMENT_DIRECTORY,
	ARGUMENT_DIMENSION,  /* D01 */
	ARGUMENT_DIMENSIONS, /* several, with commas */
	ARGUMENT_LAYER,	     /* D01/3 */
	ARGUMENT_KEYWORD,
	ARGUMENT_CHECK,	  /* of checks.h */
	ARGUMENT_WARNING, /* of -W: CHECK, no-CHECK, error, error=CHECK, no-error=CHECK, all */
};

enum argument_kind argument_kind(const char *name, size_t size);

/* Whether it names what has dimensions: a volume, a part of one, or sources. */
bool argument_has_dimensions(const char *name, size_t size);

struct operand {
	const char *name; /* inside of the synopsis, `size` bytes */
	size_t size;
	bool is_optional, repeats;
};

/*
 * The next operand of "[PATH] WORD... [-f LOW..HIGH]", from *at on, which begins at the synopsis; options, and what
 * they take, are passed over. false: there is no other, in the first form of the command at least, up to "; ".
 */
bool argument_next_operand(const char **at, struct operand *ret);

#endif
