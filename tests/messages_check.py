#!/usr/bin/env python3
"""messages_check.py: holds the forms of messages to each other, and to the files they speak of.

    messages_check.py FOLDER [SCHEMA]

In: a folder with cases at any depth, each with `stderr`, what dimc printed for people, and beside it the other forms as
tests/messages.sh leaves them; a JSON Schema for the SARIF logs. Out: status 0 and counts, or a line for everything that is
wrong.

What is compared is taken from the text: that is what tests/fixtures holds byte for byte.
"""

import json
import os
import re
import sys
from urllib.parse import unquote_to_bytes

PLACE = re.compile(r"^(.+?):(?:(\d+):(\d+):)? (error|warning): (.*) \[([a-z-]+)\]$")
NOTE = re.compile(r"^(.+?):(?:(\d+):(\d+):)? note: (.*)$")
REMARK = re.compile(r"^dimc: (error|warning): (.*)$")
HELP = "      = help: "
COMMAND = re.compile(r"^::(error|warning) ([^:]*)::(.*)$")
HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff\ufffd]|\ufffd")


def shown(text):
    """As the text for people has it."""
    return HIDDEN.sub("?", text) if text is not None else None


def read(path):
    with open(path, "rb") as file:
        return file.read()


def from_text(data):
    """(severity, check, file, line, column, message, help, related), sorted as printed; help and related may be None."""
    found = []
    for line in data.decode("utf-8").split("\n"):
        problem, note, remark = PLACE.match(line), NOTE.match(line), REMARK.match(line)
        if remark:
            found.append([remark[1], None, None, None, None, remark[2], None, None])
        elif problem:
            at = [int(problem[2]), int(problem[3])] if problem[2] else [None, None]
            found.append([problem[4], problem[6], problem[1], *at, problem[5], None, None])
        elif note and found:
            found[-1][7] = (note[4], note[1], int(note[2]) if note[2] else None, int(note[3]) if note[3] else None)
        elif line.startswith(HELP):
            found[-1][6] = line[len(HELP):]
    return [tuple(f) for f in found]


def from_json(document):
    found = []
    for d in document["diagnostics"]:
        related = [(shown(r["message"]), shown(r["file"]), r.get("line"), r.get("column")) for r in d["related"]]
        found.append((d["severity"], d["check"], shown(d["file"]), d.get("line"), d.get("column"), shown(d["message"]),
                      shown(d.get("help")), related[0] if related else None))
    return found


def sarif_place(location):
    physical = location["physicalLocation"]
    region = physical.get("region", {})
    name = unquote_to_bytes(physical["artifactLocation"]["uri"])
    return name, region


def undoubled(text):
    """Braces in SARIF's messages are doubled (3.11.5): single ones would begin placeholders."""
    assert not re.search(r"[{}]", text.replace("{{", "").replace("}}", "")), f"a brace alone: {text!r}"
    return text.replace("{{", "{").replace("}}", "}")


def message_and_help(text, has_help):
    """Help stands on a line of its own behind the message."""
    head, _, tail = text.rpartition("\n") if has_help else (text, "", None)
    return shown(head), shown(tail)


def as_people(name):
    return shown(name.decode("utf-8", "replace"))


def from_sarif(log, wanted):
    run = log["runs"][0]
    rules = [r["id"] for r in run["tool"]["driver"]["rules"]]
    assert len(set(rules)) == len(rules), "rules"
    found = []
    for r, want in zip(run["results"], wanted):
        assert rules[r["ruleIndex"]] == r["ruleId"], "ruleIndex"
        name, region = sarif_place(r["locations"][0])
        related = None
        for location in r.get("relatedLocations", []):
            other, at = sarif_place(location)
            related = (shown(undoubled(location["message"]["text"])), as_people(other), at.get("startLine"), at.get("startColumn"))
        found.append((r["level"], r["ruleId"], as_people(name), region.get("startLine"), region.get("startColumn"),
                      *message_and_help(undoubled(r["message"]["text"]), want[6] is not None), related))
    invocation = run["invocations"][0]
    for n, want in zip(invocation["toolExecutionNotifications"], wanted[len(run["results"]):]):
        found.append((n["level"], None, None, None, None, *message_and_help(undoubled(n["message"]["text"]), want[6] is not None), None))
    assert set(rules) == {r["ruleId"] for r in run["results"]}, "rules that found nothing"
    count = len(run["results"]) + len(invocation["toolExecutionNotifications"])
    assert count == len(found), f"{count} results"
    return found


def unescape(text, is_property):
    if re.search(r"[\r\n]", text) or (is_property and re.search("[:,]", text)):
        raise AssertionError(f"not escaped: {text!r}")
    for code, plain in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ",")):
        if is_property or plain in "\r\n":
            text = text.replace(code, plain)
    return text.replace("%25", "%")


def from_github(data, wanted):
    lines = data.split(b"\n")
    assert lines.pop() == b"", "the last line has no end"
    assert len(lines) == len(wanted), f"{len(lines)} lines"
    found = []
    for line, want in zip(lines, wanted):
        match = COMMAND.match(line.decode("utf-8", "replace"))
        assert match, f"no command: {line!r}"
        fields = dict(f.split("=", 1) for f in match[2].split(","))
        fields = {name: unescape(value, True) for name, value in fields.items()}
        text = message_and_help(unescape(match[3], False), want[6] is not None)
        number = {k: int(v) for k, v in fields.items() if k in ("line", "col", "endLine", "endColumn")}
        assert fields["title"] == (want[1] or "dimc"), "title"
        assert list(fields) in (["file", "line", "endLine", "col", "endColumn", "title"], ["file", "title"], ["title"]), "names"
        found.append((match[1], want[1], shown(fields.get("file")), number.get("line"), number.get("col"), *text, want[7]))
    return found


def lines_of(path):
    data = read(path)
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    return [line.decode("utf-8", "surrogateescape") for line in re.split(b"\r\n|\r|\n", data)]


def check_range(lines, line, column, end_line, end_column, is_edit):
    """Positions count from 1, in characters; the end is behind. A mark that stands at a line's end is one wide."""
    assert 1 <= line <= end_line <= len(lines), f"line {line} to {end_line} of {len(lines)}"
    assert 1 <= column <= len(lines[line - 1]) + 1, f"column {column} of {len(lines[line - 1])}"
    assert end_column <= len(lines[end_line - 1]) + (1 if is_edit else 2), f"end_column {end_column} of {len(lines[end_line - 1])}"
    assert (line, column) <= (end_line, end_column) if is_edit else (line, column) < (end_line, end_column), "empty or turned round"


def check_extents(base, document, files):
    """Places and edits lie in the files; the number of edits."""
    edits = 0
    for d in document["diagnostics"]:
        names = [(p, False) for p in [d, *d["related"]] if "line" in p]
        names += [(dict(e, file=d["file"]), True) for f in d["fixes"] for e in f["edits"]]
        for p, is_edit in names:
            if "\ufffd" in p["file"]:
                continue # JSON cannot tell which file that is
            path = os.path.join(base, p["file"])
            if path not in files:
                files[path] = lines_of(path)
            check_range(files[path], p["line"], p["column"], p["end_line"], p["end_column"], is_edit)
            edits += is_edit
    return edits


def regions(log, document):
    """What SARIF and JSON say of places and edits to the last number."""
    def numbers(r):
        return (r["startLine"], r["startColumn"], r["endLine"], r["endColumn"])

    def of_json(p):
        return (p["line"], p["column"], p["end_line"], p["end_column"]) if "line" in p else None

    for r, d in zip(log["runs"][0]["results"], document["diagnostics"]):
        region = sarif_place(r["locations"][0])[1]
        assert (numbers(region) if region else None) == of_json(d), "region"
        one = [(undoubled(f["description"]["text"]), numbers(x["deletedRegion"]), x["insertedContent"]["text"])
               for f in r.get("fixes", []) for c in f["artifactChanges"] for x in c["replacements"]]
        other = [(f["description"], of_json(e), e["text"]) for f in d["fixes"] for e in f["edits"]]
        assert one == other, "fixes"
        for f in r.get("fixes", []):
            assert f["artifactChanges"][0]["artifactLocation"] == r["locations"][0]["physicalLocation"]["artifactLocation"]


def check_case(base, validator, counts):
    wanted = from_text(read(os.path.join(base, "stderr")))
    document = json.loads(read(os.path.join(base, "messages.json")))
    log = json.loads(read(os.path.join(base, "messages.sarif")))
    for form, found in (("json", from_json(document)), ("sarif", from_sarif(log, wanted)),
                        ("github", from_github(read(os.path.join(base, "messages.github")), wanted))):
        assert len(found) == len(wanted), f"{form}: {len(found)}, not {len(wanted)}"
        for one, other in zip(found, wanted):
            assert one == other, f"{form}: {one}, not {other}"
        status = int(read(os.path.join(base, f"messages.{form}.status")))
        assert status == int(read(os.path.join(base, "status"))) == document["exit"], "status"
    assert log["runs"][0]["invocations"][0]["exitCode"] == document["exit"], "exitCode"
    assert document["errors"] == sum(w[0] == "error" for w in wanted), "errors"
    assert document["warnings"] == sum(w[0] == "warning" for w in wanted), "warnings"
    if validator:
        validator.validate(log)
    regions(log, document)
    counts["messages"] += len(wanted)
    counts["edits"] += check_extents(base, document, {})


def main():
    validator = None
    if len(sys.argv) > 2:
        import jsonschema # by whoever gives a schema

        schema = json.loads(read(sys.argv[2]))
        kind = jsonschema.validators.validator_for(schema)
        kind.check_schema(schema)
        validator = kind(schema)
    counts, wrong = {"cases": 0, "messages": 0, "edits": 0}, []
    for base, _, files in sorted(os.walk(sys.argv[1])):
        if "messages.json" not in files:
            continue
        counts["cases"] += 1
        try:
            check_case(base, validator, counts)
        except Exception as error: # whatever it is, the other cases are looked at as well
            wrong.append(f"{base}: {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}")
    if wrong or counts["cases"] == 0:
        sys.exit("\n".join(wrong) or "no cases")
    print(", ".join(f"{count} {name}" for name, count in counts.items()))


main()
