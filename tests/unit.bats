#!/usr/bin/env bats
# unit.bats: single rooms from the inside: libdim's whole API, hostile regions, damage in every byte, small conversions.
# Each program of tests/unit/ ends with status 0 or tells the line of the condition that does not hold.

# shellcheck disable=SC2154 # out and err are set by run_status
load lib

# unit_volume DIR: the volume that the programs expect: D01 page, D02 packed, D03 with 300 layers.
unit_volume() {
	mkdir -p "$1"/src/D0{1,2,3}
	cat >"$1/src/D01/dimension.yaml" <<-END
		dimension_id: 1
		name: Emotion
		description: What is felt.
		created_at: 2024-10-24T10:00:00Z
		updated_at: 2024-10-24T12:00:00Z
		frequency_range: [0.1, 4.5]
	END
	cat >"$1/src/D01/layers.yaml" <<-END
		layer_id: 1
		title: Joy
		frequency: 1.5
		keywords: [joy, feeling]
		content: |
		  Joy is bright.
		---
		layer_id: 2
		frequency: 0.5
		keywords: [grief, feeling, été]
		content: |
		  Grief is slow.
		---
		layer_id: 7
		title: Été
		frequency: 1.5
		keywords: [été, joy]
		content: x
	END
	printf '%s\n' 'dimension_id: 2' 'name: Cognition' 'layout: packed' >"$1/src/D02/dimension.yaml"
	cat >"$1/src/D02/layers.yaml" <<-END
		layer_id: 4294967295
		title: Last
		frequency: 2.0
		keywords: [memory]
		content: Memory keeps.
		---
		layer_id: 10
		frequency: 2.0
		keywords: [attention, feeling]
		content: Attention selects.
	END
	printf '%s\n' 'dimension_id: 3' 'name: Intention' >"$1/src/D03/dimension.yaml"
	seq 300 | awk '{printf "---\nlayer_id: %d\nfrequency: %d\nkeywords: [all, k%d%s]\ncontent: c%d\n", 1000 + $1, 2000 - $1, $1,
		$1 % 2 == 0 ? ", even" : "", $1}' >"$1/src/D03/layers.yaml"
	"$DIMC" compile -q --no-sync "$1/src" -o "$1/volume"
}

setup_file() {
	unit_volume "$BATS_FILE_TMPDIR"
}

# unit PROGRAM: runs it on a volume of its own.
unit() {
	cp -a "$BATS_FILE_TMPDIR/volume" volume
	run_status 0 "$OUT/tests/$1" volume
}

@test "the format: sizes, byte order and hash are those of the document" {
	unit format_test
}

@test "layout arithmetic gives the specification's offsets and refuses what does not fit 63 bits" {
	unit layout_test
}

@test "a region at the limits of the format and of its size is built or refused by name, and waits in memory where it must" {
	run_status 0 "$OUT/tests/build_test"
}

@test "manifest.json comes back as it was written, and whatever was changed in it is told" {
	run_status 0 "$OUT/tests/manifest_test"
}

@test "failures, warnings and help that are about no source reach programs in every form" {
	run_status 0 "$OUT/tests/diag_test"
}

@test "an entry is taken out of a list with its comma or its line, or stays where something would be lost" {
	run_status 0 "$OUT/tests/item_test"
}

@test "sums are written and read as sha256sum does, whatever a name has in it" {
	run_status 0 "$OUT/tests/sums_test"
}

@test "the facts of a region are those of its sources, and a record that leads outside gives none" {
	unit region_facts_test
}

@test "numbers, times, sizes and spelling suggestions are converted right" {
	unit text_test
}

@test "every UTF-8 sequence is decoded or refused as RFC 3629 says" {
	unit utf8_test
}

@test "texts that share four fifths of their runs of five words are told by their sketches, and no others" {
	unit sketch_test
}

@test "words one letter apart are told and found, and digits may differ" {
	unit near_words_test
}

@test "a dimension is looked at beside the others again wherever a change of it brings a warning" {
	unit lint_facts_test
}

@test "words are folded, and forms of letters found, as Unicode says, by quick ways too" {
	unit unicode_test
}

@test "JSON is written in one style, with every character escaped that must be" {
	unit json_test
}

@test "sources are written so that they are read as the same bytes, and as somebody would write them" {
	unit emit_test
}

@test "a source gets other bytes only while it is what was read of it" {
	run_status 0 "$OUT/tests/rewrite_test"
}

@test "two texts: hunks by hand, a longest common subsequence of lines, and searches that are cut off" {
	unit textdiff_test
}

@test "a region gives what its sources say: fields, layers, keywords, frequencies" {
	unit region_test
}

@test "a volume gives its regions, whole and of one generation" {
	unit volume_test
}

@test "what is at the edge of the format is read, and what is beyond it refused" {
	unit edges_test
}

@test "options that nobody knows are refused; environment, names of dimensions, and words of errors" {
	unit options_test
}

@test "files that are replaced, mounted over or somebody else's; what is in memory, and what is given back" {
	unit kernel_test
}

@test "whatever the system refuses, libdim says so, loses nothing and goes on" {
	unit faults_test
}

@test "whatever libdim asks of the system is refused by faults_test, or cannot fail" {
	need nm
	local harmless='EVP_sha256|clock_gettime|close|faccessat|getenv|pthread_mutex_(init|destroy|lock|unlock)|qsort|sysconf'
	harmless+='|(mem|b)cmp|memcpy|memset|str(cmp|len|error)|(__isoc23_)?strtoull|(__)?(sn|vsn)printf(_chk)?|__mem(cpy|set)_chk'
	harmless+='|__errno_location|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_|__(asan|msan|ubsan|tsan|gcov|sancov|sanitizer|llvm)_.*'
	nm -u "$OUT/lib/libdim.a" "$OUT/lib/libdim-verify.a" | awk '$1 == "U" && $2 !~ /^dim_/ {print $2}' | sort -u >asked
	contains "$(cat asked)" calloc
	run_status 1 grep -vxE "$(sed -n 's/^--wrap=//p' "$ROOT/tests/unit/faults.wrap" | paste -sd '|')|$harmless" asked
	[[ -z $out ]]
}

@test "hostile bytes lead no reader outside, and none of them passes the proof" {
	unit hostile
}

@test "a region with the right checksum that contradicts itself is refused, and an unknown section is skipped" {
	unit contradictions
}

@test "the quick ways of the check tell apart what they must: text at its edges, pairs, crowded tables, long keywords" {
	unit check_test
}

@test "a name in a bundle stands for one file of a generation, or is refused" {
	unit member_test
}

@test "tar and gzip come back as they were written, and what was changed or cut is found" {
	unit archive_test
}

@test "what is packed for a bundle comes back by libdeflate and by zlib: texts, padding, noise, of all sizes" {
	unit deflate_test
}

@test "every program of tests/unit is run by a test" {
	local source name
	for source in "$ROOT"/tests/unit/*.c; do
		name=$(basename "$source" .c)
		if ! grep -qE "(unit |/tests/)$name( |\"|\$)" "$ROOT"/tests/*.bats; then
			echo "nobody runs $name"
			return 1
		fi
	done
}
