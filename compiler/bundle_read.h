/*
 * bundle_read.h: the file of a bundle, opened by whoever wants what is in it.
 * In: a path, perhaps a public key.
 * Out: an open file that is signed by that key; where in it the tar lies.
 */
#ifndef DIMC_BUNDLE_READ_H
#define DIMC_BUNDLE_READ_H

#include "refusal.h"
#include "sign.h"
#include "unpack.h"

struct bundle {
	const char *path;
	int fd;
	uint64_t offset, size; /* of the tar, which may be compressed */
	bool is_signed;	       /* it was proven to be: what is read of it must still be these bytes */
	struct digest digest;  /* of the file, then */
};

/* Whether a file looks like a bundle: it is compressed by gzip, or a tar. */
bool bundle_is_one(const char *path);

/* false, reported with status 3, 5 or 9. Close with bundle_close in either case. */
bool bundle_open(struct bundle *bundle, const char *path, const struct refusal *refusal);

/*
 * Proves that PATH.sha256 is signed by the key, in PATH.sha256.sig, and that it is the sum of this file. false,
 * reported with status 7 (3 where the system would not read them).
 */
bool bundle_prove_signature(struct bundle *bundle, const struct sign_key *key, const struct refusal *refusal);

/* After bundle_close: opens it again. What was proven still binds what is read. false, reported as by bundle_open. */
bool bundle_reopen(struct bundle *bundle, const struct refusal *refusal);

/* unpack() of it. A signed bundle must be the bytes that the signature is for, to the end. */
bool bundle_unpack(const struct bundle *bundle, int dirfd, const struct unpack_options *options, struct diag *diag,
		   struct unpacked *ret);

void bundle_close(struct bundle *bundle);

#endif
