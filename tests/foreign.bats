# foreign.bats: libdim, built for other machines and run by qemu, reads a volume as it is read here. `make check-foreign` does more.

load lib

setup_file() {
	make_sources "$BATS_FILE_TMPDIR/sources"
	printf 'frequency_range: [0.1, 4.5]\nlayout: packed\n' >>"$BATS_FILE_TMPDIR/sources/D01-emotion/dimension.yaml"
	"$DIMC" compile -q --no-sync "$BATS_FILE_TMPDIR/sources" -o "$BATS_FILE_TMPDIR/volume"
}

# reads ARCH: skipped, and why, where its compiler or its qemu is missing.
reads() {
	local status=0
	"$ROOT/scripts/check-foreign.sh" reader "$1" "$BATS_FILE_TMPDIR/volume" >said 2>&1 || status=$?
	[[ $status -ne 77 ]] || skip "$(<said)"
	cat said
	return $status
}

@test "a big-endian machine of 64 bits (s390x) reads what was written here" {
	reads s390x
}

@test "a little-endian machine of 32 bits (armhf) reads what was written here" {
	reads armhf
}

@test "a big-endian machine of 32 bits (powerpc) reads what was written here" {
	reads powerpc
}
