/*
 * cmd_volume.c: `dimc init`, `dimc rollback`, `dimc clean`: the volume itself, whatever is in it.
 * In: options and perhaps a volume.
 * Out: a line about what was done.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "fs.h"
#include "json.h"
#include "prove.h"
#include "publish.h"
#include "published.h"
#include "rights.h"
#include "text.h"
#include "volume.h"

static void grant_volume(const struct context *context, struct sandbox *sandbox)
{
	sandbox_write_below(sandbox, command_volume(context));
}

/* --- init --- */

struct no_options {
	char unused;
};

static const struct option no_options[] = {{0}};

static void run_init(struct context *context)
{
	const char *path = command_volume(context);
	struct volume volume;
	bool made, ok = true;

	if (!volume_create(&volume, path, true, context->diag, &made))
		return;
	if (volume_lacks_parts(&volume, true)) {
		ok = volume_lock(&volume) && volume_make_parts(&volume, true, true);
		made = true;
	}
	volume_close(&volume);
	if (!ok)
		return;
	context->log.volume = path;
	context->log.has_changed = made;
	if (context->global.json) {
		struct buf buf = {0};
		struct json json = {.buf = &buf};

		json_begin(&json, NULL, '{');
		json_string(&json, "volume", path);
		json_bool(&json, "changed", made);
		json_end(&json, '}');
		command_print(&buf);
		buf_free(&buf);
	} else if (!context->global.quiet) {
		printf(made ? "initialized %s\n" : "%s is initialized already\n", path);
	}
}

const struct command command_init = {
	.name = "init",
	.synopsis = "[VOLUME]",
	.summary = "make a volume's directories",
	.text = "Makes what is missing: consciousness/ with D01 to D14, proto/, temp/, README.md and .gitignore.\n"
		"What is there stays as it is.",
	.options = no_options,
	.options_size = sizeof(struct no_options),
	.max_operands = 1,
	.changes_volume = true,
	.grant = grant_volume,
	.run = run_init,
};

/* --- rollback --- */

struct rollback_command {
	bool sync;
};

static const struct rollback_command rollback_defaults = {.sync = true};
static const struct option rollback_options[] = {
	{"no-sync", 0, OPTION_FALSE, offsetof(struct rollback_command, sync), NULL, "leave the fsyncs out", 0, 0},
	{0},
};

static void print_rollback(const struct context *context, const struct published *former)
{
	char hex[DIGEST_HEX_SIZE];
	struct buf buf = {0};
	struct json json = {.buf = &buf};

	if (context->global.json) {
		json_begin(&json, NULL, '{');
		json_string(&json, "volume", context->log.volume);
		json_bool(&json, "changed", context->log.has_changed);
		if (former->has_manifest)
			json_digest(&json, "generation", &former->manifest.generation);
		json_end(&json, '}');
		command_print(&buf);
		buf_free(&buf);
	} else if (!context->global.quiet) {
		digest_hex(&former->manifest.generation, hex);
		printf("rolled back to %s%.16s; a second rollback leads forward again\n",
		       former->has_manifest ? "generation " : "the former generation", former->has_manifest ? hex : "");
	}
}

static void run_rollback(struct context *context)
{
	const struct rollback_command *typed = context->options;
	const char *path = command_volume(context);
	struct published former = {.fd = -1}, now = {.fd = -1};
	struct volume volume;
	bool ok;

	if (!volume_open(&volume, path, context->diag))
		return;
	context->log.volume = path;
	if (!volume_lock(&volume))
		goto out;
	if (!published_read(&volume, VOLUME_FORMER, &former) || !published_read(&volume, VOLUME_GENERATION, &now))
		goto out;
	if (!former.has_manifest && former.manifest_wrong == NULL && former.id_count == 0) {
		diag_fail(context->diag, EXIT_NOT_THERE, "%s has no former generation", path);
		goto out;
	}
	if (!prove_generation(&volume, VOLUME_FORMER, &context->settings)) {
		diag_help(context->diag, "the present generation stays in place");
		goto out;
	}
	ok = publish_rollback(&volume, typed->sync);
	context->log.has_changed = ok || diag_status(context->diag) == EXIT_NOT_DURABLE;
	context->log.has_previous = now.has_manifest;
	context->log.previous = now.manifest.generation;
	context->log.has_generation = former.has_manifest;
	context->log.generation = former.manifest.generation;
	if (context->log.has_changed)
		print_rollback(context, &former);
out:
	published_free(&former);
	published_free(&now);
	volume_close(&volume);
}

const struct command command_rollback = {
	.name = "rollback",
	.synopsis = "[VOLUME]",
	.summary = "back to the one before",
	.text = "Verifies the former generation and exchanges it with the present one, in one step.",
	.options = rollback_options,
	.options_size = sizeof(struct rollback_command),
	.defaults = &rollback_defaults,
	.max_operands = 1,
	.changes_volume = true,
	.grant = grant_volume,
	.run = run_rollback,
};

/* --- clean --- */

struct clean_command {
	bool proto, dry_run;
	uint64_t days;
};

static const struct clean_command clean_defaults = {.days = 7};
static const struct option clean_options[] = {
	{"proto", 0, OPTION_TRUE, offsetof(struct clean_command, proto), NULL, "also old proto-dimensions", 0, 0},
	{"older-than", 0, OPTION_NUMBER, offsetof(struct clean_command, days), "DAYS",
	 "what --proto takes for old; 7 by default, 0: all", 0, 36500},
	{"dry-run", 'n', OPTION_TRUE, offsetof(struct clean_command, dry_run), NULL, "only say what would go", 0, 0},
	{0},
};

struct cleaning {
	struct context *context;
	struct volume *volume;
	bool dry_run;
	size_t removed;
	uint64_t bytes;
};

/* Removes one entry of a directory of the volume. */
static void clean_entry(struct cleaning *c, int dirfd, const char *dir, const char *name, const struct stat *st)
{
	struct buf shown = {0}, at = {0};

	text_add_printable(&shown, name, strlen(name));
	if (!c->dry_run && fs_remove_tree(dirfd, name) != 0) {
		int error = errno;

		diag_fail(c->context->diag, EXIT_SYSTEM, "cannot remove %s/%s/%s: %s", c->volume->path, dir,
			  shown.bytes, strerror(error));
		buf_puts(&at, dir);
		if (faccessat(dirfd, ".", W_OK, AT_EACCESS) == 0)
			buf_printf(&at, "/%s", name);
		rights_help(c->context->diag, c->volume->path, at.bytes, error);
		buf_free(&at);
	} else {
		c->removed++;
		c->bytes += S_ISREG(st->st_mode) ? (uint64_t)st->st_size : 0;
		if (c->context->global.verbose || c->dry_run)
			printf("%s %s/%s\n", c->dry_run ? "would remove" : "removed", dir, shown.bytes);
	}
	buf_free(&shown);
}

/* Every entry of `dir`, or, with `older_than` >= 0, region files that were last written before then. */
static void clean_dir(struct cleaning *c, const char *dir, time_t older_than, bool all)
{
	struct arena arena = {0};
	char **names;
	size_t count, i;
	struct stat st;
	int fd = openat(c->volume->fd, dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return;
	if (fd < 0 || fs_list(fd, &arena, &names, &count) != 0) {
		int error = errno;

		diag_fail(c->context->diag, EXIT_SYSTEM, "cannot read %s/%s: %s", c->volume->path, dir,
			  strerror(error));
		rights_help(c->context->diag, c->volume->path, dir, error);
		if (fd >= 0)
			close(fd);
		return;
	}
	for (i = 0; i < count; i++) {
		int there = fs_look(fd, names[i], &st);

		if (there < 0)
			diag_fail(c->context->diag, EXIT_SYSTEM, "cannot look into %s/%s: %s", c->volume->path, dir,
				  strerror(errno));
		if (there != 1)
			continue;
		if (all || (st.st_mtim.tv_sec <= older_than &&
			    (text_ends_with(names[i], ".mmap") || text_ends_with(names[i], ".mmap.new"))))
			clean_entry(c, fd, dir, names[i], &st);
	}
	close(fd);
	arena_free(&arena);
}

static void run_clean(struct context *context)
{
	const struct clean_command *typed = context->options;
	const char *path = command_volume(context);
	struct volume volume;
	struct cleaning c = {context, &volume, typed->dry_run, 0, 0};
	char count[48], size[16];

	if (!volume_open(&volume, path, context->diag))
		return;
	if (!volume_lock(&volume))
		goto out;
	context->log.volume = typed->dry_run ? NULL : path;
	clean_dir(&c, VOLUME_TEMP, 0, true);
	if (typed->proto)
		clean_dir(&c, VOLUME_PROTO, time(NULL) - (time_t)typed->days * 86400, false);
	context->log.has_changed = c.removed > 0 && !typed->dry_run;
	if (context->global.json) {
		struct buf buf = {0};
		struct json json = {.buf = &buf};

		json_begin(&json, NULL, '{');
		json_string(&json, "volume", path);
		json_bool(&json, "changed", context->log.has_changed);
		json_number(&json, "entries", c.removed);
		json_number(&json, "bytes", c.bytes);
		json_end(&json, '}');
		command_print(&buf);
		buf_free(&buf);
	} else if (!context->global.quiet) {
		printf("%s %s (%s) in %s\n", typed->dry_run ? "would remove" : "removed",
		       c.removed == 1 ? "1 entry" : (snprintf(count, sizeof(count), "%zu entries", c.removed), count),
		       text_size(c.bytes, size), path);
	}
out:
	volume_close(&volume);
}

const struct command command_clean = {
	.name = "clean",
	.synopsis = "[VOLUME] [--proto [--older-than=DAYS]]",
	.summary = "empty temp/",
	.text = "Removes everything in temp/. With --proto, also the regions in proto/ that nobody has written to for\n"
		"DAYS days. Never touches what is published.",
	.options = clean_options,
	.options_size = sizeof(struct clean_command),
	.defaults = &clean_defaults,
	.max_operands = 1,
	.changes_volume = true,
	.grant = grant_volume,
	.run = run_clean,
};
