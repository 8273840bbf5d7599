#!/usr/bin/env bats
# author.bats: a new author, who knows what docs/authoring.md says: begins a layer, breaks it in the ways that people do, mends it as the
# message says and in no other way, and publishes.
# In: the built program. Out: messages that lead to the mend.
# shellcheck disable=SC2154,SC2016,SC2030,SC2031 # out and err are set by run_status; backticks of Markdown; a file for each test

load lib

# A dimension, and a layer in $file that was begun with dimc new and filled in.
setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	"$DIMC" new -q --dimension D01 Emotion >/dev/null
	file=$("$DIMC" new -q D01 'Fear of heights')
	sed -i 's/^frequency: .*/frequency: 1.5/; s/^keywords: .*/keywords: [fear, heights, vertigo]/' "$file"
	printf '  Height makes the body careful before the mind agrees.\n' >>"$file"
	cp "$file" right.yaml
}

# broken_at LINE: the sources are rejected, nothing is published, and every message is an error at this line of $file.
broken_at() {
	run_status 1 "$DIMC" compile sources -o volume --no-sync
	[[ ! -e volume ]]
	[[ $(grep -c ': error: ' <<<"$err") -ge 1 ]]
	lacks "$err" ': warning: '
	if grep ': error: ' <<<"$err" | grep -v "^$file:$1:"; then
		printf 'not at line %s\n%s\n' "$1" "$err"
		return 1
	fi
}

line_of() {
	grep -n "$1" "$file" | head -n 1 | cut -d: -f1
}

# mend_by_edits N: the edits of the messages, as an editor applies them.
mend_by_edits() {
	need python3
	"$DIMC" check sources --diagnostics=json 2>edits.json || true
	[[ $(python3 -B "$ROOT/tests/apply_edits.py" edits.json) = "$1" ]]
}

# publishes: without a message, and what is published is the text.
publishes() {
	run_status 0 "$DIMC" compile sources -o volume --no-sync
	[[ -z $err ]]
	run_status 0 "$DIMC" show volume D01/1
	[[ $out = 'Height makes the body careful before the mind agrees.' ]]
}

@test "a draft that was filled in is right, has the form, and is published" {
	run_status 0 "$DIMC" check sources
	run_status 0 "$DIMC" fmt --check sources
	publishes
}

@test "a misspelt key: the message names the right one, and its edit writes it" {
	sed -i 's/^frequency/frequncy/' "$file"
	broken_at "$(line_of ^frequncy)"
	contains "$err" 'did you mean "frequency"?'
	contains "$err" '`dimc check --fix sources` mends it'
	cp "$file" broken.yaml
	mend_by_edits 1
	cmp "$file" right.yaml
	cp broken.yaml "$file"
	run_status 0 "$DIMC" check sources --fix
	cmp "$file" right.yaml
	publishes
}

@test "a colon without its space: the message shows where, whichever the line, and its edit writes it" {
	for key in layer_id title frequency keywords; do
		sed -i "s/^$key: /$key:/" "$file"
		broken_at "$(line_of "^$key:")"
		contains "$err" "\"$key:\" needs a space behind it to be a key"
		contains "$err" 'write a space behind the colon'
		mend_by_edits 1
		cmp "$file" right.yaml
	done
	publishes
}

@test "a text that is not indented: the message stands at its line, and tells to indent it" {
	sed -i 's/^  Height/Height/' "$file"
	broken_at "$(line_of ^Height)"
	contains "$err" 'this was taken for a key, and has no colon in its line'
	contains "$err" 'the lines of a text are indented, below "content: |"'
	sed -i 's/^Height/  Height/' "$file"
	publishes
}

@test "a tab in front of a text or of a key: the message stands at its line, and tells to replace it" {
	for begin in '  Height' frequency; do
		sed -i "s/^$begin/\t${begin# *}/" "$file"
		broken_at "$(line_of $'^\t')"
		contains "$err" 'a tab where spaces should indent'
		contains "$err" 'replace the tab by spaces'
		cp right.yaml "$file"
	done
	sed -i 's/^  Height/\tHeight/; s/\t/  /' "$file"
	publishes
}

@test "a key that is not below the others: the message stands at its line, and shows the column" {
	sed -i 's/^frequency/ frequency/' "$file"
	broken_at "$(line_of '^ frequency')"
	contains "$err" 'stand in one column'
	cp right.yaml "$file"
	publishes
}

@test "a layer_id that another layer has: the message shows both, and names a number that is free" {
	copy=$file
	file=sources/D01-emotion/020-vertigo.yaml
	sed 's/^title: .*/title: Vertigo/; s/Height.*/The ground seems to turn, and the eyes disagree with the ears./' "$copy" >"$file"
	line=$(line_of ^layer_id)
	broken_at "$line"
	contains "$err" 'layer_id 1 is used twice'
	contains "$err" "$copy:$(grep -n ^layer_id "$copy" | cut -d: -f1):11: note: first used here"
	contains "$err" 'give it another number; 2 is free'
	sed -i 's/^layer_id: 1$/layer_id: 2/' "$file"
	publishes
	run_status 0 "$DIMC" show volume D01/2
	contains "$out" 'The ground seems to turn'
}

@test "a frequency with its unit, or with a comma: the message shows it, and how it is written" {
	sed -i 's/^frequency: 1.5/frequency: 1.5 Hz/' "$file"
	broken_at "$(line_of ^frequency)"
	contains "$err" 'not "1.5 Hz"'
	contains "$err" 'with a point and without a unit: 1.5'
	sed -i 's/ Hz//' "$file"
	publishes
	rm -r volume
	sed -i 's/^frequency: 1.5/frequency: 1,5/' "$file"
	broken_at "$(line_of ^frequency)"
	contains "$err" 'with a point and without a unit: 1.5'
}

@test "a list, a quote or a title's colon that YAML takes otherwise: the message stands at the line that was typed wrong" {
	sed -i 's/^keywords: .*/keywords: [fear, heights, vertigo/' "$file"
	broken_at "$(line_of ^keywords)"
	contains "$err" 'close it with "]"'
	sed -i '/^#/d; /^$/d' "$file" # without what parts it from the next key
	broken_at "$(line_of ^keywords)"
	cp right.yaml "$file"
	sed -i 's/^title: .*/title: "Fear of heights/' "$file"
	broken_at "$(line_of ^title)"
	contains "$err" 'close the quotes'
	cp right.yaml "$file"
	sed -i 's/^title: .*/title: Fear: of heights/' "$file"
	broken_at "$(line_of ^title)"
	contains "$err" 'put the text into quotes'
	cp right.yaml "$file"
	sed -i 's/^frequency: /frequency = /' "$file"
	broken_at "$(line_of ^frequency)"
	contains "$err" 'a key needs a colon and a space'
	cp right.yaml "$file"
	sed -i 's/^keywords: .*/keywords: fear, heights, vertigo/' "$file"
	broken_at "$(line_of ^keywords)"
	contains "$err" 'write a list: [one, two]'
}
