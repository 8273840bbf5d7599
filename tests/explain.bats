#!/usr/bin/env bats
# `dimc explain` and docs/checks.md: each check has a section with an example that is wrong and its mend, and both are tried.
# In: the built program, the document. Out: what an author reads who wants to know what the name behind a message means.
# shellcheck disable=SC2154 # out and err are set by run_status

load lib

check_names() {
	sed -n 's/^\tX([A-Z_]*, "\([a-z-]*\)",.*/\1/p' "$ROOT/compiler/checks.h"
}

# try DOCUMENT: its examples, by this program.
try() {
	check_names >names
	rm -rf tried
	python3 -B "$ROOT/tests/checks_examples.py" "$DIMC" "$1" names tried
}

@test "every check has a section with its parts, its wrong example gives exactly that check, and the mend gives nothing" {
	need python3
	run_status 0 try "$ROOT/docs/checks.md"
	contains "$out" "$(grep -c '^	X(' "$ROOT/compiler/checks.h") checks are explained"
}

@test "an example that is right, a mend that does not mend, a part or a section that is missing are found" {
	need python3
	sed 's/^titel: /title: /' "$ROOT/docs/checks.md" >right.md
	run_status 1 try right.md
	[[ $err = "unknown-key: the wrong example gives [], not ['unknown-key']" ]]
	sed 's/^frequency: 8$/frequency: -8/' "$ROOT/docs/checks.md" >other.md
	run_status 1 try other.md
	[[ $err = "frequency-band: the wrong example gives ['frequency'], not ['frequency-band']" ]]
	sed 's/^title: Émerveillement/title: <byte C9>merveillement/' "$ROOT/docs/checks.md" >unmended.md
	run_status 1 try unmended.md
	[[ $err = "encoding: the mend leaves ['encoding']" ]]
	sed '/^## alias/,/^## / s/^\*\*Why:\*\*.*//' "$ROOT/docs/checks.md" >without.md
	run_status 1 try without.md
	contains "$err" "alias: its parts are ['Wrong', 'Mend']"
	sed 's/^## layout$/## layouts/' "$ROOT/docs/checks.md" >misspelt.md
	run_status 1 try misspelt.md
	contains "$err" "sections: "
}

@test "explain prints the section of a check for people, without the signs of Markdown, in 80 columns" {
	while read -r name; do
		run_status 0 "$DIMC" explain "$name"
		[[ $(head -n 1 <<<"$out") = "$name: "* ]]
		printf '%s\n' "$out" >>all
		for part in Why Wrong Mend; do
			[[ $out = *$'\n'"$part:"* ]]
		done
		[[ -z $err ]]
	done < <(check_names)
	run_status 1 grep -nE '`|\*\*|^#|<!--|\]\(' all
	awk 'length > 80 && !/^    / { print; bad = 1 } END { exit bad }' all
}

@test "the name may stand in brackets, as messages have it" {
	run_status 0 "$DIMC" explain unknown-key
	plain=$out
	contains "$plain" "    titel: Awe"
	run_status 0 "$DIMC" explain '[unknown-key]'
	[[ $out = "$plain" ]]
}

@test "a name that no check has is an error of usage, with the one that is likely meant" {
	run_status 2 "$DIMC" explain unknwon-key
	[[ -z $out ]]
	contains "$err" 'there is no check "unknwon-key"'
	contains "$err" 'did you mean "unknown-key"?'
	run_status 2 "$DIMC" explain xyzzy
	contains "$err" "\`dimc explain\` lists the checks"
	for name in '' '[' '[]' ']' unknown unknown-keys; do
		run_status 2 "$DIMC" explain "$name"
	done
	run_status 2 "$DIMC" explain tab nul
}

@test "explain without a name lists the checks as check --list-checks does" {
	run_status 0 "$DIMC" explain
	cut -d ' ' -f 1 <<<"$out" | diff - <(check_names)
	list=$out
	run_status 0 "$DIMC" check --list-checks
	[[ $out = "$list" ]]
}

@test "with --json there are name, level, what it is about, and the section as Markdown" {
	need jq
	run_status 0 "$DIMC" explain --json unknown-key
	[[ $(jq -r 'keys_unsorted | join(" ")' <<<"$out") = "check level about text" ]]
	[[ $(jq -r '.check, .level, .about' <<<"$out") = $'unknown-key\nalways\na key that does not belong there' ]]
	jq -r .text <<<"$out" | diff - <(sed '1,/^## unknown-key$/d; /^## /,$d' "$ROOT/docs/checks.md" | sed 1d)
	run_status 0 "$DIMC" explain --json nesting
	lacks "$out" "<!--"
	run_status 0 "$DIMC" explain --json
	jq -r '.[] | [.check, .level, .about] | join(" ")' <<<"$out" >from_json
	"$DIMC" explain | tr -s ' ' | diff - from_json
	[[ $(jq -r '.[].text' <<<"$out" | grep -c '^\*\*Mend:\*\*') -eq $(check_names | wc -l) ]]
}

@test "colors are as --color says, and paint only what stands there without them" {
	escape=$'\e'
	run_status 0 "$DIMC" explain syntax
	lacks "$out" "$escape"
	plain=$(tr -d '"' <<<"$out" | tr -s ' \n' ' '; echo .)
	plain=${plain%.}
	run_status 0 "$DIMC" explain syntax --color=always
	contains "$out" "${escape}[1mWhy:${escape}[0m"
	tr -d '"' <<<"$out" | sed 's/\x1b\[[0-9;]*m//g' | tr -s ' \n' ' ' | diff - <(printf '%s' "$plain")
}

@test "on a terminal the lines are as wide as it is" {
	need script
	script -qec true /dev/null </dev/null >/dev/null 2>&1 || skip 'no pseudo-terminal here'
	export DIMC
	for columns in 40 120; do
		script -qec "stty cols $columns; \"\$DIMC\" explain missing-key --color=never" /dev/null </dev/null | tr -d '\r' >"at-$columns"
		awk -v max="$columns" '!/^    / { if (length > longest) longest = length }
			END { print longest; exit !(longest > max - 12 && longest <= max) }' "at-$columns"
	done
	diff <(grep -v '^ ' at-40 | tr -s ' \n' ' ') <(grep -v '^ ' at-120 | tr -s ' \n' ' ')
}
