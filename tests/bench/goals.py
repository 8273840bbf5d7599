"""goals.py: what the figures have to be, computed from the measurements and from nothing else.

In: results, as bench.py writes them. Out: a list of goals: what was measured, what is wanted, whether it holds.
"""

MEGABYTE = 1000 * 1000
# How many times the limit a stage may take.
NEAR = {"compile": 1.3, "durable": 1.3, "nothing": 1.4, "one": 2.5, "verify": 1.2}


class Figures:
    """The medians of a run, by corpus, stage and program; None for what was not measured."""

    def __init__(self, results):
        self.runs = {(run["corpus"], run["stage"], run["who"]): run for run in results["runs"]}
        self.corpora = {corpus["name"]: corpus for corpus in results["corpora"]}

    def time(self, corpus, stage, who):
        run = self.runs.get((corpus, stage, who))
        return run and run["median"]

    def of(self, corpus, stage, who, key):
        run = self.runs.get((corpus, stage, who))
        return run and run.get(key)

    def bytes(self, corpus):
        return self.corpora[corpus]["bytes"] if corpus in self.corpora else None


def divide(a, b):
    return None if a is None or not b else a / b


def goals(results):
    f = Figures(results)
    found = []

    def goal(number, text, value, sign, wanted, unit=""):
        holds = None if value is None else value <= wanted if sign == "at most" else value >= wanted
        found.append({"number": number, "goal": text, "is": value if value is None else round(value, 4), "sign": sign,
                      "wanted": wanted, "unit": unit, "holds": holds})

    def times(corpus, stage, who, other):
        """How many times the time of `other` it takes `who`."""
        return divide(f.time(corpus, stage, who), f.time(corpus, stage, other))

    def near(number, corpus, stage, text, limit):
        goal(number, text % corpus, times(corpus, stage, "dimc", limit), "at most", NEAR[stage])

    for corpus in ("M", "L"):
        near(1, corpus, "compile", "full compile of %s: dimc to the limit", "limit")
        near(1, corpus, "durable", "full compile of %s, on the disk: dimc to the limit", "limit")
        for who, least in (("PyYAML script", 12), ("mkfs.erofs", 1)):
            goal(1, "full compile of %s: %s to dimc" % (corpus, who), times(corpus, "compile", who, "dimc"), "at least", least)
    short = f.time("S", "compile", "dimc")
    goal(1, "full compile of S", short and short * 1000, "at most", 20, "ms")
    near(2, "M", "nothing", "nothing changed in %s: dimc to a stat of every file", "limit: stat")
    goal(2, "nothing changed in M: git status to dimc", times("M", "nothing", "git status", "dimc"), "at least", 1)
    near(2, "M", "one", "one layer of %s changed: dimc to a stat of every file", "limit: stat")
    # One dimension of 14, and one thread writes it where a full compile has two.
    one, nothing, full = (f.time("M", stage, "dimc") for stage in ("one", "nothing", "compile"))
    goal(2, "one layer of M changed, less nothing changed: to a fourteenth of a full compile",
         None if None in (one, nothing, full) else (one - nothing) / (full / 14), "at most", 2)
    goal(3, "bundle of M: tar -czf to dimc", times("M", "bundle", "tar -czf", "dimc"), "at least", 6)
    goal(3, "bundle of M: tar and pigz to dimc", times("M", "bundle", "tar and pigz", "dimc"), "at least", 2.5)
    for who in ("tar -czf", "tar and pigz"):
        goal(3, "size of the bundle of M: dimc to %s" % who,
             divide(f.of("M", "bundle", "dimc", "result_bytes"), f.of("M", "bundle", who, "result_bytes")), "at most", 1)
    goal(3, "restore of M, every digest checked: tar -xzf to dimc", times("M", "restore", "tar -xzf", "dimc"), "at least", 2)
    near(4, "M", "verify", "verify of %s: dimc to SHA-256 of every file", "limit: hash")
    near(4, "M", "verify", "verify of %s: dimc to SHA-256 of every file and every content", "limit: hash2")
    for corpus, most in (("M", 24), ("XL", 64)):
        memory = f.of(corpus, "compile", "dimc", "memory_kib")
        goal(5, "peak memory of a full compile of %s" % corpus, memory and memory * 1024 / MEGABYTE, "at most", most, "MB")
    for large, small in (("M", "S"), ("XL", "M")):
        goal(5, "time of a full compile for a byte: %s to %s" % (large, small),
             divide(divide(f.time(large, "compile", "dimc"), f.bytes(large)),
                    divide(f.time(small, "compile", "dimc"), f.bytes(small))), "at most", 1.2)
    return found
