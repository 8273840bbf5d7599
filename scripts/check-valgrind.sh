#!/usr/bin/env bash
# Runs libdim's programs (tests/volume.bats), and dimc's commands on the project's own sources, under valgrind: no leak, no bad
# access.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(realpath "${OUT:-out}")
work=$(mktemp -d)
# valgrind does not know the calls, and makes some of its own.
export DIMC_SANDBOX=off
trap 'rm -rf "$work"' EXIT
valgrind=(valgrind --quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=all "--errors-for-leak-kinds=definite,possible")

dimc() {
	echo "dimc $*"
	"${valgrind[@]}" "$out/bin/dimc" "$@" >"$work/log" 2>&1 || {
		local status=$?
		if [[ $status -eq 2 || $status -eq 99 || $status -ge 128 ]]; then
			cat "$work/log"
			exit 1
		fi
	}
}

# What stands in the place of each program runs it.
mkdir -p "$work/out/tests"
ln -s "$out/bin" "$out/lib" "$work/out/"
for program in "$out"/tests/*_test; do
	printf '#!/bin/sh\nexec %s %s "$@"\n' "${valgrind[*]}" "$program" >"$work/out/tests/${program##*/}"
	chmod +x "$work/out/tests/${program##*/}"
done
OUT=$work/out DIMC=$out/bin/dimc "${BATS:-bats}" tests/volume.bats

dimc compile sources -o "$work/volume" --no-sync
dimc compile sources -o "$work/volume" --no-sync
dimc compile sources -o "$work/volume" --layout=packed --layer-files -d D01,D07
dimc compile sources -o "$work/volume" --check
dimc verify "$work/volume"
dimc info "$work/volume" -v
dimc info "$work/volume" --json
dimc info "$work/volume" --resident --json
dimc top "$work/volume" -n 2 -i 1
dimc find "$work/volume" trust --any --frequency 0.1..3
dimc show "$work/volume" D01/3
dimc rollback "$work/volume"
dimc clean "$work/volume" --proto --older-than=0
dimc compile --proto draft examples/minimal/D01-minimal -o "$work/volume"
dimc init "$work/other"
openssl genpkey -algorithm ed25519 -out "$work/key" 2>/dev/null
openssl pkey -in "$work/key" -pubout -out "$work/public"
dimc bundle "$work/volume" -o "$work/b.tar.gz" --sign "$work/key"
dimc bundle "$work/volume" -o "$work/part.tar.gz" -d D03
dimc bundle "$work/volume" -o "$work/image.tar" --format=oci
dimc list "$work/b.tar.gz"
dimc verify "$work/b.tar.gz" --verify-key "$work/public" --against sources
dimc restore "$work/b.tar.gz" -o "$work/other" --no-sync
dimc restore "$work/part.tar.gz" "$work/image.tar" -o "$work/new" --no-sync
head -c 60000 "$work/b.tar.gz" >"$work/cut.tar.gz"
dimc restore "$work/cut.tar.gz" README.md -o "$work/new"
dimc dump "$work/image.tar" -o "$work/sources"
dimc diff "$work/volume" "$work/part.tar.gz"
for case in tests/fixtures/reject/*/*/; do
	[[ -e $case/make.sh ]] || dimc -C "$case" check sources
done
echo "valgrind: clean"
