/*
 * bundle_write.c: from a published generation to the file of a bundle.
 * In: a volume, perhaps some of its dimensions, perhaps a key.
 * Out: NAME, NAME.sha256 and NAME.sha256.sig, each whole or not there at all; NAME proven by reading it again.
 */
#include "bundle_write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aside.h"
#include "gzip.h"
#include "image_write.h"
#include "pack.h"
#include "reference.h"
#include "rights.h"
#include "sign.h"
#include "sums.h"
#include "trace.h"

/* A publisher that is faster than this many times in a row does not let itself be packed. */
enum { ATTEMPTS = 20 };

struct writing {
	const struct bundle_options *options;
	struct diag *diag;
	struct gzip *gzip;
	struct digest_state *identity;
	struct bundle_report *ret;
};

static bool fail(const struct writing *w, int number)
{
	if (number == EBADMSG)
		diag_fail(w->diag, EXIT_SYSTEM, "cannot write %s: read again, it is not what was written",
			  w->options->output);
	else
		diag_fail(w->diag, EXIT_SYSTEM, "cannot write %s: %s", w->options->output, aside_error(number));
	if (number == ENOSPC || number == EDQUOT)
		diag_help(w->diag, "no file was left; free some space and run it again");
	else if (number == ENOENT)
		diag_help(w->diag, "the directory that it goes to must be there");
	rights_help(w->diag, w->options->output, NULL, number);
	return false;
}

static bool take_bytes(void *context, const void *bytes, size_t size)
{
	struct writing *w = context;

	digest_add(w->identity, bytes, size);
	w->ret->tar_size += size;
	return gzip_write(w->gzip, bytes, size);
}

/* The directories that lead to the generation. A tar for a project's root leaves them to whoever unpacks it. */
static void add_prefix(struct tar_writer *tar, const char *prefix, int64_t mtime)
{
	struct arena arena = {0};
	const char *slash;

	for (slash = strchr(prefix, '/'); slash != NULL; slash = strchr(slash + 1, '/'))
		tar_add_directory(tar, arena_copy(&arena, prefix, (size_t)(slash + 1 - prefix)), mtime);
	arena_free(&arena);
}

/* Writes the tar.gz, syncs it and reads it again. */
static enum pack_result write_tar(struct writing *w, struct pack *pack, int fd)
{
	const char *prefix = w->options->as_image ? IMAGE_VOLUME : PACK_PREFIX;
	struct tar_writer *tar;
	enum pack_result result;
	const char *problem;
	int error;

	w->ret->tar_size = 0;
	w->identity = digest_new();
	w->gzip = gzip_new(fd, w->options->jobs);
	tar = tar_writer_new(take_bytes, w);
	if (w->options->as_image)
		add_prefix(tar, prefix, pack->newest);
	result = pack_write(pack, prefix, tar, w->options->progress);
	problem = tar_writer_end(tar);
	error = gzip_finish(w->gzip, &w->ret->size, &w->ret->digest);
	digest_end(w->identity, &w->ret->identity);
	digest_free(w->identity);
	if (result != PACK_AGAIN && error == 0 && problem != NULL && diag_errors(w->diag) == 0)
		diag_fail(w->diag, EXIT_SYSTEM, "cannot write %s: %s", w->options->output, problem);
	if (result == PACK_DONE && problem == NULL) {
		if (error == 0 && fsync(fd) != 0)
			error = errno;
		if (error == 0)
			error = gzip_prove(w->gzip);
	}
	gzip_free(w->gzip);
	if (result != PACK_AGAIN && error != 0)
		fail(w, error);
	return diag_errors(w->diag) > 0 ? PACK_FAILED : result;
}

/* The image's name: as it was asked for, and a generation tells itself from another by its tag. */
static char *name_image(const struct bundle_options *options, const struct manifest *manifest)
{
	const char *name = options->name != NULL ? options->name : "localhost/dimensions", *why;
	char hex[DIGEST_HEX_SIZE];
	struct buf buf = {0};
	bool has_tag = false;

	reference_check(name, &has_tag, &why);
	digest_hex(&manifest->generation, hex);
	buf_puts(&buf, name);
	if (!has_tag)
		buf_printf(&buf, ":%.12s", hex);
	return buf.bytes;
}

/* The layer is written to a file that nobody sees, so that its digest is known before the first byte of the image. */
static enum pack_result write_image(struct writing *w, struct pack *pack, int fd)
{
	struct arena arena = {0};
	struct image image = {.manifest = &pack->manifest, .is_complete = pack->is_complete, .created = pack->newest};
	enum pack_result result = PACK_FAILED;
	struct image_archive archive;
	struct aside layer;
	int error = aside_open(&layer, arena_printf(&arena, "%s.layer", w->options->output));

	if (error == 0) {
		result = write_tar(w, pack, layer.fd);
		if (result == PACK_DONE) {
			free(w->ret->name);
			image.name = w->ret->name = name_image(w->options, &pack->manifest);
			image.identity = w->ret->identity;
			image.layer = w->ret->digest;
			image.layer_size = w->ret->size;
			error = image_write(fd, layer.fd, &image, &archive);
			if (error == 0 && fsync(fd) != 0)
				error = errno;
			if (error == 0)
				error = image_prove(fd, &archive);
		}
		aside_discard(&layer);
	}
	arena_free(&arena);
	if (error != 0) {
		fail(w, error);
		return PACK_FAILED;
	}
	if (result == PACK_DONE) {
		w->ret->image = archive.image;
		w->ret->digest = archive.digest;
		w->ret->size = archive.size;
	}
	return result;
}

/*
 * The sum and the signature of an older bundle of that name go before the new one comes: killed in between, nothing
 * stands beside it that speaks of other bytes. An errno, or 0.
 */
static int remove_sidecars(const struct aside *bundle)
{
	static const char *const endings[] = {BUNDLE_SIGNATURE, BUNDLE_SUM};
	struct arena arena = {0};
	int error = 0;
	bool gone = false;
	size_t i;

	for (i = 0; i < sizeof(endings) / sizeof(endings[0]) && error == 0; i++) {
		if (unlinkat(bundle->dirfd, arena_printf(&arena, "%s%s", bundle->name, endings[i]), 0) == 0)
			gone = true;
		else if (errno != ENOENT)
			error = errno;
	}
	if (error == 0 && gone && fsync(bundle->dirfd) != 0)
		error = errno;
	arena_free(&arena);
	return error;
}

/* The sum and the signature. */
static bool write_sidecars(const struct writing *w, const struct sign_key *key)
{
	const char *slash = strrchr(w->options->output, '/');
	struct arena arena = {0};
	struct buf line = {0};
	uint8_t signature[SIGN_SIZE];
	const char *sum = arena_printf(&arena, "%s" BUNDLE_SUM, w->options->output);
	const char *signed_by = arena_printf(&arena, "%s" BUNDLE_SIGNATURE, w->options->output);
	const char *wrong = NULL;
	int error;

	sums_add(&line, slash != NULL ? slash + 1 : w->options->output, &w->ret->digest);
	error = aside_write(sum, line.bytes, line.size);
	if (error != 0)
		wrong = sum;
	if (error == 0 && key != NULL) {
		error = sign_bytes(key, line.bytes, line.size, signature)
				? aside_write(signed_by, signature, sizeof(signature))
				: EIO;
		wrong = signed_by;
	}
	if (error != 0) {
		diag_fail(w->diag, EXIT_SYSTEM, "%s is written, but not %s: %s", w->options->output, wrong,
			  aside_error(error));
	}
	buf_free(&line);
	arena_free(&arena);
	return error == 0;
}

static enum pack_result open_pack(const struct bundle_options *options, struct diag *diag, struct pack *ret)
{
	enum pack_result result;
	int i;

	for (i = 0;; i++) {
		result = pack_open(ret, options->volume, options->selected, options->selected_count, diag);
		if (result != PACK_AGAIN || i == VOLUME_ATTEMPTS)
			return result;
		pack_close(ret);
		volume_pause();
	}
}

static enum pack_result attempt(struct writing *w)
{
	const struct bundle_options *options = w->options;
	struct aside aside;
	struct pack pack;
	enum pack_result result = open_pack(options, w->diag, &pack);
	int error;

	if (result == PACK_DONE) {
		error = aside_open(&aside, options->output);
		if (error == 0) {
			result = options->as_image ? write_image(w, &pack, aside.fd) : write_tar(w, &pack, aside.fd);
			if (result == PACK_DONE)
				error = remove_sidecars(&aside);
			if (result == PACK_DONE && error == 0)
				error = aside_commit(&aside);
			else
				aside_discard(&aside);
		}
		if (error != 0) {
			fail(w, error);
			result = PACK_FAILED;
		}
	}
	if (result == PACK_DONE) {
		w->ret->manifest = pack.manifest;
		w->ret->is_complete = pack.is_complete;
		pack.manifest = (struct manifest){0};
	}
	pack_close(&pack);
	return result;
}

bool bundle_write(const struct bundle_options *options, struct diag *diag, struct bundle_report *ret)
{
	struct writing w = {.options = options, .diag = diag, .ret = ret};
	enum pack_result result = PACK_AGAIN;
	struct sign_key *key = NULL;
	int i;

	memset(ret, 0, sizeof(*ret));
	if (options->key != NULL && (key = sign_key_load(options->key, true, diag)) == NULL)
		return false;
	for (i = 0; i < ATTEMPTS && result == PACK_AGAIN; i++) {
		trace_begin(TRACE_PACK, NULL);
		result = attempt(&w);
		trace_end(TRACE_PACK);
	}
	if (result == PACK_AGAIN)
		diag_fail(diag, EXIT_SYSTEM, "%s is published again and again while it is packed", options->volume);
	if (result == PACK_DONE && !write_sidecars(&w, key))
		result = PACK_FAILED;
	sign_key_free(key);
	return result == PACK_DONE;
}

void bundle_report_free(struct bundle_report *report)
{
	manifest_free(&report->manifest);
	free(report->name);
}
