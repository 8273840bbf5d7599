/*
 * ignored.c: files that look like sources, but stand where none is read, or under a name that is not read.
 * In: a folder of the sources.
 * Out: a problem for each such file.
 */
#include "ignored.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs.h"
#include "text.h"

enum { MAX_DEPTH = 16 }; /* of folders; links are not followed, so that there is an end anyway */

struct look {
	const char *path;
	const struct dimension *dimension;
	struct diag *diag;
	struct arena arena;
	struct inputs folders; /* those that were looked into */
	bool is_found;
};

/* What a layer took in as its content may be YAML. */
static bool is_content(struct look *l, const char *below)
{
	return l->dimension != NULL &&
	       inputs_has(&l->dimension->inputs, arena_printf(&l->arena, "%s/%s", l->path, below));
}

/* Of `a.YAML` and of `a.yaml.txt`, the `a`. */
static size_t stem_size(const char *name)
{
	size_t size = (size_t)(strrchr(name, '.') - name);

	if (strcasecmp(name + size, ".txt") == 0)
		while (name[--size] != '.')
			;
	return size;
}

static void report(struct look *l, const char *below, const char *name, bool is_deeper)
{
	struct place whole = {diag_file(l->diag, arena_printf(&l->arena, "%s/%s", l->path, below)), 0, 0, 0};
	struct diag_extra extra = {0};

	l->is_found = true;
	if (!is_deeper) {
		const char *dot = strrchr(name, '.');

		if (strncasecmp(name, "dimension.", strlen("dimension.")) == 0)
			extra.help = "rename it to dimension.yaml";
		else
			extra.help = arena_printf(&l->arena, "rename it to %.*s.yaml", (int)stem_size(name), name);
		diag_report(l->diag, CHECK_FILE_IGNORED, whole, &extra,
			    "a file that is not read: its name ends in %s, not in .yaml or .yml", dot);
		return;
	}
	extra.help = l->dimension != NULL
			     ? "move it beside dimension.yaml, or put a dot before its folder's name if it is a draft"
			     : "a dimension's folder, with dimension.yaml and its layers, stands in the sources' "
			       "folder itself";
	diag_report(l->diag, CHECK_FILE_IGNORED, whole, &extra, "a YAML file in a folder where none is read");
}

/* `below`: the folder's path from where the look began; NULL there. */
static void look_through(struct look *l, int folder, char *const *names, size_t count, const char *below, int depth)
{
	size_t i;

	for (i = 0; i < count; i++) {
		const char *path = names[i];
		size_t inner_count;
		char **inner_names;
		struct stat st;
		int inner;

		if (names[i][0] == '.')
			continue;
		if (depth == 0 && text_is_source(names[i]))
			continue; /* it is read, or reported as what it is */
		if (below != NULL)
			path = arena_printf(&l->arena, "%s/%s", below, names[i]);
		if (fstatat(folder, names[i], &st, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		if (!S_ISDIR(st.st_mode)) {
			if (text_looks_like_yaml(names[i]) && !is_content(l, path))
				report(l, path, names[i], depth > 0);
			continue;
		}
		inner = depth < MAX_DEPTH ? openat(folder, names[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
					  : -1;
		/* What cannot be looked into may be looked into some day, and nobody would tell. */
		if (inner < 0 || fstat(inner, &st) != 0) {
			l->is_found = l->is_found || depth < MAX_DEPTH;
			continue;
		}
		inputs_add_seen(&l->folders, arena_printf(&l->folders.arena, "%s/%s", l->path, path), &st);
		if (fs_list(inner, &l->arena, &inner_names, &inner_count) == 0) /* else it was not asked for */
			look_through(l, inner, inner_names, inner_count, path, depth + 1);
		close(inner);
	}
}

void ignored_report(int folder, const char *path, char *const *names, size_t count, struct dimension *dimension,
		    struct diag *diag)
{
	struct look l = {.path = path, .dimension = dimension, .diag = diag};

	if (!diag_wants(diag, CHECK_FILE_IGNORED))
		return;
	look_through(&l, folder, names, count, NULL, 0);
	if (dimension != NULL) {
		dimension->has_ignored = l.is_found;
		if (l.folders.count > 0) {
			inputs_take(&dimension->inputs, &l.folders);
			inputs_sort(&dimension->inputs);
		}
	}
	inputs_free(&l.folders);
	arena_free(&l.arena);
}
