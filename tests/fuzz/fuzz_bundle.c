/*
 * fuzz_bundle.c: bundles from anybody.
 * In: what a fuzzer makes of tars, compressed and not, and of the archives of images.
 * Out: nothing while each is refused with a reason, or taken with every region in it proven; and never a file left.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../compiler/bundle_read.h"
#include "../../compiler/fs.h"
#include "../../compiler/prove.h"
#include "scratch.h"
#include "tars.h"

static const struct settings settings = {.max_size = 1 << 20};

/* What is handed over must be sound by another's word, too, and lie where it is said to. */
static bool take(void *context, const struct manifest_dimension *d)
{
	struct prove_options options = {.settings = &settings, .jobs = 1};
	int *taken = context, fd = fs_open_dir(scratch, UNPACK_DIRECTORY);
	struct proof proof;
	struct stat st;
	size_t i;

	CHECK(fd >= 0 && d->dimension_id >= 1 && d->dimension_id <= MODEL_MAX_DIMENSION_ID && d->file_count >= 2);
	for (i = 0; i < d->file_count; i++) {
		CHECK(strstr(d->files[i].path, "..") == NULL && d->files[i].path[0] == 'D');
		CHECK(fstatat(fd, d->files[i].path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode));
		CHECK((uint64_t)st.st_size == d->files[i].size && (st.st_mode & 07777) == 0444 && st.st_nlink == 1);
	}
	prove_dimension(fd, "fuzz", d->dimension_id, &options, &proof);
	CHECK(!proof.is_damaged);
	proof_free(&proof);
	close(fd);
	++*taken;
	return true;
}

static void test_one(const uint8_t *data, size_t size)
{
	struct diag *diag = diag_new();
	struct arena arena = {0};
	struct unpacked unpacked;
	char **names;
	int taken = 0, fd = memfd_create("bundle", MFD_CLOEXEC);
	struct unpack_options options = {
		.settings = &settings, .consequence = "", .place = "it", .take = take, .context = &taken};
	struct bundle bundle = {.path = "fuzz", .size = size};
	size_t count;
	bool ok;

	if (scratch < 0)
		make_scratch();
	CHECK(fd >= 0 && scratch >= 0 && write(fd, data, size) == (ssize_t)size);
	bundle.fd = fd;
	ok = bundle_unpack(&bundle, scratch, &options, diag, &unpacked);
	CHECK(ok == (diag_errors(diag) == 0));
	CHECK(!ok || (unpacked.manifest.count == (size_t)taken && taken > 0));
	CHECK(!ok || unpacked.facts.file_size == size);
	CHECK(fs_list(scratch, &arena, &names, &count) == 0 && count == 0);
	unpacked_free(&unpacked);
	arena_free(&arena);
	diag_free(diag);
	close(fd);
}
