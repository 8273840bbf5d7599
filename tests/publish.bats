# publish.bats: that a volume only ever changes as a whole: what is published, kept, removed, refused and brought back,
# who may publish when, and that every failure of the system before the commit point leaves the old generation alone.

# shellcheck disable=SC2154 # out and err are set by run_status

load lib

# Background processes of a test, ended by teardown whatever happened.
started=()

teardown() {
	local pid
	for pid in "${started[@]}"; do
		kill -KILL "$pid" 2>/dev/null || true
	done
	wait
	chmod -R u+rwx "$BATS_TEST_TMPDIR" 2>/dev/null || true
}

# ends_with_test PID: teardown will see to it.
ends_with_test() {
	started+=("$1")
}

# publish SOURCES VOLUME OPTION...: compiles, without a word unless it fails.
publish() {
	run_status 0 "$DIMC" compile "$1" -o "$2" "${@:3}"
}

# change DIR: another D01, the same D02.
change() {
	make_layer "$1/D01-emotion/010-joy.yaml" 1 1.5 'joy, feeling' 'Joy is brighter.'
}

# The sources old/ and new/, which differ in D01, and a volume v with old/ published.
make_volume() {
	make_sources old
	make_sources new
	change new
	publish old v
}

# generation VOLUME [NAME]: the digest that the manifest states.
generation() {
	sed -n 's/^  "generation": "sha256:\(.*\)",$/\1/p' "$1/${2:-consciousness}/manifest.json"
}

# names DIR: what is in it, sorted, without the directory itself.
names() {
	(cd "$1" && find . -mindepth 1 -maxdepth 1 -printf '%P\n' | LC_ALL=C sort)
}

# resize FILE SIZE: as truncate, also where the file may not be written.
resize() {
	chmod u+w "$1"
	truncate -s "$2" "$1"
}

inode() {
	stat -c %i "$1"
}

mode() {
	stat -c %a "$1"
}

# everything DIR: names, kinds, modes, inodes, links, sizes, both times, digests: nothing can be touched unseen.
everything() {
	(cd "$1" && find . -printf '%p %y %m %i %n %s %T@ %C@ %l\n' | sort && find . -type f -exec sha256sum {} + | sort)
}

# outside_cache DIR: the same without .cache, which is nobody's result.
outside_cache() {
	everything "$1" | grep -v ' \?\./\.cache\b'
}

# same A B: fails, and shows where, unless two texts are equal.
same() {
	if [[ $1 != "$2" ]]; then
		diff <(printf '%s\n' "$1") <(printf '%s\n' "$2") || return 1
	fi
}

absent() {
	local path
	for path; do
		if [[ -e $path || -L $path ]]; then
			printf 'expected not to be there: %s\n' "$path"
			return 1
		fi
	done
}

# is_generation VOLUME NAME DIGEST: that generation, every byte of it, and nothing else.
is_generation() {
	run_status 0 "$DIMC" verify --strict "$1/$2"
	same "$(generation "$1" "$2")" "$3"
	contains "$out" "generation ${3:0:16}"
}

# settled VOLUME: nothing of an unfinished run lies around.
settled() {
	absent "$1/.next"
	same "$(mode "$1/consciousness")" 755
}

bpf=()

need_trace() {
	need strace
	strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
	# Faster, where it is known; but it sends no signals.
	if strace -f --seccomp-bpf -o /dev/null true 2>/dev/null; then
		bpf=(--seccomp-bpf)
	fi
}

# trace_into LOG OPTION... COMMAND...: under strace, its log as it comes.
trace_into() {
	ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 strace -f "${bpf[@]}" -o "$@"
}

# traced OPTION... COMMAND...: under strace, its log in trace.log. With -j1 the program is one thread, which makes the same
# system calls every time.
traced() {
	local status=0
	trace_into trace.parts "$@" || status=$?
	# A call that another thread's came into is in two parts; it stands where it ended.
	awk '/ <unfinished \.\.\.>$/ {begun[$1] = substr($0, 1, length($0) - 17); next}
		match($0, /<\.\.\. [a-z0-9_]+ resumed>/) && $1 in begun {
			print begun[$1] substr($0, RSTART + RLENGTH); delete begun[$1]; next}
		{print}' trace.parts >trace.log
	return "$status"
}

# stopped OPTION... -- COMMAND...: starts a command under strace, whose options make it stop after a system call, and waits
# until it stands there.
stopped() {
	local options=() i
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	rm -f trace.log
	bpf=()
	trace_into trace.log "${options[@]}" "${@:2}" >stopped.out 2>stopped.err 3>&- &
	tracer=$!
	ends_with_test "$tracer"
	for ((i = 0; i < 500; i++)); do
		standing=$(awk '/stopped by SIGSTOP/ { print $1; exit }' trace.log 2>/dev/null || true)
		if [[ -n $standing ]]; then
			ends_with_test "$standing"
			return 0
		fi
		sleep 0.02
	done
	cat trace.log stopped.err
	return 1
}

# resume: lets it go on to its end, through further stops of other threads; its status in $status, what it printed in $out
# and $err.
resume() {
	local i
	for ((i = 0; i < 1000; i++)); do
		kill -CONT "$standing" 2>/dev/null || true
		kill -0 "$tracer" 2>/dev/null || break
		sleep 0.01
	done
	((i < 1000))
	status=0
	wait "$tracer" || status=$?
	out=$(cat stopped.out)
	err=$(cat stopped.err)
}

# hold VOLUME: another process takes the volume's lock; $holder is its number.
hold() {
	flock -F "$1/.lock" sleep 60 3>&- &
	holder=$!
	ends_with_test "$holder"
	local i
	for ((i = 0; i < 500; i++)); do
		if ! flock -n "$1/.lock" true; then
			return 0
		fi
		sleep 0.02
	done
	return 1
}

let_go() {
	kill "$holder"
	wait "$holder" 2>/dev/null || true
}

# --- what is published ---------------------------------------------------------------------------------------------

@test "compile creates what is missing of a volume, and the path to it" {
	make_sources sources
	publish sources a/b/volume
	same "$(cd a/b/volume && find . -mindepth 1 -maxdepth 1 -printf '%y %p\n' | sort)" \
		"$(printf '%s\n' 'd ./.cache' 'd ./consciousness' 'd ./proto' 'd ./temp' 'f ./.gitignore' 'f ./.lock' 'f ./README.md')"
	same "$(cd a/b/volume/consciousness && find . -type f | sort)" \
		"$(printf '%s\n' ./D01/index.json ./D01/region.mmap ./D02/index.json ./D02/region.mmap ./manifest.json)"
	rm -r a/b/volume/proto a/b/volume/temp a/b/volume/README.md a/b/volume/.gitignore
	publish sources a/b/volume
	[[ -d a/b/volume/proto && -d a/b/volume/temp && -f a/b/volume/README.md && -f a/b/volume/.gitignore ]]
}

@test "what stands in a volume already stays as it is" {
	make_sources sources
	mkdir -p v/proto v/temp
	echo mine | tee v/README.md v/.gitignore v/notes.txt v/proto/p.mmap v/temp/t >/dev/null
	publish sources v
	for file in README.md .gitignore notes.txt proto/p.mmap temp/t; do
		same "$(cat "v/$file")" mine
	done
}

@test "the generation digest is what anyone can recompute from the regions" {
	make_sources sources
	publish sources v
	digest=$(for d in D01 D02; do
		printf '%s %s\n' "$d" "$(bytes "v/consciousness/$d/region.mmap" 24 32)"
	done | sha256sum)
	same "$(generation v)" "${digest%% *}"
}

@test "the manifest has every file's size and SHA-256, and nothing else is there" {
	need jq
	make_sources sources
	publish sources v --layer-files
	cd v/consciousness
	same "$(jq -r '.dimensions[].files[] | "\(.checksum | ltrimstr("sha256:"))  \(.size) \(.path)"' manifest.json | sort)" \
		"$(find . -type f ! -name manifest.json -printf '%P\n' | while read -r f; do
			printf '%s  %s %s\n' "$(sha256sum <"$f" | cut -d' ' -f1)" "$(stat -c %s "$f")" "$f"
		done | sort)"
	same "$(jq -r .complete manifest.json)" true
}

@test "a full compile publishes exactly the dimensions of its sources and names what it removes" {
	make_sources sources
	make_dimension sources/D07-technical 7 Technical
	make_layer sources/D07-technical/010-page.yaml 1 3.0 page 'A page has 4096 bytes.'
	publish sources v
	contains "$out" 'added: D01 D02 D07'
	rm -r sources/D07-technical sources/D02-cognition
	make_dimension sources/D03-intention 3 Intention
	make_layer sources/D03-intention/010-goal.yaml 1 1.0 goal 'A goal pulls.'
	change sources
	publish sources v
	contains "$out" 'added: D03'
	contains "$out" 'changed: D01'
	contains "$out" 'removed: D02 D07'
	same "$(names v/consciousness)" "$(printf 'D01\nD03\nmanifest.json')"
	run_status 0 "$DIMC" verify --strict v
}

@test "the empty dimensions of init go away with the first publication" {
	make_sources sources
	run_status 0 "$DIMC" init v
	publish sources v
	same "$(names v/consciousness)" "$(printf 'D01\nD02\nmanifest.json')"
	lacks "$out" removed
	settled v
	absent v/.previous
}

@test "-d publishes the named dimensions and keeps the others, also those without sources" {
	make_volume
	make_layer new/D02-cognition/010-attention.yaml 1 2.0 attention 'Attention selects less.'
	contents v/consciousness/D02 >kept
	kept=$(inode v/consciousness/D02/region.mmap)
	publish new v -d D01
	contains "$out" 'changed: D01'
	contains "$out" 'kept: D02'
	same "$(contents v/consciousness/D02)" "$(cat kept)"
	same "$(inode v/consciousness/D02/region.mmap)" "$kept"
	run_status 0 "$DIMC" show v D01/1
	same "$out" 'Joy is brighter.'
	rm -r new/D02-cognition
	change new
	make_layer new/D01-emotion/010-joy.yaml 1 1.5 joy 'Joy again.'
	publish new v -d 1
	contains "$out" 'kept: D02'
	same "$(contents v/consciousness/D02)" "$(cat kept)"
	run_status 0 "$DIMC" verify --strict v
}

@test "-d of an unchanged dimension is up to date although another one has changed" {
	make_volume
	everything v >before
	publish new v -d D02
	contains "$out" 'up to date'
	same "$(everything v)" "$(cat before)"
}

@test "-d of a dimension that is not among the sources is status 9 and changes nothing" {
	make_volume
	everything v >before
	run_status 9 "$DIMC" compile new -o v -d D01,D05
	contains "$err" D05
	same "$(everything v)" "$(cat before)"
	run_status 9 "$DIMC" compile new -o fresh -d D05
	absent fresh
	for list in '' D D0 D00 D65536 'D01,' ,D01 'D01 D02' D01,x 99999999999999999999; do
		run_status 2 "$DIMC" compile new -o v -d "$list"
	done
	same "$(everything v)" "$(cat before)"
}

@test "-d keeps nothing that is damaged: status 5, and the volume stays as it is" {
	make_volume
	cp -a v whole
	damage() {
		rm -rf v
		cp -a whole v
		"$@"
		everything v >before
		run_status 5 "$DIMC" compile new -o v -d D01
		contains "$err" D02
		contains "$err" 'leave -d out'
		same "$(everything v)" "$(cat before)"
		publish new v
		contains "$out" 'repaired: D02'
		run_status 0 "$DIMC" verify --strict v
	}
	damage flip v/consciousness/D02/region.mmap 4100
	damage flip v/consciousness/D02/index.json 20
	damage resize v/consciousness/D02/region.mmap 4096
	damage rm -f v/consciousness/D02/index.json
	damage rm -f v/consciousness/D02/region.mmap
	damage rm -rf v/consciousness/D02
}

@test "-d into a volume without a manifest keeps nothing that nobody vouches for" {
	make_volume
	rm v/consciousness/manifest.json
	contents v >before
	run_status 5 "$DIMC" compile new -o v -d D01
	contains "$err" D02
	same "$(contents v)" "$(cat before)"
	publish new v
	run_status 0 "$DIMC" verify --strict v
}

# --- up to date ----------------------------------------------------------------------------------------------------

@test "a second compile of unchanged sources says up to date and touches nothing" {
	make_volume
	outside_cache v >before
	everything v/consciousness >inside
	publish old v
	contains "$out" 'up to date'
	same "$(outside_cache v)" "$(cat before)"
	touch -d '2001-01-01' old/D01-emotion/*
	SOURCE_DATE_EPOCH=77 publish old v -j1 --no-sync
	contains "$out" 'up to date'
	same "$(outside_cache v)" "$(cat before)"
	rm -r v/.cache
	publish old v
	contains "$out" 'up to date'
	same "$(everything v/consciousness)" "$(cat inside)"
}

@test "unchanged regions are hard links to the former ones, and their index.json stays byte for byte" {
	for dir in old new; do
		make_sources $dir
		printf 'dimension_id: 1\nname: Emotion\n' >$dir/D01-emotion/dimension.yaml
		printf 'dimension_id: 2\nname: Cognition\n' >$dir/D02-cognition/dimension.yaml
	done
	change new
	SOURCE_DATE_EPOCH=1000 publish old v
	contains "$(cat v/consciousness/D02/index.json)" '"updated_at": "1970-01-01T00:16:40Z"'
	SOURCE_DATE_EPOCH=2000 publish new v
	contains "$out" 'changed: D01'
	lacks "$out" D02
	contains "$(cat v/consciousness/D01/index.json)" '"updated_at": "1970-01-01T00:33:20Z"'
	for file in D02/region.mmap D02/index.json; do
		same "$(inode "v/consciousness/$file")" "$(inode "v/.previous/$file")"
		cmp "v/consciousness/$file" "v/.previous/$file"
	done
	for file in D01/region.mmap D01/index.json manifest.json; do
		[[ $(inode "v/consciousness/$file") != "$(inode "v/.previous/$file")" ]]
	done
	is_generation v .previous "$(generation v .previous)"
}

@test "a damaged file of an unchanged dimension is written again, with and without .cache" {
	make_sources sources
	publish sources v --layer-files
	contents v/consciousness | grep -v manifest >whole
	for damage in 'flip D02/region.mmap 4097' 'flip D02/region.mmap 300' 'flip D02/index.json 40' 'rm -f D02/index.json' \
		'rm -f D02/region.mmap' 'rm -rf D02' 'resize D02/region.mmap +1' 'flip D02/layers/1.txt 0' 'rm -rf D02/layers'; do
		# shellcheck disable=SC2086 # a command and its arguments
		(cd v/consciousness && $damage)
		run_status 4 "$DIMC" compile sources -o v --layer-files --check
		contains "$out" 'D02 damaged'
		rm -rf v/.cache.gone
		if [[ $damage = flip* ]]; then
			# The same without what is remembered.
			mv v/.cache v/.cache.gone
			run_status 4 "$DIMC" compile sources -o v --layer-files --check
			contains "$out" 'D02 damaged'
			lacks "$out" D01
		fi
		publish sources v --layer-files
		contains "$out" 'repaired: D02'
		lacks "$out" D01
		same "$(contents v/consciousness | grep -v manifest)" "$(cat whole)"
		run_status 0 "$DIMC" verify --strict v
		same "$(mode v/consciousness/D02/region.mmap)" 444
	done
}

@test "damage under a faked size, inode and mtime is believed from .cache alone; verify, or a run without .cache, finds it" {
	make_sources sources
	publish sources v
	region=v/consciousness/D02/region.mmap
	touch -r $region stamp
	flip $region 4100
	touch -r stamp $region
	publish sources v
	contains "$out" 'up to date'
	run_status 5 "$DIMC" verify v
	contains "$err" 'D02 layer 1'
	rm -r v/.cache
	publish sources v
	contains "$out" 'repaired: D02'
	run_status 0 "$DIMC" verify --strict v
}

@test "a damaged region without sources of its own is removed by a full compile, never carried on" {
	make_volume
	flip v/consciousness/D02/region.mmap 4100
	rm -r old/D02-cognition
	publish old v
	contains "$out" 'removed: D02'
	run_status 0 "$DIMC" verify --strict v
}

@test "a volume whose manifest is gone or broken is published anew" {
	make_volume
	rm v/consciousness/manifest.json
	run_status 4 "$DIMC" compile old -o v --check
	publish old v
	run_status 0 "$DIMC" verify --strict v
	chmod u+w v/consciousness/manifest.json
	echo '{"version": 1' >v/consciousness/manifest.json
	publish old v
	run_status 0 "$DIMC" verify --strict v
	publish old v
	contains "$out" 'up to date'
}

@test "a .cache that cannot be written is a warning, a broken one is not believed" {
	make_volume
	rm -r v/.cache
	echo 'in the way' >v/.cache
	publish new v
	contains "$err" warning
	contains "$err" .cache
	is_generation v consciousness "$(generation v)"
	rm v/.cache
	mkdir v/.cache
	head -c 5000 /dev/urandom >v/.cache/published
	publish new v
	contains "$out" 'up to date'
	flip v/consciousness/D01/region.mmap 4100
	publish new v
	contains "$out" 'repaired: D01'
}

# --- modes and times -----------------------------------------------------------------------------------------------

@test "published directories are 0755 and files 0444 whatever the umask" {
	make_volume
	for mask in 077 000 027; do
		rm -rf u
		(
			umask "$mask"
			"$DIMC" compile -q old -o u --layer-files
			"$DIMC" compile -q new -o u --layer-files
			"$DIMC" compile -q new -o u
		)
		same "$(find u/consciousness u/.previous -type d ! -perm 755 -printf '%m %p\n')" ''
		same "$(find u/consciousness u/.previous -type f ! -perm 444 -printf '%m %p\n')" ''
		same "$(mode u/proto) $(mode u/temp)" '755 755'
	done
}

@test "the volume's own directory is 0755 under umask 077, so that readers of other users reach what is in it" {
	make_sources sources
	(umask 077 && "$DIMC" compile -q sources -o compiled && "$DIMC" init -q initialized)
	same "$(mode compiled) $(mode initialized)" '755 755'
}

@test "files have their real mtime, so that rsync -a sees a change of the same size" {
	make_volume
	touch stamp
	sleep 0.02
	sed -i s/bright/blight/ old/D01-emotion/010-joy.yaml
	before=$(stat -c '%s %Y' v/consciousness/D01/region.mmap)
	kept=$(stat -c %y v/consciousness/D02/region.mmap)
	SOURCE_DATE_EPOCH=1000 publish old v
	[[ v/consciousness/D01/region.mmap -nt stamp ]]
	same "$(stat -c %s v/consciousness/D01/region.mmap)" "${before% *}"
	same "$(stat -c %y v/consciousness/D02/region.mmap)" "$kept"
}

@test "MMAP_INITIAL_SIZE lengthens the file by a hole and counts as the same region" {
	make_volume
	MMAP_INITIAL_SIZE=1048576 publish new v
	region=v/consciousness/D01/region.mmap
	same "$(stat -c %s $region)" 1048576
	(($(stat -c %b $region) * 512 < 1048576))
	run_status 0 "$DIMC" verify --strict v
	MMAP_INITIAL_SIZE=1048576 publish new v
	contains "$out" 'up to date'
	publish new v
	contains "$out" 'up to date'
	index=$(inode v/consciousness/D01/index.json)
	MMAP_INITIAL_SIZE=2097152 publish new v
	contains "$out" 'files: D01 D02'
	same "$(stat -c %s $region)" 2097152
	same "$(inode v/consciousness/D01/index.json)" "$index"
	run_status 0 "$DIMC" verify --strict v
	poke $region 2097151 01
	run_status 5 "$DIMC" verify v
	publish new v
	contains "$out" 'repaired: D01'
	same "$(stat -c %s $region)" 12288
}

# --- rollback ------------------------------------------------------------------------------------------------------

@test "rollback exchanges the generation with the former one, and a second rollback leads back" {
	make_volume
	first=$(generation v)
	snapshot v/consciousness >before
	publish new v
	second=$(generation v)
	[[ $first != "$second" ]]
	same "$(snapshot v/.previous)" "$(cat before)"
	snapshot v/consciousness >after
	run_status 0 "$DIMC" rollback v
	contains "$out" "${first:0:16}"
	same "$(snapshot v/consciousness)" "$(cat before)"
	same "$(snapshot v/.previous)" "$(cat after)"
	settled v
	run_status 0 "$DIMC" show v D01/1
	same "$out" 'Joy is bright.'
	run_status 0 "$DIMC" rollback v
	same "$(snapshot v/consciousness)" "$(cat after)"
	same "$(snapshot v/.previous)" "$(cat before)"
	publish new v
	contains "$out" 'up to date'
}

@test "only the last former generation is kept" {
	make_volume
	publish new v
	second=$(generation v)
	make_layer new/D01-emotion/010-joy.yaml 1 1.5 joy 'A third one.'
	publish new v
	same "$(generation v .previous)" "$second"
	settled v
	same "$(find v -maxdepth 1 -mindepth 1 | wc -l)" 8
}

@test "a compile after a rollback publishes the newer sources again" {
	make_volume
	publish new v
	second=$(generation v)
	run_status 0 "$DIMC" rollback v
	publish new v
	contains "$out" 'changed: D01'
	is_generation v consciousness "$second"
}

@test "rollback without a former generation is status 9 and changes nothing" {
	make_volume
	run_status 0 "$DIMC" init empty
	for volume in v empty; do
		touch $volume/.lock
		everything $volume >before
		run_status 9 "$DIMC" rollback $volume
		contains "$err" 'no former generation'
		same "$(everything $volume)" "$(cat before)"
	done
	run_status 9 "$DIMC" rollback nowhere
	absent nowhere
	mkdir v/.previous
	run_status 9 "$DIMC" rollback v
}

@test "verify takes a former generation by its path" {
	make_volume
	publish new v
	run_status 0 "$DIMC" verify --strict v/.previous
	contains "$out" "every byte sound"
}

@test "rollback to a former generation that cannot be looked at is status 3, with the reason" {
	need_trace
	make_volume
	publish new v
	run_status 3 traced -P "$(pwd -P)/v/.previous" -P .previous -e trace=openat -e inject=openat:error=EIO "$DIMC" rollback v
	contains "$err" "cannot read v/.previous: Input/output error"
}

@test "rollback to a damaged former generation is status 5 and changes nothing" {
	make_volume
	publish new v
	cp -a v whole
	damage() {
		rm -rf v
		cp -a whole v
		"$@"
		snapshot v >before
		run_status 5 "$DIMC" rollback v
		contains "$err" .previous
		same "$(snapshot v)" "$(cat before)"
		absent v/.next
	}
	damage flip v/.previous/D01/region.mmap 4100
	damage flip v/.previous/D01/region.mmap 500
	damage flip v/.previous/D01/index.json 30
	damage resize v/.previous/D02/region.mmap 100
	damage flip v/.previous/manifest.json 30
	damage rm -f v/.previous/D02/index.json
}

@test "rollback to a former generation of which a part is gone is refused" {
	make_volume
	publish new v
	rm -r v/.previous/D02
	snapshot v >before
	run_status 5 "$DIMC" rollback v
	same "$(snapshot v)" "$(cat before)"
}

# --- what writes nothing -------------------------------------------------------------------------------------------

@test "rejected sources change nothing, and make no volume" {
	make_volume
	everything v >before
	make_layer new/D02-cognition/020-bad.yaml 0 -1 '' ''
	run_status 1 "$DIMC" compile new -o v
	contains "$err" 'nothing was published'
	same "$(everything v)" "$(cat before)"
	run_status 1 "$DIMC" compile new -o fresh
	absent fresh
	run_status 1 "$DIMC" compile new -o v -d D02
	same "$(everything v)" "$(cat before)"
	MMAP_MAX_SIZE=8192 run_status 1 "$DIMC" compile old -o v
	contains "$err" MMAP_MAX_SIZE
	same "$(everything v)" "$(cat before)"
}

@test "sources that are not there change nothing" {
	make_volume
	everything v >before
	mkdir empty
	for source in nowhere empty; do
		if "$DIMC" compile $source -o v 2>err || "$DIMC" compile $source -o fresh 2>>err; then
			return 1
		fi
		contains "$(cat err)" $source
	done
	same "$(everything v)" "$(cat before)"
	absent fresh
}

@test "-n and --check write nothing, not even the volume's directory" {
	make_volume
	run_status 0 "$DIMC" compile old -o fresh -n
	contains "$out" 'dry run'
	contains "$out" "$(generation v | cut -c1-16)"
	absent fresh
	run_status 4 "$DIMC" compile old -o fresh --check
	absent fresh
	rm v/.lock
	rm -r v/temp
	everything v >before
	run_status 0 "$DIMC" compile new -o v -n
	contains "$out" 'changed: D01'
	run_status 4 "$DIMC" compile new -o v --check
	run_status 0 "$DIMC" compile old -o v --check
	contains "$out" 'up to date'
	run_status 0 "$DIMC" check new
	run_status 0 "$DIMC" verify v
	run_status 0 "$DIMC" info v
	same "$(everything v)" "$(cat before)"
	publish new planned
	run_status 0 "$DIMC" compile new -o v -n -v
	contains "$out" "$(generation planned)"
	run_status 2 "$DIMC" compile new -o v -n --check
}

@test "-n and --check neither need the lock nor the right to write" {
	need flock
	make_volume
	hold v
	run_status 0 "$DIMC" compile new -o v -n
	run_status 4 "$DIMC" compile new -o v --check
	run_status 0 "$DIMC" verify v
	run_status 0 "$DIMC" info v
	run_status 0 "$DIMC" show v D01/1
}

@test "--check lists what is missing, stale, damaged and foreign" {
	make_sources sources
	for id in 3 4 9; do
		make_dimension sources/D0$id-x $id Name$id
		make_layer sources/D0$id-x/010-a.yaml 1 1.0 a "Text $id."
	done
	mv sources/D03-x aside
	publish sources v
	mv aside sources/D03-x
	rm -r sources/D09-x
	change sources
	flip v/consciousness/D02/region.mmap 4100
	run_status 4 "$DIMC" compile sources -o v --check
	contains "$out" 'D01 stale'
	contains "$out" 'D02 damaged'
	contains "$out" 'D03 missing'
	contains "$out" 'D09 not in the sources'
	lacks "$out" D04
	# Of some dimensions, the others do not count unless they are damaged and would be kept.
	run_status 5 "$DIMC" compile sources -o v --check -d D01,D04
	flip v/consciousness/D02/region.mmap 4100
	run_status 4 "$DIMC" compile sources -o v --check -d D01,D04
	contains "$out" 'D01 stale'
	lacks "$out" D03
	lacks "$out" D09
}

@test "the command that --check prints mends it, also with odd paths and with options" {
	mkdir 'a b'
	make_sources "a b/it's"
	make_sources plain
	# shellcheck disable=SC2317 # called by name below
	dimc() {
		"$DIMC" "$@"
	}
	# mends OPTION...: --check with them differs, the command makes it equal.
	mends() {
		run_status 4 "$DIMC" compile "$@" --check
		contains "$out" 'mend it with: dimc compile'
		eval "${out##*mend it with: }"
		run_status 0 "$DIMC" compile "$@" --check
	}
	mends plain -o v
	change plain
	mends plain -o v -d D01
	mends plain -o v --layer-files
	mends "a b/it's" -o "a b/v o l"
	mends plain -o v --layout=packed
	mends plain -o v --align=8192
}

# --- one publisher at a time ---------------------------------------------------------------------------------------

@test "a second publisher is told who holds the lock: status 3, and nothing changes" {
	need flock
	make_volume
	publish new v
	printf 'dimension_id: 99\nname: P\nlayers:\n  - {layer_id: 1, frequency: 1.0, keywords: [a], content: b}\n' >p.yaml
	everything v >before
	hold v
	for command in 'compile old -o v' 'compile new -o v' 'rollback v' 'compile p.yaml --proto p -o v' 'clean v'; do
		# shellcheck disable=SC2086 # a command line
		run_status 3 "$DIMC" $command
		contains "$err" "process $holder (sleep)"
		contains "$err" 'lock of v'
	done
	same "$(everything v)" "$(cat before)"
	let_go
	publish old v
}

@test "a volume may be locked by a process that has ended: the lock goes with it" {
	need flock
	make_volume
	hold v
	kill -KILL "$holder"
	wait "$holder" || true
	publish new v
}

@test "a lock file that is replaced before it is held does not count: the new one does" {
	need flock
	need_trace
	make_volume
	everything v/consciousness >before
	stopped -P .lock -e trace=openat -e inject=openat:signal=STOP:when=1 -- "$DIMC" compile -j1 new -o v
	touch replacement
	mv replacement v/.lock
	hold v
	resume
	same "$status" 3
	contains "$err" "process $holder"
	same "$(everything v/consciousness)" "$(cat before)"
	let_go
	# Replaced, but held by nobody: it is taken in a second attempt.
	stopped -P .lock -e trace=openat -e inject=openat:signal=STOP:when=1 -- "$DIMC" compile -j1 new -o v
	rm v/.lock
	resume
	same "$status" 0
	[[ -f v/.lock ]]
	settled v
}

@test "init between the two renames of a publisher does no harm" {
	need_trace
	make_sources old
	make_sources new
	change new
	publish new v
	second=$(generation v)
	for when in 1 2; do
		rm -rf v
		publish old v
		first=$(generation v)
		stopped -e trace=renameat,renameat2 -e inject=renameat2:error=EINVAL -e inject=renameat:signal=STOP:when=$when -- \
			"$DIMC" compile -j1 new -o v
		"$DIMC" init v >init.out 2>&1 || contains "$(cat init.out)" 'holds the lock'
		resume
		same "$status" 0
		is_generation v consciousness "$second"
		is_generation v .previous "$first"
	done
}

# --- what interrupted runs leave -----------------------------------------------------------------------------------

@test "a staging directory of a killed run, with its sticky bit, is removed by whoever takes the lock next" {
	make_volume
	publish new v
	second=$(generation v)
	first=$(generation v .previous)
	for command in 'compile new -o v' 'clean v' 'rollback v'; do
		cp -r v/consciousness v/.next
		rm v/.next/D02/region.mmap
		chmod 1755 v/.next
		# shellcheck disable=SC2086 # a command line
		run_status 0 "$DIMC" $command
		settled v
	done
	is_generation v consciousness "$first"
	is_generation v .previous "$second"
}

@test "a staging directory without the sticky bit is the former generation, and gets its name" {
	make_volume
	publish new v
	second=$(generation v)
	first=$(generation v .previous)
	mv v/.previous v/.next
	chmod 1755 v/consciousness
	publish new v
	contains "$out" 'up to date'
	settled v
	is_generation v consciousness "$second"
	is_generation v .previous "$first"
	# Also where an older one has the name still.
	cp -a v/.previous v/.next
	rm -r v/.previous
	cp -a v/consciousness v/.previous
	publish new v
	settled v
	is_generation v .previous "$first"
}

@test "a missing consciousness/ between .previous and .next comes back before anything else happens" {
	make_volume
	first=$(generation v)
	kept=$(inode v/consciousness/D02/region.mmap)
	for command in 'compile new -o v -d D01' 'compile new -o v' 'compile old -o v' 'clean v' 'init v'; do
		cp -r v/consciousness v/.next
		chmod 1755 v/.next
		mv v/consciousness v/.previous
		# shellcheck disable=SC2086 # a command line
		run_status 0 "$DIMC" $command
		# Nothing was added, since nothing was ever away: D02 is what it was.
		lacks "$out" added
		settled v
		same "$(inode v/consciousness/D02/region.mmap)" "$kept"
		if [[ $command = *new* ]]; then
			contains "$out" 'changed: D01'
			is_generation v .previous "$first"
			run_status 0 "$DIMC" rollback v
		fi
		is_generation v consciousness "$first"
		rm -rf v/.previous
	done
}

@test "a rejected compile leaves also an interrupted run's traces alone" {
	make_volume
	cp -a v/consciousness v/.next
	chmod 1755 v/.next
	make_layer new/D02-cognition/020-bad.yaml 0 -1 '' ''
	everything v >before
	run_status 1 "$DIMC" compile new -o v
	same "$(everything v)" "$(cat before)"
}

@test "what is planted under the names of our directories is removed and not followed" {
	make_volume
	mkdir outside
	echo precious >outside/file
	ln -s "$PWD/outside" v/.next
	publish new v
	settled v
	same "$(cat outside/file)" precious
	mkdir v/.next
	chmod 1755 v/.next
	ln -s "$PWD/outside" v/.next/D01
	ln -s "$PWD/outside/file" v/.next/manifest.json
	publish old v
	settled v
	same "$(names outside) $(cat outside/file)" 'file precious'
	echo 'a file' >v/.next
	publish new v
	settled v
}

# --- file systems that cannot exchange -------------------------------------------------------------------------------

@test "without exchange two renames do it: first publication, further ones, rollback there and back" {
	need_trace
	make_sources old
	make_sources new
	change new
	for error in EOPNOTSUPP ENOSYS EINVAL; do
		rm -rf v
		run_status 0 traced -e trace=renameat,renameat2 -e inject=renameat2:error=$error "$DIMC" compile -j1 old -o v
		grep -q 'RENAME_EXCHANGE.*(INJECTED)' trace.log
		settled v
		first=$(generation v)
		is_generation v consciousness "$first"
		run_status 9 "$DIMC" rollback v
	done
	for _ in 1 2; do # without and with an older generation in the way
		run_status 0 traced -e trace=renameat2 -e inject=renameat2:error=EINVAL "$DIMC" compile -j1 new -o v
		settled v
		second=$(generation v)
		is_generation v .previous "$first"
		run_status 0 traced -e trace=renameat2 -e inject=renameat2:error=EINVAL "$DIMC" rollback v
		settled v
		is_generation v consciousness "$first"
		is_generation v .previous "$second"
	done
	run_status 0 traced -e trace=renameat2 -e inject=renameat2:error=EINVAL "$DIMC" rollback v
	is_generation v consciousness "$second"
	is_generation v .previous "$first"
}

@test "without exchange a killed run's former generation still gets its name" {
	need_trace
	make_volume
	publish new v
	first=$(generation v .previous)
	second=$(generation v)
	mv v/.previous v/.next
	cp -a v/consciousness v/.previous
	run_status 0 traced -e trace=renameat2 -e inject=renameat2:error=EINVAL "$DIMC" compile -j1 new -o v
	settled v
	is_generation v consciousness "$second"
	is_generation v .previous "$first"
}

@test "where directories cannot be renamed: status 3, mount a volume, and nothing has changed" {
	need_trace
	make_volume
	publish new v
	snapshot v/consciousness >before
	snapshot v/.previous >former
	for error in EXDEV EBUSY; do
		for command in 'compile -j1 old -o v' 'rollback v'; do
			# shellcheck disable=SC2086 # a command line
			run_status 3 traced -e trace=renameat2 -e inject=renameat2:error=$error "$DIMC" $command
			contains "$err" 'mount a volume'
			contains "$err" v/consciousness
			absent v/.next
			same "$(snapshot v/consciousness)" "$(cat before)"
			same "$(snapshot v/.previous)" "$(cat former)"
		done
	done
	run_status 3 traced -e trace=renameat2 -e inject=renameat2:error=EACCES "$DIMC" compile -j1 old -o v
	lacks "$err" 'mount a volume'
	absent v/.next
	same "$(snapshot v/consciousness)" "$(cat before)"
}

@test "where neither exchange nor rename works, the old generation stays, and a rollback leaves both" {
	need_trace
	make_volume
	publish new v
	first=$(generation v .previous)
	second=$(generation v)
	for when in 1 2; do
		for command in 'rollback v' 'compile -j1 old -o v'; do
			# shellcheck disable=SC2086 # a command line
			run_status 3 traced -e trace=renameat,renameat2 -e inject=renameat2:error=EINVAL \
				-e inject=renameat:error=EXDEV:when=$when "$DIMC" $command
			contains "$err" 'mount a volume'
			absent v/.next
			is_generation v consciousness "$second"
			[[ $command = compile* ]] || is_generation v .previous "$first"
		done
		publish old v
		publish new v
	done
}

@test "where the second rename and the way back fail, the next run brings the old generation back" {
	need_trace
	make_volume
	first=$(generation v)
	run_status 3 traced -e trace=renameat,renameat2 -e inject=renameat2:error=EINVAL -e inject=renameat:error=EIO:when=2+ \
		"$DIMC" compile -j1 new -o v
	publish old v
	contains "$out" 'up to date'
	is_generation v consciousness "$first"
	settled v
}

# --- failures of the system ------------------------------------------------------------------------------------------

# count CALL: how often the traced command made it.
count() {
	grep -c "^[0-9]* *$1(" trace.log || true
}

# unchanged: status 3 was told, and nothing has happened.
unchanged() {
	absent v/.next
	same "$(snapshot v/consciousness)" "$(cat before)"
	same "$(snapshot v/.previous)" "$(cat former)"
}

@test "an error of the disk before the commit point: status 3, old generation untouched, nothing left behind" {
	need_trace
	make_volume
	publish new v
	make_layer old/D02-cognition/020-memory.yaml 2 1.0 memory 'Memory fades.'
	snapshot v/consciousness >before
	snapshot v/.previous >former
	here=$(pwd -P)
	while read -r file failure; do
		run_status 3 traced -P "$here/v/.next/$file" -e trace="${failure%%:*}" -e inject="$failure" \
			"$DIMC" compile -j1 old -o v
		grep -q INJECTED trace.log
		contains "$err" "v/$file"
		if [[ $failure = *ENOSPC || $failure = *EDQUOT ]]; then
			contains "$err" 'nothing was published; free some space'
		fi
		unchanged
	done <<-'END'
		D01/index.json write:error=ENOSPC
		D01/index.json close:error=EIO
		D01/region.mmap write:error=ENOSPC
		D01/region.mmap write:error=EIO
		D01/region.mmap fchmod:error=EPERM
		D01/region.mmap fsync:error=EIO
		D01/region.mmap close:error=ENOSPC
		D02/region.mmap write:error=EDQUOT
		D02/region.mmap close:error=EIO
		manifest.json write:error=ENOSPC
		manifest.json fsync:error=EIO
		manifest.json close:error=EIO
	END
	for directory in .next .next/D01 .next/D02; do
		run_status 3 traced -P "$here/v/$directory" -e trace=fsync -e inject=fsync:error=EIO "$DIMC" compile -j1 old -o v
		contains "$err" 'Input/output error'
		unchanged
	done
	run_status 0 "$DIMC" verify --strict v
	publish old v
	settled v
}

@test "an error while .next is made leaves no .next" {
	need_trace
	make_volume
	publish new v
	snapshot v/consciousness >before
	snapshot v/.previous >former
	umask 077 # so that there is a mode to set
	for name in .next D01 D02; do
		for failure in mkdirat:error=ENOSPC fchmod:error=EPERM; do
			path=$(pwd -P)/v/.next/$name
			run_status 3 traced -P $name -P "${path%/.next}" -e trace="${failure%%:*}" -e inject="$failure" \
				"$DIMC" compile -j1 old -o v
			grep -q INJECTED trace.log
			unchanged
		done
	done
	# Everything that is opened in .next: files to write, directories to sync.
	for when in 1 2 3 4 5; do
		run_status 3 traced -P "$(pwd -P)/v/.next" -e trace=openat -e inject=openat:error=ENOSPC:when=$when \
			"$DIMC" compile -j1 old -o v
		grep -q INJECTED trace.log
		unchanged
	done
}

@test "errors of several threads at once are one failure" {
	need_trace
	make_volume
	publish new v
	change old
	make_layer old/D01-emotion/010-joy.yaml 1 1.5 joy 'Joy, a third time.'
	make_layer old/D02-cognition/010-attention.yaml 1 2.0 attention 'Attention, a second time.'
	snapshot v/consciousness >before
	snapshot v/.previous >former
	run_status 3 traced -e trace=fchmod -e inject=fchmod:error=EIO "$DIMC" compile -j16 old -o v
	unchanged
}

@test "where linking is refused an unchanged region is copied, and synced like a new one" {
	need_trace
	make_volume
	cp -a v whole
	for error in EPERM EXDEV EMLINK EOPNOTSUPP; do
		rm -rf v
		cp -a whole v
		run_status 0 traced -y -e trace=linkat,fsync -e inject=linkat:error=$error "$DIMC" compile -j1 new -o v
		contains "$out" 'changed: D01'
		cmp v/consciousness/D02/region.mmap v/.previous/D02/region.mmap
		cmp v/consciousness/D02/index.json v/.previous/D02/index.json
		[[ $(inode v/consciousness/D02/region.mmap) != "$(inode v/.previous/D02/region.mmap)" ]]
		same "$(mode v/consciousness/D02/region.mmap)" 444
		grep -q 'fsync(.*\.next/D02/region\.mmap>) *= 0' trace.log
		run_status 0 "$DIMC" verify --strict v
	done
	publish new v
	contains "$out" 'up to date'
	snapshot v/consciousness >before
	snapshot v/.previous >former
	run_status 3 traced -e trace=linkat,write,read -P "$(pwd -P)/v/.next/D02/region.mmap" -P D02/region.mmap \
		-e inject=linkat:error=EPERM -e inject=write:error=ENOSPC "$DIMC" compile -j1 old -o v
	unchanged
}

@test "every file and directory is synced before the commit point, and the volume's directory after it" {
	need_trace
	make_volume
	run_status 0 traced -y -e trace=fsync,fdatasync,renameat2 "$DIMC" compile -j1 new -o v
	before=$(sed '/RENAME_EXCHANGE/,$d' trace.log)
	after=$(sed '1,/RENAME_EXCHANGE/d' trace.log)
	for path in D01/index.json D01/region.mmap manifest.json D01 D02 ''; do
		grep -q "fsync([0-9]*<.*/v/\.next${path:+/$path}>) *= 0" <<<"$before"
	done
	grep -q "fsync([0-9]*<[^>]*/v>) *= 0" <<<"$after"
	same "$(grep -c . <<<"$before")" "$(count fsync | awk '{ print $1 - 1 }')"
	run_status 0 traced -y -e trace=fsync,renameat2 "$DIMC" rollback v
	grep -q "fsync([0-9]*<[^>]*/v>) *= 0" <<<"$(sed '1,/RENAME_EXCHANGE/d' trace.log)"
}

@test "a new volume is synced, each of its parts, and every directory in which the path to it was made" {
	need_trace
	make_sources new
	for command in 'init deep/er/v' 'compile -j1 new -o deep/er/v'; do
		rm -rf deep
		# shellcheck disable=SC2086 # a command line
		run_status 0 traced -y -e trace=fsync "$DIMC" $command
		for path in '' /deep /deep/er /deep/er/v /deep/er/v/consciousness /deep/er/v/.README.md.new /deep/er/v/..gitignore.new; do
			grep -q "fsync([0-9]*<$(pwd -P)$path>) *= 0" trace.log
		done
	done
	# Where one of them cannot be written, nothing of it stays.
	run_status 3 traced -P "$(pwd -P)/fresh/.README.md.new" -e trace=write -e inject=write:error=ENOSPC "$DIMC" init fresh
	contains "$err" "cannot make fresh/README.md: No space left on device"
	absent fresh/.README.md.new
	# What is there needs no more syncs.
	run_status 0 traced -y -e trace=fsync "$DIMC" init deep/er/v
	same 0 "$(count fsync)"
}

@test "a generation of many dimensions is synced at once, before it is seen, and what is written anew for itself" {
	need_trace
	local i before
	for ((i = 1; i <= 300; i++)); do
		make_dimension "many/D$i" "$i" Many
		make_layer "many/D$i/1.yaml" 1 1.5 word "one $i"
	done
	"$DIMC" compile -q --no-sync many -o v
	make_layer many/D7/1.yaml 1 1.5 word 'another one'
	run_status 0 traced -y -e trace=fsync,fdatasync,syncfs,renameat2 "$DIMC" compile -j1 many -o v
	before=$(sed '/RENAME_EXCHANGE/q' trace.log)
	same 1 "$(grep -c 'syncfs([0-9]*<.*/v/\.next>) *= 0' <<<"$before")"
	# D07's region and index, and the manifest; and then the volume's directory.
	same 3 "$(grep -c 'fsync(' <<<"$before")"
	grep -q 'fsync([0-9]*<.*\.next/D07/region\.mmap>) *= 0' <<<"$before"
	grep -q 'fsync([0-9]*<.*\.next/manifest\.json>) *= 0' <<<"$before"
	[[ $(tail -n 2 <<<"$before") = *syncfs*RENAME_EXCHANGE* ]]
	# What cannot be synced is not published.
	make_layer many/D7/1.yaml 1 1.5 word 'a third one'
	before=$(snapshot v/consciousness)
	run_status 3 traced -e trace=syncfs -e inject=syncfs:error=EIO "$DIMC" compile -j1 many -o v
	[[ $(snapshot v/consciousness) = "$before" && ! -e v/.next ]]
}

@test "--no-sync syncs nothing" {
	need_trace
	make_volume
	printf 'dimension_id: 99\nname: P\nlayers:\n  - {layer_id: 1, frequency: 1.0, keywords: [a], content: b}\n' >p.yaml
	for command in 'compile new -o v' 'compile p.yaml --proto p -o v' 'rollback v' 'compile old -o fresh'; do
		# shellcheck disable=SC2086 # a command line
		run_status 0 traced -e trace=fsync,fdatasync,syncfs,sync,sync_file_range,msync,renameat,renameat2 \
			"$DIMC" $command --no-sync
		grep -q rename trace.log
		lacks "$(cat trace.log)" sync
		# shellcheck disable=SC2086 # a command line
		[[ $command = *fresh ]] || run_status 0 "$DIMC" compile old -o v
	done
}

@test "what fails after the commit point is status 8: published, and the next run tidies up" {
	need_trace
	make_volume
	first=$(generation v)
	publish new w
	second=$(generation w)
	run_status 0 traced -e trace=fsync "$DIMC" compile -j1 new -o v
	syncs=$(count fsync)
	((syncs > 5))
	for failure in "fsync:error=EIO:when=$syncs" renameat:error=EIO:when=1 fchmod:error=EIO:when=last; do
		rm -rf v
		publish old v
		if [[ $failure = *last ]]; then
			run_status 0 traced -e trace=fchmod "$DIMC" compile -j1 new -o v
			failure=fchmod:error=EIO:when=$(count fchmod)
			rm -rf v
			publish old v
		fi
		run_status 8 traced -e trace="${failure%%:*}" -e inject="$failure" "$DIMC" compile -j1 new -o v
		grep -q INJECTED trace.log
		contains "$err" 'published, but'
		contains "$err" 'Input/output error'
		contains "$out" "published generation ${second:0:16}"
		is_generation v consciousness "$second"
		publish new v
		contains "$out" 'up to date'
		settled v
		is_generation v consciousness "$second"
		is_generation v .previous "$first"
	done
}

@test "a rollback whose sync fails is status 8, and done" {
	need_trace
	make_volume
	first=$(generation v)
	publish new v
	second=$(generation v)
	run_status 8 traced -e trace=fsync -e inject=fsync:error=EIO "$DIMC" --log log rollback v
	contains "$err" 'published, but'
	contains "$out" "${first:0:16}"
	contains "$(cat log)" '"changed": true'
	contains "$(cat log)" '"exit": 8'
	is_generation v consciousness "$first"
	is_generation v .previous "$second"
}

@test "short writes and interrupted calls are not errors" {
	need_trace
	make_volume
	publish new w
	for call in write read; do
		rm -rf v
		publish old v
		run_status 0 traced -P "$(pwd -P)/v/.next/D01/region.mmap" -P "$(pwd -P)/new/D01-emotion/010-joy.yaml" -e trace=$call \
			-e inject=$call:error=EINTR:when=1+2 "$DIMC" compile -j1 new -o v
		grep -q INJECTED trace.log
		is_generation v consciousness "$(generation w)"
	done
}

# --- layer files -----------------------------------------------------------------------------------------------------

@test "--layer-files adds every layer as a plain file, and a compile without it removes them" {
	make_sources sources
	printf 'a\0\377b' >sources/D01-emotion/raw.bin
	printf 'layer_id: 30\nfrequency: 1.0\nkeywords: [raw]\ncontent_file: raw.bin\n' >sources/D01-emotion/030-raw.yaml
	publish sources v
	region=$(inode v/consciousness/D01/region.mmap)
	digest=$(generation v)
	run_status 4 "$DIMC" compile sources -o v --layer-files --check
	contains "$out" 'D01 layer files differ'
	publish sources v --layer-files
	contains "$out" 'files: D01 D02'
	same "$(cd v/consciousness && find . -path '*/layers/*' | sort)" \
		"$(printf '%s\n' ./D01/layers/1.txt ./D01/layers/2.txt ./D01/layers/30.bin ./D02/layers/1.txt)"
	cmp v/consciousness/D01/layers/30.bin sources/D01-emotion/raw.bin
	same "$(cat v/consciousness/D01/layers/2.txt)" 'Grief is slow.'
	same "$(inode v/consciousness/D01/region.mmap)" "$region"
	same "$(generation v)" "$digest"
	run_status 0 "$DIMC" verify --strict v
	publish sources v --layer-files
	contains "$out" 'up to date'
	# A change of one dimension links the other's layer files, too.
	kept=$(inode v/consciousness/D02/layers/1.txt)
	change sources
	publish sources v --layer-files
	same "$(cat v/consciousness/D01/layers/1.txt)" 'Joy is brighter.'
	same "$(inode v/consciousness/D02/layers/1.txt)" "$kept"
	publish sources v -d D01
	[[ ! -e v/consciousness/D01/layers && -e v/consciousness/D02/layers ]]
	publish sources v
	contains "$out" 'files: D02'
	same "$(find v/consciousness -name layers)" ''
	run_status 0 "$DIMC" verify --strict v
}

@test "a layer file that was changed is found by verify" {
	make_sources sources
	publish sources v --layer-files
	flip v/consciousness/D01/layers/2.txt 3
	run_status 5 "$DIMC" verify v
	contains "$err" D01/layers/2.txt
}

# --- proto-dimensions ------------------------------------------------------------------------------------------------

make_proto() {
	printf 'dimension_id: 99\nname: Learned\nlayers:\n  - {layer_id: 1, frequency: 1.0, keywords: [a], content: %s}\n' "$2" >"$1"
}

@test "--proto writes proto/NAME.mmap in one step, and readers of the former one keep it" {
	make_proto p.yaml first
	publish p.yaml v --proto run-1
	same "$(names v/proto)" run-1.mmap
	same "$(mode v/proto/run-1.mmap)" 444
	run_status 0 "$DIMC" verify v/proto/run-1.mmap
	run_status 0 "$DIMC" show v/proto/run-1.mmap D99/1
	same "$out" first
	run_status 0 "$DIMC" verify v
	contains "$out" 'nothing published'
	before=$(sha256sum <v/proto/run-1.mmap)
	exec 8<v/proto/run-1.mmap
	make_proto p.yaml second
	publish p.yaml v --proto run-1
	same "$(sha256sum <&8)" "$before"
	exec 8<&-
	run_status 0 "$DIMC" show v/proto/run-1.mmap D99/1
	same "$out" second
	same "$(names v/proto)" run-1.mmap
}

@test "--proto touches no generation and takes a folder, too" {
	make_volume
	everything v/consciousness >before
	publish new/D01-emotion v --proto D01.draft_2
	same "$(everything v/consciousness)" "$(cat before)"
	run_status 0 "$DIMC" verify v/proto/D01.draft_2.mmap
	publish new w
	cmp v/proto/D01.draft_2.mmap w/consciousness/D01/region.mmap
}

@test "--proto refuses names that lead elsewhere, and options that go with a generation" {
	make_proto p.yaml text
	long=$(printf '%0201d' 0)
	for name in '' . .. .hidden ../p a/b /abs 'a b' ä $'a\nb' 'a*' "$long"; do
		run_status 2 "$DIMC" compile p.yaml -o v --proto "$name"
	done
	for option in '-d D99' --check --layer-files; do
		# shellcheck disable=SC2086 # an option and its argument
		run_status 2 "$DIMC" compile p.yaml -o v --proto p $option
	done
	absent v
	publish p.yaml v --proto "${long:1}"
	run_status 0 "$DIMC" compile p.yaml -o v --proto p -n
	contains "$out" 'would write'
	absent v/proto/p.mmap
}

@test "--proto of rejected sources, or on a full disk, leaves the former one and nothing else" {
	make_proto p.yaml text
	publish p.yaml v --proto p
	everything v >before
	printf 'dimension_id: 99\nname: Learned\nlayers: []\n' >bad.yaml
	run_status 1 "$DIMC" compile bad.yaml -o v --proto p
	run_status 1 "$DIMC" compile bad.yaml -o fresh --proto p
	absent fresh
	same "$(everything v)" "$(cat before)"
	need_trace
	make_proto p.yaml other
	for failure in write:error=ENOSPC fsync:error=EIO close:error=EIO; do
		run_status 3 traced -P "$(pwd -P)/v/proto/.p.mmap.new" -e trace="${failure%%:*}" -e inject="$failure" \
			"$DIMC" compile -j1 p.yaml -o v --proto p
		contains "$err" v/proto/p.mmap
		same "$(names v/proto)" p.mmap
	done
	run_status 0 "$DIMC" show v/proto/p.mmap D99/1
	same "$out" text
	# Left by a killed run: replaced.
	echo half >v/proto/.p.mmap.new
	publish p.yaml v --proto p
	same "$(names v/proto)" p.mmap
	run_status 8 traced -e trace=fsync -e inject=fsync:error=EIO:when=2 "$DIMC" compile -j1 p.yaml -o v --proto p
}

# --- init ------------------------------------------------------------------------------------------------------------

@test "init makes 14 empty dimensions, and verify says that nothing is published" {
	run_status 0 "$DIMC" init a/v
	same "$(cd a/v && find . -mindepth 1 ! -name .lock | LC_ALL=C sort)" "$(
		printf '%s\n' ./.gitignore ./README.md ./consciousness
		printf './consciousness/D%02d\n' {1..14}
		printf '%s\n' ./proto ./temp
	)"
	run_status 0 "$DIMC" verify a/v
	contains "$out" 'nothing published'
	run_status 0 "$DIMC" verify --strict a/v
	run_status 9 "$DIMC" info a/v
	everything a/v >before
	run_status 0 "$DIMC" init a/v
	contains "$out" already
	same "$(everything a/v)" "$(cat before)"
}

@test "init on a published volume changes nothing" {
	make_volume
	everything v >before
	run_status 0 "$DIMC" init v
	contains "$out" already
	same "$(everything v)" "$(cat before)"
}

@test "init makes what is missing and leaves the rest" {
	mkdir -p v/consciousness/D03
	echo mine >v/README.md
	run_status 0 "$DIMC" init v
	same "$(cat v/README.md)" mine
	[[ -d v/consciousness/D14 && -d v/proto && -d v/temp && -f v/.gitignore ]]
	run_status 0 "$DIMC" init
	[[ -d data/mmap/consciousness/D01 ]]
	touch file
	run_status 3 "$DIMC" init file
	contains "$err" file
}

@test "git keeps of a volume the description alone" {
	need git
	make_volume
	publish new v
	git init -q .
	same "$(git status --porcelain -uall v | sort)" "$(printf '?? v/.gitignore\n?? v/README.md')"
}

# --- clean -----------------------------------------------------------------------------------------------------------

@test "clean empties temp/ and follows no link" {
	make_volume
	mkdir -p outside v/temp/a/b
	echo precious >outside/file
	touch v/temp/a/b/c v/temp/.hidden 'v/temp/two words' $'v/temp/new\nline' v/temp/-rf v/proto/p.mmap
	ln -s "$PWD/outside" v/temp/link
	ln -s "$PWD/outside/file" v/temp/a/link
	ln -s "$PWD/outside" v/temp/a/b/link
	ln -s nowhere v/temp/dangling
	mkfifo v/temp/fifo
	everything v/consciousness >before
	everything v/temp >temp
	run_status 0 "$DIMC" clean v -n
	contains "$out" 'would remove'
	same "$(everything v/temp)" "$(cat temp)"
	run_status 0 "$DIMC" clean v
	contains "$out" '8 entries'
	same "$(names v/temp)" ''
	same "$(cat outside/file)" precious
	[[ -f v/proto/p.mmap ]]
	same "$(everything v/consciousness)" "$(cat before)"
	run_status 0 "$DIMC" clean v
	contains "$out" '0 entries'
	rm -r v/temp
	run_status 0 "$DIMC" clean v
	ln -s "$PWD/outside" v/temp
	"$DIMC" clean v || true
	same "$(cat outside/file)" precious
	run_status 9 "$DIMC" clean nowhere
}

@test "clean removes also a tree that is deeper than any of ours" {
	make_volume
	mkdir -p "v/temp/$(printf 'd/%.0s' {1..200})"
	run_status 0 "$DIMC" clean v
	same "$(names v/temp)" ''
}

@test "clean --proto removes old proto-dimensions, by default those of seven days" {
	make_volume
	old_and_new() {
		rm -rf v/proto/*
		touch v/proto/new.mmap v/proto/notes.txt
		touch -d '6 days ago' v/proto/six.mmap
		touch -d '8 days ago' v/proto/eight.mmap v/proto/old.txt v/proto/.killed.mmap.new v/proto/dots.mmap.mmap
	}
	old_and_new
	run_status 0 "$DIMC" clean v
	same "$(names v/proto)" "$(printf '%s\n' .killed.mmap.new dots.mmap.mmap eight.mmap new.mmap notes.txt old.txt six.mmap)"
	run_status 0 "$DIMC" clean v --proto --dry-run
	contains "$out" eight.mmap
	lacks "$out" six.mmap
	[[ -f v/proto/eight.mmap ]]
	run_status 0 "$DIMC" clean v --proto
	same "$(names v/proto)" "$(printf '%s\n' new.mmap notes.txt old.txt six.mmap)"
	old_and_new
	run_status 0 "$DIMC" clean v --proto --older-than=1
	same "$(names v/proto)" "$(printf '%s\n' new.mmap notes.txt old.txt)"
	run_status 0 "$DIMC" clean v --proto --older-than 0
	same "$(names v/proto)" "$(printf '%s\n' notes.txt old.txt)"
	for days in -1 x 1.5 '' 36501; do
		run_status 2 "$DIMC" clean v --proto --older-than="$days"
	done
}

# --- the log ---------------------------------------------------------------------------------------------------------

# json FILE: every line is one JSON document.
json() {
	if command -v jq >/dev/null 2>&1; then
		same "$(jq -c 'select(type == "object")' "$1" | wc -l)" "$(wc -l <"$1")"
	elif command -v python3 >/dev/null 2>&1; then
		python3 -c 'import json, sys; [json.loads(line) for line in open(sys.argv[1])]' "$1"
	else
		skip 'neither jq nor python3 here'
	fi
}

@test "--log appends one JSON line for every command that may change a volume" {
	make_sources sources
	mkdir 'a "b'
	lines() {
		same "$(wc -l <log)" "$1"
		last=$(tail -n 1 log)
		contains "$last" '"time": "20'
		contains "$last" "\"command\": \"$2\""
		contains "$last" "\"changed\": $3"
		contains "$last" "\"exit\": $4"
		contains "$last" '"volume": "a \"b/v"'
	}
	run_status 0 "$DIMC" --log log init 'a "b/v'
	lines 1 init true 0
	run_status 0 "$DIMC" compile sources -o 'a "b/v' --log log
	lines 2 compile true 0
	digest=$(generation 'a "b/v')
	contains "$last" "\"generation\": \"sha256:$digest\""
	lacks "$last" previous
	run_status 0 "$DIMC" compile sources -o 'a "b/v' --log=log
	lines 3 compile false 0
	change sources
	run_status 0 "$DIMC" compile sources -o 'a "b/v' --log log -q
	lines 4 compile true 0
	contains "$last" "\"previous\": \"sha256:$digest\""
	run_status 0 "$DIMC" rollback 'a "b/v' --log log
	lines 5 rollback true 0
	contains "$last" "\"generation\": \"sha256:$digest\""
	run_status 0 "$DIMC" clean 'a "b/v' --log log
	lines 6 clean false 0
	touch 'a "b/v/temp/x'
	run_status 0 "$DIMC" clean 'a "b/v' --log log
	lines 7 clean true 0
	make_proto p.yaml text
	run_status 0 "$DIMC" compile p.yaml --proto p -o 'a "b/v' --log log
	lines 8 compile true 0
	make_layer sources/D02-cognition/020-bad.yaml 0 -1 '' ''
	run_status 1 "$DIMC" compile sources -o 'a "b/v' --log log
	lines 9 compile false 1
	rm -r 'a "b/v/.previous'
	run_status 9 "$DIMC" rollback 'a "b/v' --log log
	lines 10 rollback false 9
	json log
}

@test "--log writes nothing about what cannot change anything" {
	make_volume
	for command in 'verify v' 'info v' 'show v D01/1' 'find v joy' 'check old' 'compile new -o v -n' 'clean v -n'; do
		# shellcheck disable=SC2086 # a command line
		run_status 0 "$DIMC" --log log $command
	done
	run_status 4 "$DIMC" --log log compile new -o v --check
	same "$(cat log 2>/dev/null)" ''
}

@test "a log that cannot be opened stops the command before it changes anything" {
	make_volume
	everything v >before
	run_status 3 "$DIMC" compile new -o v --log nowhere/log
	contains "$err" nowhere/log
	same "$(everything v)" "$(cat before)"
}

# --- settings --------------------------------------------------------------------------------------------------------

@test "the volume is -o, else MMAP_BASE_PATH from the environment, else from .env, else data/mmap" {
	make_sources sources
	run_status 0 "$DIMC" compile sources
	[[ -f data/mmap/consciousness/manifest.json ]]
	printf '# settings\nexport MMAP_BASE_PATH="from file" # spaces\nMMAP_MAX_SIZE=1000000\n' >.env
	run_status 0 "$DIMC" compile sources
	[[ -f 'from file/consciousness/manifest.json' ]]
	MMAP_BASE_PATH=from-environment run_status 0 "$DIMC" compile sources
	[[ -f from-environment/consciousness/manifest.json ]]
	MMAP_BASE_PATH=unused run_status 0 "$DIMC" compile sources -o option
	[[ -f option/consciousness/manifest.json ]]
	absent unused
	MMAP_BASE_PATH='' run_status 0 "$DIMC" verify
	contains "$out" 'from file'
	for command in info verify rollback clean init; do
		MMAP_BASE_PATH=option "$DIMC" $command >out 2>err || [[ $command = rollback ]]
		contains "$(cat out err)" option
	done
	mkdir elsewhere
	printf 'MMAP_BASE_PATH=there\n' >elsewhere/.env
	run_status 0 "$DIMC" -C elsewhere compile ../sources
	[[ -f elsewhere/there/consciousness/manifest.json ]]
}

@test ".env: quotes, comments, blanks, CR LF, and the last line counts" {
	for line in 'MMAP_BASE_PATH=w' "MMAP_BASE_PATH='w'" 'MMAP_BASE_PATH="w" # why' '  MMAP_BASE_PATH=w  ' 'MMAP_BASE_PATH=w # why' \
		$'MMAP_BASE_PATH=w\r' $'MMAP_BASE_PATH=x\nMMAP_BASE_PATH=w' $'#MMAP_BASE_PATH=x\nMMAP_BASE_PATH=w\n#MMAP_BASE_PATH=y' \
		$'XMMAP_BASE_PATH=x\nMMAP_BASE_PATH=w\nMMAP_BASE_PATH_2=y'; do
		rm -rf w
		printf '%s\n' "$line" >.env
		run_status 0 "$DIMC" init
		[[ -d w/consciousness ]] || {
			printf 'not understood: %s\n' "$line"
			return 1
		}
	done
	printf 'MMAP_BASE_PATH=last' >.env
	run_status 0 "$DIMC" init
	[[ -d last ]]
	rm .env
	mkdir .env # a directory is no settings file
	run_status 0 "$DIMC" init w2
}

@test "the environment's sizes go before those of .env" {
	make_sources sources
	printf 'MMAP_MAX_SIZE=4096\n' >.env
	run_status 1 "$DIMC" compile sources -o v
	contains "$err" MMAP_MAX_SIZE
	absent v
	MMAP_MAX_SIZE=65536 MMAP_INITIAL_SIZE=65536 publish sources v
	same "$(stat -c %s v/consciousness/D01/region.mmap)" 65536
}

@test "an initial size over the maximum, and sizes and times that are no numbers, are usage errors that name the variable" {
	make_volume
	everything v >before
	for command in 'compile new -o v' 'verify v' 'info v' 'init v' 'check new'; do
		# shellcheck disable=SC2086 # a command line
		MMAP_INITIAL_SIZE=8193 MMAP_MAX_SIZE=8192 run_status 2 "$DIMC" $command
		contains "$err" MMAP_INITIAL_SIZE
		contains "$err" MMAP_MAX_SIZE
	done
	MMAP_INITIAL_SIZE=10485761 run_status 2 "$DIMC" compile new -o v
	for value in x -1 1k 0x1000 1e6 '1 2' ' 1' 1.0 9223372036854775808 99999999999999999999999; do
		MMAP_MAX_SIZE=$value run_status 2 "$DIMC" compile new -o v
		contains "$err" MMAP_MAX_SIZE
		MMAP_INITIAL_SIZE=$value run_status 2 "$DIMC" compile new -o v
		contains "$err" MMAP_INITIAL_SIZE
	done
	MMAP_MAX_SIZE=0 run_status 2 "$DIMC" compile new -o v
	for value in x -1 1.5 253402300800; do
		SOURCE_DATE_EPOCH=$value run_status 2 "$DIMC" compile new -o v
		contains "$err" SOURCE_DATE_EPOCH
	done
	printf 'MMAP_INITIAL_SIZE=2\nMMAP_MAX_SIZE=1\n' >.env
	run_status 2 "$DIMC" compile new -o v
	rm .env
	same "$(everything v)" "$(cat before)"
}

# --- paths and users -------------------------------------------------------------------------------------------------

@test "volumes and sources may have spaces and other oddities in their paths" {
	odd=$'an odd "path"\'s $HOME `*` \\ ü'
	make_sources "$odd/s r c"
	publish "$odd/s r c" "$odd/v o l"
	publish "./$odd/s r c/" "$odd/v o l/"
	contains "$out" 'up to date'
	change "$odd/s r c"
	publish "$PWD/$odd/s r c" "$PWD/$odd/v o l"
	contains "$out" changed
	run_status 0 "$DIMC" verify --strict "$odd/v o l"
	run_status 0 "$DIMC" info "$odd/v o l"
	run_status 0 "$DIMC" rollback "$odd/v o l"
	run_status 0 "$DIMC" clean "$odd/v o l"
	make_sources ./-dash
	run_status 0 "$DIMC" compile -o -volume -- -dash
	[[ -f ./-volume/consciousness/manifest.json ]]
}

@test "a volume may be reached through a symbolic link" {
	make_volume
	ln -s v link
	publish new link
	run_status 0 "$DIMC" verify --strict link
	settled v
}

# as_nobody COMMAND...: as a user without rights. Only the working directory is open to it, by relative paths.
as_nobody() {
	if [[ $(id -u) != 0 ]]; then
		"$@"
	elif command -v setpriv >/dev/null 2>&1; then
		setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"
	else
		# shellcheck disable=SC2016 # for that shell to expand
		su -s /bin/sh nobody -c '"$0" "$@"' -- "$@"
	fi
}

# make_open: the working directory, and the program in it, for any user.
make_open() {
	if [[ $(id -u) = 0 ]]; then
		command -v setpriv >/dev/null 2>&1 || command -v su >/dev/null 2>&1 || skip 'root, and neither setpriv nor su here'
	fi
	cp "$DIMC" ./dimc
	chmod 777 .
	as_nobody ./dimc --version >/dev/null 2>&1 || skip 'another user cannot run a program in this directory'
}

@test "a user without rights publishes, rolls back and cleans" {
	make_open
	make_sources sources
	as_nobody ./dimc compile -q sources -o v
	change sources
	as_nobody ./dimc compile -q sources -o v --layer-files
	as_nobody ./dimc rollback -q v
	as_nobody ./dimc clean -q v
	run_status 0 as_nobody ./dimc verify --strict v
	settled v
}

@test "a user who may not write is told so, status 3, and still reads" {
	make_open
	make_volume
	everything v >before
	if [[ $(id -u) != 0 ]]; then
		chmod 555 v
		chmod 444 v/.lock
	fi
	for command in 'compile new -o v' 'rollback v' 'clean v' 'init v/sub' 'compile new -o v/sub'; do
		# shellcheck disable=SC2086 # a command line
		run_status 3 as_nobody ./dimc $command
		contains "$err" 'Permission denied'
	done
	for command in 'verify v' 'info v' 'show v D01/1' 'compile new -o v -n'; do
		# shellcheck disable=SC2086 # a command line
		run_status 0 as_nobody ./dimc $command
	done
	chmod 755 v
	chmod 644 v/.lock
	same "$(everything v | grep -v '^\./\.lock\|^\. ')" "$(grep -v '^\./\.lock\|^\. ' before)"
}

@test "who may write a volume of another user publishes into it" {
	[[ $(id -u) = 0 ]] || skip 'not root, so there is only one user'
	make_open
	make_volume
	chmod 777 v
	chmod o+w v/.lock v/.cache
	run_status 0 as_nobody ./dimc compile -q new -o v
	run_status 0 "$DIMC" verify --strict v
	cmp v/consciousness/D02/region.mmap v/.previous/D02/region.mmap
	same "$(mode v/consciousness/D02/region.mmap)" 444
}

# --- readers ---------------------------------------------------------------------------------------------------------

@test "a reader that stood still while its generation was replaced twice reads the present one" {
	need_trace
	make_volume
	first=$(generation v)
	"$DIMC" bundle -q v -o part.tar.gz -d D01
	here=$(pwd -P)
	while IFS='|' read -r command call path; do
		# shellcheck disable=SC2086 # a command line
		stopped -P "$path" -e trace="$call" -e inject="$call:signal=STOP:when=1" -- "$DIMC" $command
		publish new v
		publish old v
		resume
		printf '%s, stopped at %s of %s: status %s\n%s\n%s\n' "$command" "$call" "$path" "$status" "$out" "$err"
		same "$status" 0
		lacks "$out" 'nothing published'
		if [[ $command = verify* || $command = info* || $command = bundle* || $command = restore* ]]; then
			contains "$out" "generation ${first:0:16}"
		fi
	done <<-END
		verify --strict v|openat|v/consciousness
		verify --strict v|getdents64|$here/v/consciousness
		info v|openat|consciousness
		info v|getdents64|$here/v/consciousness
		show v D02/1|openat|consciousness
		show v D02/1|getdents64|$here/v/consciousness
		find v attention|openat|consciousness
		find v attention|getdents64|$here/v/consciousness
		compile old -o v --check|openat|consciousness
		compile old -o v --check|getdents64|$here/v/consciousness
		bundle v -o x.tar.gz|openat|consciousness
		bundle v -o x.tar.gz|getdents64|$here/v/consciousness
		bundle v/consciousness -o x.tar.gz|getdents64|$here/v/consciousness
		restore part.tar.gz -o v -n|openat|consciousness
		restore part.tar.gz -o v -n|getdents64|$here/v/consciousness
	END
}

@test "without exchange a reader that looked before the second rename, and then after it, finds the generation" {
	need_trace
	make_volume
	first=$(generation v)
	"$DIMC" bundle -q v -o part.tar.gz -d D01
	for command in 'info v' 'bundle v -o x.tar.gz' 'restore part.tar.gz -o v -n'; do
		mv v/consciousness v/.next
		# shellcheck disable=SC2086 # a command line
		stopped -P consciousness -e trace=faccessat,faccessat2 -e inject=faccessat,faccessat2:signal=STOP:when=1 -- "$DIMC" $command
		mv v/.next v/consciousness
		resume
		printf '%s: status %s\n%s\n%s\n' "$command" "$status" "$out" "$err"
		same "$status" 0
		contains "$out" "generation ${first:0:16}"
	done
}

@test "without exchange readers wait out the moment in which nothing is published" {
	need_trace
	make_volume
	publish new w
	first=$(generation v)
	second=$(generation w)
	bpf=()
	(
		for sources in new old new old new old; do
			traced -e trace=renameat,renameat2 -e inject=renameat2:error=EINVAL -e inject=renameat:delay_exit=20000:when=1 \
				"$DIMC" compile -q -j1 --no-sync $sources -o v
		done
	) 3>&- &
	publisher=$!
	ends_with_test "$publisher"
	while kill -0 "$publisher" 2>/dev/null; do
		for command in 'verify --strict v' 'info v' 'show v D02/1' 'find v attention'; do
			# shellcheck disable=SC2086 # a command line
			run_status 0 "$DIMC" $command
			if [[ $command = verify* || $command = info* ]]; then
				[[ $out = *"generation ${first:0:16}"* || $out = *"generation ${second:0:16}"* ]]
			fi
		done
	done
	wait "$publisher"
}
