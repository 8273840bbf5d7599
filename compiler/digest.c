/*
 * digest.c: SHA-256 (FIPS 180-4); the only room of dimc that includes OpenSSL.
 * In: bytes.
 * Out: 32 bytes, or their hexadecimal digits or base64.
 */
#include "digest.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

struct digest_state {
	EVP_MD_CTX *context;
};

/* Fetched once, and never freed: OpenSSL looks for the implementation at each beginning where EVP_sha256() is given. */
static EVP_MD *sha256;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void fetch(void)
{
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
}

void digest_prepare(void)
{
	pthread_once(&once, fetch);
}

/* The memory of libcrypto, which takes 0 bytes for none. */
static void *alloc_for_crypto(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return size == 0 ? NULL : mem_alloc(size);
}

static void *grow_for_crypto(void *old, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	if (size > 0)
		return mem_grow(old, size, 1);
	free(old);
	return NULL;
}

static void free_for_crypto(void *memory, const char *file, int line)
{
	(void)file;
	(void)line;
	free(memory);
}

void digest_take_memory(void)
{
	CRYPTO_set_mem_functions(alloc_for_crypto, grow_for_crypto, free_for_crypto);
}

struct digest_state *digest_new(void)
{
	struct digest_state *state = mem_alloc(sizeof(*state));

	state->context = mem_have(EVP_MD_CTX_new());
	digest_start(state);
	return state;
}

void digest_free(struct digest_state *state)
{
	if (state != NULL)
		EVP_MD_CTX_free(state->context);
	free(state);
}

void digest_start(struct digest_state *state)
{
	digest_prepare();
	if (sha256 == NULL || EVP_DigestInit_ex(state->context, sha256, NULL) != 1)
		mem_have(NULL); /* says so and ends the run */
}

void digest_add(struct digest_state *state, const void *bytes, size_t size)
{
	int ok = EVP_DigestUpdate(state->context, bytes, size);

	assert(ok == 1);
	(void)ok;
}

void digest_end(struct digest_state *state, struct digest *ret)
{
	int ok = EVP_DigestFinal_ex(state->context, ret->bytes, NULL);

	assert(ok == 1);
	(void)ok;
}

void digest_of(const void *bytes, size_t size, struct digest *ret)
{
	struct digest_state *state = digest_new();

	digest_add(state, bytes, size);
	digest_end(state, ret);
	digest_free(state);
}

bool digest_equal(const struct digest *a, const struct digest *b)
{
	return memcmp(a->bytes, b->bytes, DIGEST_SIZE) == 0;
}

void digest_hex(const struct digest *digest, char ret[DIGEST_HEX_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < DIGEST_SIZE; i++) {
		ret[2 * i] = digits[digest->bytes[i] >> 4];
		ret[2 * i + 1] = digits[digest->bytes[i] & 15];
	}
	ret[DIGEST_HEX_SIZE - 1] = '\0';
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

void digest_base64(const struct digest *digest, char ret[DIGEST_BASE64_SIZE])
{
	EVP_EncodeBlock((unsigned char *)ret, digest->bytes, DIGEST_SIZE);
}

bool digest_parse(const char *hex, size_t size, struct digest *ret)
{
	struct digest digest;
	size_t i;

	if (size != DIGEST_HEX_SIZE - 1)
		return false;
	for (i = 0; i < DIGEST_SIZE; i++) {
		int high = nibble(hex[2 * i]), low = nibble(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		digest.bytes[i] = (uint8_t)(high << 4 | low);
	}
	*ret = digest;
	return true;
}
