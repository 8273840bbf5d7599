#!/usr/bin/env bats
# readers.bats: the quick reader of YAML gives what libyaml gives, wherever it does not step aside.
# shellcheck disable=SC2154 # out and err are set by run_status

load lib

setup_file() {
	{
		find "$ROOT"/{sources,examples,tests} -type f -size -2M ! -path '*/tests/fixtures/*' -print0
		find "$ROOT/tests/fixtures" -type f -size -2M -print0
	} >"$BATS_FILE_TMPDIR/files"
}

@test "both readers agree on documents made of everything that YAML has" {
	run_status 0 "$OUT/tests/readers_test" --made 100000
}

@test "both readers agree on every file of the sources, the examples and the tests" {
	run_status 0 xargs -0 -n 100000 "$OUT/tests/readers_test" <"$BATS_FILE_TMPDIR/files"
	[[ $out = *' files' ]]
}

@test "both readers agree on sources with line ends of other kinds, and with tabs" {
	local file number=0
	mkdir other
	for file in "$ROOT"/sources/*/0*.yaml; do
		number=$((number + 1))
		sed 's/$/\r/' "$file" >"other/$number-crlf.yaml"
		head -c -1 "$file" >"other/$number-cut.yaml"
		sed '/frequency:/s/: /:\t/' "$file" >"other/$number-tabs.yaml"
		sed '1s/$/ # \xC2\x85/' "$file" >"other/$number-nel.yaml"
	done
	[[ $number -gt 9 ]]
	run_status 0 "$OUT/tests/readers_test" other/*
	contains "$out" "0 of $((4 * number)) files"
}

@test "the quick reader takes every source of the project" {
	local files=("$ROOT"/sources/*/*.yaml)
	run_status 0 env TELL=1 "$OUT/tests/readers_test" "${files[@]}"
	[[ $out = "${#files[@]} of ${#files[@]} files" ]] || {
		echo "$out"
		return 1
	}
}

# compile_both SOURCES: by each reader; the same volume and the same messages come out.
compile_both() {
	local reader
	for reader in libyaml quick; do
		DIMC_READER=$reader run_status 0 "$DIMC" compile "$1" -o volume --no-sync -Wall
		mv "$BATS_TEST_TMPDIR/.stderr" "$reader.err"
		contents volume/consciousness >"$reader.volume"
		rm -r volume
	done
	[[ -s libyaml.volume ]]
	diff libyaml.volume quick.volume
	diff libyaml.err quick.err
}

@test "the project's sources give the same volume and the same warnings by both readers" {
	compile_both "$ROOT/sources"
}

@test "large sources in many scripts give the same volume and the same warnings by both readers" {
	need cc
	cc -o corpus "$ROOT/tests/bench/corpus.c"
	./corpus S src
	sed -i '2s/$/ /; 6s/$/\xE2\x80\x8B/' src/*/0*.yaml
	compile_both src
	[[ $(grep -c warning: quick.err) -gt 500 ]]
}

@test "what is wrong in sources is said in the same words by both readers" {
	local reader
	cp -r "$ROOT/tests/fixtures/odd" odd
	mkdir D01
	printf 'dimension_id: 1\nname: Odd\n' >D01/dimension.yaml
	cp odd/*.yaml D01/
	for reader in libyaml quick; do
		DIMC_READER=$reader run_status 1 "$DIMC" check . -Wall
		mv "$BATS_TEST_TMPDIR/.stderr" "$reader.err"
	done
	[[ -s quick.err ]]
	diff libyaml.err quick.err
}

@test "DIMC_READER names one of the two readers, or the run is refused" {
	make_sources src
	DIMC_READER='' run_status 0 "$DIMC" check src
	DIMC_READER=yaml run_status 2 "$DIMC" check src
	contains "$err" 'DIMC_READER must be quick or libyaml, not "yaml"'
	DIMC_READER=quick run_status 2 env DIMC_READER=fast "$DIMC" fmt src
}
