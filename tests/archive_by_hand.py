"""archive_by_hand.py: tar members, gzip members and whole bundles, byte by byte, so that they can be made wrong on purpose.

In: a sound archive of a generation (read by tarfile), then changes. Out: bytes. Nothing of dimc's is used: the formats are those of
POSIX (ustar, pax), GNU tar, RFC 1951 and 1952, and of docs/region-format.md; a bundle's own rules are these:
manifest.json, the directory, SHA256SUMS, then every dimension with its files in order; a partial bundle has them below D01/.
"""
import copy
import functools
import hashlib
import json
import re
import struct
import sys
import tarfile
import zlib

sys.dont_write_bytecode = True
from format_reader import region_digest  # noqa: E402

BLOCK = 512
PREFIX = "data/mmap/consciousness/"
END = bytes(2 * BLOCK)


def as_bytes(text):
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")


def sha256(data):
    return hashlib.sha256(data).hexdigest()


# --- tar ---

def number_field(value, width):
    """Octal where it fits, else GNU's base-256; bytes are taken as they are."""
    if isinstance(value, bytes):
        return value.ljust(width, b"\0")[:width]
    if 0 <= value < 8 ** (width - 1):
        return b"%0*o\0" % (width - 1, value)
    return (value % 2 ** (8 * width) | 1 << (8 * width - 1)).to_bytes(width, "big")


def pad(data):
    return data + bytes(-len(data) % BLOCK)


def header(name, size, type=b"0", mode=0o444, mtime=1729771200, link=b"", uid=0, gid=0, magic=b"ustar\x0000", dev=(0, 0),
           prefix=None, checksum=None, tail=b""):
    """512 bytes. `tail` overwrites what follows the device numbers, `checksum` the right sum."""
    name = as_bytes(name)
    if prefix is None:
        prefix = b""
        if len(name) > 100 and name.rfind(b"/", 0, 156) >= len(name) - 101:
            cut = name.rfind(b"/", 0, 156)
            prefix, name = name[:cut], name[cut + 1:]
    assert len(name) <= 100 and len(as_bytes(link)) <= 100
    block = (name.ljust(100, b"\0") + number_field(mode, 8) + number_field(uid, 8) + number_field(gid, 8) +
             number_field(size, 12) + number_field(mtime, 12) + b" " * 8 + type + as_bytes(link).ljust(100, b"\0") + magic +
             bytes(64) + number_field(dev[0], 8) + number_field(dev[1], 8))
    block = (block + (tail or prefix)).ljust(BLOCK, b"\0")
    total = b"%06o\0 " % sum(block) if checksum is None else checksum
    return block[:148] + total + block[156:]


class Member:
    """A member whose header fields may be anything. `size`: what the header claims; `before`: blocks in front of it."""

    def __init__(self, name, data=b"", before=b"", size=None, **fields):
        self.name, self.data, self.before, self.size, self.fields = name, data, before, size, fields

    def blocks(self):
        size = len(self.data) if self.size is None else self.size
        return self.before + header(self.name, size, **self.fields) + pad(self.data)


def directory(name, **fields):
    return Member(name if name.endswith("/") else name + "/", type=b"5", **{"mode": 0o755, **fields})


def pax(records, type=b"x", name="PaxHeaders/x"):
    """An extended header; records are (key, value), or raw bytes."""
    body = b""
    for record in records:
        if isinstance(record, tuple):
            rest = b" " + as_bytes(record[0]) + b"=" + as_bytes(record[1]) + b"\n"
            size = len(rest) + len(str(len(rest)))
            size += len(str(size)) - len(str(len(rest)))
            record = str(size).encode() + rest
        body += record
    return header(name, len(body), type=type, mode=0o644) + pad(body)


def gnu_long(type, text):
    """GNU tar's long name (L) or long link (K)."""
    text = as_bytes(text) + b"\0"
    return header("././@LongLink", len(text), type=type, mode=0, magic=b"ustar  \0") + pad(text)


def tar(members, end=END):
    return b"".join(m.blocks() if isinstance(m, Member) else m for m in members) + end


# --- gzip ---

def gz(data, level=6):
    """One gzip member without a time or a name."""
    packer = zlib.compressobj(level, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()


def gz_by_hand(data, flags=0, extra=b"", method=8, crc=None, size=None, deflated=None):
    if deflated is None:
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        deflated = packer.compress(data) + packer.flush()
    crc = zlib.crc32(data) if crc is None else crc
    return (struct.pack("<BBBBIBB", 0x1F, 0x8B, method, flags, 0, 0, 255) + extra + deflated +
            struct.pack("<II", crc, (len(data) if size is None else size) % 2**32))


@functools.cache
def bomb(megabytes, byte=b"\0"):
    """So many MiB of one byte, as gzip members of 16 MiB each: readers take them for one stream."""
    return gz(byte * 2**24, 9) * (megabytes // 16)


# --- regions ---

def signed_region(region):
    """The header's checksum made to fit what header and metadata say."""
    return region[:24] + region_digest(region) + region[56:]


def poked(data, offset, new):
    return data[:offset] + new + data[offset + len(new):]


def flipped(data, offset):
    offset %= len(data)
    return poked(data, offset, bytes([data[offset] ^ 1]))


def layer_table(region):
    """Where the layer records are: (offset, number of layers)."""
    directory_at, = struct.unpack_from("<Q", region, 64)
    kind, _, offset, size = struct.unpack_from("<IIQQ", region, directory_at + 24)
    assert kind == 2
    return offset, size // 128


# --- manifests ---

def styled(value, level=0, inline=False):
    """JSON as manifest.json has it: two spaces a level, the files one a line."""
    if not isinstance(value, (dict, list)) or not value:
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        opening, closing = "{}"
        parts = [f"{json.dumps(k)}: {styled(v, level + 1, k == 'files')}" for k, v in value.items()]
    else:
        opening, closing = "[]"
        parts = ["{" + ", ".join(f"{json.dumps(k)}: {json.dumps(x)}" for k, x in v.items()) + "}"
                 if inline and isinstance(v, dict) else styled(v, level + 1) for v in value]
    indent = "\n" + "  " * (level + 1)
    return opening + indent + ("," + indent).join(parts) + "\n" + "  " * level + closing


def manifest_text(facts):
    """Everything up to the checksum, then the checksum of that."""
    text = styled({k: v for k, v in facts.items() if k != "checksum"})
    assert text.endswith("\n}")
    text = text[:-2]
    return as_bytes(f'{text},\n  "checksum": "sha256:{sha256(as_bytes(text))}"\n}}\n')


def generation_of(dimensions):
    lines = (f"D{d['dimension_id']:02d} {d['checksum'][7:]}\n" for d in dimensions)
    return "sha256:" + sha256("".join(lines).encode())


# --- bundles ---

def order(path):
    parts = re.split(r"(\d+)", path)
    return [int(p) if p.isdigit() else p for p in parts]


class Bundle:
    """The files of a generation, by path below consciousness/. `manifest` is what manifest.json says, without its checksum."""

    def __init__(self, path):
        self.files = {}
        manifest = None
        with tarfile.open(path) as archive:
            for member in archive:
                below = member.name.partition("consciousness/")[2]
                if below == "manifest.json":
                    manifest = archive.extractfile(member).read()
                elif member.isfile() and not below.endswith("SHA256SUMS"):
                    self.files[below] = archive.extractfile(member).read()
        self.manifest = json.loads(manifest)
        assert manifest_text(self.manifest) == manifest, "manifest.json is written otherwise than this program thinks"
        assert all(region_digest(d) == d[24:56] for p, d in self.files.items() if p.endswith("region.mmap"))

    def copy(self):
        return copy.deepcopy(self)

    def dimension(self, name):
        return next(d for d in self.manifest["dimensions"] if d["dimension_id"] == int(name[1:]))

    def refit(self):
        """The manifest as the compiler would write it for these files, whatever is in them."""
        for d in self.manifest["dimensions"]:
            name = f"D{d['dimension_id']:02d}"
            region = self.files.get(f"{name}/region.mmap")
            if region is not None and len(region) >= 64:
                d["layer_count"], d["total_size"] = struct.unpack_from("<IQ", region, 12)
                d["checksum"] = "sha256:" + region[24:56].hex()
            d["files"] = [{"path": p, "size": len(self.files[p]), "checksum": "sha256:" + sha256(self.files[p])}
                          for p in sorted(self.files) if p.startswith(name + "/")]
        return self.resign()

    def resign(self):
        self.manifest["generation"] = generation_of(self.manifest["dimensions"])
        return self

    def put(self, path, data):
        self.files[path] = data
        return self

    def part(self, name):
        """What manifest.json of the dimension alone says."""
        only = copy.deepcopy(self.manifest)
        only["dimensions"] = [d for d in only["dimensions"] if d["dimension_id"] == int(name[1:])]
        only["dimension_count"] = len(only["dimensions"])
        only["generation"] = generation_of(only["dimensions"])
        return only

    def names(self):
        return sorted({p.partition("/")[0] for p in self.files}, key=order)

    def dimension_members(self, name, prefix=PREFIX, extra=()):
        paths = sorted([p for p in self.files if p.startswith(name + "/")], key=order)
        out = [directory(f"{prefix}{name}/"), *extra]
        for i, path in enumerate(paths):
            if "/layers/" in path and "/layers/" not in paths[i - 1]:
                out.append(directory(f"{prefix}{name}/layers/"))
            out.append(Member(prefix + path, self.files[path]))
        return out

    def sums(self, manifest=None):
        """SHA256SUMS: the manifest, then all files as they are sorted in it."""
        lines = f"{sha256(manifest or manifest_text(self.manifest))}  manifest.json\n"
        return as_bytes(lines + "".join(f"{sha256(self.files[p])}  {p}\n" for n in self.names() for p in sorted(self.files) if p.startswith(n + "/")))

    def part_sums(self, name, manifest):
        lines = f"{sha256(manifest)}  manifest.json\n"
        return as_bytes(lines + "".join(f"{sha256(self.files[p])}  {p[len(name) + 1:]}\n" for p in sorted(self.files) if p.startswith(name + "/")))

    def members(self, prefix=PREFIX, manifest=None):
        """As `dimc bundle` orders them. `manifest`: other bytes than its own; b"": none."""
        out = [] if manifest == b"" else [Member(prefix + "manifest.json", manifest or manifest_text(self.manifest))]
        out += [directory(prefix), Member(prefix + "SHA256SUMS", self.sums(manifest))]
        for name in self.names():
            out += self.dimension_members(name, prefix)
        return out

    def bare(self, prefix=PREFIX):
        """As plain tar packs a generation that has lost its manifest."""
        return [directory(prefix)] + [m for name in self.names() for m in self.dimension_members(name, prefix)]

    def partial(self, name, manifest=None, sums=None, prefix=PREFIX):
        manifest = manifest_text(self.part(name)) if manifest is None else manifest
        extra = [Member(f"{prefix}{name}/manifest.json", manifest),
                 Member(f"{prefix}{name}/SHA256SUMS", self.part_sums(name, manifest) if sums is None else sums)]
        return [directory(prefix)] + self.dimension_members(name, prefix, extra)
