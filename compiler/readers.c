/*
 * readers.c: which processes have the regions of a volume mapped.
 * In: open regions; /proc.
 * Out: a list of processes. One that ends while it is looked at, or may not be looked at, is not in it.
 */
#include "readers.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"
#include "text.h"
#include "volume.h"

/*
 * A file as /proc/PID/maps names it. That may be another device number than stat(2) gives (btrfs, overlayfs), so it is
 * learnt from the lines of this process, by the address where the region is mapped.
 */
struct identity {
	bool is_known;
	char device[16];
	unsigned long long inode;
	unsigned long long former; /* inode of the former generation's file; 0: none */
	char *volume;		   /* "/srv/data/mmap/", as this process sees it */
	char suffix[32];	   /* "/D01/region.mmap" */
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

/* What the region is called in the maps of this process. `volume` is its directory, or -1. */
static void learn_one(int volume, const struct dim_region *region, const struct mapping *m, struct identity *ret)
{
	static const char generation[] = VOLUME_GENERATION;
	char file[64];
	struct stat st;
	const char *end;

	ret->is_known = true;
	ret->inode = m->inode;
	memcpy(ret->device, m->device, sizeof(m->device));
	snprintf(ret->suffix, sizeof(ret->suffix), "/D%02u/region.mmap", dim_region_dimension_id(region));
	snprintf(file, sizeof(file), VOLUME_FORMER "%s", ret->suffix);
	if (fstatat(volume, file, &st, 0) == 0 && st.st_ino != m->inode)
		ret->former = st.st_ino;
	end = strstr(m->path, ret->suffix);
	if (end != NULL && (size_t)(end - m->path) > sizeof(generation)) {
		ret->volume = mem_zalloc(strlen(m->path) + 1, 1);
		memcpy(ret->volume, m->path, (size_t)(end - m->path) - (sizeof(generation) - 1));
	}
}

static void learn(const char *path, const struct dim_region *const *regions, size_t count, struct identity *identities)
{
	int volume = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	FILE *maps = fopen("/proc/self/maps", "re");
	char *line = NULL;
	size_t room = 0, i;
	struct mapping m;

	while (maps != NULL && getline(&line, &room, maps) > 0) {
		if (!parse_mapping(line, &m))
			continue;
		for (i = 0; i < count; i++)
			if (regions[i] != NULL && (uintptr_t)dim_region_bytes(regions[i]).data == m.start)
				learn_one(volume, regions[i], &m, &identities[i]);
	}
	free(line);
	if (maps != NULL)
		fclose(maps);
	if (volume >= 0)
		close(volume);
}

/*
 * Whether the file is the dimension's region of another generation of this volume: the former one's, or, of those
 * before it, one that was below the same path. A process in a container may see another path; then only the former one
 * counts.
 */
static bool is_older(const struct mapping *m, const struct identity *id)
{
	static const char *const generations[] = {VOLUME_GENERATION, VOLUME_FORMER, VOLUME_STAGING};
	const char *at = m->path;
	size_t i, length;

	if (strcmp(m->device, id->device) != 0)
		return false;
	if (m->inode == id->former)
		return true;
	if (id->volume == NULL || strncmp(at, id->volume, strlen(id->volume)) != 0)
		return false;
	at += strlen(id->volume);
	for (i = 0; i < sizeof(generations) / sizeof(generations[0]); i++) {
		length = strlen(generations[i]);
		/* What follows is nothing, or " (deleted)". */
		if (strncmp(at, generations[i], length) == 0 &&
		    strncmp(at + length, id->suffix, strlen(id->suffix)) == 0)
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
		sscanf(close + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %" SCNu64, &reader->major_faults);
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

void readers_find(const char *path, const struct dim_region *const *regions, size_t count, struct readers *ret)
{
	struct identity *identities = mem_zalloc(count, sizeof(*identities));
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	size_t capacity = 0, i;
	uint64_t pid;

	memset(ret, 0, sizeof(*ret));
	ret->of_region = mem_zalloc(count, sizeof(*ret->of_region));
	ret->older = mem_zalloc(count, sizeof(*ret->older));
	learn(path, regions, count, identities);
	while (proc != NULL && (entry = readdir(proc)) != NULL)
		if (text_parse_number(entry->d_name, UINT32_MAX, &pid) && pid != (uint64_t)getpid())
			look_at((uint32_t)pid, identities, count, ret, &capacity);
	if (proc != NULL)
		closedir(proc);
	if (ret->count > 0)
		qsort(ret->list, ret->count, sizeof(*ret->list), by_pid);
	for (i = 0; i < count; i++)
		free(identities[i].volume);
	free(identities);
}

void readers_free(struct readers *readers)
{
	free(readers->list);
	free(readers->of_region);
	free(readers->older);
	memset(readers, 0, sizeof(*readers));
}
