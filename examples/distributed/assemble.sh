#!/bin/sh
# Fetches the parts of a run from a registry and publishes them as one generation, in one step.
#
#   assemble.sh VOLUME PART...   REPOSITORY, RUN: as for worker.sh
set -eu
volume=$1
shift
: "${REPOSITORY:?is where to fetch from: HOST[:PORT]/PATH}" "${RUN:=$(git rev-parse --short=12 HEAD)}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for part in "$@"; do
	skopeo copy -q --all "docker://$REPOSITORY:$RUN-$part" "oci-archive:$work/$part.tar"
done
dimc restore "$work"/*.tar -o "$volume"
