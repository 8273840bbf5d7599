#!/usr/bin/env bash
# Everything that can be said about the code without running it. Each check prints one line; status 1 where one fails.
#
#   scripts/lint.sh       OUT: where to build; MAKE: the make to call
set -u
cd "$(dirname "$0")/.." || exit 2
out=${OUT:-out}
make=${MAKE:-make}
# shellcheck source=report.bash
. scripts/report.bash

# Files of a kind that git knows or would take: what is built is never linted.
files() { git ls-files --cached --others --exclude-standard -- "$@" | sort -u; }

mapfile -t c_files < <(files '*.c' '*.h')

if need clang-format; then
	clang-format --dry-run -Werror "${c_files[@]}"
	report $? "clang-format: ${#c_files[@]} files"
fi

for compiler in gcc clang; do
	if need $compiler; then
		log=$("$make" --no-print-directory -s -j2 OUT="$out/lint-$compiler" CC=$compiler DEVELOPER=1 all tests-built 2>&1)
		status=$?
		[[ $status -eq 0 ]] || echo "$log"
		report $status "$compiler: no warning"
	fi
done

if need cppcheck; then
	cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr --enable=warning,portability,performance \
		--suppress=missingIncludeSystem -D__linux__ -DDIM_VERSION='"0"' -Iinclude compiler loader examples/c
	report $? cppcheck
fi

if need shellcheck; then
	mapfile -t scripts < <(files '*.sh' '*.bash' '*.bats' .ci/run examples/ci/pre-commit/dimc-staged)
	shellcheck -x -P tests -P SCRIPTDIR "${scripts[@]}"
	report $? "shellcheck: ${#scripts[@]} scripts"
fi

# Include arrows point down.
arrows() {
	local file room included at bad=0
	declare -A floor peers
	local level=0 line
	while read -r line; do
		case $line in
		'' | '#'*) ;;
		floor\ *)
			level=$((level + 1))
			for room in ${line#floor }; do floor[$room]=$level; done
			;;
		*' -> '*) peers[${line%% -> *}]+=" ${line#* -> } " ;;
		esac
	done <scripts/arrows.txt
	for file in compiler/*.[ch]; do
		room=$(basename "${file%.*}")
		[[ $room = @(diag|fs|volume)_* ]] && room=${room%%_*} # one room of several files
		if [[ -z ${floor[$room]:-} ]]; then
			echo "$file: its room is not in scripts/arrows.txt"
			bad=1
			continue
		fi
		while read -r included; do
			[[ $included = "$room" || ($room = diag && $included = diag_entries) ]] && continue
			at=${floor[$included]:-99}
			[[ $at -lt ${floor[$room]} || ${peers[$room]:-} = *" $included "* ]] && continue
			echo "$file includes $included.h, which is not below it"
			bad=1
		done < <(sed -n 's/^#include "\([a-z_]*\)\.h".*/\1/p' "$file")
	done
	return $bad
}
arrows
report $? "include arrows point down"

# Writer and reader share only the format; foreign libraries stay in the room that keeps them.
only_in() { # only_in PATTERN ROOM...: no other C file of the project matches
	local pattern=$1 found
	shift
	found=$(grep -lE "$pattern" compiler/*.[ch] loader/*.[ch] include/*.h | grep -vxF -f <(printf '%s\n' "$@"))
	[[ -z $found ]] && return 0
	echo "$pattern is also in: $found"
	return 1
}
only_in '#include <yaml\.h>' compiler/plain.c
report $? "libyaml is known in one room"
only_in '#include <openssl/' compiler/digest.c compiler/sign.c loader/verify.c
report $? "OpenSSL is known to digests and signatures alone"
only_in '#include <archive(_entry)?\.h>' compiler/tar.c && only_in '#include <libdeflate\.h>' compiler/deflate.c &&
	only_in '#include <zlib\.h>' compiler/gunzip.c && only_in '#include <utf8proc\.h>' compiler/unicode.c
report $? "libarchive, libdeflate, zlib and utf8proc are known in one room each"
only_in 'dim_format\.h"' include/dim_format.h loader/internal.h compiler/region.c compiler/layout.c compiler/build.c \
	compiler/settings.c compiler/sections.c
report $? "the format is known to its writer and its reader"
! grep -n '#include "' loader/*.[ch] | grep -vE '"\.\./include/dim[a-z_]*\.h"' |
	grep -vE "\"($(cd loader && printf '%s\n' *.h | paste -sd '|'))\""
report $? "the loader knows include/ alone"

# libdim: exported names, and libc alone.
if need nm && need readelf; then
	bad=$(nm -D --defined-only "$out"/lint-gcc/lib/libdim.so "$out"/lint-gcc/lib/libdim-verify.so |
		awk 'NF == 3 && $3 !~ /^dim_/ && $3 !~ /^DIM_/ {print $3}')
	bad+=$(nm -g --defined-only "$out"/lint-gcc/lib/libdim.a "$out"/lint-gcc/lib/libdim-verify.a |
		awk 'NF == 3 && $3 !~ /^dim_/ {print $3}')
	[[ -z $bad ]] || echo "exported: $bad"
	[[ -z $bad && -e $out/lint-gcc/lib/libdim.so && -e $out/lint-gcc/lib/libdim-verify.a ]]
	report $? "every exported symbol begins with dim_"
	needed=$(readelf -d "$out/lint-gcc/lib/libdim.so" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p')
	[[ $needed = libc.so.6 ]]
	report $? "libdim.so needs libc alone"
	OUT=$out/lint-gcc CC=gcc scripts/abi.sh check
	report $? "the ABI of libdim is what loader/libdim.abi says"
fi

# As many instructions as recorded, by the program that gcc built above.
if need valgrind; then
	BUILD=$out/lint-gcc scripts/check-instructions.sh check
	report $? "fixed runs take as many instructions as recorded"
fi

# Each C file is one room of at most 400 lines that opens with three lines about itself.
rooms() {
	local file lines bad=0
	for file in compiler/*.[ch] loader/*.[ch] include/*.h; do
		lines=$(wc -l <"$file")
		if [[ $lines -gt 400 ]]; then
			echo "$file has $lines lines"
			bad=1
		fi
		if ! head -n 2 "$file" | tail -n 1 | grep -q "^ \* $(basename "$file"): " || ! head -n 4 "$file" | grep -q '^ \* In: ' ||
			! head -n 8 "$file" | grep -q '^ \* Out: '; then
			echo "$file does not open with what it is, what comes in and what goes out"
			bad=1
		fi
	done
	return $bad
}
rooms
report $? "rooms have a sign at the door, and at most 400 lines"

# Links between documents lead somewhere.
links() {
	local file target bad=0
	while read -r file; do
		while read -r target; do
			target=${target%%#*}
			[[ -z $target || $target = *://* || -e $(dirname "$file")/$target ]] && continue
			echo "$file: $target is not there"
			bad=1
		done < <(grep -oE '\]\([^)]+\)' "$file" | sed 's/^](//; s/)$//')
	done < <(files '*.md')
	return $bad
}
links
report $? "links between documents"

[[ $failed -eq 0 ]]
