/*
 * lookups.c: layers by id and keywords to layers, by libdim and by others, in one process and in turn.
 * In: a published volume, and an empty directory for what the others make of it.
 * Out: for each peer and question, CPU nanoseconds a lookup: the median of ROUNDS.
 */
#include "bench.h"

static const struct dim_snapshot *snapshot;

/* What a lookup costs at least: an array of pointers, made beforehand. The bytes are those that libdim maps, too. */
static struct dim_span *arrays[DIMENSIONS_MAX];
static uint32_t counts[DIMENSIONS_MAX];

static void build_arrays(const struct corpus *corpus, const char *directory)
{
	size_t i;

	(void)directory;
	for (i = 0; i < corpus->key_count; i++) {
		const struct key *key = &corpus->keys[i];

		NEED(key->dimension_id < DIMENSIONS_MAX && key->layer_id <= corpus->key_count);
		if (key->layer_id >= counts[key->dimension_id])
			counts[key->dimension_id] = key->layer_id + 1;
	}
	for (i = 0; i < DIMENSIONS_MAX; i++) {
		arrays[i] = calloc(counts[i] + (size_t)1, sizeof(*arrays[i]));
		NEED(arrays[i] != NULL);
	}
	for (i = 0; i < corpus->key_count; i++)
		arrays[corpus->keys[i].dimension_id][corpus->keys[i].layer_id] = corpus->keys[i].content;
}

static uint64_t layer_of_array(uint32_t dimension_id, uint32_t layer_id)
{
	if (dimension_id >= DIMENSIONS_MAX || layer_id >= counts[dimension_id])
		return 0;
	return touched(arrays[dimension_id][layer_id].data, arrays[dimension_id][layer_id].size);
}

static uint64_t found_in_array(uint32_t dimension_id, uint32_t layer_id)
{
	if (dimension_id >= DIMENSIONS_MAX || layer_id >= counts[dimension_id])
		return 0;
	return arrays[dimension_id][layer_id].size;
}

static uint64_t found_in_libdim(uint32_t dimension_id, uint32_t layer_id)
{
	const struct dim_region *region;
	const struct dim_layer *layer;
	struct dim_span content;

	if (dim_snapshot_layer(snapshot, dimension_id, layer_id, &region, &layer) != DIM_OK ||
	    dim_layer_content(region, layer, &content) != DIM_OK)
		return 0;
	return content.size;
}

static uint64_t layer_of_libdim(uint32_t dimension_id, uint32_t layer_id)
{
	const struct dim_region *region;
	const struct dim_layer *layer;
	struct dim_span content;

	if (dim_snapshot_layer(snapshot, dimension_id, layer_id, &region, &layer) != DIM_OK ||
	    dim_layer_content(region, layer, &content) != DIM_OK)
		return 0;
	return touched(content.data, content.size);
}

/*
 * libdim answers with the layers themselves. To add their ids up, as the others do that have stored them, would be to
 * look into each; here it is enough to know that the ids of this corpus are 1, 2, 3 and so on.
 */
static uint32_t id_of(const struct dim_region *region, const struct dim_layer *layer)
{
	return dim_layer_position(region, layer) + 1;
}

static uint64_t keyword_of_libdim(uint32_t dimension_id, const char *text, size_t size)
{
	const struct dim_region *region;
	const struct dim_layer *layer;
	uint32_t position, count, i;
	uint64_t sum = 0;

	if (dim_snapshot_region(snapshot, dimension_id, &region) != DIM_OK ||
	    dim_region_find_keyword(region, text, size, &position) != DIM_OK ||
	    dim_keyword_layer_count(region, position, &count) != DIM_OK)
		return 0;
	for (i = 0; i < count; i++)
		if (dim_keyword_layer(region, position, i, &layer) == DIM_OK)
			sum += id_of(region, layer);
	return sum;
}

static uint64_t contents_of_libdim(uint32_t dimension_id, const char *text, size_t size)
{
	const struct dim_region *region;
	const struct dim_layer *layer;
	uint32_t position, count, i;
	struct dim_span content;
	uint64_t sum = 0;

	if (dim_snapshot_region(snapshot, dimension_id, &region) != DIM_OK ||
	    dim_region_find_keyword(region, text, size, &position) != DIM_OK ||
	    dim_keyword_layer_count(region, position, &count) != DIM_OK)
		return 0;
	for (i = 0; i < count; i++)
		if (dim_keyword_layer(region, position, i, &layer) == DIM_OK &&
		    dim_layer_content(region, layer, &content) == DIM_OK)
			sum += touched(content.data, content.size);
	return sum;
}

static uint64_t keyword_of_volume(const char *text, size_t size)
{
	const struct dim_region *region;
	const struct dim_layer *layer;
	struct dim_cursor cursor;
	uint64_t sum = 0;

	dim_snapshot_find_keyword(snapshot, text, size, &cursor);
	while (dim_cursor_next_layer(&cursor, &region, &layer) == DIM_OK)
		sum += id_of(region, layer);
	return sum;
}

static const struct peer peer_array = {
	.name = "array", .build = build_arrays, .layer = layer_of_array, .found = found_in_array};
static const struct peer peer_libdim = {
	"libdim",	   NULL, NULL, layer_of_libdim, found_in_libdim, keyword_of_libdim, keyword_of_volume,
	contents_of_libdim};

static const struct peer *const peers[] = {
	&peer_array,  &peer_libdim,
#ifdef WITH_LMDB
	&peer_lmdb,
#endif
#ifdef WITH_CDB
	&peer_cdb,
#endif
#ifdef WITH_SQLITE
	&peer_sqlite,
#endif
	&peer_files,
};
enum { PEERS = sizeof(peers) / sizeof(peers[0]) };

enum question { LAYER, FOUND, KEYWORD, KEYWORD_MISS, CONTENTS, KEYWORD_OF_ALL, KEYWORD_OF_ALL_MISS, QUESTIONS };
static const char *const names[QUESTIONS] = {
	"layer",	  "layer found",	   "keyword", "keyword, a miss", "keyword to contents",
	"keyword of all", "keyword of all, a miss"};

static bool can(const struct peer *peer, enum question question)
{
	if (question == LAYER)
		return peer->layer != NULL;
	if (question == FOUND)
		return peer->found != NULL;
	if (question == CONTENTS)
		return peer->contents != NULL;
	return question < KEYWORD_OF_ALL ? peer->keyword != NULL : peer->keyword_of_all != NULL;
}

/* Asks once for everything there is. Returns how many lookups that was; what they gave is added to *ret_sum. */
static size_t ask(const struct peer *peer, enum question question, const struct corpus *c, uint64_t *ret_sum)
{
	uint64_t sum = 0;
	size_t i;

	switch (question) {
	case LAYER:
		for (i = 0; i < c->key_count; i++)
			sum += peer->layer(c->keys[i].dimension_id, c->keys[i].layer_id);
		break;
	case FOUND:
		for (i = 0; i < c->key_count; i++)
			sum += peer->found(c->keys[i].dimension_id, c->keys[i].layer_id);
		break;
	case KEYWORD:
		for (i = 0; i < c->word_count; i++)
			sum += peer->keyword(c->words[i].dimension_id, c->words[i].text.data, c->words[i].text.size);
		break;
	case KEYWORD_MISS:
		for (i = 0; i < c->word_count; i++)
			sum += peer->keyword(c->words[i].dimension_id, c->words[i].missing.data,
					     c->words[i].missing.size);
		break;
	case CONTENTS:
		for (i = 0; i < c->word_count; i++)
			sum += peer->contents(c->words[i].dimension_id, c->words[i].text.data, c->words[i].text.size);
		break;
	case KEYWORD_OF_ALL:
		for (i = 0; i < c->word_of_all_count; i++)
			sum += peer->keyword_of_all(c->words_of_all[i].text.data, c->words_of_all[i].text.size);
		break;
	default:
		for (i = 0; i < c->word_of_all_count; i++)
			sum += peer->keyword_of_all(c->words_of_all[i].missing.data, c->words_of_all[i].missing.size);
	}
	*ret_sum += sum;
	return i;
}

static double nanoseconds(const struct peer *peer, enum question question, const struct corpus *corpus, int passes,
			  uint64_t *ret_sum)
{
	size_t lookups = 0;
	double started;
	int i;

	ask(peer, question, corpus, ret_sum); /* the one before has left its own bytes in the processor's caches */
	*ret_sum = 0;
	started = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
	for (i = 0; i < passes; i++)
		lookups += ask(peer, question, corpus, ret_sum);
	return (seconds_of(CLOCK_PROCESS_CPUTIME_ID) - started) * 1e9 / (double)lookups;
}

static void compare(enum question question, const struct corpus *corpus)
{
	enum { PASSES = 3 };
	static double times[PEERS][ROUNDS_MAX];
	size_t rounds = rounds_wanted(), round, i;
	uint64_t sum = 0, expected = 0;

	nanoseconds(&peer_libdim, question, corpus, PASSES, &expected);
	for (round = 0; round < rounds; round++)
		for (i = 0; i < PEERS; i++) {
			if (!can(peers[i], question))
				continue;
			times[i][round] = nanoseconds(peers[i], question, corpus, PASSES, &sum);
			NEED(sum == expected); /* everybody found the same */
		}
	for (i = 0; i < PEERS; i++)
		if (can(peers[i], question))
			printf("%s: %s\t%.1f\n", names[question], peers[i]->name, median_of(times[i], rounds));
}

int main(int argc, char **argv)
{
	struct dim_volume *volume;
	struct dim_error error;
	struct corpus corpus;
	size_t i;

	if (argc != 3) {
		fputs("usage: lookups VOLUME DIR\n", stderr);
		return 2;
	}
	if (dim_volume_open(argv[1], NULL, &volume, &error) != DIM_OK) {
		fprintf(stderr, "lookups: %s\n", error.message);
		return 1;
	}
	snapshot = dim_volume_acquire(volume);
	corpus = corpus_of(snapshot);
	for (i = 0; i < PEERS; i++) {
		if (peers[i]->build != NULL)
			peers[i]->build(&corpus, argv[2]);
		if (peers[i]->open != NULL)
			peers[i]->open(argv[2]);
	}
	printf("layers\t%zu\nkeywords\t%zu\nkeywords of all\t%zu\n", corpus.key_count, corpus.word_count,
	       corpus.word_of_all_count);
	for (i = 0; i < QUESTIONS; i++)
		compare((enum question)i, &corpus);
	dim_snapshot_release(snapshot);
	dim_volume_close(volume);
	return 0;
}
