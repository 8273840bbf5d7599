#!/usr/bin/env bats
# dimc report: the page as a file, and the page as a person sees and uses it, in a headless Chromium.
# In: the built program, python3, chromium. Out: whether the page says what the volume holds.
# shellcheck disable=SC2154 # out and err are set by run_status

load lib

# All that a browser sees of the project's own sources, in one go.
setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	"$DIMC" compile -q --no-sync "$ROOT/sources" -o volume
	"$DIMC" report volume -o page.html -q
	mkdir seen
	if command -v python3 >/dev/null && command -v chromium >/dev/null; then
		python3 "$ROOT/tests/report_check.py" page.html volume seen network sizes regions frequencies matrix search keyboard \
			accessible narrow print unscripted || true
	fi
}

# seen CHECK: what that check of report_check.py found; nothing, where all is well.
seen() {
	need python3 chromium
	cat "$BATS_FILE_TMPDIR/seen/$1"
	[[ ! -s $BATS_FILE_TMPDIR/seen/$1 ]]
}

@test "a report is one file, in a directory that is made for it" {
	make_sources sources
	"$DIMC" compile -q --no-sync sources -o volume
	run_status 0 "$DIMC" report volume -o out/report/index.html
	contains "$out" "wrote out/report/index.html: 2 dimensions, 3 layers; "
	[[ $(ls -A out/report) = index.html ]]
	contains "$(<out/report/index.html)" "<h1>3 layers in 2 dimensions</h1>"
	MMAP_BASE_PATH=volume run_status 0 "$DIMC" report -o again.html -q
	[[ -z $out ]]
	cmp again.html out/report/index.html
	need jq
	[[ $("$DIMC" report volume -o again.html --json | jq -r '.layers, .size') = 3$'\n'$(stat -c %s again.html) ]]
}

@test "the same volume gives the same bytes, wherever it is, and whatever it is packed in" {
	make_sources sources
	"$DIMC" compile -q --no-sync sources -o volume
	"$DIMC" report volume -o - >first.html
	sleep 0.01
	mkdir -p elsewhere
	cp -r volume elsewhere/other
	TZ=Asia/Tokyo LC_ALL=C "$DIMC" report elsewhere/other -j 1 -o - | cmp - first.html
	"$DIMC" report volume/consciousness -o - | cmp - first.html
	"$DIMC" bundle volume -o bundle.tar.gz -q
	"$DIMC" report bundle.tar.gz -o - | cmp - first.html
	"$DIMC" report volume -d D02 -o - >second.html
	"$DIMC" report volume/consciousness/D02/region.mmap -o - | cmp - second.html
	contains "$(<second.html)" "<h1>1 layer in 1 dimension</h1>"
	lacks "$(<second.html)" Emotion
}

@test "what is wrong is said, and leaves no page and no half of one" {
	make_sources sources
	"$DIMC" compile -q --no-sync sources -o volume
	run_status 2 "$DIMC" report volume
	contains "$err" "-o is missing"
	run_status 2 "$DIMC" report volume -o page.html --text=some
	contains "$err" 'not "some"'
	run_status 9 "$DIMC" report volume -d D05 -o page.html
	run_status 9 "$DIMC" report nowhere -o page.html
	touch file
	run_status 3 "$DIMC" report volume -o file/page.html
	contains "$err" "cannot write file/page.html"
	run_status 3 "$DIMC" report volume -o volume
	[[ ! -e page.html ]]
	echo old >page.html
	flip volume/consciousness/D01/region.mmap "$(number volume/consciousness/D01/region.mmap 16 8 | awk '{ print $1 - 4096 }')"
	run_status 5 "$DIMC" report volume -o page.html
	contains "$err" "dimc verify"
	[[ $(<page.html) = old ]]
	run_status 0 "$DIMC" report volume -d D02 -o page.html
}

@test "the contents are in the page, or their beginnings, or nothing of them" {
	make_dimension sources/D01-x 1 Letters
	# 399 bytes, then a character of three that the end of an excerpt would cut in two.
	make_layer sources/D01-x/1.yaml 1 1 long "$(printf 'a%.0s' {1..399})€ and the end"
	"$DIMC" compile -q --no-sync sources -o volume
	"$DIMC" report volume -o - | grep -q 'a€ and the end'
	"$DIMC" report volume -o - --text=full | grep -q 'a€ and the end'
	run_status 0 "$DIMC" report volume -o - --text=excerpt
	contains "$out" 'true, 399, "aaaa'
	contains "$out" 'aaaa"]'
	lacks "$out" '�'
	run_status 0 "$DIMC" report volume -o - --text=none
	contains "$out" 'true, 0, ""]'
	# By itself it takes all of 8 MiB, and beginnings of more.
	head -c 4194304 /dev/zero | tr '\0' b >sources/D01-x/big
	printf 'layer_id: 2\nfrequency: 1\nkeywords: [big]\ncontent_file: big\n' >sources/D01-x/2.yaml
	export MMAP_MAX_SIZE=33554432
	"$DIMC" compile -q --no-sync sources -o volume
	[[ $("$DIMC" report volume -o - | wc -c) -gt 4194304 ]]
	head -c 8388608 /dev/zero | tr '\0' b >sources/D01-x/big
	"$DIMC" compile -q --no-sync sources -o volume
	[[ $("$DIMC" report volume -o - | wc -c) -lt 200000 ]]
}

@test "the policy of the page names its own script and style, and no address is in it" {
	need openssl python3
	python3 - "$BATS_FILE_TMPDIR/page.html" <<-'END'
		import base64, hashlib, re, sys
		page = open(sys.argv[1], encoding="utf-8", newline="").read()
		policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
		assert policy.startswith("default-src 'none';"), policy
		for name, kind in (("script-src", r'<script type="module">'), ("style-src", "<style>")):
		    part = re.search(kind + "(.*?)</", page, re.S)[1]
		    want = "'sha256-%s'" % base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
		    assert name + " " + want + ";" in policy, (name, policy)
		assert not re.search(r'(src|href)="(?!#|data:)', page)
		assert not re.search(r"url\(|@import", page.split("</style>")[0])
	END
}

@test "the page loads without a complaint, asks the network for nothing, and could not" {
	seen network
}

@test "sizes, padding, keywords and the largest layers are what index.json adds up to" {
	seen sizes
}

@test "each region is drawn without a gap; the mouse and the arrow keys find the layer that is there" {
	seen regions
}

@test "each lane has a dot for each layer, in the order of frequency, and the band" {
	seen frequencies
}

@test "the matrix counts the keywords that two dimensions share, and lists them" {
	seen matrix
	# The same by dimc find: a word of the list is in both.
	run_status 0 "$DIMC" find "$BATS_FILE_TMPDIR/volume" feedback
	[[ $(cut -d/ -f1 <<<"$out" | sort -u | wc -l) -eq 3 ]]
}

@test "search finds by keyword, title and text; a layer opens, shows its bytes, and closes" {
	seen search
}

@test "Tab reaches everything that can be used, and the focus is seen" {
	seen keyboard
}

@test "everything has a name, every text a contrast of 4.5 at least, in light and in dark" {
	seen accessible
}

@test "a screen of 360 pixels is wide enough" {
	seen narrow
}

@test "it prints, on white paper, with every drawing and no control" {
	seen print
}

@test "without JavaScript there is the table, with every dimension" {
	seen unscripted
}

@test "whatever authors write stays text" {
	mkdir -p sources/D01-x
	printf 'dimension_id: 1\nname: "<b>bold & \\"quoted\\"</b>"\ndescription: "</script><script>window.owned = 1</script>"\n' \
		>sources/D01-x/dimension.yaml
	write() { # write ID TITLE KEYWORD CONTENT, as double-quoted scalars
		printf 'layer_id: %s\ntitle: "%s"\nfrequency: 1\nkeywords: ["%s", "it'"'"'s"]\ncontent: "%s"\n' "$@" >"sources/D01-x/$1.yaml"
	}
	write 1 '</script><script>window.owned = 1</script>' '<img src=x onerror=\"window.owned = 1\">' '</script><script>window.owned = 1</script>'
	write 2 '<!-- <script>' '{{data}} {{script}}' '<!-- <script> --> ]]> {{style}}'
	write 3 'u2028 \L\P and more' '&lt;b&gt; &amp;' 'line\Lseparators\Pand \\u003c/script\\u003e'
	write 4 "javascript:alert(1)' onclick='window.owned = 1" '\" onmouseover=\"window.owned = 1' '<i>markup</i><x></x>'
	# shellcheck disable=SC2016 # a template of JavaScript
	write 5 '${window.owned = 1}`' '%3Cscript%3E' '<iframe srcdoc="&lt;script&gt;window.owned = 1&lt;/script&gt;"></iframe>'
	sed -i 's/srcdoc="\([^"]*\)"/srcdoc=\1/' sources/D01-x/5.yaml
	# A title that reads backwards, where dimc takes it.
	printf 'layer_id: 6\ntitle: "abc\\u202Efdp.exe"\nfrequency: 1\nkeywords: [binary]\ncontent_file: bytes\n' >sources/D01-x/6.yaml
	printf '\377\376</script>\200\201\355\240\200binary' >sources/D01-x/bytes
	"$DIMC" compile -q --no-sync sources -o volume
	"$DIMC" report volume -o page.html -q
	# A reader of HTML sees two scripts end, the data and the program, whatever their texts say.
	[[ $(grep -o '</script>' page.html | wc -l) -eq 2 ]]
	[[ $(grep -c '<!--' page.html) -eq 0 ]]
	lacks "$(<page.html)" $'\u2028'
	need python3 chromium
	mkdir seen
	python3 "$ROOT/tests/report_check.py" page.html volume seen hostile || { cat seen/*; false; }
}
