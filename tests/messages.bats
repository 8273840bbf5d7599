#!/usr/bin/env bats
# The forms of messages for programs (docs/diagnostics.md): each says what the text for people says, whatever is in it, and -W.
# In: the built program, tests/fixtures. Out: what editors, CI and code scanning make of a run.
# shellcheck disable=SC2154 # out and err are set by run_status

load lib

setup_file() {
	export DIMC
	local kind
	for kind in reject warn; do
		"$ROOT/tests/fixtures/run.sh" "$ROOT/tests/messages.sh" "$ROOT/tests/fixtures/$kind" "$BATS_FILE_TMPDIR/$kind"
	done
}

# in_all_forms: runs check in the current folder, in every form.
in_all_forms() {
	local got=0
	DIMC=$DIMC "$ROOT/tests/messages.sh" check sources >stdout 2>stderr || got=$?
	echo "$got" >status
}

# make_right DIR: of which even a warning has nothing to say.
make_right() {
	make_sources "$1"
	make_layer "$1/D02-cognition/010-attention.yaml" 1 2.0 attention 'Attention selects what counts.'
}

agree() {
	run_status 0 python3 -B "$ROOT/tests/messages_check.py" "$@"
	echo "$out"
}

@test "every case of the fixtures says the same in every form, and its places and edits lie in its files" {
	need python3
	agree "$BATS_FILE_TMPDIR/reject"
	[[ ${out%% *} -ge 360 ]]
	agree "$BATS_FILE_TMPDIR/warn"
	[[ ${out%% *} -ge 40 ]]
}

@test "every SARIF log is of the standard's form" {
	need python3
	python3 -c 'import jsonschema' 2>/dev/null || skip 'no python3-jsonschema here (make deps-all brings it)'
	agree "$BATS_FILE_TMPDIR/reject" "$ROOT/tests/sarif.schema.json"
	agree "$BATS_FILE_TMPDIR/warn" "$ROOT/tests/sarif.schema.json"
	# The schema is one that finds something.
	for change in 's/"ruleIndex"/"ruleindex"/' 's/"level": "error"/"level": "fatal"/' 's/"startLine": [0-9]*/"startLine": 0/' \
		's/"2.1.0"/"2.1"/' 's/"uri": "/"uri": "a b/' 's/"text": "a layer/"text": "{0} layer/'; do
		rm -rf broken
		cp -r "$BATS_FILE_TMPDIR/reject/unknown-key/misspelt" broken
		sed -i "$change" broken/messages.sarif
		run_status 1 python3 -B "$ROOT/tests/messages_check.py" broken "$ROOT/tests/sarif.schema.json"
	done
}

@test "names of files and texts that look like a form's own signs change nothing" {
	need python3
	number=0
	for name in plain 'a%25b' '100%' 'a,b' 'a:b' 'a%3Ab%0A' $'two\nlines' $'a\rb' $'a\r\nb' ' spaces  ' \
		$'::error file=x,line=1::owned' $'x\n::error file=y::owned\n::warning::z' $'\n::set-output name=a::b' \
		$'\xff' $'a\xc3' 'é日😀' "\"quoted\\" '{0}' '{a}' '}{' '[link](x)' '<b>&amp;' '#' '?q' $'tab\there' $'\e[31m' $'\x7f' '::'; do
		number=$((number + 1))
		mkdir -p "case-$number/sources/D01 $name"
		printf 'dimension_id: 1\nname: Emotion\n' >"case-$number/sources/D01 $name/dimension.yaml"
		# A key with the same name, one with a note, a content_file, a fix: all that messages quote.
		python3 - "case-$number/sources/D01 $name/010 $name.yaml" "$name" <<'PYTHON'
import json, os, sys
name = os.fsencode(sys.argv[2]).decode("utf-8", "ignore")
quoted = json.dumps(name, ensure_ascii=False).replace("\x7f", "\\x7f")
text = "layer_id: 1\nfrequncy: 1\n%s: x\nkeywords: [a%s, %s, %s]\ncontent_file: %s\nlayer_id: 1\n"
with open(os.fsencode(sys.argv[1]), "w", encoding="utf-8", newline="") as file:
    file.write(text % (quoted, "", quoted, quoted, json.dumps("no/" + name.replace("\n", "").replace("\r", ""))))
PYTHON
		(cd "case-$number" && in_all_forms && [[ $(<status) -eq 1 ]])
	done
	agree .
	if python3 -c 'import jsonschema' 2>/dev/null; then
		agree . "$ROOT/tests/sarif.schema.json"
	fi
	# One command a line: nothing of a name begins another one, or ends one.
	cat case-*/messages.github >commands
	run_status 1 env LC_ALL=C grep -avE '^::(error|warning) (file=[^:,]*,(line=[0-9]+,endLine=[0-9]+,col=[0-9]+,endColumn=[0-9]+,)?)?title=[a-z-]+::' commands
	run_status 1 env LC_ALL=C grep -aP '[\r\x1b]' <(LC_ALL=C sed 's/^::[a-z]* file=[^:]*:://' commands)
	# A viewer finds the file that the URI names.
	python3 - <<'PYTHON'
import glob, json, os
from urllib.parse import unquote_to_bytes
for base in glob.glob("case-*"):
    with open(base + "/messages.sarif", encoding="utf-8") as file:
        for r in json.load(file)["runs"][0]["results"]:
            uri = r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            assert os.path.exists(os.fsencode(base) + b"/" + unquote_to_bytes(uri)), uri
PYTHON
}

@test "an absolute path is a file: URI" {
	need jq
	make_right sources
	echo 'x: y' >>sources/D01-emotion/010-joy.yaml
	run_status 1 "$DIMC" check "$PWD/sources" --diagnostics=sarif
	[[ $(jq -r '.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri' <<<"$err") = \
		"file://$PWD/sources/D01-emotion/010-joy.yaml" ]]
}

@test "columns count characters, also behind tabs and wide ones, with CR LF and a byte order mark" {
	need jq
	make_dimension sources/D01 1 Emotion
	printf '\xef\xbb\xbfbad: 1\r\nlayer_id: 1\r\nfrequency: 1\r\nkeywords: [e\xcc\x81, "日本😀", b,\td, b]\r\ncontent: a b c\r\n"\xc3\xa9\\u00e9" : 1\r\n' \
		>sources/D01/010.yaml
	printf '{layer_id: 2, frequency: 1, keywords: [x],\tcontent: a b c,\t\tb\xc3\xa4d: 1}\r' >sources/D01/020.yaml
	run_status 1 "$DIMC" check sources --diagnostics=json -Wno-all
	jq -r '.diagnostics[] | [.file[-8:], .line, .column, .end_line, .end_column, .check] | join(" ")' <<<"$err" >got
	diff got - <<-'END'
		010.yaml 1 1 1 4 unknown-key
		010.yaml 4 29 4 30 keyword-duplicate
		010.yaml 6 1 6 10 unknown-key
		020.yaml 1 61 1 64 unknown-key
	END
	jq -r '.diagnostics[1].related[0] | [.line, .column, .end_column] | join(" ")' <<<"$err" | diff - <(echo 4 23 24)
	cp sources/D01/020.yaml before
	# An edit replaces what it says, and nothing else.
	jq -c '.diagnostics[1].fixes[0].edits' <<<"$err" | grep -q '"text":""'
}

@test "a run without problems gives an empty document in every form" {
	need jq
	make_right sources
	run_status 0 "$DIMC" check sources --diagnostics=json
	[[ $(jq -c '[.exit, .errors, .warnings, .diagnostics]' <<<"$err") = '[0,0,0,[]]' ]]
	contains "$out" "2 dimensions, 3 layers"
	run_status 0 "$DIMC" check sources --diagnostics=sarif
	[[ $(jq -c '.runs[0] | [.results, .tool.driver.rules, .invocations[0].toolExecutionNotifications,
		.invocations[0].exitCode, .invocations[0].executionSuccessful]' <<<"$err") = '[[],[],[],0,true]' ]]
	run_status 0 "$DIMC" check sources --diagnostics=github
	[[ -z $err ]]
	run_status 0 "$DIMC" check sources --diagnostics=github --diagnostics-file=commands
	[[ -z $err && -e commands && ! -s commands ]]
}

@test "-q drops the summaries for people and nothing of the documents" {
	make_right sources
	echo 'x: y' >>sources/D01-emotion/010-joy.yaml
	for form in json sarif github; do
		run_status 1 "$DIMC" check sources --diagnostics=$form
		loud=$err
		run_status 1 "$DIMC" check -q sources --diagnostics=$form
		[[ -z $out && $err = "$loud" ]]
		lacks "$err" "1 error in 1 file"
	done
}

@test "what fails without a place in a source is in every form, with the exit status" {
	need jq python3
	in_all_forms
	[[ $(<status) -eq 3 ]]
	agree .
	contains "$(<stderr)" "dimc: error: cannot open the sources sources"
	[[ $(jq -c '[.exit, .errors, .diagnostics[0].check, .diagnostics[0].file]' messages.json) = '[3,1,null,null]' ]]
	[[ $(jq -c '.runs[0].invocations[0] | [.executionSuccessful, .exitCode, .toolExecutionNotifications[0].level]' \
		messages.sarif) = '[false,3,"error"]' ]]
	[[ $(<messages.github) = "::error title=dimc::cannot open the sources"* ]]
	# Also of other commands, of usage, and beside what has a place.
	for form in json sarif github; do
		run_status 9 "$DIMC" show nowhere D01/1 --diagnostics=$form
		contains "$err" "nowhere"
		run_status 2 "$DIMC" check sources --jobs=none --diagnostics=$form
		[[ -n $err ]]
	done
	make_right sources
	printf 'title:\tJoy\n' >>sources/D01-emotion/010-joy.yaml
	run_status 9 "$DIMC" check sources -d D01,D07 --diagnostics=json
	[[ $(jq -c '[.exit, .errors, .warnings, [.diagnostics[].check]]' <<<"$err") = '[9,1,1,["tab",null]]' ]]
	run_status 2 "$DIMC" check sources --diagnostics=xml
	contains "$err" "--diagnostics takes text, json, sarif or github"
	run_status 2 "$DIMC" check sources --diagnostics-file=f
	contains "$err" "needs --diagnostics="
	[[ ! -e f ]]
}

@test "with --diagnostics-file the document goes there, whole or not at all, and the text stays" {
	make_right sources
	echo 'x: y' >>sources/D01-emotion/010-joy.yaml
	run_status 1 "$DIMC" check sources
	text=$err
	for form in json sarif github; do
		run_status 1 "$DIMC" check sources --diagnostics=$form
		printf '%s\n' "$err" >want
		mkdir d
		echo old >d/file
		ln d/file kept
		run_status 1 "$DIMC" check sources --diagnostics=$form --diagnostics-file=d/file
		[[ $err = "$text" ]]
		diff d/file want
		# Another file took its place: whoever reads the old one reads on in it.
		[[ $(<kept) = old && $(ls -A d) = file ]]
		rm -r d kept
		run_status 3 "$DIMC" check sources --diagnostics=$form --diagnostics-file=nowhere/file
		contains "$err" "$(head -n 1 <<<"$text")"
		contains "$err" "cannot write the diagnostics to nowhere/file: No such file or directory"
		run_status 3 "$DIMC" check sources --diagnostics=$form --diagnostics-file=sources
		contains "$err" "cannot write the diagnostics to sources: Is a directory"
	done
}

# Devices stand behind links here: a program that is wrong may replace those.
@test "what is no file behind --diagnostics-file, a link, a device or a pipe, is written to and stays what it is" {
	make_right sources
	ln -s /proc/self/fd/1 stdout
	run_status 0 "$DIMC" check sources --diagnostics=json --diagnostics-file=stdout -q
	[[ -L stdout && $out = '{'*'}' && -z $err ]]
	want=$out
	ln -s target link
	echo 'what is longer than the document, and stood there before' >target
	yes more | head -n 1000 >>target
	run_status 0 "$DIMC" check sources --diagnostics=json --diagnostics-file=link -q
	[[ -L link && $(<target) = "$want" ]]
	if [[ -w /dev/full ]]; then
		ln -s /dev/full full
		run_status 3 "$DIMC" check sources --diagnostics=json --diagnostics-file=full
		contains "$err" "cannot write the diagnostics to full: No space left on device"
		[[ -L full ]]
	fi
	mkfifo pipe
	cat <pipe >came &
	run_status 0 "$DIMC" check sources --diagnostics=json --diagnostics-file=pipe -q
	wait $!
	[[ $(<came) = "$want" && -p pipe ]]
}

# Two files that are wrong, read in this order, and what only all of them together show.
make_wrong() {
	make_right sources
	echo 'wrong: 1' >>sources/D01-emotion/010-joy.yaml
	make_layer sources/D01-emotion/030-again.yaml 1 1.0 again 'Again and again.'
	echo 'later: 1' >>sources/D02-cognition/010-attention.yaml
}

# terminal COMMAND...: runs it with a terminal for its streams; what comes out goes to stdout.
terminal() {
	python3 - "$@" <<'PYTHON'
import os, pty, sys
status = pty.spawn(sys.argv[1:], lambda fd: os.read(fd, 65536), lambda fd: b"")
sys.exit(os.waitstatus_to_exitcode(status))
PYTHON
}

@test "on a terminal a file's messages are shown before the next file is read" {
	need python3 strace
	export ASAN_OPTIONS=detect_leaks=0 # a leak sanitizer cannot look while strace does
	strace -qq -o /dev/null true 2>/dev/null || skip 'strace may not trace here'
	make_wrong
	run_status 1 terminal strace -f -qq -s 200 -o trace.log -e trace=openat,write "$DIMC" check sources -j 1 --color=never
	shown=$(grep -n 'write(2, .*unknown-key' trace.log | head -n 1 | cut -d : -f 1)
	next=$(grep -n 'openat(.*"030-again\.yaml"' trace.log | head -n 1 | cut -d : -f 1)
	last=$(grep -n 'openat(.*"010-attention\.yaml"' trace.log | head -n 1 | cut -d : -f 1)
	[[ -n $shown && -n $next && -n $last && $shown -lt $next && $next -lt $last ]]
	# Where nobody waits, they come at the end, sorted.
	strace -f -qq -s 200 -o trace.log -e trace=openat,write "$DIMC" check sources -j 1 2>err || true
	shown=$(grep -n 'write(2, .*unknown-key' trace.log | head -n 1 | cut -d : -f 1)
	last=$(grep -n 'openat(.*"010-attention\.yaml"' trace.log | head -n 1 | cut -d : -f 1)
	[[ $shown -gt $last ]]
}

@test "on a terminal nothing is shown twice and nothing is left out" {
	need python3
	make_wrong
	run_status 1 "$DIMC" check sources
	grep -E '^[a-z].*: (error|warning): ' <<<"$err" | sort >want
	[[ $(wc -l <want) -eq 3 ]]
	for jobs in 1 4; do
		run_status 1 terminal "$DIMC" check sources -j "$jobs" --color=never
		tr -d '\r' <<<"$out" | sed 's/^.*\x1b\[[0-9]*[A-Z]//' >shown
		grep -E '^[a-z].*: (error|warning): ' shown | sort | diff want -
		[[ $(grep -c '^3 errors in 3 files' shown) -eq 1 ]]
	done
	# For programs nothing comes early.
	run_status 1 terminal "$DIMC" check sources --diagnostics=github
	[[ $(tr -d '\r' <<<"$out" | grep -c '^::') -eq 3 ]]
	[[ $(tr -d '\r' <<<"$out" | grep -vc '^::') -eq 0 ]]
}

# level NAME OPTION...: how loud a check is then.
level() {
	"$DIMC" check --list-checks "${@:2}" | awk -v name="$1" '$1 == name { print $2 }'
}

@test "-W turns each check on, off and into an error, and no other" {
	default=$("$DIMC" check --list-checks)
	[[ $(grep -c ' warning ' <<<"$default") -ge 12 ]]
	while read -r name level _; do
		if [[ $level = always ]]; then
			for option in "$name" "no-$name" "error=$name" "no-error=$name"; do
				run_status 2 "$DIMC" check --list-checks "-W$option"
				contains "$err" "-W$option: $name is always an error"
				[[ -z $out ]]
			done
			continue
		fi
		for wanted in "off no-$name" "error error=$name" "warning no-error=$name" "$level $name"; do
			run_status 0 "$DIMC" check --list-checks "-W${wanted#* }"
			diff <(printf '%s\n' "$out") <(awk -v name="$name" -v level="${wanted%% *}" \
				'$1 == name { sub(sprintf("%-8s", $2), sprintf("%-8s", level)) } { print }' <<<"$default")
		done
		[[ $(level "$name" "-Wno-$name" "-W$name") = "$level" ]]
	done <<<"$default"
}

@test "of -W options the later ones count; all, no-all and error are what they say" {
	[[ $(level tab -Werror=tab -Wno-tab) = off ]]
	[[ $(level tab -Wno-tab -Werror=tab) = error ]]
	[[ $(level tab -Wno-tab -W tab) = warning ]]
	[[ $(level tab -Werror=tab -Wtab) = error ]]
	[[ $(level tab --warn=no-tab) = off ]]
	[[ $(level tab -Wno-all) = off && $(level frequency-band -Wno-all) = off && $(level syntax -Wno-all) = always ]]
	[[ $(level tab -Wno-all -Wtab) = warning && $(level tab -Wtab -Wno-all) = off ]]
	[[ $(level tab -Wno-all -Wall) = warning && $(level frequency-band -Wno-all -Wall) = error ]]
	[[ $(level tab -Werror) = error && $(level tab -Werror -Wno-error) = warning && $(level syntax -Werror) = always ]]
	[[ $(level tab -Werror -Wno-tab) = off && $(level tab -Wno-tab -Werror) = off ]]
	[[ $(level tab -Werror -Wno-error=tab) = warning && $(level tab -Wno-error=tab -Werror) = warning ]]
	[[ $(level tab -Wno-error=tab -Werror=tab) = error && $(level nul -Wno-all -Werror) = always ]]
}

@test "a -W name that no check has is an error of usage, with the one that is likely meant" {
	make_right sources
	for command in check compile; do
		run_status 2 "$DIMC" $command sources -Wtabs
		contains "$err" '-Wtabs: there is no check "tabs"'
		contains "$err" 'did you mean "tab"?'
		run_status 2 "$DIMC" $command sources -Wno-error=keyword-cas
		contains "$err" 'did you mean "keyword-case"?'
		run_status 2 "$DIMC" $command sources -Wxyzzyxyzzy
		contains "$err" "\`dimc check --list-checks\` lists them"
		for name in '' no- error= no-error= no-no-tab error=all error=error; do
			run_status 2 "$DIMC" $command sources -W "$name"
			contains "$err" "-W$name: there is no check "
		done
	done
	[[ ! -e data ]]
}

@test "a level decides severity, exit status and whether something is published" {
	make_right sources
	printf 'title:\tJoy\n' >>sources/D01-emotion/010-joy.yaml
	run_status 0 "$DIMC" compile sources -o volume --no-sync
	contains "$err" ":6:7: warning: "
	contains "$err" "1 warning in 1 file"
	rm -r volume
	run_status 1 "$DIMC" compile sources -o volume --no-sync -Werror=tab
	contains "$err" ":6:7: error: "
	contains "$err" "1 error in 1 file; nothing was published"
	[[ ! -e volume ]]
	run_status 0 "$DIMC" compile sources -o volume --no-sync -Wno-tab
	[[ -z $err ]]
	echo 'frequency_range: [2, 3]' >>sources/D01-emotion/dimension.yaml
	run_status 1 "$DIMC" check sources -Wno-tab
	contains "$err" "[frequency-band]"
	run_status 0 "$DIMC" check sources -Wno-tab -Wno-error=frequency-band
	contains "$err" ": warning: 1.5 Hz is outside"
	run_status 0 "$DIMC" check sources -Wno-tab -Wno-frequency-band
	[[ -z $err ]]
}

# fenced N: the N-th fenced text of docs/diagnostics.md.
fenced() {
	awk -v n="$1" '/^```/ { if (inside = !inside) count++; next } inside && count == n' "$ROOT/docs/diagnostics.md"
}

@test "docs/diagnostics.md shows what is printed, and names every member" {
	need jq
	make_dimension sources/D01-emotion 1 Emotion
	printf 'layer_id: 10\ntitle: Awe\nfrequncy: 0.8\nkeywords: [awe]\ncontent: What a person feels.\n' \
		>sources/D01-emotion/100-awe.yaml
	run_status 1 "$DIMC" check sources -q
	diff <(fenced 2) <(printf '%s\n' "$err")
	run_status 1 "$DIMC" check sources --diagnostics=github
	diff <(fenced 3) <(printf '%s\n' "$err")
	run_status 0 bash -c "dimc() { '$DIMC' \"\$@\"; }; $(fenced 1 | sed 1d)"
	[[ $out = 'sources/D01-emotion/100-awe.yaml:3 unknown-key' ]]
	jq -r '.. | objects | keys[]' "$BATS_FILE_TMPDIR"/*/*/*/messages.json | sort -u >members
	[[ $(wc -l <members) -ge 18 ]]
	while read -r member; do
		grep -q "\`$member\`" "$ROOT/docs/diagnostics.md"
	done <members
	# shellcheck disable=SC2016 # signs of Markdown
	sed -n '/^## JSON/,/^## SARIF/s/^| \(`[a-z_`, ]*`\) |.*/\1/p' "$ROOT/docs/diagnostics.md" | tr -d '`,' | tr ' ' '\n' | sort -u |
		comm -23 - members | diff - /dev/null
}
