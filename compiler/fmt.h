/*
 * fmt.h: brings the text of a source to its one form, and proves that nothing but the form is different.
 * In: the text of a file.
 * Out: the text as it should be; problems of the sources in the diag.
 */
#ifndef DIMC_FMT_H
#define DIMC_FMT_H

#include "buf.h"
#include "model.h"

enum fmt_result {
	FMT_SAME,    /* it has the form */
	FMT_CHANGED, /* *ret has another text */
	FMT_KEPT,    /* it uses what cannot be moved, and stays as it is: anchors, aliases, tags or directives */
	FMT_FAILED,  /* reported */
};

/*
 * `name` is the file's, for messages, and says whether it is a dimension.yaml. A content_file is not opened. The new
 * text, with all that is in it, is what the compiler reads from both texts, field by field, and has the same comments;
 * where that could not be shown, nothing is given.
 */
enum fmt_result fmt_text(const char *name, struct text text, struct diag *diag, struct buf *ret);

#endif
