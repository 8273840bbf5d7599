/*
 * image_oci.c: from an OCI archive's index.json to the layer of its images.
 * In: the files of an archive, from anyone.
 * Out: the layer that every image in it has, each document on the way proven by its digest.
 *
 * index.json names documents, and these may name further ones: an index names a manifest for each platform, a manifest
 * names layers.
 */
#include "image_oci.h"

#include <stdlib.h>
#include <string.h>

#include "document.h"

enum { MAX_DOCUMENTS = 256 };

/* What a document says of a blob. */
struct descriptor {
	const char *named_by; /* that document */
	bool has_digest, has_size;
	struct digest digest;
	uint64_t size;
	const char *media_type; /* while the document is being read */
};

struct finding {
	const struct image_members *members;
	const struct refusal *refusal;
	struct image_layer *ret;
	/* The document that is being read, and what it names. */
	const char *name;
	bool has_layers, has_manifests;
	size_t layer_count;
	struct descriptor layer;
	/* Documents to be read, each once. */
	struct descriptor *queue;
	size_t queued, capacity;
};

static bool refuse_document(const struct finding *f, const char *why)
{
	return refuse(f->refusal, EXIT_DAMAGED, f->name, "%s", why);
}

static const struct image_member *find_blob(const struct finding *f, const struct descriptor *d)
{
	char name[IMAGE_BLOB_NAME];
	const struct image_member *member;

	member = image_members_find(f->members, image_blob_name(&d->digest, name));
	if (member == NULL) {
		refuse(f->refusal, EXIT_DAMAGED, d->named_by, "it names %s, which is not in the archive", name);
	} else if (member->size != d->size) {
		refuse(f->refusal, EXIT_DAMAGED, member->name, "it has %llu bytes, but in %s %llu",
		       (unsigned long long)member->size, d->named_by, (unsigned long long)d->size);
		member = NULL;
	}
	return member;
}

static void take_descriptor_member(struct document *document, const struct yaml_event *key,
				   const struct yaml_event *value, void *object)
{
	struct descriptor *d = object;

	if (document_is_key(key, "digest")) {
		document_digest(document, value, &d->digest);
		d->has_digest = true;
	} else if (document_is_key(key, "size")) {
		d->size = document_number(document, value);
		d->has_size = true;
	} else if (document_is_key(key, "mediaType") && value->kind == YAML_SCALAR) {
		d->media_type = value->text.bytes;
	}
	yaml_skip(document->events, value);
}

static struct descriptor take_descriptor(struct document *document, const struct yaml_event *value)
{
	const struct finding *f = document->context;
	struct descriptor d = {.named_by = f->name, .media_type = ""};

	document_each_member(document, value, take_descriptor_member, &d);
	if (!d.has_digest || !d.has_size)
		document_fail(document, "it names a blob without digest or size");
	return d;
}

static void take_layer(struct document *document, const struct yaml_event *value, void *object)
{
	struct finding *f = document->context;

	(void)object;
	f->layer = take_descriptor(document, value);
	f->layer_count++;
}

/* The platforms of an image may share a document. */
static void take_manifest(struct document *document, const struct yaml_event *value, void *object)
{
	struct finding *f = document->context;
	struct descriptor d = take_descriptor(document, value);
	size_t i;

	(void)object;
	for (i = 0; i < f->queued; i++)
		if (digest_equal(&f->queue[i].digest, &d.digest))
			return;
	if (f->queued == MAX_DOCUMENTS) {
		document_fail(document, "the archive names too many images");
		return;
	}
	f->queue = mem_reserve(f->queue, f->queued, &f->capacity, sizeof(*f->queue));
	f->queue[f->queued++] = d;
}

/* An index has manifests, a manifest has layers, whatever their media types say. */
static void take_member(struct document *document, const struct yaml_event *key, const struct yaml_event *value,
			void *object)
{
	struct finding *f = document->context;
	bool *has;

	(void)object;
	if (!document_is_key(key, "manifests") && !document_is_key(key, "layers")) {
		yaml_skip(document->events, value);
		return;
	}
	has = document_is_key(key, "layers") ? &f->has_layers : &f->has_manifests;
	if (*has)
		document_fail(document, "it has the same name twice");
	*has = true;
	document_each_element(document, value, has == &f->has_layers ? take_layer : take_manifest, NULL);
}

static void take_top(struct document *document, const struct yaml_event *value, void *object)
{
	document_each_member(document, value, take_member, object);
}

static bool use_manifest(struct finding *f)
{
	const struct image_member *member;

	if (!image_layer_check_count(f->layer_count, f->name, f->refusal))
		return false;
	if (strstr(f->layer.media_type, "zstd") != NULL || strstr(f->layer.media_type, "encrypted") != NULL)
		return refuse(f->refusal, EXIT_DAMAGED, f->name,
			      "its layer is %.100s; only gzip, or no compression, is read", f->layer.media_type);
	member = find_blob(f, &f->layer);
	if (member == NULL || !image_layer_use(f->ret, member, f->name, f->refusal))
		return false;
	f->ret->has_digest = true;
	f->ret->digest = f->layer.digest;
	return true;
}

/* `digest` NULL: it is index.json, which nothing vouches for. */
static bool read_document(struct finding *f, const struct image_member *member, const struct digest *digest)
{
	struct arena arena = {0};
	const char *why;
	char *text;
	bool ok;

	f->name = member->name;
	f->has_layers = f->has_manifests = false;
	f->layer_count = 0;
	ok = image_members_text(f->members, member, digest, f->refusal, &arena, &text);
	if (ok && !document_read(text, (size_t)member->size, &arena, take_top, f, &why))
		ok = refuse_document(f, why);
	if (ok && f->has_layers == f->has_manifests)
		ok = refuse_document(f, "it is neither an image index nor an image manifest");
	ok = ok && (!f->has_layers || use_manifest(f));
	arena_free(&arena);
	return ok;
}

bool image_oci_find(const struct image_members *members, const struct image_member *index,
		    const struct refusal *refusal, struct image_layer *ret)
{
	struct finding f = {.members = members, .refusal = refusal, .ret = ret};
	const struct image_member *member;
	bool ok = read_document(&f, index, NULL);
	size_t i;

	for (i = 0; ok && i < f.queued; i++) {
		struct descriptor d = f.queue[i]; /* the queue may move */

		member = find_blob(&f, &d);
		ok = member != NULL && read_document(&f, member, &d.digest);
	}
	free(f.queue);
	return ok && (ret->is_there || refuse(refusal, EXIT_DAMAGED, index->name, "it names no image"));
}
