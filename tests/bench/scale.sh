#!/usr/bin/env bash
# Measures what docs/scaling.md multiplies: one dimension of many layers, and a volume of many small dimensions.
#
#   tests/bench/scale.sh [LAYERS [DIMENSIONS]]     default: 10000 10000.  OUT: where things are built.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=$(realpath "${OUT:-out}")
dimc=$out/bin/dimc
layers=${1:-10000} dimensions=${2:-10000}
work=$(mktemp -d "$out/scale.XXXXXX")
trap 'rm -rf "$work"' EXIT
export MMAP_MAX_SIZE=1073741824 SOURCE_DATE_EPOCH=1730000000

# write FOLDER ID LAYERS BYTES: a dimension, a hundred layers a file, words of sources/ in random order, always the same.
write() {
	mkdir -p "$1"
	printf 'dimension_id: %s\nname: N%s\n' "$2" "$2" >"$1/dimension.yaml"
	awk -v folder="$1" -v seed="$2" -v layers="$3" -v bytes="$4" '
		{ for (i = 1; i <= NF; i++) words[n++] = $i }
		END {
			srand(seed)
			for (id = 1; id <= layers; id++) {
				if (id % 100 == 1) {
					file = sprintf("%s/%05d.yaml", folder, id)
					print "layers:" >file
				}
				printf "  - layer_id: %d\n    frequency: %d.5\n    keywords: [n%d, a%d, b%d]\n    content: |\n", id, id % 90 + 1, id, id % 97, id % 1009 >file
				for (size = 0; size < bytes;) {
					line = "     "
					for (k = 0; k < 12; k++) line = line " " words[int(rand() * n)]
					print line >file
					size += length(line) - 5
				}
				if (id % 100 == 0) close(file)
			}
		}' < <(cat sources/*/*.yaml | tr -cd 'A-Za-z ,.\n')
}
measure() { # measure TEXT COMMAND...: seconds, and the most memory that it took
	local text=$1
	shift
	sync -f "$work"
	/usr/bin/time -o "$work/time" -f '%e s, %M KiB' "$@" >/dev/null
	printf '  %-34s %s\n' "$text" "$(<"$work/time")"
}
size() { printf '  %-34s %s bytes\n' "$1" "$(stat -c %s "$2")"; }

echo "one dimension of $layers layers"
write "$work/one/D01" 1 "$layers" 2048
printf '  %-34s %s bytes in %s files\n' sources "$(cat "$work"/one/D01/* | wc -c)" "$(find "$work/one" -type f | wc -l)"
measure 'compile -d D01' "$dimc" compile "$work/one" -d D01 -o "$work/v" --no-sync
size region.mmap "$work/v/consciousness/D01/region.mmap"
size index.json "$work/v/consciousness/D01/index.json"
measure 'verify' "$dimc" verify "$work/v"
measure 'bundle' "$dimc" bundle "$work/v" -o "$work/one.tar.gz"
measure 'bundle --format=oci' "$dimc" bundle "$work/v" -o "$work/one.tar" --format=oci
size 'the bundle' "$work/one.tar.gz"
measure 'restore' "$dimc" restore "$work/one.tar.gz" -o "$work/r" --no-sync
measure 'restore, durable' "$dimc" restore "$work/one.tar.gz" -o "$work/d"
rm -rf "$work/one" "$work/v" "$work/r" "$work/d" "$work"/one.tar*

echo "$dimensions dimensions of 2 layers"
mkdir "$work/many"
(cd "$work/many" && seq "$dimensions" | xargs mkdir)
seq "$dimensions" | awk -v folder="$work/many" '{
	file = folder "/" $1 "/dimension.yaml"
	printf "dimension_id: %s\nname: N%s\nlayers:\n", $1, $1 >file
	for (id = 1; id <= 2; id++) printf "  - {layer_id: %d, frequency: %d.5, keywords: [a, b], content: text}\n", id, id >file
	close(file)
}'
measure 'compile' "$dimc" compile "$work/many" -o "$work/v" --no-sync
measure 'compile, nothing changed' "$dimc" compile "$work/many" -o "$work/v" --no-sync
size manifest.json "$work/v/consciousness/manifest.json"
measure 'verify' "$dimc" verify "$work/v"
measure 'bundle' "$dimc" bundle "$work/v" -o "$work/many.tar.gz"
measure 'restore' "$dimc" restore "$work/many.tar.gz" -o "$work/r" --no-sync
sed -i 's/content: text/content: other/' "$work/many/7/dimension.yaml"
measure 'compile one that changed' "$dimc" compile "$work/many" -d D07 -o "$work/v" --no-sync
measure 'bundle -d D07' "$dimc" bundle "$work/v" -d D07 -o "$work/one.tar.gz"
measure 'restore one that changed' "$dimc" restore "$work/one.tar.gz" -o "$work/r"
measure 'open all, with 64 descriptors' bash -c "ulimit -n 64; exec '$dimc' info '$work/v'"
