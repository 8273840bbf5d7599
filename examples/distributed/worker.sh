#!/bin/sh
# Compiles some dimensions and pushes them to a registry, as an image that holds nothing else.
#
#   worker.sh PART D01,D05       REPOSITORY: where to, HOST[:PORT]/PATH; RUN: what tells this run's parts from another's
set -eu
part=$1
dimensions=$2
: "${REPOSITORY:?is where to push to: HOST[:PORT]/PATH}" "${RUN:=$(git rev-parse --short=12 HEAD)}"
# Workers have checkouts of their own; with this, their index.json have the same times.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct -- sources)}
export SOURCE_DATE_EPOCH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

dimc compile sources -d "$dimensions" -o "$work/volume" --no-sync -q
dimc bundle "$work/volume" -o "$work/part.tar" --format=oci --name "$REPOSITORY:$RUN-$part"
skopeo copy -q --all "oci-archive:$work/part.tar" "docker://$REPOSITORY:$RUN-$part"
