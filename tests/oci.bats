#!/usr/bin/env bats
# oci.bats: data images: what `dimc bundle --format=oci` writes, through every tool that reads it, and back to the same generation.
# In: the built program; skopeo, umoci, podman, buildah and docker-registry where they are. Out: what all of them make of the file.
# shellcheck disable=SC2154 # out and err are set by run_status

load lib
load oci

# Once: two volumes, the archive of one, a registry.
setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	SOURCE_DATE_EPOCH=1730000000 "$DIMC" compile -q --no-sync --layer-files "$ROOT/sources" -o volume
	"$DIMC" bundle volume -o image.tar --format=oci >bundle.out
	make_sources small
	"$DIMC" compile -q --no-sync small -o small-volume
	"$DIMC" bundle small-volume -o small.tar --format=oci -q
	registry=
	registry_start || true
}

teardown_file() {
	registry_stop
	engine_stop
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	volume=$BATS_FILE_TMPDIR/volume
	image=$BATS_FILE_TMPDIR/image.tar
	digest=$(sed -n 's/^image //p' "$BATS_FILE_TMPDIR/bundle.out")
	name=$(sed -n 's/^name //p' "$BATS_FILE_TMPDIR/bundle.out")
}

# comes_back ARCHIVE: restored from it, a volume is the same generation, and the same files.
comes_back() {
	rm -rf restored
	run_status 0 "$DIMC" restore "$1" -o restored --no-sync
	diff <(contents "$volume/consciousness") <(contents restored/consciousness)
}

@test "the same image from run to run, in any directory, with any number of threads, whatever its name" {
	mkdir -p a/b
	cp -r "$volume" a/b/copy
	run_status 0 "$DIMC" bundle a/b/copy -o a/x.tar --format=oci -j1
	contains "$out" "image $digest"
	cmp a/x.tar "$image"
	TZ=Asia/Tokyo LC_ALL=C.UTF-8 SOURCE_DATE_EPOCH=1 run_status 0 "$DIMC" bundle "$volume" -o other.tar --format=oci -j8
	cmp other.tar "$image"
	run_status 0 "$DIMC" bundle "$volume" -o named.tar --format=oci --name=registry.example.org:5000/a/b-c__d.e:V1.0_x
	contains "$out" "image $digest"
	contains "$out" "name registry.example.org:5000/a/b-c__d.e:V1.0_x"
	run_status 1 cmp -s named.tar "$image"
}

@test "documents and blobs are as the image format wants them" {
	need python3
	run_status 0 python3 "$ROOT/tests/oci_check.py" "$image"
	contains "$out" "image $digest"
	contains "$out" "name $name"
	contains "$out" "generation $(generation "$volume")"
	contains "$out" "identity sha256:$(sed -n 's/^identity //p' "$BATS_FILE_TMPDIR/bundle.out")"
	contains "$out" "created $(grep -h '"updated_at"' "$volume"/consciousness/D*/index.json | sed 's/.*: "\(.*\)".*/\1/' | sort | tail -n 1)"
	# The name: the registry of this machine, and the generation, short.
	[[ $name = localhost/dimensions:$(generation "$volume" | sed 's/sha256:\(.\{12\}\).*/\1/') ]]
}

@test "stock tools agree: sha256sum on the file and on every blob, tar on the layer" {
	(cd "$BATS_FILE_TMPDIR" && sha256sum -c --quiet image.tar.sha256)
	tar -xf "$image"
	[[ -e oci-layout && -e index.json && -e manifest.json ]]
	(cd blobs/sha256 && for blob in *; do echo "$blob  $blob"; done | sha256sum -c --quiet)
	layer=$(find blobs/sha256 -type f -printf '%s %p\n' | sort -n | tail -n 1 | cut -d' ' -f2)
	gzip -t "$layer"
	mkdir root
	tar -C root -xzf "$layer"
	diff <(contents "$volume/consciousness") <(contents root/app/data/mmap/consciousness | grep -v ' ./SHA256SUMS$')
	run_status 0 "$DIMC" verify root/app/data/mmap
}

@test "list, verify and the commands that read take an image as they take a tar.gz" {
	"$DIMC" bundle "$volume" -o x.tar.gz -q
	run_status 0 "$DIMC" list "$image" --json
	contains "$out" "\"generation\": \"$(generation "$volume")\""
	contains "$out" "\"checksum\": \"sha256:$(sha256sum <"$image" | cut -d' ' -f1)\""
	contains "$out" "\"size\": $(stat -c %s "$image"),"
	run_status 0 "$DIMC" list "$image" --sums
	(mkdir root && tar -xf "$image" -C root && cd root && for blob in blobs/sha256/*; do tar -xzf "$blob" 2>/dev/null || true; done)
	(cd root && sha256sum -c --quiet <<<"$out")
	run_status 0 "$DIMC" verify "$image"
	contains "$out" "every byte sound"
	run_status 0 "$DIMC" show "$image" D01/1
	[[ $out = "$("$DIMC" show "$volume" D01/1)" ]]
	rows() { "$DIMC" info "$1" | awk '/^D[0-9]/ { print $1, $2, $3, $4, $NF }'; }
	diff <(rows "$image") <(rows "$volume")
	[[ $(rows "$image" | wc -l) -eq 14 ]]
	comes_back "$image"
	run_status 0 "$DIMC" restore "$image" -o restored --no-sync
	contains "$out" "up to date"
}

@test "images of some dimensions are united" {
	"$DIMC" bundle "$volume" -o 1.tar --format=oci -d D01,D02,D14 -q
	"$DIMC" bundle "$volume" -o 2.tar --format=oci -d "$(echo D{03..13} | tr ' ' ,)" -q
	run_status 0 "$DIMC" restore 1.tar 2.tar -o restored --no-sync
	diff <(contents "$volume/consciousness") <(contents restored/consciousness)
	run_status 0 "$DIMC" list 1.tar
	contains "$out" "3 dimensions"
	run_status 9 "$DIMC" bundle "$volume" -o 3.tar --format=oci -d D77
	[[ ! -e 3.tar ]]
}

@test "names are full references, and wrong ones say what is missing" {
	name_it() { "$DIMC" bundle "$BATS_FILE_TMPDIR/small-volume" -o n.tar --format=oci --name "$1"; }
	for good in localhost/a localhost/a:1 a.b/c 127.0.0.1:5000/a/b:tag R.example/a a.b:1/x--y/z__0:_a-B.c \
		"a.b/$(printf 'a%.0s' {1..251})" "a.b/c:$(printf 'a%.0s' {1..128})"; do
		run_status 0 name_it "$good"
		contains "$out" "name $good"
	done
	rm n.tar
	run_status 2 name_it dimensions
	contains "$err" "does not begin with a registry"
	contains "$err" "localhost/dimensions"
	for bad in "" / a/b:1 docker/x localhost localhost/ localhost/A localhost/a: localhost/a:. localhost/a:-x "localhost/a b" \
		localhost/a//b localhost/-a localhost/a- localhost/a..b localhost/a___b localhost/.a a.b/c:d:e a.b:/c a.b:x/c -a.b/c \
		a..b/c a.b-/c "a.b/c@sha256:$(printf '0%.0s' {1..64})" "a.b/$(printf 'a%.0s' {1..252})" \
		"a.b/c:$(printf 'a%.0s' {1..129})" $'a.b/c\n' a.b/ä; do
		run_status 2 name_it "$bad"
		contains "$err" "is no full name of an image"
	done
	[[ ! -e n.tar ]]
	run_status 2 "$DIMC" bundle "$volume" -o n.tar --name a.b/c
	contains "$err" "--format=oci"
	run_status 2 "$DIMC" bundle "$volume" -o n.tar --format=zip
	contains "$err" "tar.gz or oci"
	if command -v skopeo >/dev/null; then
		# What we take, the library of the engines takes.
		for good in localhost/a:1 127.0.0.1:5000/a/b:tag a.b:1/x--y/z__0:_a-B.c; do
			run_status 0 copy "oci-archive:$BATS_FILE_TMPDIR/small.tar" "docker-archive:s.tar:$good"
			rm s.tar
		done
	fi
}

@test "no file is left where it cannot be written, and none of another run is lost" {
	[[ $(id -u) -eq 0 ]] || skip "mounting a small file system needs root"
	mkdir small
	mount -t tmpfs -o size=300k tmpfs small 2>/dev/null || skip "no mount here"
	cp "$BATS_FILE_TMPDIR/small.tar" small/image.tar
	cp small/image.tar kept.tar
	status=0 same=0
	"$DIMC" bundle "$volume" -o small/image.tar --format=oci 2>.err || status=$?
	found=$(ls -A small)
	! cmp small/image.tar kept.tar || same=1
	umount small
	[[ $status -eq 3 && $found = image.tar && $same -eq 1 ]]
	contains "$(<.err)" "No space left on device"
}

@test "signed and verified as other bundles are" {
	need openssl
	openssl genpkey -algorithm ed25519 -out key.pem 2>/dev/null
	openssl pkey -in key.pem -pubout -out public.pem
	"$DIMC" bundle "$volume" -o x.tar --format=oci --sign key.pem -q
	sha256sum -c --quiet x.tar.sha256
	openssl pkeyutl -verify -rawin -pubin -inkey public.pem -in x.tar.sha256 -sigfile x.tar.sha256.sig
	run_status 0 "$DIMC" verify x.tar --verify-key public.pem
	run_status 0 "$DIMC" restore x.tar -o v --no-sync --verify-key public.pem
	cp "$image" y.tar
	run_status 7 "$DIMC" restore y.tar -o w --verify-key public.pem
	# A key was asked for: what is not signed is not even parsed.
	echo 'no image' >z.tar
	run_status 7 "$DIMC" restore z.tar -o w --verify-key public.pem
	[[ ! -e w ]]
}

@test "skopeo reads it, and what it writes comes back: oci-archive, oci, dir, docker-archive" {
	need skopeo
	skopeo inspect --raw "oci-archive:$image" >raw
	[[ sha256:$(sha256sum <raw | cut -d' ' -f1) = "$digest" ]]
	skopeo inspect "oci-archive:$image" >facts
	contains "$(<facts)" "\"dimc.generation\": \"$(generation "$volume")\""
	contains "$(skopeo inspect --override-arch arm64 "oci-archive:$image")" '"Architecture": "arm64"'
	skopeo inspect "docker-archive:$image" >facts
	contains "$(<facts)" "\"dimc.generation\": \"$(generation "$volume")\""
	copy "oci-archive:$image:$name" oci-archive:one.tar:localhost/x:1
	comes_back one.tar
	copy "oci-archive:$image" oci-archive:all.tar:localhost/x:1 --all
	comes_back all.tar
	[[ sha256:$(skopeo inspect --raw oci-archive:all.tar | sha256sum | cut -d' ' -f1) = "$digest" ]]
	copy "oci-archive:$image" docker-archive:docker.tar:localhost/x:1
	comes_back docker.tar
	copy "docker-archive:$image" oci-archive:plain.tar:localhost/x:1
	comes_back plain.tar
	copy "oci-archive:$image" dir:dir
	(cd dir && for blob in *; do [[ ${#blob} -ne 64 ]] || echo "$blob  $blob"; done | sha256sum -c --quiet)
	copy "oci-archive:$image" oci:layout:1 --all
	tar -C layout -cf layout.tar .
	comes_back layout.tar
}

@test "umoci unpacks it" {
	need skopeo umoci
	options=()
	[[ $(id -u) -eq 0 ]] || options=(--rootless)
	copy "oci-archive:$image" oci:layout:1
	umoci unpack "${options[@]}" --image layout:1 bundle
	run_status 0 "$DIMC" verify bundle/rootfs/app/data/mmap
	diff <(contents "$volume/consciousness") <(contents bundle/rootfs/app/data/mmap/consciousness | grep -v ' ./SHA256SUMS$')
	[[ $(stat -c %a bundle/rootfs/app/data/mmap) = 755 ]]
}

@test "through a registry and back: the same image digest, the same generation" {
	need_registry
	copy "oci-archive:$image" "docker://$registry/team/dimensions:v1" --all
	[[ $(skopeo inspect --tls-verify=false --format '{{.Digest}}' "docker://$registry/team/dimensions:v1") = "$digest" ]]
	copy "docker://$registry/team/dimensions@$digest" oci-archive:back.tar --all
	[[ sha256:$(skopeo inspect --raw oci-archive:back.tar | sha256sum | cut -d' ' -f1) = "$digest" ]]
	comes_back back.tar
	# One platform alone, as an engine on that machine would fetch it.
	copy "docker://$registry/team/dimensions:v1" oci-archive:arm.tar --override-arch arm64
	comes_back arm.tar
	copy "docker://$registry/team/dimensions:v1" docker-archive:docker.tar
	comes_back docker.tar
}

@test "podman loads it under its name, gives the files out, and saves it in both formats" {
	need_engine
	run_status 0 engine podman load -i "$image"
	contains "$out" "Loaded image: $name"
	contains "$(engine podman image inspect "$name" --format '{{.Labels}}')" "dimc.generation:$(generation "$volume")"
	container=$(engine podman create "$name" /none)
	engine podman cp "$container:/app/data/mmap" copied
	run_status 0 "$DIMC" verify copied
	[[ $(generation copied) = "$(generation "$volume")" ]]
	for format in oci-archive docker-archive; do
		engine podman save --format "$format" -o "$format.tar" "$name" 2>/dev/null
		comes_back "$format.tar"
	done
}

@test "buildah copies from it into another image" {
	need buildah
	need_engine
	engine podman load -i "$image" >/dev/null 2>&1
	printf 'FROM scratch\nCOPY --from=%s /app/data/mmap /srv/mmap\n' "$name" >Containerfile
	engine buildah bud -q --isolation chroot --pull-never -t localhost/service:1 -f Containerfile . >log 2>&1
	# An archive is an image for buildah, too, without podman; and its files are those of the volume.
	container=$(engine buildah from "oci-archive:$image" 2>>log)
	run_status 0 "$DIMC" verify "$(engine buildah mount "$container")/app/data/mmap"
	engine buildah umount "$container" >>log
	container=$(engine buildah from --pull-never localhost/service:1 2>>log)
	mounted=$(engine buildah mount "$container")
	run_status 0 "$DIMC" verify "$mounted/srv/mmap"
	[[ $(generation "$mounted/srv/mmap") = "$(generation "$volume")" ]]
	engine buildah umount "$container" >>log
	# One layer with the files in another place: that is a bundle, too.
	engine podman save --format oci-archive -o service.tar localhost/service:1 2>/dev/null
	comes_back service.tar
}

@test "its files verify inside a container, mounted read-only" {
	need_engine
	engine podman load -i "$image" >/dev/null 2>&1
	container_root "$PWD/root"
	in_container "$PWD/root" -- /bin/dimc --version >probe 2>&1 || skip "no container runs here: $(tail -n 1 probe)"
	run_status 0 in_container "$PWD/root" -v "$volume:/app/data/mmap:ro" -- /bin/dimc verify /app/data/mmap
	contains "$out" "every byte sound"
	run_status 0 in_container "$PWD/root" --mount "type=image,source=$name,destination=/image" -- \
		/bin/dimc verify /image/app/data/mmap
	contains "$out" "every byte sound"
	run_status 0 in_container "$PWD/root" --mount "type=image,source=$name,destination=/image" -- \
		/bin/dimc show /image/app/data/mmap D01/1
	[[ $out = "$("$DIMC" show "$volume" D01/1)" ]]
	run_status 3 in_container "$PWD/root" -v "$volume:/app/data/mmap:ro" -- /bin/dimc rollback /app/data/mmap
	contains "$err" "Read-only file system"
}
