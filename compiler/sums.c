/*
 * sums.c: SHA-256 sums of files, in the format of sha256sum.
 * In: names and digests; or a file of one sum.
 * Out: lines that `sha256sum -c` takes; or the digest and name that a line states.
 */
#include "sums.h"

#include <stdlib.h>
#include <string.h>

/* A name with a backslash or a line end is escaped, and its line begins with a backslash, as coreutils have it. */
void sums_add(struct buf *buf, const char *name, const struct digest *digest)
{
	char hex[DIGEST_HEX_SIZE];

	digest_hex(digest, hex);
	buf_printf(buf, "%s%s  ", strpbrk(name, "\\\n\r") != NULL ? "\\" : "", hex);
	for (; *name != '\0'; name++) {
		if (*name == '\\')
			buf_puts(buf, "\\\\");
		else if (*name == '\n')
			buf_puts(buf, "\\n");
		else if (*name == '\r')
			buf_puts(buf, "\\r");
		else
			buf_add(buf, name, 1);
	}
	buf_puts(buf, "\n");
}

/* `skip`: how much of the paths is left out. */
static void add_files(struct buf *buf, const struct manifest *manifest, const char *prefix, size_t skip,
		      const struct buf *text)
{
	struct digest digest;
	struct buf name = {0};
	size_t i, k;

	if (text != NULL) {
		digest_of(text->bytes, text->size, &digest);
		buf_printf(&name, "%smanifest.json", prefix);
		sums_add(buf, name.bytes, &digest);
	}
	for (i = 0; i < manifest->count; i++) {
		for (k = 0; k < manifest->dimensions[i].file_count; k++) {
			name.size = 0;
			buf_printf(&name, "%s%s", prefix, manifest->dimensions[i].files[k].path + skip);
			sums_add(buf, name.bytes, &manifest->dimensions[i].files[k].digest);
		}
	}
	buf_free(&name);
}

void sums_add_files(struct buf *buf, const struct manifest *manifest, const char *prefix, const struct buf *text)
{
	add_files(buf, manifest, prefix, 0, text);
}

void sums_add_dimension(struct buf *buf, const struct manifest *manifest, const struct buf *text)
{
	const char *path = manifest->dimensions[0].file_count > 0 ? manifest->dimensions[0].files[0].path : "/";

	add_files(buf, manifest, "", (size_t)(strchrnul(path, '/') - path) + 1, text);
}

static bool unescape(const char *from, size_t size, char *ret)
{
	size_t i;

	for (i = 0; i < size; i++) {
		if (from[i] != '\\') {
			*ret++ = from[i];
		} else {
			if (++i == size)
				return false;
			if (from[i] == '\\')
				*ret++ = '\\';
			else if (from[i] == 'n')
				*ret++ = '\n';
			else if (from[i] == 'r')
				*ret++ = '\r';
			else
				return false;
		}
	}
	*ret = '\0';
	return true;
}

bool sums_parse(const char *bytes, size_t size, struct digest *ret, char **ret_name)
{
	static const size_t hex = DIGEST_HEX_SIZE - 1;
	bool is_escaped = size > 0 && bytes[0] == '\\';
	struct digest digest;
	size_t name_size;
	char *name;

	bytes += is_escaped;
	size -= is_escaped;
	/* The digest, two spaces or a space and an asterisk, a name, the end of the line. */
	if (size < hex + 4 || !digest_parse(bytes, hex, &digest) || bytes[hex] != ' ' ||
	    (bytes[hex + 1] != ' ' && bytes[hex + 1] != '*') || bytes[size - 1] != '\n')
		return false;
	bytes += hex + 2;
	name_size = size - hex - 3;
	if (memchr(bytes, '\n', name_size) != NULL || memchr(bytes, '\0', name_size) != NULL)
		return false;
	name = mem_alloc(name_size + 1);
	memcpy(name, bytes, name_size);
	name[name_size] = '\0';
	if (is_escaped && !unescape(bytes, name_size, name)) {
		free(name);
		return false;
	}
	*ret = digest;
	*ret_name = name;
	return true;
}
