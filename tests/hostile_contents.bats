#!/usr/bin/env bats
# hostile_contents.bats: `dimc restore` trusts nothing: archives that break off or go on, are something else, or hold members whose bytes
# are not what they should be.

# shellcheck disable=SC2154 # out and err are set by run_status
load lib
load hostile

setup_file() {
	make_archives streams contents
}

@test "there are enough archives, of enough kinds" {
	[[ $(wc -l <"$bundles/expected.tsv") -ge 300 && $(kinds) -ge 12 ]]
	# Most have one right answer, and a member to name.
	[[ $(cut -f 2 "$bundles/expected.tsv" | grep -c '^[567]$') -ge 220 ]]
	[[ $(cut -f 4 "$bundles/expected.tsv" | grep -cv '^-$') -ge 110 ]]
	each_is_held
}

@test "archives that break off or go on" {
	hold sound cut-gzip cut-tar no-end garbage-after-gzip garbage-after-tar garbage-inside-tar
}

@test "what is gzip, tar or pax only nearly, or something else" {
	hold wrong-gzip no-bundle broken-pax
}

@test "one flipped bit anywhere, and manifests and sums that lie" {
	hold flipped flipped-and-fitted lying-sums lying-manifest
}

@test "regions, indices and layer files that lie, are of others or of newer versions" {
	hold newer older misplaced lying-index lying-layers cut-region hostile-region partial-lies
}

