#!/bin/sh
# Bundles of the volume, under the names that operators look for.
#
#   bundle.sh keep FILE                 FILE is the published generation; written only where it is not that already
#   bundle.sh backup DIRECTORY [D01,D05]   a new file in DIRECTORY, named by day and generation:
#                                       mmap-backup-20241024-a949d9d4cda9.tar.gz, D01-D05-backup-20241024-a949d9d4cda9.tar.gz
#
# DIMC: the program; BUNDLE_FLAGS: options for `dimc bundle`. The volume is dimc's default. The exit status is dimc's.
set -eu

generation() { # generation [BUNDLE]: 64 digits; nothing where there is none
	"$DIMC" info --json "$@" 2>/dev/null | sed -n 's/^  "generation": "sha256:\([0-9a-f]*\)",\{0,1\}$/\1/p'
}

command=$1
file=$2
case $command in
keep)
	published=$(generation)
	if [ -n "$published" ] && [ -f "$file" ] && [ "$published" = "$(generation "$file")" ]; then
		exit 0
	fi
	;;
backup)
	dimensions=${3:-}
	published=$(generation | cut -c 1-12)
	name=$(printf %s "${dimensions:-mmap}" | tr ',' '-')
	file=$file/$name-backup-$(date +%Y%m%d)-${published:-mixed}.tar.gz
	# The same day and the same generation: nothing to add to a backup that is whole, unless it is to be signed.
	if [ -z "${BUNDLE_FLAGS:-}" ] && "$DIMC" verify -q "$file" 2>/dev/null; then
		echo "$file is there already, and whole"
		exit 0
	fi
	BUNDLE_FLAGS="${dimensions:+-d $dimensions} ${BUNDLE_FLAGS:-}"
	;;
*)
	echo "usage: bundle.sh keep FILE | backup DIRECTORY [D01,D05]" >&2
	exit 2
	;;
esac
mkdir -p "$(dirname "$file")"
# shellcheck disable=SC2086 # a list of options
exec "$DIMC" bundle -o "$file" ${BUNDLE_FLAGS:-}
