/*
 * inject_tracee.h: what inject.c does to a stopped thread of another program, by ptrace(2).
 * In: the id of a thread that stands still. Out: its memory and registers, read and changed; where its main() begins.
 */
#ifndef INJECT_TRACEE_H
#define INJECT_TRACEE_H

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <unistd.h>

#include "inject_calls.h"

enum { OWN_ERROR = 125 };

#if defined(__x86_64__)
typedef struct user_regs_struct registers;
#define TRAP 0xccUL
#define TRAP_BITS 0xffUL
#define TRAP_SIZE 1
#define PC(r) ((r)->rip)
#define RESULT(r) ((r)->rax)
#define ARGUMENT_2(r) ((r)->rdx)
#elif defined(__aarch64__)
typedef struct user_regs_struct registers;
#define TRAP 0xd4200000UL
#define TRAP_BITS 0xffffffffUL
#define TRAP_SIZE 0
#define PC(r) ((r)->pc)
#define RESULT(r) ((r)->regs[0])
#define ARGUMENT_2(r) ((r)->regs[2])
#else
#error "inject knows x86_64 and aarch64"
#endif

__attribute__((format(printf, 1, 2), noreturn)) static void die(const char *format, ...)
{
	va_list arguments;

	fputs("inject: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(OWN_ERROR);
}

static size_t peek(pid_t id, uint64_t address, void *ret_bytes, size_t size)
{
	struct iovec here = {ret_bytes, size}, there = {(void *)(uintptr_t)address, size}; /* NOLINT */
	const ssize_t got = process_vm_readv(id, &here, 1, &there, 1, 0);

	return got < 0 ? 0 : (size_t)got;
}

/* A string of the program's, page by page: the one behind its last may be missing. */
static void peek_text(pid_t id, uint64_t address, char *ret_text, size_t room)
{
	size_t length = 0, size;

	memset(ret_text, 0, room);
	do {
		size = 4096 - (address + length) % 4096;
		size = peek(id, address + length, ret_text + length,
			    size < room - 1 - length ? size : room - 1 - length);
		length += size;
	} while (size > 0 && strlen(ret_text) == length);
}

static void add_descriptor(pid_t id, int descriptor, char *text, size_t room)
{
	char link[64];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/%d/fd/%d", (int)id, descriptor);
	length = readlink(link, text, room - 1);
	text[length < 0 ? 0 : length] = '\0';
}

/* What a call is about: the paths of its arguments, as known_calls says where they are. */
static char *subject(pid_t id, const struct known_call *call, const uint64_t *arguments)
{
	char text[3 * 4096] = "", part[4096];
	size_t length = 0;

	for (const char *at = call != NULL ? call->shape : ""; *at != '\0'; at += 2) {
		const int which = at[1] - '0';
		if (length > 0)
			length += (size_t)snprintf(text + length, sizeof(text) - length, " -> ");
		if (*at == '@' || *at == 's')
			peek_text(id, arguments[which + (*at == '@')], part, sizeof(part));
		if (*at == 'f' || (*at == '@' && part[0] != '/' && (int)arguments[which] != AT_FDCWD)) {
			add_descriptor(id, (int)arguments[which], text + length, sizeof(text) - length);
			length += strlen(text + length);
			if (*at == '@' && part[0] != '\0')
				length += (size_t)snprintf(text + length, sizeof(text) - length, "/");
		}
		if (*at != 'f')
			length += (size_t)snprintf(text + length, sizeof(text) - length, "%s", part);
	}
	for (char *at = text; *at != '\0'; at++) {
		if (*at == '\n' || *at == '\t')
			*at = '?';
	}
	return strdup(text);
}

static void get_registers(pid_t id, registers *ret_registers)
{
	struct iovec part = {ret_registers, sizeof(*ret_registers)};

	if (ptrace(PTRACE_GETREGSET, id, NT_PRSTATUS, &part) != 0)
		die("PTRACE_GETREGSET: %s", strerror(errno));
}

static void set_registers(pid_t id, registers *set)
{
	struct iovec part = {set, sizeof(*set)};

	if (ptrace(PTRACE_SETREGSET, id, NT_PRSTATUS, &part) != 0)
		die("PTRACE_SETREGSET: %s", strerror(errno));
}

/* The call that this task is about to make is not made. */
static void cancel(pid_t id)
{
#if defined(__x86_64__)
	registers r;

	get_registers(id, &r);
	r.orig_rax = UINT64_MAX;
	set_registers(id, &r);
#else
	int none = -1;
	struct iovec part = {&none, sizeof(none)};

	if (ptrace(PTRACE_SETREGSET, id, NT_ARM_SYSTEM_CALL, &part) != 0)
		die("PTRACE_SETREGSET: %s", strerror(errno));
#endif
}

static void poke(pid_t id, uint64_t address, uint64_t word)
{
	if (ptrace(PTRACE_POKEDATA, id, address, word) != 0)
		die("PTRACE_POKEDATA: %s", strerror(errno));
}

/* Where main() begins in the program that was just started; its first instruction where there is no such symbol. */
static uint64_t find_main(pid_t id)
{
	const unsigned char *file;
	const Elf64_Ehdr *elf;
	const Elf64_Shdr *sections;
	uint64_t auxiliary[128], entry = 0;
	char path[64];
	struct stat info;
	int descriptor;
	ssize_t size;

	snprintf(path, sizeof(path), "/proc/%d/auxv", (int)id);
	descriptor = open(path, O_RDONLY | O_CLOEXEC);
	size = read(descriptor, auxiliary, sizeof(auxiliary));
	close(descriptor);
	for (ssize_t i = 0; i + 1 < size / 8; i += 2)
		entry = auxiliary[i] == AT_ENTRY ? auxiliary[i + 1] : entry;
	snprintf(path, sizeof(path), "/proc/%d/exe", (int)id);
	descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (entry == 0 || descriptor < 0 || fstat(descriptor, &info) != 0)
		die("cannot read what was started: %s", strerror(errno));
	file = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
	close(descriptor);
	if (file == MAP_FAILED)
		die("cannot map what was started: %s", strerror(errno));
	elf = (const void *)file;
	sections = (const void *)(file + elf->e_shoff);
	for (const Elf64_Shdr *section = sections; elf->e_shoff != 0 && section < sections + elf->e_shnum; section++) {
		const Elf64_Sym *symbols = (const void *)(file + section->sh_offset);
		const char *names = (const char *)file + sections[section->sh_link].sh_offset;
		if (section->sh_type != SHT_SYMTAB)
			continue;
		for (size_t i = 0; i < section->sh_size / sizeof(*symbols); i++) {
			if (ELF64_ST_TYPE(symbols[i].st_info) == STT_FUNC &&
			    strcmp(names + symbols[i].st_name, "main") == 0)
				return symbols[i].st_value + (entry - elf->e_entry);
		}
	}
	return entry;
}

#endif
