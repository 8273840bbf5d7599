#!/usr/bin/env bats
# completion.bats: what may come next on a command line, as dimc says it and as bash, zsh and fish show it.
# In: the built program, the shells that are here. Out: the candidates of each place of a line.
# shellcheck disable=SC2154 # out and err are set by run_status
# shellcheck disable=SC2016 # what is in single quotes is for other shells

load lib

# A volume at its default place, sources, and files whose names have spaces.
setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	make_sources sources
	sed -i '1i title: A feeling' sources/D01-emotion/010-joy.yaml
	sed -i 's/keywords: \[joy, feeling\]/keywords: [joy, feeling, joy of life]/' sources/D01-emotion/010-joy.yaml
	"$DIMC" compile -q --no-sync sources -o data/mmap
	rm -r sources/D01-emotion/0*
	mkdir 'some dir' elsewhere
	touch 'some file.pem' 'some dir/inner.yaml'
	"$DIMC" compile -q --no-sync --proto draft sources/D02-cognition -o elsewhere
	printf 'MMAP_BASE_PATH=../data/mmap\n' >elsewhere/.env
}

setup() {
	cd "$BATS_FILE_TMPDIR" || return 1
	PATH=$(dirname "$DIMC"):$PATH
}

# words WORD...: what dimc answers, without the descriptions, on one line.
words() {
	"$DIMC" completion words -- "$@" | cut -f 1 | tr '\n' ',' | sed 's/,$//'
}

# is GOT WANTED
is() {
	[[ $1 = "$2" ]] || { printf 'got: %s\nnot: %s\n' "$1" "$2"; return 1; }
}

@test "commands, and after help, commands again" {
	is "$(words sh)" 'words ,show'
	is "$(words -q sh)" 'words ,show'
	is "$(words -C elsewhere sh)" 'words ,show'
	is "$(words help ver)" 'words ,verify'
	contains "$("$DIMC" completion words -- '')" $'\nverify\tprove every byte\n'
	# What is hidden is not offered, what the help lists is.
	"$DIMC" completion tables | sed -n 's/^command\t\([^\t]*\).*/\1/p' >commands
	echo help >>commands
	run_status 0 diff commands <("$DIMC" completion words -- '' | tail -n +2 | cut -f 1)
}

@test "options, long and of one letter, but those that were given" {
	is "$(words compile --la)" 'words ,--layout,--layer-files'
	is "$(words compile -o)" 'words ,-o'
	is "$(words compile x --layout=page -n --la)" 'words ,--layer-files'
	lacks "$(words compile -n -j 2 -)" '--dry-run'
	lacks "$(words compile -n -j 2 -)" '--jobs'
	contains "$(words compile -)" ',-n,--dry-run,'
	contains "$(words -)" ',-C,--directory,'
	lacks "$(words -)" '--layout'
	is "$(words compile -- --la)" 'directories '
}

@test "values: choices, dimensions with commas, files and directories" {
	is "$(words compile --layout '')" 'words ,page,packed'
	is "$(words compile --layout=pag)" 'words --layout=,page'
	is "$(words --color a)" 'words ,auto,always'
	is "$(words info -d '')" 'words ,D01,D02'
	is "$(words info -d D02,)" 'words D02,,D01'
	is "$(words info -dD02,)" 'words -dD02,,D01'
	is "$(words info --dimensions=d)" 'words --dimensions=,D01,D02'
	is "$(words info -d D01,D02,)" 'words D01,D02,'
	is "$(words compile -j '')" 'words '
	is "$(words verify --verify-key '')" 'files '
	is "$(words verify --verify-key=so)" 'files --verify-key='
	is "$(words compile -o)" 'words ,-o'
	is "$(words compile -o '')" 'directories '
	is "$(words bundle -ox)" 'files -o'
	is "$(words -C '')" 'directories '
}

@test "the checks that -W takes, with what stands before their names" {
	is "$(words check -W missing)" 'words ,missing-key,missing-space'
	is "$(words check -Wno-missing-s)" 'words -Wno-,missing-space'
	is "$(words check --warn=no-error=missing-s)" 'words --warn=no-error=,missing-space'
	is "$(words check -Werr)" 'words -W,error'
	contains "$("$DIMC" completion words -- check -Werror=tab)" $'words -Werror=\ntab\ta tab'
	contains "$(words check -Wtab -)" ',-W,--warn,'
}

@test "operands: sources, paths, layer ids with titles, keywords" {
	is "$(words check '')" 'directories '
	is "$(words check sources '')" 'words '
	is "$(words diff a b '')" 'words '
	is "$(words restore one two '')" 'files '
	contains "$("$DIMC" completion words -- show D01)" $'files \nD01/1\tA feeling\nD01/2\t'
	is "$(words show data/mmap D02/)" 'words ,D02/1'
	is "$(words show data/mmap/consciousness/D01/region.mmap '')" 'words ,D01/1,D01/2'
	is "$(words show elsewhere/proto/draft.mmap '')" 'words ,D02/1'
	is "$(words find data/mmap jo)" 'words ,joy,joy of life'
	is "$(words completion '')" 'words ,bash,zsh,fish'
}

@test "the volume is the one of the line, of -C, of the environment or of .env; dimensions are also those of sources" {
	is "$(words compile -o nowhere -d '')" 'words '
	is "$(words restore x -o data/mmap -d '')" 'words ,D01,D02'
	is "$(words -C elsewhere show D01/)" 'files ,D01/1,D01/2'
	is "$(MMAP_BASE_PATH=nowhere words show D01/)" 'files '
	is "$(words compile sources -o nowhere -d '')" 'words ,D01,D02'
	contains "$("$DIMC" completion words -- check sources -d '')" $'D02\tCognition'
	is "$(words check sources/D02-cognition -d '')" 'words ,D02'
}

@test "nothing that is wrong is told, or stops it" {
	local line
	mkdir -p broken/consciousness/D01
	head -c 4000 /dev/urandom >broken/consciousness/D01/region.mmap
	echo '{' >broken/consciousness/manifest.json
	for line in 'show broken ' '-C nowhere show ' 'info broken -d ' 'compile --nonsense ' 'nonsense ' 'show "some file.pem" '; do
		eval "run_status 0 '$DIMC' completion words -- $line ''"
		[[ -z $err ]]
	done
	run_status 0 "$DIMC" completion words
	run_status 0 env MMAP_MAX_SIZE=much "$DIMC" completion words -- ''
	contains "$out" $'\nverify\t'
	[[ -z $err ]]
	mkdir -p controls/D01
	printf 'dimension_id: 1\nname: "a\\u202eb"\n' >controls/D01/dimension.yaml
	is "$("$DIMC" completion words -- check controls -d '')" $'words \nD01\ta?b'
}

@test "every argument of a table has its kind, and every option is offered" {
	local command name list
	while IFS=, read -r command name; do
		list=$("$DIMC" completion words -- ${command:+"$command"} - | cut -f 1)
		grep -qxe "$name" <<<"$list" || { echo "$command does not offer $name"; return 1; }
	done < <("$DIMC" completion tables | awk -F '\t' '$1 == "option" { print $2 "," $4; if ($3 != "") print $2 "," $3 }')
	run_status 0 "$OUT/tests/arguments_test" "$DIMC"
}

# In bash: reply WORD... prints what COMPREPLY has, sorted.
bash_reply() {
	bash --norc --noprofile -c '
		[[ $1 = plain ]] || . /usr/share/bash-completion/bash_completion
		. <(dimc completion bash)
		COMP_WORDS=(dimc "${@:2}") COMP_CWORD=$(($# - 1))
		_dimc dimc
		[[ ${#COMPREPLY[@]} -eq 0 ]] || printf "%s\n" "${COMPREPLY[@]}" | sort | paste -sd ,' bash "$@"
}

bash_cases() {
	is "$(bash_reply "$1" sh)" 'show'
	is "$(bash_reply "$1" compile --la)" '--layer-files,--layout'
	is "$(bash_reply "$1" compile -o)" '-o'
	is "$(bash_reply "$1" compile --layout = p)" 'packed,page'
	is "$(bash_reply "$1" compile --layout =)" 'packed,page'
	is "$(bash_reply "$1" info -d D02,)" 'D02,D01'
	is "$(bash_reply "$1" info --dimensions = D02,)" 'D02,D01'
	is "$(bash_reply "$1" compile --output = nowhere -d '')" ''
	is "$(bash_reply "$1" show D01/)" 'D01/1,D01/2'
	is "$(bash_reply "$1" show data/mmap D02/)" 'D02/1'
	is "$(bash_reply "$1" find data/mmap 'joy\ ')" 'joy of life'
	is "$(bash_reply "$1" check some)" 'some dir'
	is "$(bash_reply "$1" check 'some\ d')" 'some dir'
	is "$(bash_reply "$1" check '"some d')" 'some dir'
	is "$(bash_reply "$1" verify --verify-key = some)" 'some dir,some file.pem'
	is "$(bash_reply "$1" check 'some\ dir/')" ''
	is "$(bash_reply "$1" info 'some\ dir/')" 'some dir/inner.yaml'
	# Nothing of the line is run.
	is "$(bash_reply "$1" show '$(touch' 'harm)' '')" ''
	is "$(bash_reply "$1" show '`touch' 'harm`' '')" ''
	[[ ! -e harm ]]
}

@test "bash, without the package bash-completion" {
	run_status 0 bash -n <("$DIMC" completion bash)
	bash_cases plain
}

@test "bash, with the package bash-completion" {
	[[ -r /usr/share/bash-completion/bash_completion ]] || skip 'no bash-completion here (make deps-all brings it)'
	bash_cases package
}

@test "bash, with a key press: a name with a space becomes one argument" {
	need python3
	cat >press.py <<-'END'
		import os, pty, sys, time, select
		pid, fd = pty.fork()
		if pid == 0:
		    os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
		def until(what):
		    seen, end = b"", time.time() + 15
		    while what not in seen and time.time() < end:
		        if select.select([fd], [], [], 0.1)[0]:
		            try: seen += os.read(fd, 65536)
		            except OSError: break
		    return seen
		os.write(fd, b"PS1=; bind 'set enable-bracketed-paste off'; . <(dimc completion bash); echo READY''-NOW\n")
		until(b"READY-NOW")
		os.write(fd, b"dimc check so\tx; dimc find joy\\ o\t; exit\n")
		sys.stdout.buffer.write(until(b"no layer"))
	END
	mv sources hidden
	run_status 0 python3 press.py
	mv hidden sources
	contains "$out" "some dir/x"
	contains "$out" "A feeling"
}

@test "fish" {
	need fish
	local line
	"$DIMC" completion fish >dimc.fish
	run_status 0 fish -n dimc.fish
	fish_offers() {
		HOME=$PWD fish --no-config -c 'source dimc.fish; complete -C $argv[1]' "$1" 2>/dev/null | cut -f 1 | sort | paste -sd ,
	}
	is "$(fish_offers 'dimc sh')" 'show'
	is "$(fish_offers 'dimc compile --la')" '--layer-files,--layout'
	is "$(fish_offers 'dimc compile --layout=p')" '--layout=packed,--layout=page'
	is "$(fish_offers 'dimc info -d D02,')" 'D02,D01'
	is "$(fish_offers 'dimc info --dimensions=D')" '--dimensions=D01,--dimensions=D02'
	is "$(fish_offers 'dimc show data/mmap D0')" 'D01/1,D01/2,D02/1'
	is "$(fish_offers 'dimc find data/mmap joy\ ')" 'joy of life'
	is "$(fish_offers 'dimc check some')" 'some dir/'
	is "$(fish_offers 'dimc check some\ d')" 'some dir/'
	is "$(fish_offers 'dimc verify --verify-key some')" 'some dir/,some file.pem'
	is "$(fish_offers 'dimc verify --verify-key=some')" '--verify-key=some dir/,--verify-key=some file.pem'
	contains "$(HOME=$PWD fish --no-config -c 'source dimc.fish; complete -C "dimc show D01/"')" $'D01/1\tA feeling'
	is "$(fish_offers 'dimc show (touch harm) ')" "$(fish_offers 'dimc show x ')"
	[[ ! -e harm ]]
}

@test "zsh, with a key press" {
	need zsh
	"$DIMC" completion zsh >_dimc
	run_status 0 zsh -n _dimc
	cat >press.zsh <<-'END'
		# Each line given is typed, and TAB; what compadd takes goes to a file.
		zmodload zsh/zpty
		zpty -b z zsh -f -i
		zpty -w z 'PS1= RPS1=; fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D'
		zpty -w z 'compadd() { if [[ ${@[1,(i)(-|--)]} != *-(O|A|D)\ * ]]; then local -a hits
			builtin compadd -A hits "$@"; (( $#hits )) && print -rl -- $IPREFIX$^hits >>offered; fi
			builtin compadd "$@" }'
		zpty -w z 'complete_all() { _main_complete "$@"; local got=$?; : >ended; return got }; zle -C list list-choices complete_all; bindkey "^I" list'
		zpty -w z ': >ended'
		until [[ -e ended ]]; do zpty -r -t z x || sleep 0.05; done
		for line in "$@"; do
			rm -f ended; : >offered
			zpty -n -w z $line$'\t'
			for i in {1..200}; do
				zpty -r -t z x; [[ -e ended ]] && break; sleep 0.05
			done
			sort -u offered | paste -sd ,
			zpty -n -w z $'\C-u'
		done
	END
	HOME=$PWD run_status 0 zsh -f press.zsh 'dimc sh' 'dimc compile --la' 'dimc compile --layout=p' 'dimc info -d D02,' \
		'dimc show data/mmap D0' 'dimc find data/mmap joy\ ' 'dimc check some' 'dimc verify --verify-key some' 'dimc show $(touch harm) '
	is "$out" 'show
--layer-files,--layout
--layout=packed,--layout=page
D02,D01
D01/1,D01/2,D02/1
joy\ of\ life
some\ dir
some\ dir,some\ file.pem
D01/1,D01/2,D02/1'
	[[ ! -e harm ]]
}

@test "a shell that there is no script for is said so" {
	run_status 2 "$DIMC" completion tcsh
	contains "$err" 'bash, zsh and fish'
	run_status 2 "$DIMC" completion bash zsh
	contains "$err" 'too many arguments'
}
