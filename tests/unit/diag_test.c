/*
 * diag_test.c: what is not about a place in a source, in the forms for programs: failures, warnings, help behind them.
 * In: nothing.
 * Out: nothing while each is there once, help beside what it helps with, and the worst decides the status.
 */
#include <string.h>

#include "../../compiler/diag.h"
#include "test.h"

static bool says(struct diag *diag, enum diag_format format, const char *want)
{
	struct buf buf = {0};
	bool yes;

	diag_write(diag, format, &buf);
	yes = strstr(buf.bytes, want) != NULL;
	if (!yes)
		fprintf(stderr, "--- got\n%s--- without\n%s\n", buf.bytes, want);
	buf_free(&buf);
	return yes;
}

int main(void)
{
	struct diag *diag = diag_new();

	diag_warn(diag, "a warning, 100%%");
	diag_fail(diag, EXIT_SYSTEM, "cannot write\n%s", "v");
	diag_help(diag, "free some space");
	diag_warn(diag, "%s", "");
	CHECK(says(diag, DIAG_GITHUB,
		   "::warning title=dimc::a warning, 100%25\n"
		   "::error title=dimc::cannot write?v%0Afree some space\n"
		   "::warning title=dimc::\n"));
	CHECK(says(diag, DIAG_JSON,
		   "\"severity\": \"warning\",\n      \"check\": null,\n      \"message\": \"a warning, 100%\",\n      "
		   "\"file\""));
	CHECK(says(diag, DIAG_JSON, "\"message\": \"cannot write\\nv\",\n      \"help\": \"free some space\","));
	CHECK(says(diag, DIAG_JSON, "\"exit\": 3,\n  \"errors\": 1,\n  \"warnings\": 0,"));
	CHECK(says(diag, DIAG_SARIF, "free some space"));
	CHECK(diag_status(diag) == EXIT_SYSTEM && diag_errors(diag) == 1);
	diag_free(diag);
	return 0;
}
