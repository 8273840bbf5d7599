/*
 * sign.h: Ed25519 signatures (RFC 8032), by OpenSSL; keys in PEM files as `openssl genpkey` and `openssl pkey` make
 * them.
 * In: a key file, bytes.
 * Out: 64 bytes of signature; or whether they are right.
 */
#ifndef DIMC_SIGN_H
#define DIMC_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "diag.h"

enum { SIGN_SIZE = 64 };

struct sign_key;

/* Reads a private key, to sign with, or a public one, to verify with. NULL, reported with status 3, 9 or 2. */
struct sign_key *sign_key_load(const char *path, bool is_private, struct diag *diag);
void sign_key_free(struct sign_key *key);

/* false where libcrypto fails. */
bool sign_bytes(const struct sign_key *key, const void *bytes, size_t size, uint8_t ret[SIGN_SIZE]);

bool sign_verify(const struct sign_key *key, const void *bytes, size_t size, const uint8_t signature[SIGN_SIZE]);

#endif
