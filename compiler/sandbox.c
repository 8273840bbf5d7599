/*
 * sandbox.c: what a run gives up before it reads the first byte that somebody else wrote.
 * In: paths that are granted.
 * Out: Landlock's rules for them, and the filter of system calls, both in force.
 */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mem.h"
#include "system_calls.h"

/* As of Linux 6.2 and 6.7, for older headers; the kernel says what it knows. */
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ull << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ull << 14)
#endif

/* struct landlock_ruleset_attr of every version up to 6; a kernel takes the part that it knows. */
struct ruleset {
	uint64_t files, network, scopes;
};

enum {
	VERSION_LINKS = 2, /* the first in which files may be linked and renamed between directories */
	VERSION_TRUNCATE = 3,
	VERSION_NETWORK = 4,
	VERSION_SCOPES = 6,
};

static const uint64_t READ = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
static const uint64_t WRITE = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE | LANDLOCK_ACCESS_FS_REFER |
			      LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR |
			      LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR;
/* Nobody needs these. */
static const uint64_t NEVER = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_SOCK |
			      LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
			      LANDLOCK_ACCESS_FS_MAKE_SYM;
/* All that can be granted for what is no directory. */
static const uint64_t OF_FILES =
	LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE;
/* LANDLOCK_ACCESS_NET_BIND_TCP and _CONNECT_TCP; LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET and _SIGNAL. */
static const uint64_t NETWORK = 3, SCOPES = 3;

/* What a parser, a decompressor and a digest may look at wherever they are: libraries, their settings, the system's
 * facts. */
static const char *const system_paths[] = {"/usr",  "/lib",	 "/lib64",	"/etc/ssl", "/etc/ld.so.cache",
					   "/proc", "/dev/null", "/dev/urandom"};

struct sandbox_grant {
	int fd; /* opened as a path alone */
	uint64_t rights;
};

/* true where it is there. */
static bool grant(struct sandbox *sandbox, const char *path, uint64_t rights)
{
	struct stat st;
	int fd = open(path, O_PATH | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) != 0) {
		if (errno != ENOENT && errno != ENOTDIR && errno != EACCES && errno != ELOOP && errno != ENAMETOOLONG)
			sandbox->unsure = errno;
		if (fd >= 0)
			close(fd);
		return false;
	}
	if (!S_ISDIR(st.st_mode))
		rights &= OF_FILES;
	sandbox->grants = mem_reserve(sandbox->grants, sandbox->count, &sandbox->capacity, sizeof(*sandbox->grants));
	sandbox->grants[sandbox->count++] = (struct sandbox_grant){fd, rights};
	return true;
}

/* Takes the last component off a path: "a/b" is "a" then, "a" is ".", "/a" is "/". */
static void go_up(char *path)
{
	size_t size = strlen(path);

	while (size > 1 && path[size - 1] == '/')
		size--;
	while (size > 0 && path[size - 1] != '/')
		size--;
	while (size > 1 && path[size - 1] == '/')
		size--;
	if (size == 0)
		strcpy(path, ".");
	else
		path[size] = '\0';
}

static char *copy_of(const char *path)
{
	size_t size = strlen(path) + 2; /* room for "." */
	char *copy = mem_alloc(size);

	memcpy(copy, path, size - 1);
	return copy;
}

void sandbox_write_below(struct sandbox *sandbox, const char *path)
{
	char *above = copy_of(path);

	while (!grant(sandbox, above, READ | WRITE) && strcmp(above, ".") != 0 && strcmp(above, "/") != 0)
		go_up(above);
	free(above);
}

void sandbox_write_file(struct sandbox *sandbox, const char *path)
{
	struct stat st;
	char *folder;

	if (path == NULL || strcmp(path, "-") == 0)
		return;
	/* Where a link leads, too: what is no regular file is written to in its place. */
	if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
		grant(sandbox, path, READ | WRITE);
	folder = copy_of(path);
	go_up(folder);
	sandbox_write_below(sandbox, folder);
	free(folder);
}

void sandbox_read(struct sandbox *sandbox, const char *path)
{
	if (path != NULL)
		grant(sandbox, path, READ);
}

/* 0 or errno. */
static int limit_files(struct sandbox *sandbox)
{
	struct ruleset ruleset = {.files = NEVER};
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	size_t i, size = offsetof(struct ruleset, network);
	int rules, error = 0;

	if (sandbox->unsure != 0)
		return sandbox->unsure;
	if (version < VERSION_LINKS)
		return version < 0 ? errno : ENOSYS;
	if (!sandbox->writes_anywhere)
		ruleset.files |= WRITE;
	if (sandbox->reads_granted)
		ruleset.files |= READ;
	if (version < VERSION_TRUNCATE)
		ruleset.files &= ~LANDLOCK_ACCESS_FS_TRUNCATE;
	if (version >= VERSION_NETWORK) {
		ruleset.network = NETWORK;
		size = offsetof(struct ruleset, scopes);
	}
	if (version >= VERSION_SCOPES) {
		ruleset.scopes = SCOPES;
		size = sizeof(ruleset);
	}
	rules = (int)syscall(SYS_landlock_create_ruleset, &ruleset, size, 0);
	if (rules < 0)
		return errno;
	for (i = 0; error == 0 && i < sandbox->count; i++) {
		struct landlock_path_beneath_attr rule = {.allowed_access = sandbox->grants[i].rights & ruleset.files,
							  .parent_fd = sandbox->grants[i].fd};

		if (rule.allowed_access != 0 &&
		    syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
			error = errno;
	}
	if (error == 0 && syscall(SYS_landlock_restrict_self, rules, 0) != 0)
		error = errno;
	close(rules);
	return error;
}

/* Whether this build writes and traces for itself: a sanitizer, gcov. */
static bool is_instrumented(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
	return true;
#endif
#endif
	/* What gcov's objects need of its library: a weak symbol alone would bring nothing. */
	extern void __gcov_merge_add(void) __attribute__((weak)); /* NOLINT(*-identifier,cert-dcl*): its name */

	return __gcov_merge_add != NULL;
}

/* NULL where it is not set, or to nothing. */
static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && *value != '\0' ? value : NULL;
}

static enum sandbox_result enter(struct sandbox *sandbox, const char *mode, const char **ret_missing)
{
	bool is_required = strcmp(mode, "required") == 0;
	int error;

	if (strcmp(mode, "off") == 0)
		return SANDBOX_ENTERED;
	if (!is_required && strcmp(mode, "auto") != 0)
		return SANDBOX_MISUSED;
	if (!is_required && is_instrumented())
		return SANDBOX_ENTERED;
	*ret_missing = "no_new_privs";
	error = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ? errno : 0;
	if (error == 0) {
		*ret_missing = "Landlock";
		error = sandbox->sees_processes ? 0 : limit_files(sandbox);
	}
	if ((error == 0 || !is_required) && (is_required || variable("LD_PRELOAD") == NULL)) {
		int filter_error = system_calls_limit();

		if (error == 0)
			*ret_missing = "a seccomp filter";
		error = error == 0 ? filter_error : error;
	}
	errno = error;
	return error != 0 && is_required ? SANDBOX_MISSING : SANDBOX_ENTERED;
}

enum sandbox_result sandbox_enter(struct sandbox *sandbox, const char **ret_missing)
{
	const char *mode = variable("DIMC_SANDBOX");
	enum sandbox_result result;
	size_t i;
	int error;

	for (i = 0; sandbox->reads_granted && i < sizeof(system_paths) / sizeof(system_paths[0]); i++)
		sandbox_read(sandbox, system_paths[i]);
	result = enter(sandbox, mode != NULL ? mode : "auto", ret_missing);
	error = errno;
	for (i = 0; i < sandbox->count; i++)
		close(sandbox->grants[i].fd);
	free(sandbox->grants);
	*sandbox = (struct sandbox){0};
	errno = error;
	return result;
}
