/*
 * known_keys.h: the names of all keys that sources have, to recognise one where it should not stand.
 * In: a piece of text.
 * Out: whether it begins with a key and a colon.
 */
#ifndef DIMC_KNOWN_KEYS_H
#define DIMC_KNOWN_KEYS_H

#include <stddef.h>

/* The length of the key that text[0, size) begins with, where a colon follows it at once; 0 for any other text. */
size_t known_key(const char *text, size_t size);

#endif
