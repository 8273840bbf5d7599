/*
 * complete.c: what may come next on an unfinished command line.
 * In: the words of the line so far, and the one that is being typed.
 * Out: candidates, for the scripts of the shells in compiler/completion/.
 */
#include "complete.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "candidates.h"
#include "mem.h"

/* The line up to the unfinished word. */
struct line {
	const struct command_list *commands;
	const struct command *command;	 /* NULL: none yet */
	struct option_target targets[2]; /* every command's options, and this one's */
	size_t target_count;		 /* 1 without a command */
	const struct option *pending;	 /* the unfinished word is its value */
	const struct option **seen;
	size_t seen_count;
	const char **operands;
	size_t operand_count;
	bool is_help, only_operands;
	const char *directory, *volume; /* of -C; of an option that takes a volume, or sources */
};

static void take_value(struct line *l, const struct option *o, const char *value)
{
	assert(o->argument != NULL); /* else there is no value */
	if (argument_has_dimensions(o->argument, strlen(o->argument)))
		l->volume = value;
	else if (o == l->commands->directory)
		l->directory = value;
}

static void take_operand(struct line *l, const char *word)
{
	size_t i;

	if (l->command != NULL) {
		l->operands[l->operand_count++] = word;
		return;
	}
	if (strcmp(word, "help") == 0)
		l->is_help = true;
	for (i = 0; i < l->commands->count; i++) {
		if (strcmp(l->commands->commands[i]->name, word) == 0) {
			l->command = l->commands->commands[i];
			l->targets[1].options = l->command->options;
			l->target_count = 2;
		}
	}
}

static void take_word(struct line *l, const char *word)
{
	const struct option *o;
	const char *value;

	if (l->pending != NULL) {
		take_value(l, l->pending, word);
		l->pending = NULL;
	} else if (l->only_operands || word[0] != '-' || word[1] == '\0') {
		take_operand(l, word);
	} else if (strcmp(word, "--") == 0) {
		l->only_operands = true;
	} else if ((o = options_recognize(l->targets, l->target_count, word, &value)) != NULL) {
		l->seen[l->seen_count++] = o;
		if (o->argument != NULL && value == NULL)
			l->pending = o;
		else if (value != NULL)
			take_value(l, o, value);
	}
}

/* --- values --- */

/* What the dimensions and layers are those of: an operand that holds some, else the volume. */
static const char *path_of(const struct line *l, const struct settings *settings)
{
	const char *at;
	struct operand operand;
	size_t i;

	assert(l->command != NULL); /* what stands before it is not looked for in a volume */
	at = l->command->synopsis;
	for (i = 0; i < l->operand_count && argument_next_operand(&at, &operand); i++)
		if (argument_has_dimensions(operand.name, operand.size) && access(l->operands[i], F_OK) == 0)
			return l->operands[i];
	return l->volume != NULL ? l->volume : settings->base_path;
}

static void add_choices(struct buf *buf, const char *typed, const char *names, size_t size)
{
	const char *at = names, *end = names + size;

	while (at < end) {
		const char *bar = memchr(at, '|', (size_t)(end - at));
		size_t length = (size_t)((bar != NULL ? bar : end) - at);

		candidates_add(buf, typed, at, length, "", 0);
		at += length + 1;
	}
}

/* Takes a dimension's line away where the list that was typed has it. */
static void add_unlisted(struct buf *buf, const char *lines, const char *list, size_t list_size)
{
	for (; lines != NULL && *lines != '\0'; lines = strchr(lines, '\n') + 1) {
		size_t word = strcspn(lines, "\t"), i;

		for (i = 0; i + word < list_size; i++)
			if ((i == 0 || list[i - 1] == ',') && memcmp(list + i, lines, word) == 0 &&
			    list[i + word] == ',')
				break;
		if (i + word >= list_size)
			buf_add(buf, lines, strcspn(lines, "\n") + 1);
	}
}

/* What may stand before the name of a check behind -W. */
static size_t warning_prefix(const char *typed)
{
	static const char *const prefixes[] = {"no-error=", "error=", "no-"};
	size_t i;

	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strncmp(typed, prefixes[i], strlen(prefixes[i])) == 0)
			return strlen(prefixes[i]);
	return 0;
}

/*
 * Candidates for an argument of this name, of which `typed` is there. Returns what the first line of the answer says,
 * and in *ret_kept how much of `typed` stays as it is.
 */
static const char *add_values(const struct line *l, struct buf *buf, const char *name, size_t size, const char *typed,
			      size_t *ret_kept)
{
	enum argument_kind kind = argument_kind(name, size);
	struct diag *diag = diag_new(); /* nobody sees it */
	struct settings settings;
	struct buf all = {0};
	const char *comma;

	*ret_kept = 0;
	settings_load(diag, &settings);
	switch (kind) {
	case ARGUMENT_CHOICE:
		add_choices(buf, typed, name, size);
		break;
	case ARGUMENT_DIMENSIONS:
		comma = strrchr(typed, ',');
		*ret_kept = comma != NULL ? (size_t)(comma + 1 - typed) : 0;
		candidates_find(&all, kind, typed + *ret_kept, path_of(l, &settings), &settings);
		add_unlisted(buf, all.bytes, typed, *ret_kept);
		break;
	case ARGUMENT_WARNING:
		*ret_kept = warning_prefix(typed);
		candidates_find(buf, ARGUMENT_CHECK, typed + *ret_kept, "", &settings);
		if (*ret_kept == 0)
			add_choices(buf, typed, "all|error", strlen("all|error"));
		break;
	case ARGUMENT_DIMENSION:
	case ARGUMENT_LAYER:
	case ARGUMENT_KEYWORD:
	case ARGUMENT_CHECK:
		candidates_find(buf, kind, typed, path_of(l, &settings), &settings);
		break;
	default:
		break;
	}
	buf_free(&all);
	settings_free(&settings);
	diag_free(diag);
	return kind == ARGUMENT_FILE ? "files" : kind == ARGUMENT_DIRECTORY ? "directories" : "words";
}

/* Of all operands that may stand here: [PATH] WORD... has two that may come first. */
static const char *add_operands(const struct line *l, struct buf *buf, const char *typed)
{
	const char *at = l->command->synopsis, *answer = "words", *one;
	size_t index, least = 0, kept;
	bool repeats = false;
	struct operand operand;

	for (index = 0; argument_next_operand(&at, &operand); index++) {
		repeats = repeats || operand.repeats;
		if (least <= l->operand_count && (l->operand_count <= index || repeats)) {
			one = add_values(l, buf, operand.name, operand.size, typed, &kept);
			if (strcmp(answer, "words") == 0)
				answer = one;
		}
		least += !operand.is_optional;
	}
	return answer;
}

/* --- commands and options --- */

static void add_commands(const struct line *l, struct buf *buf, const char *typed)
{
	static const char about_help[] = "show a command's help";
	size_t i;

	for (i = 0; i < l->commands->count; i++)
		candidates_add(buf, typed, l->commands->commands[i]->name, strlen(l->commands->commands[i]->name),
			       l->commands->commands[i]->summary, strlen(l->commands->commands[i]->summary));
	if (!l->is_help)
		candidates_add(buf, typed, "help", strlen("help"), about_help, strlen(about_help));
}

/* Options but those that were given already. */
static void add_options(const struct line *l, struct buf *buf, const char *typed)
{
	const struct option *o;
	size_t i, k;

	for (i = l->target_count; i-- > 0;) {
		for (o = l->targets[i].options; o->name != NULL; o++) {
			char word[64];

			for (k = 0; k < l->seen_count && (l->seen[k] != o || o->kind == OPTION_LIST); k++)
				;
			if (k < l->seen_count)
				continue;
			if (o->letter != 0 && o->letter != OPTION_ONE_DASH) {
				snprintf(word, sizeof(word), "-%c", o->letter);
				candidates_add(buf, typed, word, strlen(word), o->help, strlen(o->help));
			}
			snprintf(word, sizeof(word), "-%s%s", o->letter == OPTION_ONE_DASH ? "" : "-", o->name);
			candidates_add(buf, typed, word, strlen(word), o->help, strlen(o->help));
		}
	}
}

void complete_line(const struct command_list *commands, const char *const *words, size_t count, struct buf *ret)
{
	const char *typed = count > 0 ? words[count - 1] : "", *value, *answer = "words";
	struct line l = {.commands = commands, .targets = {{commands->options, NULL}}, .target_count = 1};
	const struct option *o = NULL;
	struct buf lines = {0};
	size_t i, kept = 0;

	l.seen = mem_zalloc(count + 1, sizeof(*l.seen));
	l.operands = mem_zalloc(count + 1, sizeof(*l.operands));
	for (i = 0; i + 1 < count; i++)
		take_word(&l, words[i]);
	if (l.directory != NULL && chdir(l.directory) != 0)
		goto out;
	value = typed;
	if (l.pending == NULL && !l.only_operands && typed[0] == '-')
		o = options_recognize(l.targets, l.target_count, typed, &value);
	if (l.pending != NULL || (o != NULL && o->argument != NULL && value != NULL)) {
		o = l.pending != NULL ? l.pending : o;
		answer = add_values(&l, &lines, o->argument, strlen(o->argument), value, &kept);
		kept += (size_t)(value - typed);
	} else if (!l.only_operands && typed[0] == '-') {
		add_options(&l, &lines, typed);
	} else if (l.command == NULL) {
		add_commands(&l, &lines, typed);
	} else {
		answer = add_operands(&l, &lines, typed);
	}
out:
	buf_printf(ret, "%s %.*s\n", answer, (int)kept, typed);
	buf_add(ret, lines.bytes, lines.size);
	buf_free(&lines);
	free(l.seen);
	free(l.operands);
}
