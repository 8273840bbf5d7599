# recall.bats: incremental builds: what was not touched is not read, and nothing else can tell. Tests compare with a compile that
# knows nothing.

# shellcheck disable=SC2154 # out and err are set by run_status

load lib

# settle: lets the clock of files go on, so that what was written until now is believed to be as old as it is.
settle() {
	sleep 0.05
}

# compile VOLUME OPTION...: what it published and what it said, without the time it took.
compile() {
	local got=0
	"$DIMC" compile sources -o "$1" --no-sync "${@:2}" >.out 2>.err || got=$?
	printf 'status %s\n%s\n' "$got" "$(<.err)"
	[[ $got -ne 0 ]] || grep -o '^ *"generation": .*' "$1/consciousness/manifest.json"
}

# opened COMMAND...: how many source files it opens.
opened() {
	need strace
	strace -f -o .trace -e trace=openat "$@" >/dev/null 2>&1
	grep -c '\.yaml"' .trace || true
}

# agree: a compile into v, which remembers, and one into a volume that is new; fails where they differ.
agree() {
	local known fresh
	rm -rf fresh
	known=$(compile v "$@")
	fresh=$(compile fresh "$@")
	if [[ $known != "$fresh" ]]; then
		printf '%s\n--- but fresh\n%s\n' "$known" "$fresh"
		return 1
	fi
	if [[ $fresh = 'status 0'* ]]; then
		diff -r -x '*.json' v/consciousness fresh/consciousness
	fi
}

# make_known: sources, published and remembered.
make_known() {
	make_sources sources
	settle
	compile v >/dev/null
	[[ -s v/.cache/sources ]]
}

@test "a compile of what nobody touched opens no source, and says the same" {
	make_known
	run_status 0 "$DIMC" compile sources -o v
	contains "$out" 'up to date'
	[[ $(opened "$DIMC" compile sources -o v) -eq 0 ]]
	run_status 0 "$DIMC" compile sources -o v --check
	[[ $(opened "$DIMC" compile sources -o v --check) -eq 0 ]]
	[[ $(opened "$DIMC" compile sources -o v -n) -eq 0 ]]
}

@test "of what was touched, its dimension alone is read" {
	make_known
	make_layer sources/D01-emotion/010-joy.yaml 1 1.5 'joy, feeling' 'Joy is bright and warm.'
	settle
	[[ $(opened "$DIMC" compile sources -o v) -eq 3 ]]
	[[ $(opened "$DIMC" compile sources -o v) -eq 0 ]]
	agree
}

@test "whatever changes a source is seen: its bytes under the same size and time, its name, its link, its folder" {
	make_known
	mkdir sources/D02-cognition/texts elsewhere
	printf 'What it says here.\n' >sources/D02-cognition/texts/long.txt
	printf 'layer_id: 2\nfrequency: 3.0\nkeywords: [text]\ncontent_file: texts/long.txt\n' >sources/D02-cognition/020-text.yaml
	make_layer elsewhere/a.yaml 3 4.0 'memory' 'The first of two, elsewhere.'
	make_layer elsewhere/b.yaml 3 4.0 'memory' 'The other of two, elsewhere.'
	ln -s ../../elsewhere/a.yaml sources/D02-cognition/030-link.yaml
	settle
	agree
	[[ $(opened "$DIMC" compile sources -o v) -eq 0 ]]
	local change
	for change in \
		'touch -r sources/D01-emotion/010-joy.yaml t; sed -i s/bright/blight/ sources/D01-emotion/010-joy.yaml; touch -r t sources/D01-emotion/010-joy.yaml' \
		'touch -r sources/D01-emotion/010-joy.yaml t; printf X | dd of=sources/D01-emotion/010-joy.yaml bs=1 seek=70 conv=notrunc status=none; touch -r t sources/D01-emotion/010-joy.yaml' \
		'printf "What is said here.\n" >sources/D02-cognition/texts/long.txt' \
		'mv sources/D02-cognition/texts t.texts; mkdir sources/D02-cognition/texts; printf "All of it is new now.\n" >sources/D02-cognition/texts/long.txt' \
		'ln -sf ../../elsewhere/b.yaml sources/D02-cognition/030-link.yaml' \
		'sed -i s/other/second/ elsewhere/b.yaml' \
		'mv sources/D01-emotion/020-grief.yaml sources/D01-emotion/005-grief.yaml' \
		'make_layer sources/D01-emotion/040-calm.yaml 9 1.0 calm "Calm is wide and slow."' \
		'rm sources/D01-emotion/040-calm.yaml' \
		'sed -i s/Cognition/Thinking/ sources/D02-cognition/dimension.yaml' \
		'mv sources/D02-cognition sources/D02-thinking' \
		'make_dimension sources/D07-new 7 New; make_layer sources/D07-new/1.yaml 1 1.0 new "A dimension that is new."' \
		'rm -r sources/D07-new' \
		'mkdir sources/D01-emotion/drafts; echo "a: b" >sources/D01-emotion/drafts/x.yaml' \
		'rm sources/D01-emotion/drafts/x.yaml' \
		'echo "a: b" >sources/D01-emotion/drafts/y.yaml' \
		'rm -r sources/D01-emotion/drafts' \
		'echo "a: b" >sources/D01-emotion/z.YAML' \
		'rm sources/D01-emotion/z.YAML' \
		'echo "layer_id: [" >sources/D01-emotion/broken.yaml' \
		'rm sources/D01-emotion/broken.yaml'; do
		echo "$change"
		eval "$change"
		agree
		settle
		agree
		agree
	done
}

@test "what changed within a tick of the clock before it was read is read again, since it may change once more unseen" {
	need_plain_library
	make_known
	cat >clock.c <<-'END'
		#define _GNU_SOURCE
		#include <stdlib.h>
		#include <sys/syscall.h>
		#include <time.h>
		#include <unistd.h>
		/* The clock of files, as AT says it, in milliseconds. */
		int clock_gettime(clockid_t id, struct timespec *ret)
		{
			const char *at = getenv("AT");
			if (id == CLOCK_REALTIME_COARSE && at != NULL) {
				ret->tv_sec = atoll(at) / 1000;
				ret->tv_nsec = atoll(at) % 1000 * 1000000;
				return 0;
			}
			return (int)syscall(SYS_clock_gettime, id, ret);
		}
	END
	${CC:-cc} -shared -fPIC -o clock.so clock.c
	local later changed
	for later in 0 5 15 30 1000; do
		rm -r v
		touch sources/D01-emotion/*
		settle
		changed=$(stat -c %.3Z sources/D01-emotion/020-grief.yaml)
		AT=$((${changed/./} + later)) LD_PRELOAD=$PWD/clock.so "$DIMC" compile sources -o v --no-sync >/dev/null
		if [[ $later -le 15 ]]; then
			[[ $(opened "$DIMC" compile sources -o v) -eq 3 ]]
		else
			[[ $(opened "$DIMC" compile sources -o v) -eq 0 ]]
		fi
	done
}

@test "other options, settings and sources know nothing of each other" {
	make_known
	local options
	for options in '' --layout=packed '' '--align 8192' --layer-files '' -Werror -Wno-all ''; do
		# shellcheck disable=SC2086
		agree $options
	done
	MMAP_INITIAL_SIZE=300000 agree
	rm -rf v
	agree
	cp -r sources other
	sed -i 's/bright/dark/' other/D01-emotion/010-joy.yaml
	mv sources first
	mv other sources
	agree
	rm -r sources
	mv first sources
	agree
}

@test "what is published decides, too: a rollback, damage, a lost .cache, another generation" {
	make_known
	make_layer sources/D01-emotion/010-joy.yaml 1 1.5 'joy, feeling' 'Joy is bright and warm.'
	settle
	agree
	run_status 0 "$DIMC" rollback v
	agree
	chmod u+w v/consciousness/D02/region.mmap
	flip v/consciousness/D02/region.mmap 300
	agree
	run_status 0 "$DIMC" verify v
	rm -r v/consciousness/D01
	agree
	run_status 0 "$DIMC" verify v
	rm -r v/.cache
	agree
	rm -rf v
	agree
}

@test "a .cache/sources of any bytes is believed only where it is whole" {
	make_known
	local size i
	size=$(stat -c %s v/.cache/sources)
	cp v/.cache/sources whole
	for ((i = 0; i < size; i += 7)); do
		cp whole v/.cache/sources
		flip v/.cache/sources "$i"
		run_status 0 "$DIMC" compile sources -o v --no-sync
		contains "$out" 'up to date'
	done
	for i in 0 1 50 "$((size / 2))" "$((size - 1))"; do
		head -c "$i" whole >v/.cache/sources
		agree
	done
	head -c 100000 /dev/urandom >v/.cache/sources
	agree
	rm v/.cache/sources
	mkfifo v/.cache/sources
	agree
}

@test "a dimension with a warning is told again in every run; one that is new beside an old one, too" {
	make_known
	make_layer sources/D01-emotion/010-joy.yaml 1 1.5 'joy, feeling' 'Joy.'
	settle
	compile v >.first
	contains "$(cat .first)" text-short
	[[ $(compile v) = "$(cat .first)" ]]
	agree
	make_layer sources/D01-emotion/010-joy.yaml 1 1.5 'joy, attentions' 'Joy is bright.'
	settle
	compile v >.first
	contains "$(cat .first)" keyword-similar
	[[ $(compile v) = "$(cat .first)" ]]
	agree
	make_layer sources/D01-emotion/010-joy.yaml 1 1.5 'joy, feeling' 'Attention is here.'
	settle
	compile v >.first
	contains "$(cat .first)" layer-duplicate
	[[ $(compile v) = "$(cat .first)" ]]
	agree
}

@test "of more layers than are kept in memory, the same warnings come" {
	make_dimension sources/D01-many 1 Many
	awk 'BEGIN {
		print "layers:"
		for (id = 1; id <= 20100; id++)
			printf "  - {layer_id: %d, frequency: 1.5, keywords: [number%d], content: The layer %d of %d}\n", id, id % 97, id, id * 7919
	}' >sources/D01-many/all.yaml
	make_dimension sources/D02-few 2 Few
	make_layer sources/D02-few/1.yaml 1 1.5 attention 'Attention is here.'
	settle
	export MMAP_MAX_SIZE=200000000
	agree
	run_status 0 "$DIMC" compile sources -o again --no-sync
	lacks "$err" warning
	make_layer sources/D02-few/2.yaml 2 1.5 atention 'What is it about?'
	settle
	run_status 0 "$DIMC" check sources
	contains "$err" keyword-similar
	grep -v 'nothing is wrong' <<<"$err" >want
	run_status 0 "$DIMC" compile sources -o new --no-sync
	diff want <(printf '%s\n' "$err")
	run_status 0 "$DIMC" compile sources -o again --no-sync
	diff want <(printf '%s\n' "$err")
}

@test "a slip that stands in three dimensions is told where it stays, after it was mended where it was told" {
	local d
	make_dimension sources/D01-a 1 A
	for d in 1 2 3; do make_layer sources/D01-a/$d.yaml $d 1.5 emotion "What layer $d says of it."; done
	for d in 2 3 4; do
		make_dimension "sources/D0$d-b" "$d" B
		make_layer "sources/D0$d-b/1.yaml" 1 1.5 emotoin "Another text, the one of D0$d."
	done
	settle
	agree
	contains "$(cat .err)" D02-b
	make_layer sources/D02-b/1.yaml 1 1.5 emotion 'Another text, the one of D02.'
	settle
	agree
	contains "$(cat .err)" D03-b
	rm -r sources/D03-b
	agree
	contains "$(cat .err)" D04-b
	make_layer sources/D04-b/1.yaml 1 1.5 emotion 'Another text, the one of D04.'
	settle
	agree
	lacks "$(cat .err)" warning
	agree
}

@test "beside an error the same warnings are told, with any number of threads" {
	local jobs
	make_sources sources
	make_layer sources/D01-emotion/030.yaml 3 1.5 emotion 'What else there is to be said.'
	settle
	agree
	printf 'layer_id: 9\nfrequncy: 1.5\nkeywords: [x]\ncontent: What is it?\n' >sources/D02-cognition/090.yaml
	make_layer sources/D02-cognition/091.yaml 11 1.5 'emotoin' 'What else is wrong with it.'
	settle
	for jobs in 1 2 4; do
		agree -j $jobs
		contains "$(cat .err)" keyword-similar
	done
}

@test "a folder that was exchanged while it was read is looked at again" {
	need strace
	export ASAN_OPTIONS=detect_leaks=0 # a leak sanitizer cannot look while strace does
	mkdir -p sources versions
	make_dimension versions/1 1 One
	make_layer versions/1/1.yaml 1 1.5 joy 'The first text of it.'
	cp -al versions/1 versions/2
	make_layer versions/2/2.yaml 2 1.5 grief 'The second text of it.'
	ln -s ../versions/1 sources/D01-one
	settle
	# Every file is read 0.3 s later than its folder was listed.
	strace -f -o /dev/null -e trace=newfstatat,fstat -e inject=getdents64:delay_exit=300000 \
		"$DIMC" compile sources -o v --no-sync -j1 >/dev/null &
	sleep 0.75
	ln -sfn ../versions/2 sources/D01-one
	wait $!
	agree
}

@test "a subfolder that could not be looked into is looked into when it can be" {
	need_modes
	make_sources sources
	mkdir sources/D01-emotion/sub
	printf 'a: b\n' >sources/D01-emotion/sub/x.yaml
	chmod 000 sources/D01-emotion/sub
	chmod 777 . sources
	settle
	run_status 0 as_author "$DIMC" compile sources -o v --no-sync
	chmod 755 sources/D01-emotion/sub
	run_status 1 as_author "$DIMC" compile sources -o v --no-sync
	contains "$err" file-ignored
}

@test "few descriptors are enough for many dimensions" {
	local d
	for ((d = 1; d <= 60; d++)); do
		make_dimension "sources/D$d" "$d" "N$d"
		printf 'layer_id: 1\nfrequency: 1.5\nkeywords: [n%d]\ncontent_file: text\n' "$d" >"sources/D$d/1.yaml"
		head -c 150000 /dev/zero | tr '\0' "a" >"sources/D$d/text"
	done
	run_status 0 bash -c "ulimit -n 48; exec '$DIMC' compile sources -o v --no-sync -j4 -q -Wno-all"
	run_status 0 "$DIMC" verify v
}

@test "sizes in .cache/sources that lead nowhere, and a folder in its place, cost time and nothing else" {
	need python3
	make_known
	python3 - <<-'END'
		import struct
		path = 'v/.cache/sources'
		head = bytearray(open(path, 'rb').read(80))
		for counts in ((2**57, 2**57, 2**64 - 2**40), (1, 1, 2**42), (2**63, 0, 1), (0, 0, 2**64 - 1)):
		    data = bytearray(head)
		    struct.pack_into('<QQQ', data, 48, *counts)
		    open(path + str(counts[2]), 'wb').write(data)
	END
	local file
	for file in v/.cache/sources?*; do
		mv "$file" v/.cache/sources
		truncate -s 3G v/.cache/sources
		run_status 0 "$DIMC" compile sources -o v --no-sync
		contains "$out" 'up to date'
	done
	rm v/.cache/sources
	mkdir -p v/.cache/sources/in-the-way
	run_status 0 "$DIMC" compile sources -o v --no-sync
	contains "$err" 'cannot write v/.cache/sources'
	[[ ! -e v/.cache/sources.new ]]
}

@test "a depfile and the summary of what was not read are those of what was" {
	make_known
	mkdir sources/D02-cognition/texts
	printf 'What it says here.\n' >sources/D02-cognition/texts/long.txt
	printf 'layer_id: 2\nfrequency: 3.0\nkeywords: [text]\ncontent_file: texts/long.txt\n' >sources/D02-cognition/020-text.yaml
	settle
	run_status 0 "$DIMC" compile sources -o v -MD -MF first.d -MP
	run_status 0 "$DIMC" --json compile sources -o v -MD -MF second.d -MP
	cmp first.d second.d
	printf '%s' "$out" >.second.json
	rm -r v/.cache
	run_status 0 "$DIMC" --json compile sources -o v -MD -MF third.d -MP
	cmp first.d third.d
	diff <(grep -v seconds .second.json) <(grep -v seconds <<<"$out")
}

@test "over hundreds of random edits an incremental compile is what a fresh one is, messages and all" {
	local seed=7 step said all dimension id file similar='' alike='' words=(joy delight grief Grief memory sorrow attention atention calm hope fear love trust)
	local texts=('Joy is bright and it stays.' 'joy, is bright; and IT stays' 'Short.') text
	make_sources sources
	make_dimension sources/D03-time 3 Time
	make_layer sources/D03-time/1.yaml 1 1.0 'time' 'Time is what it is today.'
	RANDOM=$seed
	for ((step = 0; step < 150; step++)); do
		all=(sources/D0*)
		dimension=${all[RANDOM % ${#all[@]}]}
		id=$((RANDOM % 4 + 11))
		file=$dimension/$id.yaml
		case $((RANDOM % 8)) in
		0) rm -f "$file" ;;
		1) touch "$dimension/notes.txt" ;;
		2) touch -d '2001-01-01' "$dimension"/*.yaml ;;
		*)
			text="This is what was written in step $step of all."
			[[ $((RANDOM % 6)) -ne 0 ]] || text=${texts[RANDOM % ${#texts[@]}]}
			make_layer "$file" "$id" 1.5 "${words[RANDOM % ${#words[@]}]}" "$text"
			;;
		esac
		[[ $((RANDOM % 3)) -eq 0 ]] || settle
		agree || { echo "step $step"; return 1; }
		said=$(<.err)
		[[ $said != *keyword-similar* ]] || similar+=1
		[[ $said != *layer-* ]] || alike+=1
	done
	echo "# $((${#similar})) steps with similar keywords, ${#alike} with texts that are alike" >&3
	[[ ${#similar} -gt 9 && ${#alike} -gt 9 && ${#similar} -lt 140 && ${#alike} -lt 140 ]]
}
