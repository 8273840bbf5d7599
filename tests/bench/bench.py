#!/usr/bin/env python3
"""bench.py: measures dimc beside the limit and beside what people use today, and holds the figures to their goals.

    bench.py OUT [--to DIR] [--quick] [--rounds N] [--no-lookups] [CORPUS...]     CORPUS: S, M, L, XL (T: for tests)

In: OUT, where `make bench` built everything. Out: DIR/results.json (docs/benchmarks.md tells its form) and DIR/index.html; DIR is
OUT/bench. The goals on stdout. Each round makes every run once, or a few times where it is short, in the same order.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True

import goals  # noqa: E402
import page  # noqa: E402
import stages  # noqa: E402
import table  # noqa: E402

ROOM = {"XL": 4 << 30}  # bytes on the disk that a corpus and its volumes take; others a tenth of that


def environment(work):
    """Nothing of the caller's environment decides a figure."""
    kept = {name: os.environ[name] for name in ("PATH", "ASAN_OPTIONS", "LD_LIBRARY_PATH") if name in os.environ}
    kept.update(LC_ALL="C", HOME=work, GIT_CONFIG_NOSYSTEM="1", GIT_DIR=work + "/git", GIT_WORK_TREE=work + "/sources",
                NODE_PATH="/usr/share/nodejs", MMAP_MAX_SIZE="1000000000", SOURCE_DATE_EPOCH="1730000000")
    return kept


def output(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()
    except OSError:
        return ""


def machine(out):
    """What somebody needs to know to compare the figures with those of another machine."""
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        cpu = [line.split(":", 1)[1].strip() for line in f if line.startswith("model name")]
    return {"cores": len(os.sched_getaffinity(0)), "cpu": cpu[0] if cpu else os.uname().machine,
            "memory_bytes": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"),
            "kernel": os.uname().sysname + " " + os.uname().release,
            "filesystem": output("findmnt", "-n", "-o", "FSTYPE", "-T", out),
            "compiler": (output(os.environ.get("CC") or "cc", "--version").splitlines() or [""])[0],
            "dimc": output(os.path.join(out, "bin/dimc"), "--version").split("\n")[0]}


def remove(path):
    if os.path.isdir(path):
        shutil.rmtree(path)
    elif os.path.exists(path):
        os.unlink(path)


def size_of(path):
    if os.path.isfile(path):
        return os.path.getsize(path)
    return sum(os.path.getsize(os.path.join(folder, name)) for folder, _, names in os.walk(path) for name in names)


def edit(sources, number):
    """Another text for one layer, as an editor saves it."""
    folder = os.path.join(sources, sorted(os.listdir(sources))[4])
    path = os.path.join(folder, sorted(os.listdir(folder))[1])
    with open(path, encoding="utf-8") as f:
        lines = [line for line in f if not line.startswith("  Edited ")]
    with open(path, "w", encoding="utf-8") as f:
        f.writelines(lines + ["  Edited %d times.\n" % number])


def measure(out, run, work):
    """One run: what it took. Ends the benchmark where it fails."""
    for path in run.makes:
        remove(path)
    if run.makes and not work.endswith("/T"):
        subprocess.run(["sync", "-f", work], check=True)
    if run.edits:
        edit(os.path.join(work, "edited"), time.monotonic_ns())
    problem = os.path.join(work, "stderr")
    told = output(os.path.join(out, "bench/run"), problem, *run.command).split()
    if len(told) != 5 or told[4] != "0":
        with open(problem, encoding="utf-8", errors="replace") as f:
            sys.exit("bench: %s: %s\n%s" % (" ".join(run.command), told[4:] or "did not start", f.read()[-2000:]))
    return {"wall": float(told[0]), "user": float(told[1]), "system": float(told[2]), "memory_kib": int(told[3])}


def shown(command, out, work):
    """A command as somebody else would type it."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    return " ".join(part if " " not in part else "'%s'" % part for part in command).replace(work + "/", "").replace(
        out + "/bin/", "").replace(out + "/", "").replace(root + "/", "")


def measure_corpus(out, base, name, rounds, quick, jobs, left_out):
    """All runs of a corpus, as two dictionaries for the results: the corpus, its runs."""
    work = os.path.join(base, name)
    os.environ.clear()
    os.environ.update(environment(work))
    stages.prepare(out, work, name)
    subprocess.run(["sync", "-f", work], check=True)
    listed = [run for run in stages.stages(out, work, jobs) if name != "XL" or run.of_large]
    for run in [run for run in listed if not stages.is_there(run)]:
        left_out["%s: it needs %s" % (run.who, run.package or run.command[0])] = None
        listed.remove(run)
    found = {id(run): [] for run in listed}
    sizes = {}
    for number in range(rounds):
        print("corpus %s, round %d of %d" % (name, number + 1, rounds), file=sys.stderr)
        for stage in dict.fromkeys(run.stage for run in listed):
            those = [run for run in listed if run.stage == stage]
            for turn in range(1 if quick else max(run.turns for run in those)):
                for run in those:
                    if turn < run.turns and not (quick and run.slow and number > 0):
                        found[id(run)].append(measure(out, run, work))
                        if run.result:
                            sizes[id(run)] = size_of(run.result)
    sources = os.path.join(work, "sources")
    volume = os.path.join(work, "fresh" if name == "XL" else "volume", "consciousness")
    corpus = {"name": name, "files": sum(len(names) for _, _, names in os.walk(sources)), "bytes": size_of(sources),
              "volume_bytes": size_of(volume)}
    runs = []
    for run in listed:
        made = found[id(run)]
        runs.append({"corpus": name, "stage": run.stage, "who": run.who, "command": shown(run.command, out, work),
                     "median": statistics.median(r["wall"] for r in made), "memory_kib": max(r["memory_kib"] for r in made),
                     **({"result_bytes": sizes[id(run)]} if run.result else {}), "rounds": made})
    shutil.rmtree(work)
    return corpus, runs


def lookups(out, quick):
    """What tests/bench/lookups.sh measures of libdim; it prints a table of its own."""
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lookups.sh")
    subprocess.run([script, "M"], check=True, env={**os.environ, "OUT": out, **({"ROUNDS": "3"} if quick else {})})
    with open(os.path.join(out, "bench/lookups.json"), encoding="utf-8") as f:
        return json.load(f)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].strip())
    parser.add_argument("out")
    parser.add_argument("--to")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--no-lookups", action="store_true")
    parser.add_argument("corpora", nargs="*")
    options = parser.parse_intermixed_args()
    out = os.path.realpath(options.out)
    to = os.path.realpath(options.to or os.path.join(out, "bench"))
    os.makedirs(to, exist_ok=True)
    rounds = options.rounds or (3 if options.quick else 5)
    outer = dict(os.environ)
    results = {"format": 1, "machine": machine(out), "quick": options.quick, "rounds": rounds, "corpora": [], "runs": []}
    left_out = {}
    with tempfile.TemporaryDirectory(prefix="bench.", dir=out) as base:
        for name in options.corpora or (["S", "M"] if options.quick else ["S", "M", "L", "XL"]):
            if shutil.disk_usage(base).free < ROOM.get(name, 400 << 20):
                left_out["corpus %s: the disk has no room for it" % name] = None
                continue
            corpus, runs = measure_corpus(out, base, name, min(rounds, 3) if name == "XL" else rounds, options.quick,
                                          results["machine"]["cores"], left_out)
            results["corpora"].append(corpus)
            results["runs"] += runs
    os.environ.clear()
    os.environ.update(outer)
    results["left_out"] = list(left_out)
    results["goals"] = goals.goals(results)
    results["lookups"] = None if options.no_lookups else lookups(out, options.quick)
    with open(os.path.join(to, "results.json"), "w", encoding="utf-8") as f:
        json.dump(results, f, indent=1)
        f.write("\n")
    with open(os.path.join(to, "index.html"), "w", encoding="utf-8") as f:
        f.write(page.page(results))
    print(table.text(results))
    print("\n%s\n%s" % (os.path.relpath(os.path.join(to, "index.html")), os.path.relpath(os.path.join(to, "results.json"))))


if __name__ == "__main__":
    main()
