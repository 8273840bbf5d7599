"""mutilate.py: random damage to archives, as bits, as bytes and as fields of their headers.

In: random numbers; sound archives by name, their tar among them; a file outside that names may lead to. Out: the bytes of an archive.
"""
import zlib

BLOCK = 512
# name: offset, width (POSIX ustar)
FIELDS = {"name": (0, 100), "mode": (100, 8), "uid": (108, 8), "gid": (116, 8), "size": (124, 12), "mtime": (136, 12), "type": (156, 1),
          "link": (157, 100), "magic": (257, 6), "version": (263, 2), "uname": (265, 32), "gname": (297, 32), "major": (329, 8),
          "minor": (337, 8), "prefix": (345, 155)}
NUMBERS = [0, 1, 511, 512, 513, 4095, 4096, 2**20, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**33 - 1, 2**62, 2**63 - 1]


def headers(tar):
    """Where the headers of a tar are."""
    at = 0
    while at + BLOCK <= len(tar) and tar[at] != 0:
        yield at
        at += BLOCK + (int(tar[at + 124:at + 135] or b"0", 8) + BLOCK - 1) // BLOCK * BLOCK


def names(victim):
    below = b"data/mmap/consciousness/"
    return [b"../x", b"/etc/passwd", victim.encode(), below + b"../../../../x", below + b"D01/../D02/region.mmap", below + b"D02/region.mmap",
            below, b"", b".", b"..", b"/", below + b"D01", below + b"D01/region.mmap/x",
            below + b"manifest.json", b"\xff\xfe", b"a\nb", b"\x1b[2J", b"x" * 100]


def value(r, field, victim):
    """What may stand in a field: numbers in octal and in base 256, names that lead out, noise."""
    width = FIELDS[field][1]
    way = r.randrange(4)
    if field == "type":
        return r.choice([bytes([b]) for b in b"\0" + b"01234567LKxgSDVMNAXz"])
    if field in ("name", "link", "prefix") and way < 3:
        return r.choice(names(victim))[:width]
    if way == 0:
        return r.randbytes(width)
    if way == 1:
        return (r.choice(NUMBERS) | 1 << (8 * width - 1)).to_bytes(max(width, 8), "big")[-width:]
    return b"%0*o\0" % (width - 1, r.choice(NUMBERS) % 8 ** (width - 1))


def with_fields(r, tar, victim):
    """A header, or a few, with other fields; the sum over it is right, mostly."""
    tar = bytearray(tar)
    for at in r.sample(list(headers(tar)), r.choice([1, 1, 2, 4])):
        for field in r.sample(list(FIELDS), r.choice([1, 1, 2, 5])):
            offset, width = FIELDS[field]
            tar[at + offset:at + offset + width] = value(r, field, victim).ljust(width, b"\0")[:width]
        if r.random() < 0.9:
            tar[at + 148:at + 156] = b" " * 8
            tar[at + 148:at + 156] = b"%06o\0 " % sum(tar[at:at + BLOCK])
    return bytes(tar)


def flipped(r, data):
    data = bytearray(data)
    for _ in range(r.choice([1, 1, 1, 2, 8])):
        data[r.randrange(len(data))] ^= 1 << r.randrange(8)
    return bytes(data)


def moved(r, data, unit):
    """A piece lost, doubled, put elsewhere, or the end cut off; or noise for a piece."""
    count = max(2, len(data) // unit)
    a, b = sorted(r.sample(range(count), 2))
    size = unit * r.choice([1, 1, 2, 16])
    a, b = a * unit, b * unit
    return r.choice([data[:a] + data[a + size:], data[:b] + data[a:a + size] + data[b:], data[:a], data[:b] + data[a:],
                     data[:a] + r.randbytes(size) + data[a + size:],
                     data[:a] + data[b:b + unit] + data[a + unit:b] + data[a:a + unit] + data[b + unit:]])


def packed(data):
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()


def mutilated(r, bases, victim):
    """The bytes, and which of the archives they were."""
    way = r.randrange(8)
    if way == 0:
        base = r.choice(["sound.tar.gz", "part.tar.gz"])
        return flipped(r, bases[base]), base
    if way == 1:
        return packed(flipped(r, bases["tar"])), "tar"
    if way == 2:
        return flipped(r, bases["sound.oci"]), "sound.oci"
    if way == 3:
        return packed(moved(r, bases["tar"], BLOCK)), "tar"
    if way == 4:
        base = r.choice(["sound.tar.gz", "part.tar.gz", "sound.oci"])
        return moved(r, bases[base], r.choice([1, 7, BLOCK])), base
    if way == 5:
        return with_fields(r, bases["sound.oci"], victim), "sound.oci"
    return packed(with_fields(r, bases["tar"], victim)), "tar"
