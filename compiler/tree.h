/*
 * tree.h: what of a tree of sources matters to a compile, and whether that changed.
 * In: the path of the sources, which may come, go and be replaced meanwhile; events of inotify(7).
 * Out: what an event means; or, where the kernel does not tell, whether two looks at the tree differ.
 *
 * Every look takes a new inotify instance and puts it on every directory before that is read. So there is no state that
 * could go stale: directories that came, went or were moved, and events that were lost, are all mended by looking
 * again.
 */
#ifndef DIMC_TREE_H
#define DIMC_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "buf.h"
#include "mem.h"

struct tree_watched;

struct tree {
	const char *sources, *volume;
	int inotify;	    /* -1: nothing is told, tree_is_changed finds out */
	struct arena arena; /* of one look */
	struct tree_watched *watched;
	size_t count, capacity; /* indexed by watch descriptors, which begin at 1 */
	struct buf seen;	/* what the tree looked like */
	bool is_there;		/* the sources' folder, and which one it was */
	struct stat root;
	struct stat own[3]; /* what this program itself writes to: the volume, standard output, standard error */
	size_t own_count;
};

enum tree_news {
	TREE_SAME,	 /* nothing that matters */
	TREE_SAVED,	 /* something is another now */
	TREE_UNFINISHED, /* the same, and its writer is going to close it */
	TREE_GONE,	 /* a name went, perhaps to come back: so some editors save */
};

/* Takes `sources`, which must stay. Free with tree_free. */
void tree_init(struct tree *tree, const char *sources);
void tree_free(struct tree *tree);

/*
 * Whatever changes from now on is told by tree->inotify: below the sources, and .env, but nothing inside the volume.
 * NULL; or why the kernel does not tell. `polls`: it is not asked to.
 */
const char *tree_look(struct tree *tree, const char *volume, bool polls);

/* What one event means, or several that were read at once: the last that matters. */
enum tree_news tree_take_events(struct tree *tree);

/* Looks again, without inotify: whether the tree is another than at the last look. */
bool tree_is_changed(struct tree *tree);

/* What no event tells: another folder under the sources' name, because one above it was moved, or a link. */
bool tree_is_other(struct tree *tree);

#endif
