# kill.bats: that a publisher may be killed at any point: readers see the old generation or the new one, whole, and the
# next run succeeds and tidies up. More than fifty kills at random moments, and one at every system call that changes something.

# shellcheck disable=SC2154 # out and err are set by run_status

load lib

# make_generations: sources a/ and b/ of four dimensions, which differ in two of them, and the digests of what they give.
# $1 is the number of layers of each.
make_generations() {
	local id n
	for ((id = 1; id <= 4; id++)); do
		make_dimension a/D0$id-x $id "Name $id"
		for ((n = 1; n <= $1; n++)); do
			make_layer a/D0$id-x/$((100 + n)).yaml $n 1.0 "word$n" "Layer $n of $id."
		done
	done
	cp -r a b
	make_layer b/D01-x/101.yaml 1 1.0 word1 'Another layer 1 of 1.'
	make_layer b/D03-x/101.yaml 1 1.0 word1 'Another layer 1 of 3.'
	run_status 0 "$DIMC" compile --no-sync a -o va
	run_status 0 "$DIMC" compile --no-sync b -o vb
	digest_a=$(generation va)
	digest_b=$(generation vb)
	[[ -n $digest_a && -n $digest_b && $digest_a != "$digest_b" ]]
}

# generation VOLUME [NAME]: the digest that the manifest states.
generation() {
	local text
	text=$(<"$1/${2:-consciousness}/manifest.json")
	text=${text#*'"generation": "sha256:'}
	printf '%s' "${text:0:64}"
}

# quietly COMMAND...: must succeed; what it prints is shown only if it does not.
quietly() {
	local status=0
	"$@" >quiet.log 2>&1 || status=$?
	if ((status != 0)); then
		printf 'status %s: %s\n' "$status" "$*"
		cat quiet.log
		return 1
	fi
}

# start_with a|b: that generation is what v has; $old and $new are its digest and the other one, $next the other's sources.
start_with() {
	if [[ $1 = a ]]; then
		old=$digest_a new=$digest_b next=b
	else
		old=$digest_b new=$digest_a next=a
	fi
}

# is_whole NAME DIGEST...: v/NAME is one of these generations, every byte of it.
is_whole() {
	local found digest
	quietly "$DIMC" verify --strict "v/$1"
	found=$(generation v "$1")
	for digest in "${@:2}"; do
		if [[ $found = "$digest" ]]; then
			return 0
		fi
	done
	printf 'v/%s is %s, none of: %s\n' "$1" "$found" "${*:2}"
	return 1
}

# recovers OPTION...: what must be true after a publisher of $next over $old was killed. Counts which one readers saw.
recovers() {
	is_whole consciousness "$old" "$new"
	if [[ $(generation v) = "$old" ]]; then
		seen_old=$((seen_old + 1))
	else
		seen_new=$((seen_new + 1))
	fi
	tidies "$@"
}

# tidies OPTION...: the next compile succeeds, and what it leaves is as if nobody had been killed.
tidies() {
	quietly "$DIMC" compile "$next" -o v "$@"
	is_whole consciousness "$new"
	is_whole .previous "$old"
	if [[ -e v/.next || -k v/consciousness || -k v/.previous ]]; then
		ls -la v
		return 1
	fi
	start_with "$next"
}

bpf=()

# traced OPTION... COMMAND...: under strace, its log in trace.log.
traced() {
	ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 strace -f -o trace.log "$@"
}

need_trace() {
	need strace
	strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
	# Faster, where it is known; but it sends no signals.
	if strace -f --seccomp-bpf -o /dev/null true 2>/dev/null; then
		bpf=(--seccomp-bpf)
	fi
}

# count CALL OPTION... -- COMMAND...: how often a command, run to its end, makes a system call. Nothing is remembered, so
# that every run reads the same files.
count() {
	local call=$1 options=()
	rm -rf v/.cache
	shift
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	quietly traced "${bpf[@]}" -e trace="$call" -e signal=none "${options[@]}" "${@:2}"
	times=$(grep -c "^[0-9]* *$call(" trace.log || true)
}

# killed CALL N OPTION... -- COMMAND...: kills a command instead of its Nth system call of that name. Fails unless it died.
killed() {
	local call=$1 number=$2 options=() status=0
	rm -rf v/.cache
	shift 2
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	traced -e trace="$call" -e signal=none "${options[@]}" -e inject="$call:signal=KILL:when=$number" "${@:2}" \
		>killed.log 2>&1 || status=$?
	if [[ $status -ne 137 ]]; then
		printf 'not killed at %s %s: status %s\n' "$call" "$number" "$status"
		cat killed.log trace.log
		return 1
	fi
	kills=$((kills + 1))
}

# points COUNT: all numbers up to 5, and of more the first two, the last two and the one in the middle.
points() {
	if (($1 <= 5)); then
		seq 1 "$1"
	else
		printf '%s\n' 1 2 $(($1 / 2)) $(($1 - 1)) "$1"
	fi
}

@test "kill -9 at random moments leaves the old generation or the new one, and the next run succeeds" {
	make_generations 5
	quietly "$DIMC" compile b -o v --layer-files
	quietly "$DIMC" compile a -o v --layer-files
	start_with a
	# How long an undisturbed run takes, in microseconds: kills are spread over that.
	begin=${EPOCHREALTIME/./}
	quietly "$DIMC" compile b -o v --layer-files
	span=$((${EPOCHREALTIME/./} - begin + 1000))
	start_with b
	kills=0 seen_old=0 seen_new=0 too_late=0
	while ((kills < 55 && too_late < 600)); do
		wait_for=$(((RANDOM * 32768 + RANDOM) % span))
		"$DIMC" compile "$next" -o v --layer-files >killed.log 2>&1 3>&- &
		publisher=$!
		sleep "$(printf '%d.%06d' $((wait_for / 1000000)) $((wait_for % 1000000)))"
		kill -KILL "$publisher" 2>/dev/null || true
		status=0
		wait "$publisher" 2>/dev/null || status=$?
		if [[ $status -eq 137 ]]; then
			kills=$((kills + 1))
			recovers --layer-files --no-sync
		else
			[[ $status -eq 0 ]] || cat killed.log
			[[ $status -eq 0 ]]
			too_late=$((too_late + 1))
			span=$((span * 9 / 10 + 1000))
			start_with "$next"
		fi
	done
	printf '# %s kills at random moments: %s times the old generation, %s times the new one; %s runs ended first\n' \
		"$kills" "$seen_old" "$seen_new" "$too_late" >&3
	((kills >= 50 && seen_old + seen_new == kills))
}

@test "a kill at any system call that changes something leaves the old generation or the new one" {
	need_trace
	make_generations 2
	quietly "$DIMC" compile b -o v
	quietly "$DIMC" compile a -o v
	start_with a
	kills=0 seen_old=0 seen_new=0
	for call in mkdirat linkat write fchmod fsync renameat2 fchmodat unlinkat renameat close; do
		count $call -- "$DIMC" compile -j1 $next -o v
		start_with $next
		for number in $(points "$times"); do
			killed $call "$number" -- "$DIMC" compile -j1 $next -o v
			recovers --no-sync
		done
	done
	printf '# %s kills at system calls: %s times the old generation, %s times the new one\n' \
		"$kills" "$seen_old" "$seen_new" >&3
	((kills >= 30 && seen_old >= 15 && seen_new >= 5))
}

@test "a kill while the last generation but one is removed never brings that one back" {
	need_trace
	make_generations 2
	quietly "$DIMC" compile b -o v
	quietly "$DIMC" compile a -o v
	start_with a
	kills=0
	count unlinkat -- "$DIMC" compile -j1 $next -o v
	start_with $next
	for ((number = 1; number <= times; number++)); do
		killed unlinkat $number -- "$DIMC" compile -j1 $next -o v
		# A run that publishes nothing tidies up all the same.
		quietly "$DIMC" clean v
		is_whole consciousness "$new"
		is_whole .previous "$old"
		[[ ! -e v/.next ]]
		start_with $next
	done
	((kills > 5))
}

@test "without exchange a kill leaves the old generation, the new one, or for a moment none, which comes back" {
	need_trace
	make_generations 2
	quietly "$DIMC" compile b -o v
	quietly "$DIMC" compile a -o v
	start_with a
	kills=0 seen_old=0 seen_new=0 seen_none=0
	for call in renameat unlinkat fchmodat fsync; do
		count $call -e trace=$call,renameat2 -e inject=renameat2:error=EINVAL -- "$DIMC" compile -j1 $next -o v
		start_with $next
		for number in $(points "$times"); do
			killed $call "$number" -e trace=$call,renameat2 -e inject=renameat2:error=EINVAL -- "$DIMC" compile -j1 $next -o v
			if [[ -e v/consciousness ]]; then
				recovers --no-sync
			else
				# The next run may be for two dimensions of four: the others can only come from the old generation.
				seen_none=$((seen_none + 1))
				is_whole .previous "$old"
				run_status 0 "$DIMC" compile $next -o v -d D02,D03 --no-sync
				contains "$out" 'kept: D01 D04'
				quietly "$DIMC" rollback v --no-sync
				is_whole consciousness "$old"
				tidies --no-sync
			fi
		done
	done
	printf '# %s kills without exchange: %s times the old generation, %s times the new one, %s times none\n' \
		"$kills" "$seen_old" "$seen_new" "$seen_none" >&3
	((kills >= 15 && seen_none == 1))
}

@test "a kill during rollback leaves both generations, either way round" {
	need_trace
	make_generations 2
	quietly "$DIMC" compile b -o v
	quietly "$DIMC" compile a -o v
	kills=0
	for error in none EINVAL; do
		options=()
		[[ $error = none ]] || options=(-e "inject=renameat2:error=$error")
		for call in renameat2 renameat fsync fchmodat; do
			[[ $call != renameat2 || $error = none ]] || continue
			count $call -e trace=renameat2,$call "${options[@]}" -- "$DIMC" rollback v
			for ((number = 1; number <= times; number++)); do
				killed $call $number -e trace=renameat2,$call "${options[@]}" -- "$DIMC" rollback v
				quietly "$DIMC" clean v
				is_whole consciousness "$digest_a" "$digest_b"
				is_whole .previous "$digest_a" "$digest_b"
				[[ $(generation v) != "$(generation v .previous)" && ! -e v/.next ]]
			done
		done
	done
	((kills >= 6))
}

@test "a kill during the first publication leaves nothing or all of it" {
	need_trace
	make_generations 1
	kills=0
	for call in mkdirat write renameat2; do
		rm -rf v
		count $call -- "$DIMC" compile -j1 a -o v
		for number in $(points "$times"); do
			rm -rf v
			killed $call "$number" -- "$DIMC" compile -j1 a -o v
			if [[ -e v/consciousness ]]; then
				run_status 0 "$DIMC" verify --strict v
				[[ $out = *'nothing published' || $out = *"generation ${digest_a:0:16}" ]]
			fi
			quietly "$DIMC" compile --no-sync a -o v
			is_whole consciousness "$digest_a"
			[[ ! -e v/.next && -s v/README.md && -s v/.gitignore ]]
		done
	done
	((kills >= 8))
}

@test "a kill while a proto-dimension is written leaves the former one or the new one" {
	need_trace
	for text in one two; do
		printf 'dimension_id: 9\nname: P\nlayers:\n  - {layer_id: 1, frequency: 1.0, keywords: [a], content: %s}\n' $text >$text.yaml
	done
	kills=0
	for call in write fsync close renameat; do
		quietly "$DIMC" compile one.yaml -o v --proto p
		count $call -- "$DIMC" compile -j1 two.yaml -o v --proto p
		for number in $(points "$times"); do
			quietly "$DIMC" compile one.yaml -o v --proto p
			killed $call "$number" -- "$DIMC" compile -j1 two.yaml -o v --proto p
			quietly "$DIMC" verify v/proto/p.mmap
			run_status 0 "$DIMC" show v/proto/p.mmap D09/1
			[[ $out = one || $out = two ]]
		done
	done
	quietly "$DIMC" compile two.yaml -o v --proto p
	[[ $(find v/proto -type f) = v/proto/p.mmap ]]
	((kills >= 5))
}
