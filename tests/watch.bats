#!/usr/bin/env bats
# watch.bats: `dimc watch`: what it sees, what it publishes, how it ends.
# In: the built program, an author who saves. Out: the rounds that follow.
# shellcheck disable=SC2154 # out and err are set by run_status
# shellcheck disable=SC2030,SC2031 # tests are subshells on purpose

load lib
load watch

@test "it compiles at once, and again when a file is saved in place, by a rename, added, linked, moved and deleted" {
	begin sources -o volume
	contains "$(cat ../rounds)" 'added: D01 D02'
	is_still
	make_layer sources/D01-emotion/010-joy.yaml 1 1.5 joy 'Saved in place.'
	await 'published generation'
	contains "$(cat ../rounds)" 'changed: D01'
	shows D01/1 'Saved in place.'
	make_layer .new 1 1.5 joy 'Saved by a rename.'
	mv .new sources/D01-emotion/010-joy.yaml
	await 'published generation'
	shows D01/1 'Saved by a rename.'
	make_layer sources/D02-cognition/020-new.yaml 2 2.0 new 'An added one.'
	await 'published generation'
	shows D02/2 'An added one.'
	make_layer .new 3 2.0 linked 'A linked one.'
	ln .new sources/D02-cognition/030-linked.yaml
	await 'published generation'
	shows D02/3 'A linked one.'
	sed -i 's/3/4/' .new
	mv sources/D02-cognition/020-new.yaml .
	await 'published generation'
	run_status 9 "$DIMC" show volume D02/2
	rm sources/D02-cognition/030-linked.yaml
	await 'published generation'
	touch sources/D02-cognition/010-attention.yaml
	await 'up to date: volume'
	is_still
	end
	[[ ! -s ../errors ]]
	run_status 0 "$DIMC" verify volume --against sources
}

@test "a mistake is shown and nothing is published, until it is mended; errors do not pile up" {
	begin sources -o volume
	before=$(snapshot volume/consciousness)
	make_layer sources/D01-emotion/010-joy.yaml 1 fast joy 'Broken.'
	await '1 error in 1 file, nothing was published'
	contains "$(cat ../errors)" 'sources/D01-emotion/010-joy.yaml:2:12: error: '
	: >../errors
	make_layer sources/D02-cognition/010-attention.yaml 0 1.0 attention 'Broken, too.'
	await '2 errors in 2 files, nothing was published'
	[[ $(grep -c ': error: ' ../errors) -eq 2 ]]
	[[ $(snapshot volume/consciousness) = "$before" ]]
	make_layer sources/D01-emotion/010-joy.yaml 1 1.5 joy 'Mended.'
	await '1 error in 1 file'
	make_layer sources/D02-cognition/010-attention.yaml 1 1.0 attention 'Mended.'
	await 'published generation'
	shows D01/1 'Mended.'
	end
}

@test "folders that come, go and move are followed, and those of content_files, and files behind links" {
	begin sources -o volume
	make_dimension sources/D03-new 3 New
	mkdir -p sources/D03-new/files/deep
	printf 'One.' >sources/D03-new/files/deep/text
	printf '%s\n' 'layer_id: 1' 'frequency: 1.0' 'keywords: [x]' 'content_file: files/deep/text' >sources/D03-new/010-x.yaml
	reach 'published generation'
	shows D03/1 'One.'
	printf 'Two.' >sources/D03-new/files/deep/text
	await 'published generation'
	shows D03/1 'Two.'
	mv sources/D03-new away
	await 'published generation'
	printf 'Three.' >away/files/deep/text
	is_still
	mv away sources/D03-again
	await 'published generation'
	shows D03/1 'Three.'
	rm -r sources/D03-again/files
	reach '1 error in 1 file'
	rm -r sources/D03-again
	reach 'published generation'
	make_layer linked.yaml 3 1.0 linked 'Behind a link.'
	ln -s ../../linked.yaml sources/D02-cognition/020-linked.yaml
	await 'published generation'
	make_layer linked.yaml 3 1.0 linked 'Changed behind a link.'
	await 'published generation'
	shows D02/3 'Changed behind a link.'
	make_dimension D04-elsewhere 4 Elsewhere
	make_layer D04-elsewhere/010-x.yaml 1 1.0 x 'Elsewhere.'
	ln -s ../D04-elsewhere sources/D04-elsewhere
	await 'published generation'
	make_layer D04-elsewhere/010-x.yaml 1 1.0 x 'Else.'
	await 'published generation'
	mkdir sources/notes
	await 'up to date'
	touch sources/notes/readme.txt
	is_still
	make_layer sources/notes/010-x.yaml 1 1.0 x Stray.
	await '1 error in 1 file'
	end
}

@test "the sources may go away and come back, replaced as a whole" {
	begin sources -o volume
	mv sources gone
	await 'nothing was published'
	contains "$(cat ../errors)" 'cannot open the sources sources: No such file'
	make_layer gone/D01-emotion/010-joy.yaml 1 1.5 joy 'While they were gone.'
	is_still
	mv gone sources
	await 'published generation'
	shows D01/1 'While they were gone.'
	cp -r sources other
	make_layer other/D01-emotion/010-joy.yaml 1 1.5 joy 'Others.'
	rm -r sources
	mv other sources
	for _ in {1..300}; do
		if [[ $("$DIMC" show volume D01/1) = Others. ]]; then break; fi
		sleep 0.01
	done
	shows D01/1 'Others.'
	end
}

@test "a folder above the sources that is replaced, or a link to them, is noticed" {
	mkdir -p work/one
	(cd work && make_sources one/sources && cp -r one two && ln -s one here)
	make_layer work/two/sources/D01-emotion/010-joy.yaml 1 1.5 joy 'Two.'
	begin here/sources -o volume
	ln -sfn two here
	await 'published generation'
	shows D01/1 'Two.'
	make_layer two/sources/D01-emotion/010-joy.yaml 1 1.5 joy 'Two, changed.'
	await 'published generation'
	end
}

@test "what editors keep beside a file begins no round, nor does the volume inside the sources, nor its own output" {
	begin sources -o sources/volume
	is_still
	touch sources/D01-emotion/{.010-joy.yaml.swp,010-joy.yaml~,'#010-joy.yaml#',.#lock} sources/{.hidden,README.txt}
	mkdir sources/.git
	touch sources/.git/config.yaml .other
	is_still
	make_layer sources/D01-emotion/010-joy.yaml 1 1.5 joy 'Saved.'
	await 'published generation'
	is_still
	end
	# Into the folder of a dimension, of all places.
	cd sources/D01-emotion
	"$DIMC" watch .. -o ../../../deep --no-sync >rounds.txt 2>&1 &
	watch=$!
	sleep 1.6
	[[ $(grep -c '^round' rounds.txt) -eq 1 ]]
	end
}

@test "a burst of saves is one round or two, and its end is what is published" {
	begin sources -o volume
	# A busy machine makes pauses of its own; each may be quiet enough for a round.
	local now start last pauses=0
	start=${EPOCHREALTIME//[.,]/}
	last=$start
	for i in {1..300}; do
		make_layer sources/D01-emotion/010-joy.yaml 1 1.5 joy "Save $i."
		now=${EPOCHREALTIME//[.,]/}
		pauses=$((pauses + (now - last > 20000)))
		last=$now
	done
	for _ in {1..300}; do
		if [[ $("$DIMC" show volume D01/1) = 'Save 300.' ]]; then break; fi
		sleep 0.01
	done
	shows D01/1 'Save 300.'
	[[ $(grep -c '^round' ../rounds) -le $((3 + pauses + (now - start) / 2000000)) ]]
	end
}

@test "a file that is still being written is not published by half" {
	begin sources -o volume
	{
		printf 'layer_id: 1\nfrequency: 1.5\nkeywords: [joy]\ncontent: |\n  The first half,\n'
		sleep 0.3
		printf '  and the second.\n'
	} >sources/D01-emotion/010-joy.yaml
	await 'published generation'
	shows D01/1 'and the second.'
	[[ $(grep -c 'published' ../rounds) -eq 2 ]]
	# A new file is empty for a while, and some editors move the old one away before they write.
	{
		sleep 0.3
		printf 'layer_id: 7\nfrequency: 1.5\nkeywords: [joy]\ncontent: |\n  Slowly, in the end.\n'
	} >sources/D01-emotion/030-slow.yaml
	await 'published generation'
	mv sources/D01-emotion/030-slow.yaml .old
	sleep 0.05
	cp .old sources/D01-emotion/030-slow.yaml
	await 'up to date'
	# Whoever never closes is read all the same.
	exec 7>>sources/D01-emotion/010-joy.yaml
	printf '  And a third.\n' >&7
	await 'published generation'
	exec 7>&-
	shows D01/1 'And a third.'
	end
}

@test ".env is read again, and a mistake in it is shown like any other" {
	begin sources
	[[ -d data/mmap/consciousness ]]
	echo 'MMAP_BASE_PATH=other' >.env
	await 'to other'
	[[ -d other/consciousness/D01 ]]
	echo 'MMAP_MAX_SIZE=lots' >.env
	await '1 error, nothing was published'
	contains "$(cat ../errors)" 'MMAP_MAX_SIZE must be a whole number'
	rm .env
	await 'up to date: data/mmap'
	end
}

@test "SIGINT, SIGTERM and SIGHUP end it with 0, whenever they come, and never in the middle" {
	for signal in INT TERM HUP; do
		# A shell's background ignores SIGINT; so it is started by one that does not.
		[[ -d sources ]] || make_sources sources
		rm -f rounds
		env --default-signal=INT,HUP "$DIMC" watch sources -o volume >rounds 2>errors &
		watch=$!
		for _ in {1..500}; do
			if grep -qs '^round 1' rounds; then break; fi
			sleep 0.01
		done
		end $signal
	done
	for i in {1..12}; do
		make_layer sources/D01-emotion/010-joy.yaml 1 1.5 joy "Save $i."
		: >rounds
		"$DIMC" watch sources -o volume >rounds 2>errors &
		watch=$!
		sleep "0.0$((i % 5))$((i % 7))"
		# A signal before it waits for any kills it, before it did anything.
		kill "$watch"
		status=0
		wait "$watch" || status=$?
		watch=
		[[ $status -eq 0 || ($status -eq 143 && ! -s rounds) ]]
		[[ ! -e volume/.next ]]
		run_status 0 "$DIMC" verify volume
	done
}

@test "--rounds ends it, with the status of the last round; what was typed wrong ends it at once" {
	make_sources sources
	run_status 0 "$DIMC" watch sources -o volume --rounds 1
	contains "$out" 'round 1: published generation'
	make_layer sources/D01-emotion/010-joy.yaml 1 fast joy Broken.
	run_status 1 "$DIMC" watch sources -o volume -n 1
	contains "$out" 'round 1: 1 error in 1 file, nothing was published'
	[[ $(grep -c 'error' <<<"$err") -eq 1 ]]
	make_layer sources/D01-emotion/010-joy.yaml 1 1.5 joy Short.
	run_status 0 "$DIMC" watch sources -o volume -n 1
	contains "$out" ', 1 warning in 1 file; '
	run_status 1 "$DIMC" watch sources -o volume -n 1 -Werror=text-short
	run_status 0 "$DIMC" watch --list-checks
	run_status 2 "$DIMC" watch sources --diagnostics=json
	run_status 3 "$DIMC" watch nowhere
	contains "$err" 'cannot open the sources nowhere'
	run_status 2 "$DIMC" watch sources/D01-emotion
	contains "$err" 'is the folder of one dimension'
	run_status 2 "$DIMC" watch sources -d Dx
	run_status 2 "$DIMC" watch sources --layout=none
	run_status 2 "$DIMC" watch
	run_status 2 "$DIMC" watch sources -n 0
	run_status 9 "$DIMC" watch sources -d D07 -n 1
}

@test "--check publishes nothing and takes the folder of one dimension; -d takes some; -q is silent; --json is one line a round" {
	make_sources sources
	run_status 0 "$DIMC" watch sources/D01-emotion --check -n 1
	contains "$out" 'round 1: nothing is wrong in 3 files'
	run_status 0 "$DIMC" watch sources --check -n 1 -o volume
	[[ ! -e volume && ! -e data ]]
	run_status 0 "$DIMC" watch sources -o volume -n 1 -q -d D02 --log log
	[[ -z $out && -z $err && ! -e volume/consciousness/D01 ]]
	need jq
	[[ $(jq -r '.command, .changed' log) = $'watch\ntrue' ]]
}

@test "the line of a round says the same as JSON" {
	need jq
	make_sources sources
	run_status 0 "$DIMC" watch sources -o volume -n 1 --json
	[[ $(wc -l <<<"$out") -eq 1 ]]
	[[ $(jq -r '.round, .errors, .exit, .published, .volume, (.dimensions | length)' <<<"$out") = $'1\n0\n0\ntrue\nvolume\n2' ]]
	make_layer sources/D01-emotion/010-joy.yaml 1 fast joy Broken.
	run_status 1 "$DIMC" watch sources -o volume -n 1 --json
	[[ $(jq -r '.errors, .exit, .published' <<<"$out") = $'1\n1\nfalse' ]]
}

@test "a volume that somebody else is publishing to is tried again, without another save" {
	need flock
	begin sources -o volume
	exec 8<>volume/.lock
	flock 8
	make_layer sources/D01-emotion/010-joy.yaml 1 1.5 joy 'In the end.'
	await '1 error, nothing was published'
	exec 8>&-
	for _ in {1..300}; do
		if [[ $("$DIMC" show volume D01/1) = 'In the end.' ]]; then break; fi
		sleep 0.01
	done
	shows D01/1 'In the end.'
	end
}

@test "on a terminal, each round takes the place of the one before" {
	need script
	make_sources sources
	(
		for _ in {1..500}; do
			if [[ -e volume/consciousness ]]; then break; fi
			sleep 0.01
		done
		sleep 0.1
		make_layer sources/D01-emotion/010-joy.yaml 1 fast joy Broken.
	) &
	TERM=xterm script -qec "$DIMC watch sources -o volume --no-sync -n 2" /dev/null >screen </dev/null || true
	contains "$(cat screen)" 'watching sources; Ctrl-C ends'
	[[ $(grep -c $'\033\\[H\033\\[2J' screen) -eq 1 ]]
	after=$(sed -n '/\x1b\[2J/,$p' screen)
	contains "$after" 'must be a number'
	contains "$after" 'round 2: 1 error in 1 file'
	lacks "$after" 'round 1'
}
