#!/usr/bin/env python3
"""Makes archives of images that others might have made: odd ones that are fine, and ones that must be refused.

oci_hostile.py GOOD OTHER DIR: GOOD and OTHER are archives of two volumes. Writes DIR/NAME.tar, and DIR/cases: a line
"NAME STATUS TEXT" each, where TEXT is a part of the message (status 0: none).
"""
import copy
import gzip
import hashlib
import io
import json
import os
import random
import sys
import tarfile

good_path, other_path, directory = sys.argv[1:]
cases = []


def read(path):
    with tarfile.open(path, "r:") as tar:
        return {m.name: tar.extractfile(m).read() for m in tar if m.isreg()}


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def blob(files, data):
    """Adds a blob; its descriptor."""
    if not isinstance(data, bytes):
        data = json.dumps(data).encode()
    files["blobs/sha256/" + digest(data)[7:]] = data
    return {"mediaType": "application/octet-stream", "digest": digest(data), "size": len(data)}


class Image:
    """The parts of an archive, to be put together again after a change; all digests follow."""

    def __init__(self, path=good_path):
        files = read(path)
        get = lambda d: files["blobs/sha256/" + d["digest"][7:]]
        index = json.loads(get(json.loads(files["index.json"])["manifests"][0]))
        self.manifests = [json.loads(get(d)) for d in index["manifests"]]
        self.configs = [json.loads(get(m["config"])) for m in self.manifests]
        self.layers = [[get(d) for d in m["layers"]] for m in self.manifests]

    def files(self, change=lambda manifest: None, change_index=lambda index: None, change_top=lambda top: None):
        files, index = {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}'}, {"schemaVersion": 2, "manifests": []}
        for manifest, config, layers in zip(self.manifests, self.configs, self.layers):
            manifest = copy.deepcopy(manifest)
            media_type = manifest["layers"][0]["mediaType"] if manifest["layers"] else ""
            manifest["config"] = blob(files, config)
            manifest["layers"] = [dict(blob(files, layer), mediaType=media_type) for layer in layers]
            change(manifest)
            index["manifests"].append(blob(files, manifest))
        change_index(index)
        top = {"schemaVersion": 2, "manifests": [blob(files, index)]}
        change_top(top)
        files["index.json"] = json.dumps(top).encode()
        return files


def named_by(make_top):
    """The good image's files, with further blobs and an index.json by make_top."""
    files = Image().files()
    top = make_top(files)
    return dict(files, **{"index.json": json.dumps(top).encode()})


def write(name, status, text, files, order=None, kinds=None, after=lambda data: data):
    """files: name to bytes, or a list of pairs where a name comes twice."""
    pairs = list(files.items()) if isinstance(files, dict) else list(files)
    if order:
        pairs.sort(key=order)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT if name == "pax" else tarfile.USTAR_FORMAT) as tar:
        for member_name, data in pairs:
            info = tarfile.TarInfo(member_name)
            if kinds and member_name in kinds:
                info.type, info.linkname = kinds[member_name]
                tar.addfile(info)
                continue
            info.size = len(data)
            if name == "pax":
                info.pax_headers = {"comment": "of another tool", "mtime": "1234567890.123456789"}
            tar.addfile(info, io.BytesIO(data))
    with open(os.path.join(directory, name + ".tar"), "wb") as file:
        file.write(after(out.getvalue()))
    cases.append(f"{name} {status} {text}")


def plain(layer):
    return gzip.decompress(layer)


def relayer(changed=None, extra=None):
    """The good layer, with members changed (name: type and target) or added."""
    source = tarfile.open(fileobj=io.BytesIO(plain(Image().layers[0][0])))
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for member in source:
            data = source.extractfile(member) if member.isreg() else None
            if changed and member.name in changed:
                member.type, member.linkname = changed[member.name]
                member.size = 0
                data = None
            tar.addfile(member, data)
        for name, data in (extra or {}).items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return gzip.compress(out.getvalue(), mtime=0)


def with_layer(layer):
    image = Image()
    image.layers = [[layer], [layer]]
    return image


def docker(layers=None, config=None, change=lambda entry: None, config_name=None, layer_name=None):
    """An archive as `docker save` wrote it before it knew OCI: nothing but names."""
    data = plain(Image().layers[0][0])
    config = config if config is not None else {"architecture": "amd64", "os": "linux", "config": {},
                                                "rootfs": {"type": "layers", "diff_ids": [digest(data)]}}
    config = json.dumps(config).encode()
    config_name = config_name or digest(config)[7:] + ".json"
    layer_name = layer_name or "0" * 64 + "/layer.tar"
    files = {layer_name: data, os.path.dirname(layer_name) + "/VERSION": b"1.0", config_name: config}
    entry = {"Config": config_name, "RepoTags": ["localhost/x:1"], "Layers": layers or [layer_name]}
    change(entry)
    files["manifest.json"] = json.dumps([entry]).encode()
    return files


# --- what is fine, whoever made it ---

good = Image()
files = good.files()
write("again", 0, "", files)
write("backwards", 0, "", files, order=lambda pair: [-ord(c) for c in pair[0]])
write("shuffled", 0, "", files, order=lambda pair: random.Random(pair[0]).random())
write("dotted", 0, "", {"./" + name: data for name, data in files.items()})
write("pax", 0, "", files)
image = with_layer(plain(good.layers[0][0]))
for m in image.manifests:
    m["layers"][0]["mediaType"] = "application/vnd.oci.image.layer.v1.tar"
write("uncompressed-layer", 0, "", image.files())
image = Image()
image.manifests, image.configs, image.layers = image.manifests[:1], image.configs[:1], image.layers[:1]
write("one-platform", 0, "", image.files())
files = good.files()
top = json.loads(files["index.json"])
inner = json.loads(files["blobs/sha256/" + top["manifests"][0]["digest"][7:]])
write("without-an-inner-index", 0, "", dict(files, **{"index.json": json.dumps(inner).encode()}))
write("index-in-index", 0, "", named_by(lambda files: {"manifests": [blob(files, {"manifests": [blob(files, top)]})]}))
write("the-same-300-times", 0, "", good.files(
    change_index=lambda index: index.update(manifests=index["manifests"] * 150)))
write("indented", 0, "", dict(files, **{"index.json": json.dumps(top, indent=1).replace(" ", "\t").encode()}))
write("docker", 0, "", docker())
write("docker-config-by-another-name", 0, "", docker(config_name="config.json", layer_name="a/b.tar"))
write("docker-backwards", 0, "", docker(), order=lambda pair: [-ord(c) for c in pair[0]])

# --- texts that are none ---


def top_text(data):
    return dict(good.files(), **{"index.json": data})


for name, status, text, data in [
    ("empty", 5, "it is empty", b""),
    ("no-json", 5, "not JSON", b'{"manifests": ['),
    ("no-utf8", 5, "not JSON", b'{"manifests": "\xff\xfe"}'),
    ("nul", 5, "not JSON", b'{"manifests": []}\0'),
    ("scalar", 5, "expected an object", b"7"),
    ("array", 5, "expected an object", b"[]"),
    ("manifests-object", 5, "expected an array", b'{"manifests": {}}'),
    ("manifests-null", 5, "expected an array", b'{"manifests": null}'),
    ("manifests-strings", 5, "expected an object", b'{"manifests": ["a", "b"]}'),
    ("no-manifests", 5, "neither an image index nor", b'{"schemaVersion": 2}'),
    ("empty-manifests", 5, "it names no image", b'{"manifests": []}'),
    ("manifests-twice", 5, "the same name twice", b'{"manifests": [], "manifests": []}'),
    ("deep-arrays", 5, "not JSON", b'{"a": ' + b"[" * 100000),
    ("deep-objects", 5, "not JSON", b'{"a":' * 100000),
    ("key-object", 5, "expected a name", b'{{"a": 1}: 2, "manifests": []}'),
    ("alias-bomb", 5, "not JSON", b"{a: &a [1,1,1,1,1,1,1,1,1], b: &b [" + b"*a," * 9 + b"], c: &c [" + b"*b," * 9 +
     b"], d: &d [" + b"*c," * 9 + b"], manifests: [" + b"*d," * 9 + b"]}"),
    ("too-large-a-text", 7, "too large", b" " * (4 << 20) + b"{}"),
]:
    write(name, status, text, top_text(data))

# --- descriptors ---


def descriptor(**changes):
    def change(top):
        for key, value in changes.items():
            if value is None:
                del top["manifests"][0][key]
            else:
                top["manifests"][0][key] = value
    return good.files(change_top=change)


write("no-digest", 5, "without digest or size", descriptor(digest=None))
write("no-size", 5, "without digest or size", descriptor(size=None))
write("size-negative", 5, "expected a number", descriptor(size=-1))
write("size-fraction", 5, "expected a number", descriptor(size=1.5))
write("size-too-many-digits", 5, "expected a number", descriptor(size=2**64))
write("size-array", 5, "expected a number", descriptor(size=[1]))
write("size-wrong", 5, "bytes, but in index.json", descriptor(size=1))
write("digest-sha512", 5, 'expected "sha256:"', descriptor(digest="sha512:" + "0" * 128))
write("digest-upper-case", 5, 'expected "sha256:"', descriptor(digest="sha256:" + "A" * 64))
write("digest-leads-out", 5, 'expected "sha256:"', descriptor(digest="sha256:../../../../etc/passwd"))
write("digest-object", 5, 'expected "sha256:"', descriptor(digest={"sha256": "0" * 64}))
write("digest-of-nothing", 5, "which is not in the archive", descriptor(digest="sha256:" + "0" * 64))

# --- blobs ---


def damaged(kind):
    files = good.files()
    for name in sorted(files):
        if name.startswith("blobs/") and kind(files[name]):
            data = bytearray(files[name])
            data[4] ^= 1  # of a gzip header: the time, which no reader looks at
            return dict(files, **{name: bytes(data)})
    raise SystemExit("no such blob")


def without(kind):
    files = good.files()
    return {name: data for name, data in files.items() if not (name.startswith("blobs/") and kind(data))}


is_manifest = lambda data: b'"layers": [{' in data
is_layer = lambda data: data[:2] == b"\x1f\x8b"
write("manifest-damaged", 5, "its SHA-256 is another", damaged(is_manifest))
write("index-damaged", 5, "its SHA-256 is another", damaged(lambda d: b'"manifests"' in d))
write("layer-damaged", 5, "the SHA-256 of its layer is not that of its manifest", damaged(is_layer))
write("manifest-missing", 5, "which is not in the archive", without(is_manifest))
write("layer-missing", 5, "which is not in the archive", without(is_layer))
write("both", 5, "neither an image index nor", good.files(change=lambda m: m.update(manifests=[])))
write("layers-twice", 5, "the same name twice", named_by(
    lambda files: {"manifests": [blob(files, b'{"layers": [], "layers": []}')]}))

# --- layers ---

image = Image()
image.layers = [layers * 2 for layers in image.layers]
write("two-layers", 5, "the image has 2 layers", image.files())
image.layers = [[], []]
write("no-layer", 5, "the image has no layer", image.files())
image = Image()
image.layers[1] = Image(other_path).layers[0]
write("platforms-differ", 5, "its layer is not that of the other images", image.files())
write("zstd", 5, "only gzip", good.files(
    change=lambda m: m["layers"][0].update(mediaType="application/vnd.oci.image.layer.v1.tar+zstd")))
write("no-tar", 5, "it is no tar", with_layer(b"no tar at all" * 100).files())
write("empty-layer", 5, "it holds no dimension", with_layer(gzip.compress(b"\0" * 1024, mtime=0)).files())
write("truncated-layer", 5, "truncated", with_layer(good.layers[0][0][:-40]).files())
write("layer-of-link", 7, "it is a symbolic link", with_layer(relayer(
    {"app/data/mmap/consciousness/D01/region.mmap": (tarfile.SYMTYPE, "/etc/passwd")})).files())
write("layer-with-device", 7, "it is a device", with_layer(relayer(
    {"app/data/mmap/consciousness/D01/region.mmap": (tarfile.CHRTYPE, "")})).files())
write("layer-with-another-file", 7, "it is not below consciousness/", with_layer(relayer(
    extra={"etc/passwd": b"root::0:0::/:/bin/sh\n"})).files())
write("layer-with-whiteout", 7, "no file of a generation", with_layer(relayer(
    extra={"app/data/mmap/consciousness/.wh.D01": b""})).files())


def chain(length):
    def make(files):
        d = json.loads(files["index.json"])["manifests"][0]
        for i in range(length):
            d = blob(files, {"manifests": [d], "annotations": {"i": str(i)}})
        return {"manifests": [d]}
    return named_by(make)


write("chain-of-50", 0, "", chain(50))
write("chain-of-1000", 5, "too many images", chain(1000))

# --- the archive ---

files = good.files()
pairs = list(files.items())
write("index-twice", 7, "it is there twice", pairs + [("index.json", b"{}")])
write("blob-twice", 7, "it is there twice", pairs + [("./" + pairs[1][0], pairs[1][1])])
write("absolute", 7, "an absolute name", dict(files, **{"/etc/passwd": b""}))
write("upwards", 7, "leads upwards", dict(files, **{"blobs/../../x": b""}))
write("too-many-members", 7, "more than 10000 members", dict(files, **{f"blobs/{i}": b"" for i in range(10000)}))
write("index-is-a-link", 5, "with neither index.json nor manifest.json", files,
      kinds={"index.json": (tarfile.SYMTYPE, "oci-layout")})
write("cut-in-a-blob", 5, "Truncated", files, after=lambda data: data[:3000])
write("cut-at-the-end", 5, "truncated: the end of the archive is missing", files,
      after=lambda data: data[:(len(data.rstrip(b"\0")) + 511) // 512 * 512])
write("garbage-behind", 5, "trailing garbage", files, after=lambda data: data + b"garbage" * 100)
write("in-gzip", 5, "it is an image in a compressed archive", files, after=gzip.compress)
write("nothing-but-a-layout", 5, "with neither index.json nor manifest.json", {"oci-layout": b"{}"})

# --- docker save ---


def docker_entry(**changes):
    return docker(change=lambda entry: entry.update(changes))


write("docker-layer-absolute", 7, "which leads out of the archive", docker_entry(Layers=["/etc/passwd"]))
write("docker-layer-upwards", 7, "which leads out of the archive", docker_entry(Layers=["../../etc/passwd"]))
write("docker-layer-inner-upwards", 7, "which leads out of the archive", docker_entry(Layers=["a/../../b"]))
write("docker-config-upwards", 7, "which leads out of the archive", docker_entry(Config="../x.json"))
write("docker-layer-missing", 5, "which is not in the archive", docker_entry(Layers=["a/layer.tar"]))
write("docker-config-missing", 5, "which is not in the archive", docker_entry(Config="b.json"))
write("docker-layers-number", 5, "expected an array", docker_entry(Layers=7))
write("docker-layers-objects", 5, "expected the name of a layer", docker_entry(Layers=[{"a": "b"}]))
write("docker-config-number-list", 5, "it names no configuration", docker_entry(Config=[1, 2]))
write("docker-no-layer", 5, "the image has no layer", docker(change=lambda e: e.update(Layers=[])))
write("docker-two-layers", 5, "the image has 2 layers", docker(change=lambda e: e.update(Layers=e["Layers"] * 2)))
write("docker-empty", 5, "it names no image", dict(docker(), **{"manifest.json": b"[]"}))
write("docker-strings", 5, "expected an object", dict(docker(), **{"manifest.json": b'["a"]'}))
write("docker-no-json", 5, "not JSON", dict(docker(), **{"manifest.json": b'[{"Config": '}))
write("docker-no-rootfs", 5, "it has not one diff_id", docker(config={"os": "linux"}))
write("docker-two-diff-ids", 5, "it has not one diff_id", docker(
    config={"rootfs": {"diff_ids": ["sha256:" + "0" * 64] * 2}}))
write("docker-diff-id-wrong", 5, "the SHA-256 of its layer is not that of its configuration", docker(
    config={"rootfs": {"diff_ids": ["sha256:" + "0" * 64]}}))
write("docker-config-not-its-name", 5, "its SHA-256 is another", docker(config_name="f" * 64 + ".json"))
write("docker-layer-is-a-link", 5, "which is not in the archive", docker(), kinds={
    "0" * 64 + "/layer.tar": (tarfile.SYMTYPE, "/etc/passwd")})

two = docker()
other = docker(layer_name="1" * 64 + "/layer.tar")
write("docker-two-images", 5, "its layer is not that of the other images", {
    **two, **other, "manifest.json": two["manifest.json"][:-1] + b"," + other["manifest.json"][1:]})

with open(os.path.join(directory, "cases"), "w") as file:
    file.write("".join(case + "\n" for case in cases))
