#!/usr/bin/env bats
# `dimc check --fix`: edits that cannot be wrong are made, and nothing else in a file changes.
# In: the built program. Out: sources, before and after.
# shellcheck disable=SC2154 # out and err are set by run_status

load lib

# dimension: sources/D01 with a dimension.yaml alone.
dimension() {
	mkdir -p sources/D01
	printf 'dimension_id: 1\nname: Emotion\n' >sources/D01/dimension.yaml
}

# mends BEFORE AFTER: a layer file of this text becomes that, and is right then.
mends() {
	printf '%b' "$1" >sources/D01/010.yaml
	printf '%b' "$2" >want
	run_status 0 "$DIMC" check --fix sources
	diff want sources/D01/010.yaml
	contains "$out" "sources/D01/010.yaml:"
	# What is mended stays mended, and the file is not written again.
	touch -d 2020-01-01 sources/D01/010.yaml
	run_status 0 "$DIMC" check --fix -Werror sources
	lacks "$out" mended
	[[ $(stat -c %Y sources/D01/010.yaml) -eq $(date -d 2020-01-01 +%s) ]]
}

# keeps TEXT: a layer file of this text is told about, and stays as it is.
keeps() {
	printf '%b' "$1" >sources/D01/010.yaml
	cp sources/D01/010.yaml want
	"$DIMC" check --fix sources >out 2>err || true
	[[ -s err ]]
	cmp want sources/D01/010.yaml
	lacks "$(cat out err)" mended
}

REST='keywords: [joy]\ncontent: |\n  Joy is bright and warm.\n'

@test "a misspelt key is spelt right, with its comment and its column kept" {
	dimension
	mends "# why\nlayer_id: 1\nfrequncy:   1.5 # Hz\n$REST" "# why\nlayer_id: 1\nfrequency:   1.5 # Hz\n$REST"
	mends "Layer-Id: 1\n'frequenci': 1.5\n$REST" "layer_id: 1\n'frequency': 1.5\n$REST"
	mends '{"layer_id":1,"freqency":1.5,"keyword":["joy"],"content":"Joy is bright."}\n' \
		'{"layer_id":1,"frequency":1.5,"keywords":["joy"],"content":"Joy is bright."}\n'
	mends '{layer_id: 1, freqency: 1.5, keyword: [joy], content: Joy is bright.} # one\n' \
		'{layer_id: 1, frequency: 1.5, keywords: [joy], content: Joy is bright.} # one\n'
	mends "layers:\n- layerid: 1\n  frequency: 1.5 # é\n  keywords: [é]\n  contents: Joy is bright. # ü\n" \
		"layers:\n- layer_id: 1\n  frequency: 1.5 # é\n  keywords: [é]\n  content: Joy is bright. # ü\n"
}

@test "a key is left alone where it is not certain which one is meant" {
	dimension
	keeps "layer_id: 1\nfrequency: 1.5\nfrequncy: 2\n$REST"
	keeps "layer_id: 1\nfrequency: 1.5\nauthor: me\n$REST"
	keeps "layer_id: 1\n? - frequncy\n: 1.5\n$REST"
	# A word of its own is not a title because it is short.
	keeps "layer_id: 1\nfrequency: 1.5\nfile: joy.txt\n$REST"
	keeps "layer_id: 1\nfrequency: 1.5\ntime: 2024-10-24\n$REST"
	# Another word is told about; only its author knows.
	keeps "id: 1\nfrequency: 1.5\n$REST"
	keeps "layer_id: 1\nfrequency: 1.5\nname: Joy\n$REST"
}

@test "nothing is lost that stands in a key: an anchor that has aliases, or the value" {
	dimension
	keeps "layer_id: 1\n&k frequncy: 1.5\ntitle: *k\n$REST"
	keeps 'layer_id: 1\nfrequency: 1.5\nkeywords:a: [joy]\ncontent: Joy is bright.\n'
	keeps '{layer_id: 1, frequncy:1.5, keywords: [joy], content: Joy is bright.}\n'
	mends '{layer_id: 1, frequency:1.5, title:Joy, keywords: [joy], content: Joy is bright.}\n' \
		'{layer_id: 1, frequency: 1.5, title: Joy, keywords: [joy], content: Joy is bright.}\n'
}

@test "of two misspellings of one key the first is mended, the second told about" {
	dimension
	printf '%b' "layer_id: 1\nfrequncy: 1.5\nfrequenzy: 2\n$REST" >sources/D01/010.yaml
	run_status 1 "$DIMC" check --fix sources
	printf '%b' "layer_id: 1\nfrequency: 1.5\nfrequenzy: 2\n$REST" | diff - sources/D01/010.yaml
	contains "$err" 'has no key "frequenzy"'
}

@test "a keyword that is given twice goes, with its comma or its line" {
	dimension
	mends "layer_id: 1\nfrequency: 1.5\nkeywords: [joy, delight, joy , \"joy\"] # words\ncontent: Joy is bright.\n" \
		"layer_id: 1\nfrequency: 1.5\nkeywords: [joy, delight ] # words\ncontent: Joy is bright.\n"
	mends 'layer_id: 1\nfrequency: 1.5\nkeywords:\n  # first\n  - joy\n  - delight # why\n  - joy\n  # last\ncontent: Joy is bright.\n' \
		'layer_id: 1\nfrequency: 1.5\nkeywords:\n  # first\n  - joy\n  - delight # why\n  # last\ncontent: Joy is bright.\n'
	mends 'layer_id: 1\nfrequency: 1.5\nkeywords:\n- Ärger\n- Ärger\ncontent: Joy is bright.\n' \
		'layer_id: 1\nfrequency: 1.5\nkeywords:\n- Ärger\ncontent: Joy is bright.\n'
}

@test "a keyword stays where a comment would be lost with it, or its comma is elsewhere" {
	dimension
	keeps 'layer_id: 1\nfrequency: 1.5\nkeywords:\n  - joy\n  - joy # this one\ncontent: Joy is bright.\n'
	keeps 'layer_id: 1\nfrequency: 1.5\nkeywords: [joy, # here\n  joy]\ncontent: Joy is bright.\n'
	keeps 'layer_id: 1\nfrequency: 1.5\nkeywords: [&a joy, *a]\ncontent: Joy is bright.\n'
	keeps 'layer_id: 1\nfrequency: 1.5\nkeywords:\n- joy\n- joy\r\r\ncontent: Joy is bright.\n'
	keeps 'layer_id: 1\nfrequency: 1.5\nkeywords: [joy, &a joy]\ntitle: *a\ncontent: Joy is bright.\n'
	keeps 'layer_id: 1\nfrequency: 1.5\nkeywords:\n- joy\n- &a joy\ntitle: *a\ncontent: Joy is bright.\n'
}

@test "blanks at the ends of lines go, but for those of a text; tabs become spaces; line ends stay" {
	dimension
	mends "# why \t\nlayer_id: 1 \nfrequency:\t1.5\t# Hz\t\n   \nkeywords: [joy] \ncontent: | \n  Joy  \n  is\twarm.\t\n  \n  Yes.\n" \
		"# why\nlayer_id: 1\nfrequency: 1.5 # Hz\n\nkeywords: [joy]\ncontent: |\n  Joy  \n  is\twarm.\t\n  \n  Yes.\n"
	mends 'layer_id: 1 \r\nfrequncy: 1.5\r\nkeywords: [joy]\r\ncontent: "Joy is  \r\n  bright."\r\n' \
		'layer_id: 1\r\nfrequency: 1.5\r\nkeywords: [joy]\r\ncontent: "Joy is  \r\n  bright."\r\n'
	mends '\xEF\xBB\xBFlayer_id: 1 \nfrequncy: 1.5\nkeywords: [joy]\ncontent: Joy is bright. ' \
		'\xEF\xBB\xBFlayer_id: 1\nfrequency: 1.5\nkeywords: [joy]\ncontent: Joy is bright.'
}

@test "a no-break space before a key or behind its colon goes" {
	dimension
	mends "\xC2\xA0layer_id: 1\nfrequency:\xC2\xA01.5\n$REST" "layer_id: 1\nfrequency: 1.5\n$REST"
	mends "layer_id:\xC2\xA01\nfrequency:\xC2\xA01.5\nkeywords:\xC2\xA0[joy]\ncontent:\xC2\xA0Joy is bright.\n" \
		"layer_id: 1\nfrequency: 1.5\nkeywords: [joy]\ncontent: Joy is bright.\n"
}

@test "a colon without its space, and what that hid, are mended in one run" {
	dimension
	mends "layer_id: 1\ntitle:Joy\nfrequncy: 1.5\n$REST" "layer_id: 1\ntitle: Joy\nfrequency: 1.5\n$REST"
}

@test "the mended file keeps its mode, and a link its place" {
	dimension
	mkdir elsewhere
	printf '%b' "layer_id: 1\nfrequncy: 1.5\n$REST" >elsewhere/joy.yaml
	chmod 0640 elsewhere/joy.yaml
	ln -s ../../elsewhere/joy.yaml sources/D01/010.yaml
	run_status 0 "$DIMC" check --fix sources
	[[ -L sources/D01/010.yaml && $(stat -c %a elsewhere/joy.yaml) = 640 ]]
	grep -q '^frequency: 1.5$' elsewhere/joy.yaml
	[[ $(find . -name '.*new*' -o -name '*.tmp' | wc -l) -eq 0 ]]
}

@test "what cannot be written is told, and the rest is mended" {
	dimension
	printf '%b' "layer_id: 1\nfrequncy: 1.5\n$REST" >sources/D01/010.yaml
	printf '%b' "layer_id: 2\nfrequncy: 1.5\nkeywords: [sad]\ncontent: Sadness is slow and grey.\n" >sources/D01/020.yaml
	chattr +i sources/D01/010.yaml 2>/dev/null || skip "no file can be made immutable here"
	status=0
	"$DIMC" check --fix sources >out 2>err || status=$?
	chattr -i sources/D01/010.yaml
	[[ $status -eq 3 ]]
	contains "$(cat err)" "cannot mend sources/D01/010.yaml"
	contains "$(cat err)" '[unknown-key]'
	grep -q '^frequency: 1.5$' sources/D01/020.yaml
}

@test "-W decides what is mended, and -q says nothing of it" {
	dimension
	printf '%b' "layer_id: 1 \nfrequency: 1.5\n$REST" >sources/D01/010.yaml
	run_status 0 "$DIMC" check --fix -Wno-trailing-blanks sources
	grep -q ' $' sources/D01/010.yaml
	run_status 0 "$DIMC" check --fix -q sources
	[[ -z $out$err ]]
	run_status 1 grep -q ' $' sources/D01/010.yaml
}

# Every edit that a message offers, made by somebody else, gives what --fix gives: all rejected and suspicious cases.
@test "the edits in the JSON form, applied by another program, give the files that --fix gives" {
	need python3
	cp -r "$ROOT/tests/fixtures/reject/unknown-key" "$ROOT/tests/fixtures/reject/keyword-duplicate" \
		"$ROOT/tests/fixtures/warn/trailing-blanks" "$ROOT/tests/fixtures/warn/tab" "$ROOT/tests/fixtures/reject/syntax" .
	count=0
	for case in */*/; do
		[[ -e $case/make.sh || -e $case/env || ! -d $case/sources ]] && continue
		cp -r "$case/sources" theirs
		cp -r "$case/sources" ours
		"$DIMC" check --diagnostics=json theirs >/dev/null 2>told || true
		applied=$(python3 "$ROOT/tests/apply_edits.py" told)
		[[ $applied -gt 0 ]] || { rm -r theirs ours; continue; }
		count=$((count + applied))
		# --fix may go on where one round of edits ends.
		"$DIMC" check --fix ours >/dev/null 2>&1 || true
		"$DIMC" check --fix theirs >/dev/null 2>&1 || true
		diff -r theirs ours
		rm -r theirs ours
	done
	[[ $count -ge 15 ]]
}
