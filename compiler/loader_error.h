/*
 * loader_error.h: what libdim says, in dimc's terms.
 * In: a status, an error or a span of libdim.
 * Out: the exit status, the line of text and the struct text that go with it.
 */
#ifndef DIMC_LOADER_ERROR_H
#define DIMC_LOADER_ERROR_H

#include "../include/dim.h"
#include "diag.h"
#include "model.h"

#define LOADER_LIMIT_HELP "raise MMAP_MAX_SIZE in .env or the environment, if you trust the file"

/* The exit status of a failure of libdim. */
enum exit_status loader_status(enum dim_status status);

/* Reports a failure of libdim about a path, with the exit status that goes with it. */
void loader_report(struct diag *diag, const char *path, const struct dim_error *error);

/* A span as a text. */
struct text loader_text(struct dim_span span);

#endif
