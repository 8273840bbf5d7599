/*
 * proof.h: what was found out about a generation or a region.
 * In: facts and faults, as they are found.
 * Out: a judgement, and a report of everything that is wrong.
 */
#ifndef DIMC_PROOF_H
#define DIMC_PROOF_H

#include "diag.h"
#include "manifest.h"

struct finding {
	enum exit_status status;
	const char *text;
	const char *help; /* NULL: none */
	bool is_of_index; /* it is about index.json, not the region */
};

struct proven_dimension {
	struct arena arena;
	const char *path;      /* of the region, for messages */
	const char *directory; /* of the dimension below the generation; NULL: a region alone */
	uint32_t dimension_id;
	struct text name;
	uint32_t layer_count;
	uint64_t total_size, file_size;
	struct digest digest;
	struct finding *findings;
	size_t finding_count, finding_capacity;
};

struct proof {
	struct arena arena;
	struct proven_dimension *dimensions; /* by ascending id */
	size_t count;
	bool has_manifest;
	struct digest generation; /* of the regions that are there */
	struct finding *findings; /* about the generation as a whole */
	size_t finding_count, finding_capacity;
	const char **mixed; /* why this is not the manifest's set; sound regions all the same */
	size_t mixed_count, mixed_capacity;
	bool is_damaged;
};

/* Adds a fault of a dimension, and returns it, until the next call; of the generation as a whole, at `path`. */
struct finding *proof_add(struct proven_dimension *dimension, enum exit_status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void proof_add_general(struct proof *proof, enum exit_status status, const char *path, const char *text);

/* Adds why this is not the manifest's set. */
void proof_add_mixed(struct proof *proof, uint32_t dimension_id, const char *why);

/* The dimension with this id, or NULL. */
const struct proven_dimension *proof_find(const struct proof *proof, uint32_t dimension_id);

/* At the end: computes the generation digest of what is there; sets is_damaged. */
void proof_digest(struct proof *proof);
void proof_judge(struct proof *proof);

/* Reports everything that is wrong, in order. false where anything is. */
bool proof_report(const struct proof *proof, struct diag *diag);

void proof_free(struct proof *proof);

#endif
