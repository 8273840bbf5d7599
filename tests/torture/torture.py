#!/usr/bin/env python3
"""torture.py: all campaigns, one after the other, or what they must catch.

    torture.py [--short] [--seed N] [--only POINT] [CAMPAIGN...]     the campaigns
    torture.py --controls [CAMPAIGN...]                              each broken build, by the campaign that must catch it
    torture.py --table FILE.md                                       fills the marked tables of a document with the last results

In: OUT, DIMC. Out: what the campaigns print, then a line for each and one for all; $OUT/torture/NAME.json. Status 1 where one failed,
or where a control was not caught. What cannot run here is told and counted as skipped.
"""
import argparse
import concurrent.futures
import json
import os
import subprocess
import sys

sys.dont_write_bytecode = True
from campaign import CANNOT, OUT, ROOT  # noqa: E402
from controls import CAMPAIGNS, all_controls, build  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
LONG = ["archives", "sources", "fuzz", "memory", "fault", "power"]  # begun first, so that none of them is left alone at the end


def start(name, arguments, log, env=None):
    """A campaign's status; what it prints goes to a file."""
    with open(log, "wb") as file:
        return subprocess.run([sys.executable, os.path.join(HERE, name + ".py"), *arguments], env={**os.environ, **(env or {})}, check=False,
                              stdout=file, stderr=subprocess.STDOUT).returncode


def run_campaigns(names, arguments):
    """As many at once as there are cores."""
    def one(name):
        log = os.path.join(OUT, "torture", name + ".log")
        statuses[name] = start(name, arguments, log)
        with open(log, encoding="utf-8", errors="replace") as file:
            print(file.read(), end="", flush=True)

    statuses = {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(one, sorted(names, key=lambda name: LONG.index(name) if name in LONG else len(LONG))))
    words = {0: "passed", CANNOT: "skipped"}
    print("\n" + "\n".join(f"{words.get(status, 'FAILED'):8} {name}" for name, status in sorted(statuses.items())))
    skipped = sum(status == CANNOT for status in statuses.values())
    failed = [name for name, status in statuses.items() if status not in words]
    print(f"torture: {len(statuses) - skipped - len(failed)} campaigns passed, {len(failed)} failed, {skipped} skipped")
    return int(bool(failed))


def judge_control(control):
    """caught, where points of its campaign failed on the broken build; that it broke off proves nothing."""
    log = os.path.join(OUT, "torture", f"control-{control.name}.log")
    try:
        env = build(control)
    except subprocess.CalledProcessError as error:
        return f"MISSED: it does not build: {error}"
    status = start(control.campaign, ["--short"] if control.short else [], log, env)
    if status == CANNOT:
        return "skipped"
    try:
        with open(os.path.join(env["OUT"], "torture", control.campaign + ".json"), encoding="utf-8") as file:
            failed = json.load(file)["failed"]
    except (OSError, ValueError):
        failed = 0
    return "caught" if status == 1 and failed > 0 else "MISSED"


def run_controls(names):
    """What each campaign finds in a build that is not broken, first: it must find nothing, or its controls prove nothing."""
    sound = {}

    def whole(name):
        log = os.path.join(OUT, "torture", f"control-none-{name}.log")
        sound[name] = start(name, ["--short"], log) in (0, CANNOT)
        if not sound[name]:
            print(f"FAIL {name}: it finds failures where nothing is broken: {log}", flush=True)

    def one(control):
        verdict = judge_control(control) if sound[control.campaign] else "MISSED"
        print(f"{verdict:8} {control.campaign}, {control.name}: {control.what}", flush=True)
        return {"name": control.name, "campaign": control.campaign, "what": control.what, "verdict": verdict}

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(whole, names))
        results = list(pool.map(one, all_controls(names)))
    with open(os.path.join(OUT, "torture", "controls.json"), "w", encoding="utf-8") as file:
        json.dump(results, file, indent=2)
    verdicts = [result["verdict"] for result in results]
    caught, skipped = verdicts.count("caught"), verdicts.count("skipped")
    logs = os.path.join(OUT, "torture", "control-*.log")
    print(f"controls: {caught} caught, {len(verdicts) - caught - skipped} missed, {skipped} skipped; logs: {logs}")
    return int(caught + skipped < len(verdicts))


def fill(path):
    """The rows between <!-- torture --> and <!-- /torture -->, and, where controls were run, those between the same marks of controls."""
    rows = ["| campaign | what passed | bar | of these | time |", "|---|---|---|---|---|"]
    for name in CAMPAIGNS:
        with open(os.path.join(OUT, "torture", name + ".json"), encoding="utf-8") as file:
            r = json.load(file)
        if r["short"] or r["only"] is not None or r["verdict"] == "failed":
            sys.exit(f"{name}: its last run was a short one, one of a single point, or one that failed")
        total = r["passed"] + r["failed"]
        more = [f"{n:,} {figure}" for figure, n in r["figures"].items()] + [f"skipped {n}: {why}" for why, n in r["skipped"].items()]
        what = f"skipped: {r['why']}" if r["verdict"] == "skipped" else f"{r['passed']:,} of {total:,} {r['unit']}"
        rows.append(f"| {name} | {what} | {r['bar']:,} | {', '.join(more)} | {r['seconds']:,} s |")
    tables, controls = [("torture", rows)], os.path.join(OUT, "torture", "controls.json")
    if os.path.exists(controls):
        with open(controls, encoding="utf-8") as file:
            caught = [f"| {r['what']} | {r['campaign'] if r['verdict'] == 'caught' else r['verdict']} |" for r in json.load(file)]
        tables.append(("controls", ["| control | caught by |", "|---|---|", *caught]))
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for mark, lines in tables:
        before, rest = text.split(f"<!-- {mark} -->\n")
        text = before + f"<!-- {mark} -->\n" + "\n".join(lines) + f"\n<!-- /{mark} -->" + rest.split(f"<!-- /{mark} -->")[1]
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--controls", action="store_true")
    parser.add_argument("--seed")
    parser.add_argument("--only", metavar="POINT")
    parser.add_argument("--table", metavar="FILE.md")
    parser.add_argument("campaigns", nargs="*", metavar="CAMPAIGN", help=", ".join(CAMPAIGNS))
    options = parser.parse_args()
    unknown = set(options.campaigns) - set(CAMPAIGNS)
    if unknown:
        parser.error(f"no such campaign: {', '.join(sorted(unknown))}; there are {', '.join(CAMPAIGNS)}")
    names = options.campaigns or CAMPAIGNS
    if options.table:
        return fill(options.table)
    os.makedirs(os.path.join(OUT, "torture"), exist_ok=True)
    if options.controls:
        return run_controls(names)
    arguments = (["--short"] if options.short else []) + (["--seed", options.seed] if options.seed else []) + \
        (["--only", options.only] if options.only else [])
    return run_campaigns(names, arguments)


if __name__ == "__main__":
    sys.exit(main())
