#!/usr/bin/env bats
# loader.bats: libdim as others get it: what it exports and needs, installed and used from a prefix, and opening a volume while
# somebody publishes to it.

# shellcheck disable=SC2154 # out and err are set by run_status
# shellcheck disable=SC2030,SC2031 # each test is a process of its own
load lib

# install_to VARIABLE=VALUE...: `make install` of what the tests run.
install_to() {
	MAKEFLAGS='' make -s -C "$ROOT" OUT="$OUT" CC="${CC:-cc}" "$@"
}

# A library with a sanitizer in it exports, needs and asks for more.
need_plain_library() {
	need nm readelf
	if nm -D "$OUT/lib/libdim.so" | grep -qE '__(asan|tsan|ubsan|gcov|llvm)_'; then
		skip 'the library is instrumented'
	fi
}

@test "libdim.so exports what dim.h declares, libdim-verify.so what dim_verify.h declares, and nothing else" {
	need_plain_library
	local lib header
	for lib in 'dim:dim dim_region' 'dim-verify:dim_verify'; do
		for header in ${lib#*:}; do
			grep -oE '^[a-z].*\bdim_[a-z_]+\(' "$ROOT/include/$header.h" | grep -oE 'dim_[a-z_]+\($' | tr -d '('
		done | sort -u >declared
		nm -D --defined-only "$OUT/lib/lib${lib%%:*}.so" | awk '$2 != "A" {sub(/@.*/, "", $3); print $3}' | sort -u >exported
		[[ -s declared ]]
		run_status 0 diff declared exported
	done
}

@test "what libdim.a defines for the linker begins with dim_" {
	need_plain_library
	run_status 0 nm -g --defined-only "$OUT/lib/libdim.a"
	contains "$out" ' T dim_region_open'
	lacks "$(awk 'NF == 3 && $3 !~ /^dim_/' <<<"$out")" ' '
}

@test "libdim.so needs libc alone, has a soname, and neither an executable stack nor text relocations" {
	need_plain_library
	run_status 0 readelf -dW "$OUT/lib/libdim.so"
	[[ $(grep -c NEEDED <<<"$out") -eq 1 ]]
	grep NEEDED <<<"$out" | grep -qE '\[libc\.(so\.6|musl-.*)\]'
	contains "$out" 'soname: [libdim.so.0]'
	lacks "$out" TEXTREL
	lacks "$out" RPATH
	lacks "$out" RUNPATH
	run_status 0 readelf -lW "$OUT/lib/libdim.so"
	lacks "$(grep GNU_STACK <<<"$out")" E
}

@test "libdim keeps no state: there is no byte that could be written to" {
	need_plain_library
	need size
	run_status 0 size -A "$OUT/lib/libdim.a"
	contains "$out" .text
	[[ $(awk '$1 ~ /^\.t?(data|bss)$/ {bytes += $2} END {print bytes + 0}' <<<"$out") -eq 0 ]]
}

@test "the example is built outside the tree from an installed prefix, reads a layer, and tells what is wrong" {
	need_plain_library
	need pkg-config
	install_to install PREFIX="$PWD/prefix"
	cp -r "$ROOT/examples/c" example
	[[ $(wc -l <example/read_layer.c) -lt 50 ]]
	run_status 0 make -C example CC="${CC:-cc}" CFLAGS='-O2 -Wall -Wextra -Werror' PKG_CONFIG_PATH="$PWD/prefix/lib/pkgconfig"
	make_sources src
	sed -i '1i title: A feeling' src/D01-emotion/010-joy.yaml
	run_status 0 "$DIMC" compile -q --no-sync src -o volume
	export LD_LIBRARY_PATH=$PWD/prefix/lib
	run_status 0 ldd example/read_layer
	contains "$out" "$PWD/prefix/lib/libdim.so.0"
	run_status 0 example/read_layer volume 1 1
	[[ $out = 'Joy is bright.' ]]
	[[ $err = $'A feeling\n1.5 Hz\n- joy\n- feeling' ]]
	example/read_layer volume 1 1 2>/dev/null | cmp - <(printf 'Joy is bright.\n')
	run_status 0 example/read_layer volume 2 1
	[[ $out = 'Attention selects.' ]]
	run_status 1 example/read_layer volume 1 3
	contains "$err" 'volume: not found'
	run_status 1 example/read_layer volume 7 1
	contains "$err" 'volume: not found'
	run_status 1 example/read_layer nowhere 1 1
	contains "$err" 'nowhere: not found: there is no volume at this path'
	flip volume/consciousness/D01/region.mmap 16
	run_status 1 example/read_layer volume 1 1
	contains "$err" 'volume: damaged: '
	run_status 2 example/read_layer volume
	contains "$err" usage
	if [[ -c /dev/full ]]; then
		status=0
		example/read_layer volume 2 1 >/dev/full 2>err || status=$?
		[[ $status -eq 1 ]]
	fi
}

@test "the example of a service answers from one generation after the other, and keeps the old one where the new one is damaged" {
	need_plain_library
	need pkg-config
	install_to install PREFIX="$PWD/prefix"
	cp -r "$ROOT/examples/c" example
	run_status 0 make -C example service CC="${CC:-cc}" CFLAGS='-O2 -Wall -Wextra -Werror' PKG_CONFIG_PATH="$PWD/prefix/lib/pkgconfig"
	export LD_LIBRARY_PATH=$PWD/prefix/lib
	make_sources src
	run_status 0 "$DIMC" compile -q --no-sync src -o volume
	run_status 0 example/service volume <<<'feeling'
	[[ $out = $'D01/1 1.5 Hz  (15 bytes)\nD01/2 0.5 Hz  (15 bytes)' ]]
	[[ $(cut -d' ' -f1 <<<"$err") = $'load\nload\nopen\nclose' ]]
	MMAP_BASE_PATH=volume run_status 0 example/service <<<'0.1..1.9'
	[[ $out = $'D01/2 0.5 Hz  (15 bytes)\nD01/1 1.5 Hz  (15 bytes)' ]]
	coproc SERVICE { exec example/service volume 2>log; }
	ask() {
		printf '%s\n' "$1" >&"${SERVICE[1]}"
		read -r -t 20 out <&"${SERVICE[0]}"
	}
	ask D02/1
	[[ $out = 'D02/1 2 Hz  (19 bytes)' ]]
	sed -i 's/selects/picks out/' src/D02-cognition/010-attention.yaml
	run_status 0 "$DIMC" compile -q --no-sync src -o volume
	ask attention
	[[ $out = 'D02/1 2 Hz  (21 bytes)' ]]
	cp -r volume/consciousness volume/bad
	flip volume/bad/D02/region.mmap 16
	mv volume/consciousness volume/good
	mv volume/bad volume/consciousness
	ask D02/1
	[[ $out = 'D02/1 2 Hz  (21 bytes)' ]]
	eval "exec ${SERVICE[1]}>&-"
	wait "$SERVICE_PID" 2>/dev/null || true
	grep -q '^refresh D00 generation 2, ' log
	grep -q '^refuse D02 generation 3, .*volume/consciousness/D02/region.mmap: D02: ' log
	run_status 1 example/service nowhere
	contains "$err" 'nowhere: there is no volume at this path'
}

@test "a staged installation is used with a sysroot, and one program links dim-verify" {
	need_plain_library
	need pkg-config
	install_to install DESTDIR="$PWD/stage" PREFIX=/opt/dim
	export PKG_CONFIG_SYSROOT_DIR=$PWD/stage PKG_CONFIG_PATH=$PWD/stage/opt/dim/lib/pkgconfig
	cp -r "$ROOT/examples/c" example
	run_status 0 make -C example CC="${CC:-cc}"
	run_status 0 pkg-config --modversion dim
	local version=$out
	run_status 0 "$PWD/stage/opt/dim/bin/dimc" --version
	contains "$out" "$version"
	cat >proof.c <<-'END'
		#include <dim_verify.h>
		#include <dim_format.h>
		#include <stdio.h>
		int main(int argc, char **argv)
		{
			struct dim_region *region;
			if (argc != 2 || dim_region_open(argv[1], NULL, &region, NULL) != DIM_OK)
				return 2;
			printf("%s\n", dim_strerror(dim_verify_region(region, NULL, NULL)));
			dim_region_close(region);
			return 0;
		}
	END
	# shellcheck disable=SC2046 # a list of flags
	"${CC:-cc}" -std=c11 -Wall -Wextra -Werror proof.c $(pkg-config --cflags --libs dim-verify) -o proof
	make_sources src
	run_status 0 "$DIMC" compile -q --no-sync src -o volume
	export LD_LIBRARY_PATH=$PWD/stage/opt/dim/lib
	run_status 0 ./proof volume/consciousness/D01/region.mmap
	[[ $out = success ]]
	flip volume/consciousness/D01/region.mmap 4096
	run_status 0 ./proof volume/consciousness/D01/region.mmap
	[[ $out = damaged ]]
}

@test "dim.h and dim_verify.h compile alone, as strict C11 and as C++" {
	local header
	for header in dim dim_verify dim_format; do
		printf '#include <%s.h>\nint main(void) { return 0; }\n' $header >alone.c
		run_status 0 "${CC:-cc}" -std=c11 -pedantic -Wall -Wextra -Werror -I"$ROOT/include" -c alone.c -o alone.o
	done
	need g++
	printf '#include <dim.h>\n#include <dim_verify.h>\nint main() { return dim_strerror(DIM_OK) == nullptr; }\n' >alone.cc
	run_status 0 g++ -std=c++11 -pedantic -Wall -Wextra -Werror -I"$ROOT/include" -c alone.cc -o alone.o
}

@test "uninstall removes every file that install made, and nothing else" {
	mkdir -p stage/opt/dim/{bin,lib,share/doc}
	touch stage/opt/dim/{bin/other,lib/libdim-other.so,share/doc/other}
	install_to install DESTDIR="$PWD/stage" PREFIX=/opt/dim
	[[ -x stage/opt/dim/bin/dimc && -f stage/opt/dim/include/dim.h && -f stage/opt/dim/lib/pkgconfig/dim.pc ]]
	[[ $(stat -L -c %a stage/opt/dim/lib/libdim.so) = 755 && $(stat -c %a stage/opt/dim/include/dim.h) = 644 ]]
	install_to install DESTDIR="$PWD/stage" PREFIX=/opt/dim # again over itself
	install_to uninstall DESTDIR="$PWD/stage" PREFIX=/opt/dim
	run_status 0 find stage ! -type d
	[[ $(sort <<<"$out") = $'stage/opt/dim/bin/other\nstage/opt/dim/lib/libdim-other.so\nstage/opt/dim/share/doc/other' ]]
	run_status 0 find stage -path '*dimc*'
	[[ -z $out ]]
}

@test "nothing that is installed tells where it was built or staged" {
	need_plain_library
	install_to install DESTDIR="$PWD/stage" PREFIX=/opt/dim
	run_status 1 grep -rlF "$PWD" stage/opt/dim/lib/pkgconfig stage/opt/dim/include stage/opt/dim/share
	run_status 0 cat stage/opt/dim/lib/pkgconfig/dim.pc
	contains "$out" 'prefix=/opt/dim'
}

# make_letter DIR LETTER COUNT: a generation that says who it is, for tests/unit/generations.c.
make_letter() {
	local i k
	for ((i = 1; i <= $3; i++)); do
		make_dimension "$1/D0$i" "$i" "$2$i"
		for k in 1 2; do
			make_layer "$1/D0$i/$k.yaml" "$k" 1.5 "$2" "$2 in D0$i layer $k"
		done
	done
}

@test "a volume that is replaced all the time opens whole, and of one generation, every time" {
	local publisher i
	make_letter a a 3
	make_letter b b 5
	run_status 0 "$DIMC" compile -q --no-sync a -o volume
	(
		for ((i = 0; i < 40; i++)); do
			"$DIMC" compile -q --no-sync b -o volume && "$DIMC" compile -q --no-sync a -o volume || touch failed
		done
		touch ended
	) 3>&- &
	publisher=$!
	run_status 0 timeout 120 "$OUT/tests/generations" volume 200 "$PWD/ended"
	wait "$publisher"
	[[ ! -e failed ]]
	echo "$out"
	# It did meet both, and many changes; else nothing was proven.
	[[ $out =~ opens\ ([0-9]+)\ a\ ([0-9]+)\ b\ ([0-9]+)\ changes\ ([0-9]+) ]]
	[[ ${BASH_REMATCH[1]} -ge 200 && ${BASH_REMATCH[2]} -gt 0 && ${BASH_REMATCH[3]} -gt 0 && ${BASH_REMATCH[4]} -ge 10 ]]
}
