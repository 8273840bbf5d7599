#!/usr/bin/env bats
# schema.bats: the JSON Schemas in schemas/ are what `dimc schema` prints and editors find, and they and the compiler judge alike.
# In: the schemas, sources, fixtures and thousands of mutations. Out: every disagreement (schema_check.py).
# shellcheck disable=SC2154 # out and err are set by run_status

load lib

# The cases of accept/ and reject/, as dimc judges them.
setup_file() {
	for kind in accept reject; do
		"$ROOT/tests/fixtures/run.sh" "$DIMC" "$ROOT/tests/fixtures/$kind" "$BATS_FILE_TMPDIR/$kind"
	done
}

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
	contains "$err" 'schema` lists them'
	[[ -z $out ]]
}

@test "every key of the schemas is known where its colon lacks a space" {
	need jq
	mkdir -p sources/D01
	printf 'dimension_id: 1\nname: Emotion\n' >sources/D01/dimension.yaml
	jq -r '.. | .properties? // empty | keys[]' "$ROOT/schemas/layer.schema.json" "$ROOT/schemas/dimension.schema.json" |
		sort -u >keys
	[[ $(wc -l <keys) -ge 15 ]]
	while IFS= read -r key; do
		echo "$key:1" >"sources/D01/$key.yaml"
	done <keys
	run_status 1 "$DIMC" check -Wno-all sources
	grep -o 'error: .*' <<<"$err" | sort >said
	sed 's/.*/error: "&:" needs a space behind it to be a key [syntax]/' keys | sort | diff - said
}

@test "make install brings the schemas, make uninstall takes them away" {
	MAKEFLAGS='' make -s -C "$ROOT" OUT="$OUT" CC="${CC:-cc}" install PREFIX="$PWD/prefix" >/dev/null
	diff -r "$ROOT/schemas" prefix/share/dimc/schemas
	MAKEFLAGS='' make -s -C "$ROOT" OUT="$OUT" CC="${CC:-cc}" uninstall PREFIX="$PWD/prefix" >/dev/null
	[[ ! -e prefix/share/dimc ]]
}

need_judge() {
	need python3
	python3 -c 'import jsonschema, yaml' 2>/dev/null || skip 'no jsonschema and yaml for Python here (make deps-all brings them)'
}

# check MODE ARGUMENT...: prints what was counted, so that a log shows it.
check() {
	need_judge
	run_status 0 python3 "$ROOT/tests/schema_check.py" "$@"
	printf '# %s\n' "${out%%$'\n'*}" >&3
}

@test "the compiler and the schemas accept the same of thousands of documents, and every change of a schema shows" {
	check mutations "$DIMC" "$ROOT/schemas"
	[[ ${out%% *} -ge 5000 ]]
	contains "$out" ' 0 disagreements'
	contains "$out" ' 0 without a disagreement'
}

@test "the compiler and the schemas accept the same fixtures" {
	for kind in accept reject; do
		check fixtures "$BATS_FILE_TMPDIR/$kind" "$ROOT/schemas"
		contains "$out" ' 0 disagreements'
	done
}

@test "a bound that is changed in a schema is a disagreement" {
	need jq
	need_judge
	cp -r "$ROOT/schemas" changed
	jq '.properties.name.maxLength = 99' "$ROOT/schemas/dimension.schema.json" >changed/dimension.schema.json
	run_status 1 python3 "$ROOT/tests/schema_check.py" fixtures "$BATS_FILE_TMPDIR/accept" changed
	contains "$out" '/longest-texts/sources/D01-emotion/dimension.yaml: the schema alone rejects'
	cp "$ROOT/schemas/dimension.schema.json" changed/
	jq '.definitions.layer.properties.keywords.maxItems = 65' "$ROOT/schemas/layer.schema.json" >changed/layer.schema.json
	run_status 1 python3 "$ROOT/tests/schema_check.py" fixtures "$BATS_FILE_TMPDIR/reject" changed
	contains "$out" 'the compiler alone rejects'
}

@test "every index.json and manifest.json that is written fits its schema, and none does that was damaged" {
	need_judge
	"$DIMC" compile -q --no-sync "$ROOT/sources" -o volume --layer-files
	"$DIMC" compile -q --no-sync "$ROOT/tests/fixtures/accept/all-fields/sources" -o other --layout=packed
	"$DIMC" bundle volume -q -o whole.tar
	"$DIMC" bundle volume -q -d D03 -o part.tar
	for bundle in whole part; do
		mkdir $bundle
		tar -xf $bundle.tar -C $bundle
	done
	[[ -f part/data/mmap/consciousness/D03/manifest.json ]]
	find volume other whole part -name '*.json' | sort >files
	[[ $(wc -l <files) -ge 30 ]]
	mapfile -t files <files
	check outputs "$ROOT/schemas" "${files[@]}"
	contains "$out" ' 0 wrong'
}

# files_of SCHEMA: the files whose globs the editors' settings give to it, without those it excludes.
files_of() {
	local glob
	mapfile -t globs < <(jq -r --arg schema "./schemas/$1.schema.json" '."yaml.schemas"[$schema][]' "$ROOT/.vscode/settings.json")
	for glob in "${globs[@]}"; do
		[[ $glob = '!'* ]] || compgen -G "$glob"
	done | sort -u >taken
	for glob in "${globs[@]}"; do
		[[ $glob != '!'* ]] || compgen -G "${glob#!}"
	done | sort -u | comm -23 taken -
}

@test "the editors' settings give every source its schema, and no file another one's" {
	need jq
	mkdir -p sources schemas
	cp -r "$ROOT"/sources/* sources/
	cp sources/D01-emotion/010-core-affect.yaml sources/D01-emotion/more.yml
	touch sources/stray.yaml schemas/x.yaml sources/D01-emotion/notes.txt
	run_status 0 jq -r '."yaml.schemas" | keys[]' "$ROOT/.vscode/settings.json"
	[[ $out = $'./schemas/dimension.schema.json\n./schemas/layer.schema.json' ]]
	while read -r schema; do
		[[ -f $ROOT/$schema ]]
	done <<<"$out"
	find sources -mindepth 2 -name dimension.yaml | sort >dimensions
	find sources -mindepth 2 \( -name '*.yaml' -o -name '*.yml' \) ! -name dimension.yaml | sort >layers
	[[ $(wc -l <dimensions) -eq 14 && $(wc -l <layers) -gt 100 ]]
	files_of dimension | diff dimensions -
	files_of layer | diff layers -
}

@test "what docs/editors.md says for other editors is what the settings say" {
	need jq
	run_status 0 jq -r '."yaml.schemas" | to_entries[] | .key, .value[]' "$ROOT/.vscode/settings.json"
	for language in lua toml; do
		sed -n "/^\`\`\`$language/,/^\`\`\`\$/p" "$ROOT/docs/editors.md" >block
		while read -r text; do
			grep -qF -e "'$text'" -e "\"$text\"" block
		done <<<"$out"
		[[ $(grep -oE "['\"](!?sources|\./schemas)[^'\"]*['\"]" block | wc -l) -eq $(wc -l <<<"$out") ]]
	done
}
