#!/usr/bin/env bash
# What three analysers say of every C file of dimc, libdim and the examples: clang-tidy (.clang-tidy), clang --analyze, gcc
# -fanalyzer. Each prints one line, and what it found; status 1 where one found anything, or is missing.
#
#   scripts/analyze.sh [FILE.c...]     all of them by default; JOBS: how many files at once
set -u
cd "$(dirname "$0")/.." || exit 2
# shellcheck source=report.bash
. scripts/report.bash
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if [[ $# -eq 0 ]]; then
	mapfile -t c_files < <(git ls-files --cached --others --exclude-standard -- 'compiler/*.c' 'loader/*.c' 'examples/c/*.c')
	set -- "${c_files[@]}"
fi
read -ra packages <<<"$(pkg-config --cflags yaml-0.1 libcrypto libarchive libdeflate zlib libutf8proc)"
flags=(-std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DDIM_VERSION='"0"' -Iinclude -pthread "${packages[@]}")

# analyse TOOL TEXT COMMAND...: the command for each file, which takes the place of @.
analyse() {
	local tool=$1 text=$2 status
	shift 2
	need "$tool" || return
	printf '%s\0' "${files[@]}" | xargs -0 -P "${JOBS:-2}" -I @ "$tool" "$@" >"$log" 2>&1
	status=$?
	[[ $status -eq 0 ]] || grep -vE '^[0-9]+ warnings? (generated|treated)|^Suppressed [0-9]+|^Use -header-filter' "$log"
	report $status "$text: ${#files[@]} files"
}

files=("$@")
analyse clang-tidy clang-tidy --quiet @ -- "${flags[@]}"
analyse clang 'clang --analyze' --analyze --analyzer-output text -Xclang -analyzer-werror "${flags[@]}" @
analyse gcc 'gcc -fanalyzer' -fanalyzer -Werror -O1 "${flags[@]}" -c @ -o /dev/null
[[ $failed -eq 0 ]]
