/*
 * check_test.c: what dim_region_check must tell apart, however quickly it goes through the bytes.
 * In: the volume that tests/unit.bats compiles.
 * Out: nothing while text is judged as RFC 3629 has it, and each region that is wrong in one place is refused.
 */
#include <string.h>

#include "../../compiler/utf8.h"
#include "../../include/dim.h"
#include "../../loader/check.h"
#include "test.h"

/* `size` bytes, somewhere among letters: judged by both, at every place around the edge of what is taken at a time. */
static void check_text_at(const uint8_t *bytes, size_t size, const size_t *places, size_t count)
{
	uint8_t text[160];
	size_t i;

	for (i = 0; i < count; i++) {
		memset(text, 'a', sizeof(text));
		memcpy(text + places[i], bytes, size);
		CHECK(dim_check_text(text, sizeof(text)) == utf8_is_valid((const char *)text, sizeof(text)));
		/* what is cut off at the end */
		CHECK(dim_check_text(text, places[i] + size) == utf8_is_valid((const char *)text, places[i] + size));
	}
}

static void check_texts(void)
{
	static const uint8_t some[] = {0x01, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF,
				       0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF};
	enum { SOME = sizeof(some) };
	static const size_t near[] = {0, 61, 62, 63, 64, 126}, one[] = {61};
	size_t a, b, c, d;
	uint8_t nul[3] = {'a', 0, 'a'};

	CHECK(dim_check_text((const uint8_t *)"", 0));
	CHECK(!dim_check_text(nul, 3) && !dim_check_text(nul, 2) && dim_check_text(nul, 1));
	for (a = 1; a < 256; a++)
		for (b = 1; b < 256; b++)
			check_text_at((const uint8_t[]){(uint8_t)a, (uint8_t)b}, 2, near, 6);
	for (a = 0; a < SOME; a++)
		for (b = 0; b < SOME; b++)
			for (c = 0; c < SOME; c++) {
				check_text_at((const uint8_t[]){some[a], some[b], some[c]}, 3, near, 6);
				for (d = 3; d < SOME; d += 2)
					check_text_at((const uint8_t[]){some[a], some[b], some[c], some[d]}, 4, one, 1);
			}
}

/* A copy of a good region that a test may change. */
struct draft {
	uint8_t *bytes;
	size_t size;
	struct dim_region *region;
};

static struct draft draft_of(const struct dim_region *good)
{
	struct dim_span all = dim_region_bytes(good);
	struct draft d = {.bytes = malloc(all.size), .size = all.size};

	CHECK(d.bytes != NULL);
	memcpy(d.bytes, all.data, all.size);
	CHECK(dim_region_from_memory(d.bytes, d.size, NULL, &d.region, NULL) == DIM_OK);
	CHECK(dim_region_check(d.region, NULL) == DIM_OK);
	return d;
}

static void *section(const struct draft *d, enum dim_format_section kind)
{
	return d->bytes + d->region->section[kind].offset;
}

/* Whether the check refuses it, and blames bytes inside the metadata. */
static bool refused(const struct draft *d)
{
	struct dim_error error = {0};
	enum dim_status status = dim_region_check(d->region, &error);

	CHECK(status == DIM_OK || status == DIM_ERR_DAMAGED);
	CHECK(status == DIM_OK || (error.offset >= 256 && error.size > 0 && error.offset + error.size <= d->size));
	return status != DIM_OK;
}

static void end(struct draft *d)
{
	dim_region_close(d->region);
	free(d->bytes);
}

/* Two strings that are text together and not each: the edge between them goes through a letter of two bytes. */
static void check_edges(const struct dim_region *good)
{
	struct draft d = draft_of(good);
	struct dim_layer_record *layers = section(&d, DIM_SECTION_LAYERS);
	struct dim_string_ref *before = &layers[1].title, *title = &layers[2].title;
	const uint8_t *strings = section(&d, DIM_SECTION_STRINGS);

	CHECK(dim_get32(before->size) == 0 && strings[dim_get32(title->offset)] == 0xC3);
	before->size = dim_put32(1);
	title->offset = dim_put32(dim_get32(title->offset) + 1);
	title->size = dim_put32(dim_get32(title->size) - 1);
	CHECK(refused(&d));
	before->size = dim_put32(2);
	title->offset = dim_put32(dim_get32(title->offset) + 1);
	title->size = dim_put32(dim_get32(title->size) - 1);
	CHECK(!refused(&d)); /* the edge alone was wrong */
	end(&d);
}

/* Every posting and every keyword of a layer, made another number. */
static void check_postings(const struct dim_region *good)
{
	struct draft d = draft_of(good);
	struct dim_le32 *sides[] = {section(&d, DIM_SECTION_POSTINGS), section(&d, DIM_SECTION_LAYER_KEYWORDS)}, was;
	uint32_t numbers[] = {d.region->layer_count, d.region->keyword_count}, side, i, to;

	for (side = 0; side < 2; side++)
		for (i = 0; i < d.region->posting_count; i++) {
			was = sides[side][i];
			for (to = 0; to <= numbers[side];
			     to += to < 4 || to + 1 >= numbers[side] ? 1 : numbers[side] / 4) {
				sides[side][i] = dim_put32(to);
				CHECK(refused(&d) == (to != dim_get32(was)));
			}
			sides[side][i] = dim_put32(UINT32_MAX);
			CHECK(refused(&d));
			sides[side][i] = was;
		}
	CHECK(!refused(&d));
	end(&d);
}

/* A layer that has one keyword twice, and a keyword that has the layer twice: as many of both, and no pair is wrong. */
static void check_pairs(const struct dim_region *good)
{
	struct draft d = draft_of(good);
	struct dim_layer_record *layers = section(&d, DIM_SECTION_LAYERS);
	struct dim_keyword_record *keywords = section(&d, DIM_SECTION_KEYWORDS);
	struct dim_le32 *named = section(&d, DIM_SECTION_LAYER_KEYWORDS), *postings = section(&d, DIM_SECTION_POSTINGS);
	uint32_t first = dim_get32(keywords[0].posting_first), next = dim_get32(keywords[1].posting_first), i,
		 layer = 0;

	/* The last layer of the first keyword loses its second keyword, if that is the one behind it, for the first. */
	for (i = 0; i < d.region->layer_count; i++) {
		uint32_t at = dim_get32(layers[i].keyword_first);

		if (dim_get32(layers[i].keyword_count) == 3 && dim_get32(named[at]) == 0 &&
		    dim_get32(named[at + 2]) == 1) {
			named[at + 2] = dim_put32(0);
			layer = i;
			break;
		}
	}
	CHECK(i < d.region->layer_count && next > first);
	/* The postings say the same: the layer once more for the first keyword, not at all for the second. */
	for (i = next; dim_get32(postings[i]) != layer; i++)
		CHECK(i + 1 < d.region->posting_count);
	for (; i > first && (i > next || dim_get32(postings[i - 1]) > layer); i--)
		postings[i] = postings[i - 1];
	postings[i] = dim_put32(layer);
	keywords[0].posting_count = dim_put32(dim_get32(keywords[0].posting_count) + 1);
	keywords[1].posting_first = dim_put32(next + 1);
	keywords[1].posting_count = dim_put32(dim_get32(keywords[1].posting_count) - 1);
	CHECK(refused(&d));
	end(&d);
}

static void hash_again(const struct draft *d)
{
	struct dim_hash_slot *slots = section(d, DIM_SECTION_KEYWORD_HASH);
	const struct dim_keyword_record *keywords = section(d, DIM_SECTION_KEYWORDS);
	const uint8_t *strings = section(d, DIM_SECTION_STRINGS);
	uint32_t i, at, hash;

	memset(slots, 0, (d->region->hash_mask + (size_t)1) * sizeof(*slots));
	for (i = 0; i < d->region->keyword_count; i++) {
		hash = dim_format_hash(strings + dim_get32(keywords[i].text.offset), dim_get32(keywords[i].text.size));
		for (at = hash & d->region->hash_mask; dim_get32(slots[at].keyword) != 0;)
			at = (at + 1) & d->region->hash_mask;
		slots[at] = (struct dim_hash_slot){dim_put32(hash), dim_put32(i + 1)};
	}
}

/* Keywords of three letters, in order, whose homes are the last four slots: one long run, around the table's end. */
static void crowd(const struct draft *d)
{
	struct dim_keyword_record *keywords = section(d, DIM_SECTION_KEYWORDS);
	uint8_t *strings = section(d, DIM_SECTION_STRINGS);
	uint32_t at = dim_get32(keywords[0].text.offset), all = (uint32_t)d->region->section[DIM_SECTION_STRINGS].size;
	uint32_t i = 0, n;

	for (n = 0; i < d->region->keyword_count && n < 94 * 94 * 94; n++) {
		uint8_t text[] = {(uint8_t)(33 + n / 94 / 94), (uint8_t)(33 + n / 94 % 94), (uint8_t)(33 + n % 94)};

		if ((dim_format_hash(text, 3) & d->region->hash_mask) < d->region->hash_mask - 3)
			continue;
		memcpy(strings + at, text, 3);
		keywords[i++].text = (struct dim_string_ref){dim_put32(at), dim_put32(3)};
		at += 3;
	}
	CHECK(i == d->region->keyword_count && at < all);
	memset(strings + at, '~', all - at);
	keywords[i - 1].text.size = dim_put32(3 + all - at);
	hash_again(d);
}

/* What the quick look at a table that is not crowded must see: every slot with another keyword, or another hash. */
static void check_slots(const struct dim_region *many)
{
	struct draft d = draft_of(many);
	struct dim_hash_slot *slots = section(&d, DIM_SECTION_KEYWORD_HASH), was;
	uint32_t i, k;

	for (i = 0; i <= d.region->hash_mask; i++) {
		struct dim_hash_slot wrong[] = {slots[i], slots[i], slots[(i + 1) & d.region->hash_mask]};

		was = slots[i];
		wrong[0].hash = dim_put32(dim_get32(was.hash) ^ 1u << 31);
		wrong[1].keyword = dim_put32(dim_get32(was.keyword) == 0 ? d.region->keyword_count : UINT32_MAX);
		for (k = 0; k < 3; k++) {
			slots[i] = wrong[k];
			CHECK(refused(&d) == (memcmp(&was, &wrong[k], sizeof(was)) != 0));
		}
		slots[i] = was;
	}
	CHECK(!refused(&d));
	end(&d);
}

/* A table on which looking up takes long is right nevertheless, and wrong where two of its slots change places. */
static void check_crowd(const struct dim_region *many)
{
	struct draft d = draft_of(many);
	struct dim_hash_slot *slots = section(&d, DIM_SECTION_KEYWORD_HASH), was;
	struct dim_span text;
	uint32_t i, position, taken = 0;

	CHECK(d.region->keyword_count > 300);
	crowd(&d);
	CHECK(!refused(&d));
	for (i = 0; i < d.region->keyword_count; i++) {
		CHECK(dim_region_keyword_at(d.region, i, &text) == DIM_OK);
		CHECK(dim_region_find_keyword(d.region, text.data, text.size, &position) == DIM_OK && position == i);
	}
	for (i = 0; i + 1 <= d.region->hash_mask; i++) {
		if (dim_get32(slots[i].keyword) == 0 || dim_get32(slots[i + 1].keyword) == 0)
			continue;
		taken++;
		was = slots[i];
		slots[i] = slots[i + 1];
		slots[i + 1] = was;
		CHECK(refused(&d));
		slots[i + 1] = slots[i];
		slots[i] = was;
	}
	CHECK(taken > 250);
	slots[d.region->hash_mask / 2].hash = dim_put32(1); /* an empty one */
	CHECK(dim_get32(slots[d.region->hash_mask / 2].keyword) == 0 && refused(&d));
	end(&d);
}

/* Keywords that are the same for sixteen bytes and more, in order and not. */
static void check_order(const struct dim_region *many)
{
	struct draft d = draft_of(many);
	struct dim_keyword_record *keywords = section(&d, DIM_SECTION_KEYWORDS);
	uint8_t *strings = section(&d, DIM_SECTION_STRINGS);
	uint32_t at = dim_get32(keywords[0].text.offset), all = (uint32_t)d.region->section[DIM_SECTION_STRINGS].size,
		 i;
	uint32_t sizes[] = {16, 17, 17, 25, 40}, last = sizeof(sizes) / sizeof(sizes[0]), n = d.region->keyword_count;

	/* Five long ones of the first bytes, one byte each for the rest is too few: those are numbered in two bytes. */
	CHECK(all - at > 115 + (n - last) * 3);
	for (i = 0; i < n; i++) {
		uint32_t size = i < last ? sizes[i] : i + 1 < n ? 3 : all - at;

		keywords[i].text = (struct dim_string_ref){dim_put32(at), dim_put32(size)};
		memset(strings + at, i < last ? 'a' : '~', size);
		if (i >= last) {
			strings[at] = (uint8_t)('b' + (i - last) / 26);
			strings[at + 1] = (uint8_t)('a' + (i - last) % 26);
		}
		at += size;
	}
	strings[dim_get32(keywords[2].text.offset) + 16] = 'b'; /* a{16}, a{17}, a{16}b, ... */
	strings[dim_get32(keywords[3].text.offset) + 16] = 'c';
	strings[dim_get32(keywords[4].text.offset) + 16] = 'd';
	hash_again(&d);
	CHECK(!refused(&d));
	strings[dim_get32(keywords[4].text.offset) + 16] = 'b'; /* behind a{16}c... */
	hash_again(&d);
	CHECK(refused(&d));
	strings[dim_get32(keywords[4].text.offset) + 16] = 'd';
	strings[dim_get32(keywords[2].text.offset) + 16] = 'a'; /* the same twice */
	hash_again(&d);
	CHECK(refused(&d));
	end(&d);
}

int main(int argc, char **argv)
{
	struct dim_volume *volume = NULL;
	const struct dim_snapshot *snapshot = NULL;

	CHECK(argc >= 2);
	check_texts();
	CHECK(dim_volume_open(argv[1], NULL, &volume, NULL) == DIM_OK);
	snapshot = dim_volume_acquire(volume);
	check_edges(dim_snapshot_region_at(snapshot, 0));
	check_postings(dim_snapshot_region_at(snapshot, 0));
	check_postings(dim_snapshot_region_at(snapshot, 2));
	check_pairs(dim_snapshot_region_at(snapshot, 2));
	check_slots(dim_snapshot_region_at(snapshot, 2));
	check_crowd(dim_snapshot_region_at(snapshot, 2));
	check_order(dim_snapshot_region_at(snapshot, 2));
	dim_snapshot_release(snapshot);
	dim_volume_close(volume);
	return 0;
}
