#!/usr/bin/env bats
# race.bats: readers of one region at once. Readers and publishers of a volume at once are a campaign (tests/torture/race.py).

load lib

@test "eight threads read one region" {
	make_sources sources
	make_dimension sources/D03-intention 3 Intention
	make_layer sources/D03-intention/010-aim.yaml 1 3.0 'aim, feeling' 'An aim is ahead.'
	run_status 0 "$DIMC" compile -q --no-sync sources -o volume
	run_status 0 "$OUT/tests/threads_test" volume
}
