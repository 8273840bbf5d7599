/*
 * cmd_verify.c: `dimc verify`: whether a volume, a generation, a dimension, a region or a bundle is sound.
 * In: a path.
 * Out: one line where all is well, every fault with its dimension, layer and bytes where not.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "against.h"
#include "command.h"
#include "fs.h"
#include "inspect.h"
#include "json.h"
#include "parallel.h"
#include "prove.h"
#include "target.h"
#include "text.h"
#include "timings.h"

struct verify_command {
	bool quick, strict;
	const char *against;
	uint64_t jobs;
	const char *key;
};

#define FIELD(field) offsetof(struct verify_command, field)
static const struct option verify_options[] = {
	{"quick", 0, OPTION_TRUE, FIELD(quick), NULL, "headers and metadata only, no contents", 0, 0},
	{"strict", 0, OPTION_TRUE, FIELD(strict), NULL, "a set that is not a published generation fails, too", 0, 0},
	{"verify-key", 0, OPTION_TEXT, FIELD(key), "KEY",
	 "refuse a bundle that this public Ed25519 key (PEM) did not sign", 0, 0},
	{"against", 0, OPTION_TEXT, FIELD(against), "SOURCES",
	 "prove also that these sources give these bytes; status 4 if not", 0, 0},
	{"jobs", 'j', OPTION_NUMBER, FIELD(jobs), "N", "threads; the machine's cores by default", 1, 256},
	{0},
};

static void print_json(const char *path, const struct proof *proof, const struct verify_command *typed,
		       const struct against *against)
{
	struct buf buf = {0};
	struct json json = {.buf = &buf};
	size_t i, k;

	json_begin(&json, NULL, '{');
	json_string(&json, "path", path);
	json_bool(&json, "sound", !proof->is_damaged);
	json_bool(&json, "every_byte", !typed->quick);
	json_bool(&json, "published_generation", proof->has_manifest && proof->mixed_count == 0 && !proof->is_damaged);
	json_digest(&json, "generation", &proof->generation);
	json_begin(&json, "mixed", '[');
	for (i = 0; i < proof->mixed_count; i++)
		json_string(&json, NULL, proof->mixed[i]);
	json_end(&json, ']');
	json_begin(&json, "dimensions", '[');
	for (i = 0; i < proof->count; i++) {
		const struct proven_dimension *d = &proof->dimensions[i];

		json_begin(&json, NULL, '{');
		json_number(&json, "dimension_id", d->dimension_id);
		json_text(&json, "dimension_name", d->name.bytes, d->name.size);
		json_string(&json, "path", d->path);
		json_number(&json, "layer_count", d->layer_count);
		json_number(&json, "total_size", d->total_size);
		json_digest(&json, "checksum", &d->digest);
		json_begin(&json, "faults", '[');
		for (k = 0; k < d->finding_count; k++)
			json_string(&json, NULL, d->findings[k].text);
		json_end(&json, ']');
		json_end(&json, '}');
	}
	json_end(&json, ']');
	if (typed->against != NULL)
		against_json(&json, against);
	timings_add_json(&json);
	json_end(&json, '}');
	command_print(&buf);
	buf_free(&buf);
}

static void print_text(const struct context *context, const char *path, const struct proof *proof,
		       const struct against *against)
{
	const struct verify_command *typed = context->options;
	struct diff_text_options options = {.color = command_color(&context->global, STDOUT_FILENO),
					    .has_hunks = context->global.verbose,
					    .context = 3};
	struct buf origin = {0};
	char hex[DIGEST_HEX_SIZE], dimensions[48], layers[48], size[16], name[16];
	uint64_t layer_count = 0, bytes = 0;
	size_t i;

	for (i = 0; i < proof->count; i++) {
		const struct proven_dimension *d = &proof->dimensions[i];

		layer_count += d->layer_count;
		bytes += d->file_size;
		digest_hex(&d->digest, hex);
		if (context->global.verbose)
			printf("%s %s %s, %s, %s\n", volume_dimension_name(d->dimension_id, name), hex,
			       d->finding_count == 0 ? "sound" : "DAMAGED", text_count(d->layer_count, "layer", layers),
			       text_size(d->file_size, size));
	}
	if (proof->is_damaged)
		return;
	digest_hex(&proof->generation, hex);
	against_add(&origin, against, proof, typed->quick);
	if (proof->count == 0)
		printf("%s: nothing published\n", path);
	else
		printf("%s: %s, %s, %s: %s; generation %.16s%s\n", path,
		       text_count(proof->count, "dimension", dimensions), text_count(layer_count, "layer", layers),
		       text_size(bytes, size), typed->quick ? "all metadata sound" : "every byte sound", hex,
		       origin.size > 0 ? origin.bytes : "");
	buf_free(&origin);
	against_print(against, &options);
}

/*
 * Proves a generation's directory by its path; one that was replaced while it was read may have lost files meanwhile.
 * *ret_again: the path leads to another directory now, or to none yet.
 */
static bool prove_generation_at(struct context *context, const char *path, const struct prove_options *options,
				bool is_last, struct proof *ret, bool *ret_again)
{
	int fd = fs_open_dir(AT_FDCWD, path);

	*ret_again = false;
	if (fd < 0 && errno == ENOENT && !is_last) {
		*ret_again = true;
		return true;
	}
	if (fd < 0) {
		diag_fail(context->diag, EXIT_SYSTEM, "cannot open %s: %s", path, strerror(errno));
		return false;
	}
	prove_directory(fd, path, options, ret);
	*ret_again = !fs_leads_to(AT_FDCWD, path, 0, fd);
	close(fd);
	return true;
}

static bool prove_path(struct context *context, const char *path, enum target_kind kind,
		       const struct prove_options *options, struct proof *ret)
{
	struct arena arena = {0};
	const char *directory = path;
	bool done = true, again = true;
	int attempt;

	memset(ret, 0, sizeof(*ret));
	if (kind == TARGET_REGION)
		prove_region(path, NULL, options, ret);
	else if (kind == TARGET_DIMENSION)
		prove_region(NULL, arena_copy(&arena, path, text_path_size(path)), options, ret);
	else if (kind == TARGET_VOLUME)
		directory = arena_printf(&arena, "%s/" VOLUME_GENERATION, path);
	if (kind == TARGET_VOLUME || kind == TARGET_GENERATION) {
		for (attempt = 0; attempt < VOLUME_ATTEMPTS && done && again; attempt++) {
			if (attempt > 0)
				volume_pause();
			proof_free(ret);
			done = prove_generation_at(context, directory, options, attempt + 1 == VOLUME_ATTEMPTS, ret,
						   &again);
		}
	}
	if (done)
		proof_report(ret, context->diag);
	arena_free(&arena);
	return done;
}

/* --- a bundle --- */

/* With the sources of the dimensions that it holds, where it does not claim to hold all. */
static void compare_bundle(struct context *context, const char *path, const struct unpacked *unpacked,
			   struct side_options options, struct proof *ret_proof, struct against *ret)
{
	const struct verify_command *typed = context->options;
	const struct manifest *manifest = &unpacked->manifest;
	uint32_t *ids = mem_zalloc(manifest->count, sizeof(*ids));
	size_t i;

	ret_proof->dimensions = mem_zalloc(manifest->count, sizeof(*ret_proof->dimensions));
	ret_proof->count = manifest->count;
	for (i = 0; i < manifest->count; i++) {
		ret_proof->dimensions[i].dimension_id = ids[i] = manifest->dimensions[i].dimension_id;
		ret_proof->dimensions[i].digest = manifest->dimensions[i].digest;
	}
	if (!unpacked->is_complete) {
		options.selected = ids;
		options.selected_count = manifest->count;
	}
	against_compare(path, typed->against, ret_proof, &options, context->diag, ret);
	free(ids);
}

static void print_bundle_json(const struct context *context, const char *path, const struct unpacked *unpacked,
			      const struct against *against)
{
	const struct verify_command *typed = context->options;
	struct buf buf = {0};
	struct json json = {.buf = &buf};

	json_begin(&json, NULL, '{');
	json_string(&json, "path", path);
	json_bool(&json, "sound", unpacked != NULL);
	json_bool(&json, "every_byte", !typed->quick);
	if (unpacked != NULL) {
		json_bool(&json, "complete", unpacked->is_complete);
		json_bool(&json, "signed", typed->key != NULL);
		json_digest(&json, "generation", &unpacked->manifest.generation);
		json_digest(&json, "identity", &unpacked->facts.identity);
	}
	if (typed->against != NULL)
		against_json(&json, against);
	json_end(&json, '}');
	command_print(&buf);
	buf_free(&buf);
}

static void print_bundle(const struct context *context, const char *path, const struct unpacked *unpacked,
			 const struct proof *proof, const struct against *against)
{
	const struct verify_command *typed = context->options;
	struct diff_text_options options = {.color = command_color(&context->global, STDOUT_FILENO),
					    .has_hunks = context->global.verbose,
					    .context = 3};
	char hex[DIGEST_HEX_SIZE], dimensions[48], size[16];
	struct buf origin = {0};

	digest_hex(&unpacked->manifest.generation, hex);
	against_add(&origin, against, proof, typed->quick);
	printf("%s: %s, %s: %s%s; %s%.16s%s\n", path, text_count(unpacked->manifest.count, "dimension", dimensions),
	       text_size(unpacked->facts.size, size), typed->quick ? "all metadata sound" : "every byte sound",
	       typed->key != NULL ? ", signed by this key" : "",
	       unpacked->is_complete ? "generation " : "some dimensions of a generation",
	       unpacked->is_complete ? hex : "", origin.size > 0 ? origin.bytes : "");
	buf_free(&origin);
	against_print(against, &options);
}

/* A bundle is sound where restore would take it. */
static void verify_bundle(struct context *context, const char *path, const struct side_options *side_options)
{
	const struct verify_command *typed = context->options;
	struct inspect_options options = {.path = path,
					  .key = typed->key,
					  .settings = &context->settings,
					  .quick = typed->quick,
					  .progress = command_progress(context)};
	struct against against = {0};
	struct proof proof = {0};
	struct unpacked unpacked;
	bool ok = inspect_bundle(&options, context->diag, &unpacked);

	progress_free(options.progress);
	if (ok && typed->against != NULL)
		compare_bundle(context, path, &unpacked, *side_options, &proof, &against);
	if (context->global.json)
		print_bundle_json(context, path, ok ? &unpacked : NULL, &against);
	else if (ok && !context->global.quiet)
		print_bundle(context, path, &unpacked, &proof, &against);
	against_free(&against);
	proof_free(&proof);
	unpacked_free(&unpacked);
}

/* --- the command --- */

static void run_verify(struct context *context)
{
	const struct verify_command *typed = context->options;
	const char *path = command_volume(context);
	struct prove_options options = {
		.settings = &context->settings, .quick = typed->quick, .jobs = command_jobs(typed->jobs)};
	struct side_options side_options = {.settings = options.settings, .jobs = options.jobs, .is_proved = true};
	struct against against = {0};
	enum target_kind kind;
	struct proof proof;
	size_t i;

	if (!target_kind(path, context->diag, &kind))
		return;
	if (kind == TARGET_BUNDLE) {
		verify_bundle(context, path, &side_options);
		return;
	}
	if (typed->key != NULL) {
		diag_fail(context->diag, EXIT_USAGE, "--verify-key is for bundles, and %s is none", path);
		return;
	}
	if (!prove_path(context, path, kind, &options, &proof))
		return;
	if (proof.mixed_count > 0 && !proof.is_damaged) {
		if (typed->strict)
			diag_fail(context->diag, EXIT_DAMAGED, "%s: mixed, not a published generation", path);
		else
			diag_warn(context->diag, "%s: mixed, not a published generation", path);
		for (i = 0; i < proof.mixed_count; i++)
			diag_help(context->diag, "%s", proof.mixed[i]);
	}
	if (typed->against != NULL && !proof.is_damaged)
		against_compare(path, typed->against, &proof, &side_options, context->diag, &against);
	if (context->global.json)
		print_json(path, &proof, typed, &against);
	else if (!context->global.quiet)
		print_text(context, path, &proof, &against);
	against_free(&against);
	proof_free(&proof);
}

const struct command command_verify = {
	.name = "verify",
	.synopsis = "[PATH] [--quick] [--strict] [--against SOURCES] [--verify-key KEY]",
	.summary = "prove every byte",
	.text = "PATH is a volume, a generation, a dimension's directory, a region file or a bundle. Proves every\n"
		"digest, all structure and all padding, index.json and the manifest. Status 5 where anything is "
		"damaged.\n"
		"With --against, regions are compared with what the sources give; -v shows texts that differ.",
	.options = verify_options,
	.options_size = sizeof(struct verify_command),
	.max_operands = 1,
	.grant = command_grant_scratch,
	.run = run_verify,
};
