/*
 * fuzz_texts.c: small texts from outside: .env, a file of sha256sum, the name of an image, a time, a number.
 * In: a byte, which of them it is, and the text.
 * Out: nothing while each is refused with a reason, or read so that what is written again says the same.
 */
#include <stdlib.h>
#include <string.h>

#include "../../compiler/reference.h"
#include "../../compiler/settings.h"
#include "../../compiler/sums.h"
#include "../../compiler/text.h"
#include "scratch.h"

static struct memory_file file;
static int home = -1;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	make_scratch();
	memory_file_new(&file);
	home = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	CHECK(home >= 0 && symlinkat(file.path, scratch, ".env") == 0);
	unsetenv("MMAP_BASE_PATH");
	unsetenv("MMAP_INITIAL_SIZE");
	unsetenv("MMAP_MAX_SIZE");
	unsetenv("SOURCE_DATE_EPOCH");
	return 0;
}

static bool load(const void *bytes, size_t size, struct settings *ret)
{
	struct diag *diag = diag_new();
	bool ok;

	memory_file_set(&file, bytes, size);
	CHECK(fchdir(scratch) == 0);
	ok = settings_load(diag, ret);
	CHECK(fchdir(home) == 0);
	CHECK(diag_status(diag) == (ok ? EXIT_DONE : EXIT_USAGE));
	CHECK(!ok || (ret->max_size > 0 && ret->initial_size <= ret->max_size));
	CHECK(ret->has_file && !ret->has_epoch);
	diag_free(diag);
	return ok;
}

/* The last line counts, whatever stands before it; a path is text of the file. */
static void read_settings(const char *text, size_t size)
{
	static const char more[] = "\nMMAP_BASE_PATH='a # \"path\"' # not\nexport\tx\nexport MMAP_MAX_SIZE=7777 # "
				   "bytes\nMMAP_INITIAL_SIZE=\"5\"\n";
	struct settings settings;
	struct buf all = {0};

	load(text, size, &settings);
	if (strcmp(settings.base_path, "data/mmap") != 0)
		CHECK(memmem(text, size, settings.base_path, strlen(settings.base_path)) != NULL);
	CHECK(*settings.base_path != '\0' && strchr(settings.base_path, '\n') == NULL);
	settings_free(&settings);
	if (memchr(text, '\0', size) != NULL)
		return;
	buf_add(&all, text, size);
	buf_puts(&all, more);
	CHECK(load(all.bytes, all.size, &settings));
	CHECK(strcmp(settings.base_path, "a # \"path\"") == 0 && settings.max_size == 7777 &&
	      settings.initial_size == 5);
	settings_free(&settings);
	buf_free(&all);
}

static void read_sum(const char *text, size_t size)
{
	struct digest digest, again;
	char *name = NULL, *same = NULL;
	struct buf written = {0};

	if (!sums_parse(text, size, &digest, &name)) {
		CHECK(name == NULL);
		return;
	}
	CHECK(strlen(name) < size);
	sums_add(&written, name, &digest);
	CHECK(sums_parse(written.bytes, written.size, &again, &same));
	CHECK(digest_equal(&digest, &again) && strcmp(name, same) == 0);
	free(name);
	free(same);
	buf_free(&written);
}

static void read_reference(const char *text)
{
	const char *why = NULL;
	bool has_tag = false;
	char tagged[300];

	if (!reference_check(text, &has_tag, &why)) {
		CHECK(why != NULL);
		return;
	}
	CHECK(strpbrk(text, " \n\t\"'$\\") == NULL && strchr(text, '/') != NULL);
	if (!has_tag && strlen(text) < 200) {
		snprintf(tagged, sizeof(tagged), "%s:v1.0", text);
		CHECK(reference_check(tagged, &has_tag, &why) && has_tag);
	}
}

static void read_time(const char *text, size_t size)
{
	int64_t seconds, again;
	char written[24];

	if (!text_parse_time(text, size, &seconds))
		return;
	text_time(seconds, written);
	CHECK(text_parse_time(written, strlen(written), &again) && again == seconds);
	/* A date alone, or all of it, in this form. */
	CHECK(size >= 10 && memcmp(text, written, 10) == 0);
}

static void read_number(const char *text)
{
	uint64_t number;
	char written[24];

	if (!text_parse_number(text, INT64_MAX, &number))
		return;
	CHECK(number <= INT64_MAX && strspn(text, "0123456789") == strlen(text));
	snprintf(written, sizeof(written), "%llu", (unsigned long long)number);
	CHECK(strcmp(text + strspn(text, "0") - (number == 0), written) == 0);
}

static void test_one(const uint8_t *data, size_t size)
{
	char *text;

	if (size == 0)
		return;
	text = malloc(size); /* of the text and a NUL */
	CHECK(text != NULL);
	memcpy(text, data + 1, size - 1);
	text[--size] = '\0';
	switch (data[0] % 8) {
	case 0:
		read_reference(text);
		break;
	case 1:
		read_time(text, size);
		break;
	case 2:
		read_number(text);
		break;
	case 3:
	case 4:
		read_sum(text, size);
		break;
	default:
		read_settings(text, size);
	}
	free(text);
}
