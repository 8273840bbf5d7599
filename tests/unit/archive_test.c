/*
 * archive_test.c: what tar.c and gzip.c write, tar.c and gunzip.c read.
 * In: nothing; files in memory.
 * Out: nothing while bytes of all sizes, in pieces of all sizes, come back, and what was changed is found.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "../../compiler/deflate.h"
#include "../../compiler/gunzip.h"
#include "../../compiler/gzip.h"
#include "../../compiler/tar.h"
#include "test.h"

enum { MIB = 1 << 20 };

/* Bytes that compress a little, the same for the same seed. */
static char *make_bytes(size_t size, unsigned seed)
{
	char *bytes = malloc(size + 1);
	size_t i;

	CHECK(bytes != NULL);
	for (i = 0; i < size; i++) {
		seed = seed * 1103515245 + 12345;
		bytes[i] = (char)(seed >> 28 | 'A');
	}
	return bytes;
}

static int make_file(void)
{
	int fd = memfd_create("archive", MFD_CLOEXEC);

	CHECK(fd >= 0);
	return fd;
}

static uint64_t size_of(int fd)
{
	struct stat st;

	CHECK(fstat(fd, &st) == 0);
	return (uint64_t)st.st_size;
}

/* What gunzip makes of a part of a file; -1 where it refuses. */
static int64_t read_back(int fd, uint64_t offset, uint64_t size, char *ret, struct digest *ret_out)
{
	struct gunzip *g = gunzip_new(fd, offset, size);
	struct digest in;
	const void *bytes;
	ptrdiff_t n;
	int64_t total = 0;
	int number;

	while ((n = gunzip_read(g, &bytes)) > 0) {
		memcpy(ret + total, bytes, (size_t)n);
		total += n;
	}
	if (n < 0)
		CHECK(gunzip_problem(g, &number) != NULL && gunzip_read(g, &bytes) == -1);
	else
		gunzip_digests(g, &in, ret_out);
	gunzip_free(g);
	return n < 0 ? -1 : total;
}

static void check_gzip(size_t size, size_t piece, unsigned jobs, struct digest *ret)
{
	char *bytes = make_bytes(size, (unsigned)size), *back = malloc(size + MIB);
	int fd = make_file();
	struct gzip *gzip;
	struct digest plain, again;
	uint64_t packed, i;

	CHECK(back != NULL && write(fd, "before", 6) == 6);
	gzip = gzip_new(fd, jobs);
	for (i = 0; i < size; i += piece)
		CHECK(gzip_write(gzip, bytes + i, size - i < piece ? size - i : piece));
	CHECK(gzip_finish(gzip, &packed, ret) == 0 && packed == size_of(fd) - 6);
	CHECK(gzip_prove(gzip) == 0);
	if (size > 0) {
		CHECK(read_back(fd, 6, packed, back, &again) == (int64_t)size && memcmp(back, bytes, size) == 0);
		digest_of(bytes, size, &plain);
		CHECK(digest_equal(&plain, &again));
		/* Any byte that changes behind our back is found. */
		CHECK(pread(fd, &bytes[0], 1, 6 + (off_t)packed / 2) == 1);
		bytes[0] ^= 4;
		CHECK(pwrite(fd, &bytes[0], 1, 6 + (off_t)packed / 2) == 1);
		CHECK(gzip_prove(gzip) == EBADMSG);
		CHECK(read_back(fd, 6, packed, back, &again) == -1);
	}
	gzip_free(gzip);
	close(fd);
	free(bytes);
	free(back);
}

static void check_gunzip(void)
{
	static const char tail[] = "garbage";
	char *bytes = make_bytes(3 * MIB, 7), *back = malloc(8 * MIB);
	struct digest digest, out;
	int fd = make_file();
	struct gzip *gzip = gzip_new(fd, 2);
	uint64_t packed, cut;

	CHECK(back != NULL && gzip_write(gzip, bytes, 3 * MIB) && gzip_finish(gzip, &packed, &digest) == 0);
	gzip_free(gzip);
	/* Cut anywhere but between two members. */
	for (cut = 1; cut < packed; cut += packed / 97)
		CHECK(read_back(fd, 0, cut, back, &out) == (cut == 1 ? 1 : -1));
	CHECK(pwrite(fd, tail, sizeof(tail), (off_t)packed) == (ssize_t)sizeof(tail));
	CHECK(read_back(fd, 0, packed, back, &out) == 3 * MIB);
	CHECK(read_back(fd, 0, packed + sizeof(tail), back, &out) == -1);
	CHECK(read_back(fd, 0, packed + 2 * sizeof(tail), back, &out) == -1); /* longer than the file is */
	/* What is no gzip passes as it is. */
	CHECK(read_back(fd, packed, sizeof(tail), back, &out) == (int64_t)sizeof(tail) && memcmp(back, tail, 8) == 0);
	close(fd);
	free(bytes);
	free(back);
}

enum maker { OURS, ZLIB, ZLIB_WITH_HEADER_CRC };

/* Appends a member of the first `size` bytes. */
static void add_member(int fd, const char *bytes, size_t size, enum maker maker)
{
	char *packed = malloc(deflate_bound(size) + 100);
	struct deflater *deflater = deflater_new();
	gz_header header = {.hcrc = 1};
	z_stream stream = {.next_in = (unsigned char *)(uintptr_t)bytes,
			   .avail_in = (uInt)size,
			   .next_out = (unsigned char *)packed,
			   .avail_out = (uInt)deflate_bound(size) + 100};
	size_t packed_size;

	CHECK(packed != NULL);
	if (maker == OURS) {
		packed_size = deflater_pack(deflater, bytes, size, packed);
	} else {
		CHECK(deflateInit2(&stream, 1, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
		CHECK(maker == ZLIB || deflateSetHeader(&stream, &header) == Z_OK);
		CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
		packed_size = stream.total_out;
		deflateEnd(&stream);
	}
	CHECK(write(fd, packed, packed_size) == (ssize_t)packed_size);
	deflater_free(deflater);
	free(packed);
}

/* Members of anybody's making, in any order: whether they are unpacked at once or piece by piece does not show. */
static void check_members(void)
{
	static const struct {
		size_t size;
		enum maker maker;
	} members[] = {{MIB, OURS},	{0, OURS},   {0, ZLIB},	      {1000, ZLIB},
		       {MIB, ZLIB},	{500, OURS}, {MIB + 1, ZLIB}, {MIB, OURS},
		       {3 * MIB, ZLIB}, {0, OURS},   {1, OURS},	      {9, ZLIB_WITH_HEADER_CRC},
		       {MIB / 2, OURS}};
	enum { COUNT = sizeof(members) / sizeof(members[0]) };
	char *bytes = make_bytes(3 * MIB, 5), *back = malloc(12 * MIB);
	struct digest out;
	unsigned char byte;
	off_t starts[COUNT + 1] = {0};
	size_t first, i, total;
	int fd = make_file();

	for (i = 0; i < COUNT; i++) {
		add_member(fd, bytes, members[i].size, members[i].maker);
		starts[i + 1] = (off_t)size_of(fd);
	}
	for (first = 0; first < COUNT; first++) {
		uint64_t size = (uint64_t)(starts[COUNT] - starts[first]);

		for (i = first, total = 0; i < COUNT; total += members[i++].size)
			;
		CHECK(read_back(fd, (uint64_t)starts[first], size, back, &out) == (int64_t)total);
		for (i = first, total = 0; i < COUNT; total += members[i++].size)
			CHECK(memcmp(back + total, bytes, members[i].size) == 0);
		CHECK(read_back(fd, (uint64_t)starts[first], size - 1, back, &out) == -1);
	}
	close(fd);
	/* A header's CRC is proven, too: at 10 and 11, behind a header without a name. */
	for (first = 0; first < 2; first++) {
		fd = make_file();
		add_member(fd, bytes, 1000, ZLIB_WITH_HEADER_CRC);
		CHECK(read_back(fd, 0, size_of(fd), back, &out) == 1000);
		CHECK(pread(fd, &byte, 1, 10 + (off_t)first) == 1);
		byte ^= 1;
		CHECK(pwrite(fd, &byte, 1, 10 + (off_t)first) == 1 && read_back(fd, 0, size_of(fd), back, &out) == -1);
		close(fd);
	}
	free(bytes);
	free(back);
}

/* Who gives up early gets away, wherever the thread is that reads ahead. */
static void check_giving_up(void)
{
	char *bytes = make_bytes(MIB / 4, 9);
	int fd = make_file();
	const void *piece;
	size_t i, k;

	for (i = 0; i < 8; i++)
		add_member(fd, bytes, MIB / 4, OURS);
	for (i = 0; i < 8; i++) {
		struct gunzip *g = gunzip_new(fd, 0, size_of(fd));

		for (k = 0; k < i; k++)
			CHECK(gunzip_read(g, &piece) == MIB / 4 && memcmp(piece, bytes, MIB / 4) == 0);
		gunzip_free(g);
	}
	close(fd);
	free(bytes);
}

static bool to_file(void *context, const void *bytes, size_t size)
{
	return write(*(int *)context, bytes, size) == (ssize_t)size;
}

static void check_tar(void)
{
	char *bytes = make_bytes(MIB, 1), *back = malloc(MIB + 1), header[512];
	int fd = make_file();
	struct tar_writer *w = tar_writer_new(to_file, &fd);
	struct tar_reader *r;
	struct tar_member m;
	struct tar_facts facts;
	uint64_t size;

	tar_add_directory(w, "a/", -5);
	tar_add_file(w, "a/b", 1000, 1700000000);
	tar_add_bytes(w, bytes, 400);
	tar_add_bytes(w, bytes + 400, 600);
	tar_add_file(w, "a/empty", 0, INT64_MAX);
	tar_add_file(w, "a/large", MIB, 0);
	tar_add_bytes(w, bytes, MIB);
	CHECK(tar_writer_end(w) == NULL);
	size = size_of(fd);
	/* Four headers, two blocks and a MiB of contents, and the end. */
	CHECK(size == 4 * 512 + 1024 + MIB + 1024);
	CHECK(pread(fd, header, 512, 512) == 512 && memcmp(header + 257,
							   "ustar\0"
							   "00",
							   8) == 0);
	CHECK(memcmp(header, "a/b", 4) == 0 && strncmp(header + 100, "000444 ", 7) == 0);
	CHECK(strncmp(header + 136, "14524770400", 11) == 0); /* 1700000000 in octal */
	CHECK(pread(fd, header, 512, 0) == 512 && strncmp(header + 136, "00000000000", 11) == 0);

	CHECK(back != NULL);
	r = tar_reader_new(fd, 0, size);
	CHECK(tar_reader_next(r, &m) == TAR_MEMBER && m.kind == TAR_DIRECTORY && strcmp(m.name, "a/") == 0);
	CHECK(m.mode == 0755);
	CHECK(tar_reader_next(r, &m) == TAR_MEMBER && m.kind == TAR_FILE && m.size == 1000 && m.mode == 0444);
	CHECK(m.offset == 1024 && tar_reader_read(r, back, 10) == 10 && memcmp(back, bytes, 10) == 0);
	/* The rest of it is passed over. */
	CHECK(tar_reader_next(r, &m) == TAR_MEMBER && m.size == 0 && tar_reader_read(r, back, 10) == 0);
	CHECK(tar_reader_next(r, &m) == TAR_MEMBER && m.size == MIB && strcmp(m.name, "a/large") == 0);
	CHECK(tar_reader_next(r, &m) == TAR_END);
	tar_reader_facts(r, &facts);
	CHECK(facts.size == size && facts.file_size == size && !facts.is_compressed &&
	      digest_equal(&facts.identity, &facts.file_digest));
	tar_reader_free(r);
	close(fd);
	free(bytes);
	free(back);
}

/* A tar of one file in the first 2048 bytes, in different states of its end. */
static enum tar_result read_end(int fd, uint64_t size)
{
	struct tar_reader *r = tar_reader_new(fd, 0, size);
	struct tar_member m;
	enum tar_result result;
	int number;

	while ((result = tar_reader_next(r, &m)) == TAR_MEMBER)
		;
	CHECK(result == TAR_END || *tar_reader_problem(r, &number) != '\0');
	tar_reader_free(r);
	return result;
}

static void check_end(void)
{
	char *bytes = make_bytes(512, 3);
	int fd = make_file();
	struct tar_writer *w = tar_writer_new(to_file, &fd);

	tar_add_file(w, "x", 512, 0);
	tar_add_bytes(w, bytes, 512);
	CHECK(tar_writer_end(w) == NULL && size_of(fd) == 2048);
	CHECK(read_end(fd, 2048) == TAR_END);
	CHECK(read_end(fd, 0) == TAR_WRONG && read_end(fd, 100) == TAR_WRONG && read_end(fd, 512) == TAR_WRONG);
	CHECK(read_end(fd, 1024) == TAR_WRONG && read_end(fd, 1536) == TAR_WRONG && read_end(fd, 2047) == TAR_WRONG);
	CHECK(ftruncate(fd, 2048 + MIB) == 0 && read_end(fd, 2048 + MIB) == TAR_END);
	CHECK(pwrite(fd, "x", 1, 2048 + 5000) == 1 && read_end(fd, 2048 + MIB) == TAR_WRONG);
	CHECK(ftruncate(fd, 2048) == 0 && ftruncate(fd, 2049 + MIB) == 0 && read_end(fd, 2049 + MIB) == TAR_WRONG);
	close(fd);
	free(bytes);
}

/* What was said of a file must be what comes. */
static void check_writer(void)
{
	int fd = make_file();
	struct tar_writer *w = tar_writer_new(to_file, &fd);

	tar_add_file(w, "x", 3, 0);
	tar_add_bytes(w, "ab", 2);
	CHECK(!tar_writer_failed(w));
	CHECK(tar_writer_end(w) != NULL);
	w = tar_writer_new(to_file, &fd);
	tar_add_file(w, "x", 3, 0);
	tar_add_bytes(w, "abcd", 4);
	CHECK(tar_writer_failed(w) && tar_writer_end(w) != NULL);
	w = tar_writer_new(to_file, &fd);
	tar_add_file(w, "x", UINT64_C(1) << 33, 0);
	CHECK(tar_writer_failed(w) && tar_writer_end(w) != NULL);
	close(fd);
}

int main(void)
{
	static const size_t sizes[] = {0, 1, MIB - 1, MIB, MIB + 1, 13 * MIB + 5};
	struct digest one, two;
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		check_gzip(sizes[i], sizes[i] > MIB ? 777777 : 4096, 1, &one);
		check_gzip(sizes[i], 3 * MIB + 1, 5, &two);
		CHECK(digest_equal(&one, &two));
	}
	check_gunzip();
	check_members();
	check_giving_up();
	check_tar();
	check_end();
	check_writer();
	return 0;
}
