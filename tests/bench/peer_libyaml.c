/*
 * peer_libyaml.c: what people write in C without dimc: libyaml's events, SHA-256 of every content, aligned files.
 * In: sources of corpus.c; a directory that does not exist.
 * Out: OUT/D01.mmap and the like: a table of layers, contents on pages of 4 KiB. One thread, no checks, no atomic step.
 */
#include <dirent.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>

enum { PAGE = 4096 };

struct layer {
	uint32_t id, keyword_count;
	double frequency;
	uint64_t offset, size;
	unsigned char digest[32];
	char *content;
};

static EVP_MD_CTX *context;
static EVP_MD *sha256;

static void die(const char *what)
{
	fprintf(stderr, "peer_libyaml: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void take_value(struct layer *layer, const char *key, const yaml_event_t *event)
{
	const char *value = (const char *)event->data.scalar.value;

	if (strcmp(key, "layer_id") == 0) {
		layer->id = (uint32_t)strtoul(value, NULL, 10);
	} else if (strcmp(key, "frequency") == 0) {
		layer->frequency = strtod(value, NULL);
	} else if (strcmp(key, "content") == 0) {
		layer->size = event->data.scalar.length;
		layer->content = malloc(layer->size);
		if (layer->content == NULL)
			die("memory");
		memcpy(layer->content, value, layer->size);
		EVP_DigestInit_ex2(context, sha256, NULL);
		EVP_DigestUpdate(context, layer->content, layer->size);
		EVP_DigestFinal_ex(context, layer->digest, NULL);
	}
}

static void read_layer(const char *path, struct layer *layer)
{
	FILE *file = fopen(path, "rb");
	yaml_parser_t parser;
	yaml_event_t event;
	yaml_event_type_t type;
	int in_list = 0;
	char key[64] = "";

	if (file == NULL)
		die(path);
	yaml_parser_initialize(&parser);
	yaml_parser_set_input_file(&parser, file);
	do {
		if (!yaml_parser_parse(&parser, &event)) {
			fprintf(stderr, "peer_libyaml: %s: %s\n", path, parser.problem);
			exit(1);
		}
		type = event.type;
		if (type == YAML_SEQUENCE_START_EVENT) {
			in_list = 1;
		} else if (type == YAML_SEQUENCE_END_EVENT) {
			in_list = 0;
			key[0] = '\0';
		} else if (type == YAML_SCALAR_EVENT && in_list) {
			layer->keyword_count++;
		} else if (type == YAML_SCALAR_EVENT && key[0] == '\0') {
			snprintf(key, sizeof(key), "%s", (const char *)event.data.scalar.value);
		} else if (type == YAML_SCALAR_EVENT) {
			take_value(layer, key, &event);
			key[0] = '\0';
		}
		yaml_event_delete(&event);
	} while (type != YAML_STREAM_END_EVENT);
	yaml_parser_delete(&parser);
	fclose(file);
}

static int by_id(const void *a, const void *b)
{
	const struct layer *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static uint64_t padded(uint64_t size)
{
	return (size + PAGE - 1) & ~(uint64_t)(PAGE - 1);
}

static void write_region(const char *path, struct layer *layers, size_t count)
{
	uint64_t table = padded(PAGE + count * sizeof(*layers)), at = table;
	static const char zeros[PAGE];
	FILE *file = fopen(path, "wb");
	size_t i;

	if (file == NULL)
		die(path);
	for (i = 0; i < count; i++) {
		layers[i].offset = at;
		at += padded(layers[i].size);
	}
	fwrite(zeros, 1, PAGE, file);
	fwrite(layers, sizeof(*layers), count, file);
	fwrite(zeros, 1, table - PAGE - count * sizeof(*layers), file);
	for (i = 0; i < count; i++) {
		fwrite(layers[i].content, 1, layers[i].size, file);
		fwrite(zeros, 1, padded(layers[i].size) - layers[i].size, file);
		free(layers[i].content);
	}
	if (ferror(file) || fclose(file) != 0)
		die(path);
}

static void pack_folder(const char *folder, const char *to)
{
	struct layer *layers = NULL;
	size_t count = 0, room = 0;
	char path[8192];
	DIR *stream = opendir(folder);
	struct dirent *entry;

	if (stream == NULL)
		die(folder);
	while ((entry = readdir(stream)) != NULL) {
		if (entry->d_name[0] == '.' || strcmp(entry->d_name, "dimension.yaml") == 0)
			continue;
		if (count == room) {
			room = room * 2 + 64;
			layers = realloc(layers, room * sizeof(*layers));
			if (layers == NULL)
				die("memory");
		}
		memset(&layers[count], 0, sizeof(*layers));
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		read_layer(path, &layers[count++]);
	}
	closedir(stream);
	if (count > 0)
		qsort(layers, count, sizeof(*layers), by_id);
	write_region(to, layers, count);
	free(layers);
}

int main(int argc, char **argv)
{
	char from[4096], to[4096];
	struct dirent *entry;
	DIR *stream;

	if (argc != 3) {
		fputs("usage: peer_libyaml SOURCES OUT\n", stderr);
		return 2;
	}
	context = EVP_MD_CTX_new();
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	stream = opendir(argv[1]);
	if (stream == NULL || context == NULL || sha256 == NULL || mkdir(argv[2], 0755) != 0)
		die(argv[1]);
	while ((entry = readdir(stream)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(from, sizeof(from), "%s/%s", argv[1], entry->d_name);
		snprintf(to, sizeof(to), "%s/%.3s.mmap", argv[2], entry->d_name);
		pack_folder(from, to);
	}
	closedir(stream);
	return 0;
}
