/*
 * dump.c: from a dimension that was compiled to its sources.
 * In: a dimension of the model, as region_facts_dimension gives it; a directory.
 * Out: a folder with dimension.yaml and a file for every layer; or what keeps them from being sources.
 */
#include "dump.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fs.h"
#include "keywords.h"
#include "text.h"

/* --- what sources may not say --- */

static void refuse_text(const struct dimension *d, struct diag *diag, const char *field, struct text text, size_t max,
			const char *controls)
{
	char reason[SCALAR_REASON_SIZE];
	const char *help;

	if (!scalar_is_limited(text, max, controls, reason, &help))
		diag_fail(diag, EXIT_REJECTED, "D%02u: the %s %s", d->dimension_id, field, reason);
}

static void refuse_layer(const struct dimension *d, const struct layer *layer, struct diag *diag)
{
	char reason[SCALAR_REASON_SIZE];
	const char *help;
	size_t i;

	if (layer->title.size > 0 && !scalar_is_limited(layer->title, MODEL_MAX_TITLE_LENGTH, "", reason, &help))
		diag_fail(diag, EXIT_REJECTED, "D%02u layer %u: the title %s", d->dimension_id, layer->layer_id,
			  reason);
	for (i = 0; i < layer->keyword_count; i++) {
		struct buf shown = {0};

		if (keywords_is_word(layer->keywords[i], reason, &help))
			continue;
		text_add_cut(&shown, layer->keywords[i].bytes, layer->keywords[i].size, 40);
		diag_fail(diag, EXIT_REJECTED, "D%02u layer %u: the keyword \"%s\" %s", d->dimension_id,
			  layer->layer_id, shown.bytes, reason);
		buf_free(&shown);
	}
}

bool dump_is_allowed(const struct dimension *dimension, struct diag *diag)
{
	size_t before = diag_errors(diag), i;

	refuse_text(dimension, diag, "name", dimension->name, MODEL_MAX_NAME_LENGTH, "");
	if (dimension->description.size > 0)
		refuse_text(dimension, diag, "description", dimension->description, MODEL_MAX_DESCRIPTION_LENGTH,
			    SCALAR_PARAGRAPH_CONTROLS);
	if (dimension->layer_count == 0)
		diag_fail(diag, EXIT_REJECTED, "D%02u: the dimension has no layers", dimension->dimension_id);
	for (i = 0; i < dimension->layer_count; i++)
		refuse_layer(dimension, &dimension->layers[i], diag);
	return diag_errors(diag) == before;
}

/* --- files --- */

struct writing {
	int folder;
	const char *path; /* of the folder, for messages */
	struct diag *diag;
	struct dumped *dumped;
};

static bool write_file(struct writing *w, const char *name, const void *bytes, size_t size)
{
	int fd = openat(w->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	bool ok = fd >= 0 && fs_write_all(fd, bytes, size) == 0;
	int error = errno;

	if (fd >= 0 && close(fd) != 0 && ok) {
		ok = false;
		error = errno;
	}
	if (!ok)
		diag_fail(w->diag, EXIT_SYSTEM, "cannot write %s/%s: %s", w->path, name, strerror(error));
	w->dumped->files++;
	w->dumped->bytes += size;
	return ok;
}

static bool write_layer(struct writing *w, const struct layer *layer, uint32_t largest_id)
{
	char name[EMIT_NAME_SIZE], yaml[EMIT_NAME_SIZE + 8], file[EMIT_NAME_SIZE + 8];
	bool is_apart = !emit_can_hold(layer->content), ok = true;
	struct buf buf = {0};

	emit_layer_name(layer, largest_id, name);
	snprintf(yaml, sizeof(yaml), "%s.yaml", name);
	snprintf(file, sizeof(file), "%s.bin", name);
	if (is_apart) {
		ok = write_file(w, file, layer->content.bytes, layer->content.size);
		w->dumped->content_files++;
	}
	emit_layer(layer, is_apart ? file : NULL, &buf);
	ok = ok && write_file(w, yaml, buf.bytes, buf.size);
	buf_free(&buf);
	return ok;
}

bool dump_write(const struct dimension *dimension, int dirfd, const char *path, struct diag *diag, struct dumped *ret)
{
	struct writing w = {.diag = diag, .dumped = ret};
	struct arena arena = {0};
	struct buf buf = {0};
	bool ok;
	size_t i;

	memset(ret, 0, sizeof(*ret));
	emit_folder_name(dimension, ret->folder);
	w.path = arena_printf(&arena, "%s/%s", path, ret->folder);
	w.folder = mkdirat(dirfd, ret->folder, 0777) == 0 ? fs_open_own_dir(dirfd, ret->folder) : -1;
	if (w.folder < 0) {
		diag_fail(diag, EXIT_SYSTEM, "cannot make %s: %s", w.path, strerror(errno));
		arena_free(&arena);
		return false;
	}
	emit_dimension(dimension, &buf);
	ok = write_file(&w, "dimension.yaml", buf.bytes, buf.size);
	for (i = 0; ok && i < dimension->layer_count; i++)
		ok = write_layer(&w, &dimension->layers[i], dimension->layers[dimension->layer_count - 1].layer_id);
	buf_free(&buf);
	close(w.folder);
	arena_free(&arena);
	return ok;
}
