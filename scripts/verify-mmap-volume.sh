#!/bin/sh
# Verifies the volume: its structure, its permissions, and every byte of what is published.
#
#   scripts/verify-mmap-volume.sh [VOLUME]
#
# VOLUME: else MMAP_BASE_PATH from the environment or .env, else data/mmap, as dimc itself has it.
# DIMC: the program; else out/bin/dimc beside this script's directory, else the one in PATH.
# The exit status is dimc's: 0 sound, 3 the system refused, 5 damaged, 9 there is no volume.
set -u

root=$(cd "$(dirname "$0")/.." && pwd)
failed=0

say() { printf '%-4s %s\n' "$1" "$2"; }
check() { # check TEXT COMMAND...
	text=$1
	shift
	if "$@"; then
		say ok "$text"
	else
		say FAIL "$text"
		failed=3
	fi
}

if [ -z "${DIMC:-}" ]; then
	DIMC=$root/out/bin/dimc
	[ -x "$DIMC" ] || DIMC=$(command -v dimc || true)
fi
if [ -z "$DIMC" ] || [ ! -x "$DIMC" ]; then
	echo "there is no dimc; \`make deps dimensions\` builds it" >&2
	exit 3
fi

from_env_file() {
	[ -f .env ] || return 0
	sed -n 's/^[[:space:]]*\(export[[:space:]]\{1,\}\)\{0,1\}MMAP_BASE_PATH=//p' .env | tail -n 1 |
		sed 's/[[:space:]]\{1,\}#.*$//; s/[[:space:]]*$//; s/^"\(.*\)"$/\1/; s/^'\''\(.*\)'\''$/\1/'
}
volume=${1:-${MMAP_BASE_PATH:-$(from_env_file)}}
volume=${volume:-data/mmap}

echo "volume $volume"
if [ ! -d "$volume" ]; then
	say FAIL "there is no such directory; \`make init-mmap\` makes it, \`make dimensions\` fills it" >&2
	exit 9
fi
for directory in consciousness proto temp; do
	check "$directory/ is there and can be read" test -d "$volume/$directory" -a -r "$volume/$directory" -a -x "$volume/$directory"
done
for file in README.md .gitignore; do
	check "$file is there" test -f "$volume/$file"
done
for region in "$volume"/consciousness/D*/region.mmap; do
	[ -e "$region" ] || continue
	[ -r "$region" ] && [ -r "$(dirname "$region")/index.json" ] && continue
	say FAIL "$region or its index.json cannot be read by this user; \`chmod -R a+rX $volume\` mends that"
	failed=3
done

"$DIMC" verify "$volume"
status=$?
if [ $status -ne 0 ]; then
	say FAIL "dimc verify: status $status"
	exit $status
fi
say ok "dimc verify"
exit $failed
