/*
 * draft.c: the texts of a new layer and of a new dimension, to be filled in by their author.
 * In: a number and a title.
 * Out: YAML with a comment for each key, in which everything is right but what only the author can write.
 */
#include "draft.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emit.h"
#include "text.h"
#include "utf8.h"
#include "volume.h"
#include "yaml_text.h"

static bool is_letter(uint32_t c)
{
	if (c < 0x80)
		return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
	/* All but the blocks of punctuation, symbols and what chooses among their pictures. */
	return c >= 0xC0 && !(c >= 0x2000 && c < 0x2C00) && !(c >= 0x3000 && c < 0x3040) &&
	       !(c >= 0xFE00 && c < 0xFE10);
}

/* The size of the word that text[0, size) begins with: letters and digits, with dashes and apostrophes inside. */
static size_t word_size(const char *text, size_t size)
{
	size_t at, length, end = 0;
	uint32_t c;

	for (at = 0; at < size; at += length) {
		length = utf8_decode(text + at, size - at, &c);
		if (length > 0 && is_letter(c))
			end = at + length;
		else if (length == 0 || at == 0 || (c != '-' && c != '\'' && c != 0x2019))
			break;
	}
	return end;
}

/* "a", "of" and "the" are what nobody searches for, "AI" is not: short words count where they are all capitals. */
static bool is_keyword(struct text word)
{
	size_t i, length = utf8_length(word.bytes, word.size);

	if (length > 3 || (length > 1 && (unsigned char)word.bytes[0] >= 0x80))
		return length <= MODEL_MAX_KEYWORD_LENGTH;
	for (i = 0; i < word.size; i++)
		if (word.bytes[i] >= 'a' && word.bytes[i] <= 'z')
			return false;
	return length > 1;
}

static bool has_keyword(const struct layer *layer, struct text word)
{
	size_t i;

	for (i = 0; i < layer->keyword_count; i++)
		if (layer->keywords[i].size == word.size &&
		    memcmp(layer->keywords[i].bytes, word.bytes, word.size) == 0)
			return true;
	return false;
}

/* The words of the title, in lower case but where they are all capitals; every word where none is long. */
static void take_keywords(struct layer *layer, struct arena *arena)
{
	struct text title = layer->title, word;
	bool takes_all = false;
	size_t at, i;

	layer->keywords = arena_alloc(arena, MODEL_MAX_KEYWORDS * sizeof(*layer->keywords));
	do {
		for (at = 0; at < title.size && layer->keyword_count < MODEL_MAX_KEYWORDS; at += word.size + 1) {
			char *bytes = arena_copy(arena, title.bytes + at, word_size(title.bytes + at, title.size - at));
			bool has_small = false;

			word = (struct text){bytes, strlen(bytes)};
			if (word.size == 0 ||
			    (takes_all ? utf8_length(bytes, word.size) > MODEL_MAX_KEYWORD_LENGTH : !is_keyword(word)))
				continue;
			for (i = 0; i < word.size; i++)
				has_small = has_small || (bytes[i] >= 'a' && bytes[i] <= 'z');
			for (i = 0; has_small && i < word.size; i++)
				if (bytes[i] >= 'A' && bytes[i] <= 'Z')
					bytes[i] = (char)(bytes[i] - 'A' + 'a');
			if (!has_keyword(layer, word))
				layer->keywords[layer->keyword_count++] = word;
		}
		takes_all = !takes_all;
	} while (takes_all && layer->keyword_count == 0);
}

/* About the middle of the range, with as few digits as lead to a number inside. */
static double middle(double low, double high)
{
	double value = low;
	int digits;
	char text[40];

	for (digits = 2; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, low / 2 + high / 2);
		value = strtod(text, NULL);
		if (value >= low && value <= high)
			return value;
	}
	return low;
}

void draft_layer(const struct dimension *dimension, uint32_t layer_id, struct text title, struct buf *ret)
{
	struct layer layer = {.layer_id = layer_id, .title = title};
	struct arena arena = {0};
	char name[16], low[40], high[40], frequency[40];

	take_keywords(&layer, &arena);
	buf_printf(ret,
		   "# A layer of %s. `dimc check` rejects it until its content is written.\n\n"
		   "# Its number. No other layer of the dimension has it, and it stays when the\n"
		   "# title changes.\n"
		   "layer_id: %u\n\n"
		   "# What people see in lists.\n"
		   "title: ",
		   volume_dimension_name(dimension->dimension_id, name), layer_id);
	yaml_text_add_line(ret, title, false);
	if (dimension->has_frequency_range) {
		layer.frequency = middle(dimension->frequency_low, dimension->frequency_high);
		buf_printf(ret,
			   "\n\n# In Hz, from %s to %s: the dimension's frequency_range. This is about its\n"
			   "# middle; choose.\n",
			   text_double(dimension->frequency_low, low), text_double(dimension->frequency_high, high));
	} else {
		layer.frequency = 1;
		buf_puts(ret, "\n\n# In Hz, greater than zero; choose.\n");
	}
	buf_printf(ret,
		   "frequency: %s\n\n"
		   "# 1 to %d words or phrases that somebody would search for. They are found as\n"
		   "# they are written here, capitals too. These were taken from the title.\n",
		   text_double(layer.frequency, frequency), MODEL_MAX_KEYWORDS);
	emit_keywords(&layer, ret);
	buf_puts(ret, "\n# The text, in lines below that begin with two spaces. Text from a file of this\n"
		      "# folder: content_file: PATH in the place of content.\n"
		      "content: |\n");
	arena_free(&arena);
}

void draft_dimension(uint32_t dimension_id, struct text name, struct buf *ret)
{
	buf_printf(ret,
		   "# Say here what belongs into this dimension, for those who will add to it.\n\n"
		   "# Its number; the folder's name begins with it.\n"
		   "dimension_id: %u\n\n"
		   "# What people call it.\n"
		   "name: ",
		   dimension_id);
	yaml_text_add_line(ret, name, false);
	buf_puts(ret, "\n\n# What it is about, in a sentence or two.\n"
		      "# description: >-\n"
		      "#   ...\n\n"
		      "# When it was begun. Without it, index.json tells when a source was last changed.\n"
		      "# created_at: 2024-10-24T10:00:00Z\n\n"
		      "# The lowest and the highest frequency that its layers may have, in Hz.\n"
		      "# frequency_range: [0.5, 2.5]\n");
}
