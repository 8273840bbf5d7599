"""schema_check.py: whether the compiler and the JSON Schemas accept the same documents.

    schema_check.py mutations DIMC SCHEMAS        thousands of documents, in the working directory; then schemas that were changed
    schema_check.py fixtures CHECKED SCHEMAS      what tests/fixtures/run.sh made of cases
    schema_check.py outputs SCHEMAS FILE...       index.json and manifest.json as they were written, and damaged

In: the program, schemas/. Out: every disagreement that EXCUSED does not name; status 1 where there is one.
"""

import copy
import glob
import json
import os
import re
import subprocess
import sys

from jsonschema import Draft7Validator

from schema_documents import LAYER, Documents, Unreadable, mutations, render

# --- what JSON Schema cannot say --------------------------------------------------------------------------------------


def is_typed(node):
    """A word without quotes that JSON takes for a number, a truth value or nothing."""
    return node.text is not None and not isinstance(node.value, str)


def is_odd_number(node):
    """A number, but not in decimal digits: 0x10; 1.0 where an id is wanted; .nan, which JSON has not."""
    return is_typed(node) and isinstance(node.value, (int, float)) and not re.match(r"[-+]?[0-9]+\Z", node.text)


# What the compiler finds, but not in one value: checks, and what their message is. A schema is not asked about these.
BEYOND = [
    ("several values at once", "frequency-range", "the low end .* is above"),
    ("several values at once", "frequency-band layer-id-duplicate dimension-id-duplicate dimension-empty dimension-missing", ""),
    ("several values at once", "dimension-id", "folder's name"),
    ("several values at once", "wrong-type", "dimension.yaml holds one document"),
    ("files and their sizes", "content-file", "there is no file|symbolic link|no regular file|cannot read"),
    ("files and their sizes", "content-empty", "the content_file is empty"),
    ("files and their sizes", "file-type file-size file-stray region-size", ""),
    ("how YAML is read", "nesting", ""),
    ("how YAML is read", "tag", "more than 256 %TAG lines"),
    ("how YAML is read", "alias", "expand to more|more than .* anchors"),
    ("how YAML is read", "encoding", "UTF-16"),
]

# The compiler rejects, the schema accepts: class, checks, what their message is, and what stands at the place.
EXCUSED = [
    ("two keys of one name", "duplicate-key", "", lambda node: node.is_repeated_key),
    ("a tag", "tag", "", lambda node: node.tag is not None),
    ("how a number was typed", "wrong-type", "must be a (whole )?number", is_odd_number),
    ("how a number was typed", "frequency", "must be finite", lambda node: node.value != node.value),
    ("how a text was typed", "text keywords content-empty keyword-duplicate", "", is_typed),
]


def beyond(problem):
    """The class of a problem that is not about one value, or None."""
    return next((name for name, checks, message in BEYOND
                 if problem[2] in checks.split() and re.search(message, problem[1])), None)


def excuse(problem, documents):
    """The class of a problem that the compiler has with a value, or None."""
    place, text, check = problem
    nodes = documents.places.get(place, ())
    for name, checks, message, fits in EXCUSED:
        if check in checks.split() and re.search(message, text) and any(fits(node) for node in nodes):
            return name
    if check == "keyword-duplicate" and any(has_typed_twin(node, documents) for node in nodes):
        return "how a text was typed"
    return None


def has_typed_twin(node, documents):
    """Whether the same text stands elsewhere without quotes: [1, '1'], two values for JSON."""
    return any(other.text == node.text and is_typed(other) for nodes in documents.places.values() for other in nodes)


def is_same_value(error):
    """[1, 1.0]: one value for JSON, two words for the compiler."""
    return error.validator == "uniqueItems" and any(not isinstance(item, str) for item in error.instance)


# --- the two judges ---------------------------------------------------------------------------------------------------


def load_schemas(folder):
    schemas = {}
    for path in sorted(glob.glob(os.path.join(folder, "*.schema.json"))):
        with open(path, encoding="utf-8") as file:
            schemas[os.path.basename(path).split(".")[0]] = json.load(file)
    return schemas


class Source:
    """A file, what the compiler said of it, and how YAML reads it."""

    def __init__(self, kind, field, path, data, problems):
        self.kind, self.field, self.path = kind, field, path
        self.problems = [problem for problem in problems if beyond(problem) is None]
        self.beyond = sorted({beyond(problem) for problem in problems} - {None})
        self.is_unread = any(problem[2] in ("file-type", "file-size") for problem in problems)
        try:
            self.documents = Documents(data)
        except Unreadable:
            self.documents = None

    def errors(self, validator):
        """What the schema has against it; "unreadable" where there is no document at all."""
        if self.documents is None or not self.documents.values:
            return ["unreadable"]
        values = self.documents.values[:1] if self.kind == "dimension" else self.documents.values
        return [error for value in values for error in validator.iter_errors(value)]

    def disagreement(self, validator, used=None):
        """A line that says who accepts what the other rejects; None where both agree or are excused."""
        errors = self.errors(validator)
        if self.is_unread or bool(errors) == bool(self.problems):
            return None
        if errors:
            if all(error != "unreadable" and is_same_value(error) for error in errors):
                if used is not None:
                    used["how a text was typed"] = used.get("how a text was typed", 0) + 1
                return None
            return "%s: the schema alone rejects: %s" % (self.path, getattr(errors[0], "message", errors[0])[:200])
        for problem in self.problems:
            name = excuse(problem, self.documents)
            if name is None:
                return "%s: the compiler alone rejects: %s" % (self.path, problem)
            if used is not None:
                used[name] = used.get(name, 0) + 1
        return None


def problems_by_file(text):
    """{path: [((line, column) or None, message, check)]} from what dimc prints."""
    found = {}
    for line in text.splitlines():
        match = re.match(r"(.+?):(?:(\d+):(\d+):)? error: (.*) \[([a-z-]+)\]$", line)
        if match and not re.match(r" *\d+ \|", line):
            place = (int(match[2]), int(match[3])) if match[2] else None
            found.setdefault(match[1], []).append((place, match[4], match[5]))
    return found


def write(path, text):
    if os.path.exists(path):
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(text.encode())


def check_mutations(dimc):
    """Each dimension.yaml in a folder of its own, some hundred layer files in one; a few thousand files a run."""
    batches, sources = {}, []
    for number, (kind, field, text) in enumerate(mutations()):
        batch = "batch%d" % (number // 3000)
        if kind == "layer":
            folder = os.path.join(batch, "layers%d" % (number // 500))
            name = os.path.join(folder, "%05d.yaml" % number)
            write(os.path.join(folder, "dimension.yaml"), "dimension_id: %d\nname: Emotion\n" % (20000 + number // 500))
            write(os.path.join(folder, "files/table.txt"), "table\n")
            write(os.path.join(folder, "a/b"), "b\n")
        else:
            name = os.path.join(batch, "dim%05d" % number, "dimension.yaml")
            text = text.replace("{id}", str(30000 + number))
        write(name, text)
        batches.setdefault(batch, []).append((kind, field, name, text.encode()))
    for batch, files in batches.items():
        run = subprocess.run([dimc, "check", batch], capture_output=True, check=False)
        said = run.stderr.decode()
        if run.returncode != 1 or "more errors" in said:
            sys.exit("%s: dimc ended with %d" % (batch, run.returncode))
        found = problems_by_file(said)
        sources += [Source(kind, field, name, data, found.pop(name, [])) for kind, field, name, data in files]
        if found:
            sys.exit("reported, but not for what was changed: %s" % sorted(found)[:3])
    return sources


def check_fixtures(folder):
    """The YAML files of every case, with what dimc said of each."""
    sources = []
    for status in sorted(glob.glob(os.path.join(folder, "**", "status"), recursive=True)):
        case = os.path.dirname(status)
        with open(os.path.join(case, "stderr"), "rb") as file:
            found = problems_by_file(file.read().decode("utf-8", "replace"))
        for path in sorted(glob.glob(os.path.join(glob.escape(case), "sources", "**", "*.y*ml"), recursive=True)):
            name, parts = os.path.relpath(path, case), os.path.relpath(path, case).split(os.sep)
            if not os.path.isfile(path) or os.path.getsize(path) > 1 << 20 or parts[-1] in ("dimension.yml", "dimensions.yaml"):
                continue
            with open(path, "rb") as file:
                data = file.read()
            if len(parts) == 3 or (len(parts) == 2 and os.path.exists(os.path.join(case, "sources/dimension.yaml"))):
                kind = "dimension" if parts[-1] == "dimension.yaml" else "layer"
                sources.append(Source(kind, "", path, data, found.get(name, [])))
    return sources


def compare(sources, schemas):
    used, wrong = {}, []
    for source in sources:
        for name in source.beyond:
            used[name] = used.get(name, 0) + 1
        line = source.disagreement(Draft7Validator(schemas[source.kind]), used)
        if line is not None:
            wrong.append(line)
    accepted = sum(not source.problems for source in sources)
    print("%d documents, %d accepted by the compiler, %d disagreements" % (len(sources), accepted, len(wrong)))
    for name in sorted(used):
        print("  excused, as JSON Schema cannot say it: %s: %d" % (name, used[name]))
    print("\n".join(wrong[:100]))
    return not wrong


# --- schemas that were changed must disagree --------------------------------------------------------------------------

BOUNDS = {"minimum": (-1, 1), "maximum": (-1, 1), "exclusiveMinimum": (-1, 1), "minLength": (-1, 1), "maxLength": (-1, 1),
          "minItems": (-1, 1), "maxItems": (-1, 1)}
STEP = 97
PLAIN = ("pattern", "uniqueItems", "additionalProperties", "then", "else", "enum", "type", "if", "required")


def changes(schema, path=()):
    """(path, schema) for every keyword of a schema that is taken away, and every bound that is moved by one."""
    here = schema
    for step in path:
        here = here[step]
    if not isinstance(here, (dict, list)):
        return
    for key in here if isinstance(here, dict) else range(len(here)):
        named = bool(path) and path[-1] in ("properties", "definitions")
        if key in ("examples", "defaultSnippets"):
            continue
        if isinstance(here, dict) and not named and key in BOUNDS:
            for step in BOUNDS[key]:
                changed = copy.deepcopy(schema)
                place = changed
                for each in path:
                    place = place[each]
                place[key] = place[key] * (1 - step * 1e-15) if place[key] > 1e300 else place[key] + step
                yield path + (key, step), changed
        elif isinstance(here, dict) and not named and key in PLAIN and not (key == "required" and path[-1:] == ("if",)):
            changed = copy.deepcopy(schema)
            place = changed
            for each in path:
                place = place[each]
            del place[key]
            yield path + (key,), changed
        yield from changes(schema, path + (key,))


def check_changes(sources, schemas):
    """Each change of a schema must show in a disagreement, or the documents do not try what it says."""
    unseen, count = [], 0
    if any(schemas["dimension"]["definitions"][name] != schemas["layer"]["definitions"][name]
           for name in schemas["dimension"]["definitions"]):
        unseen.append("a layer below a dimension is not what it is in a file")
    for kind in ("layer", "dimension"):
        # All of them, but in steps: what stands together is about one field, and one document of each soon shows a change.
        mine = [source for source in sources if source.kind == kind]
        mine = [source for start in range(STEP) for source in mine[start::STEP]]
        for path, changed in changes(schemas[kind]):
            if kind == "dimension" and path[0] == "definitions":
                continue  # the same as those of a layer file
            count += 1
            validator = Draft7Validator(changed)
            first = [source for source in mine if source.field in path or "keyword" in path and source.field == "keywords"
                     or "frequency" in path and source.field == "frequency_range"]
            if not any(source.disagreement(validator) for source in first) and \
                    not any(source.disagreement(validator) for source in mine):
                unseen.append("%s: %s" % (kind, "/".join(map(str, path))))
    print("%d changes of the schemas, %d without a disagreement" % (count, len(unseen)))
    print("\n".join(unseen))
    return count > 50 and not unseen


# --- what the compiler writes -----------------------------------------------------------------------------------------


def damages(value, path=()):
    """(path, function) for each place of a document: what takes it away, renames it or gives it another type."""
    for key in value if isinstance(value, dict) else range(min(len(value), 2)):
        child = value[key]
        if isinstance(value, dict):
            yield path + (key, "gone"), lambda at, key=key: at.pop(key)
            yield path + (key, "renamed"), lambda at, key=key: at.update({key + "s": at.pop(key)})
        for other in (None, [], {}, "", "x", -1, 1.5, True, "1"):
            fits = other == 1.5 and key == "frequency" or other is True and key == "complete" or isinstance(other, str) and (
                key in ("generator", "dimension_name", "title") or isinstance(value, list)) and other != ""
            if not fits:
                yield path + (key, repr(other)), lambda at, key=key, other=other: at.__setitem__(key, other)
        if isinstance(child, (dict, list)):
            yield from damages(child, path + (key,))


def check_outputs(files, schemas):
    count, wrong, damaged_kinds = 0, [], set()
    for path in files:
        kind = os.path.basename(path).split(".")[0]
        validator = Draft7Validator(schemas[kind])
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        wrong += ["%s: %s" % (path, error.message[:200]) for error in validator.iter_errors(document)]
        if kind in damaged_kinds:
            continue
        damaged_kinds.add(kind)
        for place, damage in damages(document):
            count += 1
            damaged = copy.deepcopy(document)
            at = damaged
            for step in place[:-2]:
                at = at[step]
            if place[-1] == "gone" and place[-2] == "title":
                continue
            damage(at)
            if validator.is_valid(damaged):
                wrong.append("%s: accepted: %s" % (path, "/".join(map(str, place))))
    print("%d files, %d damages, %d wrong" % (len(files), count, len(wrong)))
    print("\n".join(wrong[:50]))
    return bool(files) and not wrong


def main(mode, *arguments):
    folder = arguments[0] if mode == "outputs" else arguments[1]
    schemas = load_schemas(folder)
    for schema in schemas.values():
        Draft7Validator.check_schema(schema)
    if mode == "outputs":
        return check_outputs(arguments[1:], schemas)
    if mode == "fixtures":
        return compare(check_fixtures(arguments[0]), schemas)
    sources = check_mutations(arguments[0])
    return compare(sources, schemas) and check_changes(sources, schemas)


if __name__ == "__main__":
    sys.exit(0 if main(*sys.argv[1:]) else 1)
