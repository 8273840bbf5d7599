#!/usr/bin/env bats
# What earlier runs left undone is made up for: syncs that were left out, a lost .cache, a former generation that stepped aside.
# In: small sources. Out: durability and rollback that hold whatever the run before did.
# shellcheck disable=SC2154 # out and err are set by run_status

load lib

# calls NAME COMMAND...: how often the command makes the system call.
calls() {
	local name=$1
	shift
	strace -f -qq -o calls.txt -e trace="$name" "$@" >/dev/null
	grep -c "$name(" calls.txt || true
}

need_strace() {
	need strace
	export ASAN_OPTIONS=detect_leaks=0 # a leak sanitizer cannot look while strace does
	strace -qq -o /dev/null true 2>/dev/null || skip "strace may not trace here"
}

@test "after a run without syncs, a compile of unchanged sources syncs before it says up to date, once" {
	need_strace
	make_sources sources
	"$DIMC" compile sources -o v -q --no-sync
	[[ $(calls syncfs "$DIMC" compile sources -o v --no-sync) -eq 0 ]]
	[[ $(calls syncfs "$DIMC" compile sources -o v) -eq 1 ]]
	[[ $(calls syncfs "$DIMC" compile sources -o v) -eq 0 ]]
}

@test "after a publication that did not come to its end, the next compile syncs before it says up to date" {
	need_strace
	make_sources sources
	"$DIMC" compile sources -o v -q
	cp -r sources other
	make_layer other/D01-emotion/010-joy.yaml 1 1.5 joy 'Joy is loud.'
	syncs=$(calls fsync "$DIMC" compile other -o v -j1)
	"$DIMC" compile sources -o v -q
	"$DIMC" clean v
	run_status 8 strace -f -qq -o /dev/null -e trace=fsync -e inject=fsync:error=EIO:when="$syncs" "$DIMC" compile -j1 other -o v
	[[ $(calls syncfs "$DIMC" compile other -o v) -eq 1 ]]
	[[ $(calls syncfs "$DIMC" compile other -o v) -eq 0 ]]
	# What is remembered of a generation does not count when it comes back, and the run that brings it is killed.
	"$DIMC" rollback v -q
	run_status 137 strace -f -qq -o /dev/null -e trace=fsync -e inject=fsync:signal=KILL "$DIMC" rollback v
	[[ $(calls syncfs "$DIMC" compile other -o v) -eq 1 ]]
}

@test "files that are taken over are synced, too, since the run that wrote them may not have" {
	need_strace
	make_sources sources
	"$DIMC" compile sources -o v -q --no-sync
	make_layer sources/D02-cognition/010-attention.yaml 1 2.0 attention 'Attention goes first.'
	strace -f -qq -y -o calls.txt -e trace=fsync "$DIMC" compile sources -o v -q
	grep -q 'fsync(.*/D01/region.mmap' calls.txt
}

@test "a lost .cache is written again by a run that finds everything up to date" {
	make_sources sources
	"$DIMC" compile sources -o v -q
	cp v/.cache/published want
	rm -r v/.cache
	run_status 0 "$DIMC" compile sources -o v
	contains "$out" "up to date"
	cmp v/.cache/published want
}

@test "where neither exchange nor renames work, the former generation stays for a rollback" {
	need_strace
	make_sources sources
	"$DIMC" compile sources -o v -q
	make_layer sources/D01-emotion/010-joy.yaml 1 1.5 joy 'Joy is loud.'
	"$DIMC" compile sources -o v -q
	make_layer sources/D01-emotion/010-joy.yaml 1 1.5 joy 'Joy is quiet.'
	contents v/.previous >before
	# The second renameat is that of consciousness/; the first one moved .previous aside.
	run_status 3 strace -f -qq -o /dev/null -e trace=renameat,renameat2 -e inject=renameat2:error=EINVAL \
		-e inject=renameat:error=EXDEV:when=2 "$DIMC" compile -j1 sources -o v
	contains "$err" "mount a volume"
	contents v/.previous | diff before -
	run_status 0 "$DIMC" rollback v
	[[ ! -e v/.older && ! -e v/.next ]]
}

@test "a file of somebody's in an unpublished consciousness/ is put aside and not deleted" {
	make_sources sources
	"$DIMC" init v -q
	echo mine >v/consciousness/notes.txt
	run_status 0 "$DIMC" compile sources -o v
	[[ $(cat v/.previous/notes.txt) = mine ]]
	# The empty directories of init alone are no former generation.
	"$DIMC" init w -q
	run_status 0 "$DIMC" compile sources -o w
	[[ ! -e w/.previous ]]
}

@test "a generation that is published, but could not be told on standard output, is not called a failure of the system" {
	[[ -w /dev/full ]] || skip "no /dev/full here"
	make_sources sources
	got=0
	"$DIMC" compile sources -o v >/dev/full 2>err.txt || got=$?
	[[ $got -eq 8 ]]
	contains "$(cat err.txt)" "the work is done"
	run_status 0 "$DIMC" verify v
}

@test "a closed standard error is no file of ours" {
	make_sources sources
	"$DIMC" compile sources -o v -q --log log.json >&- 2>&- <&-
	run_status 0 "$DIMC" verify v
	[[ $(wc -l <log.json) -eq 1 ]]
}

@test "the log has lines of commands that change volumes alone" {
	make_sources sources
	"$DIMC" compile sources -o v -q
	"$DIMC" verify v -q --log log.json
	[[ ! -e log.json ]]
}

@test "a manifest that lists no files of a dimension vouches for nothing" {
	need jq
	make_sources sources
	"$DIMC" compile sources -o v -q
	chmod u+w v/consciousness/manifest.json
	jq '.dimensions[0].files = []' v/consciousness/manifest.json >changed
	cp changed v/consciousness/manifest.json
	run_status 5 "$DIMC" compile sources -o v -d D02
	run_status 0 "$DIMC" compile sources -o v
	run_status 0 "$DIMC" verify v --strict
}
