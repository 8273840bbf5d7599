/*
 * checks.h: the table of all checks that sources must pass.
 * In: nothing.
 * Out: CHECKS(X) with one row a check: enum suffix, stable name, what it is about. tests/fixtures/reject has a folder
 * for each name, and a test demands it.
 */
#ifndef DIMC_CHECKS_H
#define DIMC_CHECKS_H

#define CHECKS(X)                                                                                                    \
	X(SYNTAX, "syntax", "the file is not YAML")                                                                  \
	X(ENCODING, "encoding", "the file is not UTF-8, or holds characters that YAML forbids")                      \
	X(NUL, "nul", "a NUL character, raw or as an escape")                                                        \
	X(NESTING, "nesting", "collections are nested deeper than 64 levels")                                        \
	X(ALIAS, "alias", "an alias without its anchor, or aliases that expand to ten times the file")               \
	X(TAG, "tag", "a tag that is not of the core schema or does not fit its field")                              \
	X(FILE_SIZE, "file-size", "a source file is larger than any region could be")                                \
	X(FILE_EMPTY, "file-empty", "a source file holds no layer")                                                  \
	X(FILE_TYPE, "file-type", "a source is not a regular file")                                                  \
	X(FILE_STRAY, "file-stray", "a layer file stands outside of every dimension's folder")                       \
	X(DUPLICATE_KEY, "duplicate-key", "a key appears twice in one mapping")                                      \
	X(UNKNOWN_KEY, "unknown-key", "a key that does not belong there")                                            \
	X(MISSING_KEY, "missing-key", "a key that must be there is not")                                             \
	X(WRONG_TYPE, "wrong-type", "a value is not of its field's type")                                            \
	X(TEXT, "text", "a title, name or description is empty, too long or holds control characters")               \
	X(TIMESTAMP, "timestamp", "a time is not YYYY-MM-DDTHH:MM:SSZ or YYYY-MM-DD")                                \
	X(LAYER_ID, "layer-id", "a layer_id is outside 1..4294967295")                                               \
	X(LAYER_ID_DUPLICATE, "layer-id-duplicate", "two layers of a dimension have the same layer_id")              \
	X(DIMENSION_ID, "dimension-id", "a dimension_id is outside 1..65535, or not what its folder says")           \
	X(DIMENSION_ID_DUPLICATE, "dimension-id-duplicate", "two folders have the same dimension_id")                \
	X(DIMENSION_MISSING, "dimension-missing", "a folder has layers but no dimension.yaml")                       \
	X(DIMENSION_EMPTY, "dimension-empty", "a dimension has no layers")                                           \
	X(FREQUENCY, "frequency", "a frequency is not finite and greater than zero")                                 \
	X(FREQUENCY_RANGE, "frequency-range", "a range is not low..high, or a frequency is outside its dimension's") \
	X(KEYWORDS, "keywords", "there are no keywords, too many, or one is empty, too long or malformed")           \
	X(KEYWORD_DUPLICATE, "keyword-duplicate", "a keyword appears twice in one layer")                            \
	X(CONTENT_EMPTY, "content-empty", "the content has no bytes")                                                \
	X(CONTENT_TWICE, "content-twice", "a layer has both content and content_file")                               \
	X(CONTENT_FILE, "content-file", "content_file leads outside its dimension's folder or to no regular file")   \
	X(LAYOUT, "layout", "layout is neither page nor packed")                                                     \
	X(ALIGNMENT, "alignment", "alignment is not a power of two from 4096 to 1073741824")                         \
	X(REGION_SIZE, "region-size", "a region is larger than MMAP_MAX_SIZE")

enum check {
#define CHECK_ENUM(id, name, about) CHECK_##id,
	CHECKS(CHECK_ENUM)
#undef CHECK_ENUM
		CHECK_COUNT
};

#endif
