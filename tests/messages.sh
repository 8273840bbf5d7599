#!/bin/sh
# messages.sh: in the place of dimc for tests/fixtures/run.sh: runs it (DIMC), and leaves the same messages in every form beside
# the sources: messages.json, messages.sarif, messages.github, and for each of them its exit status in NAME.status.
for form in json sarif github; do
	status=0
	"$DIMC" "$@" --diagnostics=$form >/dev/null 2>messages.$form || status=$?
	echo $status >messages.$form.status
done
exec "$DIMC" "$@"
