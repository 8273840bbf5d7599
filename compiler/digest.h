/*
 * digest.h: SHA-256 (FIPS 180-4); the only room of dimc that includes OpenSSL.
 * In: bytes.
 * Out: 32 bytes, or their hexadecimal digits or base64.
 */
#ifndef DIMC_DIGEST_H
#define DIMC_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DIGEST_SIZE = 32, DIGEST_HEX_SIZE = 65, DIGEST_BASE64_SIZE = 45 };

struct digest {
	uint8_t bytes[DIGEST_SIZE];
};

/*
 * For the beginning of a program: where libcrypto has no memory, the run ends, too. Left to itself, libcrypto 3.0
 * crashes in its setup, and says of a signature that it could not look at that it is wrong.
 */
void digest_take_memory(void);

/* A digest in the making; owned by one thread at a time. Ends the run where libcrypto has no memory. */
struct digest_state;

struct digest_state *digest_new(void);
void digest_free(struct digest_state *state);

/* What the first digest would load, now. */
void digest_prepare(void);

/* Begins anew; feeds; ends and gives the result. */
void digest_start(struct digest_state *state);
void digest_add(struct digest_state *state, const void *bytes, size_t size);
void digest_end(struct digest_state *state, struct digest *ret);

/* All at once. */
void digest_of(const void *bytes, size_t size, struct digest *ret);

bool digest_equal(const struct digest *a, const struct digest *b);

/* 64 lower-case digits and a NUL. */
void digest_hex(const struct digest *digest, char ret[DIGEST_HEX_SIZE]);

/* In base64 with its padding (RFC 4648), and a NUL. */
void digest_base64(const struct digest *digest, char ret[DIGEST_BASE64_SIZE]);

/* The reverse of digest_hex, of exactly 64 lower-case digits; false for anything else. */
bool digest_parse(const char *hex, size_t size, struct digest *ret);

#endif
