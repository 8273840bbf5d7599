/*
 * textdiff_test.c: hunks by hand; on thousands of small texts, what is common is a longest common subsequence; on large
 * ones the search is cut off, and what it gives is still right.
 * In: nothing.
 * Out: nothing while textdiff.h and myers.h do what they say.
 */
#include <string.h>

#include "../../compiler/buf.h"
#include "../../compiler/mem.h"
#include "../../compiler/myers.h"
#include "../../compiler/textdiff.h"
#include "test.h"

static struct text text_of(const char *bytes)
{
	struct text text = {bytes, strlen(bytes)};

	return text;
}

/* --- by hand --- */

static void add_line(void *context, char mark, const char *line, size_t size)
{
	struct buf *buf = context;

	if (mark == '\\')
		buf_puts(buf, "\\ ");
	else if (mark != '@')
		buf_add(buf, &mark, 1);
	buf_add(buf, line, size);
	buf_puts(buf, "\n");
}

static void gives(const char *a, const char *b, size_t context, const char *want)
{
	struct textdiff diff;
	struct buf buf = {0};
	const char *got;

	textdiff_make(text_of(a), text_of(b), &diff);
	textdiff_hunks(&diff, context, add_line, &buf);
	got = buf.bytes != NULL ? buf.bytes : "";
	if (strcmp(got, want) != 0) {
		fprintf(stderr, "--- got\n%s--- not\n%s", got, want);
		exit(1);
	}
	buf_free(&buf);
	textdiff_free(&diff);
}

static void check_by_hand(void)
{
	gives("", "", 3, "");
	gives("a\n", "a\n", 3, "");
	gives("a", "a", 3, "");
	gives("", "a\n", 3, "@@ -0,0 +1 @@\n+a\n");
	gives("a\nb\n", "", 3, "@@ -1,2 +0,0 @@\n-a\n-b\n");
	gives("a\n", "b\n", 3, "@@ -1 +1 @@\n-a\n+b\n");
	/* A missing LF at the end is a difference of that line, and is told wherever the line is shown. */
	gives("a\n", "a", 3, "@@ -1 +1 @@\n-a\n+a\n\\ No newline at end of file\n");
	gives("a", "a\n", 3, "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n");
	gives("a", "a\nb", 3,
	      "@@ -1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n\\ No newline at end of file\n");
	gives("a\nz", "b\nz", 3, "@@ -1,2 +1,2 @@\n-a\n+b\n z\n\\ No newline at end of file\n");
	gives("a\nz", "b\nz", 0, "@@ -1 +1 @@\n-a\n+b\n");
	gives("x", "y", 3, "@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+y\n\\ No newline at end of file\n");
	/* What lines have in common is no common line. */
	gives("xfoo", "foo", 3,
	      "@@ -1 +1 @@\n-xfoo\n\\ No newline at end of file\n+foo\n\\ No newline at end of file\n");
	gives("a\nfoo\n", "a\nfo\n", 3, "@@ -1,2 +1,2 @@\n a\n-foo\n+fo\n");
	gives("a\nxfoo\nz\n", "a\nfoo\nz\n", 0, "@@ -2 +2 @@\n-xfoo\n+foo\n");
	gives("foo\nfoo\n", "foo\n", 3, "@@ -1,2 +1 @@\n foo\n-foo\n");
	/* CR is a part of its line. */
	gives("a\r\nb\r\n", "a\nb\r\n", 3, "@@ -1,2 +1,2 @@\n-a\r\n+a\n b\r\n");
	gives("\n", "\n\n", 3, "@@ -1 +1,2 @@\n \n+\n");
	/* An insertion stands after line 2 of the first text. */
	gives("a\nb\nc\n", "a\nb\nx\nc\n", 0, "@@ -2,0 +3 @@\n+x\n");
	gives("a\nb\nc\n", "a\nc\n", 0, "@@ -2 +1,0 @@\n-b\n");
	/* Three lines of context; up to six common lines hold a hunk together, seven part it. */
	gives("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n", 3,
	      "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
	gives("0\n1\n2\n3\n4\n5\n6\n7\n", "zero\n1\n2\n3\n4\n5\n6\nseven\n", 3,
	      "@@ -1,8 +1,8 @@\n-0\n+zero\n 1\n 2\n 3\n 4\n 5\n 6\n-7\n+seven\n");
	gives("0\n1\n2\n3\n4\n5\n6\n7\n8\n", "zero\n1\n2\n3\n4\n5\n6\n7\neight\n", 3,
	      "@@ -1,4 +1,4 @@\n-0\n+zero\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-8\n+eight\n");
	gives("0\n1\n2\n3\n4\n5\n6\n7\n8\n", "zero\n1\n2\n3\n4\n5\n6\n7\neight\n", 1000000000,
	      "@@ -1,9 +1,9 @@\n-0\n+zero\n 1\n 2\n 3\n 4\n 5\n 6\n 7\n-8\n+eight\n");
	/* A paragraph with the blank line after it is what was added. */
	gives("one\n\nthree\n", "one\n\ntwo\n\nthree\n", 3, "@@ -1,3 +1,5 @@\n one\n \n+two\n+\n three\n");
	/* "b, x" or "x, b" was removed: that which stands beside the addition, so that one line was put for two. */
	gives("a\nx\nb\nx\nc\n", "a\ny\nx\nc\n", 3, "@@ -1,5 +1,4 @@\n a\n-x\n-b\n+y\n x\n c\n");
}

/* --- against the definition --- */

static uint64_t seed = UINT64_C(0x2545F4914F6CDD1D);

static uint32_t random_below(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 33) % n;
}

enum { SMALL = 24 };

/* The length of a longest common subsequence, by its recurrence. */
static uint32_t longest_common(const uint32_t *a, uint32_t n, const uint32_t *b, uint32_t m)
{
	uint32_t length[SMALL + 1][SMALL + 1] = {{0}}, i, k;

	for (i = 1; i <= n; i++)
		for (k = 1; k <= m; k++)
			length[i][k] = a[i - 1] == b[k - 1]		     ? length[i - 1][k - 1] + 1
				       : length[i - 1][k] > length[i][k - 1] ? length[i - 1][k]
									     : length[i][k - 1];
	return length[n][m];
}

/* Compares; what is not marked must be the same on both sides. Returns how many elements that are. */
static uint32_t common(const uint32_t *a, uint32_t n, const uint32_t *b, uint32_t m, uint32_t numbers)
{
	struct myers_sequence p = {a, mem_zalloc(n, sizeof(bool)), n}, q = {b, mem_zalloc(m, sizeof(bool)), m};
	uint32_t i = 0, k = 0, same = 0;

	myers_compare(&p, &q, numbers);
	for (;; i++, k++, same++) {
		while (i < n && p.marks[i])
			i++;
		while (k < m && q.marks[k])
			k++;
		if (i == n || k == m)
			break;
		CHECK(a[i] == b[k]);
	}
	CHECK(i == n && k == m);
	free(p.marks);
	free(q.marks);
	return same;
}

static void check_small(void)
{
	uint32_t a[SMALL], b[SMALL], n, m, numbers, round, i;

	for (round = 0; round < 60000; round++) {
		numbers = 1 + random_below(6);
		n = random_below(SMALL + 1);
		m = random_below(SMALL + 1);
		for (i = 0; i < n; i++)
			a[i] = random_below(numbers);
		for (i = 0; i < m; i++)
			b[i] = random_below(numbers);
		CHECK(common(a, n, b, m, numbers) == longest_common(a, n, b, m));
	}
}

/* So much to search that not all of it is. */
static void check_large(void)
{
	enum { LARGE = 60000 };
	uint32_t *a = mem_zalloc(LARGE, sizeof(*a)), *b = mem_zalloc(LARGE, sizeof(*b)), i;
	uint32_t same;

	for (i = 0; i < LARGE; i++) {
		a[i] = random_below(4);
		b[i] = random_below(4);
	}
	same = common(a, LARGE, b, LARGE, 4);
	CHECK(same > LARGE / 2 && same < LARGE); /* a longest one has about 0.65 of them */
	for (i = 0; i < LARGE; i++) {
		a[i] = random_below(20000);
		b[i] = random_below(20000);
	}
	CHECK(common(a, LARGE, b, LARGE, 20000) > 100);
	for (i = 0; i < LARGE; i++) {
		a[i] = i;
		b[i] = LARGE - 1 - i;
	}
	same = common(a, LARGE, b, LARGE, LARGE);
	CHECK(same >= 1);
	for (i = 0; i < LARGE; i++) { /* runs that can be moved far */
		a[i] = i % 7 == 0;
		b[i] = i % 11 == 0;
	}
	CHECK(common(a, LARGE, b, LARGE, 2) > LARGE / 2);
	free(a);
	free(b);
}

/* So many different lines of one length that dozens of them have the hash of another one, and are not equal to it. */
static void check_hashes(void)
{
	enum { DIFFERENT_LINES = 300000 };
	struct buf a = {0}, b = {0};
	struct textdiff diff;
	size_t i;

	for (i = 0; i < DIFFERENT_LINES; i++) {
		buf_printf(&a, "a%08x%08x\n", random_below(UINT32_MAX), random_below(UINT32_MAX));
		buf_printf(&b, "b%08x%08x\n", random_below(UINT32_MAX), random_below(UINT32_MAX));
	}
	textdiff_make((struct text){a.bytes, a.size}, (struct text){b.bytes, b.size}, &diff);
	CHECK(diff.count == 1 && diff.removed == DIFFERENT_LINES && diff.added == DIFFERENT_LINES);
	textdiff_free(&diff);
	buf_free(&a);
	buf_free(&b);
}

/* More lines than are looked at one by one: between the common ends, all is one change. */
static void check_huge(void)
{
	enum { HUGE_LINES = 1100000 };
	struct buf a = {0}, b = {0};
	struct textdiff diff;
	size_t i;

	buf_puts(&a, "same\n");
	buf_puts(&b, "same\n");
	for (i = 0; i < HUGE_LINES; i++) {
		buf_puts(&a, i % 2 == 0 ? "x\n" : "\n");
		buf_puts(&b, i % 2 == 0 ? "y\n" : "\n");
	}
	buf_puts(&a, "the end");
	buf_puts(&b, "the end");
	textdiff_make((struct text){a.bytes, a.size}, (struct text){b.bytes, b.size}, &diff);
	CHECK(diff.count == 1 && diff.changes[0].a == 1 && diff.changes[0].b == 1);
	CHECK(diff.removed == HUGE_LINES - 1 && diff.added == HUGE_LINES - 1);
	CHECK(diff.a_lines == HUGE_LINES + 2);
	textdiff_free(&diff);
	/* The same, with little that differs. */
	buf_puts(&a, "\nthe very end\n");
	b.size = 0;
	buf_add(&b, a.bytes, a.size);
	b.bytes[5] = 'z';
	textdiff_make((struct text){a.bytes, a.size}, (struct text){b.bytes, b.size}, &diff);
	CHECK(diff.count == 1 && diff.removed == 1 && diff.added == 1 && diff.changes[0].a == 1);
	textdiff_free(&diff);
	buf_free(&a);
	buf_free(&b);
}

int main(void)
{
	check_by_hand();
	check_small();
	check_large();
	check_hashes();
	check_huge();
	return 0;
}
