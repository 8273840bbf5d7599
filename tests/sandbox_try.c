/*
 * sandbox_try.c: what a bug in a parser would do, done in dimc's process, for tests/sandbox.bats.
 * In: LD_PRELOAD; TRY_OUTSIDE: a directory with a file `there` that the command has no business with; TRY_INSIDE: one
 * of the volume. Out: once, from within the first digest, a line on standard error for each thing that was tried: its
 * name, and what the system said.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *name, long result)
{
	int error = errno;
	char line[128];
	int size = snprintf(line, sizeof(line), "try %s: %s\n", name, result >= 0 ? "done" : strerrorname_np(error));

	if (write(STDERR_FILENO, line, (size_t)size) != size)
		abort();
}

static const char *below(const char *variable, const char *name)
{
	static char path[4096];

	snprintf(path, sizeof(path), "%s/%s", getenv(variable), name);
	return path;
}

static void try_files(void)
{
	char from[4096];

	say("write-inside", open(below("TRY_INSIDE", "tried"), O_WRONLY | O_CREAT, 0600));
	say("remove-inside", unlink(below("TRY_INSIDE", "tried")));
	say("write-outside", open(below("TRY_OUTSIDE", "there"), O_WRONLY));
	say("truncate-outside", open(below("TRY_OUTSIDE", "there"), O_WRONLY | O_TRUNC));
	say("create-outside", open(below("TRY_OUTSIDE", "new"), O_WRONLY | O_CREAT, 0600));
	say("mkdir-outside", mkdir(below("TRY_OUTSIDE", "folder"), 0700));
	say("symlink-outside", symlink("/", below("TRY_OUTSIDE", "link")));
	snprintf(from, sizeof(from), "%s", below("TRY_OUTSIDE", "there"));
	say("rename-outside", rename(from, below("TRY_OUTSIDE", "gone")));
	say("remove-outside", unlink(from));
	say("read-outside", open(from, O_RDONLY));
	say("fifo-outside", mknod(below("TRY_OUTSIDE", "fifo"), S_IFIFO | 0600, 0));
}

static void try_processes(void)
{
	char *arguments[] = {(char *)"true", NULL}, byte;
	struct iovec here = {&byte, 1}, there = {&byte, 1};
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t child;

	say("socket", socket(AF_INET, SOCK_STREAM, 0));
	say("unix-socket", socket(AF_UNIX, SOCK_STREAM, 0));
	child = fork();
	if (child == 0) {
		execv("/bin/true", arguments);
		_exit(127);
	}
	say("fork", child);
	if (child > 0)
		waitpid(child, NULL, 0);
	say("kill", kill(getppid(), 0));
	say("ptrace", ptrace(PTRACE_SEIZE, getppid(), 0, 0));
	say("other-memory", process_vm_readv(getppid(), &here, 1, &there, 1, 0));
	say("executable-memory", mprotect(page, 4096, PROT_READ | PROT_EXEC));
	say("new-executable-memory",
	    mmap(NULL, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0);
	say("typed-for-the-user", ioctl(STDIN_FILENO, TIOCSTI, "x"));
	/* Only where nothing else said it: this process would be gone. */
	if (getenv("TRY_EXEC") != NULL)
		say("exec", execv("/bin/true", arguments));
}

int EVP_DigestUpdate(void *context, const void *bytes, size_t size)
{
	static atomic_flag tried = ATOMIC_FLAG_INIT;
	static int (*real)(void *, const void *, size_t);

	if (!atomic_flag_test_and_set(&tried)) {
		try_files();
		try_processes();
	}
	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "EVP_DigestUpdate");
	return real(context, bytes, size);
}
