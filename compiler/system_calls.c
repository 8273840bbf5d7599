/*
 * system_calls.c: the filter of system calls of the sandbox, a program for the kernel's BPF machine.
 * In: the tables below.
 * Out: what seccomp(2) takes: https://docs.kernel.org/userspace-api/seccomp_filter.html
 */
#include "system_calls.h"

#include <assert.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#ifdef ARCHITECTURE

/* By what they are about. One that this architecture or these headers do not know is left out. */
static const uint32_t allowed[] = {
	/* files */
	SYS_read,
	SYS_write,
	SYS_readv,
	SYS_writev,
	SYS_pread64,
	SYS_pwrite64,
	SYS_preadv,
	SYS_pwritev,
	SYS_openat,
	SYS_close,
	SYS_fstat,
	SYS_newfstatat,
	SYS_statx,
	SYS_lseek,
	SYS_faccessat,
	SYS_dup,
	SYS_dup3,
	SYS_fcntl,
	SYS_flock,
	SYS_fsync,
	SYS_fdatasync,
	SYS_sync_file_range,
	SYS_syncfs,
	SYS_ftruncate,
	SYS_fallocate,
	SYS_fadvise64,
	SYS_copy_file_range,
	SYS_sendfile,
	SYS_splice,
	SYS_pipe2,
	SYS_fstatfs,
	SYS_statfs,
	SYS_memfd_create,
	/* directories and names */
	SYS_getdents64,
	SYS_getcwd,
	SYS_chdir,
	SYS_fchdir,
	SYS_renameat2,
	SYS_mkdirat,
	SYS_linkat,
	SYS_unlinkat,
	SYS_readlinkat,
	SYS_fchmod,
	SYS_fchmodat,
	SYS_fchown,
	SYS_fchownat,
	SYS_utimensat,
	SYS_umask,
	SYS_inotify_init1,
	SYS_inotify_add_watch,
	SYS_inotify_rm_watch,
	/* memory */
	SYS_brk,
	SYS_munmap,
	SYS_mremap,
	SYS_madvise,
	SYS_mincore,
	SYS_msync,
	SYS_mlock,
	SYS_munlock,
	SYS_membarrier,
	/* threads, signals and waiting */
	SYS_futex,
	SYS_set_robust_list,
	SYS_set_tid_address,
	SYS_exit,
	SYS_exit_group,
	SYS_sched_yield,
	SYS_sched_getaffinity,
	SYS_rt_sigaction,
	SYS_rt_sigprocmask,
	SYS_rt_sigreturn,
	SYS_rt_sigpending,
	SYS_rt_sigtimedwait,
	SYS_signalfd4,
	SYS_sigaltstack,
	SYS_restart_syscall,
	SYS_ppoll,
	SYS_pselect6,
	SYS_nanosleep,
	SYS_clock_nanosleep,
	SYS_epoll_create1,
	SYS_epoll_ctl,
	SYS_epoll_pwait,
	SYS_eventfd2,
	/* facts */
	SYS_getpid,
	SYS_gettid,
	SYS_getppid,
	SYS_getuid,
	SYS_geteuid,
	SYS_getgid,
	SYS_getegid,
	SYS_getgroups,
	SYS_getpgid,
	SYS_getrandom,
	SYS_clock_gettime,
	SYS_clock_getres,
	SYS_gettimeofday,
	SYS_getrusage,
	SYS_times,
	SYS_sysinfo,
	SYS_uname,
	SYS_getcpu,
#ifdef SYS_rseq
	SYS_rseq,
#endif
#ifdef SYS_faccessat2
	SYS_faccessat2,
#endif
#ifdef SYS_close_range
	SYS_close_range,
#endif
#ifdef SYS_openat2
	SYS_openat2,
#endif
#ifdef __x86_64__ /* the older spellings, of which libcs still take some */
	SYS_open,
	SYS_stat,
	SYS_lstat,
	SYS_access,
	SYS_readlink,
	SYS_rename,
	SYS_mkdir,
	SYS_rmdir,
	SYS_link,
	SYS_unlink,
	SYS_chmod,
	SYS_dup2,
	SYS_pipe,
	SYS_poll,
	SYS_select,
	SYS_epoll_wait,
	SYS_getdents,
	SYS_getrlimit,
	SYS_time,
	SYS_arch_prctl,
	SYS_renameat,
	SYS_getpgrp,
#else
	SYS_renameat,
#endif
};

/* Said to be forbidden rather than unknown: a libc that looks for another way has none. */
static const uint32_t forbidden[] = {
	SYS_execve,    SYS_execveat, SYS_ptrace,    SYS_process_vm_readv, SYS_process_vm_writev,
	SYS_kill,      SYS_tkill,    SYS_socket,    SYS_socketpair,	  SYS_connect,
	SYS_bind,      SYS_listen,   SYS_accept4,   SYS_sendto,		  SYS_sendmsg,
	SYS_mount,     SYS_umount2,  SYS_chroot,    SYS_unshare,	  SYS_setns,
	SYS_bpf,       SYS_keyctl,   SYS_add_key,   SYS_request_key,	  SYS_perf_event_open,
	SYS_setuid,    SYS_setgid,   SYS_setresuid, SYS_setresgid,	  SYS_mknodat,
	SYS_symlinkat,
};

#define NAMESPACES \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
enum { MAX_OTHER_STEPS = 64 };	       /* those with arguments, and what is around the tables */
enum { PR_NAMES_MEMORY = 0x53564d41 }; /* PR_SET_VMA: malloc gives its memory a name */

struct program {
	struct sock_filter steps[2 * (COUNT(allowed) + COUNT(forbidden)) + MAX_OTHER_STEPS];
	unsigned short count;
};

static void add(struct program *program, uint16_t code, uint8_t if_true, uint8_t if_false, uint32_t k)
{
	assert(program->count < COUNT(program->steps));
	program->steps[program->count++] = (struct sock_filter){code, if_true, if_false, k};
}

static void load(struct program *program, size_t offset)
{
	add(program, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offset);
}

/* The lower half of an argument; every architecture here is little-endian. */
static size_t argument(unsigned index)
{
	return offsetof(struct seccomp_data, args) + index * sizeof(uint64_t);
}

static void give(struct program *program, uint32_t answer)
{
	add(program, BPF_RET | BPF_K, 0, 0, answer);
}

/* The number of the call is loaded: if it is this one, what is added next decides, `steps` of it. */
static void on_call(struct program *program, uint32_t call, uint8_t steps)
{
	add(program, BPF_JMP | BPF_JEQ | BPF_K, 0, steps, call);
}

static const uint32_t ALLOW = SECCOMP_RET_ALLOW, FORBID = SECCOMP_RET_ERRNO | EPERM,
		      UNKNOWN = SECCOMP_RET_ERRNO | ENOSYS;

/* Of a call, what the bits of an argument that `mask` names have to be. */
static void with_bits(struct program *program, uint32_t call, unsigned index, uint32_t mask, uint32_t value)
{
	on_call(program, call, 5);
	load(program, argument(index));
	add(program, BPF_ALU | BPF_AND | BPF_K, 0, 0, mask);
	add(program, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, value);
	give(program, ALLOW);
	give(program, FORBID);
}

static void make(struct program *program)
{
	static const uint32_t names[] = {PR_SET_NAME, PR_GET_NAME, PR_NAMES_MEMORY};
	size_t i;

	load(program, offsetof(struct seccomp_data, arch));
	add(program, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, ARCHITECTURE);
	give(program, UNKNOWN);
	load(program, offsetof(struct seccomp_data, nr));
	for (i = 0; i < COUNT(allowed); i++) {
		on_call(program, allowed[i], 1);
		give(program, ALLOW);
	}
	for (i = 0; i < COUNT(forbidden); i++) {
		on_call(program, forbidden[i], 1);
		give(program, FORBID);
	}
	with_bits(program, SYS_mprotect, 2, PROT_EXEC, 0);
	/* A thread of this process; clone3 has its flags in memory, where no filter sees them: libcs take clone then.
	 */
	with_bits(program, SYS_clone, 0, CLONE_THREAD | NAMESPACES, CLONE_THREAD);
	/* abort(); and this process's own limits, which libcs read by the same call that sets them */
	with_bits(program, SYS_tgkill, 0, UINT32_MAX, (uint32_t)getpid());
	with_bits(program, SYS_prlimit64, 0, UINT32_MAX, 0);
	/* What a terminal is asked, but not to take what we say for typed: that would be a command for the shell. */
	on_call(program, SYS_ioctl, 5);
	load(program, argument(1));
	add(program, BPF_JMP | BPF_JEQ | BPF_K, 2, 0, TIOCSTI);
	add(program, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, TIOCLINUX);
	give(program, ALLOW);
	give(program, FORBID);
	/* Libraries that a library loads are mapped from files. Other memory is never executable. */
	on_call(program, SYS_mmap, 6);
	load(program, argument(2));
	add(program, BPF_JMP | BPF_JSET | BPF_K, 0, 2, PROT_EXEC);
	load(program, argument(3));
	add(program, BPF_JMP | BPF_JSET | BPF_K, 1, 0, MAP_ANONYMOUS);
	give(program, ALLOW);
	give(program, FORBID);
	on_call(program, SYS_prctl, COUNT(names) + 3);
	load(program, argument(0));
	for (i = 0; i < COUNT(names); i++)
		add(program, BPF_JMP | BPF_JEQ | BPF_K, (uint8_t)(COUNT(names) - i), 0, names[i]);
	give(program, FORBID);
	give(program, ALLOW);
	give(program, UNKNOWN);
}

int system_calls_limit(void)
{
	struct program program = {.count = 0};
	struct sock_fprog filter;

	make(&program);
	filter = (struct sock_fprog){program.count, program.steps};
	/* The second flag: the kernel is not to slow us down for fear of what the filter hinders anyway. */
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &filter) == 0 ? 0 : errno;
}

#else

int system_calls_limit(void)
{
	return ENOSYS;
}

#endif
