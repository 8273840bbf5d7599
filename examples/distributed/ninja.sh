#!/usr/bin/env bash
# Prints a Ninja file: an edge that compiles and bundles each dimension, and one that publishes all of them.
#
#   ninja.sh SOURCES [PARTS [VOLUME]]      default: PARTS parts, VOLUME data/mmap.  DIMC: the program, dimc by default
#
# Each of the first edges names every file that it reads and every file that it writes, and depends on nothing else: no
# clock, no network, no other edge. So it may run on any machine, and its result may be taken from a cache.
set -euo pipefail
sources=${1:?is the folder of the sources}
parts=${2:-parts}
volume=${3:-data/mmap}
dimc=${DIMC:-dimc}
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct -- "$sources")}

escape() { sed 's/[$: ]/$&/g'; }

cat <<END
ninja_required_version = 1.8
dimc = $dimc
rule part
  command = SOURCE_DATE_EPOCH=$epoch \$dimc compile $sources -d \$dimension -o \$out.volume --no-sync -q && \$dimc bundle \$out.volume -o \$out -q && rm -rf \$out.volume
  description = compile \$dimension
# The names go through a file: those of 10,000 parts are too long for a command line of the shell's.
rule assemble
  command = xargs -x -n 65535 -s 1500000 \$dimc restore -o $volume <$parts/all
  rspfile = $parts/all
  rspfile_content = \$in
  restat = 1
  description = publish $volume
END
all=()
for file in "$sources"/*/dimension.yaml; do
	id=$(sed -n 's/^dimension_id: *\([0-9]*\).*/\1/p' "$file")
	name=$(printf 'D%02d' "$id")
	all+=("$parts/$name.tar.gz")
	printf 'build %s | %s: part' "$parts/$name.tar.gz" "$parts/$name.tar.gz.sha256"
	find "$(dirname "$file")" -type f | LC_ALL=C sort | escape | while read -r input; do printf ' $\n  %s' "$input"; done
	printf '\n  dimension = %s\n' "$name"
done
printf 'build %s/consciousness/manifest.json: assemble %s\n' "$volume" "${all[*]}"
