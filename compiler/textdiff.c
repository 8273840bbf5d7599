/*
 * textdiff.c: what of one text is different in another, by lines, as `diff -u` shows it.
 * In: two texts.
 * Out: runs of lines that differ; the same as hunks with lines of context around them.
 */
#include "textdiff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "myers.h"

/* Larger than both together, what differs is one change: the tables of lines would need too much memory. */
enum { MOST_LINES = 1 << 21 };

/* --- lines --- */

static size_t line_size(struct text text, size_t at)
{
	const char *end = memchr(text.bytes + at, '\n', text.size - at);

	return end == NULL ? text.size - at : (size_t)(end - text.bytes) + 1 - at;
}

static size_t count_lines(struct text text)
{
	size_t at, count = 0;

	for (at = 0; at < text.size; at += line_size(text, at))
		count++;
	return count;
}

static struct text part(struct text text, size_t from, size_t to)
{
	struct text ret = {text.size > 0 ? text.bytes + from : "", to - from};

	return ret;
}

/* How many bytes the texts have in common at the beginning, in whole lines. */
static size_t common_start(struct text a, struct text b)
{
	size_t size = a.size < b.size ? a.size : b.size, at = 0;

	while (at < size && a.bytes[at] == b.bytes[at])
		at++;
	while (at > 0 && a.bytes[at - 1] != '\n' && (at < a.size || at < b.size))
		at--;
	return at;
}

/* The same at the end, of texts that have nothing in common at the beginning. */
static size_t common_end(struct text a, struct text b)
{
	size_t size = a.size < b.size ? a.size : b.size, at = 0, start;
	const char *end;

	while (at < size && a.bytes[a.size - 1 - at] == b.bytes[b.size - 1 - at])
		at++;
	start = a.size - at;
	if ((start == 0 || a.bytes[start - 1] == '\n') && (at == b.size || b.bytes[b.size - at - 1] == '\n'))
		return at;
	end = memchr(a.bytes + start, '\n', at);
	return end == NULL ? 0 : a.size - (size_t)(end + 1 - a.bytes);
}

/* --- equal lines get equal numbers --- */

struct lines {
	struct text text;
	uint32_t *starts;  /* one more than lines: where the text ends */
	uint32_t *numbers; /* equal for equal lines */
	uint32_t count;
};

struct table {
	const struct lines *sides[2];
	uint32_t *slots; /* 0 is free, else a number and 1 */
	uint32_t mask;
	uint32_t *firsts; /* of each number, the first line that has it; those of the second side follow the first's */
	uint32_t *hashes;
	uint32_t count;
	uint64_t base;
};

static void find_starts(struct lines *lines, struct text text, size_t count)
{
	size_t at = 0, i;

	lines->text = text;
	lines->count = (uint32_t)count;
	lines->starts = mem_zalloc(count + 1, sizeof(*lines->starts));
	lines->numbers = mem_zalloc(count, sizeof(*lines->numbers));
	for (i = 0; i < count; i++, at += line_size(text, at))
		lines->starts[i] = (uint32_t)at;
	lines->starts[count] = (uint32_t)text.size;
}

static struct text line_at(const struct lines *lines, uint32_t i)
{
	return part(lines->text, lines->starts[i], lines->starts[i + 1]);
}

static struct text first_line(const struct table *t, uint32_t number)
{
	uint32_t i = t->firsts[number], in_first = t->sides[0]->count;

	return i < in_first ? line_at(t->sides[0], i) : line_at(t->sides[1], i - in_first);
}

/*
 * A polynomial over the field of 2^31 - 1. The place where it is evaluated depends on both texts, so that nobody can
 * write texts whose lines all have one hash.
 */
static uint32_t hash(const struct table *t, struct text line)
{
	static const uint64_t prime = (UINT64_C(1) << 31) - 1;
	uint64_t value = 0;
	size_t i;

	for (i = 0; i < line.size; i++)
		value = (value * t->base + (uint8_t)line.bytes[i] + 1) % prime;
	return (uint32_t)value;
}

static uint64_t find_base(struct text a, struct text b)
{
	struct digest_state *state = digest_new();
	struct digest digest;
	uint64_t base = 0;
	int i;

	digest_add(state, a.bytes, a.size);
	digest_add(state, b.bytes, b.size);
	digest_end(state, &digest);
	digest_free(state);
	for (i = 0; i < 4; i++)
		base = base << 8 | digest.bytes[i];
	return (base >> 2) + 256; /* 30 bits and a little: always less than the prime */
}

static void number_lines(struct table *t, struct lines *lines, uint32_t first)
{
	uint32_t i;

	for (i = 0; i < lines->count; i++) {
		struct text line = line_at(lines, i), other;
		uint32_t value = hash(t, line), at = value & t->mask, number;

		for (;; at = (at + 1) & t->mask) {
			number = t->slots[at] - 1;
			if (t->slots[at] == 0) {
				number = t->count++;
				t->slots[at] = number + 1;
				t->firsts[number] = first + i;
				t->hashes[number] = value;
				break;
			}
			other = first_line(t, number);
			if (t->hashes[number] == value && other.size == line.size &&
			    memcmp(other.bytes, line.bytes, line.size) == 0)
				break;
		}
		lines->numbers[i] = number;
	}
}

/* Returns how many different lines there are. */
static uint32_t number_all(struct lines *a, struct lines *b)
{
	size_t slots = 2, lines = (size_t)a->count + b->count;
	struct table t = {.sides = {a, b}};

	while (slots < lines * 3 / 2)
		slots *= 2;
	t.slots = mem_zalloc(slots, sizeof(*t.slots));
	t.mask = (uint32_t)slots - 1;
	t.firsts = mem_zalloc(lines, sizeof(*t.firsts));
	t.hashes = mem_zalloc(lines, sizeof(*t.hashes));
	t.base = find_base(a->text, b->text);
	number_lines(&t, a, 0);
	number_lines(&t, b, a->count);
	free(t.slots);
	free(t.firsts);
	free(t.hashes);
	return t.count;
}

/* --- changes --- */

static void add_change(struct textdiff *d, size_t a, size_t a_count, size_t b, size_t b_count)
{
	d->changes = mem_reserve(d->changes, d->count, &d->capacity, sizeof(*d->changes));
	d->changes[d->count++] = (struct textdiff_change){a, a_count, b, b_count};
	d->removed += a_count;
	d->added += b_count;
}

/* Compares what is between the common ends; `before` lines are in front of it on both sides. */
static void compare_lines(struct textdiff *d, struct text a, size_t a_count, struct text b, size_t b_count,
			  size_t before)
{
	struct lines x, y;
	struct myers_sequence p, q;
	uint32_t numbers, i = 0, k = 0;

	find_starts(&x, a, a_count);
	find_starts(&y, b, b_count);
	numbers = number_all(&x, &y);
	p = (struct myers_sequence){x.numbers, mem_zalloc(x.count, sizeof(bool)), x.count};
	q = (struct myers_sequence){y.numbers, mem_zalloc(y.count, sizeof(bool)), y.count};
	free(x.starts);
	free(y.starts);
	myers_compare(&p, &q, numbers);
	while (i < p.count || k < q.count) {
		uint32_t from_a = i, from_b = k;

		while (i < p.count && p.marks[i])
			i++;
		while (k < q.count && q.marks[k])
			k++;
		if (i > from_a || k > from_b)
			add_change(d, before + from_a, i - from_a, before + from_b, k - from_b);
		for (; i < p.count && k < q.count && !p.marks[i] && !q.marks[k]; i++)
			k++;
	}
	free(x.numbers);
	free(y.numbers);
	free(p.marks);
	free(q.marks);
}

void textdiff_make(struct text a, struct text b, struct textdiff *ret)
{
	size_t start, end, before, a_count, b_count;

	memset(ret, 0, sizeof(*ret));
	ret->a = a = part(a, 0, a.size);
	ret->b = b = part(b, 0, b.size);
	ret->a_lines = count_lines(a);
	ret->b_lines = count_lines(b);
	start = common_start(a, b);
	before = count_lines(part(a, 0, start));
	a = part(a, start, a.size);
	b = part(b, start, b.size);
	end = common_end(a, b);
	a = part(a, 0, a.size - end);
	b = part(b, 0, b.size - end);
	a_count = count_lines(a);
	b_count = count_lines(b);
	if (a_count == 0 || b_count == 0 || a_count > MOST_LINES || b_count > MOST_LINES - a_count ||
	    a.size > UINT32_MAX || b.size > UINT32_MAX) {
		if (a_count > 0 || b_count > 0)
			add_change(ret, before, a_count, before, b_count);
	} else {
		compare_lines(ret, a, a_count, b, b_count, before);
	}
}

void textdiff_free(struct textdiff *diff)
{
	free(diff->changes);
	memset(diff, 0, sizeof(*diff));
}

/* --- hunks --- */

/* Goes forward through a text. */
struct cursor {
	struct text text;
	size_t line, at;
};

struct printing {
	struct cursor a, b;
	textdiff_emit emit;
	void *context;
};

static void skip_to(struct cursor *c, size_t line)
{
	for (; c->line < line; c->line++)
		c->at += line_size(c->text, c->at);
}

static void emit_lines(const struct printing *p, struct cursor *c, char mark, size_t to)
{
	static const char remark[] = "No newline at end of file";

	for (; c->line < to; c->line++) {
		size_t size = line_size(c->text, c->at);
		bool is_whole = c->text.bytes[c->at + size - 1] == '\n';

		p->emit(p->context, mark, c->text.bytes + c->at, is_whole ? size - 1 : size);
		if (!is_whole)
			p->emit(p->context, '\\', remark, sizeof(remark) - 1);
		c->at += size;
	}
}

/* "12,3", "12" for one line, "11,0" for none after line 11. */
static void add_range(char *text, size_t size, size_t first, size_t count)
{
	if (count == 1)
		snprintf(text, size, "%zu", first + 1);
	else
		snprintf(text, size, "%zu,%zu", count == 0 ? first : first + 1, count);
}

static void emit_header(const struct printing *p, size_t a, size_t a_count, size_t b, size_t b_count)
{
	char first[48], second[48], header[112];
	int size;

	add_range(first, sizeof(first), a, a_count);
	add_range(second, sizeof(second), b, b_count);
	size = snprintf(header, sizeof(header), "@@ -%s +%s @@", first, second);
	p->emit(p->context, '@', header, (size_t)size);
}

void textdiff_hunks(const struct textdiff *d, size_t lines, textdiff_emit emit, void *context)
{
	struct printing p = {.a = {.text = d->a}, .b = {.text = d->b}, .emit = emit, .context = context};
	const struct textdiff_change *c = d->changes, *end = d->changes + d->count;

	while (c < end) {
		const struct textdiff_change *last = c;
		size_t lead = c->a < lines ? c->a : lines, trail, rest;

		while (last + 1 < end && (last[1].a - last->a - last->a_count + 1) / 2 <= lines)
			last++;
		rest = d->a_lines - last->a - last->a_count;
		trail = rest < lines ? rest : lines;
		emit_header(&p, c->a - lead, last->a + last->a_count + trail - (c->a - lead), c->b - lead,
			    last->b + last->b_count + trail - (c->b - lead));
		skip_to(&p.a, c->a - lead);
		for (; c <= last; c++) {
			emit_lines(&p, &p.a, ' ', c->a);
			emit_lines(&p, &p.a, '-', c->a + c->a_count);
			skip_to(&p.b, c->b);
			emit_lines(&p, &p.b, '+', c->b + c->b_count);
		}
		emit_lines(&p, &p.a, ' ', p.a.line + trail);
	}
}
