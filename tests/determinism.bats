# determinism.bats: the times of index.json where nobody says which, and that nothing of the machine is in a generation. That
# the bytes are the same in any environment is a campaign (tests/torture/determinism.py).

load lib

# write_sources DIR: three dimensions without times of their own; one has a content in another file.
write_sources() {
	mkdir -p "$1/D01-emotion" "$1/D02-cognition/data" "$1/D10-meta"
	printf 'dimension_id: 1\nname: Emotion\n' >"$1/D01-emotion/dimension.yaml"
	make_layer "$1/D01-emotion/a.yaml" 1 0.5 joy 'Joy is bright.'
	printf 'dimension_id: 2\nname: Cognition\nlayout: packed\n' >"$1/D02-cognition/dimension.yaml"
	printf 'layer_id: 1\nfrequency: 2.5\nkeywords: [raw]\ncontent_file: data/raw.bin\n' >"$1/D02-cognition/010.yaml"
	printf '\0\1\2' >"$1/D02-cognition/data/raw.bin"
	printf 'dimension_id: 10\nname: Meta\nlayers:\n  - {layer_id: 4294967295, frequency: 3.14159, keywords: [last], content: z}\n' \
		>"$1/D10-meta/dimension.yaml"
}

@test "without SOURCE_DATE_EPOCH regions are the same, and index.json has the newest time of the dimension's own sources" {
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
	for word in telling sources-of-mine "$(uname -n)" "$BATS_TEST_TMPDIR" D01-emotion a.yaml raw.bin; do
		# A short name may be in a text by chance.
		((${#word} >= 6)) || continue
		if grep -rqaF -- "$word" a-telling-name/v/consciousness; then
			printf 'found in the generation: %s\n' "$word"
			return 1
		fi
	done
}
