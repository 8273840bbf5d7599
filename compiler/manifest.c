/*
 * manifest.c: manifest.json, what a generation consists of.
 * In: dimensions with their region digests and files; or the bytes of a manifest.
 * Out: the text and the generation digest; or the same structs again.
 */
#include "manifest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "document.h"
#include "json.h"
#include "text.h"

enum { MANIFEST_VERSION = 1 };

struct manifest_dimension *manifest_add(struct manifest *manifest, uint32_t dimension_id)
{
	struct manifest_dimension *d;

	manifest->dimensions =
		mem_reserve(manifest->dimensions, manifest->count, &manifest->capacity, sizeof(*manifest->dimensions));
	d = &manifest->dimensions[manifest->count++];
	memset(d, 0, sizeof(*d));
	d->dimension_id = dimension_id;
	return d;
}

void manifest_add_file(struct manifest *manifest, struct manifest_dimension *dimension, const char *path, uint64_t size,
		       const struct digest *digest)
{
	struct manifest_file *f;

	dimension->files = mem_reserve(dimension->files, dimension->file_count, &dimension->file_capacity, sizeof(*f));
	f = &dimension->files[dimension->file_count++];
	f->path = arena_copy(&manifest->arena, path, strlen(path));
	f->size = size;
	f->digest = *digest;
}

void manifest_add_copy(struct manifest *manifest, const struct manifest_dimension *from)
{
	struct manifest_dimension *d = manifest_add(manifest, from->dimension_id);
	size_t i;

	d->name.bytes = arena_copy(&manifest->arena, from->name.bytes, from->name.size);
	d->name.size = from->name.size;
	d->layer_count = from->layer_count;
	d->total_size = from->total_size;
	d->digest = from->digest;
	for (i = 0; i < from->file_count; i++)
		manifest_add_file(manifest, d, from->files[i].path, from->files[i].size, &from->files[i].digest);
}

struct manifest_dimension *manifest_find(const struct manifest *manifest, uint32_t dimension_id)
{
	size_t i;

	for (i = 0; i < manifest->count; i++)
		if (manifest->dimensions[i].dimension_id == dimension_id)
			return &manifest->dimensions[i];
	return NULL;
}

static int by_dimension_id(const void *a, const void *b)
{
	const struct manifest_dimension *x = a, *y = b;

	return (x->dimension_id > y->dimension_id) - (x->dimension_id < y->dimension_id);
}

static int by_path(const void *a, const void *b)
{
	const struct manifest_file *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static void digest_generation(const struct manifest *manifest, struct digest *ret)
{
	char hex[DIGEST_HEX_SIZE], line[DIGEST_HEX_SIZE + 16];
	struct digest_state *state = digest_new();
	size_t i;

	for (i = 0; i < manifest->count; i++) {
		int size;

		digest_hex(&manifest->dimensions[i].digest, hex);
		size = snprintf(line, sizeof(line), "D%02u %s\n", manifest->dimensions[i].dimension_id, hex);
		digest_add(state, line, (size_t)size);
	}
	digest_end(state, ret);
	digest_free(state);
}

void manifest_finish(struct manifest *manifest)
{
	size_t i;

	if (manifest->count > 0)
		qsort(manifest->dimensions, manifest->count, sizeof(*manifest->dimensions), by_dimension_id);
	for (i = 0; i < manifest->count; i++)
		if (manifest->dimensions[i].file_count > 0)
			qsort(manifest->dimensions[i].files, manifest->dimensions[i].file_count,
			      sizeof(*manifest->dimensions[i].files), by_path);
	digest_generation(manifest, &manifest->generation);
}

void manifest_add_json(const struct manifest *manifest, struct json *json)
{
	size_t i, k;

	json_begin(json, "dimensions", '[');
	for (i = 0; i < manifest->count; i++) {
		const struct manifest_dimension *d = &manifest->dimensions[i];

		json_begin(json, NULL, '{');
		json_number(json, "dimension_id", d->dimension_id);
		json_text(json, "dimension_name", d->name.bytes, d->name.size);
		json_number(json, "layer_count", d->layer_count);
		json_number(json, "total_size", d->total_size);
		json_digest(json, "checksum", &d->digest);
		json_begin(json, "files", '[');
		for (k = 0; k < d->file_count; k++) {
			json_begin_inline(json, NULL, '{');
			json_string(json, "path", d->files[k].path);
			json_number(json, "size", d->files[k].size);
			json_digest(json, "checksum", &d->files[k].digest);
			json_end_inline(json, '}');
		}
		json_end(json, ']');
		json_end(json, '}');
	}
	json_end(json, ']');
}

void manifest_write(const struct manifest *manifest, struct buf *buf)
{
	struct json json = {.buf = buf};
	size_t start = buf->size;
	struct digest checksum;

	json_begin(&json, NULL, '{');
	json_number(&json, "version", MANIFEST_VERSION);
	json_digest(&json, "generation", &manifest->generation);
	json_bool(&json, "complete", true);
	json_number(&json, "dimension_count", manifest->count);
	manifest_add_json(manifest, &json);
	digest_of(buf->bytes + start, buf->size - start, &checksum);
	json_digest(&json, "checksum", &checksum);
	json_end(&json, '}');
}

/* --- reading --- */

struct parse {
	struct manifest *manifest;
	uint64_t version;
	bool is_complete, has_generation;
	struct digest generation;
};

/* A path of ours: D01/region.mmap, D01/layers/7.txt. Never one that leads elsewhere. */
static bool is_safe_path(const char *path)
{
	return path[0] != '\0' && path[0] != '/' && strstr(path, "..") == NULL && strstr(path, "//") == NULL &&
	       strlen(path) < 200;
}

static void file_member(struct document *document, const struct yaml_event *key, const struct yaml_event *value,
			void *object)
{
	struct manifest_file *file = object;

	if (document_is_key(key, "path") && value->kind == YAML_SCALAR && is_safe_path(value->text.bytes))
		file->path = value->text.bytes;
	else if (document_is_key(key, "path"))
		document_fail(document, "expected a path below the generation");
	else if (document_is_key(key, "size"))
		file->size = document_number(document, value);
	else if (document_is_key(key, "checksum"))
		document_digest(document, value, &file->digest);
	yaml_skip(document->events, value);
}

static void file_element(struct document *document, const struct yaml_event *value, void *object)
{
	struct parse *p = document->context;
	struct manifest_dimension *dimension = object;
	struct manifest_file file = {0};

	document_each_member(document, value, file_member, &file);
	if (file.path == NULL)
		document_fail(document, "expected a path");
	else
		manifest_add_file(p->manifest, dimension, file.path, file.size, &file.digest);
}

static void dimension_member(struct document *document, const struct yaml_event *key, const struct yaml_event *value,
			     void *object)
{
	struct parse *p = document->context;
	struct manifest_dimension *d = object;

	if (document_is_key(key, "files")) {
		document_each_element(document, value, file_element, d);
		return;
	}
	if (document_is_key(key, "dimension_id")) {
		uint64_t id = document_number(document, value);

		if (id == 0 || id > MODEL_MAX_DIMENSION_ID || manifest_find(p->manifest, (uint32_t)id) != NULL)
			document_fail(document, "expected another dimension_id from 1 to 65535");
		d->dimension_id = (uint32_t)id;
	} else if (document_is_key(key, "dimension_name") && value->kind == YAML_SCALAR) {
		d->name = value->text;
	} else if (document_is_key(key, "layer_count")) {
		d->layer_count = document_number(document, value);
	} else if (document_is_key(key, "total_size")) {
		d->total_size = document_number(document, value);
	} else if (document_is_key(key, "checksum")) {
		document_digest(document, value, &d->digest);
	}
	yaml_skip(document->events, value);
}

static void dimension_element(struct document *document, const struct yaml_event *value, void *object)
{
	struct parse *p = document->context;
	struct manifest_dimension d = {0};

	(void)object;
	document_each_member(document, value, dimension_member, &d);
	if (d.dimension_id == 0)
		document_fail(document, "expected a dimension_id");
	*manifest_add(p->manifest, d.dimension_id) = d;
}

static void top_member(struct document *document, const struct yaml_event *key, const struct yaml_event *value,
		       void *object)
{
	struct parse *p = document->context;

	(void)object;
	if (document_is_key(key, "dimensions")) {
		document_each_element(document, value, dimension_element, NULL);
		return;
	}
	if (document_is_key(key, "version")) {
		p->version = document_number(document, value);
	} else if (document_is_key(key, "generation")) {
		document_digest(document, value, &p->generation);
		p->has_generation = true;
	} else if (document_is_key(key, "complete")) {
		p->is_complete = value->kind == YAML_SCALAR && strcmp(value->text.bytes, "true") == 0;
	}
	yaml_skip(document->events, value);
}

/* The text is a function of what it says, and has a checksum: whatever was changed in it shows. */
static bool is_as_written(const struct manifest *manifest, const char *bytes, size_t size)
{
	struct buf again = {0};
	bool same;

	manifest_write(manifest, &again);
	same = again.size == size && memcmp(again.bytes, bytes, size) == 0;
	buf_free(&again);
	return same;
}

static void top(struct document *document, const struct yaml_event *value, void *object)
{
	(void)object;
	document_each_member(document, value, top_member, object);
}

bool manifest_parse(const char *bytes, size_t size, struct manifest *ret, bool *ret_is_newer, const char **ret_why)
{
	struct parse p = {.manifest = ret};
	const char *wrong = NULL;

	memset(ret, 0, sizeof(*ret));
	*ret_is_newer = document_read(bytes, size, &ret->arena, top, &p, &wrong) && p.version > MANIFEST_VERSION;
	if (wrong == NULL && p.version != MANIFEST_VERSION)
		wrong = p.version == 0 ? "no version" : "a newer version";
	if (wrong == NULL && (!p.is_complete || !p.has_generation))
		wrong = "it does not say that it is complete";
	if (wrong == NULL) {
		manifest_finish(ret);
		if (!digest_equal(&ret->generation, &p.generation))
			wrong = "its generation is not that of its dimensions";
		else if (!is_as_written(ret, bytes, size))
			wrong = "it is not as it was written";
	}
	if (wrong == NULL)
		return true;
	*ret_why = wrong;
	manifest_free(ret);
	return false;
}

void manifest_free(struct manifest *manifest)
{
	size_t i;

	for (i = 0; i < manifest->count; i++)
		free(manifest->dimensions[i].files);
	free(manifest->dimensions);
	arena_free(&manifest->arena);
	memset(manifest, 0, sizeof(*manifest));
}
