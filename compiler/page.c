/*
 * page.c: a report as one page of HTML that asks nobody for anything.
 * In: the facts of regions; the files of compiler/page, which are in the program.
 * Out: the page, the same for the same regions.
 */
#include "page.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "digest.h"
#include "embedded.h"
#include "html.h"
#include "page_summary.h"

/* One script: a module has a scope of its own, and what one file declares, those behind it use. */
static const char *const scripts[] = {"data.js",   "draw.js",	"strip.js",  "regions.js", "spectrum.js",
				      "matrix.js", "tables.js", "detail.js", "search.js",  "main.js"};

/* What stands for {{name}} in page.html. */
enum part { HEADLINE, SENTENCE, DIGEST, VERSION, STYLE, STYLE_HASH, SCRIPT, SCRIPT_HASH, ROWS, SUMS, DATA, PARTS };
static const char *const part_names[PARTS] = {"headline", "sentence",	 "digest", "version", "style", "style-hash",
					      "script",	  "script-hash", "rows",   "sums",    "data"};

static void add_file(struct buf *buf, const char *name)
{
	const struct embedded *file;
	char path[64];

	snprintf(path, sizeof(path), "compiler/page/%s", name);
	file = embedded_find(path);
	assert(file != NULL);
	buf_add(buf, file->bytes, file->size);
}

/* The source expression of a Content-Security-Policy that allows exactly these bytes. */
static void add_hash(struct buf *buf, const struct buf *bytes)
{
	char base64[DIGEST_BASE64_SIZE];
	struct digest digest;

	digest_of(bytes->bytes, bytes->size, &digest);
	digest_base64(&digest, base64);
	buf_printf(buf, "'sha256-%s'", base64);
}

static bool make_parts(const struct page_facts *facts, enum page_text text, struct buf parts[PARTS])
{
	char hex[DIGEST_HEX_SIZE];
	struct buf json = {0};
	bool ok;
	size_t i;

	page_summary_headline(facts, &parts[HEADLINE]);
	page_summary_sentence(facts, &parts[SENTENCE]);
	page_summary_rows(facts, &parts[ROWS]);
	page_summary_sums(facts, &parts[SUMS]);
	digest_hex(&facts->digest, hex);
	buf_puts(&parts[DIGEST], hex);
	buf_puts(&parts[VERSION], DIM_VERSION);
	add_file(&parts[STYLE], "page.css");
	add_hash(&parts[STYLE_HASH], &parts[STYLE]);
	for (i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
		add_file(&parts[SCRIPT], scripts[i]);
	add_hash(&parts[SCRIPT_HASH], &parts[SCRIPT]);
	ok = page_data_write(facts, text, &json);
	html_add_json(&parts[DATA], json.bytes, json.size);
	buf_free(&json);
	return ok;
}

static const struct buf *find_part(const struct buf parts[PARTS], const char *name, size_t size)
{
	size_t i;

	for (i = 0; i < PARTS; i++)
		if (strlen(part_names[i]) == size && memcmp(part_names[i], name, size) == 0)
			return &parts[i];
	return NULL;
}

/* What is put in is not looked at again: a layer may well speak of {{data}}. */
static void fill_in(const struct embedded *page, const struct buf parts[PARTS], struct buf *buf)
{
	const char *at = page->bytes, *open, *close;

	while ((open = strstr(at, "{{")) != NULL && (close = strstr(open, "}}")) != NULL) {
		const struct buf *part = find_part(parts, open + 2, (size_t)(close - open - 2));

		assert(part != NULL);
		buf_add(buf, at, (size_t)(open - at));
		if (part->size > 0)
			buf_add(buf, part->bytes, part->size);
		at = close + 2;
	}
	buf_puts(buf, at);
}

bool page_write(const struct page_facts *facts, enum page_text text, struct buf *buf)
{
	const struct embedded *page = embedded_find("compiler/page/page.html");
	struct buf parts[PARTS] = {{0}};
	bool ok = make_parts(facts, page_text_decide(text, facts), parts);
	size_t i;

	assert(page != NULL);
	if (ok)
		fill_in(page, parts, buf);
	for (i = 0; i < PARTS; i++)
		buf_free(&parts[i]);
	return ok;
}
