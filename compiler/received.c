/*
 * received.c: whether what came in a bundle is what it claims to be.
 * In: the files of a dimension, written to a directory; manifests and sums as they came; what was read in all.
 * Out: the dimension's facts, every byte proven; or all reasons why the bundle is refused.
 */
#include "received.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../include/dim.h"
#include "loader_error.h"
#include "member.h"
#include "prove.h"
#include "sums.h"
#include "text.h"

bool received_manifest(const struct refusal *refusal, const struct received_text *text, struct manifest *ret)
{
	const char *why;
	bool newer;

	return manifest_parse(text->bytes, text->size, ret, &newer, &why) ||
	       refuse(refusal, newer ? EXIT_VERSION : EXIT_DAMAGED, text->member, "%s", why);
}

/* Whether a text is the one that we would have written. */
static bool check_text(const struct refusal *refusal, const struct received_text *text, const struct buf *want)
{
	size_t line = 1, i;

	if (text->size == want->size && memcmp(text->bytes, want->bytes, want->size) == 0)
		return true;
	for (i = 0; i < want->size && i < text->size && want->bytes[i] == text->bytes[i]; i++)
		line += want->bytes[i] == '\n';
	return refuse(refusal, EXIT_DAMAGED, text->member, "line %zu is not what the files say", line);
}

/* --- a dimension --- */

static bool check_layer_file(const struct refusal *refusal, const struct dim_region *region,
			     const struct manifest_file *file)
{
	const char *number = strstr(file->path, "/" MEMBER_LAYERS "/");
	const struct dim_layer *layer;
	uint32_t id;

	if (number == NULL)
		return true;
	id = (uint32_t)strtoul(number + strlen("/" MEMBER_LAYERS "/"), NULL, 10);
	if (dim_region_layer(region, id, &layer) != DIM_OK)
		return refuse(refusal, EXIT_REFUSED, file->path, "the region has no layer %u", id);
	if (memcmp(dim_layer_digest(layer), file->digest.bytes, DIGEST_SIZE) != 0)
		return refuse(refusal, EXIT_DAMAGED, file->path, "it is not the content of layer %u", id);
	return true;
}

/* layers/ are copies of what is in the region. */
static bool check_layer_files(const struct refusal *refusal, int at, const struct manifest_dimension *d,
			      const struct settings *settings)
{
	struct dim_options options = {.max_region_size = settings->max_size};
	struct dim_region *region;
	struct dim_error error;
	char path[32];
	bool ok = true;
	size_t i;

	snprintf(path, sizeof(path), "D%02u/" MEMBER_REGION, d->dimension_id);
	if (dim_region_openat(at, path, &options, &region, &error) != DIM_OK)
		return error.system_errno != 0
			       ? refuse_system(refusal, "read", path, error.system_errno)
			       : refuse(refusal, loader_status(error.status), path, "%s", error.message);
	for (i = 0; i < d->file_count; i++)
		ok = check_layer_file(refusal, region, &d->files[i]) && ok;
	dim_region_close(region);
	return ok;
}

static bool check_promise(const struct refusal *refusal, const struct manifest_dimension *d,
			  const struct manifest_dimension *promised)
{
	size_t i, k = 0;
	bool ok = true;

	/* What was read is in the promise, or was refused; both ascend. */
	for (i = 0; i < promised->file_count; i++) {
		if (k < d->file_count && strcmp(d->files[k].path, promised->files[i].path) == 0)
			k++;
		else
			ok = refuse(refusal, EXIT_DAMAGED, promised->files[i].path,
				    "it is in the manifest, but not in the bundle");
	}
	return ok;
}

/* The dimension's own manifest and sums: texts that follow from its files. */
static bool check_own_texts(const struct refusal *refusal, const struct manifest *dimension,
			    const struct received_texts *texts)
{
	struct manifest stated = {0};
	struct buf manifest = {0}, sums = {0};
	bool ok = true;

	if (!texts->manifest.is_there && !texts->sums.is_there)
		return true;
	manifest_write(dimension, &manifest);
	if (texts->manifest.is_there) {
		ok = received_manifest(refusal, &texts->manifest, &stated) &&
		     check_text(refusal, &texts->manifest, &manifest);
		manifest_free(&stated);
	}
	if (ok && texts->sums.is_there) {
		sums_add_dimension(&sums, dimension, &manifest);
		ok = check_text(refusal, &texts->sums, &sums);
	}
	buf_free(&manifest);
	buf_free(&sums);
	return ok;
}

bool received_dimension(const struct refusal *refusal, int at, struct manifest *dimension,
			const struct received_texts *texts, const struct manifest_dimension *promised,
			const struct settings *settings, bool quick)
{
	struct prove_options options = {.settings = settings, .quick = quick, .jobs = 1};
	struct manifest_dimension *d = &dimension->dimensions[0];
	struct proof proof;
	char region[32], index[32];
	size_t i;
	bool ok;

	snprintf(region, sizeof(region), "D%02u/" MEMBER_REGION, d->dimension_id);
	snprintf(index, sizeof(index), "D%02u/" MEMBER_INDEX, d->dimension_id);
	for (i = 0; i < d->file_count && strcmp(d->files[i].path, region) != 0; i++)
		;
	if (i == d->file_count)
		return refuse(refusal, EXIT_DAMAGED, region, "it is missing");
	prove_dimension(at, "", d->dimension_id, &options, &proof);
	for (i = 0; i < proof.dimensions[0].finding_count; i++) {
		const struct finding *finding = &proof.dimensions[0].findings[i];

		refuse(refusal, finding->status, finding->is_of_index ? index : region, "%s", finding->text);
		if (finding->help != NULL)
			diag_help(refusal->diag, "%s", finding->help);
	}
	ok = !proof.is_damaged;
	d->name.bytes = arena_copy(&dimension->arena, proof.dimensions[0].name.bytes, proof.dimensions[0].name.size);
	d->name.size = proof.dimensions[0].name.size;
	d->layer_count = proof.dimensions[0].layer_count;
	d->total_size = proof.dimensions[0].total_size;
	d->digest = proof.dimensions[0].digest;
	manifest_finish(dimension);
	proof_free(&proof);
	return ok && check_layer_files(refusal, at, d, settings) &&
	       (promised == NULL || check_promise(refusal, d, promised)) && check_own_texts(refusal, dimension, texts);
}

/* --- the generation --- */

/* Dimensions that one of the two has and the other has not. Both ascend. */
static bool check_set(const struct refusal *refusal, const struct manifest *read, const struct manifest *promised)
{
	size_t r = 0, p = 0;
	bool ok = true;

	while (r < read->count || p < promised->count) {
		uint32_t read_id = r < read->count ? read->dimensions[r].dimension_id : UINT32_MAX;
		uint32_t promised_id = p < promised->count ? promised->dimensions[p].dimension_id : UINT32_MAX;
		char name[32];

		snprintf(name, sizeof(name), "D%02u/" MEMBER_REGION, read_id < promised_id ? read_id : promised_id);
		if (read_id < promised_id)
			ok = refuse(refusal, EXIT_REFUSED, name, "it is not in the manifest");
		else if (promised_id < read_id)
			ok = refuse(refusal, EXIT_DAMAGED, name, "it is in the manifest, but not in the bundle");
		r += read_id <= promised_id;
		p += promised_id <= read_id;
	}
	return ok;
}

bool received_generation(const struct refusal *refusal, const struct manifest *read, const struct manifest *promised,
			 const struct received_texts *texts)
{
	struct buf manifest = {0}, sums = {0};
	bool ok;

	if (read->count == 0)
		return refuse(refusal, EXIT_DAMAGED, NULL, "it holds no dimension");
	if (!texts->manifest.is_there)
		return true;
	if (!check_set(refusal, read, promised))
		return false;
	manifest_write(read, &manifest);
	ok = check_text(refusal, &texts->manifest, &manifest);
	if (ok && texts->sums.is_there) {
		sums_add_files(&sums, read, "", &manifest);
		ok = check_text(refusal, &texts->sums, &sums);
	}
	buf_free(&manifest);
	buf_free(&sums);
	return ok;
}
