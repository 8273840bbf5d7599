/*
 * residency.c: what of a volume is in the page cache, and who has it mapped.
 * In: a snapshot.
 * Out: numbers for programs, a table for people.
 */
#include "residency.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../include/dim_verify.h"
#include "loader_error.h"
#include "mem.h"
#include "text.h"
#include "utf8.h"
#include "volume.h"

struct dim_volume *residency_open(const char *path, uint64_t max_size, const uint32_t *dimensions, size_t count,
				  struct diag *diag)
{
	struct dim_options options = {.max_region_size = max_size, .dimensions = dimensions, .dimension_count = count};
	struct dim_volume *volume = NULL;
	struct dim_error error;

	if (dim_volume_open(path, &options, &volume, &error) != DIM_OK)
		loader_report(diag, path, &error);
	return volume;
}

static void look_at(const struct dim_region *region, struct residency_of *ret)
{
	uint64_t at = dim_region_metadata_offset(region);

	ret->dimension_id = dim_region_dimension_id(region);
	ret->file_size = dim_region_file_size(region);
	ret->metadata_size = dim_region_metadata_size(region);
	ret->is_known = dim_region_resident(region, 0, ret->file_size, &ret->resident) == DIM_OK &&
			dim_region_resident(region, at, ret->metadata_size, &ret->metadata_resident) == DIM_OK;
}

void residency_take(const char *path, const struct dim_snapshot *snapshot, bool is_whole, struct residency *ret)
{
	size_t i;

	memset(ret, 0, sizeof(*ret));
	ret->is_whole = is_whole && dim_snapshot_digest(snapshot, ret->generation.bytes) == DIM_OK;
	ret->count = dim_snapshot_count(snapshot);
	ret->dimensions = mem_zalloc(ret->count, sizeof(*ret->dimensions));
	ret->regions = mem_zalloc(ret->count, sizeof(*ret->regions));
	for (i = 0; i < ret->count; i++) {
		ret->regions[i] = dim_snapshot_region_at(snapshot, i);
		look_at(ret->regions[i], &ret->dimensions[i]);
	}
	readers_find(path, ret->regions, ret->count, &ret->readers);
}

void residency_free(struct residency *residency)
{
	free(residency->dimensions);
	free(residency->regions);
	readers_free(&residency->readers);
	memset(residency, 0, sizeof(*residency));
}

/* Pages of metadata may hold the beginning of contents, and the last page of a file is whole: never more than 100. */
static unsigned percent(uint64_t part, uint64_t whole)
{
	return part >= whole ? 100 : (unsigned)(part * 100 / whole);
}

static void add_name(struct buf *buf, const struct dim_region *region, size_t columns)
{
	struct buf shown = {0};
	struct dim_span name;
	size_t width;

	/* Nobody has checked the region: its name may be damaged, or nothing. */
	if (dim_region_name(region, &name) != DIM_OK || name.size == 0)
		name = (struct dim_span){"?", 1};
	text_add_printable(&shown, name.data, name.size);
	if (utf8_columns(shown.bytes, shown.size) > columns) {
		buf_free(&shown);
		text_add_cut(&shown, name.data, name.size, columns / 2 - 3); /* characters may be two columns wide */
	}
	width = utf8_columns(shown.bytes, shown.size);
	buf_add(buf, shown.bytes, shown.size);
	buf_printf(buf, "%*s", (int)(width < columns ? columns - width : 0), "");
	buf_free(&shown);
}

static void add_dimension(struct buf *buf, const struct residency *r, size_t i)
{
	static const char full[] = "####################", empty[] = "....................";
	const struct residency_of *d = &r->dimensions[i];
	char name[16], size[16], metadata[16] = "?", share[16] = "?", bar[32] = "not told";
	unsigned tenths;

	if (d->is_known) {
		snprintf(metadata, sizeof(metadata), "%u%%", percent(d->metadata_resident, d->metadata_size));
		snprintf(share, sizeof(share), "%u%%", percent(d->resident, d->file_size));
		tenths = percent(d->resident, d->file_size) / 10;
		snprintf(bar, sizeof(bar), "%.*s%.*s", (int)tenths, full, (int)(10 - tenths), empty);
	}
	buf_printf(buf, "%-6s ", volume_dimension_name(d->dimension_id, name));
	add_name(buf, r->regions[i], 16);
	buf_printf(buf, " %10s %8s %9s %-10s %7u %6u\n", text_size(d->file_size, size), metadata, share, bar,
		   r->readers.of_region[i], r->readers.older[i]);
}

static void add_totals(struct buf *buf, const struct residency *r, const char *path)
{
	char count[48], all[16], here[16], hex[DIGEST_HEX_SIZE];
	uint64_t size = 0, resident = 0;
	bool is_known = true;
	size_t i;

	for (i = 0; i < r->count; i++) {
		size += r->dimensions[i].file_size;
		resident += r->dimensions[i].resident;
		is_known = is_known && r->dimensions[i].is_known;
	}
	text_add_printable(buf, path, strlen(path));
	buf_printf(buf, ": %s, %s, ", text_count(r->count, "dimension", count), text_size(size, all));
	if (is_known)
		buf_printf(buf, "%s (%u%%) in the page cache\n", text_size(resident, here), percent(resident, size));
	else
		buf_printf(buf, "residency is told to the files' owner\n");
	digest_hex(&r->generation, hex);
	if (r->is_whole)
		buf_printf(buf, "generation %s\n", hex);
}

static uint64_t faults_before(const struct residency *before, const struct reader *reader)
{
	size_t i;

	for (i = 0; before != NULL && i < before->readers.count; i++)
		if (before->readers.list[i].pid == reader->pid)
			return before->readers.list[i].major_faults;
	return before == NULL ? 0 : reader->major_faults;
}

static void add_reader(struct buf *buf, const struct residency *before, const struct reader *p)
{
	uint64_t former = faults_before(before, p);
	char size[16];

	buf_printf(buf, "%-10u %-16s %10u %10u %10s %16llu\n", p->pid, p->name[0] != '\0' ? p->name : "?", p->current,
		   p->older, text_size(p->size, size),
		   (unsigned long long)(p->major_faults > former ? p->major_faults - former : 0));
}

void residency_table(const struct residency *r, const struct residency *before, const char *path, size_t rows,
		     struct buf *buf)
{
	size_t i, used = 4; /* totals, a blank line, a heading */

	add_totals(buf, r, path);
	buf_printf(buf, "\n%-6s %-16s %10s %8s %9s %-10s %7s %6s\n", "DIM", "NAME", "REGION", "METADATA", "RESIDENT",
		   "", "READERS", "OLDER");
	for (i = 0; i < r->count; i++, used++) {
		if (i + 1 < r->count && used + 1 >= rows) {
			buf_printf(buf, "... and %zu more\n", r->count - i);
			return;
		}
		add_dimension(buf, r, i);
	}
	if (r->readers.count == 0 || used + 3 > rows)
		return;
	buf_printf(buf, "\n%-10s %-16s %10s %10s %10s %16s\n", "PID", "PROCESS", "DIMENSIONS", "OLDER", "MAPPED",
		   before == NULL ? "MAJOR FAULTS" : "NEW MAJOR FAULTS");
	for (i = 0, used += 2; i < r->readers.count; i++, used++) {
		if (i + 1 < r->readers.count && used + 1 >= rows) {
			buf_printf(buf, "... and %zu more\n", r->readers.count - i);
			return;
		}
		add_reader(buf, before, &r->readers.list[i]);
	}
}

void residency_json(const struct residency *r, const char *path, struct json *json)
{
	size_t i;

	json_begin(json, NULL, '{');
	json_string(json, "path", path);
	if (r->is_whole)
		json_digest(json, "generation", &r->generation);
	else
		json_null(json, "generation");
	json_begin(json, "dimensions", '[');
	for (i = 0; i < r->count; i++) {
		const struct residency_of *d = &r->dimensions[i];

		json_begin(json, NULL, '{');
		json_number(json, "dimension_id", d->dimension_id);
		json_number(json, "file_size", d->file_size);
		json_number(json, "metadata_size", d->metadata_size);
		if (d->is_known) {
			json_number(json, "resident", d->resident);
			json_number(json, "metadata_resident", d->metadata_resident);
		} else {
			json_null(json, "resident");
			json_null(json, "metadata_resident");
		}
		json_number(json, "readers", r->readers.of_region[i]);
		json_number(json, "older_readers", r->readers.older[i]);
		json_end(json, '}');
	}
	json_end(json, ']');
	json_begin(json, "readers", '[');
	for (i = 0; i < r->readers.count; i++) {
		const struct reader *p = &r->readers.list[i];

		json_begin(json, NULL, '{');
		json_number(json, "pid", p->pid);
		json_string(json, "name", p->name);
		json_number(json, "dimensions", p->current);
		json_number(json, "older_dimensions", p->older);
		json_number(json, "mapped_size", p->size);
		json_number(json, "major_faults", p->major_faults);
		json_end(json, '}');
	}
	json_end(json, ']');
	json_end(json, '}');
}
