/*
 * plain.c: drives a fuzz target where there is no libFuzzer: with any compiler, in a moment.
 * In: --runs N, --seed N, --only N; files and folders of inputs.
 * Out: every input run, then N mutants of them; "N runs" on stdout. Where the target ends the program, which run it was
 * on stderr.
 *
 * Nothing is learned from a run here; it is for what a fuzzer found once, and for what is nearly that. An input that
 * leaves memory behind, each time it is run, fails, too (under a sanitizer that is its own to tell).
 */
#include <ftw.h>
#include <malloc.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../unit/random.h"
#include "../unit/test.h"

enum { LARGEST = 1 << 16, MAX_INPUTS = 20000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed) __attribute__((weak));
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

static struct input {
	char *path;
	uint8_t *bytes;
	size_t size;
} inputs[MAX_INPUTS];
static size_t input_count;

static size_t run_count;
static size_t current; /* the run; those of the inputs themselves come first */
static const char *current_path = "";
static bool is_over;

static void tell(void)
{
	if (!is_over)
		dprintf(STDERR_FILENO, "in run %zu, of %s\n", current, current_path);
	is_over = true;
}

static void tell_signal(int number)
{
	dprintf(STDERR_FILENO, "signal %d\n", number);
	tell();
	raise(number); /* once more, and to its end */
}

static void watch_signals(void)
{
	static const int numbers[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
	struct sigaction action = {.sa_handler = tell_signal, .sa_flags = SA_RESETHAND | SA_NODEFER};
	struct sigaction was;
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		CHECK(sigaction(numbers[i], NULL, &was) == 0);
		if (was.sa_handler == SIG_DFL) /* and not a sanitizer's */
			CHECK(sigaction(numbers[i], &action, NULL) == 0);
	}
}

static int add_input(const char *path, const struct stat *st, int kind)
{
	struct input *input = &inputs[input_count];
	FILE *file;

	if (kind != FTW_F || st->st_size > LARGEST || input_count == MAX_INPUTS)
		return 0;
	input->path = strdup(path);
	input->bytes = malloc(LARGEST);
	file = fopen(path, "rb");
	CHECK(input->path != NULL && input->bytes != NULL && file != NULL);
	input->size = fread(input->bytes, 1, LARGEST, file);
	fclose(file);
	input_count++;
	return 0;
}

/* --- mutants --- */

/* Bytes changed, taken out, put in, repeated, or taken from another input. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size)
{
	const struct input *other = &inputs[random_below(input_count)];
	size_t at = random_below(size + 1), length = 1 + random_below(size - at + 1), from;

	switch (random_below(5)) {
	case 0:
		if (at < size)
			data[at] ^= (uint8_t)(1 << random_below(8));
		return size;
	case 1:
		if (at < size)
			data[at] = (uint8_t)random_next();
		return size;
	case 2:
		length = length > size - at ? size - at : random_below(length + 1);
		memmove(data + at, data + at + length, size - at - length);
		return size - length;
	default:
		from = random_below(other->size + 1);
		length = random_below(32) + 1;
		length = length > other->size - from ? other->size - from : length;
		length = length > max_size - size ? max_size - size : length;
		memmove(data + at + length, data + at, size - at);
		memcpy(data + at, other->bytes + from, length);
		return size + length;
	}
}

static void run_mutant(size_t seed, size_t run)
{
	static uint8_t data[LARGEST];
	const struct input *input;
	size_t size, max_size, rounds;

	random_state = seed * UINT64_C(0x9E3779B97F4A7C15) + run;
	input = &inputs[random_below(input_count)];
	current_path = input->path;
	size = input->size;
	memcpy(data, input->bytes, size);
	max_size = size + 256 < LARGEST ? size + 256 : LARGEST;
	if (LLVMFuzzerCustomMutator != NULL)
		size = LLVMFuzzerCustomMutator(data, size, max_size, (unsigned)random_next());
	else
		for (rounds = 1 + random_below(4); rounds > 0; rounds--)
			size = LLVMFuzzerMutate(data, size, max_size);
	LLVMFuzzerTestOneInput(data, size);
	run_count++;
}

/* What leaks leaves more behind every time; what the allocator and the arenas keep for the next run does not, after
 * some. */
static void run_input(const struct input *input)
{
	size_t before, after = 0, times = 0;

	current_path = input->path;
	LLVMFuzzerTestOneInput(input->bytes, input->size);
	do {
		before = mallinfo2().uordblks;
		LLVMFuzzerTestOneInput(input->bytes, input->size);
		after = mallinfo2().uordblks;
	} while (after > before && ++times < 64);
	if (after > before)
		fprintf(stderr, "a leak of %zu bytes\n", after - before);
	CHECK(after <= before);
	run_count += times + 2;
}

int main(int argc, char **argv)
{
	size_t runs = 0, seed = 1, only = SIZE_MAX, i;
	int k;

	watch_signals();
	if (LLVMFuzzerInitialize != NULL)
		LLVMFuzzerInitialize(&argc, &argv);
	for (k = 1; k < argc; k++)
		if (k + 1 < argc && strcmp(argv[k], "--runs") == 0)
			runs = strtoul(argv[++k], NULL, 10);
		else if (k + 1 < argc && strcmp(argv[k], "--seed") == 0)
			seed = strtoul(argv[++k], NULL, 10);
		else if (k + 1 < argc && strcmp(argv[k], "--only") == 0)
			only = strtoul(argv[++k], NULL, 10);
		else
			CHECK(ftw(argv[k], add_input, 16) == 0);
	CHECK(input_count > 0 && atexit(tell) == 0);
	for (i = 0; i < input_count; i++, current++)
		if (only == SIZE_MAX || only == current)
			run_input(&inputs[i]);
	for (i = 0; i < runs; i++, current++)
		if (only == SIZE_MAX || only == current)
			run_mutant(seed, current);
	is_over = true;
	printf("%zu runs\n", run_count);
	for (i = 0; i < input_count; i++) {
		free(inputs[i].path);
		free(inputs[i].bytes);
	}
	return 0;
}
