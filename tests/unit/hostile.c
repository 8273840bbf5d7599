/*
 * hostile.c: regions that somebody has tampered with, in every way that fits in a few seconds.
 * In: a volume; its regions are the good ones that everything starts from.
 * Out: nothing while no accessor reads outside a region, lies after a check, or misses a mutation of the metadata.
 */
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "tamper.h"

enum { RANDOM_MUTATIONS = 100000, WRITER_ROUNDS = 2000, OPENED_AS_VOLUME = 200 };

static bool is_checksum(size_t at)
{
	return at >= offsetof(struct dim_header, checksum) && at < offsetof(struct dim_header, header_size);
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
		bytes[g->size + random_below(tails[i])] = 1;
		CHECK(judge(bytes, g->size + tails[i], false) == DAMAGED);
		munmap(f.first, f.room);
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
