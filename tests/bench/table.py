#!/usr/bin/env python3
"""table.py: the figures in words: for a terminal, and as the tables of docs/benchmarks.md.

    table.py RESULTS [DOCUMENT]     prints Markdown, or puts it into a document between <!-- NAME --> and <!-- /NAME -->

In: results, as bench.py writes them. Out: text.
"""
import json
import sys

sys.dont_write_bytecode = True

from goals import Figures  # noqa: E402
from stages import LIMITS, TITLES  # noqa: E402

VERDICTS = {True: "holds", False: "no", None: "not measured"}


def number(value):
    """Three digits that mean something."""
    return "%.0f" % value if value >= 100 else "%.1f" % value if value >= 10 else "%.2f" % value


def duration(seconds):
    return "" if seconds is None else number(seconds) + " s" if seconds >= 1 else number(seconds * 1000) + " ms"


def size(count):
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("KB", 1e3)):
        if count >= factor:
            return number(count / factor) + " " + unit
    return "%d bytes" % count


def figure(goal):
    if goal["is"] is None:
        return ""
    digits = 4 if abs(goal["is"] - goal["wanted"]) < 0.005 else 2  # 1.00 is no answer to "at most 1"
    return "%.*f" % (digits, goal["is"]) + (" " + goal["unit"]).rstrip()


def wanted(goal):
    return "%s %g%s" % (goal["sign"], goal["wanted"], (" " + goal["unit"]).rstrip())


def about(results):
    m = results["machine"]
    return "%d cores of %s, %.0f GB of memory, %s, %s, %s" % (
        m["cores"], m["cpu"], m["memory_bytes"] / 1e9, m["kernel"], m["filesystem"], m["compiler"])


def corpora(results):
    return ["%s: %d files, %s of sources, %s of volume" % (c["name"], c["files"], size(c["bytes"]), size(c["volume_bytes"]))
            for c in results["corpora"]]


def text(results):
    lines = ["", about(results), *corpora(results), "", "goals (medians of %d rounds)" % results["rounds"]]
    for goal in results["goals"]:
        lines.append("  %-12s %10s  %-15s %d. %s" % (VERDICTS[goal["holds"]], figure(goal), wanted(goal), goal["number"], goal["goal"]))
    held = [goal["holds"] for goal in results["goals"]]
    lines.append("%d hold, %d do not, %d were not measured" % (held.count(True), held.count(False), held.count(None)))
    lines += ["left out: %s (make deps-all)" % what for what in results["left_out"]]
    return "\n".join(lines)


def row(*cells):
    return "| " + " | ".join(cells) + " |"


def table(head, rows):
    return ["", row(*head), "|" + "---|" * len(head), *[row(*cells) for cells in rows]]


def stage_rows(results, f, names):
    for stage, who in dict.fromkeys((run["stage"], run["who"]) for run in results["runs"]):
        times = []
        for name in names:
            mine, limit = f.time(name, stage, "dimc"), f.time(name, stage, LIMITS.get(stage))
            ratio = " (%s)" % number(mine / limit) if who == "dimc" and mine and limit else ""
            times.append(duration(f.time(name, stage, who)) + ratio)
        yield [TITLES[stage], "**dimc**" if who == "dimc" else who, *times]
    for who in ("dimc", "limit", "C with libyaml", "PyYAML script", "js-yaml script", "mksquashfs, no compression"):
        peaks = [f.of(name, "compile", who, "memory_kib") for name in names]
        if any(peaks):
            yield ["peak memory of a full compile", "**dimc**" if who == "dimc" else who,
                   *["" if kib is None else size(kib * 1024) for kib in peaks]]


def compiler(results):
    """Times and memory, dimc's with the ratio to the limit; goals."""
    f = Figures(results)
    names = [corpus["name"] for corpus in results["corpora"]]
    # A document tells what kind of machine it was, and not which.
    lines = ["%d cores, %s; medians of %d rounds. In parentheses: to the limit." % (
        results["machine"]["cores"], results["machine"]["filesystem"], results["rounds"]), ""]
    lines += ["- " + line for line in corpora(results)]
    lines += table(["stage", "who", *names], stage_rows(results, f, names))
    return lines + table(["", "goal", "is", "wanted", ""], (
        [str(goal["number"]), goal["goal"], figure(goal), wanted(goal), "**no**" if goal["holds"] is False else VERDICTS[goal["holds"]]]
        for goal in results["goals"]))


def lookups(found):
    """What lookups.sh measured, as tables."""
    figures = found["figures"]

    def cells(prefix, names, suffix=""):
        return [number(figures[prefix + name + suffix]) if prefix + name + suffix in figures else "" for name in names]

    who = ["array", "libdim", "LMDB", "tinycdb", "SQLite", "files"]
    what = ["layer", "layer found", "keyword", "keyword, a miss", "keyword to contents", "keyword of all", "keyword of all, a miss"]
    lines = table(["ns, warm", *who], ([name, *cells(name + ": ", who)] for name in what))
    threads = ["1", "2", "100"]
    lines += table(["ns for each thread", *threads], (
        [name, *cells(name + ": ", threads, " threads")] for name in ("array, threads", "layer, threads", "acquire and release")))
    opened = {name[6:]: value for name, value in figures.items() if name.startswith("open: ")}
    bare = opened["open+fstat+mmap+munmap+close"]
    lines += table(["us for 14 regions, warm", "", "ratio"],
                   ([name, number(value), "%.2f" % (value / bare)] for name, value in opened.items()))
    cold = [name[14:] for name in figures if name.startswith("cold, random: ") and "faults" not in name and "pages" not in name]
    lines += table(["cold, on the wall, us", "`DIM_ADVICE_RANDOM`", "`DIM_ADVICE_NORMAL`"],
                   ([name, *cells("cold, ", ["random", "normal"], ": " + name)] for name in cold))
    lines += ["", "Heap for each dimension of a volume: %d bytes." % figures["heap for each dimension"]]
    return lines[1:] + table(["goal", "is", "wanted", ""], (
        [goal["goal"], "%.2f" % goal["is"], "at most %g" % goal["at_most"] if "at_most" in goal else "at least %g" % goal["at_least"],
         "holds" if goal["holds"] else "**no**"] for goal in found["goals"]))


def markdown(results):
    """The parts of docs/benchmarks.md that are figures, by name."""
    parts = {"compiler": "\n".join(compiler(results))}
    if results.get("lookups"):
        parts["lookups"] = "\n".join(lookups(results["lookups"]))
    return parts


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        parts = markdown(json.load(file))
    if len(sys.argv) == 2:
        print("\n\n".join(parts.values()))
        return
    with open(sys.argv[2], encoding="utf-8") as file:
        document = file.read()
    for name, part in parts.items():
        begin, end = "<!-- %s -->\n" % name, "<!-- /%s -->" % name
        before, rest = document.split(begin)
        document = before + begin + part + "\n" + end + rest.split(end)[1]
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write(document)


if __name__ == "__main__":
    main()
