#!/usr/bin/env python3
"""determinism.py: one bundle and one image of the same sources, whatever the environment is.

In: as campaign.py. Out: as campaign.py. A point is an environment: first each value of each axis of environments.py alone, then as many
of them together as a random choice gives. In each, dimc compiles sources (made ones in three forms, the project's, the example's; some
of them where values are combined) and packs what it published twice: tar.gz and OCI image. The generation's files, the archives, the
bundle's identity and the image's digest must be the ones of the first environment. Two last points show that the comparison sees what
differs: with another SOURCE_DATE_EPOCH the regions are the same, and the bundles are not.
"""
import gzip
import hashlib
import json
import os
import shutil
import sys
import tarfile

sys.dont_write_bytecode = True
from campaign import ROOT, Control, campaign  # noqa: E402
from environments import Environment, Machine, in_private_namespace  # noqa: E402

COMBINED, BAR = 120, 150
EPOCH = "1700000000"

CONTROLS = [
    Control("unsorted-listing", "what a directory lists is taken in the order that it has there",
            [("compiler/fs.c", "\t\tqsort(names, count, sizeof(char *), by_bytes);\n", ""),
             ("compiler/check.c", "qsort(d->layers, d->layer_count, sizeof(*d->layers), by_layer_id);", "(void)by_layer_id;")]),
    Control("clock-read", "index.json has the time at which it was made",
            [("compiler/build.c", "#include <stdlib.h>", "#include <stdlib.h>\n#include <time.h>"),
             ("compiler/build.c", "settings->has_epoch ? settings->epoch", "settings->has_epoch ? (int64_t)time(NULL)")]),
    Control("thread-order", "dimensions are in the order in which threads finish them",
            [("compiler/build.c", "\t\tqsort(build->items, build->count, sizeof(*build->items), by_id);", "\t\t(void)by_id;"),
             ("compiler/manifest.c", "\t\tqsort(manifest->dimensions, manifest->count, sizeof(*manifest->dimensions), by_dimension_id);",
              "\t\t(void)by_dimension_id;")]),
    Control("address", "a place in memory gets into index.json",
            [("compiler/build.c", "settings->has_epoch ? settings->epoch", "settings->has_epoch ? (int64_t)((uintptr_t)d / 4096 % 1024)")]),
    Control("umask", "files are published with the mode that the umask leaves",
            [("compiler/out.c", "fchmod(out->fd, 0444) != 0", "false"),
             ("compiler/out.c", "O_NOFOLLOW | O_CLOEXEC, 0600", "O_NOFOLLOW | O_CLOEXEC, 0666"),
             ("compiler/out.c", "O_TMPFILE | O_CLOEXEC, 0600", "O_TMPFILE | O_CLOEXEC, 0666")]),
]


def make_sources(path):
    """Something of everything: both layouts, several files and several layers a file, content of other places, names that sort differently
    by locale, numbers with a decimal point, no times but those of the environment."""
    layers = "".join(f'  - {{layer_id: {n}, frequency: {n % 4 + 1}.25, keywords: [k{n}, all, m{n % 7}], content: "content {n}"}}\n'
                     for n in range(2, 41))
    files = {
        "D01-emotion/dimension.yaml": "dimension_id: 1\nname: Gefühl\nfrequency_range: [0.1, 4.5]\n",
        "D01-emotion/B.yaml": "layer_id: 10\ntitle: Ärger\nfrequency: 4.5\nkeywords: [İstanbul, ISTANBUL, istanbul, ıstanbul, z, Z, ä, a]\n"
                              "content: |\n  Anger.\n",
        "D01-emotion/a.yaml": 'layer_id: 3\nfrequency: 0.1\nkeywords: [a b, a-b, a_b, A]\ncontent: "tab\\tand\\u00fc"\n',
        "D01-emotion/ä.yaml": "layer_id: 7\nfrequency: 1e-1\nkeywords: [same frequency]\ncontent: x\n---\n"
                              "layer_id: 5\nfrequency: 0.1\nkeywords: [same frequency]\ncontent: y\n",
        "D02-cognition/dimension.yaml": "dimension_id: 2\nname: Cognition\nlayout: packed\n",
        "D02-cognition/010.yaml": "layer_id: 1\nfrequency: 2.5\nkeywords: [raw]\ncontent_file: data/raw.bin\n",
        "D02-cognition/020.yaml": "layers:\n" + layers,
        "D10-meta/dimension.yaml": "dimension_id: 10\nname: Meta\nlayers:\n"
                                   "  - {layer_id: 4294967295, frequency: 3.14159, keywords: [last], content: z}\n",
    }
    os.makedirs(os.path.join(path, "D02-cognition/data"))
    with open(os.path.join(path, "D02-cognition/data/raw.bin"), "wb") as file:
        file.write(bytes(range(256)))
    for name, text in files.items():
        os.makedirs(os.path.dirname(os.path.join(path, name)), exist_ok=True)
        with open(os.path.join(path, name), "w", encoding="utf-8") as file:
            file.write(text)


# Name: which sources, options of compile.
CORPORA = {"made": ("made", []), "project": ("project", []), "example": ("example", []), "packed": ("made", ["--layout=packed"]),
           "aligned": ("made", ["--layout=page", "--align=16384"])}


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def read(path):
    with open(path, "rb") as file:
        return file.read()


def generation(volume):
    """Every file and directory of it, with its mode and digest."""
    lines, top = [], os.path.join(volume, "consciousness")
    for folder, folders, files in os.walk(top):
        folders.sort()
        for name in sorted(files):
            path = os.path.join(folder, name)
            lines.append(f"{os.path.relpath(path, top)} {os.stat(path).st_mode:o} {sha256(read(path))}")
        lines.append(f"{os.path.relpath(folder, top)}/ {os.stat(folder).st_mode:o}")
    return lines


def image_digest(path):
    with tarfile.open(path) as archive:
        return json.load(archive.extractfile("index.json"))["manifests"][0]["digest"]


def make(c, environment, corpus, epoch=EPOCH):
    """Compiles and packs in an environment; what came of it, by name."""
    sources, options = CORPORA[corpus]
    e = environment
    e.begin(c, sources)
    e.env["SOURCE_DATE_EPOCH"] = epoch
    try:
        for words in e.before(options):
            e.run(c, *words)
        e.run(c, "compile", e.sources, "-o", e.volume, "--layer-files", *options, *e.options)
        e.run(c, "bundle", e.volume, "-o", e.beside("x.tar.gz"))
        e.run(c, "bundle", e.volume, "-o", e.beside("x.tar"), "--format=oci")
        packed = read(e.full("x.tar.gz"))
        return {"the generation": generation(e.full_volume()), "the bundle": sha256(packed), "its identity": sha256(gzip.decompress(packed)),
                "the image's archive": sha256(read(e.full("x.tar"))), "the image": image_digest(e.full("x.tar"))}
    finally:
        e.end()


def compare(c, got, first, what):
    for name, value in first.items():
        if got[name] == value:
            continue
        more = ""
        if isinstance(value, list):
            gone, came = [[line for line in a if line not in b] for a, b in ((value, got[name]), (got[name], value))]
            more = ":\n" + "\n".join([f"- {line}" for line in gone] + [f"+ {line}" for line in came])
        c.want(False, f"{what}: {name} is another{more}")
    c.count("digests compared", len(first) - 1)


def regions(made):
    return [line for line in made["the generation"] if "region.mmap" in line]


def run(c):
    top = c.path("sources")
    make_sources(os.path.join(top, "made"))
    shutil.copytree(os.path.join(ROOT, "sources"), os.path.join(top, "project"))
    shutil.copytree(os.path.join(ROOT, "examples/minimal/D01-emotion"), os.path.join(top, "example/D01-emotion"))
    machine = Machine(c, top)
    try:
        corpora = list(CORPORA) if not c.short else ["made", "project"]
        first = {corpus: make(c, Environment(machine, []), corpus) for corpus in corpora}
        singles = [[(axis, label)] for axis, values in machine.axes.items() for label in values]
        for reason, count in machine.missing.items():
            c.skip(reason, count)
        total = 14 if c.short else len(singles) + COMBINED
        for number in c.points(total):
            chance = c.random(number)
            if c.short or number > len(singles):
                values = [(axis, chance.choice(list(labels))) for axis, labels in machine.axes.items() if chance.random() < 0.5 and labels]
            else:
                values = singles[number - 1]
            what = ", ".join(label for _, label in values)
            taken = corpora if not c.short and number <= len(singles) else chance.sample(corpora, 1 if c.short else 2)
            with c.point(number, what):
                for corpus in taken:
                    compare(c, make(c, Environment(machine, values), corpus), first[corpus], corpus)
        for number in c.points(2, total + 1):
            corpus = ["made", "project"][number - total - 1]
            with c.point(number, f"another SOURCE_DATE_EPOCH, {corpus}"):
                other = make(c, Environment(machine, []), corpus, "1600000000")
                c.want(regions(other) == regions(first[corpus]), "regions differ, and there is no time in them")
                c.want(all(other[name] != first[corpus][name] for name in other), "this should differ, and does not: " + ", ".join(
                    name for name in other if other[name] == first[corpus][name]))
    finally:
        machine.end()


if __name__ == "__main__":
    in_private_namespace()
    sys.exit(campaign("determinism", BAR, "environments", run))
