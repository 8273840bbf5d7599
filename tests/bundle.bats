#!/usr/bin/env bats
# bundle.bats: `dimc bundle` packs a volume into the same bytes wherever and however it runs, what it leaves is whole or not there, and
# the tools of others read and check it: tar, gzip, sha256sum, bsdtar, busybox, Python, Go.

# shellcheck disable=SC2154 # out and err are set by run_status
load lib

# A small volume, whose dimensions were updated at three times and have layers/; and the project's own 14 dimensions.
setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	make_sources src
	make_dimension src/D105-far 105 Far
	make_layer src/D105-far/1.yaml 7 1.0 'far' 'Far away.'
	make_layer src/D105-far/2.yaml 10 1.0 'far' 'Farther away.'
	sed -i 's/^updated_at: .*/updated_at: 2025-03-01T00:00:01Z/' src/D02-cognition/dimension.yaml
	sed -i 's/^updated_at: .*/updated_at: 2024-12-31T23:59:59Z/' src/D105-far/dimension.yaml
	"$DIMC" compile -q --no-sync --layer-files src -o small
	SOURCE_DATE_EPOCH=1729771200 "$DIMC" compile -q --no-sync "$ROOT/sources" -o large
	"$DIMC" bundle large -o large.tar.gz -q
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	cp -a "$BATS_FILE_TMPDIR/small" small
	large=$BATS_FILE_TMPDIR/large
}

# identity FILE: the SHA-256 of the tar in it.
identity() {
	gzip -dc "$1" | sha256sum | cut -c 1-64
}

# refuses STATUS DIRECTORY COMMAND...: it fails with this status, and leaves the directory as it was.
refuses() {
	local before
	before=$(snapshot "$2")
	run_status "$1" "${@:3}"
	[[ $(snapshot "$2") = "$before" ]]
}


@test "the members, their order, modes, owners and times are those of the document, in ustar" {
	run_status 0 "$DIMC" bundle small -o b.tar.gz
	size() { stat -c %s "small/consciousness/$1"; }
	TZ=UTC tar -tvzf b.tar.gz --full-time --numeric-owner | sed -E 's/ +/ /g' >listing
	sums=$(tar -xOzf b.tar.gz data/mmap/consciousness/SHA256SUMS | wc -c)
	p=data/mmap/consciousness
	diff - listing <<-END
		-r--r--r-- 0/0 $(size manifest.json) 2025-03-01 00:00:01 $p/manifest.json
		drwxr-xr-x 0/0 0 2025-03-01 00:00:01 $p/
		-r--r--r-- 0/0 $sums 2025-03-01 00:00:01 $p/SHA256SUMS
		drwxr-xr-x 0/0 0 2024-10-24 12:00:00 $p/D01/
		-r--r--r-- 0/0 $(size D01/index.json) 2024-10-24 12:00:00 $p/D01/index.json
		drwxr-xr-x 0/0 0 2024-10-24 12:00:00 $p/D01/layers/
		-r--r--r-- 0/0 $(size D01/layers/1.txt) 2024-10-24 12:00:00 $p/D01/layers/1.txt
		-r--r--r-- 0/0 $(size D01/layers/2.txt) 2024-10-24 12:00:00 $p/D01/layers/2.txt
		-r--r--r-- 0/0 $(size D01/region.mmap) 2024-10-24 12:00:00 $p/D01/region.mmap
		drwxr-xr-x 0/0 0 2025-03-01 00:00:01 $p/D02/
		-r--r--r-- 0/0 $(size D02/index.json) 2025-03-01 00:00:01 $p/D02/index.json
		drwxr-xr-x 0/0 0 2025-03-01 00:00:01 $p/D02/layers/
		-r--r--r-- 0/0 $(size D02/layers/1.txt) 2025-03-01 00:00:01 $p/D02/layers/1.txt
		-r--r--r-- 0/0 $(size D02/region.mmap) 2025-03-01 00:00:01 $p/D02/region.mmap
		drwxr-xr-x 0/0 0 2024-12-31 23:59:59 $p/D105/
		-r--r--r-- 0/0 $(size D105/index.json) 2024-12-31 23:59:59 $p/D105/index.json
		drwxr-xr-x 0/0 0 2024-12-31 23:59:59 $p/D105/layers/
		-r--r--r-- 0/0 $(size D105/layers/10.txt) 2024-12-31 23:59:59 $p/D105/layers/10.txt
		-r--r--r-- 0/0 $(size D105/layers/7.txt) 2024-12-31 23:59:59 $p/D105/layers/7.txt
		-r--r--r-- 0/0 $(size D105/region.mmap) 2024-12-31 23:59:59 $p/D105/region.mmap
	END
	gzip -dc b.tar.gz >b.tar
	# Magic, version, no names of owner and group, in the first header and in one further on.
	for at in 257 $(($(grep -abo "$p/D02/region.mmap" b.tar | grep -v SHA | tail -n 1 | cut -d : -f 1) + 257)); do
		[[ $(bytes b.tar "$at" 8) = 7573746172003030 ]]
		[[ $(bytes b.tar $((at + 8)) 64) =~ ^0+$ ]]
	done
	# No time, no name in the header of gzip.
	[[ $(bytes b.tar.gz 0 8) = 1f8b080000000000 ]]
	[[ $(find . -maxdepth 1 -name 'b*' -o -maxdepth 1 -name '.*b*' | sort | tr '\n' ' ') = './b.tar ./b.tar.gz ./b.tar.gz.sha256 ' ]]
}

@test "the identity it prints is the SHA-256 of the tar, and the .sha256 beside it is for sha256sum" {
	run_status 0 "$DIMC" bundle small -o there.tar.gz
	contains "$out" "$(identity there.tar.gz)"
	contains "$out" there.tar.gz
	[[ $(<there.tar.gz.sha256) = "$(sha256sum there.tar.gz)" ]]
	[[ $(wc -l <there.tar.gz.sha256) -eq 1 ]]
	mkdir sub
	run_status 0 "$DIMC" bundle small -o sub/b.tar.gz -q
	[[ -z $out ]]
	(cd sub && sha256sum -c b.tar.gz.sha256)
	flip sub/b.tar.gz 500
	(cd sub && run_status 1 sha256sum -c b.tar.gz.sha256)
	need jq
	run_status 0 "$DIMC" bundle small -o sub/b.tar.gz --json
	[[ $(jq -r '.identity' <<<"$out") = "sha256:$(identity sub/b.tar.gz)" ]]
	[[ $(jq -r '.generation' <<<"$out") = "$(jq -r .generation small/consciousness/manifest.json)" ]]
}

@test "the same bytes from run to run, anywhere, at any time, for anybody, with any number of threads" {
	cp "$BATS_FILE_TMPDIR/large.tar.gz" want
	for jobs in 1 2 4 16; do
		run_status 0 "$DIMC" bundle "$large" -o b.tar.gz -j $jobs
		cmp want b.tar.gz
	done
	[[ $(stat -c %a b.tar.gz) = 644 ]]
	mkdir -p other/place
	cp -r "$large" other/place/volume
	find other -exec touch -d 2001-01-01T00:00:00Z {} +
	rm -rf other/place/volume/.cache
	chmod -R u+w other
	(
		cd other/place
		umask 077
		export TZ=Asia/Kathmandu LC_ALL=tr_TR.UTF-8 LANG=de_DE SOURCE_DATE_EPOCH=1 HOME=/nowhere USER=x MMAP_INITIAL_SIZE=99999 GZIP=-1
		run_status 0 "$DIMC" bundle volume/ -o "$PWD/b.tar.gz"
		MMAP_BASE_PATH=volume run_status 0 "$DIMC" bundle -o c.tar.gz
	)
	cmp want other/place/b.tar.gz
	cmp want other/place/c.tar.gz
	if faketime '2031-01-01' "$DIMC" --version >/dev/null 2>&1; then # not with sanitizers
		faketime '2031-01-01' "$DIMC" bundle "$large" -o b.tar.gz
		cmp want b.tar.gz
	fi
}

@test "the same bytes for another user, who may only read the volume" {
	[[ $(id -u) = 0 ]] || skip "not root"
	need setpriv
	cp "$DIMC" ./dimc
	chmod 755 .
	mkdir theirs
	chmod 777 theirs
	cp -r "$large" large
	chmod -R a+rX large
	setpriv --reuid=65534 --regid=65534 --clear-groups ./dimc --version >/dev/null 2>&1 || skip "another user cannot run a program here"
	run_status 0 setpriv --reuid=65534 --regid=65534 --clear-groups ./dimc bundle large -o theirs/b.tar.gz
	cmp theirs/b.tar.gz "$BATS_FILE_TMPDIR/large.tar.gz"
}

@test "bundling changes nothing in the volume" {
	before=$(snapshot small)
	run_status 0 "$DIMC" bundle small -o b.tar.gz
	[[ $(snapshot small) = "$before" ]]
	rm small/.lock
	run_status 0 "$DIMC" bundle small -o b.tar.gz
	[[ ! -e small/.lock ]]
}

@test "gzip, pigz, tar, bsdtar and busybox read it, and find the same files" {
	cp "$BATS_FILE_TMPDIR/large.tar.gz" b.tar.gz
	gzip -t b.tar.gz
	want=$(cd "$large" && find consciousness -type f | sort | sed 's,^,data/mmap/,')
	want+=$'\n'data/mmap/consciousness/SHA256SUMS
	want=$(sort <<<"$want")
	[[ $(tar -tzf b.tar.gz | grep -v '/$' | sort) = "$want" ]]
	mkdir gnu
	tar -xzf b.tar.gz -C gnu
	for tool in pigz bsdtar busybox; do
		if ! command -v $tool >/dev/null; then
			echo "# no $tool here" >&3
			continue
		fi
		mkdir $tool
		case $tool in
		pigz) pigz -dc b.tar.gz | tar -xf - -C pigz ;;
		bsdtar) bsdtar -xzf b.tar.gz -C bsdtar ;;
		busybox) busybox tar -xzf b.tar.gz -C busybox ;;
		esac
		diff <(contents gnu) <(contents $tool)
	done
}

@test "5 MiB of texts: as small as gzip makes it, the same with any number of threads, and read by all the same" {
	local tool id jobs
	# The project's words in an order that nobody wrote, always the same.
	make_dimension src/D01-words 1 Words
	cat "$ROOT"/sources/*/*.yaml | tr -cd 'A-Za-z ,.\n' | awk '
		{ for (i = 1; i <= NF; i++) words[n++] = $i }
		END {
			srand(1)
			for (id = 1; id <= 600; id++) {
				printf "---\nlayer_id: %d\nfrequency: 1.5\nkeywords: [n%d]\ncontent: |\n", id, id
				for (line = 0; line < 100; line++) {
					printf " "
					for (k = 0; k < 12; k++) printf " %s", words[int(rand() * n)]
					print ""
				}
			}
		}' >src/D01-words/words.yaml
	"$DIMC" compile -q --no-sync -Wno-all src -o words
	"$DIMC" bundle words -o words.tar.gz | tee printed
	id=$(identity words.tar.gz)
	contains "$(<printed)" "$id"
	[[ $(gzip -dc words.tar.gz | wc -c) -gt 5000000 ]]
	[[ $(stat -c %s words.tar.gz) -lt $(($(gzip -dc words.tar.gz | gzip -c | wc -c) * 102 / 100)) ]]
	for jobs in 1 2 5; do
		"$DIMC" bundle words -o again.tar.gz -q -j $jobs
		cmp words.tar.gz again.tar.gz
	done
	for tool in pigz bsdcat busybox python3; do
		command -v $tool >/dev/null || continue
		case $tool in
		pigz) pigz -dc words.tar.gz ;;
		bsdcat) bsdcat words.tar.gz ;;
		busybox) busybox gzip -dc words.tar.gz ;;
		python3) python3 -c 'import gzip, shutil, sys; shutil.copyfileobj(gzip.open("words.tar.gz"), sys.stdout.buffer)' ;;
		esac | sha256sum >sum
		[[ $(cut -c 1-64 sum) = "$id" ]]
	done
	run_status 0 "$DIMC" restore words.tar.gz -o restored --no-sync
	diff <(contents words/consciousness) <(contents restored/consciousness)
}

@test "Python's gzip and tarfile read it, one gzip member after the other" {
	need python3
	python3 - "$BATS_FILE_TMPDIR/large.tar.gz" "$large/consciousness" <<-'END'
		import gzip, os, sys, tarfile, zlib
		data = open(sys.argv[1], "rb").read()
		whole = gzip.decompress(data)
		parts = b""
		rest = data
		while rest:
		    unpack = zlib.decompressobj(31)
		    parts += unpack.decompress(rest) + unpack.flush()
		    assert unpack.eof
		    rest = unpack.unused_data
		assert parts == whole and whole.endswith(bytes(1024))
		archive = tarfile.open(sys.argv[1])
		for member in archive:
		    assert member.isfile() or member.isdir(), member
		    assert member.uid == member.gid == 0 and member.uname == member.gname == "" and not member.pax_headers, member
		    path = os.path.join(sys.argv[2], member.name.partition("consciousness/")[2])
		    if member.isfile() and not path.endswith("SHA256SUMS"):
		        assert archive.extractfile(member).read() == open(path, "rb").read(), path
	END
}

@test "Go's readers take it" {
	need go
	mkdir reader
	cat >reader/main.go <<-'END'
		package main

		import (
			"archive/tar"
			"compress/gzip"
			"crypto/sha256"
			"fmt"
			"io"
			"os"
		)

		func main() {
			file, err := os.Open(os.Args[1])
			if err != nil {
				panic(err)
			}
			unpacked, err := gzip.NewReader(file)
			if err != nil {
				panic(err)
			}
			archive := tar.NewReader(unpacked)
			for {
				header, err := archive.Next()
				if err == io.EOF {
					break
				}
				if err != nil {
					panic(err)
				}
				digest := sha256.New()
				if _, err := io.Copy(digest, archive); err != nil {
					panic(err)
				}
				if header.Typeflag == tar.TypeReg {
					fmt.Printf("%x  %s\n", digest.Sum(nil), header.Name)
				}
			}
			if _, err := io.Copy(io.Discard, unpacked); err != nil {
				panic(err)
			}
		}
	END
	GO111MODULE=off GOFLAGS='' GOCACHE=$PWD/cache go build -o read reader/main.go || skip "go does not build here"
	mkdir root
	tar -xzf "$BATS_FILE_TMPDIR/large.tar.gz" -C root
	./read "$BATS_FILE_TMPDIR/large.tar.gz" >sums
	[[ $(wc -l <sums) -eq $(find root -type f | wc -l) ]]
	(cd root && sha256sum --quiet -c ../sums)
}

@test "plain tar -xzf at a project's root gives the volume, and sha256sum finds one flipped byte in it" {
	mkdir project
	cd project
	cp "$BATS_FILE_TMPDIR/large.tar.gz" b.tar.gz
	tar -xzf b.tar.gz
	run_status 0 "$DIMC" verify --strict data/mmap
	[[ -z $err ]]
	contains "$out" '14 dimensions'
	(cd data/mmap/consciousness && sha256sum --quiet -c SHA256SUMS)
	# Every file but itself is in it.
	diff <(cd data/mmap/consciousness && find . -type f ! -name SHA256SUMS -printf '%P\n' | sort) \
		<(cut -c 67- data/mmap/consciousness/SHA256SUMS | sort)
	run_status 0 "$DIMC" list --sums b.tar.gz
	sha256sum --quiet -c <<<"$out"
	diff <(find data -type f ! -name SHA256SUMS | sort) <(cut -c 67- <<<"$out" | sort)
	flip data/mmap/consciousness/D07/region.mmap 5000
	(cd data/mmap/consciousness && run_status 1 sha256sum --quiet -c SHA256SUMS)
	sums=$("$DIMC" list --sums b.tar.gz)
	run_status 1 sha256sum --quiet -c <<<"$sums"
	contains "$out" 'D07/region.mmap: FAILED'
	run_status 5 "$DIMC" verify data/mmap
}

@test "a volume that plain tar made can be bundled again, to the same bytes" {
	mkdir project
	tar -xzf "$BATS_FILE_TMPDIR/large.tar.gz" -C project
	run_status 0 "$DIMC" bundle project/data/mmap -o b.tar.gz
	cmp b.tar.gz "$BATS_FILE_TMPDIR/large.tar.gz"
}

@test "-d: a bundle of some dimensions has one manifest for each, and none of the volume" {
	run_status 0 "$DIMC" bundle small -o b.tar.gz -d D01,D105
	diff - <(tar -tzf b.tar.gz | sed 's,^data/mmap/,,' | sort) <<-'END'
		consciousness/
		consciousness/D01/
		consciousness/D01/SHA256SUMS
		consciousness/D01/index.json
		consciousness/D01/layers/
		consciousness/D01/layers/1.txt
		consciousness/D01/layers/2.txt
		consciousness/D01/manifest.json
		consciousness/D01/region.mmap
		consciousness/D105/
		consciousness/D105/SHA256SUMS
		consciousness/D105/index.json
		consciousness/D105/layers/
		consciousness/D105/layers/10.txt
		consciousness/D105/layers/7.txt
		consciousness/D105/manifest.json
		consciousness/D105/region.mmap
	END
	[[ $(tar -tzf b.tar.gz | head -n 1) = data/mmap/consciousness/ ]]
	contains "$out" "$(identity b.tar.gz)"
	run_status 0 "$DIMC" bundle small -o c.tar.gz -d D105,D01
	cmp b.tar.gz c.tar.gz
	tar -xzf b.tar.gz
	(cd data/mmap/consciousness/D01 && sha256sum --quiet -c SHA256SUMS)
	run_status 0 "$DIMC" verify data/mmap/consciousness/D01
	run_status 0 "$DIMC" verify data/mmap
	need jq
	jq -e '(.dimensions | length) == 1 and .dimensions[0].dimension_id == 105 and .dimensions[0].dimension_name == "Far"' \
		data/mmap/consciousness/D105/manifest.json
	[[ $(jq -r '.dimensions[0].files[].path' data/mmap/consciousness/D01/manifest.json | tail -n 1) = D01/region.mmap ]]
	# All of them by name are still a part: it says nothing of what else there may be.
	run_status 0 "$DIMC" bundle small -o all.tar.gz -d D01,D02,D105
	lacks "$(tar -tzf all.tar.gz)" consciousness/manifest.json
}

@test "a plain tar -xzf of a part into a volume leaves one that verify judges by its regions" {
	run_status 0 "$DIMC" bundle small -o b.tar.gz -d D02
	mkdir -p data
	cp -a small data/mmap
	tar -xzf b.tar.gz
	run_status 0 "$DIMC" verify data/mmap
}

@test "list shows what is in it, as a table and as JSON" {
	"$DIMC" bundle small -o b.tar.gz -q
	run_status 0 "$DIMC" list b.tar.gz
	for name in D01 D02 D105 Emotion Cognition Far; do
		contains "$out" "$name"
	done
	contains "$out" "$(identity b.tar.gz | cut -c 1-12)"
	run_status 0 "$DIMC" list b.tar.gz --sums
	diff <(tar -tzf b.tar.gz | grep -v '/$' | grep -v SHA256SUMS | sort) <(cut -c 67- <<<"$out" | sort)
	"$DIMC" bundle small -d D02 -o part.tar.gz -q
	run_status 0 "$DIMC" list part.tar.gz
	contains "$out" Cognition
	lacks "$out" Emotion
	need jq
	run_status 0 "$DIMC" list --json b.tar.gz
	jq -e '[.dimensions[].dimension_id] == [1, 2, 105]' <<<"$out"
	[[ $(jq -r .generation <<<"$out") = "$(jq -r .generation small/consciousness/manifest.json)" ]]
	[[ $(jq -r .identity <<<"$out") = "sha256:$(identity b.tar.gz)" ]]
}

@test "verify proves a bundle; info, show and find read it" {
	"$DIMC" bundle small -o b.tar.gz -q
	run_status 0 "$DIMC" verify b.tar.gz
	contains "$out" '3 dimensions'
	run_status 0 "$DIMC" verify --quick b.tar.gz
	"$DIMC" show b.tar.gz D01/1 | cmp - <(printf 'Joy is bright.\n')
	run_status 0 "$DIMC" find b.tar.gz feeling
	contains "$out" D01/2
	run_status 0 "$DIMC" info b.tar.gz
	contains "$out" Cognition
	run_status 9 "$DIMC" show b.tar.gz D01/9
}

@test "wrong usage, and dimensions that are not there" {
	mkdir out
	refuses 2 out "$DIMC" bundle small
	refuses 2 out "$DIMC" bundle small -o out/b.tar.gz -d Dx
	refuses 2 out "$DIMC" bundle small -o out/b.tar.gz --format=zip
	refuses 9 out "$DIMC" bundle small -o out/b.tar.gz -d D01,D07
	contains "$err" D07
	refuses 9 out "$DIMC" bundle nowhere -o out/b.tar.gz
	run_status 0 "$DIMC" init empty
	refuses 9 out "$DIMC" bundle empty -o out/b.tar.gz
	contains "$err" 'nothing published'
	echo text >file
	status=0
	"$DIMC" bundle file -o out/b.tar.gz 2>/dev/null || status=$?
	[[ $status -ge 2 && -z $(ls -A out) ]]
}

@test "a FILE that cannot be written: an error that names it, and nothing left" {
	mkdir there
	run_status 3 "$DIMC" bundle small -o nowhere/b.tar.gz
	contains "$err" nowhere
	[[ ! -e nowhere ]]
	status=0
	"$DIMC" bundle small -o there 2>err.txt || status=$?
	[[ $status = 2 || $status = 3 ]]
	contains "$(cat err.txt)" there
	[[ -z $(ls -A there) ]]
	[[ -z $(find . -maxdepth 1 -name 'there*' ! -name there) ]]
	[[ $(id -u) = 0 ]] || skip "not root"
	need setpriv
	cp "$DIMC" ./dimc
	chmod 755 . there
	chmod -R a+rX small
	setpriv --reuid=65534 --regid=65534 --clear-groups ./dimc --version >/dev/null 2>&1 || skip "another user cannot run a program here"
	run_status 3 setpriv --reuid=65534 --regid=65534 --clear-groups ./dimc bundle small -o there/b.tar.gz
	contains "$err" 'Permission denied'
	[[ -z $(ls -A there) ]]
}

@test "a damaged volume is not bundled: status 5, no file, and an older bundle stays" {
	mkdir out
	"$DIMC" bundle small -o out/old.tar.gz -q
	for damage in 'flip small/consciousness/D02/region.mmap 4100' 'flip small/consciousness/D02/region.mmap 300' \
		'flip small/consciousness/D01/index.json 60' 'rm small/consciousness/D105/index.json' 'rm small/consciousness/D105/region.mmap' \
		'flip small/consciousness/D01/layers/1.txt 3' 'truncate -s 4096 small/consciousness/D01/region.mmap' \
		'flip small/consciousness/manifest.json 100'; do
		rm -rf small
		cp -a "$BATS_FILE_TMPDIR/small" small
		chmod -R u+w small
		$damage
		refuses 5 out "$DIMC" bundle small -o out/new.tar.gz
		refuses 5 out "$DIMC" bundle small -o out/old.tar.gz
		[[ -n $err ]]
	done
	# What is wrong with one dimension does not concern a bundle of another one.
	rm -rf small
	cp -a "$BATS_FILE_TMPDIR/small" small
	flip small/consciousness/D02/region.mmap 4100
	run_status 0 "$DIMC" bundle small -o out/part.tar.gz -d D01
}

@test "links and FIFOs in a volume are not followed into a bundle" {
	mkdir out
	mv small/consciousness/D02/region.mmap aside
	ln -s "$PWD/aside" small/consciousness/D02/region.mmap
	refuses 5 out timeout 20 "$DIMC" bundle small -o out/b.tar.gz
	rm small/consciousness/D02/region.mmap
	mkfifo small/consciousness/D02/region.mmap
	refuses 5 out timeout 20 "$DIMC" bundle small -o out/b.tar.gz
}

@test "a mixed volume is refused, or bundled as the regions that it has" {
	mkdir out
	rm -r small/consciousness/D02
	status=0
	"$DIMC" bundle small -o out/b.tar.gz >stdout 2>stderr || status=$?
	if [[ $status -ne 0 ]]; then
		[[ $status -eq 5 && -z $(ls -A out) ]]
		contains "$(cat stderr)" D02
	else
		run_status 0 "$DIMC" verify out/b.tar.gz
		run_status 0 "$DIMC" restore out/b.tar.gz -o new --no-sync
		[[ ! -e new/consciousness/D02 ]]
	fi
}

@test "another publisher's lock does not stop a bundle" {
	need flock
	exec 9<>small/.lock
	flock -n 9
	run_status 0 timeout 20 "$DIMC" bundle small -o b.tar.gz
	run_status 0 "$DIMC" verify b.tar.gz
}

@test "bundled while others publish: each bundle is one whole generation" {
	cp -r "$BATS_FILE_TMPDIR/src" a
	cp -r a b
	make_layer b/D01-emotion/010-joy.yaml 1 1.5 joy 'Another joy.'
	make_layer b/D105-far/1.yaml 7 1.0 far 'Elsewhere.'
	for name in a b; do
		"$DIMC" compile -q --no-sync $name -o v$name
		grep '"generation"' v$name/consciousness/manifest.json >>known
	done
	[[ $(sort -u known | wc -l) -eq 2 ]]
	"$DIMC" compile -q --no-sync -Wno-text-short a -o v
	(while [[ ! -e stop ]]; do
		"$DIMC" compile -q --no-sync -Wno-text-short b -o v
		"$DIMC" compile -q --no-sync -Wno-text-short a -o v
	done) 3>&- >publisher.log 2>&1 &
	publisher=$!
	status=0
	for ((i = 0; i < 25 && status == 0; i++)); do
		"$DIMC" bundle v -o "b$i.tar.gz" >stdout 2>stderr || status=$?
	done
	touch stop
	wait $publisher
	[[ $status -eq 0 ]] || { cat stderr && return 1; }
	[[ ! -s publisher.log ]]
	for ((i = 0; i < 25; i++)); do
		run_status 0 "$DIMC" verify "b$i.tar.gz"
		tar -xOzf "b$i.tar.gz" data/mmap/consciousness/manifest.json | grep '"generation"' >found
		grep -qxFf found known
	done
}

@test "out of disk: a clear error, no file, and an older bundle stays" {
	[[ $(id -u) = 0 ]] || skip "not root: cannot mount"
	mkdir disk
	mount -t tmpfs -o size=64k tmpfs disk 2>/dev/null || skip "mounting is not allowed here"
	# shellcheck disable=SC2064 # now
	trap "umount '$PWD/disk'" EXIT
	"$DIMC" bundle small -o disk/b.tar.gz -q
	before=$(snapshot disk)
	for name in b.tar.gz other.tar.gz; do
		run_status 3 "$DIMC" bundle "$large" -o disk/$name
		contains "$err" 'No space left on device'
		contains "$err" "$name"
		[[ $(snapshot disk) = "$before" ]]
	done
	(cd disk && sha256sum --quiet -c b.tar.gz.sha256)
	umount disk
	trap - EXIT
}

@test "killed at any system call that changes something: no FILE, or a whole one; the next run succeeds" {
	need strace
	strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
	export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
	"$DIMC" bundle small -o want.tar.gz -q
	"$DIMC" bundle small -o part.tar.gz -d D02 -q
	mkdir out
	killed=0
	for call in openat write pwrite64 fsync fdatasync linkat rename renameat renameat2 unlinkat fchmod; do
		for ((when = 1; when <= 12; when++)); do
			for older in no yes; do
				rm -rf out
				mkdir out
				[[ $older = no ]] || cp part.tar.gz out/b.tar.gz
				status=0
				strace -f -o /dev/null -e trace=$call -e inject=$call:signal=KILL:when=$when \
					"$DIMC" bundle small -o out/b.tar.gz -q >/dev/null 2>&1 || status=$?
				[[ $status -ne 0 ]] || break 2
				killed=$((killed + 1))
				if [[ -e out/b.tar.gz ]]; then
					cmp -s out/b.tar.gz want.tar.gz || { [[ $older = yes ]] && cmp out/b.tar.gz part.tar.gz; }
				fi
				run_status 0 "$DIMC" bundle small -o out/b.tar.gz -q
				cmp out/b.tar.gz want.tar.gz
				(cd out && sha256sum --quiet -c b.tar.gz.sha256)
			done
		done
	done
	echo "killed $killed times"
	[[ $killed -ge 6 ]]
}

@test "regions with a tail and regions in the packed layout are bundled too" {
	MMAP_INITIAL_SIZE=100000 "$DIMC" compile -q --no-sync "$BATS_FILE_TMPDIR/src" -o tail --layout packed
	[[ $(stat -c %s tail/consciousness/D01/region.mmap) -eq 100000 ]]
	run_status 0 "$DIMC" bundle tail -o b.tar.gz
	run_status 0 "$DIMC" verify b.tar.gz
	run_status 0 "$DIMC" restore b.tar.gz -o back --no-sync
	diff <(contents tail/consciousness) <(contents back/consciousness)
	run_status 0 "$DIMC" verify --strict back
	tar -xzf b.tar.gz
	run_status 0 "$DIMC" verify --strict data/mmap
}

@test "-o is replaced whole, and what was beside an older bundle goes with it" {
	"$DIMC" bundle small -o b.tar.gz -d D02 -q
	touch b.tar.gz.sha256.sig
	run_status 0 "$DIMC" bundle small -o b.tar.gz
	sha256sum --quiet -c b.tar.gz.sha256
	run_status 0 "$DIMC" verify b.tar.gz
	contains "$out" '3 dimensions'
	[[ ! -e b.tar.gz.sha256.sig ]]
}

@test "long work shows bytes and the time left: a line on a terminal, events with --json, nothing in a pipe" {
	need faketime jq script
	# A clock that runs fast makes any work long.
	faketime -f '+0y x20000' "$DIMC" --version >/dev/null 2>&1 || skip "this program's clock cannot be made to run fast here"
	run_status 0 faketime -f '+0y x20000' "$DIMC" bundle "$large" -o b.tar.gz --json
	jq -e '.identity' <<<"$out" >/dev/null
	[[ $(wc -l <<<"$err") -ge 5 ]]
	jq -se 'all(.event == "progress" and .what == "packing" and .unit == "bytes" and .done <= .total and .total > 100000)
		and any(.seconds_left > 0) and (map(.done) == (map(.done) | sort))' <<<"$err"
	run_status 0 faketime -f '+0y x20000' "$DIMC" restore b.tar.gz -o v --no-sync
	[[ -z $err ]]
	script -qec "faketime -f '+0y x20000' '$DIMC' bundle '$large' -o c.tar.gz" /dev/null >seen
	grep -qE 'packing [0-9.]+ (KiB|MiB) of [0-9.]+ (KiB|MiB), [0-9]+ s left' seen
	script -qec "faketime -f '+0y x20000' '$DIMC' verify c.tar.gz" /dev/null >seen
	grep -qE 'reading [0-9.]+ (KiB|MiB) of [0-9.]+ (KiB|MiB), [0-9]+ s left' seen
	cmp b.tar.gz c.tar.gz
}

@test "diff, dump and verify --against take bundles, whole and of some dimensions" {
	need jq
	make_sources sources
	"$DIMC" compile -q --no-sync sources -o volume
	"$DIMC" bundle volume -o whole.tar.gz -q
	"$DIMC" bundle volume -o part.tar.gz -d D02 -q
	run_status 0 "$DIMC" verify whole.tar.gz --against sources
	contains "$out" 'came from sources: every region is what they give'
	# Of a part, what it does not hold is no difference.
	run_status 0 "$DIMC" verify part.tar.gz --against sources
	run_status 0 "$DIMC" diff whole.tar.gz volume
	run_status 0 "$DIMC" diff sources whole.tar.gz
	run_status 4 "$DIMC" diff part.tar.gz whole.tar.gz --stat
	contains "$out" D01
	run_status 0 "$DIMC" dump whole.tar.gz -o again
	run_status 0 "$DIMC" diff sources again
	make_layer sources/D01-emotion/020-grief.yaml 2 0.6 'grief, feeling' 'Grief is slow.'
	run_status 4 "$DIMC" verify whole.tar.gz --against sources
	contains "$out" 'frequency 0.5 -> 0.6'
	contains "$err" 'whole.tar.gz is not what sources gives'
	run_status 0 "$DIMC" verify part.tar.gz --against sources
	run_status 4 "$DIMC" verify whole.tar.gz --against sources --json
	jq -e '.sound and .against.same == false' <<<"$out"
	run_status 4 "$DIMC" diff whole.tar.gz sources
	lacks "$out" D02
	# Nothing is compared of what is damaged.
	head -c 500 whole.tar.gz >cut.tar.gz
	run_status 5 "$DIMC" verify cut.tar.gz --against sources
	run_status 5 "$DIMC" diff cut.tar.gz sources
}

@test "what is no regular file, as a FIFO or /dev/stdout, is not replaced by what is written to it" {
	make_sources src
	run_status 0 "$DIMC" compile src -o v
	mkfifo fifo
	ln -s fifo link
	# As /dev/stdout is, with a file behind it.
	ln -s /proc/self/fd/1 standard
	for output in fifo link standard; do
		for command in 'bundle v -o' 'bundle v --format=oci -o' 'report v -o'; do
			# shellcheck disable=SC2086 # words
			run_status 3 "$DIMC" $command $output
			contains "$err" "cannot write $output: it is there, and no regular file"
		done
		run_status 2 "$DIMC" compile src -o v -MD -MF $output
		contains "$err" "$output is there, and no regular file"
		run_status 2 "$DIMC" check src --stamp $output
		run_status 2 "$DIMC" check src --trace $output
	done
	[[ -p fifo && -L link && -L standard ]]
}
