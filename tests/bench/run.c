/*
 * run.c: runs a command and says what it took.
 * In: a file for its stderr; a command with its arguments.
 * Out: one line on stdout: seconds on the wall, of user and of system time, KiB of memory at the peak, status.
 *
 * Times and memory are those of the command and of what it started and waited for. Its stdout goes to /dev/null. The
 * runner is small, so that nothing of it is taken for the command's memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
	posix_spawn_file_actions_t actions;
	struct timespec began, ended;
	struct rusage usage;
	int status, failed;
	pid_t pid;

	if (argc < 3) {
		fputs("usage: run STDERR COMMAND [ARGUMENT...]\n", stderr);
		return 2;
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 2, argv[1], O_WRONLY | O_CREAT | O_TRUNC, 0666);
	clock_gettime(CLOCK_MONOTONIC, &began);
	failed = posix_spawnp(&pid, argv[2], &actions, NULL, argv + 2, environ);
	if (failed != 0) {
		fprintf(stderr, "run: %s: %s\n", argv[2], strerror(failed));
		return 1;
	}
	while (wait4(pid, &status, 0, &usage) < 0) {
		if (errno != EINTR) {
			perror("run: wait4");
			return 1;
		}
	}
	clock_gettime(CLOCK_MONOTONIC, &ended);
	posix_spawn_file_actions_destroy(&actions);
	printf("%.6f %.6f %.6f %ld %d\n",
	       (double)(ended.tv_sec - began.tv_sec) + (double)(ended.tv_nsec - began.tv_nsec) / 1e9,
	       seconds(usage.ru_utime), seconds(usage.ru_stime), usage.ru_maxrss,
	       WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return 0;
}
