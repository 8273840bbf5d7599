#!/usr/bin/env python3
"""race.py: several publishers of one volume at once, and readers of every kind, in another mount namespace, too.

In: as campaign.py. Out: as campaign.py. A point is a round: a new volume; three publishers, each with a list of commands of its own
(compiles of everything and of parts, restores, rollbacks, clean, init), of which some are killed or ended by a signal; `dimc watch`; one
that runs the commands that read; and torture/race_readers, eight readers by libdim. In every fifth round the file system exchanges no
directories: two renames take the exchange's place, nobody is killed, and readers wait for the moment between them. What passes is counted
in publications. A round's commands are those of its seed; how they meet is the machine's.

Whatever is published says who it is: D01 to D04, the core, are of one letter, and so are D05 and D06 beside it, where they are. So an answer
of two generations shows.
"""
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
from campaign import OUT, Control, Failure, campaign  # noqa: E402

ROUNDS, PUBLISHES, LOADS = 20, 1000, 100000
SHORT_PUBLISHES, SHORT_LOADS = 40, 1000
CORE, BESIDE = ["D01", "D02", "D03", "D04"], ["D05", "D06"]
BUNDLES = {"b": [], "c": ["-d", ",".join(CORE)], "d": ["-d", ",".join(BESIDE)]}
EXCHANGED, KEPT = {".cache", ".gitignore", ".lock", ".previous", "README.md", "consciousness", "proto", "temp"}, {"published", "sources"}

WITHOUT_EXCHANGE = ["strace", "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=renameat2", "-e", "inject=renameat2:error=EINVAL"]

# In a mount namespace of its own: the volume at another place, read-only, which is proven; then the readers.
ELSEWHERE = """set -e
mount --make-rprivate / && mount --bind "$1" "$2" && mount -o remount,bind,ro "$2"
! touch "$2/written" 2>/dev/null
shift && path=$1 && shift
exec "$1" "$path" "$2" "$3" "$4" "$5" "$6"
"""

# And a mount of consciousness/ itself, which nobody should make: what docs/operations.md says of it.
BOUND = """set -e
mount --make-rprivate / && mount --bind "$1/consciousness" "$2"
before=$(cat "$2/manifest.json")
"$3" compile -q --no-sync a -o "$1"
[ "$(cat "$2/manifest.json")" = "$before" ]
"$3" compile -q --no-sync b -o "$1"
[ -z "$(ls -A "$2")" ]
"""

CONTROLS = [
    Control("no-lock", "publishers take no lock", [("compiler/volume_lock.c", "if (flock(volume->lock, LOCK_EX | LOCK_NB) != 0)", "if (false)")]),
    Control("two-renames", "a generation is replaced by two renames where it could be exchanged",
            [("compiler/volume.c", "if (renameat2(volume->fd, a, volume->fd, b, RENAME_EXCHANGE) == 0)", "if (false)"),
             ("compiler/volume.c", "if (errno == EINVAL || errno == EOPNOTSUPP)", "")]),
    Control("region-by-name", "a reader opens each region by its path, and does not look twice",
            [("loader/snapshot.h", "char text[32]", "char text[64]"),
             ("loader/generation.c", 'path.text), "D%02u/region.mmap"', 'path.text), "../consciousness/D%02u/region.mmap"'),
             ("loader/published.c", "now.st_ino != generation->inode ||\n\t    now.st_dev != generation->device)", "false)")]),
    Control("no-patience", "a reader does not wait while nothing is published",
            [("loader/published.c", "enum { ATTEMPTS = 250 };", "enum { ATTEMPTS = 1 };")], short=False),
]


def make_sources(path, letter, dimensions):
    """Sources that say `letter` everywhere."""
    for number, name in enumerate(dimensions):
        folder = os.path.join(path, name)
        os.makedirs(folder)
        with open(os.path.join(folder, "dimension.yaml"), "w", encoding="utf-8") as file:
            file.write(f"dimension_id: {int(name[1:])}\nname: {letter}{number}\ncreated_at: 2024-10-24T10:00:00Z\n"
                       "updated_at: 2024-10-24T12:00:00Z\n")
        for layer in (1, 2):
            with open(os.path.join(folder, f"{layer}.yaml"), "w", encoding="utf-8") as file:
                file.write(f"layer_id: {layer}\nfrequency: 1.5\nkeywords: [{letter}]\ncontent: |\n  {letter} is in {name}, layer {layer}.\n")


class Fixtures:
    """Sources a (the core alone), b, c and d (of which parts are published), bundles of them; the generations that they may give."""

    def __init__(self, c):
        self.c = c
        make_sources(c.path("a"), "a", CORE)
        for letter in "bcd":
            make_sources(c.path(letter), letter, CORE + BESIDE)
        regions = {}  # by letter and dimension
        for letter in "abcd":
            c.must(c.dimc, "compile", "-q", "--no-sync", letter, "-o", "known")
            for d in json.loads(c.must(c.dimc, "info", "--json", "known"))["dimensions"]:
                regions[letter, f"D{d['dimension_id']:02}"] = d["checksum"].removeprefix("sha256:")
            if letter in BUNDLES:
                c.must(c.dimc, "bundle", "-q", "known", "-o", f"{letter}.tar.gz", *BUNDLES[letter])
        lines = {(letter, name): f"{name} {digest}\n" for (letter, name), digest in regions.items()}
        self.known = set()
        for core in "abcd":
            for beside in ["", *"bcd"]:
                text = "".join([lines[core, name] for name in CORE] + [lines[beside, name] for name in BESIDE if beside])
                self.known.add("sha256:" + hashlib.sha256(text.encode()).hexdigest())
        if len(self.known) != 16:
            raise RuntimeError("generations that should differ are the same")
        subprocess.run(["rm", "-r", c.path("known")], check=True)


class Round:
    def __init__(self, c, fixtures, number, publishes, loads, exchanges):
        self.c, self.fixtures, self.publishes, self.loads, self.exchanges = c, fixtures, publishes, loads, exchanges
        self.volume, self.log = c.path(f"v{number}"), c.path(f"log{number}")
        self.scratch = c.path(f"scratch{number}")
        self.failures, self.figures, self.lock = [], {}, threading.Lock()
        self.done = threading.Event()
        os.mkdir(self.scratch)

    def fail(self, text):
        with self.lock:
            self.failures.append(str(text))
        self.done.set()

    def count(self, figure, more=1):
        with self.lock:
            self.figures[figure] = self.figures.get(figure, 0) + more

    def published(self):
        """What published something, by the log."""
        try:
            with open(self.log, encoding="utf-8") as file:
                lines = [json.loads(line) for line in file if line.endswith("\n")]
        except FileNotFoundError:
            return []
        return [line for line in lines if line["changed"] and "generation" in line]

    # --- publishers ---

    def commands(self, random):
        """What one publisher does, command by command. Each: its words, whether it may be killed."""
        v, log = self.volume, ["--log", self.log]
        full = [["compile", "-j1", letter, "-o", v] for letter in "abc"]
        parts = [["compile", "-j2", "c", "-o", v, "-d", ",".join(CORE)], ["compile", "-j2", "d", "-o", v, "-d", ",".join(BESIDE)]]
        restores = [["restore", "b.tar.gz", "-o", v], ["restore", "c.tar.gz", "-o", v], ["restore", "c.tar.gz", "d.tar.gz", "-o", v]]
        while True:
            words = random.choice(random.choices([full, parts, restores, [["rollback", v]], [["clean", v], ["init", v]]], [10, 5, 3, 4, 2])[0])
            if words[0] not in ("clean", "init") and (self.c.short or random.random() < 0.95):
                words = words + ["--no-sync"]
            signal = random.choice(["KILL", "TERM", "INT"]) if random.random() < 0.1 else None
            yield words[0], [self.c.dimc, *log, "-q", *words], signal, random.uniform(0.001, 0.02)

    def publish(self, seed):
        for command, words, signal, delay in self.commands(self.c.random(seed)):
            if self.done.is_set():
                break
            if command == "init":  # what is missing is made, and a publisher may come in between
                try:
                    os.unlink(os.path.join(self.volume, "README.md"))
                except FileNotFoundError:
                    pass
            elif command == "clean":
                with open(os.path.join(self.volume, "temp", f"scratch-{seed}".replace(" ", "-")), "wb"):
                    pass
            if not self.exchanges:
                words, signal = WITHOUT_EXCHANGE + words, None
            self.judge(self.c.run((["timeout", "-s", signal, f"{delay:.4f}"] if signal else []) + words), command, signal)

    def judge(self, ran, command, signal):
        said = ran.err.decode(errors="replace")
        if ran.hung:
            self.fail(ran)
        elif ran.status == 0:
            self.count("commands that changed the volume")
        elif signal and ran.status in (124, 137, -9):
            self.count("killed")
        elif ran.status == 3 and "another publisher holds the lock of" in said:
            self.count("told that another one holds the lock")
        elif ran.status == 9 and command == "rollback" and "has no former generation" in said:
            self.count("without a former generation")
        else:
            self.fail(ran)

    def watch(self):
        """`dimc watch`, of sources that are saved again and again; ended by SIGTERM."""
        words = [self.c.dimc, "--log", self.log, "--json", "watch", "a", "-o", self.volume, "--no-sync", "-j1"]
        with open(self.c.path("watch.err"), "wb") as err, subprocess.Popen(words, cwd=self.c.work, stdin=subprocess.DEVNULL, stderr=err,
                                                                          stdout=subprocess.PIPE) as process:
            while not self.done.wait(0.1):
                with open(self.c.path("a/D01/1.yaml"), "rb") as file:
                    text = file.read()
                with open(self.c.path("a/D01/.1.yaml"), "wb") as file:
                    file.write(text)
                os.rename(self.c.path("a/D01/.1.yaml"), self.c.path("a/D01/1.yaml"))
            process.terminate()
            out = process.communicate(timeout=60)[0]
        rounds = [json.loads(line) for line in out.splitlines()]
        self.count("rounds of watch", len(rounds))
        with open(self.c.path("watch.err"), encoding="utf-8") as err:
            said = err.read()
        if process.returncode != 0 or not rounds or any(r["exit"] not in (0, 3) for r in rounds):
            self.fail(f"watch ended with {process.returncode}: {out.decode()[-1000:]}{said[-1000:]}")
        if said.count("error:") != said.count("another publisher holds the lock of"):
            self.fail(f"watch: {said[-1000:]}")

    # --- readers by program ---

    def read(self):
        """One after the other, whatever reads."""
        steps = [self.verify, self.info, self.show, self.find, self.bundle, self.dump, self.diff, self.check, self.restore, self.resident]
        number = 0
        while not self.done.is_set() or number < len(steps) and not self.failures:
            steps[number % len(steps)](number)
            number += 1
        self.count("commands that read", number)

    def reads(self, *words, statuses=(0,)):
        ran = self.c.run([self.c.dimc, *words], env={"TMPDIR": self.scratch})
        if ran.status not in statuses or ran.hung or ran.err and ran.status == 0:
            raise Failure(str(ran))
        return ran.out.decode()

    def knows(self, digest, what):
        """A generation that was published, by its digest or the beginning of it."""
        if not any(known.removeprefix("sha256:").startswith(digest.removeprefix("sha256:")) for known in self.fixtures.known):
            raise Failure(f"{what} found generation {digest}, which is none that was published")

    def verify(self, _):
        self.knows(self.reads("verify", "--strict", self.volume).rstrip().split("generation ")[-1], "verify")

    def info(self, _):
        found = json.loads(self.reads("info", "--json", self.volume))
        self.knows(found["generation"], "info")
        names = "".join(d["dimension_name"][0] for d in found["dimensions"])
        if names not in [4 * core + 2 * beside for core in "abcd" for beside in ["", *"bcd"]]:
            raise Failure(f"info found the dimensions {names}")

    def show(self, _):
        text = self.reads("show", self.volume, "D02/1")
        if text[1:] != " is in D02, layer 1.\n":
            raise Failure(f"show printed {text!r}")

    def find(self, number):
        """A word of every generation of that core: eight layers or more, or none of them."""
        found = self.reads("find", self.volume, "abcd"[number % 4], statuses=(0, 9))
        if sum(line.startswith(tuple(CORE)) for line in found.splitlines()) not in (0, 8):
            raise Failure(f"find found a part of a generation:\n{found}")

    def bundle(self, number):
        path = self.c.path(f"read{number}.tar.gz")
        self.reads("bundle", "-q", self.volume, "-o", path)
        self.knows(self.reads("verify", path).rstrip().split("generation ")[-1], "bundle")
        self.reads("list", path)
        os.unlink(path)
        os.unlink(path + ".sha256")

    def dump(self, number):
        path = self.c.path(f"read{number}")
        self.reads("dump", "-q", self.volume, "-o", path)
        compiled = json.loads(self.reads("compile", "--json", "--no-sync", path, "-o", path + ".v"))
        self.knows(compiled["generation"], "dump")
        subprocess.run(["rm", "-r", path, path + ".v"], check=True)

    def diff(self, _):
        self.reads("diff", "--stat", self.volume, "b", statuses=(0, 4))

    def check(self, _):
        self.reads("compile", "--check", "b", "-o", self.volume, statuses=(0, 4))

    def restore(self, _):
        """What it would do, without the lock; what is kept is proven."""
        self.reads("restore", "-q", "-n", "d.tar.gz", "-o", self.volume)

    def resident(self, _):
        self.reads("info", "--resident", "--json", self.volume)

    # --- readers by libdim ---

    def start_readers(self, elsewhere):
        """Eight: four threads, two followers, two openers, of which the latter are half in another mount namespace."""
        program, loads = os.path.join(OUT, "torture/race_readers"), str(self.loads // 2)
        exchange = str(int(self.exchanges))
        here = [program, self.volume, loads, "4", "1", "1", exchange]
        place = self.c.path("elsewhere")
        there = [*elsewhere, "sh", "-c", ELSEWHERE, "sh", self.volume, place, program, loads, "0", "1", "1", exchange]
        os.makedirs(place, exist_ok=True)
        both = [here, there if elsewhere else [program, self.volume, loads, "0", "1", "1", exchange]]
        readers = [subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for words in both]
        for reader in readers:
            if reader.stdout.readline() != b"ready\n":
                self.fail("readers did not begin")
        return readers

    def end_readers(self, readers):
        for reader in readers:
            try:
                out, err = reader.communicate(timeout=300)
            except subprocess.TimeoutExpired:
                reader.kill()
                out, err = reader.communicate()
                self.fail("readers hung")
            words = out.decode().split()
            if reader.returncode != 0 or err or len(words) != 8:
                self.fail(f"readers ended with {reader.returncode}: {err.decode(errors='replace')}")
            else:
                for figure, n in zip(words[::2], words[1::2]):
                    self.count({"looks": "looks for consciousness/"}.get(figure, figure), int(n))

    # --- a round ---

    def do(self, what, *arguments):
        """What one thread does. Whatever goes wrong there is the round's failure."""
        try:
            what(*arguments)
        except Exception as error:
            self.fail(f"{type(error).__name__}: {error}")

    def run(self, number, elsewhere):
        self.c.must(self.c.dimc, "compile", "-q", "--no-sync", "a", "-o", self.volume)
        readers = self.start_readers(elsewhere)
        work = [threading.Thread(target=self.do, args=(self.publish, f"{number} {k}")) for k in range(3)]
        work += [threading.Thread(target=self.do, args=(what,)) for what in (self.watch, self.read)]
        for thread in work:
            thread.start()
        limit = time.monotonic() + 600
        while not self.done.wait(0.02) and len(self.published()) < self.publishes:
            if time.monotonic() > limit:
                self.fail(f"only {len(self.published())} of {self.publishes} publications in ten minutes")
            if any(reader.poll() is not None for reader in readers):
                self.done.set()
        self.done.set()
        for thread in work:
            thread.join()
        self.end_readers(readers)
        self.afterwards()
        if elsewhere:
            ran = self.c.run([*elsewhere, "sh", "-c", BOUND, "sh", self.volume, self.c.path("elsewhere"), self.c.dimc])
            if ran.status != 0:
                self.fail(f"consciousness/ itself in another mount namespace: {ran}")
        published = self.published()
        for line in published:
            if line["generation"] not in self.fixtures.known:
                self.fail(f"{line['command']} published {line['generation']}, which no sources give")
        if not self.failures and self.figures["changes"] < len(published):
            self.fail(f"readers saw {self.figures['changes']} changes of {len(published)} publications: too few to prove anything")
        return published

    def afterwards(self):
        """The next publisher finds a sound volume, and leaves nothing of the killed ones."""
        for words in (["compile", "-q", "--no-sync", "b"], ["compile", "-q", "--no-sync", "c"]):
            self.judge(self.c.run([self.c.dimc, *words, "-o", self.volume]), "compile", None)
        for words in (["init", "-q"], ["clean", "-q"], ["verify", "--strict", "-q"]):
            ran = self.c.run([self.c.dimc, *words, self.volume])
            if ran.status != 0 or ran.err:
                self.fail(ran)
        left = {"the volume": set(os.listdir(self.volume)) - EXCHANGED, "TMPDIR": set(os.listdir(self.scratch)),
                ".cache/": set(os.listdir(os.path.join(self.volume, ".cache"))) - KEPT,
                "temp/": set(os.listdir(os.path.join(self.volume, "temp"))), "proto/": set(os.listdir(os.path.join(self.volume, "proto")))}
        for where, names in left.items():
            if names:
                self.fail(f"left in {where}: {', '.join(sorted(names))}")
        for name in ("consciousness", ".previous"):
            if os.stat(os.path.join(self.volume, name)).st_mode & 0o7777 != 0o755:
                self.fail(f"{name} is not 0755")


def namespace(c):
    """How a command gets a mount namespace of its own here; nothing where it cannot."""
    for words in (["unshare", "-m"], ["unshare", "-rm"]):
        if c.run([*words, "sh", "-c", 'mount --make-rprivate / && mount --bind "$1" "$1"', "sh", c.work]).status == 0:
            return words
    return []


def run(c):
    c.need("timeout")
    fixtures, elsewhere = Fixtures(c), namespace(c)
    rounds = 1 if c.short else ROUNDS
    if not elsewhere:
        c.skip("readers in another mount namespace: unshare may not make one here")
    publishes = int(os.environ.get("RACE_PUBLISHES", SHORT_PUBLISHES if c.short else PUBLISHES)) // rounds
    loads = int(os.environ.get("RACE_LOADS", SHORT_LOADS if c.short else LOADS)) // rounds
    may_trace = shutil.which("strace") is not None and c.run([*WITHOUT_EXCHANGE, "true"]).status == 0
    if not may_trace and not c.short:
        c.skip("without exchange: strace may not trace here", rounds // 5)
    for number in c.points(rounds):
        one = Round(c, fixtures, number, publishes, loads, number % 5 != 0 or not may_trace)
        published = one.run(number, elsewhere)
        for line in published:
            with c.point(number, line["command"]):
                c.count("by " + line["command"])
        for failure in one.failures:
            with c.point(number, "a round of publishers and readers"):
                raise Failure(failure)
        for figure, n in one.figures.items():
            c.count(figure, n)
    if not c.short and c.only is None and not c.failures and c.figures["loads"] < LOADS:
        raise RuntimeError(f"only {c.figures['loads']} loads, and the bar is {LOADS}")


if __name__ == "__main__":
    sys.exit(campaign("race", PUBLISHES, "publications", run))
