#!/usr/bin/env bats
# distributed.bats: dimensions compiled by several workers come together as the generation that one machine gives: through files, through
# a registry on loopback, by Ninja; and the README of examples/distributed/ says nothing that does not work.
# In: the built program, examples/distributed/. Out: generations, compared.
# shellcheck disable=SC2154 # out and err are set by run_status

load lib
load oci

# Once: what one machine gives, and a registry that skopeo is told to speak to without TLS.
setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	SOURCE_DATE_EPOCH=1730000000 "$DIMC" compile -q --no-sync "$ROOT/sources" -o one
	export HOME=$BATS_FILE_TMPDIR/home
	mkdir -p bin "$HOME/.config/containers"
	ln -s "$DIMC" bin/dimc
	registry=
	registry_start || true
	printf '[[registry]]\nlocation = "%s"\ninsecure = true\n' "${registry:-none}" >"$HOME/.config/containers/registries.conf"
	export REPOSITORY=$registry/team/dimensions RUN=0123456789ab
}

teardown_file() {
	registry_stop
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	PATH=$BATS_FILE_TMPDIR/bin:$PATH
	export -n DIMC
	export SOURCE_DATE_EPOCH=1730000000
	one=$BATS_FILE_TMPDIR/one
}

# is_whole VOLUME: the same generation as one machine's, down to every file.
is_whole() {
	run_status 0 dimc verify "$1" --strict
	diff <(contents "$one/consciousness") <(contents "$1/consciousness")
}

# A checkout of the project, with a history.
checkout() {
	mkdir "$1"
	cp -r "$ROOT/sources" "$ROOT/examples" "$1"
	git -C "$1" init -q
	git -C "$1" add .
	GIT_COMMITTER_DATE='1730000000 +0000' git -C "$1" -c user.name=n -c user.email=e commit -qm sources
}

# The entries of the matrix: "PART DIMENSIONS" a line.
matrix() {
	sed -n 's/^ *- {part: \([0-9]*\), dimensions: "\(.*\)"}$/\1 \2/p' "$ROOT/examples/distributed/matrix.yaml"
}

@test "the matrix gives every dimension to one worker, and every worker's part is assembled" {
	[[ $(matrix | wc -l) -eq 4 ]]
	diff <(matrix | cut -d' ' -f2 | tr , '\n' | sort) <(dimc info "$one" --json | sed -n 's/^ *"dimension_id": \([0-9]*\),$/\1/p' |
		while read -r id; do printf 'D%02d\n' "$id"; done | sort)
	[[ $(sed -n 's/.*assemble\.sh data\/mmap //p' "$ROOT/examples/distributed/matrix.yaml") = "$(matrix | cut -d' ' -f1 | paste -sd' ')" ]]
	if command -v python3 >/dev/null && python3 -c 'import yaml' 2>/dev/null; then
		python3 -c 'import sys, yaml; j = yaml.safe_load(open(sys.argv[1]))["jobs"]; assert j["assemble"]["needs"] == "part"' \
			"$ROOT/examples/distributed/matrix.yaml"
	fi
}

@test "four workers, four checkouts, one registry: one restore gives one machine's generation" {
	need_registry
	workers=()
	while read -r part dimensions; do
		# Another directory, other mtimes, and sources of other dimensions that are none of this worker's business.
		mkdir "worker$part"
		cp -r "$ROOT/sources" "worker$part"
		(cd "worker$part" && exec "$ROOT/examples/distributed/worker.sh" "$part" "$dimensions") >"log$part" 2>&1 3>&- &
		workers+=($!)
	done < <(matrix)
	for worker in "${workers[@]}"; do
		wait "$worker" || { cat log?; return 1; }
	done
	run_status 0 "$ROOT/examples/distributed/assemble.sh" volume 1 2 3 4
	contains "$out" "added: D01 D02 D03"
	is_whole volume
	# What the registry says of a part is what the worker was told.
	digest=$(sed -n 's/^image //p' log3)
	[[ -n $digest && $(skopeo inspect --format '{{.Digest}}' "docker://$REPOSITORY:$RUN-3") = "$digest" ]]
	# A part that is not there stops it all: nothing is published.
	before=$(snapshot volume)
	run_status 1 "$ROOT/examples/distributed/assemble.sh" volume 1 2 3 5
	[[ $(snapshot volume) = "$before" ]]
}

@test "two workers that disagree about a dimension are refused, and so is a part that was tampered with" {
	dimc compile "$ROOT/sources" -d D01,D02 -o 1 -q --no-sync
	cp -r "$ROOT/sources" sources
	sed -i 's/^frequency: .*/frequency: 1.25/' sources/D02-*/*.yaml
	dimc compile sources -d D02,D03 -o 2 -q --no-sync
	for part in 1 2; do dimc bundle "$part" -o "$part.tar" --format=oci -q; done
	run_status 7 dimc restore 1.tar 2.tar -o volume
	contains "$err" "D02 has another digest"
	[[ ! -e volume ]]
	size=$(stat -c %s 2.tar)
	flip 2.tar $((size / 2))
	run_status 5 dimc restore 1.tar 2.tar -o volume
	[[ ! -e volume ]]
}

@test "more parts than a process may open files" {
	for ((i = 1; i <= 40; i++)); do
		make_dimension "sources/$i" "$i" "N$i"
		make_layer "sources/$i/1.yaml" 1 1.0 word "Text $i."
	done
	dimc compile sources -o whole -q --no-sync
	for ((i = 1; i <= 40; i++)); do
		dimc bundle whole -d "$(printf 'D%02d' "$i")" -o "$i.tar.gz" -q
	done
	limited() { (ulimit -n 30 && exec dimc restore ./*.tar.gz -o volume --no-sync); }
	run_status 0 limited
	diff <(contents whole/consciousness) <(contents volume/consciousness)
}

@test "Ninja: an edge for each dimension; then what changed, and nothing else" {
	need ninja
	cp -r "$ROOT/sources" sources
	run_status 0 "$ROOT/examples/distributed/ninja.sh" sources
	cat >build.ninja <<<"$out"
	run_status 0 ninja
	is_whole data/mmap
	run_status 0 ninja
	contains "$out" "no work to do"
	[[ -z $(find parts -name '*.volume' -o -name all) ]]
	# Touched, not changed: the part is made again, is the same, and nothing is published; then there is nothing to do.
	touch sources/D07-*/dimension.yaml
	before=$(snapshot data/mmap/consciousness)
	run_status 0 ninja -v
	[[ $(grep -c 'dimc compile' <<<"$out") -eq 1 && $(snapshot data/mmap/consciousness) = "$before" ]]
	run_status 0 ninja
	contains "$out" "no work to do"
	file=$(find sources/D07-* -name '0*.yaml' | sort | head -n 1)
	sed -i 's/^frequency: .*/frequency: 1.0625/' "$file"
	run_status 0 ninja -v
	[[ $(grep -c 'dimc compile' <<<"$out") -eq 1 ]]
	contains "$out" "compile sources -d D07"
	dimc compile sources -o direct -q --no-sync
	[[ $(generation data/mmap) = "$(generation direct)" && $(generation direct) != "$(generation "$one")" ]]
}

@test "an edge needs nothing but the inputs that it names: elsewhere, it gives the same bytes" {
	need ninja
	cp -r "$ROOT/sources" sources
	"$ROOT/examples/distributed/ninja.sh" sources >build.ninja
	ninja parts/D03.tar.gz >/dev/null
	ninja -t commands parts/D03.tar.gz >edge
	[[ $(wc -l <edge) -eq 1 ]]
	mkdir -p elsewhere/parts
	ninja -t query parts/D03.tar.gz | sed -n '/input:/,/outputs:/p' | sed -n 's/^    //p' >inputs
	grep -q '^sources/D03-.*/dimension\.yaml$' inputs
	while read -r input; do
		mkdir -p "elsewhere/$(dirname "$input")"
		cp "$input" "elsewhere/$input"
	done <inputs
	[[ $(ls elsewhere/sources) = D03-* ]]
	(cd elsewhere && env -i PATH="$PATH" TZ=Asia/Tokyo sh -c "$(<../edge)")
	cmp parts/D03.tar.gz elsewhere/parts/D03.tar.gz
	cmp parts/D03.tar.gz.sha256 elsewhere/parts/D03.tar.gz.sha256
	diff <(cd elsewhere && find . -type f | sort) <({ cat inputs; echo parts/D03.tar.gz; echo parts/D03.tar.gz.sha256; } | sed 's/^/.\//' | sort)
}

@test "the README's commands work as they are written" {
	need ninja
	need_registry
	checkout project
	cd project
	unset SOURCE_DATE_EPOCH
	[[ $(grep -c '^```sh$' "$ROOT/examples/distributed/README.md") -eq 4 ]]
	# shellcheck disable=SC2016 # these are no commands
	sed -n '/^```sh$/,/^```$/p' "$ROOT/examples/distributed/README.md" | sed "s/^\`\`\`sh\$/rm -rf work\/volume/; /^\`\`\`\$/c\\
		if [ -e work/volume ]; then dimc verify work/volume --json >>../generations; fi" >../commands
	RUN='' run_status 0 sh -eux ../commands
	[[ $(grep -c '"generation": "'"$(generation "$one")"'"' ../generations) -eq 3 ]]
	[[ $(grep -c '"generation"' ../generations) -eq 3 ]]
}
