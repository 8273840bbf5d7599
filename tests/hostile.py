#!/usr/bin/env python3
"""hostile.py: archives that a restore must refuse, of every kind that anybody thought of, each wrong in one way alone.

    hostile.py GOOD.tar.gz OUTDIR GROUP...

In: a sound archive of a generation with D01, D02, D03 and layers/; of the functions below, those to call. Out: OUTDIR/NNN-kind-detail.tar.gz and OUTDIR/expected.tsv, a line each:
file, exit status of restore (5, or 5|7 where both are right; 0 where the archive may as well be taken for the sound one it nearly is),
a regular expression that the message must match, the member that it must name (or -), and what `dimc list` may say: `no` where it must
refuse too, `any` where only what the members contain is wrong. Controls, of kind `sound`, are to be taken.

SAMPLE, `SEED N` in the environment: the first archive of each kind is made, and one of N others, by chance; all are told.

Whatever is wrong, manifests, digests and checksums are made to fit around it, so that no other check can hide a missing one.
"""
import bz2
import io
import json
import lzma
import os
import random
import struct
import sys
import tarfile
import zipfile
import zlib

sys.dont_write_bytecode = True
from archive_by_hand import (BLOCK, END, PREFIX, Bundle, Member, as_bytes, bomb, directory, flipped, gnu_long, gz,  # noqa: E402
                             gz_by_hand, header, layer_table, manifest_text, order, pad, pax, poked, sha256, signed_region, tar)

out_dir = sys.argv[2]
victim = os.path.abspath(os.path.join(out_dir, "victim"))
good = Bundle(sys.argv[1])
assert good.names() == ["D01", "D02", "D03"] and "D01/layers/1.txt" in good.files
R1, R2, I1, L1 = "D01/region.mmap", "D02/region.mmap", "D01/index.json", "D01/layers/1.txt"
expected = []
sampled = os.environ["SAMPLE"].split() if "SAMPLE" in os.environ else None


def case(kind, detail, content, status, text=".", member="-", lists="no"):
    """`content`: members, or the bytes of the whole file."""
    name = f"{len(expected) + 1:03d}-{kind}-{detail}.tar.gz"
    assert "\t" not in text + member
    is_first = all(f"-{kind}-" not in line for line in expected)
    if sampled is None or is_first or random.Random(f"{sampled[0]} {name}").randrange(int(sampled[1])) == 0:
        with open(os.path.join(out_dir, name), "wb") as file:
            file.write(gz(tar(content)) if isinstance(content, list) else content)
    expected.append(f"{name}\t{status}\t{text}\t{member}\t{lists}\n")


def replaced(path, *new, members=None):
    """The sound bundle with other members in the place of one."""
    members = good.members() if members is None else members
    at = [m.name for m in members].index(PREFIX + path)
    return members[:at] + list(new) + members[at + 1:]


def added(*new, members=None):
    return (good.members() if members is None else members) + list(new)


def inserted(path, *new):
    """New members in front of the one of this path."""
    return replaced(path, *new, next(m for m in good.members() if m.name == PREFIX + path))


# --- controls: what this program writes is accepted as long as it is right ---

def sound():
    whole = tar(good.members())
    case("sound", "as-bundled", good.members(), 0, lists="any")
    case("sound", "uncompressed", whole, 0, lists="any")
    case("sound", "many-gzip-members", b"".join(gz(whole[i:i + 5000]) for i in range(0, len(whole), 5000)), 0, lists="any")
    case("sound", "without-manifest", good.bare(), 0, lists="any")
    case("sound", "no-sums", [m for m in good.members() if not m.name.endswith("SHA256SUMS")], 0, lists="any")
    case("sound", "manifest-last", good.members()[1:] + good.members()[:1], 0, lists="any")
    case("sound", "partial", good.partial("D02"), 0, lists="any")
    case("sound", "gnu-header", [Member(m.name, m.data, **{**m.fields, "magic": b"ustar  \0"}) for m in good.members()], 0, lists="any")
    case("sound", "v7-header", [Member(m.name, m.data, **{**m.fields, "magic": bytes(8)}) for m in good.members()], 0, lists="any")
    case("sound", "padded-to-a-record", gz(tar(good.members(), bytes(20 * BLOCK))), 0, lists="any")
    case("sound", "pax-headers", [Member(m.name, m.data, pax([("path", m.name), ("mtime", "1729771200.25"), ("uname", "ü")]), **m.fields)
                                  for m in good.members()], 0, lists="any")


# --- members that are neither files nor directories, or more than that ---

def types():
    full = PREFIX + R1
    targets = {"inside": "../D02/region.mmap", "dangling": "nowhere", "absolute": victim, "dotdot": "../../../..", "itself": "region.mmap",
               "passwd": "/etc/passwd"}
    for detail, target in targets.items():
        case("symlink", f"region-{detail}", replaced(R1, Member(full, type=b"2", link=target)), 7, "link", full)
    for path in ("manifest.json", "SHA256SUMS", I1, L1):
        case("symlink", "as-" + path.replace("/", "-"), replaced(path, Member(PREFIX + path, type=b"2", link=victim)), 7, "link", PREFIX + path)
    case("symlink", "extra", added(Member(PREFIX + "D01/link", type=b"2", link=victim)), 7, "link|name", PREFIX + "D01/link")
    case("symlink", "beside", added(Member("data/mmap/link", type=b"2", link=victim)), 7, "link|name", "data/mmap/link")
    for path in ("D01/", "", "D01/layers/"):
        name = PREFIX + path
        case("symlink-to-directory", (path.strip("/") or "consciousness").replace("/", "-"),
             replaced(path, Member(name.rstrip("/"), type=b"2", link=os.path.dirname(victim))), 7, "link", name.rstrip("/"))
    case("symlink-to-directory", "trailing-slash", replaced("D01/", Member(PREFIX + "D01/", type=b"2", link="..")), 7, "link", PREFIX + "D01")
    case("symlink-to-directory", "data", [Member("data", type=b"2", link=os.path.dirname(victim))] + good.members(), 7, "link|name", "data")
    case("symlink", "then-file-through-it", inserted(R1, Member(full, type=b"2", link=victim)), 7, "link", full)
    case("symlink", "after-the-file", added(Member(full, type=b"2", link=victim)), 7, "link|twice|dup", full)
    case("symlink", "with-content", replaced(R1, Member(full, tar([Member(PREFIX + "D01/hidden", b"x")]), type=b"2", link=victim)), 7, "link", full)
    case("symlink", "pax-target", replaced(R1, Member(full, before=pax([("linkpath", victim + "/" + "x" * 200)]), type=b"2")), 7, "link", full)
    case("symlink", "gnu-long-target", replaced(R1, Member(full, before=gnu_long(b"K", "../" * 100 + "etc/passwd"), type=b"2")), 7, "link", full)

    for detail, target in {"inside": PREFIX + R2, "outside": "/etc/passwd", "victim": victim, "absent": PREFIX + "D01/none", "itself": full,
                           "dotdot": "../../etc/passwd", "manifest": PREFIX + "manifest.json"}.items():
        if len(target) <= 100:
            case("hardlink", detail, replaced(R1, Member(full, type=b"1", link=target)), 7, "link", full)
    case("hardlink", "with-content", replaced(R1, Member(full, good.files[R1], type=b"1", link=PREFIX + R2)), 7, "link", full)
    case("hardlink", "extra", added(Member(PREFIX + "D01/layers/9.txt", type=b"1", link=PREFIX + L1)), 7, "link", PREFIX + "D01/layers/9.txt")

    for detail, type, dev in (("character", b"3", (1, 3)), ("block", b"4", (7, 0)), ("zero", b"3", (1, 5))):
        case("device", f"{detail}-as-region", replaced(R1, Member(full, type=type, dev=dev)), 7, "device", full)
    case("device", "extra", added(Member(PREFIX + "D01/null", type=b"3", dev=(1, 3))), 7, "device|name", PREFIX + "D01/null")
    case("device", "with-content", replaced(R1, Member(full, good.files[R1], type=b"3", dev=(1, 3))), 7, "device", full)
    case("fifo", "as-region", replaced(R1, Member(full, type=b"6")), 7, "fifo|pipe", full)
    case("fifo", "as-manifest", replaced("manifest.json", Member(PREFIX + "manifest.json", type=b"6")), 7, "fifo|pipe", PREFIX + "manifest.json")
    case("fifo", "extra", added(Member(PREFIX + "pipe", type=b"6")), 7, "fifo|pipe|name", PREFIX + "pipe")

    # POSIX: what is not known may be read as a regular file. Refused, or proven as one.
    for type in b"789ZAMNVSDXz\x01\xff":
        if type not in b"SD":
            case("unknown-type", f"{type:02x}", replaced(R1, Member(full, good.files[R1], type=bytes([type]))), "0|5|7")
    case("unknown-type", "extra", added(Member(PREFIX + "D01/socket", type=b"8")), 7, member=PREFIX + "D01/socket")
    case("unknown-type", "gnu-dumpdir", replaced("D01/", Member(PREFIX + "D01/", type=b"D", mode=0o755)), "0|5|7")

    for detail, mode in (("setuid", 0o4755), ("setgid", 0o2444), ("both", 0o6755)):
        case("setuid", f"{detail}-region", replaced(R1, Member(full, good.files[R1], mode=mode)), 7, "set-?.?[ug]", full)
        case("setuid", f"{detail}-directory", replaced("D01/", directory(PREFIX + "D01/", mode=mode)), 7, "set-?.?[ug]", PREFIX + "D01")
    case("setuid", "manifest", replaced("manifest.json", Member(PREFIX + "manifest.json", manifest_text(good.manifest), mode=0o4444)), 7,
         "set-?.?[ug]", PREFIX + "manifest.json")
    case("odd-mode", "sticky", replaced(R1, Member(full, good.files[R1], mode=0o1444)), "0|7")
    case("odd-mode", "link-bits", replaced(R1, Member(full, good.files[R1], mode=0o120777)), "0|5|7")
    case("odd-mode", "garbage", replaced(R1, Member(full, good.files[R1], mode=b"zzzzzzz")), "0|5|7")
    case("file-for-directory", "consciousness", replaced("", Member(PREFIX.rstrip("/"), b"x")), "5|7")
    case("file-for-directory", "D01", replaced("D01/", Member(PREFIX + "D01", b"x")), "5|7")
    case("directory-for-file", "region", replaced(R1, directory(full)), "5|7")
    case("directory-for-file", "manifest", replaced("manifest.json", directory(PREFIX + "manifest.json")), "5|7")
    case("file-below-file", "index", added(Member(PREFIX + I1 + "/region.mmap", b"x")), 7, member=PREFIX + I1)


# --- names ---

def names():
    region = good.files[R1]

    def renamed(detail, name, status=7, kind="bad-name", before=b"", text=".", member="-"):
        case(kind, detail, replaced(R1, Member(name, region, before)), status, text, member)

    for detail, name in {"region": "/" + PREFIX + R1, "two-slashes": "//" + PREFIX + R1, "elsewhere": "/etc/cron.d/evil"}.items():
        renamed(detail, name, 7, "absolute", text="absolute", member=name)
    case("absolute", "all", [Member("/" + m.name, m.data, **m.fields) for m in good.members()], 7, "absolute")
    case("absolute", "pax", replaced(R1, Member(PREFIX + R1, region, pax([("path", victim)]))), 7, "absolute", victim)
    case("absolute", "gnu", replaced(R1, Member(PREFIX + R1, region, gnu_long(b"L", victim))), 7, "absolute", victim)
    for detail, name in {"first": "../" + PREFIX + R1, "inside": PREFIX + "D01/../D02/region.mmap", "outside": PREFIX + "../../../../etc/evil",
                         "last": PREFIX + "D01/..", "two": "../../x", "alone": "..", "in-prefix": "a/../" + PREFIX + R1,
                         "after-dot": "./../x", "in-layers": PREFIX + "D01/layers/../region.mmap"}.items():
        renamed(detail, name, 7, "dotdot", text="leads upwards", member=name)
    case("dotdot", "directory", added(directory(PREFIX + "..")), 7, "leads upwards", PREFIX + "..")
    case("dotdot", "all", [Member("../" + m.name, m.data, **m.fields) for m in good.members()], 7, "leads upwards")
    case("dotdot", "pax", replaced(R1, Member(PREFIX + R1, region, pax([("path", "../../" + victim)]))), 7, "leads upwards")
    case("dotdot", "prefix-field", replaced(R1, Member("region.mmap", region, prefix=as_bytes(PREFIX + "D01/../D01"))), 7, "leads upwards")
    case("dotdot", "gnu-base-256-name", added(Member(PREFIX + "..", b"x", type=b"\0")), 7, "leads upwards")

    for detail, name, status in (
            ("slashes-in-prefix", "data//mmap/consciousness/" + R1, "0|7"), ("slashes-inside", PREFIX + "D01//region.mmap", "0|7"),
            ("dots-inside", PREFIX + "D01/./region.mmap", "0|7"), ("trailing-slash", PREFIX + R1 + "/", "5|7"),
            ("only-dot", ".", "5|7"), ("only-slash", "/", "5|7"), ("empty", "", "5|7"),
            ("newline", PREFIX + "D01/region\n.mmap", 7), ("escape", PREFIX + "D01/\x1b[2Jregion.mmap", 7),
            ("carriage-return", PREFIX + "D01/region.mmap\r", 7), ("tab", PREFIX + "D01/region\t.mmap", 7),
            ("delete", PREFIX + "D01/region.mmap\x7f", 7), ("backslash", PREFIX + "D01\\region.mmap", 7),
            ("not-utf-8", as_bytes(PREFIX) + b"D01/region\xff\xfe.mmap", 7), ("latin-1-dir", as_bytes(PREFIX) + b"D\xe9/region.mmap", 7),
            ("overlong-slash", as_bytes(PREFIX) + b"D01\xc0\xafregion.mmap", 7), ("right-to-left", PREFIX + "D01/\u202epamm.noiger", 7),
            ("fullwidth", PREFIX + "Ｄ01/region.mmap", 7), ("trailing-space", PREFIX + "D01/region.mmap ", 7),
            ("trailing-dot", PREFIX + "D01/region.mmap.", 7), ("stream", PREFIX + "D01/region.mmap:x", 7),
            ("percent", PREFIX + "D01/%s%n%x.mmap", 7), ("option", "-rf", 7), ("quote", PREFIX + "D01/\"'$(touch x).mmap", 7)):
        renamed(detail, name, status)
    renamed("nul-in-pax", PREFIX + R1, "0|5|7", before=pax([("path", PREFIX + R1 + "\0.txt")]))
    renamed("nul-in-pax-first", PREFIX + R1, "0|5|7", before=pax([("path", "\0" + PREFIX + R1)]))
    renamed("nul-in-gnu", PREFIX + R1, "0|5|7", before=gnu_long(b"L", PREFIX + R1 + "\0/../../x"))
    for detail, length in (("gnu", 5000), ("gnu-huge", 300000)):
        renamed(f"long-{detail}", PREFIX + R1, "5|7", before=gnu_long(b"L", PREFIX + "D01/" + "n" * length))
    for detail, length in (("pax", 5000), ("pax-huge", 300000)):
        renamed(f"long-{detail}", PREFIX + R1, "5|7", before=pax([("path", PREFIX + "D01/" + "n" * length)]))
    renamed("long-255", PREFIX + R1, 7, before=pax([("path", PREFIX + "D01/" + "n" * 255)]))

    extra = {"evil": "evil.sh", "beside": "../mmap/README.md", "program": "D01/run", "layers-name": "D01/layers/x.txt",
             "layers-zero": "D01/layers/0.txt", "layers-leading-zero": "D01/layers/01.txt", "layers-suffix": "D01/layers/1.exe",
             "layers-no-suffix": "D01/layers/1", "layers-above": "D01/layers/4294967296.txt", "layers-below": "D01/layers/sub/1.txt",
             "layers-minus": "D01/layers/-1.txt", "layers-plus": "D01/layers/+4.txt", "D00": "D00/region.mmap", "D65536": "D65536/region.mmap",
             "D1": "D1/region.mmap", "D001": "D001/region.mmap", "D-1": "D-1/region.mmap", "D0x4": "D0x4/region.mmap", "D": "D/region.mmap",
             "D-huge": "D99999999999999999999/region.mmap", "D04x": "D04x/region.mmap", "lock": ".lock", "hidden": ".hidden",
             "partial": "D01/region.mmap.part", "again-below": "consciousness/D01/region.mmap", "next": ".next/D01/region.mmap"}
    for detail, path in extra.items():
        case("unknown-name", detail, added(Member(PREFIX + path, region)), 7, member=PREFIX + path)
    for detail, name in (("README", "data/mmap/README.md"), ("previous", "data/mmap/.previous/D01/region.mmap"), ("etc", "etc/passwd"),
                         ("first-gitignore", "data/mmap/.gitignore"), ("consciousness-x", "data/mmap/consciousness-x/D01/region.mmap"),
                         ("proto", "data/mmap/proto/draft.mmap")):
        case("unknown-name", f"outside-{detail}", added(Member(name, region)), 7, member=name)
    case("unknown-name", "first", [Member("evil.sh", b"#!/bin/sh\n")] + good.members(), 7, member="evil.sh")
    case("unknown-name", "directory-D00", added(directory(PREFIX + "D00")), 7, member=PREFIX + "D00")
    case("unknown-name", "directory", added(directory(PREFIX + "secret")), 7, member=PREFIX + "secret")
    case("unknown-name", "directory-in-D01", added(directory(PREFIX + "D01/secret")), 7, member=PREFIX + "D01/secret")

    for path in ("d01/region.mmap", "D01/REGION.MMAP", "D01/Region.mmap", "Manifest.json", "MANIFEST.JSON", "D01/Index.json",
                 "D01/layers/1.TXT", "D01/Layers/1.txt", "sha256sums"):
        case("case-clash", path.replace("/", "-"), added(Member(PREFIX + path, region)), 7, member=PREFIX + path)
    case("case-clash", "consciousness", added(Member("data/mmap/Consciousness/D01/region.mmap", region)), 7,
         member="data/mmap/Consciousness/D01/region.mmap")
    case("case-clash", "directory", inserted("D01/", directory(PREFIX + "d01")), 7, member=PREFIX + "d01")

    for detail, name in (("prefix", "a/" * 120 + "consciousness/"), ("prefix-pax", "a/" * 3000 + "consciousness/")):
        case("too-deep", detail, [Member(f"m{i}", m.data, pax([("path", name + m.name[len(PREFIX):])]), **m.fields)
                                  for i, m in enumerate(good.members())], 7, "deep|long")
    edge = ("a" * 99 + "/") * 10 + "b" * (1023 - 1000 - 14) + "/consciousness"
    for length in (1022, 1023, 1024):
        case("too-deep", f"prefix-of-{length}", [Member("m", type=b"5", mode=0o755, before=pax([("path", edge[1023 - length:] if length < 1024 else "a" + edge)]))] +
             good.dimension_members("D01"), 7)
    case("too-deep", "below", added(Member("x", b"x", pax([("path", PREFIX + "D01/layers/" + "a/" * 500 + "1.txt")]))), 7)
    case("two-prefixes", "D01-again", added(*good.dimension_members("D01", "other/consciousness/")), 7)
    case("two-prefixes", "D02-elsewhere", good.bare("a/consciousness/")[:1] + good.dimension_members("D01", "a/consciousness/") +
         good.dimension_members("D02", "b/consciousness/"), "5|7")
    case("two-prefixes", "none-and-one", good.dimension_members("D01", "") + good.dimension_members("D02", PREFIX), "5|7")
    case("two-prefixes", "file-elsewhere", replaced(R1, Member("other/consciousness/" + R1, region)), "5|7")
    case("two-prefixes", "manifest-elsewhere", replaced("manifest.json", Member("other/consciousness/manifest.json", manifest_text(good.manifest))), "5|7")


# --- which members there are ---

def sets():
    members = good.members()
    full = PREFIX + R1
    two = good.copy()
    two.manifest["dimensions"].pop()
    two.manifest["dimension_count"] = 2
    two = manifest_text(two.resign().manifest)
    case("not-in-manifest", "dimension", good.members(manifest=two), 7, "manifest", PREFIX + "D03/")
    case("not-in-manifest", "dimension-manifest-last", good.members(manifest=two)[1:] + good.members(manifest=two)[:1], 7, "manifest", PREFIX + "D03/")
    case("not-in-manifest", "empty-dimension", added(directory(PREFIX + "D09")), "0|7")
    less = good.copy()
    text = less.files.pop("D01/layers/2.txt")
    less.refit()
    case("not-in-manifest", "layer-file", good.members(manifest=manifest_text(less.manifest)), 7, "manifest", PREFIX + "D01/layers/2.txt")
    case("not-in-manifest", "layer-file-after-all", added(Member(PREFIX + "D01/layers/2.txt", text), members=less.members()), "5|7")
    for path in (R1, I1, "D01/layers/1.txt", R2, "D03/region.mmap", "D03/index.json"):
        fewer = good.copy()
        del fewer.files[path]
        case("missing", path.replace("/", "-"), fewer.members(), 5, "missing|not there|incomplete|lacks|without|no ")
    for name in ("D01", "D02", "D03"):
        fewer = good.copy()
        fewer.files = {p: d for p, d in good.files.items() if not p.startswith(name)}
        case("missing", name, fewer.members(), 5, name)
    case("missing", "everything-but-manifest", members[:2], 5)
    fewer = good.copy()
    del fewer.files[I1]
    case("missing", "index-without-manifest", fewer.bare(), 5)
    fewer = good.copy()
    del fewer.files[R1]
    case("missing", "region-without-manifest", fewer.bare(), 5)
    case("missing", "region-in-partial", [m for m in good.partial("D01") if m.name != full], 5)
    case("nothing-in-it", "no-members", [], "5|9")
    case("nothing-in-it", "a-directory", [directory(PREFIX)], "5|9")
    case("nothing-in-it", "skeleton", [directory(PREFIX)] + [directory(f"{PREFIX}D{i:02d}") for i in range(1, 15)], "5|9")
    case("nothing-in-it", "manifest-of-nothing", [Member(PREFIX + "manifest.json", manifest_text(
        {**good.manifest, "generation": "sha256:" + sha256(b""), "dimension_count": 0, "dimensions": []})), directory(PREFIX)], "5|7|9")
    case("nothing-in-it", "sums-alone", [directory(PREFIX), Member(PREFIX + "SHA256SUMS", b"")], "5|7|9")

    for path in (R1, I1, L1, "manifest.json", "SHA256SUMS"):
        again = next(m for m in members if m.name == PREFIX + path)
        case("duplicate", "at-once-" + path.replace("/", "-"), replaced(path, again, again), 7, "twice|again|dup|second", PREFIX + path)
        case("duplicate", "at-the-end-" + path.replace("/", "-"), added(again), 7, "twice|again|dup|second|apart|together", PREFIX + path)
    other = good.copy()
    other.manifest["dimensions"].pop()
    other.manifest["dimension_count"] = 2
    case("duplicate", "manifest-other", added(Member(PREFIX + "manifest.json", manifest_text(other.resign().manifest))), 7, member=PREFIX + "manifest.json")
    case("duplicate", "other-region", added(Member(full, good.files[R2])), 7, member=full)
    case("duplicate", "other-region-first", inserted(R1, Member(full, good.files[R2])), "5|7")
    case("duplicate", "D01-whole", added(*good.dimension_members("D01")), 7)
    case("duplicate", "D01-whole-without-manifest", good.bare() + good.dimension_members("D01"), 7)
    case("duplicate", "through-dot", added(Member("./" + full, good.files[R1])), 7)
    case("duplicate", "directories", added(directory(PREFIX + "D03"), directory(PREFIX + "D03")), "0|7")
    case("duplicate", "second-archive-inside", gz(tar(members, b"") + tar(members)), 7)
    region = next(m for m in members if m.name == full)
    case("apart", "region-at-the-end", added(region, members=[m for m in members if m is not region]), "0|5|7")
    case("apart", "region-at-the-end-bare", added(Member(full, good.files[R1]), members=[m for m in good.bare() if m.name != full]), "0|5|7")

    case("too-many", "directories", gz(header(PREFIX, 0, type=b"5", mode=0o755) * 20000) * 10 + gz(tar(members)), "5|7")
    case("too-many", "dots", gz(header("./", 0, type=b"5", mode=0o755) * 20000) * 10 + gz(tar(members)), "0|5|7")
    case("too-many", "empty-dimensions", gz(tar(members, b"") + b"".join(
        header(f"{PREFIX}D{i:02d}/", 0, type=b"5", mode=0o755) for i in range(4, 20000)) + END, 1), "0|5|7")
    layers = b"".join(header(f"{PREFIX}D01/layers/{i}.txt", 1) + b"x" + bytes(511) for i in range(1, 8001))
    case("too-many", "layer-files", gz(tar([directory(PREFIX)], b"") + layers + tar(good.dimension_members("D01")), 1), "5|7")
    case("too-many", "pax-headers", gz(pax([("comment", "x")]) * 20000) * 10 + gz(tar(members)), "0|5|7")


# --- sizes ---

def claims():
    full = PREFIX + R1
    region = good.files[R1]
    for detail, size in (("100-gb", 100 * 10**9), ("2-to-63", 2**63 - 1), ("2-to-64", 2**64 - 1), ("minus-1", b"\xff" * 12),
                         ("over-the-limit", 10485761)):
        case("claims", detail, replaced(R1, Member(full, region, size=size)), "5|7", member=full if detail == "100-gb" else "-")
    large = [header(full, 10485761), pad(bytes(10485761))]
    case("over-the-limit", "region", tar(replaced(R1, *large)), 7, "large|limit", full)
    for path in ("manifest.json", I1, L1, "SHA256SUMS"):
        case("claims", path.replace("/", "-"), replaced(path, Member(PREFIX + path, b"x", size=100 * 10**9)), "5|7", member=PREFIX + path)
    for detail, size in (("no-number", b"zzzzzzzzzzz"), ("empty", bytes(12)), ("minus-octal", b"-0000000001")):
        case("claims", detail, replaced(R1, Member(full, region, size=size)), "5|7")
    case("claims", "directory-with-content", replaced("D01/", Member(PREFIX + "D01/", b"x" * 600, type=b"5", mode=0o755)), "0|5|7")
    case("claims", "directory-of-100-gb", replaced("D01/", Member(PREFIX + "D01/", b"", size=10**11, type=b"5", mode=0o755)), "0|5|7")
    case("claims", "pax-size-huge", replaced(R1, Member(full, region, pax([("size", str(10**11))]))), "5|7")
    case("claims", "pax-size-minus", replaced(R1, Member(full, region, pax([("size", "-5")]))), "0|5|7")
    case("claims", "pax-size-zero", replaced(R1, Member(full, region, pax([("size", "0")]))), "0|5|7")

    sparse = b"GNU.sparse."
    for detail, realsize, entries in (("100-gb", 10**11, [(10**11, 0)]), ("holes-alone", 2**62, []), ("beyond", 4096, [(10**10, 512)]),
                                      ("backwards", 8192, [(4096, 512), (0, 512)]), ("overlapping", 8192, [(0, 4096), (512, 4096)]),
                                      ("minus", 8192, [(-512, 512)])):
        table = b"".join(b"%011o\0%011o\0" % (o, s) if 0 <= o < 8**11 else b"\x80" + (o % 2**88).to_bytes(11, "big") + b"%011o\0" % s
                         for o, s in entries)
        tail = (bytes(41) + table.ljust(96, b"\0") + b"\0" + (b"%011o\0" % realsize if realsize < 8**11 else
                                                             b"\x80" + realsize.to_bytes(11, "big")))
        case("sparse", f"old-{detail}", replaced(R1, Member(full, bytes(sum(s for _, s in entries)), type=b"S", magic=b"ustar  \0", tail=tail)), "5|7")
    for detail, records in (
            ("0.0", [(sparse + b"size", str(10**11)), (sparse + b"numblocks", "1"), (sparse + b"offset", "0"), (sparse + b"numbytes", "512")]),
            ("0.1", [(sparse + b"size", str(10**11)), (sparse + b"numblocks", "1"), (sparse + b"map", "0,512")]),
            ("0.1-name", [(sparse + b"name", "../../x"), (sparse + b"size", str(len(region))), (sparse + b"numblocks", "1"),
                          (sparse + b"map", f"0,{len(region)}")]),
            ("0.1-garbage", [(sparse + b"map", "0,1,2,x,9999999999999999999999")]),
            ("1.0-no-map", [(sparse + b"major", "1"), (sparse + b"minor", "0"), (sparse + b"name", PREFIX + R1), (sparse + b"realsize", str(10**11))])):
        data = region if detail in ("0.1-name", "0.1-garbage") else region[:512]
        case("sparse", f"pax-{detail}", replaced(R1, Member(full, data, pax(records))), "5|7")
    records = [(sparse + b"major", "1"), (sparse + b"minor", "0"), (sparse + b"name", PREFIX + R1)]
    for detail, text, realsize in (("1.0-many", b"99999999999\n", 8192), ("1.0-huge", b"1\n0\n99999999999999\n", 10**14),
                                   ("1.0-endless", b"1" * 512, 8192), ("1.0-backwards", b"2\n4096\n512\n0\n512\n", 8192)):
        case("sparse", f"pax-{detail}", replaced(R1, Member(full, pad(text) + bytes(1024), pax(records + [(sparse + b"realsize", str(realsize))]))), "5|7")


def zlib_stream(first, zeros):
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    return packer.compress(first) + b"".join(packer.compress(bytes(2**24)) for _ in range(zeros >> 24)) + packer.flush()


def bombs():
    full = PREFIX + R1
    region = good.files[R1]
    members = good.members()

    def split(path):
        """What stands before and after a member's content, for a member of 1 GiB in its place."""
        at = [m.name for m in members].index(PREFIX + path)
        return gz(tar(members[:at], b"") + header(PREFIX + path, 2**30)), gz(tar(members[at + 1:]))

    for path in (R1, I1, "manifest.json", "SHA256SUMS", L1):
        before, after = split(path)
        case("bomb", path.replace("/", "-"), before + bomb(1024, b" " if path.endswith("json") else b"\0") + after, 7, "large|bytes|size|limit", PREFIX + path)
    before, after = split("SHA256SUMS")
    at = [m.name for m in good.partial("D01")].index(PREFIX + "D01/manifest.json")
    partial = good.partial("D01")
    case("bomb", "partial-manifest", gz(tar(partial[:at], b"") + header(PREFIX + "D01/manifest.json", 2**30)) + bomb(1024, b" ") +
         gz(tar(partial[at + 1:])), 7, "large|bytes|size|limit", PREFIX + "D01/manifest.json")
    signed = poked(signed_region(poked(region, 16, struct.pack("<Q", 2**30))), 0, b"MMAP")
    at = [m.name for m in good.bare()].index(full)
    case("bomb", "region-that-says-so", gz(tar(good.bare()[:at], b"") + header(full, 2**30) + signed) + gz(bytes(2**24 - len(signed))) +
         bomb(1008) + gz(END), 7, "large|bytes|size|limit", full)
    whole = tar(members)
    case("bomb", "zeros-after-the-end", gz(whole) + bomb(1024), "0|5|7")
    case("bomb", "text-after-the-end", gz(whole) + bomb(1024, b"x"), "5|7")
    case("bomb", "zeros-before-the-start", bomb(1024) + gz(whole), "5|7")
    case("bomb", "one-gzip-member", gz_by_hand(b"", deflated=zlib_stream(whole, 2**28)), "5|7")
    case("bomb", "unknown-name", gz(header(PREFIX + "zeros", 2**30)) + bomb(1024) + gz(whole), 7, member=PREFIX + "zeros")
    case("bomb", "pax-header", gz(header("PaxHeaders/x", 2**30, type=b"x")) + bomb(1024, b"x") + gz(whole), "5|7")
    case("bomb", "pax-global-header", gz(header("g", 2**30, type=b"g")) + bomb(1024, b"x") + gz(whole), "0|5|7")
    case("bomb", "gnu-long-name", gz(header("././@LongLink", 2**30, type=b"L")) + bomb(1024, b"x") + gz(whole), "5|7")
    case("bomb", "gnu-long-link", gz(header("././@LongLink", 2**30, type=b"K")) + bomb(1024, b"x") + gz(whole), "5|7")
    case("bomb", "volume-label", gz(header("label", 2**30, type=b"V")) + bomb(1024) + gz(whole), "0|5|7")
    case("bomb", "empty-gzip-members", gz(b"") * 200000 + gz(whole), "0|5|7")

    # Texts that are not too large to be read, but to be taken apart in memory.
    file = b'{"path": "D01/layers/%d.txt", "size": 1, "checksum": "sha256:' + b"0" * 64 + b'"},\n'
    for detail, text in (("files", b"".join(file % i for i in range(1, 400000))), ("one-string", b"x" * 50000000), ("brackets", b"[" * 50000000),
                         ("many-dimensions", b'{"version": 1, "dimensions": [' + b",".join(b'{"dimension_id": %d}' % i for i in range(1, 20000)) + b"]}"),
                         ("numbers", b"[" + b"1," * 20000000)):
        if detail == "files":
            text = b'{"version": 1, "dimensions": [{"dimension_id": 1, "files": [' + text
        elif detail == "one-string":
            text = b'{"version": "' + text + b'"}'
        case("large-text", "manifest-" + detail, gz(tar(good.members(manifest=text)), 1), "5|7")
    for path in (I1, "SHA256SUMS"):
        case("large-text", path.replace("/", "-"), gz(tar(replaced(path, Member(PREFIX + path, b" " * 60000000))), 1), "5|7")


# --- archives that break off, go on, or are something else ---

def streams():
    whole = tar(good.members())
    packed = gz(whole)
    cuts = sorted({1, 2, 3, 9, 10, 11, 18, *range(len(packed) // 12, len(packed), len(packed) // 12), *(len(packed) - i for i in (1, 2, 4, 7, 8, 9, 20))})
    for cut in cuts:
        case("cut-gzip", f"{cut}-of-{len(packed)}", packed[:cut], 5)
    at, edges = 0, []
    for m in good.members():
        edges += [at + BLOCK, at + len(m.blocks())]
        at += len(m.blocks())
    for cut in edges[:-1]:
        case("cut-tar", f"at-{cut}", gz(whole[:cut]) if cut // BLOCK % 2 else whole[:cut], 5)
    for cut in (1, 100, 511, 700, edges[4] + 1, len(whole) - 1025, at - 1):
        case("cut-tar", f"inside-{cut}", gz(whole[:cut]), 5)
    bare = good.bare()
    size = sum(len(m.blocks()) for m in bare)
    first = 1 + len(good.dimension_members("D01"))
    case("cut-tar", "without-manifest-after-D01", gz(tar(bare[:first], b"")), 5)
    case("cut-tar", "without-manifest-inside-D02", gz(tar(bare, b"")[:size - len(bare[-1].blocks()) + 1024]), 5)
    case("no-end", "with-manifest", gz(whole[:at]), 5)
    case("no-end", "without-manifest", gz(tar(bare, b"")), 5)
    case("no-end", "partial", gz(tar(good.partial("D01"), b"")), 5)
    case("no-end", "one-block", gz(whole[:at] + bytes(BLOCK)), "0|5")
    case("no-end", "half-a-block", gz(whole[:at] + bytes(BLOCK + 100)), "0|5")
    case("no-end", "plain", whole[:at], 5)

    for detail, tail in (("text", b"garbage\n"), ("a-byte", b"x"), ("half-a-gzip-header", b"\x1f\x8b"), ("another-gzip", gz(b"hello")),
                         ("cut-gzip", packed[:500]), ("itself", packed), ("blocks", b"x" * 5120), ("other-archive", gz(tar(good.partial("D01")))),
                         ("zeros-then-text", bytes(600) + b"x")):
        case("garbage-after-gzip", detail, packed + tail, 5)
    case("garbage-after-gzip", "zeros", packed + bytes(512), "0|5")
    case("garbage-after-gzip", "empty-gzip", packed + gz(b""), "0|5")
    for detail, tail in (("text", b"garbage\n"), ("a-byte", b"x"), ("itself", whole), ("after-zeros", bytes(9000) + b"x"),
                         ("member", tar([Member(PREFIX + "evil.sh", b"x")])), ("link", tar([Member(PREFIX + "D01", type=b"2", link=victim)]))):
        case("garbage-after-tar", detail, gz(whole + tail), "5|7" if detail in ("itself", "member", "link") else 5)
        case("garbage-after-tar", f"{detail}-plain", whole + tail, "5|7" if detail in ("itself", "member", "link") else 5)
    case("garbage-inside-tar", "block", gz(whole[:edges[5]] + b"x" * BLOCK + whole[edges[5]:]), 5)
    case("garbage-inside-tar", "one-zero-block", gz(whole[:edges[5]] + bytes(BLOCK) + whole[edges[5]:]), 5)
    case("garbage-inside-tar", "one-byte", gz(whole[:edges[5]] + b"x" + whole[edges[5]:]), 5)
    case("garbage-inside-tar", "checksum", replaced(R1, Member(PREFIX + R1, good.files[R1], checksum=b"000000\0 ")), 5)
    for at in (0, 101, 125, 140, 150, 156, 260):
        case("garbage-inside-tar", f"header-bit-{at}", gz(flipped(whole, edges[0] - BLOCK + at)), 5)

    case("wrong-gzip", "crc", gz_by_hand(whole, crc=zlib.crc32(whole) ^ 1), 5)
    case("wrong-gzip", "size", gz_by_hand(whole, size=len(whole) + 1), 5)
    case("wrong-gzip", "crc-of-a-middle-member", gz(whole[:5000]) + gz_by_hand(whole[5000:9000], crc=1) + gz(whole[9000:]), 5)
    case("wrong-gzip", "size-of-a-middle-member", gz(whole[:5000]) + gz_by_hand(whole[5000:9000], size=1) + gz(whole[9000:]), 5)
    case("wrong-gzip", "middle-member-missing", gz(whole[:4096]) + gz(whole[8192:]), 5)
    case("wrong-gzip", "reserved-flags", gz_by_hand(whole, flags=0xE0), 5)
    case("wrong-gzip", "method", gz_by_hand(whole, method=7), 5)
    case("wrong-gzip", "block-type-3", gz_by_hand(whole, deflated=b"\x07\x00\x00"), 5)
    case("wrong-gzip", "distance-too-far", gz_by_hand(whole, deflated=b"\x4b\x04\x72\x00" + bytes(8)), 5)
    case("wrong-gzip", "endless-name", gz_by_hand(whole, flags=8, extra=b"n" * 2**22), 5)
    case("wrong-gzip", "extra-field-too-long", gz_by_hand(b"", flags=4, extra=b"\xff\xff", deflated=b"")[:30], 5)
    case("wrong-gzip", "header-crc", gz_by_hand(whole, flags=2, extra=b"\1\2"), "0|5")
    case("wrong-gzip", "all-flags", gz_by_hand(whole, flags=13, extra=b"\4\0abcdname\0comment\0"), "0|5")
    for i in range(8):
        at = len(packed) * (2 * i + 1) // 16
        case("wrong-gzip", f"flipped-{at}", flipped(packed, at), "5|7", lists="any")

    text = "bundle|archive|gzip|tar|empty"
    case("no-bundle", "empty", b"", 5, text)
    case("no-bundle", "text", b"This is a file of text.\n" * 100, 5, text)
    case("no-bundle", "long-text", b"This is a file of text.\n" * 10000, 5, text)
    case("no-bundle", "gzipped-text", gz(b"This is a file of text.\n" * 100), 5, text)
    case("no-bundle", "zeros", bytes(10240), "5|9")
    case("no-bundle", "random-like", b"".join(bytes.fromhex(sha256(bytes([i]))) for i in range(256)), 5, text)
    case("no-bundle", "region", good.files[R1], 5, text)
    case("no-bundle", "manifest", manifest_text(good.manifest), 5, text)
    case("no-bundle", "yaml", b"layer_id: 1\nfrequency: 1.0\n", 5, text)
    case("no-bundle", "gzip-twice", gz(packed), 5)
    case("no-bundle", "bzip2", bz2.compress(whole), 5, text)
    case("no-bundle", "xz", lzma.compress(whole), 5, text)
    case("no-bundle", "lzma", lzma.compress(whole, lzma.FORMAT_ALONE), 5, text)
    case("no-bundle", "zstd", b"\x28\xb5\x2f\xfd\x00\x58" + b"".join(
        struct.pack("<I", (len(p) << 3) | last)[:3] + p for p, last in ((whole[:60000], 0), (whole[60000:120000], 1))), 5, text)
    case("no-bundle", "compress", b"\x1f\x9d\x90" + bytes(100), 5, text)
    for detail, magic in (("lrzip", b"LRZI\0\6"), ("lzop", b"\x89LZO\0\r\n\x1a\n"), ("grzip", b"GRZipII\0\2\4:)"), ("lz4", b"\x04\x22\x4d\x18"),
                          ("rpm", b"\xed\xab\xee\xdb\3\0\0\0"), ("7z", b"7z\xbc\xaf\x27\x1c"), ("rar", b"Rar!\x1a\7\0"), ("cab", b"MSCF\0\0\0\0")):
        case("no-bundle", detail, magic + bytes(2000), 5, text)
    import binascii
    uu = b"begin 644 x\n" + b"".join(binascii.b2a_uu(packed[i:i + 45]) for i in range(0, len(packed), 45)) + b"`\nend\n"
    case("no-bundle", "uuencoded", uu, 5, text)
    case("no-bundle", "behind-a-script", b"#!/bin/sh\nexit 0\n" + packed, 5, text)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, data in good.files.items():
            archive.writestr(PREFIX + path, data)
    case("no-bundle", "zip", buffer.getvalue(), 5, text)
    newc = b""
    for path, data in [*((PREFIX + p, d) for p, d in sorted(good.files.items())), ("TRAILER!!!", b"")]:
        newc += b"070701" + b"".join(b"%08X" % v for v in (1, 0o100444, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(path) + 1, 0)) + as_bytes(path) + b"\0"
        newc += bytes(-len(newc) % 4) + data
        newc += bytes(-len(newc) % 4)
    case("no-bundle", "cpio", newc, 5, text)
    case("no-bundle", "cpio-gz", gz(newc), 5)
    # An mtree names files of this machine as the contents of its members.
    for path, data in good.files.items():
        os.makedirs(os.path.dirname(os.path.join(out_dir, "local", path)), exist_ok=True)
        with open(os.path.join(out_dir, "local", path), "wb") as file:
            file.write(data)
    mtree = "#mtree\n" + "".join(f"./{PREFIX}{p} type=file mode=0444 contents={os.path.abspath(out_dir)}/local/{p}\n" for p in sorted(good.files, key=order))
    case("no-bundle", "mtree", as_bytes(mtree), 5, text)
    case("no-bundle", "mtree-gz", gz(as_bytes(mtree)), 5)
    case("no-bundle", "ar", b"!<arch>\n" + b"x/              0           0     0     100444  1         `\nx\n", 5, text)
    case("broken-pax", "length", replaced(R1, Member(PREFIX + R1, good.files[R1], pax([b"999 path=x\n"]))), "0|5|7")
    case("broken-pax", "no-equals", replaced(R1, Member(PREFIX + R1, good.files[R1], pax([b"9 pathxx\n"]))), "0|5|7")
    case("broken-pax", "zero-length", replaced(R1, Member(PREFIX + R1, good.files[R1], pax([b"0 path=x\n"]))), "0|5|7")
    case("broken-pax", "no-newline", replaced(R1, Member(PREFIX + R1, good.files[R1], pax([b"10 path=xxx"]))), "0|5|7")
    case("broken-pax", "header-alone", gz(whole[:edges[-1]] + pax([("path", "x")]) + END), "5|7")
    case("broken-pax", "of-a-pax-header", gz(pax([("path", "x")]) + pax([("path", "y")]) + whole), "0|5|7")
    case("broken-pax", "global-path", gz(pax([("path", "../../x")], type=b"g") + whole), "0|5|7")
    case("broken-pax", "global-link", gz(pax([("linkpath", victim)], type=b"g") + whole), "0|5|7")
    case("broken-pax", "capability", replaced(R1, Member(PREFIX + R1, good.files[R1], pax([("SCHILY.xattr.security.capability", "\1\0\0\2" + "\xff" * 16)]))), "0|7")


# --- contents ---

def contents():
    def damaged(kind, detail, bundle, status, text=".", member="-"):
        case(kind, detail, bundle.members() if isinstance(bundle, Bundle) else bundle, status, text, member, "any")

    region = good.files[R1]
    table, _ = layer_table(region)
    content_at, = struct.unpack_from("<Q", region, table + 8)
    spots = {"header": 12, "checksum": 30, "reserved": 100, "metadata": table + 40, "content": content_at, "padding": content_at + 4000, "last-byte": -1}
    for detail, offset in spots.items():
        bad = flipped(region, offset)
        damaged("flipped", f"region-{detail}", replaced(R1, Member(PREFIX + R1, bad)), 5, member=PREFIX + "D01/")
        damaged("flipped-and-fitted", f"region-{detail}", good.copy().put(R1, bad).refit(), 5, member=PREFIX + R1)
        damaged("flipped", f"region-{detail}-no-manifest", good.copy().put(R1, bad).bare(), 5, member=PREFIX + R1)
    for detail, offset in (("first", 0), ("middle", 200), ("last", -1)):
        for path in (I1, L1):
            bad = flipped(good.files[path], offset % len(good.files[path]))
            damaged("flipped", f"{path.replace('/', '-')}-{detail}", replaced(path, Member(PREFIX + path, bad)), "5|6", member=PREFIX + "D01/")
            damaged("flipped-and-fitted", f"{path.replace('/', '-')}-{detail}", good.copy().put(path, bad).refit(), 5, member=PREFIX + "D01/")
            damaged("flipped", f"{path.replace('/', '-')}-{detail}-no-manifest", good.copy().put(path, bad).bare(), 5, member=PREFIX + "D01/")
    manifest = manifest_text(good.manifest)
    for i in range(9):
        offset = len(manifest) * i // 9 + 3
        damaged("flipped", f"manifest-{offset}", good.members(manifest=flipped(manifest, offset)), "5|6|7", member=PREFIX + "manifest.json" if i == 8 else "-")
    sums = good.sums()
    for offset in (0, 64, 70, -1):
        damaged("flipped", f"sums-{offset}", replaced("SHA256SUMS", Member(PREFIX + "SHA256SUMS", flipped(sums, offset))), "5|7", member=PREFIX)
    part = manifest_text(good.part("D01"))
    damaged("flipped", "partial-manifest", good.partial("D01", manifest=flipped(part, len(part) // 2)), "5|7", member=PREFIX + "D01/")
    damaged("flipped", "partial-sums", good.partial("D01", sums=flipped(good.part_sums("D01", part), 70)), "5|7", member=PREFIX + "D01/")
    for detail, lines in (("outside", "../../../../etc/passwd"), ("absolute", "/etc/passwd"), ("absent", "D01/none"), ("device", "/dev/zero")):
        damaged("lying-sums", detail, replaced("SHA256SUMS", Member(PREFIX + "SHA256SUMS", sums + as_bytes(f"{'0' * 64}  {lines}\n"))), "5|7", member=PREFIX + "SHA256SUMS")
    damaged("lying-sums", "fewer", replaced("SHA256SUMS", Member(PREFIX + "SHA256SUMS", sums.split(b"\n", 1)[1])), "0|5")
    damaged("lying-sums", "empty", replaced("SHA256SUMS", Member(PREFIX + "SHA256SUMS", b"")), "0|5")
    damaged("lying-sums", "text", replaced("SHA256SUMS", Member(PREFIX + "SHA256SUMS", b"hello\n")), "5|7", member=PREFIX + "SHA256SUMS")
    damaged("lying-sums", "of-others", replaced("SHA256SUMS", Member(PREFIX + "SHA256SUMS", sums.replace(b"D01/index", b"D02/index", 1))), "5|7", member=PREFIX)

    def lie(detail, change, status=5, text=".", member="-"):
        """A manifest with a right checksum that says what is not so."""
        b = good.copy()
        change(b)
        damaged("lying-manifest", detail, b.members(), status, text, member)

    def set_dimension(**fields):
        return lambda b: b.manifest["dimensions"][0].update(fields)

    def set_file(**fields):
        return lambda b: b.manifest["dimensions"][0]["files"][-1].update(fields)

    nowhere = "sha256:" + sha256(b"nothing")
    lie("file-size", set_file(size=len(region) + 1), text="size|bytes", member=PREFIX + R1)
    lie("file-size-huge", set_file(size=10**15), "5|7")
    lie("file-digest", set_file(checksum=nowhere), text="sha-?256|digest|checksum")
    lie("region-digest", lambda b: (set_dimension(checksum=nowhere)(b), b.resign()))
    lie("region-digest-and-generation", set_dimension(checksum=nowhere))
    lie("generation", lambda b: b.manifest.update(generation=nowhere))
    lie("layer-count", set_dimension(layer_count=1000))
    lie("total-size", set_dimension(total_size=4096))
    lie("name", set_dimension(dimension_name="Emotion?"))
    lie("name-with-escapes", set_dimension(dimension_name="\x1b]0;owned\x07\n"))
    lie("incomplete", lambda b: b.manifest.update(complete=False))
    lie("count", lambda b: b.manifest.update(dimension_count=2))
    lie("order", lambda b: (b.manifest["dimensions"].reverse(), b.resign()))
    lie("dimension-twice", lambda b: (b.manifest["dimensions"].append(b.manifest["dimensions"][0]), b.resign()), "5|7")
    for id in (0, 4, 65536, -1, 2**40):
        lie(f"dimension-{id}", lambda b, id=id: (set_dimension(dimension_id=id)(b), b.resign()), "5|7")
    lie("files-none", set_dimension(files=[]), "5|7")
    lie("file-missing", lambda b: b.manifest["dimensions"][0]["files"].pop(0), "5|7", member=PREFIX + I1)
    lie("file-more", lambda b: b.manifest["dimensions"][0]["files"].append({"path": "D01/run", "size": 0, "checksum": "sha256:" + sha256(b"")}), "5|7")
    lie("file-twice", lambda b: b.manifest["dimensions"][0]["files"].append(b.manifest["dimensions"][0]["files"][-1]), "5|7")
    for detail, path in (("dotdot", "../../x"), ("absolute", "/etc/passwd"), ("through", "D01/../D02/region.mmap"), ("other", R2), ("slashes", "D01//region.mmap"),
                         ("dot", "./D01/region.mmap"), ("manifest", "manifest.json"), ("empty", ""), ("directory", "D01/"), ("above", "region.mmap"),
                         ("long", "D01/" + "n" * 100000), ("control", "D01/\x1bregion.mmap"), ("unknown", "D01/run")):
        lie(f"path-{detail}", set_file(path=path), "5|7")
    lie("extra-key", lambda b: b.manifest.update(surprise=1))
    lie("extra-dimension", lambda b: (b.manifest["dimensions"].append({**b.manifest["dimensions"][2], "dimension_id": 4, "files": [
        {**f, "path": f["path"].replace("D03", "D04")} for f in b.manifest["dimensions"][2]["files"]]}), b.manifest.update(dimension_count=4), b.resign()), 5)
    for detail, text in (("no-json", b"hello"), ("empty", b""), ("array", b"[]\n"), ("deep", b"[" * 100000), ("braces", b'{"a":' * 100000),
                         ("aliases", b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(b"%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n" % (c, c, *[c - 1] * 9) for c in range(98, 120))),
                         ("tag", b"!!python/object:os.system {version: 1}\n"), ("nul", manifest.replace(b"Emotion", b"Emo\0ion")),
                         ("trailing-space", manifest + b" "), ("crlf", manifest.replace(b"\n", b"\r\n")), ("bom", b"\xef\xbb\xbf" + manifest),
                         ("number", manifest.replace(b'"dimension_count": 3', b'"dimension_count": 3e0')), ("many-keys", b"{" + b'"k": 1,\n' * 200000 + b"}\n")):
        damaged("lying-manifest", f"text-{detail}", good.members(manifest=text) if text else replaced("manifest.json", Member(PREFIX + "manifest.json", b"")), "5|7",
                member=PREFIX + "manifest.json")
    wrong = manifest[:-68] + as_bytes(sha256(b"x")) + manifest[-4:]
    assert wrong[:-68] == manifest[:-68] and len(wrong) == len(manifest) and wrong.endswith(b'"\n}\n')
    damaged("lying-manifest", "own-checksum", good.members(manifest=wrong), 5, member=PREFIX + "manifest.json")

    newer = {**good.manifest, "version": 2}
    damaged("newer", "manifest", good.members(manifest=manifest_text(newer)), 6, "version", PREFIX + "manifest.json")
    damaged("newer", "manifest-with-keys", good.members(manifest=manifest_text({**newer, "future": [1, {"a": "b"}]})), 6, "version", PREFIX + "manifest.json")
    damaged("newer", "manifest-last", good.members(manifest=manifest_text(newer))[1:] + good.members(manifest=manifest_text(newer))[:1], 6, "version", PREFIX + "manifest.json")
    damaged("newer", "manifest-wrong-checksum", good.members(manifest=manifest.replace(b'"version": 1', b'"version": 2')), "5|6", member=PREFIX + "manifest.json")
    damaged("newer", "partial-manifest", good.partial("D01", manifest=manifest_text({**good.part("D01"), "version": 2})), 6, "version", PREFIX + "D01/manifest.json")
    damaged("older", "manifest-0", good.members(manifest=manifest_text({**good.manifest, "version": 0})), 5, member=PREFIX + "manifest.json")
    version2 = poked(region, 4, b"\2\0\0\0")
    for where, form in (("", Bundle.members), ("-no-manifest", Bundle.bare), ("-partial", lambda b: b.partial("D01"))):
        damaged("newer", "region" + where, form(good.copy().put(R1, signed_region(version2)).refit()), 6, "version", PREFIX + R1)
        damaged("newer", "region-wrong-checksum" + where, form(good.copy().put(R1, version2).refit()), 5, member=PREFIX + R1)
    damaged("older", "region-0", good.copy().put(R1, signed_region(poked(region, 4, bytes(4)))).refit(), 5, member=PREFIX + R1)

    # Regions that prove themselves, but in the wrong place, or beside what is not theirs.
    for where, form in (("", Bundle.members), ("-no-manifest", Bundle.bare)):
        def b():
            return good.copy()
        damaged("misplaced", "D02-as-D01" + where, form(b().put(R1, good.files[R2]).refit()), 5, member=PREFIX + R1)
        both = b().put(R1, good.files[R2]).put(I1, good.files["D02/index.json"])
        damaged("misplaced", "D02-with-index-as-D01" + where, form(both.refit()), 5)
        damaged("misplaced", "index-of-D02" + where, form(b().put(I1, good.files["D02/index.json"]).refit()), 5, member=PREFIX + "D01/")
        for detail, data in (("empty", b""), ("array", b"[" * 50000), ("longer", good.files[I1] + b"\n"), ("offset", good.files[I1].replace(b'"offset": ', b'"offset": 1', 1)),
                             ("no-time", good.files[I1].replace(b"updated_at", b"updated_of", 1)), ("wrong-time", good.files[I1].replace(b'"updated_at": "2', b'"updated_at": "x', 1)),
                             ("nul", good.files[I1][:50] + b"\0" + good.files[I1][51:]), ("large", good.files[I1] + b" " * 3000000)):
            damaged("lying-index", detail + where, form(b().put(I1, data).refit()), "5|7" if detail == "large" else 5, member=PREFIX + "D01/")
        for detail, path, data, status in (("content", L1, b"Something else.\n", 5), ("longer", L1, good.files[L1] + b"x", 5), ("empty", L1, b"", 5),
                                           ("absent-id", "D01/layers/77.txt", b"x", "5|7"), ("bin-for-txt", "D01/layers/1.bin", good.files[L1], "0|5|7"),
                                           ("of-another", "D01/layers/2.txt", good.files[L1], 5)):
            damaged("lying-layers", detail + where, form(b().put(path, data).refit()), status, member=PREFIX + path if status == 5 else "-")
        damaged("cut-region", "by-a-page" + where, form(b().put(R1, region[:-4096]).refit()), 5, member=PREFIX + R1)
        damaged("cut-region", "header-alone" + where, form(b().put(R1, region[:256]).refit()), 5, member=PREFIX + R1)
        damaged("cut-region", "empty" + where, form(b().put(R1, b"").refit()), 5, member=PREFIX + R1)
        damaged("cut-region", "tail-not-zero" + where, form(b().put(R1, region + b"x" * 10).refit()), 5, member=PREFIX + R1)
        hostile = bytearray(region)
        struct.pack_into("<QQ", hostile, table + 8, 2**63, 2**63)
        damaged("hostile-region", "offsets" + where, form(b().put(R1, signed_region(bytes(hostile))).refit()), 5, member=PREFIX + R1)
        damaged("hostile-region", "layer-count" + where, form(b().put(R1, signed_region(poked(region, 12, b"\xff" * 4))).refit()), 5, member=PREFIX + R1)
        damaged("hostile-region", "alignment-0" + where, form(b().put(R1, signed_region(poked(region, 60, bytes(4)))).refit()), 5, member=PREFIX + R1)
        damaged("hostile-region", "sections" + where, form(b().put(R1, signed_region(poked(region, 84, b"\x40\0\0\0"))).refit()), 5, member=PREFIX + R1)
        damaged("hostile-region", "metadata-huge" + where, form(b().put(R1, poked(region, 64, b"\xff" * 16)).refit()), 5, member=PREFIX + R1)
        named = bytearray(region)
        at = region.index(b"Emotion")
        named[at:at + 7] = b"\x1b[2J\x07\r\n"
        damaged("hostile-region", "name" + where, form(b().put(R1, signed_region(bytes(named))).refit()), 5)
    damaged("partial-lies", "manifest-of-D02", good.partial("D01", manifest=manifest_text(good.part("D02"))), "5|7", member=PREFIX + "D01/")
    damaged("partial-lies", "manifest-of-all", good.partial("D01", manifest=manifest_text(good.manifest)), "5|7", member=PREFIX + "D01/")
    damaged("partial-lies", "manifest-of-nothing", good.partial("D01", manifest=manifest_text({**good.part("D01"), "dimensions": [], "dimension_count": 0})), "5|7")
    damaged("partial-lies", "sums-of-D02", good.partial("D01", sums=good.part_sums("D02", part)), "5|7", member=PREFIX + "D01/")


# --- images: an OCI layout in a tar, one of whose blobs is such a tar ---

def images():
    below = "app/" + PREFIX
    layer = gz(tar(good.members(below)))

    def image(detail, status, text=".", layers=(layer,), kind="image", change=lambda name, data: data, drop=(), extra=(), fields=None, top=None):
        blobs = {}

        def blob(media, data):
            blobs["blobs/sha256/" + sha256(data)] = data
            return {"mediaType": f"application/vnd.oci.image.{media}", "digest": "sha256:" + sha256(data), "size": len(data), **(fields or {}).get(media, {})}

        unpacked = [zlib.decompress(data, 47) if data[:2] == b"\x1f\x8b" else data for data in layers]
        described = [blob("layer.v1.tar+gzip" if data[:2] == b"\x1f\x8b" else "layer.v1.tar", data) for data in layers]
        config = blob("config.v1+json", as_bytes(json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {
            "type": "layers", "diff_ids": ["sha256:" + sha256(data) for data in unpacked]}})))
        manifest = blob("manifest.v1+json", as_bytes(json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                                                                 "config": config, "layers": described})))
        index = as_bytes(json.dumps({"schemaVersion": 2, "manifests": [manifest]}))
        files = [("oci-layout", b'{"imageLayoutVersion": "1.0.0"}'), ("index.json", top or index), *sorted(blobs.items())]
        parts = {"layer": [d["digest"][7:] for d in described], "config": [config["digest"][7:]], "manifest": [manifest["digest"][7:]]}
        dropped = [hex for name in drop for hex in parts[name]]
        members = [directory("blobs"), directory("blobs/sha256")]
        members += [Member(name, change(next((k for k, v in parts.items() if name[-64:] in v), name), data)) for name, data in files
                    if name[-64:] not in dropped]
        case(kind, detail, tar(members + [Member(*e) if isinstance(e, tuple) else e for e in extra]), status, text)

    image("as-saved", 0, kind="image-sound")
    image("plain-layer", 0, layers=(tar(good.members(below)),), kind="image-sound")
    full = below + R1

    def layer_with(*members):
        return (gz(tar(list(members))),)

    members = good.members(below)
    region = next(m for m in members if m.name == full)
    def with_region(*new):
        at = members.index(region)
        return layer_with(*members[:at], *new, *members[at + 1:])

    image("symlink", 7, "link", with_region(Member(full, type=b"2", link=victim)))
    image("hardlink", 7, "link", with_region(Member(full, type=b"1", link="etc/passwd")))
    image("setuid", 7, "set-?.?[ug]", with_region(Member(full, region.data, mode=0o4755)))
    image("bomb-claimed", "5|7", layers=with_region(Member(full, region.data, size=10**11)))
    image("absolute", 7, "absolute", layer_with(*[Member("/" + m.name, m.data, **m.fields) for m in members]))
    image("dotdot", 7, "leads upwards", layer_with(*members, Member(below + "../../../../x", b"x")))
    image("whiteout", "5|7", layers=layer_with(*members, Member(below + "D01/.wh.region.mmap", b"")))
    image("opaque", "5|7", layers=layer_with(*members, Member(below + ".wh..wh..opq", b"")))
    image("other-files", "0|7", layers=layer_with(*members, Member("bin/sh", b"x")))
    image("damaged-region", 5, layers=with_region(Member(full, flipped(region.data, -1))))
    image("two-layers", "5|7", layers=(layer, gz(tar(good.dimension_members("D01", below)))))
    image("no-layers", "5|9", layers=())
    image("empty-layer", "5|9", layers=(gz(END),))
    image("layer-is-text", 5, layers=(gz(b"hello" * 1000),))
    image("layer-altered", 5, change=lambda name, data: gz(tar(good.members(below)) + END) if name == "layer" else data)
    image("layer-cut", 5, change=lambda name, data: data[:-20] if name == "layer" else data)
    image("config-altered", "0|5", change=lambda name, data: data + b" " if name == "config" else data)
    image("manifest-altered", 5, change=lambda name, data: data + b" " if name == "manifest" else data)
    for part in ("layer", "manifest"):
        image(f"{part}-missing", 5, drop=(part,))
    image("config-missing", "0|5", drop=("config",))
    image("layer-size-lies", 5, fields={"layer.v1.tar+gzip": {"size": 1}})
    image("layer-digest-lies", 5, fields={"layer.v1.tar+gzip": {"digest": "sha256:" + "0" * 64}})
    image("digest-leads-out", "5|7", fields={"layer.v1.tar+gzip": {"digest": "sha256:../../../../etc/passwd"}})
    image("digest-of-another-kind", "5|6|7", fields={"layer.v1.tar+gzip": {"digest": "md5:" + "0" * 32}})
    image("manifest-digest-lies", 5, fields={"manifest.v1+json": {"digest": "sha256:" + "0" * 64}})
    for detail, text in (("no-json", b"hello"), ("empty", b"{}"), ("deep", b"[" * 100000), ("none", b'{"schemaVersion": 2, "manifests": []}'),
                         ("newer", b'{"schemaVersion": 3, "manifests": []}')):
        image(f"index-{detail}", "5|6|9", top=text)
    # What no blob of the image is, is never written; `docker save` has had links of its own.
    image("symlink-beside", "0|7", "link", extra=[Member("blobs/link", type=b"2", link=victim)])
    image("blob-is-a-link", "5|7", drop=("layer",), extra=[Member("blobs/sha256/" + sha256(layer), type=b"2", link=victim)])
    image("blob-twice", "5|7", extra=[("blobs/sha256/" + sha256(layer), layer)])
    image("index-twice", "5|7", extra=[("index.json", b"{}")])
    image("escaping-member", 7, extra=[("../../x", b"x")])
    image("unknown-member", "0|7", extra=[("evil.sh", b"x")])


if __name__ == "__main__":
    with open(victim, "w", encoding="utf-8") as untouched:
        untouched.write("untouched\n")
    for make in (sound, types, names, sets, claims, images, streams, contents, bombs):
        if make is sound or make.__name__ in sys.argv[3:]:
            make()
    with open(os.path.join(out_dir, "expected.tsv"), "w", encoding="utf-8", errors="surrogateescape") as table_file:
        table_file.writelines(expected)
    with tarfile.open(os.path.join(out_dir, "001-sound-as-bundled.tar.gz")) as check:
        assert len(check.getmembers()) == len(good.members())
