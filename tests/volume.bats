#!/usr/bin/env bats
# volume.bats: a volume over time, as include/dim.h promises it: opening, snapshots, refreshing, searches, reading, events.
# Each program of tests/unit/ ends with status 0 or tells the line of the condition that does not hold.

# shellcheck disable=SC2154 # out and err are set by run_status
load lib

# Two generations: b has another D01, the same D02, no D03, and a D04.
make_generations() {
	local letter
	for letter in a b; do
		make_dimension "$letter/D01" 1 Emotion
		make_layer "$letter/D01/1.yaml" 1 1.5 "one, $letter" "$letter one"
		make_layer "$letter/D01/2.yaml" 2 0.5 'two' "$letter two"
		make_dimension "$letter/D02" 2 Cognition
		echo 'layout: packed' >>"$letter/D02/dimension.yaml"
		make_layer "$letter/D02/1.yaml" 7 2.0 'seven' 'the same'
		make_layer "$letter/D02/2.yaml" 4294967295 2.0 'last, seven' 'the last'
	done
	make_layer b/D01/3.yaml 3 9 'three' 'b three'
	make_dimension a/D03 3 Intention
	make_layer a/D03/1.yaml 1 3.0 'third' 'only in a'
	make_dimension b/D04 4 Action
	make_layer b/D04/1.yaml 1 3.0 'fourth' 'only in b'
}

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	make_generations
	"$DIMC" compile -q --no-sync a -o A
	"$DIMC" compile -q --no-sync b -o B
	# As dimc does where one follows the other.
	ln -f {A,B}/consciousness/D02/region.mmap
}

# unit PROGRAM [ARGUMENT...]: runs it in a directory of its own.
unit() {
	run_status 0 "$OUT/tests/$1" "$BATS_FILE_TMPDIR" "${@:2}"
}

@test "loading and unloading: what is held stays, what is let go is gone, 256 snapshots and no more" {
	unit snapshot_test
}

@test "refreshing: regions that are shared, dimensions that come and go, generations that are refused" {
	unit refresh_test
}

@test "a refresh that finds nothing new is one stat(2), also where that was refused before; holding a snapshot is none" {
	need strace
	# A sanitizer's leak check does not work under strace.
	ASAN_OPTIONS=detect_leaks=0 run_status 0 strace -f -o calls "$OUT/tests/refresh_test" "$BATS_FILE_TMPDIR" costs
	run_status 0 awk '/"\/mark"/ {within = !within; next} within && !/stat[a-z0-9]*\(.*\/v\/consciousness", / {print}
		within {count++} END {print count}' calls
	[[ $out = 10 ]]
}

@test "events: one for everything that a volume did, in order" {
	unit trace_test
}
