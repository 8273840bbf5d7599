#!/usr/bin/env bats
# python.bats: examples/python: its README word for word from an installed prefix, its own tests, its structs against the C
# compiler's, and what read_layer.py says when something is wrong.

# shellcheck disable=SC2154 # out and err are set by run_status
load lib

# What the README stands in: the project, with a published volume.
setup_file() {
	load lib
	tree_with_example python
}

setup() {
	need python3
	if is_instrumented; then
		skip 'the library is instrumented'
	fi
	export OUT LIBDIM=$OUT/lib/libdim.so.0 PYTHONDONTWRITEBYTECODE=1
	cd "$BATS_FILE_TMPDIR/tree/examples/python" || return 1
}

# blocks LANGUAGE: the README's code.
blocks() {
	awk -v fence="\`\`\`$1" '$0 == "```" {on = 0} on; $0 == fence {on = 1}' README.md
}

@test "the README's steps install libdim, read a layer, and run the module's own tests without a warning" {
	blocks sh >"$BATS_TEST_TMPDIR/steps"
	unset LIBDIM
	export HOME=$BATS_TEST_TMPDIR
	run_status 0 env MAKEFLAGS='' CC="${CC:-cc}" bash -eu "$BATS_TEST_TMPDIR/steps"
	[[ -e $HOME/dim/lib/libdim.so.0 ]]
	contains "$out" "$("$DIMC" show ../../data/mmap D01/3)"
	contains "$err" $'Anger\n'
	contains "$err" $' tests in '
	contains "$err" $'\n\nOK'
	lacks "$err" Warning
	lacks "$err" skipped
}

@test "the README's program runs as it stands" {
	blocks python >"$BATS_TEST_TMPDIR/program.py"
	run_status 0 env PYTHONPATH=. python3 -X dev -W error "$BATS_TEST_TMPDIR/program.py"
	[[ -z $err ]]
	contains "$out" "Anger "
	contains "$out" "14 Security ["
	contains "$out" "(1, 3)"
	contains "$out" "'anger'"
	contains "$out" $'\nD01/99: not found\n'
	contains "$out" "b'$("$DIMC" show ../../data/mmap D01/3 | head -c 8)'"
}

@test "structs, enums and flags are what the C compiler makes of dim.h" {
	cat >"$BATS_TEST_TMPDIR/layout.py" <<-'END'
		import ctypes, libdim, sys
		def facts():
		    for name, mirror in libdim.STRUCTS.items():
		        yield "sizeof(struct %s)" % name, ctypes.sizeof(mirror)
		        for field, kind in mirror._fields_:
		            yield "offsetof(struct %s, %s)" % (name, field), getattr(mirror, field).offset
		            yield "sizeof(((struct %s *)0)->%s)" % (name, field), ctypes.sizeof(kind)
		    for prefix, enum in libdim.ENUMS.items():
		        for name, value in enum.__members__.items():
		            yield ("DIM_OK" if name == "OK" else prefix + name), int(value)
		if sys.argv[1] == "c":
		    print("#include <dim.h>\n#include <stdio.h>\nint main(void)\n{")
		    for text, _ in facts():
		        print('\tprintf("%%s %%zu\\n", "%s", (size_t)(%s));' % (text, text))
		    print("\treturn 0;\n}")
		else:
		    for fact in facts():
		        print(*fact)
	END
	export PYTHONPATH=$PWD
	cd "$BATS_TEST_TMPDIR"
	python3 layout.py c >layout.c
	run_status 0 "${CC:-cc}" -std=c11 -Wall -Wextra -Werror -I"$ROOT/include" layout.c -o layout
	./layout >theirs
	python3 layout.py python >ours
	[[ $(wc -l <ours) -gt 100 ]]
	run_status 0 diff theirs ours
	# And none is left out.
	grep -ohE '\bDIM_[A-Z_]+ = ' "$ROOT"/include/dim{,_region}.h | cut -d ' ' -f 1 | sort >declared
	cut -d ' ' -f 1 ours | grep -x 'DIM_[A-Z_]*' | sort >mirrored
	run_status 0 diff declared mirrored
}

@test "read_layer.py writes the content byte for byte, and says what is wrong" {
	run_status 0 python3 read_layer.py ../../data/mmap 2 1
	[[ $err = *Hz* ]]
	python3 read_layer.py ../../data/mmap 2 1 2>/dev/null | cmp - <("$DIMC" show ../../data/mmap D02/1)
	run_status 1 python3 read_layer.py ../../data/mmap 2 99
	[[ $err = 'read_layer.py: D02/99: not found' ]]
	run_status 1 python3 read_layer.py nowhere 1 1
	contains "$err" 'nowhere: there is no volume at this path'
	run_status 1 python3 read_layer.py
	contains "$err" usage
	if [[ -c /dev/full ]]; then
		status=0
		python3 read_layer.py ../../data/mmap 2 1 >/dev/full 2>"$BATS_TEST_TMPDIR/err" || status=$?
		[[ $status -eq 1 ]]
		contains "$(cat "$BATS_TEST_TMPDIR/err")" 'read_layer.py: '
	fi
	run_status 0 "$DIMC" compile -q --no-sync "$ROOT/sources" -o "$BATS_TEST_TMPDIR/volume"
	flip "$BATS_TEST_TMPDIR/volume/consciousness/D01/region.mmap" 16
	run_status 1 python3 read_layer.py "$BATS_TEST_TMPDIR/volume" 1 1
	contains "$err" 'D01/region.mmap: '
}
