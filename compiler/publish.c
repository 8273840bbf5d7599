/*
 * publish.c: stages a generation beside the published one and puts it in its place in one step.
 * In: a locked volume, files that are written or linked, a finished manifest.
 * Out: the new generation, published and durable; or the old one as it was.
 */
#include "publish.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs.h"
#include "rights.h"
#include "trace.h"

static bool fail(const struct volume *volume, const char *what, const char *path, int number)
{
	diag_fail(volume->diag, EXIT_SYSTEM, "cannot %s %s/%s: %s", what, volume->path, path, strerror(number));
	if (number == ENOSPC || number == EDQUOT)
		diag_help(volume->diag, "nothing was published; free some space and run it again");
	rights_help(volume->diag, volume->path, path, number);
	return false;
}

/* From here on, an fsync for every directory and file that is kept takes longer than to sync the file system once. */
enum { MANY_DIMENSIONS = 256 };

/* Whether the generation before the present one can go: its mode is set then, and it is emptied. Better said before
 * than behind the commit point. */
static bool may_retire(const struct volume *volume)
{
	struct stat st;

	if (geteuid() == 0 || fstatat(volume->fd, VOLUME_FORMER, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    st.st_uid == geteuid())
		return true;
	diag_fail(volume->diag, EXIT_SYSTEM, "cannot put another generation in the place of %s/" VOLUME_FORMER,
		  volume->path);
	rights_help(volume->diag, volume->path, VOLUME_FORMER, EPERM);
	return false;
}

/* Makes .next and opens both directories. false, reported: what was made and opened goes by publish_abort. */
static bool open_staging(struct publication *p)
{
	struct volume *volume = p->volume;
	struct stat st;

	if (fs_make_dir(volume->fd, VOLUME_STAGING, VOLUME_STAGED_MODE) != 0)
		return fail(volume, "make", VOLUME_STAGING, errno);
	p->current = fs_open_own_dir(volume->fd, VOLUME_GENERATION);
	if (p->current < 0)
		return fail(volume, "open", VOLUME_GENERATION, errno);
	p->staging = fs_open_own_dir(volume->fd, VOLUME_STAGING);
	if (p->staging < 0)
		return fail(volume, "open", VOLUME_STAGING, errno);
	if (fstat(p->staging, &st) != 0)
		return fail(volume, "look at", VOLUME_STAGING, errno);
	/* Whoever may write in the volume can have put another directory in its place, in which links wait. */
	if ((st.st_uid == geteuid() || st.st_uid == fs_own_uid(volume->fd)) &&
	    (st.st_mode & 07777) == VOLUME_STAGED_MODE)
		return true;
	diag_fail(volume->diag, EXIT_SYSTEM, "somebody else is writing %s/" VOLUME_STAGING, volume->path);
	diag_help(volume->diag, "let nobody but the publisher write in %s", volume->path);
	return false;
}

bool publish_begin(struct publication *p, struct volume *volume, bool sync, size_t dimension_count)
{
	if (!may_retire(volume))
		return false;
	p->volume = volume;
	p->sync = sync;
	p->syncs_at_once = sync && dimension_count > MANY_DIMENSIONS;
	p->current = p->staging = -1;
	/* The name must exist for the exchange; a volume that was only just made, or was emptied, has no such
	 * directory. */
	if (fs_make_dir(volume->fd, VOLUME_GENERATION, VOLUME_DIR_MODE) != 0)
		return fail(volume, "make", VOLUME_GENERATION, errno);
	if (open_staging(p))
		return true;
	publish_abort(p);
	return false;
}

bool publish_make_dir(struct publication *p, const char *path)
{
	if (fs_make_dir(p->staging, path, VOLUME_DIR_MODE) == 0)
		return true;
	return fail(p->volume, "make", path, errno);
}

bool publish_write(struct publication *p, const char *path, void (*fill)(void *context, struct out *out), void *context,
		   struct manifest_file *ret)
{
	struct out out;
	int error;

	trace_begin(TRACE_WRITE, path);
	out_open(&out, p->staging, path);
	fill(context, &out);
	error = out_close(&out, p->sync, &ret->size, &ret->digest);
	trace_end(TRACE_WRITE);
	return error == 0 || fail(p->volume, "write", path, error);
}

/* Copies a file, for file systems and users that may not link it. Closes `from`. An errno, or 0. */
static int copy_file(struct publication *p, int from, const char *path)
{
	static const size_t piece = 1 << 20;
	struct out out;
	struct digest digest;
	uint64_t size, at = 0;
	ssize_t n;
	char *buffer;
	int error;

	if (from < 0)
		return errno;
	buffer = mem_alloc(piece);
	out_open(&out, p->staging, path);
	while ((n = pread(from, buffer, piece, (off_t)at)) > 0 || (n < 0 && errno == EINTR)) {
		if (n < 0)
			continue;
		out_write(&out, buffer, (size_t)n);
		at += (uint64_t)n;
	}
	if (n < 0 && out.error == 0)
		out.error = errno;
	error = out_close(&out, p->sync, &size, &digest);
	close(from);
	free(buffer);
	return error;
}

bool publish_place(struct publication *p, const char *path, const struct spill *spill, struct manifest_file *ret)
{
	int error = spill_link(spill, p->staging, path);

	if (error != 0)
		error = copy_file(p, dup(spill->fd), path);
	else if (p->sync && fsync(spill->fd) != 0)
		error = errno;
	ret->size = spill->size;
	ret->digest = spill->digest;
	return error == 0 || fail(p->volume, "write", path, error);
}

bool publish_keep(struct publication *p, const char *path)
{
	int error = 0;

	/* What is linked may have been written by a run that did not sync. */
	if (linkat(p->current, path, p->staging, path, 0) == 0)
		error = p->sync && !p->syncs_at_once && fs_sync_file(p->staging, path) != 0 ? errno : 0;
	else
		error = copy_file(p, openat(p->current, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), path);
	return error == 0 || fail(p->volume, "keep", path, error);
}

bool publish_keep_dimension(struct publication *p, const struct manifest_dimension *d)
{
	char name[16], layers[32];
	bool ok, has_layers = false;
	size_t i;

	volume_dimension_name(d->dimension_id, name);
	snprintf(layers, sizeof(layers), "%s/layers", name);
	ok = publish_make_dir(p, name);
	for (i = 0; ok && i < d->file_count; i++) {
		if (!has_layers && strstr(d->files[i].path, "/layers/") != NULL) {
			has_layers = true;
			ok = publish_make_dir(p, layers);
		}
		ok = ok && publish_keep(p, d->files[i].path);
	}
	return ok;
}

/* Every directory that was made, and what was not synced when it was kept. */
static bool sync_directories(struct publication *p, const struct manifest *manifest)
{
	char name[16], layers[32];
	size_t i;

	if (p->syncs_at_once)
		return syncfs(p->staging) == 0 || fail(p->volume, "sync", VOLUME_STAGING, errno);

	for (i = 0; i < manifest->count; i++) {
		volume_dimension_name(manifest->dimensions[i].dimension_id, name);
		snprintf(layers, sizeof(layers), "%s/layers", name);
		if (fs_sync_dir(p->staging, name) != 0)
			return fail(p->volume, "sync", name, errno);
		if (fs_sync_dir(p->staging, layers) != 0 && errno != ENOENT)
			return fail(p->volume, "sync", layers, errno);
	}
	if (fsync(p->staging) != 0)
		return fail(p->volume, "sync", VOLUME_STAGING, errno);
	return true;
}

static void report_unrenameable(const struct volume *volume, int number)
{
	diag_fail(volume->diag, EXIT_SYSTEM, "cannot replace %s/%s: %s", volume->path, VOLUME_GENERATION,
		  strerror(number));
	if (number == EXDEV || number == EBUSY)
		diag_help(
			volume->diag,
			"directories cannot be renamed there (a lower layer of an overlay, or a mount point): mount a "
			"volume at %s, and never " VOLUME_GENERATION " itself",
			volume->path);
	rights_help(volume->diag, volume->path, NULL, number);
}

/*
 * Where the file system cannot exchange: `taken` becomes the generation, the generation becomes `freed`, which must not
 * exist. Readers find nothing for an instant, and retry.
 */
static bool replace_by_renames(const struct volume *volume, const char *taken, const char *freed)
{
	int error;

	if (renameat(volume->fd, VOLUME_GENERATION, volume->fd, freed) != 0)
		return false;
	if (renameat(volume->fd, taken, volume->fd, VOLUME_GENERATION) == 0)
		return true;
	error = errno;
	renameat(volume->fd, freed, volume->fd, VOLUME_GENERATION); /* back, as well as it goes */
	errno = error;
	return false;
}

/* The commit point. *ret_retired: the former generation already has its name. */
static bool replace_generation(struct volume *volume, bool *ret_retired)
{
	int error;

	*ret_retired = false;
	if (volume_exchange(volume, VOLUME_STAGING, VOLUME_GENERATION))
		return true;
	if (errno == ENOSYS) {
		/* The former generation steps aside, and comes back where directories cannot be renamed at all. */
		bool has_former = renameat(volume->fd, VOLUME_FORMER, volume->fd, VOLUME_OLDER) == 0;

		if ((has_former || errno == ENOENT) && replace_by_renames(volume, VOLUME_STAGING, VOLUME_FORMER)) {
			*ret_retired = true;
			return true;
		}
		error = errno;
		if (has_former)
			renameat(volume->fd, VOLUME_OLDER, volume->fd, VOLUME_FORMER);
		errno = error;
	}
	report_unrenameable(volume, errno);
	return false;
}

static bool not_durable(const struct volume *volume, const char *what, int number)
{
	diag_fail(volume->diag, EXIT_NOT_DURABLE, "published, but %s failed: %s", what, strerror(number));
	diag_help(volume->diag,
		  "the new generation is in place; `dimc verify %s` proves it, and the next run tidies up",
		  volume->path);
	return false;
}

/* What follows the commit point. The new generation stays whatever happens here. */
static bool finish(struct volume *volume, bool sync, bool retired)
{
	if (sync && fsync(volume->fd) != 0)
		return not_durable(volume, "syncing the volume's directory", errno);
	if (retired ? fs_remove_tree(volume->fd, VOLUME_OLDER) != 0 : !volume_retire_staging(volume))
		return not_durable(volume, "putting the former generation aside", errno);
	if (fs_set_dir_mode(volume->fd, VOLUME_GENERATION, VOLUME_DIR_MODE) != 0)
		return not_durable(volume, "setting the mode of " VOLUME_GENERATION, errno);
	return true;
}

/*
 * What is remembered of a generation says that its publication was finished, and synced. So it is forgotten before a
 * generation takes the place: this one may have been published before, and this time be killed halfway.
 */
static void forget(const struct volume *volume)
{
	int fd = fs_open_own_dir(volume->fd, VOLUME_CACHE);

	if (fd < 0)
		return;
	unlinkat(fd, PUBLISHED_LIST, 0);
	close(fd);
}

static bool remember(const struct volume *volume, const struct buf *list)
{
	struct fs_bytes whole = {list->bytes, list->size};

	return volume_cache(volume, PUBLISHED_LIST, &whole, 1);
}

bool publish_commit(struct publication *p, const struct manifest *manifest)
{
	struct manifest_file written;
	struct buf text = {0}, cache = {0};
	bool done = false, retired = false, is_synced;

	trace_begin(TRACE_PUBLISH, NULL);
	manifest_write(manifest, &text);
	if (!publish_write(p, "manifest.json", out_write_buf, &text, &written))
		goto out;
	trace_begin(TRACE_SYNC, NULL);
	is_synced = !p->sync || sync_directories(p, manifest);
	trace_end(TRACE_SYNC);
	if (!is_synced)
		goto out;
	published_describe(p->staging, manifest, p->sync, &cache);
	forget(p->volume);
	if (!replace_generation(p->volume, &retired))
		goto out;
	mem_published(true);
	close(p->staging);
	close(p->current);
	p->staging = p->current = -1;
	done = finish(p->volume, p->sync, retired);
	if (done && !remember(p->volume, &cache))
		diag_warn(p->volume->diag, "cannot write %s/" VOLUME_CACHE ": the next run will read every file again",
			  p->volume->path);
	buf_free(&text);
	buf_free(&cache);
	trace_end(TRACE_PUBLISH);
	return done;
out:
	publish_abort(p);
	trace_end(TRACE_PUBLISH);
	buf_free(&text);
	buf_free(&cache);
	return false;
}

void publish_abort(struct publication *p)
{
	if (p->staging >= 0)
		close(p->staging);
	if (p->current >= 0)
		close(p->current);
	p->staging = p->current = -1;
	fs_remove_tree(p->volume->fd, VOLUME_STAGING);
}

bool publish_settle(struct volume *volume, const struct published *published, bool sync)
{
	struct buf cache = {0};
	bool ok = true;

	if (published_is_remembered(published, sync))
		return true;
	trace_begin(TRACE_SYNC, NULL);
	if (sync && syncfs(volume->fd) != 0)
		ok = not_durable(volume, "syncing the file system", errno);
	trace_end(TRACE_SYNC);
	if (ok) {
		published_describe(published->fd, &published->manifest, sync, &cache);
		remember(volume, &cache);
	}
	buf_free(&cache);
	return ok;
}

bool publish_rollback(struct volume *volume, bool sync)
{
	/* Who may not rename here changes nothing, nor what is remembered. */
	if (faccessat(volume->fd, ".", W_OK, AT_EACCESS) != 0) {
		report_unrenameable(volume, errno);
		return false;
	}
	forget(volume);
	if (!volume_exchange(volume, VOLUME_FORMER, VOLUME_GENERATION)) {
		/* .previous steps aside under the name .next, where a killed run's leftover is looked for. */
		if (errno != ENOSYS || renameat(volume->fd, VOLUME_FORMER, volume->fd, VOLUME_STAGING) != 0 ||
		    !replace_by_renames(volume, VOLUME_STAGING, VOLUME_FORMER)) {
			int error = errno;

			renameat(volume->fd, VOLUME_STAGING, volume->fd, VOLUME_FORMER);
			report_unrenameable(volume, error);
			return false;
		}
	}
	mem_published(true);
	return finish(volume, sync, true);
}
