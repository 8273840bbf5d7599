/*
 * peer_files.c: a file for each layer, opened, read and closed for each lookup.
 * In: the corpus.
 * Out: a peer that knows layers alone.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"

static int root = -1;

static void name_of(char *ret, size_t size, uint32_t dimension_id, uint32_t layer_id)
{
	snprintf(ret, size, "D%02u/%05u", dimension_id, layer_id);
}

static void build(const struct corpus *corpus, const char *directory)
{
	char path[4096], name[32];
	size_t i;

	for (i = 0; i < corpus->key_count; i++) {
		const struct key *key = &corpus->keys[i];
		FILE *file;

		snprintf(path, sizeof(path), "%s/D%02u", directory, key->dimension_id);
		mkdir(path, 0777);
		name_of(name, sizeof(name), key->dimension_id, key->layer_id);
		snprintf(path, sizeof(path), "%s/%s", directory, name);
		file = fopen(path, "wx");
		NEED(file != NULL && fwrite(key->content.data, 1, key->content.size, file) == key->content.size);
		NEED(fclose(file) == 0);
	}
}

static void open_all(const char *directory)
{
	root = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	NEED(root >= 0);
}

static uint64_t layer(uint32_t dimension_id, uint32_t layer_id)
{
	static char buffer[1 << 16];
	char name[32];
	ssize_t size;
	int fd;

	name_of(name, sizeof(name), dimension_id, layer_id);
	fd = openat(root, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	size = pread(fd, buffer, sizeof(buffer), 0);
	close(fd);
	return size > 0 ? touched(buffer, (size_t)size) : 0;
}

const struct peer peer_files = {.name = "files", .build = build, .open = open_all, .layer = layer};
