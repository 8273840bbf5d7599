/*
 * reference.h: names of container images, as registries and engines take them.
 * In: REGISTRY/PATH[:TAG], from the command line.
 * Out: whether it is one, or what is wrong with it.
 */
#ifndef DIMC_REFERENCE_H
#define DIMC_REFERENCE_H

#include <stdbool.h>

/*
 * A full name begins with a registry: localhost, or something with a dot or a port in it. false, and a constant text,
 * for anything else. *ret_has_tag: whether it ends with one.
 */
bool reference_check(const char *text, bool *ret_has_tag, const char **ret_why);

#endif
