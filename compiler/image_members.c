/*
 * image_members.c: the files in the archive of a container image, by name.
 * In: a part of a file, from anyone.
 * Out: where in it each file of the image lies; texts, proven by their digests; or that it is no image.
 */
#include "image_members.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "member.h"

const char *image_blob_name(const struct digest *digest, char ret[IMAGE_BLOB_NAME])
{
	memcpy(ret, IMAGE_BLOBS, strlen(IMAGE_BLOBS)); /* NOLINT(bugprone-not-null-terminated-result): more follows */
	digest_hex(digest, ret + strlen(IMAGE_BLOBS));
	return ret;
}

enum kind { UNKNOWN, OF_IMAGE, OF_GENERATION };

/* `docker save` and `podman save` name files and directories by 64 hexadecimal digits. */
static bool begins_with_digest(const char *name)
{
	struct digest digest;

	return strlen(name) >= DIGEST_HEX_SIZE - 1 && digest_parse(name, DIGEST_HEX_SIZE - 1, &digest);
}

/* What a file says about the archive that it is in. manifest.json and index.json say nothing: generations have them. */
static enum kind kind_of(const char *name)
{
	struct member_names names = {0};
	struct member_name parsed;
	const char *why;

	if (strcmp(name, IMAGE_LAYOUT) == 0 || strcmp(name, "repositories") == 0 ||
	    strncmp(name, "blobs/", strlen("blobs/")) == 0 || begins_with_digest(name))
		return OF_IMAGE;
	if (strcmp(name, MEMBER_MANIFEST) != 0 && member_name_parse(&names, name, false, &parsed, &why))
		return OF_GENERATION;
	return UNKNOWN;
}

static bool leads_upwards(const char *name)
{
	const char *at;

	for (at = name; at != NULL; at = strchr(at, '/')) {
		at += *at == '/';
		if (strncmp(at, "..", 2) == 0 && (at[2] == '/' || at[2] == '\0'))
			return true;
	}
	return false;
}

static const char *without_dot(const char *name)
{
	while (name[0] == '.' && name[1] == '/')
		name += 2;
	return name;
}

/* Nothing is written under these names; but whoever chooses such ones has no good in mind. */
static bool add_member(struct image_members *m, const struct tar_member *member, const struct refusal *refusal)
{
	const char *name = without_dot(member->name);
	struct image_member *to;

	if (name[0] == '/')
		return refuse(refusal, EXIT_REFUSED, member->name, "an absolute name");
	if (leads_upwards(name))
		return refuse(refusal, EXIT_REFUSED, member->name, "its name leads upwards (..)");
	if (strlen(name) >= MEMBER_MAX_NAME)
		return refuse(refusal, EXIT_REFUSED, NULL, "a member's name is too long");
	m->list = mem_reserve(m->list, m->count, &m->capacity, sizeof(*m->list));
	to = &m->list[m->count++];
	to->name = arena_copy(&m->arena, name, strlen(name));
	to->offset = member->offset;
	to->size = member->size;
	return true;
}

/* Which of the problems of an archive that is perhaps an image are ours to tell. */
static bool refuse_archive(const struct tar_reader *reader, const struct refusal *refusal)
{
	int number;
	const char *problem = tar_reader_problem(reader, &number);

	if (number != 0)
		return refuse_system(refusal, "read", "it", number);
	return refuse(refusal, EXIT_DAMAGED, NULL, "%s", problem);
}

static bool refuse_compressed(const struct refusal *refusal)
{
	refuse(refusal, EXIT_DAMAGED, NULL, "it is an image in a compressed archive, which cannot be read in place");
	diag_help(refusal->diag, "gunzip it first");
	return false;
}

/*
 * Goes through the members, until one shows that it is no image, and only up to the first file of what is compressed:
 * there, passing over a member costs what it unpacks to.
 */
static bool scan(struct image_members *m, struct tar_reader *reader, bool is_compressed, const struct refusal *refusal,
		 struct progress *progress)
{
	struct tar_member member;
	enum tar_result result;
	size_t count = 0;

	while ((result = tar_reader_next(reader, &member)) == TAR_MEMBER) {
		enum kind kind = member.kind == TAR_FILE ? kind_of(without_dot(member.name)) : UNKNOWN;

		m->is_image = m->is_image || kind == OF_IMAGE;
		if (is_compressed && m->is_image)
			return refuse_compressed(refusal);
		if (kind == OF_GENERATION || (is_compressed && member.kind == TAR_FILE)) {
			m->is_image = false;
			return true;
		}
		if (++count > IMAGE_MAX_MEMBERS)
			return !m->is_image ||
			       refuse(refusal, EXIT_REFUSED, NULL, "more than %d members", IMAGE_MAX_MEMBERS);
		if (member.kind == TAR_FILE && !add_member(m, &member, refusal))
			return false;
		progress_bytes(progress, tar_reader_position(reader));
	}
	if (result == TAR_WRONG)
		return !m->is_image || refuse_archive(reader, refusal);
	tar_reader_facts(reader, &m->facts);
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct image_member *)a)->name, ((const struct image_member *)b)->name);
}

/* An archive of `docker save` has nothing but its manifest.json for a sign: an array, and a generation's is none. */
static bool has_docker_manifest(const struct image_members *m)
{
	const struct image_member *manifest = image_members_find(m, IMAGE_DOCKER);
	char first;

	return manifest != NULL && manifest->size > 0 && pread(m->fd, &first, 1, (off_t)manifest->offset) == 1 &&
	       first == '[';
}

bool image_members_read(struct image_members *m, int fd, uint64_t offset, uint64_t size, const struct refusal *refusal,
			struct progress *progress)
{
	unsigned char head[2] = {0};
	bool is_compressed, ok;
	struct tar_reader *reader;
	size_t i;

	memset(m, 0, sizeof(*m));
	m->fd = fd;
	is_compressed =
		pread(fd, head, sizeof(head), (off_t)offset) == sizeof(head) && head[0] == 0x1f && head[1] == 0x8b;
	reader = tar_reader_new(fd, offset, size);
	progress_begin_bytes(progress, "looking", size);
	ok = scan(m, reader, is_compressed, refusal, progress);
	tar_reader_free(reader);
	if (!ok)
		return false;
	for (i = 0; i < m->count; i++)
		m->list[i].offset += offset;
	if (m->count > 0)
		qsort(m->list, m->count, sizeof(*m->list), by_name);
	m->is_image = m->is_image || has_docker_manifest(m);
	for (i = 1; m->is_image && i < m->count; i++)
		if (strcmp(m->list[i - 1].name, m->list[i].name) == 0)
			return refuse(refusal, EXIT_REFUSED, m->list[i].name, "it is there twice");
	return true;
}

const struct image_member *image_members_find(const struct image_members *m, const char *name)
{
	struct image_member key = {.name = name};

	return m->count == 0 ? NULL : bsearch(&key, m->list, m->count, sizeof(*m->list), by_name);
}

bool image_members_text(const struct image_members *m, const struct image_member *member, const struct digest *digest,
			const struct refusal *refusal, struct arena *arena, char **ret)
{
	struct digest found;
	char *bytes;
	size_t got = 0;
	ssize_t n = 0;

	if (member->size > IMAGE_MAX_TEXT)
		return refuse(refusal, EXIT_REFUSED, member->name, "too large for a text: %llu bytes",
			      (unsigned long long)member->size);
	bytes = arena_alloc(arena, (size_t)member->size + 1);
	while (got < member->size) {
		n = pread(m->fd, bytes + got, (size_t)member->size - got, (off_t)(member->offset + got));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		got += (size_t)n;
	}
	if (n < 0)
		return refuse_system(refusal, "read", member->name, errno);
	digest_of(bytes, got, &found);
	if (got < member->size || (digest != NULL && !digest_equal(&found, digest)))
		return refuse(refusal, EXIT_DAMAGED, member->name, "its SHA-256 is another");
	*ret = bytes;
	return true;
}

void image_members_free(struct image_members *m)
{
	free(m->list);
	arena_free(&m->arena);
	memset(m, 0, sizeof(*m));
}
