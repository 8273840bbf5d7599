/*
 * spelling.c: how a file's name is written into a depfile.
 * In: a name, any bytes.
 * Out: what GNU make, and Ninja where it can, read as that name.
 */
#include "spelling.h"

#include <glob.h>
#include <string.h>

/* What a rule's target cannot hold: make would see an assignment, two names, a recipe. */
static const char NO_TARGET[] = "=\t|;";
/* The same, and what makes a pattern of it. */
static const char STEM[] = "%=\t|;";

/* make takes a(b) for a member of an archive, ends a name at the blank behind \ and Ninja one at the colon. */
static bool wants_dot(const char *name)
{
	size_t size = strlen(name);

	return size > 0 && strchr(")\\: \t", name[size - 1]) != NULL;
}

static bool is_member(const char *name)
{
	size_t size = strlen(name);
	const char *open = strchr(name, '(');

	return open != NULL && open != name && name[size - 1] == ')';
}

/* Whether make would find other files by the name, and not this one: a[1] stands for a1. */
static bool is_pattern_for_others(const char *name)
{
	glob_t found = {0};
	bool is_found = false;
	size_t i;

	if (strpbrk(name, "*?[") == NULL)
		return false;
	if (glob(name, GLOB_NOSORT, NULL, &found) != 0)
		found.gl_pathc = 0;
	for (i = 0; i < found.gl_pathc && !is_found; i++)
		is_found = strcmp(found.gl_pathv[i], name) == 0;
	is_found = is_found || found.gl_pathc == 0;
	globfree(&found);
	return !is_found;
}

const char *spelling_obstacle(const char *name, bool is_directory)
{
	if (strchr(name, '\n') != NULL)
		return "a newline ends a rule";
	if (!is_directory && is_member(name))
		return "a name that ends with (...) is a member of an archive";
	if (is_pattern_for_others(name))
		return "it is a pattern that other files match";
	return NULL;
}

bool spelling_suits_ninja(const char *name, bool is_directory)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "+,/_.~(){}%=@[]!- \\";
	bool is_escaped = false;

	for (; *name != '\0'; name++) {
		if (strchr("#$:", *name) != NULL) {
			if (is_escaped || (strcmp(name, ":") == 0 && !is_directory))
				return false;
		} else if (strchr(plain, *name) == NULL && (unsigned char)*name < 0x80) {
			return false;
		}
		is_escaped = *name == '\\';
	}
	return !is_escaped || is_directory;
}

/* Writes name[0, size). Before what `escaped` holds, every backslash is doubled and another one added. */
static void quote(const char *name, size_t size, const char *escaped, struct buf *ret)
{
	size_t i, slashes = 0;

	for (i = 0; i < size; i++) {
		if (name[i] == '$')
			buf_puts(ret, "$");
		else if (name[i] == ';') /* make takes a level away twice */
			buf_fill(ret, '\\', 3 * slashes + 3);
		else if (strchr(escaped, name[i]) != NULL)
			buf_fill(ret, '\\', slashes + 1);
		buf_add(ret, &name[i], 1);
		slashes = name[i] == '\\' ? slashes + 1 : 0;
	}
	buf_fill(ret, '\\', slashes);
}

/* The name as it is meant: a directory's may need another end. */
static struct buf meant(const char *name, bool is_directory)
{
	struct buf buf = {0};

	buf_puts(&buf, name);
	if (is_directory && wants_dot(name))
		buf_puts(&buf, "/.");
	return buf;
}

void spelling_prerequisite(const char *name, bool is_directory, struct buf *ret)
{
	struct buf buf = meant(name, is_directory);

	quote(buf.bytes, buf.size, " \t#:|", ret);
	buf_free(&buf);
}

void spelling_phony(const char *name, bool is_directory, struct buf *ret)
{
	struct buf buf = meant(name, is_directory);
	size_t first = strcspn(buf.bytes, STEM), last = buf.size;

	if (first == buf.size) {
		quote(buf.bytes, buf.size, " #:", ret);
		buf_puts(ret, ":");
	} else {
		/* From the first character that no rule's target can hold to the last one: that part is the stem. */
		while (first > 0 && buf.bytes[first - 1] == '\\')
			first--;
		while (strchr(STEM, buf.bytes[last - 1]) == NULL)
			last--;
		quote(buf.bytes, first, " #:", ret);
		buf_puts(ret, "%");
		quote(buf.bytes + last, buf.size - last, " #:", ret);
		buf_puts(ret, ": ;");
	}
	buf_free(&buf);
}

bool spelling_target(const char *name, struct buf *ret)
{
	if (*name == '\0' || strpbrk(name, NO_TARGET) != NULL || strchr(name, '\n') != NULL)
		return false;
	quote(name, strlen(name), " #:%", ret);
	return true;
}
