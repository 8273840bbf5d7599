#!/usr/bin/env bats
# diff.bats: what changes from one side to the other, whatever the sides are; and whether bytes came from sources.
# In: the built program. Out: its list, hunks, table and JSON, held to expectations by hand, to patch(1) and to diff(1).
# shellcheck disable=SC2154 # out and err are set by run_status

load lib

# layer FILE ID TITLE FREQUENCY KEYWORDS: a layer; its content comes from standard input, byte for byte.
layer() {
	cat >"$1.txt"
	printf 'layer_id: %s\n' "$2" >"$1.yaml"
	[[ -z $3 ]] || printf 'title: %s\n' "$3" >>"$1.yaml"
	printf 'frequency: %s\nkeywords: [%s]\ncontent_file: %s.txt\n' "$4" "$5" "$(basename "$1")" >>"$1.yaml"
}

# sources_ab: a/ and b/ with everything that can change of layers, in two dimensions.
sources_ab() {
	local side
	for side in a b; do
		make_dimension $side/D01-emotion 1 Emotion
		make_dimension $side/D02-cognition 2 Cognition
		layer $side/D01-emotion/1 1 Hope 2.0 hope <<<'Hope looks ahead.'
	done
	printf 'Grief is slow.\nIt comes in waves.\nIt passes.\n' | layer a/D01-emotion/3 3 Grief 0.5 'grief, sorrow, feeling'
	printf 'Grief is slow.\nIt comes in waves.\nIt stays.\nIt changes.\n' |
		layer b/D01-emotion/3 3 Grief 0.6 'grief, feeling, loss, letting go'
	layer a/D01-emotion/4 4 Joy 1.5 joy <<<'Joy is bright.'
	layer b/D01-emotion/12 12 Joy 1.5 joy <<<'Joy is bright.'
	layer a/D01-emotion/7 7 Boredom 0.25 boredom <<<'Boredom waits.'
	printf 'Awe stands still,\nand looks up.' | layer b/D01-emotion/10 10 Awe 0.8 'awe, vastness'
	layer a/D01-emotion/8 8 '' 1.0 'trust' <<<'Trust is given.'
	layer b/D02-cognition/2 2 '' 1.25 'trust' <<<'Trust is given.'
	layer a/D02-cognition/1 1 Attention 2.0 'attention, focus' <<<'Attention selects.'
	layer b/D02-cognition/1 1 'Attention and its limits' 2.0 'focus, attention' <<<'Attention selects.'
}

# expected_ab: what `dimc diff a b` prints, written by hand.
expected_ab() {
	cat <<'END'
D01 Emotion
  ~ D01/3 Grief: frequency 0.5 -> 0.6, keywords +loss +"letting go" -sorrow, content +2 -1
--- a/D01/3
+++ b/D01/3
@@ -1,3 +1,4 @@
 Grief is slow.
 It comes in waves.
-It passes.
+It stays.
+It changes.

  - D01/7 Boredom: 0.25 Hz, [boredom], 1 line
--- a/D01/7
+++ /dev/null
@@ -1 +0,0 @@
-Boredom waits.

  < D01/8 -> D02/2
  + D01/10 Awe: 0.8 Hz, [awe, vastness], 2 lines
--- /dev/null
+++ b/D01/10
@@ -0,0 +1,2 @@
+Awe stands still,
+and looks up.
\ No newline at end of file

  > D01/4 -> D01/12 Joy

D02 Cognition
  ~ D02/1 Attention and its limits: title "Attention" -> "Attention and its limits", keywords reordered
  > D01/8 -> D02/2: frequency 1.0 -> 1.25

dimensions: 2 changed; layers: 2 changed, 1 added, 1 removed, 2 moved; lines: +4 -2
END
}

# same A B: nothing is different, and nothing is printed.
same() {
	run_status 0 "$DIMC" diff "$1" "$2"
	[[ -z $out && -z $err ]]
}

# differs A B: something is, without an error; the list without hunks and totals goes to $list.
differs() {
	run_status 4 "$DIMC" diff "$1" "$2"
	[[ -z $err ]]
	list=$(grep -E '^(D[0-9]|  [~+<>-] D)' <<<"$out")
}

# is WANTED: the list is exactly that.
is() {
	diff -u - <(printf '%s\n' "$list") <<<"$1"
}

@test "the list and the hunks are these, for every kind of change" {
	sources_ab
	run_status 4 "$DIMC" diff a b
	[[ -z $err ]]
	diff -u <(expected_ab) - <<<"$out"
	run_status 4 "$DIMC" diff b a
	contains "$out" '  > D01/12 -> D01/4 Joy'
	contains "$out" '  ~ D01/3 Grief: frequency 0.6 -> 0.5, keywords +sorrow -loss -"letting go", content +1 -2'
}

@test "volumes, generations, .previous, regions and sources: any with any, and the same words for all" {
	sources_ab
	"$DIMC" compile a -o v --no-sync -q
	"$DIMC" compile b -o v --no-sync -q
	cp -a a one-volume-of-a-src
	"$DIMC" compile a -o va --no-sync -q
	cp -a v/.previous copy
	rm copy/manifest.json
	local old=(a va va/consciousness v/.previous copy one-volume-of-a-src/) new=(b v v/consciousness ./b) x y
	expected_ab >want
	for x in "${old[@]}"; do
		for y in "${old[@]}"; do same "$x" "$y"; done
		for y in "${new[@]}"; do
			run_status 4 "$DIMC" diff "$x" "$y"
			diff -u want - <<<"$out"
		done
	done
}

@test "one dimension: of its directory, its region, a proto-dimension, its folder or one file" {
	sources_ab
	"$DIMC" compile a -o v --no-sync -q
	"$DIMC" compile b -o v --no-sync -q
	"$DIMC" compile a/D01-emotion --proto old -o v --no-sync -q
	cat b/D01-emotion/dimension.yaml >b-one.yaml
	printf 'layers:\n' >>b-one.yaml
	local file x y
	for file in b/D01-emotion/*[0-9].yaml; do
		sed 's/^/    /; 1s/^   /  -/; s|content_file: |&b/D01-emotion/|' "$file" >>b-one.yaml
	done
	local old=(v/.previous/D01 v/.previous/D01/region.mmap v/proto/old.mmap a/D01-emotion a/D01-emotion/)
	local new=(v/consciousness/D01/ v/consciousness/D01/region.mmap b/D01-emotion b-one.yaml)
	"$DIMC" diff v/.previous/D01 v/consciousness/D01 >want || true
	contains "$(cat want)" '> D01/4 -> D01/12 Joy'
	# Alone, the layer that went to D02 is gone.
	contains "$(cat want)" '- D01/8: 1.0 Hz, [trust], 1 line'
	for x in "${old[@]}"; do
		for y in "${old[@]}"; do same "$x" "$y"; done
		for y in "${new[@]}"; do
			run_status 4 "$DIMC" diff "$x" "$y"
			diff -u want - <<<"$out"
		done
		# Of a side with several dimensions, that one is compared.
		for y in b v; do
			run_status 4 "$DIMC" diff "$x" $y
			diff -u want - <<<"$out"
			run_status 4 "$DIMC" diff $y "$x"
			contains "$out" '> D01/12 -> D01/4 Joy'
			lacks "$out" D02
		done
		same "$x" v/.previous
		same a "$x"
	done
	# Mistakes in other dimensions are not its business.
	echo broken: >>b/D02-cognition/1.yaml
	run_status 4 "$DIMC" diff v/.previous/D01 b
	# Two regions are compared with each other, whatever their numbers.
	run_status 4 "$DIMC" diff v/.previous/D01 v/.previous/D02
	contains "$out" 'D02 Cognition: dimension_id 1 -> 2, name "Emotion" -> "Cognition"'
	# A dimension that the other side does not have.
	rm -r b/D02-cognition
	run_status 4 "$DIMC" diff v/consciousness/D02 b
	contains "$out" 'D02 Cognition (removed)'
}

@test "-d compares these dimensions; one that neither side has is an error" {
	sources_ab
	"$DIMC" compile a -o va --no-sync -q
	run_status 4 "$DIMC" diff va b -d D02
	[[ $(grep -c '^D' <<<"$out") -eq 1 ]]
	contains "$out" '+ D02/2: 1.25 Hz, [trust], 1 line'
	rm -r b/D02-cognition
	run_status 4 "$DIMC" diff va b -d D02
	contains "$out" 'D02 Cognition (removed)'
	run_status 9 "$DIMC" diff va b -d D01,D07
	contains "$err" 'neither va nor b has D07'
	[[ -z $out ]]
	run_status 2 "$DIMC" diff va b -d x
	# What is not asked for is not read.
	echo broken: >>a/D02-cognition/1.yaml
	run_status 0 "$DIMC" diff va a -d D01
}

@test "moves: by content, one to one, wherever both ends are" {
	make_dimension a/D01 1 Emotion
	make_dimension b/D01 1 Emotion
	for n in 1 2 3; do
		layer a/D01/$n $n "T$n" 1.0 k <<<"Text $n."
		layer b/D01/$((n + 1)) $((n + 1)) "T$n" 1.0 k <<<"Text $n."
	done
	layer b/D01/1 1 New 1.0 k <<<'A new one in front.'
	# Numbers that were shifted: three moves and one addition, not four texts that changed.
	differs a b
	is 'D01 Emotion
  + D01/1 New: 1.0 Hz, [k], 1 line
  > D01/1 -> D01/2 T1
  > D01/2 -> D01/3 T2
  > D01/3 -> D01/4 T3'
	differs b a
	is 'D01 Emotion
  - D01/1 New: 1.0 Hz, [k], 1 line
  > D01/2 -> D01/1 T1
  > D01/3 -> D01/2 T2
  > D01/4 -> D01/3 T3'
	# Two that changed places.
	rm -r b/D01
	cp -a a/D01 b/D01
	sed -i 's/layer_id: 1/layer_id: 9/; s/layer_id: 2/layer_id: 1/; s/layer_id: 9/layer_id: 2/' b/D01/*.yaml
	differs a b
	is 'D01 Emotion
  > D01/2 -> D01/1 T2
  > D01/1 -> D01/2 T1'
	# A text that two layers had is no proof of where one went.
	rm -r b/D01
	cp -a a/D01 b/D01
	layer a/D01/3 3 T3 1.0 k <<<'Text 2.'
	layer b/D01/2 2 T9 1.0 k <<<'Other.'
	layer b/D01/3 3 T8 1.0 k <<<'Another.'
	layer b/D01/5 5 T2 1.0 k <<<'Text 2.'
	differs a b
	is 'D01 Emotion
  ~ D01/2 T9: title "T2" -> "T9", content +1 -1
  ~ D01/3 T8: title "T3" -> "T8", content +1 -1
  + D01/5 T2: 1.0 Hz, [k], 1 line'
	# The former text is kept under another number: the layer that has its title still is that layer.
	rm -r b/D01
	cp -a a/D01 b/D01
	layer b/D01/1 1 T1 1.0 k <<<'Text 1, revised.'
	layer b/D01/6 6 'T1 before' 1.0 k <<<'Text 1.'
	differs a b
	is 'D01 Emotion
  ~ D01/1 T1: content +1 -1
  + D01/6 T1 before: 1.0 Hz, [k], 1 line'
	# The whole dimension under another number.
	rm -r b/D01
	cp -a a/D01 b/D05
	sed -i 's/dimension_id: 1/dimension_id: 5/' b/D05/dimension.yaml
	rm a/D01/3.*
	rm b/D05/3.*
	differs a b
	is 'D01 Emotion (removed): created_at 2024-10-24T10:00:00Z, updated_at 2024-10-24T12:00:00Z
  < D01/1 -> D05/1 T1
  < D01/2 -> D05/2 T2
D05 Emotion (added): created_at 2024-10-24T10:00:00Z, updated_at 2024-10-24T12:00:00Z
  > D01/1 -> D05/1 T1
  > D01/2 -> D05/2 T2'
	contains "$out" 'dimensions: 1 added, 1 removed; layers: 2 moved'
}

@test "facts of a dimension: each is named, from and to; times only as they were authored" {
	make_sources a
	cp -a a b
	touch -d 2020-01-01 b/*/*
	same a b
	SOURCE_DATE_EPOCH=1000000000 "$DIMC" compile a -o va --no-sync -q
	same va b
	cat >b/D01-emotion/dimension.yaml <<-'END'
		dimension_id: 1
		name: Emotions
		description: What is felt.
		created_at: 2024-10-25
		frequency_range: [0.1, 4.5]
		layout: packed
		alignment: 8192
	END
	differs va b
	is 'D01 Emotions: name "Emotion" -> "Emotions", description none -> "What is felt.", created_at 2024-10-24T10:00:00Z -> 2024-10-25T00:00:00Z, updated_at 2024-10-24T12:00:00Z -> none, frequency_range none -> 0.1..4.5, layout page -> packed, alignment 4096 -> 8192'
	differs b va
	contains "$list" 'description "What is felt." -> none'
	contains "$list" 'frequency_range 0.1..4.5 -> none, layout packed -> page, alignment 8192 -> 4096'
	# A long one, or one of several lines, is compared as a text.
	cp -a b c
	sed -i 's/^description.*/description: |\n  What is felt,\n  and for how long./' c/D01-emotion/dimension.yaml
	run_status 4 "$DIMC" diff b c
	contains "$out" 'D01 Emotions: description +2 -1
--- a/D01/description
+++ b/D01/description
@@ -1 +1,2 @@
-What is felt.
\ No newline at end of file
+What is felt,
+and for how long.

dimensions: 1 changed'
	rm -r c/D02-cognition
	run_status 4 "$DIMC" diff c b
	contains "$out" 'D02 Cognition (added): created_at 2024-10-24T10:00:00Z, updated_at 2024-10-24T12:00:00Z
  + D02/1: 2.0 Hz, [attention], 1 line'
}

@test "bytes that differ though no fact does are told of" {
	need python3
	make_sources a
	"$DIMC" compile a -o va --no-sync -q
	# An optional section of a later version: the directory grows by 64 bytes, what follows moves.
	python3 - va/consciousness/D01/region.mmap added.mmap <<-'END'
		import hashlib, struct, sys
		data = bytearray(open(sys.argv[1], "rb").read())
		at, size, layout, count = struct.unpack_from("<QQII", data, 64)
		assert (at, layout, count) == (256, 0, 8) and size + 256 < 4096 - 256
		meta = data[at : at + size]
		entries = [struct.unpack_from("<IIQQ", meta, i * 24) for i in range(8)]
		body = meta[192:] + bytes(-len(meta) % 64)
		entries = [(k, r, o + 64, s) for k, r, o, s in entries] + [(77, 0, 256 + 256 + len(body), 5)]
		new = b"".join(struct.pack("<IIQQ", *e) for e in entries)
		new += bytes(256 - len(new)) + body + b"later"
		data[256 : 256 + len(new)] = new
		struct.pack_into("<QQII", data, 64, 256, len(new), 0, 9)
		data[24:56] = bytes(32)
		data[24:56] = hashlib.sha256(data[:256] + new).digest()
		open(sys.argv[2], "wb").write(data)
	END
	run_status 0 "$DIMC" verify added.mmap
	differs va/consciousness/D01 added.mmap
	[[ $list =~ ^"D01 Emotion: checksum "[0-9a-f]{12}" -> "[0-9a-f]{12}$ ]]
	run_status 4 "$DIMC" verify added.mmap --against a
	contains "$out" 'D01 Emotion: checksum '
}

@test "texts: endings of lines and of files, tabs, and control characters that no terminal gets to see" {
	make_dimension a/D01 1 Emotion
	make_dimension b/D01 1 Emotion
	printf 'one\r\ntwo\r\n' | layer a/D01/1 1 CRLF 1.0 k
	printf 'one\ntwo\r\n' | layer b/D01/1 1 CRLF 1.0 k
	printf 'a\tb\nred\n' | layer a/D01/2 2 Controls 1.0 k
	# ESC, BEL, DEL, CSI as one character, RIGHT-TO-LEFT OVERRIDE, LINE SEPARATOR, ZERO WIDTH SPACE, a tag character
	printf 'a\tb\n\033[31mred\a\177\302\2331m\342\200\256\342\200\250\342\200\213\363\240\201\201\n' | layer b/D01/2 2 Controls 1.0 k
	printf 'end' | layer a/D01/3 3 'No end' 1.0 k
	printf 'end\n' | layer b/D01/3 3 'No end' 1.0 k
	run_status 4 "$DIMC" diff a b
	contains "$out" '@@ -1,2 +1,2 @@
-one^M
+one
 two^M'
	contains "$out" "@@ -1,2 +1,2 @@
 a	b
-red
+^[[31mred^G^?<U+009B>1m<U+202E><U+2028><U+200B><U+E0041>"
	contains "$out" '@@ -1 +1 @@
-end
\ No newline at end of file
+end'
	[[ $(LC_ALL=C tr -d '\n\t -~' <"$BATS_TEST_TMPDIR/.stdout" | wc -c) -eq 0 ]]
	# What went to a pipe is the same; --raw gives the bytes.
	"$DIMC" diff a b --raw >raw || [[ $? -eq 4 ]]
	grep -qF "$(printf '+\033[31mred\a\177\302\2331m\342\200\256\342\200\250')" raw
	grep -qF "$(printf -- '-one\r')" raw
	if command -v script >/dev/null; then
		script -qec "$(printf '%q diff a b --color=never' "$DIMC")" typescript >/dev/null || [[ $? -eq 4 ]]
		[[ $(LC_ALL=C grep -c "$(printf '\033')" typescript) -eq 0 ]]
	fi
}

@test "binary contents differ by size, and are not shown" {
	make_dimension a/D01 1 Emotion
	make_dimension b/D01 1 Emotion
	printf 'text\n' | layer a/D01/1 1 Table 1.0 k
	printf 'a\0b' | layer b/D01/1 1 Table 1.0 k
	printf '\377\376' | layer a/D01/2 2 Latin 1.0 k
	printf '\377' | layer b/D01/2 2 Latin 1.0 k
	printf '\300\200more' | layer b/D01/3 3 New 1.0 k
	run_status 4 "$DIMC" diff a b
	diff -u - <(printf '%s\n' "$out") <<-'END'
		D01 Emotion
		  ~ D01/1 Table: binary content differs (5 -> 3 bytes)
		  ~ D01/2 Latin: binary content differs (2 -> 1 bytes)
		  + D01/3 New: 1.0 Hz, [k], 6 bytes of binary content

		dimensions: 1 changed; layers: 2 changed, 1 added
	END
	run_status 4 "$DIMC" diff a b --stat
	contains "$out" '~ D01/1 Table | binary, 5 -> 3 bytes'
	need jq
	[[ $("$DIMC" diff a b --json | jq -c '[.dimensions[0].layers[].fields.content | [.binary, .from.size, .to.size]]') = \
		'[[true,5,3],[true,2,1],[true,null,6]]' ]]
}

# applies CONTEXT: patch turns the one side's files into the other's, and back, without fuzz and without an offset.
applies() {
	local status=0
	rm -rf work
	cp -a pairs/files-a work
	"$DIMC" diff pairs/a pairs/b --raw -U "$1" >all.patch || status=$?
	[[ $status -eq 4 ]]
	patch -p1 --fuzz=0 --binary -d work <all.patch >patch.log
	if grep -qE 'fuzz|offset' patch.log; then
		grep -E 'fuzz|offset' patch.log
		return 1
	fi
	diff -r work pairs/files-b
	patch -R -p1 --fuzz=0 --binary -d work <all.patch >patch.log
	diff -r work pairs/files-a
}

@test "patch turns each text into the other and back, for many pairs and any context" {
	need python3 patch
	python3 "$ROOT/tests/diff_pairs.py" pairs 120
	local context
	for context in 0 1 3 10; do applies $context; done
	# The same between volumes.
	"$DIMC" compile pairs/a -o va --no-sync -q
	"$DIMC" compile pairs/b -o vb --no-sync -q
	"$DIMC" diff va vb --raw -U10 | cmp - all.patch
}

@test "no more lines change than diff(1) finds with --minimal; hunks have its context" {
	need python3 jq
	python3 "$ROOT/tests/diff_pairs.py" pairs 150
	local n mark ours theirs
	mkdir theirs
	for n in $(seq 150); do
		diff -a --minimal -u pairs/files-a/D01/"$n" pairs/files-b/D01/"$n" | tail -n +3 >theirs/"$n" || true
	done
	"$DIMC" diff pairs/a pairs/b --json |
		jq -r '.dimensions[0].layers[] | "theirs/\(.to.layer_id):\(.fields.content | .added_lines + .removed_lines)"' >ours
	diff <(sort ours) <(grep -ac '^[-+]' theirs/* | sort)
	# Hunks and lines of context of all pairs together: about as many as diff -u has; which of two equal lines was added
	# may be told in two ways.
	"$DIMC" diff pairs/a pairs/b --raw | tail -n +2 | grep -avE '^  ~' >all.patch
	for mark in ' ' @@; do
		ours=$(grep -ac "^$mark" all.patch)
		theirs=$(cat theirs/* | grep -ac "^$mark")
		echo "$mark: $ours, diff has $theirs"
		[[ $ours -le $((theirs + theirs / 50)) && $ours -ge $((theirs - theirs / 50)) ]]
	done
}

@test "200,000 lines that all differ, and long lines, take their time and memory and no more" {
	make_dimension a/D01 1 Emotion
	make_dimension b/D01 1 Emotion
	seq 1 200000 | layer a/D01/1 1 Numbers 1.0 k
	seq 200001 400000 | layer b/D01/1 1 Numbers 1.0 k
	{ head -c 3000000 /dev/zero | tr '\0' x; echo; } | layer a/D01/2 2 'One line' 1.0 k
	{ head -c 3000001 /dev/zero | tr '\0' x; echo; } | layer b/D01/2 2 'One line' 1.0 k
	awk 'BEGIN { for (i = 0; i < 100000; i++) print (i * 7919) % 13 % 3 }' | layer a/D01/3 3 Few 1.0 k
	awk 'BEGIN { for (i = 0; i < 100000; i++) print (i * 104729) % 17 % 3 }' | layer b/D01/3 3 Few 1.0 k
	# Time enough for a sanitizer; a search of all ways would take hours.
	run_status 4 timeout 120 "$DIMC" diff a b --stat
	contains "$out" '~ D01/1 Numbers  | 400000 ++'
	contains "$out" '~ D01/2 One line |      2 +-'
}

@test "--stat: a line a layer, a bar that fits 80 columns, fields by name, totals" {
	sources_ab
	run_status 4 "$DIMC" diff a b --stat
	diff -u - <(printf '%s\n' "$out") <<-'END'
		 ~ D01/3 Grief                    | 3 ++- frequency, keywords
		 - D01/7 Boredom                  | 1 -
		 + D01/10 Awe                     | 2 ++
		 > D01/4 -> D01/12 Joy            | 0
		 ~ D02/1 Attention and its limits | 0 title, keywords
		 > D01/8 -> D02/2                 | 0 frequency
		dimensions: 2 changed; layers: 2 changed, 1 added, 1 removed, 2 moved; lines: +4 -2
	END
	rm -r b/D02-cognition
	make_dimension b/D03-intention 3 Intention
	seq 1000 | layer b/D03-intention/1 1 "$(printf 'Ein sehr langer Titel, %.0s' 1 2 3 4)" 1.0 k
	printf 'layout: packed\nupdated_at: 2024-10-24\n' >>a/D01-emotion/dimension.yaml
	sed -i '/T12/d' a/D01-emotion/dimension.yaml
	run_status 4 "$DIMC" diff a b --stat
	contains "$out" ' ~ D01 Emotion                                        | updated_at, layout'
	contains "$out" ' - D02 Cognition (removed)                            | 1 layer'
	contains "$out" ' + D03/1 Ein sehr langer Titel, Ein sehr langer Ti... | 1000 ++'
	[[ $(grep -E '[0-9] [-+]+$' <<<"$out" | awk '{ if (length > m) m = length } END { print m }') -eq 80 ]]
}

@test "--json has everything but the text" {
	need jq
	sources_ab
	"$DIMC" diff a b --json >doc.json || [[ $? -eq 4 ]]
	[[ $(jq -c '[.from, .to, .same, .only_layout]' doc.json) = '["a","b",false,false]' ]]
	[[ $(jq -c .summary doc.json) = '{"dimensions":{"changed":2,"added":0,"removed":0},"layers":{"changed":2,"added":1,"removed":1,"moved":2},"lines":{"added":4,"removed":2}}' ]]
	[[ $(jq -c '[.dimensions[] | [.dimension_id, .dimension_name, .change]]' doc.json) = '[[1,"Emotion","changed"],[2,"Cognition","changed"]]' ]]
	[[ $(jq -c '[.dimensions[].layers[] | [.change, .from.dimension_id, .from.layer_id, .to.dimension_id, .to.layer_id, .title]]' doc.json) = \
		'[["changed",1,3,1,3,"Grief"],["removed",1,7,null,null,"Boredom"],["left",1,8,2,2,null],["added",null,null,1,10,"Awe"],["moved",1,4,1,12,"Joy"],["changed",2,1,2,1,"Attention and its limits"],["moved",1,8,2,2,null]]' ]]
	[[ $(jq -c '.dimensions[0].layers[0].fields | [.frequency, .keywords.added, .keywords.removed, .keywords.reordered, .content.added_lines, .content.removed_lines]' doc.json) = \
		'[{"from":0.5,"to":0.6},["loss","letting go"],["sorrow"],false,2,1]' ]]
	[[ $(jq -r '.dimensions[0].layers[0].fields.content.to.checksum' doc.json) = "sha256:$(sha256sum <b/D01-emotion/3.txt | cut -c1-64)" ]]
	[[ $(jq -c '.dimensions[1].layers[0].fields | [.title, .keywords.reordered, .content]' doc.json) = \
		'[{"from":"Attention","to":"Attention and its limits"},true,null]' ]]
	"$DIMC" compile a -o va --no-sync -q
	[[ $(jq -r '.dimensions[0].from' doc.json) = $(jq -r .checksum va/consciousness/D01/index.json) ]]
	# With nothing different it is a document, too.
	run_status 0 "$DIMC" diff va a --json
	[[ $(jq -c '[.same, .dimensions]' <<<"$out") = '[true,[]]' ]]
	cp -a a c
	printf 'layout: packed\n' >>c/D01-emotion/dimension.yaml
	[[ $("$DIMC" diff a c --json | jq -c '[.only_layout, .dimensions[0].facts]') = '[true,{"layout":{"from":"page","to":"packed"}}]' ]]
}

@test "-v says that all is the same, -q only says by its status; colors are asked for" {
	sources_ab
	run_status 0 "$DIMC" diff a a -v
	[[ $out = 'a and a are the same: 2 dimensions, 6 layers' ]]
	run_status 4 "$DIMC" diff a b -q
	[[ -z $out && -z $err ]]
	run_status 0 "$DIMC" diff a a -q
	local esc=$'\033'
	run_status 4 "$DIMC" diff a b --color=always
	contains "$out" "${esc}[1mD01 Emotion${esc}[0m"
	contains "$out" "  ${esc}[33m~ D01/3 Grief${esc}[0m: frequency"
	contains "$out" "${esc}[36m@@ -1,3 +1,4 @@${esc}[0m"
	contains "$out" "${esc}[31m-It passes.${esc}[0m"
	contains "$out" "${esc}[32m+It stays.${esc}[0m"
	# Without the colors it is the same text.
	# shellcheck disable=SC2001 # a pattern that the shell does not have
	diff <(sed "s/$esc\[[0-9]*m//g" <<<"$out") <(expected_ab)
	NO_COLOR=1 run_status 4 "$DIMC" diff a b --stat --color=always
	contains "$out" "${esc}[32m++${esc}[0m${esc}[31m-${esc}[0m"
	need script
	script -qec "$(printf '%q diff a b' "$DIMC")" tty </dev/null >/dev/null || true
	contains "$(cat tty)" "${esc}[31m-It passes."
	NO_COLOR=1 script -qec "$(printf '%q diff a b' "$DIMC")" tty </dev/null >/dev/null || true
	lacks "$(cat tty)" "$esc"
}

@test "sides that cannot be read end with their own statuses, and all that is wrong is said" {
	sources_ab
	"$DIMC" compile a -o va --no-sync -q
	run_status 9 "$DIMC" diff va nowhere
	contains "$err" 'cannot open nowhere'
	mkdir empty
	run_status 9 "$DIMC" diff empty va
	contains "$err" 'empty is no volume'
	contains "$err" 'sources are a folder'
	"$DIMC" init fresh -q
	run_status 9 "$DIMC" diff fresh va
	contains "$err" 'nothing is published'
	run_status 2 "$DIMC" diff va
	run_status 2 "$DIMC" diff va a b
	run_status 2 "$DIMC" diff va a -U x
	# Both sides' mistakes, as `dimc check` tells them; nothing of a comparison.
	echo 'colour: red' >>a/D01-emotion/3.yaml
	echo 'colour: red' >>b/D01-emotion/3.yaml
	run_status 1 "$DIMC" diff a b
	[[ -z $out ]]
	contains "$err" 'a/D01-emotion/3.yaml:6:1: error: a layer has no key "colour" [unknown-key]'
	contains "$err" 'b/D01-emotion/3.yaml:6:1: error:'
	contains "$err" '2 errors in 2 files'
	lacks "$err" published
	# One flipped bit in a content: no side may be called the same as another on the word of a digest.
	cp -a va vb
	flip vb/consciousness/D01/region.mmap 8192
	run_status 5 "$DIMC" diff va vb
	contains "$err" 'vb: D01 layer 3: '
	contains "$err" 'verify vb'
	[[ -z $out ]]
	run_status 5 "$DIMC" diff vb/consciousness/D01/region.mmap va
	run_status 0 "$DIMC" diff vb va -d D02
	run_status 5 "$DIMC" diff a/D01-emotion/1.txt va
	MMAP_MAX_SIZE=4096 run_status 3 "$DIMC" diff va va
	if [[ -w /dev/full ]]; then
		status=0
		"$DIMC" diff va b -d D02 >/dev/full 2>err.txt || status=$?
		[[ $status -eq 3 ]]
	fi
	need python3
	python3 - va/consciousness/D02/region.mmap newer.mmap <<-'END'
		import hashlib, struct, sys
		data = bytearray(open(sys.argv[1], "rb").read())
		at, size = struct.unpack_from("<QQ", data, 64)
		data[4:8] = struct.pack("<I", 2)
		data[24:56] = bytes(32)
		data[24:56] = hashlib.sha256(data[:256] + data[at : at + size]).digest()
		open(sys.argv[2], "wb").write(data)
	END
	run_status 6 "$DIMC" diff newer.mmap va
	[[ -z $out ]]
}

@test "verify --against: these bytes came from these sources, or here is what differs" {
	sources_ab
	"$DIMC" compile a -o v --no-sync -q
	run_status 0 "$DIMC" verify v --against a
	contains "$out" ': every byte sound; generation '
	[[ $out = *', and came from a: every region is what they give' ]]
	# Other times of the sources are no difference, nor is the length of the file.
	touch -d 2001-01-01 a/*/*
	MMAP_INITIAL_SIZE=100000 "$DIMC" compile a -o long --no-sync -q
	run_status 0 "$DIMC" verify long --against a
	"$DIMC" compile b -o v --no-sync -q
	run_status 0 "$DIMC" verify v/.previous --against a
	run_status 0 "$DIMC" verify v --against b
	for path in v/.previous/D02 v/.previous/D02/region.mmap; do
		run_status 0 "$DIMC" verify $path --against a
		run_status 0 "$DIMC" verify $path --against a/D02-cognition
		run_status 4 "$DIMC" verify $path --against b
		contains "$out" '+ D02/2: 1.25 Hz, [trust], 1 line'
		lacks "$out" D01
	done
	run_status 0 "$DIMC" verify v --against b/D02-cognition
	contains "$out" ', and D02 came from b/D02-cognition: '
	run_status 0 "$DIMC" verify v --quick --against b
	contains "$out" 'every digest is what they give'
	# The list is that of diff, from the bytes to the sources, without texts unless -v asks for them.
	run_status 4 "$DIMC" verify v/.previous --against b
	contains "$err" 'v/.previous is not what b gives'
	lacks "$err" layout
	contains "$out" 'from v/.previous to b:'
	diff <(grep -E '^(D|  [~+<>-] )' <<<"$out") <(expected_ab | grep -E '^(D|  [~+<>-] )')
	lacks "$out" '@@'
	run_status 4 "$DIMC" verify v/.previous --against b -v
	contains "$out" '@@ -1,3 +1,4 @@'
	run_status 4 "$DIMC" verify v/.previous --against b -q
	[[ -z $out ]]
}

@test "verify --against: layouts, nothing published, damage, and what is no source" {
	sources_ab
	"$DIMC" compile a -o v --no-sync -q --layout=packed
	run_status 4 "$DIMC" verify v --against a
	contains "$err" 'v is not what a gives: only layout or alignment differs'
	contains "$out" 'D01 Emotion: layout packed -> page
D02 Cognition: layout packed -> page'
	printf 'layout: packed\n' | tee -a a/D01-emotion/dimension.yaml >>a/D02-cognition/dimension.yaml
	run_status 0 "$DIMC" verify v --against a
	"$DIMC" init fresh -q
	run_status 4 "$DIMC" verify fresh --against a
	contains "$out" 'nothing published'
	contains "$out" 'D02 Cognition (added)'
	run_status 2 "$DIMC" verify v --against v
	contains "$err" '--against takes sources'
	run_status 9 "$DIMC" verify v --against nowhere
	echo 'colour: red' >>a/D01-emotion/3.yaml
	run_status 1 "$DIMC" verify v --against a
	contains "$err" '[unknown-key]'
	run_status 0 "$DIMC" verify v/consciousness/D02 --against a
	flip v/consciousness/D01/region.mmap 300
	run_status 5 "$DIMC" verify v --against b
	lacks "$out" 'from v'
	need jq
	[[ $("$DIMC" verify v --against b --json | jq -c '[.sound, .against]') = '[false,null]' ]]
	[[ $("$DIMC" verify v/consciousness/D02 --against a --json | jq -c '[.sound, .against.sources, .against.same, .against.dimensions]') = \
		'[true,"a",true,[]]' ]]
	[[ $("$DIMC" verify v/consciousness/D02 --against b --json | jq -c '[.against.same, .against.summary.layers.added]') = '[false,1]' ]]
	[[ $("$DIMC" verify v/consciousness/D02 --json | jq 'has("against")') = false ]]
}
