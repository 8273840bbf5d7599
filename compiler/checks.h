/*
 * checks.h: the table of all checks that sources must pass.
 * In: nothing.
 * Out: CHECKS(X) with one row a check: enum suffix, stable name, level, what it is about. tests/fixtures has a folder
 * for each name, in reject/ or in warn/, and docs/checks.md a section; tests demand both.
 */
#ifndef DIMC_CHECKS_H
#define DIMC_CHECKS_H

#define CHECKS(X)                                                                                                      \
	X(SYNTAX, "syntax", LEVEL_ALWAYS, "the file is not YAML")                                                      \
	X(ENCODING, "encoding", LEVEL_ALWAYS, "the file is not UTF-8, or holds characters that YAML forbids")          \
	X(NUL, "nul", LEVEL_ALWAYS, "a NUL character, raw or as an escape")                                            \
	X(NESTING, "nesting", LEVEL_ALWAYS, "collections are nested deeper than 64 levels")                            \
	X(ALIAS, "alias", LEVEL_ALWAYS, "an alias without its anchor, or aliases that expand to ten times the file")   \
	X(TAG, "tag", LEVEL_ALWAYS, "a tag that is not of the core schema or does not fit its field")                  \
	X(FILE_SIZE, "file-size", LEVEL_ALWAYS, "a source file is larger than any region could be")                    \
	X(FILE_EMPTY, "file-empty", LEVEL_ALWAYS, "a source file holds no layer")                                      \
	X(FILE_TYPE, "file-type", LEVEL_ALWAYS, "a source is not a regular file")                                      \
	X(FILE_STRAY, "file-stray", LEVEL_ALWAYS, "a layer file stands outside of every dimension's folder")           \
	X(FILE_IGNORED, "file-ignored", LEVEL_ERROR, "a file that looks like a source is not read")                    \
	X(DUPLICATE_KEY, "duplicate-key", LEVEL_ALWAYS, "a key appears twice in one mapping")                          \
	X(UNKNOWN_KEY, "unknown-key", LEVEL_ALWAYS, "a key that does not belong there")                                \
	X(MISSING_KEY, "missing-key", LEVEL_ALWAYS, "a key that must be there is not")                                 \
	X(WRONG_TYPE, "wrong-type", LEVEL_ALWAYS, "a value is not of its field's type")                                \
	X(TEXT, "text", LEVEL_ALWAYS, "a title, name or description is empty, too long or holds control characters")   \
	X(TIMESTAMP, "timestamp", LEVEL_ALWAYS, "a time is not YYYY-MM-DDTHH:MM:SSZ or YYYY-MM-DD")                    \
	X(LAYER_ID, "layer-id", LEVEL_ALWAYS, "a layer_id is outside 1..4294967295")                                   \
	X(LAYER_ID_DUPLICATE, "layer-id-duplicate", LEVEL_ALWAYS, "two layers of a dimension have the same layer_id")  \
	X(DIMENSION_ID, "dimension-id", LEVEL_ALWAYS,                                                                  \
	  "a dimension_id is outside 1..65535, or not what its folder says")                                           \
	X(DIMENSION_ID_DUPLICATE, "dimension-id-duplicate", LEVEL_ALWAYS, "two folders have the same dimension_id")    \
	X(DIMENSION_MISSING, "dimension-missing", LEVEL_ALWAYS, "a folder has layers but no dimension.yaml")           \
	X(DIMENSION_EMPTY, "dimension-empty", LEVEL_ALWAYS, "a dimension has no layers")                               \
	X(FREQUENCY, "frequency", LEVEL_ALWAYS, "a frequency is not finite and greater than zero")                     \
	X(FREQUENCY_RANGE, "frequency-range", LEVEL_ALWAYS, "a frequency_range is not two numbers, the low one first") \
	X(KEYWORDS, "keywords", LEVEL_ALWAYS,                                                                          \
	  "there are no keywords, too many, or one is empty, too long or malformed")                                   \
	X(KEYWORD_DUPLICATE, "keyword-duplicate", LEVEL_ALWAYS, "a keyword appears twice in one layer")                \
	X(CONTENT_EMPTY, "content-empty", LEVEL_ALWAYS, "the content has no bytes")                                    \
	X(CONTENT_TWICE, "content-twice", LEVEL_ALWAYS, "a layer has both content and content_file")                   \
	X(CONTENT_FILE, "content-file", LEVEL_ALWAYS,                                                                  \
	  "content_file leads outside its dimension's folder or to no regular file")                                   \
	X(LAYOUT, "layout", LEVEL_ALWAYS, "layout is neither page nor packed")                                         \
	X(ALIGNMENT, "alignment", LEVEL_ALWAYS, "alignment is not a power of two from 4096 to 1073741824")             \
	X(REGION_SIZE, "region-size", LEVEL_ALWAYS, "a region is larger than MMAP_MAX_SIZE")                           \
	X(FREQUENCY_BAND, "frequency-band", LEVEL_ERROR, "a frequency is outside its dimension's frequency_range")     \
	X(KEYWORD_CASE, "keyword-case", LEVEL_WARNING, "two keywords differ in upper and lower case alone")            \
	X(KEYWORD_SIMILAR, "keyword-similar", LEVEL_WARNING, "two keywords differ in one letter")                      \
	X(KEYWORD_JOINED, "keyword-joined", LEVEL_WARNING, "a keyword that is likely several")                         \
	X(TYPOGRAPHIC_QUOTES, "typographic-quotes", LEVEL_WARNING,                                                     \
	  "a title or keyword in quotes that are none for YAML")                                                       \
	X(LAYER_DUPLICATE, "layer-duplicate", LEVEL_WARNING, "two layers have the same text")                          \
	X(LAYER_SIMILAR, "layer-similar", LEVEL_WARNING, "two layers have nearly the same text")                       \
	X(TEXT_SHORT, "text-short", LEVEL_WARNING, "a content of fewer than three words")                              \
	X(REGION_FULL, "region-full", LEVEL_WARNING, "a region has come near MMAP_MAX_SIZE")                           \
	X(SWALLOWED_KEY, "swallowed-key", LEVEL_WARNING, "a text holds a line that was likely meant as a key")         \
	X(MISSING_SPACE, "missing-space", LEVEL_WARNING,                                                               \
	  "a key:value without a space behind the colon, taken as text")                                               \
	X(TAB, "tab", LEVEL_WARNING, "a tab between keys and values")                                                  \
	X(TRAILING_BLANKS, "trailing-blanks", LEVEL_WARNING, "blanks at the end of a line, outside of texts")          \
	X(INVISIBLE_CHARACTER, "invisible-character", LEVEL_WARNING,                                                   \
	  "a character that cannot be seen, or turns the direction of writing")                                        \
	X(NORMALIZATION, "normalization", LEVEL_WARNING, "the same letters in two Unicode forms")

/* What happens where a check finds something; -W changes it, but for LEVEL_ALWAYS. */
enum check_level {
	LEVEL_OFF,
	LEVEL_WARNING,
	LEVEL_ERROR,
	LEVEL_ALWAYS, /* an error that nothing turns off: without it there is no region to make */
};

enum check {
#define CHECK_ENUM(id, name, level, about) CHECK_##id,
	CHECKS(CHECK_ENUM)
#undef CHECK_ENUM
		CHECK_COUNT
};

/* The stable name of a check, what it is about, and its level where no option says otherwise. */
const char *check_name(enum check check);
const char *check_about(enum check check);
enum check_level check_default_level(enum check check);

#endif
