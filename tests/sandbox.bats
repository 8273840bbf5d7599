# sandbox.bats: that a command can do what it needs and nothing else (compiler/sandbox.h): a library in dimc's own process tries
# the rest, as a bug in a parser would, with the sandbox and, to see that the tries work, without it.

# shellcheck disable=SC2154 # out and err are set by run_status
load lib

setup_file() {
	"${CC:-cc}" -D_GNU_SOURCE -std=c11 -Wall -Wextra -shared -fPIC -o "$BATS_FILE_TMPDIR/try.so" "$BATS_TEST_DIRNAME/sandbox_try.c" -ldl
}

# need_sandbox: skips where this kernel has not all of it, or the program none.
need_sandbox() {
	make_sources src
	DIMC_SANDBOX=required "$DIMC" check src >need.log 2>&1 || skip "$(cat need.log)"
	! is_instrumented || skip 'the program is instrumented'
}

# tried MODE COMMAND...: runs it with the tries; their lines in $tries.
tried() {
	local mode=$1
	shift
	mkdir -p outside
	rm -rf outside/*
	echo kept >outside/there
	TRY_OUTSIDE=$PWD/outside TRY_INSIDE=$inside DIMC_SANDBOX=$mode LD_PRELOAD=$BATS_FILE_TMPDIR/try.so "$@" >try.out 2>try.err </dev/null || {
		cat try.out try.err
		return 1
	}
	tries=$(grep '^try ' try.err)
}

forbidden='truncate-outside write-outside create-outside mkdir-outside symlink-outside rename-outside remove-outside fifo-outside socket
	unix-socket fork kill ptrace other-memory executable-memory new-executable-memory typed-for-the-user'

# kept_to_it: nothing of what is forbidden was done, and nothing outside has changed.
kept_to_it() {
	local name
	for name in $forbidden; do
		contains "$tries" "try $name: E"
	done
	[[ $(ls outside) = there && $(<outside/there) = kept ]]
}

@test "compile writes to its volume, and does nothing else" {
	need_sandbox
	inside=$PWD/v
	run_status 0 "$DIMC" init v
	tried required "$DIMC" compile src -o v
	kept_to_it
	contains "$tries" 'write-inside: done'
	contains "$tries" 'remove-inside: done'
	contains "$tries" 'read-outside: done' # sources may have links to anywhere
	run_status 0 "$DIMC" verify --strict v
	TRY_EXEC=1 tried required "$DIMC" compile src -o v2
	contains "$tries" 'try exec: EPERM'
	# A volume that is not there yet may be made, and so may what stands beside it; nothing further up.
	mkdir new
	tried required "$DIMC" compile src -o new/v
	kept_to_it
}

@test "restore reads its bundles and nothing else" {
	need_sandbox
	run_status 0 "$DIMC" compile src -o v
	run_status 0 "$DIMC" bundle v -o b.tar.gz
	inside=$PWD/w
	mkdir w
	tried required "$DIMC" restore b.tar.gz -o w
	kept_to_it
	contains "$tries" 'write-inside: done'
	contains "$tries" 'read-outside: EACCES'
	run_status 0 "$DIMC" verify --strict w
}

@test "commands that read write nothing, not even to the volume" {
	need_sandbox
	run_status 0 "$DIMC" compile src -o v
	run_status 0 "$DIMC" bundle v -o b.tar.gz
	inside=$PWD/v
	mkdir tmp d
	for command in 'verify v' 'verify b.tar.gz' 'diff v b.tar.gz' 'dump v -o d/d' 'compile -n src -o v' 'check src --stamp d/s'; do
		rm -rf d/d
		echo "$command"
		# shellcheck disable=SC2086 # words
		TMPDIR=$PWD/tmp tried required "$DIMC" $command
		kept_to_it
		contains "$tries" 'write-inside: E'
	done
}

@test "without the sandbox the same tries succeed" {
	need_sandbox
	inside=$PWD/v
	mkdir v
	tried off "$DIMC" compile src -o v
	for name in write-inside write-outside truncate-outside create-outside mkdir-outside symlink-outside rename-outside fifo-outside socket \
		unix-socket fork kill executable-memory new-executable-memory; do
		contains "$tries" "try $name: done"
	done
	# By itself it keeps to files alone where a library was preloaded, which may make calls of its own.
	tried auto "$DIMC" compile src -o v
	contains "$tries" 'write-outside: EACCES'
	contains "$tries" 'unix-socket: done'
}

@test "DIMC_SANDBOX is auto, required or off" {
	make_sources src
	for value in '' auto off; do
		DIMC_SANDBOX=$value run_status 0 "$DIMC" check src
		[[ -z $err ]]
	done
	DIMC_SANDBOX=on run_status 2 "$DIMC" check src
	contains "$err" 'DIMC_SANDBOX must be auto, required or off, not "on"'
}

@test "where the system has no sandbox all goes on without, unless it is required" {
	need strace
	export ASAN_OPTIONS=detect_leaks=0 # a leak sanitizer cannot look while strace does
	make_sources src
	for call in landlock_create_ruleset landlock_restrict_self seccomp; do
		run_status 0 strace -f -o trace.log -e trace=$call -e inject=$call:error=ENOSYS "$DIMC" compile src -o v-$call
		[[ -z $err ]]
		DIMC_SANDBOX=required run_status 3 strace -f -o trace.log -e trace=$call -e inject=$call:error=ENOSYS "$DIMC" compile src -o w
		contains "$err" 'for the sandbox: Function not implemented'
		contains "$err" 'DIMC_SANDBOX=off'
		[[ ! -e w ]]
	done
	# An older Landlock, which cannot let files be linked between directories, is none.
	DIMC_SANDBOX=required run_status 3 strace -f -o trace.log -e trace=landlock_create_ruleset -e inject=landlock_create_ruleset:retval=1:when=1 \
		"$DIMC" compile src -o w
	# And one that does not know what later ones know is taken as it is.
	for version in 2 3 5; do
		DIMC_SANDBOX=required run_status 0 strace -f -o trace.log -e trace=landlock_create_ruleset \
			-e inject=landlock_create_ruleset:retval=$version:when=1 "$DIMC" compile src -o v-$version
	done
}

@test "what users do works in it: links, mounts, pipes, descriptors, directories that are not there yet" {
	need_sandbox
	export DIMC_SANDBOX=required
	mkdir elsewhere
	ln -s elsewhere link
	run_status 0 "$DIMC" compile src -o link/deep/below/v
	[[ -s elsewhere/deep/below/v/consciousness/manifest.json ]]
	mkdir cwd
	run_status 0 "$DIMC" -C cwd compile ../src -o ../v -MD --stamp ../cwd/stamp -MF ../d.d --diagnostics=json --diagnostics-file ../diagnostics.json
	[[ -s cwd/stamp && -s d.d && -s diagnostics.json ]]
	run_status 0 "$DIMC" compile src -o v -MD
	[[ -s v.d ]]
	"$DIMC" check src --json --diagnostics=sarif --diagnostics-file /dev/fd/1 -q | grep -q sarif
	"$DIMC" show v D01/1 >/dev/full 2>full.err || [[ $? -eq 3 ]]
	"$DIMC" report v -o - | grep -q '<html'
	run_status 0 "$DIMC" --log log.json --trace trace.json compile src -o new/v --layer-files
	run_status 3 "$DIMC" --log none/log.json compile src -o v
	[[ -s trace.json ]]
	run_status 0 "$DIMC" bundle v -o cwd/../b.tar.gz
	ln -s b.tar.gz other.tar.gz
	run_status 0 "$DIMC" restore other.tar.gz -o link/w
	run_status 0 "$DIMC" restore -n b.tar.gz -o v
	TMPDIR=$PWD/elsewhere run_status 0 "$DIMC" find b.tar.gz joy
	run_status 0 "$DIMC" report v -o page.html
	run_status 0 "$DIMC" dump b.tar.gz -o dumped/deeper/still
	run_status 0 "$DIMC" report v -o pages/deeper/page.html
	# A source that is a link to one outside of its tree is mended there.
	mv src/D01-emotion/010-joy.yaml elsewhere/joy.yaml
	ln -s ../../elsewhere/joy.yaml src/D01-emotion/010-joy.yaml
	printf 'layer_id:   1\nfrequency: 1.5\nkeywords: [joy]\ncontent: x\n' >elsewhere/joy.yaml
	run_status 0 "$DIMC" fmt src
	[[ -L src/D01-emotion/010-joy.yaml && $(<elsewhere/joy.yaml) != *':   1'* ]]
	run_status 0 "$DIMC" compile src -o v
	run_status 0 "$DIMC" rollback v
	run_status 0 "$DIMC" clean v
	run_status 0 "$DIMC" init x/y/z
}
