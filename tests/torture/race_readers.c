/*
 * race_readers.c: readers of one volume by libdim while others publish to it.
 * In: VOLUME LOADS THREADS FOLLOWERS OPENERS EXCHANGE; a generation is published already. They read until standard
 * input ends, and LOADS times at least. Out: "ready" once all of them have a generation; at the end how many loads,
 * changes and unloads there were, and how often consciousness/ was looked for. Status 1 where one answer was not whole,
 * or not of one generation.
 *
 * A generation says who it is (race.py makes them): every layer, keyword and name of the core, D01 to D04, is one
 * letter, and of what may be beside it, D05 and D06, one letter, too. The threads share one volume, a follower is a
 * process that refreshes one of its own, an opener one that opens it anew each time. EXCHANGE 1: consciousness/ is
 * never absent.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../include/dim.h"
#include "../../include/dim_verify.h"
#include "../unit/test.h"

enum { CORE = 4, ALL = 6, MAY_BE_UNLOADED = 2, LAYERS = 2, HELD = 8, BURST = 4, MOST = 16 };

static struct shared {
	atomic_size_t loads, changes, unloads, ready;
	atomic_bool ended;
} * shared;

static const char *path;
static size_t share; /* what each reader does at least */

/* --- one look ------------------------------------------------------------------------------------------------- */

/* What a generation says it is. */
struct said {
	char core, beside;
};

/* The letter of one region, in which everything says the same. */
static char letter(const struct dim_snapshot *s, const struct dim_region *r, uint32_t id)
{
	const struct dim_region *of;
	const struct dim_layer *layer;
	struct dim_span span;
	uint32_t position, k;
	char which;

	CHECK(dim_region_dimension_id(r) == id && dim_region_layer_count(r) == LAYERS);
	CHECK(dim_region_name(r, &span) == DIM_OK && span.size > 0);
	which = span.data[0];
	CHECK(dim_region_find_keyword(r, &which, 1, &position) == DIM_OK);
	for (k = 1; k <= LAYERS; k++) {
		CHECK(dim_snapshot_layer(s, id, k, &of, &layer) == DIM_OK && of == r);
		CHECK(dim_layer_content(r, layer, &span) == DIM_OK && span.size > 0 && span.data[0] == which);
	}
	return which;
}

/* All of a snapshot. Now and then, every byte is proven, too. */
static struct said look(const struct dim_snapshot *s, bool prove)
{
	size_t count = dim_snapshot_count(s), found = 0, loaded = 0, i;
	struct said said = {0, 0};
	struct dim_cursor cursor;
	const struct dim_region *r;
	const struct dim_layer *layer;

	CHECK(count == CORE || count == ALL);
	for (i = 0; i < count; i++) {
		char *which = i < CORE ? &said.core : &said.beside, now;

		r = dim_snapshot_region_at(s, i);
		CHECK(dim_snapshot_dimension_at(s, i) == i + 1);
		if (r == NULL) {
			CHECK(i + 1 == MAY_BE_UNLOADED);
			continue;
		}
		now = letter(s, r, (uint32_t)i + 1);
		CHECK(*which == 0 || *which == now);
		*which = now;
		loaded += now == said.core;
	}
	dim_snapshot_find_keyword(s, &said.core, 1, &cursor);
	while (dim_cursor_next_layer(&cursor, &r, &layer) == DIM_OK)
		found++;
	CHECK(found == LAYERS * loaded && loaded >= CORE - 1);
	CHECK(!prove || dim_verify_snapshot(s, NULL, NULL) == DIM_OK);
	return said;
}

/* --- readers --------------------------------------------------------------------------------------------------- */

struct reader {
	size_t number, done;
	uint64_t seed;
	bool toggles;
	struct dim_volume *volume; /* or NULL: opens it anew each time */
	const struct dim_snapshot *held[HELD];
	struct said said[HELD], last;
};

static bool same(struct said a, struct said b)
{
	return a.core == b.core && a.beside == b.beside;
}

/* A few looks, then a pause of up to a millisecond, so that publishers get on, and looks meet them anywhere. */
static bool has_more(struct reader *r)
{
	struct timespec pause = {0, 0};

	if (r->done == 1)
		atomic_fetch_add(&shared->ready, 1);
	if (r->done % BURST == 0 && !atomic_load(&shared->ended)) {
		r->seed = r->seed * UINT64_C(6364136223846793005) + 1442695040888963407;
		pause.tv_nsec = (long)((r->seed >> 33) % 1000000);
		nanosleep(&pause, NULL);
	}
	return r->done < share || !atomic_load(&shared->ended);
}

static void saw(struct reader *r, struct said said)
{
	if (r->done > 0 && !same(r->last, said))
		atomic_fetch_add(&shared->changes, 1);
	r->last = said;
	r->done++;
	atomic_fetch_add(&shared->loads, 1);
}

static void must(enum dim_status status, const struct dim_error *error)
{
	char line[1024];

	if (status == DIM_OK)
		return;
	dim_error_format(error, line, sizeof(line));
	fprintf(stderr, "%s: %s\n", dim_strerror(status), line);
	exit(1);
}

static void open_anew(struct reader *r)
{
	struct dim_volume *volume = NULL;
	const struct dim_snapshot *s;
	struct dim_error error;

	must(dim_volume_open(path, NULL, &volume, &error), &error);
	s = dim_volume_acquire(volume);
	dim_volume_close(volume);
	saw(r, look(s, r->done % 64 == 0));
	dim_snapshot_release(s);
}

/* Takes a snapshot and keeps it for a while, the very first to the end: it still says the same when it is let go. */
static void refresh_and_look(struct reader *r)
{
	size_t at = r->done == 0 ? 0 : 1 + r->done % (HELD - 1);
	struct dim_error error;

	must(dim_volume_refresh(r->volume, NULL, &error), &error);
	if (r->held[at] != NULL) {
		CHECK(same(look(r->held[at], false), r->said[at]));
		dim_snapshot_release(r->held[at]);
	}
	r->held[at] = dim_volume_acquire(r->volume);
	r->said[at] = look(r->held[at], r->done % 64 == 0);
	saw(r, r->said[at]);
}

/*
 * One reader takes a dimension out and in again, not right after a refresh: it may be gone, with the generation that is
 * in use.
 */
static void toggle(struct reader *r)
{
	struct dim_error error;
	enum dim_status status;

	if (r->done % 16 == 0) {
		must(dim_volume_unload(r->volume, MAY_BE_UNLOADED, &error), &error);
		atomic_fetch_add(&shared->unloads, 1);
	} else if (r->done % 16 == 8) {
		status = dim_volume_load(r->volume, MAY_BE_UNLOADED, &error);
		must(status == DIM_ERR_NOT_FOUND ? DIM_OK : status, &error);
		dim_snapshot_release(r->held[1]);
		r->held[1] = dim_volume_acquire(r->volume);
		r->said[1] = look(r->held[1], false);
	}
}

static void *read_on(void *context)
{
	struct reader *r = context;
	size_t i;

	while (has_more(r)) {
		if (r->toggles)
			toggle(r);
		if (r->volume != NULL)
			refresh_and_look(r);
		else
			open_anew(r);
	}
	for (i = 0; i < HELD; i++)
		if (r->held[i] != NULL) {
			CHECK(same(look(r->held[i], i == 0), r->said[i]));
			dim_snapshot_release(r->held[i]);
		}
	return NULL;
}

/* --- processes ------------------------------------------------------------------------------------------------- */

static pid_t start(size_t number, bool follows)
{
	struct reader r = {.number = number, .seed = number};
	pid_t parent = getpid(), pid = fork();

	CHECK(pid >= 0);
	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	if (follows)
		CHECK(dim_volume_open(path, NULL, &r.volume, NULL) == DIM_OK);
	read_on(&r);
	dim_volume_close(r.volume);
	_exit(0);
}

/* Called by whoever holds the lock, and so by nobody else at that time: what it counts needs no atomics. */
static void one_after_the_other(void *context, const struct dim_event *event)
{
	uint64_t *serial = context;

	if (event->kind != DIM_EVENT_REFRESH)
		return;
	CHECK(event->serial == *serial + 1);
	*serial = event->serial;
}

/* Until standard input ends: whether consciousness/ is there whenever it is looked for. How often it was. */
static size_t watch(bool exchanges, size_t readers)
{
	static char name[4096];
	struct pollfd input = {STDIN_FILENO, POLLIN, 0};
	bool told = false;
	struct stat st;
	size_t looks;

	snprintf(name, sizeof(name), "%s/consciousness", path);
	for (looks = 0; poll(&input, 1, 0) == 0; looks++) {
		CHECK(stat(name, &st) == 0 || (!exchanges && errno == ENOENT));
		CHECK(waitpid(-1, NULL, WNOHANG) <= 0); /* none of them has failed, and ended */
		if (!told && atomic_load(&shared->ready) == readers) {
			puts("ready");
			fflush(stdout);
			told = true;
		}
		nanosleep(&(struct timespec){0, 20000}, NULL);
	}
	return looks;
}

int main(int argc, char **argv)
{
	static uint64_t serial = 1;
	static const struct dim_options traced = {.trace = one_after_the_other, .trace_context = &serial};
	static struct reader readers[MOST];
	size_t threads, followers, processes, looks, i;
	struct dim_volume *volume = NULL;
	pthread_t thread[MOST];
	pid_t pids[MOST];
	int status;

	CHECK(argc == 7);
	path = argv[1];
	threads = strtoul(argv[3], NULL, 10);
	followers = strtoul(argv[4], NULL, 10);
	processes = followers + strtoul(argv[5], NULL, 10);
	CHECK(threads <= MOST && followers <= MOST && processes <= MOST && threads + processes > 0);
	share = strtoul(argv[2], NULL, 10) / (threads + processes) + 1;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(shared != MAP_FAILED);
	CHECK(setpriority(PRIO_PROCESS, 0, 10) == 0); /* publishers go first */
	for (i = 0; i < processes; i++)
		pids[i] = start(i, i < followers);
	CHECK(dim_volume_open(path, &traced, &volume, NULL) == DIM_OK);
	for (i = 0; i < threads; i++) {
		readers[i] = (struct reader){.number = i, .seed = MOST + i, .volume = volume, .toggles = i == 0};
		CHECK(pthread_create(&thread[i], NULL, read_on, &readers[i]) == 0);
	}
	looks = watch(argv[6][0] == '1', threads + processes);
	atomic_store(&shared->ended, true);
	for (i = 0; i < threads; i++)
		CHECK(pthread_join(thread[i], NULL) == 0);
	dim_volume_close(volume);
	for (i = 0; i < processes; i++)
		CHECK(waitpid(pids[i], &status, 0) == pids[i] && status == 0);
	printf("loads %zu changes %zu unloads %zu looks %zu\n", atomic_load(&shared->loads),
	       atomic_load(&shared->changes), atomic_load(&shared->unloads), looks);
	return 0;
}
