#!/usr/bin/env python3
"""power.py: a loss of power, at system calls of whatever changes a volume, at random moments, and right behind exit 0.

In: root, loop devices, mkfs of ext4, xfs and btrfs; inject and shutdown of this directory. Out: after the journal was replayed, the volume
is what it was or what it was to be, every byte of it; what exited with 0 is there; the next run succeeds and leaves no litter.

A volume lies on a filesystem in an image on tmpfs; filesystem and loop device belong to a mount namespace that goes with this process.
At the point all threads stand still, and the filesystem is shut down at once (ext4, xfs) or its image is copied as it is (btrfs). What
dimc did not sync is lost then, for nothing else writes: no other process, no timer within these milliseconds. Every other point first
commits the journal, and no file's data: the names of an unsynced file are there, its bytes are not. ext4 is mounted with noauto_da_alloc,
else it would write the data of a file that is renamed over another, and hide a missing fsync.

Some missing syncs show on none of the three: their journals take the names of a new directory along with the fsync of any file in it, and
what restore writes is on its way to the disk before it is synced. So the calls of an undisturbed run are judged, too, by what POSIX
promises ("order"): what was written is synced before a name leads to it, and so is each directory with a new name.

What a disk loses from its own cache is not looked at: the filesystems ask for flushes in the right places, or not, whatever dimc does.
"""
import os
import shutil
import sys
import time

sys.dont_write_bytecode = True
from campaign import OUT, Cannot, Control, campaign  # noqa: E402
from volumes import digest, make_sources, own_mounts, tidy, whole  # noqa: E402

CONTROLS = [
    Control("power-files", "compile leaves out the fsync of files", [
        ("compiler/out.c", "out->error == 0 && sync && fsync(out->fd) != 0", "false"),
        ("compiler/publish.c", "p->sync && fsync(spill->fd) != 0", "false")]),
    Control("power-commit", "no fsync of the volume's directory behind the exchange", [
        ("compiler/publish.c", "if (sync && fsync(volume->fd) != 0)", "if (false)")]),
    Control("power-directories", "no fsync of the directories in .next", [
        ("compiler/publish.c", "is_synced = !p->sync || sync_directories(p, manifest);", "is_synced = sync_directories == NULL || true;")]),
    Control("power-restore", "restore leaves out the fsync of files", [
        ("compiler/restore.c", "if (!r->options->sync || r->publication.syncs_at_once)", "if (sync_files != NULL)")]),
    Control("power-bundle", "no fsync of the file of a sum before it gets its name", [
        ("compiler/aside.c", "fsync(aside->fd) != 0 || ", "")]),
    Control("power-bundle-name", "no fsync of a bundle's directory", [
        ("compiler/aside.c", " || fsync(aside->dirfd) != 0", "")]),
    Control("power-parts", "no fsync of README.md in a new volume", [
        ("compiler/volume.c", " && (!sync || fsync(fd) == 0)", "")]),
    Control("power-path", "no fsync of the directories that a new volume lies in", [
        ("compiler/fs_tree.c", "result = sync ? sync_parent(copy) : 0;", "result = sync && sync_parent == NULL ? -1 : 0;")]),
]

FILESYSTEMS = {  # name: how it is made, how it is mounted
    "ext4": (["mkfs.ext4", "-q", "-O", "^resize_inode", "-J", "size=4"], "loop,noatime,noauto_da_alloc,commit=300"),
    "xfs": (["mkfs.xfs", "-q"], "loop,noatime"),
    "btrfs": (["mkfs.btrfs", "-q", "-M"], "loop,noatime,commit=300"),
}
SHORT = [("compile", "after"), ("compile", "order"), ("compile", "commit"), ("first publication", "after"), ("first publication", "order"),
         ("restore", "after"), ("restore", "order"), ("rollback", "after"), ("bundle", "after"), ("bundle", "commit"), ("compile --proto", "after")]


def inject(*arguments, log=None):
    return [os.path.join(OUT, "torture", "inject"), *(["-o", log] if log else []), *arguments, "--"]


class Disk:
    """A filesystem in an image, as it was when the power came back, or pristine again."""

    def __init__(self, c, filesystem):
        self.c, self.filesystem = c, filesystem
        self.mkfs, self.options = FILESYSTEMS[filesystem]
        self.image, self.pristine, self.lost = (c.path("disk", f"{filesystem}.{n}") for n in ("live", "pristine", "lost"))
        self.root, self.mounted = c.path("mnt"), False

    def make(self, fill):
        self.c.need(self.mkfs[0])
        with open(self.image, "wb") as file:
            file.truncate(320 << 20)
        self.c.must(*self.mkfs, self.image)
        mounted = self.c.run(["mount", "-t", self.filesystem, "-o", self.options, self.image, self.root])
        if mounted.status != 0:
            raise Cannot(f"cannot mount {self.filesystem}: {mounted.err.decode().strip()}")
        self.mounted = True
        fill()
        self.unmount()
        self.copy(self.image, self.pristine, "always")

    def copy(self, source, target, sparse="auto"):
        self.c.must("cp", f"--sparse={sparse}", source, target)

    def mount(self):
        self.c.must("mount", "-t", self.filesystem, "-o", self.options, self.image, self.root)
        self.mounted = True

    def unmount(self):
        if self.mounted:
            self.c.must("umount", self.root)
        self.mounted = False

    def fresh(self):
        self.unmount()
        self.copy(self.pristine, self.image)
        self.mount()

    def cut(self, how):
        """The shell command that takes the power. `how`: nothing, or log."""
        shutdown = f"{OUT}/torture/shutdown {how} {self.root}"
        return f"{shutdown} && cp --sparse=auto {self.image} {self.lost}" if self.filesystem == "btrfs" else shutdown

    def recover(self):
        self.unmount()
        if self.filesystem == "btrfs":
            os.rename(self.lost, self.image)
        self.mount()


class Action:
    """Something that changes a volume. `before` and `after`: its generation; `former`: what .previous is in the end; `files`: what has
    its `old` bytes or those that are `made`, whole, the first of them; those behind it belong to it."""

    def __init__(self, name, command, before, after, former, volume="v", again=None, files=()):
        self.name, self.command, self.before, self.after, self.former = name, command, before, after, former
        self.volume, self.again, self.files = volume, again or command, files
        self.old, self.made = {}, {}
        self.calls, self.seconds = {}, {}  # by filesystem: what an undisturbed run calls, and how long it takes


class Power:
    def __init__(self, c):
        self.c, self.disks, self.root = c, {}, c.path("mnt")
        os.mkdir(c.path("disk"))
        os.mkdir(self.root)
        c.must("mount", "-t", "tmpfs", "-o", "size=90%", "power", c.path("disk"))
        make_sources(c.path("a"), {})
        make_sources(c.path("b"), {1: "other", 3: "other"})
        make_sources(c.path("old"), {2: "old"})
        for name in ("p-a", "p-b"):
            make_sources(c.path(name), {1: name}, dimensions=1)
        dimc = c.dimc
        generations = {}
        for name in ("old", "a", "b"):
            c.must(dimc, "compile", "-q", "--no-sync", c.path(name), "-o", c.path("v" + name))
            generations[name] = digest(c.path("v" + name))
        c.must(dimc, "bundle", "-q", c.path("vb"), "-o", c.path("b.tar.gz"))
        c.must(dimc, "bundle", "-q", c.path("vb"), "-d", "D01", "-o", c.path("part.tar.gz"))
        shutil.copytree(c.path("va"), c.path("vp"))
        c.must(dimc, "compile", "-q", "--no-sync", c.path("b"), "-d", "D01", "-o", c.path("vp"))
        generations["part"] = digest(c.path("vp"))
        old, a, b, part = (generations[name] for name in ("old", "a", "b", "part"))
        v, new = self.path("v"), self.path("deep/new")
        self.actions = [
            Action("compile", [dimc, "compile", c.path("b"), "-o", v], a, b, a),
            Action("compile -d", [dimc, "compile", c.path("b"), "-d", "D01", "-o", v], a, part, a),
            Action("compile --layer-files", [dimc, "compile", c.path("b"), "--layer-files", "-o", v], a, b, a),
            Action("first publication", [dimc, "compile", c.path("b"), "-o", new], None, b, None, "deep/new"),
            Action("restore", [dimc, "restore", c.path("b.tar.gz"), "-o", v], a, b, a),
            Action("restore of a part", [dimc, "restore", c.path("part.tar.gz"), "-o", v], a, part, a),
            Action("rollback", [dimc, "rollback", v], a, old, None, again=[dimc, "clean", v]),
            Action("bundle", [dimc, "bundle", v, "-o", self.path("x.tar.gz")], a, a, old, files=["x.tar.gz", "x.tar.gz.sha256"]),
            Action("compile --proto", [dimc, "compile", c.path("p-b", "D01-x"), "--proto", "p", "-o", v], a, a, old, files=["v/proto/p.mmap"]),
        ]

    def close(self):
        for disk in self.disks.values():
            disk.unmount()
        self.c.must("umount", self.c.path("disk"))

    def path(self, name):
        return os.path.join(self.root, name)

    def disk(self, filesystem):
        """The filesystem with generation A, a former one and an older bundle on it; or why not (told once)."""
        if filesystem not in self.disks:
            self.disks[filesystem] = disk = Disk(self.c, filesystem)
            disk.make(self.fill)
        return self.disks[filesystem]

    def fill(self):
        for name in ("old", "a"):
            self.c.must(self.c.dimc, "compile", self.c.path(name), "-o", self.path("v"))
            if name == "old":
                self.c.must(self.c.dimc, "bundle", self.path("v"), "-o", self.path("x.tar.gz"))
                self.c.must(self.c.dimc, "compile", self.c.path("p-a", "D01-x"), "--proto", "p", "-o", self.path("v"))

    def read(self, names):
        contents = {}
        for name in names:
            contents[name] = None
            if os.path.exists(self.path(name)):
                with open(self.path(name), "rb") as file:
                    contents[name] = file.read()
        return contents

    def measure(self, disk, action):
        """An undisturbed run: its calls, how long it takes, what it gives."""
        if disk.filesystem in action.calls:
            return
        log = self.c.path("log")
        disk.fresh()
        action.old = self.read(action.files)
        self.c.must(*inject("count", log=log), *action.command)
        with open(log, encoding="utf-8", errors="replace") as file:
            action.calls[disk.filesystem] = [line.rstrip("\n").split("\t")[2:] for line in file]
        action.made = self.read(action.files)
        self.judge(action, True)
        disk.fresh()
        began = time.monotonic()
        self.c.must(*action.command)
        action.seconds[disk.filesystem] = time.monotonic() - began

    def judge(self, action, done):
        """What lies there after the loss. `done`: the command had exited with 0. Whether it is the new state."""
        found = whole(self.c, self.path(action.volume), *([action.after] if done else [action.before, action.after]))
        is_new = found == action.after
        for name in action.files:
            content = self.read([name])[name]
            states = {action.made[name]: "new", action.old[name]: "old", None: "gone"}
            which = states.get(content, "damaged")
            if name == action.files[0]:
                is_new = which == "new"
                self.c.want(is_new or which == "old" and not done, f"{name} is {which}")
            else:  # a sum is that of the bundle, or there is none
                self.c.want(which == ("new" if is_new else "old") or which == "gone" and not done, f"{name} is {which}, and what it is about is not")
        return is_new

    def go_on(self, action):
        """The next run, without help."""
        ran = self.c.run(action.again)
        self.c.want(ran.status == 0, f"the next run: {ran}")
        volume = self.path(action.volume)
        if action.name == "rollback":
            both = {whole(self.c, volume, action.before, action.after), whole(self.c, volume, action.before, action.after, name=".previous")}
            self.c.want(len(both) == 2, "rollback left one generation twice")
        else:
            self.judge(action, True)
            if action.former:
                whole(self.c, volume, action.former, name=".previous")
        tidy(volume)
        strange = set(os.listdir(self.root)) - {"v", "deep", "x.tar.gz", "x.tar.gz.sha256", "lost+found"}
        self.c.want(not strange, f"litter: {strange}")

    def lose(self, disk, action, kind, random):
        """One loss of power. Whether the command had exited with 0 before."""
        how = "nothing" if self.c.short else random.choice(["nothing", "log"])
        cut = disk.cut(how)
        if kind == "after":
            ran = self.c.run(action.command)
            self.c.want(ran.status == 0, f"{ran}")
        elif kind == "moment":
            pause = random.uniform(0, action.seconds[disk.filesystem] * 1.1)
            stop = "kill -STOP $!; " if disk.filesystem == "btrfs" else ""  # else what follows the copy could exit with 0
            script = f'"$@" & sleep {pause:.6f}; {stop}{cut} || exit 99; kill -KILL $! 2>/dev/null; wait $!'
            ran = self.c.run(["sh", "-c", script, "sh", *action.command])
            self.c.want(ran.status in (0, 3, 8, 137), f"{ran}")
            if ran.status != 0:
                self.c.count(f"status {ran.status} without power")
            return ran.status == 0
        else:
            calls = action.calls[disk.filesystem]
            if kind == "call":
                number = random.randint(1, len(calls))
            else:
                commit = [n for n, call in enumerate(calls, 1) if call[0] in ("renameat2", "renameat", "linkat") and ".cache" not in call[1]][-1]
                number = random.randint(max(1, commit - 20), min(len(calls), commit + 20))
            ran = self.c.run([*inject("run", str(number), cut), *action.command])
            self.c.want(ran.status in (124, 137), f"call {number}: {ran}")
            if ran.status == 137:
                return False
        self.c.must("sh", "-c", cut)
        return True

    def point(self, number, filesystem, action, kind):
        with self.c.point(number, f"{filesystem}, {action.name}, {kind}"):
            disk = self.disk(filesystem)
            if kind != "after" or action.files:
                self.measure(disk, action)
            if kind == "order":
                missing = unsynced(action.calls[filesystem], self.root)
                self.c.want(not missing, f"never synced, or too late: {', '.join(missing)}")
                self.c.count("in order by POSIX")
                return
            disk.fresh()
            done = self.lose(disk, action, kind, self.c.random(number))
            disk.recover()
            is_new = self.judge(action, done)
            self.c.count("exited with 0, and are there" if done else "new state" if is_new else "old state")
            self.go_on(action)


def unsynced(calls, root):
    """What a run made or wrote below `root` and never synced, or not before it was to be seen: by its calls alone, as POSIX has it."""
    wrong, data, names = [], set(), set()

    def is_hidden(path):
        return any(part.startswith(".") for part in path[len(root):].split("/"))

    def made(path):
        if path.startswith(root) and "/.cache" not in path and os.path.basename(path) not in (".previous", ".next"):
            names.add(path)

    for call, about, result in calls:
        source, _, path = about.rpartition(" -> ")
        if result.startswith("-"):
            continue
        if call in ("write", "pwrite64") and path.startswith(root) and "/.cache/" not in path:
            data.add(path)
            if not path.endswith(" (deleted)"):
                made(path)
        elif call == "syncfs":
            data, names = set(), set()
        elif call in ("fsync", "fdatasync"):
            data.discard(path)
            names = {name for name in names if os.path.dirname(name) != path}
        elif call in ("mkdir", "mkdirat", "linkat"):
            made(path)
        elif call == "unlinkat":
            names.discard(path)
        elif call in ("renameat", "renameat2"):
            def renamed(name, source=source, path=path):
                return path + name[len(source):] if name == source or name.startswith(source + "/") else name

            if not is_hidden(path):
                wrong += [f"{name} before it is {path}" for name in sorted(data | names - {source}) if renamed(name) != name]
            data, names = {renamed(name) for name in data}, {renamed(name) for name in names}
            made(path)
    return wrong + [f"{path} ({what})" for what, paths in (("bytes", data), ("name", names)) for path in sorted(paths)]


def plan(power, short):
    """(filesystem, what is done, action) of every point."""
    if short:
        actions = {action.name: action for action in power.actions}
        return [("ext4", kind, actions[name]) for name, kind in SHORT]
    kinds = ["order"] + ["call"] * 8 + ["commit"] * 8 + ["after"] * 5 + ["moment"] * 4
    return [(filesystem, kind, action) for filesystem in FILESYSTEMS for kind in kinds for action in power.actions]


def run(c):
    c.need_root()
    c.need("mount", "umount")
    own_mounts()
    power = Power(c)
    missing, points = set(), plan(power, c.short)
    try:
        for point in c.points(len(points)):
            filesystem, kind, action = points[point - 1]
            if filesystem in missing:
                continue
            try:
                power.point(point, filesystem, action, kind)
            except Cannot as reason:
                missing.add(filesystem)
                c.skip(str(reason), sum(f == filesystem for f, _, _ in points))
    finally:
        power.close()
    if c.passed + c.failures == 0:
        raise Cannot("; ".join(c.skipped))


if __name__ == "__main__":
    sys.exit(campaign("power", 600, "losses of power", run))
