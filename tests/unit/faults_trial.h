/*
 * faults_trial.h: one deed, tried with every call failing that it makes, in every way.
 * In: a volume with three generations, made of good regions; what to do, and what must be so before and after.
 * Out: nothing while a failure is what dim.h says, leaves nothing behind, and does not last.
 */
#ifndef TESTS_FAULTS_TRIAL_H
#define TESTS_FAULTS_TRIAL_H

#include <string.h>

#include "draft.h"
#include "faults.h"

/* --- a volume with three generations, of which one is published --- */

static char root[4096], volume_path[4096 + 8];
static char published = 'a';
static struct dim_span good; /* D01, as it is everywhere */
static struct dim_region *good_region;
static struct draft wrong; /* the same, and its hash names no keyword */

/* A path in the volume; stays for three more of them. */
static __attribute__((format(printf, 1, 2))) const char *below(const char *format, ...)
{
	static char paths[4][sizeof(volume_path) + 64];
	static unsigned next;
	char *path = paths[next++ % 4];
	size_t length = strlen(volume_path);
	va_list ap;

	memcpy(path, volume_path, length);
	path[length] = '/';
	va_start(ap, format);
	vsnprintf(path + length + 1, sizeof(paths[0]) - length - 1, format, ap);
	va_end(ap);
	return path;
}

static void publish(char letter)
{
	if (letter == published)
		return;
	CHECK(rename(below("consciousness"), below("%c", published)) == 0);
	CHECK(rename(below("%c", letter), below("consciousness")) == 0);
	published = letter;
}

static void write_region(const char *name, struct dim_span bytes)
{
	int fd = open(below("%s", name), O_WRONLY | O_CREAT | O_EXCL, 0644);

	CHECK(fd >= 0 && write(fd, bytes.data, bytes.size) == (ssize_t)bytes.size && close(fd) == 0);
}

/* D01 is one file in all generations; D02 of `a` is another region than that of `b` and `c`. */
static void make_generations(const char *source)
{
	struct dim_region *r[2] = {NULL};
	struct draft newer;
	const char *letter;
	char path[4096];
	unsigned i;

	for (i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/consciousness/D0%u/region.mmap", source, i + 1);
		CHECK(dim_region_open(path, NULL, &r[i], NULL) == DIM_OK);
	}
	newer = draft_of(r[1]);
	((struct dim_dimension_record *)section(&newer, DIM_SECTION_DIMENSION))->flags =
		dim_put32(DIM_DIMENSION_HAS_CREATED_AT);
	sign(&newer);
	CHECK(mkdir(volume_path, 0755) == 0);
	for (letter = "abc"; *letter != '\0'; letter++) {
		CHECK(mkdir(below("%c", *letter), 0755) == 0);
		CHECK(mkdir(below("%c/D01", *letter), 0755) == 0 && mkdir(below("%c/D02", *letter), 0755) == 0);
	}
	write_region("a/D01/region.mmap", dim_region_bytes(r[0]));
	CHECK(link(below("a/D01/region.mmap"), below("b/D01/region.mmap")) == 0);
	CHECK(link(below("a/D01/region.mmap"), below("c/D01/region.mmap")) == 0);
	write_region("a/D02/region.mmap", dim_region_bytes(r[1]));
	write_region("b/D02/region.mmap", (struct dim_span){(const char *)newer.bytes, newer.size});
	write_region("c/D02/region.mmap", (struct dim_span){(const char *)newer.bytes, newer.size});
	free(newer.bytes);
	dim_region_close(r[1]);
	good_region = r[0];
	good = dim_region_bytes(r[0]);
	wrong = draft_of(r[0]);
	memset(section(&wrong, DIM_SECTION_KEYWORD_HASH), 0, dim_format_hash_slots(wrong.keyword_count) * 8);
	CHECK(rename(below("a"), below("consciousness")) == 0);
}

/* --- what is done, and what must be so before and after --- */

struct stage {
	const struct dim_options *options;
	struct dim_volume *volume;
	const struct dim_snapshot *held; /* since before the deed */
	struct dim_usage before;
	struct dim_region *region;
};

struct deed {
	const char *name;
	void (*prepare)(struct stage *s);
	enum dim_status (*act)(struct stage *s, struct dim_error *err);
	void (*undone)(struct stage *s, const struct dim_error *err); /* after it failed */
	void (*done)(struct stage *s);
	enum dim_status usual; /* what it ends with where nothing fails */
	bool tells;	       /* fills an error */
	bool compares;	       /* with what is loaded: a failure there is as good as a difference */
	bool asks_faults;      /* of pages, for the caller */
	bool is_traced;	       /* but not before a volume has its options */
};

static struct {
	unsigned refusals;
	enum dim_status status;
} traced;

static void trace(void *context, const struct dim_event *event)
{
	(void)context;
	CHECK(strcmp(event->path, volume_path) == 0 || strcmp(event->path, "v") == 0);
	CHECK((event->error != NULL) == (event->kind == DIM_EVENT_REFUSE));
	if (event->kind != DIM_EVENT_REFUSE)
		return;
	traced.refusals++;
	traced.status = event->error->status;
}

/* The regions of a snapshot are whole, and what a failed attempt left behind is not among them. */
static void check_snapshot(const struct dim_snapshot *snapshot)
{
	size_t i;

	CHECK(dim_snapshot_count(snapshot) == 2);
	for (i = 0; i < 2; i++) {
		const struct dim_region *r = dim_snapshot_region_at(snapshot, i);
		const struct dim_layer *layer = NULL;
		struct dim_span content = {0}, all;

		if (r == NULL)
			continue;
		CHECK(dim_region_dimension_id(r) == i + 1);
		CHECK(dim_region_layer_at(r, 0, &layer) == DIM_OK);
		CHECK(dim_layer_content(r, layer, &content) == DIM_OK && content.size > 0);
		all = dim_region_bytes(r);
		CHECK(i != 0 || (all.size == good.size && memcmp(all.data, good.data, all.size) == 0));
	}
}

/* --- a trial --- */

struct resources {
	size_t blocks, mappings, descriptors, mapped_files;
};

/* By the kernel's books, beside our own. */
static struct resources in_use(void)
{
	struct resources r = {.blocks = held.blocks, .mappings = held.mappings};
	DIR *dir = fdopendir(open("/proc/self/fd", O_RDONLY | O_DIRECTORY));
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[8192];

	CHECK(dir != NULL && maps != NULL);
	while (readdir(dir) != NULL)
		r.descriptors++;
	while (fgets(line, sizeof(line), maps) != NULL)
		r.mapped_files += strstr(line, "region.mmap") != NULL || strstr(line, "memfd:dim-region") != NULL;
	fclose(maps);
	closedir(dir);
	return r;
}

/* Whether a failure may be without consequence: who compares looks again; the budget's size is asked for once more. */
static bool may_be_nothing(const struct deed *deed)
{
	if (fault.site == AT_GETRUSAGE) /* whether to read ahead */
		return !deed->asks_faults;
	if (fault.lasts)
		return false;
	switch (fault.site) {
	case AT_FSTATAT: /* whether the generation was replaced */
		return true;
	case AT_FSTAT:
		return deed->is_traced;
	case AT_OPENAT:
	case AT_FCNTL:
	case AT_PREAD:
		return deed->compares;
	default:
		return false;
	}
}

static void check_failure(const struct deed *deed, const struct stage *s, enum dim_status status,
			  const struct dim_error *error)
{
	CHECK(fault.hit != NULL && status == fault.hit->status);
	if (deed->tells) {
		CHECK(error->status == status && error->message[0] != '\0');
		CHECK(memchr(error->message, '\0', sizeof(error->message)) != NULL);
		CHECK(error->system_errno == (status == DIM_ERR_SYSTEM ? fault.hit->number : 0));
	}
	if (deed->is_traced && error->path[0] != '\0') {
		CHECK(traced.refusals == 1 && traced.status == status);
		CHECK(error->path[0] != '/' || strncmp(error->path, volume_path, strlen(volume_path)) == 0);
		CHECK(error->path[0] == '/' || error->path[0] == 'v');
	} else if (deed->is_traced) { /* a volume that does not even have its options */
		CHECK(s->volume == NULL && (fault.site == AT_MALLOC || fault.site == AT_OPENAT));
	}
}

/* Beside the line of a condition that does not hold. */
static const struct deed *tried;
static void say_where(void)
{
	if (tried != NULL)
		fprintf(stderr, "%s: call %u, %s, way %u%s\n", tried->name, fault.at, sites[fault.site].name, fault.way,
			fault.lasts ? ", from there on" : "");
}

/* False where the deed makes fewer calls than that. */
static bool try_one(const struct deed *deed, const struct dim_options *options)
{
	static struct resources idle;
	struct dim_error error, untouched;
	struct stage s = {.options = options};
	struct resources left;
	enum dim_status status;

	if (idle.descriptors == 0) {
		idle = in_use();
		CHECK(atexit(say_where) == 0);
	}
	tried = deed;
	if (deed->prepare != NULL)
		deed->prepare(&s);
	memset(&traced, 0, sizeof(traced));
	memset(&error, 0xA5, sizeof(error));
	untouched = error;
	fault.calls = 0;
	fault.is_reached = false;
	fault.hit = NULL;
	fault.is_armed = true;
	status = deed->act(&s, &error);
	fault.is_armed = false;
	if (status != deed->usual) {
		check_failure(deed, &s, status, &error);
		if (deed->undone != NULL)
			deed->undone(&s, &error);
		error = untouched;
		CHECK(deed->act(&s, &error) == deed->usual);
	} else if (fault.hit != NULL && fault.hit->status != DIM_OK) {
		CHECK(may_be_nothing(deed));
	}
	CHECK(deed->usual != DIM_OK || memcmp(&error, &untouched, sizeof(error)) == 0);
	if (deed->done != NULL)
		deed->done(&s);
	dim_region_close(s.region);
	dim_snapshot_release(s.held);
	dim_volume_close(s.volume);
	left = in_use();
	CHECK(memcmp(&left, &idle, sizeof(left)) == 0);
	tried = NULL;
	return fault.is_reached;
}

/* Returns how many failures there were. */
static unsigned try_all(const struct deed *deed, const struct dim_options *options)
{
	unsigned failures = 0, lasts;

	for (fault.at = 1;; fault.at++)
		for (fault.way = 0; fault.way < WAYS; fault.way++) {
			for (lasts = 0; lasts < 2; lasts++) {
				fault.lasts = lasts != 0;
				if (!try_one(deed, options))
					return failures;
				if (fault.hit == NULL || fault.hit->number == EINTR)
					break; /* there is no such way; and nobody is interrupted for ever */
				failures++;
			}
			if (fault.hit == NULL)
				break;
		}
}

#endif
