#!/usr/bin/env python3
"""table.py: the figures in words: for a terminal, and as the tables of docs/benchmarks.md.

    table.py RESULTS     prints Markdown

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


def markdown(results):
    """Tables for docs/benchmarks.md: times, memory, goals."""
    f = Figures(results)
    names = [c["name"] for c in results["corpora"]]
    lines = [about(results) + "; medians of %d rounds." % results["rounds"], "", *["- " + line for line in corpora(results)], "",
             row("stage", "who", *names), "|" + "---|" * (2 + len(names))]
    for stage, who in dict.fromkeys((run["stage"], run["who"]) for run in results["runs"]):
        times = []
        for name in names:
            mine, limit = f.time(name, stage, "dimc"), f.time(name, stage, LIMITS.get(stage))
            ratio = " (%.2f)" % (mine / limit) if who == "dimc" and mine and limit else ""
            times.append(duration(f.time(name, stage, who)) + ratio)
        lines.append(row(TITLES[stage], "**dimc**" if who == "dimc" else who, *times))
    for title, stage in (("peak memory", "compile"), ("peak memory", "durable")):
        kib = [f.of(name, stage, "dimc", "memory_kib") for name in names]
        lines.append(row(title + ", " + TITLES[stage], "**dimc**", *["" if k is None else size(k * 1024) for k in kib]))
    for who in ("limit", "C with libyaml", "PyYAML script", "js-yaml script"):
        kib = [f.of(name, "compile", who, "memory_kib") for name in names]
        if any(kib):
            lines.append(row("peak memory, " + TITLES["compile"], who, *["" if k is None else size(k * 1024) for k in kib]))
    lines += ["", row("", "goal", "is", "wanted", ""), "|" + "---|" * 5]
    for goal in results["goals"]:
        verdict = VERDICTS[goal["holds"]]
        lines.append(row(str(goal["number"]), goal["goal"], figure(goal), wanted(goal), "**no**" if verdict == "no" else verdict))
    if results.get("lookups"):
        lines += ["", row("lookups", "is", "wanted", ""), "|" + "---|" * 4]
        for goal in results["lookups"]["goals"]:
            sign = "at_most" if "at_most" in goal else "at_least"
            lines.append(row(goal["goal"], "%.2f" % goal["is"], "%s %g" % (sign.replace("_", " "), goal[sign]),
                             "holds" if goal["holds"] else "**no**"))
    return "\n".join(lines)


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as results_file:
        print(markdown(json.load(results_file)))
