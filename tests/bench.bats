#!/usr/bin/env bats
# make bench: whether what it measures is what it says, whether goals follow from figures, and the page; on a tiny corpus.
# In: the built program and the tools of tests/bench, python3. Out: whether they can be believed; how fast it is says nobody here.
# shellcheck disable=SC2154 # out and err are set by run_status

load lib

# One run of the benchmark for all: a round with every peer that is installed.
setup_file() {
	export BENCH=$BATS_FILE_TMPDIR/bench PYTHONDONTWRITEBYTECODE=1
	command -v python3 >/dev/null && ! is_instrumented || return 0
	"$ROOT/tests/bench/bench.py" "$OUT" --to "$BENCH" --rounds 2 --no-lookups T >"$BATS_FILE_TMPDIR/told" 2>&1 || true
}

setup() {
	if is_instrumented; then
		skip 'times of an instrumented program say nothing'
	fi
	cd "$BATS_TEST_TMPDIR" || return 1
}

# make_volume SIZE: its sources and what dimc makes of them.
make_volume() {
	"$OUT/bench/corpus" "$1" sources
	"$DIMC" compile -q --no-sync sources -o volume
}

# with_results CODE: python with `results` and the modules of the benchmark.
with_results() {
	python3 - "$ROOT/tests/bench" "$BENCH/results.json" <<-END
		import json, sys
		sys.path.insert(0, sys.argv[1])
		import goals, page, stages, table
		with open(sys.argv[2], encoding="utf-8") as f:
		    results = json.load(f)
		${1//$'\n\t\t'/$'\n'}
	END
}

@test "the corpora are always the same, and dimc has nothing to say about them" {
	"$OUT/bench/corpus" S first
	"$OUT/bench/corpus" S second
	diff -r first second
	"$OUT/bench/corpus" M third
	for sources in first third; do
		run_status 0 "$DIMC" check -Werror "$sources"
		lacks "$err" warning
	done
	run_status 2 "$OUT/bench/corpus" X fourth
	[[ $(find third -name '*.yaml' | wc -l) -eq 9814 ]]
	[[ $(cat first/*/*.yaml | tr -d '\000-\177' | wc -c) -gt 1000 ]]
}

@test "the limit writes, with any number of threads, the contents and digests that dimc publishes" {
	need python3
	make_volume S
	for options in -j1 -j2 -j5 '-j3 --sync'; do
		rm -rf limit
		# shellcheck disable=SC2086 # options are words
		run_status 0 "$OUT/bench/limit" compile sources limit $options
		contains "$out" "280 files, "
		python3 - <<-'END'
			import hashlib, json, os, struct
			for number in range(1, 15):
			    with open("limit/D%02d.mmap" % number, "rb") as f:
			        region = f.read()
			    published = "volume/consciousness/D%02d/" % number
			    with open(published + "index.json", encoding="utf-8") as f:
			        layers = json.load(f)["layers"]
			    assert struct.unpack_from("<I", region, 12)[0] == len(layers) == 20
			    for i, layer in enumerate(layers):
			        record = 256 + 128 * i
			        layer_id, _, offset, size, content_size, frequency = struct.unpack_from("<IIQQQd", region, record)
			        assert (layer_id, size, content_size, frequency) == (
			            layer["layer_id"], layer["size"], layer["content_size"], layer["frequency"]), layer
			        digest = hashlib.sha256(region[offset:offset + content_size]).hexdigest()
			        assert layer["checksum"] == "sha256:" + digest == "sha256:" + region[record + 64:record + 96].hex(), layer
			        assert not any(region[offset + content_size:offset + size])
			    assert 0.8 < len(region) / os.path.getsize(published + "region.mmap") < 1.2
		END
	done
}

@test "the limit of verify proves every content, and sees one that is another" {
	make_volume T
	files=$(find volume/consciousness -type f | wc -l)
	bytes=$(find volume/consciousness -type f -exec cat {} + | wc -c)
	run_status 0 "$OUT/bench/limit" hash volume/consciousness -j2
	[[ $out = "$files files, $bytes bytes, 0 contents" ]]
	run_status 0 "$OUT/bench/limit" hash2 volume/consciousness -j2
	[[ $out = "$files files, $bytes bytes, 28 contents" ]]
	region=volume/consciousness/D05/region.mmap
	flip $region $(($(number $region 16 8) - 4096))
	run_status 1 "$OUT/bench/limit" hash2 volume/consciousness
	contains "$err" "the digest of a content"
}

@test "the limit looks at every file of the sources" {
	"$OUT/bench/corpus" T sources
	run_status 0 "$OUT/bench/limit" stat sources -j2
	[[ $out = "42 files, $(cat sources/*/* | wc -c) bytes" ]]
	for command in read parse digest; do
		run_status 0 "$OUT/bench/limit" $command sources -j2
		[[ $out = "28 files, $(cat sources/*/0*.yaml | wc -c) bytes" ]]
	done
	printf '  \xc3\x28\n' >>sources/D03-corpus/00002.yaml
	run_status 0 "$OUT/bench/limit" read sources
	run_status 1 "$OUT/bench/limit" parse sources
	contains "$err" "not UTF-8"
}

@test "the peers pack the same contents" {
	make_volume T
	"$OUT/bench/peer_libyaml" sources by-libyaml
	need python3
	python3 -c 'import yaml' || skip 'no python3-yaml here (make deps-all brings it)'
	python3 "$ROOT/tests/bench/pack.py" sources by-python
	if NODE_PATH=/usr/share/nodejs node -e 'require("js-yaml")' 2>/dev/null; then
		NODE_PATH=/usr/share/nodejs node "$ROOT/tests/bench/pack.js" sources by-node
	fi
	python3 - by-* <<-'END'
		import json, os, sys
		for number in range(1, 15):
		    with open("volume/consciousness/D%02d/index.json" % number, encoding="utf-8") as f:
		        wanted = [layer["checksum"] for layer in json.load(f)["layers"]]
		    with open("by-libyaml/D%02d.mmap" % number, "rb") as f:
		        region = f.read()
		    assert all(bytes.fromhex(checksum[7:]) in region for checksum in wanted)
		    for peer in sys.argv[1:]:
		        if peer != "by-libyaml":
		            with open("%s/D%02d/index.json" % (peer, number), encoding="utf-8") as f:
		                assert [layer["checksum"] for layer in json.load(f)] == wanted, peer
	END
}

@test "the runner tells times, memory and status" {
	run_status 0 "$OUT/bench/run" told sh -c 'echo seen >&2; exit 3'
	read -r wall _ _ memory status <<<"$out"
	[[ $status = 3 && $wall = 0.* && $memory -gt 100 && $(<told) = seen ]]
	run_status 0 "$OUT/bench/run" told sh -c 'kill -9 $$'
	[[ $out = *' 137' ]]
	run_status 1 "$OUT/bench/run" told ./no-such-program
	need python3
	read -r _ _ _ memory _ <<<"$("$OUT/bench/run" told python3 -c 'x = b"x" * 60000000')"
	[[ $memory -gt 58000 && $memory -lt 120000 ]]
}

@test "results have every stage with all its rounds, and medians and goals that follow from them" {
	need python3
	cat "$BATS_FILE_TMPDIR/told"
	with_results "
		import statistics
		assert results['format'] == 1 and results['rounds'] == 2
		assert results['machine']['cores'] > 0 and results['machine']['kernel'].startswith('Linux')
		assert {run['stage'] for run in results['runs'] if run['who'] == 'dimc'} == set(stages.TITLES)
		for stage, limit in stages.LIMITS.items():
		    assert any(run['stage'] == stage and run['who'] == limit for run in results['runs']), stage
		for run in results['runs']:
		    assert len(run['rounds']) >= 2 and len(run['rounds']) % 2 == 0, run
		    assert run['median'] == statistics.median(made['wall'] for made in run['rounds']) > 0, run
		    assert run['memory_kib'] == max(made['memory_kib'] for made in run['rounds']) > 500, run
		    assert not run['command'].startswith('/') and ' /' not in run['command'], run
		assert results['goals'] == goals.goals(results)
		assert all(goal['is'] is None and goal['holds'] is None for goal in results['goals'])
	"
	contains "$(<"$BATS_FILE_TMPDIR/told")" "not measured"
}

# The figures of T as those of M, and what is said about a goal where dimc is as fast as the limit, and slower.
@test "a goal holds or does not by the figures alone, and is said so in every place" {
	need python3
	with_results "
		for run in results['runs']:
		    run['corpus'] = 'M'
		results['corpora'][0]['name'] = 'M'
		times = {(run['stage'], run['who']): run for run in results['runs']}
		text = 'full compile of M: dimc to the limit'
		for factor, holds, word in ((1.29, True, 'holds'), (1.31, False, 'no')):
		    times['compile', 'dimc']['median'] = factor * times['compile', 'limit']['median']
		    results['goals'] = goals.goals(results)
		    goal = next(goal for goal in results['goals'] if goal['goal'] == text)
		    assert goal['holds'] is holds and abs(goal['is'] - factor) < 0.001, goal
		    line = next(line for line in table.text(results).splitlines() if line.endswith(text))
		    assert line.split()[0] == word, line
		    row = next(line for line in table.markdown(results)['compiler'].splitlines() if text in line)
		    assert row == '| 1 | %s | %.2f | at most 1.3 | %s |' % (text, factor, 'holds' if holds else '**no**'), row
		    part = page.page(results).split(text)[1].split('</tr>')[0]
		    assert ('\u2713 holds' in part) is holds and ('\u2717 no' in part) is not holds, part
		assert results['goals'] == goals.goals(results)
		times['bundle', 'dimc']['result_bytes'] = times['bundle', 'tar -czf']['result_bytes'] + 1
		goal = next(g for g in goals.goals(results) if g['goal'] == 'size of the bundle of M: dimc to tar -czf')
		assert goal['holds'] is False and table.figure(goal) != '1.00', goal
		times['compile', 'dimc']['memory_kib'] = 23500
		assert [g['holds'] for g in goals.goals(results) if g['goal'] == 'peak memory of a full compile of M'] == [False]
	"
}

@test "the tables of a run go into the document, and nothing else of it changes" {
	need python3
	cp "$ROOT/docs/benchmarks.md" document.md
	with_results "
		results['lookups'] = {'figures': {'open: open+fstat+mmap+munmap+close': 100, 'layer: libdim': 47.3, 'heap for each dimension': 624},
		    'goals': [{'goal': 'layer by id', 'is': 1.666, 'at_most': 2, 'holds': True}]}
		json.dump(results, open('with-lookups.json', 'w'))
	"
	run_status 0 python3 "$ROOT/tests/bench/table.py" with-lookups.json document.md
	outside() { sed '/^<!-- [a-z]* -->$/,/^<!-- \/[a-z]* -->$/d' "$1"; }
	diff <(outside "$ROOT/docs/benchmarks.md") <(outside document.md)
	[[ $(outside document.md | wc -l) -gt 100 && $(grep -c '^<!-- ' document.md) -eq 4 ]]
	contains "$(<document.md)" '| full compile, not synced | **dimc** |'
	contains "$(<document.md)" '| 1 | full compile of M: dimc to the limit |  | at most 1.3 | not measured |'
	contains "$(<document.md)" '| layer |  | 47.3 |  |  |  |  |'
	contains "$(<document.md)" '| layer by id | 1.67 | at most 2 | holds |'
	run_status 0 python3 "$ROOT/tests/bench/table.py" with-lookups.json
	contains "$out" '| layer by id | 1.67 | at most 2 | holds |'
}

@test "the page is one file that fetches nothing, and what leads to it does" {
	need python3
	[[ -s $BENCH/index.html ]]
	run_status 1 grep -iE 'https?:|src=|url\(|@import|<script|<link|<iframe' "$BENCH/index.html"
	contains "$(<"$BENCH/index.html")" 'default-src '
	mkdir deep
	python3 "$ROOT/tests/bench/page.py" "$BENCH/results.json" deep/page.html target/criterion/report/index.html
	cmp deep/page.html "$BENCH/index.html"
	[[ $(<target/criterion/report/index.html) =~ content=\"0\;\ url=([^\"]*)\" ]]
	[[ ${BASH_REMATCH[1]} = ../../../deep/page.html ]]
	cmp "target/criterion/report/${BASH_REMATCH[1]}" "$BENCH/index.html"
}

@test "a browser shows the page without a complaint, and nothing is wider than a telephone" {
	need python3 chromium
	python3 - "$ROOT/tests" "$BENCH/index.html" <<-'END'
		import sys
		sys.path.insert(0, sys.argv[1])
		from chromium import Browser
		with Browser() as browser:
		    for width in (360, 1200):
		        browser.screen(width)
		        browser.open(sys.argv[2])
		        assert browser.complaints() == [], browser.complaints()
		        assert browser.run("document.documentElement.scrollWidth") <= width
		        bars = browser.run("[...document.querySelectorAll('.bars rect')].map((r) => r.getBoundingClientRect().width)")
		        assert len(bars) > 20 and min(bars) > 0 and max(bars) > 50, bars
	END
}

@test "a run that fails ends the benchmark and says why" {
	need python3
	mkdir -p out/bin out/bench
	for tool in corpus run limit peer_libyaml; do ln -s "$OUT/bench/$tool" out/bench/; done
	cat >out/bin/dimc <<-END
		#!/bin/sh
		[ "\$1" != verify ] || { echo broken >&2; exit 5; }
		exec "$DIMC" "\$@"
	END
	chmod +x out/bin/dimc
	run_status 1 "$ROOT/tests/bench/bench.py" out --to results --rounds 1 --no-lookups T
	contains "$err" "verify"
	contains "$err" "broken"
	[[ ! -e results/results.json && -z $(ls -d out/bench.* 2>/dev/null) ]]
}
