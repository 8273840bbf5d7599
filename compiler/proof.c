/*
 * proof.c: what was found out about a generation or a region.
 * In: facts and faults, as they are found.
 * Out: a judgement, and a report of everything that is wrong.
 */
#include "proof.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct finding *proof_add(struct proven_dimension *d, enum exit_status status, const char *format, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	d->findings = mem_reserve(d->findings, d->finding_count, &d->finding_capacity, sizeof(*d->findings));
	d->findings[d->finding_count++] =
		(struct finding){.status = status, .text = arena_copy(&d->arena, text, strlen(text))};
	return &d->findings[d->finding_count - 1];
}

void proof_add_general(struct proof *proof, enum exit_status status, const char *path, const char *text)
{
	proof->findings =
		mem_reserve(proof->findings, proof->finding_count, &proof->finding_capacity, sizeof(*proof->findings));
	proof->findings[proof->finding_count++] =
		(struct finding){.status = status, .text = arena_printf(&proof->arena, "%s: %s", path, text)};
}

void proof_add_mixed(struct proof *proof, uint32_t dimension_id, const char *why)
{
	proof->mixed = mem_reserve(proof->mixed, proof->mixed_count, &proof->mixed_capacity, sizeof(*proof->mixed));
	proof->mixed[proof->mixed_count++] = arena_printf(&proof->arena, "D%02u is %s", dimension_id, why);
}

const struct proven_dimension *proof_find(const struct proof *proof, uint32_t id)
{
	size_t i;

	for (i = 0; i < proof->count; i++)
		if (proof->dimensions[i].dimension_id == id)
			return &proof->dimensions[i];
	return NULL;
}

void proof_digest(struct proof *proof)
{
	struct manifest manifest = {0};
	size_t i;

	for (i = 0; i < proof->count; i++)
		manifest_add(&manifest, proof->dimensions[i].dimension_id)->digest = proof->dimensions[i].digest;
	manifest_finish(&manifest);
	proof->generation = manifest.generation;
	manifest_free(&manifest);
}

static void report(struct diag *diag, const char *path, const struct finding *finding)
{
	diag_fail(diag, finding->status, "%s%s%s", path, *path != '\0' ? ": " : "", finding->text);
	if (finding->help != NULL)
		diag_help(diag, "%s", finding->help);
}

bool proof_report(const struct proof *proof, struct diag *diag)
{
	size_t i, k;

	for (i = 0; i < proof->finding_count; i++)
		report(diag, "", &proof->findings[i]);
	for (i = 0; i < proof->count; i++)
		for (k = 0; k < proof->dimensions[i].finding_count; k++)
			report(diag, proof->dimensions[i].path, &proof->dimensions[i].findings[k]);
	return !proof->is_damaged;
}

void proof_judge(struct proof *proof)
{
	size_t i;

	proof->is_damaged = proof->finding_count > 0;
	for (i = 0; i < proof->count; i++)
		proof->is_damaged = proof->is_damaged || proof->dimensions[i].finding_count > 0;
}

void proof_free(struct proof *proof)
{
	size_t i;

	for (i = 0; i < proof->count; i++) {
		free(proof->dimensions[i].findings);
		arena_free(&proof->dimensions[i].arena);
	}
	free(proof->dimensions);
	free(proof->findings);
	free(proof->mixed);
	arena_free(&proof->arena);
	memset(proof, 0, sizeof(*proof));
}
