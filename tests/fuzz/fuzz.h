/*
 * fuzz.h: what every target has: the functions that libFuzzer, AFL++ and plain.c call, CHECK, random numbers, a watch
 * for hangs. In: the target's `test_one`, which ends with status 1 (test.h), or by a sanitizer, where something is
 * wrong. Out: LLVMFuzzerTestOneInput.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/time.h>
#include <unistd.h>

#include "../unit/random.h"
#include "../unit/test.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A target may have its own mutants; `seed` alone decides. LLVMFuzzerMutate is the engine's; AFL++ has none. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size) __attribute__((weak));

static void test_one(const uint8_t *data, size_t size);

/*
 * An input that takes more than a second is a hang. libFuzzer's -timeout means time on the wall, and a machine with
 * other work takes that for itself; here it is time of the processor, looked at every half second.
 */
static volatile sig_atomic_t runs;

static void look_at_watch(int signal_number)
{
	static const char text[] = "a hang: more than one second of one input\n";
	static sig_atomic_t seen = -1, times;
	ssize_t ignored;

	(void)signal_number;
	times = seen == runs ? times + 1 : 0;
	seen = runs;
	if (times < 2)
		return;
	ignored = write(STDERR_FILENO, text, sizeof(text) - 1);
	(void)ignored;
	abort();
}

static void start_watch(void)
{
	struct itimerval half = {{0, 500000}, {0, 500000}};
	struct sigaction action = {.sa_handler = look_at_watch, .sa_flags = SA_RESTART};

	CHECK(sigaction(SIGPROF, &action, NULL) == 0 && setitimer(ITIMER_PROF, &half, NULL) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (runs == 0)
		start_watch();
	runs = runs % 1000000 + 1;
	test_one(data, size);
	return 0;
}

/* Nothing less is found for it, and it is faster by half: no words of printf read twice, no stacks of allocations. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "check_printf=0:malloc_context_size=1:quarantine_size_mb=1:allocator_release_to_os_interval_ms=-1";
}

#endif
