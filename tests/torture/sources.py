#!/usr/bin/env python3
"""sources.py: hostile sources: each ends in a located error that can be printed, or is taken, in bounded time and memory.

A point is one input: those of hostile_sources.py, of tests/fixtures/odd, and files that grow, shrink, vanish or are replaced while they
are read, by a loop beside it and at a read at which strace stops dimc. `check` reads each with both readers, which must say the same;
compile, dump, fmt, diff and a round of watch follow. Bounds: CPU time, address space (in proportion to MMAP_MAX_SIZE), output.
"""
import collections
import functools
import glob
import os
import re
import resource
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
from campaign import ROOT, Control, Failure, campaign  # noqa: E402
from hostile_sources import DIMENSION, HEAD, LAYER, Case, all_cases, write  # noqa: E402
from watched import strace_works  # noqa: E402

SECONDS = 20  # of CPU time for a command
MEMORY, TIMES = 2**30 + 2**27 * os.cpu_count(), 24  # address space: this, and so many times MMAP_MAX_SIZE (docs/operations.md)
OUTPUT = 2**28
DEFAULT_MAX = 10485760
LOOPS = 10  # runs beside each loop
SHORT = 36  # points of the short form, about

CONTROLS = [
    Control("nesting-unlimited", "collections may be nested as deep as memory allows", [
        ("compiler/event.h", "YAML_MAX_DEPTH = 64,", "YAML_MAX_DEPTH = 1 << 30,")]),
    Control("aliases-unlimited", "aliases may expand to anything", [
        ("compiler/event.h", "YAML_MAX_EXPANSION = 10,", "YAML_MAX_EXPANSION = 1 << 30,")]),
    Control("change-not-noticed", "a file that changes while it is read is taken as it came", [
        ("compiler/fs.c", "	if (got < (size_t)ret->st.st_size || !is_unchanged(fd, &ret->st))", "	if (got == SIZE_MAX)")]),
    Control("fifo-waited-for", "a source is opened without O_NONBLOCK, and may be anything", [
        ("compiler/fs.c", "	fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);\n	if (may_read",
         "	fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY);\n	if (may_read")]),
]


def untimed(text):
    return re.sub(rb" in [0-9.]+ s\n", b"\n", text)


class Sources:
    def __init__(self, c):
        self.c, self.src = c, c.path("src")
        self.empty()
        write(c.path("src/D01/1.yaml"), LAYER)
        c.must(c.dimc, "compile", "-q", "-Wno-all", "--no-sync", "src", "-o", "master")

    def empty(self):
        """src/ with a dimension without layers."""
        for name in ("src", "volume", "dumped"):
            if os.path.lexists(self.c.path(name)):
                subprocess.run(["rm", "-rf", self.c.path(name)], check=True)  # names and depths that are beyond shutil
        os.makedirs(self.c.path("src/D01"))
        write(self.c.path("src/D01/dimension.yaml"), DIMENSION)

    def dimc(self, *arguments, limit=None, statuses=(0, 1), reader=None, prefix=()):
        def limits():
            if not self.c.is_instrumented and not prefix:
                memory = MEMORY + TIMES * min(limit or DEFAULT_MAX, 2**33)
                resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
            if not self.c.is_instrumented:
                # A GiB that is allowed takes its time.
                seconds = SECONDS if not limit else SECONDS * 6
                resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

        env = {"DIMC_READER": reader} if reader else {}
        if limit:
            env["MMAP_MAX_SIZE"] = str(limit)
        ran = self.c.run([*prefix, self.c.dimc, *arguments], timeout=1200 if limit else 180, env=env, preexec_fn=limits)
        self.c.count("runs")
        return self.judge(ran, statuses)

    def judge(self, ran, statuses):
        """It ended in one of these statuses, and its messages have a place and can be printed."""
        c = self.c
        c.want(not ran.hung and ran.status in statuses, f"wanted status {sorted(statuses)}: {ran}")
        c.want(len(ran.out) + len(ran.err) < OUTPUT, f"{len(ran.out) + len(ran.err)} bytes of output")
        try:
            told = ran.err.decode()
        except UnicodeDecodeError as error:
            raise Failure(f"messages that are not UTF-8: {error}: {ran}") from error
        bad = re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", told)
        c.want(bad is None, f"unprintable in what it says: {bad}: {ran}")
        if ran.status == 1:
            c.want(re.search(r"^.+?:(\d+:\d+:)? error: .+ \[[a-z-]+\]$", told, re.M), f"no error with a place: {ran}")
        elif ran.status == 3:
            c.want(re.search(r"^dimc: error: .+$", told, re.M), f"no error: {ran}")
        return ran

    def check(self, case):
        ran = self.dimc("check", "src", limit=case.limit, statuses=case.statuses)
        self.c.want(ran.status == 0 or case.said in ran.err, f"expected {case.said.decode()}: {ran}")
        self.c.count({0: "taken", 1: "rejected", 3: "refused by the system"}[ran.status])
        if case.readers == 2:
            other = self.dimc("check", "src", limit=case.limit, statuses=case.statuses, reader="libyaml")
            self.c.want((other.status, other.err, untimed(other.out)) == (ran.status, ran.err, untimed(ran.out)),
                        f"the readers differ: {ran}\nlibyaml: {other}")
        return ran

    def others(self, case, checked):
        c, status = self.c, checked.status
        self.dimc("compile", "src", "-o", "volume", "--no-sync", limit=case.limit, statuses=[status])
        if status == 0:
            self.dimc("verify", "volume", limit=case.limit, statuses=[0])
            self.dimc("dump", "volume", "-o", "dumped", limit=case.limit, statuses=[0])
        else:
            c.want(not os.path.exists(c.path("volume/consciousness")), "something was published")
        self.dimc("fmt", "--check", "src", limit=case.limit, statuses=[0, 1, 3, 4])
        self.dimc("diff", "src", "master", limit=case.limit, statuses=[0, 4] if status == 0 else [status] + (
            [0, 4] if b"[file-ignored]" in checked.err else []))  # of what is not read, diff has nothing to say

    def watch(self, status):
        """One round, then a signal."""
        with open(self.c.path("rounds"), "wb") as out, subprocess.Popen(
                [self.c.dimc, "watch", "--check", "src"], cwd=self.c.work, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE) as process:
            drain = threading.Thread(target=process.stderr.read)
            drain.start()
            end = time.monotonic() + 120
            while process.poll() is None and time.monotonic() < end and b"round 1: " not in open(self.c.path("rounds"), "rb").read():
                time.sleep(0.005)
            had_round = b"round 1: " in open(self.c.path("rounds"), "rb").read()
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
            drain.join()
        self.c.want(process.returncode == 0 and (had_round or status == 3), f"watch: status {process.returncode}, a round: {had_round}")
        self.c.count("rounds of watch")


# --- files that change while they are read ---

ONE, TWO = b"".join(b"line %d of one.\n" % i for i in range(20000)), b"".join(b"LINE %d OF TWO.\n" % i for i in range(30000))


def replace(path, data):
    write(path + b".new", data)
    os.replace(path + b".new", path)


def rewrite(path, data):
    """As an editor that saves in place."""
    write(path, data[:len(data) // 2], data[len(data) // 2:])


def shrink(path, data):
    if os.path.getsize(path) > 100:
        os.truncate(path, 100)
    else:
        write(path, data)


def grow(path, data):
    if os.path.getsize(path) > 2 * len(data):
        write(path, data)
    with open(path, "ab") as file:
        file.write(b"And more.\n")


def vanish(path, data):
    if os.path.exists(path):
        os.unlink(path)
    else:
        write(path, data)


def to_fifo(path, data):
    was_file = stat.S_ISREG(os.lstat(path).st_mode)
    os.unlink(path)
    if was_file:
        os.mkfifo(path)
    else:
        write(path, data)


def to_folder(path, data):
    if os.path.isdir(path):
        os.rmdir(path)
        write(path, data)
    else:
        os.unlink(path)
        os.mkdir(path)


CHANGES = {"replaced": replace, "rewritten in place": rewrite, "cut": shrink, "longer": grow, "gone and back": vanish, "a FIFO and back": to_fifo,
           "a folder and back": to_folder}


def prepare(sources, is_content):
    src = os.fsencode(sources.src)
    if is_content:
        write(os.path.join(src, b"D01/1.yaml"), HEAD, b"content_file: text\n")
        path = os.path.join(src, b"D01/text")
        write(path, ONE)
        return path, ONE, TWO
    one = HEAD + b"content: |\n" + b"".join(b"  " + line + b"\n" for line in ONE.splitlines())
    two = HEAD + b"content: |\n" + b"".join(b"  " + line + b"\n" for line in TWO.splitlines())
    path = os.path.join(src, b"D01/1.yaml")
    write(path, one)
    return path, one, two


def published(sources, whole):
    """What was published is one of the states that the file has had, whole."""
    shown = sources.c.run([sources.c.dimc, "show", "volume", "D01/1"])
    sources.c.want(shown.status == 0 and shown.out in whole, f"what was published, {len(shown.out)} bytes, was never in the file")


def beside_a_loop(sources, change, is_content):
    c = sources.c
    path, one, two = prepare(sources, is_content)
    stop = threading.Event()

    def loop():
        turn = 0
        while not stop.is_set():
            turn += 1
            change(path, two if turn % 2 else one)
    thread = threading.Thread(target=loop)
    thread.start()
    try:
        for _ in range(2 if c.short else LOOPS):
            ran = sources.dimc("compile", "src", "-o", "volume", "--no-sync", statuses=[0, 1, 3])
            c.count({0: "taken", 1: "rejected", 3: "refused by the system"}[ran.status])
            if ran.status == 0 and change is replace:
                published(sources, (ONE, TWO))
    finally:
        stop.set()
        thread.join()


def stopped_at_a_read(sources, change, is_content):
    """strace stops dimc where it has opened the file and knows its size; then the file changes."""
    c = sources.c
    path, _, two = prepare(sources, is_content)
    write(c.path("trace"))
    command = ["strace", "-f", "-o", c.path("trace"), "-P", os.fsdecode(path), "-e", "trace=/^(fstat|newfstatat|statx)", "-e",
               "inject=/^(fstat|newfstatat|statx):signal=SIGSTOP:when=1", c.dimc, "compile", "src", "-o", "volume", "--no-sync", "-j", "1"]
    with subprocess.Popen(command, cwd=c.work, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env={"PATH": os.environ["PATH"], "ASAN_OPTIONS": "detect_leaks=0"}) as process:
        end = time.monotonic() + 120
        stopped = None
        while stopped is None and process.poll() is None and time.monotonic() < end:
            time.sleep(0.005)
            with open(c.path("trace"), encoding="utf-8", errors="replace") as file:
                stopped = re.search(r"^(\d+) +--- stopped by SIGSTOP", file.read(), re.M)
        if stopped is None:
            process.kill()
            process.communicate()
            raise Failure("strace did not stop dimc at the file")
        change(path, two)
        os.kill(int(stopped.group(1)), signal.SIGCONT)
        out, err = process.communicate(timeout=120)
    ran = collections.namedtuple("Ran", "command status out err hung")(command, process.returncode, out, err, False)
    c.count("stopped at a read")
    if change in (rewrite, shrink, grow):  # the file itself is another than when it was opened
        sources.judge(ran, [3])
        c.want(b" changed while it was read: run it again" in err, f"does not say that it changed: {ran}")
        c.want(not os.path.exists(c.path("volume/consciousness")), "something was published")
    else:  # the name leads elsewhere, and what is open is what it was
        sources.judge(ran, [0])
        published(sources, (ONE,))
    c.count("changes while read")


def changing():
    for is_content in (False, True):
        what = "content_file" if is_content else "layer file"
        for name, change in CHANGES.items():
            yield Case("changing", f"a {what} that is {name}, in a loop", functools.partial(beside_a_loop, change=change, is_content=is_content))
            yield Case("stopped", f"a {what} that is {name}, at a read", functools.partial(stopped_at_a_read, change=change, is_content=is_content))


def odd():
    for path in sorted(glob.glob(os.path.join(ROOT, "tests/fixtures/odd/*.yaml"))):
        def as_layer(src, path=path):
            shutil.copy(os.fsencode(path), os.path.join(src, b"D01/1.yaml"))
        yield Case("odd", os.path.basename(path), as_layer)


def run(c):
    sources = Sources(c)
    strace = strace_works(c)
    cases = [*changing(), *all_cases(20_000 if c.short else 1_000_000, c), *odd()]
    points = c.points(len(cases))
    if c.short and c.only is None:  # the first of each group, which the controls break, and a few by chance
        groups = collections.defaultdict(list)
        for point in points:
            groups[cases[point - 1].group].append(point)
        points = sorted({p for group in groups.values() for p in [group[0], *c.random(0).sample(group, SHORT // len(groups))]})
    for point in points:
        case = cases[point - 1]
        if case.group == "stopped" and not strace:
            c.skip("strace may not trace here: dimc stopped at a read")
            continue
        sources.empty()
        with c.point(point, f"{case.group}: {case.name}"):
            if case.group in ("changing", "stopped"):
                case.make(sources)
                continue
            case.make(os.fsencode(sources.src))
            checked = sources.check(case)
            if case.whole and (not c.short or point % 3 == 0):
                sources.others(case, checked)
            if point % (10 if c.short else 40) == 0 and not case.limit:
                sources.watch(checked.status)
    c.count("groups", len({case.group for case in cases}))


if __name__ == "__main__":
    raise SystemExit(campaign("sources", 1000, "inputs", run))
