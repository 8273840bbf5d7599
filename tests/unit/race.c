/*
 * race.c: eight readers of one volume while somebody publishes to it as fast as dimc can.
 * In: VOLUME DIMC SOURCES_A SOURCES_B PUBLISHES LOADS; what A compiles to is published already, and says a in every
 * name, keyword and text; B says b.
 * Out: how many publishes, loads and changes there were. Status 1 where one answer was not whole, or not of one
 * generation.
 *
 * Four readers are threads on one volume, two are processes that refresh one of their own, two open it anew each time.
 */
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "accessors.h"

extern char **environ;

enum { THREADS = 4, PROCESSES = 4, READERS = THREADS + PROCESSES, HELD = 8, BURST = 4, MAY_BE_UNLOADED = 2 };

struct shared {
	atomic_size_t published, loads, changes, unloads;
};

static struct shared *shared;
static const char *path, *dimc, *sources[2];
static size_t publishes, shares[READERS];
static double started;

/* --- one look ------------------------------------------------------------------------------------------------- */

/* The letter of a generation, all of whose answers say the same. Now and then, every byte is proven, too. */
static char look(const struct dim_snapshot *s, bool prove)
{
	size_t count = dim_snapshot_count(s), loaded = 0, found = 0, i;
	struct dim_cursor cursor;
	struct dim_span span;
	const struct dim_region *r;
	const struct dim_layer *layer;
	uint32_t k;
	char which = count == 2 ? 'a' : 'b';

	CHECK(count == 2 || count == 3);
	for (i = 0; i < count; i++) {
		r = dim_snapshot_region_at(s, i);
		CHECK(dim_snapshot_dimension_at(s, i) == i + 1);
		if (r == NULL) {
			CHECK(i + 1 == MAY_BE_UNLOADED);
			continue;
		}
		loaded++;
		CHECK(dim_region_dimension_id(r) == i + 1 && dim_region_layer_count(r) == 2);
		CHECK(dim_region_name(r, &span) == DIM_OK && span.data[0] == which);
		for (k = 1; k <= 2; k++) {
			CHECK(dim_snapshot_layer(s, (uint32_t)i + 1, k, &r, &layer) == DIM_OK);
			CHECK(dim_layer_content(r, layer, &span) == DIM_OK && span.size > 0 && span.data[0] == which);
		}
	}
	dim_snapshot_find_keyword(s, &which, 1, &cursor);
	while (dim_cursor_next_layer(&cursor, &r, &layer) == DIM_OK)
		found++;
	CHECK(found == 2 * loaded && loaded >= count - 1);
	CHECK(!prove || dim_verify_snapshot(s, NULL, NULL) == DIM_OK);
	return which;
}

/* --- readers --------------------------------------------------------------------------------------------------- */

struct reader {
	size_t number, done;
	uint64_t seed;
	struct dim_volume *volume; /* or NULL: opens it anew each time */
	const struct dim_snapshot *held[HELD];
	char said[HELD], last;
};

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/*
 * Not ahead of the publisher: loads are spread over all publishes, and over the time that each of them takes, by pauses
 * that are twice as long, at most, as its pace so far asks for.
 */
static bool has_more(struct reader *r)
{
	size_t share = shares[r->number], published = atomic_load(&shared->published);
	struct timespec pause = {0, 0};
	double longest;

	if (published == 0) {
		pause.tv_nsec = 1000000;
		nanosleep(&pause, NULL);
	} else if (r->done % BURST == 0 && published < publishes && r->done * publishes >= share * published) {
		longest = 2e9 * BURST * (seconds() - started) / (double)published * (double)publishes / (double)share;
		r->seed = r->seed * UINT64_C(6364136223846793005) + 1442695040888963407;
		pause.tv_nsec = (long)((double)(r->seed >> 33) / 0x1p31 * (longest < 1e8 ? longest : 1e8));
		nanosleep(&pause, NULL);
	}
	return r->done < share || published < publishes;
}

static void saw(struct reader *r, char which)
{
	if (r->last != 0 && r->last != which)
		atomic_fetch_add(&shared->changes, 1);
	r->last = which;
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

/* Takes a snapshot and keeps it for a while: it still says the same when it is let go. */
static void refresh_and_look(struct reader *r)
{
	size_t at = r->done % HELD;
	struct dim_error error;

	must(dim_volume_refresh(r->volume, NULL, &error), &error);
	if (r->held[at] != NULL) {
		CHECK(look(r->held[at], false) == r->said[at]);
		dim_snapshot_release(r->held[at]);
	}
	r->held[at] = dim_volume_acquire(r->volume);
	r->said[at] = look(r->held[at], r->done % 64 == 0);
	saw(r, r->said[at]);
}

/* One reader takes a dimension out and in again. It may be gone, with the generation that is in use. */
static void toggle(struct reader *r)
{
	struct dim_error error;
	enum dim_status status;

	if (r->done % 32 == 0) {
		must(dim_volume_unload(r->volume, MAY_BE_UNLOADED, &error), &error);
		atomic_fetch_add(&shared->unloads, 1);
	} else if (r->done % 32 == 16) {
		status = dim_volume_load(r->volume, MAY_BE_UNLOADED, &error);
		must(status == DIM_ERR_NOT_FOUND ? DIM_OK : status, &error);
	}
}

static void *read_on(void *context)
{
	struct reader *r = context;
	size_t i;

	while (has_more(r)) {
		if (r->number == 0)
			toggle(r);
		if (r->volume != NULL)
			refresh_and_look(r);
		else
			open_anew(r);
	}
	for (i = 0; i < HELD; i++)
		dim_snapshot_release(r->held[i]);
	return NULL;
}

/* --- processes ------------------------------------------------------------------------------------------------- */

static pid_t start(void (*run)(size_t), size_t number)
{
	pid_t parent = getpid(), pid = fork();

	CHECK(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
			run(number);
		_exit(0);
	}
	return pid;
}

static void publish(size_t number)
{
	size_t i;
	pid_t pid;
	int status;

	(void)number;
	for (i = 0; i < publishes; i++) {
		const char *const arguments[] = {"dimc", "compile", "-q", "--no-sync", "-j1", sources[(i + 1) % 2],
						 "-o",	 path,	    NULL};
		char *argv[sizeof(arguments) / sizeof(arguments[0])];

		memcpy(argv, arguments, sizeof(arguments)); /* posix_spawn writes to none of them */
		CHECK(posix_spawn(&pid, dimc, NULL, NULL, argv, environ) == 0);
		CHECK(waitpid(pid, &status, 0) == pid && status == 0);
		atomic_fetch_add(&shared->published, 1);
	}
}

static void read_alone(size_t number)
{
	struct reader r = {.number = number, .seed = number};

	setpriority(PRIO_PROCESS, 0, 10); /* the publisher goes first */
	if (number % 2 == 0)
		CHECK(dim_volume_open(path, NULL, &r.volume, NULL) == DIM_OK);
	read_on(&r);
	dim_volume_close(r.volume);
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

int main(int argc, char **argv)
{
	static uint64_t serial = 1;
	static const struct dim_options traced = {.trace = one_after_the_other, .trace_context = &serial};
	static struct reader readers[THREADS];
	struct dim_volume *volume = NULL;
	pthread_t threads[THREADS];
	pid_t processes[PROCESSES + 1];
	size_t loads, i;
	int status;

	CHECK(argc == 7);
	path = argv[1], dimc = argv[2], sources[0] = argv[3], sources[1] = argv[4];
	publishes = strtoul(argv[5], NULL, 10);
	loads = strtoul(argv[6], NULL, 10);
	for (i = 0; i < READERS; i++) /* opening costs much more than refreshing */
		shares[i] = loads / (i >= THREADS && i % 2 == 1 ? 50 : 6) + 1;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(shared != MAP_FAILED);
	started = seconds();
	processes[PROCESSES] = start(publish, 0);
	for (i = 0; i < PROCESSES; i++)
		processes[i] = start(read_alone, THREADS + i);

	setpriority(PRIO_PROCESS, 0, 10);
	CHECK(dim_volume_open(path, &traced, &volume, NULL) == DIM_OK);
	for (i = 0; i < THREADS; i++) {
		readers[i] = (struct reader){.number = i, .seed = i, .volume = volume};
		CHECK(pthread_create(&threads[i], NULL, read_on, &readers[i]) == 0);
	}
	for (i = 0; i < THREADS; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
	dim_volume_close(volume);
	for (i = 0; i <= PROCESSES; i++)
		CHECK(waitpid(processes[i], &status, 0) == processes[i] && status == 0);
	printf("publishes %zu loads %zu changes %zu unloads %zu\n", atomic_load(&shared->published),
	       atomic_load(&shared->loads), atomic_load(&shared->changes), atomic_load(&shared->unloads));
	return 0;
}
