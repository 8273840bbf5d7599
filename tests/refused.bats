#!/usr/bin/env bats
# refused.bats: every command, with every call failing that it makes of the system, in every way, once and from there on.

# shellcheck disable=SC2154 # out and err are set by run_status
load lib

@test "whatever the system refuses, dimc says so, leaves the old generation or the new one, whole, and works again" {
	mkdir work
	run_status 0 env TMPDIR="$PWD/work" "$OUT/tests/refused_test" work
	# The lines that count say how often each command was failed.
	[[ $(grep -c '^[0-9]*: dimc ' <<<"$err") -ge 20 ]]
}
