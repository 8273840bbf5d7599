/*
 * tree.c: what of a tree of sources matters to a compile, and whether that changed.
 * In: the path of the sources, which may come, go and be replaced meanwhile; events of inotify(7).
 * Out: what an event means; or, where the kernel does not tell, whether two looks at the tree differ.
 */
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs.h"
#include "text.h"

enum {
	NAME_EVENTS = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ONLYDIR,
	FILE_EVENTS = IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF,
	DIRECTORY_EVENTS = NAME_EVENTS | FILE_EVENTS,
};

/* What is watched, and thereby which names in it matter. One directory may be several. */
enum kind {
	SOURCES = 1,   /* the folder of the dimensions */
	DIMENSION = 2, /* the folder of one, or a folder in it: any file may be a content_file */
	OTHER = 4,     /* a folder that could become one */
	WORKING = 8,   /* where .env is read */
	LINKED = 16,   /* a file elsewhere to which a link leads */
};

struct tree_watched {
	unsigned kinds;
	const char *path;
};

/* Editors keep what they need beside the file, under such names. */
static bool is_of_an_editor(const char *name)
{
	return name[0] == '.' || name[0] == '#' || text_ends_with(name, "~");
}

/* Whether a name matters in one of these; `st`: what it leads to, NULL where it is gone. */
static bool matters(unsigned kinds, const char *name, const struct stat *st)
{
	if ((kinds & WORKING) != 0 && strcmp(name, ".env") == 0)
		return true;
	if ((kinds & DIMENSION) != 0 && !is_of_an_editor(name))
		return true;
	if ((kinds & SOURCES) != 0 && name[0] != '.' && (st == NULL || S_ISDIR(st->st_mode)))
		return true;
	return (kinds & (SOURCES | OTHER)) != 0 && text_is_source(name);
}

static void find_own(struct tree *t)
{
	t->own_count = 0;
	t->own_count += stat(t->volume, &t->own[t->own_count]) == 0;
	t->own_count += fstat(STDOUT_FILENO, &t->own[t->own_count]) == 0;
	t->own_count += fstat(STDERR_FILENO, &t->own[t->own_count]) == 0;
}

static bool is_own(const struct tree *t, const struct stat *st)
{
	size_t i;

	for (i = 0; i < t->own_count; i++)
		if (fs_is_same(&t->own[i], st))
			return true;
	return false;
}

/* --- a look at the tree --- */

struct look {
	struct tree *tree;
	struct arena *arena; /* for paths */
	struct buf seen;     /* a line for everything that matters */
	const char *why;     /* the kernel does not tell of changes */
};

/* Without the means to be told, the whole tree is compared from now on. A path that went is told by its folder. */
static void add(struct look *l, const char *path, unsigned kind, uint32_t events)
{
	struct tree *t = l->tree;
	int number = t->inotify < 0 ? -1 : inotify_add_watch(t->inotify, path, events | IN_MASK_ADD);

	if (number < 0) {
		if (t->inotify >= 0 && (errno == ENOSPC || errno == ENOMEM)) {
			l->why = "no inotify watches are left (fs.inotify.max_user_watches)";
			close(t->inotify);
			t->inotify = -1;
		}
		return;
	}
	while (t->count <= (size_t)number) {
		t->watched = mem_reserve(t->watched, t->count, &t->capacity, sizeof(*t->watched));
		t->watched[t->count++] = (struct tree_watched){0};
	}
	t->watched[number].kinds |= kind;
	t->watched[number].path = path;
}

/* What would be another after a change. */
static void note_file(struct look *l, const char *path, const struct stat *st)
{
	buf_printf(&l->seen, "%s %llu %o %lld %lld.%09ld %lld.%09ld\n", path, (unsigned long long)st->st_ino,
		   st->st_mode, (long long)st->st_size, (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec,
		   (long long)st->st_ctim.tv_sec, st->st_ctim.tv_nsec);
}

static void walk(struct look *l, const char *path, unsigned kind);

static void walk_entry(struct look *l, const char *path, const char *name, unsigned kind)
{
	struct stat own, st;

	if (lstat(path, &own) != 0)
		return;
	st = own;
	if (S_ISLNK(own.st_mode) && stat(path, &st) != 0)
		st = own;
	if (!matters(kind, name, &st) || is_own(l->tree, &st))
		return;
	/* The times of a folder tell of names that matter to nobody, too. */
	if (!S_ISDIR(st.st_mode))
		note_file(l, path, &st);
	if (S_ISDIR(st.st_mode) && kind == SOURCES) {
		const char *yaml = arena_printf(l->arena, "%s/dimension.yaml", path);

		walk(l, path, access(yaml, F_OK) == 0 ? DIMENSION : OTHER);
	} else if (S_ISDIR(own.st_mode) && kind == DIMENSION) {
		walk(l, path, DIMENSION);
	} else if (S_ISREG(st.st_mode) && S_ISLNK(own.st_mode)) {
		add(l, path, LINKED, FILE_EVENTS);
	}
}

static void walk(struct look *l, const char *path, unsigned kind)
{
	struct arena arena = {0};
	size_t count, i;
	char **names;
	int fd;

	add(l, path, kind, DIRECTORY_EVENTS);
	buf_printf(&l->seen, "%s/\n", path);
	fd = fs_open_dir(AT_FDCWD, path);
	if (fd >= 0 && fs_list(fd, &arena, &names, &count) == 0)
		for (i = 0; i < count; i++)
			walk_entry(l, arena_printf(l->arena, "%s/%s", path, names[i]), names[i], kind);
	if (fd >= 0)
		close(fd);
	arena_free(&arena);
}

static void look(struct look *l)
{
	struct tree *t = l->tree;
	struct stat st;

	find_own(t);
	t->is_there = stat(t->sources, &t->root) == 0;
	add(l, ".", WORKING, NAME_EVENTS);
	if (stat(".env", &st) == 0)
		note_file(l, ".env", &st);
	if (t->is_there) {
		const char *yaml = arena_printf(l->arena, "%s/dimension.yaml", t->sources);

		note_file(l, t->sources, &(struct stat){.st_ino = t->root.st_ino, .st_mode = t->root.st_mode});
		walk(l, t->sources, access(yaml, F_OK) == 0 ? DIMENSION : SOURCES);
	}
	buf_free(&t->seen);
	t->seen = l->seen;
}

const char *tree_look(struct tree *t, const char *volume, bool polls)
{
	struct look l = {.tree = t, .arena = &t->arena};

	if (t->inotify >= 0)
		close(t->inotify);
	arena_free(&t->arena);
	t->volume = arena_copy(&t->arena, volume, strlen(volume));
	t->count = 0;
	t->inotify = polls ? -1 : inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (t->inotify < 0 && !polls)
		l.why = "no inotify instances are left (fs.inotify.max_user_instances)";
	look(&l);
	return l.why;
}

bool tree_is_changed(struct tree *t)
{
	struct arena arena = {0};
	struct look l = {.tree = t, .arena = &arena};
	struct buf before = t->seen;
	bool changed;

	t->seen = (struct buf){0};
	look(&l);
	changed = before.size != t->seen.size ||
		  (before.size > 0 && memcmp(before.bytes, t->seen.bytes, before.size) != 0);
	buf_free(&before);
	arena_free(&arena);
	return changed;
}

bool tree_is_other(struct tree *t)
{
	struct stat st;
	bool was_there = t->is_there, is_other;

	t->is_there = stat(t->sources, &st) == 0;
	is_other = t->is_there != was_there || (was_there && !fs_is_same(&st, &t->root));
	if (t->is_there)
		t->root = st;
	return is_other;
}

static enum tree_news news(uint32_t events, const struct stat *st)
{
	if ((events & (IN_DELETE | IN_MOVED_FROM)) != 0)
		return TREE_GONE;
	if ((events & IN_MODIFY) != 0)
		return TREE_UNFINISHED;
	if ((events & IN_CREATE) != 0 && st != NULL && S_ISREG(st->st_mode) && st->st_size == 0)
		return TREE_UNFINISHED;
	return TREE_SAVED;
}

static enum tree_news take_event(const struct tree *t, const struct inotify_event *event)
{
	const struct tree_watched *watched = event->wd > 0 ? &t->watched[event->wd] : NULL;
	char path[PATH_MAX];
	struct stat st;
	bool is_there;

	if ((event->mask & IN_Q_OVERFLOW) != 0)
		return TREE_SAVED;
	if (watched == NULL || (event->mask & IN_IGNORED) != 0)
		return TREE_SAME;
	if (event->len == 0)
		return watched->kinds == WORKING ? TREE_SAME : news(event->mask, NULL);
	if (!matters(watched->kinds, event->name, NULL))
		return TREE_SAME;
	snprintf(path, sizeof(path), "%s/%s", watched->path, event->name);
	is_there = stat(path, &st) == 0;
	if (is_there && (!matters(watched->kinds, event->name, &st) || is_own(t, &st)))
		return TREE_SAME;
	return news(event->mask, is_there ? &st : NULL);
}

enum tree_news tree_take_events(struct tree *t)
{
	_Alignas(struct inotify_event) char bytes[16384];
	enum tree_news last = TREE_SAME, one;
	ssize_t size, at;

	/* Once: who writes faster than events are read must not keep the caller from ending. */
	size = read(t->inotify, bytes, sizeof(bytes));
	find_own(t);
	for (at = 0; at < size;) {
		const struct inotify_event *event = (const void *)(bytes + at);

		one = take_event(t, event);
		last = one != TREE_SAME ? one : last;
		at += (ssize_t)(sizeof(*event) + event->len);
	}
	return last;
}

void tree_init(struct tree *t, const char *sources)
{
	memset(t, 0, sizeof(*t));
	t->sources = sources;
	t->inotify = -1;
}

void tree_free(struct tree *t)
{
	if (t->inotify >= 0)
		close(t->inotify);
	free(t->watched);
	buf_free(&t->seen);
	arena_free(&t->arena);
}
