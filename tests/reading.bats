# reading.bats: what is in sources is what gets into regions: contents byte for byte as libyaml gives them, every other text
# as its author typed it, numbers exactly; and no file, however hostile, takes more than its share of time or memory.
#
# shellcheck disable=SC2154 # out and err are set by run_status

load lib

setup_file() {
	if python3 -c 'import yaml; yaml.CBaseLoader' 2>/dev/null; then
		python3 "$ROOT/tests/fixtures/scalars.py" "$BATS_FILE_TMPDIR" >"$BATS_FILE_TMPDIR/count"
	fi
}

need_scalars() {
	need python3
	[[ -s $BATS_FILE_TMPDIR/count ]] || skip "no python3-yaml with libyaml here (make deps-all brings it)"
	cd "$BATS_FILE_TMPDIR" || return 1
}

# compile_case NAME: a case of fixtures/accept, published to ./volume.
compile_case() {
	cp -a "$ROOT/tests/fixtures/accept/$1" case
	if [[ -e case/make.sh ]]; then
		(cd case && sh -eu make.sh)
	fi
	run_status 0 "$DIMC" compile -Wno-all case/sources -o volume --no-sync
	[[ -z $err ]]
}

# shows LAYER BYTES: what `dimc show` prints, exactly; BYTES as for printf.
shows() {
	printf '%b' "$2" >wanted
	"$DIMC" show volume "$1" >shown
	cmp wanted shown || { od -c shown; return 1; }
}

# values KEY: what index.json says of each layer of D01 under that key, a line each.
values() {
	sed -n "s/^      \"$1\": \(.*[^,]\),\{0,1\}\$/\1/p" volume/consciousness/D01/index.json
}

@test "contents are byte for byte what libyaml gives, for hundreds of scalars of every kind" {
	need_scalars
	read -r _ good _ <count
	[[ $good -ge 300 ]]
	run_status 0 "$DIMC" compile -Wno-all good -o "$BATS_TEST_TMPDIR/volume" --no-sync
	[[ -z $err ]]
	cat >"$BATS_TEST_TMPDIR/compare" <<'SH'
for n in $(seq "$3"); do
	"$1" show "$2" "D01/$n" | cmp - "wanted/$n" || echo "layer $n: good/D01/$(printf %04d "$n").yaml"
done
SH
	run_status 0 sh "$BATS_TEST_TMPDIR/compare" "$DIMC" "$BATS_TEST_TMPDIR/volume" "$good"
	[[ -z $out ]]
}

@test "what libyaml refuses is refused, each file once" {
	need_scalars
	read -r _ _ _ bad _ <count
	[[ $bad -ge 40 ]]
	run_status 1 "$DIMC" check bad
	printf '%s\n' "$err" | sed -n 's/^\([^ :]*\):[0-9]*:[0-9]*: error: .* \[\(syntax\|alias\|tag\|encoding\)\]$/\1/p' >reported
	diff bad.txt reported
}

@test "lines and columns are those of editors behind scalars of every kind" {
	need_scalars
	read -r _ _ _ _ _ places <count
	[[ $places -ge 250 ]]
	run_status 1 "$DIMC" check places
	printf '%s\n' "$err" | sed -n 's/^\([^ ]*\): error: .* has no key "unknown" \[unknown-key\]$/\1/p' >reported
	diff places.txt reported
}

@test "keywords are the strings that the author typed" {
	compile_case keywords-as-typed
	[[ $(values keywords) = '["no", "1.0", "0x1F", "2024-10-24", "~"]' ]]
	run_status 0 "$DIMC" info volume --json
	contains "$out" '["no", "1.0", "0x1F", "2024-10-24", "~"]'
	for word in no 1.0 0x1F 2024-10-24 '~'; do
		run_status 0 "$DIMC" find volume "$word"
	done
	for word in false 1 31 2024 null '' 0x1f No; do
		run_status 9 "$DIMC" find volume "$word"
	done
}

@test "keywords keep their bytes in every style" {
	compile_case keywords-styles
	for word in joy "it's" $'a\u0301 \U0001F600' "a b" c:d e f "g h" -i "- j" null true y "#k" "l#m" "?n"; do
		run_status 0 "$DIMC" find volume -- "$word"
	done
	[[ $(values keywords | grep -o '", "' | wc -l) -eq 15 ]]
	rm -rf case volume
	compile_case unicode
	# The same letter composed and not are two keywords.
	for word in 喜び $'\U0001F600' $'e\u0301' $'\u00e9' $'\U0001F468\u200D\U0001F469\u200D\U0001F467' $'\u0e17\u0e35\u0e48'; do
		run_status 0 "$DIMC" find volume "$word"
	done
	run_status 9 "$DIMC" find volume e
	shows D01/1 '\U0001F600 \uD7FF\uE000\uFFFD\uFFFE\U0010FFFF \U0001FFFE\U0010FFFD'
}

@test "layer_ids and frequencies are the numbers that were written" {
	compile_case numbers-of-layers
	[[ $(values layer_id | tr '\n' ' ') = "1 5 7 10 4294967295 " ]]
	shows D01/4294967295 Joy.
	rm -rf case volume
	compile_case frequencies
	[[ $(values frequency | tr '\n' ' ') = "0.001 0.5 4.0 1.5 0.1 100.0 5.0e-324 1.7976931348623157e308 7.0 1.5 0.30000000000000004 5.0 0.1 " ]]
}

@test "aliases stand for what their anchors name" {
	compile_case aliases
	for id in 1 2 3; do
		shows "D01/$id" 'Joy is bright.\n'
	done
	[[ $(values frequency | tr '\n' ' ') = "0.5 0.5 0.5 " ]]
	[[ $(values keywords) = $'["joy", "delight"]\n["joy", "delight"]\n["delight"]' ]]
	[[ $(values title) = $'"Joy"\n"Joy"' ]]
	rm -rf case volume
	compile_case anchors-again
	shows D01/3 delight
	rm -rf case volume
	compile_case anchors-in-each-document
	shows D01/2 2.5
}

@test "documents, lists and dimension.yaml give the same layers" {
	compile_case documents
	shows D01/1 One.
	shows D01/2 'Two.\n'
	shows D01/3 Three.
	shows D01/4 Four.
	rm -rf case volume
	compile_case layers-list-and-documents
	shows D01/2 Two.
	shows D01/3 Three.
	rm -rf case volume
	compile_case layers-in-dimension-and-beside
	shows D01/1 'Joy is bright.'
	shows D01/2 Two.
}

@test "tags of the core schema change nothing" {
	compile_case tags
	shows D01/1 'Joy is bright.\n'
	shows D01/2 '~'
	[[ $(values keywords | head -n 1) = '["no", "1", "a"]' ]]
	[[ $(values title) = '"1.0"' ]]
	[[ $(values frequency | tr '\n' ' ') = "1.5 2.0 3.0 " ]]
}

@test "a content_file is taken byte for byte" {
	compile_case content-file-binary
	"$DIMC" show volume D01/1 | cmp - "case/sources/D01-emotion/files/all bytes.bin"
	rm -rf case volume
	compile_case content-file-names
	for id in 1 2 3 4 5 6 7 8 9; do
		shows "D01/$id" 'x\r\n\xef\xbb\xbf\xff'
	done
}

@test "line ends in sources are one line feed in contents, and a byte order mark is none of it" {
	compile_case crlf
	shows D01/1 'Joy\n\nis bright.\n'
	rm -rf case volume
	compile_case cr
	shows D01/1 'Joy\n\nis bright.\n'
	rm -rf case volume
	compile_case byte-order-mark
	shows D01/1 'Joy is bright.'
	rm -rf case volume
	compile_case byte-order-mark-inside
	shows D01/1 'a\xef\xbb\xbfb'
}

@test "symbolic links to files and folders are followed, and names may hold spaces" {
	compile_case linked-files
	shows D01/1 'Joy is bright.'
	shows D02/1 'Attention selects.'
	rm -rf case volume
	compile_case names-with-spaces
	shows D01/2 'Grief.\n'
	shows D07/1 'Joy is bright.'
}

# --- hostile files ---

# hostile CHECK: sources/ must be refused for it, well before the time is over, and with little output.
hostile() {
	run_status 1 timeout 10 "$DIMC" check sources
	contains "$err" "[$1]"
	[[ ${#err} -le ${2:-4000} ]]
}

@test "folders and files that cannot be read are told once each, with 3, and so is one that has no dimension, with 1" {
	need_modes
	make_sources sources
	chmod 0 sources/D02-cognition
	run_status 3 as_author "$DIMC" check sources
	[[ $err = 'dimc: error: cannot read sources/D02-cognition: Permission denied' ]]
	# Its names are there for those who know them.
	chmod 100 sources/D02-cognition
	run_status 3 as_author "$DIMC" compile sources/D02-cognition -o volume --proto p
	[[ $err = 'dimc: error: cannot read sources/D02-cognition: Permission denied' ]]
	run_status 3 as_author "$DIMC" compile sources/D02-cognition/dimension.yaml -o volume --proto p
	[[ $err = 'dimc: error: cannot open sources/D02-cognition: Permission denied' ]]
	chmod 755 sources/D02-cognition
	chmod 0 sources/D02-cognition/*.yaml
	run_status 3 as_author "$DIMC" check sources
	[[ $(grep -c 'Permission denied' <<<"$err") -eq 2 ]]
	lacks "$err" 'no layers'
	run_status 1 "$DIMC" compile sources -o volume --proto p
	contains "$err" 'sources holds no dimension'
	lacks "$err" link
	[[ ! -e volume ]]
}

@test "a file that goes away while the sources are read is told as that, and is no broken link" {
	need strace
	export ASAN_OPTIONS=detect_leaks=0 # a leak sanitizer cannot look while strace does
	strace -qq -o /dev/null true 2>/dev/null || skip 'strace may not trace here'
	make_sources sources
	run_status 3 strace -f -qq -o /dev/null -P 010-joy.yaml -e inject=openat,newfstatat:error=ENOENT "$DIMC" check sources
	[[ $err = 'dimc: error: sources/D01-emotion/010-joy.yaml is gone: somebody took it away meanwhile' ]]
}

@test "a hundred kilobytes of brackets are refused quickly" {
	make_dimension sources/D01 1 Emotion
	for open in '[' '{' '[{' '- ' '? ' '- - ? ' '{a: ' '[a: ' '? [' '&a [' '!!seq [' '"a": ['; do
		yes -- "$open" | tr -d '\n' | head -c 100000 >sources/D01/010.yaml
		hostile nesting
		# Behind a key, and one to a line.
		{
			printf 'content: '
			yes -- "$open" | tr -d '\n' | head -c 100000
		} >sources/D01/010.yaml
		run_status 1 timeout 10 "$DIMC" check sources
		yes -- "$open" | head -c 100000 >sources/D01/010.yaml
		run_status 1 timeout 10 "$DIMC" check sources
	done
	yes ']' | tr -d '\n' | head -c 100000 >sources/D01/010.yaml
	hostile syntax
	awk 'BEGIN { for (i = 0; i < 2000; i++) printf "%*sa:\n", i, "" }' >sources/D01/010.yaml
	hostile nesting
	yes "[]," | head -n 300000 | tr -d '\n' | { printf 'content: ['; cat; printf ']\n'; } >sources/D01/010.yaml
	hostile wrong-type
}

# Seconds of work, or hours where each thing that is found looks through the line, or the list of what is in it, again.
@test "a line of megabytes, wrong in many thousand places, is checked, mended and formatted" {
	export MMAP_MAX_SIZE=200000000
	make_dimension sources/D01 1 Emotion
	awk 'BEGIN {
		for (i = 0; i < 60; i++)
			words = words "bright words "
		printf "{\"layers\": ["
		for (i = 1; i <= 9000; i++)
			printf "%s{\"layer_id\": %d, \"frequncy\": 1.5, \"keywords\": [\"a\",\t\"b\", \"a\"], \"content\": \"%s%d\"}",
				(i > 1 ? ", " : ""), i, words, i
		print "]}"
	}' >sources/D01/010.yaml
	run_status 0 timeout 60 "$DIMC" check --fix -Wno-all -Wtab sources
	[[ $(tail -n 2 .stdout) = "mended 27000 mistakes"* ]]
	run_status 0 timeout 60 "$DIMC" fmt -q sources
	[[ $(wc -l <sources/D01/010.yaml) -gt 40000 ]]
	{
		printf 'layer_id: 1\nfrequency: 1.5\nkeywords: [a]\ntitle:'
		yes $' \t' | tr -d '\n' | head -c 1000000
		printf 'Joy #'
		yes $' #\ta' | tr -d '\n' | head -c 1000000
		printf '\ncontent: Joy is bright.'
		yes $'\u200b.' | tr -d '\n' | head -c 1000000
		printf '\n'
	} >sources/D01/010.yaml
	run_status 0 timeout 60 "$DIMC" check sources
	grep -qx "750000 warnings in 1 file" .stderr
}

@test "aliases that would expand to billions are refused quickly" {
	make_dimension sources/D01 1 Emotion
	for kind in list mapping text keys; do
		{
			printf 'layer_id: 1\nfrequency: 1.5\nkeywords: [joy]\ncontent: Joy\nnote:\n'
			case $kind in
			list) printf -- '- &a0 [x, x, x, x, x, x, x, x, x, x]\n' ;;
			mapping) printf -- '- &a0 {a: x, b: x, c: x, d: x, e: x}\n' ;;
			text) printf -- '- &a0 %s\n' "$(head -c 20000 /dev/zero | tr '\0' x)" ;;
			keys) printf -- '- &a0 {? [x, x, x] : x}\n' ;;
			esac
			for i in $(seq 40); do
				p=$((i - 1))
				echo "- &a$i [*a$p, *a$p, *a$p, *a$p, *a$p, *a$p, *a$p, *a$p, *a$p, *a$p]"
			done
		} >sources/D01/010.yaml
		hostile alias
	done
	# In the fields themselves: keywords of keywords, layers of layers.
	{
		printf 'layers: &a0 [{layer_id: 1, frequency: 1.5, keywords: [joy], content: Joy}]\n'
		for i in $(seq 200); do
			echo ---
			echo "layers: [&a {layer_id: $i, frequency: 1.5, keywords: [joy], content: &b $i}, *a, *a, *a]"
		done
	} >sources/D01/010.yaml
	hostile layer-id-duplicate 1000000
	{
		printf 'layers:\n- &a {layer_id: 1, frequency: 1.5, keywords: [joy], content: Joy}\n'
		yes -- '- *a' | head -n 200000
	} >sources/D01/010.yaml
	hostile alias 10000000
}

# bounded SUMMARY: sources/ must be refused in time, with SUMMARY as the last line; the output is too long to be shown.
bounded() {
	local got=0

	timeout 60 "$DIMC" check -Wno-text-short sources >stdout 2>stderr || got=$?
	if [[ $got -ne 1 || $(tail -n 1 stderr) != "$1"* ]]; then
		printf 'status %s, and not %s but:\n' "$got" "$1"
		tail -n 4 stderr | cut -c 1-200
		return 1
	fi
}

@test "a million keys are read in bounded time" {
	make_dimension sources/D01 1 Emotion
	seq -f 'k%.0f: v' 1000000 >sources/D01/010.yaml
	bounded "1000004 errors in 1 file"
	# Keys of a value that is passed over.
	{
		printf 'layer_id: 1\nfrequency: 1.5\nkeywords: [joy]\ncontent: Joy\nnote:\n'
		seq -f '  k%.0f: v' 1000000
	} >sources/D01/010.yaml
	hostile unknown-key
}

@test "thousands of mistakes are shown in bounded time, wherever they stand" {
	make_dimension sources/D01 1 Emotion
	# The same key, on lines far from where it was first given.
	{
		printf 'layer_id: 1\nfrequency: 1.5\nkeywords: [joy]\ncontent: Joy\n'
		yes '# joy' | head -n 1000000
		yes 'frequency: 1.5' | head -n 10000
	} >sources/D01/010.yaml
	bounded "10000 errors in 1 file"
	# All on one line.
	{
		printf '{layer_id: 1, frequency: 1.5, keywords: [joy], content: "'
		head -c 3000000 /dev/zero | tr '\0' x
		printf '"'
		seq -f ', note%g: x' 10000 | tr -d '\n'
		printf '}\n'
	} >sources/D01/010.yaml
	bounded "10000 errors in 1 file"
	# In two files, and each message shows places in both. More are counted than are shown.
	for file in 010 020; do
		for i in $(seq 1000); do
			echo "- {layer_id: $i, frequency: 1.5, keywords: [joy], content: Joy}"
		done | sed '1i layers:' >"sources/D01/$file.yaml"
		yes '# joy' | head -n 300000 >>"sources/D01/$file.yaml"
	done
	for file in 030 040 050; do
		seq -f 'note%g: x' 6000 >"sources/D01/$file.yaml"
	done
	bounded "19012 errors in 4 files"
}

@test "a text of ten megabytes that no region can hold is refused by its size" {
	make_dimension sources/D01 1 Emotion
	head -c 10485761 /dev/zero | tr '\0' x >text
	for style in "plain" "single '" 'double "' 'block |
  '; do
		{
			printf 'layer_id: 1\nfrequency: 1.5\nkeywords: [joy]\ncontent: %s' "${style#* }" | sed 's/: plain/: /'
			cat text
			[[ $style = block* || $style = plain ]] || printf '%s' "${style#* }"
			echo
		} >sources/D01/010.yaml
		hostile region-size
		contains "$err" 10485760
	done
	# Of a keyword and a title the length is what is wrong.
	{
		printf 'layer_id: 1\nfrequency: 1.5\ncontent: Joy\nkeywords: ["'
		cat text
		printf '"]\ntitle: '
		cat text
	} >sources/D01/010.yaml
	hostile keywords
	contains "$err" "[text]"
	# A file that is too large is not read at all.
	printf 'content: x' >sources/D01/010.yaml
	truncate -s 100G sources/D01/010.yaml
	hostile file-size
}

@test "no source can take the memory of the machine" {
	if grep -q __asan_init "$DIMC"; then
		skip "this program is instrumented and takes memory of its own"
	fi
	make_dimension sources/D01 1 Emotion
	{
		printf 'note: &a ['
		yes '"", ' | tr -d '\n' | head -c 4000000
		printf ']\nmore: [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\n'
	} >sources/D01/010.yaml
	ulimit -v 1000000
	run_status 1 timeout 20 "$DIMC" check sources -j 1
	yes -- '- &a [x, x, x, x, x, x, x, x]' | head -c 2000000 >sources/D01/010.yaml
	run_status 1 timeout 20 "$DIMC" check sources -j 1
	contains "$err" "[alias]"
}

@test "a former generation that is read by its name while others are published is one generation, whole" {
	local one two i publisher seen=0
	for ((i = 1; i <= 60; i++)); do
		make_dimension "one/D$i" "$i" Many
		make_layer "one/D$i/1.yaml" 1 1.5 word "one $i"
		make_dimension "two/D$i" "$i" Many
		make_layer "two/D$i/1.yaml" 1 1.5 word "two $i"
	done
	"$DIMC" compile -q --no-sync one -o v
	one=$("$DIMC" info v --json | sed -n 's/.*"generation": //p')
	"$DIMC" compile -q --no-sync two -o v
	two=$("$DIMC" info v --json | sed -n 's/.*"generation": //p')
	[[ $one != "$two" ]]
	(for ((i = 0; i < 12; i++)); do
		"$DIMC" compile -q --no-sync one -o v && "$DIMC" compile -q --no-sync two -o v || exit 1
	done) &
	publisher=$!
	while kill -0 $publisher 2>/dev/null; do
		run_status 0 "$DIMC" info v/.previous --json
		[[ $out = *"\"generation\": $one"* || $out = *"\"generation\": $two"* ]] || { echo "$out"; kill $publisher; return 1; }
		seen=$((seen + 1))
	done
	wait $publisher
	[[ $seen -gt 20 ]]
}
