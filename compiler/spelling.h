/*
 * spelling.h: how a file's name is written into a depfile.
 * In: a name, any bytes.
 * Out: what GNU make, and Ninja where it can, read as that name.
 *
 * The rules were found by experiment, with GNU make 4.3 and Ninja 1.11; tests/depfile_names.bats repeats it.
 */
#ifndef DIMC_SPELLING_H
#define DIMC_SPELLING_H

#include <stdbool.h>

#include "buf.h"

/* Why make cannot read a name as a prerequisite, whatever is written; NULL where it can. */
const char *spelling_obstacle(const char *name, bool is_directory);

/* Whether Ninja reads the same as make: it knows no way to write ' or a tab. */
bool spelling_suits_ninja(const char *name, bool is_directory);

/* The name in a list of prerequisites. Behind the last one of a line stands no blank. */
void spelling_prerequisite(const char *name, bool is_directory, struct buf *ret);

/* A rule that lets the file be missing: "NAME:", or a pattern that the name matches where a rule cannot have it. */
void spelling_phony(const char *name, bool is_directory, struct buf *ret);

/* The name as a target. false where make has no way to write it. */
bool spelling_target(const char *name, struct buf *ret);

#endif
