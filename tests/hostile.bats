#!/usr/bin/env bats
# hostile.bats: what `dimc restore` does with several bundles of which one is bad, with what is no file, and with links that wait for it
# in the volume. The archives themselves are those of tests/torture/archives.py.

# shellcheck disable=SC2154 # out and err are set by run_status
load lib

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	command -v python3 >/dev/null || return 0
	make_sources good
	make_dimension good/D03-intention 3 Intention
	make_layer good/D03-intention/1.yaml 4 3.0 'plan' 'A plan.'
	"$DIMC" compile -q --no-sync --layer-files good -o good/data/mmap
	tar -C good -czf good.tar.gz data/mmap/consciousness/
	mkdir bundles
	python3 "$ROOT/tests/hostile.py" good.tar.gz bundles types
	make_sources here
	"$DIMC" compile -q --no-sync here -o volume
	make_layer here/D01-emotion/010-joy.yaml 1 1.5 'joy' 'Joy, here.'
	"$DIMC" compile -q --no-sync here -o volume
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	need python3
	bundles=$BATS_FILE_TMPDIR/bundles
	renew
}

renew() {
	rm -rf volume
	cp -a "$BATS_FILE_TMPDIR/volume" volume
}

@test "every refusal of several bundles is told in one run" {
	cp "$bundles"/*-symlink-extra.tar.gz a.tar.gz
	cp "$bundles"/*-fifo-as-region.tar.gz b.tar.gz
	run_status 7 "$DIMC" restore a.tar.gz b.tar.gz -o volume --no-sync
	contains "$err" 'a.tar.gz: refused: member data/mmap/consciousness/D01/link: '
	contains "$err" 'b.tar.gz: refused: member data/mmap/consciousness/D01/region.mmap: '
}

@test "what is no file is no bundle: a directory, a FIFO, a device without an end, nothing" {
	local path before
	before=$(snapshot volume)
	mkdir directory
	mkfifo fifo
	for path in directory fifo /dev/zero /dev/null; do
		status=0
		timeout 20 "$DIMC" restore "$path" -o volume --no-sync >stdout 2>stderr || status=$?
		[[ $status -ge 3 && $status -le 9 ]] || { echo "$path: $status" && return 1; }
		contains "$(cat stderr)" "$path"
	done
	run_status 9 "$DIMC" restore absent.tar.gz -o volume --no-sync
	contains "$err" absent.tar.gz
	run_status 9 "$DIMC" list absent.tar.gz
	run_status 9 "$DIMC" verify absent.tar.gz
	run_status 2 "$DIMC" restore -o volume
	[[ $(snapshot volume) = "$before" ]]
}

@test "no link that waits in the volume leads a restore out of it" {
	local path
	mkdir elsewhere
	echo kept >elsewhere/region.mmap
	for path in .next .previous .older consciousness/D01 consciousness/D01/region.mmap consciousness/manifest.json temp .cache/published; do
		renew
		rm -rf "volume/$path"
		ln -s "$PWD/elsewhere" "volume/$path"
		timeout 20 "$DIMC" restore "$bundles/001-sound-as-bundled.tar.gz" -o volume --no-sync -q 2>/dev/null || true
		[[ $(ls -A elsewhere) = region.mmap && $(<elsewhere/region.mmap) = kept ]]
	done
}
