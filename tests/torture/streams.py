"""streams.py: a part of full.py: every command that prints, to a standard output that takes nothing.

In: a campaign, a volume, sources and a bundle in its scratch directory. Out: points. Status 3, or 8 where the work was done, and a
message; or the death by SIGPIPE that a pipe's writer is told to die; the volume is whole, and nothing lies in it.
"""
import os
import shutil
import signal
import stat

from volumes import digest, tidy, whole

NAMES = ("compile", "check", "fmt", "new", "watch", "explain", "schema", "init", "verify", "info", "top", "show", "find", "report", "diff",
         "dump", "bundle", "list", "restore", "rollback", "clean", "completion")
SINKS = {  # how: what runs the command, what it says, its status
    "full": (["sh", "-c", 'exec "$@" >/dev/full', "sh"], b"No space left on device"),
    "closed": (["sh", "-c", 'exec "$@" >&-', "sh"], b"Bad file descriptor"),
    "a pipe that nobody reads": ([], b"Broken pipe"),
    "a pipe that nobody reads, and SIGPIPE": ([], None),
}
FILES = {  # options whose file is a device like /dev/full
    "--diagnostics-file": ["check", "bad", "--diagnostics=json"], "--log": ["rollback", "v"], "--trace": ["check", "a"], "--stamp": ["check", "a"],
    "-MF": ["compile", "a", "-o", "v", "-MD"], "report -o": ["report", "v", "-o"], "bundle -o": ["bundle", "v", "-o"], "dump -o": ["dump", "v", "-o"],
}


def commands():
    """Of every command that prints, as the scratch directory has it; the digest of what changes comes from what it does."""
    yield from (["--version"], ["--help"], *([name, "--help"] for name in NAMES))
    yield from (["compile", "--list-checks"], ["compile", "b", "-o", "v", "-n"], ["compile", "b", "-o", "v", "--check"], ["compile", "b", "-o", "v"])
    yield from (["compile", "a", "-o", "v"], ["compile", "b", "-o", "v", "--json"], ["compile", "proto/D01-x", "--proto", "p", "-o", "v"])
    yield from (["check", "a"], ["check", "a", "--json"], ["check", "a", "--timings"], ["fmt", "--check", "a"], ["fmt", "--diff", "a"], ["fmt", "-"])
    yield from (["new", "-n", "D01", "X", "-s", "a"], ["explain"], ["explain", "unknown-key"], ["schema"], ["schema", "layer"], ["init", "v"])
    yield from (["verify", "v"], ["verify", "v", "--json"], ["verify", "b.tar.gz"], ["verify", "v", "--against", "a"], ["info", "v"])
    yield from (["info", "v", "--json"], ["info", "v", "--resident"], ["top", "v", "-n", "1"], ["show", "v", "D01/1"], ["find", "v", "w1"])
    yield from (["find", "v", "--frequency", "1..3"], ["diff", "v", "b"], ["diff", "v", "b", "--stat"], ["diff", "v", "b", "--json"])
    yield from (["list", "b.tar.gz"], ["list", "b.tar.gz", "--sums"], ["restore", "b.tar.gz", "-o", "v", "-n"], ["restore", "b.tar.gz", "-o", "v"])
    yield from (["rollback", "v"], ["clean", "v"], ["completion", "bash"], ["completion", "zsh"], ["completion", "fish"])
    yield from (["report", "v", "-o", "-"], ["report", "v", "-o", "r.html"], ["bundle", "v", "-o", "x.tar.gz"], ["dump", "v", "-o", "dumped"])


def streams(c, first, pristine):
    """`pristine`: a volume that every point begins with a copy of; its name there is v."""
    volume = c.path("v")
    points = [(arguments, sink) for arguments in commands() for sink in SINKS]
    if c.short:
        points = [p for p in points if p[0] in (["--help"], ["compile", "b", "-o", "v"], ["show", "v", "D01/1"])]

    def fresh():
        for name in (volume, c.path("dumped")):
            shutil.rmtree(name, ignore_errors=True)
        shutil.copytree(pristine, volume)

    def outputs():
        """The files that some commands make, and which of those are there."""
        found = {}
        for name in ("r.html", "x.tar.gz", "x.tar.gz.sha256"):
            if os.path.exists(c.path(name)):
                with open(c.path(name), "rb") as file:
                    found[name] = file.read()
                os.unlink(c.path(name))
        return found

    fresh()
    undisturbed = {}
    for arguments in (["report", "v", "-o", "r.html"], ["bundle", "v", "-o", "x.tar.gz"]):
        c.must(c.dimc, *arguments)
        undisturbed.update(outputs())
    for point in c.points(len(points), first):
        arguments, sink = points[point - first]
        with c.point(point, f"dimc {' '.join(arguments)}, standard output is {sink}"):
            fresh()
            before = digest(volume)
            ran = run(c, arguments, sink)
            now = digest(volume)
            made = outputs()
            c.want(all(what == undisturbed[name] for name, what in made.items()), f"{', '.join(made)}: not what a run makes that is heard")
            is_changed = now != before or "--proto" in arguments
            cause = SINKS[sink][1]
            if cause is None:
                c.want(ran.status == -signal.SIGPIPE, f"{ran}")
            else:
                c.want(ran.status == (8 if is_changed else 3), f"{ran}")
                c.want(b"cannot write to standard output: " + cause in ran.err, f"{ran}")
            whole(c, volume, now)
            tidy(volume)
            c.count("lost a reader" if cause is None else f"status {ran.status}")
    options, device = list(FILES.items()), c.path("full")
    if not c.short:
        os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(1, 7))
    for point in c.points(0 if c.short else len(options), first + len(points)):
        option, arguments = options[point - first - len(points)]
        with c.point(point, f"{option} {device}"):
            fresh()
            ran = c.run([c.dimc, *arguments, *([] if arguments[-1] == "-o" else [option]), device])
            c.want(ran.status in (2, 3, 8) or option == "--log" and b"warning" in ran.err, f"{ran}")
            c.want(device.encode() in ran.err, f"the message names no file: {ran}")
            c.want(stat.S_ISCHR(os.stat(device).st_mode), "a file took the place of the device")
            whole(c, volume, digest(volume))
            tidy(volume)
            c.count(f"status {ran.status}")


def run(c, arguments, sink):
    prefix, _ = SINKS[sink]
    with open(c.path("a", "D01-x", "001.yaml"), "rb") as stdin:  # for fmt
        if prefix:
            return c.run([*prefix, c.dimc, *arguments], stdin=stdin)
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "wb") as pipe:
            return c.run([c.dimc, *arguments], stdin=stdin, stdout=pipe, restore_signals=sink.endswith("SIGPIPE"))
