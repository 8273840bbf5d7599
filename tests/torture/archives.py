#!/usr/bin/env python3
"""archives.py: hostile archives, given to all that reads bundles: nothing outside the volume is touched, and nothing in it changes.

A point is one archive: first those of tests/hostile.py and tests/oci_hostile.py, each wrong in one way, with the status and the words
that it must meet; then random ones: flipped bits of a tar.gz, of its tar and of an OCI archive, headers with random fields, blocks that
are lost, doubled or exchanged. Each is restored into a volume with a generation and into one that does not exist, and given to verify,
list, info, show, find, diff, dump, report and bundle. The whole scratch tree is watched: by its inodes and times, by inotify, and, of
restore, by strace, which tells every path that was written to.
"""
import collections
import filecmp
import gzip
import os
import re
import resource
import shutil
import sys

sys.dont_write_bytecode = True
sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from campaign import ROOT, Control, campaign  # noqa: E402
from mutilate import mutilated  # noqa: E402
from watched import Inotify, state, strace_works, written  # noqa: E402

GROUPS = ["types", "names", "sets", "claims", "images", "streams", "contents", "bombs"]
MUTATIONS = 1200
SHORT = 40  # one of so many in the short form
OWN = {"volume", "made", "tmp"}  # where dimc may write
MEMORY, FILE, SECONDS = 2**30 + 2**27 * os.cpu_count(), 2**28, 20

CONTROLS = [
    Control("dotdot-accepted", "a name with .. in it is taken for the file that it leads to", [
        ("compiler/member.c", 'if (length == 2 && memcmp(at, "..", 2) == 0)', "if (length == 2 && at == NULL)"),
        ("compiler/member.c", "	if (is_directory && *name == '\\0')\n		return true;\n	if (length < sizeof(dimension)) {",
         "	if (is_directory && *name == '\\0')\n		return true;\n	if (!is_directory && strstr(name, \"..\") != NULL) {\n"
         "		ret->kind = MEMBER_IS_LAYER;\n		ret->dimension_id = 1;\n		snprintf(ret->path, sizeof(ret->path), \"%s\", name);\n"
         "		return true;\n	}\n	if (length < sizeof(dimension)) {")]),
    Control("links-taken", "what is no file is taken for one", [
        ("compiler/unpack.c", "if (member->kind == TAR_OTHER)", "if (member->name == NULL)")]),
    Control("sizes-unlimited", "a member may be as large as it likes", [
        ("compiler/unpack.c", "if (member->size > max) {", "if (member->size > max && max == 0) {")]),
    Control("volume-left", "a volume that was made for a restore stays after its refusal", [
        ("compiler/restore.c", "if (!ok && !ret->is_published)", "if (ok && !ret->is_published)")]),
]


NAMES = {1: "Emotion", 2: "Cognition", 3: "Intention", 5: "Temporal"}


def make_dimension(c, folder, number, *layers):
    os.makedirs(c.path(folder), exist_ok=True)
    with open(c.path(folder, "dimension.yaml"), "w", encoding="utf-8") as file:
        print(f"dimension_id: {number}\nname: {NAMES[number]}\ncreated_at: 2024-10-24T10:00:00Z\nupdated_at: 2024-10-24T12:00:00Z", file=file)
    for layer, text in enumerate(layers, 1):
        with open(c.path(folder, f"{layer}.yaml"), "w", encoding="utf-8") as file:
            print(f"layer_id: {layer}\nfrequency: {layer}.5\nkeywords: [joy, word{layer}]\ncontent: |\n  {text}", file=file)


class Archives:
    """The archives by number: (path, statuses, a pattern for the message, the member that it names, what list may say)."""

    def __init__(self, c):
        self.c, self.all = c, []
        for name, where in (("Emotion", "good"), ("Other", "here")):
            make_dimension(c, f"{where}/D01-emotion", 1, f"{name} is bright.", "Grief is slow.")
            make_dimension(c, f"{where}/D02-cognition", 2, f"{name} selects.")
        make_dimension(c, "good/D03-intention", 3, "A plan.")
        make_dimension(c, "here/D05-temporal", 5, "Time passes.")
        compile_ = (c.dimc, "compile", "-q", "-Wno-all", "--no-sync")
        c.must(*compile_, "--layer-files", "good", "-o", "good/data/mmap")
        c.must("tar", "-C", "good", "-czf", "good.tar.gz", "data/mmap/consciousness/")
        for name, *more in (("sound.tar.gz",), ("part.tar.gz", "-d", "D02"), ("sound.oci", "--format=oci")):
            c.must(c.dimc, "bundle", "-q", "good/data/mmap", "-o", name, *more)
        c.must(*compile_, "here", "-o", "master")
        make_dimension(c, "here/D01-emotion", 1, "Once more.")
        c.must(*compile_, "here", "-o", "master")
        c.must(*compile_, "--proto", "thought", "here/D01-emotion", "-o", "master")
        os.mkdir(c.path("bundles"))
        os.mkdir(c.path("images"))
        os.mkdir(c.path("tmp"))
        # Of a sample, the others are named and not made, which takes longer than to refuse them.
        c.must(sys.executable, os.path.join(ROOT, "tests/hostile.py"), "good.tar.gz", "bundles", *(GROUPS[:-1] if c.short else GROUPS),
               env={"SAMPLE": f"{c.seed} {SHORT}"} if c.short and c.only is None else {})
        with open(c.path("bundles/expected.tsv"), encoding="utf-8", errors="surrogateescape") as file:
            for line in file:
                name, statuses, text, member, lists = line.rstrip("\n").split("\t")
                self.all.append((c.path("bundles", name), set(map(int, statuses.split("|"))), text, member, lists, 1))
        self.ours = len(self.all)
        c.must(*compile_, "good", "-o", "small-volume", "-d", "D01")
        c.must(c.dimc, "bundle", "-q", "small-volume", "-o", "small.tar", "--format=oci")
        c.must(sys.executable, os.path.join(ROOT, "tests/oci_hostile.py"), "small.tar", "sound.oci", "images")
        with open(c.path("images/cases"), encoding="utf-8") as file:
            for line in file:
                name, status, text = line.rstrip("\n").split(" ", 2)
                self.all.append((c.path("images", name + ".tar"), {int(status)}, re.escape(text), "-", "any", 1))
        self.bases = {}
        for name in ("sound.tar.gz", "part.tar.gz", "sound.oci"):
            with open(c.path(name), "rb") as file:
                self.bases[name] = file.read()
        self.bases["tar"] = gzip.decompress(self.bases["sound.tar.gz"])

    def sample(self, points):
        """Those of hostile.py that were made, and a few of the others."""
        made = [p for p in points if p <= len(self.all) and "/bundles/" in self.all[p - 1][0] and os.path.exists(self.all[p - 1][0])]
        return made + sorted(self.c.random(0).sample([p for p in points if p > self.ours], 10))

    def get(self, point):
        if point <= len(self.all):
            return self.all[point - 1]
        data, base = mutilated(self.c.random(point), self.bases, self.c.path("bundles/victim"))
        path = self.c.path("bundles", "mutilated")
        with open(path, "wb") as file:
            file.write(data)
        return path, {0, 5, 6, 7, 9}, ".", "-", "any", 1 if base == "part.tar.gz" else 3

    def kind(self, point):
        if point > len(self.all):
            return "mutilated"
        name = os.path.basename(self.all[point - 1][0])
        return re.sub(r"^\d+-([a-z]+).*", r"\1", name) if name[0].isdigit() else "image"


class Trial:
    """One archive, and the commands that read it."""

    def __init__(self, c, archives, inotify, is_traced):
        self.c, self.archives, self.inotify, self.is_traced = c, archives, inotify, is_traced
        self.renew()
        self.outside = state(c.work, OWN)

    def renew(self):
        for name in ("volume", "made"):
            shutil.rmtree(self.c.path(name), ignore_errors=True)
        os.mkdir(self.c.path("made"))
        self.c.must("cp", "-a", "master", "volume")
        self.volume = state(self.c.path("volume"))

    def limits(self):
        if not self.c.is_instrumented:
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_FSIZE, (FILE, FILE))

    def dimc(self, *arguments, traced=False):
        """
        Runs dimc, and wants of it what nothing may lack: it ends, with a status, and says what a terminal can bear. At every second
        point without the sandbox, so that it does not stand in for a check that is missing.
        """
        command = [self.c.dimc, *arguments]
        if traced:
            command = ["strace", "-f", "-qq", "-y", "-s", "4096", "-o", "tmp/trace", "-e", "trace=file,desc", *command]
        ran = self.c.run(command, env={"TMPDIR": self.c.path("tmp"), **self.alone}, preexec_fn=self.limits)
        self.c.want(not ran.hung and 0 <= ran.status <= 9, str(ran))
        said = (ran.out if arguments[0] != "show" else b"") + ran.err
        self.c.want(re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", said) is None, f"control characters in what it says: {ran}")
        self.c.count("runs")
        if traced:
            for path in written(self.c.path("tmp/trace"), self.c.work):
                self.c.want(any(path == own or path.startswith(own + "/") for own in map(self.c.path, OWN)) or path == "/dev/null",
                            f"writes to {path}: {ran}")
            os.unlink(self.c.path("tmp/trace"))
        return ran

    def refused(self, ran, text, member):
        """What restore says when it takes an archive for a bad one."""
        told = ran.err.decode(errors="replace")
        errors = [line for line in told.splitlines() if line.startswith("dimc: error: ")]
        self.c.want(errors and all(": refused: " in line and line.endswith("; nothing changed") for line in errors),
                    f'not each error ends with "refused: ...; nothing changed": {ran}')
        self.c.want(re.search(text, told, re.IGNORECASE), f"expected {text}: {ran}")
        self.c.want(member == "-" or f"refused: member {member}" in told, f"does not name {member}: {ran}")

    def nothing_changed(self, what):
        events = self.inotify.read(OWN)
        self.c.want(not events, f"{what}: something happened outside the volume: {events}")
        self.c.want(not os.listdir(self.c.path("tmp")), f"{what}: left in TMPDIR: {os.listdir(self.c.path('tmp'))}")
        now = state(self.c.work, OWN)
        self.c.want(now == self.outside, f"{what}: outside the volume this changed: {sorted(now ^ self.outside)}")

    def unchanged(self, what):
        now = state(self.c.path("volume"))
        self.c.want(now == self.volume, f"{what}: in the volume this changed: {sorted(now ^ self.volume)}")
        self.nothing_changed(what)

    def sound(self, volume, wanted):
        """What was taken is the sound archive, whatever was done to its packing: so many of its dimensions at least."""
        ran = self.c.run([self.c.dimc, "verify", "--strict", volume])
        self.c.want(ran.status == 0, f"what was restored is not sound: {ran}")
        good, same = self.c.path("good/data/mmap/consciousness"), 0
        for name in ("D01", "D02", "D03"):
            same += os.path.exists(self.c.path(volume, "consciousness", name)) and filecmp.cmp(
                os.path.join(good, name, "region.mmap"), self.c.path(volume, "consciousness", name, "region.mmap"), shallow=False)
        self.c.want(same >= wanted, f"of the sound archive, {same} dimensions were restored, not {wanted}")

    def run(self, point, statuses, path, text, member, lists, wanted):
        try:
            self.trial(point, statuses, path, text, member, lists, wanted)
        finally:
            if state(self.c.path("volume")) != self.volume or os.listdir(self.c.path("made")):
                self.renew()
            self.inotify.read(OWN)
            self.outside = state(self.c.work, OWN)

    def trial(self, point, statuses, path, text, member, lists, wanted):
        c = self.c
        self.alone = {"DIMC_SANDBOX": "off"} if point % 2 else {}
        traced = self.is_traced and (point % 4 == 0 if c.short or point > len(self.archives.all) else True)
        ran = self.dimc("restore", path, "-o", "volume", "--no-sync", traced=traced)
        status = ran.status
        c.count("restores traced", int(traced))
        c.want(status in statuses, f"wanted status {statuses}: {ran}")
        if status != 0:
            self.refused(ran, text, member)
            self.unchanged("restore")
            c.count("refused")
        else:
            self.sound("volume", wanted)
            self.nothing_changed("restore")
            c.count("taken, and sound")
        ran = self.dimc("restore", path, "-o", "made/absent", "--no-sync")
        c.want(ran.status == status, f"restored to nothing, it is {ran.status}, and was {status}: {ran}")
        c.want(status == 0 or not os.path.lexists(c.path("made/absent")), f"a refused archive makes a volume: {ran}")
        if status == 0:
            self.sound("made/absent", wanted)
        self.others(point, path, status, lists)
        self.nothing_changed("what only reads")
        if status != 0:
            self.unchanged("what only reads")

    def others(self, point, path, status, lists):
        """What restore would refuse nothing else accepts; what does not begin like a bundle may be a region."""
        c = self.c
        ran = self.dimc("verify", path)
        if b"not a region" not in ran.err and not path.endswith("-no-bundle-region.tar.gz"):
            c.want(ran.status == status and (status == 0 or b": refused: " in ran.err), f"restore said {status}: {ran}")
            commands = (("info", path), ("find", path, "joy"), ("show", path, "D01/1"), ("diff", path, "master"), ("diff", "master", path),
                        ("dump", path, "-o", "made/dumped"), ("report", path, "-o", "made/page.html"))
            for command in c.random(point).sample(commands, 1 if c.short or point > len(self.archives.all) else len(commands)):
                ran = self.dimc(*command)
                c.want(status == 0 or ran.status == status, f"restore said {status}: {ran}")
                c.want(status == 0 or not os.path.exists(c.path("made/dumped")), f"left something: {ran}")
        c.want(b"nothing changed" not in ran.err, f"nothing could have changed: {ran}")
        ran = self.dimc("list", path)
        c.want(status != 0 or ran.status == 0, f"restore said 0: {ran}")
        c.want(status == 0 or ran.status != 0 or lists == "any", f"restore said {status}: {ran}")
        ran = self.dimc("bundle", path, "-o", "made/packed.tar.gz")
        c.want(ran.status != 0 and not os.path.exists(c.path("made/packed.tar.gz")), f"an archive is no volume: {ran}")


def beside_good_ones(c, trial, archives, path):
    """One bad archive spoils the whole restore, in whatever form it is asked for."""
    good = archives.all[0][0]
    for arguments in ([good, path], [path, good], ["-n", path], ["--replace", path], ["--json", path]):
        ran = trial.dimc("restore", *arguments, "-o", "volume", "--no-sync")
        c.want(5 <= ran.status <= 9 and b": refused: " in ran.err + ran.out, str(ran))
        trial.unchanged("restore " + " ".join(arguments))


def run(c):
    c.need_no_files_of_gcov()
    archives = Archives(c)
    inotify = Inotify(c.work, OWN)
    is_traced = strace_works(c)
    trial = Trial(c, archives, inotify, is_traced)
    kinds = collections.defaultdict(list)
    points = c.points(len(archives.all) + MUTATIONS)
    for point in points:
        kinds[archives.kind(point)].append(point)
    if c.short and c.only is None:
        points = archives.sample(points)
    if not is_traced:
        c.skip("strace may not trace here: paths that restore writes to", len(points))
    for point in points:
        path, statuses, text, member, lists, wanted = archives.get(point)
        trial.outside = state(c.work, OWN)
        inotify.read(OWN)
        with c.point(point, os.path.basename(path)):
            trial.run(point, statuses, path, text, member, lists, wanted)
            if not c.short and 0 not in statuses and point in kinds[archives.kind(point)][:3] and point <= len(archives.all):
                beside_good_ones(c, trial, archives, path)
    c.count("kinds", len(kinds))


if __name__ == "__main__":
    raise SystemExit(campaign("archives", 1900, "archives", run))
