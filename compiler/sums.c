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

static void add_files(struct buf *buf, const struct manifest *manifest, size_t skip)
{
	struct digest digest;
	struct buf text = {0};
	size_t i, k;

	manifest_write(manifest, &text);
	digest_of(text.bytes, text.size, &digest);
	sums_add(buf, "manifest.json", &digest);
	for (i = 0; i < manifest->count; i++)
		for (k = 0; k < manifest->dimensions[i].file_count; k++)
			sums_add(buf, manifest->dimensions[i].files[k].path + skip,
				 &manifest->dimensions[i].files[k].digest);
	buf_free(&text);
}

void sums_add_generation(struct buf *buf, const struct manifest *manifest)
{
	add_files(buf, manifest, 0);
}

void sums_add_dimension(struct buf *buf, const struct manifest *manifest)
{
	const char *path = manifest->dimensions[0].file_count > 0 ? manifest->dimensions[0].files[0].path : "/";

	add_files(buf, manifest, (size_t)(strchrnul(path, '/') - path) + 1);
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
	size_t name_size;

	bytes += is_escaped;
	size -= is_escaped;
	/* The digest, two spaces or a space and an asterisk, a name, the end of the line. */
	if (size < hex + 4 || !digest_parse(bytes, hex, ret) || bytes[hex] != ' ' ||
	    (bytes[hex + 1] != ' ' && bytes[hex + 1] != '*') || bytes[size - 1] != '\n')
		return false;
	bytes += hex + 2;
	name_size = size - hex - 3;
	if (memchr(bytes, '\n', name_size) != NULL || memchr(bytes, '\0', name_size) != NULL)
		return false;
	*ret_name = mem_alloc(name_size + 1);
	memcpy(*ret_name, bytes, name_size);
	(*ret_name)[name_size] = '\0';
	if (!is_escaped || unescape(bytes, name_size, *ret_name))
		return true;
	free(*ret_name);
	return false;
}
