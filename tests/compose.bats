#!/usr/bin/env bats
# docker-compose.yml, read by docker-compose itself and by scripts/verify-mmap-volume.sh. No engine runs here.
# In: the repository's files. Out: what holds for them, and which mistakes in them are found.
# shellcheck disable=SC2154 # out and err are set by run_status

load lib

# A copy of the project with a small volume in it.
project_with_volume() {
	copy_of_project
	make_sources small
	"$DIMC" compile small -o data/mmap --no-sync -q
}

# without_compose COMMAND...: in a PATH that has neither docker nor docker-compose.
without_compose() {
	local tool
	if [[ ! -d ../bin ]]; then
		mkdir ../bin
		for tool in sh cat sed awk grep tail dirname; do
			ln -s "$(command -v $tool)" ../bin/
		done
	fi
	PATH=$(cd ../bin && pwd) DIMC=$DIMC "$@"
}

# mistake SED-EXPRESSION PART-OF-THE-LINE: with this edit the compose file is refused by exactly that line.
mistake() {
	sed -i.good -E "$1" docker-compose.yml
	! cmp -s docker-compose.yml docker-compose.yml.good || { echo "the edit changes nothing: $1"; return 1; }
	run_status 3 without_compose scripts/verify-mmap-volume.sh
	[[ $(grep -c '^FAIL' <<<"$out") -eq 1 ]] || { echo "$1"; echo "$out"; return 1; }
	contains "$(grep '^FAIL' <<<"$out")" "$2"
	contains "$out" "ok   dimc verify"
	mv docker-compose.yml.good docker-compose.yml
}

@test "docker-compose takes the file, without and with .env.example as .env" {
	need docker-compose
	copy_of_project
	run_status 0 docker-compose config -q
	[[ -z $err ]]
	cp .env.example .env
	run_status 0 docker-compose config -q
	[[ -z $err ]]
	run_status 0 docker-compose config --volumes
	[[ $out = mmap-data ]]
	run_status 0 docker-compose config --services
	[[ $(sort <<<"$out" | xargs) = "jessy-api jessy-core jessy-test" ]]
	# It does look.
	sed -i 's/container_name/containre_name/' docker-compose.yml
	run_status 1 docker-compose config -q
	contains "$err" containre_name
}

@test "the volume is the specification's, and each service has a name, a health check and the settings" {
	need docker-compose jq python3
	python3 -c 'import yaml' || skip "no python3-yaml here"
	copy_of_project
	cp .env.example .env
	docker-compose config | python3 -c 'import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)' >config.json
	device=$PWD/data/mmap
	jq -e --arg device "$device" '.volumes == {"mmap-data": {driver: "local",
		driver_opts: {type: "none", o: "bind", device: $device}}}' config.json
	jq -e '.services | map_values(.volumes) == {"jessy-core": ["mmap-data:/app/data/mmap:rw"],
		"jessy-api": ["mmap-data:/app/data/mmap:ro"], "jessy-test": ["mmap-data:/app/data/mmap:rw"]}' config.json
	jq -e '.services | to_entries | all(.key == .value.container_name)' config.json
	jq -e 'all(.services[]; .healthcheck.test == ["CMD", "dimc", "verify", "--quick", "--quiet"])' config.json
	jq -e 'all(.services[]; .environment.MMAP_BASE_PATH == "/app/data/mmap")' config.json
	jq -e '.services."jessy-api".user == "65534:65534" and .services."jessy-core".user == "0:0"' config.json
	# As the file has it, before docker-compose put the directory in.
	# shellcheck disable=SC2016 # it stands there so
	grep -qF 'device: ${PWD}/data/mmap' docker-compose.yml
}

@test "one .env serves dimc and docker-compose, the specification's lines in it too" {
	need docker-compose
	project_with_volume
	cat >.env <<-'END'
		# Base path for MMAP files
		MMAP_BASE_PATH=data/mmap
		MMAP_INITIAL_SIZE=20480
		MMAP_MAX_SIZE=24576  # 24 KiB
		COMPOSE_PROJECT_NAME=kiroxnaut
		CONTAINER_USER=1000:1000
	END
	run_status 0 docker-compose config
	contains "$out" "MMAP_INITIAL_SIZE: '20480'"
	contains "$out" "MMAP_MAX_SIZE: '24576'"
	contains "$out" "MMAP_BASE_PATH: /app/data/mmap"
	contains "$out" "user: 1000:1000"
	run_status 0 "$DIMC" compile small --no-sync -q
	[[ $(stat -c %s data/mmap/consciousness/D02/region.mmap) -eq 20480 ]]
	sed -i 's/^MMAP_MAX_SIZE=.*/MMAP_MAX_SIZE=20480  # less than D01/' .env
	touch small/*/*.yaml
	run_status 0 "$DIMC" compile small --no-sync
	sed -i 's/^MMAP_INITIAL_SIZE.*//; s/^MMAP_MAX_SIZE=.*/MMAP_MAX_SIZE=4096  # too little/' .env
	run_status 1 "$DIMC" compile small --no-sync
	contains "$err" "raise MMAP_MAX_SIZE"
	# Every name of .env.example is one that the compose file or dimc knows.
	sed -n 's/^#\{0,1\}\([A-Z_]*\)=.*/\1/p' .env.example >names
	[[ $(wc -l <names) -eq 5 ]]
	while read -r name; do
		[[ $name = COMPOSE_PROJECT_NAME ]] || grep -qF "$name" docker-compose.yml
	done <names
}

@test "verify-mmap-volume.sh finds nothing wrong with the project's own, whoever reads it" {
	need docker-compose
	project_with_volume
	run_status 0 scripts/verify-mmap-volume.sh
	contains "$out" "ok   docker-compose.yml is valid"
	[[ $(grep -c '^ok   docker-compose.yml' <<<"$out") -eq 5 ]]
	run_status 0 without_compose scripts/verify-mmap-volume.sh
	lacks "$out" "is valid"
	[[ $(grep -c '^ok   docker-compose.yml' <<<"$out") -eq 4 ]]
	run_status 0 make_with_built test-mmap
	contains "$out" "ok   docker-compose.yml: jessy-api mounts it at /app/data/mmap, read-only"
}

@test "verify-mmap-volume.sh finds each mistake in the compose file, and still proves the volume" {
	project_with_volume
	mistake 's,(mmap-data:/app/data/mmap):ro,\1,' "jessy-api mounts it"
	mistake 's,(mmap-data:/app/data/mmap):ro,\1:rw,' "jessy-api mounts it"
	mistake 's,( *)(- mmap-data:/app/data/mmap:ro),&\n\1- ./data/mmap:/also,' "jessy-api mounts it"
	mistake 's,(mmap-data:/app/data/mmap):ro,/data:/app/data/mmap:ro,' "jessy-api mounts it"
	mistake '/^  jessy-core:/,/^  jessy-api:/s,mmap-data:/app/data/mmap,&:ro,' "jessy-core mounts it"
	mistake '/^  jessy-core:/,/^  jessy-api:/s,mmap-data:/app/data/mmap,mmap-data:/data,' "jessy-core mounts it"
	# shellcheck disable=SC2016 # a last line
	mistake '/^  jessy-test:/,$s,- mmap-data:/app/data/mmap,- ./data/mmap/consciousness:/app/data/mmap,' "consciousness/"
	mistake 's,driver: local,driver: nfs,' "mmap-data binds"
	mistake 's,o: bind,o: rbind,' "mmap-data binds"
	mistake 's,type: none,type: tmpfs,' "mmap-data binds"
	mistake 's,(device: ..PWD.)/data/mmap,\1/data/mmap/consciousness,' "mmap-data binds"
	mistake 's,device: .*,device: /data/mmap,' "mmap-data binds"
}

@test "verify-mmap-volume.sh finds them too in what docker-compose makes of the file, and shows what that refuses" {
	need docker-compose
	project_with_volume
	sed -i 's,:ro$,,; s,o: bind,o: rbind,; s|^services:|&\n  other: {image: x, volumes: ["./data/mmap/consciousness:/c"]}|' \
		docker-compose.yml
	run_status 3 scripts/verify-mmap-volume.sh
	[[ $(grep -c '^FAIL' <<<"$out") -eq 3 ]]
	contains "$out" "FAIL docker-compose.yml: mmap-data binds"
	contains "$out" "FAIL docker-compose.yml: jessy-api"
	contains "$out" "FAIL docker-compose.yml: nobody"
	contains "$out" "ok   docker-compose.yml: jessy-core"
	sed -i 's/^    driver: local/    diver: local/' docker-compose.yml
	run_status 3 scripts/verify-mmap-volume.sh
	contains "$out" "FAIL docker-compose.yml is not valid"
	contains "$out" "diver"
}

@test "verify-mmap-volume.sh understands the long syntax, and what docker compose 2 makes of the file" {
	project_with_volume
	mkdir stub
	cat >stub/docker <<-'END'
		#!/bin/sh
		# docker compose 2: its version, and its config.
		[ "$1 $2" != "compose version" ] || exit 0
		sed "s,HERE,$PWD," config.yml
	END
	chmod +x stub/docker
	cat >config.yml <<-'END'
		name: kiroxnaut
		services:
		  jessy-api:
		    command:
		      - sh
		      - -c
		      - 'trap ''exit 0'' TERM INT; sleep infinity & wait'
		    volumes:
		      - type: volume
		        source: mmap-data
		        target: /app/data/mmap
		        read_only: true
		        volume: {}
		  jessy-core:
		    environment:
		      MMAP_BASE_PATH: /app/data/mmap
		    volumes:
		      - type: volume
		        source: mmap-data
		        target: /app/data/mmap
		        volume: {}
		networks:
		  default:
		    name: kiroxnaut_default
		volumes:
		  mmap-data:
		    name: kiroxnaut_mmap-data
		    driver: local
		    driver_opts:
		      device: HERE/data/mmap
		      o: bind
		      type: none
	END
	run_status 0 env PATH="$PWD/stub:$PATH" scripts/verify-mmap-volume.sh
	contains "$out" "is valid, says docker compose"
	sed -i 's/read_only: true/read_only: false/' config.yml
	run_status 3 env PATH="$PWD/stub:$PATH" scripts/verify-mmap-volume.sh
	contains "$out" "FAIL docker-compose.yml: jessy-api mounts it"
	sed -i 's/read_only: false/read_only: true/; s/source: mmap-data/source: elsewhere/' config.yml
	run_status 3 env PATH="$PWD/stub:$PATH" scripts/verify-mmap-volume.sh
	[[ $(grep -c '^FAIL docker-compose.yml' <<<"$out") -eq 2 ]]
}

@test "verify-mmap-volume.sh says nothing about a compose file that is not about the volume, or not there" {
	project_with_volume
	sed -i 's/:ro$//' docker-compose.yml
	"$DIMC" compile small -o elsewhere --no-sync -q
	run_status 0 scripts/verify-mmap-volume.sh elsewhere
	contains "$out" "skip docker-compose.yml"
	rm docker-compose.yml
	run_status 0 scripts/verify-mmap-volume.sh
	contains "$out" "skip docker-compose.yml"
	# Damage goes before a mistake in the compose file.
	cp "$ROOT/docker-compose.yml" .
	sed -i 's/:ro$//' docker-compose.yml
	flip data/mmap/consciousness/D01/region.mmap 9000
	run_status 5 scripts/verify-mmap-volume.sh
	contains "$out" "FAIL docker-compose.yml: jessy-api"
}
