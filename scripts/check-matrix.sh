#!/usr/bin/env bash
# The same program from every compiler at every level: gcc and clang, -O0 and -O3, and gcc's -flto. Each builds all without a
# warning and passes the tests of what is most its own: numbers, the format, what is published.
#
#   scripts/check-matrix.sh     OUT: where to build; TESTS: what each must pass. One line each; status 1 where one fails.
set -u
cd "$(dirname "$0")/.." || exit 2
mkdir -p "${OUT:-out}"
out=$(realpath "${OUT:-out}")
read -ra tests <<<"${TESTS:-tests/unit.bats tests/format.bats tests/build.bats tests/publish.bats}"
failed=0

# one NAME VARIABLE=VALUE...: builds with these, tests that, and says how it went.
one() {
	local base=$out/matrix/$1 log=$out/matrix/$1.log status
	mkdir -p "$out/matrix"
	"${MAKE:-make}" --no-print-directory -s -j2 OUT="$base" DEVELOPER=1 "${@:2}" all tests-built >"$log" 2>&1 &&
		OUT=$base DIMC=$base/bin/dimc CC=${2#CC=} tests/run.sh "${tests[@]}" >>"$log" 2>&1
	status=$?
	if [[ $status -eq 0 ]]; then
		echo "ok   $1: no warning; $(tail -n 1 "$log")"
	else
		grep -E '^not ok|error:|warning:|^make' "$log" || tail -n 30 "$log"
		echo "FAIL $1; all of it is in $log"
		failed=1
	fi
}

for compiler in gcc clang; do
	command -v $compiler >/dev/null || { echo "skip $compiler is not here (make deps-all brings it)" && continue; }
	one $compiler-O0 CC=$compiler CFLAGS='-O0 -g' HARDEN=
	one $compiler-O3 CC=$compiler CFLAGS='-O3 -g'
done
# The linker of clang's link-time optimisation is a package of its own.
command -v gcc >/dev/null && one gcc-lto CC=gcc AR=gcc-ar CFLAGS='-O2 -g -flto=2'
exit $failed
