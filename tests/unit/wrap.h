/*
 * wrap.h: functions of the system that a test stands before; the linker leads the calls here (--wrap).
 * In: the name of a function, and its parameters.
 * Out: its declaration as __real_NAME, and the beginning of the definition of __wrap_NAME.
 */
#ifndef TESTS_WRAP_H
#define TESTS_WRAP_H

#include <features.h>

#define BEFORE(type, name, ...)          \
	type __real_##name(__VA_ARGS__); \
	type __wrap_##name(__VA_ARGS__); \
	type __wrap_##name(__VA_ARGS__)

/* The same for one that glibc has under another name where files may be large. */
#ifdef __GLIBC__
#define BEFORE_LARGE(type, name, ...)                                                 \
	type __wrap_##name(__VA_ARGS__) __attribute__((alias("__wrap_" #name "64"))); \
	BEFORE(type, name##64, __VA_ARGS__)
#define REAL_LARGE(name) __real_##name##64
#else
#define BEFORE_LARGE BEFORE
#define REAL_LARGE(name) __real_##name
#endif

#endif
