/*
 * near_words_test.c: every pair of words one letter apart is told as such, and found by a form that both have.
 * In: nothing.
 * Out: nothing while near_words.h does what it says, measured against all letters of two words.
 */
#include <string.h>

#include "../../compiler/near_words.h"
#include "../../compiler/utf8.h"
#include "random.h"
#include "test.h"

enum { MAX_LETTERS = 9, BYTES = 4 * MAX_LETTERS };

struct letters {
	size_t at[MAX_LETTERS], count; /* of `alphabet` */
};

static const char *const alphabet[] = {"a", "b", "1", "2", "\u00E9", "\u00E1", "\u6C34", "\u0661", "\U0001F600"};

static bool is_digit(size_t letter)
{
	return letter == 2 || letter == 3 || letter == 7;
}

static size_t any_letter(void)
{
	return random_below(sizeof(alphabet) / sizeof(alphabet[0]));
}

static struct text text_of(const struct letters *word, char ret[BYTES + 1])
{
	size_t i;

	ret[0] = '\0';
	for (i = 0; i < word->count; i++)
		strcat(ret, alphabet[word->at[i]]);
	return (struct text){ret, strlen(ret)};
}

/* Written from near_words.h, and not from near_words.c. */
static bool are_apart(const struct letters *a, const struct letters *b)
{
	size_t i, k, first = 0, count = 0;

	if (a->count < b->count)
		return are_apart(b, a);
	if (a->count == b->count) {
		for (i = a->count; i-- > 0;) {
			if (a->at[i] == b->at[i])
				continue;
			first = i;
			count++;
		}
		if (count == 1)
			return !is_digit(a->at[first]) && !is_digit(b->at[first]);
		return count == 2 && a->at[first] == b->at[first + 1] && a->at[first + 1] == b->at[first] &&
		       !(is_digit(a->at[first]) && is_digit(b->at[first]));
	}
	for (i = 0; i < a->count && a->count == b->count + 1; i++) {
		for (k = 0; k < b->count && b->at[k] == a->at[k + (k >= i)]; k++)
			;
		if (k == b->count)
			return !is_digit(a->at[i]);
	}
	return false;
}

static void edit(struct letters *word)
{
	size_t at = random_below(word->count), letter = word->at[at];

	switch (random_below(4)) {
	case 0:
		word->at[at] = any_letter();
		break;
	case 1:
		memmove(&word->at[at], &word->at[at + 1], (--word->count - at) * sizeof(letter));
		break;
	case 2:
		if (word->count == MAX_LETTERS)
			break;
		memmove(&word->at[at + 1], &word->at[at], (word->count++ - at) * sizeof(letter));
		word->at[at] = any_letter();
		break;
	default:
		if (at + 1 == word->count)
			break;
		word->at[at] = word->at[at + 1];
		word->at[at + 1] = letter;
	}
}

static bool have_form_in_common(struct text a, struct text b)
{
	uint64_t forms[BYTES + 1], others[BYTES + 1];
	size_t count = near_words_forms(a, forms), other_count = near_words_forms(b, others), i, k;

	CHECK(count <= a.size + 1 && other_count <= b.size + 1);
	for (i = 0; i < count; i++)
		for (k = 0; k < other_count; k++)
			if (forms[i] == others[k])
				return true;
	return false;
}

static size_t count_forms(const char *word)
{
	uint64_t forms[BYTES + 1];
	struct text text = {word, strlen(word)};

	return near_words_forms(text, forms);
}

int main(void)
{
	unsigned round, apart = 0, strange = 0;

	random_state = 3;
	for (round = 0; round < 200000; round++) {
		struct letters a = {.count = 5 + random_below(3)}, b;
		char one[BYTES + 1], another[BYTES + 1];
		struct text x, y;
		size_t i;

		for (i = 0; i < a.count; i++)
			a.at[i] = any_letter();
		b = a;
		for (i = 1 + random_below(3); i > 0; i--)
			edit(&b);
		x = text_of(&a, one);
		y = text_of(&b, another);
		CHECK(near_words_is_long(x) && near_words_is_long(y) == (b.count >= 5));
		if (b.count < 5) {
			CHECK(near_words_forms(y, (uint64_t[BYTES + 1]){0}) == 1 && !have_form_in_common(x, y));
			continue;
		}
		CHECK(near_words_are_apart(x, y) == are_apart(&a, &b) &&
		      near_words_are_apart(y, x) == are_apart(&a, &b));
		CHECK(!are_apart(&a, &b) || have_form_in_common(x, y));
		apart += are_apart(&a, &b);
		strange += !have_form_in_common(x, y);
	}
	CHECK(count_forms("chapter 12") == 9 && count_forms("aabbc") == 4 && count_forms("12345") == 1);
	CHECK(apart > 10000 && strange > 10000);
	return 0;
}
