/*
 * tamper.h: regions that somebody has tampered with: good ones to begin with, mutations, and memory that ends where
 * they do. In: a good region; random numbers of random.h. Out: bytes between pages that nobody may touch.
 */
#ifndef TESTS_TAMPER_H
#define TESTS_TAMPER_H

#include <sys/mman.h>
#include <unistd.h>

#include "../../compiler/digest.h"
#include "../../include/dim_format.h"
#include "published.h"
#include "random.h"

/*
 * A piece of memory between two pages that nobody may touch. Bytes that end where the second one begins make every read
 * behind them fatal, bytes that begin where the first one ends every read before them.
 */
struct fence {
	uint8_t *first;
	size_t room;
};

static inline struct fence fence_new(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct fence f = {NULL, (size + page - 1) / page * page};
	uint8_t *all = mmap(NULL, f.room + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(all != MAP_FAILED);
	f.first = all + page;
	CHECK(mprotect(f.first, f.room, PROT_READ | PROT_WRITE) == 0);
	return f;
}

struct good {
	uint8_t *bytes;
	size_t size, metadata, metadata_end;
	uint8_t *low, *high; /* copies against the fences */
	struct fence low_fence, high_fence;
};

static inline void good_new(struct good *g, const struct dim_region *r)
{
	struct dim_span all = dim_region_bytes(r);

	g->size = all.size;
	g->bytes = malloc(all.size);
	CHECK(g->bytes != NULL);
	memcpy(g->bytes, all.data, all.size);
	g->metadata = (size_t)dim_region_metadata_offset(r);
	g->metadata_end = g->metadata + (size_t)dim_region_metadata_size(r);
	g->low_fence = fence_new(all.size);
	g->high_fence = fence_new(all.size);
	g->low = g->low_fence.first;
	g->high = g->high_fence.first + g->high_fence.room - all.size;
	memcpy(g->low, all.data, all.size);
	memcpy(g->high, all.data, all.size);
}

static inline bool is_metadata(const struct good *g, size_t at)
{
	return at < sizeof(struct dim_header) || (at >= g->metadata && at < g->metadata_end);
}

static inline void sign(uint8_t *bytes, size_t size)
{
	struct dim_header *h = (struct dim_header *)(void *)bytes;
	uint64_t offset = dim_get64(h->metadata_offset), length = dim_get64(h->metadata_size);
	struct digest_state *state;
	struct digest digest;

	if (size < sizeof(*h) || offset > size || length > size - offset)
		return;
	memset(h->checksum, 0, sizeof(h->checksum));
	state = digest_new();
	digest_add(state, h, sizeof(*h));
	digest_add(state, bytes + offset, (size_t)length);
	digest_end(state, &digest);
	digest_free(state);
	memcpy(h->checksum, digest.bytes, sizeof(h->checksum));
}

/* Numbers at which arithmetic goes wrong, most of all near the sizes of this region. */
static inline uint64_t interesting(const struct good *g)
{
	const uint64_t numbers[] = {0,
				    1,
				    2,
				    3,
				    4,
				    63,
				    64,
				    65,
				    255,
				    256,
				    4096,
				    g->size,
				    g->size - 1,
				    g->size + 1,
				    g->size - 4096,
				    g->metadata,
				    g->metadata_end,
				    g->metadata_end - g->metadata,
				    INT32_MAX,
				    UINT64_C(0x80000000),
				    UINT32_MAX,
				    UINT64_C(0x100000000),
				    INT64_MAX,
				    UINT64_C(0x8000000000000000),
				    UINT64_MAX,
				    UINT64_MAX - 255,
				    UINT64_MAX - g->size,
				    UINT64_C(0x7FF0000000000000),
				    UINT64_C(0x7FF8000000000000)};

	return numbers[random_below(sizeof(numbers) / sizeof(numbers[0]))];
}

static inline size_t place_in_metadata(const struct good *g, size_t size)
{
	size_t at = random_below(g->metadata_end - g->metadata + sizeof(struct dim_header));

	if (at >= sizeof(struct dim_header))
		at += g->metadata - sizeof(struct dim_header);
	return at > g->size - size ? g->size - size : at;
}

static inline void mutate(const struct good *g, uint8_t *bytes)
{
	uint64_t count = 1 + random_below(8), number, i;

	for (i = 0; i < count; i++) {
		size_t width = (size_t)1 << random_below(4), from = 0;
		size_t at = random_below(8) == 0 ? random_below(g->size - 8) : place_in_metadata(g, 8);

		if (random_below(3) > 0)
			at &= ~(width - 1); /* where numbers stand */
		switch (random_below(4)) {
		case 0:
			bytes[at] = (uint8_t)random_below(256);
			break;
		case 1:
			bytes[at] ^= (uint8_t)(1u << random_below(8));
			break;
		case 2:
			number = interesting(g);
			memcpy(bytes + at, &number, width);
			break;
		default: /* a record of one kind in the place of another */
			width = (size_t)8 << random_below(5);
			from = place_in_metadata(g, width);
			at = place_in_metadata(g, width);
			memmove(bytes + at, bytes + from, width);
		}
	}
}

#endif
