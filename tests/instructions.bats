#!/usr/bin/env bats
# Recorded counts of instructions: what is said where they do not hold. Lint compares all of them.
# In: the program as it is built. Out: verdicts on records that were changed.
# shellcheck disable=SC2154 # out and err are set by run_status

load lib

recorded=$ROOT/tests/instructions.txt

@test "every run is recorded once, and no other" {
	[[ $(sed -n 's/^run \([a-z]*\) [0-9]*$/\1/p' "$recorded" | xargs) = "$(sed -n 's/^runs=(\(.*\))$/\1/p' "$ROOT/scripts/check-instructions.sh")" ]]
	[[ $(grep -cvE '^(#|with [a-z0-9.-]+ [^ ]+$|run [a-z]+ [0-9]+$)' "$recorded") -eq 0 ]]
}

@test "a run that takes more or fewer instructions than recorded fails, and what else differs is said" {
	need valgrind gcc taskset pkg-config
	need_plain_library
	check() { run_status "$1" env BUILD="$OUT" RECORDED="$PWD/record" "$ROOT/scripts/check-instructions.sh" check lookups; }
	# By this machine, and whoever built the program.
	sed '/^with/d; s/^run lookups .*/run lookups 1/' "$recorded" >record
	check 0
	contains "$out" 'not compared'
	contains "$out" "  here:     gcc $(gcc -dumpfullversion)"
	sed -n 's/^  here:     /with /p' <<<"$out" >here
	(cat here && echo run lookups 1) >record
	check 1
	[[ $out =~ 'FAIL lookups: '([0-9]+)' instructions, +' ]]
	count=${BASH_REMATCH[1]}

	(cat here && echo "run lookups $count") >record
	check 0
	[[ $out =~ ^'ok   lookups: '[0-9]+' instructions, '[+-]0\.0[0-9]' %'$ ]]
	for percent in 96 104; do
		(cat here && echo "run lookups $((count * percent / 100))") >record
		check 1
		contains "$out" 'and 3 % more or less are allowed'
		contains "$out" "callgrind_annotate $(realpath "$OUT")/lookups.callgrind"
		contains "$out" 'make record-instructions'
		# shellcheck disable=SC2001 # one line of several
		sed 's/^with zlib .*/with zlib 0.1/' record >other
		mv other record
		check 0
		contains "$out" 'recorded with other libraries (zlib): 10 % are allowed'
	done
	(sed 's/^with gcc .*/with gcc 1.0/' here && echo run lookups 1) >record
	check 0
	contains "$out" '  recorded: gcc 1.0'
	cp here record
	check 1
	contains "$out" 'FAIL lookups: nothing is recorded'
	run_status 2 env BUILD="$OUT" "$ROOT/scripts/check-instructions.sh" count
}
