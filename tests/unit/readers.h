/*
 * readers.h: both readers of YAML on the same bytes.
 * In: bytes.
 * Out: whether the quick reader took them; nothing while it gives, where it does, what libyaml gives.
 */
#ifndef TESTS_READERS_H
#define TESTS_READERS_H

#include <string.h>

#include "../../compiler/events.h"
#include "test.h"

static void check_same_event(const struct yaml_event *a, const struct yaml_event *b)
{
	CHECK(a->kind == b->kind);
	CHECK(a->tag == b->tag && a->tag_name == NULL && b->tag_name == NULL);
	CHECK(a->is_plain == b->is_plain && a->is_decorated == b->is_decorated);
	CHECK(a->text.size == b->text.size && (a->text.bytes == NULL) == (b->text.bytes == NULL));
	CHECK(a->text.bytes == NULL || memcmp(a->text.bytes, b->text.bytes, a->text.size + 1) == 0); /* with the NUL */
	CHECK(a->raw.bytes == b->raw.bytes && a->raw.size == b->raw.size);
	CHECK(a->at.file == b->at.file && a->at.line == b->at.line && a->at.column == b->at.column &&
	      a->at.length == b->at.length);
}

static void check_same_spans(const struct yaml_reader *a, const struct yaml_reader *b)
{
	size_t a_count, b_count, i;
	struct text a_bytes, b_bytes;
	const struct yaml_span *s = yaml_spans(a, &a_count, &a_bytes), *t = yaml_spans(b, &b_count, &b_bytes);

	CHECK(a_count == b_count && a_bytes.bytes == b_bytes.bytes && a_bytes.size == b_bytes.size);
	for (i = 0; i < a_count; i++)
		CHECK(s[i].start == t[i].start && s[i].end == t[i].end && s[i].is_plain == t[i].is_plain &&
		      s[i].is_block == t[i].is_block);
}

static bool readers_agree(const char *bytes, size_t size)
{
	struct arena arena = {0};
	struct diag *diag = diag_new();
	uint32_t file = diag_file(diag, "");
	struct yaml_reader *plain, *quick;
	struct yaml_event a, b;
	bool is_quick;
	int ends = 0, scalars = 0;

	CHECK(yaml_choose_reader("quick"));
	quick = yaml_open(bytes, size, file, diag, &arena);
	is_quick = yaml_is_quick(quick);
	if (is_quick) {
		CHECK(yaml_choose_reader("libyaml"));
		plain = yaml_open(bytes, size, file, diag, &arena);
		CHECK(!yaml_is_quick(plain));
		while (ends < 2) { /* and behind the end another one */
			a = yaml_next(plain);
			b = yaml_next(quick);
			check_same_event(&a, &b);
			if (a.kind == YAML_SCALAR && scalars++ < 4) /* on the way, too */
				check_same_spans(plain, quick);
			if (a.kind == YAML_END)
				ends++;
		}
		check_same_spans(plain, quick);
		CHECK(!yaml_failed(plain) && !yaml_failed(quick) && !yaml_is_broken(quick) && !yaml_fails_next(quick));
		CHECK(diag_errors(diag) == 0);
		yaml_close(plain);
	}
	yaml_close(quick);
	diag_free(diag);
	arena_free(&arena);
	return is_quick;
}

#endif
