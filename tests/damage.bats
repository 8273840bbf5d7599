#!/usr/bin/env bats
# damage.bats: `dimc verify` finds whatever somebody or something did to a volume, names what it is, and is calm about what is
# no damage: other modes, strays beside the generation, a sound set of dimensions that is not the manifest's.

# shellcheck disable=SC2154 # out and err are set by run_status
load lib

# One volume for all tests, of which each takes a copy: D01 page with three layers, D02 packed with two; both files end in a
# tail of zeros. And two smaller ones for the tests that flip every bit.
setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	make_dimension src/D01 1 Emotion
	make_layer src/D01/1.yaml 1 1.5 'joy, feeling' 'Joy is bright.'
	make_layer src/D01/2.yaml 2 0.5 'grief, feeling' 'Grief is slow.'
	head -c 12000 /dev/urandom | od -An -v -tx1 | tr -d ' \n' | head -c 12000 >src/D01/long.txt
	printf 'layer_id: 9\ntitle: Long\nfrequency: 2.5\nkeywords: [long]\ncontent_file: long.txt\n' >src/D01/9.yaml
	make_dimension src/D02 2 Cognition
	printf 'layout: packed\n' >>src/D02/dimension.yaml
	make_layer src/D02/1.yaml 1 2.0 'attention' 'Attention selects.'
	make_layer src/D02/5.yaml 5 2.0 'memory' 'Memory keeps.'
	MMAP_INITIAL_SIZE=40000 "$DIMC" compile -q --no-sync src -o volume
	"$DIMC" compile -q --no-sync --proto thought src/D01 -o volume
	make_dimension one/D01 1 One
	make_layer one/D01/1.yaml 1 1.5 'word' 'Text.'
	MMAP_INITIAL_SIZE=8300 "$DIMC" compile -q --no-sync one -o page
	MMAP_INITIAL_SIZE=8300 "$DIMC" compile -q --no-sync --layout packed one -o packed
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	cp -a "$BATS_FILE_TMPDIR/volume" volume
	region=volume/consciousness/D01/region.mmap
	packed=volume/consciousness/D02/region.mmap
}

# damaged TEXT...: verify ends with status 5 and says all of it; nothing of the summary.
damaged() {
	local text
	run_status 5 timeout 30 "$DIMC" verify volume
	for text in "$@"; do
		contains "$err" "$text"
	done
	lacks "$out" sound
}

# mixed TEXT...: a warning that says all of it; a failure with --strict.
mixed() {
	local text
	run_status 0 "$DIMC" verify volume
	contains "$out" 'every byte sound'
	for text in 'warning: volume: mixed, not a published generation' "$@"; do
		contains "$err" "$text"
	done
	run_status 5 "$DIMC" verify --strict volume
	for text in 'error: volume: mixed, not a published generation' "$@"; do
		contains "$err" "$text"
	done
}

# sound: not a word on stderr.
sound() {
	run_status 0 "$DIMC" verify volume
	[[ -z $err ]]
	contains "$out" 'volume: 2 dimensions, 5 layers'
	contains "$out" 'every byte sound'
	run_status 0 "$DIMC" verify --strict volume
}

# tells TEXT BYTE: whether the text names a range of bytes that holds it.
tells() {
	local rest=$1
	while [[ $rest =~ bytes?\ ([0-9]+)(\ to\ ([0-9]+))?(.*) ]]; do
		((BASH_REMATCH[1] <= $2 && $2 <= ${BASH_REMATCH[3]:-${BASH_REMATCH[1]}})) && return 0
		rest=${BASH_REMATCH[4]}
	done
	return 1
}

# numbers FILE OFFSET COUNT SIZE: little-endian integers, one after the other.
numbers() {
	od -An -v --endian=little -t "u$4" -j "$2" -N $(($3 * $4)) "$1"
}

# edges OFFSET SIZE [LAYER]: the first, the last and a byte in the middle, with the layer they belong to.
edges() {
	[[ $2 -eq 0 ]] || printf "%s ${3:-}\n" "$1" $(($1 + $2 / 2)) $(($1 + $2 - 1))
}

# sample FILE: bytes of every kind, a line each: offset, and the layer in whose slot it lies. All by od: header, section
# directory, sections, layer records, contents, paddings, tail.
sample() {
	local header directory ids slots field kind at i
	for field in 0:4 4:4 8:4 12:4 16:8 24:32 56:4 60:4 64:8 72:8 80:4 84:4 88:168; do
		edges ${field%:*} ${field#*:}
	done
	read -ra header <<<"$(numbers "$1" 64 2 8) $(number "$1" 12 4) $(number "$1" 16 8)" # metadata, layers, total_size
	read -ra directory -d '' < <(numbers "$1" "${header[0]}" 24 8) || true
	for kind in {0..7}; do
		[[ ${directory[kind * 3]} -eq $((kind + 1)) ]] || return 1
		for field in 0 4 8 16 23; do
			echo $((header[0] + 24 * kind + field))
		done
		edges "${directory[kind * 3 + 1]}" "${directory[kind * 3 + 2]}"
	done
	for ((i = 0; i < header[2]; i++)); do
		at=$((directory[4] + 128 * i))
		for field in 0 4 8 16 24 32 40 44 48 52 63 64 95 96 127; do
			echo $((at + field))
		done
		ids=$(number "$1" $at 4)
		read -ra slots <<<"$(numbers "$1" $((at + 8)) 2 8) $(number "$1" $((at + 24)) 8)" # offset, size, content_size
		edges "${slots[0]}" "${slots[2]}" "$ids"
		edges $((slots[0] + slots[2])) $((slots[1] - slots[2])) "$ids"
	done
	[[ ${header[0]} -ne 256 ]] || edges $((256 + header[1])) $((4096 - 256 - header[1]))
	edges "${header[3]}" $(($(stat -c %s "$1") - header[3]))
}

# flip_sample FILE NAME: flips a bit of every byte of the sample, one after the other. Fails with a list of those that were not
# told right.
flip_sample() {
	cp "$1" good
	chmod u+w "$1"
	sample good | sort -nu >bytes
	(
		# What Bats does after every command takes longer than the command.
		trap - DEBUG ERR
		set +eET
		count=0 wrong=0
		hex=$(bytes good 0 "$(stat -c %s good)")
		while read -r at layer; do
			count=$((count + 1))
			want=": $2${layer:+ layer $layer}: "
			printf '%b' "\\x$(printf %02x $((0x${hex:2*at:2} ^ 1 << at % 8)))" | dd of="$1" bs=1 seek="$at" conv=notrunc status=none
			status=0
			told=$("$DIMC" verify volume 2>&1 >/dev/null) || status=$?
			if [[ $status -ne 5 || $told != *"$want"* ]] || ! tells "$told" "$at"; then
				wrong=$((wrong + 1))
				printf 'byte %s: status %s; wanted "%s" and a range around it, got:\n%s\n' "$at" $status "$want" "$told"
			fi
			printf '%b' "\\x${hex:2*at:2}" | dd of="$1" bs=1 seek="$at" conv=notrunc status=none
		done <bytes
		echo "$count bytes, $wrong wrong"
		[[ $wrong -eq 0 && $count -gt 120 ]]
	)
	cmp "$1" good
}

# put_page FILE PAGE FROM: page 0, 1, ... of FILE becomes the same page of FROM, or page $4 of it.
put_page() {
	chmod u+w "$1"
	dd if="$3" of="$1" bs=4096 skip="${4:-$2}" seek="$2" count=1 conv=notrunc status=none
}

@test "a volume as it was published is sound" {
	sound
	contains "$out" 'generation '
}

@test "one flipped bit in any kind of byte of a page region is told with dimension, layer and bytes" {
	flip_sample "$region" D01
}

@test "one flipped bit in any kind of byte of a packed region is told with dimension, layer and bytes" {
	flip_sample "$packed" D02
}

@test "every byte of a page region: each flipped bit is told with its layer and its bytes" {
	cp -a "$BATS_FILE_TMPDIR/page" one
	chmod -R u+w one
	run_status 0 "$OUT/tests/prove_flips" one/consciousness D01/region.mmap
}

@test "every byte of a packed region: each flipped bit is told with its layer and its bytes" {
	cp -a "$BATS_FILE_TMPDIR/packed" one
	chmod -R u+w one
	run_status 0 "$OUT/tests/prove_flips" one/consciousness D01/region.mmap
}

@test "every flipped bit of index.json is found" {
	cp -a "$BATS_FILE_TMPDIR/page" one
	chmod -R u+w one
	run_status 0 "$OUT/tests/prove_flips" one/consciousness D01/index.json
}

@test "every flipped bit of manifest.json is found" {
	cp -a "$BATS_FILE_TMPDIR/page" one
	chmod -R u+w one
	run_status 0 "$OUT/tests/prove_flips" one/consciousness manifest.json
}

@test "a region that was cut short is damaged: by pages, and to odd sizes" {
	local size
	cp "$region" good
	chmod u+w "$region"
	for ((size = 36864; size >= 0; size -= 4096)); do
		cp good "$region"
		truncate -s $size "$region"
		if [[ $size -ge $(number good 16 8) ]]; then
			sound # the tail of zeros holds nothing, and is never compared
		else
			damaged ': D01: ' "$region"
		fi
	done
	for size in 1 3 4 5 79 80 255 256 257 777 4095 4097 8191; do
		cp good "$region"
		truncate -s $size "$region"
		damaged ': D01: '
	done
	cp good "$region"
	truncate -s $(($(number good 16 8) - 1)) "$region"
	damaged ': D01: cut short'
}

@test "pages that changed places are told with both layers, and pages of one layer with that layer" {
	cp "$region" good
	put_page "$region" 1 good 2
	put_page "$region" 2 good 1
	damaged ': D01 layer 1: ' ': D01 layer 2: '
	lacks "$err" 'layer 9'
	cat good >"$region"
	sound
	put_page "$region" 3 good 4
	put_page "$region" 4 good 3
	run_status 1 cmp -s good "$region"
	damaged ': D01 layer 9: '
	lacks "$err" 'layer 1:'
	lacks "$err" 'layer 2:'
}

@test "damage in several places is told in one run" {
	flip "$region" 4096
	flip "$region" 13000
	flip "$packed" 300
	damaged 'D01/region.mmap: D01 layer 1: ' 'D01/region.mmap: D01 layer 9: ' 'D02/region.mmap: D02 layer 1: '
	[[ $(grep -c 'error:' <<<"$err") -eq 3 ]]
}

@test "a region of another dimension is not taken for the one of its folder" {
	cp -f "$packed" "$region"
	damaged 'D01/region.mmap: D01: the region is that of D02 (bytes 8 to 11)'
	run_status 5 "$DIMC" verify volume/consciousness/D01
	contains "$err" D01
}

@test "the whole folder of another dimension, under a name that is not its own, is damage" {
	cp -a volume/consciousness/D02 volume/consciousness/D07
	damaged 'D07/region.mmap: D07: the region is that of D02 (bytes 8 to 11)'
	run_status 5 "$DIMC" verify volume/consciousness/D07
	contains "$err" D02
}

# recompile: publishes another D01, and keeps the one before as old/.
recompile() {
	cp -a volume/consciousness/D01 old
	cp -r "$BATS_FILE_TMPDIR/src" src
	make_layer src/D01/1.yaml 1 1.25 'joy, feeling' 'Joy is brighter.'
	MMAP_INITIAL_SIZE=40000 "$DIMC" compile -q --no-sync src -o volume
	sound
}

@test "a region beside the index.json of another state is damage, either way round" {
	recompile
	cp -a volume/consciousness new
	cp -f old/index.json volume/consciousness/D01/
	damaged ': D01: index.json line '
	cp -f new/D01/index.json volume/consciousness/D01/
	sound
	cp -f old/region.mmap volume/consciousness/D01/
	damaged ': D01: index.json line '
}

@test "an index.json that is missing, empty, or no JSON is damage" {
	rm -f volume/consciousness/D01/index.json
	damaged ': D01: index.json beside it: missing'
	: >volume/consciousness/D01/index.json
	damaged ': D01: index.json'
	head -c 100 /dev/zero >volume/consciousness/D01/index.json
	damaged ': D01: index.json'
	cp -f "$BATS_FILE_TMPDIR/volume/consciousness/D02/index.json" volume/consciousness/D01/
	damaged ': D01: index.json'
}

@test "without its manifest a generation is judged by its regions, and is mixed" {
	rm -f volume/consciousness/manifest.json
	mixed 'there is no manifest.json'
	flip "$region" 4096
	damaged ': D01 layer 1: '
}

@test "a manifest that is empty, cut, or of a newer version is told" {
	local manifest=volume/consciousness/manifest.json
	cp "$manifest" good
	chmod u+w "$manifest"
	truncate -s 0 "$manifest"
	damaged 'manifest.json: '
	cp good "$manifest"
	truncate -s -10 "$manifest"
	damaged 'manifest.json: '
	sed 's/"complete": true/"complete": false/' good >"$manifest"
	damaged 'manifest.json: '
	sed 's/"version": 1/"version": 2/' good >"$manifest"
	run_status 6 "$DIMC" verify volume
	contains "$err" 'manifest.json: '
}

@test "a dimension that is missing, extra or of an older state is mixed, not damage" {
	recompile
	cp -a volume/consciousness keep
	rm -rf volume/consciousness/D02
	mixed 'D02 is in the manifest, but not there'
	cp -a keep/D02 volume/consciousness/
	rm -rf volume/consciousness/D01
	cp -a old volume/consciousness/D01
	mixed 'D01 is sound, but not the one of the manifest'
	rm -rf volume/consciousness/D01
	cp -a keep/D01 volume/consciousness/
	make_dimension other/D03 3 Intention
	make_layer other/D03/1.yaml 1 1.0 'plan' 'A plan.'
	run_status 0 "$DIMC" compile -q --no-sync other -o other-volume
	cp -a other-volume/consciousness/D03 volume/consciousness/
	mixed 'D03 is there, but not in the manifest'
	rm -rf volume/consciousness/D03
	sound
}

@test "strays, other modes and other times are no damage" {
	touch volume/test.txt volume/temp/x
	sound
	chmod -R 755 volume
	sound
	find volume -exec touch -d 2001-01-01T00:00:00Z {} +
	sound
	cp -r volume copied
	run_status 0 "$DIMC" verify copied
	[[ -z $err ]]
}

# patch_version: makes the region one of version 2, and signs it as anybody could who knows the format.
patch_version() {
	poke "$region" 4 02000000
	{
		head -c 24 "$region"
		head -c 32 /dev/zero
		tail -c +57 "$region" | head -c 200
		tail -c +$(($(number "$region" 64 8) + 1)) "$region" | head -c "$(number "$region" 72 8)"
	} | sha256sum | cut -c 1-64 >digest
}

@test "a newer version of the format is believed if its checksum is right, and is damage if not" {
	local path
	patch_version
	damaged ': D01: ' checksum
	tells "$err" 4
	for path in "$region" volume/consciousness/D01; do
		run_status 5 "$DIMC" verify "$path"
	done
	poke "$region" 24 "$(<digest)"
	for path in volume "$region" volume/consciousness volume/consciousness/D01; do
		run_status 6 "$DIMC" verify "$path"
		contains "$err" 'D01: format version 2'
	done
	flip "$region" 600
	damaged ': D01: '
}

@test "a region over MMAP_MAX_SIZE is refused with the way out, and accepted once that is taken" {
	chmod u+w "$region"
	truncate -s 10485761 "$region"
	run_status 3 "$DIMC" verify volume
	contains "$err" ': D01: 10485761 bytes are more than the allowed 10485760'
	contains "$err" 'help: raise MMAP_MAX_SIZE'
	run_status 3 "$DIMC" verify "$region"
	contains "$err" 'help: raise MMAP_MAX_SIZE'
	run_status 0 env MMAP_MAX_SIZE=10485761 "$DIMC" verify "$region"
	truncate -s 1T "$region"
	run_status 3 "$DIMC" verify volume
	contains "$err" 'help: raise MMAP_MAX_SIZE'
}

@test "what is no file in the place of a region is damage, and nobody waits for it" {
	rm -f "$region"
	mkfifo "$region"
	damaged ': D01: not a regular file'
	run_status 5 timeout 30 "$DIMC" verify "$region"
	rm -f "$region"
	mkdir "$region"
	damaged ': D01: not a regular file'
	rmdir "$region"
	: >"$region"
	damaged ': D01: an empty file is not a region'
	printf 'text\n' >"$region"
	damaged ': D01: does not begin with the magic bytes'
}

@test "verify takes a volume, a generation, a dimension's directory, a region and a proto-dimension" {
	local path
	for path in volume volume/ volume/consciousness volume/consciousness/D01 "$region" volume/proto/thought.mmap; do
		run_status 0 "$DIMC" verify "$path"
		[[ -z $err ]]
		contains "$out" "$path: "
		contains "$out" 'every byte sound'
	done
	cd volume/consciousness/D01
	run_status 0 "$DIMC" verify .
	run_status 0 "$DIMC" verify region.mmap
	contains "$out" 'region.mmap: 1 dimension, 3 layers'
	cd "$BATS_TEST_TMPDIR"
	flip "$region" 4096
	for path in volume volume/consciousness volume/consciousness/D01 "$region"; do
		run_status 5 "$DIMC" verify "$path"
		contains "$err" 'D01 layer 1: '
		tells "$err" 4096
	done
	flip volume/proto/thought.mmap 4096
	run_status 5 "$DIMC" verify volume/proto/thought.mmap
	contains "$err" 'volume/proto/thought.mmap: D01 layer 1: '
}

@test "no dimension is named where none is known" {
	flip "$region" 0
	run_status 5 "$DIMC" verify "$region"
	contains "$err" 'magic'
	lacks "$err" D00
	printf 'text\n' >file
	run_status 5 "$DIMC" verify file
	lacks "$err" D00
}

@test "--quick finds what is wrong with the metadata, and reads no content" {
	flip "$region" 4096
	run_status 0 "$DIMC" verify --quick volume
	contains "$out" 'all metadata sound'
	damaged ': D01 layer 1: '
	flip "$region" 4096
	flip "$region" 600
	run_status 5 "$DIMC" verify --quick volume
	contains "$err" ': D01'
	tells "$err" 600
}

@test "--json is valid and says the same as the text" {
	need jq
	run_status 0 "$DIMC" verify --json volume
	jq -e '.sound and .every_byte and .published_generation and (.dimensions | length) == 2 and (.mixed | length) == 0' <<<"$out"
	jq -e '.dimensions[0].dimension_id == 1 and .dimensions[0].layer_count == 3' <<<"$out"
	[[ $(jq -r .generation <<<"$out") = "$(jq -r .generation volume/consciousness/manifest.json)" ]]
	[[ $(jq -r '.dimensions[0].checksum' <<<"$out") = sha256:$(bytes "$region" 24 32) ]]
	flip "$region" 4096
	run_status 5 "$DIMC" verify --json volume
	jq -e '(.sound | not) and (.published_generation | not)' <<<"$out"
	jq -e '.dimensions[0].faults | length == 1 and (.[0] | startswith("D01 layer 1: "))' <<<"$out"
	jq -e '.dimensions[1].faults == []' <<<"$out"
	flip "$region" 4096
	rm -rf volume/consciousness/D02
	run_status 0 "$DIMC" verify --json volume
	jq -e '.sound and (.published_generation | not) and (.mixed | length) == 1' <<<"$out"
	run_status 0 "$DIMC" verify --json --quick volume
	jq -e '.every_byte | not' <<<"$out"
}

@test "a volume in which nothing was published yet is no failure" {
	run_status 0 "$DIMC" init empty
	run_status 0 "$DIMC" verify empty
	contains "$out" 'empty: nothing published'
	[[ -z $err ]]
}
