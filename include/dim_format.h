/*
 * dim_format.h: the bytes of region.mmap, version 1, as C structs.
 * In: nothing but the C standard library's headers.
 * Out: on-disk structs whose sizes and offsets the compiler proves; docs/region-format.md tells the same in words.
 *
 * This is all that the writer (compiler/region.c) and the reader (loader/) share. Integers are little-endian byte
 * arrays in structs of their own, so that an unconverted read does not compile and no field asks for an alignment.
 */
#ifndef DIM_FORMAT_H
#define DIM_FORMAT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define DIM_FORMAT_MAGIC "MMAP" /* 4D 4D 41 50 */
#define DIM_FORMAT_VERSION 1u
#define DIM_FORMAT_HEADER_SIZE 256u
#define DIM_FORMAT_MIN_ALIGNMENT 4096u
#define DIM_FORMAT_MAX_ALIGNMENT (1u << 30)
#define DIM_FORMAT_SECTION_ALIGNMENT 64u
#define DIM_FORMAT_MAX_SECTIONS 64u
#define DIM_FORMAT_MAX_LAYER_KEYWORDS 64u  /* of one layer */
#define DIM_FORMAT_MAX_KEYWORDS (1u << 30) /* different ones of a region, so that a hash has at most 2^31 slots */
#define DIM_FORMAT_MAX_POSTINGS UINT32_MAX /* keywords of all layers together */
#define DIM_FORMAT_MIN_TIME INT64_C(-62167219200) /* 0000-01-01T00:00:00Z */
#define DIM_FORMAT_MAX_TIME INT64_C(253402300799) /* 9999-12-31T23:59:59Z */
#define DIM_FORMAT_DIGEST_SIZE 32u
#define DIM_FORMAT_DEFAULT_MAX_SIZE 10485760u /* MMAP_MAX_SIZE where nothing is set: 10 MiB */

struct dim_le32 {
	uint8_t b[4];
};

struct dim_le64 {
	uint8_t b[8];
};

/* An IEEE 754 binary64, its 64 bits stored like a dim_le64. */
struct dim_lef64 {
	struct dim_le64 bits;
};

enum dim_format_layout {
	DIM_FORMAT_LAYOUT_PAGE = 0,   /* header, metadata, contents on alignment boundaries */
	DIM_FORMAT_LAYOUT_PACKED = 1, /* header, contents from byte 256 on, metadata */
};

/*
 * Bytes 0 to 79 and the formula of the checksum are the same in every version:
 * SHA-256 over header[0, header_size) with bytes 24 to 55 taken as zero, then over
 * file[metadata_offset, metadata_offset + metadata_size).
 */
struct dim_header {
	uint8_t magic[4];
	struct dim_le32 version;
	struct dim_le32 dimension_id;
	struct dim_le32 layer_count;
	struct dim_le64 total_size;
	uint8_t checksum[DIM_FORMAT_DIGEST_SIZE];
	struct dim_le32 header_size;
	struct dim_le32 alignment;
	struct dim_le64 metadata_offset;
	struct dim_le64 metadata_size;
	struct dim_le32 layout;
	struct dim_le32 section_count;
	uint8_t reserved[168];
};

/* The section directory stands at metadata_offset: section_count entries, in ascending order of offset. */
struct dim_section {
	struct dim_le32 kind;
	struct dim_le32 reserved;
	struct dim_le64
		offset; /* from the start of the file, a multiple of 64 in the page layout and in the packed one */
	struct dim_le64 size; /* without the zero bytes that follow up to the next multiple of 64 */
};

enum dim_format_section {
	DIM_SECTION_DIMENSION = 1,	 /* one dim_dimension_record */
	DIM_SECTION_LAYERS = 2,		 /* dim_layer_record[layer_count], by ascending layer_id */
	DIM_SECTION_FREQUENCY_ORDER = 3, /* dim_le32[layer_count]: positions of layers, by (frequency, position) */
	DIM_SECTION_LAYER_KEYWORDS = 4,	 /* dim_le32[]: positions of keywords, layer after layer, as authored */
	DIM_SECTION_KEYWORDS = 5,	 /* dim_keyword_record[], by ascending bytes, each keyword once */
	DIM_SECTION_POSTINGS = 6,	 /* dim_le32[]: positions of layers, keyword after keyword, ascending */
	DIM_SECTION_KEYWORD_HASH = 7,	 /* dim_hash_slot[power of two >= 2 * keywords], or nothing */
	DIM_SECTION_STRINGS = 8,	 /* UTF-8: name, description, titles by layer, keywords in order; no gaps */
	DIM_SECTION_KNOWN = 8		 /* kinds 1 to 8 are all required; a reader skips the kinds it does not know */
};

/* A string of the strings section: bytes [offset, offset + size) of it, without a terminating NUL. */
struct dim_string_ref {
	struct dim_le32 offset;
	struct dim_le32 size;
};

enum dim_format_dimension_flag {
	DIM_DIMENSION_HAS_CREATED_AT = 1,
	DIM_DIMENSION_HAS_UPDATED_AT = 2,
	DIM_DIMENSION_HAS_FREQUENCY_RANGE = 4,
	DIM_DIMENSION_FLAGS = 7
};

/* What dimension.yaml says. A field whose flag is not set is zero. */
struct dim_dimension_record {
	struct dim_string_ref name;
	struct dim_string_ref description; /* size 0: none */
	struct dim_le32 flags;
	struct dim_le32 reserved;
	struct dim_le64 created_at; /* seconds since 1970-01-01T00:00:00Z, two's complement */
	struct dim_le64 updated_at;
	struct dim_lef64 frequency_low; /* Hz, both ends included */
	struct dim_lef64 frequency_high;
	uint8_t unused[8];
};

struct dim_layer_record {
	struct dim_le32 layer_id;
	struct dim_le32 keyword_count;
	struct dim_le64 offset;	       /* of the slot, from the start of the file */
	struct dim_le64 size;	       /* of the slot: content_size rounded up to a multiple of alignment */
	struct dim_le64 content_size;  /* bytes of content; the rest of the slot is zero */
	struct dim_lef64 frequency;    /* Hz, finite and greater than zero */
	struct dim_le32 keyword_first; /* index into the layer keywords */
	struct dim_string_ref title;   /* size 0: none */
	uint8_t reserved[12];
	uint8_t digest[DIM_FORMAT_DIGEST_SIZE]; /* SHA-256 of the content */
	uint8_t unused[32];
};

struct dim_keyword_record {
	struct dim_string_ref text;
	struct dim_le32 posting_first; /* index into the postings */
	struct dim_le32 posting_count;
};

/* Linear probing from hash & (slots - 1). keyword 0 is an empty slot, else the keyword's position + 1. */
struct dim_hash_slot {
	struct dim_le32 hash;
	struct dim_le32 keyword;
};

#define DIM_FORMAT_ASSERT(type, field, at) _Static_assert(offsetof(struct type, field) == (at), #type "." #field)
_Static_assert(sizeof(struct dim_header) == 256, "dim_header");
_Static_assert(sizeof(struct dim_section) == 24, "dim_section");
_Static_assert(sizeof(struct dim_dimension_record) == 64, "dim_dimension_record");
_Static_assert(sizeof(struct dim_layer_record) == 128, "dim_layer_record");
_Static_assert(sizeof(struct dim_keyword_record) == 16, "dim_keyword_record");
_Static_assert(sizeof(struct dim_hash_slot) == 8, "dim_hash_slot");
DIM_FORMAT_ASSERT(dim_header, version, 4);
DIM_FORMAT_ASSERT(dim_header, dimension_id, 8);
DIM_FORMAT_ASSERT(dim_header, layer_count, 12);
DIM_FORMAT_ASSERT(dim_header, total_size, 16);
DIM_FORMAT_ASSERT(dim_header, checksum, 24);
DIM_FORMAT_ASSERT(dim_header, header_size, 56);
DIM_FORMAT_ASSERT(dim_header, alignment, 60);
DIM_FORMAT_ASSERT(dim_header, metadata_offset, 64);
DIM_FORMAT_ASSERT(dim_header, metadata_size, 72);
DIM_FORMAT_ASSERT(dim_header, layout, 80);
DIM_FORMAT_ASSERT(dim_header, section_count, 84);
DIM_FORMAT_ASSERT(dim_section, offset, 8);
DIM_FORMAT_ASSERT(dim_section, size, 16);
DIM_FORMAT_ASSERT(dim_dimension_record, description, 8);
DIM_FORMAT_ASSERT(dim_dimension_record, flags, 16);
DIM_FORMAT_ASSERT(dim_dimension_record, created_at, 24);
DIM_FORMAT_ASSERT(dim_dimension_record, updated_at, 32);
DIM_FORMAT_ASSERT(dim_dimension_record, frequency_low, 40);
DIM_FORMAT_ASSERT(dim_dimension_record, frequency_high, 48);
DIM_FORMAT_ASSERT(dim_layer_record, offset, 8);
DIM_FORMAT_ASSERT(dim_layer_record, size, 16);
DIM_FORMAT_ASSERT(dim_layer_record, content_size, 24);
DIM_FORMAT_ASSERT(dim_layer_record, frequency, 32);
DIM_FORMAT_ASSERT(dim_layer_record, keyword_first, 40);
DIM_FORMAT_ASSERT(dim_layer_record, title, 44);
DIM_FORMAT_ASSERT(dim_layer_record, digest, 64);
DIM_FORMAT_ASSERT(dim_keyword_record, posting_first, 8);

static inline uint32_t dim_get32(struct dim_le32 v)
{
	return (uint32_t)v.b[0] | (uint32_t)v.b[1] << 8 | (uint32_t)v.b[2] << 16 | (uint32_t)v.b[3] << 24;
}

static inline uint64_t dim_get64(struct dim_le64 v)
{
	return (uint64_t)v.b[0] | (uint64_t)v.b[1] << 8 | (uint64_t)v.b[2] << 16 | (uint64_t)v.b[3] << 24 |
	       (uint64_t)v.b[4] << 32 | (uint64_t)v.b[5] << 40 | (uint64_t)v.b[6] << 48 | (uint64_t)v.b[7] << 56;
}

static inline double dim_getf64(struct dim_lef64 v)
{
	uint64_t bits = dim_get64(v.bits);
	double d;

	_Static_assert(sizeof(d) == sizeof(bits), "binary64");
	memcpy(&d, &bits, sizeof(d));
	return d;
}

static inline struct dim_le32 dim_put32(uint32_t v)
{
	struct dim_le32 r = {{(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24)}};

	return r;
}

static inline struct dim_le64 dim_put64(uint64_t v)
{
	struct dim_le64 r = {{(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24), (uint8_t)(v >> 32),
			      (uint8_t)(v >> 40), (uint8_t)(v >> 48), (uint8_t)(v >> 56)}};

	return r;
}

static inline struct dim_lef64 dim_putf64(double d)
{
	struct dim_lef64 r;
	uint64_t bits;

	memcpy(&bits, &d, sizeof(bits));
	r.bits = dim_put64(bits);
	return r;
}

/*
 * The hash of the keyword table: FNV-1a, 64 bits, folded to 32 by xor of its halves
 * (G. Fowler, L. C. Noll, K.-P. Vo, D. Eastlake, RFC 9923). Test vectors, folded:
 * "" 0x4fd0bfc1, "a" 0x296230c0, "foobar" 0x72ad2699 (tests/unit/format_test.c).
 */
static inline uint32_t dim_format_hash(const void *bytes, size_t size)
{
	const uint8_t *p = bytes;
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	size_t i;

	for (i = 0; i < size; i++)
		h = (h ^ p[i]) * UINT64_C(0x100000001b3);
	return (uint32_t)(h ^ (h >> 32));
}

/* The number of slots of a keyword hash: the smallest power of two that leaves at least half of them empty. */
static inline uint64_t dim_format_hash_slots(uint32_t keyword_count)
{
	uint64_t slots = 2;

	if (keyword_count == 0)
		return 0;
	while (slots < (uint64_t)keyword_count * 2)
		slots *= 2;
	return slots;
}

#endif
