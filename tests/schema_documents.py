"""schema_documents.py: YAML as JSON Schema sees it, and the documents that schema_check.py tries.

In: the bytes of a file. Out: its documents as YAML 1.2's core schema reads them, with every node's place and how it was typed.
And texts of layer files and dimension.yaml, right and wrong in every way that a limit, a type or a form can be wrong.
"""

import random
import re
import sys

import yaml

if hasattr(sys, "set_int_max_str_digits"):
    sys.set_int_max_str_digits(0)

CORE = "tag:yaml.org,2002:"
INT = re.compile(r"[-+]?[0-9]+\Z")
BASED = re.compile(r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
INFINITE = re.compile(r"([-+]?)\.(inf|Inf|INF)\Z")
CONSTANTS = {"": None, "~": None, "null": None, "Null": None, "NULL": None, "true": True, "True": True, "TRUE": True,
             "false": False, "False": False, "FALSE": False, ".nan": float("nan"), ".NaN": float("nan"),
             ".NAN": float("nan")}


class Unreadable(Exception):
    """The file is no YAML, or a tag does not fit its value."""


class Node:
    """A value with its place (line and column from 1), the text that was typed, and what the author did to it."""

    def __init__(self, value, mark, text=None, tag=None):
        self.value, self.text, self.tag = value, text, tag
        self.at = (mark.line + 1, mark.column + 1)
        self.is_repeated_key = False


def core_value(text):
    """A plain scalar, by YAML 1.2's core schema."""
    if text in CONSTANTS:
        return CONSTANTS[text]
    if INT.match(text):
        return int(text)
    if BASED.match(text):
        return int(text[2:], 8 if text[1] == "o" else 16)
    if FLOAT.match(text):
        return float(text)
    if INFINITE.match(text):
        return float(INFINITE.match(text).group(1) + "inf")
    return text


def scalar_value(event):
    if event.tag in (None, ""):
        return event.value if event.style else core_value(event.value)
    value = core_value(event.value)
    if event.tag == CORE + "int" and (isinstance(value, bool) or not isinstance(value, int)):
        raise Unreadable("!!int")
    if event.tag == CORE + "float" and (isinstance(value, bool) or not isinstance(value, (int, float))):
        raise Unreadable("!!float")
    return value if event.tag in (CORE + "int", CORE + "float", CORE + "null", CORE + "bool") else event.value


class Documents:
    """All documents of a file, and the nodes that begin at each place."""

    def __init__(self, data):
        self.values, self.places, self.anchors = [], {}, {}
        try:
            loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
            self.events = iter(list(yaml.parse(data, Loader=loader)))
        except (yaml.YAMLError, UnicodeError, ValueError) as error:
            raise Unreadable(str(error)) from error
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                self.anchors = {}
                self.values.append(self.node(next(self.events)).value)

    def node(self, event):
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchors:
                raise Unreadable("no such anchor")
            node = self.anchors[event.anchor]
            self.places.setdefault((event.start_mark.line + 1, event.start_mark.column + 1), []).append(node)
            return node
        if isinstance(event, yaml.ScalarEvent):
            node = Node(scalar_value(event), event.start_mark, event.value, event.tag)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = Node([], event.start_mark, tag=event.tag)
            for item in iter(lambda: next(self.events), None):
                if isinstance(item, yaml.SequenceEndEvent):
                    break
                node.value.append(self.node(item).value)
        else:
            node = Node({}, event.start_mark, tag=event.tag)
            for item in iter(lambda: next(self.events), None):
                if isinstance(item, yaml.MappingEndEvent):
                    break
                key = self.node(item)
                if key.text is None:
                    raise Unreadable("a key that is no scalar")
                key.is_repeated_key = key.text in node.value
                value = self.node(next(self.events))
                if not key.is_repeated_key:
                    node.value[key.text] = value.value
        if event.anchor:
            self.anchors[event.anchor] = node
        self.places.setdefault(node.at, []).append(node)
        return node


# --- values: every one is tried for every field -----------------------------------------------------------------------

NUMBERS = """0 1 -1 +1 01 00 007 -0 1.0 1.5 -1.5 +.5 .5 5. 1e3 1E3 1e+3 1e-3 1e400 -1e400 1e-400 5e-324 2e-324 1.5e0 1.2.3 1..2
    1.7976931348623157e308 1.7976931348623159e308 .inf -.inf +.inf .Inf .INF .nan .NaN 0x10 0o17 0b11 017 1_000 1,5 1e 1e+ . + - e5
    64 65 4294967295 4294967296 65535 65536 18446744073709551616 99999999999999999999999 2147483648 0.0 0e0 -0.0 +0 1:30
    4095 4096 4097 6144 8192 2097152 536870912 1073741824 1073741825 2147483648 4096.0 0x1000 +4096 -4096""".split()
WORDS = """~ null Null NULL true True TRUE false no yes on off y n page packed Page squeezed a ä é 日本 😀 word 1.5Hz .. . ... / a/b ../a
    /a a/ a//b ./a a/./b a/../b a/.. ..a a.. .a files/table.txt files files/other.txt <<""".split()
QUOTED = ['""', "''", '" "', '"  "', '" a"', '"a "', '"\\ta"', '"a\\tb"', '"a\\nb"', '"a\\n"', '"\\n"', '"\\r"', '"\\0"', '"a\\0b"',
          '"\\a"', '"\\e"', '"\\x1f"', '"\\x7f"', '"\\N"', '"\\x9f"', '"\\_"', '"\\_a"', '"\\L"', '"\\P"', '"\\u200b"', '"\\ufeff"',
          '"\\U0010ffff"', '"1"', "'1'", '"1.5"', "'1.5'", '"page"', "'packed'", '"page "', '"4096"', '"~"', '"true"', '"a b"']
BLOCKS = ["|\n  a", "|-\n  a", "|+\n  a\n", ">\n  a\n  b", ">-\n  a\n  b", "|\n  a\n  b", "|-\n  a\n\n  b", "|", "|-", ">+", "|2-\n    a",
          "a\n  b", '"a\n  b"', "|-\n  page", "|\n  page", "|-\n  2024-10-24", "|\n  2024-10-24", "|\n  1", "|-\n  1"]
COLLECTIONS = ["", "[]", "{}", "[a]", "[a, b]", "[1, 2]", "[0.5, 4.5]", "[1, 1]", "[4.5, 0.5]", "[1, 2, 3]", "[1, a]", "[[a]]", "[[]]",
               "[{}]", "[{a: b}]", "{a: b}", "{1: 2}", "{? [a] : b}", "[1, -1]", "[0, 1]", "[1, .inf]", '["1", 2]', "[~, 1]", "[,]",
               "\n  - a\n  - b", "\n  - 1\n  - 2", "\n  a: b", "\n  -", "- a", "[a", "{a", "]", "[a,]", "[a: b]", "[null]", "['']"]
TAGGED = ["!!str 1", "!!str a", "!!str", "!!str ~", "!!int 1", "!!int a", '!!int "1"', "!!int 1.0", "!!int 1.5", "!!float 1", "!!float 1.5",
          '!!float "1.5"', "!!float .inf", "!!float a", "!!null ~", "!!bool true", "!!seq [a]", "!!seq [1, 2]", "!!map {a: b}",
          "!!set {a}", "!!str [a]", "!!seq a", "!x a", "!x 1", "! a", "! 1", "!<tag:yaml.org,2002:str> a", "&a 1", "&a a", "*a", "&a"]
TIMES = ["%s-%s" % (year, day) for year in ("0000", "1900", "2000", "2023", "2024", "2100", "9999", "123", "12345")
         for day in ("02-28", "02-29", "02-30")]
TIMES += ["2024-%s" % day for day in ("00-01 01-00 01-31 01-32 03-31 03-32 04-30 04-31 05-31 05-32 06-30 06-31 07-31 07-32 08-31 08-32 "
          "09-30 09-31 10-31 10-32 11-30 11-31 12-31 12-32 13-01 1-01 01-1 10-24T").split()]
TIMES += ["2024-10-24T%s" % time for time in ("00:00:00Z 23:59:59Z 24:00:00Z 10:60:00Z 10:59:60Z 10:00:00 10:00Z 10:00:00z "
          "10:00:00.0Z 10:00:00+00:00 1:00:00Z 10:00:00ZZ 19:00:00Z 20:00:00Z 29:00:00Z").split()]
TIMES += ["2024-10-24 10:00:00Z", "2024-10-24t10:00:00Z", "2024/10/24", "20241024", "\"2024-10-24\"", "\"2024-10-24\\n\"", "+2024-10-24"]


def long_texts():
    """Texts of exactly so many characters, plain, wide and as digits."""
    for limit in (100, 128, 200, 4000, 4096):
        for length in (limit - 1, limit, limit + 1):
            yield "a" * length
            yield "é" * length
            yield "😀" * length
            yield '"' + "\\u00e9" * length + '"'
            yield "1" * length
            yield "a " * (length // 2) + "a" * (length % 2)


def keyword_lists():
    for count in (1, 63, 64, 65):
        yield "[%s]" % ", ".join("w%d" % i for i in range(count))
        yield "\n" + "\n".join("  - w%d" % i for i in range(count))
    for pair in ("a, a", "a, A", "1, 1", "1, 1.0", "1, '1'", "true, True", "true, 1", "true, 'true'", "0, false", "~, null", "~, '~'",
                 "1, 0x1", "a, 'a'", "a, b, a", "é, e\u0301", ".nan, .nan", ".inf, .Inf", "1e400, .inf", "null, ''", "no, 1.0, 2024-10-24"):
        yield "[%s]" % pair


GENERIC = NUMBERS + WORDS + QUOTED + BLOCKS + COLLECTIONS + TAGGED + TIMES + list(long_texts()) + list(keyword_lists())

# --- documents --------------------------------------------------------------------------------------------------------

LAYER = [("layer_id", "7"), ("title", "Joy"), ("frequency", "1.5"), ("keywords", "[joy, delight]"), ("content", "|\n  Joy is bright.")]
DIMENSION = [("dimension_id", "{id}"), ("name", "Emotion"), ("description", "What is felt."), ("created_at", "2024-10-24T10:00:00Z"),
             ("updated_at", "2024-10-24"), ("frequency_range", "[0.5, 4.5]"), ("layout", "page"), ("alignment", "4096")]
FIELDS = ["layer_id", "title", "frequency", "keywords", "content", "content_file", "layers"]
NAMES = FIELDS + [key for key, _ in DIMENSION]
ODD_KEYS = ["", "x", "Title", "TITLE", "title ", '"title"', "'title'", "? title", "!!str title", "!!int 1", "<<", "1", "~", "[a]", "{a: b}",
            "*a", "&a title", "titel", "$schema", "layer_ids", '"ti\\x74le"', '"title\\0"', "!x title"]


def render(pairs, indent=""):
    """Lines of a mapping; the continuation lines of a value are indented with it."""
    return "".join("%s%s:%s\n" % (indent, key, (" " + value if value and value[0] != "\n" else value).replace("\n", "\n" + indent))
                   for key, value in pairs)


def put(pairs, field, value):
    changed = [(key, value if key == field else old) for key, old in pairs]
    return changed if field in dict(pairs) else changed + [(field, value)]


def variants(pairs, fields):
    """(field, pairs) for each single change: other values, keys dropped, given twice and renamed."""
    for field in fields:
        base = [pair for pair in pairs if not (field == "content_file" and pair[0] == "content")]
        for value in GENERIC:
            yield field, put(base, field, value)
        yield field, [pair for pair in pairs if pair[0] != field]
        yield field, put(pairs, field, "1") + [(field, "2")]
        yield field, pairs + [(field, "1")]
        for name in NAMES + ODD_KEYS:
            yield field, [(name if key == field else key, value) for key, value in pairs]
    for name in NAMES + ODD_KEYS:
        yield "", pairs + [(name, "[a]")]
    yield "", []


def items(pairs, field, pattern):
    for value in GENERIC:
        if "\n" not in value:
            yield field, put(pairs, field, pattern % value)


def as_list(pairs, *more):
    text = ""
    for each in (pairs,) + more:
        text += "  - " + render(each, "    ")[4:] if each else "  - {}\n"
    return "layers:\n" + text


def layer_texts(chance):
    for field, pairs in variants(LAYER, FIELDS):
        yield field, render(pairs)
    for pattern in ("[%s]", "[joy, %s]"):
        for field, pairs in items(LAYER, "keywords", pattern):
            yield field, render(pairs)
    everything = list(variants(LAYER, FIELDS[:6]))
    for field, pairs in chance.sample(everything, 500):
        yield field, as_list(pairs)
    for field, pairs in chance.sample(everything, 200):
        yield field, render(LAYER) + "---\n" + render(put(pairs, "layer_id", "8") if field != "layer_id" else pairs)
    for _ in range(700):  # two changes at once
        field, pairs = chance.choice(everything)
        other = chance.choice(FIELDS[:6])
        yield field, render(put(pairs, other, chance.choice(GENERIC)))
    for text in ("", "\n", "# nothing\n", "---\n", "--- \n...\n", "~\n", "a\n", "1\n", "[]\n", "{}\n", "- a\n", "layers:\n", "layers: []\n",
                 "layers: {}\n", "layers: [a]\n", "layers: [~]\n", "layers: [[]]\n", "layers: [{}]\n", "layers: ~\n", "layers: ''\n",
                 "layers: []\ntitle: a\n", "!!map {layers: []}\n", "a: [\n", "\t\n", "%YAML 1.2\n---\n" + render(LAYER),
                 "--- !x\n" + render(LAYER), "--- !!map\n" + render(LAYER), "--- &a\n" + render(LAYER), "--- !!seq\n" + render(LAYER),
                 as_list(LAYER, put(LAYER, "layer_id", "8")), as_list(LAYER, LAYER), as_list(LAYER, []), as_list([]),
                 "layers: &a\n  - " + render(LAYER, "    ")[4:] + "  - *a\n", as_list(LAYER) + "title: a\n",
                 "- " + render(LAYER, "  ")[2:], render(LAYER) + "---\n", render(LAYER) + "---\n~\n", render(LAYER) + "...\n",
                 render(LAYER) + "--- a\n", "layers: !!seq\n  - " + render(LAYER, "    ")[4:],
                 "layers:\n  - !!map\n    " + render(LAYER, "    ")[4:], "layers:\n  - !x\n    " + render(LAYER, "    ")[4:]):
        yield "layers", text


def dimension_texts(chance):
    fields = [key for key, _ in DIMENSION]
    everything = list(variants(DIMENSION, fields + ["layers"]))
    for field, pairs in everything:
        yield field, render(pairs)
    for pattern in ("[%s, 9]", "[0.1, %s]"):
        for field, pairs in items(DIMENSION, "frequency_range", pattern):
            yield field, render(pairs)
    layers = list(variants(LAYER, FIELDS[:6]))
    for field, pairs in chance.sample(layers, 400):
        yield field, render(DIMENSION) + as_list(put(pairs, "layer_id", "70") if field != "layer_id" else pairs)
    for _ in range(500):
        field, pairs = chance.choice(everything)
        yield field, render(put(pairs, chance.choice(fields), chance.choice(GENERIC)))
    for text in ("", "---\n", "a\n", "[]\n", "{}\n", render(DIMENSION) + "---\n", render(DIMENSION) + "layers: []\n",
                 render(DIMENSION) + as_list(LAYER, LAYER), "!x\n" + render(DIMENSION), "--- !!map\n" + render(DIMENSION)):
        yield "layers", text


def mutations():
    """(kind, field that was changed, text): always the same ones, in the same order, none twice."""
    chance, seen = random.Random(5), set()
    for kind, texts in (("layer", layer_texts), ("dimension", dimension_texts)):
        for field, text in texts(chance):
            if (kind, text) not in seen:
                seen.add((kind, text))
                yield kind, field, text
