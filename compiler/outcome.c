/*
 * outcome.c: what tells a build tool how a run ended: a stamp that was touched, and a depfile.
 * In: their names, before the work; the generation, after it.
 * Out: both files, whole, where the run succeeded; else neither.
 */
#include "outcome.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fs.h"
#include "rights.h"

/* *ret_path is set where *ret is open, and wants to be discarded. */
static bool open_aside(struct outcome *outcome, const char *path, const char **ret_path, struct aside *ret,
		       struct diag *diag)
{
	struct depfile *depfile = &outcome->depfile;
	struct stat st;
	int error;

	if (!aside_can_replace(path) || (stat(path, &st) == 0 && S_ISDIR(st.st_mode))) {
		diag_fail(diag, EXIT_USAGE, "%s is there, and no regular file", path);
		return false;
	}
	path = arena_copy(&outcome->arena, path, strlen(path));
	error = aside_open(ret, path);
	if (error == 0)
		*ret_path = path;
	if (error == 0 && fstat(ret->dirfd, &depfile->outputs[depfile->output_count++]) != 0)
		error = errno;
	if (error != 0) {
		diag_fail(diag, EXIT_SYSTEM, "cannot write %s: %s", path, strerror(error));
		rights_help(diag, path, NULL, error);
	}
	return error == 0;
}

/* Whether an open directory is `top`, or below it. */
static bool is_within(int dirfd, const char *top)
{
	char self[32], *above = realpath(top, NULL), *directory;
	size_t size = above != NULL ? strlen(above) : 0;
	bool yes;

	snprintf(self, sizeof(self), "/proc/self/fd/%d", dirfd);
	directory = realpath(self, NULL);
	yes = above != NULL && directory != NULL && strncmp(directory, above, size) == 0 &&
	      (directory[size] == '/' || directory[size] == '\0');
	free(above);
	free(directory);
	return yes;
}

/* What the run leaves besides its result. */
struct leftover {
	const char *what;
	const struct aside *file; /* NULL: not wanted */
	const char *path;	  /* NULL: that of what it is compared with will do */
};

static bool check_pair(const struct leftover *a, const struct leftover *b, struct diag *diag)
{
	struct stat of_a, of_b;

	if (a->file == NULL || b->file == NULL || strcmp(a->file->name, b->file->name) != 0 ||
	    fstat(a->file->dirfd, &of_a) != 0 || fstat(b->file->dirfd, &of_b) != 0 || !fs_is_same(&of_a, &of_b))
		return true;
	diag_fail(diag, EXIT_USAGE, "%s cannot be both %s and %s", a->path != NULL ? a->path : b->path, a->what,
		  b->what);
	diag_help(diag, "give one of them another name; without -MF, the depfile is STAMP.d");
	return false;
}

static bool check_places(const struct outcome *outcome, const struct aside *trace, const char *generation,
			 struct diag *diag)
{
	const struct leftover leftovers[] = {
		{"the stamp", outcome->stamp_path != NULL ? &outcome->stamp_file : NULL, outcome->stamp_path},
		{"the depfile", outcome->depfile_path != NULL ? &outcome->depfile_file : NULL, outcome->depfile_path},
		{"the trace", trace->fd >= 0 ? trace : NULL, NULL}};
	enum { COUNT = sizeof(leftovers) / sizeof(leftovers[0]) };
	size_t i;

	for (i = 0; i < COUNT; i++) {
		if (!check_pair(&leftovers[i], &leftovers[(i + 1) % COUNT], diag))
			return false;
		if (leftovers[i].file == NULL || !is_within(leftovers[i].file->dirfd, generation))
			continue;
		diag_fail(diag, EXIT_USAGE, "%s is in %s, which is replaced as a whole", leftovers[i].what, generation);
		diag_help(diag, "put it beside the volume");
		return false;
	}
	return true;
}

bool outcome_open(struct outcome *outcome, const char *stamp_path, const char *depfile_path, const struct aside *trace,
		  const char *generation, struct diag *diag)
{
	struct depfile *depfile = &outcome->depfile;
	struct stat st;

	*outcome = (struct outcome){0};
	if (stamp_path != NULL) {
		if (!open_aside(outcome, stamp_path, &outcome->stamp_path, &outcome->stamp_file, diag))
			return false;
		if (fstat(outcome->stamp_file.fd, &st) == 0)
			outcome->began = st.st_mtim;
	}
	if (depfile_path != NULL &&
	    !open_aside(outcome, depfile_path, &outcome->depfile_path, &outcome->depfile_file, diag))
		return false;
	if (trace->fd >= 0 && fstat(trace->dirfd, &depfile->outputs[depfile->output_count]) == 0)
		depfile->output_count++;
	return check_places(outcome, trace, generation, diag);
}

static bool is_text(const char *path, const struct buf *text)
{
	struct arena arena = {0};
	struct fs_file file;
	bool yes = fs_read(AT_FDCWD, path, text->size, FS_FOLLOW, &arena, &file) == 0 && file.size == text->size &&
		   memcmp(file.bytes, text->bytes, text->size) == 0;

	arena_free(&arena);
	return yes;
}

static int write_depfile(struct outcome *outcome)
{
	const struct buf *text = &outcome->depfile.text;

	if (is_text(outcome->depfile_path, text))
		return 0;
	if (fs_write_all(outcome->depfile_file.fd, text->bytes, text->size) != 0)
		return errno;
	return aside_commit(&outcome->depfile_file);
}

static int write_stamp(struct outcome *outcome, const struct digest *generation)
{
	const struct timespec times[2] = {outcome->began, outcome->began};
	char line[DIGEST_HEX_SIZE];

	digest_hex(generation, line);
	line[DIGEST_HEX_SIZE - 1] = '\n'; /* in the place of the NUL */
	if (fs_write_all(outcome->stamp_file.fd, line, sizeof(line)) != 0 ||
	    futimens(outcome->stamp_file.fd, times) != 0)
		return errno;
	return aside_commit(&outcome->stamp_file);
}

bool outcome_commit(struct outcome *outcome, const struct digest *generation, enum exit_status status,
		    struct diag *diag)
{
	const char *path = outcome->depfile_path;
	int error = path != NULL ? write_depfile(outcome) : 0;

	/* The stamp last: where it is new, so is the depfile. */
	if (error == 0 && outcome->stamp_path != NULL) {
		path = outcome->stamp_path;
		error = write_stamp(outcome, generation);
	}
	if (error != 0)
		diag_fail(diag, status, "%scannot write %s: %s",
			  status == EXIT_NOT_DURABLE ? "the generation is published, but " : "", path, strerror(error));
	return error == 0;
}

void outcome_close(struct outcome *outcome)
{
	if (outcome->stamp_path != NULL)
		aside_discard(&outcome->stamp_file);
	if (outcome->depfile_path != NULL)
		aside_discard(&outcome->depfile_file);
	depfile_free(&outcome->depfile);
	arena_free(&outcome->arena);
}
