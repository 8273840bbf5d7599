#!/usr/bin/env python3
"""fuzz.py: every fuzz target by executions: 10^7 of the source target, 10^8 of the region target, some of the others.

In: OUT; tests/fuzz/run.sh, which knows the targets. Out: a point for each piece, the executions of each target.

There are two forms of each target. libFuzzer looks for new ways through the code, and address, undefined and leak sanitizers watch: that
takes clang, and is slow. plain.c makes simple mutants of the committed corpora, and what runs is what is built for users, between guard
pages: that is some times as fast, and takes most of the executions of the two big ones. Each piece has a seed of its own; as many run at
once as there are cores. An input is a failure where it crashes, breaks what a target asserts, leaks, or takes a second of the
processor. The short form is the plain one alone.
"""
import concurrent.futures
import os
import re

from campaign import OUT, ROOT, TREE, Control, campaign

# Executions by libFuzzer and in how many pieces, plain ones and in how many; mutants of the short form.
TARGETS = {
    "source": ((3_000_000, 3), (7_000_000, 7), 1500),
    "region": ((20_000_000, 4), (80_000_000, 8), 20000),
    "reader": ((500_000, 2), (1_000_000, 1), 2000),
    "rewrite": ((50_000, 2), (50_000, 1), 300),
    "manifest": ((1_000_000, 2), (1_000_000, 1), 4000),
    "texts": ((1_000_000, 2), (1_000_000, 1), 5000),
    "notes": ((500_000, 2), (1_000_000, 1), 4000),
    "volume": ((50_000, 2), (50_000, 1), 500),
    "bundle": ((25_000, 1), (25_000, 1), 200),
    "image": ((50_000, 2), (50_000, 1), 1000),
    "restore": ((10_000, 1), (10_000, 1), 30),
}
QUOTED = "while (at < l->end && *at != quote && (*at != '\\\\' || quote == '\\''))"
CONTROLS = [
    Control("no-string-bounds", "libdim believes where in a region a string begins",
            [("loader/internal.h", "if (size > all || offset > all - size)", "if (size > all)")]),
    Control("quick-reader-escapes", "the quick reader of YAML takes escapes between quotes for text",
            [("compiler/quick_value.c", QUOTED, "while (at < l->end && *at != quote)")]),
    Control("reader-leak", "a reader of YAML is closed, and stays in memory", [("compiler/events.c", "\tfree(reader);\n}", "}")]),
]


def pieces(short):
    """(how, target, executions) of each piece."""
    for target, (fuzzed, plain, mutants) in TARGETS.items():
        if short:
            yield "plain", target, mutants
        else:
            yield from [("piece", target, fuzzed[0] // fuzzed[1])] * fuzzed[1] + [("plain", target, plain[0] // plain[1])] * plain[1]


def run(c):
    todo = list(pieces(c.short))
    fuzz = os.path.join(ROOT, "tests/fuzz/run.sh")
    c.must("make", "-s", "-C", TREE, f"OUT={OUT}", "fuzz-plain", timeout=1200)
    if not c.short:
        c.need("clang")
        c.must(fuzz, "--build", *TARGETS, cwd=ROOT, env={"OUT": OUT}, timeout=3600)

    def one(point):
        how, target, runs = todo[point - 1]
        # Two of three pieces of the source target take short documents, which are read several times as fast.
        length = {"LENGTH": "400"} if how == "piece" and target == "source" and point > 1 else {}
        return c.run([fuzz, "--" + how, target], timeout=120 if c.short else 6 * 3600, cwd=ROOT,
                     env={"OUT": OUT, "RUNS": str(runs), "SEED": str(c.seed * 1000 + point), **length})

    points = list(c.points(len(todo)))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for point, ran in zip(points, pool.map(one, points)):
            how, target, runs = todo[point - 1]
            told = re.search(r"(\d+) (?:runs|executions)", ran.out.decode(errors="replace"))
            executed = int(told[1]) if told else 0
            c.count(f"{'plain' if how == 'plain' else 'sanitized'} executions of {target}", executed)
            with c.point(point, f"{target}, {runs} {how} executions"):
                c.want(ran.status == 0, str(ran))
                c.want(executed >= runs, f"only {executed} executions")


if __name__ == "__main__":
    raise SystemExit(campaign("fuzz", len(list(pieces(False))), "pieces", run))
