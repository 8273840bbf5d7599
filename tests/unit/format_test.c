/*
 * format_test.c: the format's own arithmetic: sizes, byte order, the keyword hash.
 * In: nothing.
 * Out: nothing while dim_format.h is what docs/region-format.md says.
 */
#include "../../include/dim_format.h"
#include "test.h"

/* The same hash written down a second time, from RFC 9923 and the document. */
static uint32_t second_hash(const char *text, size_t size)
{
	unsigned long long h = 14695981039346656037ull;
	size_t i;

	for (i = 0; i < size; i++) {
		h ^= (unsigned char)text[i];
		h *= 1099511628211ull;
	}
	return (uint32_t)((h >> 32) ^ (h & 0xFFFFFFFFu));
}

static void check_hash(void)
{
	static const char *const words[] = {"joy",
					    "feeling",
					    "\xC3\xA9t\xC3\xA9",
					    "a rather long keyword, of several words",
					    "no",
					    "1.0",
					    "0x1F",
					    "2024-10-24",
					    "~"};
	size_t i;

	/* RFC 9923's 64-bit vectors, folded. */
	CHECK(dim_format_hash("", 0) == (0xcbf29ce4u ^ 0x84222325u));
	CHECK(dim_format_hash("a", 1) == (0xaf63dc4cu ^ 0x8601ec8cu));
	CHECK(dim_format_hash("foobar", 6) == (0x85944171u ^ 0xf73967e8u));
	CHECK(dim_format_hash("", 0) == 0x4fd0bfc1);
	CHECK(dim_format_hash("a", 1) == 0x296230c0);
	CHECK(dim_format_hash("foobar", 6) == 0x72ad2699);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		CHECK(dim_format_hash(words[i], strlen(words[i])) == second_hash(words[i], strlen(words[i])));
	CHECK(dim_format_hash("\xFF\x00\x80", 3) == second_hash("\xFF\x00\x80", 3));
	CHECK(dim_format_hash("ab", 2) != dim_format_hash("ba", 2));
}

static void check_slots(void)
{
	uint32_t count;

	CHECK(dim_format_hash_slots(0) == 0);
	CHECK(dim_format_hash_slots(1) == 2);
	CHECK(dim_format_hash_slots(2) == 4);
	CHECK(dim_format_hash_slots(3) == 8);
	CHECK(dim_format_hash_slots(4) == 8);
	CHECK(dim_format_hash_slots(5) == 16);
	CHECK(dim_format_hash_slots(UINT32_MAX / 2) == UINT64_C(1) << 32);
	for (count = 1; count < 100000; count++) {
		uint64_t slots = dim_format_hash_slots(count);

		CHECK((slots & (slots - 1)) == 0 && slots >= 2 * (uint64_t)count && slots < 4 * (uint64_t)count);
	}
}

static void check_numbers(void)
{
	static const uint8_t bytes[] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF};
	struct dim_le32 small;
	struct dim_le64 large;
	struct dim_lef64 real;

	memcpy(&small, bytes, sizeof(small));
	memcpy(&large, bytes, sizeof(large));
	CHECK(dim_get32(small) == 0x67452301);
	CHECK(dim_get64(large) == UINT64_C(0xEFCDAB8967452301));
	small = dim_put32(0x67452301);
	large = dim_put64(UINT64_C(0xEFCDAB8967452301));
	CHECK(memcmp(&small, bytes, sizeof(small)) == 0 && memcmp(&large, bytes, sizeof(large)) == 0);
	CHECK(dim_get32(dim_put32(UINT32_MAX)) == UINT32_MAX && dim_get64(dim_put64(UINT64_MAX)) == UINT64_MAX);
	real = dim_putf64(1.5); /* 3FF8 0000 0000 0000 */
	CHECK(memcmp(&real, "\0\0\0\0\0\0\xF8\x3F", 8) == 0);
	CHECK(dim_getf64(real) == 1.5 && dim_getf64(dim_putf64(-0.1)) == -0.1);
}

int main(void)
{
	/* The document's table of sizes; the header proves them, and where their fields stand, when it is compiled. */
	CHECK(sizeof(struct dim_header) == 256 && DIM_FORMAT_HEADER_SIZE == 256);
	CHECK(sizeof(struct dim_section) == 24);
	CHECK(sizeof(struct dim_dimension_record) == 64);
	CHECK(sizeof(struct dim_layer_record) == 128);
	CHECK(sizeof(struct dim_keyword_record) == 16);
	CHECK(sizeof(struct dim_hash_slot) == 8);
	CHECK(_Alignof(struct dim_header) == 1 && _Alignof(struct dim_layer_record) == 1);
	CHECK(memcmp(DIM_FORMAT_MAGIC, "\x4D\x4D\x41\x50", 4) == 0);
	CHECK(DIM_FORMAT_DEFAULT_MAX_SIZE == 10485760);
	check_hash();
	check_slots();
	check_numbers();
	return 0;
}
