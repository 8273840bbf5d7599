#!/usr/bin/env bash
# What programs that were built against libdim rely on, beside what is recorded in loader/libdim.abi.
#
#   abi.sh check           status 1, and what differs, unless the libraries and headers are what the record says
#   abi.sh record          writes the record anew, where it only grows; `record yes` also where programs break
#
# OUT: where the libraries were built; CC, AWK. The record has the exported symbols with their versions, the types of functions,
# the sizes and offsets of structs, and the values of enums, as text, so that a change of it is read like one of the code.
set -euo pipefail
cd "$(dirname "$0")/.."
out=${OUT:-out}
record=loader/libdim.abi
now=$(mktemp -d)
trap 'rm -rf "$now"' EXIT

symbols() { # symbols LIBRARY: with the version that the linker writes into programs
	local soname
	soname=$(readelf -d "$out/lib/$1" | sed -n 's/.*soname: \[\(.*\)\]/\1/p')
	nm -D --defined-only "$out/lib/$1" |
		sed -nE "s/^[0-9a-f]+ [^A] ([^@]+)@@?(.*)/symbol \1: \2 of $soname/p; s/^[0-9a-f]+ [^A] ([^@]+)$/symbol \1: of $soname/p" |
		LC_ALL=C sort
}

"${AWK:-awk}" -f scripts/headers.awk -f scripts/abi.awk include/dim.h include/dim_region.h include/dim_verify.h >"$now/abi.c"
"${CC:-cc}" -std=c11 -Wall -Werror -Wfatal-errors -Iinclude "$now/abi.c" -o "$now/abi"
{
	cat <<-'END'
		# What programs that were built against libdim rely on. `make abi` writes it, `make lint` compares (scripts/abi.sh).
		# 64-bit systems. Members that are reserved or private are not named; the sizes of their structs are.
	END
	symbols libdim.so
	symbols libdim-verify.so
	status=0
	"$now/abi" || status=$?
} >"$now/abi.txt"
if [[ $status -eq 77 ]]; then
	echo "the ABI is recorded for 64-bit systems; nothing was compared"
	exit 0
fi
[[ $status -eq 0 ]] || exit 1
old=$record
[[ -e $old ]] || old=/dev/null

# differences PATTERN: shows lines of a kind, "gone: ...", "changed: ...", "new: ..."; false where there are none.
differences() {
	# shellcheck disable=SC2016 # awk's own
	"${AWK:-awk}" '
		/^#/ { next }
		{ key = $0; sub(/: .*/, "", key); what = substr($0, length(key) + 3) }
		side == "old" { was[key] = what; order[++count] = key; next }
		{ is[key] = what; if (!(key in was)) added[++fresh] = $0 }
		END {
			for (i = 1; i <= count; i++)
				if (!(order[i] in is))
					print "gone: " order[i] ": " was[order[i]]
				else if (is[order[i]] != was[order[i]])
					print "changed: " order[i] ": " is[order[i]] "; was: " was[order[i]]
			for (i = 1; i <= fresh; i++)
				print "new: " added[i]
		}' side=old "$old" side=new "$now/abi.txt" | grep -E "$1" >&2
}

case "${1:-} ${2:-}" in
'check ')
	if differences '^(gone|changed): '; then
		cat >&2 <<-'END'
			Programs that were built against the recorded ABI of libdim would break. Put back what they rely on: members can take the
			place of reserved ones, and functions, values and statuses can be added. Where nobody has such a program yet, or after
			raising SONAME and the version nodes of loader/*.map, `make abi BREAK=yes` records what is there now.
		END
		exit 1
	fi
	if differences '^new: '; then
		echo "That is not in $record: \`make abi\` records it." >&2
		exit 1
	fi
	;;
'record ' | 'record yes')
	if differences '^(gone|changed): ' && [[ ${2:-} != yes ]]; then
		echo "Not recorded: programs would break. \`make abi BREAK=yes\` records it nevertheless." >&2
		exit 1
	fi
	differences '^new: ' || true
	cp "$now/abi.txt" "$record"
	;;
*)
	echo "usage: abi.sh check | record [yes]" >&2
	exit 2
	;;
esac
