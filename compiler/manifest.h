/*
 * manifest.h: manifest.json, what a generation consists of.
 * In: dimensions with their region digests and files; or the bytes of a manifest.
 * Out: the text and the generation digest; or the same structs again.
 */
#ifndef DIMC_MANIFEST_H
#define DIMC_MANIFEST_H

#include "buf.h"
#include "digest.h"
#include "json.h"
#include "mem.h"
#include "model.h"

struct manifest_file {
	const char *path; /* below the generation directory: D01/region.mmap */
	uint64_t size;
	struct digest digest; /* SHA-256 of the file */
};

struct manifest_dimension {
	uint32_t dimension_id;
	struct text name;
	uint64_t layer_count;
	uint64_t total_size;
	struct digest digest; /* of the region */
	struct manifest_file *files;
	size_t file_count, file_capacity;
};

struct manifest {
	struct arena arena; /* holds names and paths */
	struct digest generation;
	struct manifest_dimension *dimensions; /* by ascending dimension_id */
	size_t count, capacity;
};

/* A new dimension at the end, zeroed. The pointer is valid until the next call. */
struct manifest_dimension *manifest_add(struct manifest *manifest, uint32_t dimension_id);

/* A new file of a dimension; the path is copied. */
void manifest_add_file(struct manifest *manifest, struct manifest_dimension *dimension, const char *path, uint64_t size,
		       const struct digest *digest);

/* The same as a dimension of another manifest, with its files; nothing points there. */
void manifest_add_copy(struct manifest *manifest, const struct manifest_dimension *from);

/* The dimension with this id, or NULL. */
struct manifest_dimension *manifest_find(const struct manifest *manifest, uint32_t dimension_id);

/*
 * Sorts dimensions and files, and computes the generation digest: SHA-256 of the lines "D01 <hex>\n" in ascending
 * order.
 */
void manifest_finish(struct manifest *manifest);

/* Adds the member "dimensions" to a JSON object, as manifest.json has it. */
void manifest_add_json(const struct manifest *manifest, struct json *json);

/* Appends manifest.json of a finished manifest. */
void manifest_write(const struct manifest *manifest, struct buf *buf);

/*
 * Reads manifest.json. On failure *ret is empty and a constant text says why.
 * *ret_is_newer: it is a version that this program does not know. Names and paths live in ret->arena.
 */
bool manifest_parse(const char *bytes, size_t size, struct manifest *ret, bool *ret_is_newer, const char **ret_why);

void manifest_free(struct manifest *manifest);

#endif
