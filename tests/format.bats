# format.bats: region.mmap, index.json and manifest.json are what docs/region-format.md and docs/index-format.md say, byte for byte.
# Offsets are asserted by od, digests by sha256sum, and a second reader and writer (format_reader.py) never saw our code.

# shellcheck disable=SC2154 # out and err are set by run_status

load lib

REGION_DOC=$ROOT/docs/region-format.md
INDEX_DOC=$ROOT/docs/index-format.md
READER=$ROOT/tests/format_reader.py

# What most tests look at: examples/minimal in both layouts, and the project's own dimensions.
setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	"$DIMC" compile -q "$ROOT/examples/minimal" -o page
	"$DIMC" compile -q "$ROOT/examples/minimal" -o packed --layout=packed
	"$DIMC" compile -q "$ROOT/sources" -o all
}

page() { echo "$BATS_FILE_TMPDIR/page/consciousness/D01/region.mmap"; }
packed() { echo "$BATS_FILE_TMPDIR/packed/consciousness/D01/region.mmap"; }

# same ACTUAL EXPECTED WHAT
same() {
	if [[ $1 != "$2" ]]; then
		printf '%s: expected\n%s\nbut it is\n%s\n' "$3" "$2" "$1"
		return 1
	fi
}

# up VALUE ALIGNMENT
up() { echo $((($1 + $2 - 1) / $2 * $2)); }

# zero FILE FROM TO: all bytes there are zero.
zero() {
	local all
	[[ $2 -lt $3 ]] || return 0
	all=$(dd if="$1" iflag=skip_bytes,count_bytes bs=64K skip="$2" count=$(($3 - $2)) status=none | tr -d '\0' | wc -c)
	same "$all" 0 "bytes of $1 from $2 to $3 that are not zero"
}

# sha FILE OFFSET SIZE: SHA-256 of a piece of a file.
sha() {
	dd if="$1" iflag=skip_bytes,count_bytes bs=64K skip="$2" count="$3" status=none | sha256sum | cut -d ' ' -f 1
}

# checksum FILE: the region digest by the document's formula.
checksum() {
	local header_size metadata_offset metadata_size
	header_size=$(number "$1" 56 4)
	read -r metadata_offset metadata_size < <(od -An -v --endian=little -t u8 -j 64 -N 16 "$1")
	{
		dd if="$1" bs=24 count=1 status=none
		dd if=/dev/zero bs=32 count=1 status=none
		dd if="$1" iflag=skip_bytes,count_bytes bs=64K skip=56 count=$((header_size - 56)) status=none
		dd if="$1" iflag=skip_bytes,count_bytes bs=64K skip="$metadata_offset" count="$metadata_size" status=none
	} | sha256sum | cut -d ' ' -f 1
}

# seal FILE: puts the right checksum in, so that only what else is wrong can be found.
seal() {
	poke "$1" 24 "$(checksum "$1")"
}

# le VALUE SIZE: the hexadecimal digits of a little-endian integer.
le() {
	local i
	for ((i = 0; i < $2; i++)); do
		printf '%02x' $((($1 >> 8 * i) & 255))
	done
}

# directory FILE: kind, reserved, offset and size of each of eight sections.
directory() {
	local at
	at=$(number "$1" 64 8)
	paste <(od -An -v --endian=little -t u4 -w24 -j "$at" -N 192 "$1" | awk '{ print $1, $2 }') \
		<(od -An -v --endian=little -t u8 -w24 -j "$at" -N 192 "$1" | awk '{ print $2, $3 }')
}

# section FILE KIND: offset and size of a section, by the directory; kinds stand in ascending order.
section() {
	od -An -v --endian=little -t u8 -j $(($(number "$1" 64 8) + 24 * $2 - 16)) -N 16 "$1" | tr -s ' ' | cut -c 2-
}

# numbers FILE KIND: the u32 of a section.
numbers() {
	local at size
	read -r at size <<<"$(section "$1" "$2")"
	od -An -v --endian=little -t u4 -w4 -j "$at" -N "$size" "$1" | tr -s ' \n' ' ' | sed 's/^ //; s/ $//'
}

# block FILE HEADING LANGUAGE [N]: the Nth code block of a language right below a heading; HEADING * is anywhere, N * is all.
block() {
	awk -v heading="$2" -v fence="\`\`\`$3" -v n="${4:-1}" '
		!inside && /^#+ / { below = substr($0, index($0, " ") + 1) == heading }
		inside && /^```$/ { inside = 0; next }
		!inside && /^```/ { inside = 1; taken = (heading == "*" || below) && $0 == fence && (++count == n || n == "*"); next }
		inside && taken { print }
	' "$1"
}

# --- the region ----------------------------------------------------------------------------------------------------

@test "the header's fields stand at their offsets, and the rest of it is zero" {
	local region metadata
	for region in "$(page)" "$(packed)"; do
		same "$(bytes "$region" 0 4)" 4d4d4150 magic
		same "$(number "$region" 4 4)" 1 version
		same "$(number "$region" 8 4)" 1 dimension_id
		same "$(number "$region" 12 4)" 3 layer_count
		same "$(number "$region" 16 8)" "$(stat -c %s "$region")" total_size
		same "$(number "$region" 56 4)" 256 header_size
		same "$(number "$region" 60 4)" 4096 alignment
		same "$(number "$region" 72 8)" 1043 metadata_size
		same "$(number "$region" 84 4)" 8 section_count
		zero "$region" 88 256
	done
	same "$(number "$(page)" 64 8)" 256 'metadata_offset, page'
	same "$(number "$(page)" 80 4)" 0 'layout, page'
	metadata=$((256 + 3 * 4096))
	same "$(number "$(packed)" 64 8)" $metadata 'metadata_offset, packed'
	same "$(number "$(packed)" 80 4)" 1 'layout, packed'
	same "$(number "$(packed)" 16 8)" $((metadata + 1043)) 'total_size, packed'
}

@test "sections are the kinds 1 to 8, 64-aligned, without a gap, and the padding around them is zero" {
	local region kind found reserved at size end metadata layers
	local -a sizes
	for region in "$(page)" "$(packed)" "$BATS_FILE_TMPDIR"/all/consciousness/D0[1257]/region.mmap; do
		metadata=$(number "$region" 64 8)
		end=$((metadata + 8 * 24))
		kind=0
		while read -r found reserved at size; do
			kind=$((kind + 1))
			sizes[kind]=$size
			same "$found $reserved" "$kind 0" 'kind, reserved'
			same "$at" $(((end + 63) / 64 * 64)) "offset of section $kind"
			zero "$region" "$end" "$at"
			end=$((at + size))
		done < <(directory "$region")
		same $kind 8 sections
		same "$end" $((metadata + $(number "$region" 72 8))) 'end of the metadata'
		layers=$(number "$region" 12 4)
		same "${sizes[*]:1:3}" "64 $((128 * layers)) $((4 * layers))" 'sizes of dimension, layers, frequency order'
		same "${sizes[4]}" "${sizes[6]}" 'sizes of layer keywords and postings'
	done
}

@test "records hold what the sources of examples/minimal say" {
	local region dimension layers strings
	for region in "$(page)" "$(packed)"; do
		dimension=$(section "$region" 1 | cut -d ' ' -f 1)
		layers=$(section "$region" 2 | cut -d ' ' -f 1)
		strings=$(section "$region" 8 | cut -d ' ' -f 1)
		same "$(bytes "$region" "$dimension" 24)" 000000000700000007000000310000000700000000000000 'name, description, flags'
		same "$(number "$region" $((dimension + 24)) 8)" "$(date -ud 2024-10-24T10:00:00Z +%s)" created_at
		same "$(number "$region" $((dimension + 32)) 8)" "$(date -ud 2024-10-24T12:00:00Z +%s)" updated_at
		same "$(od -An -t fD --endian=little -j $((dimension + 40)) -N 16 "$region" | tr -s ' ')" ' 0.1 4.5' frequency_range
		same "$(number "$region" "$layers" 4) $(number "$region" $((layers + 128)) 4) $(number "$region" $((layers + 256)) 4)" \
			'1 2 7' 'layer ids'
		same "$(od -An -t fD --endian=little -j $((layers + 256 + 32)) -N 8 "$region" | tr -d ' ')" 0.8 'frequency of layer 7'
		same "$(number "$region" $((layers + 256 + 24)) 8)" 12 'content_size of layer 7'
		same "$(bytes "$region" $((layers + 256 + 40)) 24)" 040000004000000000000000000000000000000000000000 \
			'keyword_first, no title, reserved of layer 7'
		same "$(dd if="$region" bs=1 skip="$strings" count=83 status=none)" \
			'EmotionThree small layers – enough to see every field.JoyGrieffeelinggriefhopejoy' strings
		same "$(numbers "$region" 3)" '1 2 0' 'frequency order'
		same "$(numbers "$region" 4)" '3 0 1 0 2 3' 'layer keywords'
		same "$(numbers "$region" 5)" '64 7 0 2 71 5 2 1 76 4 3 1 80 3 4 2' keywords
		same "$(numbers "$region" 6)" '0 1 1 2 0 2' postings
	done
}

@test "layers of equal frequency stand in the order of their ids" {
	local id
	make_dimension s/D01 1 Ties
	for id in 4 3 2 1; do
		make_layer s/D01/$((9 - id)).yaml $id $((2 - id % 2)) "word $id, shared" "Text $id."
	done
	run_status 0 "$DIMC" compile -q s -o v
	same "$(numbers v/consciousness/D01/region.mmap 3)" '0 2 1 3' 'frequency order'
	same "$(numbers v/consciousness/D01/region.mmap 6)" '0 1 2 3 0 1 2 3' postings
}

@test "slots follow the layout's arithmetic at alignments of 4096, 8192 and 65536, and their padding is zero" {
	local layout alignment region metadata size at i layers record content
	for layout in page packed; do
		for alignment in 4096 8192 65536; do
			run_status 0 "$DIMC" compile -q "$ROOT/examples/minimal" -o v --layout=$layout --align $alignment
			region=v/consciousness/D01/region.mmap
			metadata=$(number $region 72 8)
			same "$(number $region 60 4)" $alignment alignment
			at=256
			[[ $layout = packed ]] || at=$(up $((256 + metadata)) $alignment)
			[[ $layout = packed ]] || zero $region $((256 + metadata)) "$at"
			layers=$(section $region 2 | cut -d ' ' -f 1)
			for i in 0 1 2; do
				record=$((layers + 128 * i))
				content=$(number $region $((record + 24)) 8)
				size=$(up "$content" $alignment)
				same "$(number $region $((record + 8)) 8)" "$at" "offset of layer $i"
				same "$(number $region $((record + 16)) 8)" "$size" "size of layer $i"
				zero $region $((at + content)) $((at + size))
				contains "$(cat v/consciousness/D01/index.json)" "\"offset\": $at,
      \"size\": $size,
      \"content_size\": $content,"
				at=$((at + size))
			done
			[[ $layout = page ]] || same "$(number $region 64 8)" "$at" metadata_offset
			[[ $layout = page ]] || at=$((at + metadata))
			same "$(number $region 16 8)" "$at" total_size
			same "$(stat -c %s $region)" "$at" 'length of the file'
		done
	done
}

@test "the packed layout gives the offsets of the original specification's example" {
	local region=v/consciousness/D01/region.mmap layers
	mkdir -p s/D01
	block "$INDEX_DOC" 'The original example: layout packed' yaml >s/D01/dimension.yaml
	printf '%4096s' '' | tr ' ' a >s/D01/a.txt
	printf '%8192s' '' | tr ' ' b >s/D01/b.txt
	run_status 0 "$DIMC" compile -q s -o v
	same "$(tr -d ' \n' <v/consciousness/D01/index.json | grep -o '"offset":[0-9]*,"size":[0-9]*' | tr '\n' ' ')" \
		'"offset":256,"size":4096 "offset":4352,"size":8192 ' 'offsets in index.json'
	layers=$(section $region 2 | cut -d ' ' -f 1)
	same "$(number $region $((layers + 8)) 8) $(number $region $((layers + 16)) 8)" '256 4096' 'layer 1 in the region'
	same "$(number $region $((layers + 136)) 8) $(number $region $((layers + 144)) 8)" '4352 8192' 'layer 2 in the region'
	same "$(bytes $region 256 1)$(bytes $region 4351 2)$(bytes $region 12543 1)" 61616262 'contents at their edges'
	diff <(block "$INDEX_DOC" 'The original example: layout packed' json | sed 's/"dimc .*"/"dimc"/') \
		<(sed 's/"dimc .*"/"dimc"/' v/consciousness/D01/index.json)
	sed -i '/^layout/d' s/D01/dimension.yaml
	run_status 0 "$DIMC" compile -q s -o v
	same "$(tr -d ' \n' <v/consciousness/D01/index.json | grep -o '"offset":[0-9]*' | tr '\n' ' ')" \
		'"offset":4096 "offset":8192 ' 'the same in the layout page'
}

@test "MMAP_INITIAL_SIZE lengthens the file by zeros and leaves the region and its digest alone" {
	local layout region=v/consciousness/D01/region.mmap exact total
	for layout in page packed; do
		exact=$(page)
		[[ $layout = page ]] || exact=$(packed)
		rm -rf v
		MMAP_INITIAL_SIZE=1048576 run_status 0 "$DIMC" compile -q "$ROOT/examples/minimal" -o v --layout=$layout
		total=$(stat -c %s "$exact")
		same "$(stat -c %s $region)" 1048576 'length of the file'
		cmp -n "$total" $region "$exact"
		zero $region "$total" 1048576
		same "$(bytes $region 24 32)" "$(bytes "$exact" 24 32)" 'region digest'
		cmp v/consciousness/D01/index.json "${exact%/region.mmap}/index.json"
		same "$(sed -n 's/.*"generation"//p' v/consciousness/manifest.json)" \
			"$(sed -n 's/.*"generation"//p' "${exact%/D01/region.mmap}/manifest.json")" 'generation'
		run_status 0 "$DIMC" verify v
		poke $region 1048575 01
		run_status 5 "$DIMC" verify v
		contains "$err" 1048575
	done
	rm -rf v
	MMAP_INITIAL_SIZE=100 run_status 0 "$DIMC" compile -q "$ROOT/examples/minimal" -o v
	cmp $region "$(page)"
}

@test "the region digest and every layer's digest are what dd and sha256sum compute" {
	local region i layers record
	for region in "$(page)" "$(packed)" "$BATS_FILE_TMPDIR"/all/consciousness/D0[57]/region.mmap; do
		same "$(checksum "$region")" "$(bytes "$region" 24 32)" "checksum of $region"
		contains "$(cat "${region%/region.mmap}/index.json")" "\"checksum\": \"sha256:$(checksum "$region")\""
		layers=$(section "$region" 2 | cut -d ' ' -f 1)
		for ((i = 0; i < $(number "$region" 12 4); i++)); do
			record=$((layers + 128 * i))
			same "$(sha "$region" "$(number "$region" $((record + 8)) 8)" "$(number "$region" $((record + 24)) 8)")" \
				"$(bytes "$region" $((record + 64)) 32)" "digest of layer $i of $region"
		done
	done
}

@test "the commands of the documents compute the digests" {
	local directory=$BATS_FILE_TMPDIR/all/consciousness stated
	run_status 0 "$DIMC" info --json "$BATS_FILE_TMPDIR/all"
	stated=$(sed -n 's/^  "generation": "sha256:\(.*\)",$/\1/p' <<<"$out")
	[[ ${#stated} -eq 64 ]]
	cd "$directory/D07"
	run_status 0 bash -eu -o pipefail -c "$(block "$REGION_DOC" '10. Digests by hand' sh 1)"
	same "$(sed -n 1p <<<"$out")" "$(bytes region.mmap 24 32)" 'computed region digest'
	same "$(sed -n 2p <<<"$out")" "$(bytes region.mmap 24 32)" 'stated region digest'
	run_status 0 bash -eu -o pipefail -c "$(block "$REGION_DOC" '10. Digests by hand' sh 2)"
	same "$(wc -l <<<"$out")" $((2 * $(number region.mmap 12 4))) 'lines'
	same "$(sed -n 'p;n' <<<"$out")" "$(sed -n 'n;p' <<<"$out")" 'computed and stated digests of the layers'
	cd "$directory"
	run_status 0 bash -eu -o pipefail -c "$(block "$REGION_DOC" '10. Digests by hand' sh 3)"
	same "$out" "$stated  -" 'generation digest from the regions'
	run_status 0 bash -eu -o pipefail -c "$(block "$INDEX_DOC" 'The generation digest' sh 1)"
	same "$out" "$stated"$'\n'"$stated" 'generation digest from the manifest'
	run_status 0 bash -eu -o pipefail -c "$(block "$INDEX_DOC" 'The generation digest' sh 2)"
	same "$(block "$INDEX_DOC" 'The generation digest' sh 2 | grep -c sha256sum)" 1 'the command'
}

@test "the generation digest sorts dimensions as numbers" {
	local id expected
	for id in 2 10 100 9; do
		make_dimension "s/D$id" $id "Dimension $id"
		make_layer "s/D$id/1.yaml" 1 1.0 word "Text $id."
	done
	run_status 0 "$DIMC" compile -q s -o v
	expected=$(for id in 02 09 10 100; do
		echo "D$id $(bytes v/consciousness/D$id/region.mmap 24 32)"
	done | sha256sum | cut -d ' ' -f 1)
	contains "$(cat v/consciousness/manifest.json)" "\"generation\": \"sha256:$expected\""
	cd v/consciousness
	run_status 0 bash -eu -c "$(block "$REGION_DOC" '10. Digests by hand' sh 3)"
	same "$out" "$expected  -" 'the command of the document'
}

# --- keyword hash ---------------------------------------------------------------------------------------------------

# hash WORD: the document's formula in the shell's 64-bit arithmetic.
hash() {
	local h=$((0xcbf29ce484222325)) byte
	for byte in $(printf %s "$1" | od -An -v -t u1); do
		h=$(((h ^ byte) * 0x100000001b3))
	done
	echo $(((h ^ (h >> 32 & 0xffffffff)) & 0xffffffff))
}

@test "the test vectors of the keyword hash are right" {
	local rows word value count=0
	rows=$(sed -n '/^| bytes | hash/,/^$/s/^| \(.*\) | 0x\([0-9a-f]*\) |.*/\2 \1/p' "$REGION_DOC")
	while read -r value word; do
		word=${word//\`/}
		[[ $word != '(none)' ]] || word=
		same "$(printf %08x "$(hash "$word")")" "$value" "hash of \"$word\""
		count=$((count + 1))
	done <<<"$rows"
	[[ $count -ge 6 ]]
	contains "$rows" "296230c0 \`a\`"
}

@test "hash tables have the right slots, filled in the order of the keywords" {
	local region words word slots i at want
	for region in "$(page)" "$(packed)" "$BATS_FILE_TMPDIR/all/consciousness/D06/region.mmap"; do
		# The keywords are the end of the strings; their sizes tell where each begins.
		read -r at size <<<"$(section "$region" 8)"
		read -r -a words <<<"$(numbers "$region" 5)"
		slots=2
		while [[ $slots -lt $((2 * ${#words[@]} / 4)) ]]; do
			slots=$((2 * slots))
		done
		want=()
		for ((i = 0; i < 2 * slots; i++)); do
			want[i]=0
		done
		for ((i = 0; i < ${#words[@]} / 4; i++)); do
			word=$(dd if="$region" bs=1 skip=$((at + words[4 * i])) count="${words[4 * i + 1]}" status=none)
			local h slot
			h=$(hash "$word")
			slot=$((h % slots))
			while [[ ${want[2 * slot + 1]} -ne 0 ]]; do
				slot=$(((slot + 1) % slots))
			done
			want[2 * slot]=$h
			want[2 * slot + 1]=$((i + 1))
		done
		same "$(numbers "$region" 7)" "${want[*]}" "the hash table of $region"
	done
}

# --- the documents' examples ----------------------------------------------------------------------------------------

@test "the hex dump in docs/region-format.md is the region of examples/minimal" {
	local line offset at=0 last="" dump=""
	while read -r line; do
		if [[ $line = '*' ]]; then
			continue
		fi
		offset=$((16#${line%% *}))
		while [[ $at -lt $offset ]]; do
			dump+=$last
			at=$((at + 16))
		done
		last=${line#* }
		last=${last%%|*}
		last=${last// /}
		if [[ $line != *' '* ]]; then
			break
		fi
		dump+=$last
		at=$((at + 16))
	done < <(block "$REGION_DOC" '*' hexdump '*')
	same "$at" "$(stat -c %s "$(page)")" 'bytes in the dump'
	same "$dump" "$(bytes "$(page)" 0 "$at")" 'the dump'
}

@test "the tables in docs/region-format.md account for every byte of that region, and no byte twice" {
	local offset size at=0 rest
	while read -r _ offset _ size _ rest; do
		same $((offset)) "$at" "offset of $rest"
		at=$((at + size))
	done < <(grep '^| 0x' "$REGION_DOC")
	same "$at" "$(stat -c %s "$(page)")" 'bytes in the tables'
	need python3
	diff <(grep '^| 0x' "$REGION_DOC") <(python3 "$READER" --explain "$(page)")
}

@test "index.json and manifest.json of examples/minimal stand in docs/index-format.md" {
	local manifest
	block "$INDEX_DOC" 'The index.json of examples/minimal' json >index.json
	diff <(sed 's/"dimc .*"/"dimc"/' index.json) \
		<(sed 's/"dimc .*"/"dimc"/' "$BATS_FILE_TMPDIR/page/consciousness/D01/index.json")
	# The program's version is in index.json, so that its size and digest may differ from those in the document.
	manifest=$(block "$INDEX_DOC" 'The manifest.json of examples/minimal' json)
	diff <(sed '/index.json/d' <<<"$manifest") <(sed '/index.json/d' "$BATS_FILE_TMPDIR/page/consciousness/manifest.json")
	contains "$manifest" "{\"path\": \"D01/index.json\", \"size\": $(stat -c %s index.json), \"checksum\": \"sha256:$(
		sha256sum index.json | cut -d ' ' -f 1
	)\"}"
	contains "$(<"$INDEX_DOC")" "    D01 $(bytes "$(page)" 24 32)"
}

@test "the commands in examples/minimal/README.md work" {
	mkdir out
	ln -s "$(dirname "$DIMC")" out/bin
	ln -s "$ROOT/examples" examples
	run_status 0 bash -eu -c "$(block "$ROOT/examples/minimal/README.md" '*' sh)"
	contains "$out" 'Grief [grief, feeling]'
	cmp out/minimal/consciousness/D01/region.mmap "$(page)"
	same "$(block "$ROOT/examples/minimal/README.md" '*' sh | wc -l)" 2 'commands'
}

# --- another reader and writer --------------------------------------------------------------------------------------

# other_reader ARGUMENT...: runs a program that has format_reader; the arguments are sys.argv[2:].
other_reader() {
	(
		printf 'import sys\nsys.dont_write_bytecode = True\nsys.path.insert(0, sys.argv[1])\nimport format_reader\n'
		cat
	) | python3 - "$ROOT/tests" "$@"
}

@test "a reader made from the document agrees with index.json and dimc info on all dimensions" {
	need python3
	local volume=$BATS_FILE_TMPDIR/all
	"$DIMC" info --json -v "$volume" >info.json
	same "$(grep -c dimension_id info.json)" 14 dimensions
	run_status 0 other_reader "$volume" <<-'END'
		import datetime, json

		info = {d["dimension_id"]: d for d in json.load(open("info.json"))["dimensions"]}
		for number in range(1, 15):
		    name = f"D{number:02}"
		    directory = f"{sys.argv[2]}/consciousness/{name}"
		    ours = format_reader.Region(open(f"{directory}/region.mmap", "rb").read()).facts()
		    index = json.load(open(f"{directory}/index.json"))
		    told = info[number]
		    same = ("dimension_id", "layer_count", "total_size", "checksum", "alignment", "layout")
		    assert [ours[k] for k in same] == [index[k] for k in same] == [told[k] for k in same], name
		    assert ours["name"] == index["dimension_name"] == told["dimension_name"], name
		    for member in ("created_at", "updated_at"):
		        if ours[member] is not None:
		            time = datetime.datetime.fromtimestamp(ours[member], datetime.timezone.utc)
		            assert time.strftime("%Y-%m-%dT%H:%M:%SZ") == index[member], (name, member)
		    assert ours["file_size"] == told["file_size"], name
		    assert len(ours["by_keyword"]) == told["keyword_count"], name
		    assert sum(layer["content_size"] for layer in ours["layers"]) == told["content_size"], name
		    titled = [{**layer, "title": layer.get("title")} for layer in index["layers"]]
		    assert ours["layers"] == titled, name
		    assert titled == [{**layer, "title": layer["title"] or None} for layer in told["layers"]], name
		    order = sorted(index["layers"], key=lambda layer: (layer["frequency"], layer["layer_id"]))
		    assert ours["by_frequency"] == [layer["layer_id"] for layer in order], name
		    words = {word for layer in index["layers"] for word in layer["keywords"]}
		    assert ours["by_keyword"] == {
		        word: [layer["layer_id"] for layer in index["layers"] if word in layer["keywords"]] for word in words}, name
	END
}

@test "a writer made from the document gives the same bytes as dimc, in both layouts" {
	need python3
	"$DIMC" compile -q "$ROOT/sources" -o other --layout=packed --align 16384
	run_status 0 other_reader "$(packed)" "$BATS_FILE_TMPDIR"/all/consciousness/D*/region.mmap \
		other/consciousness/D*/region.mmap <<-'END'
		for path in sys.argv[2:]:
		    data = open(path, "rb").read()
		    assert format_reader.rebuild(format_reader.Region(data)) == data, path
		assert len(sys.argv) == 2 + 29
	END
	python3 "$READER" --rebuild "$(page)" | cmp - "$(page)"
}

@test "a keyword finds its layers, by the other reader's hash table and by dimc find" {
	need python3
	run_status 0 python3 "$READER" "$(page)"
	contains "$(tr -d ' \n' <<<"$out")" '"by_frequency":[2,7,1],"by_keyword":{"feeling":[1,2],"grief":[2],"hope":[7],"joy":[1,7]}'
	run_status 0 "$DIMC" find "$(page)" joy
	same "$(cut -d ' ' -f 1 <<<"$out" | tr '\n' ' ')" 'D01/1 D01/7 ' 'dimc find'
}

@test "an optional section of a later day is passed over, and its bytes are covered by the checksum" {
	need python3
	local layout exact
	for layout in page packed; do
		exact=$($layout)
		run_status 0 other_reader "$exact" <<-'END'
			region = format_reader.Region(open(sys.argv[2], "rb").read())
			data = format_reader.rebuild(region, {9: b"from a later day", 4242: b""})
			open("later.mmap", "wb").write(data)
		END
		same "$(number later.mmap 84 4)" 10 section_count
		run_status 0 "$DIMC" verify later.mmap
		run_status 0 "$DIMC" show later.mmap 7
		same "$out" 'Hope waits.' content
		flip later.mmap "$(grep -abo 'from a later day' later.mmap | cut -d : -f 1)"
		run_status 5 "$DIMC" verify later.mmap
		contains "$err" checksum
	done
	run_status 5 python3 "$READER" later.mmap
	contains "$err" checksum
}

# --- what readers refuse --------------------------------------------------------------------------------------------

@test "a newer version is believed only if its checksum is right" {
	cp "$(page)" newer.mmap
	poke newer.mmap 4 02
	run_status 5 "$DIMC" verify newer.mmap
	contains "$err" checksum
	seal newer.mmap
	run_status 6 "$DIMC" verify newer.mmap
	contains "$err" 'version 2'
	# What version 1 asks of the rest does not matter there: another layout, a flag among the reserved bytes.
	poke newer.mmap 80 07000000
	poke newer.mmap 200 ff
	seal newer.mmap
	run_status 6 "$DIMC" verify newer.mmap
	poke newer.mmap 56 37000000
	run_status 5 "$DIMC" verify newer.mmap
	cp "$(page)" newer.mmap
	poke newer.mmap 4 02
	poke newer.mmap 64 "$(le 16000 8)"
	run_status 5 "$DIMC" verify newer.mmap
}

@test "a damaged version field is damage for every command that reads" {
	cp "$(page)" newer.mmap
	poke newer.mmap 4 02
	run_status 5 "$DIMC" info newer.mmap
	run_status 5 "$DIMC" show newer.mmap 7
	run_status 5 "$DIMC" find newer.mmap joy
	seal newer.mmap
	run_status 6 "$DIMC" info newer.mmap
	run_status 6 "$DIMC" show newer.mmap 7
	run_status 6 "$DIMC" find newer.mmap joy
}

# damaged WHAT [OFFSET HEX]...: the region of examples/minimal with these bytes and the right checksum is refused.
damaged() {
	local what=$1 file
	damaged_count=$((damaged_count + 1))
	file=$BATS_TEST_TMPDIR/damaged/$damaged_count.mmap
	shift
	cat sealed.mmap >"$file"
	while [[ $# -gt 0 ]]; do
		poke "$file" $(($1)) "$2"
		shift 2
	done
	seal "$file"
	if ! run_status 5 "$DIMC" verify "$file"; then
		echo "accepted: $what"
		return 1
	fi
	# What refused it is not the checksum, which is right.
	lacks "$err" 'checksum over header and metadata'
}

@test "what the document tells readers to reject is rejected, by dimc and by the other reader" {
	local damaged_count=0
	mkdir damaged
	cp "$(page)" sealed.mmap
	seal sealed.mmap
	cmp sealed.mmap "$(page)"
	run_status 0 "$DIMC" verify sealed.mmap
	# The numbers are those of the list in docs/region-format.md; 1, 3 and 26 have tests of their own.
	damaged '2: another magic' 0 58
	damaged '3: version 0' 4 00
	damaged '4: header_size' 56 "$(le 320 4)"
	damaged '4: reserved bytes of the header, first' 88 01
	damaged '4: reserved bytes of the header, last' 255 80
	damaged '5: dimension_id 0' 8 00
	damaged '5: dimension_id 65536' 8 "$(le 65536 4)"
	damaged '6: total_size beyond the file' 16 "$(le 20480 8)"
	damaged '7: alignment 2048' 60 "$(le 2048 4)"
	damaged '7: alignment 12288' 60 "$(le 12288 4)"
	damaged '7: alignment 2^31' 60 "$(le $((1 << 31)) 4)"
	damaged '8: layout 2' 80 02
	damaged '9: page, but the metadata begin elsewhere' 64 "$(le 320 8)"
	damaged '9: packed, but the metadata do not end the region' 80 01
	damaged '10: 65 sections' 84 41
	damaged '11: reserved bytes of a section' 0x104 01
	damaged '11: a gap before a section' 0x108 "$(le 512 8)"
	damaged '11: a section that overlaps the one before' 0x120 "$(le 448 8)"
	damaged '11: a section that leads outside' 0x1b8 "$(le $((1 << 62)) 8)"
	damaged '12: metadata that go on after the last section' 72 "$(le 1044 8)"
	damaged '13: a kind twice' 0x118 01
	damaged '13: a kind that is missing' 0x118 09
	damaged '14: size of the dimension' 0x110 3f
	damaged '14: layer_count' 12 04
	damaged '14: half a record' 0x170 3f
	damaged '15: padding between sections' 0x38c 01
	damaged '16: strings that do not tile' 0x22c 39
	damaged '16: not UTF-8' 0x4c0 ff
	damaged '16: a surrogate' 0x4e8 eda080
	damaged '16: an overlong form' 0x4e8 e08080
	damaged '16: NUL' 0x4c0 00
	damaged '16: no name' 0x1c4 00 0x1c8 00000000 0x1cc 38
	damaged '17: an unknown flag' 0x1d0 0f
	damaged '17: reserved bytes after the flags' 0x1d4 01
	damaged '17: a value whose flag is not set' 0x1d0 06
	damaged '17: a range whose flag is not set' 0x1d0 03
	damaged '17: a range that descends' 0x1e8 0000000000001440
	damaged '17: a range that begins at zero' 0x1e8 0000000000000000
	damaged '17: a range to infinity' 0x1f0 000000000000f07f
	damaged '17: reserved bytes at the end' 0x1f8 01
	damaged '18: layer ids that do not ascend' 0x280 01
	damaged '18: layer_id 0' 0x200 00
	damaged '19: a slot out of place' 0x208 "$(le 8192 8)"
	damaged '19: a slot larger than its content needs' 0x310 "$(le 8192 8)"
	damaged '19: no content' 0x218 00
	damaged '19: more content than slot' 0x218 "$(le 4097 8)"
	damaged '19: slots that end before total_size' 16 "$(le 12288 8)"
	damaged '19: a slot that wraps around' 0x310 "$(le -4096 8)"
	damaged '20: frequency NaN' 0x220 000000000000f87f
	damaged '20: frequency infinite' 0x220 000000000000f07f
	damaged '20: frequency zero' 0x2a0 0000000000000000
	damaged '20: frequency negative' 0x2a0 000000000000e0bf
	damaged '21: no keywords' 0x204 00
	damaged '21: keyword_first' 0x228 01
	damaged '21: reserved bytes of a layer' 0x234 01
	damaged '21: reserved bytes after a digest' 0x27f 01
	damaged '22: frequency order' 0x380 0200000001
	damaged '22: a rank twice' 0x384 01
	damaged '22: a layer that is not there' 0x388 03
	damaged '23: keywords that do not ascend' 0x500 7a
	damaged '23: a keyword of no layers' 0x41c 00
	damaged '23: posting_first' 0x408 01
	damaged '24: postings that do not ascend' 0x440 0100000000
	damaged '24: a layer that is not there' 0x454 03
	damaged '24: a layer without the keyword' 0x444 02
	damaged '24: a keyword that the postings do not have' 0x3c0 01
	damaged '24: a keyword that is not there' 0x3c0 04
	damaged '25: a wrong hash' 0x488 e0
	damaged '25: a keyword twice' 0x48c 01
	damaged '25: a keyword that is not there' 0x48c 05
	damaged '25: an empty slot that is not zero' 0x480 01
	damaged '25: an empty slot before a keyword' 0x4a0 0000000000000000 0x4b0 fb00cb3e03000000
	damaged '27: content' 0x1000 6a
	damaged '28: padding after the metadata' 0x513 01
	damaged '28: padding after a content' 0x1fff 01
	# The list's other rules.
	head -c 255 "$(page)" >damaged/short.mmap
	run_status 5 "$DIMC" verify damaged/short.mmap
	: >damaged/empty.mmap
	run_status 5 "$DIMC" verify damaged/empty.mmap
	cp "$(page)" damaged/checksum.mmap
	flip damaged/checksum.mmap 24
	run_status 5 "$DIMC" verify damaged/checksum.mmap
	MMAP_MAX_SIZE=16383 run_status 3 "$DIMC" verify "$(page)"
	need python3
	run_status 0 other_reader "$(page)" damaged/*.mmap <<-'END'
		format_reader.Region(open(sys.argv[2], "rb").read())
		for path in sys.argv[3:]:
		    try:
		        format_reader.Region(open(path, "rb").read())
		    except format_reader.Damaged:
		        continue
		    sys.exit(f"{path} was taken for sound")
	END
}

# --- index.json -----------------------------------------------------------------------------------------------------

@test "index.json has its members in the documented order" {
	local index=$BATS_FILE_TMPDIR/page/consciousness/D01/index.json
	same "$(sed -n 's/^  "\([a-z_]*\)":.*/\1/p' "$index" | tr '\n' ' ')" \
		'dimension_id dimension_name version created_at updated_at layer_count total_size checksum alignment layout generator layers ' \
		'members at the top'
	same "$(sed -n 's/^      "\([a-z_]*\)":.*/\1/p' "$index" | tr '\n' ' ')" \
		"$(printf 'layer_id %soffset size content_size frequency keywords checksum ' 'title ' 'title ' '')" 'members of the layers'
	same "$(tail -c 2 "$index" | od -An -tx1)" ' 7d 0a' 'the last two bytes'
	# The tables of the document are in the same order.
	same "$(sed -n '/^## index.json/,/^### /s/^| \([a-z_]*\) | .*/\1/p' "$INDEX_DOC" | grep -vx member | tr '\n' ' ')" \
		'dimension_id dimension_name version created_at updated_at layer_count total_size checksum alignment layout generator layers layer_id title offset size content_size frequency keywords checksum ' \
		'the tables'
}

@test "frequencies have the fewest digits that are exact, and always a point" {
	local typed shown id=0
	make_dimension s/D01 1 Numbers
	: >expected
	while read -r typed shown; do
		id=$((id + 1))
		make_layer s/D01/$id.yaml $id "$typed" word "$typed"
		echo "      \"frequency\": $shown," >>expected
	done <<-'END'
		1 1.0
		2.0 2.0
		0.1 0.1
		1.50 1.5
		100 100.0
		123456789.125 123456789.125
		0.00001 0.00001
		0.000001 1.0e-6
		0.0000012345 1.2345e-6
		1e15 1000000000000000.0
		1e16 1.0e16
		12345678901234567890 1.2345678901234567e19
		0.30000000000000004 0.30000000000000004
		9007199254740993 9007199254740992.0
		5e-324 5.0e-324
		1.7976931348623157e308 1.7976931348623157e308
		5.684341886080801486968994140625e-14 5.684341886080802e-14
		+.5 0.5
	END
	run_status 0 "$DIMC" compile -q s -o v
	diff expected <(grep '"frequency"' v/consciousness/D01/index.json)
	need python3
	# Each reads back as the number in the region.
	diff <(python3 "$READER" v/consciousness/D01/region.mmap | sed -n 's/.*"frequency": \(.*\),/\1/p') \
		<(grep -o '"frequency": [^,]*' v/consciousness/D01/index.json | python3 -c '
import sys
for line in sys.stdin:
    print(repr(float(line.split()[1])))')
}

@test "strings in index.json are escaped where JSON asks for it and nowhere else" {
	make_dimension s/D01 1 '"A \"B\" \\ Ωmega"'
	make_layer s/D01/1.yaml 1 1.0 '"say \"hi\"", "back\\slash", "日本/語"' Text.
	run_status 0 "$DIMC" compile -q s -o v
	contains "$(cat v/consciousness/D01/index.json)" '  "dimension_name": "A \"B\" \\ Ωmega",'
	contains "$(cat v/consciousness/D01/index.json)" '      "keywords": ["say \"hi\"", "back\\slash", "日本/語"],'
	contains "$(cat v/consciousness/manifest.json)" '      "dimension_name": "A \"B\" \\ Ωmega",'
}

# times VOLUME: created_at and updated_at of its D01.
times() {
	sed -n 's/^  "\(created\|updated\)_at": "\(.*\)",$/\2/p' "$1/consciousness/D01/index.json" | tr '\n' ' '
}

@test "times come from dimension.yaml, else SOURCE_DATE_EPOCH, else the newest source, and never from a clock" {
	make_dimension s/D01 1 Times
	printf 'layer_id: 1\nfrequency: 1\nkeywords: [a]\ncontent_file: text\n' >s/D01/1.yaml
	echo Text. >s/D01/text
	run_status 0 "$DIMC" compile -q s -o v1
	same "$(times v1)" '2024-10-24T10:00:00Z 2024-10-24T12:00:00Z ' authored
	sed -i /_at/d s/D01/dimension.yaml
	TZ=UTC touch -d '2021-02-03 04:05:06.7' s/D01/dimension.yaml
	TZ=UTC touch -d '2022-02-03 04:05:06.7' s/D01/text
	TZ=UTC touch -d '2020-02-03 04:05:06.7' s/D01/1.yaml
	run_status 0 "$DIMC" compile -q s -o v2
	same "$(times v2)" '2022-02-03T04:05:06Z 2022-02-03T04:05:06Z ' 'the newest source'
	SOURCE_DATE_EPOCH=1000000000 run_status 0 "$DIMC" compile -q s -o v3
	same "$(times v3)" '2001-09-09T01:46:40Z 2001-09-09T01:46:40Z ' SOURCE_DATE_EPOCH
	cmp v2/consciousness/D01/region.mmap v3/consciousness/D01/region.mmap
	echo 'updated_at: 2024-10-24' >>s/D01/dimension.yaml
	SOURCE_DATE_EPOCH=1000000000 run_status 0 "$DIMC" compile -q s -o v4
	same "$(times v4)" '2024-10-24T00:00:00Z 2024-10-24T00:00:00Z ' 'updated_at alone, a date'
	sed -i 's/updated_at/created_at/' s/D01/dimension.yaml
	SOURCE_DATE_EPOCH=1000000000 run_status 0 "$DIMC" compile -q s -o v5
	same "$(times v5)" '2024-10-24T00:00:00Z 2001-09-09T01:46:40Z ' 'created_at alone'
}

@test "index.json stays the same file while the region digest does" {
	local before
	make_dimension s/D01 1 Times
	sed -i /_at/d s/D01/dimension.yaml
	make_layer s/D01/1.yaml 1 1.0 a Text.
	make_dimension s/D02 2 Other
	make_layer s/D02/1.yaml 1 1.0 a Text.
	SOURCE_DATE_EPOCH=1000000000 run_status 0 "$DIMC" compile -q s -o v
	before=$(stat -c '%i %Y' v/consciousness/D01/index.json)
	# The same region from other text and another time, in a generation that is published for another reason.
	make_layer s/D01/1.yaml 1 1.00 '"a"' Text.
	make_layer s/D02/1.yaml 1 1.0 a 'Other text.'
	SOURCE_DATE_EPOCH=1100000000 run_status 0 "$DIMC" compile -q s -o v
	same "$(times v)" '2001-09-09T01:46:40Z 2001-09-09T01:46:40Z ' 'times of the same region'
	same "$(stat -c '%i %Y' v/consciousness/D01/index.json)" "$before" 'the file'
	make_layer s/D01/1.yaml 1 1.25 a Text.
	SOURCE_DATE_EPOCH=1100000000 run_status 0 "$DIMC" compile -q s -o v
	same "$(times v)" '2004-11-09T11:33:20Z 2004-11-09T11:33:20Z ' 'times of another region'
}

@test "verify finds index.json wrong in every member, also without a manifest" {
	local change
	for change in 's/"dimension_id": 1/"dimension_id": 2/' 's/Emotion/emotion/' 's/"version": 1/"version": 2/' \
		's/T10:00:00Z/T10:00:01Z/' 's/T12:00:00Z/T12:00:01Z/' 's/"layer_count": 3/"layer_count": 4/' \
		's/"total_size": 16384/"total_size": 16385/' 's/sha256:bf/sha256:fb/' 's/"alignment": 4096/"alignment": 8192/' \
		's/"page"/"packed"/' 's/"title": "Joy"/"title": "joy"/' 's/"offset": 4096/"offset": 256/' 's/"content_size": 25/"content_size": 26/' \
		's/1.5/1.50/' 's/"hope", "joy"/"joy", "hope"/' 's/: 1,/:1,/' "\$s/\$/ /" 's/"updated_at": .*/"updated_at": "soon",/'; do
		rm -rf v
		cp -r "$BATS_FILE_TMPDIR/page" v
		rm -f v/consciousness/manifest.json
		chmod u+w v/consciousness/D01/index.json
		sed -i "$change" v/consciousness/D01/index.json
		if cmp -s v/consciousness/D01/index.json "$BATS_FILE_TMPDIR/page/consciousness/D01/index.json"; then
			echo "changes nothing: $change"
			return 1
		fi
		run_status 5 "$DIMC" verify v || { echo "not found: $change"; return 1; }
		contains "$err" index.json
	done
}
