# hardening.bats: that what is built carries the hardening that the compiler can give (scripts/hardening.sh), and that the test can
# tell: the same questions about a program that was built without.

bats_require_minimum_version 1.5.0
load lib

need_tools() {
	need_plain_library
	need readelf nm "${CC:-cc}"
}

# is_fortified FILE: it calls a checked form of a function.
is_fortified() { nm -D --undefined-only "$1" | grep -q '_chk\b'; }

# has_protected_stack FILE: some function of it looks at its return address's guard.
has_protected_stack() { nm -D --undefined-only "$1" | grep -q '__stack_chk_fail'; }

is_position_independent() { readelf -h "$1" | grep -q 'Type: *DYN'; }

# is_bound_at_start FILE: what the linker filled in is read-only before the first line runs.
is_bound_at_start() { readelf -lW "$1" | grep -q GNU_RELRO && readelf -dW "$1" | grep -qE 'BIND_NOW|Flags:.*NOW'; }

has_no_executable_stack() { readelf -lW "$1" | grep GNU_STACK | grep -qv 'RWE'; }

# has_marked_jumps OBJECT: made for a processor that checks where jumps and returns lead; where the compiler can.
has_marked_jumps() { readelf -nW "$1" | grep -qE 'IBT, SHSTK|BTI, PAC'; }

@test "the program and the libraries are hardened" {
	need_tools
	local file
	for file in "$DIMC" "$OUT/lib/libdim.so" "$OUT/lib/libdim-verify.so"; do
		echo "$file"
		has_protected_stack "$file"
		is_position_independent "$file"
		is_bound_at_start "$file"
		has_no_executable_stack "$file"
	done
	is_fortified "$DIMC"
	is_fortified "$OUT/lib/libdim.so"
	readelf -h "$DIMC" | grep -q 'Type: *DYN'
	readelf -dW "$DIMC" | grep -q 'Flags:.*PIE'
	if [[ $(uname -m) = @(x86_64|aarch64) ]]; then
		has_marked_jumps "$OUT/obj/compiler/main.o"
		has_marked_jumps "$OUT/obj/loader/region.o"
	fi
}

@test "both compilers take what they know of it, and a builder's own flags win" {
	need gcc clang
	local cc
	for cc in gcc clang; do
		"$ROOT/scripts/hardening.sh" $cc >$cc.flags
		grep -q 'FORTIFY_SOURCE=[23]' $cc.flags
		grep -q 'stack-protector-strong' $cc.flags
		printf '#include <string.h>\nint main(int c, char **v) { char b[8]; (void)c; strcpy(b, v[0]); return b[0]; }\n' >x.c
		$cc @$cc.flags -O2 x.c -o hardened
		is_fortified hardened
		has_protected_stack hardened
		$cc @$cc.flags -O2 -fno-stack-protector -U_FORTIFY_SOURCE x.c -o plain
		run ! is_fortified plain
		run ! has_protected_stack plain
	done
	# A compiler that knows nothing of it is asked for nothing.
	printf '#!/bin/sh\nexit 1\n' >none
	chmod +x none
	[[ -z $("$ROOT/scripts/hardening.sh" ./none) ]]
}

@test "what was built without is told from it" {
	need readelf nm "${CC:-cc}"
	echo 'int main(int c, char **v) { char b[64]; b[c] = v[0][0]; return b[c]; }' >x.c
	"${CC:-cc}" -O0 -fno-stack-protector -fcf-protection=none -no-pie -z norelro -z lazy -z execstack x.c -o plain 2>build.log || skip "$(cat build.log)"
	"${CC:-cc}" -O0 -fcf-protection=none -c x.c -o plain.o
	run ! is_fortified plain
	run ! has_protected_stack plain
	run ! is_position_independent plain
	run ! is_bound_at_start plain
	run ! has_no_executable_stack plain
	run ! has_marked_jumps plain.o
}
