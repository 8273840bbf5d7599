# torture.bats: the short form of every campaign of `make torture`, a few seconds each.

# shellcheck disable=SC2154 # out and err are set by run_status
load lib

# campaign NAME: its line is shown; what cannot run here skips, and says why.
campaign() {
	need python3
	local status=0
	OUT=$OUT DIMC=$DIMC python3 "$ROOT/tests/torture/$1.py" --short >campaign.log 2>campaign.err || status=$?
	[[ $status -ne 77 ]] || skip "$(sed 's/^[a-z]*: skipped: //' campaign.log)"
	sed 's/^/# /' campaign.log >&3
	cat campaign.err
	return $status
}

@test "kill: a kill at system calls of everything that publishes leaves the old state or the new one" {
	campaign kill
}

@test "fault: no system call that fails is missed" {
	campaign fault
}

@test "memory: no allocation that fails is missed" {
	campaign memory
}

@test "full: a full disk, a limit, a full stdout leave the old generation" {
	campaign full
}

@test "power: what exited with 0 survives a loss of power" {
	campaign power
}

@test "regions: mutated regions are found, and lead no reader outside" {
	campaign regions
}

@test "archives: hostile archives change nothing" {
	campaign archives
}

@test "sources: hostile sources end in a located error or are taken" {
	campaign sources
}

@test "fuzz: a few thousand runs of each fuzz target" {
	campaign fuzz
}

@test "race: publishers, rollback, clean and readers at once" {
	campaign race
}

@test "users: other users, umasks and rights" {
	campaign users
}

@test "determinism: many environments give the same bundle" {
	campaign determinism
}
