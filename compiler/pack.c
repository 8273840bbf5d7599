/*
 * pack.c: from a published generation, or some of its dimensions, to the members of a tar.
 * In: a volume or a generation's directory; a tar in the making.
 * Out: every file of it, each proven by the manifest's digest while it is read.
 */
#include "pack.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs.h"
#include "index.h"
#include "member.h"
#include "sums.h"
#include "target.h"
#include "text.h"

/* updated_at stands in an index.json's first lines. */
enum { PIECE = 256 * 1024, INDEX_HEAD = 4096 };

/* --- what is packed --- */

/* A path to a volume or to a generation's directory. */
static bool open_published(struct pack *p, const char *path)
{
	enum target_kind kind;

	if (!target_kind(path, p->diag, &kind))
		return false;
	if (kind != TARGET_VOLUME && kind != TARGET_GENERATION) {
		diag_fail(p->diag, EXIT_USAGE, "%s is no volume", path);
		return false;
	}
	p->name = kind == TARGET_VOLUME ? VOLUME_GENERATION : ".";
	return volume_open(&p->volume, path, p->diag) && published_read(&p->volume, p->name, &p->published);
}

static bool check_published(struct pack *p, const char *path, bool all)
{
	const struct published *published = &p->published;
	size_t i;

	if (published->id_count == 0 && !published->has_manifest && published->manifest_wrong == NULL) {
		diag_fail(p->diag, EXIT_NOT_THERE, "%s: nothing published", path);
		return false;
	}
	if (!published->has_manifest) {
		diag_fail(p->diag, EXIT_DAMAGED, "%s: no published generation: manifest.json: %s", path,
			  published->manifest_wrong != NULL ? published->manifest_wrong : "missing");
		diag_help(p->diag, "compile it from its sources, or `dimc restore` a bundle");
		return false;
	}
	for (i = 0; all && i < published->id_count; i++) {
		if (manifest_find(&published->manifest, published->ids[i]) != NULL)
			continue;
		diag_fail(p->diag, EXIT_DAMAGED, "%s: mixed, not a published generation: D%02u is not in the manifest",
			  path, published->ids[i]);
		return false;
	}
	return true;
}

static void add_dimension(struct pack *p, const struct manifest_dimension *d)
{
	size_t i;

	manifest_add_copy(&p->manifest, d);
	for (i = 0; i < d->file_count; i++)
		p->bytes += d->files[i].size;
}

static bool select_dimensions(struct pack *p, const char *path, const uint32_t *selected, size_t count)
{
	const struct manifest *all = &p->published.manifest;
	const struct manifest_dimension *d;
	bool ok = true;
	size_t i;

	assert(selected != NULL || count == 0);
	for (i = 0; selected == NULL && i < all->count; i++)
		add_dimension(p, &all->dimensions[i]);
	for (i = 0; i < count; i++) {
		d = manifest_find(all, selected[i]);
		if (d != NULL) {
			add_dimension(p, d);
			continue;
		}
		diag_fail(p->diag, EXIT_NOT_THERE, "%s has no dimension D%02u", path, selected[i]);
		ok = false;
	}
	manifest_finish(&p->manifest);
	p->is_complete = selected == NULL;
	return ok;
}

/* Nothing is written that restore would refuse. */
static bool write_manifest(struct pack *p, const char *path)
{
	manifest_write(&p->manifest, &p->text);
	if (p->text.size <= MEMBER_MAX_TEXT)
		return true;
	diag_fail(p->diag, EXIT_SYSTEM, "%s: its manifest is larger than bundles may have (%d bytes)", path,
		  MEMBER_MAX_TEXT);
	diag_help(p->diag, "bundle some dimensions at a time, with -d: `dimc restore` unites them");
	return false;
}

/*
 * The head of an index is enough for its updated_at, and indexes can be large. 0 where that does not tell, or is gone,
 * which whoever packs it will see. false, reported, where the system refuses: the members' times would be others.
 */
static bool read_time(const struct pack *p, const char *volume, uint32_t dimension_id, int64_t *ret)
{
	char path[32], head[INDEX_HEAD];
	struct text text;
	ssize_t n = -1;
	int fd, error;

	*ret = 0;
	snprintf(path, sizeof(path), "D%02u/" MEMBER_INDEX, dimension_id);
	fd = openat(p->published.fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd >= 0)
		n = pread(fd, head, sizeof(head), 0);
	error = n < 0 ? errno : 0;
	if (fd >= 0)
		close(fd);
	if (error != 0 && !fs_says_absent(error)) {
		diag_fail(p->diag, EXIT_SYSTEM, "cannot read %s/%s/%s: %s", volume, p->name, path, strerror(error));
		return false;
	}
	if (n > 0 && index_find_string(head, (size_t)n, "updated_at", &text))
		text_parse_time(text.bytes, text.size, ret);
	return true;
}

/* Whether what was opened is still what `path` leads to. */
static bool is_current(const struct pack *p)
{
	if (strcmp(p->name, ".") == 0)
		return fs_leads_to(AT_FDCWD, p->volume.path, 0, p->volume.fd);
	return published_is_current(&p->volume, p->name, &p->published);
}

enum pack_result pack_open(struct pack *p, const char *path, const uint32_t *selected, size_t selected_count,
			   struct diag *diag)
{
	const struct diag_totals said_before = diag_totals(diag);
	size_t i;

	memset(p, 0, sizeof(*p));
	p->diag = diag;
	p->volume.fd = p->volume.lock = p->published.fd = -1;
	if (!open_published(p, path) || !check_published(p, path, selected == NULL) ||
	    !select_dimensions(p, path, selected, selected_count)) {
		if (p->volume.fd < 0 || is_current(p))
			return PACK_FAILED;
		diag_forget_from(diag, &said_before);
		return PACK_AGAIN;
	}
	if (p->is_complete && !write_manifest(p, path))
		return PACK_FAILED;
	p->updated_at = mem_zalloc(p->manifest.count, sizeof(*p->updated_at));
	for (i = 0; i < p->manifest.count; i++) {
		if (!read_time(p, path, p->manifest.dimensions[i].dimension_id, &p->updated_at[i]))
			return PACK_FAILED;
		if (p->updated_at[i] > p->newest)
			p->newest = p->updated_at[i];
	}
	return PACK_DONE;
}

void pack_close(struct pack *p)
{
	manifest_free(&p->manifest);
	buf_free(&p->text);
	published_free(&p->published);
	volume_close(&p->volume);
	free(p->updated_at);
	p->updated_at = NULL;
}

/* --- its members --- */

struct packing {
	struct pack *pack;
	struct tar_writer *tar;
	struct arena arena;
	const char *prefix; /* data/mmap/consciousness/ */
	char *buffer;
	uint64_t done;
	struct progress *progress;
};

static void add_text(struct packing *p, const char *directory, const char *name, const struct buf *text, int64_t mtime)
{
	tar_add_file(p->tar, arena_printf(&p->arena, "%s%s%s", p->prefix, directory, name), text->size, mtime);
	tar_add_bytes(p->tar, text->bytes, text->size);
}

static enum pack_result not_as_published(const struct packing *p, const struct manifest_file *file, const char *why)
{
	diag_fail(p->pack->diag, EXIT_DAMAGED, "%s/%s/%s is not what was published: %s", p->pack->volume.path,
		  p->pack->name, file->path, why);
	diag_help(p->pack->diag, "`dimc verify %s` tells more; compile it from its sources to mend it",
		  p->pack->volume.path);
	return PACK_FAILED;
}

static enum pack_result add_file(struct packing *p, const struct manifest_file *file, int64_t mtime)
{
	struct pack *pack = p->pack;
	int fd = openat(pack->published.fd, file->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct digest_state *state;
	struct digest digest;
	uint64_t rest = file->size;
	struct stat st;
	ssize_t n = 0;

	if (fd < 0 && errno == ENOENT)
		return is_current(pack) ? not_as_published(p, file, "it is missing") : PACK_AGAIN;
	if (fd < 0 && (errno == ELOOP || errno == ENXIO))
		return not_as_published(p, file, "it is no regular file");
	if (fd < 0 || fstat(fd, &st) != 0) {
		diag_fail(pack->diag, EXIT_SYSTEM, "cannot open %s/%s/%s: %s", pack->volume.path, pack->name,
			  file->path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return PACK_FAILED;
	}
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != file->size) {
		close(fd);
		return not_as_published(p, file, S_ISREG(st.st_mode) ? "its size is another" : "it is no regular file");
	}
	tar_add_file(p->tar, arena_printf(&p->arena, "%s%s", p->prefix, file->path), file->size, mtime);
	posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	state = digest_new();
	while (rest > 0 && !tar_writer_failed(p->tar)) {
		n = read(fd, p->buffer, rest < PIECE ? (size_t)rest : PIECE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		digest_add(state, p->buffer, (size_t)n);
		tar_add_bytes(p->tar, p->buffer, (size_t)n);
		rest -= (uint64_t)n;
		p->done += (uint64_t)n;
		progress_bytes(p->progress, p->done);
	}
	if (n < 0)
		diag_fail(pack->diag, EXIT_SYSTEM, "cannot read %s/%s/%s: %s", pack->volume.path, pack->name,
			  file->path, strerror(errno));
	close(fd);
	digest_end(state, &digest);
	digest_free(state);
	if (n < 0 || tar_writer_failed(p->tar))
		return PACK_FAILED;
	if (rest > 0 || !digest_equal(&digest, &file->digest))
		return not_as_published(p, file, "its SHA-256 is not that of the manifest");
	return PACK_DONE;
}

static void add_directory(struct packing *p, const char *name, int64_t mtime)
{
	tar_add_directory(p->tar, arena_printf(&p->arena, "%s%s", p->prefix, name), mtime);
}

/* A dimension that stands for itself has a manifest of its own, and its sums. */
static void add_own_texts(struct packing *p, const struct manifest_dimension *d, const char *directory, int64_t mtime)
{
	struct manifest alone = {.dimensions = (struct manifest_dimension *)(uintptr_t)d, .count = 1};
	struct buf text = {0}, sums = {0};

	manifest_finish(&alone);
	manifest_write(&alone, &text);
	sums_add_dimension(&sums, &alone, &text);
	add_text(p, directory, MEMBER_MANIFEST, &text, mtime);
	add_text(p, directory, MEMBER_SUMS, &sums, mtime);
	buf_free(&text);
	buf_free(&sums);
}

static enum pack_result add_dimension_members(struct packing *p, size_t number)
{
	const struct manifest_dimension *d = &p->pack->manifest.dimensions[number];
	int64_t mtime = p->pack->updated_at[number];
	const char *directory = arena_printf(&p->arena, "D%02u/", d->dimension_id);
	enum pack_result result = PACK_DONE;
	bool has_layers = false;
	size_t i;

	add_directory(p, directory, mtime);
	if (!p->pack->is_complete)
		add_own_texts(p, d, directory, mtime);
	for (i = 0; i < d->file_count && result == PACK_DONE; i++) {
		if (!has_layers && strstr(d->files[i].path, "/" MEMBER_LAYERS "/") != NULL) {
			has_layers = true;
			add_directory(p, arena_printf(&p->arena, "%s" MEMBER_LAYERS "/", directory), mtime);
		}
		result = add_file(p, &d->files[i], mtime);
		arena_free(&p->arena);
		directory = arena_printf(&p->arena, "D%02u/", d->dimension_id);
	}
	return result;
}

enum pack_result pack_write(struct pack *pack, const char *prefix, struct tar_writer *tar, struct progress *progress)
{
	struct packing p = {.pack = pack, .tar = tar, .progress = progress};
	struct arena arena = {0};
	struct buf sums = {0};
	enum pack_result result = PACK_DONE;
	size_t i;

	p.prefix = arena_printf(&arena, "%s" VOLUME_GENERATION "/", prefix);
	p.buffer = mem_alloc(PIECE);
	progress_begin_bytes(progress, "packing", pack->bytes);
	if (pack->is_complete) {
		sums_add_files(&sums, &pack->manifest, "", &pack->text);
		add_text(&p, "", MEMBER_MANIFEST, &pack->text, pack->newest);
	}
	add_directory(&p, "", pack->newest);
	if (pack->is_complete)
		add_text(&p, "", MEMBER_SUMS, &sums, pack->newest);
	for (i = 0; i < pack->manifest.count && result == PACK_DONE; i++)
		result = add_dimension_members(&p, i);
	free(p.buffer);
	buf_free(&sums);
	arena_free(&p.arena);
	arena_free(&arena);
	return result;
}
