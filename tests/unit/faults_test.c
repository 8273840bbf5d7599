/*
 * faults_test.c: what libdim does where the system refuses: every call of every deed fails, in every way.
 * In: the volume that tests/unit.bats compiles.
 * Out: nothing while each failure is told as documented, leaves no trace, and the next attempt succeeds.
 */
#include "../../include/dim_verify.h"
#include "faults_trial.h"

static enum dim_status open_at(struct stage *s, const char *path, struct dim_error *err)
{
	struct dim_volume *volume = (struct dim_volume *)(void *)s; /* not one, and must stay what it is */
	enum dim_status status = dim_volume_open(path, s->options, &volume, err);

	if (status == DIM_OK)
		s->volume = volume;
	else
		CHECK(volume == (struct dim_volume *)(void *)s);
	return status;
}

static enum dim_status open_volume(struct stage *s, struct dim_error *err)
{
	return open_at(s, volume_path, err);
}

/* From the environment, and relative to the directory, which is `root`. */
static enum dim_status open_relative(struct stage *s, struct dim_error *err)
{
	return open_at(s, NULL, err);
}

static bool is_lazy(const struct stage *s)
{
	return s->options != NULL && (s->options->flags & DIM_LAZY) != 0;
}

static void opened(struct stage *s)
{
	struct dim_usage usage;

	dim_volume_usage(s->volume, &usage);
	CHECK(usage.serial == 1 && usage.dimension_count == 2 && usage.snapshot_count == 1);
	CHECK(usage.loaded_count == (is_lazy(s) ? 0 : 2) && usage.loaded_size == usage.mapped_size);
	s->held = dim_volume_acquire(s->volume);
	check_snapshot(s->held);
}

/* A volume of generation a, with the dimensions of this many loaded. */
static void prepare_volume(struct stage *s, unsigned count)
{
	unsigned i;

	publish('a');
	CHECK(open_volume(s, NULL) == DIM_OK);
	for (i = 1; i <= 2; i++)
		CHECK((i <= count ? dim_volume_load : dim_volume_unload)(s->volume, i, NULL) == DIM_OK);
	s->held = dim_volume_acquire(s->volume);
	dim_volume_usage(s->volume, &s->before);
	CHECK(s->before.loaded_count == count);
}

static void prepare_one(struct stage *s)
{
	prepare_volume(s, 1);
}

static void prepare_both(struct stage *s)
{
	prepare_volume(s, 2);
}

static void prepare_refresh(struct stage *s)
{
	prepare_volume(s, 2);
	publish('b');
}

/* The volume is what it was, to the snapshot. */
static void same_volume(struct stage *s, const struct dim_error *err)
{
	const struct dim_snapshot *now = dim_volume_acquire(s->volume);
	struct dim_usage usage;

	(void)err;
	dim_volume_usage(s->volume, &usage);
	CHECK(now == s->held && memcmp(&usage, &s->before, sizeof(usage)) == 0);
	check_snapshot(now);
	dim_snapshot_release(now);
}

static void changed_volume(struct stage *s)
{
	const struct dim_snapshot *now = dim_volume_acquire(s->volume);

	CHECK(now != s->held);
	check_snapshot(now);
	check_snapshot(s->held);
	dim_snapshot_release(now);
}

static enum dim_status load_second(struct stage *s, struct dim_error *err)
{
	return dim_volume_load(s->volume, 2, err);
}

static enum dim_status unload_second(struct stage *s, struct dim_error *err)
{
	return dim_volume_unload(s->volume, 2, err);
}

static enum dim_status refresh(struct stage *s, struct dim_error *err)
{
	bool changed = true, other = false;
	enum dim_status status = dim_volume_refresh(s->volume, &changed, err);

	CHECK(changed);
	if (status != DIM_OK) { /* untouched, whatever it was */
		struct dim_error again;
		unsigned refusals = traced.refusals;
		bool was_armed = fault.is_armed;

		if (status != DIM_ERR_DAMAGED)
			return status;
		fault.is_armed = false; /* refused in the same words, without another look */
		CHECK(dim_volume_refresh(s->volume, &other, &again) == status && !other);
		CHECK(memcmp(&again, err, sizeof(again)) == 0 && traced.refusals == refusals);
		fault.is_armed = was_armed;
	}
	return status;
}

static void not_refreshed(struct stage *s, const struct dim_error *err)
{
	same_volume(s, err);
	if (err->status == DIM_ERR_DAMAGED)
		publish('c');
}

static void refreshed(struct stage *s)
{
	struct dim_usage usage;
	struct dim_span all = {0};
	const struct dim_snapshot *now = dim_volume_acquire(s->volume);
	int64_t seconds;

	changed_volume(s);
	dim_volume_usage(s->volume, &usage);
	CHECK(usage.serial == 2 && usage.loaded_count == 2 && usage.snapshot_count == 2);
	CHECK(usage.loaded_size == s->before.loaded_size && usage.mapped_size > usage.loaded_size);
	CHECK(dim_region_created_at(dim_snapshot_region_at(now, 1), &seconds) == DIM_OK);
	CHECK(dim_region_created_at(dim_snapshot_region_at(s->held, 1), &seconds) == DIM_ERR_NOT_FOUND);
	all = dim_region_bytes(dim_snapshot_region_at(now, 0));
	CHECK(all.size == good.size);
	dim_snapshot_release(now);
}

/* --- one region --- */

static enum dim_status open_region(struct stage *s, struct dim_error *err)
{
	struct dim_region *region = (struct dim_region *)(void *)s;
	enum dim_status status = dim_region_open(below("consciousness/D01/region.mmap"), s->options, &region, err);

	if (status == DIM_OK)
		s->region = region;
	else
		CHECK(region == (struct dim_region *)(void *)s);
	return status;
}

static void region_opened(struct stage *s)
{
	struct dim_span all = dim_region_bytes(s->region);

	CHECK(all.size == good.size && memcmp(all.data, good.data, good.size) == 0);
}

static void prepare_region(struct stage *s)
{
	CHECK(open_region(s, NULL) == DIM_OK);
}

static const struct dim_layer *first_layer(const struct stage *s)
{
	const struct dim_layer *layer = NULL;

	CHECK(dim_region_layer_at(s->region, 0, &layer) == DIM_OK);
	return layer;
}

static void prepare_wrong(struct stage *s)
{
	CHECK(dim_region_from_memory(wrong.bytes, wrong.size, NULL, &s->region, NULL) == DIM_OK);
}

static enum dim_status read_layer(struct stage *s, struct dim_error *err)
{
	char buffer[64];
	size_t size = 42;
	enum dim_status status = dim_layer_read(s->region, 7, buffer, sizeof(buffer), &size, err);

	CHECK(status == DIM_OK ? size == 1 && buffer[0] == 'x' : size == 42);
	return status;
}

static enum dim_status check(struct stage *s, struct dim_error *err)
{
	return dim_region_check(s->region, err);
}

static enum dim_status prove(struct stage *s, struct dim_error *err)
{
	return dim_verify_prove(NULL, s->region, err);
}

static enum dim_status verify_layer(struct stage *s, struct dim_error *err)
{
	return dim_verify_layer(s->region, first_layer(s), err);
}

static enum dim_status verify_metadata(struct stage *s, struct dim_error *err)
{
	(void)s;
	return dim_verify_metadata(good.data, good.size, err);
}

static void keep(void *context, const struct dim_error *error)
{
	*(struct dim_error *)context = *error;
}

static enum dim_status verify_bytes(struct stage *s, struct dim_error *err)
{
	return dim_verify_bytes(good.data, good.size, s->options, keep, err);
}

static enum dim_status verify_snapshot(struct stage *s, struct dim_error *err)
{
	return dim_verify_snapshot(s->held, keep, err);
}

static enum dim_status digest(struct stage *s, struct dim_error *err)
{
	uint8_t bytes[32] = {42};
	enum dim_status status = dim_snapshot_digest(s->held, bytes);

	(void)err;
	CHECK(status == DIM_OK || (bytes[0] == 42 && bytes[31] == 0));
	return status;
}

static enum dim_status resident(struct stage *s, struct dim_error *err)
{
	uint64_t size = 42;
	enum dim_status status = dim_region_resident(s->region, 0, good.size, &size);

	(void)err;
	CHECK((status == DIM_OK) == (size != 42));
	return status;
}

/* Somebody else, who may look at everybody's files. */
static void prepare_somebody_else(struct stage *s)
{
	prepare_region(s);
	claims.is_somebody_else = true;
	claims.capabilities = 1u << CAP_DAC_OVERRIDE;
}

static void myself_again(struct stage *s)
{
	(void)s;
	claims.is_somebody_else = false;
}

static enum dim_status faults(struct stage *s, struct dim_error *err)
{
	struct dim_faults numbers = {UINT64_MAX, UINT64_MAX};
	enum dim_status status = dim_faults(&numbers);

	(void)s;
	(void)err;
	CHECK((status == DIM_OK) == (numbers.minor != UINT64_MAX));
	return status;
}

/* --- all of it --- */

static const struct deed volumes[] = {
	{.name = "open", .act = open_volume, .done = opened, .tells = true, .is_traced = true},
	{.name = "load",
	 .prepare = prepare_one,
	 .act = load_second,
	 .undone = same_volume,
	 .done = changed_volume,
	 .tells = true,
	 .is_traced = true},
	{.name = "unload",
	 .prepare = prepare_both,
	 .act = unload_second,
	 .undone = same_volume,
	 .done = changed_volume,
	 .tells = true,
	 .is_traced = true},
	{.name = "refresh",
	 .prepare = prepare_refresh,
	 .act = refresh,
	 .undone = not_refreshed,
	 .done = refreshed,
	 .tells = true,
	 .compares = true,
	 .is_traced = true},
};

static const uint32_t both[] = {2, 1, 2};

static const struct dim_options volume_options[] = {
	{.trace = trace},
	{.trace = trace, .flags = DIM_LAZY | DIM_CHECK, .dimensions = both, .dimension_count = 3},
	{.trace = trace,
	 .flags = DIM_PREFAULT | DIM_KEEP_FILES,
	 .advice = DIM_ADVICE_WILLNEED,
	 .memory_budget = 1 << 20},
	{.trace = trace, .flags = DIM_IN_MEMORY, .advice = DIM_ADVICE_HUGEPAGE, .prove = dim_verify_prove},
	{.trace = trace, .flags = DIM_IN_MEMORY | DIM_LAZY, .memory_budget = 1 << 20},
};

static const struct deed others[] = {
	{.name = "open from the environment", .act = open_relative, .done = opened, .tells = true, .is_traced = true},
	{.name = "digest", .prepare = prepare_both, .act = digest},
	{.name = "verify a snapshot", .prepare = prepare_both, .act = verify_snapshot},
};

static const struct deed regions[] = {
	{.name = "open a region", .act = open_region, .done = region_opened, .tells = true},
	{.name = "read a layer", .prepare = prepare_region, .act = read_layer, .tells = true},
	{.name = "check", .prepare = prepare_region, .act = check, .tells = true},
	{.name = "check what is wrong",
	 .prepare = prepare_wrong,
	 .act = check,
	 .usual = DIM_ERR_DAMAGED,
	 .tells = true},
	{.name = "prove", .prepare = prepare_region, .act = prove, .tells = true},
	{.name = "verify a layer", .prepare = prepare_region, .act = verify_layer, .tells = true},
	{.name = "verify metadata", .prepare = prepare_region, .act = verify_metadata, .tells = true},
	{.name = "verify bytes", .act = verify_bytes},
};

static const struct dim_options region_options[] = {
	{.flags = DIM_KEEP_FILES | DIM_PREFAULT | DIM_READS_ONCE, .advice = DIM_ADVICE_SEQUENTIAL},
	{.flags = DIM_IN_MEMORY | DIM_CHECK},
};

static const struct deed kernel[] = {
	{.name = "residency", .prepare = prepare_region, .act = resident},
	{.name = "residency for somebody else",
	 .prepare = prepare_somebody_else,
	 .act = resident,
	 .done = myself_again},
	{.name = "page faults", .act = faults, .asks_faults = true},
};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static void try_each(const struct deed *deeds, size_t count, const struct dim_options *options)
{
	size_t i;

	for (i = 0; i < count; i++) {
		unsigned failures = try_all(&deeds[i], options);

		CHECK(failures > 0);
		printf("%s: %u\n", deeds[i].name, failures);
	}
}

int main(int argc, char **argv)
{
	unsigned i;

	CHECK(argc >= 2);
	snprintf(root, sizeof(root), "%s/temp/faults", argv[1]);
	CHECK(mkdir(root, 0755) == 0 && realpath(root, volume_path) != NULL);
	memcpy(root, volume_path, sizeof(root));
	strcat(volume_path, "/v");
	make_generations(argv[1]);
	for (i = 0; i < LENGTH(volume_options); i++)
		try_each(volumes, LENGTH(volumes), &volume_options[i]);
	CHECK(chdir(root) == 0 && setenv("MMAP_BASE_PATH", "v", 1) == 0);
	try_each(others, LENGTH(others), &volume_options[0]);
	for (i = 0; i < LENGTH(region_options); i++)
		try_each(regions, LENGTH(regions), &region_options[i]);
	try_each(kernel, LENGTH(kernel), NULL);
	for (i = 0; i < SITES; i++)
		CHECK(fault.hits[i] > 0);
	dim_region_close(good_region);
	free(wrong.bytes);
	return 0;
}
