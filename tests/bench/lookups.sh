#!/usr/bin/env bash
# Measures libdim beside LMDB, tinycdb, SQLite, plain files and JSON parsers, in one run, and holds the figures to their goals.
#
#   tests/bench/lookups.sh [S|M]     default: M.  ROUNDS: default 9.  OUT: where things are built.
# Writes $OUT/bench/lookups.json, too. What is measured, and what a line includes: docs/benchmarks.md.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=$(realpath "${OUT:-out}")
corpus=${1:-M}
work=$(mktemp -d "$out/lookups.XXXXXX")
trap 'rm -rf "$work"' EXIT
export SOURCE_DATE_EPOCH=1730000000 LD_LIBRARY_PATH=$out/lib

volume() { # volume SIZE: made of the corpus of this size, and on the disk
	"$out/bench/corpus" "$1" "$work/sources"
	"$out/bin/dimc" compile -q "$work/sources" -o "$work/$1"
	rm -rf "$work/sources"
}
volume "$corpus"
volume S
mkdir "$work/peers"
{
	"$out/bench/lookups" "$work/$corpus" "$work/peers"
	"$out/bench/threads" "$work/$corpus"
	"$out/bench/opening" warm "$work/$corpus"
	"$out/bench/opening" memory "$work/$corpus"
	"$out/bench/opening" memory "$work/S" | sed 's/\t/, corpus S\t/'
	"$out/bench/opening" cold "$work/$corpus"
	if command -v python3 >/dev/null; then
		python3 - "$work/$corpus" <<-'END'
			import glob, json, sys, time
			times = []
			for _ in range(5):
			    started = time.process_time()
			    for path in glob.glob(sys.argv[1] + "/consciousness/D*/index.json"):
			        with open(path, encoding="utf-8") as f:
			            json.load(f)
			    times.append(time.process_time() - started)
			print("open: python3 json\t%.1f" % (sorted(times)[2] * 1e6))
		END
	fi
} >"$work/figures"
awk -F '\t' -v corpus="$corpus" -v json="$out/bench/lookups.json" -f tests/bench/lookups.awk "$work/figures"
for what in "liblmdb-dev: LMDB" "libcdb-dev: tinycdb" "libsqlite3-dev: SQLite" "libjansson-dev: jansson" "python3: python3 json"; do
	grep -q ": ${what#*: }"$'\t' "$work/figures" || echo "left out: ${what#*: }; it needs ${what%%: *} (make deps-all)"
done
