#!/usr/bin/env bats
# watch_kernel.bats: what the kernel tells `dimc watch`, and what it does where that says too much, too little or nothing.
# In: the built program; limits, a flood. Out: the rounds that follow.
# shellcheck disable=SC2154 # variables are set by run_status and by watch.bash
# shellcheck disable=SC2030,SC2031 # tests are subshells on purpose

load lib
load watch

@test "while nothing happens, it does next to nothing" {
	begin sources -o volume
	read -r -a stat <"/proc/$watch/stat"
	before=$((stat[13] + stat[14]))
	sleep 2.5
	read -r -a stat <"/proc/$watch/stat"
	[[ $((stat[13] + stat[14] - before)) -le 2 ]]
	end
}

@test "events that the kernel dropped are made up for" {
	begin sources -o volume
	kill -STOP "$watch"
	(cd sources/D01-emotion && bash -c 'for _ in {1..9000}; do : >.one; : >.two; done')
	make_layer sources/D01-emotion/010-joy.yaml 1 1.5 joy 'After the overflow.'
	[[ $(cat /proc/sys/fs/inotify/max_queued_events) -le 16384 ]] || skip 'the queue is longer here'
	kill -CONT "$watch"
	await 'published generation'
	shows D01/1 'After the overflow.'
	end
}

@test "--poll sees the same, a second later" {
	begin sources -o volume --poll
	is_still
	make_layer sources/D01-emotion/010-joy.yaml 1 1.5 joy 'Seen.'
	await 'published generation'
	shows D01/1 'Seen.'
	make_dimension sources/D03-new 3 New
	make_layer sources/D03-new/010-x.yaml 1 1.0 x x
	reach 'published generation'
	mv sources gone
	await 'nothing was published'
	mv gone sources
	await 'up to date'
	sleep 1.2
	is_still
	end
}

@test "without inotify watches or instances it says so, and compares" {
	unshare -Ur sh -c 'echo 3 >/proc/sys/user/max_inotify_watches' 2>/dev/null ||
		skip 'a user namespace with limits of its own cannot be made here'
	make_sources sources
	for limit in watches instances; do
		rm -f rounds
		unshare -Ur sh -c "echo 0 >/proc/sys/user/max_inotify_$limit; exec \"\$@\"" - timeout 20 "$DIMC" watch sources -o volume --no-sync -n 2 \
			>rounds 2>errors &
		watch=$!
		for _ in {1..500}; do
			if grep -qs '^round 1' rounds; then break; fi
			sleep 0.01
		done
		contains "$(cat errors)" "no inotify $limit are left (fs.inotify.max_user_$limit)"
		contains "$(cat errors)" 'every second instead'
		make_layer sources/D01-emotion/010-joy.yaml 1 1.5 joy "Without $limit."
		wait "$watch"
		watch=
		shows D01/1 "Without $limit."
		[[ $(grep -c 'instead' errors) -eq 1 ]]
	done
}
