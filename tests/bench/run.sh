#!/usr/bin/env bash
# Measures dimc beside what people use today, in turn, on sources that are always the same, and prints medians and ratios.
#
#   tests/bench/run.sh [S|M|L]...     default: S M.  ROUNDS: runs of each, default 5.  OUT: where things are built.
# Peers that are not installed are named and left out; `make deps-all` brings them.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=$(realpath "${OUT:-out}")
dimc=$out/bin/dimc
rounds=${ROUNDS:-5}
work=$(mktemp -d "$out/bench.XXXXXX")
trap 'rm -rf "$work"' EXIT

declare -A times sizes

# measure NAME COMMAND...: one run, in milliseconds, added to the name's list.
measure() {
	local name=$1 start end
	shift
	start=$(date +%s%N)
	"$@" >/dev/null 2>"$work/stderr" || { cat "$work/stderr" >&2 && return 1; }
	end=$(date +%s%N)
	times[$name]+="$(((end - start) / 1000)) "
}
median() { # of a list of microseconds, in microseconds
	tr ' ' '\n' <<<"$1" | sed '/^$/d' | sort -n | awk '{a[NR] = $1} END {print a[int((NR + 1) / 2)]}'
}
have() { command -v "$1" >/dev/null 2>&1; }
bytes_of() { du -sb --apparent-size "$1" | cut -f1; }

prepare() { # what a run needs fresh, outside of what is measured
	rm -rf "$work/volume" "$work/plain" "$work/packed" "$work/image" "$work/a.tar" "$work/a.tar.gz" "$work"/bundle.* "$work/restored"
	sync -f "$work"
}

one_round() {
	local src=$work/sources
	prepare
	measure 'compile, no fsync' "$dimc" compile "$src" -o "$work/volume" --no-sync
	measure 'compile, nothing changed' "$dimc" compile "$src" -o "$work/volume" --no-sync
	measure 'verify, every byte' "$dimc" verify "$work/volume"
	sizes[volume]=$(bytes_of "$work/volume/consciousness")
	prepare
	measure 'compile, durable' "$dimc" compile "$src" -o "$work/volume"
	measure 'check' "$dimc" check "$src"
	measure 'check, no warnings' "$dimc" check -Wno-all "$src"
	measure 'fmt --check' "$dimc" fmt --check "$src"
	measure 'bundle: write, sync, read again' "$dimc" bundle "$work/volume" -o "$work/bundle.tar.gz"
	measure 'bundle: peer: tar -czf' tar -czf "$work/bundle.by-tar" -C "$work/volume" consciousness
	if have pigz; then
		measure 'bundle: peer: tar | pigz' bash -c "tar -cf - -C '$work/volume' consciousness | pigz >'$work/bundle.by-pigz'"
	fi
	measure 'restore: prove, publish, sync' "$dimc" restore "$work/bundle.tar.gz" -o "$work/restored"
	measure 'restore: peer: tar -xzf' bash -c "mkdir '$work/plain' && tar -xzf '$work/bundle.by-tar' -C '$work/plain'"
	for file in "$work"/bundle.tar.gz "$work"/bundle.by-*; do sizes[${file##*/}]=$(bytes_of "$file"); done
	if python3 -c 'import yaml' 2>/dev/null; then
		measure 'peer: PyYAML script' python3 tests/bench/pack.py "$src" "$work/packed"
	fi
	measure 'peer: tar -cf' tar -cf "$work/a.tar" -C "$work" sources
	measure 'peer: tar -czf' tar -czf "$work/a.tar.gz" -C "$work" sources
	if have mksquashfs; then
		measure 'peer: mksquashfs, no compression' mksquashfs "$src" "$work/image" -noI -noD -noF -noX -quiet -no-progress
	fi
	if have sha256sum; then
		measure 'floor: cat every source | sha256sum' bash -c "find '$src' -type f -print0 | xargs -0 cat | sha256sum"
	fi
}

for size in "${@:-S M}"; do
	for corpus in $size; do
		rm -rf "$work/sources"
		"$out/bench/corpus" "$corpus" "$work/sources"
		times=()
		for ((i = 0; i < rounds; i++)); do
			one_round
		done
		base=$(median "${times['compile, no fsync']}")
		printf '\ncorpus %s: %s files, %s bytes of sources, %s bytes of volume; medians of %s rounds, ratio to compile without fsync\n' \
			"$corpus" "$(find "$work/sources" -type f | wc -l)" "$(bytes_of "$work/sources")" "${sizes[volume]}" "$rounds"
		for name in "${!times[@]}"; do
			us=$(median "${times[$name]}")
			printf '%s\t%s\n' "$us" "$name"
		done | sort -n | awk -F '\t' -v base="$base" '{printf "  %9.1f ms  %6.2fx  %s\n", $1 / 1000, $1 / base, $2}'
		for name in "${!sizes[@]}"; do
			[[ $name = bundle.* ]] && printf '  %9s bytes  %6s of the volume  %s\n' "${sizes[$name]}" \
				"$((sizes[$name] * 1000 / sizes[volume]))/1000" "$name"
		done | sort -n
	done
done
for tool in python3 mksquashfs pigz; do
	have $tool || echo "left out: $tool is not installed (make deps-all)"
done
