#!/usr/bin/env bats
# signing.bats: `dimc bundle --sign` and `--verify-key` against openssl and sha256sum: either side takes what the other made, and whatever
# is not signed, or not by that key, changes nothing.

# shellcheck disable=SC2154 # out and err are set by run_status
load lib

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	command -v openssl >/dev/null || return 0
	make_sources src
	"$DIMC" compile -q --no-sync src -o volume
	make_layer src/D02-cognition/010-attention.yaml 1 2.0 attention 'Attention wanders.'
	"$DIMC" compile -q --no-sync src -o other
	openssl genpkey -algorithm ed25519 -out key.pem
	openssl pkey -in key.pem -pubout -out pub.pem
	openssl genpkey -algorithm ed25519 -out key2.pem
	openssl pkey -in key2.pem -pubout -out pub2.pem
	openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048 -out rsa.pem 2>/dev/null
	openssl pkey -in rsa.pem -pubout -out rsapub.pem
	openssl ecparam -genkey -name prime256v1 -noout -out ec.pem
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	need openssl
	cp -a "$BATS_FILE_TMPDIR"/{volume,other,*.pem} .
}

signed() {
	run_status 0 "$DIMC" bundle other -o b.tar.gz --sign key.pem
}

# refused STATUS ARGUMENT...: restore into volume/ is refused with this status, and it stays as it was; so is verify.
refused() {
	local before
	before=$(snapshot volume)
	run_status "$1" "$DIMC" restore "${@:2}" -o volume --no-sync
	[[ $1 -ne 7 ]] || contains "$err" ': refused: '
	[[ $1 -ne 7 ]] || contains "$err" '; nothing changed'
	[[ $(snapshot volume) = "$before" ]]
	run_status "$1" "$DIMC" restore "${@:2}" -o absent --no-sync
	[[ ! -e absent ]]
	run_status "$1" "$DIMC" verify "${@:2}"
	[[ -z $out ]] || lacks "$out" sound
}

@test "openssl and sha256sum verify what dimc signed" {
	signed
	[[ $(stat -c %s b.tar.gz.sha256.sig) -eq 64 ]]
	sha256sum --quiet -c b.tar.gz.sha256
	run_status 0 openssl pkeyutl -verify -rawin -pubin -inkey pub.pem -in b.tar.gz.sha256 -sigfile b.tar.gz.sha256.sig
	run_status 1 openssl pkeyutl -verify -rawin -pubin -inkey pub2.pem -in b.tar.gz.sha256 -sigfile b.tar.gz.sha256.sig
	lacks "$(cat b.tar.gz.sha256)" KEY
	# Ed25519 has no chance in it: the same signature every time.
	cp b.tar.gz.sha256.sig first
	signed
	cmp first b.tar.gz.sha256.sig
}

@test "dimc verifies what openssl signed, as it was bundled or with a key given in another form" {
	"$DIMC" bundle other -o b.tar.gz -q
	openssl pkeyutl -sign -rawin -inkey key.pem -in b.tar.gz.sha256 -out b.tar.gz.sha256.sig
	run_status 0 "$DIMC" verify b.tar.gz --verify-key pub.pem
	run_status 0 "$DIMC" restore b.tar.gz --verify-key pub.pem -o volume --no-sync
	cmp volume/consciousness/manifest.json other/consciousness/manifest.json
	run_status 0 "$DIMC" restore b.tar.gz -o without-a-key --no-sync
}

@test "unsigned, or signed by another: refused, and nothing changes" {
	signed
	refused 7 b.tar.gz --verify-key pub2.pem
	rm b.tar.gz.sha256.sig
	refused 7 b.tar.gz --verify-key pub.pem
	contains "$err" sign
	: >b.tar.gz.sha256.sig
	refused 7 b.tar.gz --verify-key pub.pem
	signed
	rm b.tar.gz.sha256
	refused 7 b.tar.gz --verify-key pub.pem
}

@test "an altered signature, .sha256 or bundle is refused" {
	local at
	signed
	cp b.tar.gz good.tar.gz
	cp b.tar.gz.sha256 good.sha256
	cp b.tar.gz.sha256.sig good.sig
	for at in 0 31 32 63; do
		cp good.sig b.tar.gz.sha256.sig
		flip b.tar.gz.sha256.sig $at
		refused 7 b.tar.gz --verify-key pub.pem
	done
	cp good.sig b.tar.gz.sha256.sig
	truncate -s 63 b.tar.gz.sha256.sig
	refused 7 b.tar.gz --verify-key pub.pem
	cp good.sig b.tar.gz.sha256.sig
	echo x >>b.tar.gz.sha256.sig
	refused 7 b.tar.gz --verify-key pub.pem
	openssl base64 -in good.sig -out b.tar.gz.sha256.sig
	refused 7 b.tar.gz --verify-key pub.pem
	cp good.sig b.tar.gz.sha256.sig
	for change in 's/$/x/' 's/^./0/' 's/^./f/' 's/  / */' 's/b.tar.gz/c.tar.gz/'; do
		sed "$change" good.sha256 >b.tar.gz.sha256
		cmp -s good.sha256 b.tar.gz.sha256 || refused 7 b.tar.gz --verify-key pub.pem
	done
	# The sums of another bundle, in a file that is signed all right.
	cp good.sha256 b.tar.gz.sha256
	"$DIMC" bundle volume -o b.tar.gz -q
	cp good.sha256 b.tar.gz.sha256
	cp good.sig b.tar.gz.sha256.sig
	refused 7 b.tar.gz --verify-key pub.pem
	# The bundle itself, still sound as far as it is read: gzip's header has a time.
	cp good.tar.gz b.tar.gz
	poke b.tar.gz 4 01020304
	run_status 0 "$DIMC" verify b.tar.gz
	refused 7 b.tar.gz --verify-key pub.pem
	# And one that is not.
	cp good.tar.gz b.tar.gz
	flip b.tar.gz 300
	status=0
	"$DIMC" restore b.tar.gz -o absent --verify-key pub.pem 2>stderr || status=$?
	[[ $status = 5 || $status = 7 ]]
	[[ ! -e absent ]]
	cp good.tar.gz b.tar.gz
	run_status 0 "$DIMC" verify b.tar.gz --verify-key pub.pem
}

@test "a bundle that was renamed with its sums is the same bundle; the name in a signed line must not lead elsewhere" {
	signed
	mkdir moved
	mv b.tar.gz* moved/
	run_status 0 "$DIMC" verify moved/b.tar.gz --verify-key pub.pem
	cd moved
	run_status 0 "$DIMC" verify b.tar.gz --verify-key ../pub.pem
}

@test "of several bundles each must be signed" {
	"$DIMC" bundle other -o a.tar.gz -d D01 --sign key.pem -q
	"$DIMC" bundle other -o b.tar.gz -d D02 -q
	before=$(snapshot volume)
	run_status 7 "$DIMC" restore a.tar.gz b.tar.gz --verify-key pub.pem -o volume --no-sync
	contains "$err" 'b.tar.gz: refused: '
	[[ $(snapshot volume) = "$before" ]]
	"$DIMC" bundle other -o b.tar.gz -d D02 --sign key2.pem -q
	run_status 7 "$DIMC" restore a.tar.gz b.tar.gz --verify-key pub.pem -o volume --no-sync
	"$DIMC" bundle other -o b.tar.gz -d D02 --sign key.pem -q
	run_status 0 "$DIMC" restore a.tar.gz b.tar.gz --verify-key pub.pem -o volume --no-sync
	cmp volume/consciousness/manifest.json other/consciousness/manifest.json
}

@test "keys of another kind, of the wrong half, or none at all are told, and leave no file" {
	mkdir out
	for key in rsa.pem ec.pem pub.pem absent.pem src; do
		status=0
		"$DIMC" bundle other -o out/b.tar.gz --sign $key >stdout 2>stderr || status=$?
		[[ $status -ge 2 && $status -le 9 ]] || return 1
		contains "$(cat stderr)" $key
		[[ -z $(ls -A out) ]]
	done
	echo 'not a key' >text.pem
	head -c 100 /dev/zero >zero.pem
	signed
	before=$(snapshot volume)
	for key in rsapub.pem text.pem zero.pem absent.pem; do
		status=0
		"$DIMC" restore b.tar.gz --verify-key $key -o volume --no-sync >stdout 2>stderr || status=$?
		[[ $status -ge 2 && $status -le 9 ]] || return 1
		contains "$(cat stderr)" $key
		status=0
		"$DIMC" verify b.tar.gz --verify-key $key >stdout 2>stderr || status=$?
		[[ $status -ge 2 && $status -le 9 ]] || return 1
	done
	[[ $(snapshot volume) = "$before" ]]
	# A key that waits for a passphrase must not wait here.
	openssl pkey -in key.pem -aes256 -passout pass:secret -out locked.pem
	status=0
	timeout 20 "$DIMC" bundle other -o out/b.tar.gz --sign locked.pem </dev/null >stdout 2>stderr || status=$?
	[[ $status -ge 2 && $status -le 9 ]]
	[[ -z $(ls -A out) ]]
}

@test "a failed signature leaves the older, signed bundle with its sums and signature" {
	signed
	before=$(sha256sum b.tar.gz*)
	status=0
	"$DIMC" bundle volume -o b.tar.gz --sign rsa.pem 2>/dev/null || status=$?
	[[ $status -ne 0 && $(sha256sum b.tar.gz*) = "$before" ]]
	run_status 0 "$DIMC" verify b.tar.gz --verify-key pub.pem
	# Bundled anew without a key: the old signature is none of this one.
	run_status 0 "$DIMC" bundle volume -o b.tar.gz
	[[ ! -e b.tar.gz.sha256.sig ]]
	refused 7 b.tar.gz --verify-key pub.pem
}
