#!/usr/bin/env python3
"""full.py: no space, in steps of 4 KB up to where a run succeeds; no inodes; a limit of file sizes; a quota; a standard output that is
full, closed, or a pipe that nobody reads.

In: root, for tmpfs and an ext4 in a loop device; inject of this directory, prlimit. Out: what fails has status 3 and says which file and
why; the generation before it is there, every byte, and so is what the name of an output stood for; nothing else is left, no file without
a name either (counted by the filesystem's own free blocks); with more room, the next run goes through.

A series is a shortage and a command, from nothing to where it succeeds without a warning; each step is a point, and begins with what the
one before left: so the success at its end is that of a run after all those that failed.
"""
import os
import shutil
import sys

sys.dont_write_bytecode = True
from campaign import OUT, Cannot, Control, campaign  # noqa: E402
from streams import streams  # noqa: E402
from volumes import digest, make_sources, own_mounts, tidy, whole  # noqa: E402

CONTROLS = [
    Control("full-write", "what write(2) says of the end of a file is not looked at", [
        ("compiler/out.c", "if (fs_write_all(out->fd, bytes, size) != 0)\n\t\tfail(out);", "fs_write_all(out->fd, bytes, size);")]),
    Control("full-stdout", "standard output is not flushed before the status is decided", [
        ("compiler/main.c", "if (fflush(stdout) != 0 || ferror(stdout))", "if (ferror(stdout))")]),
    Control("full-output", "what write(2) says of a file beside the result, as the sum of a bundle, is not looked at", [
        ("compiler/aside.c", "if (fs_write_all(aside.fd, bytes, size) != 0) {", "if (fs_write_all(aside.fd, bytes, size) > 0) {")], short=False),
    Control("full-litter", "staging stays where publishing failed", [
        ("compiler/publish.c", "-1;\n\tfs_remove_tree(p->volume->fd, VOLUME_STAGING);", "-1;")]),
    Control("full-signal", "a limit of file sizes ends the run by a signal", [
        ("compiler/main.c", "signal(SIGXFSZ, SIG_IGN);", "signal(SIGXFSZ, SIG_DFL);")]),
    Control("full-closed", "a closed standard output is /dev/null", [
        ("compiler/main.c", "{O_WRONLY, O_RDONLY, O_RDWR}", "{O_WRONLY, O_RDWR, O_RDWR}")]),
]
STEPS = 999  # at most in a series
NO_SPACE, TOO_LARGE, QUOTA = b"No space left on device", b"File too large", b"Disk quota exceeded"


class Shortage:
    """A filesystem of its own at `root`, with room for `step` of something more than is used."""
    why, prefix = NO_SPACE, staticmethod(lambda step: [])

    def __init__(self, c, root):
        self.c, self.root = c, root

    def mount(self):
        self.c.must("mount", "-t", "tmpfs", "-o", "size=64m", "full", self.root)

    def unmount(self):
        self.c.must("umount", self.root)

    def give(self, step):
        pass

    def used(self):
        """What litter would make more."""
        st = os.statvfs(self.root)
        return st.f_blocks - st.f_bfree, st.f_files - st.f_ffree


class Blocks(Shortage):
    name = "4 KB blocks"

    def give(self, step):
        self.c.must("mount", "-o", f"remount,size={(self.used()[0] + step) * 4096}", self.root)


class Inodes(Shortage):
    name = "inodes"

    def give(self, step):
        self.c.must("mount", "-o", f"remount,nr_inodes={self.used()[1] + step}", self.root)


class FileSizes(Shortage):
    name, why = "4 KB of a file", TOO_LARGE
    prefix = staticmethod(lambda step: ["prlimit", f"--fsize={step * 4096}"])


class Loop(Shortage):
    """ext4, which is filled up by files of ours. What is deleted is free after the journal's next commit."""

    def mount(self):
        self.c.need("mkfs.ext4")
        image = self.root + ".ext4"
        with open(image, "wb") as file:
            file.truncate(24 << 20)
        self.c.must("mkfs.ext4", "-q", "-b", "4096", "-m", "0", "-N", "512", "-J", "size=4", "-O", "^resize_inode", image)
        mounted = self.c.run(["mount", "-o", "loop,noatime", image, self.root])
        if mounted.status != 0:
            raise Cannot(f"cannot mount ext4: {mounted.err.decode().strip()}")
        os.mkdir(os.path.join(self.root, "fill"))

    def free(self):
        self.c.must("sync", "-f", self.root)
        return os.statvfs(self.root)

    def used(self):
        self.c.must("sync", "-f", self.root)
        return (super().used()[1],)  # directories grow, and stay large


class LoopBlocks(Loop):
    name = "4 KB blocks of ext4"

    def give(self, step):
        with open(os.path.join(self.root, "fill", "blocks"), "ab") as file:
            for _ in range(50):
                more = self.free().f_bavail - step
                size = os.fstat(file.fileno()).st_size + more * 4096
                if more > 0:
                    os.posix_fallocate(file.fileno(), 0, size)
                elif more < 0:
                    os.truncate(file.fileno(), size)
                else:
                    return
        raise Cannot("ext4 cannot be filled to the block")


class LoopInodes(Loop):
    name = "inodes of ext4"

    def give(self, step):
        more = self.free().f_ffree - step
        folder = os.path.join(self.root, "fill")
        names = os.listdir(folder)
        for number in range(more):
            with open(os.path.join(folder, str(len(names) + number)), "wb"):
                pass
        for name in sorted(names, key=int)[more:] if more < 0 else []:
            os.unlink(os.path.join(folder, name))


class Action:
    """A command; the generation `before` and `after` it; the `outputs` that it makes or replaces, besides; what it leaves where it fails."""

    def __init__(self, name, command, before, after, outputs=(), volume="v", env=None):
        self.name, self.command, self.before, self.after, self.outputs, self.volume, self.env = name, command, before, after, outputs, volume, env


class Full:
    def __init__(self, c):
        self.c, self.root = c, c.path("mnt")
        os.mkdir(self.root)
        self.generations, self.made = {}, {}
        for name, texts in (("old", {2: "old"}), ("a", {}), ("b", {1: "other", 3: "other"})):
            make_sources(c.path(name), texts)
            c.must(c.dimc, "compile", "-q", "--no-sync", c.path(name), "-o", c.path("v" + name))
            self.generations[name] = digest(c.path("v" + name))
        c.must(c.dimc, "bundle", "-q", c.path("vb"), "-o", c.path("b.tar.gz"))
        shutil.copytree(c.path("vold"), c.path("pristine"))
        c.must(c.dimc, "compile", "-q", c.path("a"), "-o", c.path("pristine"))
        make_sources(c.path("proto"), {}, dimensions=1)

    def path(self, name):
        return os.path.join(self.root, name)

    def actions(self):
        c, dimc, v = self.c, self.c.dimc, self.path("v")
        a, b, old = (self.generations[name] for name in ("a", "b", "old"))
        source = "src/D01-x/001.yaml"
        return {action.name: action for action in [
            Action("compile", [dimc, "compile", c.path("b"), "-o", v], a, b),
            Action("compile --layer-files", [dimc, "compile", c.path("b"), "-o", v, "--layer-files"], a, b),
            Action("compile -MD", [dimc, "compile", c.path("b"), "-o", v, "--stamp", self.path("stamp"), "-MD"], a, b, ["stamp", "stamp.d"]),
            Action("first publication", [dimc, "compile", c.path("b"), "-o", self.path("new")], None, b, volume="new"),
            Action("compile --proto", [dimc, "compile", c.path("proto", "D01-x"), "--proto", "p", "-o", v], a, a, ["v/proto/p.mmap"]),
            Action("restore", [dimc, "restore", c.path("b.tar.gz"), "-o", v], a, b),
            Action("rollback", [dimc, "rollback", v], a, old),
            Action("bundle", [dimc, "bundle", v, "-o", self.path("x.tar.gz")], a, a, ["x.tar.gz", "x.tar.gz.sha256"]),
            Action("bundle --format=oci", [dimc, "bundle", v, "-o", self.path("x.oci"), "--format=oci"], a, a, ["x.oci", "x.oci.sha256"]),
            Action("report", [dimc, "report", v, "-o", self.path("r.html")], a, a, ["r.html"]),
            Action("dump", [dimc, "dump", v, "-o", self.path("dumped")], a, a, ["dumped"]),
            Action("fmt", [dimc, "fmt", self.path(source)], a, a, [source]),
            Action("verify of a bundle", [dimc, "verify", c.path("b.tar.gz")], a, a, env={"TMPDIR": self.root}),
        ]}

    def fill(self, action):
        """What lies there before a series. Of the outputs, a bundle and a source are there already."""
        shutil.copytree(self.c.path("pristine"), self.path("v"))
        if action.name.startswith("bundle"):
            shutil.copy(self.c.path("b.tar.gz"), self.path(action.outputs[0]))
        if action.name == "fmt":
            shutil.copytree(self.c.path("a"), self.path("src"))
            with open(self.path(action.outputs[0]), "ab") as file:
                file.write(b"title:     unformatted\n")

    def outputs(self, action):
        """Every byte of what is there of them."""
        def bytes_of(path):
            if os.path.isdir(path):
                return {name: bytes_of(os.path.join(path, name)) for name in os.listdir(path)}
            with open(path, "rb") as file:
                return file.read()

        return {name: bytes_of(self.path(name)) for name in action.outputs if os.path.exists(self.path(name))}

    def undisturbed(self, action):
        """Makes the outputs that a run has which nothing is in the way of."""
        if action.name not in self.made:
            self.fill(action)
            self.c.must(*action.command, env=action.env)
            self.made[action.name] = self.outputs(action)
            for name in os.listdir(self.root):
                path = self.path(name)
                shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)

    def succeeded(self, action, ran):
        self.c.want(self.outputs(action) == self.made[action.name], f"status 0, and an output is not what an undisturbed run makes: {ran}")
        whole(self.c, self.path(action.volume), action.after)
        is_all = b"cannot write" not in ran.err  # a warning tells what did not fit behind the commit point, as .cache
        self.c.count("succeeded" if is_all else "succeeded with a warning")
        return is_all

    def series(self, first, shortage, action, stride):
        self.undisturbed(action)
        shortage.mount()
        try:
            self.fill(action)
            state = {"names": set(os.listdir(self.root)) | set(action.outputs) | {action.volume}, "done": False}
            for point in self.c.points(STEPS, first):
                if (point - first) % stride == 0 and not state["done"]:
                    with self.c.point(point, f"{shortage.name}, {action.name}, step {point - first}"):
                        self.step(shortage, action, point - first, state)
            if self.c.only is None and not state["done"]:
                with self.c.point(first + STEPS, f"{shortage.name}, {action.name}"):
                    self.c.want(False, "it never succeeds")
        finally:
            shortage.unmount()

    def step(self, shortage, action, step, state):
        c, volume = self.c, self.path(action.volume)
        before = self.outputs(action)
        shortage.give(step)
        used = shortage.used()
        ran = c.run([*shortage.prefix(step), *action.command], env=action.env)
        if ran.status == 0:
            state["done"] = self.succeeded(action, ran)
            tidy(volume)
        else:
            self.failed(shortage, action, ran, used, before)
        strange = set(os.listdir(self.root)) - state["names"] - {"lost+found"}
        c.want(not strange, f"litter: {strange}; {ran}")

    def failed(self, shortage, action, ran, used, before):
        c, volume = self.c, self.path(action.volume)
        c.want(ran.status == 3, f"{ran}")
        c.count("status 3")
        c.want(shortage.why in ran.err and (self.root.encode() in ran.err or b"x.tar.gz" in ran.err), f"the message lacks path or cause: {ran}")
        now = self.outputs(action)
        partly = [name for name in now if now[name] != before.get(name)]
        # Of several outputs the first may be there, whole, where the message says so.
        c.want(not partly or partly == action.outputs[:1] and b"is written, but not" in ran.err, f"{partly} changed; {ran}")
        if action.before is None:
            tidy(volume) if os.path.isdir(volume) else None
            c.want(digest(volume) is None, "it is published")
            shutil.rmtree(volume, ignore_errors=True)
            return
        whole(c, volume, action.before)
        whole(c, volume, self.generations["old"], name=".previous")
        tidy(volume)
        if not partly:
            c.want(all(n <= o for n, o in zip(shortage.used(), used)), f"more is used than before: {shortage.used()}, {used}; {ran}")


def quota(full, first, action):
    """Each write, and each thing that is made, exceeds the quota in its turn. One thread: the order of the calls is the same in each run."""
    c, log = full.c, full.c.path("log")
    inject = [os.path.join(OUT, "torture", "inject"), "-o", log, "-e", "write,pwrite64,mkdirat,linkat"]
    command = action.command + ([] if action.name == "restore" else ["-j1"])
    full.undisturbed(action)
    room = Shortage(c, full.root)
    room.why = QUOTA
    room.mount()
    full.fill(action)
    c.must(*inject, "count", "--", *command)
    room.unmount()
    with open(log, encoding="utf-8", errors="replace") as file:
        calls = [line.rstrip("\n").split("\t") for line in file]
    numbers = [int(number) for number, _, _, path, result in calls if full.root in path and not result.startswith("-")]
    for point in c.points(len(numbers), first):
        with c.point(point, f"quota, {action.name}, call {numbers[point - first]}"):
            room.mount()
            try:
                full.fill(action)
                before, used = full.outputs(action), room.used()
                ran = c.run([*inject, "fail", str(numbers[point - first]), "EDQUOT", "--", *command])
                if ran.status == 0:  # links are copied then, and what is remembered is forgotten
                    full.succeeded(action, ran)
                else:
                    full.failed(room, action, ran, used, before)
            finally:
                room.unmount()


def run(c):
    c.need_root()
    c.need("prlimit", "mount", "umount", "sync")
    own_mounts()
    full = Full(c)
    actions = full.actions()
    streams(c, 100001, c.path("pristine"))
    plan = [(shortage, action) for shortage in (Blocks, Inodes, FileSizes) for action in actions]
    few = ("compile", "restore", "bundle", "first publication", "rollback")
    plan += [(shortage, action) for shortage in (LoopBlocks, LoopInodes) for action in few]
    if c.short:
        plan = [(Blocks, "compile"), (Blocks, "bundle"), (FileSizes, "compile")]
    missing = set()
    for number, (shortage, action) in enumerate(plan):
        first = 1 + number * (STEPS + 1)
        if shortage not in missing and (c.only is None or first <= c.only < first + STEPS):
            try:
                full.series(first, shortage(c, full.root), actions[action], 8 if c.short else 1)
            except Cannot as reason:
                missing.add(shortage)
                c.skip(str(reason))
    for number, action in enumerate(("compile", "restore", "bundle", "first publication") if not c.short else ()):
        first = 200001 + number * (STEPS + 1)
        if c.only is None or first <= c.only < first + STEPS:
            quota(full, first, actions[action])


if __name__ == "__main__":
    sys.exit(campaign("full", 300, "runs", run))
