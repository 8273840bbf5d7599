# watch.bash: `dimc watch` in the background, for the Bats files that are about it.
# In: its arguments, lib.bash. Out: functions that start it, wait for its rounds and end it; $watch, its process.
# shellcheck disable=SC2030,SC2031 # tests are subshells on purpose

# begin ARGUMENT...: `dimc watch` in the background; its rounds go to ../rounds, its errors to ../errors. Waits for the first.
begin() {
	mkdir -p work
	cd work || return 1
	[[ -d sources ]] || make_sources sources
	"$DIMC" watch --no-sync -Wno-text-short "$@" >../rounds 2>../errors &
	watch=$!
	rounds=0
	await round
}

# next_round: waits for one more round, and puts its line into $line: nothing where there is none.
next_round() {
	local i
	rounds=$((rounds + 1))
	for ((i = 0; i < 1000; i++)); do
		line=$(grep "^round $rounds: " ../rounds) && break
		kill -0 "$watch" || break
		sleep 0.01
	done
}

# await TEXT: fails unless the next round's line holds the text.
await() {
	next_round
	contains "$line" "$1" || {
		cat ../rounds ../errors
		return 1
	}
}

# reach TEXT: waits for the first round whose line holds the text. For what an author does in several steps: on a busy
# machine a round may begin between them.
reach() {
	until next_round && [[ $line = *"$1"* ]]; do
		[[ -n $line ]] || { cat ../rounds ../errors; return 1; }
	done
}

# is_still: no further round begins.
is_still() {
	sleep 0.4
	[[ $(grep -c '^round' ../rounds) -eq $rounds ]] || {
		cat ../rounds
		return 1
	}
}

# end [SIGNAL]: asks it to end, and fails unless that is its status 0.
end() {
	local status=0
	kill "-${1:-TERM}" "$watch"
	wait "$watch" || status=$?
	watch=
	[[ $status -eq 0 ]]
}

teardown() {
	[[ -z ${watch:-} ]] || kill "$watch" 2>/dev/null || true
}

shows() { # shows LAYER TEXT: what is published
	contains "$("$DIMC" show volume "$1")" "$2"
}
