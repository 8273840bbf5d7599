# determinism.bats: that a generation depends on the sources alone: the same bytes from any directory, path, time zone, locale,
# umask, user, environment, directory order, file time, number of threads and compiler, in both layouts.

# shellcheck disable=SC2154 # out and err are set by run_status

load lib

export SOURCE_DATE_EPOCH=1700000000

# What no volume of the tests is in: removed by teardown.
elsewhere=""

teardown() {
	[[ -z $elsewhere ]] || rm -rf "$elsewhere"
	chmod -R u+rwx "$BATS_TEST_TMPDIR" 2>/dev/null || true
}

# write_sources DIR: something of everything: both layouts, several files and several layers a file, content of other
# places, names that sort differently by locale, numbers with a decimal point, no times but those of the environment.
write_sources() {
	mkdir -p "$1/D01-emotion" "$1/D02-cognition/data" "$1/D10-meta"
	printf 'dimension_id: 1\nname: Gefühl\nfrequency_range: [0.1, 4.5]\n' >"$1/D01-emotion/dimension.yaml"
	printf 'layer_id: 10\ntitle: Ärger\nfrequency: 4.5\nkeywords: [İstanbul, ISTANBUL, istanbul, ıstanbul, z, Z, ä, a]\ncontent: |\n  Anger.\n' \
		>"$1/D01-emotion/B.yaml"
	printf 'layer_id: 3\nfrequency: 0.1\nkeywords: [a b, a-b, a_b, A]\ncontent: "tab\\tand\\u00fc"\n' >"$1/D01-emotion/a.yaml"
	printf 'layer_id: 7\nfrequency: 1e-1\nkeywords: [same frequency]\ncontent: x\n---\nlayer_id: 5\nfrequency: 0.1\nkeywords: [same frequency]\ncontent: y\n' \
		>"$1/D01-emotion/ä.yaml"
	printf 'dimension_id: 2\nname: Cognition\nlayout: packed\n' >"$1/D02-cognition/dimension.yaml"
	printf 'layer_id: 1\nfrequency: 2.5\nkeywords: [raw]\ncontent_file: data/raw.bin\n' >"$1/D02-cognition/010.yaml"
	printf 'layers:\n' >"$1/D02-cognition/020.yaml"
	local n
	for ((n = 2; n <= 40; n++)); do
		printf '  - {layer_id: %d, frequency: %d.25, keywords: [k%d, all, m%d], content: "content %d"}\n' \
			$n $((n % 4 + 1)) $n $((n % 7)) $n
	done >>"$1/D02-cognition/020.yaml"
	bytes_of_all_values >"$1/D02-cognition/data/raw.bin"
	printf 'dimension_id: 10\nname: Meta\nlayers:\n  - {layer_id: 4294967295, frequency: 3.14159, keywords: [last], content: z}\n' \
		>"$1/D10-meta/dimension.yaml"
}

bytes_of_all_values() {
	local n
	for n in {0..255}; do
		printf '%b' "\\x$(printf '%02x' "$n")"
	done
}

# generation VOLUME: every file of the generation, with its digest.
generation() {
	contents "$1/consciousness"
}

# make_first OPTION...: the generation that all others are compared with.
make_first() {
	write_sources sources
	run_status 0 "$DIMC" compile sources -o first --layer-files "$@"
	first=$(generation first)
	(($(wc -l <<<"$first") > 40))
}

# is_first VOLUME WHAT: fails, and shows the files, unless the volume has the same generation.
is_first() {
	if [[ $(generation "$1") != "$first" ]]; then
		printf 'another generation: %s\n' "$2"
		diff <(generation first) <(generation "$1")
		return 1
	fi
	cmp first/consciousness/manifest.json "$1/consciousness/manifest.json"
	environments=$((environments + 1))
}

# compiles WHAT COMMAND...: runs it in an environment; -o v and --layer-files are added.
compiles() {
	rm -rf v
	run_status 0 "${@:2}" -o v --layer-files
	is_first v "$1"
}

@test "the same bytes in many environments" {
	local jobs here
	here=$(pwd -P)
	environments=0
	make_first
	compiles 'a second time' "$DIMC" compile sources
	compiles 'absolute source path' "$DIMC" compile "$here/sources"
	compiles 'roundabout source path' "$DIMC" compile ./sources/../sources/D01-emotion/../
	compiles 'the environment empty' env -i SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH "$DIMC" compile sources
	compiles 'no HOME, other names' env -u HOME USER=x LOGNAME=y HOSTNAME=z SHELL=/bin/false TERM=dumb COLUMNS=10 PWD=/nowhere \
		"$DIMC" compile sources
	compiles 'TZ east' env TZ=Pacific/Kiritimati "$DIMC" compile sources
	compiles 'TZ west' env TZ=XXX+11:30 "$DIMC" compile sources
	compiles 'LC_ALL=C' env LC_ALL=C "$DIMC" compile sources
	compiles 'freed memory that is not zero' env MALLOC_PERTURB_=165 "$DIMC" compile sources
	for jobs in 1 2 3 16 256; do
		compiles "-j$jobs" "$DIMC" compile sources -j$jobs
	done
	compiles '--no-sync' "$DIMC" compile sources --no-sync
	compiles 'no standard streams' bash -c '"$@" <&- >&- 2>&-' -- "$DIMC" compile sources -q

	# Other directories.
	mkdir -p elsewhere "deep/$(printf 'some-directory-%s/' {1..12})"
	rm -rf v
	(cd elsewhere && run_status 0 "$DIMC" compile ../sources -o "$here/v" --layer-files)
	is_first v 'another working directory'
	rm -rf v
	(cd / && run_status 0 "$DIMC" compile "$here/sources" -o "$here/v" --layer-files)
	is_first v 'the root directory'
	run_status 0 "$DIMC" compile sources -o "deep/$(printf 'some-directory-%s/' {1..12})v" --layer-files
	is_first "deep/$(printf 'some-directory-%s/' {1..12})v" 'a deep volume'
	run_status 0 "$DIMC" -C elsewhere compile ../sources -o 'a volume' --layer-files
	is_first 'elsewhere/a volume' 'another volume path'

	# Other copies of the sources.
	cp -r sources "elsewhere/a copy"
	touch -d '1999-12-31 23:59:59' "elsewhere/a copy"/*/*
	compiles 'a copied tree with other times' "$DIMC" compile "elsewhere/a copy"
	mkdir reversed
	find sources -mindepth 1 -printf '%P\n' | LC_ALL=C sort -r | while IFS= read -r path; do
		if [[ -f sources/$path ]]; then
			mkdir -p "reversed/$(dirname "$path")"
			cp "sources/$path" "reversed/$path"
		fi
	done
	touch -d '2030-01-01' reversed/*/dimension.yaml
	chmod -R a-w reversed
	compiles 'files made in reverse order, with other modes' "$DIMC" compile reversed
	chmod -R u+w reversed
	for mask in 000 077; do
		rm -rf v
		(umask $mask && run_status 0 "$DIMC" compile sources -o v --layer-files)
		is_first v "umask $mask"
	done

	# Other histories of the volume.
	rm -rf v
	run_status 0 "$DIMC" compile sources -o v -d D02
	run_status 0 "$DIMC" compile sources -o v -d D01,D10 --layer-files
	run_status 0 "$DIMC" compile sources -o v --layer-files
	is_first v 'published piece by piece'
	printf '# %s environments\n' $environments >&3
	((environments >= 25))
}

@test "the same bytes with the layout and the alignment of the command line" {
	for options in --layout=packed '--layout=page --align=16384'; do
		rm -rf sources first
		environments=0
		# shellcheck disable=SC2086 # options
		make_first $options
		cp -r sources copy
		touch -d '1999-12-31' copy/*/*
		for jobs in 1 16; do
			# shellcheck disable=SC2086 # options
			compiles "$options, -j$jobs" env TZ=Asia/Tokyo "$DIMC" compile "$PWD/copy" -j$jobs $options
		done
		rm -rf copy
	done
}

@test "the same bytes on a file system that lists directories in another order" {
	[[ -d /dev/shm && -w /dev/shm ]] || skip 'no /dev/shm to write to here'
	environments=0
	make_first
	elsewhere=$(mktemp -d /dev/shm/dimc.XXXXXX)
	cp -r sources "$elsewhere/sources"
	compiles 'sources in memory' "$DIMC" compile "$elsewhere/sources"
	run_status 0 "$DIMC" compile sources -o "$elsewhere/v" --layer-files
	is_first "$elsewhere/v" 'a volume in memory'
}

@test "the same bytes under other locales" {
	environments=0
	make_first
	if command -v localedef >/dev/null 2>&1; then
		mkdir locales
		# Where i and I are no pair, and where the decimal point is a comma.
		localedef -i tr_TR -f UTF-8 locales/tr_TR.UTF-8 2>/dev/null || true
		export LOCPATH=$PWD/locales
	fi
	for locale in tr_TR.UTF-8 C.UTF-8 POSIX; do
		compiles "LC_ALL=$locale" env LC_ALL=$locale LANGUAGE=tr "$DIMC" compile sources
	done
}

@test "the same bytes under another clock" {
	environments=0
	make_first
	cat >clock.c <<-'END'
		#include <sys/time.h>
		#include <time.h>
		/* Every clock says the same, 2106 and later: past what 32 bits hold. */
		int clock_gettime(clockid_t id, struct timespec *ret) { (void)id; ret->tv_sec = 4321000000; ret->tv_nsec = 5; return 0; }
		int gettimeofday(struct timeval *restrict ret, void *restrict zone) { (void)zone; ret->tv_sec = 4321000000; ret->tv_usec = 5; return 0; }
		time_t time(time_t *ret) { if (ret) *ret = 4321000000; return 4321000000; }
	END
	"${CC:-cc}" -w -shared -fPIC clock.c -o clock.so
	run_status 0 env LD_PRELOAD="$PWD/clock.so" ASAN_OPTIONS=verify_asan_link_order=0 "$DIMC" --log log compile sources -o v --layer-files
	contains "$(cat log)" '"time": "2106-12-0'
	is_first v 'another clock'
}

@test "the same bytes by another user" {
	[[ $(id -u) = 0 ]] || skip 'not root, so there is only one user'
	need setpriv
	environments=0
	make_first
	cp "$DIMC" ./dimc
	mkdir theirs
	chmod 777 . theirs
	# Relative paths alone: the directories above may be closed to other users.
	setpriv --reuid=65534 --regid=65534 --clear-groups ./dimc --version >/dev/null 2>&1 ||
		skip 'another user cannot run a program in this directory'
	run_status 0 setpriv --reuid=65534 --regid=65534 --clear-groups ./dimc compile sources -o theirs/v --layer-files
	same_owner=$(stat -c %u theirs/v/consciousness/D01/region.mmap)
	[[ $same_owner = 65534 ]]
	is_first theirs/v 'another user'
}

@test "the same bytes from a program that another compiler built without optimization" {
	environments=0
	other=clang
	if "${CC:-cc}" --version 2>/dev/null | grep -qi clang; then
		other=gcc
	fi
	need $other make
	make_first
	env -u MAKEFLAGS -u MAKELEVEL make -s -C "$ROOT" OUT="$BATS_TEST_TMPDIR/out" CC=$other HARDEN= CFLAGS=-O0 LDFLAGS= -j2 \
		"$BATS_TEST_TMPDIR/out/bin/dimc" >build.log 2>&1 || {
		cat build.log
		return 1
	}
	compiles "$other -O0" out/bin/dimc compile sources
	rm -r out
}

@test "without SOURCE_DATE_EPOCH regions are the same, and index.json has the newest time of the dimension's own sources" {
	unset SOURCE_DATE_EPOCH
	write_sources sources
	touch -d '2001-02-03T04:05:06Z' sources/*/* sources/*/*/*
	touch -d '2002-02-03T04:05:06Z' sources/D01-emotion/a.yaml
	touch -d '2003-02-03T04:05:06Z' sources/D02-cognition/data/raw.bin
	run_status 0 "$DIMC" compile sources -o a
	times() {
		sed -n 's/^  "updated_at": "\(.*\)",$/\1/p' "$1"/consciousness/D??/index.json
	}
	[[ $(times a) = $'2002-02-03T04:05:06Z\n2003-02-03T04:05:06Z\n2001-02-03T04:05:06Z' ]]
	TZ=Asia/Tokyo run_status 0 "$DIMC" compile sources -o b -j1
	[[ $(contents a/consciousness) = "$(contents b/consciousness)" ]]
	touch sources/*/*
	run_status 0 "$DIMC" compile sources -o c
	for dimension in D01 D02 D10; do
		cmp a/consciousness/$dimension/region.mmap c/consciousness/$dimension/region.mmap
		cmp <(grep -v '_at"' a/consciousness/$dimension/index.json) <(grep -v '_at"' c/consciousness/$dimension/index.json)
	done
	[[ $(times a) != "$(times c)" ]]
}

@test "nothing of the machine is in a generation" {
	write_sources sources
	mkdir 'a-telling-name'
	mv sources a-telling-name/sources-of-mine
	HOSTNAME=telling-host run_status 0 "$DIMC" compile a-telling-name/sources-of-mine -o a-telling-name/v --layer-files
	for word in telling sources-of-mine "$(uname -n)" "$BATS_TEST_TMPDIR" D01-emotion B.yaml raw.bin; do
		# A short name may be in a text by chance.
		((${#word} >= 6)) || continue
		if grep -rqaF -- "$word" a-telling-name/v/consciousness; then
			printf 'found in the generation: %s\n' "$word"
			return 1
		fi
	done
}
