#!/usr/bin/env python3
"""page.py: the page of the benchmark: goals, times beside peers, the distance to the limit, how it grows, and lookups.

    page.py RESULTS PAGE [LEADS_HERE]     LEADS_HERE: a page that only leads to PAGE

In: results, as bench.py writes them. Out: one file of HTML with its own style; it fetches nothing and runs no script.
"""
import json
import os
import sys

sys.dont_write_bytecode = True

from goals import NEAR, Figures  # noqa: E402
from plots import bars, escape, lines  # noqa: E402
from stages import LIMITS, TITLES  # noqa: E402
from table import VERDICTS, about, corpora, duration, figure, number, size, wanted  # noqa: E402

SIGNS = {True: ("holds", "\u2713"), False: ("fails", "\u2717"), None: ("none", "\u2013")}
LOOKUPS = (("layer: ", "a layer by its id, first and last byte touched"), ("layer found: ", "the same, no byte of it touched"),
           ("keyword: ", "a keyword to its layers"), ("keyword to contents: ", "a keyword to the contents of its layers"),
           ("keyword of all: ", "a keyword to its layers, in 14 dimensions"))


def kind_of(who):
    return "us" if who.startswith(("dimc", "libdim")) else "limit" if who.startswith("limit") or who == "array" else "peer"


def verdict(holds):
    style, sign = SIGNS[holds]
    return '<span class="verdict %s">%s %s</span>' % (style, sign, VERDICTS[holds])


def goal_table(found):
    held = [goal["holds"] for goal in found]
    parts = ["<p>%d hold, %d do not, %d were not measured.</p>" % (held.count(True), held.count(False), held.count(None)),
             '<div class="wide" tabindex="0" role="region" aria-label="Goals"><table class="goals"><thead><tr>'
             '<th>goal<th class="n">is<th>wanted<th></tr></thead><tbody>']
    for goal in found:
        parts.append('<tr><td>%s<td class="n">%s<td class="w">%s<td class="w">%s</tr>' % (
            escape(goal["goal"]), escape(figure(goal)), escape(wanted(goal)), verdict(goal["holds"])))
    return "".join(parts) + "</tbody></table></div>"


def stage_charts(results, corpus):
    parts = ['<div class="charts">']
    for stage, title in TITLES.items():
        runs = [run for run in results["runs"] if run["corpus"] == corpus and run["stage"] == stage]
        mine = [run["median"] for run in runs if run["who"] == "dimc"]
        if len(runs) < 2 or not mine:
            continue
        rows = []
        for run in sorted(runs, key=lambda run: run["median"]):
            walls = [made["wall"] for made in run["rounds"]]
            note = "" if run["who"] == "dimc" else number(run["median"] / mine[0]) + "\u00d7"
            rows.append((run["who"], run["median"], min(walls), max(walls), note, kind_of(run["who"])))
        parts.append("<section><h3>%s</h3>%s</section>" % (escape(title[0].upper() + title[1:]), bars(rows, duration)))
    return "".join(parts) + "</div>"


def limit_chart(results):
    f = Figures(results)
    rows = []
    for stage, limit in LIMITS.items():
        for corpus in f.corpora:
            mine, least = f.time(corpus, stage, "dimc"), f.time(corpus, stage, limit)
            most = NEAR.get(stage) if corpus in ("M", "L") else None
            if mine and least:
                note = "\u2264 %g" % most if most else ""
                rows.append(("%s: %s" % (corpus, TITLES[stage]), mine / least, None, None, note, "us"))
    if not rows:
        return "<p>Not measured.</p>"
    return bars(rows, lambda value: number(value) + "\u00d7", marks=[1], style="long")


def scaling(results):
    f = Figures(results)
    names = [name for name in ("S", "M", "XL") if name in f.corpora]
    if len(names) < 2:
        return "<p>Not measured: it takes two of the corpora S, M and XL.</p>"

    def series(key, factor):
        found = []
        for who in ("dimc", "limit", "C with libyaml"):
            points = [(f.bytes(name), f.of(name, "compile", who, key) * factor, "corpus " + name)
                      for name in names if f.of(name, "compile", who, key)]
            if points:
                found.append((who, kind_of(who), points))
        return found

    return '<div class="plots">%s%s</div>' % (
        lines("Time of a full compile", series("median", 1), size, duration, "bytes of sources"),
        lines("Peak memory of a full compile", series("memory_kib", 1024), size, size, "bytes of sources"))


def lookup_part(found):
    if not found:
        return "<p>Not measured in this run: <code>make bench</code> does.</p>"
    parts = ['<div class="charts">']
    for prefix, title in LOOKUPS:
        those = [(name[len(prefix):], value) for name, value in found["figures"].items() if name.startswith(prefix)]
        mine = dict(those).get("libdim")
        if not mine or len(those) < 2:
            continue
        rows = [(who, value, None, None, "" if who == "libdim" else number(value / mine) + "\u00d7", kind_of(who))
                for who, value in sorted(those, key=lambda pair: pair[1])]
        parts.append("<section><h3>%s</h3>%s</section>" % (
            escape(title[0].upper() + title[1:]), bars(rows, lambda value: number(value) + " ns")))
    goals = [{"goal": goal["goal"], "is": goal["is"], "holds": goal["holds"], "unit": "",
              "sign": "at most" if "at_most" in goal else "at least", "wanted": goal.get("at_most", goal.get("at_least"))}
             for goal in found["goals"]]
    return "".join(parts) + "</div><h3>Goals of lookups</h3>" + goal_table(goals)


def all_figures(results):
    head = "".join("<th>" + name for name in ("corpus", "stage", "who"))
    head += "".join('<th class="n">' + name for name in ("median", "least", "most", "user", "system", "memory")) + "<th>command"
    parts = ['<div class="wide" tabindex="0" role="region" aria-label="Every measurement"><table><thead><tr>', head,
             "</tr></thead><tbody>"]
    for run in results["runs"]:
        walls = [made["wall"] for made in run["rounds"]]
        middle = sorted(run["rounds"], key=lambda made: made["wall"])[len(walls) // 2]
        cells = [duration(value) for value in (run["median"], min(walls), max(walls), middle["user"], middle["system"])]
        cells.append(size(run["memory_kib"] * 1024))
        parts.append("<tr><td>%s<td>%s<td>%s%s<td><code>%s</code></tr>" % (
            escape(run["corpus"]), escape(TITLES[run["stage"]]), escape(run["who"]),
            "".join('<td class="n">' + escape(cell) for cell in cells), escape(run["command"])))
    return "".join(parts) + "</tbody></table></div>"


def lede(results):
    f = Figures(results)
    mine, limit = f.time("M", "compile", "dimc"), f.time("M", "compile", "limit")
    if not mine:
        return ""
    return "dimc compiles %s files in %s. The bare work, with nothing checked and nothing promised, takes %s here." % (
        format(f.corpora["M"]["files"], ","), duration(mine), duration(limit))


def page(results):
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "page.css"), encoding="utf-8") as file:
        style = file.read()
    names = [corpus["name"] for corpus in results["corpora"]]
    first = "M" if "M" in names else names[0] if names else ""
    others = [name for name in names if name not in (first, "XL")]
    body = [
        "<h1>How fast dimc is</h1><p>%s</p>" % escape(lede(results)),
        '<p class="quiet">%s. %s. Medians of %d rounds%s; XL of at most 3.</p>' % (
            escape(about(results)), escape(". ".join(corpora(results))), results["rounds"],
            ", the quick way" if results["quick"] else ""),
        '<nav><a href="#goals">Goals</a><a href="#stages">Stages</a><a href="#limit">The limit</a><a href="#scaling">Scaling</a>'
        '<a href="#lookups">Lookups</a><a href="#all">Every figure</a></nav>',
        '<h2 id="goals">Goals</h2>' + goal_table(results["goals"]),
        '<h2 id="stages">Time by stage, beside peers</h2><p>Corpus %s. The thin line is from the quickest to the slowest round; '
        "the last column is how many times dimc\u2019s time it is. Where it says so, the scale is logarithmic: a bar of twice the "
        "length is then not twice the time.</p>" % escape(first),
        stage_charts(results, first),
        "".join("<details><summary>The same with corpus %s</summary>%s</details>" % (escape(name), stage_charts(results, name))
                for name in others),
        '<h2 id="limit">How near to the limit</h2><p>dimc\u2019s time divided by that of a program that does the bare work and '
        "nothing else, on as many threads. The dashed line is the limit itself; the last column is what is wanted of M and L.</p>",
        limit_chart(results),
        '<h2 id="scaling">From small to large</h2><p>Both axes are logarithmic: a straight line of slope one is linear growth.</p>'
        + scaling(results),
        '<h2 id="lookups">Lookups by libdim, beside peers</h2><p>CPU time of one lookup, warm, in random order.</p>'
        + lookup_part(results.get("lookups")),
        '<h2 id="all">Every figure</h2><details><summary>%d measurements</summary>%s</details>' % (
            len(results["runs"]), all_figures(results)),
    ]
    if results["left_out"]:
        body.append('<p class="quiet">Left out: %s (<code>make deps-all</code>).</p>' % escape("; ".join(results["left_out"])))
    return ('<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'unsafe-inline\'">'
            "<title>dimc: benchmark</title><style>%s</style></head>\n<body>%s</body></html>\n" % (style, "\n".join(body)))


def leading_to(target, path):
    """A page at `path` that leads to `target`."""
    link = escape(os.path.relpath(target, os.path.dirname(path)))
    return ('<!DOCTYPE html>\n<html lang="en"><meta charset="utf-8"><title>dimc: benchmark</title>'
            '<meta http-equiv="refresh" content="0; url=%s"><p><a href="%s">The benchmark of dimc</a></html>\n' % (link, link))


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        results = json.load(file)
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write(page(results))
    if len(sys.argv) > 3:
        os.makedirs(os.path.dirname(sys.argv[3]) or ".", exist_ok=True)
        with open(sys.argv[3], "w", encoding="utf-8") as file:
            file.write(leading_to(sys.argv[2], sys.argv[3]))


if __name__ == "__main__":
    main()
