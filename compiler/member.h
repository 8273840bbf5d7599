/*
 * member.h: what a name in a bundle stands for.
 * In: the name of an archive's member, from anyone.
 * Out: which file of a generation it is; or why such a name has no place in a bundle.
 */
#ifndef DIMC_MEMBER_H
#define DIMC_MEMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MEMBER_MANIFEST "manifest.json"
#define MEMBER_SUMS "SHA256SUMS"
#define MEMBER_INDEX "index.json"
#define MEMBER_REGION "region.mmap"
#define MEMBER_LAYERS "layers"

enum member_kind {
	MEMBER_IS_DIRECTORY, /* one that a generation may have, or one that leads there */
	MEMBER_IS_MANIFEST,  /* of the volume, or, with a dimension_id, of that dimension */
	MEMBER_IS_SUMS,	     /* the same */
	MEMBER_IS_INDEX,
	MEMBER_IS_REGION,
	MEMBER_IS_LAYER, /* layers/7.txt */
};

enum {
	MEMBER_MAX_NAME = 1024,
	MEMBER_MAX_DEPTH = 32,
	/* Of a manifest.json or SHA256SUMS, which are read into memory: 30,000 dimensions, and still little memory. */
	MEMBER_MAX_TEXT = 16 << 20,
};

/* What the members of one archive have in common: the directories before the generation. Zero it before the first. */
struct member_names {
	bool has_prefix;
	size_t prefix_size;
	char prefix[MEMBER_MAX_NAME]; /* "data/mmap/consciousness/" */
};

struct member_name {
	enum member_kind kind;
	uint32_t dimension_id; /* 0: of the generation as a whole */
	uint32_t layer_id;     /* of MEMBER_IS_LAYER */
	char path[64];	       /* below the generation: D01/layers/7.txt; empty for a directory */
};

/* false, and a constant text, for a name that is unsafe or that no file of a generation has. */
bool member_name_parse(struct member_names *names, const char *name, bool is_directory, struct member_name *ret,
		       const char **ret_why);

#endif
