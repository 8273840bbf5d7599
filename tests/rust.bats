#!/usr/bin/env bats
# rust.bats: examples/rust, a crate on libdim: built offline against an installed prefix, as its README says, and its own tests.
# In: cargo and rustc, of any version from 1.63 on. Out: what the crate reads is what is published; what is wrong has a name.

# shellcheck disable=SC2154 # out and err are set by run_status
# shellcheck disable=SC2030,SC2031 # each test is a process of its own
load lib

# All tests work in one copy of the project, so that the crate is built once.
setup_file() {
	has_rust || return 0
	cd "$BATS_FILE_TMPDIR" || return 1
	copy_of_project
	cp -a "$OUT/lib" out/
}

has_rust() {
	command -v cargo rustc pkg-config >/dev/null && cargo --version >/dev/null 2>&1 && rustc --version >/dev/null 2>&1
}

setup() {
	has_rust || skip "no cargo, rustc or pkg-config here (make deps-all brings them)"
	# The linker of rustc gives no runtime to a library that needs one.
	if is_instrumented; then
		skip 'the library is instrumented'
	fi
	cd "$BATS_FILE_TMPDIR/project" || return 1
	export CARGO_HOME=$BATS_FILE_TMPDIR/cargo CARGO_TARGET_DIR=$BATS_FILE_TMPDIR/target
	export CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=0 CARGO_PROFILE_TEST_DEBUG=0 CARGO_TERM_COLOR=never RUST_BACKTRACE=0
	prefix=$PWD/out/dim
}

# steps N: the N-th block of commands of the README.
steps() {
	awk -v n="$1" '/^```sh$/ {block++; next} /^```$/ {if (block == n) exit; next} block == n' examples/rust/README.md
}

# follow N: runs it as it stands; but `make` takes what is built already as it is.
follow() {
	local make='make() { MAKEFLAGS="" command make -s OUT=out -o out/bin/dimc -o out/lib/libdim.a -o out/lib/libdim.so \
		-o out/lib/libdim-verify.a -o out/lib/libdim-verify.so "$@"; }'
	[[ -n $(steps "$1") ]]
	run_status 0 bash -euc "$make
$(steps "$1")"
}

# use_installed: what the README's first block leaves, also where this test runs alone.
use_installed() {
	[[ -e $prefix/lib/libdim.so ]] || make_with_built install PREFIX="$prefix" >/dev/null
	export PKG_CONFIG_PATH=$prefix/lib/pkgconfig LD_LIBRARY_PATH=$prefix/lib
}

@test "the README's steps, word for word, print a layer of the published dimensions" {
	follow 1
	local content
	content=$(out/bin/dimc show D01/1)
	[[ -n $content && $out = *"Content: $content" ]]
	contains "$err" "D01 of generation 1: $(stat -c %s data/mmap/consciousness/D01/region.mmap) of 293601280 bytes"
	use_installed
	run_status 0 ldd "$CARGO_TARGET_DIR/debug/examples/read_layer"
	contains "$out" "$prefix/lib/libdim.so.0"
}

@test "the example, the README and the crate's front page are the lines of the specification" {
	local file line
	for file in examples/read_layer.rs README.md src/lib.rs; do
		while read -r line; do
			grep -qF -- "$line" "examples/rust/$file" || {
				echo "$file lacks: $line"
				return 1
			}
		done <<-'END'
			use jessy::memory::MmapManager;
			let mut manager = MmapManager::new(280)?; // 280MB total
			let region_id = manager.load_dimension(DimensionId(1))?;
			let context = manager.load_layer_context(LayerId { dimension: DimensionId(1), layer: 1, })?;
			println!("Content: {}", context.content);
		END
	done
}

@test "the crate's own tests: what is mapped, refreshed, refused; structs and constants; what must not compile" {
	use_installed
	contains "$(steps 2)" 'cargo test'
	# With this, rustdoc also looks at why an example does not compile.
	RUSTC_BOOTSTRAP=1 run_status 0 timeout 120 bash -euc "cd examples/rust
$(steps 2)"
	[[ $(grep -c '^test .* ok$' <<<"$out") -ge 19 ]]
	[[ $(grep -c 'compile fail ... ok' <<<"$out") -eq 2 ]]
}

@test "the example tells what is wrong, and ends with status 1" {
	use_installed
	local example=$CARGO_TARGET_DIR/debug/examples/read_layer
	run_status 0 cargo build --offline --example read_layer --manifest-path examples/rust/Cargo.toml
	cd "$BATS_TEST_TMPDIR"
	run_status 1 "$example"
	contains "$err" 'data/mmap: there is no volume at this path'
	make_sources src
	run_status 0 "$DIMC" compile -q --no-sync src -d D02 -o volume
	export MMAP_BASE_PATH=volume
	run_status 1 "$example"
	contains "$err" 'NotFound'
	contains "$err" 'volume: D01: the volume does not have this dimension'
	run_status 0 "$DIMC" compile -q --no-sync src -o volume
	run_status 0 "$example"
	[[ $out = 'Content: Joy is bright.' ]]
	flip volume/consciousness/D01/region.mmap 16
	run_status 1 "$example"
	contains "$err" 'Damaged'
	contains "$err" 'volume/consciousness/D01/region.mmap: D01: '
	MMAP_MAX_SIZE=4096 run_status 1 "$example"
	contains "$err" 'Limit'
	contains "$err" 4096
}

@test "without pkg-config, by DIM_LIB_DIR; and a budget of 1 MB is too small for more, which the error says in bytes" {
	use_installed
	cp -r examples/rust "$BATS_TEST_TMPDIR/crate"
	cd "$BATS_TEST_TMPDIR"
	make_sources src
	head -c 1500000 /dev/zero | tr '\0' x >src/D01-emotion/long
	sed -i '/^content/,$d' src/D01-emotion/010-joy.yaml
	echo 'content_file: long' >>src/D01-emotion/010-joy.yaml
	run_status 0 "$DIMC" compile -q --no-sync src -o volume
	local size
	size=$(stat -c %s volume/consciousness/D01/region.mmap)
	sed -i 's/new(280)/new(1)/' crate/examples/read_layer.rs
	cd crate
	run_status 101 env PKG_CONFIG=false cargo run --offline --example read_layer
	contains "$err" 'set DIM_LIB_DIR, or PKG_CONFIG_PATH to where dim.pc is'
	export DIM_LIB_DIR=$prefix/lib PKG_CONFIG=false MMAP_BASE_PATH=../volume
	run_status 1 cargo run --offline --example read_layer
	contains "$err" "Limit ("
	contains "$err" 'memory budget'
	contains "$err" "$size"
	contains "$err" 1048576
	sed -i 's/new(1)/new(2)/' examples/read_layer.rs
	run_status 0 cargo run --offline -q --example read_layer
	[[ ${#out} -eq 1500009 ]]
}

@test "rustfmt and clippy have nothing to say, and nothing built is left in the crate" {
	use_installed
	cd examples/rust
	local ran=0
	if cargo fmt --version >/dev/null 2>&1; then
		run_status 0 cargo fmt --check
		ran=1
	fi
	if cargo clippy --version >/dev/null 2>&1; then
		run_status 0 cargo clippy --offline --lib --examples -- -D warnings
		ran=1
	fi
	run_status 0 diff -r "$ROOT/examples/rust" .
	[[ $ran -eq 1 ]] || skip "no rustfmt or rust-clippy here (make deps-all brings them)"
}
