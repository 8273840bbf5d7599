/*
 * document.h: JSON documents, read as the YAML that they are: objects and arrays, member by member.
 * In: the bytes of a document, from anyone; functions that take its members.
 * Out: calls of those functions; or the first thing that did not fit.
 */
#ifndef DIMC_DOCUMENT_H
#define DIMC_DOCUMENT_H

#include "digest.h"
#include "events.h"

struct document {
	struct yaml_reader *events;
	void *context;	   /* the caller's */
	const char *wrong; /* the first thing that did not fit, a constant text; NULL: none */
};

/* Takes a member of an object, or an element of an array, down to the end of its value (yaml_skip passes over one). */
typedef void document_member(struct document *document, const struct yaml_event *key, const struct yaml_event *value,
			     void *object);
typedef void document_element(struct document *document, const struct yaml_event *value, void *object);

/*
 * Gives `take` the value that the document is, with NULL for its object. false, and why, where the text is not JSON or
 * where document_fail was called. Texts live in the arena. `bytes` must have a NUL behind them.
 */
bool document_read(const char *bytes, size_t size, struct arena *arena, document_element *take, void *context,
		   const char **ret_why);

/* Remembers that something does not fit, unless something else did not before. */
void document_fail(struct document *document, const char *wrong);

/* Every member of the object that `first` began, or every element of the array. */
void document_each_member(struct document *document, const struct yaml_event *first, document_member *take,
			  void *object);
void document_each_element(struct document *document, const struct yaml_event *first, document_element *take,
			   void *object);

bool document_is_key(const struct yaml_event *key, const char *name);

/* A value of the kind that is wanted; zeros, and document_fail, where it is another. */
uint64_t document_number(struct document *document, const struct yaml_event *value);
void document_digest(struct document *document, const struct yaml_event *value, struct digest *ret);

#endif
