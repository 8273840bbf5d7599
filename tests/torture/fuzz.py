#!/usr/bin/env python3
"""fuzz.py: every fuzz target by executions: 10^7 of the source target, 10^8 of the region target, some of the others.

In: OUT; tests/fuzz/run.sh, which knows the targets. Out: a point for each piece, the executions of each target.

The full form takes clang: libFuzzer with address, undefined and leak sanitizers, each piece from the committed corpora on and with
a seed of its own, as many at once as there are cores. An input is a failure where it crashes, breaks what a target asserts, leaks, or takes
a second of the processor. The short form is the committed corpora and some thousand mutants of them, by plain.c and any compiler.
"""
import concurrent.futures
import os
import re

from campaign import OUT, ROOT, Control, campaign

# Executions of the full form, in pieces of so many; mutants of the short form.
TARGETS = {
    "source": (10_000_000, 1_000_000, 1500),
    "region": (100_000_000, 5_000_000, 20000),
    "reader": (500_000, 250_000, 2000),
    "rewrite": (50_000, 25_000, 300),
    "manifest": (1_000_000, 500_000, 4000),
    "texts": (1_000_000, 500_000, 5000),
    "notes": (500_000, 250_000, 4000),
    "volume": (50_000, 25_000, 500),
    "bundle": (25_000, 25_000, 200),
    "image": (50_000, 25_000, 1000),
    "restore": (10_000, 10_000, 30),
}
QUOTED = "while (at < l->end && *at != quote && (*at != '\\\\' || quote == '\\''))"
CONTROLS = [
    Control("no-string-bounds", "libdim believes where in a region a string begins",
            [("loader/internal.h", "if (size > all || offset > all - size)", "if (size > all)")]),
    Control("quick-reader-escapes", "the quick reader of YAML takes escapes between quotes for text",
            [("compiler/quick_value.c", QUOTED, "while (at < l->end && *at != quote)")]),
    Control("reader-leak", "a reader of YAML is closed, and stays in memory", [("compiler/events.c", "\tfree(reader);\n}", "}")]),
]


def tree():
    """The sources that OUT was built from: a control's are around it."""
    around = os.path.dirname(OUT)
    return around if os.path.exists(os.path.join(around, "Makefile")) else ROOT


def run(c):
    pieces = []
    for target, (executions, piece, mutants) in TARGETS.items():
        if c.short:
            pieces.append((target, mutants))
        else:
            pieces += [(target, piece)] * (executions // piece)
    fuzz = os.path.join(ROOT, "tests/fuzz/run.sh")
    if c.short:
        c.must("make", "-s", "-C", tree(), f"OUT={OUT}", "fuzz-plain", timeout=600)
    else:
        c.need("clang")
        c.must(fuzz, "--build", *TARGETS, cwd=ROOT, env={"OUT": OUT}, timeout=3600)

    def one(point):
        target, runs = pieces[point - 1]
        # Four of five pieces of the source target take short documents, which are read several times as fast.
        length = {"LENGTH": "400"} if target == "source" and point % 5 != 0 else {}
        return c.run([fuzz, "--plain" if c.short else "--piece", target], timeout=120 if c.short else 6 * 3600, cwd=ROOT,
                     env={"OUT": OUT, "RUNS": str(runs), "SEED": str(c.seed * 1000 + point), **length})

    points = list(c.points(len(pieces)))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for point, ran in zip(points, pool.map(one, points)):
            target, runs = pieces[point - 1]
            told = re.search(r"(\d+) (?:runs|executions)", ran.out.decode(errors="replace"))
            executed = int(told[1]) if told else 0
            c.count(f"executions of {target}", executed)
            with c.point(point, f"{target}, {runs} executions"):
                c.want(ran.status == 0, str(ran))
                c.want(executed >= runs, f"only {executed} executions")


if __name__ == "__main__":
    raise SystemExit(campaign("fuzz", sum(executions // piece for executions, piece, _ in TARGETS.values()), "pieces", run))
