"""fault.py: every system call of every command fails, in every way that it can, or does half of what it was asked for.

In: --short, --seed, --only (campaign.py); dimc and inject. Out: a line with the counts: with which status the runs ended.

A run that ends with 0 has made what an undisturbed run makes, byte for byte, and no sync failed, nor the close of what was written.
Any other status is a documented one; the message names a path and the cause; the old state is there, whole, or with status 8 the
new one; the next run succeeds. Point 20170003 is call 17 of scene 2, with error 3.

Each call fails once, in a way that the seed chooses; the first call of a kind (the same name, about the same path but for its digits)
in all ways. Calls that fail with no errno by what the kernel promises (futex, exit_group, brk, ...) are left out.
"""
import errno
import os
import re
import shutil
import sys

from campaign import Control, campaign
from scenes import difference, in_memory, plain, read_log, readers, scenes, without_cache

SCENE, CALL = 100000000, 100  # numbers of a scene, of a call
ERRORS = ["EIO", "ENOSPC", "EMFILE", "EROFS", "EINTR", "EAGAIN"]
SHORT = "short"
HALVED = {"read", "write", "pread64", "pwrite64", "readv", "writev", "preadv", "pwritev"}
NEVER = ["futex", "exit_group", "exit", "rseq", "set_robust_list", "rt_sigprocmask", "rt_sigaction", "rt_sigreturn", "restart_syscall", "munmap",
         "brk", "getpid", "gettid", "getuid", "geteuid", "umask"]
MEMORY = {"mmap", "mremap", "mprotect", "madvise", "clone3", "clone", "arch_prctl"}
WRITES = {"write", "pwrite64", "writev", "pwritev", "ftruncate", "copy_file_range", "sendfile"}
BAR = 2000
CONTROLS = [
    Control("unchecked-close", "close of a file of a generation is not checked",
            [("compiler/out.c", "if (out->fd >= 0 && close(out->fd) != 0)", "if (out->fd >= 0 && close(out->fd) > 0)")]),
    Control("unchecked-fsync", "what fsync says of a generation's files and directories is not asked",
            [("compiler/out.c", "sync && fsync(out->fd) != 0)", "sync && fsync(out->fd) > 0)"),
             ("compiler/fs.c", "if (fsync(fd) != 0)", "if (fsync(fd) > 0)")]),
    Control("unchecked-write", "what write says is not asked",
            [("compiler/out.c", "if (fs_write_all(out->fd, bytes, size) != 0)", "if (fs_write_all(out->fd, bytes, size) > 0)")]),
    Control("short-write", "a write of a part passes for one of all",
            [("compiler/fs.c", "\t\tsize -= (size_t)n;\n\t}\n\treturn 0;", "\t\tsize = 0;\n\t}\n\treturn 0;")]),
    Control("silent-cause", "a message does not say why a region cannot be written",
            [("compiler/publish.c", '"cannot %s %s/%s: %s", what, volume->path, path, strerror(number)',
              '"cannot %s %s/%s%s", what, volume->path, path, number > 0 ? "" : "?"')]),
]


def ways(c, scene, kinds):
    """Which calls of a scene fail, and how: (number, error), in order. `kinds`: those that failed in earlier scenes."""
    rng = c.random(scene.name)
    found = []
    for call in scene.calls:
        name, number = call[2], int(call[0])
        if name in MEMORY:
            found.append((number, "EAGAIN" if name.startswith("clone") else "ENOMEM"))
            continue
        errors = ERRORS + ([SHORT] if name in HALVED else [])
        kind = (name, re.sub(r"\d+", "0", call[3].replace(scene.c.work, "")))
        found += [(number, error) for error in (errors if kind not in kinds else [rng.choice(errors)])]
        kinds.add(kind)
    return found


def sample(c, place, scene, chosen):
    """For the short form: one of the calls that matter most, of another sort in each scene, and one of all."""
    sort, error = [("write", "EIO"), ("write", SHORT), ("fsync", "EIO"), ("close", "EIO")][place % 4]
    stressed = [(int(call[0]), error) for call in scene.calls
                if call[2] == sort and "/run/" in call[3] and "/.cache/" not in call[3] and (sort != "close" or must_fail(call, scene.calls))]
    rng = c.random(place)
    return sorted(rng.sample(stressed, min(1, len(stressed))) + [rng.choice(chosen)])


def must_fail(call, log):
    """Whether a failure of this call is one of what was to be made durable."""
    name, subject = call[2], call[3]
    if any(part in subject for part in ("/.cache/", "/scratch/")) or subject.endswith("/err"):
        return False
    before = log[:int(call[0]) - 1]
    last = next((c for c in reversed(before) if c[3] == subject and (c[2] in WRITES or c[2] == "openat")), None)
    is_written = last is not None and last[2] in WRITES
    if is_written and subject.endswith("(deleted)"):  # it never had a name; perhaps it was given one
        is_written = any(c[2] == "linkat" for c in before[int(last[0]):])
    return name in ("fsync", "fdatasync", "syncfs") or (name == "close" and is_written)


def judge(c, scene, ran, log, number, error):
    """What the run printed, left and said: `log` has its calls, and call `number` was the one that failed."""
    want, call = c.want, log[number - 1] if number <= len(log) else None
    want(not ran.hung, f"{ran}")
    want(0 <= ran.status <= 9, f"{ran}")
    with open(c.path("out"), "rb") as out, open(c.path("err"), "rb") as err:
        ran.out, ran.err = out.read(), err.read()
    c.count(f"status {ran.status}")
    untouched = scene.is_untouched()
    if ran.status == 8 and untouched:  # there was nothing to do but to sync it once more
        want(without_cache(scene.before) == without_cache(scene.after), f"status 8, and nothing was done\n{ran}")
    if ran.status == scene.status:
        wrong = difference(without_cache(scene.tree()), without_cache(scene.after))
        want(not wrong, f"done, and wrong: {wrong}\n{ran}")
        # What is published and cannot be read is written again, and told as repaired.
        # What is in memory is told only where the system says it.
        told = plain(ran.out) == scene.printed or b"repaired:" in ran.out or call[2] == "mincore"
        want(told, f"done, and printed {ran.out!r}, not {scene.printed!r}\n{ran}")
        want(error == SHORT or not must_fail(call, log), f"done, though what was written may not be there\n{ran}")
    else:
        want(error != SHORT, f"failed because of a part\n{ran}")
        want(ran.status in (1, 3, 5, 8, 9), f"not a status for this\n{ran}")
        if not call[3].endswith("/err"):
            text = os.strerror(getattr(errno, error))
            told = text in ran.err.decode() or (error == "ENOMEM" and b"out of memory" in ran.err)
            want(told or call[2] == "flock", f"the message does not say: {text}\n{ran}")
            names = {part for part in call[3].split(" -> ")[-1].split("/")[-2:] + ["volume", "out.", "dumped", "report.html", "in/", "src",
                                                                                      "standard output", "stamp", " f/"] if part}
            want(any(name in ran.err.decode() for name in names), f"the message names no path\n{ran}")
    want(not os.listdir(c.path("scratch")), f"left in TMPDIR: {os.listdir(c.path('scratch'))}\n{ran}")
    if not untouched:
        seen = scene.judge(ran)
        want(ran.status != 8 or seen in ("new", "same"), f"status 8, and readers see the {seen} one\n{ran}")
        want(ran.status in (scene.status, 8) or seen != "new" or not scene.publishes, f"published, and the status says no\n{ran}")
        scene.recover(ran)


def run(c):
    c.need_no_files_of_gcov()
    every, kinds = scenes(c), set()
    os.mkdir(c.path("scratch"))
    for place, scene in enumerate(every + readers(c), 1):
        scene.uncounted = NEVER + (sorted(MEMORY) if c.is_instrumented else [])
        scene.learn()
        chosen = ways(c, scene, kinds)
        if c.short:
            chosen = sample(c, place, scene, chosen)
        for number, error in chosen:
            point = place * SCENE + number * CALL + (ERRORS + ["ENOMEM", SHORT]).index(error)
            if c.only not in (None, point):
                continue
            scene.set()
            for name in os.listdir(c.path("scratch")):  # what an earlier point was told for
                shutil.rmtree(c.path("scratch", name))
            action = ["short", str(number)] if error == SHORT else ["fail", str(number), error]
            log = c.path("log")
            with open(c.path("out"), "wb") as out, open(c.path("err"), "wb") as err:
                ran = scene.inject(*action, log=log, stdout=out, stderr=err, env={"TMPDIR": c.path("scratch")})
            if ran.status == 125:
                raise RuntimeError(str(ran))
            if ran.status == 124:
                c.count("calls that threads did not make again")
                continue
            log = read_log(log) if not ran.hung else scene.calls
            with c.point(point, f"{scene.name}, call {number}, {error}: {' '.join(log[min(number, len(log)) - 1][2:4])}"):
                judge(c, scene, ran, log, number, error)


if __name__ == "__main__":
    in_memory()
    sys.exit(campaign("fault", BAR, "runs", run))
