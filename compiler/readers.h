/*
 * readers.h: which processes have the regions of a volume mapped.
 * In: open regions, mapped by this process too.
 * Out: processes, with what they have of this generation and of older ones, and their major faults.
 */
#ifndef DIMC_READERS_H
#define DIMC_READERS_H

#include <stddef.h>
#include <stdint.h>

#include "../include/dim.h"

struct reader {
	uint32_t pid;
	char name[17];	       /* of the process, printable, NUL-terminated */
	uint32_t current;      /* regions of this generation */
	uint32_t older;	       /* of another one: it has not refreshed, or holds a snapshot */
	uint64_t size;	       /* bytes mapped of both */
	uint64_t major_faults; /* of the whole process since it began */
};

struct readers {
	struct reader *list; /* by pid */
	size_t count;
	uint32_t *of_region; /* for each region that was given: processes that have it mapped */
	uint32_t *older;     /* and those that have a former one of its dimension */
};

/*
 * `path` is the volume's. Looks at all processes that this user may look at (/proc/PID/maps); this one does not count.
 * `regions` are NULL where a dimension is not loaded.
 */
void readers_find(const char *path, const struct dim_region *const *regions, size_t count, struct readers *ret);

void readers_free(struct readers *readers);

#endif
