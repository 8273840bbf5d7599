#!/usr/bin/env bats
# dump.bats: sources again from regions alone: compiling them gives the same bytes, whatever stood in the regions.
# In: the repository's sources, and those of awkward.py, which no code of dimc has quoted. Out: a round trip, or nothing at all.
# shellcheck disable=SC2154 # out and err are set by run_status
load lib

# round COMPILE-OPTION...: sources -> v -> o -> v2 -> o2. The regions are the same, and a dump of a dump is the dump itself.
round() {
	"$DIMC" compile sources -o v -q --no-sync "$@"
	"$DIMC" dump v -o o -q --no-sync
	run_status 0 "$DIMC" check o
	run_status 0 "$DIMC" fmt --check o
	"$DIMC" compile o -o v2 -q --no-sync
	same_regions v v2
	"$DIMC" dump v2 -o o2 -q --no-sync
	diff -r o o2
	[[ -z $(find . -name '*.part') ]]
}

same_regions() {
	local region count=0
	diff <(cd "$1/consciousness" && ls) <(cd "$2/consciousness" && ls)
	for region in "$1"/consciousness/D*/region.mmap; do
		cmp "$region" "$2/${region#"$1/"}"
		count=$((count + 1))
	done
	[[ $count -gt 0 ]]
}

# awkward MODE ARGUMENT...: see awkward.py.
awkward() {
	python3 -B "$ROOT/tests/awkward.py" "$@"
}

need_yaml() {
	need python3
	python3 -c 'import yaml' 2>/dev/null || skip 'no PyYAML here (make deps-all brings it)'
}

# foreign FROM TO: a region by another program: the region FROM, changed by the Python on standard input, written anew.
foreign() {
	(
		printf 'import sys\nsys.dont_write_bytecode = True\nsys.path.insert(0, sys.argv[1])\nimport format_reader\n'
		printf 'region = format_reader.Region(open(sys.argv[2], "rb").read())\noptional = None\n'
		cat
		printf '\nopen(sys.argv[3], "wb").write(format_reader.rebuild(region, optional))\n'
	) | python3 - "$ROOT/tests" "$@"
}

compiled() {
	make_sources sources
	"$DIMC" compile sources -o v -q --no-sync
}

# nothing_left: the working directory is as it was before.
nothing_left() {
	[[ -z $(find . -name o -o -name '*.part') ]]
}

@test "every dimension of the repository goes to sources and back to the same generation" {
	cp -r "$ROOT/sources" sources
	round
	[[ $(find o -mindepth 1 -maxdepth 1 | wc -l) -eq 14 ]]
	[[ $(grep -c '"dimension_id"' v/consciousness/manifest.json) -eq 14 ]]
	[[ $(grep '"generation"' v/consciousness/manifest.json) = "$(grep '"generation"' v2/consciousness/manifest.json)" ]]
	# They were written by people, and this is how people write.
	diff <(sed -n '/^content: |$/,$p' sources/D01-emotion/040-grief.yaml) \
		<(sed -n '/^content: |$/,$p' o/D01-emotion/004-grief.yaml)
}

@test "a small dimension looks as somebody would write it" {
	mkdir -p sources/x
	printf '%s\n' 'dimension_id: 3' 'name: "Intention & will"' 'layout: packed' 'alignment: 8192' 'updated_at: 2024-10-24' \
		'frequency_range: [0.1, 4]' 'created_at: "2024-10-24T10:00:00Z"' 'description: |-' '  What is' '  wanted.' \
		>sources/x/dimension.yaml
	{
		printf '%s\n' 'layer_id: 12' 'frequency: 1e0' 'keywords: ["no", "1.0", "a: b", "c, d", café, "#tag", "two words",' \
			'  one more to fill the line, and still one that is too much for it]' 'title: "What: a title"' 'content: "first\n\nsecond  \nthird"'
		printf '%s\n' --- 'layer_id: 3' 'frequency: 0.25' 'keywords: [k]' 'content: "  indented\n\n\n"'
		printf '%s\n' --- 'layer_id: 1004' 'frequency: .5' 'keywords: [Été, k]' 'content: "one\r\n\ttwo\e\r\n"'
		printf '%s\n' --- 'layer_id: 5' 'frequency: 4' 'keywords: [binary]' 'content_file: b' 'title: A  "file"'
	} >sources/x/layers.yaml
	printf 'a\0b' >sources/x/b
	round

	mkdir -p want/D03-intention-will
	cd want/D03-intention-will
	cat >dimension.yaml <<-'END'
		dimension_id: 3
		name: Intention & will
		description: |-
		  What is
		  wanted.
		created_at: 2024-10-24T10:00:00Z
		updated_at: 2024-10-24T00:00:00Z
		frequency_range: [0.1, 4.0]
		layout: packed
		alignment: 8192
	END
	cat >0003-k.yaml <<-'END'
		layer_id: 3
		frequency: 0.25
		keywords: [k]
		content: |2+
		    indented


	END
	cat >0005-a-file.yaml <<-'END'
		layer_id: 5
		title: A  "file"
		frequency: 4.0
		keywords: [binary]
		content_file: 0005-a-file.bin
	END
	printf 'a\0b' >0005-a-file.bin
	sed 's/\$$//' >0012-what-a-title.yaml <<-'END'
		layer_id: 12
		title: "What: a title"
		frequency: 1.0
		keywords:
		  - no
		  - 1.0
		  - "a: b"
		  - c, d
		  - café
		  - "#tag"
		  - two words
		  - one more to fill the line
		  - and still one that is too much for it
		content: |-
		  first

		  second  $
		  third
	END
	cat >1004-ete.yaml <<-'END'
		layer_id: 1004
		frequency: 0.5
		keywords: [Été, k]
		content: "one\r\n\
		  \ttwo\x1B\r\n"
	END
	cd ../..
	diff -r want o
}

@test "awkward texts of every kind come back, in both layouts, and another reader of YAML reads the same" {
	need_yaml
	export MMAP_MAX_SIZE=1000000000
	awkward make .
	round
	run_status 0 awkward read facts.json o
	contains "$out" '"dimensions": 25'
	rm -r v v2 o2
	mv o first
	round --layout=packed --align=65536
	sed -i '/^alignment: 65536$/d; /^layout: packed$/d' o/*/dimension.yaml
	diff -r first o
}

@test "hundreds of random layers come back, and another reader of YAML reads the same" {
	need_yaml
	local seed
	for seed in 1 2; do
		rm -rf ./*
		awkward random . $seed 250
		round
		run_status 0 awkward read facts.json o
		contains "$out" '"layers": 250'
		# All three ways are taken.
		lacks "$out" ': 0'
	done
}

@test "dump takes a generation, a dimension, a region and -d, and says what it wrote" {
	compiled
	"$DIMC" dump v -o whole -q
	"$DIMC" dump v/consciousness -o o -q
	diff -r whole o
	for path in v/consciousness/D02 v/consciousness/D02/region.mmap; do
		rm -r o
		run_status 0 "$DIMC" dump $path -o o --no-sync
		[[ $out = '1 dimension, 1 layer in 2 files ('*' B) written to o; compiling them gives the same regions' ]]
		diff -r whole/D02-cognition o/D02-cognition
		[[ $(ls -A o) = D02-cognition ]]
	done
	rm -r o
	MMAP_BASE_PATH=v run_status 0 "$DIMC" dump -o o -d D02 -v
	contains "$out" 'o/D02-cognition: 1 layer'
	[[ $(ls -A o) = D02-cognition ]]
	run_status 9 "$DIMC" dump v -o other -d D02,D07
	contains "$err" 'v has no D07'
	[[ ! -e other ]]
	need jq
	[[ $("$DIMC" dump v -o json --json | jq -c '[.output, (.dimensions[] | [.folder, .layer_count, .files, .content_files])]') = \
		'["json",["D01-emotion",2,3,0],["D02-cognition",1,2,0]]' ]]
	[[ $("$DIMC" dump v -o json2 --json | jq -r '.dimensions[0].checksum') = $(jq -r .checksum v/consciousness/D01/index.json) ]]
}

@test "a proto-dimension, and a region whose file is longer than it, are dumped" {
	make_sources sources
	MMAP_INITIAL_SIZE=100000 "$DIMC" compile sources -o v -q --no-sync
	"$DIMC" compile --proto draft sources/D01-emotion -o v -q --no-sync
	"$DIMC" dump v -o o -q --no-sync
	"$DIMC" dump v/proto/draft.mmap -o p -q --no-sync
	diff -r o/D01-emotion p/D01-emotion
	"$DIMC" compile o -o v2 -q --no-sync
	cmp -n "$(number v2/consciousness/D01/region.mmap 16 8)" v/consciousness/D01/region.mmap v2/consciousness/D01/region.mmap
}

@test "the hand-made region gives the sources that say the same" {
	"$ROOT/tests/fixtures/handmade/assemble.sh" "$ROOT/tests/fixtures/handmade/region.txt" hand.mmap
	"$DIMC" dump hand.mmap -o o -q --no-sync
	"$DIMC" compile o -o v -q --no-sync
	cmp hand.mmap v/consciousness/D07/region.mmap
	[[ $(ls o/D07-hand) = 002-zwei.yaml$'\n'005-alpha.yaml$'\n'009-neun-u.yaml$'\n'dimension.yaml ]]
}

@test "what another program wrote and sources may not say is told, all of it, and nothing is written" {
	need python3
	compiled
	foreign v/consciousness/D01/region.mmap foreign.mmap <<-'END'
		region.name = "Emotion\x07"
		region.description = "é" * 4001
		region.layers[0]["title"] = "two\nlines"
		region.layers[0]["keywords"] = ["joy", " space", "x" * 129]
		region.layers[1]["title"] = "x" * 201
		region.layers[1]["keywords"] = ["bell\x07", "tail "]
	END
	"$DIMC" verify foreign.mmap -q
	run_status 1 "$DIMC" dump foreign.mmap -o o
	contains "$err" 'D01: the name holds the control character U+0007'
	contains "$err" 'D01: the description has 4001 characters; at most 4000 are allowed'
	contains "$err" 'D01 layer 1: the title must be one line'
	contains "$err" 'D01 layer 1: the keyword " space" must not begin or end with a space'
	contains "$err" 'D01 layer 1: the keyword "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..." has 129 characters; at most 128 are allowed'
	contains "$err" 'D01 layer 2: the title has 201 characters; at most 200 are allowed'
	contains "$err" 'D01 layer 2: the keyword "bell?" holds the control character U+0007'
	contains "$err" 'D01 layer 2: the keyword "tail " must not begin or end with a space'
	[[ $(grep -c 'error:' <<<"$err") -eq 8 ]]
	nothing_left
	# At the limits, and without a byte to spare, it is allowed.
	foreign v/consciousness/D01/region.mmap foreign.mmap <<-'END'
		region.name = "é" * 100
		region.description = "é\n\t " * 1000
		region.layers[0]["title"] = " " * 200
		region.layers[0]["keywords"] = ["\u2028" * 128]
	END
	run_status 0 "$DIMC" dump foreign.mmap -o o
	"$DIMC" compile o -o v2 -q --no-sync
	cmp foreign.mmap v2/consciousness/D01/region.mmap
}

@test "a dimension without layers, and a section of a later day, are no sources" {
	need python3
	compiled
	foreign v/consciousness/D01/region.mmap foreign.mmap <<<'region.layers = []'
	"$DIMC" verify foreign.mmap -q
	run_status 1 "$DIMC" dump foreign.mmap -o o
	contains "$err" 'D01: the dimension has no layers'
	nothing_left
	foreign v/consciousness/D01/region.mmap foreign.mmap <<<'optional = {9: b"from a later day"}'
	"$DIMC" verify foreign.mmap -q
	run_status 1 "$DIMC" dump foreign.mmap -o o
	contains "$err" 'foreign.mmap: D01: sources cannot say all that the region holds'
	nothing_left
}

@test "damage is told and nothing is written; -d dumps what is sound" {
	compiled
	flip v/consciousness/D01/region.mmap 4100
	run_status 5 "$DIMC" dump v -o o
	contains "$err" 'D01 layer 1: the content is not what its digest says'
	contains "$err" '-d takes the dimensions that are sound'
	nothing_left
	run_status 0 "$DIMC" dump v -o sound -d D02
	flip v/consciousness/D01/region.mmap 4100
	# Padding is no part of a content, but of the bytes that compiling gives.
	poke v/consciousness/D01/region.mmap 5000 01
	run_status 5 "$DIMC" dump v -o o
	nothing_left
	mkdir twice
	cp -r v/consciousness/D02 twice/D02
	cp -r v/consciousness/D02 twice/D03
	run_status 5 "$DIMC" dump twice -o o
	contains "$err" 'twice: two regions are of D02'
	nothing_left
}

@test "what is there is not written over" {
	compiled
	mkdir full
	echo mine >full/file
	run_status 3 "$DIMC" dump v -o full
	contains "$err" 'full is there already, and is not empty'
	run_status 3 "$DIMC" dump v -o full/file
	contains "$err" 'full/file is there already, and is no directory'
	ln -s full link
	ln -s nowhere dangling
	run_status 3 "$DIMC" dump v -o link
	run_status 3 "$DIMC" dump v -o dangling
	mkdir hollow
	ln -s hollow shell
	run_status 3 "$DIMC" dump v -o shell/
	contains "$err" 'shell is there already, and is no directory'
	[[ $(cat full/file) = mine && $(ls -A full) = file && -L link && -L dangling ]]
	mkdir empty
	run_status 0 "$DIMC" dump v -o empty/ -q
	[[ -f empty/D01-emotion/001-joy.yaml ]]
	run_status 0 "$DIMC" dump v -o new/deep/er -q
	diff -r empty new/deep/er
	[[ -z $(find . -name '*.part') ]]
}

@test "an -o that is missing or no name, a PATH that is not there and one that is none are told" {
	compiled
	run_status 2 "$DIMC" dump v
	contains "$err" '-o is missing'
	mkdir sub
	run_status 2 "$DIMC" dump v -o sub/nothing/..
	run_status 2 "$DIMC" -C sub dump ../v -o .
	contains "$err" '. is no name that a new directory could get'
	run_status 2 "$DIMC" dump v -o ''
	run_status 9 "$DIMC" dump nowhere -o o
	run_status 9 "$DIMC" dump sub -o o
	run_status 5 "$DIMC" dump sources/D01-emotion/dimension.yaml -o o
	MMAP_MAX_SIZE=8192 run_status 3 "$DIMC" dump v -o o
	contains "$err" MMAP_MAX_SIZE
	nothing_left
}

@test "where nothing can be written, nothing is left" {
	compiled
	touch file
	run_status 3 "$DIMC" dump v -o file/o
	contains "$err" 'cannot make'
	run_status 3 "$DIMC" dump v -o /proc/o
	[[ $(id -u) = 0 ]] || {
		mkdir closed
		chmod 555 closed
		run_status 3 "$DIMC" dump v -o closed/o
		contains "$err" 'Permission denied'
	}
	nothing_left
}

@test "a full disk is told, and nothing is left" {
	make_sources sources
	head -c 300000 /dev/urandom >sources/D02-cognition/b
	sed -i '/^content/,$d' sources/D02-cognition/010-attention.yaml
	echo 'content_file: b' >>sources/D02-cognition/010-attention.yaml
	"$DIMC" compile sources -o v -q --no-sync
	mkdir disk
	mount -t tmpfs -o size=128k dump-test disk 2>/dev/null || skip 'nothing may be mounted here'
	status=0
	"$DIMC" dump v -o disk/o 2>err || status=$?
	left=$(ls -A disk)
	umount disk
	[[ $status -eq 3 && -z $left ]]
	contains "$(cat err)" 'No space left on device'
}

@test "killed anywhere, it leaves no directory of that name, and the next run tidies up" {
	need strace
	export ASAN_OPTIONS=detect_leaks=0 # a leak sanitizer cannot look while strace does
	strace -qq -o /dev/null true 2>/dev/null || skip 'strace may not trace here'
	compiled
	"$DIMC" dump v -o want -q
	local at call number status
	for at in mkdir:1 mkdirat:1 mkdirat:2 write:1 write:2 write:5 syncfs:1 rename:1; do
		call=${at%:*} number=${at#*:} status=0
		strace -f -o trace.log -e trace="$call" -e signal=none -e inject="$call:signal=KILL:when=$number" \
			"$DIMC" dump v -o o >killed.log 2>&1 || status=$?
		[[ $status -eq 137 ]] || { echo "not killed at $at: $status" && cat killed.log trace.log && return 1; }
		[[ ! -e o ]]
		run_status 0 "$DIMC" dump v -o o -q
		diff -r want o
		rm -r o
		nothing_left
	done
	# Where a run was killed and -d is less, nothing of the former is in the new one.
	mkdir -p .o.part/D09-old
	touch .o.part/D09-old/file .o.part/file
	run_status 0 "$DIMC" dump v -o o -q -d D02
	[[ $(ls -A o) = D02-cognition ]]
	strace -f -o trace.log -e trace=fsync -e inject=fsync:error=EIO:when=1 "$DIMC" dump v -o late >/dev/null 2>err || status=$?
	[[ $status -eq 8 ]]
	contains "$(cat err)" 'late is written, but'
	diff -r want late
}

@test "two runs do not write into one directory, and a link in its place is not followed" {
	need flock
	compiled
	mkdir .o.part elsewhere
	run_status 3 flock .o.part "$DIMC" dump v -o o
	contains "$err" 'somebody else is writing .o.part'
	[[ ! -e o && -d .o.part ]]
	rmdir .o.part
	touch elsewhere/file
	ln -s elsewhere .o.part
	run_status 3 "$DIMC" dump v -o o
	[[ ! -e o && -f elsewhere/file && $(ls -A elsewhere) = file ]]
}

@test "files are for people to change: their modes are what the umask leaves" {
	compiled
	(umask 027 && "$DIMC" dump v -o o -q)
	[[ $(stat -c %a o o/D01-emotion o/D01-emotion/dimension.yaml | tr '\n' ' ') = '750 750 640 ' ]]
}
