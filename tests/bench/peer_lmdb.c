/*
 * peer_lmdb.c: LMDB, one environment, a database of layers and one of keywords for each dimension, and one for all.
 * In: the corpus.
 * Out: a peer. One read transaction stays open, which is the best that LMDB can do.
 */
#include <lmdb.h>

#include "bench.h"

static MDB_env *env;
static MDB_txn *txn;
static MDB_dbi layers[DIMENSIONS_MAX], words[DIMENSIONS_MAX], words_of_all;

static void begin(const char *directory, unsigned env_flags, unsigned txn_flags, unsigned dbi_flags)
{
	char path[4096], name[32];
	unsigned i;

	snprintf(path, sizeof(path), "%s/lmdb", directory);
	NEED(mdb_env_create(&env) == 0 && mdb_env_set_maxdbs(env, 2 * DIMENSIONS_MAX + 1) == 0);
	NEED(mdb_env_set_mapsize(env, (size_t)1 << 30) == 0);
	NEED(mdb_env_open(env, path, MDB_NOSUBDIR | MDB_NORDAHEAD | env_flags, 0666) == 0);
	NEED(mdb_txn_begin(env, NULL, txn_flags, &txn) == 0);
	NEED(mdb_dbi_open(txn, "words", dbi_flags, &words_of_all) == 0);
	for (i = 1; i < DIMENSIONS_MAX; i++) {
		snprintf(name, sizeof(name), "layers%u", i);
		if (mdb_dbi_open(txn, name, dbi_flags | MDB_INTEGERKEY, &layers[i]) != 0)
			break;
		snprintf(name, sizeof(name), "words%u", i);
		NEED(mdb_dbi_open(txn, name, dbi_flags, &words[i]) == 0);
	}
}

static void put(MDB_dbi dbi, const void *key, size_t key_size, const void *data, size_t size)
{
	MDB_val k = {key_size, (void *)(uintptr_t)key}, v = {size, (void *)(uintptr_t)data};

	NEED(mdb_put(txn, dbi, &k, &v, 0) == 0);
}

static void build(const struct corpus *corpus, const char *directory)
{
	size_t i;

	begin(directory, MDB_NOSYNC, 0, MDB_CREATE);
	for (i = 0; i < corpus->key_count; i++) {
		const struct key *key = &corpus->keys[i];

		put(layers[key->dimension_id], &key->layer_id, sizeof(key->layer_id), key->content.data,
		    key->content.size);
	}
	for (i = 0; i < corpus->word_count; i++) {
		const struct word *word = &corpus->words[i];

		put(words[word->dimension_id], word->text.data, word->text.size, word->layers, word->count * 8);
	}
	for (i = 0; i < corpus->word_of_all_count; i++) {
		const struct word *word = &corpus->words_of_all[i];

		put(words_of_all, word->text.data, word->text.size, word->layers, word->count * 8);
	}
	NEED(mdb_txn_commit(txn) == 0);
	mdb_env_close(env);
}

static void open_all(const char *directory)
{
	begin(directory, MDB_RDONLY | MDB_NOTLS, MDB_RDONLY, 0);
}

static uint64_t layer(uint32_t dimension_id, uint32_t layer_id)
{
	MDB_val k = {sizeof(layer_id), &layer_id}, v;

	return mdb_get(txn, layers[dimension_id], &k, &v) == 0 ? touched(v.mv_data, v.mv_size) : 0;
}

static uint64_t found(uint32_t dimension_id, uint32_t layer_id)
{
	MDB_val k = {sizeof(layer_id), &layer_id}, v;

	return mdb_get(txn, layers[dimension_id], &k, &v) == 0 ? v.mv_size : 0;
}

static uint64_t sum(MDB_dbi dbi, const char *text, size_t size)
{
	MDB_val k = {size, (void *)(uintptr_t)text}, v;

	return mdb_get(txn, dbi, &k, &v) == 0 ? sum_of_layers(v.mv_data, v.mv_size) : 0;
}

static uint64_t keyword(uint32_t dimension_id, const char *text, size_t size)
{
	return sum(words[dimension_id], text, size);
}

static uint64_t keyword_of_all(const char *text, size_t size)
{
	return sum(words_of_all, text, size);
}

static uint64_t contents(uint32_t dimension_id, const char *text, size_t size)
{
	MDB_val k = {size, (void *)(uintptr_t)text}, v;

	return mdb_get(txn, words[dimension_id], &k, &v) == 0 ? sum_of_contents(v.mv_data, v.mv_size, layer) : 0;
}

const struct peer peer_lmdb = {"LMDB", build, open_all, layer, found, keyword, keyword_of_all, contents};
