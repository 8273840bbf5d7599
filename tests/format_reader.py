#!/usr/bin/env python3
"""format_reader.py: reads and writes region.mmap, version 1, as docs/region-format.md tells, and shares no code with dimc.

In: a region file. Out, on stdout:
    format_reader.py FILE             all its facts, as JSON
    format_reader.py --explain FILE   a table of every byte of it: offset, size, value, meaning
    format_reader.py --rebuild FILE   the region, written again from those facts

Status 0; 5 with the reason on stderr where the file is no sound region; 6 for a sound one of a newer version.
"""
import datetime
import hashlib
import json
import struct
import sys

HEADER_SIZE, DIRECTORY_ENTRY, SECTION_ALIGNMENT = 256, 24, 64
DIMENSION, LAYERS, FREQUENCY_ORDER, LAYER_KEYWORDS, KEYWORDS, POSTINGS, KEYWORD_HASH, STRINGS = range(1, 9)
SECTION_NAMES = ("", "dimension", "layers", "frequency order", "layer keywords", "keywords", "postings",
                 "keyword hash", "strings")
RECORD_SIZE = {DIMENSION: 64, LAYERS: 128, FREQUENCY_ORDER: 4, LAYER_KEYWORDS: 4, KEYWORDS: 16, POSTINGS: 4,
               KEYWORD_HASH: 8, STRINGS: 1}
LAYOUTS = ("page", "packed")
HAS_CREATED_AT, HAS_UPDATED_AT, HAS_FREQUENCY_RANGE = 1, 2, 4
FLAGS = ("created_at", "updated_at", "frequency_range")


class Damaged(Exception):
    pass


class Newer(Exception):
    pass


def need(condition, what):
    if not condition:
        raise Damaged(what)


def shown(text):
    quoted = json.dumps(text, ensure_ascii=False)
    return quoted if len(quoted) <= 80 else quoted[:79] + "…"


def signed(value):
    return value - 2**64 if value >= 2**63 else value


def shown_time(value):
    try:
        return f"{signed(value)} ({datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=signed(value)):%FT%TZ})"
    except OverflowError:
        return str(signed(value))


def shown_flags(value):
    return f"{value} ({', '.join(name for bit, name in enumerate(FLAGS) if value >> bit & 1)})"


def align(value, alignment):
    return -(-value // alignment) * alignment


def keyword_hash(text):
    h = 0xCBF29CE484222325
    for byte in text:
        h = ((h ^ byte) * 0x100000001B3) % 2**64
    return (h ^ h >> 32) % 2**32


def hash_slots(keywords):
    slots = 2
    while slots < 2 * keywords:
        slots *= 2
    return slots if keywords else 0


def hash_table(words):
    """The slots that inserting the keywords in their order gives: (hash, position + 1), (0, 0) where empty."""
    slots = [(0, 0)] * hash_slots(len(words))
    for i, word in enumerate(words):
        at = keyword_hash(word) % len(slots)
        while slots[at][1] != 0:
            at = (at + 1) % len(slots)
        slots[at] = (keyword_hash(word), i + 1)
    return slots


def region_digest(data):
    """The checksum's formula, the same in all versions."""
    header_size, = struct.unpack_from("<I", data, 56)
    offset, size = struct.unpack_from("<QQ", data, 64)
    need(56 <= header_size <= len(data) and offset + size <= len(data), "header or metadata lead outside the file")
    return hashlib.sha256(data[:24] + bytes(32) + data[56:header_size] + data[offset:offset + size]).digest()


class Region:
    """Reads everything, and notes what each byte was taken for."""

    def __init__(self, data):
        self.data = data
        self.taken = []
        self.read_header()
        self.read_directory()
        self.read_dimension()
        self.read_layers()
        self.read_frequency_order()
        self.read_keywords()
        self.read_hash()
        self.read_contents()
        self.check_tiling()

    # --- single values ---

    def take(self, offset, size, value, meaning):
        need(offset + size <= len(self.data), f"{meaning} leads outside the file")
        if size > 0:
            self.taken.append((offset, size, value, meaning))

    def number(self, offset, size, meaning, show=str):
        need(offset + size <= len(self.data), f"{meaning} leads outside the file")
        value = int.from_bytes(self.data[offset:offset + size], "little")
        self.take(offset, size, show(value), meaning)
        return value

    def double(self, offset, meaning):
        value, = struct.unpack_from("<d", self.data, offset)
        self.take(offset, 8, repr(value), meaning)
        return value

    def digest(self, offset, meaning):
        value = self.data[offset:offset + 32]
        self.take(offset, 32, value.hex(), meaning)
        return value

    def zero(self, offset, end, meaning):
        need(not any(self.data[offset:end]), f"{meaning} is not zero")
        self.take(offset, end - offset, "zero", meaning)

    # --- header and directory ---

    def read_header(self):
        need(self.data[:4] == b"MMAP", "not a region file")
        need(len(self.data) >= HEADER_SIZE, "cut short")
        self.take(0, 4, '"MMAP"', "magic")
        version = self.number(4, 4, "version")
        if version > 1:
            need(region_digest(self.data) == self.data[24:56], "a newer version with a wrong checksum")
            raise Newer(f"version {version}")
        need(version == 1, "version 0 does not exist")
        self.dimension_id = self.number(8, 4, "dimension_id")
        self.layer_count = self.number(12, 4, "layer_count")
        self.total_size = self.number(16, 8, "total_size")
        self.checksum = self.digest(24, "checksum, the region digest")
        header_size = self.number(56, 4, "header_size")
        self.alignment = self.number(60, 4, "alignment")
        self.metadata_offset = self.number(64, 8, "metadata_offset")
        self.metadata_size = self.number(72, 8, "metadata_size")
        layout = self.number(80, 4, "layout", lambda v: f"{v} ({LAYOUTS[v]})" if v < 2 else str(v))
        self.section_count = self.number(84, 4, "section_count")
        self.zero(88, HEADER_SIZE, "reserved")
        self.metadata_end = self.metadata_offset + self.metadata_size
        need(header_size == HEADER_SIZE, "header_size")
        need(1 <= self.dimension_id <= 65535, "dimension_id")
        need(self.total_size <= len(self.data), "cut short")
        need(4096 <= self.alignment <= 2**30 and self.alignment & (self.alignment - 1) == 0, "alignment")
        need(layout < 2, "layout")
        self.layout = LAYOUTS[layout]
        need(HEADER_SIZE <= self.metadata_offset and self.metadata_end <= self.total_size, "metadata lead outside")
        if self.layout == "page":
            need(self.metadata_offset == HEADER_SIZE, "metadata are out of place")
        else:
            need(self.metadata_end == self.total_size and self.metadata_offset % SECTION_ALIGNMENT == 0,
                 "metadata are out of place")

    def read_directory(self):
        end = self.metadata_offset + self.section_count * DIRECTORY_ENTRY
        need(self.section_count <= 64 and end <= self.metadata_end, "section_count")
        self.section = {}
        self.sections = []
        for i in range(self.section_count):
            at = self.metadata_offset + i * DIRECTORY_ENTRY
            kind, reserved, offset, size = struct.unpack_from("<IIQQ", self.data, at)
            known = 1 <= kind <= STRINGS
            self.take(at, DIRECTORY_ENTRY, f"kind {kind}, reserved {reserved}, offset {offset}, size {size}",
                      f"directory: {SECTION_NAMES[kind] if known else 'an optional section'}")
            need(reserved == 0, "reserved bytes of a section")
            need(offset == align(end, SECTION_ALIGNMENT) and offset + size <= self.metadata_end, "section out of place")
            self.zero(end, offset, "padding")
            end = offset + size
            need(kind > (self.sections[-1]["kind"] if self.sections else 0), "kinds do not ascend")
            self.sections.append({"kind": kind, "offset": offset, "size": size})
            if known:
                self.section[kind] = (offset, size)
            else:
                self.take(offset, size, f"{size} bytes", "an optional section")
        need(end == self.metadata_end, "the sections do not end where the metadata do")
        need(len(self.section) == STRINGS, "a section is missing")
        counts = {kind: size // RECORD_SIZE[kind] for kind, (_, size) in self.section.items()}
        for kind, (_, size) in self.section.items():
            need(size % RECORD_SIZE[kind] == 0 and counts[kind] < 2**32, f"size of section {kind}")
        need(counts[DIMENSION] == 1, "dimension")
        need(counts[LAYERS] == counts[FREQUENCY_ORDER] == self.layer_count, "layer_count")
        need(counts[LAYER_KEYWORDS] == counts[POSTINGS], "as many postings as layer keywords")
        need(counts[KEYWORD_HASH] == hash_slots(counts[KEYWORDS]), "slots of the keyword hash")
        self.count = counts
        self.strings_used = 0

    def record(self, kind, index):
        need(index < self.count[kind], f"{SECTION_NAMES[kind]}: there is no record {index}")
        return self.section[kind][0] + index * RECORD_SIZE[kind]

    def string(self, offset, size, meaning):
        """Strings tile their section, in the order in which records refer to them."""
        need(offset == self.strings_used and offset + size <= self.count[STRINGS], f"{meaning} is out of place")
        self.strings_used += size
        at = self.section[STRINGS][0] + offset
        try:
            text = self.data[at:at + size].decode("utf-8")
        except UnicodeDecodeError as error:
            raise Damaged(f"{meaning} is not UTF-8") from error
        need("\0" not in text, f"{meaning} holds a NUL")
        self.take(at, size, shown(text), meaning)
        return text

    def string_ref(self, at, meaning):
        offset, size = struct.unpack_from("<II", self.data, at)
        self.take(at, 8, f"offset {offset}, size {size}", f"{meaning}, reference into the strings")
        return self.string(offset, size, meaning)

    # --- the sections ---

    def read_dimension(self):
        at = self.record(DIMENSION, 0)
        self.name = self.string_ref(at, "name")
        need(self.name != "", "name")
        self.description = self.string_ref(at + 8, "description") or None
        flags = self.number(at + 16, 4, "flags", shown_flags)
        need(flags < 1 << len(FLAGS), "flags")
        self.zero(at + 20, at + 24, "reserved")
        created = self.number(at + 24, 8, "created_at", shown_time)
        updated = self.number(at + 32, 8, "updated_at", shown_time)
        low, high = self.double(at + 40, "frequency_range, low"), self.double(at + 48, "frequency_range, high")
        self.zero(at + 56, at + 64, "reserved")
        for flag, size, where in ((HAS_CREATED_AT, 8, 24), (HAS_UPDATED_AT, 8, 32), (HAS_FREQUENCY_RANGE, 16, 40)):
            if not flags & flag:
                need(not any(self.data[at + where:at + where + size]), "a field that is not set is not zero")
        need(all(-62167219200 <= signed(t) <= 253402300799 for t in (created, updated)), "a time outside of the years")
        self.created_at = signed(created) if flags & HAS_CREATED_AT else None
        self.updated_at = signed(updated) if flags & HAS_UPDATED_AT else None
        self.frequency_range = None
        if flags & HAS_FREQUENCY_RANGE:
            need(0 < low <= high < float("inf"), "frequency_range")
            self.frequency_range = [low, high]

    def read_layers(self):
        self.layers = []
        slot = align(self.metadata_end, self.alignment) if self.layout == "page" else HEADER_SIZE
        last_id = keyword_first = 0
        for i in range(self.layer_count):
            at = self.record(LAYERS, i)
            layer_id = int.from_bytes(self.data[at:at + 4], "little")
            what = f"layer {layer_id}"
            self.number(at, 4, f"{what}: layer_id")
            need(layer_id > last_id, "layer ids do not ascend")
            last_id = layer_id
            keywords = self.number(at + 4, 4, f"{what}: keyword_count")
            offset, size = self.number(at + 8, 8, f"{what}: offset"), self.number(at + 16, 8, f"{what}: size")
            content_size = self.number(at + 24, 8, f"{what}: content_size")
            frequency = self.double(at + 32, f"{what}: frequency")
            first = self.number(at + 40, 4, f"{what}: keyword_first")
            title = self.string_ref(at + 44, f"{what}: title")
            self.zero(at + 52, at + 64, f"{what}: reserved")
            digest = self.digest(at + 64, f"{what}: digest")
            self.zero(at + 96, at + 128, f"{what}: reserved")
            need(offset == slot, f"{what}: its slot is out of place")
            need(0 < content_size and size == align(content_size, self.alignment), f"{what}: size")
            low, high = self.frequency_range or (0, float("inf"))
            need(0 < frequency < float("inf") and low <= frequency <= high, f"{what}: frequency")
            need(first == keyword_first and 1 <= keywords <= 64, f"{what}: keywords")
            slot += size
            keyword_first += keywords
            numbers = [int.from_bytes(self.data[a:a + 4], "little")
                       for a in (self.record(LAYER_KEYWORDS, k) for k in range(first, first + keywords))]
            self.take(self.record(LAYER_KEYWORDS, first), 4 * keywords, " ".join(map(str, numbers)),
                      f"{what}: positions of its keywords")
            self.layers.append({"layer_id": layer_id, "title": title or None, "frequency": frequency,
                                "offset": offset, "size": size, "content_size": content_size, "digest": digest,
                                "keyword_positions": numbers})
        need(slot == (self.total_size if self.layout == "page" else self.metadata_offset),
             "the slots do not end where the contents do")
        need(keyword_first == self.count[LAYER_KEYWORDS], "keywords that belong to no layer")

    def read_frequency_order(self):
        self.frequency_order = [self.number(self.record(FREQUENCY_ORDER, i), 4, f"rank {i}: position of the layer")
                                for i in range(self.layer_count)]
        need(all(p < self.layer_count for p in self.frequency_order), "frequency order")
        ranks = [(self.layers[p]["frequency"], p) for p in self.frequency_order]
        need(all(a < b for a, b in zip(ranks, ranks[1:])), "frequency order")

    def read_keywords(self):
        self.keywords = []
        first = 0
        for i in range(self.count[KEYWORDS]):
            at = self.record(KEYWORDS, i)
            offset, size, posting_first, postings = struct.unpack_from("<IIII", self.data, at)
            self.take(at, 16, f"offset {offset}, size {size}, posting_first {posting_first}, posting_count {postings}",
                      f"keyword {i}")
            text = self.string(offset, size, f"keyword {i}")
            need(text != "", f"keyword {i} is empty")
            need(posting_first == first and postings > 0, f"keyword {i}: postings")
            need(first + postings <= self.count[POSTINGS], f"keyword {i}: postings")
            layers = [int.from_bytes(self.data[a:a + 4], "little")
                      for a in (self.record(POSTINGS, first + k) for k in range(postings))]
            self.take(self.record(POSTINGS, first), 4 * postings, " ".join(map(str, layers)),
                      f"keyword {i}: positions of its layers")
            need(all(a < b for a, b in zip(layers, layers[1:])), f"keyword {i}: postings")
            first += postings
            self.keywords.append((text.encode(), layers))
        need(first == self.count[POSTINGS], "postings that belong to no keyword")
        need(self.strings_used == self.count[STRINGS], "strings that belong to nothing")
        texts = [text for text, _ in self.keywords]
        need(all(a < b for a, b in zip(texts, texts[1:])), "the keywords do not ascend")
        of_layers = {(k, p) for p, layer in enumerate(self.layers) for k in layer["keyword_positions"]}
        need(of_layers == {(k, p) for k, (_, layers) in enumerate(self.keywords) for p in layers} and
             len(of_layers) == self.count[POSTINGS], "postings are not the layers' keywords")
        for layer in self.layers:
            layer["keywords"] = [texts[k].decode() for k in layer["keyword_positions"]]

    def read_hash(self):
        self.slots = []
        for i in range(self.count[KEYWORD_HASH]):
            at = self.record(KEYWORD_HASH, i)
            hashed, keyword = struct.unpack_from("<II", self.data, at)
            self.take(at, 8, f"hash {hashed:#010x}, keyword {keyword}" if keyword else "zero",
                      f"slot {i}" if keyword else f"slot {i}, empty")
            need(keyword <= len(self.keywords) and (keyword != 0 or hashed == 0), f"slot {i}")
            self.slots.append((hashed, keyword))
        need(self.slots == hash_table([text for text, _ in self.keywords]), "keyword hash")

    def find(self, text):
        """The position of a keyword, by the hash table, or None."""
        hashed = keyword_hash(text)
        for probe in range(len(self.slots)):
            found, keyword = self.slots[(hashed + probe) % len(self.slots)]
            if keyword == 0:
                return None
            if found == hashed and self.keywords[keyword - 1][0] == text:
                return keyword - 1
        return None

    def read_contents(self):
        need(region_digest(self.data) == self.checksum, "the checksum is wrong")
        if self.layout == "page":
            self.zero(self.metadata_end, align(self.metadata_end, self.alignment), "padding")
        for layer in self.layers:
            what, at, end = f"layer {layer['layer_id']}", layer["offset"], layer["offset"] + layer["content_size"]
            layer["content"] = self.data[at:end]
            need(hashlib.sha256(layer["content"]).digest() == layer["digest"], f"{what}: digest")
            self.take(at, layer["content_size"], shown(layer["content"].decode("utf-8", "replace")),
                      f"{what}: content")
            self.zero(end, at + layer["size"], f"{what}: padding")
        self.zero(self.total_size, len(self.data), "tail")

    def check_tiling(self):
        """Every byte was taken for something, none for two things."""
        self.taken.sort()
        end = 0
        for offset, size, _, meaning in self.taken:
            need(offset == end, f"{meaning}: a gap or an overlap at {end}")
            end = offset + size
        need(end == len(self.data), "a rest of the file is nothing")

    # --- what comes out ---

    def facts(self):
        ids = [layer["layer_id"] for layer in self.layers]
        words = sorted({word for layer in self.layers for word in layer["keywords"]}, key=str.encode)
        return {
            "dimension_id": self.dimension_id, "name": self.name, "description": self.description,
            "created_at": self.created_at, "updated_at": self.updated_at, "frequency_range": self.frequency_range,
            "layout": self.layout, "alignment": self.alignment, "layer_count": self.layer_count,
            "total_size": self.total_size, "file_size": len(self.data), "metadata_offset": self.metadata_offset,
            "metadata_size": self.metadata_size, "checksum": "sha256:" + self.checksum.hex(),
            "sections": self.sections,
            "layers": [{"layer_id": layer["layer_id"], "title": layer["title"], "offset": layer["offset"],
                        "size": layer["size"], "content_size": layer["content_size"],
                        "frequency": layer["frequency"], "keywords": layer["keywords"],
                        "checksum": "sha256:" + layer["digest"].hex()} for layer in self.layers],
            "by_frequency": [ids[p] for p in self.frequency_order],
            "by_keyword": {word: [ids[p] for p in self.keywords[self.find(word.encode())][1]] for word in words},
        }


def rebuild(region, optional=None):
    """Writes a region in the canonical form from authored facts alone: no offset, order or digest is taken over.

    `optional`: bytes of sections that version 1 does not know, by kind.
    """
    layers = region.layers
    mentions = sorted((word.encode(), i) for i, layer in enumerate(layers) for word in layer["keywords"])
    words = sorted({word for word, _ in mentions})
    position = {word: i for i, word in enumerate(words)}
    strings = bytearray()

    def add(text):
        ref = struct.pack("<II", len(strings), len(text))
        strings.extend(text)
        return ref

    body = {}
    flags = ((region.created_at is not None) * HAS_CREATED_AT | (region.updated_at is not None) * HAS_UPDATED_AT |
             (region.frequency_range is not None) * HAS_FREQUENCY_RANGE)
    body[DIMENSION] = add(region.name.encode()) + add((region.description or "").encode()) + struct.pack(
        "<IIqqdd8x", flags, 0, region.created_at or 0, region.updated_at or 0, *(region.frequency_range or (0, 0)))
    titles = [add((layer["title"] or "").encode()) for layer in layers]
    body[FREQUENCY_ORDER] = b"".join(
        struct.pack("<I", i) for i in sorted(range(len(layers)), key=lambda i: (layers[i]["frequency"], i)))
    body[LAYER_KEYWORDS] = b"".join(
        struct.pack("<I", position[word.encode()]) for layer in layers for word in layer["keywords"])
    body[POSTINGS] = b"".join(struct.pack("<I", i) for _, i in mentions)
    body[KEYWORDS] = b""
    first = 0
    for word in words:
        count = sum(1 for mention, _ in mentions if mention == word)
        body[KEYWORDS] += add(word) + struct.pack("<II", first, count)
        first += count
    body[KEYWORD_HASH] = b"".join(struct.pack("<II", *slot) for slot in hash_table(words))
    body[STRINGS] = bytes(strings)
    body[LAYERS] = bytes(128 * len(layers))
    body.update(optional or {})

    sizes = [align(len(layer["content"]), region.alignment) for layer in layers]
    offsets = {}
    end = len(body) * DIRECTORY_ENTRY
    for kind in sorted(body):
        offsets[kind] = align(end, SECTION_ALIGNMENT)
        end = offsets[kind] + len(body[kind])
    metadata_size = end
    if region.layout == "page":
        metadata_offset, slot = HEADER_SIZE, align(HEADER_SIZE + metadata_size, region.alignment)
        total_size = slot + sum(sizes)
    else:
        metadata_offset, slot = HEADER_SIZE + sum(sizes), HEADER_SIZE
        total_size = metadata_offset + metadata_size
    out = bytearray(total_size)
    records = []
    first = 0
    for layer, size, title in zip(layers, sizes, titles):
        content = layer["content"]
        out[slot:slot + len(content)] = content
        records.append(struct.pack("<IIQQQdI8s12x32s32x", layer["layer_id"], len(layer["keywords"]), slot, size,
                                   len(content), layer["frequency"], first, title, hashlib.sha256(content).digest()))
        first += len(layer["keywords"])
        slot += size
    body[LAYERS] = b"".join(records)
    for i, (kind, at) in enumerate(offsets.items()):
        entry = metadata_offset + i * DIRECTORY_ENTRY
        out[entry:entry + 24] = struct.pack("<IIQQ", kind, 0, metadata_offset + at, len(body[kind]))
        out[metadata_offset + at:metadata_offset + at + len(body[kind])] = body[kind]
    out[:88] = struct.pack("<4sIIIQ32xIIQQII", b"MMAP", 1, region.dimension_id, len(layers), total_size, HEADER_SIZE,
                           region.alignment, metadata_offset, metadata_size, LAYOUTS.index(region.layout), len(body))
    out[24:56] = region_digest(bytes(out))
    return bytes(out)


def main(arguments):
    mode = arguments.pop(0) if len(arguments) == 2 else ""
    if len(arguments) != 1 or mode not in ("", "--explain", "--rebuild"):
        print("usage: format_reader.py [--explain | --rebuild] FILE", file=sys.stderr)
        return 2
    try:
        with open(arguments[0], "rb") as file:
            region = Region(file.read())
    except Damaged as error:
        print(f"{arguments[0]}: {error}", file=sys.stderr)
        return 5
    except Newer as error:
        print(f"{arguments[0]}: {error}", file=sys.stderr)
        return 6
    if mode == "--explain":
        for offset, size, value, meaning in region.taken:
            print(f"| {offset:#06x} | {size} | `{value}` | {meaning} |")
    elif mode == "--rebuild":
        sys.stdout.buffer.write(rebuild(region))
    else:
        print(json.dumps(region.facts(), ensure_ascii=False, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
