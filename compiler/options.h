/*
 * options.h: tables of options, from which the command line is read and the help is written.
 * In: a table, the arguments.
 * Out: a filled struct and the operands; or a reported error of usage.
 */
#ifndef DIMC_OPTIONS_H
#define DIMC_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "diag.h"

enum option_kind {
	OPTION_TRUE,   /* bool, set to true */
	OPTION_FALSE,  /* bool, set to false */
	OPTION_TEXT,   /* const char * */
	OPTION_NUMBER, /* uint64_t, from `min` to `max` */
	OPTION_LIST,   /* struct option_list: every value that is given */
};

/* What stands for the letter of an option whose whole name follows one dash, as in -MF FILE. */
#define OPTION_ONE_DASH '-'

/* The values of an OPTION_LIST in the order in which they were given; freed by options_free. */
struct option_list {
	const char **values;
	size_t count, capacity;
};

struct option {
	const char *name; /* long name without --; NULL ends a table */
	char letter;	  /* short name, 0: none; or OPTION_ONE_DASH */
	enum option_kind kind;
	size_t offset;	      /* of the field in the target */
	const char *argument; /* name of the argument, for the help; NULL where the kind takes none */
	const char *help;
	uint64_t min, max; /* of OPTION_NUMBER */
};

/* A table and the struct that it fills. */
struct option_target {
	const struct option *options;
	void *target;
};

/*
 * Reads arguments into the targets; options may stand before, between and after operands, until `--`. *ret_operands
 * gets `argc` entries of memory at most, the caller's to free. `stop_at_operand`: returns before the first operand;
 * *ret_used is how many arguments were read. false, reported with status 2.
 */
bool options_parse(const struct option_target *targets, size_t target_count, int argc, char *const *argv,
		   bool stop_at_operand, int *ret_used, const char ***ret_operands, size_t *ret_operand_count,
		   struct diag *diag);

/*
 * The option that an argument with a dash in front names (of -nq, q), for who reads an unfinished line; NULL: none.
 * *ret_value is the value in the same argument, NULL where there is none.
 */
const struct option *options_recognize(const struct option_target *targets, size_t target_count, const char *argument,
				       const char **ret_value);

/* Frees what lists of a target hold. */
void options_free(const struct option *options, void *target);

/* Prints a table as the lines of a help text, at most 79 characters each. */
void options_print(const struct option *options, FILE *stream);

#endif
