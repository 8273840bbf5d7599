/*
 * inject_calls.h: the system calls that inject.c knows by name.
 * In: a number. Out: its name, where the paths among its arguments are, and whether it can be made for half of its
 * bytes.
 *
 * `shape`: pairs of a kind and the number of an argument; @: a directory's descriptor, and behind it a name; s: a name;
 * f: a descriptor. `halves`: 'b': a buffer and its size; 'v': a vector of them; always arguments 1 and 2.
 */
#ifndef INJECT_CALLS_H
#define INJECT_CALLS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>

struct known_call {
	int64_t number;
	const char *name, *shape;
	char halves;
};

#define CALL(name, shape)                     \
	{                                     \
		SYS_##name, #name, shape, ' ' \
	}
#define HALVES(name, shape, kind)              \
	{                                      \
		SYS_##name, #name, shape, kind \
	}

static const struct known_call known_calls[] = {
	HALVES(read, "f0", 'b'),
	HALVES(write, "f0", 'b'),
	HALVES(pread64, "f0", 'b'),
	HALVES(pwrite64, "f0", 'b'),
	HALVES(readv, "f0", 'v'),
	HALVES(writev, "f0", 'v'),
	HALVES(preadv, "f0", 'v'),
	HALVES(pwritev, "f0", 'v'),
	HALVES(preadv2, "f0", 'v'),
	HALVES(pwritev2, "f0", 'v'),
	CALL(openat, "@0"),
	CALL(openat2, "@0"),
	CALL(close, "f0"),
	CALL(close_range, ""),
	CALL(fsync, "f0"),
	CALL(fdatasync, "f0"),
	CALL(sync, ""),
	CALL(syncfs, "f0"),
	CALL(sync_file_range, "f0"),
	CALL(fallocate, "f0"),
	CALL(ftruncate, "f0"),
	CALL(truncate, "s0"),
	CALL(lseek, "f0"),
	CALL(copy_file_range, "f0f2"),
	CALL(sendfile, "f0f1"),
	CALL(splice, "f0f2"),
	CALL(fstat, "f0"),
	CALL(newfstatat, "@0"),
	CALL(statx, "@0"),
	CALL(statfs, "s0"),
	CALL(fstatfs, "f0"),
	CALL(faccessat, "@0"),
	CALL(faccessat2, "@0"),
	CALL(readlinkat, "@0"),
	CALL(getdents64, "f0"),
	CALL(getcwd, ""),
	CALL(chdir, "s0"),
	CALL(fchdir, "f0"),
	CALL(mkdirat, "@0"),
	CALL(mknodat, "@0"),
	CALL(unlinkat, "@0"),
	CALL(renameat, "@0@2"),
	CALL(renameat2, "@0@2"),
	CALL(linkat, "@0@2"),
	CALL(symlinkat, "s0@1"),
	CALL(fchmod, "f0"),
	CALL(fchmodat, "@0"),
	CALL(fchown, "f0"),
	CALL(fchownat, "@0"),
	CALL(utimensat, "@0"),
	CALL(flock, "f0"),
	CALL(fcntl, "f0"),
	CALL(ioctl, "f0"),
	CALL(fgetxattr, "f0"),
	CALL(fsetxattr, "f0"),
	CALL(inotify_init1, ""),
	CALL(inotify_add_watch, "s1"),
	CALL(inotify_rm_watch, ""),
	CALL(memfd_create, "s0"),
	CALL(mmap, "f4"),
	CALL(munmap, ""),
	CALL(mremap, ""),
	CALL(mprotect, ""),
	CALL(madvise, ""),
	CALL(mincore, ""),
	CALL(msync, ""),
	CALL(mlock, ""),
	CALL(munlock, ""),
	CALL(brk, ""),
	CALL(fadvise64, "f0"),
	CALL(readahead, "f0"),
	CALL(dup, "f0"),
	CALL(dup3, "f0"),
	CALL(pipe2, ""),
	CALL(ppoll, ""),
	CALL(pselect6, ""),
	CALL(epoll_create1, ""),
	CALL(epoll_ctl, ""),
	CALL(epoll_pwait, ""),
	CALL(futex, ""),
	CALL(clone, ""),
	CALL(clone3, ""),
	CALL(execve, "s0"),
	CALL(exit, ""),
	CALL(exit_group, ""),
	CALL(wait4, ""),
	CALL(waitid, ""),
	CALL(kill, ""),
	CALL(tgkill, ""),
	CALL(rt_sigaction, ""),
	CALL(rt_sigprocmask, ""),
	CALL(rt_sigreturn, ""),
	CALL(rt_sigtimedwait, ""),
	CALL(sigaltstack, ""),
	CALL(set_robust_list, ""),
	CALL(set_tid_address, ""),
	CALL(rseq, ""),
	CALL(sched_getaffinity, ""),
	CALL(sched_yield, ""),
	CALL(prlimit64, ""),
	CALL(getrusage, ""),
	CALL(sysinfo, ""),
	CALL(uname, ""),
	CALL(getrandom, ""),
	CALL(clock_gettime, ""),
	CALL(clock_nanosleep, ""),
	CALL(nanosleep, ""),
	CALL(gettimeofday, ""),
	CALL(umask, ""),
	CALL(getpid, ""),
	CALL(gettid, ""),
	CALL(getppid, ""),
	CALL(getuid, ""),
	CALL(geteuid, ""),
	CALL(getgid, ""),
	CALL(getegid, ""),
	CALL(prctl, ""),
	CALL(seccomp, ""),
	CALL(socket, ""),
	CALL(connect, ""),
	CALL(restart_syscall, ""),
	CALL(membarrier, ""),
	CALL(bpf, ""),
	CALL(perf_event_open, ""),
#ifdef SYS_open
	/* What aarch64 does not have any more. */
	CALL(open, "s0"),
	CALL(creat, "s0"),
	CALL(stat, "s0"),
	CALL(lstat, "s0"),
	CALL(access, "s0"),
	CALL(readlink, "s0"),
	CALL(mkdir, "s0"),
	CALL(rmdir, "s0"),
	CALL(unlink, "s0"),
	CALL(rename, "s0s1"),
	CALL(link, "s0s1"),
	CALL(symlink, "s0s1"),
	CALL(chmod, "s0"),
	CALL(chown, "s0"),
	CALL(lchown, "s0"),
	CALL(dup2, "f0"),
	CALL(pipe, ""),
	CALL(poll, ""),
	CALL(select, ""),
	CALL(fork, ""),
	CALL(vfork, ""),
	CALL(arch_prctl, ""),
	CALL(time, ""),
#endif
};

#undef CALL
#undef HALVES

static const struct known_call *known_call(int64_t number)
{
	for (size_t i = 0; i < sizeof(known_calls) / sizeof(known_calls[0]); i++) {
		if (known_calls[i].number == number)
			return &known_calls[i];
	}
	return NULL;
}

static const char *call_name(int64_t number)
{
	static char text[32];
	const struct known_call *call = known_call(number);

	snprintf(text, sizeof(text), "call_%lld", (long long)number);
	return call != NULL ? call->name : text;
}

#endif
