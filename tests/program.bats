#!/usr/bin/env bats
# The command line itself: help, usage errors, streams, exit statuses, and the commands that read.
# In: the built program. Out: what a person or a script sees of it.
# shellcheck disable=SC2154,SC2016 # out and err are set by run_status; backticks of Markdown

load lib

compiled() {
	make_sources sources
	"$DIMC" compile sources -o volume --no-sync -q
}

@test "help fits a screen of 24 lines and 80 columns, and lists every command" {
	run_status 0 "$DIMC" --help
	[[ $(wc -l <<<"$out") -le 24 ]]
	[[ $(awk '{ if (length > m) m = length } END { print m }' <<<"$out") -le 80 ]]
	for command in compile check fmt new watch explain schema init verify info top show find report diff dump bundle list restore rollback clean completion; do
		contains "$out" "  $command "
		run_status 0 "$DIMC" "$command" --help
		contains "$out" "usage: dimc $command"
		[[ $(awk '{ if (length > m) m = length } END { print m }' <<<"$out") -le 80 ]]
		run_status 0 "$DIMC" help "$command"
		contains "$out" "usage: dimc $command"
		run_status 0 "$DIMC" --help
	done
}

@test "every option of a command's help is taken, and the README names every command" {
	for command in compile check fmt new watch explain schema init verify info top show find report diff dump bundle list restore rollback clean completion; do
		grep -q "\`dimc $command" "$ROOT/README.md"
		while read -r option; do
			# An option that the help lists is never unknown, whatever else the command then says.
			"$DIMC" "$command" "$option" </dev/null >.out 2>.err || true
			lacks "$(cat .err)" "there is no option"
		done < <("$DIMC" "$command" --help | sed -nE 's/^  (-., |    )(--[a-z-]*).*/\2/p' | grep -vx -e --proto)
	done
}

@test "usage errors exit with 2, say what is wrong and print nothing on standard output" {
	run_status 2 "$DIMC"
	contains "$err" "a command is missing"
	run_status 2 "$DIMC" compil
	contains "$err" 'did you mean "compile"?'
	run_status 2 "$DIMC" compile
	contains "$err" "an argument is missing"
	run_status 2 "$DIMC" compile a b
	contains "$err" "too many arguments"
	run_status 2 "$DIMC" compile --jbos 3 a
	contains "$err" "did you mean --jobs?"
	run_status 2 "$DIMC" compile a --jobs
	contains "$err" "--jobs needs a value"
	run_status 2 "$DIMC" compile a -j 0
	contains "$err" "from 1 to 256"
	run_status 2 "$DIMC" compile a --dry-run=yes
	contains "$err" "takes no value"
	run_status 2 "$DIMC" compile a -d D01,Dx
	contains "$err" "-d takes dimensions"
	run_status 2 "$DIMC" --jobs compile
	contains "$err" '`dimc --help` lists the commands'
	run_status 2 "$DIMC" compile a --layout=squeezed
	run_status 2 "$DIMC" compile a --align=5000
	run_status 2 "$DIMC" compile a -n --check
	run_status 2 "$DIMC" verify --color=sometimes
	[[ -z $out ]]
}

@test "sources or a volume that are not there are answered with what was likely meant" {
	make_sources sources
	for command in check compile watch; do
		run_status 3 "$DIMC" "$command" source
		contains "$err" 'there is a folder "sources" here'
	done
	for command in check compile; do
		run_status 3 "$DIMC" "$command" sources/D01-emotion/010-joy.yaml
		contains "$err" 'give the folder, and no file of it'
	done
	for command in info 'show D01/1' 'find joy' 'report -o page.html'; do
		# shellcheck disable=SC2086 # several words
		run_status 9 "$DIMC" $command
		contains "$err" '`dimc compile SOURCES` publishes there'
	done
	run_status 9 "$DIMC" info nowhere
	lacks "$err" 'dimc compile'
	mv sources elsewhere
	run_status 3 "$DIMC" check source
	lacks "$err" 'there is a folder'
}

@test "a folder of one dimension can be checked, but not compiled as if it were all" {
	make_sources sources
	run_status 0 "$DIMC" check sources/D01-emotion
	contains "$out" "1 dimension, 2 layers"
	run_status 2 "$DIMC" compile sources/D01-emotion -o volume
	contains "$err" "is the folder of one dimension"
	[[ ! -e volume ]]
}

@test "-C goes there first, options may follow operands, -- ends them" {
	mkdir there
	make_sources there/sources
	run_status 0 "$DIMC" -C there compile sources --no-sync -o volume
	[[ -f there/volume/consciousness/D01/region.mmap ]]
	run_status 0 "$DIMC" verify -C there -- volume
	run_status 3 "$DIMC" -C nowhere verify
}

@test "the summary counts dimensions, layers and bytes, and names what changed; -q is silent" {
	make_sources sources
	run_status 0 "$DIMC" compile sources -o volume
	contains "$out" "added: D01 D02"
	contains "$out" "2 dimensions, 3 layers, 49 B of content in 20.0 KiB of regions; 5 files read in "
	contains "$out" "published generation "
	make_layer sources/D02-cognition/010-attention.yaml 1 2.0 attention 'Attention goes first.'
	run_status 0 "$DIMC" compile sources -o volume -q
	[[ -z $out && -z $err ]]
}

@test "a full disk behind standard output is an error" {
	[[ -w /dev/full ]] || skip "no /dev/full here"
	compiled
	status=0
	"$DIMC" info volume >/dev/full 2>err.txt || status=$?
	[[ $status -eq 3 ]]
	contains "$(cat err.txt)" "cannot write to standard output"
}

@test "what cannot be printed, or read, since the stream is closed, is an error" {
	compiled
	status=0
	"$DIMC" show volume D01/1 >&- 2>err.txt || status=$?
	[[ $status -eq 3 ]]
	contains "$(cat err.txt)" "cannot write to standard output: Bad file descriptor"
	status=0
	"$DIMC" fmt - <&- >out.txt 2>err.txt || status=$?
	[[ $status -eq 3 && ! -s out.txt ]]
}

@test "a file that may not grow is an error of its write, and no signal ends the run" {
	compiled
	make_layer sources/D02-cognition/010-attention.yaml 1 2.0 attention 'Attention goes first.'
	run_status 3 bash -c 'ulimit -f 4; "$@"' - "$DIMC" compile sources -o volume
	contains "$err" "cannot write volume/D02/region.mmap: File too large"
	[[ ! -e volume/.next ]]
	run_status 0 "$DIMC" verify --strict volume
}

@test "show gives the content byte for byte, of a volume, generation, dimension, region and proto-dimension" {
	compiled
	printf 'Joy is bright.\n' >want
	"$DIMC" show volume D01/1 | cmp - want
	"$DIMC" show volume/consciousness D01/1 | cmp - want
	"$DIMC" show volume/consciousness/D01 1 | cmp - want
	"$DIMC" show volume/consciousness/D01/region.mmap D01/1 | cmp - want
	"$DIMC" compile --proto draft sources/D01-emotion -o volume -q
	"$DIMC" show volume/proto/draft.mmap 1 | cmp - want
	run_status 9 "$DIMC" show volume D01/7
	contains "$err" "has no layer 7"
	run_status 9 "$DIMC" show volume D07/1
	contains "$err" "has no dimension D07"
	run_status 9 "$DIMC" show volume 1
	contains "$err" "several dimensions"
	run_status 2 "$DIMC" show volume D1/x
	run_status 9 "$DIMC" show nowhere D01/1
}

@test "find takes words that a layer must all have, or any, exactly; and a band of frequencies" {
	compiled
	run_status 0 "$DIMC" find volume feeling
	contains "$out" "D01/1"
	contains "$out" "D01/2"
	run_status 0 "$DIMC" find volume feeling joy
	lacks "$out" "D01/2"
	run_status 0 "$DIMC" find volume joy attention --any
	contains "$out" "D01/1"
	contains "$out" "D02/1"
	run_status 9 "$DIMC" find volume Feeling
	run_status 9 "$DIMC" find volume feel
	run_status 0 "$DIMC" find volume -f 0.5..1.5
	[[ $(head -1 <<<"$out") = D01/2* ]]
	lacks "$out" "D02/1"
	run_status 0 "$DIMC" find volume --frequency 2..
	contains "$out" "D02/1"
	run_status 0 "$DIMC" find volume --frequency ..0.5
	[[ $(wc -l <<<"$out") -eq 1 ]]
	run_status 0 "$DIMC" find volume -f 2
	[[ $out = D02/1* ]]
	run_status 0 "$DIMC" find volume feeling -f 1..2
	[[ $out = D01/1* ]]
	run_status 2 "$DIMC" find volume -f fast
	run_status 2 "$DIMC" find volume
}

@test "a word is a word, also where a file has its name" {
	compiled
	touch feeling
	mkdir joy
	MMAP_BASE_PATH=volume run_status 0 "$DIMC" find feeling joy
	[[ $out = D01/1* ]]
}

@test "info is a table for people and JSON for programs; -d and -v list layers" {
	compiled
	run_status 0 "$DIMC" info volume
	contains "$out" "DIM    NAME"
	contains "$out" "D01    Emotion"
	contains "$out" "volume: 2 dimensions, 3 layers"
	lacks "$out" "[joy, feeling]"
	run_status 0 "$DIMC" info volume -d D01
	contains "$out" "[joy, feeling]"
	lacks "$out" "Cognition"
	run_status 9 "$DIMC" info volume -d D05
	need jq
	[[ $("$DIMC" info volume --json | jq -r '[.dimensions[].layers[] | .layer_id] | join(" ")') = "1 2 1" ]]
	[[ $("$DIMC" info volume --json | jq -r .generation) = $(jq -r .generation volume/consciousness/manifest.json) ]]
	[[ $("$DIMC" find volume feeling --json | jq -c '[.[] | [.dimension, .layer_id]]') = '[["D01",1],["D01",2]]' ]]
	[[ $("$DIMC" verify volume --json | jq '.sound and .every_byte and .published_generation') = true ]]
	[[ $("$DIMC" compile sources -o volume --json | jq '.up_to_date and (.published | not)') = true ]]
	[[ $("$DIMC" init other --json | jq .changed) = true ]]
	[[ $("$DIMC" clean volume --json | jq .entries) = 0 ]]
}

@test "what is nothing of ours, and what is empty, is said so" {
	mkdir empty
	run_status 9 "$DIMC" info empty
	contains "$err" "is no volume"
	run_status 0 "$DIMC" init fresh
	run_status 9 "$DIMC" info fresh
	contains "$err" "nothing is published"
	run_status 9 "$DIMC" verify nowhere
	echo text >file.txt
	run_status 5 "$DIMC" info file.txt
	contains "$err" "not a region file"
}

@test "the exit statuses of the help, the README and the operators' guide are the same nine and zero" {
	for file in "$ROOT/README.md" "$ROOT/docs/operations.md"; do
		for status in 1 3 4 5 6 8 9; do
			grep -qE "^\| ${status}[ ,]|\| $status \|" "$file"
		done
	done
	run_status 0 "$DIMC" --help
	for status in 0 1 2 3 4 5 6 7 8 9; do
		contains "$(tr '\n' ' ' <<<"$out")" " $status "
	done
}
