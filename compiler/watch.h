/*
 * watch.h: waits until a tree of sources is another than the one that was looked at.
 * In: the path of the sources, which may come, go and be replaced meanwhile.
 * Out: that something changed, and was quiet for a moment; or that a signal asked to end.
 *
 * Who compiles between watch_begin and watch_wait misses nothing: what changes before is read, what changes after
 * wakes.
 */
#ifndef DIMC_WATCH_H
#define DIMC_WATCH_H

#include <stdbool.h>

struct watch;

enum watch_result { WATCH_CHANGED, WATCH_ENDED };

/*
 * From here on SIGINT, SIGTERM and SIGHUP wait for watch_wait, so that they interrupt nothing. `polls`: compares the
 * tree every second, for file systems that do not tell of changes.
 */
struct watch *watch_new(const char *sources, bool polls);

/*
 * Whatever changes from now on is a change: below the sources, and in .env, but nothing inside the volume. NULL; or why
 * the kernel does not tell of changes, so that the tree is compared every second as well.
 */
const char *watch_begin(struct watch *watch, const char *volume);

/* Waits. `retry_ms`: at most so long, after which it is as if something had changed; 0: without end. */
enum watch_result watch_wait(struct watch *watch, unsigned retry_ms);

void watch_free(struct watch *watch);

#endif
