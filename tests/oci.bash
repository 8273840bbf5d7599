# oci.bash: a registry on loopback, a private store for podman and buildah, a container's root file system.
#
# In: BATS_FILE_TMPDIR. Out: functions; what setup_file begins with them, teardown_file ends.

# registry_start: sets $registry to 127.0.0.1:PORT, a port that the system chose; false where it does not run.
registry_start() {
	local log=$BATS_FILE_TMPDIR/registry.log i
	command -v docker-registry >/dev/null || return 1
	cat >"$BATS_FILE_TMPDIR/registry.yml" <<-END
		version: 0.1
		log: {level: info, accesslog: {disabled: true}}
		storage: {filesystem: {rootdirectory: $BATS_FILE_TMPDIR/registry}}
		http: {addr: "127.0.0.1:0", secret: for-tests}
	END
	docker-registry serve "$BATS_FILE_TMPDIR/registry.yml" >"$log" 2>&1 3>&- &
	echo $! >"$BATS_FILE_TMPDIR/registry.pid"
	for ((i = 0; i < 100; i++)); do
		registry=$(sed -n 's/.*msg="listening on \(127\.0\.0\.1:[0-9]*\)".*/\1/p' "$log")
		[[ -z $registry ]] || break
		sleep 0.1
	done
	export registry
	[[ -n $registry ]]
}

registry_stop() {
	[[ ! -e $BATS_FILE_TMPDIR/registry.pid ]] || kill "$(<"$BATS_FILE_TMPDIR/registry.pid")" 2>/dev/null || true
}

need_registry() {
	need skopeo docker-registry
	[[ -n ${registry:-} ]] || skip "docker-registry does not run here: $(tail -n 1 "$BATS_FILE_TMPDIR/registry.log")"
}

# copy FROM TO [OPTION...]: skopeo without a policy of this machine's, and without TLS on loopback.
copy() {
	local from=$1 to=$2
	shift 2
	skopeo --insecure-policy copy -q --src-tls-verify=false --dest-tls-verify=false "$@" "$from" "$to"
}

# engine podman|buildah ARGUMENT...: with a store of this file's own, on any file system.
engine() {
	local program=$1
	shift
	[[ $program != podman ]] || set -- --cgroup-manager cgroupfs "$@"
	"$program" --root "$BATS_FILE_TMPDIR/store" --runroot "$BATS_FILE_TMPDIR/run" --storage-driver vfs "$@"
}

engine_stop() {
	command -v podman >/dev/null || return 0
	engine podman rm -af -t 0 >/dev/null 2>&1 || true
	engine podman image umount -a >/dev/null 2>&1 || true
	! command -v buildah >/dev/null || engine buildah rm -a >/dev/null 2>&1 || true
}

need_engine() {
	need podman runc
	[[ $(id -u) -eq 0 ]] || skip "podman's vfs store needs root here"
	engine podman info >/dev/null 2>&1 || skip "podman does not run here: $(engine podman info 2>&1 | tail -n 1)"
}

# container_root DIR: dimc and the libraries that it needs, and nothing else.
container_root() {
	local library
	mkdir -p "$1/bin" "$1/tmp"
	cp "$DIMC" "$1/bin/dimc"
	while read -r library; do
		mkdir -p "$1$(dirname "$library")"
		cp -L "$library" "$1$library"
	done < <(ldd "$DIMC" | grep -o '/[^ ]*')
}

# in_container ROOT OPTION... -- COMMAND...: without a network, with the limits that hosts of containers set.
in_container() {
	local root=$1 options=()
	shift
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	engine podman run --rm --runtime runc --network none --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 \
		"${options[@]}" --rootfs "$root" "$@"
}

# generation VOLUME: its digest.
generation() {
	"$DIMC" verify "$1" --json | sed -n 's/^  "generation": "\(.*\)",*$/\1/p'
}
