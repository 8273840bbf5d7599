"""doc_examples.py: compiles the YAML examples of the documents, and runs what docs/authoring.md shows.

usage: doc_examples.py yaml DIMC DOCUMENT...     each ```yaml block as a source; counts them in the last line
       doc_examples.py run DIMC DOCUMENT         its ```console, ```sh and named ```yaml blocks, from the top, in this folder
       doc_examples.py mistakes DIMC DOCUMENT    its table of what is typed, what dimc says and what to write

A block of YAML is a whole layer file or a whole dimension.yaml. Its info string tells otherwise: `yaml fragment` is none of both and
is passed over; `yaml PATH` is what the author saves at that point, written by `run` and read by the commands behind it.
In `console`, lines that begin with "$ " are commands, and what follows is all that they print; a line "..." stands for any lines,
and blanks at the begin of a line count for nothing.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

DIMENSION = "dimension_id: 1\nname: Example\ncreated_at: 2024-10-24T10:00:00Z\n"
LAYER = "layer_id: 1\nfrequency: 1.5\nkeywords: [example]\ncontent: What stands beside it.\n"


def blocks(path):
    """(line, info string, text) of each fenced block, those in lists without their indentation."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    fence = re.compile(r"^( *)```(?!`)([^\n`]*)\n(.*?)^ *```$", re.M | re.S)
    for match in fence.finditer(text):
        lines = (line.removeprefix(match[1]) for line in match[3].splitlines(keepends=True))
        yield text.count("\n", 0, match.start()) + 1, match[2].strip(), "".join(lines)


def compile_source(dimc, text):
    """What dimc says of a source, warnings included. A file that it names is there, and so is what a dimension needs."""
    with tempfile.TemporaryDirectory() as scratch:
        is_dimension = re.search(r"^dimension_id:", text, re.M) is not None
        number = re.search(r"^dimension_id: *(\d+)", text, re.M)
        folder = f"{scratch}/sources/D{int(number[1]) if number else 1:02}-example"
        os.makedirs(folder)
        names = {"dimension.yaml": text if is_dimension else DIMENSION}
        if not is_dimension:
            names["010-example.yaml"] = text
        elif not re.search(r"^layers:", text, re.M):
            names["010-example.yaml"] = LAYER
        for name in re.findall(r"^\s*(?:- )?content_file: *(\S+)", text, re.M):
            names[name] = f"This is the text of {name}.\n"
        for name, content in names.items():
            os.makedirs(os.path.dirname(f"{folder}/{name}"), exist_ok=True)
            with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
                file.write(content)
        done = subprocess.run([dimc, "compile", "-q", "--no-sync", "sources", "-o", "volume"], cwd=scratch, capture_output=True,
                              text=True, check=False)
        return done.returncode, done.stdout + done.stderr


def check_yaml(dimc, paths):
    compiled = fragments = named = wrong = 0
    for path in paths:
        for line, info, text in blocks(path):
            kind, _, name = info.partition(" ")
            if kind not in ("yaml", "yml"):
                continue
            if name == "fragment":
                fragments += 1
            elif name:
                named += 1
            else:
                compiled += 1
                status, said = compile_source(dimc, text)
                if status != 0 or said:
                    wrong += 1
                    print(f"{path}:{line}: status {status}\n{said}")
    print(f"compiled {compiled}, fragments {fragments}, named {named}, wrong {wrong}")
    return wrong


def matches(wanted, got):
    """Whether the lines are those that are shown; "..." stands for any number of lines."""
    if not wanted:
        return not got
    if wanted[0] == "...":
        return any(matches(wanted[1:], got[i:]) for i in range(len(got) + 1))
    return bool(got) and wanted[0] == got[0] and matches(wanted[1:], got[1:])


def run_sequence(dimc, path):
    bin_folder = tempfile.mkdtemp()
    os.symlink(dimc, f"{bin_folder}/dimc")
    environment = dict(os.environ, PATH=f"{bin_folder}:{os.environ['PATH']}")
    commands = saved = 0
    try:
        for line, info, text in blocks(path):
            kind, _, name = info.partition(" ")
            if kind == "yaml" and name not in ("", "fragment"):
                with open(name, "w", encoding="utf-8") as file:  # its folder is there: the sequence made it
                    file.write(text)
                saved += 1
            elif kind in ("console", "sh"):
                shown = [(c, []) for c in text.splitlines()] if kind == "sh" else []
                for entry in text.splitlines() if kind == "console" else []:
                    if entry.startswith("$ "):
                        shown.append((entry[2:], []))
                    else:
                        shown[-1][1].append(entry.strip())
                for command, wanted in shown:
                    done = subprocess.run(["bash", "-c", command], env=environment, stdout=subprocess.PIPE,
                                          stderr=subprocess.STDOUT, text=True, check=False)
                    got = [entry.strip() for entry in done.stdout.splitlines()]
                    is_rejected = any(": error: " in entry for entry in wanted)
                    commands += 1
                    if done.returncode != is_rejected or (kind == "console" and not matches(wanted, got)):
                        print(f"{path}:{line}: $ {command}\nstatus {done.returncode}, and it printed\n{done.stdout}")
                        return 1
    finally:
        shutil.rmtree(bin_folder)
    print(f"ran {commands} commands, saved {saved} files")
    return 0


def check_mistakes(dimc, path):
    right = {"layer_id": "layer_id: 1", "title": "title: Awe", "frequency": "frequency: 0.8", "keywords": "keywords: [awe, vastness]",
             "content": "content: |\n  Too large for words."}
    rows = wrong = 0
    with open(path, encoding="utf-8") as file:
        table = re.findall(r"^\| `(.+?)` \| `(.+?)` \| `(.+?)` \|$", file.read(), re.M)
    for typed, says, mend in table:
        typed, mend = (t.replace("\\|", "|").replace("→", "\t").replace("↵", "\n") for t in (typed, mend))
        key = re.match(r"[a-z_]+", mend)[0]
        status, said = compile_source(dimc, "\n".join({**right, key: typed}.values()) + "\n")
        mended_status, mended_said = compile_source(dimc, "\n".join({**right, key: mend}.values()) + "\n")
        rows += 1
        if status != 1 or f"error: {says} [" not in said or mended_status != 0 or mended_said:
            wrong += 1
            print(f"{path}: {typed!r}: status {status}\n{said}\nmended: status {mended_status}\n{mended_said}")
    print(f"{rows} rows, wrong {wrong}")
    return wrong


def main():
    what, dimc, *paths = sys.argv[1:]
    if what == "yaml":
        return check_yaml(dimc, paths) != 0
    return {"run": run_sequence, "mistakes": check_mistakes}[what](dimc, paths[0]) != 0


if __name__ == "__main__":
    sys.exit(main())
