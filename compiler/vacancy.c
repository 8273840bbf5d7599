/*
 * vacancy.c: which numbers are free in a tree of sources, also where it has mistakes.
 * In: what could be read of a dimension or of all; the names in its folder.
 * Out: the next layer_id, dimension_id and file name.
 */
#include "vacancy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fs.h"
#include "text.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The largest number behind the word in a text: layer_id: 7, "layer_id": 7. */
static uint32_t largest_in_text(const char *text)
{
	static const char key[] = "layer_id";
	uint32_t largest = 0;

	while ((text = strstr(text, key)) != NULL) {
		unsigned long long id;

		text += strlen(key);
		text += strspn(text, "\"' \t:");
		id = is_digit(*text) ? strtoull(text, NULL, 10) : 0;
		if (id > largest && id <= UINT32_MAX)
			largest = (uint32_t)id;
	}
	return largest;
}

/* Whether what fs_read says is about the file and not about the system: no regular one, too large, a link to nothing.
 */
static bool is_no_source(int error)
{
	return fs_says_absent(error) || error == EINVAL || error == EISDIR || error == ENXIO || error == EFBIG;
}

static bool largest_in_files(int folder, uint64_t max_file_size, uint32_t *ret)
{
	struct arena arena = {0};
	size_t count = 0, i;
	int error = 0;
	char **names;

	if (fs_list(folder, &arena, &names, &count) != 0)
		error = errno;
	for (i = 0; i < count && error == 0; i++) {
		struct arena text = {0};
		struct fs_file file;

		if (!text_is_source(names[i]))
			continue;
		if (fs_read(folder, names[i], max_file_size, FS_FOLLOW, &text, &file) == 0) {
			uint32_t id = largest_in_text(file.bytes);

			*ret = id > *ret ? id : *ret;
		} else if (!is_no_source(errno)) {
			error = errno;
		}
		arena_free(&text);
	}
	arena_free(&arena);
	errno = error;
	return error == 0;
}

bool vacancy_layer_id(const struct dimension *dimension, int folder, uint64_t max_file_size, uint32_t *ret)
{
	uint32_t largest = 0;
	size_t i;

	if (dimension->is_partly_read && !largest_in_files(folder, max_file_size, &largest))
		return false;
	for (i = 0; i < dimension->layer_count; i++)
		if (dimension->layers[i].layer_id > largest)
			largest = dimension->layers[i].layer_id;
	*ret = largest + 1; /* which is 0 after UINT32_MAX */
	return true;
}

uint32_t vacancy_number(const char *text, size_t size)
{
	char digits[8];
	uint64_t id;

	if (size > 0 && (*text == 'D' || *text == 'd')) {
		text++;
		size--;
	}
	if (size >= sizeof(digits))
		return 0;
	memcpy(digits, text, size);
	digits[size] = '\0';
	return text_parse_number(digits, MODEL_MAX_DIMENSION_ID, &id) ? (uint32_t)id : 0;
}

uint32_t vacancy_id(const struct dimension *dimension)
{
	const char *slash = strrchr(dimension->folder, '/'), *name = slash == NULL ? dimension->folder : slash + 1;

	return dimension->dimension_id != 0 ? dimension->dimension_id : vacancy_number(name, strcspn(name, "-"));
}

uint32_t vacancy_dimension_id(const struct model *model)
{
	uint32_t largest = 0;
	size_t i;

	for (i = 0; i < model->count; i++)
		if (vacancy_id(&model->dimensions[i]) > largest)
			largest = vacancy_id(&model->dimensions[i]);
	return largest < MODEL_MAX_DIMENSION_ID ? largest + 1 : 0;
}

bool vacancy_file_name(int folder, struct text title, char ret[EMIT_NAME_SIZE])
{
	enum { MAX_DIGITS = 8, STEP = 10 };
	struct arena arena = {0};
	struct layer layer = {.title = title};
	uint32_t largest = 0, wide = 1;
	size_t count = 0, numbered = 0, in_tens = 0, i;
	char **names;

	if (fs_list(folder, &arena, &names, &count) != 0)
		return false;
	for (i = 0; i < count; i++) {
		uint32_t number, digits = 0, least = 1;

		while (is_digit(names[i][digits]))
			digits++;
		if (!text_is_source(names[i]) || digits == 0 || digits > MAX_DIGITS)
			continue;
		number = (uint32_t)strtoul(names[i], NULL, 10);
		numbered++;
		in_tens += number % STEP == 0;
		largest = number > largest ? number : largest;
		while (--digits > 0)
			least *= 10;
		wide = least > wide ? least : wide;
	}
	layer.layer_id = in_tens * 2 >= numbered ? (largest / STEP + 1) * STEP : largest + 1;
	emit_layer_name(&layer, layer.layer_id > wide ? layer.layer_id : wide, ret);
	snprintf(ret + strlen(ret), EMIT_NAME_SIZE - strlen(ret), ".yaml");
	arena_free(&arena);
	return true;
}
