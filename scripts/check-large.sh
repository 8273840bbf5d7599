#!/usr/bin/env bash
# Bundles, lists, verifies and restores 4 GiB, and holds each of them to 64 MB of memory.
#
#   OUT=out scripts/check-large.sh     needs 16 GB of disk where OUT is, and a few minutes. TMPDIR: room for 1 GiB.
# Compiling is not what is measured: it holds one dimension of text in memory, and is done one by one.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(realpath "${OUT:-out}")
dimc=$out/bin/dimc
limit=65536 # KiB
command -v /usr/bin/time >/dev/null || { echo 'missing: time; make deps-all brings it' >&2; exit 1; }
work=$(mktemp -d "$out/large.XXXXXX")
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
export MMAP_MAX_SIZE=2000000000
failed=0

measured() {
	local kib
	/usr/bin/time -f '%M %e' -o "$work/time" "$dimc" "$@" >/dev/null
	read -r kib seconds <"$work/time"
	if [[ $kib -le $limit ]]; then
		printf 'ok   %s: %s KiB, %s s\n' "$1" "$kib" "$seconds"
	else
		printf 'FAIL %s: %s KiB, more than %s\n' "$1" "$kib" "$limit"
		failed=1
	fi
}

# Four dimensions of 32 layers of 32 MiB: numbers that differ, so that compressing them is work.
for d in 1 2 3 4; do
	folder=$work/sources/D0$d
	mkdir -p "$folder"
	printf 'dimension_id: %s\nname: Large\nupdated_at: 2024-10-24\n' "$d" >"$folder/dimension.yaml"
	for ((layer = 1; layer <= 32; layer++)); do
		printf -- '---\nlayer_id: %s\nfrequency: %s.5\nkeywords: [large]\ncontent_file: %s.txt\n' $layer $layer $layer
		start=$((d * 1000000000 + layer * 10000000))
		seq $start $((start + 3050402)) >"$folder/$layer.txt"
	done >"$folder/layers.yaml"
	"$dimc" compile "$work/sources" -d D0$d -o "$work/volume" --no-sync -q
	rm -rf "$folder"
done
measured bundle "$work/volume" -o "$work/bundle.tar.gz"
measured list "$work/bundle.tar.gz"
measured verify "$work/bundle.tar.gz"
measured restore "$work/bundle.tar.gz" -o "$work/restored" --no-sync
measured verify "$work/restored"
measured restore "$work/bundle.tar.gz" -o "$work/restored"
exit $failed
