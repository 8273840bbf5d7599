/*
 * myers.h: which elements of two sequences are not common to both.
 * In: two sequences of numbers; equal numbers are equal elements.
 * Out: a mark for every element that only one of them has; without those, the sequences are the same.
 */
#ifndef DIMC_MYERS_H
#define DIMC_MYERS_H

#include <stdbool.h>
#include <stdint.h>

/* The most elements that both sequences may have together. */
enum { MYERS_MAX = 1 << 30 };

/* A sequence. Its numbers are less than what myers_compare is told; `marks` are false before. */
struct myers_sequence {
	const uint32_t *items;
	bool *marks;
	uint32_t count;
};

/*
 * Sets the marks: as few as possible, unless that would take too long: time and memory are bounded by a constant times
 * the number of elements, from some size on. Marks that could stand elsewhere as well are moved together.
 */
void myers_compare(struct myers_sequence *a, struct myers_sequence *b, uint32_t numbers);

#endif
