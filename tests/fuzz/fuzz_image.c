/*
 * fuzz_image.c: the documents of container images from anybody, with digests that are right.
 * In: parts, each behind a line `=NAME`. What is called `=` alone is a blob. In the text of a part, @3 and #3 stand for
 * the digest and the size of the third one, if it comes later. Out: nothing while an archive of them is refused with a
 * reason, or its layer is one of the parts, whole.
 */
#include <string.h>

#include "../../compiler/image_read.h"
#include "scratch.h"

enum { MOST_PARTS = 9, LONGEST_NAME = 90 };

struct part {
	char name[LONGEST_NAME + 1];
	const char *text;
	size_t size;
	struct buf made; /* with digests and sizes */
	struct digest digest;
};

static struct memory_file file;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	memory_file_new(&file);
	return 0;
}

/* The parts of a text; what comes before the first name is none. */
static size_t split(const char *text, size_t size, struct part parts[MOST_PARTS])
{
	const char *end = text + size, *line, *next;
	size_t count = 0, length;

	for (line = text; line < end; line = next) {
		next = memchr(line, '\n', (size_t)(end - line));
		next = next == NULL ? end : next + 1;
		if (*line != '=') {
			if (count > 0)
				parts[count - 1].size = (size_t)(next - parts[count - 1].text);
			continue;
		}
		if (count == MOST_PARTS)
			break;
		length = (size_t)(next - line) - 1 - (next[-1] == '\n');
		length = length > LONGEST_NAME ? LONGEST_NAME : length;
		parts[count] = (struct part){.text = next};
		memcpy(parts[count++].name, line + 1, length);
	}
	return count;
}

static void make_part(struct part *parts, size_t count, size_t self)
{
	struct part *part = &parts[self];
	char hex[DIGEST_HEX_SIZE];
	size_t i, other;

	for (i = 0; i < part->size; i++) {
		other = i + 1 < part->size ? (size_t)(part->text[i + 1] - '1') : count;
		if ((part->text[i] != '@' && part->text[i] != '#') || other <= self || other >= count) {
			buf_add(&part->made, part->text + i, 1);
			continue;
		}
		digest_hex(&parts[other].digest, hex);
		if (part->text[i++] == '@')
			buf_puts(&part->made, hex);
		else
			buf_printf(&part->made, "%zu", parts[other].made.size);
	}
	digest_of(part->made.bytes, part->made.size, &part->digest);
	if (*part->name == '\0')
		image_blob_name(&part->digest, part->name);
}

static bool add(void *context, const void *bytes, size_t size)
{
	buf_add(context, bytes, size);
	return true;
}

static bool write_archive(struct part *parts, size_t count, struct buf *ret)
{
	struct tar_writer *writer = tar_writer_new(add, ret);
	size_t i;

	for (i = 0; i < count; i++) {
		tar_add_file(writer, parts[i].name, parts[i].made.size, 0);
		tar_add_bytes(writer, parts[i].made.bytes, parts[i].made.size);
	}
	return tar_writer_end(writer) == NULL;
}

static void read_archive(const struct buf *archive, const struct part *parts, size_t count)
{
	struct diag *diag = diag_new();
	struct refusal refusal = {.diag = diag, .path = "fuzz", .consequence = ""};
	struct image_layer layer;
	size_t i;
	bool ok;

	memory_file_set(&file, archive->bytes, archive->size);
	ok = image_find_layer(file.fd, 0, archive->size, &refusal, NULL, &layer);
	CHECK(ok == (diag_errors(diag) == 0));
	CHECK(ok || diag_status(diag) == EXIT_DAMAGED || diag_status(diag) == EXIT_REFUSED);
	if (ok && layer.is_there) {
		CHECK(layer.offset <= archive->size && layer.size <= archive->size - layer.offset);
		for (i = 0; i < count; i++)
			if (parts[i].made.size == layer.size &&
			    (layer.size == 0 ||
			     memcmp(parts[i].made.bytes, archive->bytes + layer.offset, layer.size) == 0))
				break;
		CHECK(i < count && (layer.has_digest || layer.has_diff_id));
		CHECK(!layer.has_digest || digest_equal(&layer.digest, &parts[i].digest));
	}
	diag_free(diag);
}

static void test_one(const uint8_t *data, size_t size)
{
	struct part parts[MOST_PARTS];
	size_t count = split((const char *)data, size, parts), i;
	struct buf archive = {0};

	for (i = count; i-- > 0;)
		make_part(parts, count, i);
	if (write_archive(parts, count, &archive) && archive.size > 0)
		read_archive(&archive, parts, count);
	for (i = 0; i < count; i++)
		buf_free(&parts[i].made);
	buf_free(&archive);
}
