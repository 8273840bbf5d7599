"""Awkward names through a real build tool: dimc runs when a file changes, and only then.

In: make or ninja, "phony" or "plain", in an empty directory; DIMC. Out: one line for each name that goes wrong; status 1 then.
"""

import os
import shutil
import subprocess
import sys
import time

# Names that GNU make and Ninja read, and those that Ninja has no way to write.
BOTH = [
    "plain", "a b", "a  b", " a", "a#b", "#a", "a$b", "$", "$$", "$(x)", "${HOME}", "a:b", ":a", "a: b", "a:\\b", "a\\b", "a\\\\b",
    "a\\ b", "a\\\\ b", "a%b", "%", "%%", "a\\%b", "a=b", "a%b=c", "a:=b", "a~b", "~a", "~root", "-a", "@a", "a,b", "a+b", "a!b",
    "a(b", "a)b", "(a)b", "a[b", "a]b", "[ab]", "{a,b}", "é", "日本語", "a$ b", "a# b", "a#$%: b", "include", "export", "a.d", "a..b",
    "..a", "...",
]
MAKE_ONLY = [
    "it's", 'a"b', "a&b", "a*b", "a?b", "a;b", "a|b", "a<b", "a>b", "a^b", "a`b", "a\tb", "\ta", "a\rb", "a\x01b", "a\x7fb", "a\\#b",
    "a\\\\#b", "a\\:b", "a\\$b", "a\\;b", "a\\|b", "a\\\tb", "a;b;c", "a|b=c", "\\",
]
# As the names of folders and of files without .yaml: their ends count.
BOTH_ENDS = ["a$", "a#", "a ", "a %"]
FOLDER_ENDS = ["a\\", "a\\\\", "a:", "D1 (copy)", "a(b)", "a\\ "]
MAKE_ONLY_ENDS = ["a\\", "a\\\\", "a:", "a\\ b\\"]


def is_for_content_file(name):
    """What YAML can hold on a line, and make take for no member of an archive."""
    return name.isprintable() and name != "..." and not name.endswith(")")


def write(path, text):
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)


def make_dimension(number, folder, layer, content):
    """A dimension in sources/FOLDER with the layer file LAYER.yaml and, behind a content_file, CONTENT/CONTENT."""
    base = os.path.join("sources", folder)
    os.makedirs(base)
    write(f"{base}/dimension.yaml", f"dimension_id: {number}\nname: N\n")
    write(f"{base}/1.yaml", "layer_id: 1\nfrequency: 1\nkeywords: [a]\ncontent: a\n")
    touched = [base, f"{base}/dimension.yaml", f"{base}/{layer}.yaml"]
    write(touched[2], "layer_id: 2\nfrequency: 1\nkeywords: [a]\ncontent: b\n")
    if content is not None:
        os.mkdir(f"{base}/{content}")
        touched += [f"{base}/{content}", f"{base}/{content}/{content}"]
        write(touched[-1], "text\n")
        quoted = content.replace("'", "''")
        write(f"{base}/3.yaml", f"layer_id: 3\nfrequency: 1\nkeywords: [a]\ncontent_file: '{quoted}/{quoted}'\n")
    return touched


class Build:
    def __init__(self, tool, phony):
        self.tool = tool
        flags = "--stamp st -MD -q" + (" -MP" if phony else "")
        command = f"echo run >>runs; {os.environ['DIMC']} check sources {flags} 2>>messages"
        if tool == "make":
            write("Makefile", f"MAKEFLAGS += -r\nst:\n\t@{command}\n-include st.d\n")
        else:
            write("build.ninja", f"rule r\n  command = {command}\n  deps = gcc\n  depfile = st.d\nbuild st: r\n")
        write("runs", "")

    def run(self):
        """How often dimc ran; None where the tool failed."""
        before = os.path.getsize("runs")
        # In the clock of files, the next change is later than this run, and this run than the last change.
        time.sleep(0.005)
        # What a make above this test says is for its own children.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("M")}
        done = subprocess.run([self.tool], env=environment, capture_output=True, check=False)
        time.sleep(0.005)
        if done.returncode != 0:
            sys.stdout.write(done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace"))
            return None
        return (os.path.getsize("runs") - before) // len("run\n")


def main():
    tool, phony = sys.argv[1], sys.argv[2] == "phony"
    names = BOTH + (MAKE_ONLY if tool == "make" else [])
    ends = BOTH_ENDS + (MAKE_ONLY_ENDS if tool == "make" else [])
    touched, number, bad = [], 1, 0
    for name in names:
        folder = name if not name.startswith(".") else f"x{name}"
        layer = folder
        content = name if is_for_content_file(name) else None
        touched.append(make_dimension(number, folder, layer, content))
        number += 1
    for name in ends + FOLDER_ENDS:
        touched.append(make_dimension(number, f"{number}{name}", "1b", name if name in ends else None))
        number += 1
    build = Build(tool, phony)

    def expect(what, runs):
        nonlocal bad
        got = build.run()
        if got != runs:
            bad += 1
            if bad == 20:
                sys.exit("and so on")
            print(f"{tool}, {sys.argv[2]}: {what}: dimc ran {got} times, not {runs}")

    expect("first", 1)
    expect("nothing", 0)
    for position, paths in enumerate(touched):
        # Of every name another one of its files and directories; of some alone with -MP, which adds rules and changes none.
        chosen = [] if phony and position % 4 else [paths[-1 - position % (len(paths) - 1)]]
        # DIMC_ALL_NAMES=1: all of them, which takes minutes.
        for path in paths if os.environ.get("DIMC_ALL_NAMES") else chosen:
            if os.path.isdir(path):
                write(f"{path}/note.txt", "")
            else:
                os.utime(path)
            expect(f"{path!r} changed", 1)
    expect("nothing after all that", 0)
    if phony or tool == "ninja":
        # All but one go; the rules of the last depfile still name what was in them.
        for paths in touched[1:]:
            shutil.rmtree(paths[0])
        expect("others deleted", 1)
        expect("nothing after others were deleted", 0)
    if number < 60 or os.path.getsize("runs") < 12 * len("run\n"):
        bad += 1
        print("too little was tried")
    return 1 if bad else 0


sys.exit(main())
