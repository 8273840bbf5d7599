/*
 * hold_volume.c: a service as others see it: it has a volume mapped, and does as it is told.
 * In: the path of a volume; lines on standard input: acquire, refresh, unload ID, load ID. It ends with the input.
 * Out: "ready", then a line for each: what dim_strerror says.
 */
#include <stdlib.h>
#include <string.h>

#include "../../include/dim.h"
#include "test.h"

int main(int argc, char **argv)
{
	const struct dim_snapshot *held[8];
	struct dim_volume *volume = NULL;
	enum dim_status status;
	size_t count = 0;
	char line[64];

	CHECK(argc == 2);
	CHECK(dim_volume_open(argv[1], NULL, &volume, NULL) == DIM_OK);
	puts("ready");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		status = DIM_ERR_USAGE;
		if (strcmp(line, "acquire\n") == 0 && count < 8) {
			held[count++] = dim_volume_acquire(volume);
			status = DIM_OK;
		} else if (strcmp(line, "refresh\n") == 0) {
			status = dim_volume_refresh(volume, NULL, NULL);
		} else if (strncmp(line, "unload ", 7) == 0) {
			status = dim_volume_unload(volume, (uint32_t)atoi(line + 7), NULL);
		} else if (strncmp(line, "load ", 5) == 0) {
			status = dim_volume_load(volume, (uint32_t)atoi(line + 5), NULL);
		}
		puts(dim_strerror(status));
		fflush(stdout);
	}
	while (count > 0)
		dim_snapshot_release(held[--count]);
	dim_volume_close(volume);
	return 0;
}
