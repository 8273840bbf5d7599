"""volumes.py: what campaigns that publish, and disturb it, have in common: small sources, digests, what may lie in a volume.

In: a campaign, paths of volumes. Out: sources, generations, or a Failure that says what is wrong.
"""
import ctypes
import json
import os
import random

from campaign import Cannot, Failure

CLONE_NEWNS, MS_REC, MS_PRIVATE = 0x20000, 0x4000, 0x40000
PARTS = {"consciousness", "proto", "temp", "README.md", ".gitignore", ".lock", ".cache", ".previous"}


def make_sources(path, texts, dimensions=4, layers=3, size=1500):
    """Sources of a few dimensions. `texts`: a word for each dimension, by its number; where it differs, so does every content."""
    for d in range(1, dimensions + 1):
        folder = os.path.join(path, f"D{d:02}-x")
        os.makedirs(folder)
        with open(os.path.join(folder, "dimension.yaml"), "w", encoding="utf-8") as file:
            file.write(f"dimension_id: {d}\nname: Name {d}\n")
        for layer in range(1, layers + 1):
            with open(os.path.join(folder, f"{layer:03}.yaml"), "w", encoding="utf-8") as file:
                word = texts.get(d, "all")
                text = random.Random(f"{word} {layer} {d}").randbytes(size // 2).hex(" ", 4)  # of which a bundle is half as large
                file.write(f"layer_id: {layer}\nfrequency: {layer}.5\nkeywords: [w{layer}, {word}{d}]\ncontent: {word} {text}\n")


def digest(volume, name="consciousness"):
    """The generation that a manifest states; None: there is none."""
    try:
        with open(os.path.join(volume, name, "manifest.json"), encoding="utf-8") as file:
            return json.load(file)["generation"]
    except FileNotFoundError:
        return None


def whole(c, volume, *wanted, name="consciousness"):
    """One of these generations is there (None: nothing published), every byte of it; which one."""
    ran = c.run([c.dimc, "verify", "--strict", os.path.join(volume, name) if name != "consciousness" else volume])
    nothing = None in wanted and (not os.path.exists(os.path.join(volume, "consciousness")) or b"nothing published" in ran.out)
    c.want(ran.status == 0 or nothing and ran.status == 9, f"{name} is not whole: {ran}")
    found = None if nothing else digest(volume, name)
    c.want(found in wanted, f"{name} is {found}, not one of {wanted}")
    return found


def tidy(volume):
    """Nothing lies in a volume that does not belong there."""
    strange = sorted(set(os.listdir(volume)) - PARTS)
    for folder in ("temp", "proto", ".cache"):
        path = os.path.join(volume, folder)
        names = os.listdir(path) if os.path.isdir(path) else []
        strange += [os.path.join(folder, n) for n in names if folder == "temp" or n.startswith(".") or n.endswith(".new")]
    for name in ("consciousness", ".previous"):
        path = os.path.join(volume, name)
        if os.path.isdir(path) and os.stat(path).st_mode & 0o1000:
            strange.append(name + " with its sticky bit")
    for name in ("README.md", ".gitignore"):
        if os.path.exists(os.path.join(volume, name)) and os.path.getsize(os.path.join(volume, name)) == 0:
            strange.append(name + ", empty")
    if strange:
        raise Failure(f"litter in {volume}: {', '.join(strange)}")


def own_mounts():
    """What is mounted from here on goes with this process, however it ends, and the loop devices go with what is mounted."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0:
        raise Cannot(f"no mount namespace: {os.strerror(ctypes.get_errno())}")
    if libc.mount(b"none", b"/", None, ctypes.c_ulong(MS_REC | MS_PRIVATE), None) != 0:
        raise Cannot(f"no private mounts: {os.strerror(ctypes.get_errno())}")
