#!/usr/bin/env bats
# race.bats: readers of a volume at once, also while somebody publishes to it as fast as dimc can: no answer of two
# generations, none in part. `make check-tsan` runs it with fewer publishes, by RACE_PUBLISHES and RACE_LOADS.

# shellcheck disable=SC2154 # out and err are set by run_status
load lib

# make_letter DIR LETTER COUNT: a generation that says who it is, for tests/unit/race.c.
make_letter() {
	local i k
	for ((i = 1; i <= $3; i++)); do
		make_dimension "$1/D0$i" "$i" "$2$i"
		for k in 1 2; do
			make_layer "$1/D0$i/$k.yaml" "$k" 1.5 "$2" "$2 in D0$i layer $k"
		done
	done
}

@test "eight threads read one region" {
	make_letter c c 3
	run_status 0 "$DIMC" compile -q --no-sync c -o volume
	run_status 0 "$OUT/tests/threads_test" volume
}

@test "a thousand publishes and a hundred thousand loads: every answer is whole and of one generation" {
	local publishes=${RACE_PUBLISHES:-1000} loads=${RACE_LOADS:-100000}
	make_letter a a 2
	make_letter b b 3
	run_status 0 "$DIMC" compile -q --no-sync a -o volume
	run_status 0 timeout 300 "$OUT/tests/race" volume "$DIMC" a b "$publishes" "$loads"
	echo "# $out" >&3
	[[ $out =~ ^publishes\ ([0-9]+)\ loads\ ([0-9]+)\ changes\ ([0-9]+)\ unloads\ ([0-9]+)$ ]]
	[[ ${BASH_REMATCH[1]} -eq $publishes && ${BASH_REMATCH[2]} -ge $loads ]]
	# They did meet many of them; else nothing was proven.
	[[ ${BASH_REMATCH[3]} -ge $((publishes / 2)) && ${BASH_REMATCH[4]} -ge $((loads / 1000)) ]]
	run_status 0 "$DIMC" verify -q volume
}
