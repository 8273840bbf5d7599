#!/usr/bin/env python3
"""memory.py: a campaign in which each allocation of dimc fails once, in every command.

In: dimc, $OUT/torture/failing_preload.so, which counts allocations from main on and refuses one. Out: see campaign.py.

A run without a failure is the census of a command: its allocations, each with its callers. A point refuses one of them, or (every fourth) that and
all behind it, and looks at what is there afterwards. Either nothing differs from the run in which nothing failed; or the status is 3 and the
message speaks of memory, what was published is as before, and the same command then ends as if nothing had been, without a file too many;
or the status is 8, and the new generation is there whole.

Taken are all allocations of dimc's own code, of libarchive (which is linked into it), of the C library, libdeflate and zlib; of
libyaml and libcrypto, which make thousands alike, every chain of callers inside of them once, and a spread of the others. The full
form also takes a spread of all in a build with AddressSanitizer, which finds what is used after it was freed, and leaks of runs that
go on: one that ends with 3 or 8 ends at once.
"""
import collections
import hashlib
import itertools
import os
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
from campaign import OUT, ROOT, Cannot, Control, Failure, Skip, campaign  # noqa: E402
from memory_scenes import SCENES, make_world  # noqa: E402
from scenes import in_memory  # noqa: E402

PRELOADED = os.path.join(OUT, "torture/failing_preload.so")
SPREAD = {"libcrypto": 10, "libyaml": 10}  # of chains that were taken before, in each scene
HANDS_ON = ("mem_alloc", "mem_grow", "alloc_for_crypto", "grow_for_crypto",  # dimc's functions that libraries allocate by
            "__wrap_malloc", "__wrap_calloc", "__wrap_realloc")
CRASHED = "archive_entry_new2"  # of libarchive: it was not looked at whether there was memory
LASTING = 4  # after every so many, all behind it fail, too
SANITIZED = 25  # points of each scene with AddressSanitizer
ASAN = "detect_leaks=1:verify_asan_link_order=0:allocator_may_return_null=1:exitcode=66"
SANITIZER = "-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
TIMES = re.compile(rb"\d+\.\d+ s\b|\d+ ms\b")

CONTROLS = [
    Control("memory-unchecked", "memory that is not there is used",
            [("compiler/mem.c", "	if (memory == NULL)\n		out_of_memory();\n	return memory;", "	return memory;")]),
    Control("memory-buffer-lost", "a buffer that cannot grow loses what is in it, and goes on",
            [("compiler/buf.c", "		buf->bytes = mem_grow(buf->bytes, want, 1);\n",
              "		void *__real_realloc(void *, size_t);\n		char *more = __real_realloc(buf->bytes, want);\n\n		if (more == NULL && want < 4096) {\n"
              "			static char spare[8192];\n\n			more = memset(spare, 0, sizeof(spare));\n		}\n"
              "		buf->bytes = mem_have(more);\n")]),
    Control("memory-libarchive", "libarchive is left to what it does without memory",
            [("Makefile", "-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc ", "")]),
    Control("memory-published", "a run that published says that nothing was published",
            [("compiler/publish.c", "	mem_published(true);\n	close(p->staging);", "	close(p->staging);")]),
]


def tree(root):
    """What is below a directory, by its bytes and modes; of what dimc remembers, names alone, for these have inodes and times."""
    found = {}
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(folder, name)
            kept = os.path.relpath(path, root)
            if os.path.islink(path):
                found[kept] = os.readlink(path)
            elif name in folders:
                found[kept] = oct(os.stat(path).st_mode)
            elif "/.cache/" in path or name in ("stamp.d", "log", "trace.json"):
                found[kept] = "a file"
            else:
                with open(path, "rb") as file:
                    found[kept] = hashlib.sha256(file.read()).hexdigest()
    return found


def published(listing):
    """The files that readers of generations and of proto/ see."""
    return {path: what for path, what in listing.items()
            if not what.startswith("0o") and re.search(r"/consciousness/|/proto/[^.]|^dumped/", path)}


def difference(one, other):
    return ", ".join(sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path))[:8])


class Names:
    """Places in programs and libraries by the names of their functions."""

    def __init__(self, dimc):
        self.files = {"dimc": dimc}
        for line in subprocess.run(["ldd", dimc], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines():
            if "=> /" in line:
                self.files[line.split()[0]] = line.split("=> ")[1].split(" ")[0]
        self.known = {}

    def learn(self, frames):
        wanted = collections.defaultdict(list)
        for frame in set(frames) - self.known.keys():
            module, _, offset = frame.partition("+")
            wanted[module].append(offset)
        for module, offsets in wanted.items():
            if module not in self.files:
                continue
            text = subprocess.run(["addr2line", "-f", "-e", self.files[module]], input="".join(f"0x{o}\n" for o in offsets),
                                  stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
            for number, offset in enumerate(offsets):
                where = text[2 * number + 1].split(" ")[0]
                place = "/".join(where.split("/")[-2:]) if not where.startswith("?") else module
                self.known[f"{module}+{offset}"] = (text[2 * number], place)

    def stack(self, chain):
        self.learn(chain)
        return " < ".join("{} ({})".format(*self.known.get(frame, (frame, "?"))) for frame in chain[:12])

    def owner(self, chain):
        """Whose allocation it is: `dimc`, or a library."""
        frame = next((frame for frame in chain if self.known.get(frame, ("", ""))[0] not in HANDS_ON), chain[0])
        if not frame.startswith("dimc+"):
            return frame.split(".so")[0].split("-0")[0].split("+")[0]
        return "libarchive" if self.known[frame][1] == "dimc" else "dimc"

    def inside(self, chain):
        """The part of a chain that is in the library: whichever way dimc came there."""
        begin = next((n for n, frame in enumerate(chain) if not frame.startswith("dimc+")), 0)
        return " ".join(itertools.takewhile(lambda frame: not frame.startswith("dimc+"), chain[begin:]))


class Stage:
    """One scene, and the directory in which it is played."""

    def __init__(self, c, scene, world, dimc, names):
        self.c, self.scene, self.world, self.dimc, self.names = c, scene, world, dimc, names
        self.at = c.path("stage")
        self.old = None
        self.restore()
        self.normal = self.play()
        if self.normal.status != scene.status:
            raise RuntimeError(f"{scene.name}: {self.normal}")
        self.new = tree(self.at)
        self.restore()
        self.chains = self.census()

    def restore(self):
        shutil.rmtree(self.at, ignore_errors=True)
        self.c.must("cp", "-a", self.world, self.at)
        if self.scene.before:
            self.c.must("sh", "-ec", self.scene.before, cwd=self.at, env={"DIMC": self.dimc})
        self.old = tree(self.at)

    def play(self, env=None):
        """The scene's commands; those of the environment are for dimc alone."""
        more = " ".join(f"{name}={value}" for name, value in (env or {}).items())
        run = f"env {more} {self.dimc}" if more else self.dimc
        text = f"exec {self.scene.command}" if "\n" not in self.scene.command else self.scene.command
        return self.c.run(["sh", "-c", text], timeout=120, cwd=self.at,
                          env={"DIMC": run, "TMPDIR": os.path.join(self.at, "tmp"), "SOURCE_DATE_EPOCH": "1700000000"})

    def fail(self, at, lasts=False):
        """Plays it with a failure; returns what ran, and the callers of what failed (none: it was not reached)."""
        log = self.c.path("log")
        if os.path.exists(log):
            os.remove(log)
        env = {"FAILING_AT": at, "FAILING_LOG": log, "LD_PRELOAD": PRELOADED}
        if lasts:
            env["FAILING_LASTS"] = 1
        if self.scene.threads:
            env["FAILING_THREADS"] = 1
        ran = self.play(env)
        with open(log, encoding="ascii") as file:
            lines = file.read().splitlines()
        return ran, [line.split()[1:] for line in lines]

    def census(self):
        ran, lines = self.fail(0)
        if ran.status != self.scene.status or len(lines) < 2:
            raise RuntimeError(f"{self.scene.name}, counted: {ran}")
        chains = [line for line in lines[:-1] if line]
        self.names.learn({frame for chain in chains for frame in chain[:3] if frame.startswith("dimc+")})
        self.restore_if_changed()
        return chains

    def restore_if_changed(self):
        if tree(self.at) != self.old:
            self.restore()

    def judge(self, at, lasts):
        """One point."""
        ran, lines = self.fail(at, lasts)
        if not lines:
            self.restore_if_changed()
            raise Skip("not reached: threads allocated in another order")
        now = tree(self.at)
        try:
            self.look(ran, now)
            if now != self.old:
                self.go_on(ran)
        except Failure as failure:
            raise Failure(f"{failure}; {self.names.owner(lines[0])}: {self.names.stack(lines[0])}\n     {tail(ran)}") from None
        finally:
            if now != self.old:
                self.restore()

    def look(self, ran, now):
        """How it ended, and what is there now."""
        c = self.c
        c.want(not ran.hung, "hung")
        c.want(ran.status >= 0, f"died by signal {-ran.status}")
        seen, before = published(now), published(self.old)
        same = seen == before or (self.scene.removes and seen.items() <= before.items())
        if ran.status == self.scene.status and b"out of memory" not in ran.err:
            missing = difference(kept(now), kept(self.new))
            c.want(not missing, f"status {ran.status}, but not what it stands for: {missing}")
            c.want(TIMES.sub(b"", ran.out) == TIMES.sub(b"", self.normal.out), "printed something else")
            c.want(TIMES.sub(b"", ran.err) == TIMES.sub(b"", self.normal.err) or b"emory" in ran.err or self.scene.rounds,
                   "another message")
            c.count("without effect")
        elif ran.status == 8:
            # The mark of a publication that is not finished, the mode of the generation's directory, may still be there.
            done = {path: what for path, what in kept(self.new).items()
                    if self.old.get(path) != what and "/.previous" not in path and not path.endswith("/consciousness")}
            c.want(done and not difference(done, {path: now.get(path) for path in done}), "status 8, but not done")
            c.count("published, status 8")
        else:
            c.want(ran.status == 3, f"status {ran.status}, neither 3 nor as usual")
            c.want(b"emory" in ran.err, "no word of memory")
            c.want(same or self.scene.rounds, "status 3, but published")
            c.count("status 3")

    def go_on(self, ran):
        """After a failure, the next run finds its way, and leaves nothing of the one before."""
        if ran.status == 3 or tree(self.at).keys() - self.new.keys():
            again = self.play()
            repeats = ran.status == 3 and not self.scene.rounds
            self.c.want(again.status in ((self.scene.status,) if repeats else (0, 3, self.scene.status)), f"the next run: {tail(again)}")
            self.c.count("where the next run tidied up")
        now = tree(self.at)
        self.c.want(not now.keys() - self.new.keys(), f"litter: {', '.join(sorted(now.keys() - self.new.keys()))}")


def tail(ran):
    return f"status {ran.status}: {(ran.out + ran.err).decode(errors='replace').strip()[-400:]}"


def kept(listing):
    return {path: what for path, what in listing.items() if "/.cache" not in path}


def choose(stage, seen, c, number):
    """The numbers of allocations to refuse, counted from 1."""
    chosen, others = [], collections.defaultdict(list)
    for at, chain in enumerate(stage.chains, 1):
        owner, key = stage.names.owner(chain), stage.names.inside(chain)
        if owner not in SPREAD or key not in seen:
            chosen.append(at)
            seen.add(key)
        else:
            others[owner].append(at)
    for owner, rest in sorted(others.items()):
        chosen += c.random(number).sample(rest, min(len(rest), SPREAD[owner]))
    return chosen


def few(stage, c, number):
    """For the short form: some of dimc's own, of one function each; the last, which is behind the commit point; and what crashed once."""
    by_place, always = {}, set()
    for at, chain in enumerate(stage.chains, 1):
        own = stage.names.owner(chain) == "dimc"
        by_place[" ".join(chain[:3]) if own else stage.names.owner(chain)] = at
        if CRASHED in (stage.names.known.get(frame, ("",))[0] for frame in chain[:3]):
            always.add(at)
    places = sorted(by_place.values())
    always.add(places[-1])
    return sorted(always.union(c.random(number).sample(places, min(len(places), 4))))


def sanitized(c):
    """The same program with AddressSanitizer, or the reason why there is none."""
    out = os.path.join(OUT, "asan")
    made = c.run(["make", "-s", "-C", ROOT, f"OUT={out}", "HARDEN=", f"CFLAGS={SANITIZER}", os.path.join(out, "bin/dimc")], timeout=1800)
    if made.status != 0:
        c.skip(f"no build with AddressSanitizer: {made.err.decode(errors='replace').strip()[-200:]}")
        return None
    return os.path.join(out, "bin/dimc")


def play(c, dimc, world, first, points):
    """All scenes with one program. `points` says which of a stage's allocations fail; returns the number behind the last point."""
    names = Names(dimc)
    for number, scene in enumerate(SCENES):
        if c.short and not scene.short:
            continue
        stage = Stage(c, scene, world, dimc, names)
        chosen = points(stage, number)
        chosen = sorted([(at, False) for at in chosen] + [(at, True) for at in chosen[number % LASTING::LASTING]])
        for point in c.points(len(chosen), first):
            at, lasts = chosen[point - first]
            with c.point(point, f"{scene.name}, allocation {at} of {len(stage.chains)}{' and all behind it' if lasts else ''}"):
                stage.judge(at, lasts)
                c.count(f"of {names.owner(stage.chains[at - 1])}")
        first += len(chosen)
    return first


def run(c):
    c.need("addr2line", "ldd")
    if c.is_instrumented:
        raise Cannot("dimc is instrumented; the whole campaign builds such a one for a part of it")
    if not os.path.exists(PRELOADED):
        raise Cannot(f"no {PRELOADED} (make torture-tools builds it)")
    world = c.path("world")
    make_world(c, world)
    seen = set()
    if c.short:
        play(c, c.dimc, world, 1, lambda stage, number: few(stage, c, number))
        return
    behind = play(c, c.dimc, world, 1, lambda stage, number: choose(stage, seen, c, number))
    dimc = sanitized(c)
    if dimc:
        os.environ["ASAN_OPTIONS"] = ASAN
        leak = c.run([dimc, "schema", "layer"], env={"FAILING_LEAK": "1", "FAILING_AT": "0", "FAILING_LOG": c.path("log"), "LD_PRELOAD": PRELOADED})
        if b"LeakSanitizer" not in leak.err:
            raise RuntimeError(f"a leak made on purpose is not found: {leak}")
        play(c, dimc, world, behind,
             lambda stage, number: sorted(c.random(number).sample(range(1, len(stage.chains) + 1), min(SANITIZED, len(stage.chains)))))


if __name__ == "__main__":
    in_memory()
    sys.exit(campaign("memory", 3000, "allocations that fail", run))
