/*
 * myers.c: which elements of two sequences are not common to both.
 * In: two sequences of numbers; equal numbers are equal elements.
 * Out: a mark for every element that only one of them has.
 *
 * E. Myers, "An O(ND) difference algorithm and its variations", 1986, section 4b: the middle of a shortest way through
 * the grid of all pairs is searched from both ends, and the halves are solved in the same way.
 */
#include "myers.h"

#include <assert.h>
#include <stdlib.h>

#include "mem.h"

/* About how many steps a search takes at most. Where a shortest way is not found in time, a good one is taken. */
enum { MOST_STEPS = 1 << 27, LEAST_COST = 64 };

/* What is left of a sequence without the elements that the other one does not have. */
struct reduced {
	uint32_t *items;
	uint32_t *places; /* in the whole sequence */
	bool *marks;	  /* of the whole sequence */
	int32_t count;
};

struct search {
	struct reduced a, b;
	int32_t *memory;
	int32_t *forward, *backward; /* how far, in a, each diagonal x - y was followed from either end */
	int32_t most_cost;
};

/* The elements [a0, a1) of one against [b0, b1) of the other. */
struct box {
	int32_t a0, a1, b0, b1;
};

struct point {
	int32_t x, y;
};

/* The diagonals that are in use, every other one of [low, high]. */
struct range {
	int32_t low, high;
};

/* One step further to both sides, as far as the box goes; `beyond` is what stands outside of what is in use. */
static void widen(int32_t *ways, struct range *r, struct range box, int32_t beyond)
{
	if (r->low > box.low)
		ways[--r->low - 1] = beyond;
	else
		r->low++;
	if (r->high < box.high)
		ways[++r->high + 1] = beyond;
	else
		r->high--;
}

/* The search has become too long: of the points that were reached, the one that is furthest from its end of the box. */
static struct point furthest(const struct search *s, struct box b, struct range forward, struct range backward)
{
	struct point best = {b.a0, b.b0};
	int32_t gain = 0, d;

	for (d = forward.low; d <= forward.high; d += 2) {
		int32_t x = s->forward[d] < b.a1 ? s->forward[d] : b.a1;

		x = x - d > b.b1 ? b.b1 + d : x;
		if (x - b.a0 + x - d - b.b0 > gain) {
			gain = x - b.a0 + x - d - b.b0;
			best = (struct point){x, x - d};
		}
	}
	for (d = backward.low; d <= backward.high; d += 2) {
		int32_t x = s->backward[d] > b.a0 ? s->backward[d] : b.a0;

		x = x - d < b.b0 ? b.b0 + d : x;
		if (b.a1 - x + b.b1 - (x - d) > gain) {
			gain = b.a1 - x + b.b1 - (x - d);
			best = (struct point){x, x - d};
		}
	}
	return best;
}

/* A point inside of the box, on a shortest way through it where that is found in time. */
static struct point split(const struct search *s, struct box b)
{
	const uint32_t *p = s->a.items, *q = s->b.items;
	int32_t *f = s->forward, *r = s->backward;
	struct range box = {b.a0 - b.b1, b.a1 - b.b0};
	struct range forward = {b.a0 - b.b0, b.a0 - b.b0}, backward = {b.a1 - b.b1, b.a1 - b.b1};
	bool is_odd = ((forward.low - backward.low) & 1) != 0;
	int32_t cost, d, x;

	f[forward.low] = b.a0;
	r[backward.low] = b.a1;
	for (cost = 1; cost <= s->most_cost; cost++) {
		widen(f, &forward, box, -1);
		for (d = forward.high; d >= forward.low; d -= 2) {
			x = f[d - 1] < f[d + 1] ? f[d + 1] : f[d - 1] + 1;
			while (x < b.a1 && x - d < b.b1 && p[x] == q[x - d])
				x++;
			f[d] = x;
			if (is_odd && d >= backward.low && d <= backward.high && r[d] <= x)
				return (struct point){x, x - d};
		}
		widen(r, &backward, box, INT32_MAX);
		for (d = backward.high; d >= backward.low; d -= 2) {
			x = r[d - 1] < r[d + 1] ? r[d - 1] : r[d + 1] - 1;
			while (x > b.a0 && x - d > b.b0 && p[x - 1] == q[x - d - 1])
				x--;
			r[d] = x;
			if (!is_odd && d >= forward.low && d <= forward.high && x <= f[d])
				return (struct point){x, x - d};
		}
	}
	return furthest(s, b, forward, backward);
}

static void mark(const struct reduced *side, int32_t from, int32_t to)
{
	for (; from < to; from++)
		side->marks[side->places[from]] = true;
}

static int64_t extent(struct box b)
{
	return (int64_t)b.a1 - b.a0 + b.b1 - b.b0;
}

static void solve(const struct search *s, struct box b)
{
	const uint32_t *p = s->a.items, *q = s->b.items;

	for (;;) {
		struct box first, second;
		struct point at;

		for (; b.a0 < b.a1 && b.b0 < b.b1 && p[b.a0] == q[b.b0]; b.a0++)
			b.b0++;
		for (; b.a0 < b.a1 && b.b0 < b.b1 && p[b.a1 - 1] == q[b.b1 - 1]; b.a1--)
			b.b1--;
		if (b.a0 == b.a1 || b.b0 == b.b1)
			break;
		at = split(s, b);
		assert(at.x >= b.a0 && at.x <= b.a1 && at.y >= b.b0 && at.y <= b.b1);
		first = (struct box){b.a0, at.x, b.b0, at.y};
		second = (struct box){at.x, b.a1, at.y, b.b1};
		assert(extent(first) > 0 && extent(second) > 0);
		/* The smaller half by recursion, so that its depth is a logarithm. */
		if (extent(first) < extent(second)) {
			solve(s, first);
			b = second;
		} else {
			solve(s, second);
			b = first;
		}
	}
	mark(&s->a, b.a0, b.a1);
	mark(&s->b, b.b0, b.b1);
}

/* Marks what the other sequence does not have at all, and leaves the rest to be searched. */
static void reduce(const struct myers_sequence *whole, const bool *is_in_other, struct reduced *ret)
{
	uint32_t i;

	ret->items = mem_zalloc(whole->count, sizeof(*ret->items));
	ret->places = mem_zalloc(whole->count, sizeof(*ret->places));
	ret->marks = whole->marks;
	ret->count = 0;
	for (i = 0; i < whole->count; i++) {
		if (!is_in_other[whole->items[i]]) {
			whole->marks[i] = true;
			continue;
		}
		ret->items[ret->count] = whole->items[i];
		ret->places[ret->count++] = i;
	}
}

static bool *find_present(const struct myers_sequence *s, uint32_t numbers)
{
	bool *present = mem_zalloc(numbers, sizeof(*present));
	uint32_t i;

	for (i = 0; i < s->count; i++)
		present[s->items[i]] = true;
	return present;
}

/* --- marks that could stand elsewhere as well --- */

/* A run of marks, and how many elements without a mark are before it. */
struct run {
	const struct myers_sequence *s;
	uint32_t start, end, before;
	uint64_t steps; /* that may still be made, so that no sequence takes long */
};

/* One element up or down, where what is marked stays equal to what it was; runs that are met become one. */
static bool move_up(struct run *r)
{
	bool *marks = r->s->marks;

	if (r->start == 0 || r->steps == 0 || r->s->items[r->start - 1] != r->s->items[r->end - 1])
		return false;
	r->steps--;
	r->before--;
	marks[--r->start] = true;
	marks[--r->end] = false;
	while (r->start > 0 && marks[r->start - 1])
		r->start--;
	return true;
}

static bool move_down(struct run *r)
{
	bool *marks = r->s->marks;

	if (r->end == r->s->count || r->steps == 0 || r->s->items[r->start] != r->s->items[r->end])
		return false;
	r->steps--;
	r->before++;
	marks[r->start++] = false;
	marks[r->end++] = true;
	while (r->end < r->s->count && marks[r->end])
		r->end++;
	return true;
}

/*
 * Joins runs that can be moved together, and moves each beside a run of the other sequence, so that both are one
 * change, or else down as far as it goes. is_beside[n]: the other sequence has marks after its n-th element without
 * one.
 */
static void gather(const struct myers_sequence *s, const bool *is_beside)
{
	struct run r = {.s = s, .steps = (uint64_t)s->count * 4 + 1000};

	for (;;) {
		uint32_t size, beside;
		bool found;

		for (; r.start < s->count && !s->marks[r.start]; r.start++)
			r.before++;
		if (r.start == s->count)
			break;
		for (r.end = r.start; r.end < s->count && s->marks[r.end];)
			r.end++;
		do {
			size = r.end - r.start;
			while (move_up(&r))
				;
			found = is_beside[r.before];
			beside = r.end;
			while (move_down(&r)) {
				if (is_beside[r.before]) {
					found = true;
					beside = r.end;
				}
			}
		} while (r.end - r.start != size);
		while (found && r.end > beside && move_up(&r))
			;
		r.start = r.end;
	}
}

static bool *find_beside(const struct myers_sequence *other)
{
	bool *beside = mem_zalloc((size_t)other->count + 1, sizeof(*beside));
	uint32_t i, before = 0;

	for (i = 0; i < other->count; i++) {
		if (other->marks[i])
			beside[before] = true;
		else
			before++;
	}
	return beside;
}

void myers_compare(struct myers_sequence *a, struct myers_sequence *b, uint32_t numbers)
{
	bool *in_a = find_present(a, numbers), *in_b = find_present(b, numbers), *beside;
	struct search s;
	size_t diagonals;

	assert(a->count <= MYERS_MAX && b->count <= MYERS_MAX - a->count);
	reduce(a, in_b, &s.a);
	reduce(b, in_a, &s.b);
	free(in_a);
	free(in_b);
	diagonals = (size_t)s.a.count + (size_t)s.b.count + 3;
	s.memory = mem_zalloc(diagonals * 2, sizeof(*s.memory));
	s.forward = s.memory + s.b.count + 1;
	s.backward = s.forward + diagonals;
	s.most_cost = MOST_STEPS / (int32_t)diagonals;
	if (s.most_cost < LEAST_COST)
		s.most_cost = LEAST_COST;
	solve(&s, (struct box){0, s.a.count, 0, s.b.count});
	free(s.memory);
	free(s.a.items);
	free(s.a.places);
	free(s.b.items);
	free(s.b.places);
	beside = find_beside(b);
	gather(a, beside);
	free(beside);
	beside = find_beside(a);
	gather(b, beside);
	free(beside);
}
