#!/usr/bin/env bats
# go.bats: examples/go: its README word for word from an installed prefix, with its own tests, and what read_layer says when
# something is wrong. Go builds once, offline, in a cache of this file's own.

# shellcheck disable=SC2154 # out and err are set by run_status
load lib

can_build() {
	command -v go >/dev/null && [[ $(go env GOVERSION) =~ ^go1\.([0-9]+) && ${BASH_REMATCH[1]} -ge 19 ]] &&
		command -v pkg-config >/dev/null &&
		! is_instrumented
}

# blocks LANGUAGE: the README's code.
blocks() {
	awk -v fence="\`\`\`$1" '$0 == "```" {on = 0} on; $0 == fence {on = 1}' README.md
}

# Follows the README where it stands: in the project, with a published volume.
setup_file() {
	load lib
	can_build || return 0
	tree_with_example go
	mkdir "$BATS_FILE_TMPDIR/home"
	cd "$BATS_FILE_TMPDIR/tree/examples/go" || return 1
	blocks sh >"$BATS_FILE_TMPDIR/steps"
	status=0
	env HOME="$BATS_FILE_TMPDIR/home" OUT="$OUT" MAKEFLAGS='' CC="${CC:-cc}" GOPROXY=off GOTOOLCHAIN=local \
		GO111MODULE=on CGO_ENABLED=1 GOCACHE="$BATS_FILE_TMPDIR/cache" GODEBUG=cgocheck=2 CGO_CFLAGS='-O0 -g0' \
		GOFLAGS='-mod=mod -ldflags=-w -vet=off' \
		bash -eu "$BATS_FILE_TMPDIR/steps" >"$BATS_FILE_TMPDIR/stdout" 2>"$BATS_FILE_TMPDIR/stderr" || status=$?
	echo $status >"$BATS_FILE_TMPDIR/status"
}

setup() {
	need go nm pkg-config
	can_build || skip 'Go is older than 1.19, or the library is instrumented'
	export LD_LIBRARY_PATH=$BATS_FILE_TMPDIR/home/dim/lib
	cd "$BATS_FILE_TMPDIR/tree/examples/go" || return 1
}

@test "the README's steps install libdim, run the program that it shows, and the package's own tests" {
	cat "$BATS_FILE_TMPDIR/stderr" "$BATS_FILE_TMPDIR/stdout"
	[[ $(<"$BATS_FILE_TMPDIR/status") -eq 0 ]]
	run_status 0 cat "$BATS_FILE_TMPDIR/stdout"
	contains "$out" "Content: $("$DIMC" show ../../data/mmap D01/1)"
	contains "$out" "$("$DIMC" show ../../data/mmap D01/3)"
	contains "$(<"$BATS_FILE_TMPDIR/stderr")" $'- anger\n'
	contains "$out" $'ok  \tjessy/api/consciousness'
	lacks "$out" 'no test'
	# Nothing that is built goes to the tree.
	run_status 0 diff -r "$ROOT/examples/go" .
}

@test "the program of the README is the one that is built, and everything is formatted" {
	run_status 0 diff content/main.go <(blocks go)
	need gofmt
	run_status 0 gofmt -l .
	[[ -z $out ]]
}

@test "read_layer writes the content byte for byte, and says what is wrong" {
	cp "$BATS_FILE_TMPDIR/home/dim/bin/read_layer" "$BATS_TEST_TMPDIR/"
	cp -r ../../data/mmap "$BATS_TEST_TMPDIR/volume"
	cd "$BATS_TEST_TMPDIR"
	./read_layer volume 2 1 2>/dev/null | cmp - <("$DIMC" show volume D02/1)
	run_status 1 ./read_layer volume 2 99
	[[ $err = 'read_layer: D02/99: not found' ]]
	run_status 1 ./read_layer volume 99 1
	[[ $err = 'read_layer: D99/1: not found' ]]
	run_status 1 ./read_layer nowhere 1 1
	contains "$err" 'nowhere: there is no volume at this path'
	run_status 2 ./read_layer volume 1
	contains "$err" usage
	run_status 2 ./read_layer volume 1 4294967297
	contains "$err" range
	if [[ -c /dev/full ]]; then
		status=0
		./read_layer volume 2 1 >/dev/full 2>err || status=$?
		[[ $status -eq 1 ]]
	fi
	flip volume/consciousness/D01/region.mmap 16
	run_status 1 ./read_layer volume 1 1
	contains "$err" 'D01/region.mmap: '
}
