#!/usr/bin/env bash
# Fuzzes what reads bytes from anybody, with address, undefined and leak sanitizers: by clang's libFuzzer, or by AFL++.
#
#   tests/fuzz/run.sh [TARGET...]            every target by default, SECONDS_EACH long (60); SEED, for the same walk again
#   tests/fuzz/run.sh --afl [TARGET...]      the same by afl-fuzz
#   tests/fuzz/run.sh --build [TARGET...]    the programs of libFuzzer alone: out/fuzz/fuzz_TARGET
#   tests/fuzz/run.sh --merge [TARGET...]    takes from the inputs found so far into the committed corpora: MOST (64), of LARGEST bytes (3000)
#   tests/fuzz/run.sh --piece TARGET...      RUNS executions from the committed corpora on, with SEED; what --build built
#   tests/fuzz/run.sh --plain TARGET...      the same by plain.c, without a fuzzer; what `make fuzz-plain` built
#
# OUT: where to build, and where inputs that were found stay for the next run; out by default. LENGTH: of the largest input. MAKE: the
# make to call. Status 1 where a target failed; its input is told, and run again by giving it to the program: out/fuzz/fuzz_region FILE.
# A hang is an input that takes a second of the processor (fuzz.h).
# shellcheck disable=SC2317 # functions are called by the name of what is to be done
set -eu
cd "$(dirname "$0")/../.."

how=run
case ${1:-} in --afl | --build | --merge | --piece | --plain) how=${1#--} && shift ;; esac
seconds=${SECONDS_EACH:-60}
out=${OUT:-out}
work=$out/fuzz
make=${MAKE:-make}
compiler=clang
[[ $how != afl ]] || { work=$out/fuzz-afl && compiler=afl-clang-fast; }
if [[ $# -eq 0 ]]; then
	for file in tests/fuzz/fuzz_*.c; do
		file=${file##*/fuzz_}
		set -- "$@" "${file%.c}"
	done
fi

flags="-O2 -g -fno-omit-frame-pointer -fno-sanitize-recover=all -fsanitize=address,undefined"
export AFL_QUIET=1

# The inputs of a target, and how long they may be.
seeds_of() {
	case $1 in
	source | reader | rewrite) echo tests/fuzz/corpus/source tests/fixtures ;;
	volume) echo tests/fuzz/corpus/region ;;
	restore) echo tests/fuzz/corpus/bundle ;;
	*) echo "tests/fuzz/corpus/$1" ;;
	esac
}
length_of() {
	case $1 in
	bundle | restore) echo 32768 ;;
	region | volume) echo 5200 ;;
	*) echo 2048 ;;
	esac
}
dictionary_of() {
	case $1 in
	source | reader | rewrite) echo tests/fuzz/yaml.dict ;;
	*) [[ ! -f tests/fuzz/$1.dict ]] || echo "tests/fuzz/$1.dict" ;;
	esac
}

# The project's own objects, instrumented, in archives: a target takes what it uses, and looks at no other counters. Comparisons
# are not traced: that takes half of the speed, and what is compared with stands in the dictionaries.
build_objects() {
	local covered=
	command -v "$compiler" >/dev/null || {
		# shellcheck disable=SC2016 # the quotes are for people
		echo "missing: $compiler;"' `make deps-all` brings it' >&2
		exit 1
	}
	[[ $how = afl ]] || covered="-fsanitize=fuzzer-no-link -fno-sanitize-coverage=trace-cmp"
	"$make" --no-print-directory -s OUT="$work" CC="$compiler" HARDEN= CFLAGS="$flags $covered" "$work/bin/dimc"
	rm -f "$work/lib/libdimc.a"
	find "$work/obj/compiler" "$work/obj/embedded_files.o" -name '*.o' ! -name main.o -print0 | xargs -0 ar rcs "$work/lib/libdimc.a"
	read -ra libraries <<<"$(pkg-config --cflags --libs yaml-0.1 libcrypto libarchive libdeflate zlib libutf8proc)"
}

build() {
	local source=tests/fuzz/fuzz_$1.c program=$work/fuzz_$1 object=$work/obj/fuzz_$1.o
	# shellcheck disable=SC2086 # a list of flags
	"$compiler" -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Wall -Wextra $flags -pthread -c "$source" -o "$object"
	# shellcheck disable=SC2086
	"$compiler" $flags -fsanitize=fuzzer -pthread "$object" "$work/lib/libdimc.a" "$work/lib/libdim-verify.a" "$work/lib/libdim.a" \
		"${libraries[@]}" -lm -o "$program"
}

told() { # ok|FAIL, target, executions, rest
	printf '%-4s fuzz_%s: %s executions%s\n' "$@"
}

# libFuzzer's options that say when to stop; where new inputs go; the log.
run_until() {
	local target=$1 found=$3 log=$4 status=0 executions dictionary seeds stop
	read -ra stop <<<"$2"
	read -ra seeds <<<"$(seeds_of "$target")"
	dictionary=$(dictionary_of "$target")
	mkdir -p "$found"
	"$work/fuzz_$target" "${stop[@]}" -timeout=60 -rss_limit_mb=2048 -max_len="${LENGTH:-$(length_of "$target")}" -entropic=0 \
		-print_final_stats=1 ${dictionary:+-dict="$dictionary"} -artifact_prefix="${log%.log}-" "$found" "${seeds[@]}" >"$log" 2>&1 || status=$?
	executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	if [[ $status -eq 0 ]]; then
		told ok "$target" "${executions:-0}" ", coverage $(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)"
	else
		told FAIL "$target" "${executions:-some}" "; all of it is in $log"
		grep -aE 'not true|ERROR|runtime error|hang|SUMMARY|Test unit written|^ +#[0-9]+ ' "$log" | head -n 30
		return 1
	fi
}

run() {
	run_until "$1" "-max_total_time=$seconds${SEED:+ -seed=$SEED}" "$work/corpus/$1" "$work/$1.log"
}

piece() {
	local found=$work/pieces/$1-${SEED:-1} status=0
	run_until "$1" "-runs=${RUNS:-100000} -seed=${SEED:-1}" "$found" "$work/$1-${SEED:-1}.log" || status=1
	rm -rf "$found"
	return "$status"
}

plain() {
	local seeds
	read -ra seeds <<<"$(seeds_of "$1")"
	"$out/tests/fuzz/$1" --runs "${RUNS:-1000}" --seed "${SEED:-1}" "${seeds[@]}"
}

# afl-fuzz wants a directory of its own, inputs in one place, and no more than it can take.
afl() {
	local target=$1 inputs=$work/inputs/$1 results=$work/results/$1 file count=0 dictionary seeds crashes
	read -ra seeds <<<"$(seeds_of "$target")"
	dictionary=$(dictionary_of "$target")
	rm -rf "$inputs" "$results"
	mkdir -p "$inputs" "$work/results"
	while IFS= read -r -d '' file; do
		cp "$file" "$inputs/$((count += 1))"
	done < <(find "${seeds[@]}" -type f -size -8 -size +0 -print0)
	AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_CRASH_EXITCODE=1 AFL_FAST_CAL=1 \
		ASAN_OPTIONS=abort_on_error=1:symbolize=0:detect_leaks=0 UBSAN_OPTIONS=abort_on_error=1:symbolize=0 \
		afl-fuzz -V "$seconds" -t 5000 -m none ${dictionary:+-x "$dictionary"} -i "$inputs" -o "$results" -- "$work/fuzz_$target" \
		>"$work/$target.log" 2>&1 || true
	count=$(sed -n 's/^execs_done *: *//p' "$results/default/fuzzer_stats" 2>/dev/null) || count=
	crashes=$(find "$results/default" \( -path '*/crashes/id:*' -o -path '*/hangs/id:*' \) 2>/dev/null | head -n 5)
	if [[ -n $count && -z $crashes ]]; then
		told ok "$target" "$count" ' by afl-fuzz'
	else
		told FAIL "$target" "${count:-no}" " by afl-fuzz; all of it is in $work/$target.log"
		printf '%s\n' "${crashes:-$(tail -n 5 "$work/$target.log")}"
		return 1
	fi
}

# The committed corpora stay small: what is there, and of what was found the smallest inputs that reach code that nothing else does.
merge() {
	local target=$1 corpus=tests/fuzz/corpus/$1 new=$work/merged/$1
	[[ -d $corpus && -d $work/corpus/$target ]] || return 0
	rm -rf "$new"
	mkdir -p "$new"
	cp "$corpus"/* "$new"
	"$work/fuzz_$target" -merge=1 -use_counters=0 -max_len="$(length_of "$target")" "$new" "$work/corpus/$target" >"$work/$target.merge.log" 2>&1
	find "$new" -type f -size -"${LARGEST:-3000}"c -printf '%s %p\n' | sort -n | head -n "${MOST:-64}" | cut -d ' ' -f 2- | xargs -r cp -n -t "$corpus"
	told ok "$target" "$(find "$corpus" -type f | wc -l) inputs, no" "; $(du -sb "$corpus" | cut -f 1) bytes"
}

failed=0
[[ $how = piece || $how = plain ]] || build_objects
for target in "$@"; do
	[[ $how = piece || $how = plain ]] || build "$target"
	[[ $how = build ]] || "$how" "$target" || failed=1
done
exit $failed
