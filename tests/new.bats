#!/usr/bin/env bats
# new.bats: `dimc new`: layers and dimensions that an author fills in.
# In: the built program. Out: the files it writes, and what the compiler says to them.
# shellcheck disable=SC2154 # out and err are set by run_status

load lib

# fill FILE: what an author does with a draft.
fill() {
	printf '  A text, at last.\n' >>"$1"
}

@test "a new layer takes the next number in its dimension and in the names of its files, and prints its path" {
	make_sources sources
	run_status 0 "$DIMC" new D01 'Fear of heights, and AI: the “view” — down'
	[[ $out = sources/D01-emotion/030-fear-of-heights-and-ai-the-view-down.yaml ]]
	contains "$err" 'dimc check sources'
	grep -qx 'layer_id: 3' "$out"
	grep -qx 'title: "Fear of heights, and AI: the “view” — down"' "$out"
	grep -qx 'keywords: \[fear, heights, AI, view, down\]' "$out"
	run_status 0 "$DIMC" new -q D01 Awe
	[[ $out = sources/D01-emotion/040-awe.yaml && -z $err ]]
	grep -qx 'layer_id: 4' "$out"
}

@test "what new wrote is rejected until its content is written, at the place where it belongs, and compiles then" {
	make_sources sources
	run_status 0 "$DIMC" new D02 'Working memory'
	file=$out
	run_status 1 "$DIMC" compile sources -o volume --no-sync
	contains "$err" "$file:$(grep -n '^content' "$file" | cut -d: -f1):10: error: the content is empty [content-empty]"
	contains "$err" '1 error in 1 file'
	[[ ! -e volume ]]
	fill "$file"
	run_status 0 "$DIMC" compile sources -o volume --no-sync
	run_status 0 "$DIMC" show volume D02/2
	[[ $out = 'A text, at last.' ]]
	run_status 0 "$DIMC" fmt --check sources/D02-cognition
	run_status 0 "$DIMC" find volume memory
	contains "$out" 'D02/2'
}

@test "the frequency lies in the dimension's range, however narrow, and a comment tells the range" {
	make_sources sources
	for range in '0.5, 2.5' '1.00001, 1.00002' '3, 3' '1.0e-300, 2.0e-300' '1.0e+308, 1.7e+308' '0.1, 5000'; do
		make_dimension sources/D02-cognition 2 Cognition
		printf 'frequency_range: [%s]\n' "$range" >>sources/D02-cognition/dimension.yaml
		rm sources/D02-cognition/0*
		run_status 0 "$DIMC" new -q 2 Range
		fill "$out"
		run_status 0 "$DIMC" check sources
	done
	run_status 0 "$DIMC" new -n D02 Again
	contains "$out" '# In Hz, from 0.1 to 5000.0'
}

@test "a dimension is named by its number in any form, or by its folder" {
	make_sources sources
	mv sources/D02-cognition sources/thinking
	for name in D02 D2 d02 2 thinking thinking/ sources/thinking sources/thinking/; do
		run_status 0 "$DIMC" new -n "$name" Attention --json
		contains "$out" '"path": "sources/thinking/020-attention.yaml"'
		contains "$out" '"dimension_id": 2'
		contains "$out" '"layer_id": 2'
		contains "$out" '"written": false'
	done
	run_status 0 "$DIMC" new -n -s sources/thinking D02 Attention
	[[ $(find sources -type f | wc -l) -eq 5 ]]
}

@test "a dimension that is not there is answered with those that are, and with the command that makes it" {
	make_sources sources
	run_status 9 "$DIMC" new D07 Title
	contains "$err" 'sources has no dimension "D07"'
	contains "$err" 'there are D01-emotion, D02-cognition'
	contains "$err" 'dimc new --dimension D07 NAME'
	run_status 9 "$DIMC" new joy Title
	lacks "$err" '--dimension'
	run_status 3 "$DIMC" new -s nowhere D01 Title
	contains "$err" 'cannot open the sources nowhere'
	run_status 2 "$DIMC" new D01
	run_status 2 "$DIMC" new D01 Fear of heights
	contains "$err" 'put the title into quotes: dimc new D01 "Fear of heights"'
	run_status 2 "$DIMC" new D01 ''
	contains "$err" 'the title is empty'
	run_status 2 "$DIMC" new D01 $'two\nlines'
	run_status 2 "$DIMC" new D01 $'\xff'
	contains "$err" 'not UTF-8'
	run_status 2 "$DIMC" new D01 "$(printf 'x%.0s' {1..201})"
	contains "$err" 'at most 200'
	[[ $(find sources -type f | wc -l) -eq 5 ]]
}

@test "every title that may be is quoted as YAML wants it, and comes back from the region" {
	make_dimension sources/D01-all 1 All
	n=0
	for title in 'no' '- dash' 'a: b' '"quoted"' "it's" '# hash' '[list]' 'tab is none' '1.0' '~' 'ends with :' '东京' '🙂' \
		'!!!' ' spaces ' '\back' "$(printf 'é%.0s' {1..200})" "$(printf 'word%s ' {1..28})"; do
		run_status 0 "$DIMC" new -q 1 -- "$title"
		n=$((n + 1))
		fill "$out"
		# Without a word in the title, the keywords are the author's to write.
		sed -i 's/^keywords: \[\]$/keywords: [none]/' "$out"
		printf '%s\n' "$title" >>titles
	done
	run_status 0 "$DIMC" compile sources -o volume --no-sync
	need jq
	jq -r '.layers[].title' volume/consciousness/D01/index.json | cmp - titles
	[[ $n -eq 18 ]]
}

@test "where a title has no word, the keywords are left to the author, and check says so" {
	make_sources sources
	for title in '!!!' $'\xe2\x9d\xa4\xef\xb8\x8f'; do
		run_status 0 "$DIMC" new -q 1 "$title"
		file=$out
		grep -qx 'keywords: \[\]' "$file"
		fill "$file"
		run_status 1 "$DIMC" check sources
		contains "$err" 'a layer needs at least one keyword [keywords]'
		rm "$file"
	done
}

@test "sources with mistakes still tell the next number: unfinished layers, broken YAML, duplicates, a broken dimension.yaml" {
	make_sources sources
	for want in 3 4 5; do
		run_status 0 "$DIMC" new -q 1 Unfinished
		grep -qx "layer_id: $want" "$out"
	done
	printf 'layer_id: 14\ntitle: "never closed\n' >sources/D01-emotion/060-broken.yaml
	printf '{"layer_id": 12, "frequency": }\n' >sources/D01-emotion/070-flow.yaml
	run_status 0 "$DIMC" new -q 1 After
	[[ $out = sources/D01-emotion/080-after.yaml ]]
	grep -qx 'layer_id: 15' "$out"
	printf 'dimension_id: one\n' >sources/D01-emotion/dimension.yaml
	run_status 0 "$DIMC" new -q D01 Later
	grep -qx 'layer_id: 16' "$out"
	make_layer sources/D02-cognition/020-last.yaml 4294967295 1.0 last Last.
	run_status 2 "$DIMC" new -q D02 Beyond
	contains "$err" 'the largest layer_id there can be, 4294967295'
}

@test "file names go on as they run: in tens, or one by one, and as wide" {
	make_dimension sources/D01-one 1 One
	run_status 0 "$DIMC" new -nq --json 1 First
	contains "$out" 'D01-one/010-first.yaml'
	for n in 01 02 03; do make_layer sources/D01-one/0$n-x.yaml $n 1.0 x x; done
	run_status 0 "$DIMC" new -nq --json 1 Next
	contains "$out" 'D01-one/004-next.yaml'
	rm sources/D01-one/0*
	for n in 0010 0020 0025; do make_layer sources/D01-one/$n-x.yaml 1 1.0 x x; done
	run_status 0 "$DIMC" new -nq --json 1 Next
	contains "$out" 'D01-one/0030-next.yaml'
	make_layer sources/D01-one/0990-x.yaml 1 1.0 x x
	run_status 0 "$DIMC" new -nq --json 1 Next
	contains "$out" 'D01-one/1000-next.yaml'
	touch sources/D01-one/2000-notes.txt sources/D01-one/.5000-swap.yaml
	run_status 0 "$DIMC" new -nq --json 1 Next
	contains "$out" 'D01-one/1000-next.yaml'
}

@test "no file is ever replaced, no link followed, and what cannot be written leaves nothing" {
	need_modes
	make_sources sources
	mkdir sources/D01-emotion/030-awe.yaml
	run_status 0 "$DIMC" new -q 1 Awe
	[[ $out = sources/D01-emotion/040-awe.yaml ]]
	rmdir sources/D01-emotion/030-awe.yaml
	ln -s ../../elsewhere sources/D01-emotion/050-joy.yaml
	run_status 0 "$DIMC" new -q 1 Joy
	[[ $out = sources/D01-emotion/060-joy.yaml && ! -e elsewhere ]]
	before=$(snapshot sources)
	chmod a-w sources/D01-emotion
	run_status 3 as_author "$DIMC" new -q 1 Fear
	contains "$err" 'cannot create sources/D01-emotion/070-fear.yaml'
	chmod u+w sources/D01-emotion
	# A file of at most zero bytes: the write fails after the file was made.
	status=0
	(
		trap '' XFSZ
		ulimit -f 0
		"$DIMC" new -q 1 Fear
	) >/dev/null 2>&1 || status=$?
	[[ $status -eq 3 ]]
	[[ $(snapshot sources) = "$before" ]]
}

@test "a number that only looks free, because a folder cannot be read, is not taken" {
	need_modes
	make_sources sources
	chmod 0 sources/D02-cognition
	for arguments in 'D02 Title' 'D07 Title' '--dimension D02 Name'; do
		# shellcheck disable=SC2086 # words
		run_status 3 as_author "$DIMC" new $arguments
		contains "$err" 'not all of sources could be read'
		contains "$err" 'says what, and why'
		lacks "$err" 'makes it'
	done
	run_status 0 as_author "$DIMC" new -n D01 Title
	chmod 755 sources/D02-cognition
	[[ $(find sources | wc -l) -eq 8 ]]
	run_status 3 "$DIMC" new -s sources/D01-emotion/dimension.yaml D01 Title
	contains "$err" 'Not a directory'
}

@test "a lock that somebody else keeps ends it with 3 after seconds, and the dry run needs none" {
	need flock
	make_sources sources
	exec 8<sources/D01-emotion
	flock 8
	run_status 0 "$DIMC" new -n D01 Title 8<&-
	run_status 3 timeout 60 "$DIMC" new D01 Title 8<&-
	contains "$err" 'another program has held a lock on sources/D01-emotion'
	exec 8<&-
	run_status 0 "$DIMC" new -q D01 Title
}

@test "sixteen at once get sixteen numbers" {
	make_sources sources
	for n in {1..16}; do
		"$DIMC" new -q D01 "Title $n" >"out.$n" &
	done
	wait
	[[ $(cat sources/D01-emotion/*.yaml | grep -c '^layer_id') -eq 18 ]]
	[[ $(cat sources/D01-emotion/*.yaml | grep '^layer_id' | sort -u | wc -l) -eq 18 ]]
	for n in {1..8}; do
		"$DIMC" new -q --dimension D09 "Name $n" >"out.$n" 2>/dev/null &
	done
	wait
	[[ $(find sources -path '*D09*' -name dimension.yaml | wc -l) -eq 1 ]]
}

@test "a new dimension gets its folder, also in a new tree; its number must be free" {
	run_status 0 "$DIMC" new --dimension D15 'Nähe: what is close'
	[[ $out = sources/D15-nahe-what-is-close/dimension.yaml ]]
	contains "$err" 'dimc new D15'
	run_status 1 "$DIMC" check sources
	contains "$err" 'the dimension has no layers'
	run_status 0 "$DIMC" new -q 15 'A first layer'
	fill "$out"
	# What the comments show is right, too.
	sed -i 's/^# \(description\|  \.\.\.\|created_at\|frequency_range\)/\1/' sources/D15-*/dimension.yaml
	run_status 0 "$DIMC" compile sources -o volume --no-sync
	contains "$out" '1 dimension, 1 layer'
	run_status 2 "$DIMC" new --dimension 15 Other
	contains "$err" 'D15 is there already: sources/D15-nahe-what-is-close'
	contains "$err" 'the next number that is free is D16'
	run_status 2 "$DIMC" new --dimension fifteen Other
	run_status 2 "$DIMC" new --dimension 0 Other
	run_status 2 "$DIMC" new --dimension 65536 Other
	run_status 2 "$DIMC" new --dimension D16 "$(printf 'x%.0s' {1..101})"
	run_status 2 "$DIMC" new --dimension -s sources/D15-nahe-what-is-close D16 Inside
	contains "$err" 'is the folder of one dimension'
	run_status 0 "$DIMC" new --dimension -n D16 Other
	contains "$out" 'dimension_id: 16'
	[[ $(find sources -mindepth 1 -maxdepth 1 | wc -l) -eq 1 ]]
	# Layers that were begun without it.
	mkdir sources/D16-other
	run_status 0 "$DIMC" new --dimension -q D16 Other
	[[ $out = sources/D16-other/dimension.yaml ]]
}
