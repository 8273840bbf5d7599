/*
 * failing_preload.c: a library to be preloaded, in which one allocation of a program fails, or every one from there on.
 * In: FAILING_AT, the number of that allocation, counted from main on (0: none); FAILING_LASTS, set: all behind it,
 * too; FAILING_LOG, a file to append to. Out: in FAILING_LOG a line for the allocation that failed; where FAILING_AT is
 * 0, for each: its number and its callers, innermost first, as MODULE+OFFSET; and `= COUNT` at the end of a run that
 * ended by itself.
 *
 * A thread that is not given counts as an allocation: its stack is one.
 */
#undef _FILE_OFFSET_BITS /* mmap and mmap64 are two names here */
#undef _TIME_BITS	 /* without the one above there is none */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FRAMES = 40, LINE = FRAMES * 64, MODULES = 64 };

static atomic_ulong calls;
static atomic_bool is_counting, is_over;
static unsigned long at;
static bool lasts, is_census;
static int log_fd = -1;
static _Thread_local bool is_inside; /* what this file itself makes the system allocate */

/*
 * The functions that are called in truth: a sanitizer's, or the C library's. They are not known before all libraries
 * are initialised: dlsym is a sanitizer's, too, and not to be called before. What is allocated until then comes from
 * here, and is never freed.
 */
static void *(*next_malloc)(size_t), *(*next_calloc)(size_t, size_t), *(*next_realloc)(void *, size_t);
static void *(*next_aligned_alloc)(size_t, size_t), (*next_free)(void *);
static int (*next_posix_memalign)(void **, size_t, size_t);
static void *(*next_mmap)(void *, size_t, int, int, int, off_t);

enum { EARLY_ALIGNMENT = 16 }; /* before each block, its size has as many bytes */
static _Alignas(EARLY_ALIGNMENT) char early[1 << 20];
static atomic_size_t early_used;

static void *early_alloc(size_t size)
{
	size_t whole = EARLY_ALIGNMENT + ((size + EARLY_ALIGNMENT - 1) & ~(size_t)(EARLY_ALIGNMENT - 1));
	size_t from = atomic_fetch_add(&early_used, whole);

	if (from + whole > sizeof(early))
		abort();
	memcpy(early + from, &size, sizeof(size));
	return early + from + EARLY_ALIGNMENT;
}

static bool is_early(const void *block)
{
	return (const char *)block >= early && (const char *)block < early + sizeof(early);
}

static void *early_grow(const char *block, size_t size)
{
	size_t old = 0;
	void *more = next_malloc != NULL ? next_malloc(size) : early_alloc(size);

	if (block != NULL && more != NULL) {
		memcpy(&old, block - EARLY_ALIGNMENT, sizeof(old));
		memcpy(more, block, old < size ? old : size);
	}
	return more;
}

/* `symbol` as the next library has it; through a union, since a data pointer is no function pointer in C11. */
#define NEXT(function, name)                         \
	do {                                         \
		union {                              \
			void *data;                  \
			__typeof__(function) called; \
		} found = {dlsym(RTLD_NEXT, name)};  \
		(function) = found.called;           \
	} while (0)

static void find_next(void)
{
	NEXT(next_free, "free");
	NEXT(next_mmap, "mmap64");
	NEXT(next_posix_memalign, "posix_memalign");
	NEXT(next_aligned_alloc, "aligned_alloc");
	NEXT(next_calloc, "calloc");
	NEXT(next_realloc, "realloc");
	NEXT(next_malloc, "malloc"); /* the last one: with it, they are known */
}

/* Where programs and libraries are; dladdr(3) would look for symbols, too, one after the other. */
static struct module {
	char name[40];
	unsigned long base, begin, end;
} modules[MODULES];
static size_t module_count;

static int add_module(struct dl_phdr_info *info, size_t size, void *unused)
{
	const char *slash = strrchr(info->dlpi_name, '/');
	struct module *module = &modules[module_count];
	int i;

	(void)size;
	(void)unused;
	if (module_count == MODULES)
		return 1;
	snprintf(module->name, sizeof(module->name), "%s",
		 module_count == 0 ? program_invocation_short_name : (slash != NULL ? slash + 1 : info->dlpi_name));
	module->base = info->dlpi_addr;
	module->begin = -1ul;
	module->end = 0;
	for (i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];

		if (part->p_type == PT_LOAD && info->dlpi_addr + part->p_vaddr < module->begin)
			module->begin = info->dlpi_addr + part->p_vaddr;
		if (part->p_type == PT_LOAD && info->dlpi_addr + part->p_vaddr + part->p_memsz > module->end)
			module->end = info->dlpi_addr + part->p_vaddr + part->p_memsz;
	}
	module_count++;
	return 0;
}

static void tell(unsigned long number)
{
	void *frames[FRAMES];
	char line[LINE];
	int count = backtrace(frames, FRAMES), i;
	size_t size = (size_t)snprintf(line, sizeof(line), "%lu", number), m;

	for (i = 0; i < count; i++) {
		unsigned long place = (unsigned long)frames[i] - 1; /* the call, not where it returns to */

		for (m = 0; m < module_count && (place < modules[m].begin || place >= modules[m].end); m++)
			;
		/* Not this file's own. */
		if (m < module_count && strstr(modules[m].name, "_preload.so") == NULL)
			size += (size_t)snprintf(line + size, sizeof(line) - size, " %s+%lx", modules[m].name,
						 place - modules[m].base);
	}
	line[size++] = '\n';
	if (write(log_fd, line, size) < 0)
		abort();
}

/* Counts a call, and says whether it fails. */
static __attribute__((noinline)) bool fails(void)
{
	unsigned long number;
	bool is_hit;

	if (!is_counting || is_inside)
		return false;
	number = atomic_fetch_add(&calls, 1) + 1;
	is_hit = at != 0 && (number == at || (lasts && number > at));
	if (is_census || number == at) {
		is_inside = true;
		tell(number);
		is_inside = false;
	}
	if (is_hit)
		errno = ENOMEM;
	return is_hit;
}

void *malloc(size_t size)
{
	if (next_malloc == NULL)
		return early_alloc(size);
	return fails() ? NULL : next_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	if (next_malloc == NULL)
		return early_alloc(count * size); /* of memory that is zero */
	return fails() ? NULL : next_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
	if (fails())
		return NULL;
	return next_malloc == NULL || is_early(block) ? early_grow(block, size) : next_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return fails() ? NULL : next_aligned_alloc(alignment, size);
}

int posix_memalign(void **ret, size_t alignment, size_t size)
{
	return fails() ? ENOMEM : next_posix_memalign(ret, alignment, size);
}

void free(void *block)
{
	if (block != NULL && !is_early(block))
		next_free(block);
}

void *mmap(void *where, size_t size, int access, int flags, int fd, off_t offset)
{
	if (next_mmap == NULL) {
		long mapped = syscall(SYS_mmap, where, size, access, flags, fd, offset);

		return (void *)mapped;
	}
	if ((flags & MAP_FIXED) == 0 && fails())
		return MAP_FAILED;
	return next_mmap(where, size, access, flags, fd, offset);
}

void *mmap64(void *where, size_t size, int access, int flags, int fd, off_t offset) __attribute__((alias("mmap")));

int pthread_create(pthread_t *ret, const pthread_attr_t *attributes, void *(*run)(void *), void *argument)
{
	int (*next)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
	int status;

	if (fails())
		return EAGAIN;
	NEXT(next, "pthread_create");
	is_inside = true; /* the C library's own notes on a thread are of that one allocation */
	status = next(ret, attributes, run, argument);
	is_inside = false;
	return status;
}

/* One core, so that one thread allocates in one order; FAILING_THREADS, set: all that there are. */
int sched_getaffinity(pid_t process, size_t size, cpu_set_t *ret)
{
	int (*next)(pid_t, size_t, cpu_set_t *);

	NEXT(next, "sched_getaffinity");
	if (getenv("FAILING_THREADS") != NULL)
		return next(process, size, ret);
	CPU_ZERO_S(size, ret);
	CPU_SET_S(0, size, ret);
	return 0;
}

static void end(void)
{
	char line[32];
	int size = snprintf(line, sizeof(line), "= %lu\n", (unsigned long)calls);

	if (!atomic_exchange(&is_over, true) && is_census && write(log_fd, line, (size_t)size) < 0)
		abort();
	is_counting = false;
}

static __attribute__((noinline)) void lose(void *block)
{
	memset(block, 1, 33);
}

static int (*real_main)(int, char **, char **);

static int counted_main(int argc, char **argv, char **env)
{
	const char *number = getenv("FAILING_AT"), *path = getenv("FAILING_LOG");
	void *frames[2];

	if (number != NULL && path != NULL) {
		backtrace(frames, 2); /* loads what it needs */
		dl_iterate_phdr(add_module, NULL);
		at = strtoul(number, NULL, 10);
		is_census = at == 0;
		lasts = getenv("FAILING_LASTS") != NULL;
		log_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
		if (log_fd >= 0)
			log_fd = fcntl(log_fd, F_DUPFD_CLOEXEC, 1000);
		if (log_fd < 0)
			abort();
		unsetenv("LD_PRELOAD"); /* what it starts is not meant */
		atexit(end);
		if (getenv("FAILING_LEAK") != NULL)
			lose(next_malloc(33));
		is_counting = true;
	}
	return real_main(argc, argv, env);
}

int __libc_start_main(int (*main_function)(int, char **, char **), int argc, char **argv, void (*init)(void),
		      void (*fini)(void), void (*rtld_fini)(void), void *stack_end);
int __libc_start_main(int (*main_function)(int, char **, char **), int argc, char **argv, void (*init)(void),
		      void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
	int (*next)(int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void), void (*)(void),
		    void *);

	find_next();
	NEXT(next, "__libc_start_main");
	real_main = main_function;
	return next(counted_main, argc, argv, init, fini, rtld_fini, stack_end);
}
