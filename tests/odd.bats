#!/usr/bin/env bats
# odd.bats: whatever somebody saves as a source, YAML of every kind or none at all, is judged: no crash, no hang, and each
# rejection has a place.
# In: tests/fixtures/odd, each file in place of a layer and of a dimension.yaml. Out: `accepted` there lists the layers that are
# taken; BLESS=1 rewrites it.
# shellcheck disable=SC2154 # out and err are set by run_status

load lib

ODD=$ROOT/tests/fixtures/odd

# place_each AS: a dimension for each input, which is its only layer file or its dimension.yaml.
place_each() {
	local file name number=0
	for file in "$ODD"/*.yaml; do
		name=${file##*/}
		name=$1/${name%.yaml}
		number=$((number + 1))
		mkdir -p "$name"
		printf 'dimension_id: %s\nname: Odd\n' "$number" >"$name/dimension.yaml"
		printf 'layer_id: 900\nfrequency: 1\nkeywords: [odd]\ncontent: A few words of text.\n' >"$name/900.yaml"
		if [[ $1 = layer ]]; then
			rm "$name/900.yaml"
			cp "$file" "$name/010.yaml"
		else
			cp "$file" "$name/dimension.yaml"
		fi
	done
}

# errors_of AS: the names of the inputs that were rejected; fails where an error stands without a place in its file.
errors_of() {
	local file=010.yaml
	[[ $1 = layer ]] || file=dimension.yaml
	run_status 1 timeout 10 "$DIMC" check "$1" -Wno-all
	lacks "$err" 'more errors'
	grep -E '^[^ ].* error: |^dimc: ' "$BATS_TEST_TMPDIR/.stderr" >said
	[[ -s said ]]
	grep -vE "^$1/[a-zA-Z0-9.-]+/$file:([0-9]+:[0-9]+:)? error: [^ ].* \[[a-z-]+\]\$" said >without_place || true
	cat without_place
	[[ ! -s without_place ]]
	cut -d / -f 2 said | sort -u >rejected
}

@test "of odd inputs as layer files, exactly those that hold layers are taken, and the others are rejected at a place" {
	place_each layer
	[[ $(find layer -mindepth 1 -maxdepth 1 | wc -l) -gt 200 ]]
	errors_of layer
	find layer -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | comm -23 - rejected >accepted
	[[ -z ${BLESS:-} ]] || cp accepted "$ODD/accepted"
	diff "$ODD/accepted" accepted
}

@test "of odd inputs as dimension.yaml, every one is rejected at a place" {
	place_each dimension
	errors_of dimension
	find dimension -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | diff - rejected
}

@test "the messages about odd inputs are printable" {
	place_each layer
	"$DIMC" check layer --color=never >.stdout 2>.stderr || true
	[[ $(LC_ALL=C tr -d '\n\t\040-\176\200-\377' <.stderr | wc -c) -eq 0 ]]
	iconv -f UTF-8 -t UTF-8 <.stderr >/dev/null
}

@test "files that are not read are reported, unless that is turned off or they begin with a dot" {
	make_sources sources
	mkdir sources/D01-emotion/drafts sources/D01-emotion/.drafts sources/.old
	cp sources/D01-emotion/010-joy.yaml sources/D01-emotion/.drafts/
	cp sources/D01-emotion/010-joy.yaml sources/.old/
	run_status 0 "$DIMC" check sources -Wno-all -Wfile-ignored
	cp sources/D01-emotion/010-joy.yaml sources/D01-emotion/drafts/
	run_status 1 "$DIMC" check sources
	contains "$err" 'sources/D01-emotion/drafts/010-joy.yaml: error: '
	contains "$err" '[file-ignored]'
	run_status 1 "$DIMC" compile sources -o volume
	[[ ! -e volume ]]
	run_status 0 "$DIMC" check sources -Wno-file-ignored
	ln -s ../D01-emotion sources/D01-emotion/loop
	run_status 0 timeout 10 "$DIMC" check sources -Wno-file-ignored
	run_status 1 timeout 10 "$DIMC" check sources
}
