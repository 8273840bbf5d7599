#!/usr/bin/env bash
# Fuzzes what reads bytes from anybody: regions, sources and what rewrites them, both readers of YAML, manifests, bundles. clang's
# libFuzzer with address and undefined sanitizers.
#
#   tests/fuzz/run.sh [TARGET...]     region, source, reader, rewrite, manifest, bundle; all by default
#
# SECONDS_EACH: how long each target runs, 60 by default. OUT: where to build, and where inputs that were found stay for the
# next run; out by default. MAKE: the make to call. Status 1 where a target failed; its input is told, and run again by giving it
# to the program: out/fuzz/fuzz_region FILE.
set -eu
cd "$(dirname "$0")/../.."

seconds=${SECONDS_EACH:-60}
out=${OUT:-out}
work=$out/fuzz
make=${MAKE:-make}
[[ $# -gt 0 ]] || set -- region source reader rewrite manifest bundle

command -v clang >/dev/null || {
	# shellcheck disable=SC2016 # the quotes are for people
	echo 'missing: clang; `make deps-all` brings it' >&2
	exit 1
}

# The project's own objects, instrumented; then each target with them. dimc itself is linked only to have them all built.
sanitize=address,undefined
flags="-O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all"
"$make" --no-print-directory -s OUT="$work" CC=clang HARDEN= CFLAGS="$flags -fsanitize=fuzzer-no-link,$sanitize" "$work/bin/dimc"
objects=("$work/obj/embedded_files.o")
for object in "$work"/obj/compiler/*.o; do
	[[ $object = */main.o ]] || objects+=("$object")
done
read -ra libraries <<<"$(pkg-config --cflags --libs yaml-0.1 libcrypto libarchive libdeflate zlib libutf8proc)"

failed=0
for target in "$@"; do
	program=$work/fuzz_$target
	# shellcheck disable=SC2086 # a list of flags
	clang -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Wall -Wextra $flags -fsanitize=fuzzer,$sanitize -pthread \
		"tests/fuzz/fuzz_$target.c" "${objects[@]}" "$work/lib/libdim-verify.a" "$work/lib/libdim.a" "${libraries[@]}" -lm -o "$program"
	found=$work/corpus/$target
	if [[ $target = @(source|reader|rewrite) ]]; then
		seeds=(tests/fuzz/corpus/source tests/fixtures)
	else
		seeds=("tests/fuzz/corpus/$target")
	fi
	mkdir -p "$found"
	log=$work/$target.log
	status=0
	"$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=32768 -print_final_stats=1 \
		-artifact_prefix="$work/$target-" "$found" "${seeds[@]}" >"$log" 2>&1 || status=$?
	executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	coverage=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
	if [[ $status -eq 0 ]]; then
		echo "ok   fuzz_$target: ${executions:-0} executions, coverage ${coverage:-0}"
	else
		echo "FAIL fuzz_$target: ${executions:-some} executions; all of it is in $log"
		grep -E 'not true|ERROR|runtime error|SUMMARY|Test unit written|^ +#[0-9]+ ' "$log" | head -n 30
		failed=1
	fi
done
exit $failed
