#!/usr/bin/env bats
# install.bats: libdim as it is installed, staged and removed, and programs that are built against that, outside the tree.
# In: what the build made. Out: files below a prefix or a DESTDIR; programs in C and C++, with shared and with static libraries.

# shellcheck disable=SC2154 # out and err are set by run_status
# shellcheck disable=SC2030,SC2031 # each test is a process of its own
load lib

# install_to VARIABLE=VALUE...: `make install` of what the tests run.
install_to() {
	MAKEFLAGS='' make -s -C "$ROOT" OUT="$OUT" CC="${CC:-cc}" "$@"
}

# Every directory elsewhere than its default, as distributions have it; staged once for all tests that only read.
PLACES=(PREFIX=/opt/dim LIBDIR=/opt/dim/lib/some-linux-gnu INCLUDEDIR=/opt/dim/include/dim-0 MANDIR=/opt/man DOCDIR=/opt/doc)
setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	install_to install DESTDIR="$PWD/stage" "${PLACES[@]}" >/dev/null
	make_sources src
	"$DIMC" compile -q --no-sync src -o volume
}

# staged: pkg-config finds the staged installation.
staged() {
	need_plain_library
	need pkg-config
	stage=$BATS_FILE_TMPDIR/stage
	volume=$BATS_FILE_TMPDIR/volume
	export PKG_CONFIG_SYSROOT_DIR=$stage PKG_CONFIG_PATH=$stage/opt/dim/lib/some-linux-gnu/pkgconfig
	export LD_LIBRARY_PATH=$stage/opt/dim/lib/some-linux-gnu
}

# build COMPILER SOURCE FLAG...: ./program, without a warning.
build() {
	run_status 0 "$1" -Wall -Wextra -Werror "$2" "${@:3}" -o program
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
	[[ $out = 'Attention is here.' ]]
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

@test "the program of dim(3) works, linked with the shared library and with the static one" {
	staged
	sed -n '/^\.Bd -literal/,/^\.Ed/{/^\.Ed/q; /^\.Bd/!p}' "$stage/opt/man/man3/dim.3" | sed 's/\\e/\\/g' >program.c
	contains "$(<program.c)" dim_volume_open
	local kind flags
	for kind in '' --static; do
		# shellcheck disable=SC2086 # none, or one
		read -ra flags < <(pkg-config $kind --cflags --libs dim)
		build "${CC:-cc}" program.c -std=c11 "${flags[@]}" ${kind:+-static}
		run_status 0 ./program "$volume" feeling
		[[ $out = $'Joy is bright.\nGrief is slow.' && -z $err ]]
		run_status 1 ./program nowhere feeling
		[[ $err = *'nowhere: there is no volume at this path' ]]
	done
	run_status 0 readelf -lW program
	lacks "$out" INTERP
}

@test "a program in C++ opens, is told of it, proves and reads" {
	need g++
	staged
	cat >program.cc <<-'END'
		#include <dim.h>
		#include <dim_verify.h>
		#include <iostream>
		#include <memory>
		#include <string>
		int main(int argc, char **argv)
		{
			int events = 0;
			dim_options options = {};
			options.flags = DIM_CHECK | DIM_KEEP_FILES;
			options.prove = dim_verify_prove;
			options.trace = [](void *context, const dim_event *) { ++*static_cast<int *>(context); };
			options.trace_context = &events;
			dim_volume *opened = nullptr;
			dim_error error;
			if (argc != 2 || dim_volume_open(argv[1], &options, &opened, &error) != DIM_OK)
				return 1;
			std::unique_ptr<dim_volume, decltype(&dim_volume_close)> volume(opened, dim_volume_close);
			std::shared_ptr<const dim_snapshot> snapshot(dim_volume_acquire(opened), dim_snapshot_release);
			const dim_region *region;
			char text[64];
			size_t size;
			if (dim_snapshot_region(snapshot.get(), 1, &region) != DIM_OK ||
			    dim_layer_read(region, 1, text, sizeof(text), &size, &error) != DIM_OK)
				return 1;
			std::cout << std::string(text, size) << events << " events\n";
		}
	END
	local flags
	read -ra flags < <(pkg-config --cflags --libs dim-verify)
	build g++ program.cc -std=c++11 -pedantic "${flags[@]}"
	run_status 0 ./program "$volume"
	[[ $out = $'Joy is bright.\n3 events' ]]
}

@test "a program links dim-verify, shared and static, and tells damage" {
	staged
	cat >program.c <<-'END'
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
	cp "$volume/consciousness/D01/region.mmap" sound
	cp sound damaged
	flip damaged 4096
	local kind flags
	for kind in '' --static; do
		# shellcheck disable=SC2086 # none, or one
		read -ra flags < <(pkg-config $kind --cflags --libs dim-verify)
		# The archives of the library itself, whatever there is of libcrypto.
		[[ -z $kind ]] || flags=("${flags[@]/#-ldim-verify/-l:libdim-verify.a}") flags=("${flags[@]/%-ldim/-l:libdim.a}")
		build "${CC:-cc}" program.c -std=c11 "${flags[@]}"
		run_status 0 ./program sound
		[[ $out = success ]]
		run_status 0 ./program damaged
		[[ $out = damaged ]]
	done
	run_status 0 ldd program
	lacks "$out" libdim
}

@test "the files for pkg-config are valid, and say what a linker needs and no more" {
	staged
	unset PKG_CONFIG_SYSROOT_DIR
	run_status 0 pkg-config --validate dim dim-verify
	[[ -z $err ]]
	run_status 0 pkg-config --modversion dim
	local version=$out
	run_status 0 "$stage/opt/dim/bin/dimc" --version
	contains "$out" "$version"
	run_status 0 pkg-config --cflags --libs dim
	[[ ${out% } = '-I/opt/dim/include/dim-0 -L/opt/dim/lib/some-linux-gnu -ldim' ]]
	run_status 0 pkg-config --libs dim-verify
	[[ ${out% } = '-L/opt/dim/lib/some-linux-gnu -ldim-verify -ldim' ]]
	run_status 0 pkg-config --static --libs dim
	[[ ${out% } = '-L/opt/dim/lib/some-linux-gnu -ldim -pthread' ]]
	run_status 0 pkg-config --static --libs dim-verify
	contains "$out" -lcrypto
	# The prefix can be moved, and what lies below it moves along.
	run_status 0 pkg-config --define-variable=prefix=/elsewhere --cflags --libs dim
	[[ ${out% } = '-I/elsewhere/include/dim-0 -L/elsewhere/lib/some-linux-gnu -ldim' ]]
}

@test "ldconfig makes the links that install made" {
	PATH=$PATH:/usr/sbin:/sbin
	need ldconfig
	mkdir lib
	cp -P "$BATS_FILE_TMPDIR"/stage/opt/dim/lib/some-linux-gnu/*.so.* lib
	find lib -type l -printf '%p %l\n' | sort >made
	[[ $(wc -l <made) -eq 2 ]]
	find lib -type l -delete
	run_status 0 ldconfig -n "$PWD/lib"
	run_status 0 diff made <(find lib -type l -printf '%p %l\n' | sort)
}

@test "every manual page is installed, for everybody, and further names are links to it" {
	local man=$BATS_FILE_TMPDIR/stage/opt/man/man3 section
	for section in 1 3 5; do
		run_status 0 diff -r "$OUT/man/man$section" "${man%3}$section"
	done
	[[ -f $man/dim.3 && ! -L $man/dim.3 && $(readlink "$man/dim_region_openat.3") = dim_region_open.3 ]]
	run_status 0 find "${man%/*}" -type f ! -perm 644
	[[ -z $out ]]
}

@test "completion is installed where each shell looks for it" {
	local share=$BATS_FILE_TMPDIR/stage/opt/dim/share
	run_status 0 diff "$share/bash-completion/completions/dimc" <("$DIMC" completion bash)
	run_status 0 diff "$share/zsh/site-functions/_dimc" <("$DIMC" completion zsh)
	run_status 0 diff "$share/fish/vendor_completions.d/dimc.fish" <("$DIMC" completion fish)
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
	local place foreign=(opt/dim/bin opt/dim/lib/some-linux-gnu/pkgconfig opt/dim/include/dim-0 opt/man/man1 opt/man/man3 opt/doc opt/dim/share/zsh/site-functions)
	for place in "${foreign[@]}"; do
		mkdir -p "stage/$place"
		touch "stage/$place/other"
	done
	find stage ! -type d | sort >before
	install_to install DESTDIR="$PWD/stage" "${PLACES[@]}"
	run_status 0 diff -r stage "$BATS_FILE_TMPDIR/stage" -x other
	[[ $(stat -L -c %a stage/opt/dim/lib/some-linux-gnu/libdim.so) = 755 ]]
	[[ $(stat -c %a stage/opt/dim/include/dim-0/dim.h) = 644 ]]
	install_to install DESTDIR="$PWD/stage" "${PLACES[@]}" # again over itself
	install_to uninstall DESTDIR="$PWD/stage" "${PLACES[@]}"
	run_status 0 diff before <(find stage ! -type d | sort)
	rm stage/opt/doc/other
	install_to uninstall DESTDIR="$PWD/stage" "${PLACES[@]}" # what is not there is no error
	[[ ! -e stage/opt/doc && -e stage/opt/man/man3/other ]]
}

@test "nothing that is installed tells where it was built or staged" {
	need_plain_library
	local stage=$BATS_FILE_TMPDIR/stage
	run_status 1 grep -rlF -e "$BATS_FILE_TMPDIR" -e "$ROOT" "$stage"/opt/{man,doc} "$stage"/opt/dim/{include,lib/some-linux-gnu/pkgconfig}
	run_status 0 cat "$stage/opt/dim/lib/some-linux-gnu/pkgconfig/dim.pc"
	contains "$out" 'prefix=/opt/dim'
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
	sed -i 's/is here/is nearby/' src/D02-cognition/010-attention.yaml
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

