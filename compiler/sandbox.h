/*
 * sandbox.h: what a run gives up before it reads the first byte that somebody else wrote.
 * In: where the command writes, and where it reads if that is known.
 * Out: a process that the kernel keeps to that, as far as this kernel can: no new program, no network, no other
 * process, no file elsewhere.
 *
 * The means are Landlock (linux/landlock.h), from its second version on, and a seccomp filter (linux/seccomp.h) on
 * x86-64 and aarch64. A bug in a parser is then no way to the rest of the system. What a command needs is granted by
 * paths that are opened here, so it follows links of the command line as the command will.
 *
 * DIMC_SANDBOX in the environment: `auto` (as much as there is, silently; the default), `required` (status 3 where
 * something is missing), `off`. With LD_PRELOAD the filter is left out, since what is loaded so may make other calls
 * (fakeroot does), and builds with a sanitizer or that count branches have no sandbox, since they write and trace for
 * themselves; `required` insists.
 */
#ifndef DIMC_SANDBOX_H
#define DIMC_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

/* Zero-initialised, nothing may be written and everything read. */
struct sandbox {
	bool writes_anywhere; /* set by commands that follow links of sources to what they mend */
	bool reads_granted;   /* set by commands that read what was granted alone */
	bool sees_processes;  /* set by commands that ask /proc who maps a region, which Landlock would hide: the filter
				 alone */
	int unsure; /* errno of a path that could not be looked at, and so not be granted: files are not limited then */
	struct sandbox_grant *grants;
	size_t count, capacity;
};

/* What a directory that may not be there yet holds, and will hold: below it, or below the nearest one above that
 * exists. */
void sandbox_write_below(struct sandbox *sandbox, const char *path);

/*
 * What is made aside and renamed, in a directory as above, or written in place where it is no regular file. NULL and
 * "-" are none.
 */
void sandbox_write_file(struct sandbox *sandbox, const char *path);

/* With reads_granted: a file, or all below a directory. What does not exist is none. */
void sandbox_read(struct sandbox *sandbox, const char *path);

enum sandbox_result {
	SANDBOX_ENTERED, /* or was off, or had no means and needed none */
	SANDBOX_MISUSED, /* DIMC_SANDBOX has another value */
	SANDBOX_MISSING, /* DIMC_SANDBOX=required, and *ret_missing could not be had; errno says why */
};

/*
 * Gives up the rest, for good and for all threads to come; there must be one thread as yet. Frees the grants in any
 * case. *ret_missing is a constant.
 */
enum sandbox_result sandbox_enter(struct sandbox *sandbox, const char **ret_missing);

#endif
