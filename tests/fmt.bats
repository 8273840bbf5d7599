#!/usr/bin/env bats
# fmt.bats: sources in one form: nothing of what they say is lost, no comment either, and what has the form stays untouched.
# In: sources in every style, the project's own, thousands that fmt_files.py makes. Out: what `dimc fmt` makes of them.
# shellcheck disable=SC2154 # out and err are set by run_status

load lib

# generation SOURCES: what they compile to.
generation() {
	rm -rf compiled
	"$DIMC" compile -q --no-sync -W no-all "$1" -o compiled
	"$DIMC" info compiled | tail -1
}

untidy() {
	make_sources sources
	cat >sources/D01-emotion/030-awe.yaml <<-'END'
		# yaml-language-server: $schema=layer.json
		# Awe, from its effects.

		content:   'What is felt before something vast.'   # by hand

		# Words that people search for.
		keywords:   [ awe , 'vastness' ,"no"]
		frequency: 0.80
		# The third.
		"layer_id": +3
		# The end.
	END
}

@test "keys, values and blanks get their form, and comments go with what they speak of" {
	untidy
	before=$(generation sources)
	run_status 0 "$DIMC" fmt sources
	contains "$out" "sources/D01-emotion/030-awe.yaml"
	contains "$out" "1 of 6 files changed"
	cat >want <<-'END'
		# yaml-language-server: $schema=layer.json
		# Awe, from its effects.

		# The third.
		layer_id: 3
		frequency: 0.8

		# Words that people search for.
		keywords: [awe, vastness, "no"]
		content: |- # by hand
		  What is felt before something vast.
		# The end.
	END
	diff -u want sources/D01-emotion/030-awe.yaml
	[[ $(generation sources) = "$before" ]]
}

@test "lists of layers, streams, words and dimensions have their form, too" {
	mkdir -p sources/D01
	cat >sources/D01/dimension.yaml <<-'END'
		updated_at: '2024-10-25'
		frequency_range: [ .5,
		  20 ]
		name: "Emotion"
		description: What is felt, and for how long it is felt before it is over, is what this dimension is about.
		dimension_id: 001
	END
	cat >sources/D01/010.yaml <<-'END'
		layers:
		- {layer_id: 1, frequency: 1, keywords: [joy], content: "Joy\n"} # the first
		- # the second
		  layer_id: 2
		  content: >
		     Joy
		     is.

		       Indented.
		  frequency: 1
		  keywords:   # in their order
		  - joy       # of joys
		  # not yet: bliss
		# the third
		- layer_id: 3
		  frequency: 1
		  keywords: [a rather long keyword, another long keyword, a third long keyword, a fourth, and a last one that makes it too long]
		  content: |+
		   Joy

	END
	printf -- '---\nlayer_id: 4\nfrequency: 1\nkeywords: [joy]\ncontent: "a\\tb\\u200B"\n...\n# five\n---\n%s' \
		'{layer_id: 5, frequency: 1, keywords: [joy], content: " Joy"}' >sources/D01/020.yml
	before=$(generation sources)
	run_status 0 "$DIMC" fmt sources
	cat >want <<-'END'
		dimension_id: 1
		name: Emotion
		description: >-
		  What is felt, and for how long it is felt before it is over, is what this
		  dimension is about.
		updated_at: 2024-10-25
		frequency_range: [0.5, 20.0]
	END
	diff -u want sources/D01/dimension.yaml
	cat >want <<-'END'
		layers:
		  # the first
		  - layer_id: 1
		    frequency: 1.0
		    keywords: [joy]
		    content: |
		      Joy

		  # the second
		  - layer_id: 2
		    frequency: 1.0
		    keywords: # in their order
		      - joy # of joys
		      # not yet: bliss
		    content: >
		      Joy
		      is.

		        Indented.

		  # the third
		  - layer_id: 3
		    frequency: 1.0
		    keywords:
		      - a rather long keyword
		      - another long keyword
		      - a third long keyword
		      - a fourth
		      - and a last one that makes it too long
		    content: |+
		      Joy

	END
	diff -u want sources/D01/010.yaml
	cat >want <<-'END'
		layer_id: 4
		frequency: 1.0
		keywords: [joy]
		content: "a\tb\u200B"

		---
		# five

		layer_id: 5
		frequency: 1.0
		keywords: [joy]
		content: |2-
		   Joy
	END
	diff -u want sources/D01/020.yml
	[[ $(generation sources) = "$before" ]]
}

@test "--check lists what would change, --diff shows it for patch, and neither writes" {
	need patch
	untidy
	snapshot sources >before
	run_status 4 "$DIMC" fmt --check sources
	[[ $out = $'sources/D01-emotion/030-awe.yaml\n1 of 6 files would change' ]]
	run_status 4 "$DIMC" fmt --check -q sources/D01-emotion
	[[ $out = sources/D01-emotion/030-awe.yaml ]]
	run_status 0 "$DIMC" fmt --check sources/D02-cognition sources/D01-emotion/010-joy.yaml
	[[ $out = "0 of 3 files would change" ]]
	run_status 4 "$DIMC" fmt --diff sources
	snapshot sources | diff before -
	cp -a sources patched
	patch -s -p2 -d patched <<<"$out"
	run_status 0 "$DIMC" fmt -q sources
	[[ -z $out ]]
	diff -r sources patched
	run_status 0 "$DIMC" fmt --diff sources
	[[ -z $out ]]
	need jq
	untidy
	[[ $("$DIMC" fmt --json sources | jq -c .) = '{"files":6,"changed":["sources/D01-emotion/030-awe.yaml"],"kept":[]}' ]]
}

@test "what has the form is not touched; modes and links stay" {
	untidy
	mv sources/D01-emotion/030-awe.yaml awe.txt
	chmod 640 awe.txt
	ln -s ../../awe.txt sources/D01-emotion/030-awe.yaml
	snapshot sources >before
	run_status 0 "$DIMC" fmt sources
	snapshot sources | diff before -
	[[ -L sources/D01-emotion/030-awe.yaml && $(stat -c %a awe.txt) = 640 ]]
	grep -q '^keywords: \[awe, vastness, "no"\]$' awe.txt
	[[ -z $(find . -name '.*.new') ]]
}

@test "a file that is not to be written stays as it is" {
	[[ $(id -u) = 0 ]] || skip "not root"
	need setpriv
	untidy
	chmod 444 sources/D01-emotion/030-awe.yaml
	chmod 777 . sources sources/D01-emotion
	cp "$DIMC" dimc
	setpriv --reuid=65534 --regid=65534 --clear-groups ./dimc --version >/dev/null 2>&1 ||
		skip "another user cannot run a program here"
	cp sources/D01-emotion/030-awe.yaml before
	run_status 3 setpriv --reuid=65534 --regid=65534 --clear-groups ./dimc fmt sources
	contains "$err" "cannot write sources/D01-emotion/030-awe.yaml: Permission denied"
	cmp before sources/D01-emotion/030-awe.yaml
}

@test "a file with errors is reported and left alone, and the others are formatted" {
	untidy
	printf 'layer_id: 9\nfrequncy: 1\nkeywords: [x]\ncontent:    x\n' >sources/D01-emotion/040-bad.yaml
	cp sources/D01-emotion/040-bad.yaml before
	run_status 1 "$DIMC" fmt sources
	contains "$err" "sources/D01-emotion/040-bad.yaml:2:1: error: a layer has no key \"frequncy\" [unknown-key]"
	contains "$out" "1 of 7 files changed"
	cmp before sources/D01-emotion/040-bad.yaml
	run_status 0 "$DIMC" fmt --check sources/D01-emotion/030-awe.yaml
	run_status 1 "$DIMC" fmt --check sources
}

@test "standard input goes to standard output, whether it is a layer or a dimension; nothing where it is wrong" {
	untidy
	run_status 0 "$DIMC" fmt - <sources/D01-emotion/030-awe.yaml
	formatted=$out
	run_status 0 "$DIMC" fmt sources
	diff - sources/D01-emotion/030-awe.yaml <<<"$formatted"
	run_status 0 "$DIMC" fmt - <sources/D01-emotion/030-awe.yaml
	[[ $out = "$formatted" ]]
	[[ $(printf 'name: A\ndimension_id: 01' | "$DIMC" fmt -) = $'dimension_id: 1\nname: A' ]]
	run_status 1 "$DIMC" fmt - <<<'layer_id: x'
	[[ -z $out ]]
	contains "$err" "<stdin>:1:11: error: "
	run_status 4 "$DIMC" fmt --check - <<<'name:  A
dimension_id: 1'
	[[ -z $out ]]
}

@test "anchors, aliases, tags and directives are left as they are, and that is said" {
	mkdir kept
	cp -r "$ROOT"/tests/fixtures/accept/{aliases,tags,directive,tag-directive} kept
	snapshot kept >before
	for name in aliases tags directive tag-directive; do
		run_status 0 "$DIMC" fmt "kept/$name/sources/D01-emotion/010-joy.yaml"
		[[ $out = "0 of 1 file changed; 1 left alone: anchors, aliases, tags or directives" ]]
	done
	snapshot kept | diff before -
}

@test "a content_file is not read, and its name is taken as it is" {
	printf 'content_file:  "no such.txt"\nlayer_id: 1\nfrequency: 1\nkeywords: [x]\n' >layer.yaml
	run_status 0 "$DIMC" fmt layer.yaml
	[[ $(tail -1 layer.yaml) = "content_file: no such.txt" ]]
}

@test "what is not there, or no source, is told" {
	run_status 2 "$DIMC" fmt
	run_status 3 "$DIMC" fmt nowhere
	contains "$err" "cannot read nowhere: No such file"
	mkdir empty
	run_status 1 "$DIMC" fmt empty
	contains "$err" "empty holds no dimension"
	mkfifo pipe
	run_status 3 "$DIMC" fmt pipe
	contains "$err" "cannot read pipe: it is no regular file"
}

@test "every accepted source compiles to the same, and its form is its own" {
	cp -a "$ROOT/tests/fixtures/accept" accept
	for sources in accept/*/sources; do
		# A byte more than is read of any file, with the line break at its end.
		[[ $sources != *largest-size* ]] || continue
		( # set -e does not hold in here
			cd "${sources%/sources}" &&
				{ [[ ! -e make.sh ]] || sh -eu make.sh; } &&
				{ [[ ! -e env ]] || export "$(cat env)"; } &&
				cp -a sources before &&
				"$DIMC" fmt -q sources &&
				"$DIMC" fmt --check -q sources &&
				"$DIMC" diff -q before sources
		) || { echo "$sources" && return 1; }
	done
}

@test "the project's own sources have the form" {
	run_status 0 "$DIMC" fmt --check "$ROOT/sources" "$ROOT/examples/minimal"
}

@test "thousands of odd files with comments everywhere: each comment stays once, all compiles to the same, twice is once" {
	need python3 patch
	python3 "$ROOT/tests/fmt_files.py" make "${FMT_SEED:-1}" 2000 a
	before=$(generation a)
	# A patch, since a disk is waited for with every file that is written.
	run_status 4 "$DIMC" fmt --diff a
	cp -a a b
	patch -s -p2 --binary -d b <"$BATS_TEST_TMPDIR/.stdout"
	[[ $(python3 "$ROOT/tests/fmt_files.py" compare a b) -gt 10000 ]]
	run_status 0 "$DIMC" fmt --check b
	[[ $out = "0 of 2040 files would change" ]]
	[[ $(generation b) = "$before" ]]
	run_status 0 "$DIMC" fmt a/D01 a/D02
	diff -r a/D01 b/D01
	diff -r a/D02 b/D02
}
