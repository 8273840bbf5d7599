#!/usr/bin/env bats
# ci.bats: examples/ci: the workflow's steps, run in order, and the git hook, in repositories with and without mistakes.
# In: the built program, examples/ci. Out: what a pull request and a committer see.
# shellcheck disable=SC2154 # out and err are set by run_status

load lib

CI=$ROOT/examples/ci

# What the workflow's second checkout gives: this project, with what is built of it. And stubs: of the actions, and of the commands
# that tell scripts/deps.sh which packages are installed.
setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	mkdir -p dimc/tests dimc/out/bin stubs packages
	cp -a "$ROOT"/{Makefile,compiler,include,loader,scripts,docs} dimc
	[[ ! -d $ROOT/schemas ]] || cp -a "$ROOT/schemas" dimc
	cp -a "$ROOT"/tests/*.mk dimc/tests
	cp -a "$OUT"/{obj,lib} dimc/out
	cp "$DIMC" dimc/out/bin/dimc
	cat >stubs/actions+checkout <<-END
		#!/bin/bash -e
		[[ -n \$INPUT_PATH ]] || exit 0
		[[ \$INPUT_REPOSITORY = OWNER/dimc && -n \$INPUT_REF ]]
		ln -s "$BATS_FILE_TMPDIR/dimc" "\$INPUT_PATH"
	END
	cat >stubs/github+codeql-action+upload-sarif <<-'END'
		#!/bin/sh
		cp "$INPUT_SARIF_FILE" ../uploaded.sarif
	END
	cat >stubs/actions+upload-artifact <<-'END'
		#!/bin/sh
		mkdir ../uploaded && cp $INPUT_PATH ../uploaded
	END
	printf '#!/bin/sh\nprintf installed\n' >packages/dpkg-query
	printf '#!/bin/sh\nexit 1\n' >packages/apt-get
	chmod +x stubs/* packages/*
}

# A repository of sources in ./work, and a dimc in the PATH for the hook.
setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	export HOME=$PWD/home GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=n GIT_AUTHOR_EMAIL=e GIT_COMMITTER_NAME=n GIT_COMMITTER_EMAIL=e
	export GIT_AUTHOR_DATE='1730000000 +0000' GIT_COMMITTER_DATE='1730000000 +0000'
	mkdir home bin work
	ln -s "$DIMC" bin/dimc
	make_sources work/sources
	cd work || return 1
	"$DIMC" fmt -q sources
	git init -q -b main
	git add .
	git commit -qm 'Begin'
}

# --- the workflow -----------------------------------------------------------------------------------------------------

need_yaml() {
	need python3 git dpkg-query
	python3 -c 'import yaml' || skip 'no python3-yaml here'
}

# run_job STATUS WORKFLOW JOB EVENT [VARIABLE=VALUE]: the job, in ./work.
run_job() {
	run_status "$1" env PATH="$BATS_FILE_TMPDIR/packages:$PATH" python3 -B "$ROOT/tests/workflow.py" "${@:2:3}" \
		"$BATS_FILE_TMPDIR/stubs" "${@:5}"
}

workflow() {
	run_job "$1" "$CI/github/dimensions.yml" "${@:2}"
}

@test "the workflow passes sources that are right, and uploads nothing that was not asked for" {
	need_yaml
	workflow 0 check pull_request
	lacks "$out$err" '::'
	contains "$out" '2 dimensions, 3 layers'
	contains "$out" 'skipped: github/codeql-action/upload-sarif@v3'
	[[ ! -e ../uploaded.sarif ]]
	lacks "$(git status --porcelain --untracked-files=all -- sources)" '?'
}

@test "a mistake fails the workflow, and stands beside its very line in the pull request" {
	need_yaml
	sed -i 's/^frequency: 0.5/frequncy: 0.5/' sources/D01-emotion/020-grief.yaml
	workflow 1 check pull_request
	line=$(grep -n '^frequncy' sources/D01-emotion/020-grief.yaml | cut -d: -f1)
	contains "$err" "::error file=sources/D01-emotion/020-grief.yaml,line=$line,"
	contains "$err" 'a layer has no key "frequncy"'
	[[ $(grep -c '^::error' <<<"$err") -eq 1 ]]
	contains "$out" 'failed: Check'
	contains "$out" 'skipped: Form'
}

@test "a form that is not canonical fails the workflow" {
	need_yaml
	sed -i 's/^layer_id: 1$/layer_id:    1/' sources/D01-emotion/010-joy.yaml
	workflow 1 check pull_request
	contains "$out" 'failed: Form'
	contains "$out" 'sources/D01-emotion/010-joy.yaml'
}

@test "where code scanning is asked for, the mistake is uploaded as SARIF, and the log tells it to people" {
	need_yaml
	need jq
	printf 'layer_id: 2\nfrequency: 1.0\nkeywords: [more]\ncontent: A third text.\n' >sources/D01-emotion/030-more.yaml
	workflow 1 check pull_request DIMC_SARIF=true
	[[ $(jq -r '.runs[0].results[].locations[0].physicalLocation | "\(.artifactLocation.uri):\(.region.startLine)"' \
		../uploaded.sarif) = sources/D01-emotion/030-more.yaml:1 ]]
	contains "$err" 'sources/D01-emotion/030-more.yaml:1:11: error: layer_id 2 is used twice'
}

@test "on main the workflow makes a bundle of the sources that plain dimc proves against them" {
	need_yaml
	workflow 0 publish push
	lacks "$out" 'skipped'
	run_status 0 "$DIMC" verify ../uploaded/dimensions.tar.gz --against sources
	(cd ../uploaded && sha256sum -c --quiet dimensions.tar.gz.sha256)
	workflow 0 publish pull_request
	contains "$out" 'skipped: job publish'
}

@test "the workflow's steps are all run: an action, a key or a condition that is not known here fails" {
	need_yaml
	for change in 's|actions/upload-artifact|actions/unknown|' 's|- name: Publish|- shell: sh\n        name: Publish|' \
		"s|github.event_name == 'push'|github.ref == 'main'|"; do
		sed "$change" "$CI/github/dimensions.yml" >../changed.yml
		run_job 1 ../changed.yml publish push
		[[ $err = *'no stub for actions/unknown'* || $err = *'not known here'* ]]
		rm -rf volume .dimc ../uploaded dimensions.tar.gz*
	done
}

# --- the hook ---------------------------------------------------------------------------------------------------------

install_hook() {
	cp "$CI/pre-commit/dimc-staged" .git/hooks/pre-commit
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
}

# commits STATUS [ARGUMENT...]: git commit, and whether there is a commit more.
commits() {
	local status=$1 before
	shift
	before=$(git rev-list --count HEAD)
	run_status "$status" git commit -qm Change "$@"
	[[ $(($(git rev-list --count HEAD) - before)) -eq $((status == 0)) ]]
}

@test "the hook refuses a commit with a mistake, shows it, and takes the mend" {
	install_hook
	sed -i 's/^frequency: 0.5/frequncy: 0.5/' sources/D01-emotion/020-grief.yaml
	git add .
	commits 1
	contains "$err" 'sources/D01-emotion/020-grief.yaml:'
	contains "$err" 'did you mean "frequency"?'
	contains "$err" 'The commit is refused'
	lacks "$err$out" "${TMPDIR:-/tmp}/tmp."
	"$DIMC" check -q --fix sources
	git add .
	sed -i 's/Grief is slow/Grief is very slow/' sources/D01-emotion/020-grief.yaml
	git add .
	commits 0
}

@test "the hook looks at what is staged: mistakes in the working tree do not block, mends there do not hide" {
	install_hook
	file=sources/D01-emotion/020-grief.yaml
	sed -i 's/slow/very slow/' $file
	git add .
	sed -i 's/^frequency/frequncy/' $file
	printf 'nothing\n' >sources/D01-emotion/untracked.yaml
	commits 0
	git add $file
	sed -i 's/^frequncy/frequency/' $file
	rm sources/D01-emotion/untracked.yaml
	"$DIMC" check -q sources
	commits 1
	contains "$err" 'a layer has no key "frequncy"'
	grep -q '^frequency' $file # what is there stays as it was
	sed -i 's/very slow/slow/' $file
	git add $file
	commits 0
}

@test "the hook wants the form, and names the file that has another" {
	install_hook
	sed -i 's/^layer_id: 1$/layer_id:    1/' sources/D01-emotion/010-joy.yaml
	git add .
	commits 1
	contains "$out$err" 'sources/D01-emotion/010-joy.yaml'
	"$DIMC" fmt -q sources
	sed -i 's/Joy is bright/Joy is very bright/' sources/D01-emotion/010-joy.yaml
	git add .
	commits 0
}

@test "the hook leaves commits without sources alone, and takes names with blanks, quotes and newlines, and partial commits" {
	install_hook
	sed -i 's/^frequency/frequncy/' sources/D01-emotion/020-grief.yaml
	git commit -qam 'Begun' --no-verify
	echo notes >notes.txt
	git add notes.txt
	commits 0
	git checkout -q HEAD~2 sources
	git commit -qm 'Mended' --no-verify
	mv sources/D01-emotion "sources/D01 with a \"blank\""
	printf 'A table.\n' >$'sources/D01 with a "blank"/two\nlines.txt'
	printf 'layer_id: 3\nfrequency: 1.0\nkeywords: [table]\ncontent_file: "two\\nlines.txt"\n' >'sources/D01 with a "blank"/a b.yaml'
	git add -A
	commits 1
	contains "$err" 'sources/D01 with a "blank"/a b.yaml:4:15: error:'
	mv $'sources/D01 with a "blank"/two\nlines.txt' 'sources/D01 with a "blank"/ two;  lines & more.txt'
	printf 'layer_id: 3\nfrequency: 1.0\nkeywords: [table]\ncontent_file: " two;  lines & more.txt"\n' >'sources/D01 with a "blank"/a b.yaml'
	"$DIMC" fmt -q sources
	git add -A
	commits 0
	# A commit of one file alone: git gives the hook an index of its own.
	sed -i 's/very //; s/is here/is there/' sources/D02-cognition/010-attention.yaml
	sed -i 's/^frequency/frequncy/' 'sources/D01 with a "blank"/010-joy.yaml'
	git add .
	commits 0 sources/D02-cognition/010-attention.yaml
	commits 1
	git reset -q --hard
	# A content_file that the commit takes away is missed, though it still lies there.
	git rm -q --cached 'sources/D01 with a "blank"/ two;  lines & more.txt'
	commits 1
	contains "$err" 'there is no file " two;  lines & more.txt"'
	git reset -q
	git rm -rq sources
	commits 0
}

@test "the hook works in the first commit and in a folder of another name, and says what is missing without dimc" {
	rm -rf .git
	mv sources texts
	git init -q -b main
	install_hook
	export DIMC_SOURCES=texts
	sed -i 's/^frequency/frequncy/' texts/D01-emotion/010-joy.yaml
	git add .
	run_status 1 git commit -qm Begin
	contains "$err" 'texts/D01-emotion/010-joy.yaml:'
	sed -i 's/^frequncy/frequency/' texts/D01-emotion/010-joy.yaml
	git add .
	run_status 0 git commit -qm Begin
	sed -i 's/bright/light/' texts/D01-emotion/010-joy.yaml
	git add .
	rm ../bin/dimc
	! command -v dimc || skip 'there is another dimc in the PATH'
	run_status 1 git commit -qm More
	contains "$err" 'dimc is not in the PATH'
}

@test "the hook's scratch directory is gone after a pass and after a refusal" {
	install_hook
	export TMPDIR=$BATS_TEST_TMPDIR/scratch
	mkdir "$TMPDIR"
	sed -i 's/bright/light/' sources/D01-emotion/010-joy.yaml
	git add .
	commits 0
	sed -i 's/^frequency/frequncy/' sources/D01-emotion/010-joy.yaml
	git add .
	commits 1
	[[ -z $(ls -A "$TMPDIR") ]]
}

@test "pre-commit runs the hook by its configuration, without a network" {
	need pre-commit
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
	cp "$CI/pre-commit/.pre-commit-config.yaml" .
	mkdir tools
	cp "$CI/pre-commit/dimc-staged" tools/
	pre-commit install >/dev/null
	git add .
	commits 0
	sed -i 's/^frequency: 0.5/frequncy: 0.5/' sources/D01-emotion/020-grief.yaml
	git add .
	sed -i 's/^frequncy/frequency/' sources/D01-emotion/020-grief.yaml
	commits 1
	contains "$out$err" 'sources/D01-emotion/020-grief.yaml:'
	contains "$out$err" 'did you mean "frequency"?'
	git add .
	sed -i 's/slow/very slow/' sources/D01-emotion/020-grief.yaml
	git add .
	commits 0
}
