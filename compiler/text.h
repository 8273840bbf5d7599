/*
 * text.h: small conversions between what people read and what programs hold.
 * In: names, numbers, times.
 * Out: the same in the other form.
 */
#ifndef DIMC_TEXT_H
#define DIMC_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

/* How many single-character insertions, deletions, replacements or swaps of neighbours turn `a` into `b` (bytes). */
size_t text_distance(const char *a, size_t a_size, const char *b, size_t b_size);

/*
 * The one of `names` (`count` of them) that somebody who typed word[0, size) most likely meant, or NULL.
 */
const char *text_did_you_mean(const char *word, size_t size, const char *const *names, size_t count);

/* "640 B", "4.0 KiB", "10.2 MiB": at most 15 characters. */
const char *text_size(uint64_t bytes, char ret[16]);

/* "12 layers", "1 layer": the number and the noun, with an s unless it is one. */
const char *text_count(uint64_t count, const char *noun, char ret[48]);

/*
 * The shortest decimal that reads back as exactly this double, with a decimal point: 2.0, 0.1, 1.0e-7. Finite values
 * only.
 */
const char *text_double(double value, char ret[40]);

/* Seconds since 1970 as YYYY-MM-DDTHH:MM:SSZ. For the years 0000 to 9999; others are clamped. */
const char *text_time(int64_t seconds, char ret[24]);

/* The reverse; also of a date alone, which means its midnight in UTC. false for anything else, 30 February included. */
bool text_parse_time(const char *text, size_t size, int64_t *ret_seconds);

/* Whether a name ends with `suffix`, and has something before it. */
bool text_ends_with(const char *name, const char *suffix);

/* Whether a file of this name is a source: it ends with .yaml or .yml, and is not hidden by a dot. */
bool text_is_source(const char *name);

/* Whether a name ends with .yaml or .yml, in any case, or with .txt behind that, and has something before it. */
bool text_looks_like_yaml(const char *name);

/* The size of a path without slashes at its end: `sources/` is `sources` in messages. */
size_t text_path_size(const char *path);

/* A whole decimal number, digits only, of at most `max`; false for anything else. */
bool text_parse_number(const char *text, uint64_t max, uint64_t *ret);

/* Whether a terminal may see the character: no control, no line separator, none that turns the direction of writing. */
bool text_is_printable(uint32_t code_point);

/* A space or mark without width, or an invisible copy of ASCII: text can be hidden in it from readers. */
bool text_is_invisible(uint32_t code_point);

/* Text for a terminal or a log line: what is not printable, and bytes that are not UTF-8, are shown as ? */
void text_add_printable(struct buf *buf, const char *text, size_t size);

/*
 * The same, but for those who compare: tabs stay, and what is not printable, or takes no room on a screen and joins
 * nothing, is told apart: ^[ for ESC, <U+202E>, <U+200B>, <FF> for a byte that is not UTF-8.
 */
void text_add_visible(struct buf *buf, const char *text, size_t size);

/*
 * Prose in lines of at most `width` characters (ASCII): what follows begins at `column` of the present line, further
 * lines at `indent`. Line breaks of the text are spaces, but for empty lines and before a line that begins with a
 * space, which stays as it is; a word that begins with [ goes on to its ]. Ends without a newline.
 */
void text_add_wrapped(struct buf *buf, const char *text, size_t column, size_t indent, size_t width);

/* Of text_add_printable, at most `max` characters; "..." where there are more. */
void text_add_cut(struct buf *buf, const char *text, size_t size, size_t max);

/* A path as a word of a shell's command line: in quotes where it needs them, and never an option. */
void text_add_word(struct buf *buf, const char *word);

#endif
