/*
 * regions.h: what the targets that read regions share: memory between guards, right digests, mutants behind the front
 * door. In: bytes that claim to be a region. Out: the same bytes where no read before or behind them goes unseen,
 * signed as by somebody who knows the format; mutants.
 */
#ifndef FUZZ_REGIONS_H
#define FUZZ_REGIONS_H

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../compiler/digest.h"
#include "../../include/dim_format.h"
#include "fuzz.h"

enum { ROOM = 1 << 20, LARGEST = 16384, SIGNED_LAYERS = 8 };

/* ROOM bytes between two pages that nobody may touch. */
static uint8_t *fence(void)
{
	static uint8_t *room;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (room == NULL) {
		uint8_t *all = mmap(NULL, ROOM + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		CHECK(all != MAP_FAILED && mprotect(all + page, ROOM, PROT_READ | PROT_WRITE) == 0);
		room = all + page;
	}
	return room;
}

static void put_digest(struct digest_state *state, uint8_t *at)
{
	struct digest digest;

	digest_end(state, &digest);
	memcpy(at, digest.bytes, sizeof(digest.bytes));
}

/* The digests of contents that begin with a zero byte are made right. */
static void sign_contents(struct digest_state *state, uint8_t *bytes, size_t size, uint64_t from, uint64_t to)
{
	struct dim_layer_record *layer = (struct dim_layer_record *)(void *)(bytes + from);
	uint64_t offset, length;
	size_t i;

	for (i = 0; i < SIGNED_LAYERS && to - from >= (i + 1) * sizeof(*layer); i++) {
		offset = dim_get64(layer[i].offset);
		length = dim_get64(layer[i].content_size);
		if (layer[i].digest[0] != 0 || offset > size || length > size - offset)
			continue;
		digest_start(state);
		digest_add(state, bytes + offset, (size_t)length);
		put_digest(state, layer[i].digest);
	}
}

/* Makes the checksum right. */
static void sign(uint8_t *bytes, size_t size)
{
	struct dim_header *h = (struct dim_header *)(void *)bytes;
	static const uint8_t zero[sizeof(h->checksum)];
	static struct digest_state *state;
	const struct dim_section *layers;
	uint64_t offset, length, from, to;

	if (state == NULL)
		state = digest_new();
	offset = dim_get64(h->metadata_offset);
	length = dim_get64(h->metadata_size);
	if (offset > size || length > size - offset)
		return;
	layers = (const struct dim_section *)(const void *)(bytes + offset) + 1; /* the second kind */
	if (length >= 2 * sizeof(*layers)) {
		from = dim_get64(layers->offset);
		to = from + dim_get64(layers->size);
		if (from >= sizeof(*h) && from <= to && to <= size)
			sign_contents(state, bytes, size, from, to);
	}
	digest_start(state);
	digest_add(state, h, offsetof(struct dim_header, checksum));
	digest_add(state, zero, sizeof(zero));
	digest_add(state, bytes + sizeof(zero) + offsetof(struct dim_header, checksum),
		   sizeof(*h) - sizeof(zero) - offsetof(struct dim_header, checksum));
	digest_add(state, bytes + offset, (size_t)length);
	put_digest(state, h->checksum);
}

/*
 * An input at one of the fences; NULL where it is too large. Its checksum is computed anyway, and says what else is
 * done: by its first byte whether it is left wrong, by the second whether the file is cut short, by the third which
 * fence. Else zero bytes that an input lacks up to total_size are added: most of a region is padding, and inputs
 * without it are faster by far.
 */
static uint8_t *region_of(const uint8_t *data, size_t size, size_t *ret_size)
{
	const struct dim_header *h = (const struct dim_header *)(const void *)data;
	bool has_header = size >= sizeof(*h);
	uint64_t total = has_header && h->checksum[1] != 0 ? dim_get64(h->total_size) : 0;
	uint8_t *at = fence();

	if (size > LARGEST)
		return NULL;
	*ret_size = total > size && total <= LARGEST ? (size_t)total : size;
	if (!has_header || h->checksum[2] != 0)
		at += ROOM - *ret_size;
	if (size > 0)
		memcpy(at, data, size);
	memset(at + size, 0, *ret_size - size);
	if (has_header && h->checksum[0] != 0)
		sign(at, *ret_size);
	return at;
}

/* --- mutants --- */

/* A place in the header, the directory or a section: an aligned field of `width` bytes, most often. */
static size_t field_of(const uint8_t *bytes, size_t size, size_t width)
{
	const struct dim_header *h = (const struct dim_header *)(const void *)bytes;
	uint64_t offset = dim_get64(h->metadata_offset), length = dim_get64(h->metadata_size);
	uint32_t count = dim_get32(h->section_count);
	const struct dim_section *s;
	size_t at = random_below(88), kind = random_below(12);

	if (offset <= size && length <= size - offset && length >= 8 * sizeof(*s) && kind > 0) {
		s = (const struct dim_section *)(const void *)(bytes + offset);
		if (kind > 8 || kind > count || dim_get64(s[kind - 1].offset) >= size ||
		    dim_get64(s[kind - 1].size) == 0)
			at = offset + random_below(8 * sizeof(*s));
		else
			at = dim_get64(s[kind - 1].offset) + random_below(dim_get64(s[kind - 1].size));
	}
	at -= at % width;
	return at + width <= size ? at : size - width;
}

/* Numbers that programs stumble over, and those that stand somewhere else in the file. */
static uint64_t number_for(const uint8_t *bytes, size_t size, size_t width, uint64_t was)
{
	const uint64_t edges[] = {0,
				  1,
				  2,
				  63,
				  64,
				  65,
				  4095,
				  4096,
				  0x7FFFFFFF,
				  0x80000000,
				  0xFFFFFFFF,
				  0x100000000,
				  INT64_MAX,
				  UINT64_MAX,
				  UINT64_MAX - 63,
				  size,
				  size - 4096,
				  0x3FF0000000000000,
				  0x7FF0000000000000,
				  0x7FF8000000000000};
	uint64_t other = 0;

	switch (random_below(6)) {
	case 0:
		return edges[random_below(sizeof(edges) / sizeof(edges[0]))];
	case 1:
		return was + 1 + random_below(3);
	case 2:
		return was - 1 - random_below(3);
	case 3:
		return was ^ UINT64_C(1) << random_below(8 * width);
	case 4:
		return random_next() >> random_below(64);
	default:
		memcpy(&other, bytes + field_of(bytes, size, width), width);
		return other;
	}
}

static void change_field(uint8_t *bytes, size_t size)
{
	static const size_t widths[] = {4, 4, 8, 1};
	size_t width = widths[random_below(4)], at = field_of(bytes, size, width), i;
	uint64_t was = 0, is;

	for (i = 0; i < width; i++)
		was |= (uint64_t)bytes[at + i] << 8 * i;
	is = number_for(bytes, size, width, was);
	for (i = 0; i < width; i++)
		bytes[at + i] = (uint8_t)(is >> 8 * i);
}

/* One record over another, as wide as one of the format's. */
static void copy_record(uint8_t *bytes, size_t size)
{
	static const size_t widths[] = {4, 8, 16, 24, 128};
	size_t width = widths[random_below(5)];

	memmove(bytes + field_of(bytes, size, width), bytes + field_of(bytes, size, width), width);
}

/* Mostly fields of the metadata; the contents and the padding are nearly all of a region, and nothing depends on them.
 */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	size_t rounds;

	random_state = seed;
	if (LLVMFuzzerMutate != NULL && (size < sizeof(struct dim_header) || random_below(8) == 0))
		return LLVMFuzzerMutate(data, size, max_size);
	for (rounds = 1 + random_below(4); rounds > 0; rounds--)
		if (random_below(8) != 0)
			change_field(data, size);
		else
			copy_record(data, size);
	for (rounds = 0; rounds < 3; rounds++)
		data[offsetof(struct dim_header, checksum) + rounds] = random_below(16) != 0;
	return size;
}

#endif
