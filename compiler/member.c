/*
 * member.c: what a name in a bundle stands for.
 * In: the name of an archive's member, from anyone.
 * Out: which file of a generation it is; or why such a name has no place in a bundle.
 */
#include "member.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "text.h"
#include "volume.h"

static bool refuse(const char **ret_why, const char *why)
{
	*ret_why = why;
	return false;
}

/* `./` at the beginning and slashes at the end go away; of what is left, every component must lead further down. */
static bool normalize(const char *name, char ret[MEMBER_MAX_NAME], const char **ret_why)
{
	size_t size, depth = 0;
	const char *at, *slash;

	if (name[0] == '/')
		return refuse(ret_why, "an absolute name");
	while (name[0] == '.' && name[1] == '/')
		name += 2;
	size = strlen(name);
	if (size >= MEMBER_MAX_NAME - 1) /* room for a slash that member_name_parse adds */
		return refuse(ret_why, "its name is too long");
	memcpy(ret, name, size + 1);
	while (size > 0 && ret[size - 1] == '/')
		ret[--size] = '\0';
	if (size == 0 || strcmp(ret, ".") == 0) {
		ret[0] = '\0';
		return true;
	}
	for (at = ret;; at = slash + 1) {
		size_t length;

		slash = strchrnul(at, '/');
		length = (size_t)(slash - at);
		if (length == 0 || (length == 1 && at[0] == '.'))
			return refuse(ret_why, "its name has an empty component");
		if (length == 2 && memcmp(at, "..", 2) == 0)
			return refuse(ret_why, "its name leads upwards (..)");
		if (++depth > MEMBER_MAX_DEPTH)
			return refuse(ret_why, "its name is too deep");
		if (*slash == '\0')
			return true;
	}
}

/* Where the name below the generation begins; NULL where it is not below one. */
static const char *below_generation(const char *name)
{
	const char *at = name, *slash, *below = NULL;

	/* The last one: nothing in a generation has its name, but directories before it may. */
	for (;;) {
		size_t length = strcspn(at, "/");

		if (length == strlen(VOLUME_GENERATION) && memcmp(at, VOLUME_GENERATION, length) == 0)
			below = at + length + (at[length] == '/');
		slash = strchr(at, '/');
		if (slash == NULL)
			return below;
		at = slash + 1;
	}
}

/* An archive of consciousness/ itself, packed from within: its names begin with those of a generation. */
static bool is_of_generation(const char *name)
{
	char first[16];
	size_t length = strcspn(name, "/");

	if (length >= sizeof(first))
		return false;
	memcpy(first, name, length);
	first[length] = '\0';
	return volume_dimension_id(first) != 0 || strcmp(first, MEMBER_MANIFEST) == 0 ||
	       strcmp(first, MEMBER_SUMS) == 0;
}

/* layers/7.txt, layers/7.bin: numbers as they are written, without leading zeros. */
static bool parse_layer(const char *name, struct member_name *ret)
{
	char canonical[32];
	uint64_t id;
	const char *dot = strchr(name, '.');

	if (dot == NULL || dot == name || dot - name > 10 || (strcmp(dot, ".txt") != 0 && strcmp(dot, ".bin") != 0))
		return false;
	memcpy(canonical, name, (size_t)(dot - name));
	canonical[dot - name] = '\0';
	if (canonical[0] == '0' || !text_parse_number(canonical, UINT32_MAX, &id))
		return false;
	ret->kind = MEMBER_IS_LAYER;
	ret->layer_id = (uint32_t)id;
	return true;
}

static bool parse_file(const char *name, bool in_dimension, struct member_name *ret)
{
	static const struct {
		const char *name;
		enum member_kind kind;
		bool of_generation;
	} files[] = {
		{MEMBER_MANIFEST, MEMBER_IS_MANIFEST, true},
		{MEMBER_SUMS, MEMBER_IS_SUMS, true},
		{MEMBER_INDEX, MEMBER_IS_INDEX, false},
		{MEMBER_REGION, MEMBER_IS_REGION, false},
	};
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (strcmp(name, files[i].name) == 0 && (in_dimension || files[i].of_generation)) {
			ret->kind = files[i].kind;
			return true;
		}
	}
	return in_dimension && strncmp(name, MEMBER_LAYERS "/", strlen(MEMBER_LAYERS "/")) == 0 &&
	       parse_layer(name + strlen(MEMBER_LAYERS "/"), ret);
}

static const char *not_ours(const char *name)
{
	static const char *const known[] = {MEMBER_MANIFEST, MEMBER_SUMS, MEMBER_INDEX, MEMBER_REGION, MEMBER_LAYERS};
	const char *slash = strrchr(name, '/'), *last = slash != NULL ? slash + 1 : name;
	size_t i;

	if (name[0] == 'd' && name[1] >= '0' && name[1] <= '9')
		return "differs from the name of a dimension in case";
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcasecmp(last, known[i]) == 0 && strcmp(last, known[i]) != 0)
			return "differs from a generation's file in case";
	return "no file of a generation has this name";
}

/* `name` is what follows consciousness/. */
static bool parse_below(const char *name, bool is_directory, struct member_name *ret, const char **ret_why)
{
	char dimension[16];
	size_t length = strcspn(name, "/");

	if (is_directory && *name == '\0')
		return true;
	if (length < sizeof(dimension)) {
		memcpy(dimension, name, length);
		dimension[length] = '\0';
		ret->dimension_id = volume_dimension_id(dimension);
	}
	if (is_directory) {
		if (ret->dimension_id != 0 && (name[length] == '\0' || strcmp(name + length, "/" MEMBER_LAYERS) == 0))
			return true;
	} else if (strlen(name) < sizeof(ret->path) &&
		   (ret->dimension_id != 0 ? name[length] == '/' && parse_file(name + length + 1, true, ret)
					   : parse_file(name, false, ret))) {
		memcpy(ret->path, name, strlen(name) + 1);
		return true;
	}
	return refuse(ret_why, not_ours(name));
}

bool member_name_parse(struct member_names *names, const char *name, bool is_directory, struct member_name *ret,
		       const char **ret_why)
{
	char normal[MEMBER_MAX_NAME];
	const char *below;
	size_t prefix_size;
	bool is_top;

	memset(ret, 0, sizeof(*ret));
	ret->kind = MEMBER_IS_DIRECTORY;
	if (!normalize(name, normal, ret_why))
		return false;
	if (normal[0] == '\0')
		return is_directory || refuse(ret_why, "its name is empty");
	below = below_generation(normal);
	if (below == NULL && is_of_generation(normal))
		below = normal;
	if (below == NULL)
		/* data/ and data/mmap/ lead there; nothing is made of them. */
		return is_directory || refuse(ret_why, "it is not below " VOLUME_GENERATION "/");
	if (!is_directory && *below == '\0')
		return refuse(ret_why, VOLUME_GENERATION " must be a directory");
	prefix_size = (size_t)(below - normal);
	is_top = *below == '\0';
	if (is_top && normal[prefix_size - 1] != '/')
		normal[prefix_size++] = '/'; /* the directory itself; its name has room, it was shorter than `name` */
	if (!names->has_prefix) {
		names->has_prefix = true;
		names->prefix_size = prefix_size;
		memcpy(names->prefix, normal, prefix_size);
	} else if (names->prefix_size != prefix_size || memcmp(names->prefix, normal, prefix_size) != 0) {
		return refuse(ret_why, "it is not below the same directory as the others");
	}
	return parse_below(is_top ? "" : below, is_directory, ret, ret_why);
}
