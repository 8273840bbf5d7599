#!/usr/bin/env bash
# Counts the instructions of fixed runs under callgrind, and compares them with tests/instructions.txt, so that a slow-down shows on
# a busy machine, too.
#
#   check-instructions.sh check [RUN...]     status 1 where a run takes more or less than recorded, by more than 3 %
#   check-instructions.sh record             writes the file anew
# OUT: where things are built; BUILD: an OUT that is built already, by gcc with the Makefile's own flags. RECORDED: another file.
# The same sources, paths, environment and times, one processor and one thread: two runs differ by less than 0.1 %.
set -euo pipefail
cd "$(dirname "$0")/.."
recorded=$(realpath -m "${RECORDED:-tests/instructions.txt}")
build=${BUILD:-${OUT:-out}/instructions}
margin=3 wide=10 # percent
runs=(compile unchanged changed check fmt verify bundle restore lookups)

for tool in valgrind gcc taskset; do
	command -v $tool >/dev/null || { echo "missing: $tool; \`make deps-all\` brings it" >&2; exit 1; }
done
mkdir -p "$build"
build=$(realpath "$build")
env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u CFLAGS -u LDFLAGS -u HARDEN make --no-print-directory -s -j"$(nproc)" CC=gcc OUT="$build" \
	"$build/bin/dimc" "$build/bench/corpus" "$build/bench/fixed"

# What the count depends on besides the code. The first ones decide which instructions there are at all.
surroundings() {
	echo "machine $(uname -m)"
	echo "processor $(valgrind -v --tool=none true 2>&1 | sed -n 's/.*Arch and hwcaps: //p' | tr -d ' ')"
	echo "gcc $(gcc -dumpfullversion)"
	echo "libc $(getconf GNU_LIBC_VERSION | cut -d ' ' -f 2)"
	echo "valgrind $(valgrind --version | sed 's/^valgrind-//')"
	local package
	for package in yaml-0.1 libcrypto libarchive libdeflate zlib libutf8proc; do
		echo "$package $(pkg-config --modversion $package)"
	done
}
essential='^(machine|processor|gcc|libc) '

work=$(mktemp -d "$build/count.XXXXXX")
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
processor=$(taskset -pc $$ | sed 's/.*: //; s/[-,].*//')
fixed=(env -i PATH=/usr/bin:/bin SOURCE_DATE_EPOCH=1730000000 taskset -c "$processor")
cp "$build/bin/dimc" "$build/bench/fixed" "$work/"
cd "$work"
"$build/bench/corpus" S sources
"${fixed[@]}" ./dimc fmt -q sources
find sources -exec touch -d @1730000000 {} +
cp -a sources edited
sleep 0.1 # what changed in the same tick of the clock would be read again
"${fixed[@]}" ./dimc compile sources -o volume --no-sync -q 2>/dev/null
"${fixed[@]}" ./dimc bundle volume -o bundle.tar.gz -q

# Without the sandbox: valgrind does not know its calls.
callgrind() { DIMC_SANDBOX=off "${fixed[@]}" valgrind --tool=callgrind "$@"; }

# compile_before SOURCES VOLUME: what a run is to find. What it remembers of files holds for one program alone, and to dimc that is
# valgrind's.
compile_before() {
	callgrind --instr-atstart=no --callgrind-out-file=/dev/null ./dimc compile "$1" -o "$2" -j1 --no-sync -q 2>/dev/null
}

# One more line in one of 280 layers, after a compile without it.
edit() {
	compile_before edited fresh
	echo '  One more line.' >>edited/D03-corpus/00010.yaml
	sleep 0.1
}

# count RUN: prints its instructions; leaves the profile in $build/RUN.callgrind.
count() {
	local command
	rm -rf fresh fresh.*
	case $1 in
	compile) command=(./dimc compile sources -o fresh -j1 --no-sync) ;;
	unchanged) compile_before sources volume && command=(./dimc compile sources -o volume -j1 --no-sync) ;;
	changed) edit && command=(./dimc compile edited -o fresh -j1 --no-sync) ;;
	check) command=(./dimc check sources -j1) ;;
	fmt) command=(./dimc fmt --check sources) ;;
	verify) command=(./dimc verify volume) ;;
	bundle) command=(./dimc bundle volume -o fresh.tar.gz -j1) ;;
	restore) command=(./dimc restore bundle.tar.gz -o fresh --no-sync) ;;
	lookups) command=(./fixed volume) ;;
	*) echo "there is no run \"$1\"" >&2 && return 2 ;;
	esac
	if ! callgrind --callgrind-out-file="$build/$1.callgrind" "${command[@]}" >stdout 2>stderr; then
		cat stdout stderr >&2
		return 1
	fi
	sed -n 's/^==[0-9]*== Collected : //p' stderr
}

# differs A B: by how many percent B is more than A, with its sign.
differs() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%+.2f", 100 * (b - a) / a}'; }
# within PERCENT MARGIN
within() { awk -v p="$1" -v m="$2" 'BEGIN {exit !(p <= m && p >= -m)}'; }

record() {
	local run first second
	{
		echo "# Instructions of fixed runs, counted by callgrind. Written by make record-instructions, read by scripts/check-instructions.sh."
		surroundings | sed 's/^/with /'
		for run in "${runs[@]}"; do
			first=$(count "$run")
			second=$(count "$run")
			within "$(differs "$first" "$second")" 0.1 ||
				{ echo "$run: $first instructions, and then $second: too different to be recorded" >&2 && return 1; }
			echo "run $run $second"
			echo "$run: $second" >&2
		done
	} >"$work/recorded"
	cp "$work/recorded" "$recorded"
}

check() {
	local run was now percent others failed=0
	others=$(diff <(sed -n 's/^with //p' "$recorded") <(surroundings) | sed -n 's/^[<>] //p' | sort -u || true)
	if grep -qE "$essential" <<<"$others"; then
		echo "instructions are not compared: they were recorded with other than what is here"
		diff <(sed -n 's/^with //p' "$recorded") <(surroundings) | sed -n 's/^< /  recorded: /p; s/^> /  here:     /p' || true
		return 0
	fi
	if [[ -n $others ]]; then
		margin=$wide
		echo "instructions were recorded with other libraries ($(cut -d ' ' -f 1 <<<"$others" | sort -u | paste -sd ' ')): $margin % are allowed"
	fi
	for run in "$@"; do
		was=$(sed -n "s/^run $run //p" "$recorded")
		now=$(count "$run")
		[[ -n $was ]] || { echo "FAIL $run: nothing is recorded" && failed=1 && continue; }
		percent=$(differs "$was" "$now")
		if within "$percent" $margin; then
			echo "ok   $run: $now instructions, $percent %"
		else
			echo "FAIL $run: $now instructions, $percent %; $was are recorded, and $margin % more or less are allowed"
			echo "     where they are: callgrind_annotate $build/$run.callgrind"
			failed=1
		fi
	done
	[[ $failed -eq 0 ]] ||
		echo "where that is meant, and also where it is faster: \`make record-instructions\`, and commit tests/instructions.txt with the reason"
	return $failed
}

case ${1:-} in
check)
	shift
	[[ $# -gt 0 ]] || set -- "${runs[@]}"
	check "$@"
	;;
record) record ;;
*)
	echo "usage: check-instructions.sh check [RUN...] | record" >&2
	exit 2
	;;
esac
