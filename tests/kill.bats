# kill.bats: what follows a kill that tests/torture/kill.py does not try: a run for some dimensions alone. That campaign kills at every
# system call.

# shellcheck disable=SC2154 # out and err are set by run_status

load lib

@test "killed between the two renames that replace an exchange, what a run for two dimensions keeps is of the former generation" {
	"$OUT/torture/inject" count -- true || skip 'ptrace is not allowed here'
	for id in 1 2 3 4; do
		make_dimension a/D0$id-x $id "Name $id"
		make_layer a/D0$id-x/1.yaml 1 1.0 word "Layer of $id."
	done
	cp -r a b
	make_layer b/D01-x/1.yaml 1 1.0 word 'Another layer of 1.'
	make_layer b/D03-x/1.yaml 1 1.0 word 'Another layer of 3.'
	run_status 0 "$DIMC" compile --no-sync b -o v
	run_status 0 "$DIMC" compile --no-sync a -o v
	cp v/consciousness/manifest.json old.json
	# .previous steps aside, consciousness becomes .previous, and .next does not become consciousness.
	run_status 137 env ASAN_OPTIONS=detect_leaks=0 "$OUT/torture/inject" -x renameat2=EINVAL -e renameat kill 3 -- "$DIMC" compile -j1 b -o v
	[[ ! -e v/consciousness ]]
	cmp old.json v/.previous/manifest.json
	run_status 0 "$DIMC" compile b -o v -d D02,D03 --no-sync
	contains "$out" 'changed: D03'
	contains "$out" 'kept: D01 D04'
	run_status 0 "$DIMC" rollback v --no-sync
	cmp old.json v/consciousness/manifest.json
	run_status 0 "$DIMC" compile b -o v --no-sync
	run_status 0 "$DIMC" verify --strict v
	[[ ! -e v/.next && ! -e v/.older ]]
}
