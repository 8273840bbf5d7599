#!/bin/sh
# Brings the packages that dimc is built and tested with, or says which are missing.
#
#   deps.sh build     what `make dimensions` needs
#   deps.sh runtime   what the built program needs
#   deps.sh basic     what `make dimensions` and `make test` need
#   deps.sh all       every optional tool of the tests, lint and benchmarks, too
#   deps.sh check CC PKG_CONFIG PACKAGE...   exits 1, and says what is missing, unless everything is there
set -eu

build="gcc libc6-dev make pkg-config libyaml-dev libssl-dev libarchive-dev libdeflate-dev zlib1g-dev libutf8proc-dev"
runtime="libyaml-0-2 libssl3 libdeflate0 zlib1g libutf8proc2"
basic="$build bats git"
optional="clang clang-format libclang-rt-14-dev cppcheck shellcheck valgrind strace jq python3 python3-yaml python3-jsonschema gcovr
	squashfs-tools pigz time skopeo umoci buildah podman runc docker-registry docker-compose ninja-build busybox-static rsync
	debootstrap libarchive-tools golang-go patch openssl faketime mandoc cargo rustc rustfmt rust-clippy pre-commit liblmdb-dev libcdb-dev tinycdb
	libsqlite3-dev libjansson-dev erofs-utils nodejs node-js-yaml chromium bash-completion fish zsh
	afl++ disorderfs fuse xfsprogs btrfs-progs e2fsprogs clang-tidy clang-tools util-linux
	qemu-user-static gcc-arm-linux-gnueabihf libc6-dev-armhf-cross gcc-s390x-linux-gnu libc6-dev-s390x-cross
	gcc-powerpc-linux-gnu libc6-dev-powerpc-cross"

install() {
	missing=""
	for package in "$@"; do
		if [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
			missing="$missing $package"
		fi
	done
	if [ -z "$missing" ]; then
		return 0
	fi
	sudo=""
	if [ "$(id -u)" -ne 0 ]; then
		if ! command -v sudo >/dev/null 2>&1; then
			echo "not root, and there is no sudo; as root, install:$missing" >&2
			exit 1
		fi
		sudo=sudo
	fi
	echo "installing:$missing"
	$sudo apt-get update -qq
	# shellcheck disable=SC2086 # a list of names
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

# Without apt, the names that other systems know.
explain() {
	cat >&2 <<-'END'
	There is no apt here. Please install, by the means of this system:
	  a C11 compiler (gcc or clang), make, pkg-config, git
	  libyaml with headers       (libyaml-dev, libyaml-devel, libyaml)
	  OpenSSL 3 with headers     (libssl-dev, openssl-devel, openssl)
	  libarchive with headers    (libarchive-dev, libarchive-devel, libarchive)
	  libdeflate with headers    (libdeflate-dev, libdeflate-devel, libdeflate)
	  zlib with headers          (zlib1g-dev, zlib-devel, zlib)
	  utf8proc with headers      (libutf8proc-dev, utf8proc-devel, utf8proc)
	  bats                       for the tests
	END
	exit 1
}

case "${1:-}" in
build | runtime | basic | all)
	if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-query >/dev/null 2>&1; then
		if "$0" check "${CC:-cc}" "${PKG_CONFIG:-pkg-config}" yaml-0.1 libcrypto libarchive libdeflate zlib libutf8proc 2>/dev/null; then
			exit 0
		fi
		explain
	fi
	# shellcheck disable=SC2086 # lists of names
	case $1 in
	build) install $build ;;
	runtime) install $runtime ;;
	basic) install $basic ;;
	all) install $basic $optional ;;
	esac
	;;
check)
	cc=$2
	pkg_config=$3
	shift 3
	missing=""
	command -v "${cc%% *}" >/dev/null 2>&1 || missing="$missing a-C-compiler"
	if command -v "$pkg_config" >/dev/null 2>&1; then
		for package in "$@"; do
			"$pkg_config" --exists "$package" || missing="$missing $package"
		done
	else
		missing="$missing pkg-config"
	fi
	if [ -n "$missing" ]; then
		echo "missing:$missing" >&2
		echo "\`make deps\` brings them" >&2
		exit 1
	fi
	;;
*)
	echo "usage: deps.sh build | runtime | basic | all | check CC PKG_CONFIG PACKAGE..." >&2
	exit 2
	;;
esac
