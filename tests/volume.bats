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

# make_many: forty small dimensions, a few ids far apart, of few words and few frequencies: by chance, but always the same.
make_many() {
	awk 'BEGIN {
		srand(1)
		words = split("a aa ab abc abcd b ba bab c common été éte étés z", word, " ")
		for (d = 1; d <= 40; d++) {
			id = d > 36 ? 65535 - (40 - d) * 1000 : d > 12 ? d + 7 : d
			dir = sprintf("many/D%02d", id)
			system("mkdir -p " dir)
			print "dimension_id: " id "\nname: D" (d % 3 == 0 ? "\nlayout: packed" : "") >(dir "/dimension.yaml")
			layers = 1 + int(rand() * 7)
			for (l = 1; l <= layers; l++) {
				split("", has)
				list = rand() < 0.3 ? "common" : word[1 + int(rand() * words)]
				has[list] = 1
				for (k = int(rand() * 6); k > 0; k--) {
					w = word[1 + int(rand() * words)]
					if (!(w in has)) list = list ", " w
					has[w] = 1
				}
				printf "---\nlayer_id: %d\nfrequency: %s\nkeywords: [%s]\ncontent: x\n", l * (d % 2 ? 1 : 1000),
					substr("0.5 1.0 1.0 2.0 2.5 3.0", 1 + 4 * int(rand() * 6), 3), list >(dir "/layers.yaml")
			}
			close(dir "/layers.yaml")
		}
	}'
}

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	make_generations
	"$DIMC" compile -q --no-sync a -o A
	"$DIMC" compile -q --no-sync b -o B
	make_many
	"$DIMC" compile -q --no-sync many -o M
	# As dimc does where one follows the other.
	ln -f {A,B}/consciousness/D02/region.mmap
}

# unit PROGRAM [ARGUMENT...]: runs it in a directory of its own.
unit() {
	run_status 0 "$OUT/tests/$1" "$BATS_FILE_TMPDIR" "${@:2}"
}

@test "opening: the environment, what is selected, what is lazy, the budget, and what errors tell" {
	unit open_test
}

@test "loading and unloading: what is held stays, what is let go is gone, 256 snapshots and no more" {
	unit snapshot_test
}

@test "refreshing: regions that are shared, dimensions that come and go, generations that are refused" {
	unit refresh_test
}

@test "what dimc publishes is followed, a rollback, too, with what did not change shared" {
	ln -s "$BATS_FILE_TMPDIR/a" sources-a
	ln -s "$BATS_FILE_TMPDIR/b" sources-b
	unit refresh_test "$DIMC"
}

@test "a refresh that finds nothing new is one stat(2), also where that was refused before; holding a snapshot is none" {
	need strace
	strace -o /dev/null true 2>/dev/null || skip 'strace may not trace here'
	# A sanitizer's leak check does not work under strace.
	ASAN_OPTIONS=detect_leaks=0 run_status 0 strace -f -o calls "$OUT/tests/refresh_test" "$BATS_FILE_TMPDIR" costs
	run_status 0 awk '/"\/mark"/ {within = !within; next} within && !/stat[a-z0-9]*\(.*"v\/consciousness", / {print}
		within {count++} END {print count}' calls
	[[ $out = 10 ]]
}

@test "events: one for everything that a volume did, in order" {
	unit trace_test
}

@test "searches across dimensions give what going through everything gives, each answer once and in order" {
	unit cursor_test
}

@test "one layer is read and proven without a mapping; regions are proven before they are used; the digest is the manifest's" {
	unit read_test "$(sed -n 's/.*"generation": "sha256:\([0-9a-f]*\)".*/\1/p' "$BATS_FILE_TMPDIR/A/consciousness/manifest.json")"
}

@test "mappings: what is touched, brought in, given back, copied, sealed and kept open" {
	unit memory_test
}
