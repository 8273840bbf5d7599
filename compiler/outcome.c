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

/* *ret_path is set where *ret is open, and wants to be discarded. */
static bool open_aside(struct outcome *outcome, const char *path, const char **ret_path, struct aside *ret,
		       struct diag *diag)
{
	struct depfile *depfile = &outcome->depfile;
	struct stat st;
	int error;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		diag_fail(diag, EXIT_USAGE, "%s is there, and no regular file", path);
		return false;
	}
	path = arena_copy(&outcome->arena, path, strlen(path));
	error = aside_open(ret, path);
	if (error == 0)
		*ret_path = path;
	if (error == 0 && fstat(ret->dirfd, &depfile->outputs[depfile->output_count++]) != 0)
		error = errno;
	if (error != 0)
		diag_fail(diag, EXIT_SYSTEM, "cannot write %s: %s", path, strerror(error));
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

static bool check_places(const struct outcome *outcome, const char *generation, struct diag *diag)
{
	const struct stat *outputs = outcome->depfile.outputs;
	bool has_both = outcome->stamp_path != NULL && outcome->depfile_path != NULL;

	if (has_both && fs_is_same(&outputs[0], &outputs[1]) &&
	    strcmp(outcome->stamp_file.name, outcome->depfile_file.name) == 0) {
		diag_fail(diag, EXIT_USAGE, "%s cannot be both the stamp and the depfile", outcome->stamp_path);
		diag_help(diag, "without -MF, the depfile is %s.d", outcome->stamp_path);
		return false;
	}
	if ((outcome->stamp_path != NULL && is_within(outcome->stamp_file.dirfd, generation)) ||
	    (outcome->depfile_path != NULL && is_within(outcome->depfile_file.dirfd, generation))) {
		diag_fail(diag, EXIT_USAGE, "the stamp or the depfile is in %s, which is replaced as a whole",
			  generation);
		diag_help(diag, "put it beside the volume");
		return false;
	}
	return true;
}

bool outcome_open(struct outcome *outcome, const char *stamp_path, const char *depfile_path, const char *generation,
		  struct diag *diag)
{
	struct stat st;

	*outcome = (struct outcome){0};
	if (stamp_path != NULL) {
		if (!open_aside(outcome, stamp_path, &outcome->stamp_path, &outcome->stamp_file, diag))
			return false;
		if (fstat(outcome->stamp_file.fd, &st) == 0)
			outcome->began = st.st_mtim;
	}
	return (depfile_path == NULL ||
		open_aside(outcome, depfile_path, &outcome->depfile_path, &outcome->depfile_file, diag)) &&
	       check_places(outcome, generation, diag);
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
	char line[DIGEST_HEX_SIZE + 1];

	digest_hex(generation, line);
	strcat(line, "\n");
	if (fs_write_all(outcome->stamp_file.fd, line, strlen(line)) != 0 ||
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
