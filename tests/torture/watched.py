"""watched.py: what happened to a tree of files, seen three ways.

In: a directory; names in it that do not count; what strace wrote. Out: its state, to be compared; what inotify saw since the last look;
every path that a traced program wrote to.
"""
import ctypes
import os
import re
import shutil
import struct

MASK = 0x2 | 0x4 | 0x8 | 0x40 | 0x80 | 0x100 | 0x200 | 0x400 | 0x800  # all but being opened and read


def state(directory, without=()):
    """Everything in a directory but what stands in it under these names, which is missing here and not looked into."""
    found = set()
    todo = [(directory, "")]
    while todo:
        path, name = todo.pop()
        with os.scandir(path) as entries:
            for entry in entries:
                if path == directory and entry.name in without:
                    continue
                st = entry.stat(follow_symlinks=False)
                is_directory = entry.is_dir(follow_symlinks=False)
                if is_directory:
                    todo.append((entry.path, name + entry.name + "/"))
                # A directory's times tell what came and went in it; those of the top are changed by names that do not count.
                found.add((name + entry.name, st.st_mode, st.st_uid, st.st_ino, st.st_nlink, st.st_mtime_ns, st.st_ctime_ns,
                           0 if is_directory else st.st_size))
    return found


class Inotify:
    """What is created, written, renamed, removed or given other attributes in a directory and below it."""

    def __init__(self, directory, without):
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.fd = self.libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self.fd < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")
        self.top, self.names = directory, {}
        for path, folders, _ in os.walk(directory):
            if path == directory:
                folders[:] = [f for f in folders if f not in without]
            watch = self.libc.inotify_add_watch(self.fd, os.fsencode(path), MASK)
            if watch < 0:
                raise OSError(ctypes.get_errno(), "inotify_add_watch " + path)
            self.names[watch] = path

    def read(self, without):
        events = set()
        while True:
            try:
                data = os.read(self.fd, 65536)
            except BlockingIOError:
                return sorted(events)
            at = 0
            while at < len(data):
                watch, mask, _, size = struct.unpack_from("=iIII", data, at)
                name = os.fsdecode(data[at + 16:at + 16 + size].rstrip(b"\0"))
                at += 16 + size
                path = self.names.get(watch, "?")
                if path != self.top or name not in without:
                    events.add(f"{os.path.join(path, name)} {mask:#x}")


def strace_works(c):
    return shutil.which("strace") is not None and c.run(["strace", "-f", "-qq", "-o", "/dev/null", "true"]).status == 0


CALL = re.compile(r"^\d+ +(\w+)\((.*)\) += (\d+)(?:<(.*)>)?(?: \(.*\))?$")
PLACE = re.compile(r'(?:(?:AT_FDCWD|\d+)<((?:[^>\\]|\\.)*)>, )?"((?:[^"\\]|\\.)*)"')
CHANGING = re.compile(r"^(mkdir|link|symlink|rename|unlink|rmdir|mknod|f?chmod|f?l?chown|f?truncate|utime|futimes|l?f?setxattr|fallocate)")


def joined(file):
    """Lines of strace -f; where a thread was interrupted by another one, both halves of its line in one."""
    halves = {}
    for line in file:
        thread, _, rest = line.rstrip("\n").partition(" ")
        if rest.endswith(" <unfinished ...>"):
            halves[thread] = rest.removesuffix(" <unfinished ...>")
        elif rest.lstrip().startswith("<... "):
            yield f"{thread} {halves.pop(thread, '')}{rest.partition(' resumed>')[2]}"
        else:
            yield f"{thread} {rest}"


def written(trace, directory):
    """Of a trace with -y: each path that was opened to be written, made, renamed, removed or changed, where that succeeded."""
    with open(trace, encoding="utf-8", errors="surrogateescape") as file:
        for line in joined(file):
            call = CALL.match(line)
            if call is None:
                continue
            name, arguments, _, result = call.groups()
            if name in ("open", "openat", "openat2", "creat"):
                if re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_TMPFILE", arguments) or name == "creat":
                    yield re.sub(r"(/#\d+)? \(deleted\)$| ?\(deleted\)$", "", result or "?")
            elif CHANGING.match(name):
                places = PLACE.findall(arguments)
                for base, path in places:
                    full = os.path.normpath(os.path.join(base or directory, path.encode().decode("unicode_escape")))
                    if not full.startswith("/proc/self/fd/"):
                        yield full
                if not places:
                    yield from re.findall(r"^\d+<([^>]*)>", arguments)
