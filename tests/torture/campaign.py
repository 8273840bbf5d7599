"""campaign.py: what every campaign of `make torture` shares: its options, its seed, its counts, its scratch directory, dimc.

In: the command line of a campaign (--short, --seed N, --only POINT, --keep) and OUT, DIMC of the environment. Out: one line
with the counts on stdout, the failures on stderr with the command that repeats each, $OUT/torture/NAME.json; the exit status.

A campaign is a file of this directory that has CONTROLS and calls `campaign(NAME, BAR, UNIT, run)` as its main program. Its `run(c)`
goes through numbered points:

    def run(c):
        for point in c.points(1000 if not c.short else 20):   # all of them, or the one that --only names
            with c.point(point, "compile, write 12"):           # passes unless something raises Failure
                c.want(status == 0, f"status {status}")         # raises it

What a point does may depend on c.random(point) alone, so that --seed and --only repeat it. Statuses: 0 all passed and the bar was
reached (a short form has no bar), 1 not, 77 nothing could run here; why stands on stdout.
"""
import argparse
import contextlib
import json
import os
import random
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OUT = os.path.join(ROOT, os.environ.get("OUT", "out"))
TREE = os.environ.get("TREE", ROOT)  # the sources that OUT was built from: for a control, others than these
SHOWN = 20  # failures that are told whole
CANNOT = 77


class Failure(Exception):
    """A point that did not end as it must."""


class Skip(Exception):
    """A point that could not be had after all: skipped, with this reason."""


class Cannot(Exception):
    """The system has no means for it: the campaign, or a part of it, is skipped, with this reason."""


class Control:
    """A build that is broken on purpose. `edits`: (file, old text, new text); `short`: whether the short form must catch it."""

    def __init__(self, name, what, edits, short=True):
        self.name, self.what, self.edits, self.short, self.campaign = name, what, edits, short, None


class Ran:
    """A command that ended: status (negative: by that signal), out, err; hung: it was killed after its time."""

    def __init__(self, command, status, out, err, hung):
        self.command, self.status, self.out, self.err, self.hung = command, status, out, err, hung

    def __str__(self):
        how = "hung" if self.hung else f"status {self.status}"
        return f"{how}: {' '.join(map(str, self.command))}\n{(self.out + self.err).decode(errors='replace')[-2000:]}"


class Campaign:
    def __init__(self, name, options, work):
        self.name, self.short, self.seed, self.only = name, options.short, options.seed, options.only
        self.work = work  # an empty directory, thrown away at the end
        self.dimc = os.path.join(ROOT, os.environ.get("DIMC", os.path.join(OUT, "bin/dimc")))
        self.passed, self.failures, self.skipped, self.figures = 0, 0, {}, {}
        with open(self.dimc, "rb") as file:  # a sanitizer has memory, threads and calls of its own
            program = file.read()
        self.is_instrumented = b"__asan_init" in program or b"__tsan_init" in program
        self.counts_branches = b".gcda" in program

    def points(self, count, first=1):
        """The numbers of the points to take."""
        return range(first, first + count) if self.only is None else [p for p in [self.only] if first <= p < first + count]

    def random(self, point):
        """Random numbers of this point and this seed alone."""
        return random.Random(f"{self.name} {self.seed} {point}")

    @contextlib.contextmanager
    def point(self, number, what):
        try:
            yield
            self.passed += 1
        except Skip as reason:
            self.skip(str(reason))
        except Failure as failure:
            self.failures += 1
            if self.failures <= SHOWN:
                print(f"FAIL {self.name}, point {number}: {what}: {failure}\n     again: make torture CAMPAIGN={self.name} "
                      f"SEED={self.seed} POINT={number}{' SHORT=1' if self.short else ''}", file=sys.stderr, flush=True)

    def want(self, condition, text):
        if not condition:
            raise Failure(text)

    def skip(self, reason, points=1):
        """Points that cannot be had here."""
        self.skipped[reason] = self.skipped.get(reason, 0) + points

    def count(self, figure, more=1):
        """A figure for the line at the end, as `old generation` or `status 3`."""
        self.figures[figure] = self.figures.get(figure, 0) + more

    def path(self, *names):
        return os.path.join(self.work, *names)

    def run(self, command, timeout=60, env=None, **more):
        """Runs a command to its end. `env`: added to an environment that has nothing of the caller's but PATH and sanitizers' options."""
        environment = {"PATH": os.environ["PATH"], "HOME": self.work, "LC_ALL": "C"}
        environment.update({k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")})
        environment.update(env or {})
        if os.path.basename(command[0]) in ("inject", "strace"):  # leaks cannot be looked for in what is traced
            environment["ASAN_OPTIONS"] = environment.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        more.setdefault("stdin", subprocess.DEVNULL)
        more.setdefault("stdout", subprocess.PIPE)
        more.setdefault("stderr", subprocess.PIPE)
        with subprocess.Popen(command, env=environment, cwd=more.pop("cwd", self.work), start_new_session=True, **more) as process:
            try:
                if subprocess.PIPE not in (more["stdout"], more["stderr"]):  # communicate would only look now and then
                    with os.fdopen(os.pidfd_open(process.pid), "rb") as end:
                        select.select([end], [], [], timeout)
                        timeout = 0.1
                out, err = process.communicate(timeout=timeout)
                hung = False
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                out, err = process.communicate()
                hung = True
            except BaseException:  # this campaign is ended; nothing that it began may stay
                os.killpg(process.pid, 9)
                raise
        return Ran(command, process.returncode, out or b"", err or b"", hung)

    def must(self, *command, **more):
        """Runs what has to succeed for the campaign to mean anything; returns what it printed."""
        ran = self.run(command, **more)
        if ran.status != 0:
            raise RuntimeError(str(ran))
        return ran.out.decode(errors="replace")

    def build(self, *targets):
        """Has make bring programs up to date that `make all` leaves out; a control's are built here."""
        self.must("make", "-s", "-C", TREE, f"OUT={OUT}", *(os.path.join(OUT, target) for target in targets), timeout=1200)

    def need(self, *tools):
        for tool in tools:
            if shutil.which(tool) is None:
                raise Cannot(f"no {tool} here (make deps-all brings it)")

    def need_root(self):
        if os.geteuid() != 0:
            raise Cannot("not root")

    def need_no_files_of_gcov(self):
        if self.counts_branches:
            raise Cannot("dimc counts its branches, and writes files for that")


def campaign(name, bar, unit, run):
    """The main program of a campaign. `bar`: how many points must pass in its full form; `unit`: what a point is, in the plural."""
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="a few points, in seconds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, metavar="POINT", help="this point alone")
    parser.add_argument("--keep", action="store_true", help="leave the scratch directory, and say where it is")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what is below `finally` comes to its right
    work = tempfile.mkdtemp(prefix=f"torture-{name}-")
    os.chmod(work, 0o755)
    began = time.monotonic()
    c = Campaign(name, options, work)
    broke_off, cannot = None, None
    try:
        run(c)
    except Cannot as reason:
        cannot = str(reason)
    except Exception as error:  # what is not a point's own failure ends the campaign, and is told with the counts so far
        if isinstance(error, Failure) or options.keep:
            raise
        broke_off = f"{type(error).__name__}: {error}"
    finally:
        if options.keep:
            print(f"scratch: {work}", file=sys.stderr)
        else:
            subprocess.run(["chmod", "-R", "u+rwx", work], check=False, stderr=subprocess.DEVNULL)
            shutil.rmtree(work, ignore_errors=True)
    if cannot is not None and c.passed + c.failures == 0:
        print(f"{name}: skipped: {cannot}")
        return write(c, bar, unit, "skipped", cannot, began) or CANNOT
    if cannot is not None:
        c.skip(cannot)
    whole = not c.short and c.only is None
    if broke_off is None and whole and c.passed + c.failures < bar:
        broke_off = f"only {c.passed + c.failures} {unit}, and the bar is {bar}"
    if broke_off is None and c.passed + c.failures == 0:
        broke_off = f"no {unit} at all"
    verdict = "failed" if broke_off or c.failures else "passed"
    figures = "".join(f"; {n} {figure}" for figure, n in c.figures.items())
    skipped = "".join(f"; skipped {n}: {why}" for why, n in c.skipped.items())
    print(f"{name}: {c.passed} of {c.passed + c.failures} {unit} passed{figures}{skipped}; seed {c.seed}, {time.monotonic() - began:.0f} s")
    if broke_off:
        print(f"FAIL {name}: {broke_off}", file=sys.stderr)
    return write(c, bar, unit, verdict, broke_off, began) or int(verdict == "failed")


def write(c, bar, unit, verdict, why, began):
    os.makedirs(os.path.join(OUT, "torture"), exist_ok=True)
    with open(os.path.join(OUT, "torture", c.name + ".json"), "w", encoding="utf-8") as file:
        json.dump({"campaign": c.name, "short": c.short, "only": c.only, "seed": c.seed, "verdict": verdict, "why": why, "unit": unit, "bar": bar,
                   "passed": c.passed, "failed": c.failures, "skipped": c.skipped, "figures": c.figures,
                   "seconds": round(time.monotonic() - began)}, file, indent=2)
        file.write("\n")
    return 0
