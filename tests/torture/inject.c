/*
 * inject.c: counts every system call that a program makes from main() on, in all threads; one of them goes wrong.
 * In: what shall happen at which number, and a command (usage, below).
 * Out: the command's exit status, 128 and the signal that killed it, 124 where the number never came, or was no call
 * that can be halved, 125 for errors of its own; with -o, a log of the calls.
 *
 * Calls are numbered in the order in which they are entered, whatever thread they are made by: strace's inject= counts
 * for each thread and each name. What the dynamic linker and libc do before main() is no part of the program, and runs
 * at full speed.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "inject_calls.h"
#include "inject_tracee.h"

enum { NEVER_CAME = 124, MAX_TASKS = 256 };
enum action { COUNT, KILL, FAIL, SHORT, RUN };

struct call {
	int thread;
	int64_t number, result;
	char *what;
	bool returned, meddled;
};

struct task {
	pid_t id;
	int thread;		   /* 1 is main()'s; in the order of their first stop */
	size_t call;		   /* the one that it is in, from 1; 0: none, or one that does not count */
	bool gone, inside, refuse; /* inside a call; whether that returns `error` */
	int error;
	uint64_t iov_len_at, iov_len; /* a length that was made smaller for this call */
};

static struct {
	enum action action;
	size_t at;
	int error;
	const char *shell, *log, *only, *refused;
	int refused_error;
} option;

static struct task tasks[MAX_TASKS];
static size_t task_count, call_count, call_room;
static struct call *calls; /* where there is a log */
static pid_t leader;
static bool came;

/* Whether `name` is one of "a,b,c". */
static bool is_among(const char *name, const char *list)
{
	const size_t length = strlen(name);

	for (const char *at = list; at != NULL; at = strchr(at, ',')) {
		at += *at == ',';
		if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == '\0'))
			return true;
	}
	return false;
}

static int error_number(const char *name)
{
	for (int error = 1; error < 134; error++) {
		if (strerrorname_np(error) != NULL && strcmp(strerrorname_np(error), name) == 0)
			return error;
	}
	die("%s is no error's name", name);
}

static struct task *task_of(pid_t id)
{
	for (size_t i = 0; i < task_count; i++) {
		if (tasks[i].id == id && !tasks[i].gone)
			return &tasks[i];
	}
	if (task_count == MAX_TASKS)
		die("more than %d threads", MAX_TASKS);
	tasks[task_count] = (struct task){.id = id, .thread = (int)task_count + 1};
	return &tasks[task_count++];
}

/* The read or write that a task is about to make is made for half of its bytes, and at least one. */
static void shorten(struct task *task, int64_t number, const uint64_t *arguments)
{
	const struct known_call *call = known_call(number);
	const char kind = call != NULL ? call->halves : ' ';
	uint64_t wanted, total = 0;
	struct iovec parts[64];
	registers r;
	size_t i, count;

	get_registers(task->id, &r);
	if (kind == 'b') {
		ARGUMENT_2(&r) = arguments[2] / 2 > 1 ? arguments[2] / 2 : arguments[2] != 0;
	} else if (kind == 'v') {
		count = arguments[2] < 64 ? (size_t)arguments[2] : 64;
		count = peek(task->id, arguments[1], parts, count * sizeof(parts[0])) / sizeof(parts[0]);
		for (i = 0; i < count; i++)
			total += parts[i].iov_len;
		wanted = total / 2 > 1 ? total / 2 : total != 0;
		for (i = 0; i + 1 < count && parts[i].iov_len < wanted; i++)
			wanted -= parts[i].iov_len;
		if (count > 0) {
			task->iov_len_at = arguments[1] + i * sizeof(parts[0]) + offsetof(struct iovec, iov_len);
			task->iov_len = parts[i].iov_len;
			poke(task->id, task->iov_len_at, wanted);
			ARGUMENT_2(&r) = i + 1;
		}
	} else {
		came = false; /* neither a read nor a write */
	}
	set_registers(task->id, &r);
}

/* All threads stand still while the shell command runs; none goes on. */
static void run_shell(const struct task *at)
{
	int status;

	for (size_t i = 0; i < task_count; i++) {
		if (tasks[i].gone || &tasks[i] == at || ptrace(PTRACE_INTERRUPT, tasks[i].id, 0, 0) != 0)
			continue;
		if (waitpid(tasks[i].id, &status, __WALL) == tasks[i].id && !WIFSTOPPED(status))
			tasks[i].gone = true;
	}
	status = system(option.shell);
	if (status != 0)
		die("%s: status %d", option.shell, status);
}

/* Whether it is one of those that always fail: of this name, or an openat for a file without a name. */
static bool is_refused(const char *name, const uint64_t *arguments)
{
	if (option.refused == NULL)
		return false;
	if (strcmp(option.refused, "O_TMPFILE") == 0)
		return strcmp(name, "openat") == 0 && (arguments[2] & O_TMPFILE) == O_TMPFILE;
	return strcmp(name, option.refused) == 0;
}

static void enter(struct task *task, int64_t number, const uint64_t *arguments)
{
	const char *name = call_name(number);

	task->inside = true;
	task->call = 0;
	if (is_refused(name, arguments)) {
		cancel(task->id);
		task->refuse = true;
		task->error = option.refused_error;
	}
	if (option.only != NULL && is_among(name, option.only + (option.only[0] == '!')) == (option.only[0] == '!'))
		return;
	task->call = ++call_count;
	if (option.log != NULL) {
		if (call_count > call_room) {
			call_room = call_room * 2 + 1024;
			calls = realloc(calls, call_room * sizeof(*calls));
			if (calls == NULL)
				die("no memory");
		}
		calls[call_count - 1] = (struct call){.thread = task->thread,
						      .number = number,
						      .meddled = task->refuse,
						      .what = subject(task->id, known_call(number), arguments)};
	}
	if (option.action == COUNT || call_count != option.at)
		return;
	came = true;
	if (option.log != NULL)
		calls[call_count - 1].meddled = true;
	if (option.action == SHORT) {
		shorten(task, number, arguments);
		return;
	}
	cancel(task->id);
	task->refuse = option.action == FAIL;
	task->error = option.error;
	if (option.action == RUN)
		run_shell(task);
	if (option.action != FAIL)
		kill(leader, SIGKILL);
}

static void leave(struct task *task, int64_t result)
{
	registers r;

	if (task->refuse) {
		get_registers(task->id, &r);
		RESULT(&r) = (uint64_t) - (int64_t)task->error;
		result = -task->error;
		set_registers(task->id, &r);
	}
	if (task->iov_len_at != 0)
		poke(task->id, task->iov_len_at, task->iov_len);
	if (task->call != 0 && option.log != NULL) {
		calls[task->call - 1].returned = true;
		calls[task->call - 1].result = result;
	}
	task->inside = task->refuse = false;
	task->iov_len_at = 0;
}

static int wait_for(pid_t id)
{
	int status;

	if (waitpid(id, &status, __WALL) != id)
		die("waitpid: %s", strerror(errno));
	if (!WIFSTOPPED(status))
		die("the command ended before main()");
	return status;
}

/* Starts the command and lets it go to main(); it stands still there. */
static void start(char **command)
{
	const long options = PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
			     PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC;
	int gate[2];
	uint64_t at, word;
	registers r;
	char byte;

	if (pipe2(gate, O_CLOEXEC) != 0 || (leader = fork()) < 0)
		die("cannot start: %s", strerror(errno));
	if (leader == 0) {
		close(gate[1]);
		if (read(gate[0], &byte, 1) == 0)
			execvp(command[0], command);
		die("%s: %s", command[0], strerror(errno));
	}
	close(gate[0]);
	if (ptrace(PTRACE_SEIZE, leader, 0, options) != 0)
		die("PTRACE_SEIZE: %s", strerror(errno));
	close(gate[1]);
	while (wait_for(leader) >> 8 != (SIGTRAP | PTRACE_EVENT_EXEC << 8))
		ptrace(PTRACE_CONT, leader, 0, 0);
	at = find_main(leader);
	if (peek(leader, at, &word, sizeof(word)) != sizeof(word))
		die("cannot read main()");
	poke(leader, at, (word & ~TRAP_BITS) | TRAP);
	do {
		ptrace(PTRACE_CONT, leader, 0, 0);
	} while (wait_for(leader) >> 8 != SIGTRAP);
	poke(leader, at, word);
	get_registers(leader, &r);
	if (PC(&r) != at + TRAP_SIZE)
		die("stopped elsewhere than at main()");
	PC(&r) = at;
	set_registers(leader, &r);
	task_of(leader);
}

/* One stop of one task; how it goes on. */
static void stopped(struct task *task, int status)
{
	const int signal = WSTOPSIG(status), event = status >> 16;
	struct __ptrace_syscall_info info;

	if (signal == (SIGTRAP | 0x80)) {
		if (ptrace(PTRACE_GET_SYSCALL_INFO, task->id, sizeof(info), &info) <= 0)
			info.op = PTRACE_SYSCALL_INFO_NONE; /* killed meanwhile */
		if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
			enter(task, (int64_t)info.entry.nr, info.entry.args);
		else if (info.op == PTRACE_SYSCALL_INFO_EXIT && task->inside)
			leave(task, info.exit.rval);
	}
	/* Gone where it was killed: its end is told by waitpid. */
	ptrace(PTRACE_SYSCALL, task->id, 0, signal == (SIGTRAP | 0x80) || event != 0 ? 0 : signal);
}

/* Until nothing of the command is left. Returns its wait status. */
static int follow(void)
{
	int status, last = 0;
	pid_t id;

	ptrace(PTRACE_SYSCALL, leader, 0, 0);
	while ((id = waitpid(-1, &status, __WALL)) > 0) {
		struct task *task = task_of(id);
		if (WIFSTOPPED(status)) {
			stopped(task, status);
			continue;
		}
		task->gone = true;
		if (id == leader)
			last = status;
	}
	return last;
}

static void write_log(void)
{
	FILE *file = fopen(option.log, "we");

	if (file == NULL)
		die("%s: %s", option.log, strerror(errno));
	for (size_t i = 0; i < call_count; i++) {
		const struct call *call = &calls[i];
		const char *error =
			call->result < 0 && call->result > -134 ? strerrorname_np((int)-call->result) : NULL;
		fprintf(file, "%zu\t%d\t%s\t%s\t", i + 1, call->thread, call_name(call->number), call->what);
		if (!call->returned)
			fputc('?', file);
		else if (error != NULL)
			fprintf(file, "-%s", error);
		else
			fprintf(file, "%lld", (long long)call->result);
		fputs(call->meddled ? "\tinjected\n" : "\n", file);
	}
	if (fclose(file) != 0)
		die("%s: %s", option.log, strerror(errno));
}

static const char usage[] =
	"usage: inject [-o LOG] [-e [!]NAME,...] [-x NAME=ERRNO] ACTION -- COMMAND...\n"
	"  count             only counts\n"
	"  kill N            SIGKILL to the whole process instead of call N\n"
	"  fail N ERRNO      call N is not made, and returns -ERRNO\n"
	"  short N           call N, a read or a write, is made for half of its bytes\n"
	"  run N SHELL       at call N all threads stand still, SHELL runs, then SIGKILL\n"
	"  -o LOG            number, thread, name, what it is about, result of each call, separated by tabs\n"
	"  -e [!]NAME,...    counts calls of these names alone, or all but these\n"
	"  -x NAME=ERRNO     every call of this name fails; O_TMPFILE: openat of files without a name\n";

/* The options and the action; returns the command. */
static char **read_arguments(int argc, char **argv)
{
	static const struct {
		const char *name;
		int operands;
	} actions[] = {[COUNT] = {"count", 0},
		       [KILL] = {"kill", 1},
		       [FAIL] = {"fail", 2},
		       [SHORT] = {"short", 1},
		       [RUN] = {"run", 2}};
	int letter, i = 0;
	char *equals;

	while ((letter = getopt(argc, argv, "+o:e:x:")) != -1) {
		if (letter == 'o') {
			option.log = optarg;
		} else if (letter == 'e') {
			option.only = optarg;
		} else if (letter == 'x' && (equals = strchr(optarg, '=')) != NULL) {
			*equals = '\0';
			option.refused = optarg;
			option.refused_error = error_number(equals + 1);
		} else {
			die("\n%s", usage);
		}
	}
	argv += optind;
	while (argv[0] != NULL && i <= RUN && strcmp(argv[0], actions[i].name) != 0)
		i++;
	if (argv[0] == NULL || i > RUN || argc - optind < actions[i].operands + 3 ||
	    strcmp(argv[actions[i].operands + 1], "--") != 0)
		die("\n%s", usage);
	option.action = (enum action)i;
	option.at = actions[i].operands > 0 ? strtoul(argv[1], NULL, 10) : 0;
	if (i == FAIL)
		option.error = error_number(argv[2]);
	option.shell = argv[2];
	return argv + actions[i].operands + 2;
}

int main(int argc, char **argv)
{
	int status;

	start(read_arguments(argc, argv));
	status = follow();
	if (option.log != NULL)
		write_log();
	if (option.action != COUNT && !came)
		return NEVER_CAME;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
