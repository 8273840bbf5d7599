/*
 * lint_facts_test.c: that a dimension is looked at beside the others again wherever there is something to be seen.
 * In: nothing.
 * Out: nothing while lint_may_concern says yes before every warning that a change brings, and no to what changes
 * nothing.
 *
 * Small dimensions are made at random, of words and texts that are near to each other, so that nothing is warned of;
 * then the first one is changed at random, and both ways are asked.
 */
#include <string.h>

#include "../../compiler/diag_entries.h"
#include "../../compiler/lint.h"
#include "../../compiler/lint_facts.h"
#include "../../compiler/sketch.h"
#include "random.h"
#include "test.h"

enum { DIMENSIONS = 3, LAYERS = 14, WORDS = 2, TEXT = 320 };

struct made_layer {
	char words[WORDS][40];
	char text[TEXT];
};

struct made {
	struct made_layer layers[DIMENSIONS][LAYERS];
	size_t counts[DIMENSIONS];
};

/* What words and texts of a round are made of. */
enum kind { NEAR, CROWDED_TEXTS, CROWDED_WORDS, KINDS };

/* --- what there may be --- */

static void make_word(enum kind kind, char ret[40])
{
	static const char *const near[] = {"wonder",	"wander",  "Wonder",   "wonders", "wodner",    "chapter 1",
					   "chapter 2", "awe",	   "owe",      "Awe",	  "caf\u00E9", "cafe\u0301",
					   "vastness",	"vastnes", "fastness", "joyous",  "calm",      "grieving"};
	static const char crowd[] = "abcdefghijklmnopqrst";
	size_t at = random_below(sizeof(crowd));

	if (kind == NEAR && random_below(2) == 0)
		snprintf(ret, 40, "%s", near[random_below(sizeof(near) / sizeof(near[0]))]);
	else if (kind == CROWDED_WORDS &&
		 random_below(4) != 0) /* a letter put in somewhere: one form is in all of them */
		snprintf(ret, 40, "%.*s%c%s", (int)at, crowd, "VWXYZ"[random_below(5)] + 32, crowd + at);
	else
		snprintf(ret, 40, "%zu%zu", random_below(99999), random_below(99999));
}

/* Texts of 11 to 17 words that begin like others. */
static void make_text(enum kind kind, char ret[TEXT])
{
	bool is_crowd = kind == CROWDED_TEXTS;
	size_t first = is_crowd ? 0 : random_below(40) * 100, same = is_crowd ? 12 : 9 + random_below(4), i, used = 0;
	size_t words = is_crowd ? 16 : same + 2 + random_below(4);

	for (i = 0; i < words; i++)
		used += (size_t)snprintf(ret + used, TEXT - used, "w%zu ",
					 i < same ? first + i : 5000 + random_below(is_crowd ? 999 : 6));
}

/* Changes one word of a text. */
static void change_text(struct made_layer *layer)
{
	size_t words = 1, at, i;
	char *space;

	for (space = strchr(layer->text, ' '); space != NULL; space = strchr(space + 1, ' '))
		words++;
	at = random_below(words);
	for (i = 0, space = layer->text; i < at && space != NULL; i++)
		space = strchr(space + 1, ' ');
	if (space != NULL && space[1] != '\0')
		space[1] = (char)('a' + random_below(26));
}

static void make_layer(enum kind kind, struct made_layer *ret)
{
	size_t i;

	memset(ret, 0, sizeof(*ret));
	for (i = 0; i < WORDS; i++)
		make_word(kind, ret->words[i]);
	if (kind == CROWDED_WORDS)
		snprintf(ret->text, TEXT, "%zu %zu %zu", random_below(99999), random_below(99999), random_below(99999));
	else
		make_text(kind, ret->text);
}

/* --- the real thing --- */

static struct text text_of(const char *string)
{
	return (struct text){string, strlen(string)};
}

static void build(const struct made *made, struct model *ret)
{
	static const char *const names[DIMENSIONS] = {"1", "2", "3"};
	size_t i, k, w;

	ret->dimensions = mem_zalloc(DIMENSIONS, sizeof(*ret->dimensions));
	ret->count = DIMENSIONS;
	for (i = 0; i < DIMENSIONS; i++) {
		struct dimension *d = &ret->dimensions[i];

		d->folder = names[i];
		d->layer_count = made->counts[i];
		d->layers = mem_zalloc(d->layer_count, sizeof(*d->layers));
		for (k = 0; k < d->layer_count; k++) {
			const struct made_layer *from = &made->layers[i][k];
			struct layer *layer = &d->layers[k];

			layer->keyword_count = WORDS;
			layer->keywords = arena_alloc(&d->arena, WORDS * sizeof(*layer->keywords));
			layer->keyword_at = arena_alloc(&d->arena, WORDS * sizeof(*layer->keyword_at));
			for (w = 0; w < WORDS; w++) {
				layer->keywords[w] = text_of(from->words[w]);
				layer->keyword_at[w] = (struct place){(uint32_t)i, (uint32_t)k + 1, (uint32_t)w + 1, 1};
			}
			layer->content_at = (struct place){(uint32_t)i, (uint32_t)k + 1, 9, 1};
			layer->sketch = arena_alloc(&d->arena, sizeof(*layer->sketch));
			sketch_take(text_of(""), text_of(from->text), SKETCH_WORDS, layer->sketch);
		}
	}
}

/* The numbers of warnings, and of those that are not about the first dimension alone. */
static size_t count_warnings(const struct model *model, size_t *ret_across)
{
	enum check_level levels[CHECK_COUNT];
	struct diag *diag = diag_new();
	size_t i, count;

	for (i = 0; i < CHECK_COUNT; i++)
		levels[i] = LEVEL_WARNING;
	diag_set_levels(diag, levels);
	for (i = 0; i < DIMENSIONS; i++)
		diag_file(diag, model->dimensions[i].folder);
	lint_keywords(model, diag);
	lint_texts(model, diag);
	count = diag_warnings(diag);
	*ret_across = 0;
	for (i = 0; i < diag->problem_count; i++)
		*ret_across += diag->problems[i].at.file != 0 || diag->problems[i].related.file != 0;
	diag_free(diag);
	return count;
}

static size_t warnings_of(const struct made *made, size_t *ret_across)
{
	struct model model = {0};
	size_t count;

	build(made, &model);
	count = count_warnings(&model, ret_across);
	model_free(&model);
	return count;
}

/* --- both ways --- */

/* Adds layers that are warned of nowhere. */
static void fill(enum kind kind, struct made *made)
{
	size_t tries, across, at;

	for (tries = 0; tries < DIMENSIONS * LAYERS * 2; tries++) {
		at = random_below(DIMENSIONS);
		if (made->counts[at] == LAYERS - 2)
			continue;
		make_layer(kind, &made->layers[at][made->counts[at]++]);
		if (warnings_of(made, &across) > 0)
			made->counts[at]--;
	}
}

static void change(enum kind kind, struct made *made)
{
	size_t *count = &made->counts[0], at = random_below(*count + 1);
	struct made_layer *layers = made->layers[0];

	switch (random_below(6)) {
	case 0:
		if (*count < LAYERS)
			make_layer(kind, &layers[(*count)++]);
		break;
	case 1:
		if (at < *count)
			change_text(&layers[at]);
		break;
	case 2:
		if (at < *count)
			make_word(kind, layers[at].words[random_below(WORDS)]);
		break;
	case 3: /* a word or text that another dimension has */
		if (at < *count && made->counts[1] > 0) {
			const struct made_layer *other = &made->layers[1][random_below(made->counts[1])];

			memcpy(layers[at].words[0], other->words[0], sizeof(other->words[0]));
			if (random_below(2) == 0)
				memcpy(layers[at].text, other->text, sizeof(other->text));
		}
		break;
	default:
		if (*count > 0 && at < *count)
			layers[at] = layers[--*count];
	}
}

static void facts_of(const struct made *made, struct lint_facts ret[DIMENSIONS])
{
	struct model model = {0};
	size_t i;

	build(made, &model);
	for (i = 0; i < DIMENSIONS; i++)
		lint_facts_of(&model.dimensions[i], &ret[i]);
	model_free(&model);
}

struct score {
	unsigned warned, doubted, calm;
};

static void judge(enum kind kind, struct score *score)
{
	static struct made before, now;
	struct lint_facts old[DIMENSIONS], new[DIMENSIONS];
	const struct lint_facts *others[] = {&old[1], &old[2]};
	size_t across, changes, i;
	bool is_doubted, is_calm_alone;

	memset(&before, 0, sizeof(before));
	fill(kind, &before);
	facts_of(&before, old);
	now = before;
	now.counts[0] = 0;
	is_calm_alone = warnings_of(&now, &across) == 0;
	for (i = 0; i < 20; i++) {
		now = before;
		for (changes = random_below(4); changes > 0; changes--)
			change(kind, &now);
		facts_of(&now, new);
		warnings_of(&now, &across);
		is_doubted = lint_may_concern(&new[0], &old[0], others, 2);
		CHECK(across == 0 || is_doubted);
		CHECK(across == 0 || !is_calm_alone || lint_may_concern(&new[0], NULL, others, 2));
		score->warned += across > 0;
		score->doubted += across == 0 && is_doubted;
		score->calm += !is_doubted;
		for (changes = 0; changes < DIMENSIONS; changes++)
			lint_facts_free(&new[changes]);
	}
	CHECK(!lint_may_concern(&old[0], &old[0], others, 2));
	for (i = 0; i < DIMENSIONS; i++)
		lint_facts_free(&old[i]);
}

/* --- two that are near, hidden by a crowd --- */

/*
 * 26 texts that begin in the same way, and two more that are nearly the same and may not be compared: the last of the
 * second dimension, and the one of the third.
 */
static void make_crowd(struct made *ret)
{
	size_t i, first = random_below(1000) * 100, tail = 0;

	memset(ret, 0, sizeof(*ret));
	for (i = 0; i < 28; i++) {
		size_t at = i < 14 ? 0 : i < 27 ? 1 : 2, w, used = 0;
		struct made_layer *layer = &ret->layers[at][ret->counts[at]++];

		snprintf(layer->words[0], 40, "%zu", random_below(99999));
		tail = i < 27 ? random_below(99999) : tail;
		for (w = 0; w < 34; w++)
			used += (size_t)snprintf(layer->text + used, TEXT - used, "w%zu ",
						 w < 29 ? first + w : tail + w + (w == 33 && i == 27));
	}
}

static void check_crowd(void)
{
	static struct made before, now;
	struct lint_facts old[DIMENSIONS], new[DIMENSIONS];
	const struct lint_facts *others[] = {&old[0], &old[2]};
	struct made_layer *layers = now.layers[1], last;
	unsigned hidden = 0, tries;
	size_t across, i;

	for (tries = 0; tries < 2000 && hidden < 3; tries++) {
		make_crowd(&before);
		if (warnings_of(&before, &across) > 0)
			continue;
		now = before; /* another order shows nothing that was hidden */
		last = layers[now.counts[1] - 1];
		memmove(&layers[1], &layers[0], (now.counts[1] - 1) * sizeof(last));
		layers[0] = last;
		CHECK(warnings_of(&now, &across) == 0);
		now.counts[1] = 1; /* but where others are gone, it comes out */
		if (warnings_of(&now, &across) == 0)
			continue;
		facts_of(&before, old);
		facts_of(&now, new);
		CHECK(lint_may_concern(&new[1], &old[1], others, 2));
		hidden++;
		for (i = 0; i < DIMENSIONS; i++) {
			lint_facts_free(&old[i]);
			lint_facts_free(&new[i]);
		}
	}
	CHECK(hidden == 3);
}

/* --- by hand --- */

/* Whether a dimension with the one layer is in doubt beside another one. */
static bool is_in_doubt(const char *word, const char *text, const char *other_word, const char *other_text)
{
	struct made made = {.counts = {1, 1, 0}};
	struct lint_facts facts[DIMENSIONS];
	const struct lint_facts *others[] = {&facts[1]};
	bool ret;
	size_t i;

	for (i = 0; i < WORDS; i++) {
		snprintf(made.layers[0][0].words[i], 40, "%s", word);
		snprintf(made.layers[1][0].words[i], 40, "%s", other_word);
	}
	snprintf(made.layers[0][0].text, TEXT, "%s", text);
	snprintf(made.layers[1][0].text, TEXT, "%s", other_text);
	facts_of(&made, facts);
	ret = lint_may_concern(&facts[0], NULL, others, 1);
	for (i = 0; i < DIMENSIONS; i++)
		lint_facts_free(&facts[i]);
	return ret;
}

static void check_by_hand(void)
{
	CHECK(!is_in_doubt("wonder", "a b c", "wonder", "d e f"));
	CHECK(is_in_doubt("wonder", "a b c", "Wonder", "d e f"));
	CHECK(is_in_doubt("wonder", "a b c", "wander", "d e f"));
	CHECK(is_in_doubt("wonder", "a b c", "wonders", "d e f"));
	CHECK(is_in_doubt("wonder", "a b c", "onder", "d e f"));
	CHECK(is_in_doubt("wonder", "a b c", "ownder", "d e f"));
	CHECK(!is_in_doubt("wonder", "a b c", "wondering", "d e f"));
	CHECK(is_in_doubt("caf\u00E9", "a b c", "cafe\u0301", "d e f"));
	CHECK(!is_in_doubt("cat", "a b c", "car", "d e f"));
	CHECK(!is_in_doubt("chapter 1", "a b c", "chapter 2", "d e f"));
	CHECK(!is_in_doubt("chapter 1", "a b c", "chapter 12", "d e f"));
	CHECK(is_in_doubt("wonder", "a b c", "awe", "A, b: c!"));
	CHECK(!is_in_doubt("wonder", "a b", "awe", "a b"));
	CHECK(is_in_doubt("wonder", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18", "awe",
			  "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 19"));
	CHECK(!is_in_doubt("wonder", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18", "awe",
			   "18 17 16 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1"));
}

int main(void)
{
	unsigned round;
	enum kind kind;

	random_state = 7;
	check_by_hand();
	check_crowd();
	for (kind = 0; kind < KINDS; kind++) {
		struct score score = {0};

		for (round = 0; round < 60; round++)
			judge(kind, &score);
		if (getenv("LINT_FACTS_TEST_SHOW") != NULL)
			printf("%u changes bring warnings, %u are in doubt and bring none, %u are not\n", score.warned,
			       score.doubted, score.calm);
		CHECK(score.warned > 20 && score.calm > 20);
	}
	return 0;
}
