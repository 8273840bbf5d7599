/*
 * cmd_bundle.c: `dimc bundle`, `dimc list`: generations as files that travel.
 * In: a volume, or a bundle.
 * Out: a bundle; what is in one. And lines that say so.
 */
#include <stdlib.h>
#include <string.h>

#include "bundle_write.h"
#include "command.h"
#include "inspect.h"
#include "json.h"
#include "reference.h"
#include "sums.h"
#include "text.h"
#include "timings.h"
#include "volume.h"

static uint64_t count_layers(const struct manifest *manifest)
{
	uint64_t count = 0;
	size_t i;

	for (i = 0; i < manifest->count; i++)
		count += manifest->dimensions[i].layer_count;
	return count;
}

/* "the whole generation 0123456789abcdef, 14 dimensions, 125 layers" */
static void print_what(const struct manifest *manifest, bool is_complete)
{
	char hex[DIGEST_HEX_SIZE], dimensions[48], layers[48];

	digest_hex(&manifest->generation, hex);
	if (is_complete)
		printf("the whole generation %.16s, ", hex);
	printf("%s, %s", text_count(manifest->count, "dimension", dimensions),
	       text_count(count_layers(manifest), "layer", layers));
}

/* What bundle and list say of a bundle in JSON. */
static void add_facts(struct json *json, const struct manifest *manifest, bool is_complete,
		      const struct digest *identity, uint64_t tar_size, const struct digest *digest, uint64_t size)
{
	json_bool(json, "complete", is_complete);
	json_digest(json, "generation", &manifest->generation);
	json_digest(json, "identity", identity);
	json_number(json, "tar_size", tar_size);
	json_digest(json, "checksum", digest);
	json_number(json, "size", size);
	manifest_add_json(manifest, json);
}

/* --- bundle --- */

struct bundle_command {
	const char *output, *dimensions, *format, *name, *key;
	uint64_t jobs;
};

#define FIELD(field) offsetof(struct bundle_command, field)
static const struct option bundle_options[] = {
	{"output", 'o', OPTION_TEXT, FIELD(output), "FILE", "the bundle to write; NAME.tar.gz", 0, 0},
	{"dimensions", 'd', OPTION_TEXT, FIELD(dimensions), "D01,D05", "only these", 0, 0},
	{"format", 0, OPTION_TEXT, FIELD(format), "tar.gz|oci", "oci: an image with the data in it; tar.gz by default",
	 0, 0},
	{"name", 0, OPTION_TEXT, FIELD(name), "NAME",
	 "name of the image: REGISTRY/PATH[:TAG]; without a tag, the generation is the tag", 0, 0},
	{"sign", 0, OPTION_TEXT, FIELD(key), "KEY", "sign it with this private Ed25519 key (PEM)", 0, 0},
	{"jobs", 'j', OPTION_NUMBER, FIELD(jobs), "N", "threads; the machine's cores by default", 1, 256},
	{0},
};
#undef FIELD

static void print_bundle(const struct context *context, const char *path, const struct bundle_report *report)
{
	char hex[DIGEST_HEX_SIZE], plain[16], packed[16];
	struct buf buf = {0};
	struct json json = {.buf = &buf};

	if (context->global.json) {
		json_begin(&json, NULL, '{');
		json_string(&json, "path", path);
		if (report->name != NULL) {
			json_string(&json, "name", report->name);
			json_digest(&json, "image", &report->image);
		}
		add_facts(&json, &report->manifest, report->is_complete, &report->identity, report->tar_size,
			  &report->digest, report->size);
		timings_add_json(&json);
		json_end(&json, '}');
		command_print(&buf);
		buf_free(&buf);
	} else if (!context->global.quiet) {
		printf("wrote %s: ", path);
		print_what(&report->manifest, report->is_complete);
		printf("; %s in %s\n", text_size(report->tar_size, plain), text_size(report->size, packed));
		digest_hex(&report->identity, hex);
		printf("identity %s\n", hex);
		if (report->name != NULL) {
			digest_hex(&report->image, hex);
			printf("image sha256:%s\nname %s\n", hex, report->name);
		}
	}
}

static bool check_format(const struct bundle_command *typed, struct diag *diag, struct bundle_options *ret)
{
	const char *why;
	bool has_tag;

	ret->as_image = typed->format != NULL && strcmp(typed->format, "oci") == 0;
	if (typed->format != NULL && !ret->as_image && strcmp(typed->format, "tar.gz") != 0) {
		diag_fail(diag, EXIT_USAGE, "--format takes tar.gz or oci, not \"%s\"", typed->format);
	} else if (typed->name != NULL && !ret->as_image) {
		diag_fail(diag, EXIT_USAGE, "--name is for images, with --format=oci");
	} else if (typed->name != NULL && !reference_check(typed->name, &has_tag, &why)) {
		diag_fail(diag, EXIT_USAGE, "\"%s\" is no full name of an image: %s", typed->name, why);
		diag_help(diag, "write localhost/dimensions, or registry.example.org:5000/team/dimensions:v1");
	} else {
		return true;
	}
	return false;
}

static void run_bundle(struct context *context)
{
	const struct bundle_command *typed = context->options;
	struct bundle_options options = {.volume = command_volume(context),
					 .output = typed->output,
					 .name = typed->name,
					 .key = typed->key,
					 .jobs = command_jobs(typed->jobs)};
	struct bundle_report report;
	uint32_t *selected;

	if (typed->output == NULL) {
		diag_fail(context->diag, EXIT_USAGE, "where to? -o FILE names the bundle");
		return;
	}
	if (!check_format(typed, context->diag, &options) ||
	    !command_parse_dimensions(typed->dimensions, context->diag, &selected, &options.selected_count))
		return;
	options.selected = selected;
	options.progress = command_progress(context);
	if (bundle_write(&options, context->diag, &report)) {
		progress_free(options.progress);
		print_bundle(context, options.output, &report);
	} else {
		progress_free(options.progress);
	}
	bundle_report_free(&report);
	free(selected);
}

static void grant_bundle(const struct context *context, struct sandbox *sandbox)
{
	const struct bundle_command *typed = context->options;

	sandbox_write_file(sandbox, typed->output);
}

const struct command command_bundle = {
	.name = "bundle",
	.synopsis = "[VOLUME] -o FILE [-d D01,D05] [--format=oci] [--sign KEY]",
	.summary = "pack a volume into a file",
	.text = "Writes a tar.gz that plain `tar -xzf` at a project's root restores, too, and FILE.sha256 for\n"
		"`sha256sum -c`. With --sign, FILE.sha256.sig is the Ed25519 signature of that. The identity that it\n"
		"prints is the SHA-256 of the uncompressed tar: the same wherever the same generation is packed.\n"
		"--format=oci writes an archive that skopeo, podman load and docker load take: an image with nothing "
		"but\n"
		"the generation in it, under /app/data/mmap. `dimc restore` reads it, also after a registry.",
	.options = bundle_options,
	.options_size = sizeof(struct bundle_command),
	.max_operands = 1,
	.grant = grant_bundle,
	.run = run_bundle,
};

/* --- list --- */

struct list_command {
	bool sums;
};

static const struct option list_options[] = {
	{"sums", 0, OPTION_TRUE, offsetof(struct list_command, sums), NULL,
	 "print SHA-256 sums as sha256sum does, with the names in the archive", 0, 0},
	{0},
};

static void print_table(const struct context *context, const struct unpacked *unpacked)
{
	char hex[DIGEST_HEX_SIZE], name[16], size[16], plain[16], packed[16];
	const struct manifest *manifest = &unpacked->manifest;
	struct buf shown = {0};
	size_t i, k;

	printf("%-6s %-13s %6s %10s %6s  %s\n", "DIM", "NAME", "LAYERS", "REGION", "FILES", "DIGEST");
	for (i = 0; i < manifest->count; i++) {
		const struct manifest_dimension *d = &manifest->dimensions[i];

		digest_hex(&d->digest, hex);
		shown.size = 0;
		text_add_cut(&shown, d->name.bytes, d->name.size, 13);
		printf("%-6s %-13s %6llu %10s %6zu  %.12s\n", volume_dimension_name(d->dimension_id, name), shown.bytes,
		       (unsigned long long)d->layer_count, text_size(d->total_size, size), d->file_count, hex);
		for (k = 0; context->global.verbose && k < d->file_count; k++)
			printf("       %-31s %10llu bytes\n", d->files[k].path, (unsigned long long)d->files[k].size);
	}
	buf_free(&shown);
	print_what(manifest, unpacked->is_complete);
	printf("; %s in %s\n", text_size(unpacked->facts.size, plain), text_size(unpacked->facts.file_size, packed));
	digest_hex(&unpacked->facts.identity, hex);
	printf("identity %s\n", hex);
}

static void print_sums(const struct unpacked *unpacked)
{
	struct buf buf = {0}, text = {0};

	/* It was proven to be what follows from the files. */
	if (unpacked->is_complete)
		manifest_write(&unpacked->manifest, &text);
	sums_add_files(&buf, &unpacked->manifest, unpacked->prefix, unpacked->is_complete ? &text : NULL);
	command_print(&buf);
	buf_free(&buf);
	buf_free(&text);
}

static void run_list(struct context *context)
{
	const struct list_command *typed = context->options;
	struct inspect_options options = {.path = context->operands[0],
					  .settings = &context->settings,
					  .quick = true,
					  .progress = command_progress(context)};
	struct unpacked unpacked;
	struct buf buf = {0};
	struct json json = {.buf = &buf};
	bool ok = inspect_bundle(&options, context->diag, &unpacked);

	progress_free(options.progress);
	if (ok && typed->sums) {
		print_sums(&unpacked);
	} else if (ok && context->global.json) {
		json_begin(&json, NULL, '{');
		json_string(&json, "path", options.path);
		add_facts(&json, &unpacked.manifest, unpacked.is_complete, &unpacked.facts.identity,
			  unpacked.facts.size, &unpacked.facts.file_digest, unpacked.facts.file_size);
		json_end(&json, '}');
		command_print(&buf);
		buf_free(&buf);
	} else if (ok) {
		print_table(context, &unpacked);
	}
	unpacked_free(&unpacked);
}

const struct command command_list = {
	.name = "list",
	.synopsis = "BUNDLE [--sums]",
	.summary = "what is in a bundle",
	.text = "Reads all of it and checks names, sizes, digests and the metadata of the regions; `dimc verify "
		"BUNDLE`\n"
		"proves the contents, too.",
	.options = list_options,
	.options_size = sizeof(struct list_command),
	.min_operands = 1,
	.max_operands = 1,
	.grant = command_grant_scratch,
	.run = run_list,
};
