/*
 * quick_value.c: one value of the common subset of YAML.
 * In: a line of a file, and where in it a value begins.
 * Out: its pieces; or false where it is not certain what libyaml would make of it.
 *
 * Every line end is a LF, and the last byte of the file is one: quick.c takes no other file.
 */
#include "quick_value.h"

#include <string.h>

#include "utf8.h"

enum { MAX_KEY = 512 /* bytes; libyaml takes 1024 characters, with the colon */ };

void quick_add(struct quick_line *l, enum yaml_kind kind, enum piece_form form, const char *end)
{
	struct piece piece = {.kind = kind, .form = form, .line = l->number};

	l->column += (uint32_t)utf8_length(l->counted, (size_t)(l->at - l->counted));
	l->counted = l->at;
	piece.column = l->column;
	piece.start = (size_t)(l->at - l->pieces->bytes);
	piece.end = (size_t)(end - l->pieces->bytes);
	pieces_add(l->pieces, piece);
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

/* What begins a plain text, and can mean nothing else. There is at least a LF behind it. */
static bool begins_plain(const char *at)
{
	return is_word(*at) || (*at != '\0' && strchr("_$()+./;<=^~\\", *at) != NULL) || (*at == '-' && is_word(at[1]));
}

bool quick_ends(struct quick_line *l)
{
	const char *before = l->at;

	while (*l->at == ' ')
		l->at++;
	if (l->at > before && *l->at == '#')
		l->at = l->end;
	return l->at == l->end;
}

const char *quick_find_colon(const struct quick_line *l)
{
	const char *at;

	if (!begins_plain(l->at))
		return NULL;
	for (at = l->at; at < l->end; at++) {
		if (*at == '\t' || (*at == '#' && at[-1] == ' '))
			return NULL;
		if (*at == ':' && (at[1] == ' ' || at[1] == '\n'))
			return at[-1] != ' ' && at - l->at <= MAX_KEY ? at : NULL;
	}
	return NULL;
}

/* A plain text on one line, but for a comment behind it. */
static bool read_plain(struct quick_line *l)
{
	const char *at;

	if (!begins_plain(l->at))
		return false;
	for (at = l->at; at < l->end; at++) {
		if (*at == '\t' || (*at == ':' && (at[1] == ' ' || at[1] == '\n')))
			return false;
		if (*at == '#' && at[-1] == ' ')
			break;
	}
	while (at[-1] == ' ')
		at--;
	quick_add(l, YAML_SCALAR, PIECE_PLAIN, at);
	l->at = at;
	return true;
}

/* A text in quotes on one line, without escapes; of 'it''s' the first part, and then nothing fits. */
static bool read_quoted(struct quick_line *l)
{
	const char quote = *l->at, *at = l->at + 1;

	while (at < l->end && *at != quote && (*at != '\\' || quote == '\''))
		at++;
	if (*at != quote)
		return false;
	quick_add(l, YAML_SCALAR, PIECE_QUOTED, at + 1);
	l->at = at + 1;
	return true;
}

/* A plain text between brackets or commas. */
static bool read_plain_in_list(struct quick_line *l)
{
	const char *at;

	if (!begins_plain(l->at) || (l->at == l->start && *l->at == '.')) /* "..." would end the document */
		return false;
	for (at = l->at; at < l->end && *at != ',' && *at != ']'; at++)
		if (strchr("\t[{}?", *at) != NULL || (*at == ':' && !is_word(at[1])) || (*at == '#' && at[-1] == ' '))
			return false;
	while (at[-1] == ' ')
		at--;
	quick_add(l, YAML_SCALAR, PIECE_PLAIN, at);
	l->at = at;
	return true;
}

/* Between brackets, lines are spaces. */
static void skip_spaces(struct quick_line *l)
{
	const char *end = l->pieces->bytes + l->pieces->size;

	while (*l->at == ' ' || (l->at == l->end && l->end + 1 < end)) {
		if (*l->at++ == ' ')
			continue;
		l->number++;
		l->start = l->counted = l->at;
		l->column = 1;
		l->end = memchr(l->at, '\n', (size_t)(end - l->at));
	}
}

/* A list of texts in brackets. */
static bool read_list(struct quick_line *l)
{
	bool is_first = true;

	quick_add(l, YAML_SEQUENCE, PIECE_PLAIN, l->at + 1);
	for (;; is_first = false) {
		l->at++; /* the bracket, or a comma */
		skip_spaces(l);
		if (is_first && *l->at == ']')
			break;
		if (!(*l->at == '"' || *l->at == '\'' ? read_quoted(l) : read_plain_in_list(l)))
			return false;
		skip_spaces(l);
		if (*l->at == ']')
			break;
		if (*l->at != ',')
			return false;
	}
	quick_add(l, YAML_SEQUENCE_END, PIECE_PLAIN, l->at + 1);
	l->at++;
	return true;
}

/*
 * A text behind "|" or ">", and "-" or "+". Its first line that is not empty decides on the indentation; the empty ones
 * before it must not have more blanks. Of folded lines none may begin with a blank: such are not folded.
 */
static bool read_block(struct quick_line *l, size_t parent)
{
	const char *end = l->pieces->bytes + l->pieces->size, *line = l->end + 1, *at = l->at + 1;
	bool is_folded = *l->at == '>';
	char chomping = (char)(*at == '-' || *at == '+' ? *at++ : ' ');
	size_t blanks = 0, indent, total = 0, kept = 0; /* bytes of text; up to the last line that is not empty */
	struct piece *piece;

	quick_add(l, YAML_SCALAR, is_folded ? PIECE_FOLDED : PIECE_LITERAL, at);
	piece = &l->pieces->list[l->pieces->count - 1];
	while (*at == ' ')
		at++;
	if (at != l->end)
		return false;
	for (; line < end; line = at + 1) {
		at = line + strspn(line, " ");
		if (*at != '\n')
			break;
		if ((size_t)(at - line) > blanks)
			blanks = (size_t)(at - line);
		total++;
		l->number++;
	}
	indent = (size_t)(at - line);
	if (line == end || indent <= parent || indent < blanks || indent > UINT32_MAX || *at == '\t')
		return false;
	while (line < end) {
		for (at = line; at < line + indent && *at == ' ';)
			at++;
		if (at < line + indent && *at != '\n')
			break;
		if (is_folded && (*at == ' ' || *at == '\t'))
			return false;
		if (is_folded && *at != '\n' && kept > 0 && kept < total)
			total--; /* the end of the line before the empty ones */
		line = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
		total += (size_t)(line - at);
		if (line > at + 1)
			kept = total;
		l->number++;
	}
	piece->indent = (uint32_t)indent;
	piece->size = chomping == '+' ? total : chomping == '-' ? kept - 1 : kept;
	piece->end = (size_t)(line - l->pieces->bytes);
	l->at = l->end = line - 1;
	return true;
}

bool quick_value(struct quick_line *l, size_t parent)
{
	switch (*l->at) {
	case '|':
	case '>':
		return read_block(l, parent);
	case '"':
	case '\'':
		return read_quoted(l) && quick_ends(l);
	case '[':
		return read_list(l) && quick_ends(l);
	default:
		return read_plain(l) && quick_ends(l);
	}
}
