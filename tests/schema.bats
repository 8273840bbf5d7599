#!/usr/bin/env bats
# schema.bats: the JSON Schemas in schemas/ are what `dimc schema` prints and editors find, and they and the compiler judge alike.
# In: the schemas, sources, fixtures and thousands of mutations. Out: every disagreement (schema_check.py).
# shellcheck disable=SC2154 # out and err are set by run_status

load lib

@test "dimc schema prints the very files of schemas/, and alone lists them" {
	run_status 0 "$DIMC" schema
	[[ $(cut -d' ' -f1 <<<"$out") = $'layer\ndimension\nindex\nmanifest' ]]
	for name in layer dimension index manifest; do
		"$DIMC" schema "$name" | cmp - "$ROOT/schemas/$name.schema.json"
	done
	[[ $(find "$ROOT/schemas" -type f | wc -l) -eq 4 ]]
}

@test "a schema that does not exist is wrong usage, with the one that was likely meant" {
	run_status 2 "$DIMC" schema dimensoin
	contains "$err" 'did you mean "dimension"?'
	run_status 2 "$DIMC" schema x
	contains "$err" '`dimc schema` lists them'
	[[ -z $out ]]
}

@test "make install brings the schemas, make uninstall takes them away" {
	MAKEFLAGS='' make -s -C "$ROOT" OUT="$OUT" CC="${CC:-cc}" install PREFIX="$PWD/prefix" >/dev/null
	diff -r "$ROOT/schemas" prefix/share/dimc/schemas
	MAKEFLAGS='' make -s -C "$ROOT" OUT="$OUT" CC="${CC:-cc}" uninstall PREFIX="$PWD/prefix" >/dev/null
	[[ ! -e prefix/share/dimc ]]
}
