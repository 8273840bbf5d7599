#!/usr/bin/env python3
"""Applies the safe edits of a JSON document of diagnostics, as an editor would.

In: the document's path; files as it names them. Out: those files, and on stdout how many edits were made.
"""
import json
import re
import sys

edits = {}
for diagnostic in json.load(open(sys.argv[1], encoding="utf-8"))["diagnostics"]:
    for fix in diagnostic["fixes"]:
        if fix["safe"]:
            edits.setdefault(diagnostic["file"], []).extend(fix["edits"])


def offset(starts, text, line, column):
    """Where a character stands, counted from 0: lines and columns count from 1."""
    return (starts[line - 1] if line <= len(starts) else len(text)) + column - 1


count = 0
for path, of_file in edits.items():
    text = open(path, encoding="utf-8", newline="").read()
    mark = text.startswith("\ufeff")
    text = text[mark:]
    starts = [0] + [m.end() for m in re.finditer(r"\r\n|\r|\n", text)]
    spans = sorted((offset(starts, text, e["line"], e["column"]), offset(starts, text, e["end_line"], e["end_column"]), e["text"])
                   for e in of_file)
    for start, end, new in reversed(spans):
        text = text[:start] + new + text[end:]
        count += 1
    open(path, "w", encoding="utf-8", newline="").write("\ufeff" * mark + text)
print(count)
