# hostile.bash: what must be true of every archive that hostile.py makes: `dimc restore` says what is wrong, nothing has changed
# anywhere, `dimc verify` and `dimc list` do not call it good, and no run is killed, slow or large.
#
# In: lib.bash. Out: functions, and a setup for each test.
# shellcheck disable=SC2154 # out and err are set by run_status

# make_archives GROUP...: for all tests of a file, the archives, and a published volume that is neither theirs nor without
# dimensions of theirs.
make_archives() {
	cd "$BATS_FILE_TMPDIR" || return 1
	command -v python3 >/dev/null || return 0
	make_sources good
	make_dimension good/D03-intention 3 Intention
	make_layer good/D03-intention/1.yaml 4 3.0 'plan' 'A plan.'
	"$DIMC" compile -q --no-sync --layer-files good -o good/data/mmap
	tar -C good -czf good.tar.gz data/mmap/consciousness/
	mkdir bundles
	python3 "$ROOT/tests/hostile.py" good.tar.gz bundles "$@"
	make_sources here
	make_dimension here/D05-temporal 5 Temporal
	make_layer here/D05-temporal/1.yaml 1 1.0 'time' 'Time passes.'
	"$DIMC" compile -q --no-sync here -o volume
	make_layer here/D01-emotion/010-joy.yaml 1 1.5 'joy' 'Joy, here.'
	"$DIMC" compile -q --no-sync here -o volume
	"$DIMC" compile -q --no-sync --proto thought here/D01-emotion -o volume
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	need python3
	bundles=$BATS_FILE_TMPDIR/bundles
	renew
	mkdir tmp
	export TMPDIR=$PWD/tmp
	touch "$bundles"
	touch -r "$bundles" marker
	# A sanitizer's or valgrind's memory says nothing about the program's.
	limit=0
	if [[ -x /usr/bin/time ]]; then
		/usr/bin/time -o rss -f %M "$DIMC" --version >/dev/null
		[[ $(<rss) -gt 10000 ]] || limit=65536
	fi
}

renew() {
	rm -rf volume
	cp -a "$BATS_FILE_TMPDIR/volume" volume
}

# state: all that a refused restore could have changed in the volume and in TMPDIR.
state() {
	find volume tmp \( -type d -printf '%p %m\n' \) -o -printf '%p %y %m %s %T@ %i\n'
}

# ran COMMAND...: runs dimc with them; $status, $err. Complains of a signal, of time and memory, of bytes that do things to a
# terminal.
ran() {
	local out measure=()
	[[ $limit -eq 0 || $kind != @(bomb|claims|large-text|sparse|too-many|lying-manifest) ]] || measure=(/usr/bin/time -o rss -f %M)
	status=0
	"${measure[@]}" "$DIMC" "$@" >stdout 2>stderr || status=$?
	err=$(<stderr) out=$(<stdout)
	out=${out//$'\t'/}
	if [[ $status -ge 124 ]]; then
		complain "$1: status $status"
	elif [[ ${#measure[@]} -gt 0 && $(tail -n 1 rss) -gt $limit ]]; then
		complain "$1: $(tail -n 1 rss) KiB of memory"
	fi
	[[ ${err//$'\n'/}${out//$'\n'/} != *[$'\x01'-$'\x1f'$'\x7f']* ]] || complain "$1: control characters in what it says"
}

complain() {
	printf '%s: %s\n' "$file" "$1"
	printf '    %s\n' "${err//$'\n'/$'\n    '}"
	wrong=$((wrong + 1))
}

# check_refusal: whether what restore said of $file is what the table wants: $text, $member.
check_refusal() {
	local line refused=0
	while read -r line; do
		if [[ $line = "dimc: error: "*": refused: "*"; nothing changed" ]]; then
			refused=$((refused + 1))
		elif [[ $line = "dimc: error: "* ]]; then
			complain "restore: not every error ends with \"refused: ...; nothing changed\""
		fi
	done <<<"$err"
	[[ $refused -gt 0 ]] || complain "restore: no line says \"refused: ...; nothing changed\""
	shopt -s nocasematch
	[[ $err =~ $text ]] || complain "restore: expected: $text"
	shopt -u nocasematch
	[[ $member = - || $err = *"refused: member $member"* ]] || complain "restore: does not name $member"
}

# hold KIND...: everything that must be true of each archive of these kinds.
hold() (
	# What Bats does after every command takes longer than the command.
	trap - DEBUG ERR
	set +eET
	export LC_ALL=C
	ulimit -t $((limit > 0 ? 20 : 200)) # seconds of each process: what runs longer is killed by a signal
	count=0 wrong=0
	kinds=" $* "
	before=$(state)
	whole=$(snapshot volume)
	while IFS=$'\t' read -r file want text member lists; do
		kind=${file#*-}
		# The longest kind that its name begins with.
		while [[ $kind = *-* && $kinds != *" $kind "* ]]; do kind=${kind%-*}; done
		[[ $kinds = *" $kind "* ]] || continue
		count=$((count + 1))
		ran restore "$bundles/$file" -o volume --no-sync
		restored=$status after=$before
		[[ "|$want|" = *"|$status|"* ]] || complain "restore: status $status, not $want"
		if [[ $restored -ne 0 ]]; then
			check_refusal
			after=$(state)
			if [[ $after != "$before" ]]; then
				complain "restore changed something"
				diff <(printf '%s\n' "$before") <(printf '%s\n' "$after")
			fi
		elif ! "$DIMC" verify --strict -q volume 2>stderr || ! is_good; then
			err=$(<stderr) complain "restore: what it published is not the sound archive"
		fi
		[[ ! $bundles -nt marker ]] || complain "restore left something beside the bundle"
		if [[ $restored -eq 0 || $after != "$before" ]]; then
			renew
			before=$(state)
			whole=$(snapshot volume)
		fi
		ran verify "$bundles/$file"
		# What does not begin like a bundle may be a region.
		if [[ $err != *"not a region"* && $file != *-no-bundle-region.tar.gz ]]; then
			[[ $status -eq $restored ]] || complain "verify: status $status, but restore: $restored"
			[[ $status -eq 0 || $err = *": refused: "* ]] || complain "verify: does not say refused"
		fi
		[[ $err != *"nothing changed"* ]] || complain "verify: nothing could have changed"
		ran list "$bundles/$file"
		[[ $status -eq 0 || $restored -ne 0 ]] || complain "list: status $status, but restore: $restored"
		[[ $status -ne 0 || $restored -eq 0 || $lists = any ]] || complain "list: status 0, but restore: $restored"
	done <"$bundles/expected.tsv"
	[[ $(state) = "$before" && $(snapshot volume) = "$whole" ]] || complain "the volume is not what it was, or something is left in TMPDIR"
	[[ $(<"$bundles/victim") = untouched && $(stat -c %h "$bundles/victim") -eq 1 ]] || complain "a file outside was touched"
	echo "$count archives, $wrong complaints"
	[[ $wrong -eq 0 && $count -gt 0 ]]
)

# is_good: the dimensions of the volume that the archives have too are the archives' ones.
is_good() {
	local name
	for name in volume/consciousness/D0[1-3]; do
		cmp -s "$name/region.mmap" "$BATS_FILE_TMPDIR/good/data/mmap/consciousness/${name##*/}/region.mmap" && return 0
	done
	return 1
}

# one_of_each: a file of every kind, those that restore may accept left out.
one_of_each() {
	awk -F '\t' '$2 !~ /0/ { kind = $1; sub(/^[0-9]+-/, "", kind); sub(/-.*/, "", kind); if (!seen[kind]++) print $1 }' "$bundles/expected.tsv"
}

# each_is_held: every archive is of a kind that a test of the file holds.
each_is_held() (
	trap - DEBUG ERR
	set +eET
	held=" $(grep -oE '^	hold .*' "$BATS_TEST_FILENAME" | tr '\n\t' '  ') "
	while IFS=$'\t' read -r file _; do
		kind=${file#*-}
		while [[ $kind = *-* && $held != *" $kind "* ]]; do kind=${kind%-*}; done
		[[ $held = *" $kind "* ]] || { echo "no test holds $file" && exit 1; }
	done <"$bundles/expected.tsv"
)

# kinds: how many there are, controls not counted.
kinds() {
	cut -f 1 "$bundles/expected.tsv" | sed -E 's/^[0-9]+-//; s/-.*//' | grep -v sound | sort -u | wc -l
}
