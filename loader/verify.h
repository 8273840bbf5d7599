/*
 * verify.h: what the rooms of libdim-verify share.
 * In: the public headers, and the readers of integers and fillers of errors of internal.h; never a field of a region.
 * Out: SHA-256. libdim-verify knows libdim by its public functions, so that either can be replaced alone.
 */
#ifndef DIM_LOADER_VERIFY_H
#define DIM_LOADER_VERIFY_H

#include "../include/dim_verify.h"
#include "internal.h"

/* Over several pieces, one after the other. False: libcrypto failed. */
bool dim_sha256(const struct dim_span *pieces, size_t count, uint8_t ret[DIM_FORMAT_DIGEST_SIZE]);

#endif
