/*
 * against.c: whether bytes that were proved are what sources give.
 * In: a path with its proof, a path of sources.
 * Out: yes; or what differs, from the bytes to the sources.
 */
#include "against.h"

#include <string.h>

#include "diff_json.h"
#include "volume.h"

/* Another generation may have been published since the proof. */
static bool is_what_was_proved(const struct side *side, const struct proof *proof)
{
	size_t i, k = 0;

	for (i = 0; i < side->count; i++, k++) {
		while (k < proof->count &&
		       proof->dimensions[k].dimension_id < side->dimensions[i].dimension->dimension_id)
			k++;
		if (k == proof->count || !digest_equal(&side->dimensions[i].digest, &proof->dimensions[k].digest))
			return false;
	}
	return true;
}

static void report(const struct against *a, struct diag *diag)
{
	const char *path = a->published.path, *sources = a->sources.path;

	if (a->comparison.is_only_layout) {
		diag_fail(diag, EXIT_DIFFERENT, "%s is not what %s gives: only layout or alignment differs", path,
			  sources);
		diag_help(diag, "dimension.yaml decides on both, and --layout and --align of `dimc compile` before it");
	} else {
		diag_fail(diag, EXIT_DIFFERENT, "%s is not what %s gives", path, sources);
	}
}

void against_compare(const char *path, const char *sources, const struct proof *proof,
		     const struct side_options *options, struct diag *diag, struct against *ret)
{
	memset(ret, 0, sizeof(*ret));
	/* Where nothing is published, nothing can be opened: that is the empty side. */
	ret->published.path = path;
	if (proof->count == 0 ? !side_open(sources, options, diag, &ret->sources)
			      : !side_open_pair(path, sources, options, diag, &ret->published, &ret->sources))
		return;
	if (!ret->sources.is_source) {
		diag_fail(diag, EXIT_USAGE, "--against takes sources, and %s is none", sources);
		diag_help(diag, "`dimc diff` compares what is published with each other");
		return;
	}
	if (!is_what_was_proved(&ret->published, proof)) {
		diag_fail(diag, EXIT_SYSTEM, "%s was replaced while it was compared: run it again", path);
		return;
	}
	compare_sides(&ret->published, &ret->sources, &ret->comparison);
	ret->is_done = true;
	if (ret->comparison.count > 0)
		report(ret, diag);
}

void against_free(struct against *against)
{
	comparison_free(&against->comparison);
	side_close(&against->published);
	side_close(&against->sources);
	memset(against, 0, sizeof(*against));
}

void against_print(const struct against *against, const struct diff_text_options *options)
{
	if (against->comparison.count == 0)
		return;
	printf("from %s to %s:\n\n", against->published.path, against->sources.path);
	diff_text_print(&against->comparison, options);
}

void against_add(struct buf *buf, const struct against *against, const struct proof *proof, bool is_quick)
{
	const struct side *published = &against->published;
	char name[16];

	if (!against->is_done || against->comparison.count > 0)
		return;
	buf_puts(buf, ", and ");
	if (published->count < proof->count)
		buf_printf(buf, "%s ", volume_dimension_name(published->dimensions[0].dimension->dimension_id, name));
	buf_printf(buf, "came from %s: every %s is what they give", against->sources.path,
		   is_quick ? "digest" : "region");
}

void against_json(struct json *json, const struct against *against)
{
	if (!against->is_done) {
		json_null(json, "against");
		return;
	}
	json_begin(json, "against", '{');
	json_string(json, "sources", against->sources.path);
	diff_json_members(json, &against->comparison);
	json_end(json, '}');
}
