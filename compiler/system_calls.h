/*
 * system_calls.h: the filter of system calls of the sandbox.
 * In: nothing.
 * Out: a process that can make those calls alone that dimc and its libraries need.
 */
#ifndef DIMC_SYSTEM_CALLS_H
#define DIMC_SYSTEM_CALLS_H

/*
 * Loads the filter into the calling thread, whose process has one thread and no_new_privs. What would start a program,
 * reach another process or the network, or make memory executable fails with EPERM, and what is not known with ENOSYS,
 * so that a newer libc takes the way it has for older kernels. 0 or errno: ENOSYS where this architecture or this
 * kernel has no filter.
 */
int system_calls_limit(void);

#endif
