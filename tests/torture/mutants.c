/*
 * mutants.c: numbered mutants of regions: every bit of the metadata, flips anywhere, every length, pages in wrong
 * places. In: mutants judge PROGRESS SEED FIRST STEP REGION... takes every STEP-th from FIRST on, `mutants write
 * DIRECTORY ...` as well. Out: a line for each that is not found, or not told where it is; counts in PROGRESS, also
 * after a crash. DIRECTORY/NUMBER.
 */
#include "../unit/tamper.h"

enum kind { BIT, FLIP, LENGTH, SWAP, ZERO, COPY, TWICE, GONE, SCATTERED, SIGNED, KINDS };
enum { PAGE = 4096, FLIPS = 10000, SCATTERS = 20000, FORGERIES = 20000, OPENED_AS_VOLUME = 50 };

/* What is known when the program dies. tests/torture/regions.py reads it. */
struct progress {
	uint64_t at, verdicts[3], counts[KINDS];
};

struct mutant {
	uint64_t number;
	enum kind kind;
	uint8_t *bytes;
	size_t size, at; /* at: the byte whose bit flipped */
};

/* Of a kind, how many there are. */
static uint64_t count_of(const struct good *g, enum kind kind)
{
	uint64_t pages = (g->size + PAGE - 1) / PAGE;
	const uint64_t counts[KINDS] = {
		[BIT] = 8 * (sizeof(struct dim_header) + g->metadata_end - g->metadata),
		[FLIP] = FLIPS,
		[LENGTH] = g->size,
		[SWAP] = pages * pages,
		[ZERO] = pages,
		[COPY] = pages * pages,
		[TWICE] = pages,
		[GONE] = pages,
		[SCATTERED] = SCATTERS,
		[SIGNED] = FORGERIES,
	};

	return counts[kind];
}

/* The same bytes in use, and zeros behind them: whatever was done, it is the same region. */
static bool is_same_region(const struct good *g, const struct mutant *m)
{
	size_t used = (size_t)dim_get64(((const struct dim_header *)(const void *)g->bytes)->total_size), at;

	if (m->size < used || memcmp(m->bytes, g->bytes, used) != 0)
		return false;
	for (at = used; at < m->size; at++)
		if (m->bytes[at] != 0)
			return false;
	return true;
}

static void swap_pages(const struct good *g, struct mutant *m, size_t one, size_t two)
{
	size_t first = one * PAGE, second = two * PAGE;
	size_t last = first > second ? first : second;
	size_t size = g->size - last < PAGE ? g->size - last : PAGE;

	memcpy(m->bytes + first, g->bytes + second, size);
	memcpy(m->bytes + second, g->bytes + first, size);
}

/* Makes mutant `index` of a kind; false where it is the region that it was. m->bytes has a page more than the region.
 */
static bool make(const struct good *g, struct mutant *m, uint64_t index)
{
	size_t pages = (g->size + PAGE - 1) / PAGE, one = index / pages, two = index % pages, from;

	memcpy(m->bytes, g->bytes, g->size);
	m->size = g->size;
	switch (m->kind) {
	case BIT:
		m->at = index / 8 < sizeof(struct dim_header) ? index / 8
							      : g->metadata + index / 8 - sizeof(struct dim_header);
		m->bytes[m->at] ^= (uint8_t)(1u << index % 8);
		break;
	case FLIP:
		m->at = random_below(g->size);
		m->bytes[m->at] ^= (uint8_t)(1u << random_below(8));
		break;
	case LENGTH:
		m->size = index;
		break;
	case SWAP:
		if (one < two)
			swap_pages(g, m, one, two);
		break;
	case ZERO:
		memset(m->bytes + index * PAGE, 0, index + 1 < pages ? PAGE : g->size - index * PAGE);
		break;
	case COPY:
		from = one > two ? one : two; /* the last page may be shorter */
		memcpy(m->bytes + two * PAGE, g->bytes + one * PAGE,
		       g->size - from * PAGE < PAGE ? g->size - from * PAGE : PAGE);
		break;
	case TWICE:
		m->size += PAGE;
		memcpy(m->bytes + (index + 1) * PAGE, g->bytes + index * PAGE, g->size - index * PAGE);
		break;
	case GONE:
		from = index + 1 < pages ? (index + 1) * PAGE : g->size;
		m->size = index * PAGE + g->size - from;
		memcpy(m->bytes + index * PAGE, g->bytes + from, g->size - from);
		break;
	default:
		mutate(g, m->bytes);
		if (m->kind == SIGNED)
			sign(m->bytes, m->size);
	}
	return !is_same_region(g, m);
}

struct findings {
	uint64_t at;
	size_t count, around;
	uint32_t layer_id; /* of a finding around the byte */
	bool blames_others;
};

static void add(void *context, const struct dim_error *error)
{
	struct findings *f = context;

	f->count++;
	if (f->at < error->offset || f->at - error->offset >= error->size)
		return;
	f->around++;
	if (f->layer_id != 0 && error->layer_id != 0 && f->layer_id != error->layer_id)
		f->blames_others = true;
	if (error->layer_id != 0)
		f->layer_id = error->layer_id;
}

/* The layer in whose slot a byte lies, or 0. */
static uint32_t owner(const struct good *g, uint64_t at)
{
	struct dim_region *region = NULL;
	const struct dim_layer *layer = NULL;
	uint32_t i, id = 0;

	CHECK(dim_region_from_memory(g->bytes, g->size, NULL, &region, NULL) == DIM_OK);
	for (i = 0; i < dim_region_layer_count(region) && id == 0; i++) {
		CHECK(dim_region_layer_at(region, i, &layer) == DIM_OK);
		if (at >= dim_layer_offset(layer) && at - dim_layer_offset(layer) < dim_layer_slot_size(layer))
			id = dim_layer_id(layer);
	}
	dim_region_close(region);
	return id;
}

/* What is wrong with what libdim says of a mutant, or NULL. */
static const char *tell(const struct good *g, const struct mutant *m, const uint8_t *bytes, enum verdict verdict)
{
	struct findings f = {.at = m->at};
	uint32_t id;

	if (verdict == SOUND && m->kind != SIGNED)
		return "it is not found";
	if (m->kind != BIT && m->kind != FLIP)
		return NULL;
	dim_verify_bytes(bytes, m->size, NULL, add, &f);
	id = owner(g, m->at);
	if (f.count == 0)
		return "it is not found";
	if (f.around == 0)
		return "no finding has it in its bytes";
	return id != 0 && (f.layer_id != id || f.blames_others) ? "its layer is not named" : NULL;
}

static void judge_mutant(const struct good *g, const struct mutant *m, const struct fence *fence,
			 struct progress *progress)
{
	static struct published published;
	uint8_t *bytes = m->number % 2 == 0 ? fence->first : fence->first + fence->room - m->size;
	enum verdict verdict;
	const char *wrong;

	if (published.file == 0)
		published_new(&published, "mutants-volume");
	memcpy(bytes, m->bytes, m->size);
	verdict = judge(bytes, m->size, false);
	if (m->number % OPENED_AS_VOLUME == 0)
		judge_published(&published, bytes, m->size);
	wrong = tell(g, m, bytes, verdict);
	progress->verdicts[verdict]++;
	progress->counts[m->kind]++;
	if (wrong != NULL)
		printf("%llu %s\n", (unsigned long long)m->number, wrong);
}

static void write_mutant(const struct mutant *m, const char *directory)
{
	char path[4096];
	FILE *file;

	if (m->kind == SIGNED)
		return;
	snprintf(path, sizeof(path), "%s/%llu", directory, (unsigned long long)m->number);
	file = fopen(path, "wb");
	CHECK(file != NULL && fwrite(m->bytes, 1, m->size, file) == m->size && fclose(file) == 0);
}

static void good_read(struct good *g, const char *path)
{
	struct dim_region *region = NULL;

	CHECK(dim_region_open(path, NULL, &region, NULL) == DIM_OK);
	good_new(g, region);
	dim_region_close(region);
	CHECK(judge(g->low, g->size, false) == SOUND && judge(g->high, g->size, false) == SOUND);
}

static struct progress *progress_new(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0666);
	struct progress *progress;

	CHECK(fd >= 0 && ftruncate(fd, sizeof(*progress)) == 0);
	progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(progress != MAP_FAILED);
	close(fd);
	return progress;
}

int main(int argc, char **argv)
{
	struct progress *progress = NULL;
	uint64_t before = 0, seed, next, step, count;
	bool is_count;
	int i;

	CHECK(argc >= 7);
	is_count = strcmp(argv[1], "count") == 0;
	if (strcmp(argv[1], "judge") == 0)
		progress = progress_new(argv[2]);
	seed = strtoull(argv[3], NULL, 10);
	next = strtoull(argv[4], NULL, 10);
	step = strtoull(argv[5], NULL, 10);
	CHECK(next > 0 && step > 0);
	for (i = 6; i < argc; i++) {
		struct good g;
		struct fence fence;
		struct mutant m = {0};

		good_read(&g, argv[i]);
		fence = fence_new(g.size + PAGE);
		m.bytes = malloc(g.size + PAGE);
		CHECK(m.bytes != NULL);
		for (m.kind = BIT; m.kind < KINDS; m.kind++, before += count) {
			count = count_of(&g, m.kind);
			for (; !is_count && next <= before + count; next += step) {
				m.number = next;
				random_state = seed * 1000003 + next;
				if (progress != NULL)
					progress->at = next;
				if (!make(&g, &m, next - before - 1))
					continue;
				if (progress != NULL)
					judge_mutant(&g, &m, &fence, progress);
				else
					write_mutant(&m, argv[2]);
			}
		}
		if (is_count)
			printf("%llu\n", (unsigned long long)before);
		free(m.bytes);
		free(g.bytes);
	}
	if (progress != NULL)
		progress->at = 0;
	return 0;
}
