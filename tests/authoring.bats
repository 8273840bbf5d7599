#!/usr/bin/env bats
# authoring.bats: the documents' examples: every YAML source in them compiles, and what docs/authoring.md shows is what happens.
# In: the built program, README.md, docs/, the READMEs of examples/. Out: examples that an author can copy.
# shellcheck disable=SC2154,SC2016 # out and err are set by run_status; backticks are Markdown

load lib

examples() {
	run_status "$1" python3 -B "$ROOT/tests/doc_examples.py" "$2" "$DIMC" "${@:3}"
}

setup() {
	need python3
	cd "$BATS_TEST_TMPDIR" || return 1
}

# documents ROOT: all but docs/checks.md, whose examples explain.bats compiles.
documents() {
	find "$1/README.md" "$1/CONTRIBUTING.md" "$1/docs" "$1/examples" -name '*.md' ! -path '*/docs/checks.md' | sort
}

@test "every source that a document shows compiles without a word, and few are called fragments" {
	grep -q checks.md "$ROOT/tests/explain.bats" "$ROOT/tests/checks_examples.py"
	mapfile -t documents < <(documents "$ROOT")
	examples 0 yaml "${documents[@]}"
	[[ $out =~ ^compiled\ ([0-9]+),\ fragments\ ([0-9]+),\ named\ ([0-9]+),\ wrong\ 0$ ]] || { echo "$out"; return 1; }
	[[ ${BASH_REMATCH[1]} -ge 7 && ${BASH_REMATCH[2]} -eq 1 && ${BASH_REMATCH[3]} -eq 1 ]] || { echo "$out"; return 1; }
}

@test "a new author types what docs/authoring.md shows, from the top, and sees what it shows" {
	examples 0 run "$ROOT/docs/authoring.md"
	[[ $out =~ ^ran\ ([0-9]+)\ commands,\ saved\ 1\ files$ && ${BASH_REMATCH[1]} -ge 13 ]]
	run_status 0 "$DIMC" show D01/1
	contains "$out" 'What a person feels'
	[[ -s report.html ]]
}

@test "each common mistake is answered in the words of its row, and its mend is accepted without a word" {
	examples 0 mistakes "$ROOT/docs/authoring.md"
	[[ $out =~ ^([0-9]+)\ rows,\ wrong\ 0$ && ${BASH_REMATCH[1]} -ge 17 ]]
	# No row that the test did not see.
	[[ $(sed -n '/^| typed/,/^$/p' "$ROOT/docs/authoring.md" | grep -c '^| `') -eq ${BASH_REMATCH[1]} ]]
}

@test "every key of the schemas has its row, with its limits" {
	for kind in layer dimension; do
		"$DIMC" schema $kind >$kind.json
	done
	run_status 0 python3 - "$ROOT/docs/authoring.md" <<-'END'
		import json, re, sys
		text = open(sys.argv[1], encoding="utf-8").read()
		count = 0
		for kind in ("layer", "dimension"):
		    table = re.search(rf"^Of a {kind}:\n\n(.*?)\n\n", text, re.M | re.S)[1]
		    rows = {r[0]: r[1:] for r in re.findall(r"^\| `(\w+)` \|(.*?)\| (.*) \|$", table, re.M)}
		    schema = json.load(open(f"{kind}.json"))
		    of_all = schema["definitions"]["layer"] if kind == "layer" else schema
		    needed = (schema["definitions"]["complete"] if kind == "layer" else schema)["required"]
		    assert set(rows) == set(of_all["properties"]), (set(rows), set(of_all["properties"]))
		    for key, (mark, says) in rows.items():
		        assert (mark.strip() == "needed") == (key in needed), key
		        field = of_all["properties"][key]
		        for name in ("maximum", "maxLength", "maxItems"):
		            if name in field and key not in ("content_file", "frequency"):
		                count += 1
		                assert str(field[name]) in says, (key, name, field[name])
		    if kind == "layer":
		        assert str(schema["definitions"]["keyword"]["maxLength"]) in rows["keywords"][1]
		print(count)
	END
	[[ $out -ge 6 ]]
}

@test "the message that the README shows is the one for its layer" {
	make_dimension sources/D01-emotion 1 Emotion
	awk '/^```yaml$/ { on = 1; next } /^```$/ { if (on) exit } on' "$ROOT/README.md" >sources/D01-emotion/100-awe.yaml
	run_status 0 "$DIMC" check sources
	sed -i 's/^frequency/frequncy/' sources/D01-emotion/100-awe.yaml
	run_status 1 "$DIMC" check sources
	diff <(awk '/^```text$/ { on = 1; next } /^```$/ { if (on) exit } on' "$ROOT/README.md") <(echo "$err")
}

@test "every example that is broken is found, with its place" {
	mkdir broken
	sed 's/^title: Awe$/titel: Awe/' "$ROOT/README.md" >broken/README.md
	examples 1 yaml broken/README.md
	contains "$out" "broken/README.md:$(grep -n '^```yaml$' "$ROOT/README.md" | cut -d: -f1): status 1"
	contains "$out" 'did you mean "title"?'
	for change in 's/^D01\/1           0.8 Hz/D01\/1           0.9 Hz/' 's/^`dimc check --fix sources` mends it$//' 's/^\$ dimc show D01\/1/$ dimc show D01\/2/' \
		's/^frequncy/frequency/' 's/^dimc check sources -Werror$/dimc check sources -Werorr/'; do
		rm -rf sources data report.html
		sed "$change" "$ROOT/docs/authoring.md" >broken/authoring.md
		! cmp -s broken/authoring.md "$ROOT/docs/authoring.md"
		examples 1 run broken/authoring.md
		contains "$out" 'broken/authoring.md:'
	done
	for change in 's/has no key "frequncy"` |/has no key "frequence"` |/' 's/| `layer_id: 1` |/| `layer_id: one` |/'; do
		sed "$change" "$ROOT/docs/authoring.md" >broken/authoring.md
		! cmp -s broken/authoring.md "$ROOT/docs/authoring.md"
		examples 1 mistakes broken/authoring.md
	done
}
