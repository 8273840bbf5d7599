/*
 * limit_parse.c: a source of corpus.c, taken apart as fast as it goes.
 * In: the bytes of a file.
 * Out: numbers, title and keywords, and the content without its indentation, proven to be UTF-8.
 */
#include "limit.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define KEY_IS(at, key) (memcmp(at, key, sizeof(key) - 1) == 0)

/* How many bytes a sequence has that begins with a byte of 0x80 and more, and is well-formed (RFC 3629); 0 for none. */
static size_t sequence(const uint8_t *at, const uint8_t *end)
{
	size_t count = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2, i;
	uint32_t character = at[0] & (0x7fu >> count);
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};

	if (at[0] < 0xc2 || at[0] > 0xf4 || (size_t)(end - at) < count)
		return 0;
	for (i = 1; i < count; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		character = character << 6 | (at[i] & 0x3fu);
	}
	if (character < least[count] || character > 0x10ffff || (character >= 0xd800 && character < 0xe000))
		return 0;
	return count;
}

static bool is_utf8(const char *text, size_t size)
{
	const uint8_t *at = (const uint8_t *)text, *end = at + size;
	uint64_t words[4], high;
	size_t count;

	while (at < end) {
		if (end - at >= 32) {
			memcpy(words, at, sizeof(words));
			if (((words[0] | words[1] | words[2] | words[3]) & UINT64_C(0x8080808080808080)) == 0) {
				at += 32;
				continue;
			}
		}
		if (end - at >= 8) {
			memcpy(&high, at, sizeof(high));
			high = le64toh(high) & UINT64_C(0x8080808080808080);
			at += high == 0 ? 8 : __builtin_ctzll(high) / 8;
			if (high == 0)
				continue;
		}
		if (*at < 0x80) {
			at++;
			continue;
		}
		if (end - at >= 2 && at[0] >= 0xc2 && at[0] < 0xe0 && (at[1] & 0xc0) == 0x80) {
			at += 2;
			continue;
		}
		count = sequence(at, end);
		if (count == 0)
			return false;
		at += count;
	}
	return true;
}

/* Lines of two spaces and a text, and empty ones; of line ends at the end, one. */
static size_t unindent(const char *text, const char *end, char *to)
{
	const char *start = to;

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));

		LIMIT_CHECK(newline != NULL, "a line without an end");
		if (newline > text) {
			LIMIT_CHECK(text[0] == ' ' && text[1] == ' ', "a line without indentation");
			text += 2;
		}
		memcpy(to, text, (size_t)(newline + 1 - text));
		to += newline + 1 - text;
		text = newline + 1;
	}
	while (to - start >= 2 && to[-1] == '\n' && to[-2] == '\n')
		to--;
	return (size_t)(to - start);
}

size_t limit_parse(const char *text, size_t size, char *to, struct limit_layer *ret)
{
	const char *at = text, *end = text + size, *newline;
	struct limit_layer layer = {.head = to};
	char *head = to;

	for (;; at = newline + 1) {
		newline = memchr(at, '\n', (size_t)(end - at));
		LIMIT_CHECK(newline != NULL && end - at > 12, "a source without a content");
		if (KEY_IS(at, "content: |\n")) {
			break;
		} else if (KEY_IS(at, "layer_id: ")) {
			layer.id = (uint32_t)strtoul(at + 10, NULL, 10);
		} else if (KEY_IS(at, "frequency: ")) {
			layer.frequency = strtod(at + 11, NULL);
		} else if (KEY_IS(at, "title: ")) {
			memcpy(head, at + 7, (size_t)(newline - at - 7));
			head += newline - at - 7;
		} else if (KEY_IS(at, "keywords: [")) {
			for (at += 11; at < newline && at[-1] != ']'; at++) {
				const char *comma = memchr(at, ',', (size_t)(newline - at));
				const char *stop = comma != NULL ? comma : newline - 1;

				at += *at == ' ';
				memcpy(head, at, (size_t)(stop - at));
				head += stop - at;
				layer.keyword_count++;
				at = stop;
			}
		} else {
			LIMIT_CHECK(false, "an unknown key");
		}
	}
	layer.head_size = (uint32_t)(head - to);
	layer.content = head;
	layer.content_size = unindent(newline + 1, end, head);
	LIMIT_CHECK(layer.id != 0 && layer.frequency > 0 && layer.keyword_count > 0, "a key is missing");
	LIMIT_CHECK(is_utf8(to, layer.head_size + layer.content_size), "not UTF-8");
	*ret = layer;
	return layer.head_size + layer.content_size;
}
