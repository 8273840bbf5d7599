/*
 * prove_flips.c: what `dimc verify` says when one bit of one file of a generation is another.
 * In: the directory of a sound generation; a file in it, D01/region.mmap, D01/index.json or manifest.json.
 * Out: how many flips there were; no more while every bit of the file that flips is found and told, with its bytes and
 * its layer for a region.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../compiler/prove.h"
#include "../../include/dim.h"
#include "test.h"

struct flips {
	const char *directory, *file;
	int dirfd, fd;
	const struct dim_region *good; /* NULL: the file is no region */
	size_t count, wrong;
};

/* Whether one of the ranges that a message tells, "bytes 4 to 7" or "byte 5", holds a byte. */
static bool tells_byte(const char *text, unsigned long long at)
{
	while ((text = strstr(text, "byte")) != NULL) {
		unsigned long long first = 0, last = 0;

		if (sscanf(text, "bytes %llu to %llu", &first, &last) == 2) {
			if (at >= first && at <= last)
				return true;
		} else if (sscanf(text, "byte %llu", &first) == 1 && at == first) {
			return true;
		}
		text += 4;
	}
	return false;
}

static uint32_t owner(const struct dim_region *good, uint64_t at)
{
	const struct dim_layer *layer = NULL;
	uint32_t i;

	for (i = 0; i < dim_region_layer_count(good); i++) {
		CHECK(dim_region_layer_at(good, i, &layer) == DIM_OK);
		if (at >= dim_layer_offset(layer) && at - dim_layer_offset(layer) < dim_layer_slot_size(layer))
			return dim_layer_id(layer);
	}
	return 0;
}

static const char *judge(const struct flips *f, uint64_t at, enum exit_status status, const char *text)
{
	char want[64];
	uint32_t id;

	if (status == EXIT_DONE)
		return "it is not found";
	/* Where the version of the manifest becomes a later one, nobody can tell. */
	if (status != EXIT_DAMAGED && !(status == EXIT_VERSION && strcmp(f->file, "manifest.json") == 0))
		return "the status is not 5";
	if (f->good == NULL)
		return strstr(f->file, "index.json") == NULL || strstr(text, "index.json") != NULL
			       ? NULL
			       : "the file is not named";
	id = owner(f->good, at);
	snprintf(want, sizeof(want), id != 0 ? ": D%02u layer %u: " : ": D%02u: ", dim_region_dimension_id(f->good),
		 id);
	if (strstr(text, want) == NULL)
		return id != 0 ? "its dimension and layer are not named" : "its dimension is not named";
	return tells_byte(text, at) ? NULL : "no message has it in its bytes";
}

static void flip(struct flips *f, uint64_t at, int bit)
{
	struct settings settings = {.max_size = 10485760};
	struct prove_options options = {.settings = &settings, .jobs = 1};
	struct diag *diag = diag_new();
	struct proof proof;
	unsigned char byte, flipped;
	const char *what;
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);
	bool sound;

	f->count++;
	CHECK(stream != NULL);
	CHECK(pread(f->fd, &byte, 1, (off_t)at) == 1);
	flipped = (unsigned char)(byte ^ 1 << bit);
	CHECK(pwrite(f->fd, &flipped, 1, (off_t)at) == 1);
	prove_directory(f->dirfd, f->directory, &options, &proof);
	sound = proof_report(&proof, diag);
	CHECK(pwrite(f->fd, &byte, 1, (off_t)at) == 1);
	CHECK(sound == (diag_status(diag) == EXIT_DONE));
	diag_print(diag, stream, false);
	CHECK(fclose(stream) == 0);
	what = judge(f, at, diag_status(diag), text);
	if (what != NULL && f->wrong++ < 12)
		fprintf(stderr, "%s byte %llu (0x%02x) bit %d: %s\n%s", f->file, (unsigned long long)at, byte, bit,
			what, text);
	free(text);
	proof_free(&proof);
	diag_free(diag);
}

int main(int argc, char **argv)
{
	struct flips f = {0};
	struct dim_region *good = NULL;
	struct stat st;
	off_t at;
	char *bytes = NULL;
	int bit;

	CHECK(argc == 3);
	f.directory = argv[1];
	f.file = argv[2];
	f.dirfd = open(argv[1], O_RDONLY | O_DIRECTORY);
	CHECK(f.dirfd >= 0);
	f.fd = openat(f.dirfd, argv[2], O_RDWR);
	CHECK(f.fd >= 0 && fstat(f.fd, &st) == 0 && st.st_size > 0);
	if (strstr(argv[2], "region.mmap") != NULL) {
		bytes = malloc((size_t)st.st_size);
		CHECK(bytes != NULL && pread(f.fd, bytes, (size_t)st.st_size, 0) == (ssize_t)st.st_size);
		CHECK(dim_region_from_memory(bytes, (size_t)st.st_size, NULL, &good, NULL) == DIM_OK);
		f.good = good;
	}
	for (at = 0; at < st.st_size; at++) {
		uint64_t metadata = good != NULL ? dim_region_metadata_offset(good) : 0;
		/* All bits of what has a meaning, one of each byte of content and zeros. */
		bool is_all = good == NULL || at < 256 ||
			      ((uint64_t)at >= metadata && (uint64_t)at - metadata < dim_region_metadata_size(good));

		for (bit = is_all ? 0 : (int)(at % 8); bit < (is_all ? 8 : (int)(at % 8) + 1); bit++)
			flip(&f, (uint64_t)at, bit);
	}
	dim_region_close(good);
	free(bytes);
	printf("%zu flips\n", f.count);
	if (f.wrong > 0)
		fprintf(stderr, "%zu flips of %s went wrong\n", f.wrong, f.file);
	return f.wrong == 0 ? 0 : 1;
}
