#!/usr/bin/env bats
# depfile_names.bats: depfiles with awkward names, read by the real make and Ninja.
# In: depfile_names.py. Out: how often dimc runs.

load lib

# names TOOL phony|plain: every awkward name, in a directory of its own.
names() {
	need python3 "$1"
	DIMC=$DIMC python3 "$ROOT/tests/depfile_names.py" "$1" "$2"
}

@test "make runs dimc when a file with an awkward name changes, and only then" {
	names make plain
}

@test "make does so with -MP, too, and goes on when such a file is deleted" {
	names make phony
}

@test "Ninja runs dimc when a file with an awkward name changes, and only then" {
	names ninja plain
}

@test "Ninja does so with -MP, too" {
	names ninja phony
}
