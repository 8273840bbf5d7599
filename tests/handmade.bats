# handmade.bats: a region laid out by hand, from docs/region-format.md alone, is sound to dimc, is read as it was meant, and is
# what the compiler makes of the same dimension written as YAML. In: fixtures/handmade. Out: whether document and program agree.
# shellcheck disable=SC2154 # out and err are set by run_status
load lib

HANDMADE=$ROOT/tests/fixtures/handmade
REGION_DIGEST=ab5e319f335a7b75d720ffeae3624c390975d0ab42365b2ec365307437517a9b

setup_file() {
	"$HANDMADE/assemble.sh" "$HANDMADE/region.txt" "$BATS_FILE_TMPDIR/hand.mmap"
}

hand() { echo "$BATS_FILE_TMPDIR/hand.mmap"; }

# digest FILE: the region digest. Metadata follow the header at once, so it is over [0, 1248) with zeros in its own place.
digest() {
	{ head -c 24 "$1" && head -c 32 /dev/zero && head -c 1248 "$1" | tail -c +57; } | sha256sum | cut -d ' ' -f 1
}

# change FROM TO: region.txt as changed.txt, with one line changed, and no other.
change() {
	sed "s/$1/$2/" "$HANDMADE/region.txt" >changed.txt
	[[ $(diff "$HANDMADE/region.txt" changed.txt | grep -c '^>') -eq 1 ]]
}

# found ARGUMENT...: dimc find in the hand-made region gives the layers that come on standard input, in this order.
found() {
	diff - <("$DIMC" find --json "$@" | jq -c '[.[] | [.dimension_id, .layer_id, .title, .frequency]]')
}

@test "the assembler says where a line's bytes land, when it is not where the line says, and leaves no file" {
	change '^0x04c0: ' '0x04c1: '
	run_status 1 "$HANDMADE/assemble.sh" changed.txt region.mmap
	contains "$err" "it says 0x04c1, but its bytes land at 0x04c0"
	[[ ! -e region.mmap ]]
	change '^0x3000: fill 4999 ' '0x3000: fill 4998 '
	run_status 1 "$HANDMADE/assemble.sh" changed.txt region.mmap
	contains "$err" "it says 0x4387, but its bytes land at 0x4386"
	change '^0x5000: ' '0x5001: '
	run_status 1 "$HANDMADE/assemble.sh" changed.txt region.mmap
	change '^0x04c0: 48' '0x04c0: 4'
	run_status 1 "$HANDMADE/assemble.sh" changed.txt region.mmap
	contains "$err" "not pairs of hex digits"
}

@test "the assembler writes every byte as it is written" {
	local all i
	all=$(for ((i = 0; i < 256; i++)); do printf '%02x' $i; done)
	{
		printf '0x0000: %s # each byte once\n' "$all"
		for ((i = 0; i < 256; i++)); do printf '0x%04x: fill 3 %02x\n' $((256 + 3 * i)) $i; done
		printf '0x0400:'
	} >all.txt
	"$HANDMADE/assemble.sh" all.txt all.bin
	[[ $(bytes all.bin 0 256) = "$all" ]]
	[[ $(bytes all.bin 256 768) = "$(for ((i = 0; i < 256; i++)); do printf '%02x%02x%02x' $i $i $i; done)" ]]
}

@test "the digests in the text are those of sha256sum" {
	local text=$HANDMADE/region.txt
	printf 'second\n' | sha256sum | cut -d ' ' -f 1 >digests
	printf 'fifth layer, with a NUL-free text\n' | sha256sum | cut -d ' ' -f 1 >>digests
	sha256sum <"$HANDMADE/sources/D07-hand/big.txt" | cut -d ' ' -f 1 >>digests
	diff digests <(sed -n 's/^0x[0-9a-f]*: \([0-9a-f]\{64\}\)  #   digest$/\1/p' "$text")
	[[ $(digest "$(hand)") = "$REGION_DIGEST" ]]
	grep -q "^0x0018: $REGION_DIGEST  # checksum\$" "$text"
}

@test "the hand-made region is sound" {
	run_status 0 "$DIMC" verify "$(hand)"
	contains "$out" "1 dimension, 3 layers, 20.0 KiB: every byte sound"
	run_status 0 "$DIMC" verify --quick "$(hand)"
}

@test "dimc info reads from the hand-made region what was laid out" {
	need jq
	run_status 0 "$DIMC" info --json -v "$(hand)"
	jq '.dimensions | map(del(.resident))' <<<"$out" >read.json
	diff - <(jq -S . read.json) < <(
		jq -S . <<-END
			[{
			  "dimension_id": 7, "dimension_name": "Hand", "layout": "page", "alignment": 4096, "layer_count": 3,
			  "keyword_count": 3, "content_size": 5041, "total_size": 20480, "file_size": 20480,
			  "checksum": "sha256:$REGION_DIGEST",
			  "layers": [
			    {"layer_id": 2, "title": "Zwei", "frequency": 2.5, "content_size": 7, "offset": 4096, "size": 4096,
			     "keywords": ["beta", "alpha"],
			     "checksum": "sha256:480c2336b410f1ad5f8bf1b28944490255804b65350c527787e74ebdd511e3a4"},
			    {"layer_id": 5, "title": "", "frequency": 0.5, "content_size": 34, "offset": 8192, "size": 4096,
			     "keywords": ["alpha"],
			     "checksum": "sha256:694e365f64a71a28e9eb3261e647b4b939b38f3680e2a5f7a0ddb45932f1192a"},
			    {"layer_id": 9, "title": "Neun ü", "frequency": 2.5, "content_size": 5000, "offset": 12288, "size": 8192,
			     "keywords": ["gamma ü", "beta"],
			     "checksum": "sha256:e80415ace7ec233a6af5c634b5aa40d5f09de1b83fa87ee7f8ebb6ef6c282c2e"}
			  ]
			}]
		END
	)
}

@test "dimc show reads the contents from the hand-made region, and no others" {
	cmp <("$DIMC" show "$(hand)" 2) <(printf 'second\n')
	cmp <("$DIMC" show "$(hand)" D07/5) <(printf 'fifth layer, with a NUL-free text\n')
	cmp <("$DIMC" show "$(hand)" 9) <(printf '%04999d\n' 0 | tr 0 x)
	for id in 1 3 4 6 7 8 10; do
		run_status 9 "$DIMC" show "$(hand)" "$id"
		[[ -z $out ]]
	done
}

@test "dimc find goes by the hash table, the postings and the frequency order that were laid out" {
	need jq
	local two='[7,2,"Zwei",2.5]' five='[7,5,"",0.5]' nine='[7,9,"Neun ü",2.5]'
	found "$(hand)" alpha <<<"[$two,$five]"
	found "$(hand)" beta <<<"[$two,$nine]"
	found "$(hand)" 'gamma ü' <<<"[$nine]"
	found "$(hand)" alpha beta <<<"[$two]"
	found "$(hand)" -f 2.5..2.5 <<<"[$two,$nine]"
	found "$(hand)" -f 0.5..4 <<<"[$five,$two,$nine]"
	found "$(hand)" -f ..1 <<<"[$five]"
	for word in gamma Alpha bet betaa; do
		run_status 9 "$DIMC" find "$(hand)" "$word"
		[[ -z $out ]]
	done
}

@test "the compiler makes the hand-made region, byte for byte, of the sources that say the same" {
	"$DIMC" compile "$HANDMADE/sources" -o volume --no-sync -q
	cmp volume/consciousness/D07/region.mmap "$(hand)"
}

@test "one wrong hex digit in the hash table is refused, be the checksum wrong with it or made to fit" {
	local checksum
	change '^0x04a0: 3c 41 61 e3 ' '0x04a0: 3d 41 61 e3 '
	"$HANDMADE/assemble.sh" changed.txt wrong.mmap
	run_status 5 "$DIMC" verify wrong.mmap
	contains "$err" "the checksum over header and metadata is wrong"
	checksum=$(digest wrong.mmap)
	[[ $checksum != "$REGION_DIGEST" ]]
	sed -i "s/^0x0018: $REGION_DIGEST /0x0018: $checksum /" changed.txt
	"$HANDMADE/assemble.sh" changed.txt fitted.mmap
	run_status 5 "$DIMC" verify fitted.mmap
	contains "$err" "a slot of the keyword hash is wrong (bytes 1184 to 1191)"
	lacks "$err" "checksum"
}
