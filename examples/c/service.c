/*
 * service.c: a service in small: threads that answer from a volume, while publications go on underneath.
 * In: the path of a volume; lines on standard input, each a keyword, or "D01/3", or "1.5..2.5" (Hz).
 * Out: the answers, every line's from one generation; what happened to the volume, on stderr.
 */
#include <dim.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The audit log: every mapping, unmapping, publication followed and refused. */
static void log_event(void *context, const struct dim_event *event)
{
	static const char *const names[] = {"?", "open", "load", "unload", "refresh", "refuse", "close"};
	char why[600] = "";

	(void)context;
	if (event->error != NULL)
		dim_error_format(event->error, why, sizeof(why));
	fprintf(stderr, "%s D%02u generation %llu, %llu bytes, %llu us %s\n", names[event->kind], event->dimension_id,
		(unsigned long long)event->serial, (unsigned long long)event->size,
		(unsigned long long)event->nanoseconds / 1000, why);
}

static void print_layer(const struct dim_region *region, const struct dim_layer *layer)
{
	struct dim_span title = {"", 0}, content = {"", 0};

	dim_layer_title(region, layer, &title);
	if (dim_layer_content(region, layer, &content) != DIM_OK)
		return;
	printf("D%02u/%u %g Hz %.*s (%zu bytes)\n", dim_region_dimension_id(region), dim_layer_id(layer),
	       dim_layer_frequency(layer), (int)title.size, title.data, content.size);
}

/* One question, answered from one generation, whatever is published meanwhile. */
static void answer(struct dim_volume *volume, const char *line)
{
	const struct dim_snapshot *snapshot = dim_volume_acquire(volume);
	const struct dim_region *region;
	const struct dim_layer *layer;
	struct dim_cursor cursor;
	unsigned dimension, id;
	double low, high;

	if (sscanf(line, "D%u/%u", &dimension, &id) == 2) {
		if (dim_snapshot_layer(snapshot, dimension, id, &region, &layer) == DIM_OK)
			print_layer(region, layer);
	} else {
		if (sscanf(line, "%lf..%lf", &low, &high) == 2)
			dim_snapshot_find_frequency(snapshot, low, high, &cursor);
		else
			dim_snapshot_find_keyword(snapshot, line, strlen(line), &cursor);
		while (dim_cursor_next_layer(&cursor, &region, &layer) == DIM_OK)
			print_layer(region, layer);
	}
	dim_snapshot_release(snapshot);
}

/* Any thread may follow publications; here, each before it answers. That costs a stat(2). */
static void *serve(void *context)
{
	struct dim_volume *volume = context;
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, stdin) > 0) {
		line[strcspn(line, "\n")] = '\0';
		dim_volume_refresh(volume, NULL, NULL); /* refused: the trace has said so, and the old one stays */
		answer(volume, line);
		fflush(stdout);
	}
	free(line);
	return NULL;
}

int main(int argc, char **argv)
{
	struct dim_options options = {.memory_budget = 280 << 20, .flags = DIM_CHECK, .trace = log_event};
	struct dim_volume *volume = NULL;
	pthread_t threads[2];
	struct dim_error error;
	char why[600];
	int i, count = 0;

	/* Without a path, the environment tells: MMAP_BASE_PATH, MMAP_MAX_SIZE. */
	if (dim_volume_open(argc > 1 ? argv[1] : NULL, &options, &volume, &error) != DIM_OK) {
		dim_error_format(&error, why, sizeof(why));
		return fprintf(stderr, "service: %s\n", why), 1;
	}
	while (count < 2 && pthread_create(&threads[count], NULL, serve, volume) == 0)
		count++;
	for (i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	dim_volume_close(volume);
	return 0;
}
