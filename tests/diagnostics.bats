# diagnostics.bats: every mistake in sources is reported at its place, in the words that tests/fixtures/reject holds byte for
# byte, and nothing is written then; what is only suspicious is told in those of tests/fixtures/warn; tests/fixtures/accept is
# read without a word. BLESS=1 rewrites what is expected.
#
# A case is a folder with sources/ and, where something is rejected, `expected`: all of stderr. It may have an `env` of
# NAME=VALUE lines, and a make.sh, run in a copy of the case, for what git cannot hold. After a change of the messages:
#
#     BLESS=1 bats tests/diagnostics.bats; git diff tests/fixtures
#
# shellcheck disable=SC2154 # out and err are set by run_status

load lib

REJECT=$ROOT/tests/fixtures/reject
WARN=$ROOT/tests/fixtures/warn
ACCEPT=$ROOT/tests/fixtures/accept

setup_file() {
	"$ROOT/tests/fixtures/run.sh" "$DIMC" "$REJECT" "$BATS_FILE_TMPDIR/reject" -Wno-all -Wfrequency-band -Wfile-ignored
	"$ROOT/tests/fixtures/run.sh" "$DIMC" "$WARN" "$BATS_FILE_TMPDIR/warn"
	"$ROOT/tests/fixtures/run.sh" "$DIMC" "$ACCEPT" "$BATS_FILE_TMPDIR/accept" -Wno-all -Wfrequency-band -Wfile-ignored
}

check_names() {
	sed -n 's/^\tX([A-Z_]*, "\([a-z-]*\)",.*/\1/p' "$ROOT/compiler/checks.h"
}

@test "every check has a case, and every case belongs to a check" {
	check_names | sort >names
	[[ -s names ]]
	[[ $(wc -l <names) -eq $(grep -c '^	X(' "$ROOT/compiler/checks.h") ]]
	find "$REJECT" "$WARN" -mindepth 3 -maxdepth 3 -name sources -printf '%P\n' | cut -d / -f 1 | sort -u >with_cases
	diff names with_cases
	find "$REJECT" "$WARN" -mindepth 1 -maxdepth 1 -printf '%P\n' | sort >folders
	diff names folders
	[[ -z $(find "$REJECT" "$WARN" -mindepth 2 -maxdepth 2 ! -exec test -d {}/sources \; -print) ]]
	# A warning is no rejection.
	"$DIMC" check --list-checks | awk '$2 == "warning" { print $1 }' | sort >warnings
	find "$WARN" -mindepth 1 -maxdepth 1 -printf '%P\n' | sort | diff warnings -
}

# printed FOLDER NAME: the files of that name in all cases, each behind a line with the case.
printed() {
	(cd "$1" && find . -name "$2" -printf '%h\0' | sort -z | xargs -0 -I '{}' printf '%s\0' "{}/$2" |
		xargs -0 tail -v -n +1 | sed "s#^==> \(.*\)/$2 <==\$#--- \1#")
}

# as_expected KIND FOLDER STATUS LEAST: all cases of a kind ended with a status, and printed what their files of that name say.
as_expected() {
	local got=$BATS_FILE_TMPDIR/$1
	find "$got" -name status -exec grep -Lx "$3" {} + >odd || true
	cat odd
	[[ ! -s odd ]]
	if [[ -n ${BLESS:-} ]]; then
		(cd "$got" && find . -name stderr -printf '%h\n') | while read -r folder; do
			cmp -s "$got/$folder/stderr" "$2/$folder/expected" || cp "$got/$folder/stderr" "$2/$folder/expected"
		done
	fi
	printed "$2" expected >wanted
	# shellcheck disable=SC2094 # what is written stands elsewhere
	printed "$got" stderr >got
	[[ $(grep -c '^--- ' got) -ge $4 ]]
	diff -a -U 1000000 wanted got >difference || true
	# The cases that differ, each with its lines.
	awk '/^.--- / { head = $0; next } /^[-+]/ && NR > 2 { if (head != "") print head; head = ""; print }' difference
	[[ ! -s difference ]]
}

@test "every rejected case ends with status 1 and prints exactly what is expected" {
	find "$BATS_FILE_TMPDIR/reject" -name stdout -size +0 >odd
	cat odd
	[[ ! -s odd ]]
	as_expected reject "$REJECT" 1 300
}

@test "every suspicious case ends with status 0 and prints exactly what is expected" {
	as_expected warn "$WARN" 0 30
	cd "$WARN"
	for name in *; do
		grep -L " warning: .* \[$name\]\$" "$name"/*/expected
	done >"$BATS_TEST_TMPDIR/without"
	cat "$BATS_TEST_TMPDIR/without"
	[[ ! -s $BATS_TEST_TMPDIR/without ]]
}

@test "what is near to a slip, and none, is not warned of" {
	"$ROOT/tests/fixtures/run.sh" "$DIMC" "$ROOT/tests/fixtures/calm" calm
	[[ $(find calm -name status | wc -l) -ge 6 ]]
	taken_silently calm
}

@test "every rejected case reports the check whose folder it stands in" {
	cd "$REJECT"
	for name in *; do
		grep -L " error: .* \[$name\]\$" "$name"/*/expected
	done >"$BATS_TEST_TMPDIR/without"
	cat "$BATS_TEST_TMPDIR/without"
	[[ ! -s $BATS_TEST_TMPDIR/without ]]
}

# taken_silently FOLDER: all cases ended with status 0 and printed nothing on standard error.
taken_silently() {
	find "$1" -name status -exec grep -Lx 0 {} + >refused || true
	find "$1" -name stderr -size +0 -exec cat {} + >>refused
	cat refused
	[[ ! -s refused ]]
}

@test "every accepted case ends with status 0 and prints no diagnostics" {
	[[ $(find "$BATS_FILE_TMPDIR/accept" -name status | wc -l) -ge 50 ]]
	taken_silently "$BATS_FILE_TMPDIR/accept"
}

# An oracle that shares no code with dimc: the column from the source's characters, their widths from the C library.
@test "the caret stands under the character that line and column name" {
	need python3
	run_status 0 python3 "$ROOT/tests/fixtures/caret.py" "$BATS_FILE_TMPDIR/reject"
	contains "$out" "carets stand where they should"
}

@test "all errors of a run are reported, sorted by file and line, whatever the number of threads" {
	for d in 01 02 03 04; do
		make_dimension "sources/D$d" "$((10#$d))" "Name $d"
		for file in 010 020 030; do
			{
				printf 'layers:\n'
				for entry in 1 2 3 4; do
					printf '  - {layer_id: %s%s, frequency: -1, keywords: [], kontent: x, content: Joy}\n' \
						"$((10#$file))" "$entry"
				done
			} >"sources/D$d/$file.yaml"
			for line in 2 3 4 5; do
				printf 'sources/D%s/%s.yaml:%s:32: frequency\n' "$d" "$file" "$line"
				printf 'sources/D%s/%s.yaml:%s:46: keywords\n' "$d" "$file" "$line"
				printf 'sources/D%s/%s.yaml:%s:50: unknown-key\n' "$d" "$file" "$line"
			done >>expected
		done
	done
	for jobs in 1 2 8; do
		run_status 1 "$DIMC" check sources -j "$jobs"
		printf '%s\n' "$err" | sed -n 's/^\(sources[^ ]*\) error: .*\[\([a-z-]*\)\]$/\1 \2/p' >reported
		diff expected reported
		[[ $(printf '%s\n' "$err" | tail -n 1) = "144 errors in 12 files" ]]
		printf '%s\n' "$err" >"with-$jobs"
	done
	cmp with-1 with-2
	cmp with-1 with-8
}

@test "of ten thousand mistakes and more the first are shown and all are counted" {
	make_dimension sources/D01 1 Emotion
	make_layer sources/D01/010.yaml 1 1.5 joy Joy
	seq -f 'note%g: x' 12345 >>sources/D01/010.yaml
	run_status 1 timeout 60 "$DIMC" check sources
	[[ $(printf '%s\n' "$err" | grep -c ' error: ') -eq 10000 ]]
	contains "$err" "... and 2345 more errors"
	contains "$err" "12345 errors and 1 warning in 1 file"
}

@test "nothing is written when a source is rejected: no volume is created" {
	make_sources sources
	echo 'frequency: 2' >>sources/D02-cognition/010-attention.yaml
	for options in "" --no-sync "-j 1" "-d D02" --layer-files --layout=packed -n; do
		# shellcheck disable=SC2086 # options are words
		run_status 1 "$DIMC" compile sources -o volume/below $options
		contains "$err" "[duplicate-key]"
		[[ ! -e volume ]]
	done
	run_status 1 "$DIMC" compile sources/D02-cognition -o volume/below --proto test
	[[ ! -e volume ]]
	run_status 1 "$DIMC" compile sources
	[[ ! -e data ]]
	[[ $(printf '%s\n' *) = sources ]]
}

@test "nothing is written when a source is rejected: a volume stays as it is" {
	make_sources sources
	run_status 0 "$DIMC" compile sources -o volume --no-sync
	rm -f volume/.lock
	snapshot volume >before
	echo 'frequency: 2' >>sources/D02-cognition/010-attention.yaml
	sed -i 's/bright/dim/' sources/D01-emotion/010-joy.yaml
	run_status 1 "$DIMC" compile sources -o volume --no-sync
	run_status 1 "$DIMC" compile sources -o volume --no-sync --check
	run_status 1 "$DIMC" check sources
	snapshot volume >after
	diff before after
}

@test "there are colours only where they are asked for" {
	make_sources sources
	echo 'frequncy: 2' >>sources/D02-cognition/010-attention.yaml
	echo 'frequency: 2' >>sources/D02-cognition/010-attention.yaml
	escape=$'\e'
	run_status 1 "$DIMC" check sources
	lacks "$err" "$escape"
	plain=$err
	run_status 1 "$DIMC" check sources --color=auto
	[[ $err = "$plain" ]]
	run_status 1 env TERM=xterm "$DIMC" --color=never check sources
	[[ $err = "$plain" ]]
	run_status 1 env NO_COLOR=1 "$DIMC" check sources --color=always
	contains "$err" "${escape}["
	[[ $(printf '%s\n' "$err" | sed 's/\x1b\[[0-9;]*m//g') = "$plain" ]]
	run_status 2 "$DIMC" check sources --color=sometimes
	contains "$err" "--color takes auto, always or never"
}

@test "a terminal gets colours, unless NO_COLOR is set" {
	need script
	script -qec true /dev/null </dev/null >/dev/null 2>&1 || skip 'no pseudo-terminal here'
	make_sources sources
	echo 'frequency: 2' >>sources/D02-cognition/010-attention.yaml
	escape=$'\e'
	export DIMC
	TERM=xterm script -qec "\"\$DIMC\" check sources" /dev/null </dev/null >coloured || true
	contains "$(<coloured)" "[duplicate-key]"
	contains "$(<coloured)" "${escape}["
	TERM=xterm NO_COLOR='' script -qec "\"\$DIMC\" check sources" /dev/null </dev/null >empty || true
	contains "$(<empty)" "${escape}["
	TERM=xterm NO_COLOR=1 script -qec "\"\$DIMC\" check sources" /dev/null </dev/null >plain || true
	contains "$(<plain)" "[duplicate-key]"
	lacks "$(<plain)" "$escape"
	TERM=xterm script -qec "\"\$DIMC\" check sources --color=never" /dev/null </dev/null >never || true
	lacks "$(<never)" "$escape"
	# The same with standard error in a pipe, although standard output is a terminal.
	TERM=xterm script -qec "\"\$DIMC\" check sources 2>&1 | cat" /dev/null </dev/null >piped || true
	contains "$(<piped)" "[duplicate-key]"
	lacks "$(<piped)" "$escape"
}

# What a terminal would take for a command, or for another order of what stands there: controls but line ends, bytes
# that are not UTF-8, line and paragraph separators, marks that turn the direction of writing.
only_text() {
	python3 - "$1" <<'PYTHON'
import re, sys
text = open(sys.argv[1], "rb").read().decode("utf-8")
found = re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]", text)
if found:
    sys.exit("raw in the output: " + " ".join("U+%04X" % ord(c) for c in found))
PYTHON
}

@test "nothing of a source reaches the output as a control character" {
	need python3
	make_dimension "sources/D01"$'\e[31m' 1 '"\e[31m\u202E\u2028"'
	layer="sources/D01"$'\e[31m/'"$(printf '010\a\xff\xe2\x80\xae').yaml"
	# Raw in comments and texts that libyaml lets through; escaped in every field.
	printf '# \xe2\x80\xae\xe2\x80\xa8\n"\\e[2J\\u202E\\x9B\\u2029": 1 # \xc2\x85\n' >"$layer"
	cat >>"$layer" <<'YAML'
layer_id: "\e[31m\u202E"
title: "\e]0;title\a"
frequency: !!float "1\e\u2066\u2028"
keywords: ["\e[31m", "a\u202E\u2028", "a\u202E\u2028"]
content_file: "\u202E\u2028\u2067"
YAML
	printf 'layer_id: 2\ntitle: \xe2\x80\xaex\xe2\x80\xac\nfrequency: \xe2\x81\xa61\nkeywords: [a]\ncontent: b\n' \
		>"sources/D01"$'\e[31m/020.yaml'
	printf 'a: \x1b[31m\x00\n' >"sources/D01"$'\e[31m/030.yaml'
	printf 'a: \xff\x9b\xc2\x9b\n' >"sources/D01"$'\e[31m/040.yaml'
	printf 'layers: [\xe2\x80\xae}\n' >"sources/D01"$'\e[31m/050.yaml'
	mkdir "sources/"$'\e[2J' "sources/D01"$'\e[31m/060\e.yaml'
	echo 'layer_id: 1' >"sources/"$'\e[2J/010\e.yaml'
	ln -s nowhere "sources/"$'\e[3J.yaml'
	got=0
	"$DIMC" check sources >stdout 2>stderr || got=$?
	cat -v stderr
	[[ $got -eq 1 ]]
	only_text stderr
	# So do not the words of failures that are not about sources.
	for path in $'no\e[31mwhere' $'\xff'; do
		got=0
		"$DIMC" check "$path" >stdout 2>stderr || got=$?
		[[ $got -eq 3 ]]
		only_text stderr
	done
	got=0
	"$DIMC" check sources -d $'D01\e[31m' >stdout 2>stderr || got=$?
	[[ $got -eq 2 ]]
	only_text stderr
	got=0
	"$DIMC" $'che\e[31mck' >stdout 2>stderr || got=$?
	[[ $got -eq 2 ]]
	only_text stderr
}

@test "--quiet leaves the errors and drops the summary" {
	make_sources sources
	echo 'frequency: 2' >>sources/D02-cognition/010-attention.yaml
	run_status 1 "$DIMC" check sources
	contains "$err" "1 error in 1 file"
	run_status 1 "$DIMC" check -q sources
	contains "$err" "[duplicate-key]"
	lacks "$err" "1 error in 1 file"
}
