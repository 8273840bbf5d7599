#!/usr/bin/env bats
# The Dockerfile's image, built by buildah, and docker-compose.yml, brought up by docker-compose on podman's service.
# In: a small root made from this system's own files, for there is no hub. Out: the specification's lines, as it has them.
# shellcheck disable=SC2154 # out and err are set by run_status

load lib

# Storage, locks and state of their own: nothing of the system's is seen or touched.
stored=(--root "$BATS_FILE_TMPDIR/storage" --runroot "$BATS_FILE_TMPDIR/run" --storage-driver vfs)
export CONTAINERS_CONF=$BATS_FILE_TMPDIR/containers.conf

# What both stages look for in Debian: a shell and its tools, the libraries of dimc, and an apt-get that only notes what
# it is asked for. What compiles comes from this system, mounted while the image is built.
make_base() { # make_base DIRECTORY
	local base=$1 directory tool library
	mkdir -p "$base"/usr/{bin,lib,lib64,include,share} "$base"/{etc/alternatives,stub,tmp,var/log}
	for directory in bin lib lib64; do
		ln -s usr/$directory "$base/$directory"
	done
	cp /bin/busybox "$base/bin/"
	for tool in sh ls cat env sleep rm touch id; do
		ln -s busybox "$base/bin/$tool"
	done
	for library in $(ldd "$OUT/bin/dimc" | grep -o '/[^ ]*'); do
		mkdir -p "$base$(dirname "$library")"
		cp -L "$library" "$base$library"
	done
	printf '#!/bin/sh\necho "$*" >>/stub/asked\n' >"$base/stub/apt-get"
	printf '#!/bin/sh\nexit 1\n' >"$base/stub/dpkg-query"
	chmod +x "$base"/stub/*
}

build() { # build ARGUMENT...
	buildah "${stored[@]}" build --isolation chroot --format docker -v /usr/bin:/usr/bin:ro -v /usr/lib:/usr/lib:ro \
		-v /usr/include:/usr/include:ro -v /usr/share:/usr/share:ro -v /etc/alternatives:/etc/alternatives:ro \
		--build-arg BASE=localhost/base --build-arg SOURCE_DATE_EPOCH=1700000000 "$@" .
}

# Why nothing of this can run here; empty where it can.
obstacle() {
	local tool
	for tool in buildah podman runc busybox docker-compose; do
		command -v "$tool" >/dev/null 2>&1 || { echo "no $tool here (make deps-all brings it)" && return; }
	done
	[[ $(id -u) -eq 0 ]] || { echo "only root may mount" && return; }
	[[ -L /lib && -L /bin ]] || { echo "this system's /usr is not merged" && return; }
}

# A skip here would be a failure to Bats 1.8; each test skips with the reason instead.
setup() {
	[[ ! -s $BATS_FILE_TMPDIR/why-not ]] || skip "$(cat "$BATS_FILE_TMPDIR/why-not")"
	cd "$BATS_TEST_TMPDIR" || return 1
}

setup_file() {
	local container
	cd "$BATS_FILE_TMPDIR" || return 1
	obstacle >why-not
	[[ ! -s why-not ]] || return 0
	cat >containers.conf <<-END
		[containers]
		netns = "none"
		log_driver = "k8s-file"
		default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
		[engine]
		cgroup_manager = "cgroupfs"
		events_logger = "file"
		exit_command_delay = 10
		lock_type = "file"
		runtime = "runc"
		tmp_dir = "$PWD/state"
	END
	make_base base
	container=$(buildah "${stored[@]}" from scratch)
	buildah "${stored[@]}" copy -q "$container" base / >/dev/null
	# The least optimization makes the shortest build.
	buildah "${stored[@]}" config --env PATH=/stub:/usr/local/bin:/usr/bin:/bin --env CFLAGS=-O0 --env HARDEN= "$container"
	buildah "${stored[@]}" commit -q "$container" localhost/base >/dev/null
	if ! podman "${stored[@]}" run --rm localhost/base env >probe 2>&1; then
		echo "no container can be run here: $(tail -n 1 probe)" >why-not
		return 0
	fi

	copy_of_project
	# None of these is to be seen by the builder.
	mkdir -p .git data/mmap
	touch .git/HEAD .env data/mmap/stray
	echo 'not a program' >out/bin/dimc
	build --target runtime -t localhost/dimc:latest >../build.log 2>&1 || { cat ../build.log; return 1; }
	printf 'FROM scratch\nCOPY . /\n' >../Dockerfile.context
	build -f ../Dockerfile.context -t localhost/context >../build.log 2>&1 || { cat ../build.log; return 1; }

	podman "${stored[@]}" system service --time=0 "unix://$BATS_FILE_TMPDIR/socket" >../service.log 2>&1 3>&- &
	echo $! >../service.pid
}

teardown_file() {
	[[ -d $BATS_FILE_TMPDIR/storage ]] || return 0
	[[ ! -e $BATS_FILE_TMPDIR/service.pid ]] || kill "$(cat "$BATS_FILE_TMPDIR/service.pid")" || true
	# Mounts and containers go before the directory does.
	podman "${stored[@]}" rm -af -t 0 >/dev/null 2>&1 || true
	podman "${stored[@]}" volume rm -af >/dev/null 2>&1 || true
	podman "${stored[@]}" image umount -a >/dev/null 2>&1 || true
	buildah "${stored[@]}" rm -a >/dev/null 2>&1 || true
	# What cleans up behind a container would make its directories anew.
	waits no_process
}
no_process() { ! pgrep -f -- "$BATS_FILE_TMPDIR/storage" >/dev/null; }

# runs ARGUMENT...: what `docker run` would do with the image.
runs() {
	podman "${stored[@]}" run --rm --no-healthcheck "$@"
}

# The project's directory with its compose file and an empty volume; `docker` and docker-compose talk to podman.
compose_project() {
	cp "$ROOT/docker-compose.yml" .
	cp "$ROOT/.env.example" .env
	"$DIMC" init -q data/mmap
	# There is no network to join here.
	printf 'services:\n' >network.yml
	printf '  %s: {network_mode: none}\n' jessy-core jessy-api jessy-test >>network.yml
	export COMPOSE_FILE=docker-compose.yml:network.yml DOCKER_HOST=unix://$BATS_FILE_TMPDIR/socket
}
docker() { podman "${stored[@]}" "$@"; }
docker-compose() {
	if [[ $1 = exec ]]; then
		shift
		set -- exec -T "$@" # there is no terminal
	fi
	command docker-compose "$@"
}
teardown() {
	[[ -z ${COMPOSE_FILE:-} ]] || docker-compose down -v -t 0 >/dev/null 2>&1
}

# waits COMMAND...: until it succeeds, 20 s at most.
waits() {
	local try
	for ((try = 0; try < 100; try++)); do
		! "$@" >/dev/null 2>&1 || return 0
		sleep 0.2
	done
	echo "still not: $*"
	return 1
}

# generation_of VOLUME: as anybody can work it out from the regions.
generation_of() {
	local region
	for region in "$1"/consciousness/D*/region.mmap; do
		echo "$(basename "$(dirname "$region")") $(bytes "$region" 24 32)"
	done | sha256sum | cut -d' ' -f1
}

image_root() { podman "${stored[@]}" image mount "$1"; }

@test "the image holds dimc, the volume that the sources give, and the bundle of it" {
	image=$(image_root localhost/dimc:latest)
	SOURCE_DATE_EPOCH=1700000000 "$DIMC" compile "$ROOT/sources" -o volume --no-sync -q
	diff <(contents volume/consciousness) <(contents "$image/app/data/mmap/consciousness" | grep -v ' ./SHA256SUMS$')
	[[ $(ls "$image/app") = $'data\ndimensions.tar.gz' ]]
	mkdir unpacked
	tar -xzf "$image/app/dimensions.tar.gz" -C unpacked
	diff <(contents "$image/app/data/mmap/consciousness") <(contents unpacked/data/mmap/consciousness)
	run_status 0 runs --read-only --user 65534:65534 localhost/dimc:latest dimc verify --strict
	contains "$out" "14 dimensions"
	contains "$out" "every byte sound"
	run_status 0 runs localhost/dimc:latest
	contains "$out" Emotion
	# Beside the base there is nothing else: no compiler, no sources, no object files.
	size=$(podman "${stored[@]}" image inspect localhost/dimc:latest --format '{{.Size}}')
	base=$(podman "${stored[@]}" image inspect localhost/base --format '{{.Size}}')
	[[ $((size - base)) -lt 4000000 ]] || { echo "$((size - base)) bytes more than the base"; return 1; }
	[[ ! -e $image/src && ! -e $image/image && ! -e $image/tmp/deps.sh ]]
}

@test "the runtime stage asks for the packages whose libraries dimc links to, no more and no less" {
	need readelf ldd dpkg-query
	image=$(image_root localhost/dimc:latest)
	# ld-linux, which thread-local variables need, is libc6's.
	readelf -d "$image/usr/local/bin/dimc" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | grep -v '^ld-linux' >needed
	grep -qx libyaml-0.so.2 needed
	while read -r library; do
		path=$(ldd "$image/usr/local/bin/dimc" | awk -v l="$library" '$1 == l {print $3}')
		{ dpkg-query -S "$path" || dpkg-query -S "/usr$path"; } 2>/dev/null | cut -d: -f1
	done <needed | sort -u | grep -vx libc6 >owners
	sed -n 's/^install //p' "$image/stub/asked" | tr ' ' '\n' | grep -v '^-' | sort >asked
	[[ -s owners ]]
	diff owners asked
}

@test "the builder sees what it needs of the project, and neither .git, .env, data/ nor out/" {
	image=$(image_root localhost/context)
	[[ $(ls -A "$image") = $'Makefile\ncompiler\ninclude\nloader\nscripts\nsources\ntests' ]]
	[[ $(ls "$image/tests") = $'fuzz.mk\ntests.mk\ntorture.mk' ]]
}

@test "the image says where the volume is, how healthy it is, and what runs" {
	need jq
	podman "${stored[@]}" image inspect localhost/dimc:latest | jq '.[0]' >image.json
	jq -e '.Config.Env | index("MMAP_BASE_PATH=/app/data/mmap")' image.json
	jq -e '(.Healthcheck // .Config.Healthcheck).Test == ["CMD", "dimc", "verify", "--quick", "--quiet"]' image.json
	jq -e '.Config.WorkingDir == "/app" and .Config.Cmd == ["dimc", "info"]' image.json
	jq -e '.Config.Volumes == null' image.json # one that nobody asked for would hide the data
}

@test "a volume that is mounted read-only verifies byte for byte, shows damage, and cannot be written" {
	make_sources sources
	"$DIMC" compile sources -o volume --no-sync -q
	mounted=(--user 65534:65534 --read-only -v "$PWD/volume:/app/data/mmap:ro" localhost/dimc:latest)
	snapshot volume >before
	run_status 0 runs "${mounted[@]}" dimc verify
	contains "$out" "2 dimensions, 3 layers"
	contains "$out" "every byte sound"
	run_status 0 runs "${mounted[@]}" dimc show D01/1
	[[ $out = "Joy is bright." ]]
	run_status 1 runs "${mounted[@]}" sh -c 'echo x >/app/data/mmap/x'
	contains "$err" "Read-only file system"
	run_status 3 runs -v "$PWD/volume:/app/data/mmap:ro" localhost/dimc:latest dimc restore /app/dimensions.tar.gz
	contains "$err" "Read-only file system"
	snapshot volume | diff before -
	flip volume/consciousness/D01/region.mmap 9000
	run_status 5 runs "${mounted[@]}" dimc verify
	contains "$out$err" "D01"
}

@test "docker-compose up fills an empty volume, and the specification's lines about it hold" {
	compose_project
	run_status 0 docker-compose up -d
	waits test -e data/mmap/consciousness/manifest.json
	# The generation that the image was built with, on the host.
	SOURCE_DATE_EPOCH=1700000000 "$DIMC" compile "$ROOT/sources" -o volume --no-sync -q
	[[ $(generation_of data/mmap) = $(generation_of volume) ]]
	run_status 0 "$DIMC" verify --strict

	run_status 0 docker volume inspect kiroxnaut_mmap-data
	contains "$out" "\"device\": \"$PWD/data/mmap\""
	run_status 0 docker-compose exec jessy-core ls -la /app/data/mmap
	contains "$out" consciousness
	run_status 0 docker-compose exec jessy-api ls -la /app/data/mmap
	contains "$out" consciousness
	run_status 0 docker-compose exec jessy-core sh -c "echo 'test' > /app/data/mmap/test.txt"
	run_status 0 docker-compose exec jessy-api cat /app/data/mmap/test.txt
	[[ $out = test && $(cat data/mmap/test.txt) = test ]]
	run_status 1 docker-compose exec jessy-api sh -c "echo 'test' > /app/data/mmap/test2.txt"
	contains "$err" "Read-only file system"
	[[ ! -e data/mmap/test2.txt ]]
	run_status 0 docker-compose exec jessy-core env
	[[ $(grep MMAP <<<"$out" | sort) = $'MMAP_BASE_PATH=/app/data/mmap\nMMAP_INITIAL_SIZE=0\nMMAP_MAX_SIZE=10485760' ]]
	run_status 0 docker inspect jessy-core --format='{{range .Mounts}}{{.Source}} -> {{.Destination}}{{end}}'
	[[ $out = *"kiroxnaut_mmap-data"*" -> /app/data/mmap" ]]
	run_status 0 docker exec jessy-test dimc verify
	for service in jessy-core jessy-api jessy-test; do
		run_status 0 docker healthcheck run $service
	done

	# What the host publishes is there for a reader that runs already; what is damaged makes it unhealthy.
	make_sources sources
	"$DIMC" compile sources --no-sync -q
	run_status 0 docker exec jessy-api dimc info
	contains "$out" "2 dimensions, 3 layers"
	poke data/mmap/consciousness/D01/region.mmap 12 ff
	run_status 1 docker healthcheck run jessy-api
	run_status 0 docker-compose restart
	run_status 1 docker healthcheck run jessy-core
	run_status 0 "$DIMC" compile sources --no-sync -q
	run_status 0 docker healthcheck run jessy-core

	# Down, with the volume: the data are the host's and stay; up again, and what is published is left as it is.
	snapshot data/mmap >before
	run_status 0 docker-compose down -v -t 1
	run_status 125 docker volume inspect kiroxnaut_mmap-data
	snapshot data/mmap | diff before -
	run_status 0 docker-compose up -d
	run_status 0 docker exec jessy-core dimc verify --strict
	contains "$out" "2 dimensions, 3 layers"
	snapshot data/mmap | diff before -
}

@test "CONTAINER_USER's are the files that jessy-core writes; values of .env come with the next up, not with restart" {
	compose_project
	echo CONTAINER_USER=1234:2345 >>.env
	chown -R 1234:2345 data/mmap
	run_status 0 docker-compose up -d jessy-core
	# podman, unlike docker, gives the directory to the image's user when the volume is used for the first time.
	chown 1234:2345 data/mmap
	run_status 0 docker-compose restart -t 1 jessy-core
	waits test -e data/mmap/consciousness/manifest.json
	[[ -z $(find data/mmap ! -user 1234 -o ! -group 2345) ]]
	sed -i 's/^MMAP_MAX_SIZE=.*/MMAP_MAX_SIZE=20971520  # 20MB/' .env
	run_status 0 docker-compose restart -t 1 jessy-core
	run_status 0 docker exec jessy-core env
	contains "$out" MMAP_MAX_SIZE=10485760
	run_status 0 docker-compose up -d jessy-core
	run_status 0 docker exec jessy-core env
	contains "$out" MMAP_MAX_SIZE=20971520
}

@test "a mount of consciousness/ itself keeps showing the old generation: mount the volume" {
	make_sources sources
	"$DIMC" compile sources -o volume --no-sync -q
	old=$(generation_of volume)
	podman "${stored[@]}" run -d --name right -v "$PWD/volume:/v:ro" localhost/dimc:latest sleep 100 >/dev/null
	podman "${stored[@]}" run -d --name wrong -v "$PWD/volume/consciousness:/v:ro" localhost/dimc:latest sleep 100 >/dev/null
	make_layer sources/D01-emotion/010-joy.yaml 1 1.5 joy 'Joy is brighter.'
	"$DIMC" compile sources -o volume --no-sync -q
	run_status 0 podman "${stored[@]}" exec right dimc show /v D01/1
	[[ $out = "Joy is brighter." ]]
	run_status 0 podman "${stored[@]}" exec wrong dimc show /v D01/1
	[[ $out = "Joy is bright." && $old != $(generation_of volume) ]]
	podman "${stored[@]}" rm -f -t 0 right wrong >/dev/null
}
