/*
 * keywords.c: reads the keywords of a layer.
 * In: the event of their list.
 * Out: 1 to 64 different words, or a located problem for each that is wrong.
 */
#include "keywords.h"

#include <string.h>

#include "item.h"
#include "utf8.h"

bool keywords_is_word(struct text text, char ret_reason[SCALAR_REASON_SIZE], const char **ret_help)
{
	if (!scalar_is_limited(text, MODEL_MAX_KEYWORD_LENGTH, "", ret_reason, ret_help))
		return false;
	if (text.bytes[0] == ' ' || text.bytes[text.size - 1] == ' ') {
		snprintf(ret_reason, SCALAR_REASON_SIZE, "must not begin or end with a space");
		return false;
	}
	return true;
}

/* The same word again: it can go, unless its line would lose a comment, or the document an anchor. */
static void report_duplicate(struct scalar_reader *r, const struct yaml_event *item, const char *word,
			     const struct place *first)
{
	struct diag_extra extra = {.related = first, .related_text = "first given here"};
	struct fix fix = {.text = "", .what = "delete it", .is_safe = true};
	struct text source;
	size_t spans;

	yaml_spans(r->events, &spans, &source);
	if (item->raw.bytes != NULL && !item->is_decorated && item_removal(source, item->raw, item->at, &fix))
		extra.fix = &fix;
	diag_report(r->diag, CHECK_KEYWORD_DUPLICATE, item->at, &extra, "the keyword \"%s\" is given twice", word);
}

/* Nobody who searches types a no-break space. In texts it has its uses; as an escape it is meant. */
static void check_spaces(struct scalar_reader *r, const struct yaml_event *item, const char *word)
{
	struct diag_extra extra = {.help = "type a common space in its place"};

	if (item->raw.bytes != NULL && utf8_ascii(item->raw.bytes, item->raw.size) < item->raw.size &&
	    (memmem(item->raw.bytes, item->raw.size, UTF8_NO_BREAK, 2) != NULL ||
	     memmem(item->raw.bytes, item->raw.size, "\xE2\x80\xAF", 3) != NULL))
		diag_report(r->diag, CHECK_INVISIBLE_CHARACTER, item->at, &extra,
			    "the keyword \"%s\" holds a no-break space", word);
}

/* A comma parts no words in an entry of its own line, and a line that is indented further goes on with the one above.
 */
static void check_joined(struct scalar_reader *r, const struct yaml_event *item, const char *word)
{
	struct diag_extra extra = {.help = "write [one, two], or each word behind a \"- \" of its own"};
	bool has_lines =
		item->is_plain && item->raw.bytes != NULL && memchr(item->raw.bytes, '\n', item->raw.size) != NULL;

	if ((has_lines && !yaml_fails_next(r->events)) || strpbrk(word, ",;") != NULL)
		diag_report(r->diag, CHECK_KEYWORD_JOINED, item->at, &extra, "\"%s\" is one keyword", word);
}

static bool read_keyword(struct scalar_reader *r, const struct yaml_event *value, struct text *ret)
{
	struct diag_extra extra = {0};
	char reason[SCALAR_REASON_SIZE];
	struct text text;

	r->field = "a keyword";
	if (!scalar_read_text(r, value, &text))
		return false;
	if (!keywords_is_word(text, reason, &extra.help)) {
		diag_report(r->diag, CHECK_KEYWORDS, value->at, &extra, "%s %s", r->field, reason);
		return false;
	}
	*ret = text;
	return true;
}

bool keywords_read(struct scalar_reader *r, const struct yaml_event *value, struct layer *ret)
{
	struct text words[MODEL_MAX_KEYWORDS];
	struct place places[MODEL_MAX_KEYWORDS];
	size_t count = 0, seen = 0, i;
	bool right = true;
	struct yaml_event item;

	if (!scalar_want_sequence(r, value))
		return false;
	for (;; seen++) {
		item = yaml_next(r->events);
		if (item.kind == YAML_SEQUENCE_END || item.kind == YAML_END)
			break;
		if (seen >= MODEL_MAX_KEYWORDS) {
			if (seen == MODEL_MAX_KEYWORDS)
				diag_report(r->diag, CHECK_KEYWORDS, item.at, NULL, "more than %d keywords",
					    MODEL_MAX_KEYWORDS);
			right = false;
			yaml_skip(r->events, &item);
			continue;
		}
		if (!read_keyword(r, &item, &words[count])) {
			right = false;
			continue;
		}
		for (i = 0; i < count; i++)
			if (words[i].size == words[count].size &&
			    memcmp(words[i].bytes, words[count].bytes, words[i].size) == 0)
				break;
		if (i < count) {
			report_duplicate(r, &item, words[i].bytes, &places[i]);
			right = false;
			continue;
		}
		check_spaces(r, &item, words[count].bytes);
		check_joined(r, &item, words[count].bytes);
		scalar_check_quotes(r, &item);
		places[count++] = item.at;
	}
	if (seen == 0 && item.kind != YAML_END) {
		diag_report(r->diag, CHECK_KEYWORDS, value->at, NULL, "a layer needs at least one keyword");
		right = false;
	}
	if (!right || item.kind == YAML_END)
		return false;
	ret->keywords = arena_alloc(r->arena, count * sizeof(*words));
	memcpy(ret->keywords, words, count * sizeof(*words));
	ret->keyword_at = arena_alloc(r->arena, count * sizeof(*places));
	memcpy(ret->keyword_at, places, count * sizeof(*places));
	ret->keyword_count = count;
	return true;
}
