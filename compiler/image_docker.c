/*
 * image_docker.c: from the manifest.json of `docker save` to the layer of its images.
 * In: the files of an archive, from anyone.
 * Out: the layer that every image in it has, and the digest that their configurations state for it.
 */
#include "image_docker.h"

#include <stdlib.h>
#include <string.h>

#include "document.h"

enum { MAX_IMAGES = 256 };

struct finding {
	const struct image_members *members;
	const struct refusal *refusal;
	struct arena arena;
	struct image_layer *ret;
	const char *name; /* of the document that is being read */
	struct docker_image *images;
	size_t count, capacity;
};

static bool refuse_document(const struct finding *f, const char *why)
{
	return refuse(f->refusal, EXIT_DAMAGED, f->name, "%s", why);
}

struct docker_image {
	const char *config, *layer;
	size_t layer_count, diff_count;
	struct digest diff_id;
};

static void take_path(struct document *document, const struct yaml_event *value, void *object)
{
	struct docker_image *image = object;

	if (value->kind != YAML_SCALAR)
		document_fail(document, "expected the name of a layer");
	else
		image->layer = value->text.bytes;
	image->layer_count++;
	yaml_skip(document->events, value);
}

static void take_image_member(struct document *document, const struct yaml_event *key, const struct yaml_event *value,
			      void *object)
{
	struct docker_image *image = object;

	if (document_is_key(key, "Layers")) {
		document_each_element(document, value, take_path, image);
		return;
	}
	if (document_is_key(key, "Config") && value->kind == YAML_SCALAR)
		image->config = value->text.bytes;
	yaml_skip(document->events, value);
}

static void take_diff_id(struct document *document, const struct yaml_event *value, void *object)
{
	struct docker_image *image = object;

	document_digest(document, value, &image->diff_id);
	image->diff_count++;
	yaml_skip(document->events, value);
}

static void take_rootfs_member(struct document *document, const struct yaml_event *key, const struct yaml_event *value,
			       void *object)
{
	if (document_is_key(key, "diff_ids"))
		document_each_element(document, value, take_diff_id, object);
	else
		yaml_skip(document->events, value);
}

static void take_config_member(struct document *document, const struct yaml_event *key, const struct yaml_event *value,
			       void *object)
{
	if (document_is_key(key, "rootfs"))
		document_each_member(document, value, take_rootfs_member, object);
	else
		yaml_skip(document->events, value);
}

static void take_config(struct document *document, const struct yaml_event *value, void *object)
{
	(void)object;
	document_each_member(document, value, take_config_member, document->context);
}

/* A name in manifest.json is a name in the archive, and nothing else. */
static const struct image_member *find_file(const struct finding *f, const char *name)
{
	const struct image_member *member = NULL;

	while (name[0] == '.' && name[1] == '/')
		name += 2;
	if (name[0] == '/' || strncmp(name, "../", 3) == 0 || strstr(name, "/../") != NULL)
		refuse(f->refusal, EXIT_REFUSED, f->name, "it names %.200s, which leads out of the archive", name);
	else if ((member = image_members_find(f->members, name)) == NULL)
		refuse(f->refusal, EXIT_DAMAGED, f->name, "it names %.200s, which is not in the archive", name);
	return member;
}

/* The digest that the name of a configuration states: blobs/sha256/HEX, sha256:HEX, HEX.json. */
static bool digest_in_name(const char *name, struct digest *ret)
{
	const char *slash = strrchr(name, '/');

	if (slash != NULL)
		name = slash + 1;
	if (strncmp(name, "sha256:", 7) == 0)
		name += 7;
	return strlen(name) >= DIGEST_HEX_SIZE - 1 && digest_parse(name, DIGEST_HEX_SIZE - 1, ret);
}

static void take_image(struct document *document, const struct yaml_event *value, void *object)
{
	struct finding *f = document->context;
	struct docker_image image = {0};

	(void)object;
	document_each_member(document, value, take_image_member, &image);
	if (f->count == MAX_IMAGES) {
		document_fail(document, "the archive names too many images");
		return;
	}
	f->images = mem_reserve(f->images, f->count, &f->capacity, sizeof(*f->images));
	f->images[f->count++] = image;
}

static void take_top(struct document *document, const struct yaml_event *value, void *object)
{
	document_each_element(document, value, take_image, object);
}

/* The configuration states what the layer is when it is not compressed. */
static bool use_config(struct finding *f, const struct image_member *config, struct docker_image *image)
{
	struct digest digest;
	const char *why;
	char *text;

	f->name = config->name;
	if (!image_members_text(f->members, config, digest_in_name(config->name, &digest) ? &digest : NULL, f->refusal,
				&f->arena, &text))
		return false;
	if (!document_read(text, (size_t)config->size, &f->arena, take_config, image, &why))
		return refuse_document(f, why);
	if (image->diff_count != 1)
		return refuse_document(f, "it has not one diff_id, for the one layer");
	if (f->ret->has_diff_id && !digest_equal(&f->ret->diff_id, &image->diff_id))
		return refuse_document(f, "it states another digest for the layer than the other configurations");
	f->ret->has_diff_id = true;
	f->ret->diff_id = image->diff_id;
	return true;
}

static bool use_image(struct finding *f, struct docker_image *image)
{
	const struct image_member *config, *layer;

	if (!image_layer_check_count(image->layer_count, f->name, f->refusal))
		return false;
	if (image->config == NULL)
		return refuse_document(f, "it names no configuration");
	layer = find_file(f, image->layer);
	if (layer == NULL || !image_layer_use(f->ret, layer, f->name, f->refusal))
		return false;
	config = find_file(f, image->config);
	return config != NULL && use_config(f, config, image);
}

bool image_docker_find(const struct image_members *members, const struct image_member *manifest,
		       const struct refusal *refusal, struct image_layer *ret)
{
	struct finding f = {.members = members, .refusal = refusal, .ret = ret, .name = manifest->name};
	const char *why;
	char *text;
	size_t i;
	bool ok;

	ok = image_members_text(members, manifest, NULL, refusal, &f.arena, &text);
	if (ok && !document_read(text, (size_t)manifest->size, &f.arena, take_top, &f, &why))
		ok = refuse_document(&f, why);
	if (ok && f.count == 0)
		ok = refuse_document(&f, "it names no image");
	for (i = 0; ok && i < f.count; i++) {
		f.name = manifest->name;
		ok = use_image(&f, &f.images[i]);
	}
	free(f.images);
	arena_free(&f.arena);
	return ok;
}
