/*
 * image_write.c: the archive of a data image, for every tool that reads one.
 * In: a compressed layer in a file, and what is known of it.
 * Out: one tar that is an OCI image layout and an archive of `docker save` at once, with an index for amd64 and arm64;
 * the same bytes for the same layer.
 */
#include "image_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs.h"
#include "image_members.h"
#include "image_text.h"
#include "tar.h"

enum { PIECE = 256 * 1024 };

/* --- writing --- */

struct sink {
	int fd, error;
	uint64_t size;
	struct digest_state *digest;
};

static bool take_bytes(void *context, const void *bytes, size_t size)
{
	struct sink *sink = context;

	if (fs_write_all(sink->fd, bytes, size) != 0) {
		sink->error = errno;
		return false;
	}
	digest_add(sink->digest, bytes, size);
	sink->size += size;
	return true;
}

static void add_text(struct tar_writer *tar, const char *name, const struct buf *text, int64_t mtime)
{
	tar_add_file(tar, name, text->size, mtime);
	tar_add_bytes(tar, text->bytes, text->size);
}

static void add_blob(struct tar_writer *tar, const struct image_text *text, int64_t mtime)
{
	char name[IMAGE_BLOB_NAME];

	add_text(tar, image_blob_name(&text->digest, name), &text->json, mtime);
}

/* 0 or errno. What is copied must be what was compressed. */
static int add_layer(struct tar_writer *tar, int fd, const struct image *image)
{
	struct digest_state *state = digest_new();
	char *buffer = mem_alloc(PIECE), name[IMAGE_BLOB_NAME];
	struct digest digest;
	uint64_t at = 0;
	int error = 0;

	tar_add_file(tar, image_blob_name(&image->layer, name), image->layer_size, image->created);
	while (at < image->layer_size && error == 0 && !tar_writer_failed(tar)) {
		uint64_t rest = image->layer_size - at;
		ssize_t n = pread(fd, buffer, rest < PIECE ? (size_t)rest : PIECE, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			error = n < 0 ? errno : EBADMSG;
			break;
		}
		digest_add(state, buffer, (size_t)n);
		tar_add_bytes(tar, buffer, (size_t)n);
		at += (uint64_t)n;
	}
	digest_end(state, &digest);
	digest_free(state);
	free(buffer);
	return error != 0 || tar_writer_failed(tar) || digest_equal(&digest, &image->layer) ? error : EBADMSG;
}

/* The texts first, so that whoever reads the archive as a stream knows what the layer is when it comes. */
static int add_members(struct tar_writer *tar, int layer_fd, const struct image *image, const struct image_texts *texts)
{
	size_t i;

	add_text(tar, IMAGE_LAYOUT, &texts->layout.json, image->created);
	add_text(tar, IMAGE_INDEX, &texts->top.json, image->created);
	add_text(tar, IMAGE_DOCKER, &texts->docker.json, image->created);
	tar_add_directory(tar, "blobs/", image->created);
	tar_add_directory(tar, IMAGE_BLOBS, image->created);
	add_blob(tar, &texts->index, image->created);
	for (i = 0; i < IMAGE_PLATFORMS; i++) {
		add_blob(tar, &texts->manifests[i], image->created);
		add_blob(tar, &texts->configs[i], image->created);
	}
	return add_layer(tar, layer_fd, image);
}

int image_write(int fd, int layer_fd, const struct image *image, struct image_archive *ret)
{
	struct sink sink = {.fd = fd, .digest = digest_new()};
	struct tar_writer *tar = tar_writer_new(take_bytes, &sink);
	struct image_texts texts;
	int error;

	image_texts_write(image, &texts);
	error = add_members(tar, layer_fd, image, &texts);
	if (tar_writer_end(tar) != NULL && error == 0)
		error = sink.error != 0 ? sink.error : EFBIG;
	ret->image = texts.index.digest;
	ret->size = sink.size;
	digest_end(sink.digest, &ret->digest);
	digest_free(sink.digest);
	image_texts_free(&texts);
	return error;
}

/* --- proving --- */

/* Whether the present member, if it is a blob, holds what its name says. */
static bool is_sound(struct tar_reader *reader, const struct tar_member *member, char *buffer)
{
	struct digest named, found;
	struct digest_state *state;
	ptrdiff_t n;

	if (member->kind != TAR_FILE || strncmp(member->name, IMAGE_BLOBS, strlen(IMAGE_BLOBS)) != 0)
		return true;
	if (!digest_parse(member->name + strlen(IMAGE_BLOBS), strlen(member->name + strlen(IMAGE_BLOBS)), &named))
		return false;
	state = digest_new();
	while ((n = tar_reader_read(reader, buffer, PIECE)) > 0)
		digest_add(state, buffer, (size_t)n);
	digest_end(state, &found);
	digest_free(state);
	return n == 0 && digest_equal(&named, &found);
}

int image_prove(int fd, const struct image_archive *archive)
{
	char *buffer = mem_alloc(PIECE);
	struct tar_reader *reader;
	struct tar_member member;
	struct tar_facts facts;
	enum tar_result result;
	int error = 0;

	/* What the page cache holds proves nothing about the disk. */
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	reader = tar_reader_new(fd, 0, archive->size);
	while ((result = tar_reader_next(reader, &member)) == TAR_MEMBER && is_sound(reader, &member, buffer))
		;
	if (result == TAR_END) {
		tar_reader_facts(reader, &facts);
		error = digest_equal(&facts.file_digest, &archive->digest) ? 0 : EBADMSG;
	} else {
		tar_reader_problem(reader, &error);
		error = error != 0 ? error : EBADMSG;
	}
	tar_reader_free(reader);
	free(buffer);
	return error;
}
