/*
 * refresh_test.c: what dim.h says about dim_volume_refresh: what is shared, what is refused, what stays.
 * In: the volumes A and B that tests/volume.bats compiles.
 * Out: nothing while every generation that is good is taken into use, and none that is not.
 */
#include "volumes.h"

static const char *a, *b;

/* --- good generations --- */

static void check_change(const struct dim_options *options, enum how how)
{
	struct dim_volume *volume;
	const struct dim_snapshot *old, *new, *third;
	struct dim_span before, after;
	char *bytes;
	bool is_lazy = options != NULL && (options->flags & DIM_LAZY) != 0;
	bool is_shared = how == LINK || (options != NULL && (options->flags & DIM_IN_MEMORY) != 0);
	bool changed = true;

	publish_all("v", a, how);
	volume = opened("v", options);
	CHECK(!refreshed(volume) && dim_volume_refresh(volume, NULL, NULL) == DIM_OK);
	if (is_lazy)
		CHECK(dim_volume_load(volume, 1, NULL) == DIM_OK && dim_volume_load(volume, 2, NULL) == DIM_OK &&
		      dim_volume_load(volume, 3, NULL) == DIM_OK);
	old = dim_volume_acquire(volume);
	CHECK(dim_snapshot_serial(old) == 1 && dim_snapshot_count(old) == 3);
	before = dim_region_bytes(dim_snapshot_region_at(old, 0));
	bytes = malloc(before.size);
	CHECK(bytes != NULL);
	memcpy(bytes, before.data, before.size);

	publish_all("v", b, how);
	CHECK(layer_is(old, 1, 1, "a one\n"));
	CHECK(dim_volume_refresh(volume, &changed, NULL) == DIM_OK && changed);
	CHECK(dim_volume_refresh(volume, &changed, NULL) == DIM_OK && !changed);
	new = dim_volume_acquire(volume);
	CHECK(new != old &&dim_snapshot_serial(new) == 2 && dim_snapshot_serial(old) == 1);
	CHECK(dim_snapshot_count(new) == 3 && dim_snapshot_dimension_at(new, 2) == 4);
	CHECK(layer_is(new, 1, 1, "b one\n") && layer_is(new, 2, 7, "the same\n"));
	CHECK(is_lazy ? dim_snapshot_region_at(new, 2) == NULL : layer_is(new, 4, 1, "only in b\n"));
	/* What is the same is shared, pointers and all, where anybody can know that it is the same. */
	CHECK((dim_snapshot_region_at(old, 1) == dim_snapshot_region_at(new, 1)) == is_shared);
	CHECK(dim_snapshot_region_at(old, 0) != dim_snapshot_region_at(new, 0));

	/* The old one is what it was. */
	after = dim_region_bytes(dim_snapshot_region_at(old, 0));
	CHECK(after.data == before.data && memcmp(after.data, bytes, after.size) == 0);
	CHECK(layer_is(old, 1, 1, "a one\n") && layer_is(old, 3, 1, "only in a\n") && dim_snapshot_count(old) == 3);
	CHECK(dim_verify_snapshot(old, NULL, NULL) == DIM_OK && dim_verify_snapshot(new, NULL, NULL) == DIM_OK);
	CHECK(usage_of(volume).snapshot_count == 2);
	dim_snapshot_release(old);
	CHECK(usage_of(volume).snapshot_count == 1);
	CHECK(usage_of(volume).mapped_size == usage_of(volume).loaded_size);

	publish_all("v", a, how); /* a third, and the second is held by us alone */
	CHECK(refreshed(volume));
	third = dim_volume_acquire(volume);
	CHECK(dim_snapshot_serial(third) == 3 && layer_is(third, 1, 1, "a one\n") && layer_is(new, 1, 1, "b one\n"));
	dim_snapshot_release(new);
	dim_volume_close(volume);
	CHECK(layer_is(third, 1, 1, "a one\n"));
	dim_snapshot_release(third);
	free(bytes);
	remove_all("v");
}

/* What was unloaded stays so, until it leaves the volume; what was never there is loaded where it is not lazy. */
static void check_unloaded(void)
{
	struct dim_volume *volume;
	const struct dim_snapshot *s;

	publish_all("v", a, LINK);
	volume = opened("v", NULL);
	CHECK(dim_volume_unload(volume, 1, NULL) == DIM_OK && dim_volume_unload(volume, 3, NULL) == DIM_OK);
	publish_all("v", b, LINK);
	CHECK(refreshed(volume));
	s = dim_volume_acquire(volume);
	CHECK(dim_snapshot_region_at(s, 0) == NULL && dim_snapshot_region_at(s, 1) != NULL &&
	      dim_snapshot_region_at(s, 2) != NULL);
	dim_snapshot_release(s);
	CHECK(dim_volume_load(volume, 1, NULL) == DIM_OK);
	s = dim_volume_acquire(volume);
	CHECK(layer_is(s, 1, 1, "b one\n") && dim_snapshot_serial(s) == 2);
	dim_snapshot_release(s);
	dim_volume_close(volume);
	remove_all("v");
}

/* --- generations that are refused --- */

static char refused_message[192];

/* Refused, the old one stays, and the same words come again. */
static void check_refused(struct dim_volume *volume, enum dim_status status, unsigned dimension)
{
	struct dim_error error = untouched(), again = untouched();
	const struct dim_snapshot *before = dim_volume_acquire(volume), *after;
	bool changed = true;
	unsigned fds;

	CHECK(dim_volume_refresh(volume, &changed, &error) == status && changed); /* untouched */
	look_at_error(&error, status, UINT64_MAX);
	CHECK(error.dimension_id == dimension && error.path[0] != '\0');
	snprintf(refused_message, sizeof(refused_message), "%s", error.message);
	fds = descriptors();
	CHECK(dim_volume_refresh(volume, NULL, NULL) == status && descriptors() == fds);
	CHECK(dim_volume_refresh(volume, &changed, &again) == status && changed);
	CHECK(memcmp(&error, &again, sizeof(error)) == 0);
	after = dim_volume_acquire(volume);
	CHECK(after == before && layer_is(after, 1, 1, "a one\n"));
	dim_snapshot_release(before);
	dim_snapshot_release(after);
}

/* Publishes b with one byte of a region made another. */
static void publish_poked(unsigned id, size_t at, char byte)
{
	struct dim_span all = slurp(region_path(in(b, "consciousness"), id));

	stage_all("v/staged", b, COPY);
	((char *)(uintptr_t)all.data)[at] = byte;
	write_file(region_path("v/staged", id), all.data, all.size);
	free((void *)(uintptr_t)all.data);
	publish("v");
}

static enum dim_status refuse_quietly(void *context, const struct dim_region *region, struct dim_error *error)
{
	(void)region, (void)error;
	return *(enum dim_status *)context;
}

static void check_refusals(uint32_t flags)
{
	enum dim_status answer = DIM_OK;
	struct dim_options options = {.flags = flags, .prove = refuse_quietly, .prove_context = &answer};
	struct dim_volume *volume;
	struct dim_error error;
	unsigned mapped, fds;

	publish_all("v", a, COPY);
	volume = opened("v", &options);
	mapped = mappings();
	fds = descriptors();
	publish_poked(1, 4, 9); /* the version */
	check_refused(volume, DIM_ERR_VERSION, 1);
	publish_poked(1, 0, 'X');
	check_refused(volume, DIM_ERR_NOT_REGION, 1);
	publish_poked(4, 8, 3); /* another dimension's region */
	check_refused(volume, DIM_ERR_DAMAGED, 4);
	CHECK(strcmp(refused_message, "the region in D04 is that of D03") == 0);
	publish_poked(4, 256 + 9 * 24 + 5, 1); /* something behind the directory of sections: only a check sees it */
	check_refused(volume, DIM_ERR_DAMAGED, 4);
	answer = DIM_ERR_DAMAGED;
	publish_all("v", b, COPY);
	check_refused(volume, DIM_ERR_DAMAGED, 1);
	answer = DIM_ERR_MEMORY; /* it may be better next time, and so it is asked again */
	publish_all("v", b, COPY);
	check_refused(volume, DIM_ERR_MEMORY, 1);
	CHECK(descriptors() == fds && mappings() == mapped && usage_of(volume).serial == 1);

	/* The name leads nowhere, or to something else. */
	CHECK(rename("v/consciousness", "v/away") == 0);
	CHECK(dim_volume_refresh(volume, NULL, &error) == DIM_ERR_NOT_FOUND && strcmp(error.path, "v") == 0);
	CHECK(mkdir("v/consciousness", 0755) == 0);
	CHECK(dim_volume_refresh(volume, NULL, &error) == DIM_ERR_NOT_FOUND);
	CHECK(rmdir("v/consciousness") == 0);
	write_file("v/consciousness", "x", 1);
	CHECK(dim_volume_refresh(volume, NULL, &error) == DIM_ERR_SYSTEM && error.system_errno == ENOTDIR);
	CHECK(unlink("v/consciousness") == 0 && rename("v/away", "v/consciousness") == 0);
	answer = DIM_OK;
	CHECK(refreshed(volume) && usage_of(volume).serial == 2);
	dim_volume_close(volume);
	CHECK(mappings() == 0);
	remove_all("v");
}

/* A copy in memory is the same as a file only if the header is: not everything that has its size. */
static void check_copy_of_same_size(void)
{
	struct dim_options options = {.flags = DIM_IN_MEMORY};
	const struct dim_snapshot *s;
	struct dim_volume *volume;

	publish_all("v", b, COPY);
	volume = opened("v", &options);
	publish_poked(4, 24, 0x77); /* the checksum, which nothing but a proof compares */
	CHECK(refreshed(volume));
	s = dim_volume_acquire(volume);
	CHECK(dim_snapshot_dimension_at(s, 2) == 4 && dim_region_checksum(dim_snapshot_region_at(s, 2))[0] == 0x77);
	dim_snapshot_release(s);
	dim_volume_close(volume);
	remove_all("v");
}

/* --- the volume itself --- */

static void check_replaced_volume(void)
{
	struct dim_volume *volume, *by_link;
	const struct dim_snapshot *held;

	publish_all("v", a, LINK);
	publish_all("w", b, LINK);
	CHECK(symlink("v", "link") == 0);
	volume = opened("v", NULL);
	by_link = opened("link", NULL);
	held = dim_volume_acquire(volume);
	/* A symbolic link is followed every time. */
	CHECK(unlink("link") == 0 && symlink("w", "link") == 0 && refreshed(by_link));
	dim_volume_close(by_link);
	CHECK(unlink("link") == 0);
	remove_all("w");

	remove_all("v");
	CHECK(dim_volume_refresh(volume, NULL, NULL) == DIM_ERR_NOT_FOUND);
	CHECK(layer_is(held, 1, 1, "a one\n"));
	publish_all("v", b, LINK);
	CHECK(refreshed(volume) && layer_is(held, 1, 1, "a one\n"));
	dim_snapshot_release(held);
	dim_volume_close(volume);
	remove_all("v");
}

/* The selected dimensions must be there in the new generation, too. The list is the volume's own copy. */
static void check_selected(void)
{
	uint32_t ids[] = {3, 1};
	struct dim_options options = {.dimensions = ids, .dimension_count = 2};
	struct dim_volume *volume;
	struct dim_error error;

	publish_all("v", a, LINK);
	volume = opened("v", &options);
	ids[0] = ids[1] = 4;
	publish_all("v", b, LINK);
	CHECK(dim_volume_refresh(volume, NULL, &error) == DIM_ERR_NOT_FOUND && error.dimension_id == 3);
	CHECK(usage_of(volume).serial == 1 && usage_of(volume).dimension_count == 2);
	publish_all("v", a, LINK);
	CHECK(refreshed(volume) && usage_of(volume).serial == 2);
	dim_volume_close(volume);
	remove_all("v");
}

static void check_budget(void)
{
	uint64_t first = 0, grown = 0;
	struct dim_options options = {0};
	struct dim_volume *volume;
	struct dim_error error;
	struct stat st;
	unsigned id;

	for (id = 1; id <= 2; id++) {
		CHECK(stat(region_path(in(a, "consciousness"), id), &st) == 0);
		first += (uint64_t)st.st_size;
		CHECK(stat(region_path(in(b, "consciousness"), id), &st) == 0);
		grown += (uint64_t)st.st_size;
	}
	CHECK(grown > first);
	/* D01 grows, D02 stays as it is and is shared: together they are past the budget. */
	CHECK(mkdir("v", 0755) == 0);
	stage("v/staged", a, 1, LINK);
	stage("v/staged", a, 2, LINK);
	publish("v");
	options.memory_budget = grown - 1;
	volume = opened("v", &options);
	stage("v/staged", b, 1, LINK);
	stage("v/staged", a, 2, LINK);
	publish("v");
	CHECK(dim_volume_refresh(volume, NULL, &error) == DIM_ERR_LIMIT && error.dimension_id == 2);
	CHECK(error.limit == grown - 1 && error.usage == grown && usage_of(volume).loaded_size == first);
	/* With less loaded it fits: nothing was remembered against it. */
	CHECK(dim_volume_unload(volume, 2, NULL) == DIM_OK && refreshed(volume));
	CHECK(dim_volume_load(volume, 2, &error) == DIM_ERR_LIMIT && error.usage == grown && error.dimension_id == 2);
	dim_volume_close(volume);
	options.memory_budget = grown;
	volume = opened("v", &options);
	CHECK(usage_of(volume).loaded_size == grown && usage_of(volume).budget == grown);
	dim_volume_close(volume);
	remove_all("v");
}

/* For tests/volume.bats, which looks at the system calls between the two marks. */
static int costs(void)
{
	struct dim_volume *volume;
	int round, i;

	publish_all("v", a, LINK);
	volume = opened("v", NULL);
	for (round = 0; round < 2; round++) {
		access("/mark", F_OK);
		for (i = 0; i < 5; i++) {
			enum dim_status status = dim_volume_refresh(volume, NULL, NULL);

			CHECK(status == (round == 0 ? DIM_OK : DIM_ERR_VERSION));
			dim_snapshot_release(dim_volume_acquire(volume));
		}
		access("/mark", F_OK);
		publish_poked(1, 4, 9);
		dim_volume_refresh(volume, NULL, NULL);
	}
	dim_volume_close(volume);
	return 0;
}

static void run(const char *dimc, const char *arguments)
{
	char command[8192];

	snprintf(command, sizeof(command), "'%s' %s", dimc, arguments);
	CHECK(system(command) == 0);
}

/* What dimc itself does: it links what did not change, and a rollback is a change like any other. */
static int follow(const char *dimc)
{
	const struct dim_snapshot *first, *second, *third;
	struct dim_volume *volume;

	run(dimc, "compile -q --no-sync sources-a -o v");
	volume = opened("v", NULL);
	first = dim_volume_acquire(volume);
	run(dimc, "compile -q --no-sync sources-b -o v");
	CHECK(refreshed(volume));
	second = dim_volume_acquire(volume);
	CHECK(layer_is(second, 1, 1, "b one\n") && layer_is(second, 4, 1, "only in b\n"));
	CHECK(dim_snapshot_region_at(first, 1) == dim_snapshot_region_at(second, 1));
	run(dimc, "rollback -q --no-sync v");
	CHECK(refreshed(volume) && !refreshed(volume));
	third = dim_volume_acquire(volume);
	CHECK(dim_snapshot_serial(third) == 3 && dim_snapshot_count(third) == 3);
	CHECK(layer_is(third, 1, 1, "a one\n") && layer_is(third, 3, 1, "only in a\n"));
	CHECK(dim_snapshot_region_at(first, 1) == dim_snapshot_region_at(third, 1));
	CHECK(layer_is(first, 1, 1, "a one\n") && layer_is(second, 1, 1, "b one\n"));
	dim_snapshot_release(first);
	dim_snapshot_release(second);
	dim_snapshot_release(third);
	dim_volume_close(volume);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct dim_options lazy = {.flags = DIM_LAZY}, copies = {.flags = DIM_IN_MEMORY},
					lazy_copies = {.flags = DIM_LAZY | DIM_IN_MEMORY};
	unsigned fds;

	CHECK(argc >= 2);
	a = strdup(in(argv[1], "A"));
	b = strdup(in(argv[1], "B"));
	if (argc > 2)
		return strcmp(argv[2], "costs") == 0 ? costs() : follow(argv[2]);
	fds = descriptors();
	check_change(NULL, LINK);
	check_change(NULL, COPY);
	check_change(&lazy, LINK);
	check_change(&copies, LINK);
	check_change(&copies, COPY);
	check_change(&lazy_copies, COPY);
	check_unloaded();
	check_refusals(0);
	check_refusals(DIM_IN_MEMORY | DIM_KEEP_FILES);
	check_copy_of_same_size();
	check_replaced_volume();
	check_selected();
	check_budget();
	CHECK(descriptors() == fds && mappings() == 0);
	return 0;
}
