"""environments.py: what a run of dimc may find around it, and what must not show in what it writes.

In: a scratch directory of a campaign, a directory of sources. Out: `Machine`, with the axes that can be had here, each with its values, and
the reasons why others cannot; `Environment`, some values of them at once, in which dimc runs.

Whatever is mounted is so in a mount namespace of its own, and gone with it.
"""
import os
import random
import shlex
import shutil
import subprocess
import sys
import time

from campaign import OUT, ROOT, Failure

LONGEST = 4000  # of a path, so that what is below it is still within PATH_MAX
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
MARK = "TORTURE_NAMESPACE"
# Size of the image, and what makes the file system in it.
FILE_SYSTEMS = {"ext4": (64, ["mkfs.ext4", "-q"]), "xfs": (320, ["mkfs.xfs", "-q"]), "btrfs": (128, ["mkfs.btrfs", "-q"])}
BUILDS = {"gcc -O0": ("gcc", "-O0"), "gcc -O3 -march=native": ("gcc", "-O3 -march=native"), "clang -O0": ("clang", "-O0"),
          "clang -O2": ("clang", "-O2")}


def in_private_namespace():
    """The same program again, in a mount namespace of its own, where that is allowed."""
    if MARK in os.environ or os.geteuid() != 0 or shutil.which("unshare") is None:
        return
    if subprocess.run(["unshare", "-m", "true"], check=False, stderr=subprocess.DEVNULL).returncode == 0:
        os.environ[MARK] = "1"
        os.execvp("unshare", ["unshare", "-m", "--propagation=private", sys.executable, *sys.argv])


def put_under(prefix):
    """A value that starts dimc by another program."""
    return lambda e: e.prefix.extend(prefix)


def put_into(**env):
    return lambda e: e.env.update(env)


def with_options(*options):
    return lambda e: e.options.extend(options)


def with_jobs(count):
    return lambda e: setattr(e, "jobs", e.jobs or count)


class Machine:
    """What can be had here. `axes`: by name, the values by label, each a function that changes an environment."""

    def __init__(self, c, sources):
        self.c, self.missing, self.mounted, self.helpers = c, {}, [], []
        self.sources, self.volumes = {"plain": sources}, {"plain": c.path("plain")}
        try:
            self.copy_sources(sources)
            self.make_file_systems(sources)
            self.disorder(sources)
            self.name_paths(sources)
            if c.short:  # where nothing waits for a disk
                self.volumes["plain"] = self.volumes.pop("on tmpfs", self.volumes["plain"])
        except BaseException:
            self.end()
            raise
        for place in self.volumes.values():
            os.makedirs(place, exist_ok=True)
            os.chmod(place, 0o1777)
        self.axes = {"who": self.users(), "where": self.working_directories(), "limits": self.limits(), "process": self.processes(),
                     "clock": self.clocks(), "zone": {"TZ " + zone: put_into(TZ=zone) for zone in ("Pacific/Kiritimati", "XXX+11:30")},
                     "locale": self.locales(), "environment": self.environments(), "program": self.programs(),
                     "threads": {f"-j{n}": with_jobs(n) for n in (1, 2, 3, 5, 8, 16)},
                     "sources": {f"sources {label}": lambda e, label=label: setattr(e, "place", label) for label in self.sources if label != "plain"},
                     "volume": {f"volume {label}": lambda e, label=label: setattr(e, "volume_place", label)
                                for label in self.volumes if label != "plain"},
                     "history": {label: lambda e, label=label: setattr(e, "history", label)
                                 for label in ("dimension by dimension", "after other sources", "after a rollback", "a second time")},
                     "streams": self.streams(), "sync": {"--no-sync": with_options("--no-sync")}}

    def lack(self, reason, count=1):
        self.missing[reason] = self.missing.get(reason, 0) + count

    def has(self, *tools):
        lacking = [tool for tool in tools if shutil.which(tool) is None]
        if lacking:
            self.lack(f"no {lacking[0]} here (make deps-all brings it)")
        return not lacking

    def may(self, *words):
        """Whether a command succeeds, as one that needs a right."""
        return self.c.run(words).status == 0

    def end(self):
        for place in reversed(self.mounted):
            subprocess.run(["umount", "-l", place], check=False, stderr=subprocess.DEVNULL)
        for helper in self.helpers:
            helper.kill()
            helper.wait()

    # --- where sources are, and volumes ---

    def copy_sources(self, sources):
        """Made in another order, with other times and modes, as other names of the same files."""
        for label in ("made in reverse order", "made in random order", "hard-linked", "of other times and modes"):
            top = self.c.path("sources " + label)
            paths = [os.path.join(folder, name) for folder, _, names in os.walk(sources) for name in names]
            paths.sort(reverse=True)
            if "random" in label:
                random.Random(self.c.seed).shuffle(paths)
            for number, path in enumerate(paths):
                to = os.path.join(top, os.path.relpath(path, sources))
                os.makedirs(os.path.dirname(to), exist_ok=True)
                (os.link if label == "hard-linked" else shutil.copyfile)(path, to)
                if "times" in label:
                    os.utime(to, (number * 1e6, number * 1e7))
                    os.chmod(to, 0o444)
            self.sources[label] = top

    def mount(self, label, sources, *words):
        place = self.c.path("on " + label)
        os.makedirs(place, exist_ok=True)
        ran = self.c.run(["mount", *words, place])
        if ran.status != 0:
            self.lack(f"{label} cannot be mounted here", 2)
            return
        self.mounted.append(place)
        shutil.copytree(sources, os.path.join(place, "sources"))
        self.sources["on " + label] = os.path.join(place, "sources")
        self.volumes["on " + label] = os.path.join(place, "volumes")

    def make_file_systems(self, sources):
        if MARK not in os.environ:
            self.lack("file systems: not root, or no mount namespace", 4 + 2 * len(FILE_SYSTEMS))
            return
        self.mount("tmpfs", sources, "-t", "tmpfs", "none")
        for name in ("lower", "upper", "work"):
            os.makedirs(self.c.path("overlay", name))
        self.mount("an overlay", sources, "-t", "overlay", "none", "-o",
                   ",".join(f"{name}dir={self.c.path('overlay', name)}" for name in ("lower", "upper", "work")))
        for label, (size, command) in FILE_SYSTEMS.items() if not self.c.short else []:
            if not self.has(command[0]):
                continue
            image = self.c.path(label + ".image")
            with open(image, "wb") as file:
                file.truncate(size << 20)
            self.c.must(*command, image)
            self.mount(label, sources, "-o", "loop", image)

    def disorder(self, sources):
        """Directories that are listed in another order each time, or backwards."""
        if MARK not in os.environ or not self.has("disorderfs", "setpriv"):
            self.lack("directories in disorder: not root, or no mount namespace", 2)
            return
        for label, option in [("listed in random order", "--shuffle-dirents=yes"), ("listed backwards", "--reverse-dirents=yes")]:
            place = self.c.path("sources " + label)
            os.makedirs(place)
            helper = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "disorderfs", "-q", "-f", "--multi-user=yes", option, sources, place],
                                      stderr=subprocess.DEVNULL)
            self.helpers.append(helper)
            while helper.poll() is None and not os.path.ismount(place):
                time.sleep(0.01)
            if helper.poll() is not None:
                self.lack("disorderfs cannot mount here")
                continue
            self.mounted.append(place)
            self.sources[label] = place

    def name_paths(self, sources):
        """Paths that are long, or odd. What is at one of a single byte is begun by Environment."""
        odd = "ä 'b\"$(c)\n;*\\%s #"
        long = self.c.path("long")
        while len(long) < LONGEST - 120:
            long += "/" + "long-" * 20
        long += "/" + "x" * (LONGEST - 20 - len(long))
        for label, path in [("at a long path", long), ("at an odd path", self.c.path(odd))]:
            os.makedirs(path)
            shutil.copytree(sources, os.path.join(path, "s"))
            self.sources[label] = os.path.join(path, "s")
            self.volumes[label] = os.path.join(path, "v")

    # --- the axes ---

    def users(self):
        if os.geteuid() != 0:
            self.lack("another user, another host name: not root", 2)
            return {}
        values = {"another host name": put_under(["unshare", "-u", "sh", "-c", 'echo other >/proc/sys/kernel/hostname; exec "$@"', "sh"])}
        if self.has("setpriv") and self.may(*NOBODY, self.c.dimc, "--version"):
            values["another user"] = put_under(NOBODY)
        else:
            self.lack("another user cannot run dimc here")
        return values

    def working_directories(self):
        def in_folder(path):
            return lambda e: e.more.update(cwd=path)

        def umask(bits):
            return lambda e: e.more.update(umask=bits)

        return {"in /": in_folder("/"), "in the sources": in_folder(self.sources["plain"]),
                "paths of one byte": lambda e: setattr(e, "is_short", True),
                "umask 000": umask(0), "umask 077": umask(0o77), "umask 027": umask(0o27)}

    def limits(self):
        values = {"-j256": with_jobs(256), "64 descriptors": put_under(["prlimit", "--nofile=64"]),
                  "stacks of 1 MiB": put_under(["prlimit", f"--stack={1 << 20}"])}
        if self.c.is_instrumented:
            self.lack("little memory: dimc is instrumented")
        else:
            values["512 MiB of addresses"] = put_under(["prlimit", f"--as={512 << 20}"])
        return values if self.has("prlimit") else {}

    def processes(self):
        values = {}
        if self.has("setarch"):
            for label, words in [("no random addresses", ["setarch", "-R"]), ("a kernel that says 2.6", ["setarch", "--uname-2.6"]),
                                 ("a 32-bit personality", ["linux32"])]:
                if self.may(*words, self.c.dimc, "--version"):
                    values[label] = put_under(words)
        if self.has("taskset"):
            values["one processor"] = put_under(["taskset", "-c", str(min(os.sched_getaffinity(0)))])
        return values

    def clocks(self):
        values = {}
        if self.c.is_instrumented:
            self.lack("another clock: dimc is instrumented", 3)
        elif self.has("faketime"):
            for now in ("1971-01-02 03:04:05", "2038-01-19 04:00:00", "2106-02-08 12:00:00"):
                under = ["faketime", "-f", now]
                log = self.c.path(f"log {now}")  # it has the time that dimc sees
                self.c.must(*under, self.c.dimc, "--log", log, "-q", "init", self.c.path("clock " + now))
                with open(log, encoding="utf-8") as file:
                    if now[:10] not in file.read():
                        raise RuntimeError(f"faketime does not make it {now}")
                values[f"clock at {now}"] = put_under(under)
        return values

    def locales(self):
        values = {locale: put_into(LC_ALL=locale) for locale in ("C.UTF-8", "POSIX")}
        if not self.c.short and self.has("localedef"):  # where i and I are no pair; where a comma stands in numbers
            for locale in ("tr_TR", "de_DE"):
                self.c.run(["localedef", "-i", locale, "-f", "UTF-8", self.c.path(locale + ".UTF-8")])
                if os.path.isdir(self.c.path(locale + ".UTF-8")):
                    values[locale] = put_into(LC_ALL=locale + ".UTF-8", LOCPATH=self.c.work, LANGUAGE=locale)
                else:
                    self.lack(f"{locale} cannot be made here")
        return values

    def environments(self):
        return {"an empty environment": lambda e: setattr(e, "is_empty", True),
                "an environment of 100 KiB": put_into(FILL="x" * 100000),
                "other names": put_into(HOME="/nowhere", USER="x", LOGNAME="y", HOSTNAME="z", SHELL="/bin/false", TERM="dumb", COLUMNS="10", PWD="/")}

    def programs(self):
        values = {"by libyaml": put_into(DIMC_READER="libyaml"), "symbols bound at once": put_into(LD_BIND_NOW="1"),
                  "freed memory that is not zero": put_into(MALLOC_PERTURB_="165"), "one heap": put_into(MALLOC_ARENA_MAX="1"),
                  "an older processor": put_into(OPENSSL_ia32cap="~0x200000200000000:~0x20000000", GLIBC_TUNABLES="glibc.cpu.hwcaps=-AVX2,-ERMS")}
        for label, (compiler, flags) in BUILDS.items() if not self.c.short else []:
            if not self.has(compiler, "make"):
                continue
            out = os.path.join(OUT, "torture/builds", label.replace(" ", ""))
            ran = self.c.run(["make", "-s", "-j2", "-C", ROOT, f"OUT={out}", f"CC={compiler}", "HARDEN=", f"CFLAGS={flags}", f"{out}/bin/dimc"],
                             timeout=1800)
            if ran.status != 0:
                raise RuntimeError(str(ran))
            values["built by " + label] = lambda e, program=os.path.join(out, "bin/dimc"): setattr(e, "dimc", program)
        return values

    def streams(self):
        values = {"no standard streams": lambda e: (e.quiet.append("-q"), e.prefix.extend(["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"])),
                  "nothing in the page cache": lambda e: setattr(e, "is_cold", True)}
        if self.has("script"):
            values["a terminal"] = lambda e: setattr(e, "has_terminal", True)
        return values


class Environment:
    """Some values at once. dimc runs between begin() and end()."""

    def __init__(self, machine, values):
        self.machine, self.dimc = machine, machine.c.dimc
        self.env, self.prefix, self.options, self.quiet, self.more = {}, [], [], [], {}
        self.place = self.volume_place = "plain"
        self.jobs = self.history = None
        self.is_short, self.is_empty, self.is_cold, self.has_terminal = False, False, False, False
        for axis, label in values:
            machine.axes[axis][label](self)
        if self.jobs is not None:
            self.options.append(f"-j{self.jobs}")

    def begin(self, c, sources):
        self.folder = os.path.join(self.machine.volumes[self.volume_place], "p")
        shutil.rmtree(self.folder, ignore_errors=True)
        os.mkdir(self.folder)
        os.chmod(self.folder, 0o777)
        self.sources, self.volume = os.path.join(self.machine.sources[self.place], sources), self.full("v")
        self.others = os.path.join(self.machine.sources["plain"], "example" if sources != "example" else "made")
        if self.is_short:
            os.symlink(self.sources, self.full("s"))
            self.sources, self.volume, self.more["cwd"] = "s", "v", self.folder
        if self.is_cold:
            for folder, _, names in os.walk(os.path.join(self.machine.sources[self.place], sources)):
                for name in names:
                    fd = os.open(os.path.join(folder, name), os.O_RDONLY)
                    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
                    os.close(fd)

    def end(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def full(self, name):
        return os.path.join(self.folder, name)

    def full_volume(self):
        return self.full("v")

    def beside(self, name):
        return name if self.is_short else self.full(name)

    def before(self, options):
        """What was published there earlier."""
        compile_, no_sync = ["compile", self.sources, "-o", self.volume, *options, *self.options], ["--no-sync"]
        first = min(os.listdir(self.full(self.sources) if self.is_short else self.sources))[:3]
        others = ["compile", self.others, "-o", self.volume, *no_sync]
        return {None: [], "dimension by dimension": [[*compile_, "-d", first]], "after other sources": [others],
                "after a rollback": [others, compile_, ["rollback", self.volume]], "a second time": [compile_]}[self.history]

    def run(self, c, *words):
        words = [self.dimc, *self.quiet, *words]
        if self.is_empty:
            words = ["env", "-i", f"SOURCE_DATE_EPOCH={self.env['SOURCE_DATE_EPOCH']}", *words]
        words = [*self.prefix, *words]
        env = dict(self.env)
        if self.has_terminal:
            env["SHELL"] = "/bin/sh"  # script starts it
            words = ["script", "-qefc", shlex.join(words), "/dev/null"]
        ran = c.run(words, env=env, timeout=120, **self.more)
        if ran.status != 0 or ran.hung:
            raise Failure(str(ran))
