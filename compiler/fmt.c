/*
 * fmt.c: brings the text of a source to its one form, and proves that nothing but the form is different.
 * In: the text of a file.
 * Out: the text as it should be; problems of the sources in the diag.
 */
#include "fmt.h"

#include <stdlib.h>
#include <string.h>

#include "canonical.h"
#include "fields.h"
#include "outline.h"

static bool is_same_text(struct text a, struct text b)
{
	return a.size == b.size && (a.size == 0 || memcmp(a.bytes, b.bytes, a.size) == 0);
}

/* --- what the compiler reads --- */

/* Whether the first document is a dimension's. */
static bool is_dimension(const char *name, struct text text)
{
	const char *slash = strrchr(name, '/');
	struct diag *diag = diag_new(); /* who reads it next says what is wrong */
	struct arena arena = {0};
	struct yaml_reader *reader = yaml_open(text.bytes, text.size, diag_file(diag, name), diag, &arena);
	struct yaml_event key, value;
	bool found = strcmp(slash == NULL ? name : slash + 1, "dimension.yaml") == 0;

	yaml_next(reader);
	if (yaml_next(reader).kind == YAML_MAPPING)
		while (!found && (key = yaml_next(reader)).kind == YAML_SCALAR) {
			found = strcmp(key.text.bytes, "dimension_id") == 0;
			value = yaml_next(reader);
			yaml_skip(reader, &value);
		}
	yaml_close(reader);
	arena_free(&arena);
	diag_free(diag);
	return found;
}

/* Reads it as a compile would. false, reported, where that found anything wrong. */
static bool read_fields(const char *name, bool is_dimension, struct text text, struct diag *diag, struct dimension *ret)
{
	struct fields_input input = {.diag = diag,
				     .dimension = ret,
				     .bytes = text.bytes,
				     .size = text.size,
				     .file = diag_file(diag, name),
				     .folder = -1,
				     .max_region_size = UINT64_MAX};
	size_t before = diag_errors(diag);

	memset(ret, 0, sizeof(*ret));
	ret->layout = LAYOUT_UNSET;
	if (is_dimension)
		fields_read_dimension(&input);
	else
		fields_read_layers(&input);
	return diag_errors(diag) == before;
}

static void free_fields(struct dimension *dimension)
{
	free(dimension->layers);
	arena_free(&dimension->arena);
}

/* The same bits, which a comparison of numbers does not ask for: 0 and -0 are written differently. */
static bool is_same_number(double a, double b)
{
	/* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison,cert-exp42-c,cert-flp37-c): as said above */
	return memcmp(&a, &b, sizeof(a)) == 0;
}

static bool is_same_layer(const struct layer *a, const struct layer *b)
{
	size_t i;

	if (a->layer_id != b->layer_id || !is_same_number(a->frequency, b->frequency) ||
	    !is_same_text(a->title, b->title) || !is_same_text(a->content, b->content) ||
	    a->keyword_count != b->keyword_count)
		return false;
	for (i = 0; i < a->keyword_count; i++)
		if (!is_same_text(a->keywords[i], b->keywords[i]))
			return false;
	return true;
}

static bool are_same_fields(const struct dimension *a, const struct dimension *b)
{
	size_t i;

	if (a->dimension_id != b->dimension_id || !is_same_text(a->name, b->name) ||
	    !is_same_text(a->description, b->description) || a->has_created_at != b->has_created_at ||
	    a->created_at != b->created_at || a->has_updated_at != b->has_updated_at ||
	    a->updated_at != b->updated_at || a->has_frequency_range != b->has_frequency_range ||
	    !is_same_number(a->frequency_low, b->frequency_low) ||
	    !is_same_number(a->frequency_high, b->frequency_high) || a->layout != b->layout ||
	    a->alignment != b->alignment || a->layer_count != b->layer_count)
		return false;
	for (i = 0; i < a->layer_count; i++)
		if (!is_same_layer(&a->layers[i], &b->layers[i]))
			return false;
	return true;
}

/* --- comments --- */

static int by_text(const void *a, const void *b)
{
	const struct text *left = a, *right = b;
	int order = memcmp(left->bytes, right->bytes, left->size < right->size ? left->size : right->size);

	return order != 0 ? order : (left->size > right->size) - (left->size < right->size);
}

/* The texts of all comments, sorted; of the caller's to free. */
static struct text *sorted_comments(const struct outline *outline)
{
	struct text *texts = mem_zalloc(outline->comment_count + 1, sizeof(*texts)), *next = texts;
	const struct comment *comment;

	for (comment = outline->last_comment; comment != NULL; comment = comment->earlier)
		*next++ = comment->text;
	qsort(texts, outline->comment_count, sizeof(*texts), by_text);
	return texts;
}

static bool are_same_comments(const struct outline *a, const struct outline *b)
{
	struct text *left = sorted_comments(a), *right = sorted_comments(b);
	bool same = a->comment_count == b->comment_count;
	size_t i;

	for (i = 0; same && i < a->comment_count; i++)
		same = is_same_text(left[i], right[i]);
	free(left);
	free(right);
	return same;
}

/* --- the proof --- */

/* Whether the new text says what the old one says, and stays as it is when it is formatted again. */
static bool is_proved(const char *name, const struct dimension *fields, const struct outline *outline, struct text text)
{
	struct diag *diag = diag_new();
	struct buf again = {0};
	struct dimension now;
	struct outline now_outline;
	bool proved = read_fields(name, is_dimension(name, text), text, diag, &now) && are_same_fields(fields, &now);

	if (proved && outline_read(text, &now_outline)) {
		canonical_write(&now_outline, &again);
		proved = are_same_comments(outline, &now_outline) &&
			 is_same_text(text, (struct text){again.bytes, again.size});
		outline_free(&now_outline);
	} else {
		proved = false;
	}
	buf_free(&again);
	free_fields(&now);
	diag_free(diag);
	return proved;
}

enum fmt_result fmt_text(const char *name, struct text text, struct diag *diag, struct buf *ret)
{
	enum fmt_result result = FMT_FAILED;
	struct dimension fields;
	struct outline outline;

	if (!read_fields(name, is_dimension(name, text), text, diag, &fields))
		goto out;
	result = FMT_KEPT;
	if (!outline_read(text, &outline))
		goto out;
	canonical_write(&outline, ret);
	if (is_same_text(text, (struct text){ret->bytes, ret->size})) {
		result = FMT_SAME;
	} else if (is_proved(name, &fields, &outline, (struct text){ret->bytes, ret->size})) {
		result = FMT_CHANGED;
	} else {
		diag_fail(diag, EXIT_SYSTEM, "%s is left as it is: its new form would not say the same", name);
		diag_help(diag, "this is a mistake of dimc's; please report it with the file");
		result = FMT_FAILED;
	}
	outline_free(&outline);
out:
	if (result != FMT_CHANGED)
		ret->size = 0;
	free_fields(&fields);
	return result;
}
