#!/usr/bin/env bash
# Builds the Dockerfile's image on a Debian 12 root made by debootstrap, says how large it is, and lets a container of it
# prove the volume. Needs root, the network, and the packages of `make deps-all`; no container engine.
#
#   OUT: where to work; MIRROR: Debian packages, if not debootstrap's own choice
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mkdir -p "${OUT:-out}/image" && cd "${OUT:-out}/image" && pwd)
stored=(--root "$work/storage" --runroot "$work/run" --storage-driver vfs)

for tool in debootstrap buildah podman runc; do
	command -v "$tool" >/dev/null || { echo "missing: $tool; \`make deps-all\` brings it" >&2; exit 1; }
done
# What remains there would be mounts, and rm must not go through them.
end() { buildah "${stored[@]}" rm --all >/dev/null; }
trap end EXIT

if [[ ! -e $work/root.tar ]]; then
	rm -rf "$work/root"
	debootstrap --variant=minbase bookworm "$work/root" ${MIRROR:+"$MIRROR"} >"$work/debootstrap.log"
	# As debian:bookworm-slim has it.
	rm -rf "$work"/root/var/cache/apt/archives/*.deb "$work"/root/var/lib/apt/lists/* \
		"$work"/root/usr/share/{doc,man,info,locale,lintian,linda}/*
	tar -C "$work/root" -cf "$work/root.tar.part" .
	mv "$work/root.tar.part" "$work/root.tar"
	rm -rf "$work/root"
fi
base=$(buildah "${stored[@]}" from scratch)
buildah "${stored[@]}" add -q "$base" "$work/root.tar" / >/dev/null
buildah "${stored[@]}" config --cmd /bin/bash "$base"
buildah "${stored[@]}" commit -q "$base" localhost/debian:bookworm-slim >/dev/null
buildah "${stored[@]}" build --isolation chroot --format docker --build-arg BASE=localhost/debian:bookworm-slim \
	--build-arg SOURCE_DATE_EPOCH="$(git log -1 --format=%ct -- sources)" --target runtime -t localhost/dimc:latest .
buildah "${stored[@]}" images
podman "${stored[@]}" --cgroup-manager cgroupfs run --rm --no-healthcheck --network none --read-only --user 65534:65534 \
	--ulimit nofile=1024:1024 --ulimit nproc=1024:1024 localhost/dimc:latest dimc verify
