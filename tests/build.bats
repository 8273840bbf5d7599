#!/usr/bin/env bats
# The Makefile, the scripts and the project's own sources, as newcomers and operators meet them.
# In: the repository. Out: what its targets do in a copy of it.
# shellcheck disable=SC2154 # out and err are set by run_status

load lib

@test "the README's set-up is the two commands" {
	sed -n '/^## Set up/,/^## /p' "$ROOT/README.md" >section
	grep -qx 'make deps dimensions' section
	grep -qx 'make test' section
}

@test "the sources are 14 dimensions of at least 8 layers, 150 to 600 words each, 0.1 to 4.5 Hz" {
	run_status 0 "$DIMC" compile "$ROOT/sources" -o volume --no-sync
	contains "$out" "added: D01 D02 D03 D04 D05 D06 D07 D08 D09 D10 D11 D12 D13 D14"
	need jq
	"$DIMC" info volume --json >info.json
	jq -e '.dimensions | length == 14' info.json
	jq -e 'all(.dimensions[]; .layer_count >= 8)' info.json
	jq -e 'all(.dimensions[].layers[]; .frequency >= 0.1 and .frequency <= 4.5 and (.keywords | length) >= 3)' info.json
	[[ $(jq -r '.dimensions[].layers[].checksum' info.json | sort | uniq -d | wc -l) -eq 0 ]]
	[[ $(jq -r '.dimensions[].layers[].title' info.json | sort | uniq -d | wc -l) -eq 0 ]]
	count=0
	while read -r dimension layer; do
		words=$("$DIMC" show volume "$(printf 'D%02d/%d' "$dimension" "$layer")" | wc -w)
		[[ $words -ge 150 && $words -le 600 ]] || { echo "D$dimension/$layer: $words words"; return 1; }
		count=$((count + 1))
	done < <(jq -r '.dimensions[] | .dimension_id as $d | .layers[] | "\($d) \(.layer_id)"' info.json)
	[[ $count -ge 112 ]]
	# The formats that the main job covers.
	grep -rlq '^content_file:' "$ROOT/sources"
	grep -rlq '^layers:' "$ROOT/sources"
	grep -rlqx -e '---' "$ROOT/sources"
}

@test "make init-mmap, dimensions, test-mmap and mmap-info work on .env's volume" {
	copy_of_project
	echo 'MMAP_BASE_PATH=elsewhere/mmap  # not the default' >.env
	run_status 0 make_with_built init-mmap
	[[ -d elsewhere/mmap/consciousness/D14 && -d elsewhere/mmap/proto && ! -e data ]]
	run_status 0 make_with_built dimensions
	[[ -f elsewhere/mmap/consciousness/D14/region.mmap ]]
	run_status 0 make_with_built test-mmap
	contains "$out" "every byte sound"
	run_status 0 make_with_built mmap-info
	contains "$out" "elsewhere/mmap: 14 dimensions"
	run_status 0 make_with_built dimensions
	contains "$out" "up to date"
	echo 'MMAP_MAX_SIZE=4096' >>.env
	touch sources/D01-emotion/dimension.yaml
	run_status 2 make_with_built dimensions
	contains "$err" "[region-size]"
	contains "$err" "raise MMAP_MAX_SIZE"
}

@test "updated_at comes from the last commit to the sources" {
	need git
	copy_of_project
	git init -q .
	git add -A
	GIT_AUTHOR_DATE=2025-01-02T03:04:05Z GIT_COMMITTER_DATE=2025-01-02T03:04:05Z \
		git -c user.name=a -c user.email=a@example.org -c commit.gpgsign=false commit -qm first
	run_status 0 make_with_built dimensions
	grep -q '"updated_at": "2025-01-02T03:04:05Z"' data/mmap/consciousness/D01/index.json
}

@test "scripts/verify-mmap-volume.sh tells sound from damaged and from missing" {
	copy_of_project
	run_status 9 ./scripts/verify-mmap-volume.sh
	run_status 0 make_with_built dimensions
	run_status 0 ./scripts/verify-mmap-volume.sh
	contains "$out" "ok   dimc verify"
	run_status 0 ./scripts/verify-mmap-volume.sh data/mmap
	flip data/mmap/consciousness/D03/region.mmap 9000
	run_status 5 ./scripts/verify-mmap-volume.sh
	contains "$out$err" "D03"
}

@test "without the packages, make says which are missing and that make deps brings them" {
	copy_of_project
	run_status 2 make OUT=other PKG_CONFIG=no-such-pkg-config dimensions
	contains "$err" "missing: pkg-config"
	contains "$err" "make deps"
	run_status 0 make -n OUT=other PKG_CONFIG=no-such-pkg-config help
}

@test "deps.sh lists the packages where there is no apt" {
	mkdir bin
	for tool in sh cat env; do
		ln -s "$(command -v $tool)" bin/
	done
	run_status 1 env PATH="$PWD/bin" "$ROOT/scripts/deps.sh" basic
	contains "$err" "There is no apt here"
	contains "$err" "libyaml"
}

@test "a build with -j waits for the packages of the same command line" {
	run_status 0 make -C "$ROOT" -n -j2 OUT="$PWD/other" deps "$PWD/other/bin/dimc"
	deps=$(grep -n 'scripts/deps.sh basic' <<<"$out" | head -1 | cut -d: -f1)
	first=$(grep -n 'deps.sh check' <<<"$out" | head -1 | cut -d: -f1)
	[[ $deps -lt $first ]]
}
