/*
 * json.h: writes JSON (RFC 8259) into a buffer, in a fixed style: two-space indent, one member a line.
 * In: a sequence of calls in the order of the document.
 * Out: the text; what is written depends on the calls alone.
 */
#ifndef DIMC_JSON_H
#define DIMC_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "digest.h"

enum { JSON_MAX_DEPTH = 16 };

struct json {
	struct buf *buf;
	int depth;
	bool has_members[JSON_MAX_DEPTH];
	bool is_inline; /* inside json_begin_inline: all on one line */
};

/* `name` is the member's name, NULL in an array or at the top. */
void json_begin(struct json *json, const char *name, char open);
void json_end(struct json *json, char close);

/* The same, for arrays and objects that stay on one line. Not nested in each other. */
void json_begin_inline(struct json *json, const char *name, char open);
void json_end_inline(struct json *json, char close);

void json_string(struct json *json, const char *name, const char *text);
void json_text(struct json *json, const char *name, const char *bytes, size_t size);
void json_number(struct json *json, const char *name, uint64_t value);
void json_double(struct json *json, const char *name, double value);
void json_bool(struct json *json, const char *name, bool value);
void json_null(struct json *json, const char *name);

/* "sha256:<hex>" */
void json_digest(struct json *json, const char *name, const struct digest *digest);

#endif
