#!/usr/bin/env bats
# restore.bats: `dimc restore` brings back what was bundled, in one step and to the same generation: whole, in parts, over what is there,
# from hand-made archives, by the original specification's own lines. What goes wrong on the way changes nothing.

# shellcheck disable=SC2154 # out and err are set by run_status
load lib

# The project's own 14 dimensions, bundled whole and one by one; and a small volume of three, of which D02 is of another state.
setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	local i
	export SOURCE_DATE_EPOCH=1729771200
	"$DIMC" compile -q --no-sync "$ROOT/sources" -o large
	"$DIMC" bundle large -o large.tar.gz -q
	mkdir parts
	for i in $(seq -f D%02g 14); do
		"$DIMC" bundle large -o "parts/$i.tar.gz" -d "$i" -q
	done
	make_sources a
	make_dimension a/D05-temporal 5 Temporal
	make_layer a/D05-temporal/1.yaml 1 1.0 time 'Time passes.'
	"$DIMC" compile -q --no-sync a -o small
	"$DIMC" bundle small -o small.tar.gz -q
	for i in D01 D02 D05; do
		"$DIMC" bundle small -o "$i.tar.gz" -d $i -q
	done
	cp -r a b
	make_layer b/D02-cognition/010-attention.yaml 1 2.0 attention 'Attention wanders.'
	rm -r b/D05-temporal
	make_dimension b/D06-other 6 Other
	make_layer b/D06-other/1.yaml 1 1.0 other 'Other things.'
	"$DIMC" compile -q --no-sync b -o volume
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	there=$BATS_FILE_TMPDIR
	cp -a "$there/volume" volume
	ln -s "$there/small.tar.gz" small.tar.gz
}

# generation VOLUME: the digest that its manifest states, once all of it is proven.
generation() {
	"$DIMC" verify --strict -q "$1" >&2 && sed -n 's/^  "generation": "sha256:\([0-9a-f]*\)",$/\1/p' "$1/consciousness/manifest.json"
}

# dimensions VOLUME: their names, in one line.
dimensions() {
	(cd "$1/consciousness" && echo D*)
}

# same_region NAME VOLUME VOLUME
same_region() {
	cmp "$2/consciousness/$1/region.mmap" "$3/consciousness/$1/region.mmap"
}

# nothing_changes STATUS ARGUMENT...: restore into volume/ fails with the status, and leaves it and its surroundings as they were.
nothing_changes() {
	local before beside
	before=$(snapshot volume)
	beside=$(find . ! -name .stdout ! -name .stderr | sort)
	run_status "$1" timeout 60 "$DIMC" restore "${@:2}" -o volume --no-sync
	[[ $(snapshot volume) = "$before" && $(find . ! -name .stdout ! -name .stderr | sort) = "$beside" ]]
}

@test "a wiped machine is back to the same generation with one command, from a bundle and from the sources" {
	local want
	want=$(generation "$there/large")
	mkdir project
	cd project
	run_status 0 "$DIMC" restore "$there/large.tar.gz"
	contains "$out" "${want:0:16}"
	[[ $(generation data/mmap) = "$want" ]]
	diff <(contents "$there/large/consciousness") <(contents data/mmap/consciousness)
	[[ -z $(find data/mmap/consciousness -type f ! -perm 444) && -z $(find data/mmap/consciousness -type d ! -perm 755) ]]
	[[ -e data/mmap/proto && -e data/mmap/README.md && ! -e data/mmap/.next ]]
	rm -rf data
	SOURCE_DATE_EPOCH=1729771200 run_status 0 "$DIMC" compile "$ROOT/sources"
	[[ $(generation data/mmap) = "$want" ]]
}

@test "what was restored is a volume like any other: up to date for its sources, bundled to the same bytes" {
	run_status 0 "$DIMC" restore "$there/large.tar.gz" -o back --no-sync
	SOURCE_DATE_EPOCH=1729771200 run_status 0 "$DIMC" compile "$ROOT/sources" -o back --no-sync
	contains "$out" 'up to date'
	run_status 0 "$DIMC" bundle back -o again.tar.gz
	cmp again.tar.gz "$there/large.tar.gz"
	[[ $("$DIMC" show back D01/1 | sha256sum) = $("$DIMC" show "$there/large" D01/1 | sha256sum) ]]
}

@test "a complete bundle replaces the generation, and rollback leads back" {
	local old
	old=$(generation volume)
	run_status 0 "$DIMC" restore small.tar.gz -o volume --no-sync
	[[ $(dimensions volume) = 'D01 D02 D05' && $(generation volume) = "$(generation "$there/small")" ]]
	diff <(contents "$there/small/consciousness") <(contents volume/consciousness)
	run_status 0 "$DIMC" rollback volume
	[[ $(generation volume) = "$old" && $(dimensions volume) = 'D01 D02 D06' ]]
}

@test "a bundle of some dimensions is merged: the others stay" {
	run_status 0 "$DIMC" restore "$there/D02.tar.gz" -o volume --no-sync
	[[ $(dimensions volume) = 'D01 D02 D06' ]]
	same_region D02 volume "$there/small"
	same_region D06 volume "$there/volume"
	generation volume
	run_status 0 "$DIMC" restore "$there/D05.tar.gz" -o volume --no-sync
	[[ $(dimensions volume) = 'D01 D02 D05 D06' ]]
	generation volume
	[[ ! -e volume/consciousness/D05/manifest.json && ! -e volume/consciousness/D05/SHA256SUMS ]]
}

@test "14 bundles of one dimension each, in any order, are the whole again" {
	local want
	want=$(generation "$there/large")
	run_status 0 "$DIMC" restore "$there"/parts/*.tar.gz -o united --no-sync
	[[ $(generation united) = "$want" ]]
	diff <(contents "$there/large/consciousness") <(contents united/consciousness)
	# shellcheck disable=SC2046 # names without blanks
	run_status 0 "$DIMC" restore $(printf '%s\n' "$there"/parts/*.tar.gz | sort -r) -o other --no-sync
	[[ $(generation other) = "$want" ]]
	for part in "$there"/parts/*.tar.gz; do
		run_status 0 "$DIMC" restore "$part" -o slowly --no-sync
	done
	[[ $(generation slowly) = "$want" ]]
}

@test "one dimension with two digests is refused, with the same one it is taken once" {
	"$DIMC" bundle volume -o other.tar.gz -d D02 -q
	nothing_changes 7 "$there/D02.tar.gz" other.tar.gz
	contains "$err" 'other.tar.gz: refused: '
	contains "$err" D02
	contains "$err" '; nothing changed'
	nothing_changes 7 other.tar.gz "$there/D01.tar.gz" "$there/D02.tar.gz"
	nothing_changes 7 small.tar.gz other.tar.gz
	run_status 0 "$DIMC" restore "$there/D02.tar.gz" "$there/D02.tar.gz" "$there/D01.tar.gz" -o volume --no-sync
	same_region D02 volume "$there/small"
}

@test "-d takes these dimensions of the bundles, and keeps what else there is" {
	run_status 0 "$DIMC" restore small.tar.gz -d D02 -o volume --no-sync
	[[ $(dimensions volume) = 'D01 D02 D06' ]]
	same_region D02 volume "$there/small"
	run_status 0 "$DIMC" restore small.tar.gz -d D05,D01 -o volume --no-sync
	[[ $(dimensions volume) = 'D01 D02 D05 D06' ]]
	generation volume
	nothing_changes 9 small.tar.gz -d D05,D09
	contains "$err" D09
	nothing_changes 2 small.tar.gz -d Dx
	run_status 0 "$DIMC" restore small.tar.gz -d D05 -o new --no-sync
	[[ $(dimensions new) = D05 ]]
	generation new
}

@test "--replace keeps nothing" {
	run_status 0 "$DIMC" restore "$there/D05.tar.gz" --replace -o volume --no-sync
	[[ $(dimensions volume) = D05 ]]
	generation volume
}

@test "-n proves it and says what would change, and changes nothing" {
	nothing_changes 0 small.tar.gz -n
	for name in D02 D05 D06; do
		contains "$out" $name
	done
	run_status 0 "$DIMC" restore small.tar.gz -n -o absent
	[[ ! -e absent ]]
	cp -L small.tar.gz bad.tar.gz
	flip bad.tar.gz 400
	nothing_changes 5 bad.tar.gz -n
	rm bad.tar.gz
}

@test "what is there already is up to date, and not touched" {
	run_status 0 "$DIMC" restore small.tar.gz -o volume --no-sync
	contains "$out" D05
	nothing_changes 0 small.tar.gz
	contains "$out" 'up to date'
	nothing_changes 0 "$there/D02.tar.gz" "$there/D01.tar.gz"
	contains "$out" 'up to date'
	need jq
	nothing_changes 0 small.tar.gz --json
	jq -e '.up_to_date and (.published | not)' <<<"$out"
	run_status 0 "$DIMC" restore "$there/large.tar.gz" -o volume --no-sync --json
	jq -e '(.up_to_date | not) and .published' <<<"$out"
	[[ $(jq -r .generation <<<"$out") = *"$(generation volume)"* ]]
}

@test "a damaged volume is repaired by a bundle of it, also where the digest is the same" {
	"$DIMC" restore small.tar.gz -o volume --no-sync -q
	for damage in 'flip volume/consciousness/D02/region.mmap 4100' 'flip volume/consciousness/D01/region.mmap 300' \
		'flip volume/consciousness/D05/index.json 50' 'rm volume/consciousness/D01/region.mmap' 'rm volume/consciousness/manifest.json' \
		'flip volume/consciousness/manifest.json 90' 'rm -r volume/consciousness/D05' 'rm -r volume/consciousness' 'truncate -s 100 volume/consciousness/D02/region.mmap' \
		'flip volume/.cache/published 10'; do
		chmod -R u+w volume
		$damage
		run_status 0 "$DIMC" restore small.tar.gz -o volume --no-sync
		[[ $(generation volume) = "$(generation "$there/small")" ]]
		diff <(contents "$there/small/consciousness") <(contents volume/consciousness)
	done
}

@test "what is kept must be sound: a part over a damaged volume changes nothing; one that replaces the damage, does" {
	flip volume/consciousness/D06/region.mmap 4100
	rm -rf volume/.cache
	nothing_changes 5 "$there/D02.tar.gz"
	contains "$err" D06
	contains "$err" 'nothing changed'
	run_status 0 "$DIMC" restore "$there/D02.tar.gz" --replace -o volume --no-sync
	rm -r volume
	cp -a "$there/volume" volume
	flip volume/consciousness/D02/region.mmap 4100
	rm -rf volume/.cache
	run_status 0 "$DIMC" restore "$there/D02.tar.gz" -o volume --no-sync
	same_region D02 volume "$there/small"
	generation volume
}

# hand_made FILE: restore takes it for the generation of small/, over another volume and into nothing.
hand_made() {
	run_status 0 "$DIMC" verify "$1"
	run_status 0 "$DIMC" list "$1"
	run_status 0 "$DIMC" restore "$1" -o new --no-sync
	[[ $(generation new) = "$(generation "$there/small")" ]]
	rm -r new
}

@test "tars made by hand are taken: formats of GNU tar, bsdtar, busybox and Python, any prefix, owner and order" {
	mkdir -p data
	cp -a "$there/small" data/mmap
	for format in gnu oldgnu pax posix v7 ustar; do
		tar -c --format=$format -zf h.tar.gz data/mmap/consciousness/
		hand_made h.tar.gz
	done
	tar -cf h.tar data/mmap/consciousness/
	hand_made h.tar
	tar -C data/mmap/consciousness -czf h.tar.gz .
	hand_made h.tar.gz
	(cd data/mmap/consciousness && tar -czf "$OLDPWD/h.tar.gz" -- *)
	hand_made h.tar.gz
	tar -czf h.tar.gz ./data/mmap/consciousness
	hand_made h.tar.gz
	tar -C data/mmap -czf h.tar.gz consciousness
	hand_made h.tar.gz
	tar -czPf h.tar.gz --transform 's,^,some/where/else/,' data/mmap/consciousness
	hand_made h.tar.gz
	for format in gnu pax; do
		LC_ALL=C tar -c --format=$format -zf h.tar.gz --transform 's,^,Büro/x86/,' data/mmap/consciousness
		hand_made h.tar.gz
		LC_ALL=C hand_made h.tar.gz
	done
	tar -czf h.tar.gz --transform 's,^,a/consciousness/b/,' data/mmap/consciousness
	hand_made h.tar.gz
	tar -czf h.tar.gz --sort=name --owner=someone:1234 --group=others:99999 --mtime=1970-01-01T00:00:00Z --mode=u+rwX data/mmap/consciousness
	hand_made h.tar.gz
	find data/mmap/consciousness -type f | sort -r | tar -czf h.tar.gz -T -
	hand_made h.tar.gz
	tar -c -S -zf h.tar.gz data/mmap/consciousness
	hand_made h.tar.gz
	tar -cf - data/mmap/consciousness | gzip -1 >h.tar.gz
	hand_made h.tar.gz
	for tool in bsdtar pigz busybox python3; do
		command -v $tool >/dev/null || continue
		case $tool in
		bsdtar) bsdtar -czf h.tar.gz data/mmap/consciousness/ ;;
		pigz) tar -cf - data/mmap/consciousness | pigz -p 4 -b 128 >h.tar.gz ;;
		busybox) busybox tar -czf h.tar.gz data/mmap/consciousness/ ;;
		python3) python3 -c 'import tarfile
with tarfile.open("h.tar.gz", "w:gz") as archive:
    archive.add("data/mmap/consciousness")' ;;
		esac
		hand_made h.tar.gz
	done
	rm -f data/mmap/consciousness/manifest.json
	tar -czf h.tar.gz data/mmap/consciousness
	hand_made h.tar.gz
}

@test "a sparse tar of regions with a tail of zeros is taken" {
	MMAP_INITIAL_SIZE=200000 "$DIMC" compile -q --no-sync "$there/a" -o data/mmap
	for format in gnu pax; do
		for version in 0.0 0.1 1.0; do
			tar -c -S --format=$format --sparse-version=$version -zf h.tar.gz data/mmap/consciousness
			hand_made h.tar.gz
		done
	done
}

@test "a hand-made tar is the whole with its manifest, and a part without" {
	mkdir -p data
	cp -a "$there/small" data/mmap
	tar -czf h.tar.gz data/mmap/consciousness/
	run_status 0 "$DIMC" restore h.tar.gz -o volume --no-sync
	[[ $(dimensions volume) = 'D01 D02 D05' ]]
	rm -r volume
	cp -a "$there/volume" volume
	tar -czf h.tar.gz data/mmap/consciousness/D05/
	run_status 0 "$DIMC" restore h.tar.gz -o volume --no-sync
	[[ $(dimensions volume) = 'D01 D02 D05 D06' ]]
	rm data/mmap/consciousness/manifest.json
	tar -czf h.tar.gz data/mmap/consciousness/
	run_status 0 "$DIMC" restore h.tar.gz -o volume --no-sync
	[[ $(dimensions volume) = 'D01 D02 D05 D06' ]]
	same_region D02 volume "$there/small"
	generation volume
	# A region whose volume is mixed is no generation: its manifest and its members do not agree.
	cp -f "$there/small/consciousness/manifest.json" data/mmap/consciousness/
	rm -r data/mmap/consciousness/D05
	tar -czf h.tar.gz data/mmap/consciousness/
	nothing_changes 5 h.tar.gz
	contains "$err" D05
}

@test "a tar of one dimension's folder by itself is taken or refused, and never half" {
	tar -C "$there/small/consciousness" -czf h.tar.gz D02
	run_status 0 "$DIMC" restore h.tar.gz -o volume --no-sync
	same_region D02 volume "$there/small"
	[[ $(dimensions volume) = 'D01 D02 D06' ]]
}

# A project's root with the Makefile, in which make takes the program that is built.
project() {
	mkdir project
	(cd "$ROOT" && tar -cf - --exclude=./out --exclude=./data --exclude=./.git --exclude=./.env --exclude=./tests .) | tar -xf - -C project
	mkdir -p project/tests project/out/bin
	cp "$ROOT"/tests/*.mk project/tests/
	cp "$DIMC" project/out/bin/dimc
	cd project || return 1
}

@test "the original specification's lines for backup and restore work as written" {
	local want
	need rsync
	project
	"$DIMC" restore "$there/large.tar.gz" --no-sync -q
	want=$(generation data/mmap)
	# shellcheck disable=SC2046 # as written
	tar -czf mmap-backup-$(date +%Y%m%d).tar.gz data/mmap/consciousness/
	tar -czf D01-backup.tar.gz data/mmap/consciousness/D01/
	mkdir backup
	rsync -av --progress data/mmap/ backup/mmap/
	[[ $(generation backup/mmap) = "$want" ]]

	# Disaster, then the restore of the specification: plain tar into what make init-mmap made.
	rm -rf data/mmap/
	make -s -o out/bin/dimc init-mmap
	[[ -d data/mmap/consciousness/D14 ]]
	mv mmap-backup-*.tar.gz mmap-backup-20241024.tar.gz
	tar -xzf mmap-backup-20241024.tar.gz
	DIMC=$PWD/out/bin/dimc run_status 0 ./scripts/verify-mmap-volume.sh
	[[ $(generation data/mmap) = "$want" ]]

	# The same archives by dimc restore.
	rm -rf data/mmap/
	make -s -o out/bin/dimc init-mmap
	run_status 0 "$DIMC" restore mmap-backup-20241024.tar.gz
	[[ $(generation data/mmap) = "$want" ]]
	run_status 0 "$DIMC" restore D01-backup.tar.gz
	contains "$out" 'up to date'
	flip data/mmap/consciousness/D01/region.mmap 5000
	run_status 0 "$DIMC" restore D01-backup.tar.gz
	[[ $(generation data/mmap) = "$want" ]]

	# And back by rsync.
	rm -rf data/mmap/
	rsync -a backup/mmap/ data/mmap/
	[[ $(generation data/mmap) = "$want" ]]
	run_status 0 "$DIMC" verify --strict data/mmap
}

@test "the volume is -o, else MMAP_BASE_PATH, else data/mmap; of paths to it, what is missing is made" {
	run_status 0 env MMAP_BASE_PATH=elsewhere/mmap "$DIMC" restore small.tar.gz --no-sync
	generation elsewhere/mmap
	echo 'MMAP_BASE_PATH=by/env' >.env
	run_status 0 "$DIMC" restore small.tar.gz --no-sync
	generation by/env
	rm .env
	run_status 0 "$DIMC" restore small.tar.gz --no-sync
	generation data/mmap
	run_status 2 "$DIMC" restore
}

@test "regions over MMAP_MAX_SIZE: refused with the way out, taken once that is taken" {
	MMAP_INITIAL_SIZE=50000 "$DIMC" compile -q --no-sync "$there/a" -o tail
	"$DIMC" bundle tail -o tail.tar.gz -q
	status=0
	MMAP_MAX_SIZE=20000 "$DIMC" restore tail.tar.gz -o new --no-sync 2>stderr || status=$?
	[[ $status -eq 7 || $status -eq 3 ]]
	contains "$(cat stderr)" 'MMAP_MAX_SIZE'
	[[ ! -e new ]]
	MMAP_MAX_SIZE=50000 run_status 0 "$DIMC" restore tail.tar.gz -o new --no-sync
}

@test "a lock that another publisher holds: status 3, nothing changed" {
	need flock
	exec 9<>volume/.lock
	flock -n 9
	nothing_changes 3 small.tar.gz
	contains "$err" 'another publisher holds the lock'
	# To look is allowed.
	run_status 0 "$DIMC" verify small.tar.gz
}

@test "layers/ come back where they were bundled, and go where they were not" {
	"$DIMC" compile -q --no-sync --layer-files "$there/a" -o files
	"$DIMC" bundle files -o files.tar.gz -q
	run_status 0 "$DIMC" restore files.tar.gz -o volume --no-sync
	diff <(contents files/consciousness) <(contents volume/consciousness)
	generation volume
	run_status 0 "$DIMC" restore small.tar.gz -o volume --no-sync
	diff <(contents "$there/small/consciousness") <(contents volume/consciousness)
}

@test "out of disk: status 3, and the volume is what it was" {
	[[ $(id -u) = 0 ]] || skip "not root: cannot mount"
	mkdir disk
	mount -t tmpfs -o size=400k tmpfs disk 2>/dev/null || skip "mounting is not allowed here"
	# shellcheck disable=SC2064 # now
	trap "umount '$PWD/disk'" EXIT
	"$DIMC" restore small.tar.gz -o disk/volume --no-sync -q
	before=$(snapshot disk/volume)
	run_status 3 "$DIMC" restore "$there/large.tar.gz" -o disk/volume
	contains "$err" ' to disk/volume: No space left on device'
	[[ $(snapshot disk/volume) = "$before" && ! -e disk/volume/.next ]]
	run_status 3 "$DIMC" restore "$there/large.tar.gz" -o disk/other
	[[ ! -e disk/other/.next && ! -e disk/other/consciousness/manifest.json ]]
	umount disk
	trap - EXIT
}

@test "killed at any system call that changes something: the old generation or the new one, and the next run succeeds" {
	local old new
	need strace
	strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
	export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
	old=$(generation volume)
	new=$(generation "$there/small")
	killed=0 seen_old=0 seen_new=0
	for call in mkdirat openat write pwrite64 fsync linkat renameat renameat2 unlinkat fchmod fchmodat; do
		for when in 1 2 3 5 8 13; do
			rm -rf volume
			cp -a "$there/volume" volume
			status=0
			strace -f -o /dev/null -e trace=$call -e inject=$call:signal=KILL:when=$when \
				"$DIMC" restore small.tar.gz -o volume -q >/dev/null 2>&1 || status=$?
			[[ $status -ne 0 ]] || break
			killed=$((killed + 1))
			found=$(generation volume)
			case $found in
			"$old") seen_old=$((seen_old + 1)) ;;
			"$new") seen_new=$((seen_new + 1)) ;;
			*) return 1 ;;
			esac
			run_status 0 "$DIMC" restore small.tar.gz -o volume --no-sync
			[[ $(generation volume) = "$new" && ! -e volume/.next ]]
		done
	done
	echo "killed $killed times: $seen_old old, $seen_new new"
	[[ $killed -ge 15 && $seen_old -gt 0 && $seen_new -gt 0 ]]
}

@test "readers see the old generation or the new one while bundles are restored over each other" {
	"$DIMC" bundle volume -o other.tar.gz -q
	(while [[ ! -e stop ]]; do
		"$DIMC" restore small.tar.gz -o volume --no-sync -q
		"$DIMC" restore other.tar.gz -o volume --no-sync -q
	done) 3>&- >publisher.log 2>&1 &
	publisher=$!
	status=0
	for ((i = 0; i < 40 && status == 0; i++)); do
		"$DIMC" verify --strict -q volume 2>stderr || status=$?
	done
	touch stop
	wait $publisher
	[[ $status -eq 0 ]] || { cat stderr && return 1; }
	[[ ! -s publisher.log ]]
}

@test "memory stays flat: 300 MB are bundled, proved and restored with less than 64 MB" {
	[[ -x /usr/bin/time ]] || skip "no /usr/bin/time here"
	/usr/bin/time -o rss -f %M "$DIMC" --version >/dev/null
	[[ $(<rss) -lt 10000 ]] || skip "a sanitizer or valgrind takes more by itself"
	[[ $(df --output=avail -m . | tail -n 1) -gt 1500 ]] || skip "no 1500 MB of disk here"
	export MMAP_MAX_SIZE=200000000
	for i in 1 2 3; do
		make_dimension src/D0$i-x $i "Name $i"
		yes "Line of dimension $i, over and over again." | head -c 50000000 >src/D0$i-x/text
		for n in 1 2; do
			printf 'layer_id: %s\nfrequency: 1.0\nkeywords: [word]\ncontent_file: text\n' $n >src/D0$i-x/$n.yaml
		done
	done
	"$DIMC" compile -q --no-sync src -o big
	[[ $(du -sm big/consciousness | cut -f 1) -gt 280 ]]
	measured() {
		run_status 0 /usr/bin/time -o rss -f %M "$DIMC" "$@"
		echo "$1: $(tail -n 1 rss) KiB"
		[[ $(tail -n 1 rss) -lt 65536 ]]
	}
	measured bundle big -o b.tar.gz -j 4
	measured verify b.tar.gz
	measured list b.tar.gz
	measured restore b.tar.gz -o back --no-sync -n
	measured restore b.tar.gz -o back --no-sync
	measured restore b.tar.gz -o back --no-sync
	cmp big/consciousness/manifest.json back/consciousness/manifest.json
	run_status 0 "$DIMC" verify --strict back
	rm -rf big back
}
