#!/usr/bin/env python3
"""regions.py: mutated regions, and files of several generations side by side: verify finds each, and no reader is led outside.

A point is one mutant. The first ones are those of mutants.c, in numbers that it gives: every bit of the metadata, flips anywhere, every
length, pages exchanged, zeroed, copied, there twice, gone, bytes scattered, and the same with the right checksum. They are judged by
libdim with address sanitizer between two pages that nobody may touch, by every function that there is. `dimc verify` of the whole
volume gets a sample of them. Then come all combinations of regions, indices and manifests of three generations.
"""
import collections
import itertools
import os
import re
import shutil
import struct
import sys

sys.dont_write_bytecode = True
from campaign import OUT, Cannot, Control, Failure, campaign  # noqa: E402

KINDS = ["bits of metadata", "flips", "lengths", "pages exchanged", "pages zeroed", "pages copied", "pages twice", "pages gone", "scattered",
         "forged with the right checksum"]
VERIFIED = 4000  # mutants for `dimc verify`
GENERATIONS = 3
STALE = 10_000_000  # the first point of the combinations
PROVEN = 20_000_000  # the first point of the files whose every bit dimc proves

CONTROLS = [
    Control("no-string-bounds", "a string reference is not held against the end of the strings",
            [("loader/internal.h", "if (size > all || offset > all - size)\n\t\treturn DIM_ERR_DAMAGED;", "(void)all;")]),
    Control("no-record-bounds", "a record's number is not held against the end of its section",
            [("loader/internal.h", "if (index >= region->section[kind].size / width)\n\t\treturn NULL;", "(void)width;")]),
    Control("content-digest-not-compared", "the digest of a content is made and not compared",
            [("loader/verify.c", "if (memcmp(digest, dim_layer_digest(layer), sizeof(digest)) != 0)", "if (digest[0] == 0 && digest[0] == 1)")]),
    Control("padding-not-looked-at", "bytes behind a content may be anything",
            [("loader/verify.c", "if (bad < offset + slot)", "if (bad > offset + slot)")]),
    Control("index-not-proven", "verify does not read the index beside a region",
            [("compiler/prove.c", "if (index != NULL && d->finding_count == 0)", "if (index == NULL && d->finding_count == 0)")]),
]


def sources(c, generation):
    """D01: page, D02: packed; layers of no page, of one and of several, keywords that share layers."""
    for folder, layout in (("D01", "page"), ("D02", "packed")):
        os.makedirs(c.path("src", folder), exist_ok=True)
        with open(c.path("src", folder, "dimension.yaml"), "w", encoding="utf-8") as file:
            print(f"dimension_id: {int(folder[1:])}\nname: Name of {folder}\ndescription: Généré, {generation}.\nlayout: {layout}\n"
                  "created_at: 2024-10-24\nupdated_at: 2024-10-25\nfrequency_range: [0.1, 9.0]", file=file)
        for layer, size in ((1, 30), (2, 5000), (7, 4096), (4294967295, 9000)):
            with open(c.path("src", folder, f"{layer}.txt"), "w", encoding="utf-8") as file:
                file.write(f"{folder} {layer} of generation {generation}: ".ljust(size, "x"))
            with open(c.path("src", folder, f"{layer}.yaml"), "w", encoding="utf-8") as file:
                print(f"layer_id: {layer}\ntitle: Layer {layer}\nfrequency: {1 + layer % 5}.25\ncontent_file: {layer}.txt\n"
                      f"keywords: [all, l{layer}, 'long word {layer} {'x' * (layer % 50)}', été]", file=file)


def publish(c, generation):
    sources(c, generation)
    c.must(c.dimc, "compile", "-q", "-Wno-all", "--no-sync", "src", "-o", "volume", env={"MMAP_INITIAL_SIZE": "45000"})
    shutil.copytree(c.path("volume/consciousness"), c.path(f"generation-{generation}"))


class Mutants:
    """The program. It dies at a mutant that breaks libdim, and begins again behind it."""

    def __init__(self, c):
        c.build("torture/mutants")
        self.program = os.path.join(OUT, "torture/mutants")
        if not os.path.exists(self.program):
            raise Cannot("the compiler has no address sanitizer")
        self.c, self.regions = c, [c.path(f"generation-0/{name}/region.mmap") for name in ("D01", "D02")]
        self.seed = str(c.seed % 2**32)
        ran = c.run([self.program, "count", "-", self.seed, "1", "1", *self.regions])
        self.ends = [int(n) for n in ran.out.split()] if ran.status == 0 else []  # of each region
        with c.point(0, "the regions themselves"):
            c.want(ran.status == 0, f"what is sound is not read as it should be: {ran}")

    def judge(self, first, step):
        c, counts = self.c, collections.Counter()
        while True:
            ran = c.run([self.program, "judge", "progress", self.seed, str(first), str(step), *self.regions], timeout=3600,
                        env={"ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1", "UBSAN_OPTIONS": "print_stacktrace=1"})
            with open(c.path("progress"), "rb") as file:
                at, *numbers = struct.unpack(f"<{4 + len(KINDS)}Q", file.read())
            counts.update(dict(zip(["refused when opened", "damaged", "forged so that they are sound"] + KINDS, numbers)))
            wrong = [line.split(" ", 1) for line in ran.out.decode().splitlines()]
            c.passed += sum(numbers[3:]) - len(wrong)
            for point, text in wrong:
                self.fail(int(point), text)
            if at == 0 and ran.status == 0:
                return counts
            self.fail(at, f"{ran}")
            if at == 0 or c.failures >= 100:
                raise RuntimeError("the loader breaks again and again")
            first = at + step

    def fail(self, point, text):
        with self.c.point(point, "a mutant of a region"):
            raise Failure(text)

    def write(self, directory, first, step):
        os.makedirs(self.c.path(directory))
        self.c.must(self.program, "write", directory, self.seed, str(first), str(step), *self.regions, timeout=3600)
        return sorted(map(int, os.listdir(self.c.path(directory))))


def verify(c, want, *options):
    ran = c.run([c.dimc, "verify", *options, "volume"])
    c.want(ran.status == want, f"wanted status {want}: {ran}")
    return ran


def put(c, source, path):
    shutil.copyfile(source, c.path("volume/consciousness", path + ".new"))
    os.replace(c.path("volume/consciousness", path + ".new"), c.path("volume/consciousness", path))


def verify_mutants(c, mutants, first, step):
    """`dimc verify` of a volume with the mutant in it. The counts were made: these are not points of their own."""
    for point in mutants.write("written", first, step):
        name = "D01" if point <= mutants.ends[0] else "D02"
        put(c, c.path("written", str(point)), f"{name}/region.mmap")
        with c.point(point, f"dimc verify of a volume with this mutant of {name}"):
            told = verify(c, 5).err.decode(errors="replace")
            c.want(f": {name}: " in told or f": {name} layer" in told, f"does not name {name}: {told}")
            c.count("by dimc verify")
        put(c, c.path(f"generation-0/{name}/region.mmap"), f"{name}/region.mmap")


def stale_sets(c):
    """Region and index of each dimension, and the manifest, each of any generation."""
    files = ["D01/region.mmap", "D01/index.json", "D02/region.mmap", "D02/index.json", "manifest.json"]
    sets = list(itertools.product(range(GENERATIONS), repeat=5))
    points = c.points(len(sets), STALE)
    if c.short:
        points = c.random(0).sample(list(points), 40) if c.only is None else points
    for point in points:
        which = sets[point - STALE]
        for path, generation in zip(files, which):
            put(c, c.path(f"generation-{generation}", path), path)
        with c.point(point, f"region, index, region, index, manifest of generations {which}"):
            if len(set(which)) == 1:
                verify(c, 0, "--strict")
                c.count("whole generations")
            elif which[0] != which[1] or which[2] != which[3]:
                verify(c, 5)
                c.count("stale pairs")
            else:  # each dimension proves itself, and they are not the manifest's: mixed, which --strict takes for damage
                told = verify(c, 0)
                c.want(b"warning: volume: mixed, not a published generation" in told.err, f"not called mixed: {told}")
                verify(c, 5, "--strict")
                c.count("mixed sets")


def proven_bits(c):
    """Every bit of a file of the generation, each told by what dimc verify says, in one process."""
    files = ["D01/index.json", "D02/index.json", "manifest.json", "D01/region.mmap", "D02/region.mmap"]
    if c.short:
        return
    c.build("tests/prove_flips")
    shutil.copytree(c.path("generation-0"), c.path("flipped"))
    c.must("chmod", "-R", "u+w", "flipped")
    for point in c.points(len(files), PROVEN):
        with c.point(point, f"every bit of {files[point - PROVEN]}"):
            ran = c.run([os.path.join(OUT, "tests/prove_flips"), "flipped", files[point - PROVEN]], timeout=3600)
            c.want(ran.status == 0, str(ran))
            flips = int(re.match(rb"(\d+) flips", ran.out).group(1))
            c.passed += flips - 1
            c.count("bits proven by dimc", flips)


def run(c):
    for generation in reversed(range(GENERATIONS)):
        publish(c, generation)
    mutants = Mutants(c)
    if not mutants.ends:
        return
    if c.only is None:
        total = mutants.ends[-1]
        step = max(1, total // 3000) if c.short else 1
        first = 1 + c.random(0).randrange(step)
        for what, n in mutants.judge(first, step).items():
            c.count(what, n)
        step = max(1, total // (150 if c.short else VERIFIED))
        verify_mutants(c, mutants, 1 + c.random(1).randrange(step), step)
    elif c.only < STALE:
        mutants.judge(c.only, STALE)
        verify_mutants(c, mutants, c.only, STALE)
    stale_sets(c)
    proven_bits(c)


if __name__ == "__main__":
    raise SystemExit(campaign("regions", 100_000, "mutants", run))
