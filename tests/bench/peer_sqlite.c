/*
 * peer_sqlite.c: SQLite, one file, mapped; tables by primary key, prepared statements, one transaction.
 * In: the corpus.
 * Out: a peer.
 */
#include <sqlite3.h>

#include "bench.h"

static sqlite3 *db;
static sqlite3_stmt *layer_by_id, *layers_by_word, *layers_by_word_of_all;

static void begin(const char *directory, int flags)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/sqlite", directory);
	NEED(sqlite3_open_v2(path, &db, flags, NULL) == SQLITE_OK);
	NEED(sqlite3_exec(db, "PRAGMA mmap_size=1073741824; PRAGMA synchronous=OFF; BEGIN", NULL, NULL, NULL) ==
	     SQLITE_OK);
}

static sqlite3_stmt *prepared(const char *sql)
{
	sqlite3_stmt *s = NULL;

	NEED(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL) == SQLITE_OK);
	return s;
}

static int64_t number_of(uint32_t dimension_id, uint32_t layer_id)
{
	return (int64_t)dimension_id << 32 | layer_id;
}

static void run(sqlite3_stmt *s)
{
	NEED(sqlite3_step(s) == SQLITE_DONE && sqlite3_reset(s) == SQLITE_OK);
}

static void put_words(sqlite3_stmt *s, const struct word *words, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		sqlite3_bind_int64(s, 1, words[i].dimension_id);
		sqlite3_bind_blob(s, 2, words[i].text.data, (int)words[i].text.size, SQLITE_STATIC);
		sqlite3_bind_blob(s, 3, words[i].layers, (int)words[i].count * 8, SQLITE_STATIC);
		run(s);
	}
}

static void build(const struct corpus *corpus, const char *directory)
{
	sqlite3_stmt *s;
	size_t i;

	begin(directory, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
	NEED(sqlite3_exec(db,
			  "CREATE TABLE layer(id INTEGER PRIMARY KEY, content BLOB);"
			  "CREATE TABLE word(dimension INTEGER, text BLOB, layers BLOB, PRIMARY KEY(dimension, text)) "
			  "WITHOUT ROWID",
			  NULL, NULL, NULL) == SQLITE_OK);
	s = prepared("INSERT INTO layer VALUES(?, ?)");
	for (i = 0; i < corpus->key_count; i++) {
		const struct key *key = &corpus->keys[i];

		sqlite3_bind_int64(s, 1, number_of(key->dimension_id, key->layer_id));
		sqlite3_bind_blob(s, 2, key->content.data, (int)key->content.size, SQLITE_STATIC);
		run(s);
	}
	sqlite3_finalize(s);
	s = prepared("INSERT INTO word VALUES(?, ?, ?)");
	put_words(s, corpus->words, corpus->word_count);
	put_words(s, corpus->words_of_all, corpus->word_of_all_count);
	sqlite3_finalize(s);
	NEED(sqlite3_exec(db, "COMMIT; ANALYZE; VACUUM", NULL, NULL, NULL) == SQLITE_OK);
	NEED(sqlite3_close(db) == SQLITE_OK);
}

static void open_all(const char *directory)
{
	begin(directory, SQLITE_OPEN_READONLY);
	layer_by_id = prepared("SELECT content FROM layer WHERE id = ?");
	layers_by_word = prepared("SELECT layers FROM word WHERE dimension = ? AND text = ?");
	layers_by_word_of_all = prepared("SELECT layers FROM word WHERE dimension = 0 AND text = ?");
}

static uint64_t layer(uint32_t dimension_id, uint32_t layer_id)
{
	uint64_t result = 0;

	sqlite3_bind_int64(layer_by_id, 1, number_of(dimension_id, layer_id));
	if (sqlite3_step(layer_by_id) == SQLITE_ROW)
		result = touched(sqlite3_column_blob(layer_by_id, 0), (size_t)sqlite3_column_bytes(layer_by_id, 0));
	sqlite3_reset(layer_by_id);
	return result;
}

static uint64_t found(uint32_t dimension_id, uint32_t layer_id)
{
	uint64_t result = 0;

	sqlite3_bind_int64(layer_by_id, 1, number_of(dimension_id, layer_id));
	if (sqlite3_step(layer_by_id) == SQLITE_ROW)
		result = (uint64_t)sqlite3_column_bytes(layer_by_id, 0);
	sqlite3_reset(layer_by_id);
	return result;
}

static uint64_t sum(sqlite3_stmt *s)
{
	uint64_t result = 0;

	if (sqlite3_step(s) == SQLITE_ROW)
		result = sum_of_layers(sqlite3_column_blob(s, 0), (size_t)sqlite3_column_bytes(s, 0));
	sqlite3_reset(s);
	return result;
}

static void bind_word(uint32_t dimension_id, const char *text, size_t size)
{
	sqlite3_bind_int64(layers_by_word, 1, dimension_id);
	sqlite3_bind_blob(layers_by_word, 2, text, (int)size, SQLITE_STATIC);
}

static uint64_t keyword(uint32_t dimension_id, const char *text, size_t size)
{
	bind_word(dimension_id, text, size);
	return sum(layers_by_word);
}

static uint64_t keyword_of_all(const char *text, size_t size)
{
	sqlite3_bind_blob(layers_by_word_of_all, 1, text, (int)size, SQLITE_STATIC);
	return sum(layers_by_word_of_all);
}

static uint64_t contents(uint32_t dimension_id, const char *text, size_t size)
{
	uint64_t result = 0;

	bind_word(dimension_id, text, size);
	if (sqlite3_step(layers_by_word) == SQLITE_ROW)
		result = sum_of_contents(sqlite3_column_blob(layers_by_word, 0),
					 (size_t)sqlite3_column_bytes(layers_by_word, 0), layer);
	sqlite3_reset(layers_by_word);
	return result;
}

const struct peer peer_sqlite = {"SQLite", build, open_all, layer, found, keyword, keyword_of_all, contents};
