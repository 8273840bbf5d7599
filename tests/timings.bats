#!/usr/bin/env bats
# Where a run's time went: --timings and --trace.
# In: small sources, and the project's own. Out: tables and traces that are held to what they promise.
# shellcheck disable=SC2154 # out and err are set by run_status

load lib

checking=(startup list read parse judge build hash compare tidy report)
rejected=(startup cache list read parse judge build hash tidy report)
publishing=("${checking[@]}" cache write sync publish)

# covers STATUS COMMAND THREADS STAGE... -- OPTION...: traces a run with exactly these stages, whose outermost spans cover four
# fifths of it. The best of some runs, since another program may have the processor in between.
covers() {
	local status=$1 command=$2 threads=$3 stages=() share=0 try
	shift 3
	while [[ $1 != -- ]]; do
		stages+=("$1")
		shift
	done
	for try in 1 2 3 4 5 6 7 8 9 10; do
		rm -rf v trace.json
		run_status "$status" "$DIMC" "$command" "${@:2}" -j"$threads" --trace trace.json
		share=$(python3 "$ROOT/tests/trace_check.py" trace.json "$command" "$threads" "${stages[@]}")
		[[ $share -lt 80 ]] || return 0
	done
	echo "only $share % of the run is marked (try $try)"
	nm "$OUT/lib/libdim.a" | grep -q __gcov_ # counting branches takes time of its own between the spans
}

@test "a trace has every stage, nested on each thread, and covers the run" {
	need python3
	covers 0 compile 1 "${publishing[@]}" -- "$ROOT/sources" -o v
	covers 0 compile 4 "${publishing[@]}" wait -- "$ROOT/sources" -o v
	covers 0 check 1 "${checking[@]}" -- "$ROOT/sources"
	covers 0 check 4 "${checking[@]}" wait -- "$ROOT/sources"
}

@test "a run that was rejected leaves its trace, too" {
	need python3
	cp -r "$ROOT/sources" sources
	echo 'frequncy: 1' >>sources/D07-technical/dimension.yaml
	covers 1 compile 4 "${rejected[@]}" wait -- sources -o v
	[[ ! -e v ]]
	covers 1 compile 1 "${rejected[@]}" -- sources -o v
	rm trace.json
	run_status 3 "$DIMC" compile missing -o v --trace trace.json
	python3 "$ROOT/tests/trace_check.py" trace.json compile 1 startup cache judge tidy report
}

@test "other commands have theirs" {
	need python3
	"$DIMC" compile -q "$ROOT/sources" -o v
	run_status 0 "$DIMC" bundle v -o b.tar.gz -j1 --trace trace.json
	python3 "$ROOT/tests/trace_check.py" trace.json bundle 1 startup cache pack prove sync report
	run_status 0 "$DIMC" restore b.tar.gz -o w --trace trace.json
	python3 "$ROOT/tests/trace_check.py" trace.json restore 2 startup unpack prove hash write sync cache publish report
	run_status 0 "$DIMC" verify v --trace trace.json
	python3 "$ROOT/tests/trace_check.py" trace.json verify 256 startup prove hash wait report
}

@test "--timings is a table on standard error, whatever else is printed" {
	make_sources sources
	run_status 0 "$DIMC" compile sources -o v --timings -j1
	contains "$out" 'published generation'
	lacks "$out" STAGE
	[[ $(head -n 1 <<<"$err") = 'STAGE        WALL ms  SHARE    CPU ms  BUSY   SPANS   FILES       SIZE' ]]
	for stage in "${publishing[@]}"; do
		[[ $stage = @(hash|cache|sync) ]] || grep -q "^$stage " <<<"$err" || { echo "no $stage in $err"; return 1; }
	done
	grep -Eq '^read +[0-9.]+ +[0-9.]+% +[0-9.]+ +[0-9]+% +[0-9]+ +5 +[0-9]+ B$' <<<"$err"
	grep -q '^  hash ' <<<"$err"
	grep -q '^total .* 100.0% ' <<<"$err"
	grep -q '^1 thread; user ' <<<"$err"
	# Every figure in its column.
	[[ $(grep -E '^ *[a-z]+ +[0-9]' <<<"$err" | cut -c 11-20 | grep -vcE '^ +[0-9]+\.[0-9]$') -eq 0 ]]
	run_status 0 "$DIMC" check -q sources --timings
	[[ -z $out ]]
	contains "$err" STAGE
	echo 'frequncy: 1' >>sources/D01-emotion/dimension.yaml
	run_status 1 "$DIMC" check sources --timings
	contains "$err" 'a dimension has no key "frequncy"'
	contains "${err##*1 error in 1 file}" STAGE
	run_status 0 "$DIMC" explain --timings
	contains "$err" startup
}

@test "beside --json, the timings are a member of the document" {
	need jq
	make_sources sources
	run_status 0 "$DIMC" compile sources -o v --json --timings -j2
	[[ -z $err ]]
	jq -e '.published and .timings.wall_us >= .timings.marked_us and .timings.threads <= 2 and .timings.peak_bytes > 1000000
		and (.timings.cpu_us - .timings.user_us - .timings.system_us | fabs) < 2' <<<"$out"
	jq -e '.timings.stages[] | select(.stage == "read") | .files == 5 and .bytes > 400' <<<"$out"
	jq -e '[.timings.stages[] | select(.stage == "hash" and .within == "build")] | length == 1' <<<"$out"
	jq -e '.timings as $t | all($t.stages[]; .wall_us <= $t.wall_us and .cpu_us <= .wall_us * $t.threads + 2)' <<<"$out"
	run_status 0 "$DIMC" check sources --json
	jq -e 'has("timings") | not' <<<"$out"
	"$DIMC" bundle v -q -o b.tar.gz
	for command in 'verify v' 'bundle v -o c.tar.gz' 'restore b.tar.gz -o w'; do
		# shellcheck disable=SC2086 # words
		run_status 0 "$DIMC" $command --json --timings
		jq -e '.timings.stages | length > 2' <<<"$out"
	done
	# Nothing comes between what programs read.
	run_status 2 "$DIMC" check sources --timings --diagnostics=sarif
	contains "$err" 'add --diagnostics-file FILE, or --json'
	run_status 0 "$DIMC" check sources --timings --diagnostics=sarif --json
	jq -e .runs <<<"$err"
	run_status 0 "$DIMC" check sources --timings --diagnostics=sarif --diagnostics-file=d.sarif
	contains "$err" STAGE
	echo 'frequncy: 1' >>sources/D01-emotion/dimension.yaml
	run_status 1 "$DIMC" check sources --timings --diagnostics=sarif --json
	jq -e .runs <<<"$err"
}

@test "a trace that cannot be written is said before the work, with 3" {
	make_sources sources
	mkdir directory
	for path in missing/trace.json directory sources/D01-emotion/dimension.yaml/trace.json ''; do
		run_status 3 "$DIMC" compile sources -o v --trace "$path"
		contains "$err" "cannot write the trace $path: "
		[[ ! -e v ]]
	done
	run_status 2 "$DIMC" compile sources -o v --trace /dev/null
	contains "$err" '/dev/null is there, and no regular file'
	[[ ! -e v ]]
}

@test "a trace that fails in the end is said, too, and the older one stays" {
	need strace
	export ASAN_OPTIONS=detect_leaks=0 # a leak sanitizer cannot look while strace does
	make_sources sources
	echo old >trace.json
	run_status 3 strace -qq -o log -e trace=fsync -e inject=fsync:error=ENOSPC "$DIMC" check sources --trace trace.json
	contains "$err" 'error: cannot write the trace trace.json: No space left on device'
	run_status 8 strace -qq -o log -e trace=fsync -e inject=fsync:error=ENOSPC "$DIMC" compile sources -o v --no-sync --trace trace.json
	contains "$err" 'error: the work is done, but cannot write the trace trace.json: No space left on device'
	[[ $(cat trace.json) = old && -e v/consciousness/manifest.json ]]
	[[ $(find . -name '.trace*') = '' ]]
}

@test "a trace stands where a stamp may, and nowhere else" {
	make_sources sources
	before=$(find sources | sort)
	for place in sources sources/D01-emotion; do
		run_status 1 "$DIMC" compile sources -o v --stamp stamp -MD --trace $place/trace.json
		contains "$err" "the stamp, the depfile or the trace is in $place"
	done
	[[ $(find sources | sort) = "$before" ]]
	"$DIMC" compile -q sources -o v
	before=$(snapshot v)
	run_status 2 "$DIMC" compile sources -o v --trace v/consciousness/trace.json
	contains "$err" 'the trace is in v/consciousness, which is replaced as a whole'
	run_status 2 "$DIMC" compile sources -o v --stamp one --trace ./one
	contains "$err" 'one cannot be both the'
	run_status 2 "$DIMC" compile sources -o v --stamp s -MD -MF one --trace one
	contains "$err" 'one cannot be both the'
	[[ $(snapshot v) = "$before" && ! -e one && ! -e s ]]
	run_status 0 "$DIMC" compile sources -o v --stamp s -MD --trace trace.json
	[[ -s trace.json && -s s && -s s.d ]]
}

@test "what is published does not depend on it" {
	make_sources sources
	"$DIMC" compile -q sources -o plain
	"$DIMC" compile -q sources -o traced --trace trace.json --timings
	diff <(contents plain/consciousness) <(contents traced/consciousness)
	run_status 0 "$DIMC" compile sources -o plain --timings --trace trace.json
	contains "$out" 'up to date'
}

@test "spans that find no room are counted, and threads take the numbers that are free" {
	"$OUT/tests/spans_test"
}
