/*
 * watch.c: waits until a tree of sources is another than the one that was looked at.
 * In: the path of the sources, which may come, go and be replaced meanwhile.
 * Out: that something changed, and was quiet for a moment; or that a signal asked to end.
 */
#include "watch.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "tree.h"

/*
 * Milliseconds: how long it has to be quiet after what; at most so long after the first change, so that who writes
 * without end does not hold off the rest; and how often to look for what is not told.
 */
enum { AFTER_SAVED = 30, AFTER_GONE = 200, AFTER_UNFINISHED = 1000, AT_MOST = 2000, LOOK = 1000, NEVER = -1 };

struct watch {
	struct tree tree;
	bool polls;
	int signals;
	int64_t pending, first; /* when a change is told; when it began; NEVER: there is none */
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

const char *watch_begin(struct watch *w, const char *volume)
{
	w->pending = w->first = NEVER;
	return tree_look(&w->tree, volume, w->polls);
}

static void take_news(struct watch *w, enum tree_news news)
{
	static const int quiet[] = {
		[TREE_SAVED] = AFTER_SAVED, [TREE_GONE] = AFTER_GONE, [TREE_UNFINISHED] = AFTER_UNFINISHED};
	int64_t now = now_ms();

	if (news == TREE_SAME)
		return;
	if (w->first == NEVER)
		w->first = now;
	w->pending = now + quiet[news] < w->first + AT_MOST ? now + quiet[news] : w->first + AT_MOST;
}

enum watch_result watch_wait(struct watch *w, unsigned retry_ms)
{
	int64_t next_look = now_ms() + LOOK, retry = retry_ms > 0 ? now_ms() + retry_ms : INT64_MAX;

	for (;;) {
		struct pollfd ready[2] = {{w->signals, POLLIN, 0}, {w->tree.inotify, POLLIN, 0}};
		int64_t now = now_ms(), until = w->pending != NEVER ? w->pending : next_look;

		until = retry < until ? retry : until;
		if (poll(ready, 2, until > now ? (int)(until - now) : 0) < 0 && errno != EINTR)
			return WATCH_ENDED;
		if (ready[0].revents != 0)
			return WATCH_ENDED;
		if (ready[1].revents != 0)
			take_news(w, tree_take_events(&w->tree));
		now = now_ms();
		if (now >= next_look || (w->tree.inotify < 0 && w->pending != NEVER && now >= w->pending)) {
			next_look = now + LOOK;
			/* Where nothing is told, it is quiet when two looks are the same. */
			if (w->tree.inotify >= 0 ? tree_is_other(&w->tree) : tree_is_changed(&w->tree))
				take_news(w, TREE_SAVED);
			now = now_ms();
		}
		if ((w->pending != NEVER && now >= w->pending) || now >= retry)
			return WATCH_CHANGED;
	}
}

struct watch *watch_new(const char *sources, bool polls)
{
	static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
	struct watch *w = mem_zalloc(1, sizeof(*w));
	struct sigaction action;
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	/* What the caller ignores stays ignored: nohup, a shell's background. */
	for (i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		if (sigaction(ending[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			sigaddset(&set, ending[i]);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	w->signals = signalfd(-1, &set, SFD_CLOEXEC);
	if (w->signals < 0)
		pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	tree_init(&w->tree, sources);
	w->polls = polls;
	return w;
}

void watch_free(struct watch *w)
{
	if (w->signals >= 0)
		close(w->signals);
	tree_free(&w->tree);
	free(w);
}
