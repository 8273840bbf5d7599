#!/usr/bin/env bats
# What build tools get from dimc: a stamp, a depfile, a comparison; read by the real make and Ninja.
# In: small sources. Out: how often dimc runs, and what it leaves.
# shellcheck disable=SC2154 # out and err are set by run_status

load lib

@test "a name that make cannot read gives no depfile, and nothing is published" {
	make_sources sources
	"$DIMC" compile -q sources -o v --stamp stamp -MD
	cp stamp.d before
	for name in $'a\nb.yaml' 'files/a(1)' 'a[1].yaml'; do
		mkdir -p "sources/D01-emotion/files"
		if [[ $name = files/* ]]; then
			echo text >"sources/D01-emotion/$name"
			printf 'layer_id: 7\nfrequency: 1\nkeywords: [a]\ncontent_file: %s\n' "$name" >sources/D01-emotion/7.yaml
		else
			make_layer "sources/D01-emotion/$name" 7 1.0 a b
		fi
		if [[ $name = a\[* ]]; then
			# Alone it stands for itself; beside a1.yaml make takes it for that.
			run_status 0 "$DIMC" check -q sources --stamp alone -MD
			make_layer sources/D01-emotion/a1.yaml 8 1.0 a b
		fi
		touch -d '2001-01-01' stamp
		run_status 1 "$DIMC" compile sources -o v --stamp stamp -MD
		contains "$err" "sources/D01-emotion/${name//$'\n'/?}: make cannot read this name in a depfile"
		contains "$err" 'rename it'
		cmp stamp.d before
		[[ $(stat -c %Y stamp) -eq $(date -d 2001-01-01 +%s) ]]
		run_status 4 "$DIMC" compile sources -o v --check
		rm -rf "sources/D01-emotion/$name" sources/D01-emotion/7.yaml
	done
}

@test "a name that Ninja cannot read is a warning" {
	make_sources sources
	mv sources/D01-emotion/010-joy.yaml "sources/D01-emotion/it's.yaml"
	run_status 0 "$DIMC" check -q sources --stamp stamp -MD
	contains "$err" "warning: sources/D01-emotion/it's.yaml: make reads this name in the depfile, Ninja does not"
	[[ -e stamp.d ]]
	run_status 0 "$DIMC" check -q sources --stamp stamp
	[[ -z $err ]]
}

@test "the depfile has every file and directory that was looked at, .env, and links to links" {
	make_sources sources
	mkdir -p sources/D01-emotion/files/deep sources/notes elsewhere third
	echo text >sources/D01-emotion/files/deep/text
	printf 'layer_id: 7\nfrequency: 1\nkeywords: [a]\ncontent_file: files/deep/text\n' >sources/D01-emotion/7.yaml
	touch .env
	mv sources/D02-cognition/010-attention.yaml third/
	ln -s ../third/010-attention.yaml elsewhere/second
	ln -s ../../elsewhere/second sources/D02-cognition/linked.yaml
	run_status 0 "$DIMC" compile -q sources -o v -MD
	tr -d '\134' <v.d | tr ' ' '\n' | grep -v '^$' | LC_ALL=C sort >got
	LC_ALL=C sort >want <<-'END'
		v/consciousness/manifest.json:
		./.env
		sources
		sources/D01-emotion
		sources/D01-emotion/010-joy.yaml
		sources/D01-emotion/020-grief.yaml
		sources/D01-emotion/7.yaml
		sources/D01-emotion/dimension.yaml
		sources/D01-emotion/files
		sources/D01-emotion/files/deep
		sources/D01-emotion/files/deep/text
		sources/D02-cognition
		sources/D02-cognition/../../elsewhere
		sources/D02-cognition/dimension.yaml
		sources/D02-cognition/linked.yaml
		sources/notes
	END
	diff want got
	cp v.d before
	for jobs in 1 2 7; do
		run_status 0 "$DIMC" compile -q sources -o v -MD -j $jobs
		cmp v.d before
	done
}

@test "-MF, -MT, -MQ, -MP and -C say what the depfile is about" {
	make_sources sources
	# shellcheck disable=SC2016 # these are names
	run_status 0 "$DIMC" compile -q sources -o v -MD -MF deps -MT 'a b' -MT '$c' -MQ 'd e$' -MQf%g
	# shellcheck disable=SC2016
	[[ $(head -n 1 deps) = 'a b $c d\ e$$ f\%g: '* ]]
	[[ ! -e v.d ]]
	run_status 0 "$DIMC" check -q sources -MD -MF deps -MT t -MP -d D02
	[[ $(grep -c ':$' deps) -eq 6 ]]
	lacks "$(cat deps)" joy
	mkdir below
	mv sources below/
	run_status 0 "$DIMC" -C below compile -q sources -o v --stamp stamp -MD
	[[ $(head -n 1 below/stamp.d) = 'below/stamp: '* ]]
	contains "$(cat below/stamp.d)" ' below/sources/D01-emotion/010-joy.yaml'
	run_status 0 "$DIMC" compile -q below/sources/D02-cognition -o v --proto p -MD -MF deps
	[[ $(head -n 1 deps) = 'v/proto/p.mmap: '* ]]
	# One file without a folder, which make would take for a word of its own.
	printf 'dimension_id: 3\nname: One\nlayers: [{layer_id: 1, frequency: 1, keywords: [a], content: a}]\n' | tee export >a=b
	run_status 0 "$DIMC" compile -q export -o v --proto p -MD -MF deps
	[[ $(cat deps) = 'v/proto/p.mmap: ./export' ]]
	run_status 1 "$DIMC" compile -q a=b -o v --proto p -MD -MF deps
	contains "$err" 'a=b: with a = in every name, make takes the rule for an assignment'
	rm a=b
	for wrong in '-MF deps' '-MT t' '-MQ t' -MP '-n -MD' '-n --stamp s' '--check -MD' '--proto p -MD' '--stamp a=b -MD'; do
		# shellcheck disable=SC2086 # words
		run_status 2 "$DIMC" compile below/sources -o v $wrong
	done
	run_status 2 "$DIMC" check below/sources -MD
	[[ ! -e s && ! -e a=b ]]
}

@test "a stamp or a depfile among the sources would mean builds for ever: it is refused" {
	make_sources sources
	for place in sources sources/D01-emotion; do
		run_status 1 "$DIMC" compile sources -o v --stamp $place/stamp -MD
		contains "$err" "the stamp, the depfile or the trace is in $place"
		run_status 1 "$DIMC" compile sources -o v --stamp stamp -MD -MF $place/deps
	done
	[[ ! -e v/consciousness/manifest.json && ! -e stamp && $(find sources -name 'stamp*' -o -name deps) = '' ]]
}

@test "a stamp or a depfile in what publishing replaces would be gone with it: it is refused, and so is one file for both" {
	make_sources sources
	"$DIMC" compile -q sources -o v
	before=$(snapshot v/consciousness)
	ln -s v/consciousness/D01 link
	for place in v/consciousness v/consciousness/D01 link; do
		run_status 2 "$DIMC" compile sources -o v --stamp $place/stamp
		contains "$err" 'the stamp is in v/consciousness, which is replaced as a whole'
		run_status 2 "$DIMC" compile sources -o v/ -MD -MF $place/deps
		contains "$err" 'the depfile is in v/consciousness, which is replaced as a whole'
		run_status 2 env MMAP_BASE_PATH=v "$DIMC" check sources --stamp $place/manifest.json
	done
	[[ $(snapshot v/consciousness) = "$before" ]]
	run_status 0 "$DIMC" compile sources -o v --stamp v/stamp -MD
	run_status 2 "$DIMC" compile sources -o v --stamp one -MD -MF ./one
	contains "$err" 'one cannot be both the stamp and the depfile'
	[[ ! -e one ]]
}

@test "a stamp holds the generation, is touched by every success, and by nothing else" {
	make_sources sources
	run_status 0 "$DIMC" compile -q sources -o v --stamp stamp -MD
	[[ $(cat stamp) = "$(sed -n 's/.*"generation": "sha256:\(.*\)".*/\1/p' v/consciousness/manifest.json)" ]]
	touch -d 2001-01-01 stamp stamp.d
	run_status 0 "$DIMC" compile sources -o v --stamp stamp -MD
	contains "$out" 'up to date'
	[[ $(stat -c %Y stamp) -gt $(stat -c %Y stamp.d) ]]
	cp stamp first
	for command in 'compile sources -o v --check' 'check sources'; do
		touch -d 2001-01-01 stamp
		# shellcheck disable=SC2086 # words
		run_status 0 "$DIMC" $command --stamp stamp -MD
		cmp stamp first
		[[ $(stat -c %Y stamp) -gt $(stat -c %Y first)-100 ]]
	done
	touch -d 2001-01-01 stamp
	snapshot . | grep stamp >before
	make_layer sources/D02-cognition/020-new.yaml 2 1.0 a new
	run_status 4 "$DIMC" compile sources -o v --check --stamp stamp -MD
	echo 'frequncy: 1' >>sources/D02-cognition/020-new.yaml
	run_status 1 "$DIMC" compile sources -o v --stamp stamp -MD
	run_status 1 "$DIMC" check sources --stamp stamp -MD
	rm sources/D02-cognition/020-new.yaml
	# shellcheck disable=SC2016 # by the inner shell
	run_status 3 sh -c '"$1" check sources --stamp stamp -MD >/dev/full' sh "$DIMC"
	run_status 3 "$DIMC" compile sources -o v --stamp nowhere/stamp
	run_status 3 "$DIMC" check sources --stamp "$(printf 's%.0s' {1..256})"
	[[ -z $out ]] # said before the work
	run_status 2 "$DIMC" compile sources -o v --stamp /dev/null
	run_status 2 "$DIMC" check sources --stamp stamp -MD -MF /dev/null
	snapshot . | grep stamp | diff before -
	[[ -c /dev/null ]]
}

@test "what is saved while dimc runs is newer than the stamp" {
	need strace
	export ASAN_OPTIONS=detect_leaks=0 # a leak sanitizer cannot look while strace does
	make_sources sources
	run_status 0 strace -qq -f -e trace=openat -e inject=openat:delay_exit=10000 \
		"$DIMC" check -q sources --stamp stamp
	touch now
	[[ $(($(stat -c %.9Y now | tr -d .) - $(stat -c %.9Y stamp | tr -d .))) -gt 50000000 ]]
}

# --- a comparison for CI -------------------------------------------------------------------------------------------

# A volume in which everything that can differ does: D01 stale, D02 damaged, D03 missing, D04 not in the sources, strays.
make_differences() {
	make_sources sources
	make_dimension sources/D04-old 4 Old
	make_layer sources/D04-old/1.yaml 1 1.0 old 'Something that is old.'
	"$DIMC" compile -q sources -o v --no-sync
	rm -r sources/D04-old
	make_dimension sources/D03-new 3 New
	make_layer sources/D03-new/1.yaml 1 1.0 new 'Something that is new.'
	make_layer sources/D01-emotion/030-awe.yaml 3 1.0 awe 'Awe is vast.'
	flip v/consciousness/D02/region.mmap 4097
	add_strays
}

add_strays() {
	mkdir -p v/consciousness/lost/deep
	echo stray >v/consciousness/lost/deep/file
	echo stray >v/consciousness/"a b"
}

@test "--check lists stale, missing, damaged and foreign, with counts and the command that mends it; status 4" {
	make_differences
	run_status 4 "$DIMC" compile sources -o v --check
	lacks "$err" error
	diff - <(printf '%s\n' "$out") <<-'END'
		v is not what the sources give:
		D01 stale: 3 layers, 2 published
		D02 damaged: region.mmap
		D03 missing
		D04 not in the sources
		a b foreign
		lost foreign
		see the layers with: dimc diff v sources
		mend it with: dimc compile sources -o v
	END
	need jq
	run_status 4 "$DIMC" compile sources -o v --check --json
	jq -e '.up_to_date == false and .foreign == ["a b", "lost"] and .mend == "dimc compile sources -o v"' <<<"$out"
	[[ $(jq -r '[.dimensions[].change] | join(" ")' <<<"$out") = 'changed repaired added removed' ]]
	jq -e '.dimensions[0] | .layer_count == 3 and .published_layer_count == 2' <<<"$out"
	jq -e '.dimensions[1].damaged == "region.mmap"' <<<"$out"
	"$DIMC" compile -q sources -o v
	run_status 0 "$DIMC" compile sources -o v --check --json
	jq -e '.up_to_date and (has("mend") | not)' <<<"$out"
}

@test "what is foreign alone is a difference, too, and the command takes it away" {
	make_sources sources
	"$DIMC" compile -q sources -o v --layer-files
	run_status 0 "$DIMC" compile sources -o v --check --layer-files
	add_strays
	echo stray >v/consciousness/D01/layers/note
	mkdir v/consciousness/D02/empty v/consciousness/D07
	ln -s nowhere v/consciousness/link
	run_status 4 "$DIMC" compile sources -o v --check --layer-files
	[[ $(grep -c ' foreign$' <<<"$out") -eq 6 ]]
	contains "$out" 'D01/layers/note foreign'
	run_status 4 "$DIMC" compile sources -o v --check --layer-files -d D02
	lacks "$out" D01
	run_status 4 "$DIMC" compile sources -o v --check --layer-files
	eval "${out##*mend it with: }"
	run_status 0 "$DIMC" compile sources -o v --check --layer-files
	run_status 0 "$DIMC" verify --strict v
}

@test "the commands that --check prints are right where they are read: with -C, and with names that begin with a dash" {
	PATH=$(dirname "$DIMC"):$PATH
	mkdir -p -- 'a b/c'
	make_sources 'a b/c/-s'
	run_status 4 dimc -C 'a b/c' compile -o -v --check -- -s
	contains "$out" "mend it with: dimc -C 'a b/c' compile ./-s -o ./-v"
	eval "${out##*mend it with: }"
	echo '  More.' >>'a b/c/-s/D01-emotion/010-joy.yaml'
	run_status 4 dimc -C 'a b/c' compile -o -v --check -- -s
	said=$out
	look=${said##*see the layers with: }
	eval "run_status 4 ${look%%$'\n'*}"
	eval "${said##*mend it with: }"
	touch 'a b/c/-v/consciousness/-rf'
	for volume in -v "$PWD/a b/c/-v"; do
		run_status 4 dimc -C 'a b/c' compile -o "$volume" --check -- -s
		contains "$out" "mend it with: rm -r -- '"
		(eval "${out##*mend it with: }")
		run_status 0 dimc -C 'a b/c' compile -o "$volume" --check -- -s
		touch 'a b/c/-v/consciousness/-rf'
	done
}

# state: every file and directory of the volume and the sources with mode, times and inode, and every content.
state() {
	find v sources -printf '%p %m %T@ %C@ %i %s\n' | LC_ALL=C sort
	find v sources -type f -exec sha256sum {} + | LC_ALL=C sort
}

@test "--check writes nothing, and needs no right to" {
	need_modes
	make_differences
	state >before
	for options in '' --json -q '-d D01,D02' --layer-files; do
		# shellcheck disable=SC2086 # words
		run_status 4 "$DIMC" compile sources -o v --check $options
	done
	state | diff before -
	chmod -R a-w v sources
	state >before
	run_status 4 as_author "$DIMC" compile sources -o v --check
	state | diff before -
	chmod -R u+w v sources
}

@test "--check with a full standard output says so with 3" {
	make_differences
	# shellcheck disable=SC2016 # by the inner shell
	run_status 3 sh -c '"$1" compile sources -o v --check >/dev/full' sh "$DIMC"
	contains "$err" 'cannot write to standard output'
}

# --- the examples --------------------------------------------------------------------------------------------------

# The tool, as nobody's child: what a make above it says, and its DIMC, decide nothing.
run_tool() {
	env -u DIMC -u MAKEFLAGS -u MAKELEVEL -u MFLAGS "$tool" -C "examples/$tool"
}

# expect COMPILED LISTED WHAT: how often the tool runs dimc for each, after WHAT; and that nothing is left to do then.
expect() {
	sleep 0.02 # the clock of files ticks every few milliseconds
	: >runs
	run_tool >log 2>&1 || { cat log; return 1; }
	if [[ $(grep -c compile runs) -ne $1 || $(grep -c info runs) -ne $2 ]]; then
		echo "after $3: expected $1 and $2 runs, not:"
		cat runs
		return 1
	fi
	sleep 0.02
	: >runs
	run_tool >log 2>&1
	[[ ! -s runs ]] || { echo "$3: the second run is not idle"; cat runs; return 1; }
}

# The example's whole life, in a copy.
example() {
	tool=$1
	need "$tool"
	mkdir -p examples out/bin
	cp -r "$ROOT/examples/minimal" "$ROOT/examples/$tool" examples/
	# shellcheck disable=SC2016 # by the script
	printf '#!/bin/sh\necho "$1" >>%q\nexec %q "$@"\n' "$PWD/runs" "$DIMC" >out/bin/dimc
	chmod +x out/bin/dimc
	local d=examples/minimal/D01-emotion
	expect 1 1 'the first run'
	make_layer "$d/900-new.yaml" 900 1.0 new 'A new layer.'
	expect 1 1 'a new layer'
	touch "$d/900-new.yaml"
	expect 1 0 'a touch'
	echo '# a comment' >>"$d/900-new.yaml"
	expect 1 0 'a comment'
	mv "$d/900-new.yaml" "$d/901-new.yaml"
	expect 1 0 'a new name'
	make_layer "$d/901-new.yaml" 900 1.0 new 'Another text.'
	expect 1 1 'an edit'
	touch "$d/.901-new.yaml.swp"
	expect 1 0 'a swap file'
	mkdir "$d/texts"
	echo first >"$d/texts/one"
	printf 'layer_id: 901\nfrequency: 1\nkeywords: [a]\ncontent_file: texts/one\n' >"$d/902.yaml"
	expect 1 1 'a content_file'
	echo second >"$d/texts/one"
	expect 1 1 'an edit of the content_file'
	echo third >older
	touch -d 2001-01-01 older
	mv older "$d/texts/one"
	expect 1 1 'an older file in the place of the content_file'
	rm "$d/902.yaml" "$d/texts/one"
	rmdir "$d/texts"
	expect 1 1 'a deleted layer and its folder'
	make_dimension examples/minimal/D02-more 2 More
	make_layer examples/minimal/D02-more/1.yaml 1 1.0 more More.
	expect 1 1 'a new dimension'
	mv examples/minimal/D02-more examples/minimal/D02-less
	expect 1 0 'a dimension with another folder'
	rm -r examples/minimal/D02-less
	expect 1 1 'a dimension less'
	# What is wrong stops the tool, and is seen again until it is right.
	echo 'frequncy: 1' >>"$d/901-new.yaml"
	for _ in 1 2; do
		if run_tool >log 2>&1; then
			return 1
		fi
		contains "$(cat log)" 'did you mean "frequency"?'
	done
	sed -i '$d' "$d/901-new.yaml"
	expect 1 0 'the mistake is mended'
	cmp "examples/$tool/out/stamp" "examples/$tool/out/generation"
	"$DIMC" compile examples/minimal -o "examples/$tool/out/mmap" --check
	"$DIMC" -C "examples/$tool" info out/mmap --json | cmp - "examples/$tool/out/layers.json"
}

@test "the make example rebuilds exactly what changed" {
	example make
}

@test "the Ninja example rebuilds exactly what changed" {
	example ninja
}
