/*
 * item_test.c: an entry is taken out of a list with its comma or its line, or stays where something would be lost.
 * In: nothing.
 * Out: nothing while the rest of each source is what it was.
 */
#include <string.h>

#include "../../compiler/item.h"
#include "test.h"

/* Takes an entry out of a source, from the last place that begins like it; `want`: what is left, NULL: it stays. */
static void removes(const char *source, const char *item, const char *want)
{
	struct text whole = {source, strlen(source)}, part = {strrchr(source, *item), strlen(item)};
	struct place at = {.line = 1, .column = 9, .length = 1};
	struct fix fix = {0};
	char left[128];
	size_t before;

	CHECK(part.bytes != NULL && item_removal(whole, part, at, &fix) == (want != NULL));
	if (want == NULL)
		return;
	before = (size_t)(fix.was - source);
	CHECK(fix.was >= source && before + fix.was_size <= whole.size && whole.size < sizeof(left));
	memcpy(left, source, before);
	strcpy(left + before, fix.was + fix.was_size);
	if (strcmp(left, want) != 0)
		fprintf(stderr, "%s--- and not\n%s", left, want);
	CHECK(strcmp(left, want) == 0);
}

int main(void)
{
	removes("k: [a, x]\n", "x", "k: [a]\n");
	removes("k: [a,x]\n", "x", "k: [a]\n");
	removes("k: [a   ,   x, b]\n", "x", "k: [a   , b]\n");
	removes("k: [a, # why\n  x]\n", "x", NULL);
	removes("x", "x", NULL);
	removes("  x", "x", NULL);
	removes("k:\n  - a\n  - x\n  - b\n", "x", "k:\n  - a\n  - b\n");
	removes("k:\n- a\n- x \t\r\n- b\n", "x", "k:\n- a\n- b\n");
	removes("k:\r- a\r\n- x\r\n", "x", "k:\r- a\r\n");
	removes("- x\n", "x", "");
	removes("- a\n- x", "x", NULL);
	removes("- a\n- x\r", "x", NULL);
	removes("- a\n- x # why\n", "x", NULL);
	removes("k: - x\n", "x", NULL);
	removes("- a\n- \"x\n  y\"\n", "x\n  y", NULL);
	removes("- a\n- \"x\r  y\"\n", "x\r  y", NULL);
	CHECK(!item_removal((struct text){"- \n", 3}, (struct text){"", 0}, (struct place){0}, &(struct fix){0}));
	return 0;
}
