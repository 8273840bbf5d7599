"""controls.py: builds of dimc that are broken on purpose, each in one way, and the campaign that must catch it.

In: CONTROLS of each campaign's file: edits of sources, each a text that must be there once, and what takes its place. Out:
`build(control)`: a copy of the sources, edited and built in $OUT/torture/controls/NAME; the environment (OUT, DIMC, TREE) in which
the campaign meets it.
"""
import glob
import importlib
import os
import re
import shutil
import subprocess

from campaign import OUT, ROOT


CAMPAIGNS = ["kill", "fault", "memory", "full", "power", "regions", "archives", "sources", "fuzz", "race", "users", "determinism"]


def all_controls(names):
    """What these campaigns must catch, in their order."""
    controls = []
    for campaign in names:
        for control in importlib.import_module(campaign).CONTROLS:
            control.campaign = campaign
            controls.append(control)
    return controls


def take_objects(out):
    """The objects that are there already: make builds again what an edit reaches, as the lists of what they depend on are for `out` now."""
    if not os.path.isdir(os.path.join(OUT, "obj")):
        return
    shutil.copytree(os.path.join(OUT, "obj"), os.path.join(out, "obj"))
    for path in glob.glob(os.path.join(out, "obj/*/*.d")):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(re.sub(r"^.*?(?=obj/\w+/)", out + "/", text))


def build(control):
    tree = os.path.join(OUT, "torture", "controls", control.name)
    shutil.rmtree(tree, ignore_errors=True)
    built = ("out", "data", ".git", "target")
    shutil.copytree(ROOT, tree, symlinks=True, ignore=lambda folder, names: {n for n in names if folder == ROOT and n in built})
    for path, old, new in control.edits:
        path = os.path.join(tree, path)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if text.count(old) != 1:
            raise SystemExit(f"control {control.name}: this is in {path} {text.count(old)} times, and must be once: {old}")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(old, new))
    out = os.path.join(tree, "out")
    take_objects(out)
    subprocess.run(["make", "-s", "-C", tree, f"OUT={out}", "all", "torture-tools"], check=True, env={**os.environ, "MAKEFLAGS": "", "OUT": out})
    return {"OUT": out, "DIMC": os.path.join(out, "bin/dimc"), "TREE": tree}
