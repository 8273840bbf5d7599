/*
 * hostile.c: regions that somebody has tampered with, in every way that fits in a few seconds.
 * In: a volume; its regions are the good ones that everything starts from.
 * Out: nothing while no accessor reads outside a region, lies after a check, or misses a mutation of the metadata.
 */
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../compiler/digest.h"
#include "../../include/dim_format.h"
#include "published.h"

enum { RANDOM_MUTATIONS = 100000, WRITER_ROUNDS = 2000, OPENED_AS_VOLUME = 200 };

/* A fixed seed: a failure comes again. xorshift64*, S. Vigna, "An experimental exploration of Marsaglia's xorshift". */
static uint64_t seed = UINT64_C(0x9E3779B97F4A7C15);

static uint64_t draw(uint64_t below)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (seed * UINT64_C(2685821657736338717) >> 11) % below;
}

/*
 * A piece of memory between two pages that nobody may touch. Bytes that end where the second one begins make every read
 * behind them fatal, bytes that begin where the first one ends every read before them.
 */
struct fence {
	uint8_t *first;
	size_t room;
};

static struct fence fence_new(size_t size)
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

static void good_new(struct good *g, const struct dim_region *r)
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

static bool is_checksum(size_t at)
{
	return at >= offsetof(struct dim_header, checksum) && at < offsetof(struct dim_header, header_size);
}

static bool is_metadata(const struct good *g, size_t at)
{
	return at < sizeof(struct dim_header) || (at >= g->metadata && at < g->metadata_end);
}

static void sign(uint8_t *bytes, size_t size)
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

/* Whether a byte says what only the author knows, so that another value may be as right: ids, times, frequencies,
 * texts. */
static bool is_free(const struct good *g, size_t at)
{
	const struct dim_section *s = (const struct dim_section *)(const void *)(g->bytes + g->metadata);
	size_t i, in;

	if (at < sizeof(struct dim_header))
		return at >= offsetof(struct dim_header, dimension_id) && at < offsetof(struct dim_header, layer_count);
	for (i = 0; i < DIM_SECTION_KNOWN; i++) {
		uint64_t offset = dim_get64(s[i].offset);

		if (at < offset || at - offset >= dim_get64(s[i].size))
			continue;
		in = (size_t)(at - offset);
		switch (dim_get32(s[i].kind)) {
		case DIM_SECTION_DIMENSION:
			return in == offsetof(struct dim_dimension_record, flags) ||
			       (in >= offsetof(struct dim_dimension_record, created_at) &&
				in < offsetof(struct dim_dimension_record, unused));
		case DIM_SECTION_LAYERS:
			in %= sizeof(struct dim_layer_record);
			return in < 4 || (in >= offsetof(struct dim_layer_record, frequency) &&
					  in < offsetof(struct dim_layer_record, keyword_first));
		default:
			return dim_get32(s[i].kind) == DIM_SECTION_STRINGS;
		}
	}
	return false;
}

static void every_single_byte(const struct good *g)
{
	size_t at, i;

	for (at = 0; at < g->size; at++) {
		uint8_t was = g->bytes[at];
		const uint8_t tried[] = {was ^ 1, was ^ 0x80, 0, 0xFF, (uint8_t)(was + 1), (uint8_t)(was - 1)};

		if (!is_metadata(g, at))
			continue;
		for (i = 0; i < sizeof(tried); i++) {
			if (tried[i] == was)
				continue;
			g->low[at] = g->high[at] = tried[i];
			CHECK(judge(g->low, g->size, false) != SOUND);
			CHECK(judge(g->high, g->size, false) != SOUND);
			/* With the right checksum, everything but the author's own words still contradicts something.
			 */
			memcpy(g->low, g->bytes, g->size);
			g->low[at] = tried[i];
			sign(g->low, g->size);
			CHECK(judge(g->low, g->size, false) != SOUND || is_free(g, at) || is_checksum(at));
			memcpy(g->low, g->bytes, g->size);
		}
		g->high[at] = was;
	}
}

static void every_truncation(const struct good *g)
{
	size_t size;

	for (size = 0; size < g->size; size++) {
		uint8_t *end = g->high_fence.first + g->high_fence.room;

		memcpy(end - size, g->bytes, size);
		CHECK(judge(end - size, size, false) == REFUSED);
	}
	memcpy(g->high, g->bytes, g->size);
}

/* A longer file is sound while its tail is zero. */
static void every_tail(const struct good *g)
{
	static const size_t tails[] = {1, 7, 4095, 4096, 12345};
	size_t i;

	for (i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		struct fence f = fence_new(g->size + tails[i]);
		uint8_t *bytes = f.first + f.room - g->size - tails[i];

		memcpy(bytes, g->bytes, g->size);
		CHECK(judge(bytes, g->size + tails[i], false) == SOUND);
		bytes[g->size + draw(tails[i])] = 1;
		CHECK(judge(bytes, g->size + tails[i], false) == DAMAGED);
		munmap(f.first, f.room);
	}
}

/* Numbers at which arithmetic goes wrong, most of all near the sizes of this region. */
static uint64_t interesting(const struct good *g)
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

	return numbers[draw(sizeof(numbers) / sizeof(numbers[0]))];
}

static size_t place_in_metadata(const struct good *g, size_t size)
{
	size_t at = (size_t)draw(g->metadata_end - g->metadata + sizeof(struct dim_header));

	if (at >= sizeof(struct dim_header))
		at += g->metadata - sizeof(struct dim_header);
	return at > g->size - size ? g->size - size : at;
}

static void mutate(const struct good *g, uint8_t *bytes)
{
	uint64_t count = 1 + draw(8), number, i;

	for (i = 0; i < count; i++) {
		size_t width = (size_t)1 << draw(4), from = 0;
		size_t at = draw(8) == 0 ? (size_t)draw(g->size - 8) : place_in_metadata(g, 8);

		if (draw(3) > 0)
			at &= ~(width - 1); /* where numbers stand */
		switch (draw(4)) {
		case 0:
			bytes[at] = (uint8_t)draw(256);
			break;
		case 1:
			bytes[at] ^= (uint8_t)(1u << draw(8));
			break;
		case 2:
			number = interesting(g);
			memcpy(bytes + at, &number, width);
			break;
		default: /* a record of one kind in the place of another */
			width = (size_t)8 << draw(5);
			from = place_in_metadata(g, width);
			at = place_in_metadata(g, width);
			memmove(bytes + at, bytes + from, width);
		}
	}
}

static void random_mutations(const struct good *g, size_t count, size_t seen[3], struct published *published)
{
	size_t i;

	for (i = 0; i < count; i++) {
		uint8_t *bytes = i % 2 == 0 ? g->low : g->high;
		bool is_signed = i % 4 >= 2; /* by somebody who knows the format: the checksum says nothing */
		enum verdict verdict;

		memcpy(bytes, g->bytes, g->size);
		mutate(g, bytes);
		if (is_signed)
			sign(bytes, g->size);
		verdict = judge(bytes, g->size, false);
		CHECK(is_signed || verdict != SOUND || memcmp(bytes, g->bytes, g->size) == 0);
		seen[verdict]++;
		if (i % OPENED_AS_VOLUME < 4) /* of each of the four ways above */
			judge_published(published, bytes, g->size);
	}
	memcpy(g->low, g->bytes, g->size);
	memcpy(g->high, g->bytes, g->size);
}

/* Another process writes to the bytes while we read them. Wrong answers are all right, reads outside are not. */
static void while_somebody_writes(const struct good *g)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (g->size + page - 1) / page * page, i;
	uint8_t *all = mmap(NULL, room + 2 * page, PROT_NONE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), *bytes;
	pid_t parent = getpid(), writer;

	CHECK(all != MAP_FAILED && mprotect(all + page, room, PROT_READ | PROT_WRITE) == 0);
	bytes = all + page + room - g->size;
	memcpy(bytes, g->bytes, g->size);
	writer = fork();
	CHECK(writer >= 0);
	if (writer == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (getppid() == parent) {
			/* Now and then a good region, so that the reader gets beyond its door. */
			mutate(g, bytes);
			memcpy(bytes, g->bytes, g->size);
		}
		_exit(0);
	}
	for (i = 0; i < WRITER_ROUNDS; i++)
		judge(bytes, g->size, true);
	kill(writer, SIGKILL);
	CHECK(waitpid(writer, NULL, 0) == writer);
	munmap(all, room + 2 * page);
}

int main(int argc, char **argv)
{
	struct dim_volume *volume = NULL;
	const struct dim_snapshot *snapshot = NULL;
	static struct published published;
	size_t seen[3] = {0}, i;

	CHECK(argc >= 2);
	published_new(&published, "hostile-volume");
	CHECK(dim_volume_open(argv[1], NULL, &volume, NULL) == DIM_OK);
	snapshot = dim_volume_acquire(volume);
	CHECK(dim_snapshot_count(snapshot) >= 2);
	for (i = 0; i < 2; i++) { /* one of each layout */
		const struct dim_region *region = dim_snapshot_region_at(snapshot, i);
		struct good g;

		CHECK(dim_region_layout(region) == i);
		good_new(&g, region);
		CHECK(judge(g.low, g.size, false) == SOUND && judge(g.high, g.size, false) == SOUND);
		every_single_byte(&g);
		every_truncation(&g);
		every_tail(&g);
		random_mutations(&g, RANDOM_MUTATIONS / 2, seen, &published);
		while_somebody_writes(&g);
		free(g.bytes);
	}
	/* The mutations reach all there is to reach, or they prove nothing. */
	CHECK(seen[REFUSED] > RANDOM_MUTATIONS / 20 && seen[DAMAGED] > RANDOM_MUTATIONS / 20);
	printf("%zu refused, %zu damaged, %zu sound\n", seen[REFUSED], seen[DAMAGED], seen[SOUND]);
	dim_snapshot_release(snapshot);
	dim_volume_close(volume);
	return 0;
}
