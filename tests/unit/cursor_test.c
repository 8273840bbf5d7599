/*
 * cursor_test.c: searches across dimensions, against the answers that going through everything gives.
 * In: the volume M that tests/volume.bats compiles: many small regions with few words and frequencies, so that many
 * tie. Out: nothing while every search gives each answer once, in the documented order, and ends.
 */
#include "volumes.h"

enum { MOST = 4096 };

struct answer {
	double frequency;
	const struct dim_region *region;
	const struct dim_layer *layer;
};

static struct answer answers[MOST];
static struct dim_span words[MOST];
static size_t count;
static size_t asked, given;

static int by_bytes(const void *x, const void *y)
{
	const struct dim_span *a = x, *b = y;
	int order = memcmp(a->data, b->data, a->size < b->size ? a->size : b->size);

	return order != 0 ? order : (a->size > b->size) - (a->size < b->size);
}

static int by_frequency(const void *x, const void *y)
{
	const struct answer *a = x, *b = y;
	uint32_t of_a = dim_region_dimension_id(a->region), of_b = dim_region_dimension_id(b->region);

	if (a->frequency != b->frequency)
		return a->frequency < b->frequency ? -1 : 1;
	if (of_a != of_b)
		return of_a < of_b ? -1 : 1;
	return dim_layer_id(a->layer) < dim_layer_id(b->layer) ? -1 : 1;
}

static bool has_word(const struct answer *answer, struct dim_span word)
{
	struct dim_span other;
	uint32_t i;

	for (i = 0; i < dim_layer_keyword_count(answer->layer); i++) {
		CHECK(dim_layer_keyword(answer->region, answer->layer, i, &other) == DIM_OK);
		if (same_bytes(other, word))
			return true;
	}
	return false;
}

/* Goes through everything; the layers that match, by (dimension_id, layer_id). */
static void collect(const struct dim_snapshot *s, double low, double high, const struct dim_span *word)
{
	struct answer answer;
	size_t i;
	uint32_t k;

	count = 0;
	for (i = 0; i < dim_snapshot_count(s); i++) {
		answer.region = dim_snapshot_region_at(s, i);
		for (k = 0; answer.region != NULL && k < dim_region_layer_count(answer.region); k++) {
			CHECK(dim_region_layer_at(answer.region, k, &answer.layer) == DIM_OK);
			answer.frequency = dim_layer_frequency(answer.layer);
			if (!(answer.frequency >= low && answer.frequency <= high) ||
			    (word != NULL && !has_word(&answer, *word)))
				continue;
			CHECK(count < MOST);
			answers[count++] = answer;
		}
	}
}

/* The cursor's answers are those that were collected; then it stays at its end. A copy gives the rest once more. */
static void compare_layers(struct dim_cursor *cursor)
{
	const struct dim_region *region = NULL, *none = NULL;
	const struct dim_layer *layer = NULL, *no_layer = NULL;
	struct dim_cursor copy = *cursor;
	struct dim_span word = {0};
	size_t i;

	for (i = 0; i < count; i++) {
		if (i == count / 2)
			copy = *cursor;
		CHECK(dim_cursor_next_keyword(cursor, &word) == DIM_ERR_USAGE && word.data == NULL);
		CHECK(dim_cursor_next_layer(cursor, &region, &layer) == DIM_OK);
		CHECK(region == answers[i].region && layer == answers[i].layer);
	}
	for (i = 0; i < 3; i++)
		CHECK(dim_cursor_next_layer(cursor, &none, &no_layer) == DIM_ERR_NOT_FOUND && none == NULL &&
		      no_layer == NULL);
	CHECK(dim_cursor_next_keyword(cursor, &word) == DIM_ERR_USAGE && word.data == NULL);
	for (i = count / 2; i < count; i++) {
		CHECK(dim_cursor_next_layer(&copy, &region, &layer) == DIM_OK);
		CHECK(region == answers[i].region && layer == answers[i].layer);
	}
	CHECK(dim_cursor_next_layer(&copy, &none, &no_layer) == DIM_ERR_NOT_FOUND);
	asked++;
	given += count;
}

static void check_keyword(const struct dim_snapshot *s, struct dim_span word)
{
	struct dim_cursor cursor;

	collect(s, 0, INFINITY, &word);
	dim_snapshot_find_keyword(s, word.data, word.size, &cursor);
	compare_layers(&cursor);
}

static void check_frequencies(const struct dim_snapshot *s)
{
	static const double bounds[] = {-INFINITY, -1, -0.0, 5e-324, 0.5, 0.75, 1, 2, 2.5, 3, 1e308, INFINITY, NAN};
	const size_t all = sizeof(bounds) / sizeof(bounds[0]);
	struct dim_cursor cursor;
	size_t i, k;

	for (i = 0; i < all; i++)
		for (k = 0; k < all; k++) {
			collect(s, bounds[i], bounds[k], NULL);
			qsort(answers, count, sizeof(answers[0]), by_frequency);
			dim_snapshot_find_frequency(s, bounds[i], bounds[k], &cursor);
			compare_layers(&cursor);
		}
}

static void check_prefix(const struct dim_snapshot *s, const char *prefix, size_t size)
{
	const struct dim_region *region = NULL;
	const struct dim_layer *layer = NULL;
	struct dim_cursor cursor, copy;
	struct dim_span word;
	size_t i, k, kept = 0;
	uint32_t w;

	collect(s, 0, INFINITY, NULL);
	for (i = 0, k = 0; i < count; i++)
		for (w = 0; w < dim_layer_keyword_count(answers[i].layer); w++) {
			CHECK(dim_layer_keyword(answers[i].region, answers[i].layer, w, &word) == DIM_OK);
			if (word.size < size || (size > 0 && memcmp(word.data, prefix, size) != 0))
				continue;
			CHECK(k < MOST);
			words[k++] = word;
		}
	qsort(words, k, sizeof(words[0]), by_bytes);
	for (i = 0; i < k; i++)
		if (kept == 0 || by_bytes(&words[kept - 1], &words[i]) != 0)
			words[kept++] = words[i];

	dim_snapshot_find_prefix(s, prefix, size, &cursor);
	for (i = 0; i < kept; i++) {
		copy = cursor;
		CHECK(dim_cursor_next_layer(&cursor, &region, &layer) == DIM_ERR_USAGE && region == NULL);
		CHECK(dim_cursor_next_keyword(&cursor, &word) == DIM_OK && same_bytes(word, words[i]));
		CHECK(dim_cursor_next_keyword(&copy, &word) == DIM_OK && same_bytes(word, words[i]));
	}
	for (i = 0; i < 3; i++)
		CHECK(dim_cursor_next_keyword(&cursor, &word) == DIM_ERR_NOT_FOUND);
	CHECK(dim_cursor_next_layer(&cursor, &region, &layer) == DIM_ERR_USAGE && layer == NULL);
	asked++;
	given += kept;
}

/* The same of one region, where the answers are those of find_prefix. */
static void check_prefix_of_region(const struct dim_region *r, const char *prefix, size_t size)
{
	uint32_t first = 42, number = 42, i, in_range;
	struct dim_span word;

	CHECK(dim_region_find_prefix(r, prefix, size, &first, &number) == DIM_OK);
	CHECK(first <= dim_region_keyword_count(r) && number <= dim_region_keyword_count(r) - first);
	for (i = 0; i < dim_region_keyword_count(r); i++) {
		CHECK(dim_region_keyword_at(r, i, &word) == DIM_OK);
		in_range = i >= first && i - first < number;
		CHECK(in_range == (word.size >= size && (size == 0 || memcmp(word.data, prefix, size) == 0)));
	}
}

static void check_all(const struct dim_snapshot *s)
{
	/* Among them whole words, beginnings of words, half a character, the last byte there is, and more than any
	 * word. */
	static const char *const tried[] = {"",	      "a",
					    "aa",     "ab",
					    "abc",    "abcd",
					    "b",      "ba",
					    "\xC3",   "\xC3\xA9",
					    "\xFF",   "\xC3\xA9t\xC3\xA9",
					    "z",      "no such word",
					    "common", "comm"};
	static const char with_nul[] = "a\0b";
	size_t i, k;

	for (i = 0; i < sizeof(tried) / sizeof(tried[0]); i++) {
		struct dim_span word = {tried[i], strlen(tried[i])};

		check_keyword(s, word);
		check_prefix(s, word.data, word.size);
		for (k = 0; k < dim_snapshot_count(s); k++)
			if (dim_snapshot_region_at(s, k) != NULL)
				check_prefix_of_region(dim_snapshot_region_at(s, k), word.data, word.size);
	}
	check_keyword(s, (struct dim_span){with_nul, 3});
	check_prefix(s, with_nul, 2);
	check_keyword(s, (struct dim_span){NULL, 0});
	check_prefix(s, NULL, 0);
	check_frequencies(s);
}

int main(int argc, char **argv)
{
	const struct dim_snapshot *all, *some, *none;
	struct dim_volume *volume;
	size_t i;

	CHECK(argc >= 2);
	volume = opened(in(argv[1], "M"), NULL);
	all = dim_volume_acquire(volume);
	CHECK(dim_snapshot_count(all) >= 30);
	check_all(all);
	CHECK(given > 10 * asked); /* or they searched for nothing */
	for (i = 0; i < dim_snapshot_count(all); i++)
		if (i % 3 != 1)
			CHECK(dim_volume_unload(volume, dim_snapshot_dimension_at(all, i), NULL) == DIM_OK);
	some = dim_volume_acquire(volume);
	check_all(some);
	for (i = 0; i < dim_snapshot_count(all); i++)
		CHECK(dim_volume_unload(volume, dim_snapshot_dimension_at(all, i), NULL) == DIM_OK);
	none = dim_volume_acquire(volume);
	check_all(none);
	CHECK(count == 0);
	printf("%zu searches, %zu answers\n", asked, given);
	dim_snapshot_release(all);
	dim_snapshot_release(some);
	dim_snapshot_release(none);
	dim_volume_close(volume);
	return 0;
}
