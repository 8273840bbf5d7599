/*
 * fuzz_region.c: the loader on bytes that claim to be a region.
 * In: what libFuzzer makes of regions.
 * Out: nothing while no read leads outside, and every function of the API keeps what dim.h promises: of a region
 * between guard pages, its end at one and then its beginning, and of a volume that has it.
 */
#include "../../compiler/digest.h"
#include "../../include/dim_format.h"
#include "../unit/published.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct published published;

/* The volume is beside the program. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char path[4096];

	(void)argc;
	snprintf(path, sizeof(path), "%s.volume", (*argv)[0]);
	published_new(&published, path);
	return 0;
}

enum { ROOM = 1 << 20 };

/* ROOM bytes between two pages that nobody may touch. */
static uint8_t *fence(void)
{
	static uint8_t *room;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (room == NULL) {
		uint8_t *all = mmap(NULL, ROOM + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		CHECK(all != MAP_FAILED && mprotect(all + page, ROOM, PROT_READ | PROT_WRITE) == 0);
		room = all + page;
	}
	return room;
}

/* Makes the checksum right, as somebody would who knows the format. */
static void sign(uint8_t *bytes, size_t size)
{
	struct dim_header h;
	uint64_t offset, length;
	struct digest_state *state;
	struct digest digest;

	if (size < sizeof(h))
		return;
	memcpy(&h, bytes, sizeof(h));
	offset = dim_get64(h.metadata_offset);
	length = dim_get64(h.metadata_size);
	if (offset > size || length > size - offset)
		return;
	memset(h.checksum, 0, sizeof(h.checksum));
	state = digest_new();
	digest_add(state, &h, sizeof(h));
	digest_add(state, bytes + offset, (size_t)length);
	digest_end(state, &digest);
	digest_free(state);
	memcpy(bytes + offsetof(struct dim_header, checksum), digest.bytes, sizeof(digest.bytes));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *room = fence();

	if (size > ROOM)
		return 0;
	memcpy(room + ROOM - size, data, size); /* its end at the fence */
	judge(room + ROOM - size, size, false);
	memcpy(room, data, size); /* its beginning at the fence */
	sign(room, size);
	judge(room, size, false);
	judge_published(&published, room, size);
	return 0;
}
