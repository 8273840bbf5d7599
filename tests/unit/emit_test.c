/*
 * emit_test.c: what emit.h writes, the reader of sources reads as the same bytes; and it is written as it should look.
 * In: nothing; awkward texts are made here, the same in every run.
 * Out: nothing while all of them come back.
 */
#include <string.h>

#include "../../compiler/emit.h"
#include "../../compiler/fields.h"
#include "../../compiler/fmt.h"
#include "../../compiler/keywords.h"
#include "../../compiler/utf8.h"
#include "test.h"

enum { LAYERS = 50000, MAX_PIECES = 12 };

static uint32_t next_random(uint32_t below)
{
	static uint64_t seed = UINT64_C(0x9E3779B97F4A7C15);

	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 33) % below;
}

#define PIECE(text)                    \
	{                              \
		text, sizeof(text) - 1 \
	}
/* What YAML might take for something of its own, and what it cannot hold. */
static const struct text pieces[] = {
	PIECE("\n"), PIECE("\n"), PIECE("\n\n"), PIECE(" "), PIECE("  "), PIECE("\t"), PIECE("a"), PIECE("word"),
	PIECE("two words"), PIECE("\r"), PIECE("\r\n"), PIECE("---\n"), PIECE("---"), PIECE("...\n"), PIECE("- "),
	PIECE("? "), PIECE(": "), PIECE(":"), PIECE(" #"), PIECE("#"), PIECE("%"), PIECE("@"), PIECE("`"), PIECE("\""),
	PIECE("'"), PIECE("\\"), PIECE("\\n"), PIECE("|"), PIECE(">"), PIECE("["), PIECE("]"), PIECE("{"), PIECE("}"),
	PIECE(","), PIECE("&a"), PIECE("*a"), PIECE("!t"), PIECE("~"), PIECE("<<"), PIECE("="), PIECE("no"),
	PIECE("1.0"), PIECE("2024-10-24"), PIECE("\x01"), PIECE("\x1B"), PIECE("\x7F"), PIECE("\xC2\x80"),
	PIECE("\xC2\x85") /* NEL */, PIECE("\xC2\xA0"), PIECE("\xC3\xA9"), PIECE("\xE2\x80\xA8") /* LS */,
	PIECE("\xE2\x80\xA9") /* PS */, PIECE("\xE2\x80\xAE") /* RLO */, PIECE("\xEF\xBB\xBF") /* BOM */,
	PIECE("\xEF\xB7\x90"), PIECE("\xEF\xBF\xBD"), PIECE("\xEF\xBF\xBE"), PIECE("\xEF\xBF\xBF"),
	PIECE("\xF0\x9F\x98\x80"), PIECE("\xF0\x9F\xBF\xBE"), PIECE("\xF4\x8F\xBF\xBF"),
	/* from here on, what makes a content binary */
	PIECE("\0"), PIECE("\xFF"), PIECE("\xC3"), PIECE("\xED\xA0\x80") /* a surrogate */, PIECE("\xC0\x80")};
enum { PIECES = sizeof(pieces) / sizeof(pieces[0]), BINARY = 5 };

static struct text make_text(struct arena *arena, uint32_t kinds)
{
	uint32_t count = 1 + next_random(MAX_PIECES), i;
	struct buf buf = {0};
	struct text text;

	for (i = 0; i < count; i++) {
		const struct text *piece = &pieces[next_random(kinds)];

		buf_add(&buf, piece->bytes, piece->size);
	}
	text = (struct text){arena_copy(arena, buf.bytes, buf.size), buf.size};
	buf_free(&buf);
	return text;
}

static bool is_same(struct text a, struct text b)
{
	return a.size == b.size && (a.size == 0 || memcmp(a.bytes, b.bytes, a.size) == 0);
}

/* A text that sources may say in a field, or none. */
static struct text make_limited(struct arena *arena, size_t max, const char *controls)
{
	char reason[SCALAR_REASON_SIZE];
	struct text text = make_text(arena, PIECES - BINARY), none = {"", 0};
	const char *help;

	return scalar_is_limited(text, max, controls, reason, &help) ? text : none;
}

static void make_layer(struct arena *arena, struct layer *ret)
{
	uint32_t count = 1 + next_random(8), i;
	char reason[SCALAR_REASON_SIZE];
	const char *help;

	memset(ret, 0, sizeof(*ret));
	ret->layer_id = 1 + next_random(UINT32_MAX - 1);
	ret->frequency = (1 + next_random(1000000)) / 7.0;
	ret->title = make_limited(arena, MODEL_MAX_TITLE_LENGTH, "");
	ret->content = make_text(arena, next_random(4) == 0 ? PIECES : PIECES - BINARY);
	ret->keywords = arena_alloc(arena, count * sizeof(*ret->keywords));
	while (ret->keyword_count < count) {
		struct text word = make_text(arena, PIECES - BINARY);

		for (i = 0; i < ret->keyword_count && !is_same(ret->keywords[i], word); i++)
			;
		if (i == ret->keyword_count && keywords_is_word(word, reason, &help))
			ret->keywords[ret->keyword_count++] = word;
	}
}

static struct fields_input input_of(const struct buf *buf, struct diag *diag, struct dimension *ret)
{
	struct fields_input input = {.diag = diag,
				     .dimension = ret,
				     .bytes = buf->bytes,
				     .size = buf->size,
				     .file = diag_file(diag, "emitted"),
				     .folder = -1,
				     .max_region_size = UINT64_MAX};

	return input;
}

static void need(bool condition, const char *what, const struct buf *buf, struct diag *diag)
{
	if (condition)
		return;
	diag_print(diag, stderr, false);
	fprintf(stderr, "%s is not what was written:\n%.*s", what, (int)buf->size, buf->bytes);
	exit(1);
}

/* What is written has the form that fmt gives; of every eighth, since that reads it several times. */
static void need_form(const char *name, const struct buf *buf, struct diag *diag)
{
	static unsigned count;
	struct buf formatted = {0};

	if (count++ % 8 == 0)
		need(fmt_text(name, (struct text){buf->bytes, buf->size}, diag, &formatted) == FMT_SAME, "the form",
		     buf, diag);
	buf_free(&formatted);
}

static void check_layer(const struct layer *want, struct diag *diag, size_t *binary)
{
	struct dimension d = {0};
	struct buf buf = {0};
	struct fields_input input;
	const struct layer *got;
	size_t i;

	if (!emit_can_hold(want->content)) {
		CHECK(!utf8_is_valid(want->content.bytes, want->content.size) ||
		      memchr(want->content.bytes, '\0', want->content.size) != NULL);
		++*binary;
		return;
	}
	emit_layer(want, NULL, &buf);
	input = input_of(&buf, diag, &d);
	fields_read_layers(&input);
	need(diag_errors(diag) == 0 && d.layer_count == 1, "the layer", &buf, diag);
	got = &d.layers[0];
	need(got->is_complete && got->layer_id == want->layer_id, "layer_id", &buf, diag);
	need(memcmp(&got->frequency, &want->frequency, sizeof(double)) == 0, "frequency", &buf, diag);
	need(is_same(got->title, want->title), "title", &buf, diag);
	need(is_same(got->content, want->content), "content", &buf, diag);
	need(got->keyword_count == want->keyword_count, "the number of keywords", &buf, diag);
	for (i = 0; i < got->keyword_count; i++)
		need(is_same(got->keywords[i], want->keywords[i]), "a keyword", &buf, diag);
	need_form("layer.yaml", &buf, diag);
	free(d.layers);
	arena_free(&d.arena);
	buf_free(&buf);
}

/* A description, or none: of all sorts of pieces, or long and on one line. */
static struct text make_description(struct arena *arena)
{
	static const char *const words[] = {" ", " ", "  ", "a", "word", "two words", "# ", "- ", ": ", "\xE5\x96\x9C"};
	uint32_t count = next_random(60);
	struct buf buf = {0};
	struct text text;

	if (next_random(2) == 0)
		return make_limited(arena, MODEL_MAX_DESCRIPTION_LENGTH, SCALAR_PARAGRAPH_CONTROLS);
	while (count-- > 0)
		buf_puts(&buf, words[next_random(sizeof(words) / sizeof(words[0]))]);
	text = (struct text){arena_copy(arena, buf.bytes, buf.size), buf.size};
	buf_free(&buf);
	return text;
}

static void check_dimension(struct arena *arena, struct diag *diag)
{
	struct dimension want = {.dimension_id = 1 + next_random(MODEL_MAX_DIMENSION_ID), .layout = LAYOUT_PACKED};
	struct dimension got = {0};
	struct buf buf = {0};
	struct fields_input input;

	do
		want.name = make_limited(arena, MODEL_MAX_NAME_LENGTH, "");
	while (want.name.size == 0);
	want.description = make_description(arena);
	want.alignment = 4096u << next_random(19);
	emit_dimension(&want, &buf);
	input = input_of(&buf, diag, &got);
	fields_read_dimension(&input);
	need(diag_errors(diag) == 0 && got.dimension_id == want.dimension_id, "the dimension", &buf, diag);
	need(is_same(got.name, want.name), "name", &buf, diag);
	need(is_same(got.description, want.description), "description", &buf, diag);
	need(got.layout == LAYOUT_PACKED && !got.has_created_at && !got.has_frequency_range, "layout", &buf, diag);
	need(got.alignment == (want.alignment == 4096 ? 0 : want.alignment), "alignment", &buf, diag);
	need_form("dimension.yaml", &buf, diag);
	arena_free(&got.arena);
	buf_free(&buf);
}

/* --- how it looks --- */

static void looks(const char *content, const char *want)
{
	struct text word = {"k", 1};
	struct layer layer = {.layer_id = 1,
			      .frequency = 2,
			      .keywords = &word,
			      .keyword_count = 1,
			      .content = {content, strlen(content)}};
	static const char before[] = "layer_id: 1\nfrequency: 2.0\nkeywords: [k]\ncontent: ";
	struct buf buf = {0};

	emit_layer(&layer, NULL, &buf);
	if (strncmp(buf.bytes, before, strlen(before)) != 0 || strcmp(buf.bytes + strlen(before), want) != 0) {
		fprintf(stderr, "--- got\n%s--- not\n%s", buf.bytes, want);
		exit(1);
	}
	buf_free(&buf);
}

static void check_looks(void)
{
	looks("one\n", "|\n  one\n");
	looks("one", "|-\n  one\n");
	looks("one\n\n", "|+\n  one\n\n");
	looks("one\n\n\n", "|+\n  one\n\n\n");
	looks("one\n\ntwo  \n", "|\n  one\n\n  two  \n");
	looks("\n\none", "|2-\n\n\n  one\n");
	looks("  one\ntwo\n", "|2\n    one\n  two\n");
	looks("\tone\n\n", "|2+\n  \tone\n\n");
	looks("one\n   \n", "|\n  one\n     \n");
	looks("---\n# no comment\n...\n", "|\n  ---\n  # no comment\n  ...\n");
	looks("\n", "\"\\n\"\n");
	looks("\n\n", "\"\\n\\n\"\n");
	looks("  ", "\"  \"\n");
	looks("one\r\ntwo\r\n", "\"one\\r\\n\\\n  two\\r\\n\"\n");
	looks("\x01\n\n \"two\\\n\tthree", "\"\\x01\\n\\n\\\n  \\ \\\"two\\\\\\n\\\n  \\tthree\"\n");
	looks("one\xEF\xBB\xBF\n", "\"one\\uFEFF\\n\"\n");
	looks("\xC2\x85\xE2\x80\xA8\xEF\xBB\xBF\xEF\xBF\xBF\xF0\x9F\xBF\xBE\x7F\xC3\xA9",
	      "\"\\x85\\u2028\\uFEFF\\uFFFF\\U0001FFFE\\x7F\xC3\xA9\"\n");
}

static void lists(const char *one, const char *two, const char *want)
{
	struct text words[] = {{one, strlen(one)}, {two, strlen(two)}};
	struct layer layer = {
		.layer_id = 1, .frequency = 2, .keywords = words, .keyword_count = 2, .content = {"x", 1}};
	struct buf buf = {0};

	emit_layer(&layer, NULL, &buf);
	if (strstr(buf.bytes, want) == NULL) {
		fprintf(stderr, "--- got\n%s--- without\n%s", buf.bytes, want);
		exit(1);
	}
	buf_free(&buf);
}

static void check_keywords(void)
{
	static const char sixty[] = "012345678901234567890123456789012345678901234567890123456789";
	static const char fifty[] = "9876abcdefghijklmnopqrstuvwxyz01234567890123456789";

	lists("no", "1.0", "\nkeywords: [no, 1.0]\n");
	lists("don't stop", "C#", "\nkeywords: [don't stop, C#]\n");
	lists("http://x.org", "a,b",
	      "\nkeywords: [\"http://x.org\", \"a,b\"]\n"); /* older libyaml stops at that colon */
	lists("what?", "a #b", "\nkeywords: [\"what?\", \"a #b\"]\n");
	lists("~", "say \"x\"", "\nkeywords: [\"~\", say \"x\"]\n");
	lists("\xE2\x80\xAE", "\"x\\", "\nkeywords: [\"\\u202E\", \"\\\"x\\\\\"]\n");
	/* 11 + 60 + 2 + 46 + 1 columns are 120 */
	lists(sixty, fifty + 4,
	      "\nkeywords: [012345678901234567890123456789012345678901234567890123456789, "
	      "abcdefghijklmnopqrstuvwxyz01234567890123456789]\n");
	lists(sixty, fifty + 3,
	      "\nkeywords:\n  - 012345678901234567890123456789012345678901234567890123456789\n"
	      "  - 6abcdefghijklmnopqrstuvwxyz01234567890123456789\n");
}

static void is_emitted(const struct dimension *d, const char *want)
{
	struct buf buf = {0};

	emit_dimension(d, &buf);
	if (strcmp(buf.bytes, want) != 0)
		fprintf(stderr, "--- got\n%s--- not\n%s", buf.bytes, want);
	CHECK(strcmp(buf.bytes, want) == 0);
	buf_free(&buf);
}

/* What an author may say of a dimension, and what is usual and not said; a content that is kept in a file. */
static void check_fields(void)
{
	struct dimension d = {.dimension_id = 5, .name = {"Temporal", 8}};
	struct text word = {"time", 4};
	struct layer layer = {.layer_id = 1, .frequency = 2, .keywords = &word, .keyword_count = 1};
	struct buf buf = {0};

	is_emitted(&d, "dimension_id: 5\nname: Temporal\n");
	d.alignment = 4096;
	is_emitted(&d, "dimension_id: 5\nname: Temporal\n");
	d.alignment = 8192;
	d.layout = LAYOUT_PACKED;
	d.description = (struct text){"Time.", 5};
	d.has_created_at = d.has_updated_at = d.has_frequency_range = true;
	d.updated_at = 1;
	d.frequency_low = 0.5;
	d.frequency_high = 8;
	is_emitted(&d,
		   "dimension_id: 5\nname: Temporal\ndescription: Time.\ncreated_at: 1970-01-01T00:00:00Z\n"
		   "updated_at: 1970-01-01T00:00:01Z\nfrequency_range: [0.5, 8.0]\nlayout: packed\nalignment: 8192\n");
	CHECK(emit_can_hold((struct text){"", 0}) && !emit_can_hold((struct text){"\0", 1}));
	emit_layer(&layer, "time.bin", &buf);
	CHECK(strcmp(buf.bytes, "layer_id: 1\nfrequency: 2.0\nkeywords: [time]\ncontent_file: time.bin\n") == 0);
	buf_free(&buf);
}

static void is_named(const char *title, uint32_t id, uint32_t largest, const char *want)
{
	struct text word = {"first keyword", 13};
	struct layer layer = {.layer_id = id, .title = {title, strlen(title)}, .keywords = &word, .keyword_count = 1};
	char name[EMIT_NAME_SIZE];

	emit_layer_name(&layer, largest, name);
	if (strcmp(name, want) != 0) {
		fprintf(stderr, "%s is named %s, not %s\n", title, name, want);
		exit(1);
	}
}

static void check_names(void)
{
	struct dimension d = {.dimension_id = 65535, .name = {"Temporal", 8}};
	char name[EMIT_NAME_SIZE];

	is_named("Core affect", 1, 9, "001-core-affect");
	is_named("", 7, 1000, "0007-first-keyword");
	is_named("Last", UINT32_MAX, UINT32_MAX, "4294967295-last");
	is_named("\xC3\x89t\xC3\xA9: na\xC3\xAFve / stra\xC3\x9F"
		 "e \xC3\x97 2",
		 12, 12, "012-ete-naive-strase-2");
	is_named("\xE5\x96\x9C\xE3\x81\xB3", 3, 3, "003");
	is_named("../../etc/passwd\n", 3, 3, "003-etc-passwd");
	is_named("no\xFFutf8", 3, 3, "003-no-utf8");
	/* 48 bytes with the dash before them, whole words: */
	is_named("aaaaaaaaaaaa bbbbbbbbbbbb cccccccccccc dddddddd", 1, 1,
		 "001-aaaaaaaaaaaa-bbbbbbbbbbbb-cccccccccccc-dddddddd");
	is_named("aaaaaaaaaaaa bbbbbbbbbbbb cccccccccccc ddddddddd", 1, 1,
		 "001-aaaaaaaaaaaa-bbbbbbbbbbbb-cccccccccccc");
	is_named("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 1, 1,
		 "001-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	emit_folder_name(&d, name);
	CHECK(strcmp(name, "D65535-temporal") == 0);
	d.dimension_id = 5;
	d.name = (struct text){"\xE5\x96\x9C", 3};
	emit_folder_name(&d, name);
	CHECK(strcmp(name, "D05") == 0);
}

int main(void)
{
	struct diag *diag = diag_new();
	struct arena arena = {0};
	size_t i, binary = 0;

	check_looks();
	check_keywords();
	check_fields();
	check_names();
	for (i = 0; i < LAYERS; i++) {
		struct layer layer;

		make_layer(&arena, &layer);
		check_layer(&layer, diag, &binary);
		if (i % 10 == 0)
			check_dimension(&arena, diag);
		arena_free(&arena);
	}
	CHECK(binary > LAYERS / 20 && binary < LAYERS / 4);
	diag_free(diag);
	return 0;
}
