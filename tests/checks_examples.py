#!/usr/bin/env python3
"""checks_examples.py: holds docs/checks.md to the program.

    checks_examples.py DIMC DOCUMENT NAMES SCRATCH

In: a program; the document, whose conventions its introduction tells; a file with the names of all checks, one a line, in their
order; a folder to work in. Out: status 0 and a count, or a line for everything that is wrong: a section that is missing, or
stands elsewhere, or lacks a part; a wrong example that does not give exactly its check; a mend that leaves something.

A comment "also: NAME" tells what else a wrong example cannot but give.
"""

import json
import os
import re
import subprocess
import sys

BASE = {
    "sources/D01-emotion/dimension.yaml": "dimension_id: 1\nname: Emotion\n",
    "sources/D01-emotion/100-awe.yaml": "layer_id: 10\ntitle: Awe\nfrequency: 0.8\nkeywords: [awe, vastness]\ncontent: |\n"
    "  What a person feels before something too large for the categories at hand.\n",
}
PARTS = ["Why", "Wrong", "Mend"]
FENCE = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.M | re.S)


def raw(text):
    """The bytes of an example: what it shows for characters that cannot be seen is put in their place."""
    text = text.replace("␣", " ").replace("→", "\t")
    text = re.sub(r"<U\+([0-9A-F]{4,6})>", lambda m: chr(int(m[1], 16)), text)
    pieces = re.split(r"<byte ([0-9A-F]{2})>", text)
    return b"".join(bytes([int(p, 16)]) if i % 2 else p.encode() for i, p in enumerate(pieces))


def put(root, name, data):
    path = os.path.join(root, name if "/" in name and name.startswith("sources/") or name == ".env" else f"sources/D01-emotion/{name}")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def place(root, part):
    """Puts the files of a part where they belong and runs its commands; the number of both."""
    count = 0
    for kind, name, text in FENCE.findall(part):
        if kind == "sh":
            subprocess.run(["sh", "-eu", "-c", raw(text)], cwd=f"{root}/sources/D01-emotion", check=True)
        else:
            put(root, name, raw(text))
        count += 1
    return count


def found(dimc, root):
    """The checks that find something there."""
    run = subprocess.run([dimc, "check", "-q", "--diagnostics=json", "sources"], cwd=root, capture_output=True, check=False)
    document = json.loads(run.stderr)
    return {d["check"] or d["message"] for d in document["diagnostics"]}


def split(section):
    """The parts of a section by their names; what stands before the first is "What"."""
    pieces = re.split(r"^\*\*(\w+):\*\*", section, flags=re.M)
    return dict([("What", pieces[0])] + list(zip(pieces[1::2], pieces[2::2]))), pieces[1::2]


def main():
    dimc, document, names, scratch = sys.argv[1:]
    with open(document, encoding="utf-8") as file:
        pieces = re.split(r"^## (.*)\n", file.read(), flags=re.M)
    with open(names, encoding="utf-8") as file:
        wanted = file.read().split()
    wrong = []
    if pieces[1::2] != wanted:
        wrong.append(f"sections: {pieces[1::2]}, but the checks are {wanted}")
    for name, section in zip(pieces[1::2], pieces[2::2]):
        parts, order = split(section)
        if order != PARTS or not all(re.search(r"\w", FENCE.sub("", p)) for k, p in parts.items() if k != "Wrong"):
            wrong.append(f"{name}: its parts are {order}, or one of them says nothing")
            continue
        root = os.path.join(scratch, name)
        for file, text in BASE.items():
            put(root, file, text.encode())
        if place(root, parts["Wrong"]) == 0:
            wrong.append(f"{name}: there is no wrong example")
        want = {name, *re.findall(r"<!-- also: (\S+) -->", section)}
        got = found(dimc, root)
        if got != want:
            wrong.append(f"{name}: the wrong example gives {sorted(got)}, not {sorted(want)}")
        if place(root, parts["Mend"]) == 0:
            wrong.append(f"{name}: there is no mended example")
        got = found(dimc, root)
        if got:
            wrong.append(f"{name}: the mend leaves {sorted(got)}")
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"{len(wanted)} checks are explained")


main()
