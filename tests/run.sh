#!/usr/bin/env bash
# Runs Bats files side by side, as many as there are cores, and prints each one's results when it has ended.
#
#   tests/run.sh FILE.bats...     BATS: the runner; OUT, DIMC: what is tested; JOBS: how many at once
# The last line counts; the status is 1 where a test failed or a file broke off.
set -u
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
export log
export BATS=${BATS:-bats}

# What version managers put in the place of python3 asks a shell or two which one is meant, at every start; here once for all.
if python=$(python3 -c 'import sys; print(sys.executable)' 2>/dev/null); then
	mkdir "$log/bin"
	printf '#!/bin/sh\nexec "%s" "$@"\n' "$python" >"$log/bin/python3"
	chmod +x "$log/bin/python3"
	export PATH=$log/bin:$PATH
fi

one() {
	local name started=$SECONDS status=0
	name=$(basename "$1" .bats)
	"$BATS" --tap "$1" >"$log/$name.tap" 2>&1 || status=$?
	# A file that ends badly without a failed test has failed as a whole.
	if [[ $status -ne 0 ]] && ! grep -q '^not ok' "$log/$name.tap"; then
		echo "not ok 0 $1 ended with status $status" >>"$log/$name.tap"
	fi
	sed -E "s/^((not )?ok) [0-9]+ /\1 $name: /; /^1\.\.[0-9]+$/d" "$log/$name.tap" >"$log/$name.shown"
	flock "$log" cat "$log/$name.shown"
	echo "# $name took $((SECONDS - started)) s"
}
export -f one

# shellcheck disable=SC2016 # the inner shell expands it
printf '%s\0' "$@" | xargs -0 -n 1 -P "${JOBS:-$(nproc)}" bash -c 'one "$1"' one

skipped=$(cat "$log"/*.tap | grep -cE '^ok .*# skip')
passed=$(($(cat "$log"/*.tap | grep -cE '^ok ') - skipped))
failed=$(cat "$log"/*.tap | grep -cE '^not ok ')
echo "# $passed passed, $failed failed, $skipped skipped"
[[ $failed -eq 0 && $passed -gt 0 ]]
