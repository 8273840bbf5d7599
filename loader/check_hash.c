/*
 * check_hash.c: whether the keyword hash is the one that inserting the keywords in their order gives.
 * In: a check that has read the keywords, and hashed them.
 * Out: DIM_OK, or the slot that is wrong. O(slots), whatever they hold.
 */
#include <stdlib.h>

#include "check.h"

/* Looking a keyword up passes about half a slot more; a table that needs more than this on average gets the walk. */
enum { PASSED_SLOTS_MAX = 8 };

static const struct dim_hash_slot *slots_of(const struct dim_region *r)
{
	return dim_section_of(r, DIM_SECTION_KEYWORD_HASH);
}

/* Adds how many of these slots hold a keyword, and how many anything at all. */
static inline void count_slots(const struct dim_hash_slot *slots, uint32_t count, uint32_t *taken, uint32_t *not_zero)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		uint32_t hash = dim_get32(slots[i].hash), keyword = dim_get32(slots[i].keyword);

		*taken += keyword != 0;
		*not_zero += (hash | keyword) != 0;
	}
}

/* Whether as many slots are taken as there are keywords, and those that are not are zero. */
static bool has_right_count(const struct dim_region *r)
{
	enum { PIECE = 16 }; /* a count that the compiler knows: it takes several slots at a time */
	const struct dim_hash_slot *slots = slots_of(r);
	uint32_t count = r->hash_mask + 1, taken = 0, not_zero = 0, i = 0;

	for (; count - i >= PIECE; i += PIECE)
		count_slots(slots + i, PIECE, &taken, &not_zero);
	count_slots(slots + i, count - i, &taken, &not_zero);
	return taken == r->keyword_count && not_zero == taken;
}

/*
 * Whether every keyword is found from its home on past smaller keywords alone: when it was inserted, those slots were
 * taken and its own was free. False also where that takes too long to tell.
 */
static bool has_every_keyword(const struct dim_check *c)
{
	const struct dim_region *r = c->region;
	const struct dim_hash_slot *slots = slots_of(r);
	uint64_t passed = 0, most = (uint64_t)r->keyword_count * PASSED_SLOTS_MAX;
	uint32_t i, slot, keyword;

	for (i = 0; i < r->keyword_count; i++) {
		slot = c->hashes[i] & r->hash_mask;
		while ((keyword = dim_fetch32(&slots[slot].keyword)) != i + 1) {
			if (keyword == 0 || keyword > i || passed++ == most)
				return false;
			slot = (slot + 1) & r->hash_mask;
		}
		if (dim_fetch32(&slots[slot].hash) != c->hashes[i])
			return false;
	}
	return true;
}

/* A taken slot of the run that is being walked: its keyword, and how far from the start of the walk it is. */
struct taken {
	uint32_t keyword;
	uint64_t at;
};

/*
 * The same, slot by slot: each keyword stands in the table once, and all slots from its home to its place are taken by
 * keywords before it. The walk begins after an empty slot; `stack` holds the taken slots of this run that have a
 * greater keyword than all after them, so that the nearest greater one is on its top. That keeps it linear, whatever
 * the table holds, and it tells which slot is wrong.
 */
static bool walk(const struct dim_check *c, struct taken *stack, uint8_t *seen)
{
	const struct dim_region *r = c->region;
	const struct dim_hash_slot *slots = slots_of(r);
	uint64_t count = (uint64_t)r->hash_mask + 1, start = 0, run = 0, height = 0, i;
	uint32_t keyword, taken = 0;

	while (start < count && dim_fetch32(&slots[start].keyword) != 0)
		start++;
	for (i = 0; i < count; i++) {
		uint64_t slot = (start + i) & r->hash_mask, distance;
		const struct dim_hash_slot *at = &slots[slot];
		uint32_t hash = dim_fetch32(&at->hash);

		keyword = dim_fetch32(&at->keyword);
		if (keyword == 0) {
			run = height = 0;
			if (hash != 0) {
				dim_check_damaged(c, 0, at, sizeof(*at),
						  "an empty slot of the keyword hash is not zero");
				return false;
			}
			continue;
		}
		distance = (slot - hash) & r->hash_mask;
		while (height > 0 && stack[height - 1].keyword < keyword)
			height--;
		if (keyword > r->keyword_count || (seen[(keyword - 1) / 8] & 1u << (keyword - 1) % 8) != 0 ||
		    c->hashes[keyword - 1] != hash || distance > run ||
		    (height > 0 && i - stack[height - 1].at <= distance)) {
			dim_check_damaged(c, 0, at, sizeof(*at), "a slot of the keyword hash is wrong");
			return false;
		}
		seen[(keyword - 1) / 8] |= (uint8_t)(1u << (keyword - 1) % 8);
		stack[height++] = (struct taken){keyword, i};
		taken++;
		run++;
	}
	if (taken == r->keyword_count)
		return true;
	dim_fail(c->err, DIM_ERR_DAMAGED, r->dimension_id, 0, r->section[DIM_SECTION_KEYWORD_HASH].offset,
		 r->section[DIM_SECTION_KEYWORD_HASH].size, "the keyword hash misses a keyword");
	return false;
}

enum dim_status dim_check_hash(const struct dim_check *check)
{
	size_t count = check->region->keyword_count;
	struct taken *stack;
	uint8_t *seen;
	enum dim_status status = DIM_ERR_DAMAGED;

	if (count == 0 || (has_right_count(check->region) && has_every_keyword(check)))
		return DIM_OK;
	stack = calloc(count, sizeof(*stack));
	seen = calloc((count + 7) / 8, 1);
	if (stack == NULL || seen == NULL)
		status = dim_fail(check->err, DIM_ERR_MEMORY, check->region->dimension_id, 0, 0, 0, "out of memory");
	else if (walk(check, stack, seen))
		status = DIM_OK;
	free(stack);
	free(seen);
	return status;
}
