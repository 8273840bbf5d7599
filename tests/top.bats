#!/usr/bin/env bats
# top.bats: what people see of a volume in memory: `dimc top` and `dimc info --resident`, beside a process that reads it.

# shellcheck disable=SC2154 # out and err are set by run_status
load lib

# start_reader VOLUME: a process that has the volume mapped and is told what to do by `tell`.
start_reader() {
	coproc READER { exec "$OUT/tests/hold_volume" "$1"; }
	local answer
	read -r -t 20 answer <&"${READER[0]}"
	[[ $answer = ready ]]
}

tell() {
	local answer
	printf '%s\n' "$*" >&"${READER[1]}"
	read -r -t 20 answer <&"${READER[0]}"
	[[ $answer = success ]]
}

teardown() {
	[[ -z ${READER_PID:-} ]] || kill "$READER_PID" 2>/dev/null || true
}

# row DIMENSION: what the table says of its readers, of this generation and of older ones.
row() {
	awk -v id="$1" '$1 == id {print $(NF - 1), $NF}' <<<"$out"
}

@test "the table tells what of each dimension is in the page cache, fits 80 columns, and names the generation" {
	make_sources src
	run_status 0 "$DIMC" compile -q --no-sync src -o volume
	run_status 0 "$DIMC" info volume
	generation=$(sed -n 's/^generation //p' <<<"$out")
	run_status 0 "$DIMC" top volume
	contains "$out" "generation $generation"
	contains "$out" 'volume: 2 dimensions, '
	[[ $(row D01) = '0 0' && $(row D02) = '0 0' ]]
	contains "$out" '100% ##########'
	lacks "$out" PID
	lacks "$out" $'\033'
	[[ $(awk '{ if (length > m) m = length } END { print m }' <<<"$out") -le 80 ]]
	run_status 0 "$DIMC" info --resident volume
	contains "$out" '100% ##########'
}

@test "what was evicted from the page cache is not resident, and looking does not bring it back" {
	need python3
	make_dimension src/D01-large 1 Large
	head -c 1000000 /dev/urandom >src/D01-large/bytes
	printf '%s\n' 'layer_id: 1' 'frequency: 1.0' 'keywords: [large]' 'content_file: bytes' >src/D01-large/010.yaml
	run_status 0 "$DIMC" compile -q src -o volume
	python3 -c 'import os, sys
fd = os.open(sys.argv[1], os.O_RDONLY)
os.fsync(fd)
os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)' volume/consciousness/D01/region.mmap
	run_status 0 "$DIMC" info --resident --json volume
	resident=$(sed -n 's/.*"resident": \([0-9]*\).*/\1/p' <<<"$out")
	if [[ $resident -gt 900000 ]]; then
		skip 'this file system does not let go of cached pages'
	fi
	[[ $resident -lt 100000 ]]
	run_status 0 "$DIMC" info --resident --json volume
	[[ $(sed -n 's/.*"resident": \([0-9]*\).*/\1/p' <<<"$out") -lt 100000 ]]
	run_status 0 "$DIMC" show volume D01/1
	run_status 0 "$DIMC" top volume
	[[ $out = *'100% ##########'* ]]
}

@test "a process that has the volume mapped is listed; after a publication it reads an older generation until it refreshes" {
	[[ -r /proc/self/maps ]] || skip 'there is no /proc here'
	make_sources src
	run_status 0 "$DIMC" compile -q --no-sync src -o volume
	start_reader volume
	run_status 0 "$DIMC" top volume
	[[ $(row D01) = '1 0' && $(row D02) = '1 0' ]]
	grep -qE "^$READER_PID +hold_volume +2 +0 " <<<"$out"
	# A dimension that did not change is the same file in both generations.
	echo '  And more.' >>src/D01-emotion/010-joy.yaml
	run_status 0 "$DIMC" compile -q --no-sync src -o volume
	run_status 0 "$DIMC" top volume
	[[ $(row D01) = '0 1' && $(row D02) = '1 0' ]]
	grep -qE "^$READER_PID +hold_volume +1 +1 " <<<"$out"
	tell acquire
	tell refresh
	run_status 0 "$DIMC" top volume
	[[ $(row D01) = '1 1' && $(row D02) = '1 0' ]]
	tell unload 2
	run_status 0 "$DIMC" info --resident --json volume
	contains "$out" '"older_dimensions": 1'
	contains "$out" "\"pid\": $READER_PID"
	# What a snapshot holds stays mapped; and a volume of the same name elsewhere is none of ours.
	run_status 0 "$DIMC" top volume -d D02
	[[ $(row D02) = '1 0' ]]
	lacks "$out" D01
	lacks "$out" generation
	run_status 0 "$DIMC" compile -q --no-sync src -o other/volume
	run_status 0 "$DIMC" top other/volume
	[[ $(row D02) = '0 0' || $(row D02) = '0 1' ]]
}

@test "residency is unknown to who neither owns the files nor may write to them, and the owner is told" {
	[[ $(id -u) -eq 0 ]] || skip 'not root'
	need setpriv
	make_sources src
	run_status 0 "$DIMC" compile -q --no-sync src -o volume
	chmod 755 . .. ../.. 2>/dev/null || true
	cp "$DIMC" dimc
	cd /
	setpriv --reuid=65533 --clear-groups --inh-caps=-all test -x "$BATS_TEST_TMPDIR/dimc" || skip 'another user cannot reach this directory'
	run_status 0 setpriv --reuid=65533 --clear-groups --inh-caps=-all "$BATS_TEST_TMPDIR/dimc" top "$BATS_TEST_TMPDIR/volume"
	contains "$out" "residency is told to the files' owner"
	contains "$out" 'not told'
	lacks "$out" %
	run_status 0 setpriv --reuid=65533 --clear-groups --inh-caps=-all "$BATS_TEST_TMPDIR/dimc" info --resident --json "$BATS_TEST_TMPDIR/volume"
	contains "$out" '"resident": null'
	run_status 0 setpriv --reuid=65533 --clear-groups --inh-caps=-all "$BATS_TEST_TMPDIR/dimc" info "$BATS_TEST_TMPDIR/volume"
	contains "$out" ' ? '
	chown -R 65533 "$BATS_TEST_TMPDIR/volume"
	run_status 0 setpriv --reuid=65533 --clear-groups --inh-caps=-all "$BATS_TEST_TMPDIR/dimc" top "$BATS_TEST_TMPDIR/volume"
	contains "$out" '100%'
}

@test "it looks as often as it is told to, follows publications, and says what it refuses" {
	make_sources src
	run_status 0 "$DIMC" compile -q --no-sync src -o volume
	run_status 0 "$DIMC" top volume --json -n 2 -i 1
	[[ $(wc -l <<<"$out") -eq 2 ]]
	"$DIMC" top volume -n 2 -i 2 >looks &
	looker=$!
	until grep -q '^D02' looks; do sleep 0.05; done
	cp -r volume/consciousness volume/bad
	flip volume/bad/D01/region.mmap 16
	mv volume/consciousness volume/good
	mv volume/bad volume/consciousness
	wait "$looker"
	contains "$(cat looks)" 'refused a newer generation: '
	contains "$(grep refused looks)" 'D01'
	[[ $(grep -c '^D01' looks) -eq 2 ]]
}

@test "on a terminal the screen is renewed, and rows that do not fit are counted" {
	need script
	make_sources src
	make_dimension src/D03-intention 3 Intention
	make_layer src/D03-intention/010.yaml 1 1.0 aim 'To will.'
	run_status 0 "$DIMC" compile -q --no-sync src -o volume
	run_status 0 script -qec "stty rows 8; '$DIMC' top volume -n 1" /dev/null
	contains "$out" $'\033[H\033[2J'
	contains "$out" '... and 2 more'
	run_status 0 script -qec "stty rows 40; '$DIMC' top volume -n 1" /dev/null
	contains "$out" 'D03'
	lacks "$out" ' more'
}

@test "what is not there, not published or out of range is an error" {
	run_status 9 "$DIMC" top nowhere
	run_status 0 "$DIMC" init -q volume
	run_status 9 "$DIMC" info --resident volume
	contains "$err" 'nothing is published'
	make_sources src
	run_status 0 "$DIMC" compile -q --no-sync src -o volume
	run_status 9 "$DIMC" top volume -d D01,D07
	contains "$err" D07
	run_status 2 "$DIMC" top volume -n 0
	run_status 2 "$DIMC" top volume -i x
	flip volume/consciousness/D01/region.mmap 16
	run_status 5 "$DIMC" top volume
	contains "$err" D01
}
