/*
 * memory_test.c: what dim_region.h says about mappings: flags, advice, copies in memory, residency, descriptors.
 * In: the volume A that tests/volume.bats compiles.
 * Out: nothing while the kernel says the same.
 */
#include <sys/mman.h>
#include <sys/wait.h>

#include "volumes.h"

static const char *one; /* a region file */

static struct dim_region *region_with(const char *path, uint32_t flags, uint32_t advice)
{
	struct dim_options options = {.flags = flags, .advice = advice};
	struct dim_region *region = NULL;
	struct dim_error error = untouched();

	CHECK(dim_region_open(path, &options, &region, &error) == DIM_OK && is_untouched(&error));
	CHECK(dim_region_flags(region) == flags);
	return region;
}

/* The line of /proc/self/smaps about a mapping that begins with `field`, or "": some kernels do not have it. */
static const char *about(const struct dim_region *region, const char *field)
{
	static char line[8192];
	FILE *maps = fopen("/proc/self/smaps", "r");
	char start[32];
	bool inside = false;

	snprintf(start, sizeof(start), "%08lx-", (unsigned long)(uintptr_t)dim_region_bytes(region).data);
	while (maps != NULL && fgets(line, sizeof(line), maps) != NULL) {
		if (strncmp(line, start, strlen(start)) == 0) {
			inside = true;
			if (*field == '\0')
				break;
		} else if (inside && strncmp(line, field, strlen(field)) == 0) {
			break;
		}
	}
	if (maps == NULL || feof(maps))
		line[0] = '\0';
	if (maps != NULL)
		fclose(maps);
	return line;
}

/* KiB of the mapping that this process has touched, or that were brought in for it; -1: the kernel does not tell. */
static long touched(const struct dim_region *region)
{
	const char *line = about(region, "Rss:");

	return line[0] == '\0' ? -1 : strtol(line + 4, NULL, 10);
}

static void check_pages(void)
{
	struct dim_region *region = region_with(one, 0, 0);
	long kib = (long)(dim_region_file_size(region) + 1023) / 1024;
	uint64_t size = dim_region_file_size(region), resident = 42;
	long page = sysconf(_SC_PAGESIZE);
	struct dim_faults before, after;
	const struct dim_layer *layer = NULL;

	if (touched(region) >= 0) {
		/* Opening touches nothing. A touch maps what is cached around it, too. */
		CHECK(touched(region) == 0);
		CHECK(dim_faults(&before) == DIM_OK);
		CHECK(dim_region_layer(region, 2, &layer) == DIM_OK && touched(region) > 0);
		CHECK(dim_faults(&after) == DIM_OK && after.minor + after.major > before.minor + before.major);
		CHECK(dim_verify_region(region, NULL, NULL) == DIM_OK && touched(region) >= kib);
		/* Whole pages inside the range alone; what lies outside is ignored. */
		dim_region_give_back(region, 1, (uint64_t)page);
		CHECK(touched(region) >= kib);
		dim_region_give_back(region, 0, (uint64_t)page);
		CHECK(touched(region) < kib && touched(region) > 0);
		dim_region_give_back(region, size, 1);
		dim_region_give_back(region, UINT64_MAX, UINT64_MAX);
		CHECK(touched(region) > 0);
		dim_region_give_back(region, 0, UINT64_MAX);
		CHECK(touched(region) == 0 && dim_verify_region(region, NULL, NULL) == DIM_OK);
	}
	dim_region_prefetch(region, 0, UINT64_MAX);
	dim_region_prefetch(region, size - 1, 1);
	dim_region_prefetch(region, 5, 0);
	dim_region_prefetch(region, UINT64_MAX, UINT64_MAX);
	CHECK(dim_region_check(region, NULL) == DIM_OK);

	/* It was read a moment ago. */
	CHECK(dim_region_resident(region, 0, size, &resident) == DIM_OK && resident >= size);
	CHECK(dim_region_resident(region, (uint64_t)page + 1, 1, &resident) == DIM_OK && resident == (uint64_t)page);
	CHECK(dim_region_resident(region, (uint64_t)page - 1, 2, &resident) == DIM_OK &&
	      resident == 2 * (uint64_t)page);
	CHECK(dim_region_resident(region, 5, 0, &resident) == DIM_OK && resident == 0);
	CHECK(dim_region_resident(region, size, 0, &resident) == DIM_OK && resident == 0);
	resident = 42;
	CHECK(dim_region_resident(region, size, 1, &resident) == DIM_ERR_USAGE && resident == 42);
	CHECK(dim_region_resident(region, 1, size, &resident) == DIM_ERR_USAGE);
	CHECK(dim_region_resident(region, UINT64_MAX, UINT64_MAX, &resident) == DIM_ERR_USAGE);
	CHECK(dim_region_is_file(region) && dim_region_descriptor(region) == -1);
	dim_region_close(region);

	region = region_with(one, DIM_PREFAULT, 0);
	CHECK(touched(region) == -1 || touched(region) >= kib);
	dim_region_close(region);
	region = region_with(one, DIM_READS_ONCE, 0);
	CHECK(dim_verify_region(region, NULL, NULL) == DIM_OK);
	dim_region_close(region);
}

/* A stranger is told that nobody tells him. Runs in a process of its own, which may become a stranger. */
static void check_stranger(void)
{
	struct dim_region *region;
	uint64_t resident = 42;
	pid_t pid;
	int status;

	if (geteuid() != 0)
		return;
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		region = region_with(one, 0, 0);
		CHECK(setresuid(12345, 12345, 12345) == 0);
		CHECK(dim_region_resident(region, 0, 1, &resident) == DIM_ERR_UNKNOWN && resident == 42);
		_exit(0);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

static void check_advice(void)
{
	static const struct {
		uint32_t advice;
		const char *flag;
	} all[] = {{DIM_ADVICE_RANDOM, " rr "},
		   {DIM_ADVICE_NORMAL, NULL},
		   {DIM_ADVICE_SEQUENTIAL, " sr "},
		   {DIM_ADVICE_WILLNEED, NULL},
		   {DIM_ADVICE_HUGEPAGE, NULL}};
	struct dim_region *region;
	const char *flags;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		region = region_with(one, 0, all[i].advice);
		flags = about(region, "VmFlags:");
		if (flags[0] != '\0') {
			CHECK((strstr(flags, " rr ") != NULL) == (all[i].flag != NULL && all[i].flag[1] == 'r'));
			CHECK((strstr(flags, " sr ") != NULL) == (all[i].flag != NULL && all[i].flag[1] == 's'));
			CHECK(strstr(flags, " wr ") == NULL);
		}
		CHECK(dim_verify_region(region, NULL, NULL) == DIM_OK);
		dim_region_close(region);
		region = region_with(one, DIM_IN_MEMORY | DIM_PREFAULT | DIM_CHECK, all[i].advice);
		CHECK(dim_verify_region(region, NULL, NULL) == DIM_OK);
		dim_region_close(region);
	}
}

static void check_kept(void)
{
	struct dim_region *region;
	unsigned before = descriptors();
	int fd;
	struct stat mine, theirs;

	region = region_with(one, DIM_KEEP_FILES, 0);
	fd = dim_region_descriptor(region);
	CHECK(descriptors() == before + 1 && fd >= 0 && fstat(fd, &mine) == 0 && stat(one, &theirs) == 0);
	CHECK(mine.st_ino == theirs.st_ino && (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	dim_region_close(region);
	CHECK(descriptors() == before);
	region = region_with(one, DIM_IN_MEMORY, 0);
	CHECK(descriptors() == before && dim_region_descriptor(region) == -1 && !dim_region_is_file(region));
	dim_region_close(region);
	CHECK(descriptors() == before && mappings() == 0);
}

/* Whoever cuts or changes the file, or has the rights to reach the copy itself: nothing changes. */
static void check_sealed(void)
{
	struct dim_span all = slurp(one);
	struct dim_region *region;
	struct dim_span bytes;
	char path[64], line[8192];
	unsigned long first, last;
	uint64_t resident = 42;
	int fd;

	write_file("cut", all.data, all.size);
	region = region_with("cut", DIM_IN_MEMORY, 0);
	CHECK(truncate("cut", 0) == 0 && unlink("cut") == 0);
	bytes = dim_region_bytes(region);
	CHECK(bytes.size == all.size && memcmp(bytes.data, all.data, all.size) == 0);
	CHECK(dim_verify_region(region, NULL, NULL) == DIM_OK);
	snprintf(line, sizeof(line), "%s", about(region, ""));
	CHECK(strstr(line, "memfd:dim-region") != NULL && strstr(line, " r--") != NULL);
	CHECK(sscanf(line, "%lx-%lx", &first, &last) == 2);
	snprintf(path, sizeof(path), "/proc/self/map_files/%lx-%lx", first, last);
	fd = open(path, O_RDWR);
	if (fd >= 0) {
		const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;

		CHECK((fcntl(fd, F_GET_SEALS) & seals) == seals);
		CHECK(ftruncate(fd, 0) != 0 && errno == EPERM && pwrite(fd, "x", 1, 0) < 0 && errno == EPERM);
		close(fd);
	}
	CHECK(dim_region_resident(region, 0, 1, &resident) == DIM_ERR_USAGE && resident == 42);
	dim_region_prefetch(region, 0, all.size);
	dim_region_give_back(region, 0, all.size);
	CHECK(memcmp(bytes.data, all.data, all.size) == 0);
	dim_region_close(region);
	free((void *)(uintptr_t)all.data);
}

/* A file that is damaged is no copy in memory, no descriptor and no mapping afterwards. */
static void check_refused(void)
{
	static const uint32_t flags[] = {0, DIM_IN_MEMORY, DIM_KEEP_FILES, DIM_CHECK | DIM_KEEP_FILES | DIM_IN_MEMORY,
					 DIM_CHECK};
	struct dim_span all = slurp(one);
	struct dim_options options = {0};
	struct dim_region *region = NULL;
	struct dim_error error;
	unsigned fds;
	size_t i;

	write_file("bad", all.data, all.size);
	fds = descriptors();
	CHECK(truncate("bad", (off_t)all.size - 1) == 0);
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		options.flags = flags[i];
		CHECK(dim_region_open("bad", &options, &region, &error) == DIM_ERR_DAMAGED && region == NULL);
		CHECK(strcmp(error.path, "bad") == 0 && dim_region_open("bad", &options, &region, NULL) != DIM_OK);
	}
	/* One byte that only a check reads. */
	((char *)(uintptr_t)all.data)[256 + 9 * 24 + 5] ^= 1;
	write_file("bad", all.data, all.size);
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		options.flags = flags[i];
		region = NULL;
		CHECK((dim_region_open("bad", &options, &region, &error) == DIM_OK) == ((flags[i] & DIM_CHECK) == 0));
		CHECK((flags[i] & DIM_CHECK) == 0 || (region == NULL && error.dimension_id == 1));
		dim_region_close(region);
	}
	CHECK(descriptors() == fds && mappings() == 0);
	unlink("bad");
	free((void *)(uintptr_t)all.data);
}

int main(int argc, char **argv)
{
	CHECK(argc >= 2);
	one = strdup(region_path(in(in(argv[1], "A"), "consciousness"), 1));
	check_pages();
	check_stranger();
	check_advice();
	check_kept();
	check_sealed();
	check_refused();
	return 0;
}
