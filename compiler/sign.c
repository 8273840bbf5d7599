/*
 * sign.c: Ed25519 signatures (RFC 8032), by OpenSSL; keys in PEM files as `openssl genpkey` and `openssl pkey` make
 * them.
 * In: a key file, bytes.
 * Out: 64 bytes of signature; or whether they are right.
 */
#include "sign.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

struct sign_key {
	EVP_PKEY *key;
};

struct sign_key *sign_key_load(const char *path, bool is_private, struct diag *diag)
{
	FILE *file = fopen(path, "re");
	struct sign_key *key;
	EVP_PKEY *read;

	if (file == NULL) {
		diag_fail(diag, errno == ENOENT ? EXIT_NOT_THERE : EXIT_SYSTEM, "cannot open the key %s: %s", path,
			  strerror(errno));
		return NULL;
	}
	/* A private key with a passphrase: libcrypto asks for it on the terminal. */
	read = is_private ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : PEM_read_PUBKEY(file, NULL, NULL, NULL);
	fclose(file);
	if (read == NULL || EVP_PKEY_get_id(read) != EVP_PKEY_ED25519) {
		diag_fail(diag, EXIT_USAGE, "%s is no %s Ed25519 key in PEM", path, is_private ? "private" : "public");
		diag_help(diag,
			  is_private ? "`openssl genpkey -algorithm ed25519 -out FILE` makes one"
				     : "`openssl pkey -in PRIVATE -pubout -out FILE` gives the public part of a key");
		EVP_PKEY_free(read);
		return NULL;
	}
	key = mem_alloc(sizeof(*key));
	key->key = read;
	return key;
}

void sign_key_free(struct sign_key *key)
{
	if (key != NULL)
		EVP_PKEY_free(key->key);
	free(key);
}

bool sign_bytes(const struct sign_key *key, const void *bytes, size_t size, uint8_t ret[SIGN_SIZE])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t length = SIGN_SIZE;
	bool ok = context != NULL && EVP_DigestSignInit(context, NULL, NULL, NULL, key->key) == 1 &&
		  EVP_DigestSign(context, ret, &length, bytes, size) == 1 && length == SIGN_SIZE;

	EVP_MD_CTX_free(context);
	return ok;
}

bool sign_verify(const struct sign_key *key, const void *bytes, size_t size, const uint8_t signature[SIGN_SIZE])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool ok = context != NULL && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key->key) == 1 &&
		  EVP_DigestVerify(context, signature, SIGN_SIZE, bytes, size) == 1;

	EVP_MD_CTX_free(context);
	return ok;
}
