/*
 * quick_sha256.h: the functions of libcrypto that libdim and digest.c call, by SHA256_Update and nothing else.
 * In: what EVP_Digest... get.
 * Out: the same digests. OpenSSL's own look for the implementation at each beginning, which takes longer than all of
 * libdim.
 */
#ifndef FUZZ_QUICK_SHA256_H
#define FUZZ_QUICK_SHA256_H

#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>

EVP_MD_CTX *EVP_MD_CTX_new(void)
{
	return calloc(1, sizeof(SHA256_CTX));
}

void EVP_MD_CTX_free(EVP_MD_CTX *ctx)
{
	free(ctx);
}

int EVP_DigestInit_ex(EVP_MD_CTX *ctx, const EVP_MD *type, ENGINE *engine)
{
	(void)type;
	(void)engine;
	return SHA256_Init((SHA256_CTX *)ctx);
}

int EVP_DigestUpdate(EVP_MD_CTX *ctx, const void *bytes, size_t size)
{
	return SHA256_Update((SHA256_CTX *)ctx, bytes, size);
}

int EVP_DigestFinal_ex(EVP_MD_CTX *ctx, unsigned char *digest, unsigned int *size)
{
	(void)size;
	return SHA256_Final(digest, (SHA256_CTX *)ctx);
}

#endif
