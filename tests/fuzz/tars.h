/*
 * tars.h: mutants of archives whose members are still believed to be members.
 * In: tars, of anybody's making; what is compressed, libFuzzer changes as it likes.
 * Out: mutants; the checksum of every ustar header is right, most often.
 */
#ifndef FUZZ_TARS_H
#define FUZZ_TARS_H

#include <string.h>

#include "fuzz.h"

enum { BLOCK = 512, CHECKSUM = 148, CHECKSUM_SIZE = 8, TYPE = 156, MAGIC = 257 };

static void sign_header(uint8_t *header)
{
	char octal[CHECKSUM_SIZE];
	unsigned sum = 0;
	size_t i;

	memset(header + CHECKSUM, ' ', CHECKSUM_SIZE);
	for (i = 0; i < BLOCK; i++)
		sum += header[i];
	snprintf(octal, sizeof(octal), "%06o", sum);
	memcpy(header + CHECKSUM, octal, 7);
}

static bool is_header(const uint8_t *block)
{
	return memcmp(block + MAGIC, "ustar", 5) == 0;
}

/* A name, a mode, a size, a type: what is in a header; or a whole block taken from elsewhere. */
static void change_block(uint8_t *data, size_t blocks)
{
	static const char types[] = "0123456789xgLKSV";
	static const struct {
		size_t at, size;
	} fields[] = {{0, 100}, {100, 8}, {124, 12}, {136, 12}, {157, 100}, {345, 155}};
	uint8_t *block = data + BLOCK * random_below(blocks);
	size_t i = random_below(sizeof(fields) / sizeof(fields[0]));

	switch (random_below(4)) {
	case 0:
		memmove(block, data + BLOCK * random_below(blocks), BLOCK);
		break;
	case 1:
		block[TYPE] = (uint8_t)types[random_below(sizeof(types) - 1)];
		break;
	case 2:
		LLVMFuzzerMutate(block + fields[i].at, fields[i].size, fields[i].size);
		break;
	default:
		block[random_below(BLOCK)] = (uint8_t)random_next();
	}
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	size_t i;

	random_state = seed;
	if (size < BLOCK || random_below(4) == 0)
		size = LLVMFuzzerMutate(data, size, max_size);
	else
		for (i = 1 + random_below(3); i > 0; i--)
			change_block(data, size / BLOCK);
	for (i = 0; i + BLOCK <= size; i += BLOCK)
		if (is_header(data + i) && random_below(64) != 0)
			sign_header(data + i);
	return size;
}

#endif
