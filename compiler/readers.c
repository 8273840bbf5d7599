/*
 * readers.c: which processes have the regions of a volume mapped.
 * In: open regions; /proc.
 * Out: a list of processes. One that ends while it is looked at, or may not be looked at, is not in it.
 */
#include "readers.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mem.h"
#include "text.h"

/*
 * A file as /proc/PID/maps names it. That may be another device number than stat(2) gives (btrfs, overlayfs), so it is
 * learnt from the lines of this process, by the address where the region is mapped.
 */
struct identity {
	bool is_known;
	char device[16];
	unsigned long long inode;
	char suffix[32]; /* "/D01/region.mmap" */
};

/* One line of maps. `path` points into the line and may be empty. */
struct mapping {
	unsigned long long start, end, inode;
	char device[16];
	const char *path;
};

static bool parse_mapping(char *line, struct mapping *ret)
{
	int path = 0;

	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, "%llx-%llx %*s %*s %15s %llu %n", &ret->start, &ret->end, ret->device, &ret->inode, &path) < 4)
		return false;
	ret->path = line + path;
	return true;
}

static FILE *open_of(uint32_t pid, const char *file)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/%s", pid, file);
	return fopen(path, "re");
}

static void learn(const struct dim_region *const *regions, size_t count, struct identity *identities)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char *line = NULL;
	size_t room = 0, i;
	struct mapping m;

	while (maps != NULL && getline(&line, &room, maps) > 0) {
		if (!parse_mapping(line, &m))
			continue;
		for (i = 0; i < count; i++) {
			if (regions[i] == NULL || (uintptr_t)dim_region_bytes(regions[i]).data != m.start)
				continue;
			identities[i].is_known = true;
			identities[i].inode = m.inode;
			memcpy(identities[i].device, m.device, sizeof(m.device));
			snprintf(identities[i].suffix, sizeof(identities[i].suffix), "/D%02u/region.mmap",
				 dim_region_dimension_id(regions[i]));
		}
	}
	free(line);
	if (maps != NULL)
		fclose(maps);
}

/* Whether the file is a region of this dimension in a generation of a volume on the same file system. */
static bool is_older(const struct mapping *m, const struct identity *id)
{
	static const char *const generations[] = {"consciousness", ".previous", ".next", ".older"};
	static const char deleted[] = " (deleted)";
	size_t size = strlen(m->path), suffix = strlen(id->suffix), i, length;

	if (strcmp(m->device, id->device) != 0)
		return false;
	if (size > sizeof(deleted) - 1 && strcmp(m->path + size - (sizeof(deleted) - 1), deleted) == 0)
		size -= sizeof(deleted) - 1;
	if (size < suffix || memcmp(m->path + size - suffix, id->suffix, suffix) != 0)
		return false;
	size -= suffix;
	for (i = 0; i < sizeof(generations) / sizeof(generations[0]); i++) {
		length = strlen(generations[i]);
		if (size > length && memcmp(m->path + size - length, generations[i], length) == 0 &&
		    m->path[size - length - 1] == '/')
			return true;
	}
	return false;
}

/* The name of a process, which it may have chosen freely, and its major faults. */
static void describe(struct reader *reader)
{
	FILE *stat = open_of(reader->pid, "stat");
	struct buf shown = {0};
	char text[512];
	char *open, *close;
	size_t size = stat != NULL ? fread(text, 1, sizeof(text) - 1, stat) : 0;

	text[size] = '\0';
	open = strchr(text, '(');
	close = strrchr(text, ')');
	if (open != NULL && close > open) {
		text_add_printable(&shown, open + 1, (size_t)(close - open - 1));
		if (shown.size < sizeof(reader->name))
			memcpy(reader->name, shown.bytes, shown.size);
		/* proc_pid_stat(5): the twelfth field is majflt, and the third comes after the parenthesis. */
		sscanf(close + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %llu",
		       (unsigned long long *)&reader->major_faults);
	}
	buf_free(&shown);
	if (stat != NULL)
		fclose(stat);
}

/* Counts what one process has mapped; a region that is mapped twice counts once. */
static void look_at(uint32_t pid, const struct identity *identities, size_t count, struct readers *readers,
		    size_t *capacity)
{
	FILE *maps = open_of(pid, "maps");
	struct reader reader = {.pid = pid};
	bool *has = mem_zalloc(count * 2, sizeof(*has));
	char *line = NULL;
	size_t room = 0, i;
	struct mapping m;

	while (maps != NULL && getline(&line, &room, maps) > 0) {
		if (!parse_mapping(line, &m) || m.inode == 0)
			continue;
		for (i = 0; i < count; i++) {
			bool same = identities[i].is_known && m.inode == identities[i].inode &&
				    strcmp(m.device, identities[i].device) == 0;

			if (!same && !(identities[i].is_known && is_older(&m, &identities[i])))
				continue;
			has[same ? i : count + i] = true;
			reader.size += m.end - m.start;
			break;
		}
	}
	for (i = 0; i < count; i++) {
		reader.current += has[i];
		reader.older += has[count + i];
		readers->of_region[i] += has[i];
		readers->older[i] += has[count + i];
	}
	free(has);
	free(line);
	if (maps != NULL)
		fclose(maps);
	if (reader.current + reader.older == 0)
		return;
	describe(&reader);
	readers->list = mem_reserve(readers->list, readers->count, capacity, sizeof(*readers->list));
	readers->list[readers->count++] = reader;
}

static int by_pid(const void *a, const void *b)
{
	const struct reader *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

void readers_find(const struct dim_region *const *regions, size_t count, struct readers *ret)
{
	struct identity *identities = mem_zalloc(count, sizeof(*identities));
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	size_t capacity = 0;
	uint64_t pid;

	memset(ret, 0, sizeof(*ret));
	ret->of_region = mem_zalloc(count, sizeof(*ret->of_region));
	ret->older = mem_zalloc(count, sizeof(*ret->older));
	learn(regions, count, identities);
	while (proc != NULL && (entry = readdir(proc)) != NULL)
		if (text_parse_number(entry->d_name, UINT32_MAX, &pid) && pid != (uint64_t)getpid())
			look_at((uint32_t)pid, identities, count, ret, &capacity);
	if (proc != NULL)
		closedir(proc);
	if (ret->count > 0)
		qsort(ret->list, ret->count, sizeof(*ret->list), by_pid);
	free(identities);
}

void readers_free(struct readers *readers)
{
	free(readers->list);
	free(readers->of_region);
	free(readers->older);
	memset(readers, 0, sizeof(*readers));
}
