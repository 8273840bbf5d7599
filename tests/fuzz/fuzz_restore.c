/*
 * fuzz_restore.c: `dimc restore` of bundles from anybody.
 * In: what a fuzzer makes of tars, compressed and not, and of the archives of images.
 * Out: nothing while each is refused and leaves nothing behind, or is published, proves itself, and changes nothing the
 * second time.
 */
#include "../../compiler/prove.h"
#include "../../compiler/report.h"
#include "../../compiler/restore.h"
#include "scratch.h"
#include "tars.h"

static struct memory_file file;
static char volume_path[80];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	make_scratch();
	memory_file_new(&file);
	snprintf(volume_path, sizeof(volume_path), "%s/volume", scratch_path);
	return 0;
}

static bool restore(const struct settings *settings, bool dry_run, struct compile_report *ret)
{
	const char *bundles[] = {file.path};
	struct restore_options options = {
		.bundles = bundles, .bundle_count = 1, .volume = volume_path, .settings = settings, .dry_run = dry_run};
	struct diag *diag = diag_new();
	bool ok = restore_bundles(&options, diag, ret);

	CHECK(ok == (diag_errors(diag) == 0) && ok == (diag_status(diag) == EXIT_DONE));
	CHECK(ok || diag_status(diag) == EXIT_DAMAGED || diag_status(diag) == EXIT_VERSION ||
	      diag_status(diag) == EXIT_REFUSED);
	diag_free(diag);
	return ok;
}

static void check_published(const struct settings *settings, const struct compile_report *report)
{
	struct diag *diag = diag_new();
	struct compile_report again;
	struct volume volume;

	CHECK(report->is_published && report->count > 0);
	CHECK(volume_open(&volume, volume_path, diag));
	CHECK(prove_generation(&volume, VOLUME_GENERATION, settings) && diag_errors(diag) == 0);
	volume_close(&volume);
	CHECK(restore(settings, false, &again) && again.is_up_to_date && !again.is_published);
	CHECK(digest_equal(&again.generation, &report->generation));
	report_free(&again);
	diag_free(diag);
}

static void test_one(const uint8_t *data, size_t size)
{
	struct settings settings = {.max_size = 1 << 20};
	struct compile_report looked, report;
	bool would, ok;

	memory_file_set(&file, data, size);
	would = restore(&settings, true, &looked);
	CHECK(access(volume_path, F_OK) != 0);
	ok = restore(&settings, false, &report);
	CHECK(ok == would && (!ok || digest_equal(&looked.generation, &report.generation)));
	if (ok)
		check_published(&settings, &report);
	CHECK(ok == (access(volume_path, F_OK) == 0));
	report_free(&looked);
	report_free(&report);
	if (ok)
		CHECK(fs_remove_tree(AT_FDCWD, volume_path) == 0);
}
