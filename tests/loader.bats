#!/usr/bin/env bats
# loader.bats: libdim as others get it: what it exports and needs.

# shellcheck disable=SC2154 # out and err are set by run_status
# shellcheck disable=SC2030,SC2031 # each test is a process of its own
load lib

@test "libdim.so exports what dim.h declares, libdim-verify.so what dim_verify.h declares, and nothing else" {
	need_plain_library
	local lib header
	for lib in 'dim:dim dim_region' 'dim-verify:dim_verify'; do
		for header in ${lib#*:}; do
			grep -oE '^[a-z].*\bdim_[a-z_]+\(' "$ROOT/include/$header.h" | grep -oE 'dim_[a-z_]+\($' | tr -d '('
		done | sort -u >declared
		nm -D --defined-only "$OUT/lib/lib${lib%%:*}.so" | awk '$2 != "A" {sub(/@.*/, "", $3); print $3}' | sort -u >exported
		[[ -s declared ]]
		run_status 0 diff declared exported
	done
}

@test "what libdim.a defines for the linker begins with dim_" {
	need_plain_library
	run_status 0 nm -g --defined-only "$OUT/lib/libdim.a"
	contains "$out" ' T dim_region_open'
	lacks "$(awk 'NF == 3 && $3 !~ /^dim_/' <<<"$out")" ' '
}

@test "libdim.so needs libc alone, has a soname, and neither an executable stack nor text relocations" {
	need_plain_library
	run_status 0 readelf -dW "$OUT/lib/libdim.so"
	[[ $(grep -c NEEDED <<<"$out") -eq 1 ]]
	grep NEEDED <<<"$out" | grep -qE '\[libc\.(so\.6|musl-.*)\]'
	contains "$out" 'soname: [libdim.so.0]'
	lacks "$out" TEXTREL
	lacks "$out" RPATH
	lacks "$out" RUNPATH
	run_status 0 readelf -lW "$OUT/lib/libdim.so"
	lacks "$(grep GNU_STACK <<<"$out")" E
}

@test "libdim keeps no state: there is no byte that could be written to" {
	need_plain_library
	need size
	run_status 0 size -A "$OUT/lib/libdim.a"
	contains "$out" .text
	[[ $(awk '$1 ~ /^\.t?(data|bss)$/ {bytes += $2} END {print bytes + 0}' <<<"$out") -eq 0 ]]
}

@test "libdim-verify.so uses of libdim what the public headers declare, and nothing else" {
	need_plain_library
	cat "$ROOT"/include/dim.h "$ROOT"/include/dim_region.h | grep -oE '\bdim_[a-z_]+\(' | tr -d '(' | sort -u >declared
	nm -D --undefined-only "$OUT/lib/libdim-verify.so" | sed -n 's/.* U \(dim_.*\)/\1/p' >used
	[[ $(wc -l <used) -gt 10 ]]
	# With the version node of libdim, so that it is libdim's and stays so.
	run_status 1 grep -v '@DIM_0$' used
	run_status 0 comm -13 declared <(sed 's/@.*//' used | sort -u)
	[[ -z $out ]]
}
