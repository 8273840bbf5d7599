/*
 * diff_json.h: a comparison as programs read it.
 * In: a comparison.
 * Out: members of a JSON object.
 */
#ifndef DIMC_DIFF_JSON_H
#define DIMC_DIFF_JSON_H

#include "compare.h"
#include "json.h"

/*
 * Adds to the object that was begun: same, only_layout, summary (counts), dimensions[] with facts and layers[]: of each
 * the kind of change, what it was and is, and of contents sizes, digests and numbers of lines, but no text.
 */
void diff_json_members(struct json *json, const struct comparison *comparison);

#endif
