/*
 * inspect.c: what is in a bundle, proven without a volume.
 * In: the path of a bundle, perhaps a public key.
 * Out: its manifest and facts, every byte of it proven; or why it would be refused.
 */
#include "inspect.h"

#include <string.h>

#include "scratch.h"

static bool prove_key(struct bundle *bundle, const char *path, const struct refusal *refusal)
{
	struct sign_key *key;
	bool ok;

	if (path == NULL)
		return true;
	key = sign_key_load(path, false, refusal->diag);
	ok = key != NULL && bundle_prove_signature(bundle, key, refusal);
	sign_key_free(key);
	return ok;
}

bool inspect_bundle(const struct inspect_options *options, struct diag *diag, struct unpacked *ret)
{
	struct unpack_options unpack_options = {
		.settings = options->settings,
		.quick = options->quick,
		.consequence = "",
		.progress = options->progress,
	};
	struct refusal refusal = {diag, options->path, "", NULL};
	struct scratch scratch;
	struct bundle bundle;
	bool ok;

	memset(ret, 0, sizeof(*ret));
	ok = bundle_open(&bundle, options->path, &refusal) && prove_key(&bundle, options->key, &refusal);
	if (ok && scratch_make(&scratch, diag)) {
		unpack_options.place = scratch.path;
		ok = bundle_unpack(&bundle, scratch.fd, &unpack_options, diag, ret);
		scratch_remove(&scratch);
	} else {
		ok = false;
	}
	bundle_close(&bundle);
	return ok;
}
