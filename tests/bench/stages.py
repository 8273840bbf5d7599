"""stages.py: what is measured: stages of a build, and who does them.

In: the directories of a corpus. Out: one Run for each stage and program; whether its program is there.

A stage's runs are made in turn, round after round. What a run makes is gone before it begins, and on the disk too.
"""
import os
import shutil
import subprocess
from dataclasses import dataclass, field

TITLES = {
    "compile": "full compile, not synced",
    "durable": "full compile, on the disk",
    "nothing": "nothing changed",
    "one": "one layer changed",
    "check": "check alone",
    "bundle": "bundle to tar.gz",
    "restore": "restore, every digest checked",
    "verify": "verify every byte",
    "startup": "start of the program",
}
# Whom a stage is compared with to tell how near it is to what the machine allows.
LIMITS = {"compile": "limit", "durable": "limit", "nothing": "limit: stat", "one": "limit: stat", "check": "limit: parse",
          "verify": "limit: hash"}


@dataclass
class Run:
    stage: str
    who: str
    command: list
    package: str = ""  # what brings it; of the programs that may be missing
    makes: list = field(default_factory=list)  # files and directories
    edits: bool = False  # a layer is changed before
    turns: int = 1  # in a round
    slow: bool = False  # once is enough for a quick look
    of_large: bool = False  # also measured with XL
    result: str = ""  # a file or directory whose size is noted


def is_there(run):
    """Whether the program is installed, and what it needs."""
    if run.who == "PyYAML script":
        return subprocess.run(["python3", "-c", "import yaml"], stderr=subprocess.DEVNULL).returncode == 0
    if run.who == "js-yaml script":
        return bool(shutil.which("node")) and subprocess.run(
            ["node", "-e", "require('js-yaml')"], stderr=subprocess.DEVNULL).returncode == 0
    return all(shutil.which(tool) for tool in [run.command[0]] + (["pigz"] if "pigz" in run.who else []))


def stages(out, work, jobs):
    """All runs, in the order in which a round makes them. `out`: where programs are; `work`: what prepare() filled."""
    here = os.path.dirname(os.path.abspath(__file__))
    dimc, limit = os.path.join(out, "bin/dimc"), os.path.join(out, "bench/limit")
    threads = "-j%d" % jobs

    def at(name):
        return os.path.join(work, name)

    sources, volume, fresh, packed = at("sources"), at("volume"), at("fresh"), at("packed")
    bundle, tarred, pigzed = at("bundle.tar.gz"), at("tar.tar.gz"), at("pigz.tar.gz")
    whole = at("volume/consciousness")
    pipe = "tar -cf - -C %s consciousness | pigz -p%d >%s" % (volume, jobs, pigzed)
    return [
        Run("compile", "dimc", [dimc, "compile", "--no-sync", sources, "-o", fresh], makes=[fresh], of_large=True),
        Run("compile", "limit", [limit, "compile", sources, packed, threads], makes=[packed], of_large=True),
        Run("compile", "C with libyaml", [os.path.join(out, "bench/peer_libyaml"), sources, packed], makes=[packed],
            of_large=True),
        Run("compile", "PyYAML script", ["python3", here + "/pack.py", sources, packed], "python3-yaml", [packed]),
        Run("compile", "js-yaml script", ["node", here + "/pack.js", sources, packed], "node-js-yaml", [packed],
            slow=True),
        Run("compile", "mkfs.erofs", ["mkfs.erofs", packed, sources], "erofs-utils", [packed]),
        Run("compile", "mksquashfs, no compression", ["mksquashfs", sources, packed, "-noI", "-noD", "-noF", "-noX", "-quiet",
                                                      "-no-progress"], "squashfs-tools", [packed]),
        Run("compile", "tar -czf", ["tar", "-czf", packed, "-C", work, "sources"], "tar", [packed], slow=True),
        Run("durable", "dimc", [dimc, "compile", sources, "-o", fresh], makes=[fresh]),
        Run("durable", "limit", [limit, "compile", sources, packed, "--sync", threads], makes=[packed]),
        Run("nothing", "dimc", [dimc, "compile", "--no-sync", sources, "-o", volume], turns=3),
        Run("nothing", "limit: stat", [limit, "stat", sources, threads], turns=3),
        Run("nothing", "git status", ["git", "status", "--porcelain"], "git", turns=3),
        Run("nothing", "ninja", ["ninja", "-C", at("ninja")], "ninja-build", turns=3),
        Run("nothing", "rsync -n", ["rsync", "-an", sources + "/", at("copy") + "/"], "rsync", turns=3),
        Run("nothing", "make -q", ["make", "-q", "-C", at("ninja")], "make", slow=True),
        Run("one", "dimc", [dimc, "compile", "--no-sync", at("edited"), "-o", at("edited-volume")], edits=True, turns=3),
        Run("one", "limit: stat", [limit, "stat", at("edited"), threads], turns=3),
        Run("check", "dimc", [dimc, "check", sources]),
        Run("check", "limit: parse", [limit, "parse", sources, threads]),
        Run("bundle", "dimc", [dimc, "bundle", volume, "-o", bundle], makes=[bundle, bundle + ".sha256"], result=bundle),
        Run("bundle", "tar -czf", ["tar", "-czf", tarred, "-C", volume, "consciousness"], "tar", [tarred], result=tarred),
        Run("bundle", "tar and pigz", ["sh", "-c", pipe], "pigz", [pigzed], result=pigzed),
        Run("restore", "dimc", [dimc, "restore", "--no-sync", bundle, "-o", fresh], makes=[fresh]),
        Run("restore", "tar -xzf", ["tar", "-xzf", tarred, "-C", at("unpacked")], "tar", [at("unpacked/consciousness")]),
        Run("restore", "dimc, on the disk", [dimc, "restore", bundle, "-o", fresh], makes=[fresh]),
        Run("verify", "dimc", [dimc, "verify", volume], turns=3),
        Run("verify", "limit: hash2", [limit, "hash2", whole, threads], turns=3),
        Run("verify", "limit: hash", [limit, "hash", whole, threads], turns=3),
        Run("startup", "dimc", [dimc, "--version"], turns=5),
        Run("startup", "true", ["true"], turns=5),
    ]


def prepare(out, work, name):
    """Makes a corpus and what its runs find there."""
    sources, copy = os.path.join(work, "sources"), os.path.join(work, "copy")
    os.makedirs(work)
    quiet = {"check": True, "stdout": subprocess.DEVNULL}
    subprocess.run([os.path.join(out, "bench/corpus"), name, sources], **quiet)
    if name == "XL":
        return
    dimc = os.path.join(out, "bin/dimc")
    subprocess.run([dimc, "compile", "-q", sources, "-o", os.path.join(work, "volume")], **quiet)
    for made in ("copy", "edited"):
        subprocess.run(["cp", "-a", sources, os.path.join(work, made)], **quiet)
    subprocess.run([dimc, "compile", "-q", os.path.join(work, "edited"), "-o", os.path.join(work, "edited-volume")], **quiet)
    for made in ("ninja", "unpacked"):
        os.mkdir(os.path.join(work, made))
    files = sorted(os.path.join(folder, file) for folder, _, names in os.walk(sources) for file in names)
    with open(os.path.join(work, "ninja/build.ninja"), "w", encoding="utf-8") as f:
        f.write("rule touch\n  command = touch $out\nbuild stamp: touch %s\n" % " ".join(files))
    with open(os.path.join(work, "ninja/Makefile"), "w", encoding="utf-8") as f:
        f.write("stamp: %s\n\ttouch $@\n" % " ".join(files))
    with open(os.path.join(work, "ninja/stamp"), "w", encoding="utf-8"):
        pass
    if shutil.which("ninja"):
        subprocess.run(["ninja", "-C", os.path.join(work, "ninja")], **quiet)
    if shutil.which("git"):
        for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "sources"], ["status"]):
            subprocess.run(["git", "-c", "user.name=bench", "-c", "user.email=bench@localhost"] + command, **quiet)
