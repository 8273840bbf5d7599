#!/usr/bin/env bash
# dimc and libdim on other machines, built by Debian's cross compilers and run by qemu: s390x (big-endian), armhf (addresses of
# 32 bits) and, libdim alone, powerpc (both), for which Debian has no libraries.
#
#   scripts/check-foreign.sh [ARCH...]             all of it; each check prints one line; status 1 where one fails
#   scripts/check-foreign.sh reader ARCH VOLUME    libdim alone reads a volume; status 77: what is missing is told
#
# OUT: where to build; its programs are those that the others are compared with. The libraries of other machines are downloaded from
# the system's own apt sources and unpacked below OUT/foreign; nothing is installed.
set -u
cd "$(dirname "$0")/.." || exit 2
mkdir -p "${OUT:-out}"
out=$(realpath "${OUT:-out}")
make=${MAKE:-make}
# shellcheck source=report.bash
. scripts/report.bash
skipped=0

# know ARCH: its compiler and its qemu; false, and why, where one is missing.
know() {
	arch=$1 libatomic=
	case $arch in
	s390x) triplet=s390x-linux-gnu qemu=qemu-s390x-static ;;
	armhf) triplet=arm-linux-gnueabihf qemu=qemu-arm-static ;;
	powerpc) triplet=powerpc-linux-gnu qemu=qemu-ppc-static libatomic=-latomic ;; # it adds no 64 bits at once
	*) echo "nothing is known of $arch" && return 1 ;;
	esac
	for tool in "$triplet-gcc" "$qemu"; do
		command -v "$tool" >/dev/null || { echo "no $tool here (make deps-all brings it)" && return 1; }
	done
}

# --- libdim alone: it needs no more than libc, which comes with the cross compiler ---

# build_teller COMPILER FILE [-static [LIBRARY]]: tests/foreign/tell.c with all of libdim.
build_teller() {
	local loader=() file
	for file in loader/*.c; do
		[[ $file = loader/verify* ]] || loader+=("$file")
	done
	"$1" -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 -DDIM_VERSION='"0"' -pthread -Wall -Wextra -Werror \
		tests/foreign/tell.c "${loader[@]}" -o "$2" "${@:3}"
}

# reads_the_same VOLUME: what libdim says of it there is what it says here.
reads_the_same() {
	local work status=1
	work=$(mktemp -d)
	if build_teller "${CC:-cc}" "$work/here" && build_teller "$triplet-gcc" "$work/there" -static ${libatomic:+"$libatomic"} &&
		"$work/here" "$1" >"$work/want" && [[ -s $work/want ]] && "$qemu" "$work/there" "$1" >"$work/got"; then
		cmp "$work/want" "$work/got"
		status=$?
	fi
	rm -rf "$work"
	return $status
}

if [[ ${1:-} = reader ]]; then
	know "$2" || exit 77
	reads_the_same "$3"
	exit
fi

# --- all of dimc ---

# fetch_libraries: those that dimc is linked with, and what these need, as Debian has them for this machine.
fetch_libraries() {
	local apt=$base/apt file
	[[ ! -e $base/sysroot/complete ]] || return 0
	command -v apt-get >/dev/null || { echo "no apt-get here" && return 1; }
	mkdir -p "$apt"/state/lists/partial "$apt"/cache/archives/partial "$base/sysroot"
	: >"$apt/status"
	local options=(-qq -o Dir::State="$apt/state" -o Dir::State::status="$apt/status" -o Dir::Cache="$apt/cache" -o Debug::NoLocking=1
		-o APT::Architecture="$arch" -o APT::Architectures="$arch" -o APT::Sandbox::User="$(id -un)")
	apt-get "${options[@]}" update >"$apt/log" 2>&1 # a source that has nothing for this machine is no reason to stop
	if ! apt-get "${options[@]}" install -y --download-only --no-install-recommends libc6-dev libyaml-dev libssl-dev libarchive-dev \
		libdeflate-dev zlib1g-dev libutf8proc-dev >>"$apt/log" 2>&1; then
		echo "the libraries of $arch cannot be downloaded: $(tail -n 1 "$apt/log")"
		return 1
	fi
	for file in "$apt"/cache/archives/*.deb; do
		dpkg -x "$file" "$base/sysroot" || return 1
	done
	: >"$base/sysroot/complete"
}

# build: the program, both libraries and the unit tests.
build() {
	local root=$base/sysroot wanted=("$base/bin/dimc") file
	for file in libdim.a libdim.so libdim-verify.a libdim-verify.so; do
		wanted+=("$base/lib/$file")
	done
	for file in tests/unit/*.c; do
		file=${file##*/}
		wanted+=("$base/tests/${file%.c}")
	done
	PKG_CONFIG_SYSROOT_DIR=$root PKG_CONFIG_LIBDIR=$root/usr/lib/$triplet/pkgconfig "$make" --no-print-directory -s -j2 OUT="$base" \
		CC="$triplet-gcc" AR="$triplet-ar" ARCHIVE_LIB=-larchive CFLAGS="-O2 -g --sysroot=$root" DEVELOPER=1 \
		LDFLAGS="--sysroot=$root -Wl,-rpath-link,$root/usr/lib/$triplet:$root/lib/$triplet" "${wanted[@]}"
}

# What stands in the place of each program runs it.
make_runners() {
	local program
	rm -rf "$base/run"
	mkdir -p "$base/run/bin" "$base/run/tests"
	ln -s "$base/lib" "$base/run/lib"
	for program in "$base"/bin/dimc "$base"/tests/*; do
		[[ $program != *.d ]] || continue
		printf '#!/bin/sh\nexec %s -L %s %s "$@"\n' "$qemu" "$base/sysroot" "$program" >"$base/run/${program#"$base"/}"
		chmod +x "$base/run/${program#"$base"/}"
	done
}

# gives_the_same SOURCES LAYOUT: every file of the generation and its bundle are those that the program here makes.
gives_the_same() {
	local where against=()
	[[ $2 = packed ]] || against=(--against "$1")
	rm -rf "${work:?}"/*
	for where in here there; do
		"${!where}" compile -q --no-sync "$1" -o "$work/$where/volume" --layout="$2" --layer-files &&
			"${!where}" bundle -q "$work/$where/volume" -o "$work/$where.tar.gz" || return 1
	done
	diff -r "$work"/{here,there}/volume/consciousness && cmp "$work"/{here,there}.tar.gz && "$here" verify -q "$work/there/volume" &&
		"$there" verify -q "${against[@]}" "$work/here/volume" && "$there" verify -q "$work/here.tar.gz" &&
		"$there" restore -q --no-sync "$work/here.tar.gz" -o "$work/restored" &&
		diff -r "$work"/{here/volume,restored}/consciousness && [[ -s $work/restored/consciousness/manifest.json ]]
}

# says STATUS TEXT COMMAND...: it ends with the status, and says the text.
says() {
	local got=0
	"${@:3}" >"$work/said" 2>&1 || got=$?
	[[ $got -eq $1 ]] && grep -qF -- "$2" "$work/said" && return 0
	echo "status $got, not $1, or without \"$2\": ${*:3}"
	cat "$work/said"
	return 1
}

# make_source DIR DATE: a dimension with a content_file that is a hole, to be made as long as wanted.
make_source() {
	rm -rf "$1"
	mkdir -p "$1/D01"
	printf 'dimension_id: 1\nname: Large\nupdated_at: %s\n' "$2" >"$1/D01/dimension.yaml"
	printf 'layer_id: 1\nfrequency: 1.5\nkeywords: [large]\ncontent_file: large.bin\n' >"$1/D01/layer.yaml"
	printf 'abc' >"$1/D01/large.bin"
}

# Sizes beyond 32 bits are refused or taken, and never cut: 4 GiB and 3 bytes would be 3 bytes.
refuses_large() {
	local large=4294967299
	rm -rf "${work:?}"/*
	make_source "$work/sources" 2024-10-24
	"$there" compile -q --no-sync -Wno-text-short "$work/sources" -o "$work/volume" || return 1
	cp "$work/volume/consciousness/D01/region.mmap" "$work/region.mmap"
	chmod u+w "$work/region.mmap"
	truncate -s $large "$work/sources/D01/large.bin" "$work/region.mmap"
	says 1 "(4294967299 bytes); a region may have 10.0 MiB" "$there" compile --no-sync "$work/sources" -o "$work/volume" &&
		says 3 "4294967299 bytes are more than the allowed 10485760" "$there" verify "$work/region.mmap" || return 1
	mkdir -p "$work/data/mmap/consciousness/D01"
	mv "$work/region.mmap" "$work/data/mmap/consciousness/D01/"
	tar -C "$work" -cf - data 2>/dev/null | head -c 1000000 | gzip >"$work/large.tar.gz"
	says 7 "4294967299 bytes, and at most 10485760 are allowed" "$there" restore "$work/large.tar.gz" -o "$work/volume" || return 1
	[[ $bits -eq 32 ]] || return 0
	says 1 "Cannot allocate memory" env MMAP_MAX_SIZE=9000000000 "$there" compile --no-sync "$work/sources" -o "$work/volume" &&
		says 3 "4294967299 bytes are more than this system can address" env MMAP_MAX_SIZE=9000000000 "$there" verify \
			"$work/data/mmap/consciousness/D01/region.mmap" && "$here" verify -q "$work/volume"
}

# Times after January 2038, which 32 bits do not hold: of authors, of the environment, of files.
keeps_late_times() {
	rm -rf "${work:?}"/*
	make_source "$work/sources" 2100-01-02
	gives_the_same_late "$work/sources" || return 1
	sed -i /updated_at/d "$work/sources/D01/dimension.yaml"
	SOURCE_DATE_EPOCH=4102531200 gives_the_same_late "$work/sources" || return 1
	touch -d '2100-01-02 UTC' "$work"/sources/D01/*
	(unset SOURCE_DATE_EPOCH && gives_the_same_late "$work/sources")
}
gives_the_same_late() {
	rm -rf "$work"/{here,there}*
	"$here" compile -q --no-sync -Wno-text-short "$1" -o "$work/here" && "$there" compile -q --no-sync -Wno-text-short "$1" -o "$work/there" &&
		grep -q '"updated_at": "2100-01-02T00:00:00Z"' "$work/here/consciousness/D01/index.json" &&
		diff -r "$work"/{here,there}/consciousness || return 1
	"$here" bundle -q "$work/here" -o "$work/here.tar.gz" || return 1
	# libarchive's times may have 32 bits: then nothing is written that would differ.
	if "$there" bundle -q "$work/there" -o "$work/there.tar.gz" 2>"$work/said"; then
		cmp "$work"/{here,there}.tar.gz
	else
		[[ $bits -eq 32 && ! -e $work/there.tar.gz ]] && grep -q 'libarchive knows no time after January 2038' "$work/said"
	fi
}

# The tests of libdim and of what has numbers, bytes and characters to turn. Not those of what the kernel does: qemu answers for it.
UNITS='the format:|layout arithmetic|numbers, times|UTF-8 sequence|JSON is|a region gives|a volume gives|edge of the format|options that'
UNITS+='|hostile bytes|right checksum|quick ways of the check|one flipped bit'
UNITS+='|opening:|loading and|refreshing:|dimc publishes|searches across|one layer is read'

units_pass() {
	OUT=$base/run DIMC=$there "${BATS:-bats}" --tap -f "$UNITS" tests/unit.bats tests/volume.bats >"$work/tap" 2>&1 &&
		! grep -q '# skip' "$work/tap" && count=$(grep -c '^ok ' "$work/tap") && return 0
	cat "$work/tap"
	return 1
}

"$make" --no-print-directory -s OUT="$out" "$out/bin/dimc" "$out/bench/corpus" || exit 1
here=$out/bin/dimc
top=$(mktemp -d "$out/foreign.XXXXXX")
trap 'rm -rf "$top"' EXIT
work=$top/work
mkdir "$work"
"$out/bench/corpus" S "$top/corpus" >/dev/null && "$here" compile -q --no-sync sources -o "$top/volume" || exit 1
export SOURCE_DATE_EPOCH=1700000000

[[ $# -gt 0 ]] || set -- s390x armhf powerpc
for name in "$@"; do
	if ! why=$(know "$name"); then
		echo "skip $name: $why"
		skipped=$((skipped + 1))
		continue
	fi
	know "$name"
	about="$arch: "
	reads_the_same "$top/volume"
	report $? "libdim alone reads a volume from here as it is read here"
	[[ $arch != powerpc ]] || continue
	base=$out/foreign/$arch
	there=$base/run/bin/dimc
	bits=64
	[[ $arch != armhf ]] || bits=32
	if ! why=$(fetch_libraries); then
		echo "skip $arch: $why"
		skipped=$((skipped + 1))
		continue
	fi
	build
	status=$?
	report $status "dimc, libdim, libdim-verify and the unit tests are built without a warning"
	[[ $status -eq 0 ]] || continue
	make_runners
	for layout in page packed; do
		gives_the_same sources $layout
		report $? "sources/, $layout: the same regions, index.json, manifest and bundle; each reads the other's"
		gives_the_same "$top/corpus" $layout
		report $? "280 layers, $layout: the same regions, index.json, manifest and bundle; each reads the other's"
	done
	refuses_large
	report $? "files, regions and bundles of more than 4 GiB are refused, not cut"
	keeps_late_times
	report $? "times after January 2038 are the same, or refused"
	count=some
	units_pass
	report $? "$count unit tests of libdim and the format"
done
echo "foreign: $passed passed, $failed failed, $skipped skipped"
[[ $failed -eq 0 && $passed -gt 0 ]]
