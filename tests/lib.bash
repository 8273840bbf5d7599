# lib.bash: what every Bats file loads: where the program is, a scratch directory, small sources.
#
# In: DIMC, OUT (from the Makefile). Out: functions. Each test works in $BATS_TEST_TMPDIR and leaves nothing elsewhere.

ROOT=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)
OUT=${OUT:-$ROOT/out}
[[ $OUT = /* ]] || OUT=$ROOT/$OUT
DIMC=${DIMC:-$OUT/bin/dimc}
[[ $DIMC = /* ]] || DIMC=$ROOT/$DIMC

# Nothing of the caller's environment decides a test.
unset MMAP_BASE_PATH MMAP_INITIAL_SIZE MMAP_MAX_SIZE DIMC_READER DIMC_SANDBOX SOURCE_DATE_EPOCH NO_COLOR CDPATH

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# In the place of Bats's own, which it calls before every command, to know which line failed; that took more time than many of the
# commands. This one notes the lines of tests' files alone: a helper that fails is reported where the test calls it.
bats_debug_trap() {
	[[ $1 = "$BATS_TEST_SOURCE" && -z ${BATS_INTERRUPTED-}${BATS_TIMED_OUT-} ]] || return 0
	# shellcheck disable=SC2034 # Bats prints them
	BATS_DEBUG_LASTLAST_STACK_TRACE=("${BATS_DEBUG_LAST_STACK_TRACE[@]}") BATS_DEBUG_LAST_LINENO=("${BASH_LINENO[@]}") \
		BATS_DEBUG_LAST_SOURCE=("${BASH_SOURCE[@]}")
	if [[ ${FUNCNAME[1]} = "$BATS_TEST_NAME" ]]; then
		BATS_DEBUG_LAST_STACK_TRACE=("${BASH_LINENO[0]} $BATS_TEST_NAME $1")
	else
		bats_capture_stack_trace
	fi
}

# run_status N COMMAND...: runs it, and fails with all it printed unless its status is N. stdout goes to $out, stderr to $err.
run_status() {
	local want=$1 got=0
	shift
	"$@" >"$BATS_TEST_TMPDIR/.stdout" 2>"$BATS_TEST_TMPDIR/.stderr" || got=$?
	out=$(<"$BATS_TEST_TMPDIR/.stdout")
	err=$(<"$BATS_TEST_TMPDIR/.stderr")
	if [[ $got -ne $want ]]; then
		printf 'status %s, not %s: %s\n--- stdout\n%s\n--- stderr\n%s\n' "$got" "$want" "$*" "$out" "$err"
		return 1
	fi
}

# contains TEXT PART: fails, and shows both, unless PART is in TEXT.
contains() {
	if [[ $1 != *"$2"* ]]; then
		printf 'expected to find: %s\n--- in\n%s\n' "$2" "$1"
		return 1
	fi
}

lacks() {
	if [[ $1 = *"$2"* ]]; then
		printf 'expected not to find: %s\n--- in\n%s\n' "$2" "$1"
		return 1
	fi
}

# need TOOL...: skips the test with the reason where a tool is missing.
need() {
	local tool
	for tool in "$@"; do
		command -v "$tool" >/dev/null 2>&1 || skip "no $tool here (make deps-all brings it)"
	done
}

# as_author COMMAND...: runs it as somebody for whom the modes of files count, which root is not.
as_author() {
	if [[ $(id -u) -eq 0 ]]; then
		chmod a+rx "$BATS_TEST_TMPDIR"
		setpriv --bounding-set=-all --inh-caps=-all "$@"
	else
		"$@"
	fi
}

# need_modes: skips the test where the modes of files cannot be made to count.
need_modes() {
	[[ $(id -u) -ne 0 ]] || need setpriv
}

# is_instrumented: whether libdim has a sanitizer, or counts its branches. Such a library exports, needs and asks for more.
is_instrumented() {
	nm "$OUT/lib/libdim.a" | grep -qE '__(asan|msan|tsan|ubsan|gcov|llvm)_'
}

need_plain_library() {
	need nm readelf
	if is_instrumented; then
		skip 'the library is instrumented'
	fi
}

# make_dimension DIR ID NAME: a folder with a dimension.yaml and no layers.
make_dimension() {
	mkdir -p "$1"
	printf 'dimension_id: %s\nname: %s\ncreated_at: 2024-10-24T10:00:00Z\nupdated_at: 2024-10-24T12:00:00Z\n' "$2" "$3" \
		>"$1/dimension.yaml"
}

# make_layer FILE ID FREQUENCY KEYWORDS TEXT: one layer.
make_layer() {
	printf 'layer_id: %s\nfrequency: %s\nkeywords: [%s]\ncontent: |\n  %s\n' "$2" "$3" "$4" "$5" >"$1"
}

# make_sources DIR: two dimensions, D01 with two layers and D02 with one.
make_sources() {
	make_dimension "$1/D01-emotion" 1 Emotion
	make_layer "$1/D01-emotion/010-joy.yaml" 1 1.5 'joy, feeling' 'Joy is bright.'
	make_layer "$1/D01-emotion/020-grief.yaml" 2 0.5 'grief, feeling' 'Grief is slow.'
	make_dimension "$1/D02-cognition" 2 Cognition
	make_layer "$1/D02-cognition/010-attention.yaml" 1 2.0 'attention' 'Attention is here.'
}

# bytes FILE OFFSET COUNT: hexadecimal digits, by od and not by our own structs.
bytes() {
	od -An -v -tx1 -j "$2" -N "$3" "$1" | tr -d ' \n'
}

# number FILE OFFSET SIZE: a little-endian integer of 4 or 8 bytes.
number() {
	od -An -v --endian=little -t "u$3" -j "$2" -N "$3" "$1" | tr -d ' \n'
}

# poke FILE OFFSET HEX: overwrites bytes in place.
poke() {
	local i escaped=""
	for ((i = 0; i < ${#3}; i += 2)); do
		escaped+="\\x${3:i:2}"
	done
	chmod u+w "$1"
	printf '%b' "$escaped" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# flip FILE OFFSET: inverts the lowest bit of one byte.
flip() {
	local byte
	byte=$(bytes "$1" "$2" 1)
	poke "$1" "$2" "$(printf '%02x' $((0x$byte ^ 1)))"
}

# snapshot DIR: every file with its mode, mtime and inode, every directory with its mode; then the files with their digests.
snapshot() {
	(cd "$1" && find . -type f -printf '%p %m %T@ %i\n' -o -type d -printf '%p %m\n' | sort && find . -type f -exec sha256sum {} + | sort -k2)
}

# contents DIR: every file with its digest alone.
contents() {
	(cd "$1" && find . -type f -exec sha256sum {} + | sort -k2)
}

# copy_of_project: a copy of the repository's files that shares what is built already; goes there.
copy_of_project() {
	mkdir project
	(cd "$ROOT" && tar -cf - --exclude=./out --exclude=./data --exclude=./.git --exclude=./.env --exclude=./tests .) |
		tar -xf - -C project
	mkdir -p project/tests project/out/bin
	cp "$ROOT"/tests/*.mk project/tests/
	cp "$DIMC" project/out/bin/dimc
	cd project || return 1
}

# tree_with_example NAME: what the README of examples/NAME stands in, in $BATS_FILE_TMPDIR/tree: the project, a published volume
# and a copy of the example.
tree_with_example() {
	local tree=$BATS_FILE_TMPDIR/tree name
	mkdir -p "$tree/examples"
	for name in "$ROOT"/*; do
		[[ ${name##*/} = @(examples|data|out) ]] || ln -s "$name" "$tree/"
	done
	cp -r "$ROOT/examples/$1" "$tree/examples/"
	"$DIMC" compile -q --no-sync "$ROOT/sources" -o "$tree/data/mmap"
}

# make_with_built TARGET...: make, with the program taken as it is.
make_with_built() {
	make -s OUT=out -o out/bin/dimc -o out/lib/libdim.a -o out/lib/libdim.so -o out/lib/libdim-verify.a \
		-o out/lib/libdim-verify.so "$@"
}
