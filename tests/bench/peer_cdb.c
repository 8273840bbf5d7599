/*
 * peer_cdb.c: tinycdb, a file of layers and one of keywords for each dimension, and one for all; mapped.
 * In: the corpus.
 * Out: a peer.
 */
#include <cdb.h>
#include <fcntl.h>
#include <unistd.h>

#include "bench.h"

static struct cdb layers[DIMENSIONS_MAX], words[DIMENSIONS_MAX], words_of_all;

static int file_of(const char *directory, const char *what, uint32_t dimension_id, int flags)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s%u.cdb", directory, what, dimension_id);
	return open(path, flags | O_CLOEXEC, 0666);
}

static void begin(struct cdb_make *make, const char *directory, const char *what, uint32_t dimension_id)
{
	NEED(cdb_make_start(make, file_of(directory, what, dimension_id, O_RDWR | O_CREAT | O_EXCL)) == 0);
}

static void end(struct cdb_make *make)
{
	int fd = make->cdb_fd;

	NEED(cdb_make_finish(make) == 0 && close(fd) == 0);
}

static void put(struct cdb_make *make, const void *key, size_t key_size, const void *data, size_t size)
{
	NEED(cdb_make_add(make, key, (unsigned)key_size, data, (unsigned)size) == 0);
}

static void build(const struct corpus *corpus, const char *directory)
{
	struct cdb_make make;
	uint32_t position, id;
	size_t i;

	for (position = 0; (id = dim_snapshot_dimension_at(corpus->snapshot, position)) != 0; position++) {
		begin(&make, directory, "layers", id);
		for (i = 0; i < corpus->key_count; i++)
			if (corpus->keys[i].dimension_id == id)
				put(&make, &corpus->keys[i].layer_id, 4, corpus->keys[i].content.data,
				    corpus->keys[i].content.size);
		end(&make);
		begin(&make, directory, "words", id);
		for (i = 0; i < corpus->word_count; i++)
			if (corpus->words[i].dimension_id == id)
				put(&make, corpus->words[i].text.data, corpus->words[i].text.size,
				    corpus->words[i].layers, corpus->words[i].count * 8);
		end(&make);
	}
	begin(&make, directory, "words", 0);
	for (i = 0; i < corpus->word_of_all_count; i++)
		put(&make, corpus->words_of_all[i].text.data, corpus->words_of_all[i].text.size,
		    corpus->words_of_all[i].layers, corpus->words_of_all[i].count * 8);
	end(&make);
}

static void open_all(const char *directory)
{
	uint32_t i;
	int fd;

	NEED(cdb_init(&words_of_all, file_of(directory, "words", 0, O_RDONLY)) == 0);
	for (i = 1; i < DIMENSIONS_MAX && (fd = file_of(directory, "layers", i, O_RDONLY)) >= 0; i++) {
		NEED(cdb_init(&layers[i], fd) == 0);
		NEED(cdb_init(&words[i], file_of(directory, "words", i, O_RDONLY)) == 0);
	}
}

static uint64_t layer(uint32_t dimension_id, uint32_t layer_id)
{
	struct cdb *c = &layers[dimension_id];

	if (cdb_find(c, &layer_id, sizeof(layer_id)) <= 0)
		return 0;
	return touched(cdb_getdata(c), cdb_datalen(c));
}

static uint64_t found(uint32_t dimension_id, uint32_t layer_id)
{
	struct cdb *c = &layers[dimension_id];

	return cdb_find(c, &layer_id, sizeof(layer_id)) > 0 ? cdb_datalen(c) : 0;
}

static uint64_t sum(struct cdb *c, const char *text, size_t size)
{
	return cdb_find(c, text, (unsigned)size) > 0 ? sum_of_layers(cdb_getdata(c), cdb_datalen(c)) : 0;
}

static uint64_t keyword(uint32_t dimension_id, const char *text, size_t size)
{
	return sum(&words[dimension_id], text, size);
}

static uint64_t keyword_of_all(const char *text, size_t size)
{
	return sum(&words_of_all, text, size);
}

static uint64_t contents(uint32_t dimension_id, const char *text, size_t size)
{
	struct cdb *c = &words[dimension_id];

	return cdb_find(c, text, (unsigned)size) > 0 ? sum_of_contents(cdb_getdata(c), cdb_datalen(c), layer) : 0;
}

const struct peer peer_cdb = {"tinycdb", build, open_all, layer, found, keyword, keyword_of_all, contents};
