#!/usr/bin/env python3
"""fmt_files.py: sources as nobody would write them, with comments wherever YAML allows one.

    fmt_files.py make SEED COUNT DIR      a tree of sources that compile, with COUNT files of layers
    fmt_files.py compare BEFORE AFTER     whether each comment of one tree stands in the other, in the same file, once

Every comment holds a number of its own between @, which no text has, so that it is found without reading YAML.
"""

import os
import random
import re
import sys

WORDS = ["joy", "no", "1.0", "0x1F", "2024-10-24", "null", "a b", "it's", "c:d", "#k", "l#m", "?n", "-i", "- j", "a, b", "[x]",
         "喜び", "e\u0301", "😀", "say \"so\"", "back\\slash", "x: y", "tab", "{y}", "&a", "*b", "!c", "%d", "@e",
         "`f", "|g", ">h", "~", "true", "k=v", "=", "<<", "end:", "long-hyphened-word", "several words in one keyword"]
LINES = ["Joy is bright.", "", "", "  indented", "\tbehind a tab", "# no comment", "- no item", "key: no value", "---x", "trailing  ",
         "喜び 😀", "\"quoted\"", "it's", "a: [b, {c", "    deep", "%YAML 1.2", "...x", "x\ty", "last\\"]
MARKS = ["# ", "#", "#   ", "#: - [", "## ", "# 'quoted\" ", "# key: "]
MODELINES = ["# yaml-language-server: $schema=a.json ", "# vim: ts=2 "]
COMMENT = "(?:" + "|".join(re.escape(mark) for mark in MODELINES + MARKS) + r")@\d+@[^@]*$"


class File:
    """The text of one file, and a source of comments."""

    def __init__(self, rng, numbers):
        self.rng = rng
        self.numbers = numbers
        self.out = []

    def chance(self, one_in):
        return self.rng.randrange(one_in) == 0

    def comment(self):
        self.numbers[0] += 1
        return f"{self.rng.choice(MARKS)}@{self.numbers[0]}@{self.rng.choice(['', ' #', ' more', '  ', ': |'])}"

    def own_lines(self, most):
        """Comments and empty lines before something; most: how far they may be indented."""
        while self.chance(3):
            if self.chance(2):
                self.out.append(" " * self.rng.randint(0, most) + self.comment())
            else:
                self.out.append(" " * self.rng.randint(0, most) if self.chance(4) else "")

    def trail(self, blanks=(" ", "  ", "\t")):
        return self.rng.choice(blanks) + self.comment() if self.chance(4) else self.rng.choice(["", "", "", " "])


def quoted(rng, text, force=None):
    style = force or rng.choice("\"'")
    if style == "'" and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    escapes = {"\\": "\\\\", "\"": "\\\"", "\n": "\\n", "\t": "\\t"}
    return "\"" + "".join(escapes.get(c, c) for c in text) + "\""


def word(rng, text, flow):
    safe = re.fullmatch(r"[A-Za-z0-9é喜び😀.][A-Za-z0-9 .'喜び😀\u0301-]*", text)
    if safe and not rng.randrange(3) == 0:
        return text
    if not flow and rng.randrange(6) == 0 and re.fullmatch(r"[A-Za-z0-9 ]+", text):
        return "!"  # a block; the caller writes it
    return quoted(rng, text)


def keywords(f, key, indent, explicit):
    """keywords in any form; `key` is what stands before them."""
    rng = f.rng
    count = rng.choice([1, 2, 3, 3, 5, 9, 20])
    words = rng.sample(WORDS, min(count, len(WORDS)))
    style = rng.choice(["line", "line", "lines", "block", "block"])
    pad = " " * indent
    if style == "line":
        text = rng.choice(["[", "[ "]) + rng.choice([", ", ",  "]).join(word(rng, w, True) for w in words) + rng.choice(["]", " ]", ", ]"])
        f.out.append(f"{key} {text}{f.trail()}")
    elif style == "lines":
        f.out.append(f"{key} [{f.trail()}")
        for i, w in enumerate(words):
            f.own_lines(indent + 6)
            comma = "," if i + 1 < len(words) or f.chance(2) else ""
            f.out.append(pad + " " * rng.randint(1, 4) + word(rng, w, True) + comma + f.trail())
        f.own_lines(indent + 6)
        f.out.append(pad + "  ]" + f.trail())
    else:
        inner = indent + (rng.choice([0, 0, 1, 2, 4]) if not explicit else 2)
        f.out.append(f"{key}{f.trail(' ')}")
        text = ""
        for w in words:
            f.own_lines(0 if text == "!" else inner + 3)
            text = word(rng, w, False)
            if text == "!":
                f.out.append(" " * inner + "- " + rng.choice(["|-", ">-"]) + f.trail())
                f.out.append(" " * (inner + 2 + rng.randint(0, 2)) + w)
            elif f.chance(6):
                f.out.append(" " * inner + "-" + f.trail(" "))
                f.out.append(" " * (inner + 2) + text + f.trail())
            else:
                f.out.append(" " * inner + "- " + text + f.trail())


def content(f, key, indent):
    rng = f.rng
    lines = [rng.choice(LINES) for _ in range(rng.choice([1, 1, 2, 4, 8]))]
    if not any(line.strip() for line in lines):
        lines.append("x")
    style = rng.choice(["|", "|", "|", ">", ">", "plain", "plain", '"', "'", '"lines'])
    if style in "|>":
        inner = indent + rng.randint(1, 4)
        first = next(line for line in lines if line.strip())
        indicator = str(inner - indent) if first[0] in " \t" or f.chance(5) else ""
        chomp = rng.choice(["", "-", "+"])
        marks = indicator + chomp if f.chance(2) else chomp + indicator
        f.out.append(f"{key} {style}{marks}{f.trail()}")
        for line in lines:
            f.out.append(" " * inner + line if line.strip() else "")
        f.out.extend([""] * rng.choice([0, 0, 0, 1, 2]))
    elif style == "plain":
        f.out.append(f"{key} {rng.choice(['Joy is bright.', 'a#b c', '-x', 'Joy: no'.replace(': ', ':')])}" +
                     ("\n" + " " * (indent + 2) + "more of it" + ("\n\n" + " " * (indent + 1) + "and more" if f.chance(2) else "")
                      if f.chance(2) else "") + f.trail())
    elif style == '"lines':
        f.out.append(f"{key} \"first\\n\\\n{' ' * (indent + 1)}second #\n\n{' ' * (indent + 3)}third\"{f.trail()}")
    else:
        f.out.append(f"{key} {quoted(rng, chr(10).join(lines) if style == chr(34) else lines[-1].strip() or 'x', style)}{f.trail()}")


def fields(f, layer_id, indent, first_prefix):
    """The keys of one layer, shuffled; first_prefix stands before the first, as the dash of an item."""
    rng = f.rng
    keys = ["layer_id", "frequency", "keywords", "content"] + (["title"] if f.chance(2) else [])
    rng.shuffle(keys)
    for i, name in enumerate(keys):
        if i > 0 or first_prefix is None:
            # Behind a block, a comment that is indented as its text would be more of it.
            f.own_lines(indent)
        pad = " " * indent if i > 0 or first_prefix is None else first_prefix
        spelling = rng.choice([name] * 6 + [f'"{name}"', f"'{name}'", "? "])
        explicit = spelling == "? "
        if explicit:
            f.out.append(f"{pad}? {name}{f.trail()}")
            f.own_lines(indent)
            key = " " * indent + ":"
        else:
            key = f"{pad}{spelling}:"
        if name == "keywords":
            keywords(f, key, indent, explicit)
        elif name == "content":
            content(f, key, indent)
        else:
            value = {"layer_id": rng.choice([str(layer_id), f"+{layer_id}", f"000{layer_id}"]),
                     "frequency": rng.choice(["1.5", "2", ".5", "4.", "1e-3", "+1.50", "0.1", "12345678901234567890", "1E2"]),
                     "title": rng.choice(["Joy", "'It''s'", '"a: b"', "\"1.0\"", "null", ">-\n" + " " * (indent + 2) + "Joy,\n" +
                                          " " * (indent + 2) + "in short", "Joy\n" + " " * (indent + 1) + "goes on"])}[name]
            if f.chance(8) and value[0] != ">":
                f.out.append(key + f.trail(" "))
                f.own_lines(indent + 4)
                f.out.append(" " * (indent + 2) + value + f.trail())
            elif value[0] == ">":
                head, rest = value.split("\n", 1)
                f.out.append(f"{key} {head}{f.trail()}\n{rest}")
            else:
                f.out.append(f"{key}{rng.choice([' ', '   ', ' ' if explicit else chr(9)])}{value}{f.trail()}")


def flow_layer(f, layer_id):
    """A layer between braces, over several lines."""
    rng = f.rng
    keys = [f"layer_id: {layer_id}", "frequency: 1.5", "keywords: [joy, 'a, b']", 'content: "Joy\\n\\nends\\n"', '"title": no']
    rng.shuffle(keys)
    f.out.append("{" + f.trail())
    for key in keys:
        f.own_lines(6)
        f.out.append("   " + key + ("," if key != keys[-1] or f.chance(2) else "") + f.trail())
    f.own_lines(6)
    f.out.append("   }" + f.trail())


def layer_file(f, next_id):
    rng = f.rng
    kind = rng.choice(["one", "one", "one", "stream", "stream", "list", "list", "flow"])
    if f.chance(8):
        f.out.append(rng.choice(MODELINES) + "@0@")
    f.own_lines(4)
    if kind == "one":
        if f.chance(4):
            f.out.append("---" + f.trail())
            f.own_lines(4)
        fields(f, next_id(), rng.choice([0, 0, 0, 3]), None)
    elif kind == "flow":
        f.out.append("---" if f.chance(2) else "")
        flow_layer(f, next_id())
    elif kind == "stream":
        for i in range(rng.randint(2, 4)):
            if i > 0:
                if f.chance(3):
                    f.out.append("..." + f.trail())
                    f.own_lines(0)
                f.out.append("---" + f.trail())
                f.own_lines(0)
            if f.chance(5):
                flow_layer(f, next_id())
            else:
                fields(f, next_id(), 0, None)
            f.own_lines(0)
    else:
        base = rng.choice([0, 2, 2, 3])
        f.out.append("layers:" + f.trail())
        for i in range(rng.randint(1, 4)):
            f.own_lines(base)
            if f.chance(5):
                f.out.append(" " * base + "-" + f.trail(" "))
                f.own_lines(base + 2)
                fields(f, next_id(), base + 2, None)
            else:
                fields(f, next_id(), base + 2, " " * base + "- ")
            if f.chance(3):
                f.own_lines(base + 2)
    f.own_lines(0)


def dimension_file(f, dimension_id):
    rng = f.rng
    keys = [("dimension_id", str(dimension_id)), ("name", rng.choice(["Emotion", "'Emotion'", '"1.0"', "No"]))]
    keys += rng.sample([("description", ">-\n  Goals, plans\n  and commitments.\n\n  More."), ("created_at", "'2024-10-24'"),
                        ("updated_at", "2024-10-25"), ("frequency_range", "[ 1e-4,\n  2e19 ]"), ("layout", "packed"),
                        ("description", "What is felt, and for how long it is felt, is what this is about, in more than eighty columns."),
                        ("alignment", "+8192"), ("layers", "[]")], rng.randint(0, 4))
    keys = list(dict(keys).items())
    rng.shuffle(keys)
    for name, value in keys:
        f.own_lines(0)
        f.out.append(f"{name}: {value}" + ("" if value[0] == ">" else f.trail()))
    f.own_lines(0)


def save(f, path):
    rng = f.rng
    text = "\n".join(f.out)
    if not f.chance(5):
        text += "\n"
    end = rng.choice(["\n"] * 6 + ["\r\n", "\r"])
    with open(path, "wb") as out:
        out.write((b"\xef\xbb\xbf" if f.chance(10) else b"") + text.replace("\n", end).encode())


def make(seed, count, folder):
    rng = random.Random(seed)
    numbers = [0]
    dimensions = max(1, count // 50)
    for d in range(1, dimensions + 1):
        path = os.path.join(folder, f"D{d:02}")
        os.makedirs(path)
        f = File(rng, numbers)
        dimension_file(f, d)
        save(f, os.path.join(path, "dimension.yaml"))
        ids = [0]

        def next_id():
            ids[0] += 1
            return ids[0]

        for i in range(count // dimensions):
            f = File(rng, numbers)
            layer_file(f, next_id)
            save(f, os.path.join(path, f"{i:04}.yaml"))


def comments(path):
    with open(path, "rb") as file:
        text = file.read().decode()
    found = []
    for line in re.split(r"\r\n|\r|\n", text):
        found += [part.rstrip() for part in re.findall(COMMENT, line)]
    return sorted(found)


def compare(before, after):
    total = 0
    for root, _, names in os.walk(before):
        for name in names:
            path = os.path.join(root, name)
            had, has = comments(path), comments(os.path.join(after, os.path.relpath(path, before)))
            total += len(had)
            if had != has:
                sys.exit(f"{path}: lost {sorted(set(had) - set(has))}, new {sorted(set(has) - set(had))}, "
                         f"{len(had)} before and {len(has)} after")
    print(total)


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
    else:
        compare(sys.argv[2], sys.argv[3])
