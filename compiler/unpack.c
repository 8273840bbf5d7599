/*
 * unpack.c: from a bundle, of anyone's making, to proven dimensions in a directory.
 * In: a part of a file that should be a tar, compressed by gzip or not.
 * Out: dimension by dimension its files, every byte of them proven; or why the bundle is refused.
 */
#include "unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs.h"
#include "member.h"
#include "out.h"
#include "received.h"
#include "sums.h"
#include "text.h"
#include "trace.h"
#include "volume.h"

/* A layer takes a slot of its region; its part of index.json is seldom a tenth of that. */
enum { MAX_DIRECTORIES = 3 * MODEL_MAX_DIMENSION_ID, MIN_LAYER_SIZE = 4096, INDEX_SHARE = 4, PIECE = 256 * 1024 };

struct unpacking {
	struct refusal refusal;
	const struct unpack_options *options;
	struct tar_reader *reader;
	struct unpacked *ret;
	int at; /* UNPACK_DIRECTORY */
	char *buffer;
	struct member_names names;
	struct received_texts texts; /* of the generation */
	struct manifest manifest;    /* the generation's, once its text is there */
	uint8_t seen[MODEL_MAX_DIMENSION_ID / 8 + 1];
	/* The dimension that is being read; one at a time. */
	uint32_t dimension_id;			   /* 0: none yet */
	const struct manifest_dimension *promised; /* what the generation's manifest says of it */
	struct manifest dimension;		   /* one dimension: what was read of it */
	struct received_texts dimension_texts;
	size_t layer_files, directories;
	bool has_layers_directory;
};

static bool refuse_archive(struct unpacking *u)
{
	int number;
	const char *problem = tar_reader_problem(u->reader, &number);

	if (number != 0) {
		diag_fail(u->refusal.diag, EXIT_SYSTEM, "cannot read %s: %s%s", u->refusal.path, strerror(number),
			  u->refusal.consequence);
		return false;
	}
	return refuse(&u->refusal, EXIT_DAMAGED, NULL, "%s", problem);
}

/* Says where to, too: that is where room or a right is missing. */
static bool cannot_write(struct unpacking *u, const char *path, int number)
{
	struct arena arena = {0};

	refuse_system(&u->refusal, "write", arena_printf(&arena, "%s to %s", path, u->options->place), number);
	arena_free(&arena);
	return false;
}

/* For refusals that name files by their paths below the generation. */
static struct refusal refusal_below(const struct unpacking *u)
{
	struct refusal refusal = u->refusal;

	refusal.prefix = u->names.prefix;
	return refusal;
}

/* --- one member --- */

static bool read_text(struct unpacking *u, const struct tar_member *member, const char *path,
		      struct received_texts *texts, struct received_text *ret)
{
	size_t got = 0;
	ptrdiff_t n;

	if (ret->is_there)
		return refuse(&u->refusal, EXIT_REFUSED, member->name, "it is there twice");
	ret->is_there = true;
	ret->size = (size_t)member->size;
	ret->member = arena_copy(&texts->arena, path, strlen(path));
	ret->bytes = arena_alloc(&texts->arena, ret->size + 1);
	while (got < ret->size && (n = tar_reader_read(u->reader, ret->bytes + got, ret->size - got)) != 0) {
		if (n < 0)
			return refuse_archive(u);
		got += (size_t)n;
	}
	return got == ret->size || refuse(&u->refusal, EXIT_DAMAGED, member->name, "it is cut short");
}

static int by_path(const void *a, const void *b)
{
	return strcmp(a, ((const struct manifest_file *)b)->path);
}

/* What the generation's manifest says of a file. *ret_known: it has been read, and NULL means that it says nothing. */
static const struct manifest_file *promised_file(const struct unpacking *u, const char *path, bool *ret_known)
{
	*ret_known = u->texts.manifest.is_there;
	if (u->promised == NULL || u->promised->file_count == 0)
		return NULL;
	return bsearch(path, u->promised->files, u->promised->file_count, sizeof(*u->promised->files), by_path);
}

/* layers/ is made where its first file is; a dimension's directory by its first file. */
static bool make_directories(struct unpacking *u, const struct member_name *name)
{
	char directory[32];

	volume_dimension_name(name->dimension_id, directory);
	if (fs_make_dir(u->at, directory, VOLUME_DIR_MODE) != 0)
		return cannot_write(u, name->path, errno);
	if (name->kind != MEMBER_IS_LAYER || u->has_layers_directory)
		return true;
	strcat(directory, "/" MEMBER_LAYERS);
	u->has_layers_directory = true;
	return fs_make_dir(u->at, directory, VOLUME_DIR_MODE) == 0 || cannot_write(u, name->path, errno);
}

static bool write_file(struct unpacking *u, const struct tar_member *member, const struct member_name *name)
{
	struct manifest_file file = {.path = name->path};
	const struct manifest_file *promised;
	struct out out;
	ptrdiff_t n = 0;
	bool known;
	int error;

	promised = promised_file(u, name->path, &known);
	if (known && promised == NULL)
		return refuse(&u->refusal, EXIT_REFUSED, member->name, "it is not in the manifest");
	if (promised != NULL && promised->size != member->size)
		return refuse(&u->refusal, EXIT_DAMAGED, member->name, "it has %llu bytes, but in the manifest %llu",
			      (unsigned long long)member->size, (unsigned long long)promised->size);
	if (!make_directories(u, name))
		return false;
	out_open(&out, u->at, name->path);
	while (out.error == 0 && (n = tar_reader_read(u->reader, u->buffer, PIECE)) > 0) {
		out_write(&out, u->buffer, (size_t)n);
		progress_bytes(u->options->progress, tar_reader_position(u->reader));
	}
	if (u->options->sync)
		out_begin_sync(&out);
	error = out_close(&out, false, &file.size, &file.digest);
	if (error == EEXIST)
		return refuse(&u->refusal, EXIT_REFUSED, member->name, "it is there twice");
	if (error != 0)
		return cannot_write(u, name->path, error);
	if (n < 0)
		return refuse_archive(u);
	if (file.size != member->size)
		return refuse(&u->refusal, EXIT_DAMAGED, member->name, "it is cut short");
	if (promised != NULL && !digest_equal(&promised->digest, &file.digest))
		return refuse(&u->refusal, EXIT_DAMAGED, member->name, "its SHA-256 is not that of the manifest");
	manifest_add_file(&u->dimension, &u->dimension.dimensions[0], name->path, file.size, &file.digest);
	return true;
}

static bool check_size(struct unpacking *u, const struct tar_member *member, const struct member_name *name)
{
	bool is_text = name->kind == MEMBER_IS_MANIFEST || name->kind == MEMBER_IS_SUMS;
	uint64_t max = u->options->settings->max_size;

	if (name->kind == MEMBER_IS_INDEX)
		max /= INDEX_SHARE;
	if (is_text || (name->kind == MEMBER_IS_INDEX && max < MEMBER_MAX_TEXT))
		max = MEMBER_MAX_TEXT;
	if (member->size > max) {
		refuse(&u->refusal, EXIT_REFUSED, member->name, "too large: %llu bytes, and at most %llu are allowed%s",
		       (unsigned long long)member->size, (unsigned long long)max, is_text ? "" : " (MMAP_MAX_SIZE)");
		if (!is_text)
			diag_help(u->refusal.diag,
				  "raise MMAP_MAX_SIZE in .env or the environment, if you trust the bundle");
		return false;
	}
	if (name->kind == MEMBER_IS_LAYER && ++u->layer_files > u->options->settings->max_size / MIN_LAYER_SIZE)
		return refuse(&u->refusal, EXIT_REFUSED, member->name, "there are more layers than a region can have");
	return true;
}

static bool finish_dimension(struct unpacking *u);

static bool begin_dimension(struct unpacking *u, const struct tar_member *member, uint32_t id)
{
	if (!finish_dimension(u))
		return false;
	if ((u->seen[id / 8] & 1 << id % 8) != 0)
		return refuse(&u->refusal, EXIT_REFUSED, member->name,
			      "D%02u is there twice, or its files do not stand together", id);
	u->seen[id / 8] |= (uint8_t)(1 << id % 8);
	u->dimension_id = id;
	u->promised = manifest_find(&u->manifest, id);
	manifest_add(&u->dimension, id);
	return true;
}

static bool take_member(struct unpacking *u, const struct tar_member *member)
{
	struct refusal below;
	struct received_texts *texts;
	struct member_name name;
	const char *why;

	if (member->kind == TAR_OTHER)
		return refuse(&u->refusal, EXIT_REFUSED, member->name, "it is %s; only files and directories are taken",
			      member->what);
	if ((member->mode & (S_ISUID | S_ISGID)) != 0)
		return refuse(&u->refusal, EXIT_REFUSED, member->name, "it is setuid or setgid");
	if (!member_name_parse(&u->names, member->name, member->kind == TAR_DIRECTORY, &name, &why))
		return refuse(&u->refusal, EXIT_REFUSED, member->name, "%s", why);
	if (name.kind == MEMBER_IS_DIRECTORY)
		return ++u->directories <= MAX_DIRECTORIES ||
		       refuse(&u->refusal, EXIT_REFUSED, member->name, "there are too many directories");
	if (name.dimension_id != 0 && name.dimension_id != u->dimension_id &&
	    !begin_dimension(u, member, name.dimension_id))
		return false;
	if (!check_size(u, member, &name))
		return false;
	if (name.kind != MEMBER_IS_SUMS && name.kind != MEMBER_IS_MANIFEST)
		return write_file(u, member, &name);
	texts = name.dimension_id != 0 ? &u->dimension_texts : &u->texts;
	if (!read_text(u, member, name.path, texts, name.kind == MEMBER_IS_SUMS ? &texts->sums : &texts->manifest))
		return false;
	if (name.dimension_id != 0 || name.kind == MEMBER_IS_SUMS)
		return true;
	below = refusal_below(u);
	if (!received_manifest(&below, &u->texts.manifest, &u->manifest))
		return false;
	u->promised = manifest_find(&u->manifest, u->dimension_id);
	return true;
}

/* --- a dimension, and all --- */

static void forget_dimension(struct unpacking *u)
{
	char name[16];

	if (u->dimension_id == 0)
		return;
	fs_remove_tree(u->at, volume_dimension_name(u->dimension_id, name));
	arena_free(&u->dimension_texts.arena);
	memset(&u->dimension_texts, 0, sizeof(u->dimension_texts));
	manifest_free(&u->dimension);
	u->dimension_id = 0;
	u->promised = NULL;
	u->layer_files = 0;
	u->has_layers_directory = false;
}

/* Proves what was read of the present dimension, hands it over, and adds it to what was read in all. */
static bool finish_dimension(struct unpacking *u)
{
	const struct unpack_options *options = u->options;
	struct refusal below = refusal_below(u);

	if (u->dimension_id == 0)
		return true;
	if (!received_dimension(&below, u->at, &u->dimension, &u->dimension_texts, u->promised, options->settings,
				options->quick))
		return false;
	manifest_add_copy(&u->ret->manifest, &u->dimension.dimensions[0]);
	if (options->take != NULL && !options->take(options->context, &u->dimension.dimensions[0]))
		return false;
	forget_dimension(u);
	return true;
}

static bool read_all(struct unpacking *u)
{
	struct tar_member member;
	struct refusal below;
	enum tar_result result;

	while ((result = tar_reader_next(u->reader, &member)) == TAR_MEMBER)
		if (!take_member(u, &member))
			return false;
	if (result == TAR_WRONG)
		return refuse_archive(u);
	if (!finish_dimension(u))
		return false;
	tar_reader_facts(u->reader, &u->ret->facts);
	manifest_finish(&u->ret->manifest);
	u->ret->is_complete = u->texts.manifest.is_there;
	u->ret->prefix = arena_copy(&u->ret->manifest.arena, u->names.prefix, u->names.prefix_size);
	below = refusal_below(u);
	return received_generation(&below, &u->ret->manifest, &u->manifest, &u->texts);
}

bool unpack(const char *path, int fd, uint64_t offset, uint64_t size, int dirfd, const struct unpack_options *options,
	    struct diag *diag, struct unpacked *ret)
{
	struct unpacking u = {
		.refusal = {diag, path, options->consequence, NULL}, .options = options, .ret = ret, .at = -1};
	bool ok = false;

	memset(ret, 0, sizeof(*ret));
	if (fs_remove_tree(dirfd, UNPACK_DIRECTORY) != 0 || mkdirat(dirfd, UNPACK_DIRECTORY, 0700) != 0 ||
	    (u.at = fs_open_own_dir(dirfd, UNPACK_DIRECTORY)) < 0) {
		cannot_write(&u, UNPACK_DIRECTORY, errno);
	} else {
		u.buffer = mem_alloc(PIECE);
		u.reader = tar_reader_new(fd, offset, size);
		progress_begin_bytes(options->progress, "reading", size);
		trace_begin(TRACE_UNPACK, NULL);
		ok = read_all(&u);
		trace_end(TRACE_UNPACK);
		tar_reader_free(u.reader);
		free(u.buffer);
		forget_dimension(&u);
	}
	if (u.at >= 0)
		close(u.at);
	/* It stands where the generation is staged, and must not be published with it. */
	if (fs_remove_tree(dirfd, UNPACK_DIRECTORY) != 0 && ok) {
		refuse_system(&u.refusal, "remove", UNPACK_DIRECTORY, errno);
		ok = false;
	}
	arena_free(&u.texts.arena);
	manifest_free(&u.manifest);
	return ok;
}

void unpacked_free(struct unpacked *unpacked)
{
	manifest_free(&unpacked->manifest);
}
