"""diff_pairs.py: pairs of texts, as sources of two dimensions of layers and as plain files.

In: a directory, a number of pairs. Out: DIR/a/D01 and DIR/b/D01 with one layer a pair, DIR/files-a/D01/N and
DIR/files-b/D01/N with the same contents. Seeded: the same pairs every time.
"""
import os
import random
import sys

rng = random.Random(20241024)

WORDS = "joy grief anger fear hope trust awe shame\tguilt naïve 意識 🙂 -dash +plus @@ \\ --- +++ x".split(" ")


def line():
    kind = rng.randrange(12)
    if kind == 0:
        return ""
    if kind == 1:
        return rng.choice(["--- a", "+++ b", "@@ -1 +1 @@", "\\ No newline at end of file", " ", "\t", "-", "+", "diff"])
    if kind == 2:
        return "line %d\r" % rng.randrange(4)
    if kind == 3:
        return "".join(chr(rng.choice([1, 7, 8, 27, 127, 0x85, 0x202E, 65])) for _ in range(rng.randrange(1, 5)))
    if kind < 8:
        return rng.choice("abc")
    return " ".join(rng.choice(WORDS) for _ in range(rng.randrange(1, 8)))


def text(count):
    return [line() for _ in range(count)]


def edit(lines):
    """What people do to a text: words changed, lines put in, taken out, moved, said twice."""
    lines = list(lines)
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(lines) + 1)
        kind = rng.randrange(5)
        if kind == 0 and at < len(lines):
            lines[at] += " more"
        elif kind == 1:
            lines[at:at] = text(rng.randrange(1, 5))
        elif kind == 2:
            del lines[at : at + rng.randrange(1, 5)]
        elif kind == 3 and at < len(lines):
            moved = lines[at : at + 3]
            del lines[at : at + 3]
            to = rng.randrange(len(lines) + 1)
            lines[to:to] = moved
        elif kind == 4:
            lines[at:at] = lines[at : at + 4]
    return lines


def finish(lines):
    joined = "\n".join(lines) + ("" if rng.randrange(4) == 0 else "\n")
    return (joined if joined else "\n").encode()


def pair(number):
    old = text(rng.choice([1, 2, 5, 20, 60]))
    if number % 10 == 0:
        new = text(rng.randrange(1, 40))
    elif number % 10 == 1:
        old = [rng.choice("ab") for _ in range(rng.randrange(1, 60))]
        new = [rng.choice("ab") for _ in range(rng.randrange(1, 60))]
    else:
        new = edit(old)
    old, new = finish(old), finish(new)
    return old, new if new != old else new + b"end\n"


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def main(directory, count):
    for side in "ab":
        write(f"{directory}/{side}/D01/dimension.yaml", b"dimension_id: 1\nname: Pairs\n")
    for number in range(1, count + 1):
        for side, data in zip("ab", pair(number)):
            write(f"{directory}/{side}/D01/{number}", data)
            write(f"{directory}/files-{side}/D01/{number}", data)
            layer = f"layer_id: {number}\ntitle: Pair {number}\nfrequency: 1\nkeywords: [k]\ncontent_file: '{number}'\n"
            write(f"{directory}/{side}/D01/{number}.yaml", layer.encode())


main(sys.argv[1], int(sys.argv[2]))
