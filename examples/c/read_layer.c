/*
 * read_layer.c: prints one layer of a volume.
 * In: the path of the volume, the number of a dimension, the number of a layer.
 * Out: title, frequency and keywords on stderr, the content on stdout, written from where it is mapped; or why not.
 */
#include <dim.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	struct dim_volume *volume = NULL;
	const struct dim_snapshot *snapshot = NULL;
	const struct dim_region *region;
	const struct dim_layer *layer;
	struct dim_span title, keyword, content;
	struct dim_error error = {.message = "the dimension and layer that were asked for"};
	enum dim_status status;

	if (argc != 4)
		return fprintf(stderr, "usage: read_layer VOLUME DIMENSION LAYER\n"), 2;
	status = dim_volume_open(argv[1], NULL, &volume, &error);
	if (status == DIM_OK)
		snapshot = dim_volume_acquire(volume);
	if (status == DIM_OK &&
	    (status = dim_snapshot_layer(snapshot, (uint32_t)strtoul(argv[2], NULL, 10),
					 (uint32_t)strtoul(argv[3], NULL, 10), &region, &layer)) == DIM_OK &&
	    (status = dim_layer_title(region, layer, &title)) == DIM_OK &&
	    (status = dim_layer_content(region, layer, &content)) == DIM_OK) {
		fprintf(stderr, "%.*s\n%g Hz\n", (int)title.size, title.data, dim_layer_frequency(layer));
		for (uint32_t i = 0; dim_layer_keyword(region, layer, i, &keyword) == DIM_OK; i++)
			fprintf(stderr, "- %.*s\n", (int)keyword.size, keyword.data);
		if (fwrite(content.data, 1, content.size, stdout) != content.size || fflush(stdout) != 0)
			status = DIM_ERR_SYSTEM;
	}
	if (status != DIM_OK)
		fprintf(stderr, "read_layer: %s: %s: %s\n", argv[1], dim_strerror(status), error.message);
	dim_snapshot_release(snapshot); /* not before: the spans point into it */
	dim_volume_close(volume);
	return status == DIM_OK ? 0 : 1;
}
