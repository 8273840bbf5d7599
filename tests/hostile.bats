#!/usr/bin/env bats
# hostile.bats: `dimc restore` trusts nothing: archives whose members are not what they should be, by type, name, number or size; and
# what restore does with several bundles, with a volume that is not there, with links that wait for it.

# shellcheck disable=SC2154 # out and err are set by run_status
load lib
load hostile

setup_file() {
	make_archives types names sets claims images
}

@test "there are enough archives, of enough kinds" {
	[[ $(wc -l <"$bundles/expected.tsv") -ge 300 && $(kinds) -ge 20 ]]
	# Most have one right answer, and a member to name.
	[[ $(cut -f 2 "$bundles/expected.tsv" | grep -c '^[567]$') -ge 180 ]]
	[[ $(cut -f 4 "$bundles/expected.tsv" | grep -cv '^-$') -ge 120 ]]
	each_is_held
}

@test "what is only packed in another way is taken" {
	hold sound
	run_status 0 "$DIMC" restore "$bundles/001-sound-as-bundled.tar.gz" -o other --no-sync
	diff <(contents "$BATS_FILE_TMPDIR/good/data/mmap/consciousness") <(contents other/consciousness)
}

@test "links, devices, FIFOs, members of unknown types, setuid files" {
	hold symlink symlink-to-directory hardlink device fifo unknown-type setuid odd-mode file-for-directory directory-for-file file-below-file
}

@test "names: absolute, with .., unknown, in other cases, with odd characters, too deep, below two prefixes" {
	hold bad-name absolute dotdot unknown-name case-clash too-deep two-prefixes
}

@test "members that are not in the manifest, missing, there twice, apart, too many" {
	hold not-in-manifest missing nothing-in-it duplicate apart too-many
}

@test "members that are too large, say so, or are sparse" {
	hold claims bomb large-text sparse
}

@test "images: what is wrong with the layer, or with the layout around it" {
	[[ $("$DIMC" bundle --help) = *oci* ]] || skip "no images yet"
	hold image image-sound
}

@test "a volume that did not exist does not exist after a refusal" {
	local file
	mkdir empty
	for file in $(one_of_each); do
		for volume in absent deep/er/absent; do
			run_status "$(awk -F '\t' -v file="$file" '$1 == file { split($2, s, "|"); print s[1] }' "$bundles/expected.tsv")" \
				timeout 20 "$DIMC" restore "$bundles/$file" -o $volume --no-sync || [[ $(cut -f 1,2 "$bundles/expected.tsv") = *"$file"$'\t'*"|"* ]]
			[[ ! -e absent && ! -e deep ]]
		done
		timeout 20 "$DIMC" restore "$bundles/$file" -o empty --no-sync -q 2>/dev/null && return 1
		[[ -z $(ls -A empty) ]]
	done
}

@test "one bad bundle among good ones, a dry run, other dimensions, a replacement: nothing changes" {
	local file good=$bundles/001-sound-as-bundled.tar.gz before
	before=$(state)
	for file in $(one_of_each); do
		for arguments in "$good $bundles/$file" "$bundles/$file $good" "-n $bundles/$file" "--replace $bundles/$file" "--json $bundles/$file"; do
			status=0
			# shellcheck disable=SC2086 # several words
			timeout 20 "$DIMC" restore $arguments -o volume --no-sync >stdout 2>stderr || status=$?
			if [[ $status -lt 5 || $status -gt 9 ]] || ! grep -q ': refused: ' stderr stdout; then
				echo "$arguments: status $status: $(cat stderr)"
				return 1
			fi
		done
		[[ $(state) = "$before" ]]
	done
}

@test "every refusal of several bundles is told in one run" {
	cp "$bundles"/*-symlink-extra.tar.gz a.tar.gz
	cp "$bundles"/*-fifo-as-region.tar.gz b.tar.gz
	run_status 7 "$DIMC" restore a.tar.gz b.tar.gz -o volume --no-sync
	contains "$err" 'a.tar.gz: refused: member data/mmap/consciousness/D01/link: '
	contains "$err" 'b.tar.gz: refused: member data/mmap/consciousness/D01/region.mmap: '
}

@test "what is no file is no bundle: a directory, a FIFO, a device without an end, nothing" {
	local path before
	before=$(state)
	mkdir directory
	mkfifo fifo
	for path in directory fifo /dev/zero /dev/null; do
		status=0
		timeout 20 "$DIMC" restore "$path" -o volume --no-sync >stdout 2>stderr || status=$?
		[[ $status -ge 3 && $status -le 9 ]] || { echo "$path: $status" && return 1; }
		contains "$(cat stderr)" "$path"
	done
	run_status 9 "$DIMC" restore absent.tar.gz -o volume --no-sync
	contains "$err" absent.tar.gz
	run_status 9 "$DIMC" list absent.tar.gz
	run_status 9 "$DIMC" verify absent.tar.gz
	run_status 2 "$DIMC" restore -o volume
	[[ $(state) = "$before" ]]
}

@test "no link that waits in the volume leads a restore out of it" {
	local path
	mkdir elsewhere
	echo kept >elsewhere/region.mmap
	for path in .next .previous .older consciousness/D01 consciousness/D01/region.mmap consciousness/manifest.json temp .cache/published; do
		renew
		rm -rf "volume/$path"
		ln -s "$PWD/elsewhere" "volume/$path"
		timeout 20 "$DIMC" restore "$bundles/001-sound-as-bundled.tar.gz" -o volume --no-sync -q 2>/dev/null || true
		[[ $(ls -A elsewhere) = region.mmap && $(<elsewhere/region.mmap) = kept ]]
	done
}
