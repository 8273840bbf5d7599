#!/usr/bin/env python3
"""users.py: a campaign of other users: who may read, who may not write and is told what to change, and who plants what is not theirs.

In: root, setpriv, unshare; dimc, $OUT/torture/swap_preload.so. Out: see campaign.py.

Three users beside root: the owner of the volume, a reader, an attacker. Points:
- a reader of another user reads all that anybody published under any umask, on a volume that may be mounted read-only;
- a writer without the right changes nothing, and is told which directory refuses, whose it is and what would give the right;
- whatever lies where dimc writes, links of both kinds to files outside, FIFOs, directories full of them: nothing outside of the volume
  changes, and dimc ends: well, or with the name of what stands in its way;
- the same where it is put there between any two calls of dimc about files (swap_preload.c).
The kernel's own protection of links does not help: it is for directories with the sticky bit, and none of these has one.
Nor does dimc's sandbox, which is off where links are planted.
"""
import hashlib
import itertools
import os
import re
import shutil
import stat
import sys

sys.dont_write_bytecode = True
from campaign import OUT, Cannot, Control, campaign  # noqa: E402

OWNER, READER, ATTACKER, GROUP = 1201, 65534, 1202, 1300
PRELOADED = os.path.join(OUT, "torture/swap_preload.so")
SAYS = re.compile(rb"belongs to user \d+, with mode \d+, and this is user \d+: run it as user \d+, or `chown|"
                  rb"this user's own, with mode \d+: `chmod|mounted read-only: mount it read-write")
# What is in the volume but for .cache, which a rollback forgets before it begins.
ALL = "cd w && find . -type f ! -path '*/.cache/*' | sort | xargs sha256sum; find . ! -path '*/.cache/*' | sort"
ALONE = {"DIMC_SANDBOX": "off"}  # dimc itself keeps from links; that the sandbox would, too, is tested elsewhere
DATES = "created_at: 2024-10-24T10:00:00Z\nupdated_at: 2024-10-24T12:00:00Z\n"

CONTROLS = [
    Control("users-follow", "a directory of the volume may be a link",
            [("compiler/fs.c", "openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);\n\n	/* For a link",
              "openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);\n\n	/* For a link"),
             ("compiler/fs.c", "return S_ISDIR(st.st_mode) ? 0 : -1;", "return 0;")]),
    Control("users-umask", "what is published has the mode that the umask leaves",
            [("compiler/fs.c", "return fs_set_dir_mode(dirfd, name, mode);\n	if (errno",
              "return mode == 0755 ? 0 : fs_set_dir_mode(dirfd, name, mode);\n	if (errno")]),
    Control("users-fifo", "whatever is called .lock is waited for",
            [("compiler/volume_lock.c", "O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);", "O_RDONLY | O_CLOEXEC | O_NOFOLLOW);")]),
]


class Users:
    """The scratch directory: src, v (OWNER's, two generations), b.tar.gz; outside, which nobody may change."""

    def __init__(self, c):
        self.c = c
        self.dimc = c.path("dimc")
        shutil.copy(c.dimc, self.dimc)
        os.chmod(self.dimc, 0o755)
        for number, text in ((1, "Joy is bright."), (2, "Attention selects what counts.")):
            self.write(f"src/D0{number}/dimension.yaml", f"dimension_id: {number}\nname: N{number}\n{DATES}")
            self.write(f"src/D0{number}/a.yaml", f"layer_id: 1\nfrequency: {number}.5\nkeywords: [word]\ncontent: {text}\n")
        shutil.copytree(c.path("src"), c.path("new"))
        self.write("new/D02/b.yaml", "layer_id: 2\nfrequency: 3.5\nkeywords: [other]\ncontent: Something else.\n")
        os.mkdir(c.path("home"))
        os.chown(c.path("home"), OWNER, OWNER)
        self.must(OWNER, "compile", "new", "-o", "home/v")
        self.must(OWNER, "bundle", "home/v", "-o", "home/b.tar.gz")
        self.must(OWNER, "compile", "src", "-o", "home/v")
        os.rename(c.path("home/b.tar.gz"), c.path("b.tar.gz"))
        self.write("outside/secret", "secret\n")
        for name in ("published", "published.new", "sources", "sources.new", "thought.mmap", ".thought.mmap.new", "manifest.json", "x",
                     "D01/region.mmap", "D01/index.json", "README.md", ".unpacked/a"):
            self.write(f"outside/dir/{name}", f"not yours: {name}\n")
        os.chmod(c.path("outside/dir"), 0o701)
        os.chmod(c.path("outside/dir/D01"), 0o701)
        os.makedirs(c.path("outside/empty/D01"))
        self.outside = self.look()

    def write(self, path, text):
        path = self.c.path(path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def command(self, user, *arguments, umask="022", groups="--clear-groups"):
        become = ["setpriv", f"--reuid={user}", f"--regid={user}", groups, "--"] if user else []
        return ["sh", "-c", f'umask {umask}; exec "$@"', "sh", *become, self.dimc, *arguments]

    def play(self, user, *arguments, umask="022", groups="--clear-groups", env=None):
        return self.c.run(self.command(user, *arguments, umask=umask, groups=groups), timeout=20, env={"TMPDIR": "/tmp", **(env or {})})

    def must(self, user, *arguments, umask="022"):
        ran = self.play(user, *arguments, umask=umask)
        if ran.status != 0:
            raise RuntimeError(str(ran))

    def look(self):
        """All that is outside: bytes, modes, owners, times."""
        found = {}
        for folder, folders, files in os.walk(self.c.path("outside")):
            for path in [folder] + [os.path.join(folder, name) for name in folders + files]:
                st = os.lstat(path)
                found[path] = (st.st_mode, st.st_uid, st.st_gid, st.st_mtime_ns, st.st_size)
                if stat.S_ISREG(st.st_mode):
                    with open(path, "rb") as file:
                        found[path] += (hashlib.sha256(file.read()).hexdigest(),)
        return found

    def volume(self, mode=0o777):
        """A fresh copy of the volume, in which (without a sticky bit) everybody may write."""
        shutil.rmtree(self.c.path("w"), ignore_errors=True)
        os.mkdir(self.c.path("w"))
        os.chmod(self.c.path("w"), 0o777)
        self.c.must("cp", "-a", self.c.path("home/v"), self.c.path("w/v"))
        os.chmod(self.c.path("w/v"), mode)

    def unharmed(self, ran, plant):
        """Nothing outside changed, and it ended: well, or with a word on what stands in its way."""
        c = self.c
        now = self.look()
        wrong = [path for path in self.outside.keys() | now.keys() if self.outside.get(path) != now.get(path)]
        c.want(not wrong, f"changed outside: {', '.join(sorted(wrong))}: {ran}")
        c.want(not ran.hung and ran.status >= 0, str(ran))
        if plant is not None and ran.status not in (0, 9):
            # A directory that waits at .next becomes the former generation.
            named = [plant] if plant != ".next" else [plant, ".previous"]
            c.want(any(name.encode() in ran.err for name in named), f"no word of {plant}: {ran}")
        c.count("ended well" if ran.status == 0 else "refused")


READING = ["verify --strict V", "verify --quick V", "verify V/consciousness/D01/region.mmap", "info V", "info --json V", "show V D01/1",
           "find V word", "diff V src", "report V -o OUT/page.html", "dump V -o OUT/dumped", "bundle V -o OUT/b.tar.gz",
           "bundle V --format=oci -o OUT/b.oci", "top -n 1 V", "restore b.tar.gz -n -o V", "compile src --check -o V",
           "compile src -o OUT/own", "completion bash"]
MAKING = {"compile": ["compile src -o M"], "compile --layer-files": ["compile src -o M --layer-files"], "init": ["init M", "compile src -o M"],
          "restore": ["restore b.tar.gz -o M", "compile src -o M"], "rollback": ["compile src -o M", "compile new -o M", "rollback M"]}
WRITING = ["compile new -o V", "compile src -d D01 -o V --layer-files", "compile --proto x src/D01 -o V", "restore b.tar.gz -o V", "rollback V",
           "clean V", "bundle V -o V/b.tar.gz", "dump V -o V/dumped", "report V -o V/page.html", "compile new -o V/below", "init V/below",
           "compile src -o OUT/x --stamp V/stamp"]
PLACES = ["temp", "proto", ".cache", ".next", ".lock", ".previous", ".older", "README.md", ".README.md.new", "temp/x", "proto/thought.mmap",
          "proto/.thought.mmap.new", "consciousness/D01/index.json", "consciousness/D01/region.mmap", "consciousness/manifest.json",
          ".cache/published", ".cache/published.new", ".cache/sources.new", ".cache/sources"]
KINDS = ["link to a directory", "link to a file", "link to nothing", "hard link", "FIFO", "directory", "empty directory"]
OVER = ["compile new -o w/v", "compile --proto thought src/D01 -o w/v", "restore b.tar.gz -o w/v", "rollback w/v",
        "clean --proto --older-than=0 w/v", "init w/v", "verify w/v", "bundle w/v -o w/b.tar.gz"]
# Where a mistake shows at once; in the short form, too.
ALWAYS = ("published by compile with umask 077, another user: show", "another user's: compile new -o V/below",
          "link to a directory at .cache, user 0: compile new", "link to a directory at proto, user 0: compile --proto",
          "FIFO at .lock, user 1201: compile new", "FIFO at consciousness/D01/index.json, user 0: bundle",
          "link to a file at out.json: check src --diagnostics", "FIFO at out.json: check src --diagnostics", "link to nothing at out.log")
OUTPUTS = {"bundle w/v -o w/out.tar.gz": ["out.tar.gz", "out.tar.gz.sha256", "out.tar.gz.sha256.sig"], "dump w/v -o w/out": ["out", ".out.part"],
           "report w/v -o w/out.html": ["out.html"], "compile src -o w/v --stamp w/out -MD": ["out", "out.d"],
           "check src --trace w/out.json": ["out.json"],
           "check src --diagnostics=json --diagnostics-file w/out.json": ["out.json"], "compile src -o w/v --log w/out.log": ["out.log"]}
SWAPPED = {"compile new -o w/v": [".next", ".cache", "consciousness", ".previous", "proto"], "compile --proto thought src/D01 -o w/v": ["proto"],
           "restore b.tar.gz -o w/v": [".next", ".cache", ".previous"], "rollback w/v": [".previous", "consciousness"],
           "clean --proto --older-than=0 w/v": ["temp", "temp/a", "proto", ".next"], "init w/v": ["consciousness", "proto", "temp"]}


def plant(u, place, kind):
    """Puts something of the attacker's where dimc expects its own."""
    path = u.c.path("w", place)
    u.c.run(["rm", "-rf", path])
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if kind.startswith("link"):
        os.symlink(u.c.path("outside", {"directory": "dir", "file": "secret", "nothing": "nothing"}[kind.split()[-1]]), path)
    elif kind == "hard link":
        os.link(u.c.path("outside/secret"), path)
    elif kind == "FIFO":
        os.mkfifo(path, 0o666)
    else:
        os.mkdir(path, 0o777)
        if kind == "directory":
            for name in ("D01", "published.new", "layers", "x", "a", ".unpacked"):
                os.symlink(u.c.path("outside/dir"), os.path.join(path, name))
    if kind not in ("FIFO", "hard link"):
        os.lchown(path, ATTACKER, ATTACKER)
    u.outside = u.look()  # a link more


def split(text, **names):
    for name, value in names.items():
        text = text.replace(name, value)
    return text.split()


def reading(u, short):
    """Who may read: (what, function) of each point."""
    def read(makers, umask, command):
        for step in makers:
            made = u.play(OWNER, *split(step, M="home/m"), umask=umask)
            u.c.want(made.status == 0, str(made))
        os.makedirs(u.c.path("own"))
        os.chown(u.c.path("own"), READER, READER)
        ran = u.play(READER, *split(command, V="home/m", OUT="own"), umask=umask)
        want = (0, 4) if "diff" in command or "--check" in command else (0,)
        u.c.want(ran.status in want and ran.err == b"", str(ran))
        u.c.want("show" not in command or ran.out == b"Joy is bright.", str(ran))

    def clear():
        shutil.rmtree(u.c.path("home/m"), ignore_errors=True)
        shutil.rmtree(u.c.path("own"), ignore_errors=True)

    for (how, makers), umask, command in itertools.product(MAKING.items(), ("022", "077"), READING):
        yield f"published by {how} with umask {umask}, another user: {command}", lambda m=makers, k=umask, s=command: (clear(), read(m, k, s))


def refused(u, short):
    """Who may not write."""
    def write(case, command):
        u.volume(0o755)
        u.c.run(["rm", "-rf", u.c.path("own")])
        os.mkdir(u.c.path("own"))
        user, wrapper = READER, []
        os.chown(u.c.path("own"), READER, READER)
        if case == "own, without the right":
            user = OWNER
            os.chown(u.c.path("own"), OWNER, OWNER)
            u.c.must("chmod", "a-w", u.c.path("w/v"), u.c.path("w/v/proto"), u.c.path("w/v/temp"))
        elif case == "mounted read-only":
            user = 0
            wrapper = ["unshare", "-m", "sh", "-ec", "mount --bind w/v w/v; mount -o remount,ro,bind w/v; exec \"$@\"", "sh"]
        elif case == "a parent that is closed":
            os.chmod(u.c.path("w"), 0o700)
        os.makedirs(u.c.path("w/v/temp/a"), exist_ok=True)
        before = u.c.must("sh", "-c", ALL)
        ran = u.c.run(wrapper + u.command(user, *split(command, V="w/v", OUT="own")), timeout=20)
        u.c.want(u.c.must("sh", "-c", ALL) == before, f"something changed: {ran}")
        u.c.want(not ran.hung and ran.status == 3, str(ran))
        u.c.want(SAYS.search(ran.err), f"it does not say what to change: {ran}")

    for case in ("another user's", "own, without the right", "mounted read-only", "a parent that is closed"):
        for command in WRITING:
            yield f"{case}: {command}", lambda k=case, s=command: write(k, s)
    for command in READING:
        def read(command=command):
            u.volume(0o755)
            u.c.run(["rm", "-rf", u.c.path("own")])
            os.mkdir(u.c.path("own"))
            os.chown(u.c.path("own"), READER, READER)
            ran = u.c.run(["unshare", "-m", "sh", "-ec", "mount --bind w/v w/v; mount -o remount,ro,bind w/v; exec \"$@\"", "sh"]
                          + u.command(READER, *split(command, V="w/v", OUT="own")), timeout=20)
            u.c.want(ran.status in ((0, 4) if "diff" in command or "--check" in command else (0,)), str(ran))
        yield f"mounted read-only, read by another user: {command}", read


def shared(u, short):
    """A volume of a group, and one whose owner is another but root publishes."""
    def publish(user, command, mode):
        u.volume(mode)
        places = [u.c.path("w/v", place) for place in (".", "proto", "temp", ".cache")]
        u.c.must("chgrp", str(GROUP), *places)
        u.c.must("chmod", "g=u", *places)
        ran = u.play(user, *split(command, V="w/v"), groups=f"--groups={GROUP}")
        u.c.want(ran.status == 0 or (ran.status == 3 and SAYS.search(ran.err)), f"neither done nor told what to change: {ran}")
        again = u.play(0, "verify", "--strict", "w/v")
        u.c.want(again.status == 0, f"{again}\n after {ran}")
        u.c.count("works" if ran.status == 0 else "told what to change")

    for user, command in itertools.product((READER, 0), ("compile new -o V", "compile --proto x src/D01 -o V", "restore b.tar.gz -o V",
                                                         "rollback V", "clean V", "init V")):
        yield f"group-writable, user {user}: {command}", lambda k=user, s=command: publish(k, s, 0o775)


def planted(u, short):
    def run_over(user, place, kind, command, name):
        u.volume()
        plant(u, place, kind)
        ran = u.play(user, *command.split(), env=ALONE)
        u.unharmed(ran, name)
        if ran.status == 0 and "w/v" in command and name is not None:
            u.c.want(u.play(0, "verify", "w/v").status == 0, f"not sound after {ran}")

    for place, kind, command, user in itertools.product(PLACES, KINDS, OVER, (0, OWNER)):
        yield f"{kind} at {place}, user {user}: {command}", \
            lambda k=user, p=place, q=kind, s=command: run_over(k, f"v/{p}", q, s, None if p.startswith("consc") else p.split("/")[0])
    for command, places in OUTPUTS.items():
        # A log stays the file that it is: one of more names, which the system's protected_hardlinks keeps others from making, too.
        for place, kind in itertools.product(places, [k for k in KINDS if k != "hard link" or "--log" not in command]):
            yield f"{kind} at {place}: {command}", lambda p=place, q=kind, s=command: run_over(0, p, q, s, "out")


def swapped(u, short):
    """All instants: how many there are, a run without a swap tells."""
    if u.c.is_instrumented:
        u.c.skip("dimc is instrumented: nothing can be swapped between its calls")
        return

    def calls(command):
        u.volume()
        swap(command, "nothing", 0, False)
        return os.path.getsize(u.c.path("calls"))

    def swap(command, place, at, back):
        if os.path.exists(u.c.path("calls")):
            os.remove(u.c.path("calls"))
        env = {"SWAP_AT": str(at), "SWAP_A": u.c.path("w/v", place), "SWAP_B": u.c.path("w/evil"), "SWAP_LOG": u.c.path("calls"),
               "LD_PRELOAD": PRELOADED, **ALONE}
        return u.c.run([u.dimc, *command.split()], timeout=20, env={**env, **({"SWAP_BACK": "1"} if back else {})})

    def run_swap(command, place, at, back, target):
        u.volume()
        os.makedirs(u.c.path("w/v/temp/a/b"))
        os.symlink(u.c.path("outside", target), u.c.path("w/evil"))
        u.unharmed(swap(command, place, at, back), None)

    for command, places in SWAPPED.items():
        count = calls(command)
        for place, back, target, at in itertools.product(places, (True, False), ("dir", "empty"), range(1, count + 1)):
            yield f"{place} becomes a link to {target}/ before call {at} of {count}{' and goes back' if back else ''}: {command}", \
                lambda s=command, p=place, n=at, b=back, t=target: run_swap(s, p, n, b, t)


def run(c):
    c.need_no_files_of_gcov()
    c.need("setpriv", "unshare")
    c.need_root()
    u = Users(c)
    if u.play(READER, "--version").status != 0:
        raise Cannot("another user cannot run a program here")
    if not os.path.exists(PRELOADED):
        raise Cannot(f"no {PRELOADED} (make torture-tools builds it)")
    first = 1
    for part, few in ((reading, 4), (refused, 6), (shared, 2), (planted, 10), (swapped, 14)):
        points = list(part(u, c.short))
        if c.short:
            points = [point for point in points if point[0].startswith(ALWAYS)] + c.random(first).sample(points, min(few, len(points)))
        for number in c.points(len(points), first):
            what, function = points[number - first]
            passed = c.passed
            with c.point(number, what):
                function()
            c.count(part.__name__, c.passed - passed)
        first += len(points)
    for name in ("symlinks", "hardlinks", "fifos", "regular"):
        with open(f"/proc/sys/fs/protected_{name}", encoding="ascii") as file:
            c.count(f"is fs.protected_{name}", int(file.read()))


if __name__ == "__main__":
    sys.exit(campaign("users", 1000, "points", run))
