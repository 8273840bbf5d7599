#!/usr/bin/env python3
"""awkward.py: sources that are hard to write again, and a second reader of what was written.

In: a directory to make; or one that dimc dump made, and the facts that belong to it.
Out: DIR/sources and DIR/facts.json; or the first difference between the facts and what PyYAML reads.

Every content goes through content_file and every text through \\U escapes, so that nothing depends on how dimc writes YAML.
"""
import json
import os
import random
import sys

NEL, LS, PS, BOM = "\x85", "\u2028", "\u2029", "\ufeff"
KINDS = ["\n", "\n\n", " ", "  ", "\t", "\r", "\r\n", NEL, LS, PS, BOM, "\x7f", "\x01", "\x1b", "\x9b", "\xa0", "\ufffe", "\uffff",
         "\U0001fffe", "\ufdd0", "\u202e", "\u200f", "\u200d", "é", "喜", "😀", "שלום", "e\u0301", "- ", "? ", ": ", ":", " #", "#", "---",
         "...", "--- ", "%", "@", "`", '"', "'", "\\", "\\n", "|", ">", "|-", ">-", "[", "]", "{", "}", ",", "&a", "*a", "!t", "~",
         "null", "no", "Yes", "1.0", "0x1F", "1_000", ".inf", "2024-10-24", "<<", "=", "a", "word", "two words", "a: b", "key:"]
BYTES = [b"\0", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\xe2\x80"]
CONTROLS = [chr(c) for c in [*range(0x20), *range(0x7F, 0xA0)]]


def quoted(text):
    return '"' + "".join(f"\\U{ord(c):08X}" for c in text) + '"'


def contents():
    """Everything that a content may be made of, alone, first, in the middle and last."""
    for byte in range(256):
        yield bytes([byte])
    for kind in KINDS + CONTROLS:
        kind = kind.encode()
        yield kind
        yield b"one\n" + kind + b"two"
        yield kind + b"one\n"
        yield b"one" + kind
        yield b"one\n" + kind + b"\n"
    for kind in BYTES:
        yield kind
        yield b"one\n" + kind + b"two\n"
    yield from (b"\n" * 1000, b" " * 1000, b"\t" * 1000, b"one\n\n\n\n", b"\n\n\none", b"  one\n two\nthree\n", b"one\n   \n   ")
    yield from (b"layer_id: 1\ncontent: |\n  no layer\n---\nlayer_id: 2\n", b"--- |\n...\n%YAML 1.2\n", b"one\r\ntwo\r\n\r\n")
    yield from (b"x" * 1000000, b"x " * 50000, "é\t".encode() * 30000 + b"\r", b"one\n" * 20000)
    yield random.Random(1).randbytes(100000)


def lines():
    """Everything that a title or a keyword may be, which is no more than its first and last character and what is in it."""
    kinds = [kind for kind in KINDS if not any(c in CONTROLS for c in kind)]
    for kind in kinds:
        yield from (kind, f"a{kind}", f"{kind}a", f"a{kind}b", f"{kind}{kind}", f"{kind} a {kind} b")


def is_keyword(text):
    return text != "" and text[0] != " " and text[-1] != " " and len(text) <= 128


class Sources:
    def __init__(self, directory):
        self.directory, self.dimensions = directory, []

    def dimension(self, name, description=None, **fields):
        number = len(self.dimensions) + 1
        self.folder = os.path.join(self.directory, "sources", f"D{number:02}")
        os.makedirs(self.folder)
        with open(os.path.join(self.folder, "dimension.yaml"), "w") as file:
            print(f"dimension_id: {number}\nname: {quoted(name)}", file=file)
            if description is not None:
                print(f"description: {quoted(description)}", file=file)
            for key, value in fields.items():
                print(f"{key}: {value}", file=file)
        self.dimensions.append({"dimension_id": number, "name": name, "description": description, "layers": []})

    def layer(self, content, title=None, keywords=("k",), layer_id=None, frequency=1.5):
        layers = self.dimensions[-1]["layers"]
        layer_id = layer_id or len(layers) + 1
        path = f"content-{layer_id}"
        with open(os.path.join(self.folder, path), "wb") as file:
            file.write(content)
        with open(os.path.join(self.folder, f"{layer_id}.yaml"), "w") as file:
            print(f"layer_id: {layer_id}\nfrequency: {frequency!r}\ncontent_file: {path}\nkeywords:", file=file)
            for keyword in keywords:
                print(f"- {quoted(keyword)}", file=file)
            if title is not None:
                print(f"title: {quoted(title)}", file=file)
        layers.append({"layer_id": layer_id, "title": title, "frequency": frequency, "keywords": list(keywords),
                       "content": content.decode("latin-1")})

    def finish(self):
        with open(os.path.join(self.directory, "facts.json"), "w") as file:
            json.dump(self.dimensions, file)


def make_all(directory):
    sources = Sources(directory)
    sources.dimension("Contents: every kind", "One line.")
    for content in contents():
        sources.layer(content)
    sources.dimension("# Titles", "Two lines.\n\n  And a third, indented.\n", created_at="2024-10-24", updated_at="0000-01-01T00:00:01Z",
                      frequency_range="[1.0e-300, 5e22]")
    for number, line in enumerate(lines()):
        sources.layer(b"x\n", title=line, frequency=(number + 1) / 7)
    sources.dimension("喜び", "\n" + "Long words " * 300, created_at="9999-12-31T23:59:59Z")
    words = sorted({line for line in lines() if is_keyword(line)})
    for at in range(0, len(words), 64):
        sources.layer(b"x\n", keywords=words[at:at + 64][::-1])
    sources.layer(b"x\n", keywords=[chr(0x1F600 + i) * 128 for i in range(64)], layer_id=4294967295)
    sources.layer(b"x\n", keywords=["x" * 127 + chr(0x61 + i) for i in range(26)], title="x" * 200)
    for description in ("a" * 4000, "a " * 1999 + "ab", "ab  cd " * 500 + "x", "- a\n\t", " a", "a ", " " + "long " * 30, "long " * 30,
                        "long " * 30 + LS, "long\t" * 30 + "x", "# " * 50 + "#", '"' * 100, "one\n" * 20 + "two  ", "\t",
                        "\n\n", "喜び " * 60 + "喜び", *("y" * shift + " ab  cd" * 80 for shift in range(1, 7))):
        sources.dimension("Description", description)
        sources.layer(b"x\n")
    sources.finish()


def make_random(directory, seed, count):
    r = random.Random(seed)

    def text(kinds, most):
        return "".join(r.choice(kinds) for _ in range(r.randint(1, most)))

    one_line = [kind for kind in KINDS if not any(c in CONTROLS for c in kind)]
    several = one_line + ["\n", "\n\n", "\t", "word ", "several words "]
    written = [kind for kind in several if kind not in (LS, PS, BOM, "\ufffe", "\uffff")]
    sources = Sources(directory)
    for number in range(count):
        if number % 50 == 0:
            sources.dimension(text(one_line, 8)[:100], text(several, 80)[:4000] if r.random() < 0.8 else None)
        keywords = {word for word in (text(one_line, 6) for _ in range(r.choice([1, 3, 8, 64]))) if is_keyword(word)} or {"k"}
        if r.random() < 0.5:  # as people write, but for the blanks
            content = text(written, 400).encode()
        else:
            content = b"".join(r.choice(BYTES) if r.random() < 0.002 else r.choice(KINDS).encode() for _ in range(r.randint(1, 100)))
        sources.layer(content, title=text(one_line, 12)[:200] if r.random() < 0.8 else None, keywords=r.sample(sorted(keywords), len(keywords)),
                      layer_id=number * 1000003 % 4294967291 + 1, frequency=r.choice([r.random() or 1.0, 10 ** r.uniform(-300, 300)]))
    sources.finish()


def read(facts, dumped):
    """Reads what was dumped with PyYAML, every scalar as a string, and holds it to the facts."""
    import yaml

    def load(path):
        with open(path, "rb") as file:
            return yaml.load(file.read().decode("utf-8"), Loader=yaml.BaseLoader)

    def same(what, got, want):
        if got != want:
            sys.exit(f"{what} is {got!r:.200}, not {want!r:.200}")

    with open(facts) as file:
        dimensions = {d["dimension_id"]: d for d in json.load(file)}
    counts = {"dimensions": 0, "layers": 0, "content_files": 0, "literal": 0, "quoted": 0}
    for folder in sorted(os.listdir(dumped)):
        folder = os.path.join(dumped, folder)
        got = load(os.path.join(folder, "dimension.yaml"))
        want = dimensions.pop(int(got["dimension_id"]))
        same(f"{folder}: name", got["name"], want["name"])
        same(f"{folder}: description", got.get("description"), want["description"])
        layers = {layer["layer_id"]: layer for layer in want["layers"]}
        for name in sorted(os.listdir(folder)):
            path = os.path.join(folder, name)
            if name == "dimension.yaml" or not name.endswith(".yaml"):
                continue
            got = load(path)
            want = layers.pop(int(got["layer_id"]))
            same(f"{path}: title", got.get("title"), want["title"])
            same(f"{path}: frequency", float(got["frequency"]), want["frequency"])
            same(f"{path}: keywords", got["keywords"], want["keywords"])
            content = want["content"].encode("latin-1")
            if "content_file" in got:
                counts["content_files"] += 1
                with open(os.path.join(folder, got["content_file"]), "rb") as file:
                    same(f"{path}: content_file", file.read(), content)
                try:
                    text = content.decode("utf-8")
                except UnicodeDecodeError:
                    text = "\0"
                if "\0" not in text:
                    sys.exit(f"{path}: its content could stand in the YAML")
            else:
                same(f"{path}: content", got["content"].encode("utf-8"), content)
                with open(path, "rb") as file:
                    counts["literal" if b"\ncontent: |" in file.read() else "quoted"] += 1
            counts["layers"] += 1
        if layers:
            sys.exit(f"{folder}: without the layers {list(layers)}")
        counts["dimensions"] += 1
    if dimensions:
        sys.exit(f"{dumped}: without the dimensions {list(dimensions)}")
    print(json.dumps(counts))


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make_all(sys.argv[2])
    elif sys.argv[1] == "random":
        make_random(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        read(sys.argv[2], sys.argv[3])
