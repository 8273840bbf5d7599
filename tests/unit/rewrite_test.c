/*
 * rewrite_test.c: a source gets other bytes only while it is what was read of it.
 * In: the current directory, in which files are made.
 * Out: nothing while all of that holds.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../compiler/rewrite.h"
#include "test.h"

static struct text text(const char *bytes)
{
	return (struct text){bytes, strlen(bytes)};
}

static void put(const char *path, const char *bytes)
{
	FILE *file = fopen(path, "w");

	CHECK(file != NULL && fputs(bytes, file) >= 0 && fclose(file) == 0);
}

static bool holds(const char *path, const char *bytes)
{
	char got[64] = "";
	FILE *file = fopen(path, "r");
	size_t size;

	CHECK(file != NULL);
	size = fread(got, 1, sizeof(got) - 1, file);
	fclose(file);
	return size == strlen(bytes) && memcmp(got, bytes, size) == 0;
}

int main(void)
{
	struct stat st;

	put("plain", "old\n");
	CHECK(rewrite_file("plain", text("old\n"), text("new\n")) == 0 && holds("plain", "new\n"));

	/* What somebody wrote since it was read stays: longer, shorter, or of the same length. */
	CHECK(rewrite_file("plain", text("old\n"), text("lost\n")) == EBUSY && holds("plain", "new\n"));
	CHECK(rewrite_file("plain", text("new"), text("lost\n")) == EBUSY && holds("plain", "new\n"));
	CHECK(rewrite_file("plain", text("new\n\n"), text("lost\n")) == EBUSY && holds("plain", "new\n"));
	CHECK(unlink("plain") == 0);
	CHECK(rewrite_file("plain", text("new\n"), text("lost\n")) == ENOENT && access("plain", F_OK) != 0);

	/* A link stays one, the file keeps its mode, an empty one is a text as well. */
	put("file", "");
	CHECK(chmod("file", 0640) == 0 && symlink("file", "link") == 0 && symlink("link", "further") == 0);
	CHECK(rewrite_file("further", text(""), text("new\n")) == 0 && holds("file", "new\n"));
	CHECK(lstat("further", &st) == 0 && S_ISLNK(st.st_mode) && lstat("link", &st) == 0 && S_ISLNK(st.st_mode));
	CHECK(lstat("file", &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 07777) == 0640);

	CHECK(mkdir("folder", 0755) == 0);
	CHECK(rewrite_file("folder", text(""), text("new\n")) == EISDIR);
	return 0;
}
