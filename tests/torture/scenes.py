"""scenes.py: what the campaigns kill and fault do to dimc in the middle of: every command, over what was there before.

In: a campaign. Out: `scenes(c)`: for each command, what is there before it and after it; `Scene.set` makes what is there
before it; `Scene.judge` says whether what is there now is, part by part, the one or the other; `tree` tells all that is there.

All of a scene is in one directory, where its command runs; what it reads alone (`in/`) is made once.
"""
import hashlib
import os
import re
import shutil
import stat

from campaign import OUT, Cannot

GENERATION = "volume/consciousness/"
NO_EXCHANGE, NO_TMPFILE = "renameat2=EINVAL", "O_TMPFILE=EOPNOTSUPP"  # what file systems lack


def in_memory():
    """Scratch directories go to a tmpfs where there is one: nothing here depends on the disk, and its syncs take most of the time."""
    if os.access("/dev/shm", os.W_OK):
        os.environ.setdefault("TMPDIR", "/dev/shm")


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def make_sources(folder, changed, word):
    """Four dimensions of two layers; those in `changed` have a layer of their own."""
    for number in range(1, 5):
        at = f"{folder}/D{number:02d}-x"
        write(f"{at}/dimension.yaml", f"dimension_id: {number}\nname: Name {number}\ncreated_at: 2024-10-24T10:00:00Z\n"
                                      "updated_at: 2024-10-24T12:00:00Z\n")
        for layer in (1, 2):
            text = f"{word} {layer} of {number}" if number in changed and layer == 1 else f"Layer {layer} of {number}"
            write(f"{at}/{100 + layer}.yaml", f"layer_id: {layer}\nfrequency: 1.0\nkeywords: [word{layer}]\ncontent: |\n  {text}.\n")


def tree(folder, of_cache=lambda path: ""):
    """Everything below a folder: mode and digest of each file, mode of each directory; of caches, which remember inodes, what is asked."""
    found = {}
    for at, folders, files in os.walk(folder):
        inside = os.path.relpath(at, folder) + "/" if at != folder else ""
        for name in folders:
            found[inside + name + "/"] = oct(stat.S_IMODE(os.lstat(os.path.join(at, name)).st_mode))
        for name in files:
            path = os.path.join(at, name)
            with open(path, "rb") as file:
                digest = of_cache(path) if ".cache/" in inside else hashlib.sha256(file.read()).hexdigest()
            found[inside + name] = f"{oct(stat.S_IMODE(os.lstat(path).st_mode))} {digest}"
    return found


def touched(folder):
    """What tells whether anything in a folder was written or replaced: cheaper than its contents."""
    found = {}
    for at, folders, files in os.walk(folder):
        for name in folders + files:
            info = os.lstat(os.path.join(at, name))
            found[os.path.join(at, name)] = (info.st_mode, *((info.st_ino, info.st_size, info.st_mtime_ns) if name in files else ()))
    return found


def below(found, prefix):
    """The part of a tree below a prefix; the sticky bit of the directory itself is a publisher's own mark."""
    return {name: what for name, what in found.items() if name.startswith(prefix) and name != prefix}


def without_cache(found):
    return {name: what for name, what in found.items() if "/.cache/" not in name}


def difference(found, wanted):
    names = [n for n in sorted(set(found) | set(wanted)) if found.get(n) != wanted.get(n)]
    return ", ".join(f"{n}: {found.get(n, 'not there')}, not {wanted.get(n, 'not there')}" for n in names[:4])


class Scene:
    """`command`: dimc's arguments; `before`: commands that lead to where it begins; `refuse`: a call that always fails."""

    def __init__(self, c, name, command, before=(), refuse=None):
        self.c, self.name, self.before_commands, self.refuse = c, name, before, refuse
        self.command = [c.dimc, *command]
        self.run_in = c.path("run")
        self.was_set = None
        self.uncounted = []  # names of calls that have no number

    def set(self):
        """Makes what is there before the command, unless it is. `copy` and `write` are no commands of dimc."""
        c = self.c
        if self.is_untouched():
            return
        shutil.rmtree(self.run_in, ignore_errors=True)
        os.mkdir(self.run_in)
        for command in self.before_commands:
            if command[0] == "copy":
                shutil.copytree(c.path("in", command[1]), os.path.join(self.run_in, command[2]))
            elif command[0] == "write":
                write(os.path.join(self.run_in, command[1]), command[2])
            else:
                c.must(c.dimc, *command, cwd=self.run_in)
        self.was_set = touched(self.run_in)

    def is_untouched(self):
        return touched(self.run_in) == self.was_set

    def tree(self):
        return tree(self.run_in)

    def learn(self):
        """What is there before and after it, and what it prints."""
        self.set()
        self.before = self.tree()
        self.publishes = self.command[1] in ("compile", "restore", "rollback") and GENERATION in self.before and \
            "--proto" not in self.command
        ran = self.inject("count", log=self.c.path("log"))
        self.status, self.printed = ran.status, plain(ran.out)
        self.after = self.tree()
        if ran.hung or ran.status not in (0, 4):
            raise RuntimeError(f"{self.name}: {ran}")
        self.calls = read_log(self.c.path("log"))

    def inject(self, *action, log=None, env=None, **more):
        """Runs the command under inject."""
        return self.c.run(self.injected(action, log), cwd=self.run_in, env=env, **more)

    def injected(self, action, log):
        return [os.path.join(OUT, "torture/inject"), *(["-o", log] if log else []), *(["-x", self.refuse] if self.refuse else []),
                *(["-e", "!" + ",".join(self.uncounted)] if self.uncounted else []), *action, "--", *self.command]

    def recover(self, ran):
        """The next run succeeds without help, and what it leaves is what an undisturbed run leaves."""
        now = self.tree()
        if self.command[1] in ("dump", "new") and now == self.after:
            return  # what is there is not made again
        back = self.command[1] == "rollback" and below(now, GENERATION) == below(self.after, GENERATION)
        again = self.inject("count") if self.refuse else self.c.run(self.command, cwd=self.run_in)
        self.c.want(again.status == self.status, f"the next run: {again}\nafter {ran}")
        found, wanted = self.tree(), self.before if back else self.after
        if self.command[1] == "rollback":  # after which nothing is remembered
            found, wanted = without_cache(found), without_cache(wanted)
        wrong = difference(found, wanted)
        self.c.want(not wrong, f"the next run leaves {wrong}\nafter {ran}")

    def judge(self, ran):
        """Each part is as before or as after, whole; returns what readers see: 'old', 'new', 'none' or 'same'."""
        now, want = self.tree(), self.c.want
        seen = "same" if below(self.before, GENERATION) == below(self.after, GENERATION) else None
        generation = below(now, GENERATION)
        if not any(not name.endswith("/") for name in below(self.after, GENERATION)):
            seen = "same"  # the empty directories of init
        elif GENERATION not in now and self.refuse == NO_EXCHANGE:
            seen = "none"  # between the two renames of a file system without exchange
            want(below(now, "volume/.previous/").items() >= {k.replace("consciousness", ".previous"): v for k, v in
                                                           below(self.before, GENERATION).items()}.items(), "the old generation is lost")
        elif generation == below(self.before, GENERATION):
            seen = seen or "old"
        else:
            wrong = difference(generation, below(self.after, GENERATION))
            want(not wrong, f"neither the old generation nor the new one: {wrong}\n{ran}")
            seen = seen or "new"
        if GENERATION in now:
            verified = self.c.run([self.c.dimc, "verify", "--strict", "volume"], cwd=self.run_in)
            want(verified.status == 0, f"readers: {verified}\nafter {ran}")
        for name in set(self.before) | set(self.after):
            if name.endswith("/") or (name.startswith("volume/") and not name.startswith("volume/proto/")):
                continue
            want(now.get(name) in (self.before.get(name), self.after.get(name), None if name.endswith((".sha256", ".sig")) else 0),
                 f"{name} is neither the old one nor the new one: {now.get(name)}\n{ran}")
        self.judge_sum(now, ran)
        if self.before.get("stamp") != now.get("stamp"):
            want(seen == "new" and now.get("stamp.d") == self.after["stamp.d"], f"a stamp, and the generation is {seen}\n{ran}")
        return seen

    def judge_sum(self, now, ran):
        """A bundle's sum is that of the bundle that is there, or is not there; so is its signature."""
        for name, what in now.items():
            if not name.endswith((".gz", ".oci")) or "/" in name:
                continue
            which = self.after if what == self.after.get(name) else self.before
            for more in (".sha256", ".sha256.sig"):
                self.c.want(now.get(name + more) in (None, which.get(name + more)), f"{name + more} is not that of the bundle there\n{ran}")


def plain(out):
    """What was printed, but how long it took, and what was read instead of remembered; what was mended, in any order."""
    lines = re.sub(rb"\d+ files? read in \d+\.\d+ m?s\b", b"? files read in ? s", out).splitlines()
    return sorted(lines) if any(b": mended [" in line for line in lines) else lines


def read_log(path):
    """The calls of a run under inject: number, thread, name, subject, result, perhaps `injected`."""
    with open(path, encoding="utf-8", errors="replace") as file:
        return [line.rstrip("\n").split("\t") for line in file]


def need_inject(c):
    if c.run([os.path.join(OUT, "torture/inject"), "count", "--", "true"]).status != 0:
        raise Cannot("ptrace(2) is not allowed here")


def make_inputs(c):
    """in/: the sources a, b and c; bundles of b; keys; the two texts of a proto-dimension; a source that is not in its form."""
    at = c.path("in")
    make_sources(f"{at}/a", [], "")
    make_sources(f"{at}/b", [1, 3], "Another layer")
    make_sources(f"{at}/c", [2], "A third layer")
    for text in ("one", "two"):
        write(f"{at}/{text}.yaml", f"dimension_id: 9\nname: P\ncreated_at: 2024-10-24T10:00:00Z\nupdated_at: 2024-10-24T10:00:00Z\n"
                                   f"layers:\n  - {{layer_id: 1, frequency: 1.0, keywords: [a], content: {text}}}\n")
    c.must("openssl", "genpkey", "-algorithm", "ed25519", "-out", f"{at}/key.pem")
    c.must("openssl", "pkey", "-in", f"{at}/key.pem", "-pubout", "-out", f"{at}/public.pem")
    for name, more in (("b", []), ("part", ["-d", "D01,D03"])):
        c.must(c.dimc, "compile", "--no-sync", f"{at}/b", "-o", c.path("vb"))
        c.must(c.dimc, "bundle", c.path("vb"), "-o", f"{at}/{name}.tar.gz", *more, "--sign", f"{at}/key.pem")


def scenes(c):
    """The commands that change something, in an order that stays: the number of a point has the place in it."""
    def compiled(*names):
        return [["compile", "--no-sync", f"../in/{name}", "-o", "volume", "-j1"] for name in names]

    need_inject(c)
    make_inputs(c)
    to_b = ["compile", "../in/b", "-o", "volume", "-j1"]
    edited = "layer_id: 1\nfrequency: 1.0\nkeywords: [word1]\ncontent: |\n  Edited.\n"
    mistaken = [["write", f"f/D01-x/{n}.yaml", f"layer_id: {n}\nfrequency: 1.0\nkeyword: [a{n}]\ncontent: Text {n}, long enough.\n"] for n in (1, 2)]
    known = [["copy", "a", "src"], *compiled("c"), ["compile", "--no-sync", "src", "-o", "volume", "-j1"],
             ["write", "src/D02-x/101.yaml", edited]]
    bundled = [*compiled("c"), ["bundle", "volume", "-o", "out.tar.gz", "--sign", "../in/key.pem"], *compiled("a")]
    stray = [*compiled("c"), ["compile", "../in/one.yaml", "-o", "volume", "--proto", "p"], ["write", "volume/temp/x/y", "z"]]
    unformed = [["write", f"f/D01-x/{n}.yaml", f"frequency:   1.50\nlayer_id: {n}\nkeywords: [ a,b ]\ncontent: x\n"] for n in (1, 2)]
    return [
        Scene(c, "first compile", to_b),
        Scene(c, "compile", to_b, compiled("c", "a")),
        Scene(c, "compile what is published", to_b, compiled("a", "b")),
        Scene(c, "compile --layer-files", [*to_b, "--layer-files"], compiled("c", "a")),
        Scene(c, "compile on four threads", [*to_b[:-1], "-j4"], compiled("c", "a")),
        Scene(c, "compile one edited file", ["compile", "src", "-o", "volume", "-j1"], known),
        Scene(c, "compile without exchange", to_b, compiled("c", "a"), NO_EXCHANGE),
        Scene(c, "compile --stamp -MD", [*to_b, "--stamp", "stamp", "-MD"], compiled("c", "a")),
        Scene(c, "compile --proto", ["compile", "../in/two.yaml", "-o", "volume", "--proto", "p", "-j1"],
              [["compile", "../in/one.yaml", "-o", "volume", "--proto", "p"]]),
        Scene(c, "first bundle", ["bundle", "volume", "-o", "out.tar.gz", "-j1"], compiled("a")),
        Scene(c, "bundle --sign", ["bundle", "volume", "-o", "out.tar.gz", "--sign", "../in/key.pem", "-j1"], bundled),
        Scene(c, "bundle without a key", ["bundle", "volume", "-o", "out.tar.gz", "-j1"], bundled),
        Scene(c, "bundle --format=oci", ["bundle", "volume", "-o", "out.oci", "--format=oci", "-j1"],
              [*compiled("c"), ["bundle", "volume", "-o", "out.oci", "--format=oci"], *compiled("a")]),
        Scene(c, "first restore", ["restore", "../in/b.tar.gz", "-o", "volume"]),
        Scene(c, "restore", ["restore", "../in/b.tar.gz", "-o", "volume"], compiled("c", "a")),
        Scene(c, "restore a part", ["restore", "../in/part.tar.gz", "-o", "volume"], compiled("c", "a")),
        Scene(c, "restore without exchange", ["restore", "../in/b.tar.gz", "-o", "volume"], compiled("c", "a"), NO_EXCHANGE),
        Scene(c, "rollback", ["rollback", "volume"], compiled("b", "a")),
        Scene(c, "rollback without exchange", ["rollback", "volume"], compiled("b", "a"), NO_EXCHANGE),
        Scene(c, "clean", ["clean", "volume"], stray),
        Scene(c, "clean --proto", ["clean", "volume", "--proto", "--older-than=0"], stray),
        Scene(c, "init", ["init", "volume"]),
        Scene(c, "dump", ["dump", "volume", "-o", "dumped"], compiled("a")),
        Scene(c, "fmt", ["fmt", "f"], [["write", "f/D01-x/dimension.yaml", "dimension_id: 1\nname: A\n"], *unformed]),
        Scene(c, "report", ["report", "volume", "-o", "report.html"], compiled("a")),
        Scene(c, "compile without O_TMPFILE", [*to_b, "--stamp", "stamp", "-MD"], compiled("c", "a"), NO_TMPFILE),
        Scene(c, "bundle without O_TMPFILE", ["bundle", "volume", "-o", "out.tar.gz", "--sign", "../in/key.pem", "-j1"], bundled, NO_TMPFILE),
        Scene(c, "bundle on four threads", ["bundle", "volume", "-o", "out.tar.gz", "-j4"], bundled),
        Scene(c, "restore --verify-key", ["restore", "../in/b.tar.gz", "-o", "volume", "--verify-key", "../in/public.pem"], compiled("c", "a")),
        Scene(c, "check --fix", ["check", "--fix", "f"], [["write", "f/D01-x/dimension.yaml", "dimension_id: 1\nname: A\n"], *mistaken]),
        Scene(c, "new", ["new", "-s", "src", "D01", "Awe"], [["copy", "a", "src"]]),
        Scene(c, "new --dimension", ["new", "-s", "src", "--dimension", "D15", "Fifteenth"], [["copy", "a", "src"]]),
    ]


def readers(c):
    """The commands that only read; `scenes` was called."""
    def scene(*command):
        return Scene(c, " ".join(command[:2]), list(command), [["compile", "--no-sync", "../in/b", "-o", "volume", "-j1"]])

    return [scene("verify", "--strict", "volume"), scene("verify", "../in/b.tar.gz"), scene("verify", "volume", "--against", "../in/b"),
            scene("info", "volume"), scene("show", "volume", "D01/1"), scene("find", "volume", "word1"), scene("list", "../in/b.tar.gz"),
            scene("diff", "volume", "../in/a"), scene("diff", "volume", "../in/b"), scene("check", "../in/a"),
            scene("compile", "--check", "../in/b", "-o", "volume"), scene("fmt", "--check", "../in/a"),
            scene("verify", "../in/b.tar.gz", "--verify-key", "../in/public.pem"), scene("find", "../in/b.tar.gz", "word1"),
            scene("top", "-n", "1", "volume"), scene("explain"),
            scene("schema", "layer"), scene("completion", "bash")]
