/*
 * image_text.c: the JSON documents of a data image.
 * In: what is known of its layer.
 * Out: the documents of the OCI image format (1.0) and of `docker save`, in a fixed order and style, with their
 * digests.
 */
#include "image_text.h"

#include <stdio.h>
#include <string.h>

#include "image_members.h"
#include "json.h"
#include "text.h"

#define MEDIA_INDEX "application/vnd.oci.image.index.v1+json"
#define MEDIA_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define MEDIA_CONFIG "application/vnd.oci.image.config.v1+json"
#define MEDIA_LAYER "application/vnd.oci.image.layer.v1.tar+gzip"

static const char *const architectures[IMAGE_PLATFORMS] = {"amd64", "arm64"};

static void begin(struct json *json, struct image_text *text)
{
	memset(text, 0, sizeof(*text));
	memset(json, 0, sizeof(*json));
	json->buf = &text->json;
	json_begin(json, NULL, '{');
}

static void end(struct json *json, struct image_text *text)
{
	json_end(json, '}');
	digest_of(text->json.bytes, text->json.size, &text->digest);
}

/* The same facts as labels of the container's configuration and as annotations of the manifest. Keys ascend. */
static void add_facts(struct json *json, const char *member, const struct image *image)
{
	char hex[DIGEST_HEX_SIZE], number[24], created[24], dimensions[48], layers[48];
	const struct manifest *manifest = image->manifest;
	struct buf text = {0};
	uint64_t layer_count = 0;
	size_t i;

	for (i = 0; i < manifest->count; i++)
		layer_count += manifest->dimensions[i].layer_count;
	json_begin(json, member, '{');
	json_string(json, "dimc.complete", image->is_complete ? "true" : "false");
	json_digest(json, "dimc.generation", &manifest->generation);
	json_digest(json, "dimc.identity", &image->identity);
	json_string(json, "dimc.version", DIM_VERSION);
	json_string(json, "org.opencontainers.image.created", text_time(image->created, created));
	buf_printf(&text, "%s, %s of dimensional layer data in /" IMAGE_VOLUME "consciousness",
		   text_count(manifest->count, "dimension", dimensions), text_count(layer_count, "layer", layers));
	json_text(json, "org.opencontainers.image.description", text.bytes, text.size);
	json_string(json, "org.opencontainers.image.title", "dimensions");
	digest_hex(&manifest->generation, hex);
	snprintf(number, sizeof(number), "%.12s", hex);
	json_string(json, "org.opencontainers.image.version", number);
	json_end(json, '}');
	buf_free(&text);
}

static void add_descriptor(struct json *json, const char *media_type, const struct digest *digest, uint64_t size)
{
	json_string(json, "mediaType", media_type);
	json_digest(json, "digest", digest);
	json_number(json, "size", size);
}

static void write_config(const struct image *image, const char *architecture, struct image_text *ret)
{
	char created[24];
	struct json json;

	text_time(image->created, created);
	begin(&json, ret);
	json_string(&json, "created", created);
	json_string(&json, "architecture", architecture);
	json_string(&json, "os", "linux");
	json_begin(&json, "config", '{');
	add_facts(&json, "Labels", image);
	json_end(&json, '}');
	json_begin(&json, "rootfs", '{');
	json_string(&json, "type", "layers");
	json_begin(&json, "diff_ids", '[');
	json_digest(&json, NULL, &image->identity);
	json_end(&json, ']');
	json_end(&json, '}');
	json_begin(&json, "history", '[');
	json_begin(&json, NULL, '{');
	json_string(&json, "created", created);
	json_string(&json, "created_by", "dimc bundle --format=oci");
	json_end(&json, '}');
	json_end(&json, ']');
	end(&json, ret);
}

static void write_manifest(const struct image *image, const struct image_text *config, struct image_text *ret)
{
	struct json json;

	begin(&json, ret);
	json_number(&json, "schemaVersion", 2);
	json_string(&json, "mediaType", MEDIA_MANIFEST);
	json_begin(&json, "config", '{');
	add_descriptor(&json, MEDIA_CONFIG, &config->digest, config->json.size);
	json_end(&json, '}');
	json_begin(&json, "layers", '[');
	json_begin(&json, NULL, '{');
	add_descriptor(&json, MEDIA_LAYER, &image->layer, image->layer_size);
	json_end(&json, '}');
	json_end(&json, ']');
	add_facts(&json, "annotations", image);
	end(&json, ret);
}

static void write_index(const struct image *image, const struct image_text *manifests, struct image_text *ret)
{
	struct json json;
	size_t i;

	begin(&json, ret);
	json_number(&json, "schemaVersion", 2);
	json_string(&json, "mediaType", MEDIA_INDEX);
	json_begin(&json, "manifests", '[');
	for (i = 0; i < IMAGE_PLATFORMS; i++) {
		json_begin(&json, NULL, '{');
		add_descriptor(&json, MEDIA_MANIFEST, &manifests[i].digest, manifests[i].json.size);
		json_begin(&json, "platform", '{');
		json_string(&json, "architecture", architectures[i]);
		json_string(&json, "os", "linux");
		json_end(&json, '}');
		json_end(&json, '}');
	}
	json_end(&json, ']');
	add_facts(&json, "annotations", image);
	end(&json, ret);
}

/* podman takes the name from the one annotation, containerd and Docker from the other. */
static void write_top(const struct image *image, const struct image_text *index, struct image_text *ret)
{
	struct json json;

	begin(&json, ret);
	json_number(&json, "schemaVersion", 2);
	json_string(&json, "mediaType", MEDIA_INDEX);
	json_begin(&json, "manifests", '[');
	json_begin(&json, NULL, '{');
	add_descriptor(&json, MEDIA_INDEX, &index->digest, index->json.size);
	json_begin(&json, "annotations", '{');
	json_string(&json, "io.containerd.image.name", image->name);
	json_string(&json, "org.opencontainers.image.ref.name", image->name);
	json_end(&json, '}');
	json_end(&json, '}');
	json_end(&json, ']');
	end(&json, ret);
}

/* One image: tools that read this format take an archive of several for several images, not for platforms. */
static void write_docker(const struct image *image, const struct image_text *config, struct image_text *ret)
{
	char name[IMAGE_BLOB_NAME];
	struct json json = {.buf = &ret->json};

	memset(ret, 0, sizeof(*ret));
	json_begin(&json, NULL, '[');
	json_begin(&json, NULL, '{');
	json_string(&json, "Config", image_blob_name(&config->digest, name));
	json_begin(&json, "RepoTags", '[');
	json_string(&json, NULL, image->name);
	json_end(&json, ']');
	json_begin(&json, "Layers", '[');
	json_string(&json, NULL, image_blob_name(&image->layer, name));
	json_end(&json, ']');
	json_end(&json, '}');
	json_end(&json, ']');
}

void image_texts_write(const struct image *image, struct image_texts *ret)
{
	struct json json;
	size_t i;

	begin(&json, &ret->layout);
	json_string(&json, "imageLayoutVersion", "1.0.0");
	end(&json, &ret->layout);
	for (i = 0; i < IMAGE_PLATFORMS; i++) {
		write_config(image, architectures[i], &ret->configs[i]);
		write_manifest(image, &ret->configs[i], &ret->manifests[i]);
	}
	write_index(image, ret->manifests, &ret->index);
	write_top(image, &ret->index, &ret->top);
	write_docker(image, &ret->configs[0], &ret->docker);
}

void image_texts_free(struct image_texts *texts)
{
	size_t i;

	buf_free(&texts->layout.json);
	buf_free(&texts->top.json);
	buf_free(&texts->docker.json);
	buf_free(&texts->index.json);
	for (i = 0; i < IMAGE_PLATFORMS; i++) {
		buf_free(&texts->manifests[i].json);
		buf_free(&texts->configs[i].json);
	}
}
