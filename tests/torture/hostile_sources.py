"""hostile_sources.py: sources that somebody made to break a compiler, in groups: depth, number, size, bytes, names, special files.

In: how large to make what is made by the million. Out: cases: what they are, a function that makes src/ in a directory, which statuses
are right, what has to be said. No text of others is here; what is known of YAML's corners is in tests/fixtures/odd.
"""
import os
import socket
import stat

LAYER = b"layer_id: 1\ntitle: Joy\nfrequency: 1.5\nkeywords: [joy, light]\ncontent: A few words of text.\n"
HEAD = b"layer_id: 1\nfrequency: 1.5\nkeywords: [joy]\n"
DIMENSION = b"dimension_id: 1\nname: Emotion\n"
GIB = 2**30


class Case:
    """`make(src)` fills D01, which has its dimension.yaml; `statuses` of check; `said`: in the messages; `limit`: MMAP_MAX_SIZE."""

    def __init__(self, group, name, make, statuses=(0, 1), said=b"", limit=None, readers=2, whole=True):
        self.group, self.name, self.make, self.statuses, self.said = group, name, make, set(statuses), said
        self.limit, self.readers, self.whole = limit, readers, whole  # whole: also compiled, formatted, compared, dumped


def write(path, *parts):
    with open(path, "wb") as file:
        for part in parts:
            if isinstance(part, bytes):
                file.write(part)
            else:
                file.writelines(part)


def text(group, name, *parts, **more):
    """A case that is one layer file. Parts that are not bytes are called for pieces: what is large is never in memory."""
    return Case(group, name, lambda src: write(os.path.join(src, b"D01/1.yaml"), *(p if isinstance(p, bytes) else p() for p in parts)), **more)


def many(piece, count):
    """A part that is a piece again and again."""
    together = max(1, min(count, 2**20 // len(piece)))
    return lambda: (piece * (together if left >= together else left) for left in range(count, 0, -together))


def numbered(form, count):
    return lambda: (form % i for i in range(1, count + 1))


def nesting(n):
    openings = [b"[", b"{", b"[{", b"- ", b"? ", b"- - ? ", b"{a: ", b"[a: ", b"? [", b"&a [", b"!!seq [", b'"a": [', b"{? ", b"[? [", b"- {"]
    for at, opening in enumerate(openings):
        yield text("nesting", f"{at} in a line", many(opening, n), statuses=[1], said=b"" if opening == b"- {" else b"[nesting]")
        yield text("nesting", f"{at} behind a key", b"content: ", many(opening, n), statuses=[1])
        yield text("nesting", f"{at} one to a line", many(opening + b"\n", n), statuses=[1])
        yield text("nesting", f"{at} behind a whole layer", LAYER, b"note: ", many(opening, n), statuses=[1])
    for closing in b"]", b"}", b"]}":
        yield text("nesting", f"closed with {closing.decode()}", many(closing, n), statuses=[1], said=b"[syntax]")
    deep = min(n, 3000)
    yield text("nesting", "keys below keys", *(b" " * i + b"a:\n" for i in range(deep)), statuses=[1], said=b"[nesting]")
    yield text("nesting", "lists below lists", *(b" " * i + b"-\n" for i in range(deep)), statuses=[1], said=b"[nesting]")
    yield text("nesting", "64 is enough", LAYER, b"note: ", b"[" * 70, b"]" * 70, b"\n", statuses=[1])
    yield text("nesting", "brackets side by side", b"content: [", many(b"[],", n), b"]\n", statuses=[1])


def aliases(n):
    for kind, first in (("lists", b"[x, x, x, x, x, x, x, x, x, x]"),
                        ("mappings", b"{a: x, b: x, c: x}"), ("texts", b"x" * 20000), ("keys", b"{? [x, x] : x}")):
        lines = [b"- &a0 " + first + b"\n"] + [b"- &a%d [%s]\n" % (i, b", ".join([b"*a%d" % (i - 1)] * 10)) for i in range(1, 41)]
        yield text("aliases", f"a bomb of {kind}", LAYER, b"note:\n", *lines, statuses=[1], said=b"[alias]")
        yield text("aliases", f"a bomb of {kind} as content", HEAD, b"content:\n", *lines, statuses=[1])
        yield text("aliases", f"a bomb of {kind} as keywords", b"keywords:\n", *lines, statuses=[1])
    layer = b"layers:\n- &a {layer_id: 1, frequency: 1.5, keywords: [joy], content: Joy}\n"
    yield text("aliases", "a layer again and again", layer, many(b"- *a\n", n), statuses=[1], said=b"[alias]")
    yield text("aliases", "a large text again and again", LAYER, b"note: &a ", b"x" * 1000000, b"\nmore:\n", many(b"- *a\n", 100),
               statuses=[1], said=b"[alias]")
    yield text("aliases", "an empty text again and again", b'note: &a [""]\nmore:\n', many(b"- *a\n", n), statuses=[1])
    yield text("aliases", "of itself", b"content: &a [*a]\n", statuses=[1])
    yield text("aliases", "merged", LAYER, b"<<: &a {<<: *a}\n", statuses=[1])
    yield text("aliases", "anchors by the million", LAYER, b"note:\n", numbered(b"- &a%d x\n", n), statuses=[1])
    yield text("aliases", "one anchor by the million", LAYER, b"note:\n", many(b"- &a x\n", n), statuses=[1])
    yield text("aliases", "a name of a million characters", LAYER, b"note: &", many(b"a", n), b" x\n", statuses=[1])


def numbers(n):
    yield text("numbers", "keys", numbered(b"k%d: v\n", n), statuses=[1])
    yield text("numbers", "keys in a value", LAYER, b"note:\n", numbered(b"  k%d: v\n", n), statuses=[1], said=b"[unknown-key]")
    yield text("numbers", "one key", HEAD, b"content: x\n", many(b"frequency: 1.5\n", min(n, 10**5)), statuses=[1], said=b"[duplicate-key]")
    yield text("numbers", "documents", many(b"---\n", n), statuses=[1])
    yield text("numbers", "documents that end", many(b"---\n...\n", n), statuses=[1])
    yield text("numbers", "layers in documents", numbered(b"---\nlayer_id: %d\nfrequency: 1\nkeywords: [a]\ncontent: b\n", n // 5))
    yield text("numbers", "layers in a list", b"layers:\n", numbered(b"- {layer_id: %d, frequency: 1, keywords: [a], content: b}\n", n // 5))
    yield text("numbers", "layers with one id", b"layers:\n", many(b"- {layer_id: 1, frequency: 1, keywords: [a], content: b}\n", n // 50),
               statuses=[1])
    yield text("numbers", "keywords", HEAD[:-len(b"keywords: [joy]\n")], b"content: x y z\nkeywords: [", numbered(b"k%d, ", n), b"]\n",
               statuses=[1], said=b"[keywords]")
    yield text("numbers", "comments", many(b"# a comment\n", n), LAYER)
    yield text("numbers", "comments alone", many(b"# a comment\n", n), statuses=[1], said=b"[file-empty]")
    yield text("numbers", "blank lines", many(b"\n", n), LAYER)
    yield text("numbers", "tags", LAYER, b"note:\n", numbered(b"- !t%d x\n", n), statuses=[1])
    yield text("numbers", "directives", many(b"%YAML 1.2\n", n), b"---\n", LAYER, statuses=[1])
    yield text("numbers", "tag directives", numbered(b"%%TAG !t%d! tag:x,2000:\n", n), b"---\n", LAYER)
    yield text("numbers", "escapes", HEAD, b'content: "', many(b"\\u00e9\\n", n), b'"\n')
    yield text("numbers", "lines of a plain text", HEAD, b"content:\n", many(b"  word\n\n", n))
    yield text("numbers", "lines of a block", HEAD, b"content: >-\n", many(b"  word\n\n   more\n", n))
    yield text("numbers", "blanks behind a key", b"layer_id:", many(b" ", n), b"1\n", LAYER[12:])
    yield text("numbers", "tabs behind a key", b"layer_id:", many(b"\t", n), b"1\n", LAYER[12:])
    yield text("numbers", "digits of an id", b"layer_id: ", many(b"1", n), b"\n", LAYER[12:], statuses=[1], said=b"[layer-id]")
    yield text("numbers", "digits of a frequency", b"layer_id: 1\nfrequency: 1.", many(b"3", n), b"\nkeywords: [joy]\ncontent: A b c.\n")
    yield text("numbers", "an exponent", b"layer_id: 1\nfrequency: 1e", many(b"9", n), b"\nkeywords: [joy]\ncontent: A b c.\n", statuses=[1])
    yield text("numbers", "a tag of a million characters", b"layer_id: !", many(b"t", n), b" 1\n", LAYER[12:], statuses=[1])
    yield text("numbers", "a key of a million characters", LAYER, many(b"k", n), b": x\n", statuses=[1])

    def files(src):
        for i in range(1, max(2, n // 50)):
            write(os.path.join(src, b"D01/%d.yaml" % i), b"layer_id: %d\nfrequency: 1\nkeywords: [a]\ncontent: b\n" % i)

    def folders(src):
        for i in range(2, max(3, n // 100)):
            os.mkdir(os.path.join(src, b"D%d" % i))
            write(os.path.join(src, b"D%d/dimension.yaml" % i), b"dimension_id: %d\nname: N\n" % i)
    yield Case("numbers", "layer files", files, statuses=[0, 1], whole=False)
    yield Case("numbers", "dimensions", folders, statuses=[1], whole=False)


STYLES = {"plain": (b"", b"\n"), "single": (b"'", b"'\n"), "double": (b'"', b'"\n'), "literal": (b"|\n  ", b"\n"), "folded": (b">\n  ", b"\n")}


def sizes(n):
    large = 11 * n  # more than a region may be, where n is a million
    for style, (opening, closing) in STYLES.items():
        for key in (b"content", b"title", b"note", b"layer_id"):
            yield text("sizes", f"{style} {key.decode()} of {large}", HEAD, key + b": " + opening, many(b"x", large), closing,
                       said=b"[region-size]" if key == b"content" and n >= 10**6 else b"", statuses=[1] if n >= 10**6 else [0, 1])
        yield text("sizes", f"{style} text that never ends", HEAD, b"content: " + opening, many(b"x y\n  ", n))
        yield text("sizes", f"{style} text of blanks", HEAD, b"content: " + opening, many(b" ", large), closing)
    yield text("sizes", "a comment", LAYER, b"#", many(b"x", large))
    for name, size in (("1 GiB", GIB), ("1 TiB", 2**40)):
        def sparse(src, size=size):
            write(os.path.join(src, b"D01/1.yaml"), HEAD, b"content_file: big\n")
            write(os.path.join(src, b"D01/big"))
            os.truncate(os.path.join(src, b"D01/big"), size)

        def source(src, size=size):
            write(os.path.join(src, b"D01/1.yaml"), LAYER)
            os.truncate(os.path.join(src, b"D01/1.yaml"), size)

        def dimension(src, size=size):
            write(os.path.join(src, b"D01/1.yaml"), LAYER)
            os.truncate(os.path.join(src, b"D01/dimension.yaml"), size)
        yield Case("sizes", f"a content_file of {name}", sparse, [1], b"[region-size]")
        yield Case("sizes", f"a layer file of {name}", source, [1], b"[file-size]")
        yield Case("sizes", f"a dimension.yaml of {name}", dimension, [1], b"[file-size]")
        if n >= 10**6 and size == GIB:
            yield Case("sizes", "a content_file of 1 GiB, which is allowed", sparse, [0], limit=2 * GIB)
            for style, (opening, closing) in STYLES.items():
                yield text("sizes", f"{style} text of 1 GiB, which is allowed", HEAD, b"content: " + opening, many(b"x", GIB), closing, limit=4 * GIB,
                           readers=1, whole=False)
        elif size > GIB:
            yield Case("sizes", "a content_file of 1 TiB, which is allowed", sparse, [1, 3], limit=2**42, whole=False)


BYTES = {
    "overlong of two": b"\xc0\xaf", "overlong NUL": b"\xc0\x80", "overlong of three": b"\xe0\x80\xaf", "overlong of four": b"\xf0\x80\x80\xaf",
    "high surrogate": b"\xed\xa0\x80", "low surrogate": b"\xed\xbf\xbf", "pair of surrogates": b"\xed\xa0\xbd\xed\xb8\x80",
    "above the last": b"\xf4\x90\x80\x80", "five bytes": b"\xf8\x88\x80\x80\x80", "six bytes": b"\xfc\x84\x80\x80\x80\x80",
    "lead C1": b"\xc1\xbf", "lead F5": b"\xf5\x80\x80\x80", "lead F6": b"\xf6\xbf\xbf\xbf", "lead F7": b"\xf7\xbf\xbf\xbf",
    "last overlong of three": b"\xe0\x9f\xbf", "last overlong of four": b"\xf0\x8f\xbf\xbf",
    "0xFE": b"\xfe", "0xFF": b"\xff",
    "cut of two": b"\xc3", "cut of three": b"\xe2\x82", "cut of four": b"\xf0\x9f\x98",
    "lone continuation": b"\x80", "two continuations": b"\xbf\xbf",
    "Latin-1": b"caf\xe9 ", "NUL": b"\0", "BEL": b"\x07", "ESC": b"\x1b[2J", "BS": b"\x08", "VT": b"\x0b", "FF": b"\x0c", "DEL": b"\x7f",
    "C1": b"\xc2\x80", "CSI": b"\xc2\x9b", "NEL": b"\xc2\x85", "LS": b"\xe2\x80\xa8", "PS": b"\xe2\x80\xa9", "BOM": b"\xef\xbb\xbf",
    "noncharacter": b"\xef\xbf\xbe", "U+FFFF": b"\xef\xbf\xbf", "U+FDD0": b"\xef\xb7\x90",
    "last plane": b"\xf4\x8f\xbf\xbf", "right to left": b"\xe2\x80\xae",
    "CR": b"\r", "TAB": b"\t", "zero width": b"\xe2\x80\x8b", "combining": b"\xcc\x81"}
INVALID = {name for name, data in BYTES.items() if data.decode("utf-8", "replace").count("\ufffd") and name not in ("noncharacter", "U+FFFF")}
PLACES = {
    "key": LAYER + b"no@te: x\n", "plain": LAYER.replace(b"few", b"f@ew"), "single": LAYER.replace(b"A few", b"'A @few") + b"  '\n",
    "double": LAYER.replace(b"A few words of text.", b'"A @few"'),
    "literal": HEAD + b"content: |\n  A few\n  wo@rds\n", "folded": HEAD + b"content: >\n  A few\n  wo@rds\n",
    "comment": b"# a @ comment\n" + LAYER, "anchor": LAYER.replace(b"A few", b"&a@b A few"), "tag": LAYER.replace(b"A few", b"!t@t A few"),
    "keyword": LAYER.replace(b"light", b"li@ght"), "title": LAYER.replace(b"Joy", b"Jo@y"), "start": b"@" + LAYER, "end": LAYER + b"@",
    "id": LAYER.replace(b": 1\n", b": 1@\n", 1), "directive": b"%YA@ML 1.2\n---\n" + LAYER, "content_file": HEAD + b"content_file: a@b\n"}


def encodings(_):
    for name, data in BYTES.items():
        for place, source in PLACES.items():
            wrong = name in INVALID
            yield text("bytes", f"{name} in {place}", source.replace(b"@", data), statuses=[1] if wrong else [0, 1],
                       said=b"[encoding]" if wrong else b"", whole=place in ("plain", "title", "keyword", "comment", "content_file"))

        def dimension(src, data=data):
            write(os.path.join(src, b"D01/1.yaml"), LAYER)
            write(os.path.join(src, b"D01/dimension.yaml"), DIMENSION.replace(b"Emotion", b"Emo" + data + b"tion"))
        yield Case("bytes", f"{name} in dimension.yaml", dimension)
    for name in "utf-16-le", "utf-16-be", "utf-16", "utf-32-le", "utf-32-be", "utf-32", "utf-7", "cp037":
        yield text("bytes", f"a file in {name}", LAYER.decode().encode(name))
    yield text("bytes", "two marks", b"\xef\xbb\xbf\xef\xbb\xbf" + LAYER)
    yield text("bytes", "a mark and another", b"\xff\xfe\xef\xbb\xbf" + LAYER)


def special(_):
    """What is no regular file, in the place of each file that is read, and links of all kinds."""
    def fifo(path):
        os.mkfifo(path)

    def unix_socket(path):
        here = os.getcwd()
        os.chdir(os.path.dirname(path))  # its address has 108 bytes at most
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(os.path.basename(path))
        os.chdir(here)

    def device(number):
        return lambda path: os.mknod(path, stat.S_IFCHR | 0o666, number)

    def link(target):
        return lambda path: os.symlink(target, path)

    def chain(length):
        def make(path):
            folder = os.path.dirname(path)
            write(os.path.join(folder, b"end"), LAYER)
            for i in range(length):
                os.symlink(b"end" if i == 0 else b".link%d" % (i - 1), os.path.join(folder, b".link%d" % i))
            os.symlink(b".link%d" % (length - 1), path)
        return make

    def loop(path):
        os.symlink(os.path.basename(path), path)

    kinds = {"FIFO": fifo, "socket": unix_socket, "directory": os.mkdir, "loop": loop, "dangling": link(b"nowhere"), "itself above": link(b".."),
             "chain of 30": chain(30), "chain of 100": chain(100), "long target": link(b"x/" * 2000 + b"x")}
    kinds.update({target: link(os.fsencode(target)) for target in (
        "/dev/zero", "/dev/null", "/dev/full", "/dev/random", "/dev/tty", "/dev/stdin", "/proc/self/mem", "/proc/self/maps", "/proc/self/environ",
        "/proc/kmsg", "/proc/self/fd/0", "/proc/1/root", "/sys/kernel/uevent_seqnum", "/", "/etc/shadow")})
    if os.geteuid() == 0:
        kinds.update({"null device": device(os.makedev(1, 3)), "zero device": device(os.makedev(1, 5))})
    for name, make in kinds.items():
        for place in (b"1.yaml", b"dimension.yaml", b"big", b"deep/big"):
            def build(src, make=make, place=place):
                folder = os.path.join(src, b"D01")
                write(os.path.join(folder, b"1.yaml"), HEAD, b"content_file: " + place + b"\n" if b"big" in place else b"content: A b c.\n")
                path = os.path.join(folder, place)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                if os.path.exists(path):
                    os.unlink(path)
                make(path)
            yield Case("special files", f"{name} as {place.decode()}", build, [0, 1, 3])

        def folder_is(src, make=make):
            write(os.path.join(src, b"D01/1.yaml"), LAYER)
            make(os.path.join(src, b"D02"))
        if name not in ("/", "/proc/1/root"):  # links are followed, and what all of a machine holds is no matter of ours
            yield Case("special files", f"{name} as a dimension", folder_is, [0, 1, 3])


NAMES = {"newline": b"a\nb", "quote": b"a'b\"c", "escape": b"\x1b[2J", "control": b"\x01\x02\x7f",
         "not UTF-8": b"\xff\xfe\xc0\xaf", "cut UTF-8": b"a\xe2\x82",
         "surrogate": b"\xed\xa0\x80", "C1": b"\xc2\x9b31m", "right to left": b"\xe2\x80\xaeabc", "255 bytes": b"n" * 250,
         "dash": b"-rf", "blank": b" ",
         "blanks": b"  a  ", "percent": b"%s%n%x", "dollar": b"$(touch x)", "backslash": b"a\\nb", "tilde": b"~",
         "colon": b"a:1:2: error: x", "dots": b"...",
         "hash": b"#a", "star": b"*", "LS": b"\xe2\x80\xa8", "carriage return": b"a\rb", "long UTF-8": "喜".encode() * 83, "emoji": "😀".encode(),
         "decomposed": b"e\xcc\x81"}


def names(_):
    for what, name in NAMES.items():
        def as_file(src, name=name):
            write(os.path.join(src, b"D01", name + b".yaml"), b"oops: 1\n")

        def as_folder(src, name=name):
            os.mkdir(os.path.join(src, name))
            write(os.path.join(src, name, b"dimension.yaml"), b"dimension_id: 7\nname: N\noops: 1\n")

        def as_content(src, name=name):
            write(os.path.join(src, b"D01", name), b"Words of a file.\n")
            quoted = "".join(f"\\U{ord(c):08X}" for c in name.decode("utf-8", "replace"))
            write(os.path.join(src, b"D01/1.yaml"), HEAD, b'content_file: "' + quoted.encode("utf-8", "replace") + b'"\n')
        yield Case("names", f"{what} as a layer file", as_file, [1])
        yield Case("names", f"{what} as a dimension", as_folder, [1])
        yield Case("names", f"{what} as a content_file", as_content)
    for depth in 10, 16, 20, 40:
        def deep(src, depth=depth):
            here = os.getcwd()
            os.chdir(os.path.join(src, b"D01"))
            for _ in range(depth):
                os.mkdir(b"d" * 250)
                os.chdir(b"d" * 250)
            write(b"1.yaml", LAYER)
            write(b"dimension.yaml", DIMENSION)
            os.chdir(here)
        yield Case("names", f"{depth} folders of 250 bytes", deep, [0, 1, 3])


def noise(n):
    """A sound layer with bytes of YAML's alphabet where they do not belong."""
    alphabet = [b"[", b"]", b"{", b"}", b":", b": ", b"- ", b"? ", b"&a ", b"*a", b"!", b"!!str ", b"|\n", b">\n", b"'", b'"', b"#", b" #",
                b"\n", b"\n\n", b"\t", b"  ", b"---\n", b"...\n", b"%", b"@", b"`", b",", b"\\", b"\r", b"\xef\xbb\xbf", b"\0",
                b"\xff", b"~", b"<<: ", b"1e9", b"\xc2\x85", b"=", b"|2-\n"]
    for number in range(150):
        def build(src, number=number):
            r = n.random(number)
            data = bytearray(LAYER * 3)
            for _ in range(r.choice([1, 2, 4, 16])):
                at = r.randrange(len(data))
                data[at:at + r.randrange(3)] = r.choice(alphabet)
            write(os.path.join(src, b"D01/1.yaml"), bytes(data))
        yield Case("noise", f"{number}", build)


def all_cases(n, random_of):
    for group in nesting, aliases, numbers, sizes, encodings, special, names:
        yield from group(n)
    yield from noise(random_of)
