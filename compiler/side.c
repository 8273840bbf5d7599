/*
 * side.c: what a path holds, in one form, whether it is published or still sources: one side of a comparison.
 * In: whatever target.h opens; or a folder of sources, the folder of one dimension, a file with a whole dimension.
 * Out: its dimensions with their layers, by ascending id; every byte of them proved.
 */
#include "side.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs.h"
#include "region_facts.h"
#include "text.h"

/* --- what a path is --- */

/* Whether a directory has YAML files, or `depth` levels below: 1, 0; -1 and errno where that cannot be said. */
static int holds_yaml(int dirfd, const char *name, int depth)
{
	struct arena arena = {0};
	int fd = fs_open_dir(dirfd, name), yes = 0, error = 0;
	char **names;
	size_t count = 0, i;

	if (fd < 0)
		return fs_says_absent(errno) ? 0 : -1;
	if (fs_list(fd, &arena, &names, &count) != 0)
		error = errno;
	for (i = 0; i < count && yes == 0; i++)
		yes = text_is_source(names[i]);
	for (i = 0; i < count && yes != 1 && depth > 0; i++) {
		yes = names[i][0] != '.' ? holds_yaml(fd, names[i], depth - 1) : 0;
		if (yes < 0)
			error = errno;
	}
	close(fd);
	arena_free(&arena);
	errno = error;
	return yes == 1 ? 1 : error == 0 ? 0 : -1;
}

/* Fills path, is_source and is_single. false, reported, where the path is nothing of ours. */
static bool find(const char *path, struct diag *diag, struct side *ret)
{
	struct diag *unused = diag_new();
	struct arena arena = {0};
	enum target_kind kind;
	bool is_target, ok = true;
	int yaml;

	memset(ret, 0, sizeof(*ret));
	ret->path = path;
	is_target = target_kind(path, unused, &kind);
	if (!is_target) {
		yaml = holds_yaml(AT_FDCWD, path, 1);
		if (yaml < 0)
			diag_fail(diag, EXIT_SYSTEM, "cannot read %s: %s", path, strerror(errno));
		ret->is_source = yaml == 1;
		ret->is_single = access(arena_printf(&arena, "%s/dimension.yaml", path), F_OK) == 0;
		/* Neither of them: asked once more, it says why, or has become one meanwhile. */
		is_target = yaml == 0 && target_kind(path, diag, &kind);
		ok = ret->is_source || is_target;
		if (!ok && yaml == 0 && access(path, R_OK | X_OK) == 0)
			diag_help(diag,
				  "sources are a folder that holds a folder with a dimension.yaml for each dimension");
	}
	if (is_target) {
		ret->is_source = kind == TARGET_REGION && text_is_source(path);
		ret->is_single = kind == TARGET_REGION || kind == TARGET_DIMENSION;
	}
	diag_free(unused);
	arena_free(&arena);
	return ok;
}

/* --- sources --- */

static bool read_sources(struct side *side, const struct side_options *options, struct diag *diag)
{
	struct compile_options compile = {.source = side->path,
					  .settings = options->settings,
					  .selected = options->selected,
					  .selected_count = options->selected_count,
					  .allow_absent = true,
					  .jobs = options->jobs,
					  .layout = LAYOUT_UNSET,
					  .progress = options->progress};
	size_t i;

	if (!gather(&compile, side->is_single && text_is_source(side->path) ? ONE_DIMENSION : SOURCES_OR_ONE, NULL,
		    diag, &side->gathered))
		return false;
	side->dimensions = mem_zalloc(side->gathered.build.count, sizeof(*side->dimensions));
	for (i = 0; i < side->gathered.build.count; i++) {
		const struct region *region = &side->gathered.build.items[i]->region;

		side->dimensions[side->count++] = (struct side_dimension){
			.dimension = region->dimension,
			.layout = region->layout,
			.alignment = region->alignment,
			.digest = region->digest,
			.contents = region->contents,
		};
	}
	return true;
}

/* --- regions --- */

/* What the region says as its sources would. false where a record is damaged. */
static bool take_region(const struct dim_region *region, struct dimension *d, struct side_dimension *ret)
{
	struct digest *contents;
	const struct dim_layer *layer;
	uint32_t i;

	if (!region_facts_dimension(region, d))
		return false;
	contents = arena_alloc(&d->arena, d->layer_count * sizeof(*contents));
	for (i = 0; i < d->layer_count; i++) {
		if (dim_region_layer_at(region, i, &layer) != DIM_OK)
			return false;
		memcpy(contents[i].bytes, dim_layer_digest(layer), DIGEST_SIZE);
	}
	ret->dimension = d;
	ret->layout = d->layout;
	ret->alignment = d->alignment;
	ret->contents = contents;
	memcpy(ret->digest.bytes, dim_region_checksum(region), DIGEST_SIZE);
	return true;
}

static bool read_target(struct side *side, const struct side_options *options, struct diag *diag)
{
	bool ok = true;
	size_t i;

	if (!target_open(side->path, options->settings, diag, &side->target) ||
	    (!options->is_proved &&
	     !target_prove(&side->target, options->selected, options->selected_count, options->jobs, diag)))
		return false;
	side->dimensions = mem_zalloc(side->target.count, sizeof(*side->dimensions));
	side->gathered.model.dimensions = mem_zalloc(side->target.count, sizeof(*side->gathered.model.dimensions));
	for (i = 0; i < side->target.count && ok; i++) {
		const struct dim_region *region = side->target.regions[i];

		if (!model_is_selected(options->selected, options->selected_count, dim_region_dimension_id(region)))
			continue;
		ok = take_region(region, &side->gathered.model.dimensions[side->gathered.model.count++],
				 &side->dimensions[side->count++]);
	}
	if (!ok) {
		diag_fail(diag, EXIT_DAMAGED, "%s: a record is damaged", side->path);
		diag_help(diag, "`dimc verify %s` tells where", side->path);
	}
	return ok;
}

/* --- both --- */

static bool read_side(struct side *side, const struct side_options *options, struct diag *diag)
{
	return side->is_source ? read_sources(side, options, diag) : read_target(side, options, diag);
}

bool side_open(const char *path, const struct side_options *options, struct diag *diag, struct side *ret)
{
	return find(path, diag, ret) && read_side(ret, options, diag);
}

bool side_open_pair(const char *a_path, const char *b_path, const struct side_options *options, struct diag *diag,
		    struct side *ret_a, struct side *ret_b)
{
	struct side *first = ret_a, *second = ret_b;
	struct side_options narrowed = *options;
	bool found = find(a_path, diag, ret_a), ok;

	found = find(b_path, diag, ret_b) && found;
	if (!found)
		return false;
	if (ret_b->is_single && !ret_a->is_single) {
		first = ret_b;
		second = ret_a;
	}
	ok = read_side(first, options, diag);
	if (ok && first->is_single && !second->is_single && first->count == 1) {
		narrowed.selected = &first->dimensions[0].dimension->dimension_id;
		narrowed.selected_count = 1;
	}
	return read_side(second, &narrowed, diag) && ok;
}

void side_close(struct side *side)
{
	free(side->dimensions);
	gather_free(&side->gathered);
	target_close(&side->target);
	memset(side, 0, sizeof(*side));
}
