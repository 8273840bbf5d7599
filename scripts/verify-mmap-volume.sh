#!/bin/sh
# Verifies the volume: its structure, its permissions, who mounts it, and every byte of what is published.
#
#   scripts/verify-mmap-volume.sh [VOLUME]
#
# VOLUME: else MMAP_BASE_PATH from the environment or .env, else data/mmap, as dimc itself has it.
# DIMC: the program; else out/bin/dimc beside this script's directory, else the one in PATH.
# A docker-compose.yml is read where the script is run, if VOLUME is the data/mmap beside it; by docker compose where that is
# installed (no engine has to run), else as text.
# The exit status is dimc's: 0 sound, 3 the system refused, 5 damaged, 9 there is no volume; 3 also where structure,
# permissions or the compose file are not as they should be.
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

# has FACT...: the lines that compose-facts.awk makes of the compose file; a fact is a pattern for a whole line
# shellcheck disable=SC2317 # `check` calls it
has() {
	for fact in "$@"; do
		printf '%s\n' "$facts" | grep -qx -e "$fact" || return 1
	done
}
# shellcheck disable=SC2317
has_not() { ! has "$1"; }
# shellcheck disable=SC2317
api_reads() {
	has "mount jessy-api mmap-data /app/data/mmap ro" && has_not "mount jessy-api .*\(mmap-data\|data/mmap\).* rw"
}
check_compose() {
	compose=""
	if docker compose version >/dev/null 2>&1; then
		compose="docker compose"
	elif command -v docker-compose >/dev/null 2>&1; then
		compose=docker-compose
	fi
	text=$(cat docker-compose.yml)
	if [ -n "$compose" ]; then
		if text=$(PWD=$(pwd) $compose -f docker-compose.yml config 2>&1); then
			say ok "docker-compose.yml is valid, says $compose"
		else
			printf '%s\n' "$text"
			say FAIL "docker-compose.yml is not valid, says $compose"
			failed=3
			return
		fi
	fi
	facts=$(printf '%s\n' "$text" | awk -f "$root/scripts/compose-facts.awk")
	here=$(pwd | sed 's/[].[*^$\\]/\\&/g')
	check "docker-compose.yml: mmap-data binds \${PWD}/data/mmap by the local driver" has "volume mmap-data driver local" \
		"volume mmap-data type none" "volume mmap-data o bind" "volume mmap-data device \(\${PWD}\|$here\)/data/mmap"
	check "docker-compose.yml: jessy-core mounts it at /app/data/mmap" has "mount jessy-core mmap-data /app/data/mmap rw"
	check "docker-compose.yml: jessy-api mounts it at /app/data/mmap, read-only" api_reads
	check "docker-compose.yml: nobody mounts consciousness/ itself" has_not "mount .*consciousness.*"
}
if [ -f docker-compose.yml ] && [ "$(cd "$volume" && pwd -P)" = "$(pwd -P)/data/mmap" ]; then
	check_compose
else
	say skip "docker-compose.yml: none here that is about $volume"
fi

"$DIMC" verify "$volume"
status=$?
if [ $status -ne 0 ]; then
	say FAIL "dimc verify: status $status"
	exit $status
fi
say ok "dimc verify"
exit $failed
