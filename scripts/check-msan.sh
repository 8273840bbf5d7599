#!/usr/bin/env bash
# Nothing is read that was never written: libdim, what makes regions, and all that leads there, by clang's memory sanitizer. Nor
# does any such byte go into a digest (tests/msan/libraries.c), and so into what is published. Not covered: bundles, which
# libarchive, libdeflate and zlib have a hand in.
#
#   scripts/check-msan.sh     OUT: where to build; RUNS: of the fuzz target, 20000 by default. Status 1 where anything is found.
set -u
cd "$(dirname "$0")/.." || exit 2
mkdir -p "${OUT:-out}"
out=$(realpath "${OUT:-out}")/msan
# shellcheck source=report.bash
. scripts/report.bash
runs=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
need clang || exit 1

# What talks to libraries that the sanitizer does not know, or takes the place of what it watches itself.
excluded='(archive|deflate|faults|kernel|memory|refused|rewrite)_test'
programs=()
for file in tests/unit/*.c; do
	file=$(basename "$file" .c)
	[[ $file =~ ^$excluded$ ]] || programs+=("$out/tests/$file")
done
flags='-O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all -fsanitize-memory-track-origins'
read -ra options <<<"-std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 -Wall -Wextra -Werror -pthread $flags"
mkdir -p "$out"
clang "${options[@]}" -fsanitize=memory -c tests/msan/libraries.c -o "$out/libraries.o" || exit 1
wrapped=("-Wl,@tests/msan/libraries.wrap" "$out/libraries.o")
"${MAKE:-make}" --no-print-directory -s -j2 OUT="$out" CC=clang HARDEN= CFLAGS="$flags -fsanitize=fuzzer-no-link,memory" \
	LDFLAGS="${wrapped[*]}" "$out/bin/dimc" "${programs[@]}" || exit 1

# A test that fails because its program was left out above is no test of this.
OUT=$out DIMC=$out/bin/dimc "${BATS:-bats}" --tap tests/unit.bats >"$work/tap" 2>&1
lost=$(awk -v excluded="$excluded" '/^(not )?ok / { printf "%s", lost; lost = ""; failed = /^not/ } failed { lost = lost $0 "\n" }
	failed && $0 ~ "(unit |/tests/)" excluded { failed = 0; lost = "" } END { printf "%s", lost }' "$work/tap")
passed=$(grep -c '^ok ' "$work/tap")
[[ -z $lost && $passed -gt 0 ]] || printf '%s\n' "$lost"
[[ -z $lost && $passed -gt 0 ]]
report $? "unit tests: $passed passed, of ${#programs[@]} programs"

# dimc COMMAND...: any status of its own, but not the sanitizer's.
dimc() {
	local status=0
	runs=$((runs + 1))
	MSAN_OPTIONS=exit_code=77 "$out/bin/dimc" "$@" >"$work/log" 2>&1 || status=$?
	[[ $status -ne 2 && $status -ne 77 && $status -lt 128 ]] && return 0
	echo "dimc $*"
	cat "$work/log"
	return 1
}
read_sources() {
	local case
	for case in tests/fixtures/accept/*/ tests/fixtures/reject/*/*/; do
		[[ -e $case/make.sh ]] || dimc -C "$case" check sources || return 1
	done
	dimc compile sources -o "$work/volume" --no-sync && dimc compile sources -o "$work/volume" --no-sync --layout=packed &&
		dimc compile sources -o "$work/volume" --no-sync -d D01,D07 --layer-files
}
read_volume() {
	dimc verify "$work/volume" && dimc info "$work/volume" --json && dimc find "$work/volume" trust --any &&
		dimc show "$work/volume" D01/3 && dimc dump "$work/volume" -o "$work/sources" && dimc diff "$work/volume" "$work/sources" &&
		dimc compile "$work/sources" -o "$work/volume" --check && dimc rollback "$work/volume"
}
read_sources && DIMC_READER=libyaml read_sources && read_volume
report $? "dimc: $runs commands"

# libdim on hostile regions: those that are kept, and what libFuzzer makes of them, always the same.
read -ra libraries <<<"$(pkg-config --cflags --libs yaml-0.1 libcrypto libarchive libdeflate zlib libutf8proc)"
objects=("$out/obj/embedded_files.o")
for file in "$out"/obj/compiler/*.o; do
	[[ $file = */main.o ]] || objects+=("$file")
done
clang "${options[@]}" -fsanitize=fuzzer,memory tests/fuzz/fuzz_region.c "${wrapped[@]}" "${objects[@]}" "$out/lib/libdim-verify.a" \
	"$out/lib/libdim.a" "${libraries[@]}" -lm -o "$out/fuzz_region" &&
	"$out/fuzz_region" -seed=1 -runs="${RUNS:-20000}" -max_len=32768 -timeout=60 -artifact_prefix="$out/" tests/fuzz/corpus/region \
		>"$work/log" 2>&1
status=$?
[[ $status -eq 0 ]] || cat "$work/log"
report $status "fuzz_region: ${RUNS:-20000} runs"
[[ $failed -eq 0 ]]
