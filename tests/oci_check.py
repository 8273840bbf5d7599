#!/usr/bin/env python3
"""Checks an archive against the OCI image format and that of `docker save`, with nothing of dimc's.

oci_check.py ARCHIVE: prints facts, a line each: image, manifest ARCH, config ARCH, layer, name, generation, identity.
Status 1, and what is wrong, where a required field is missing, or a digest or a size is not right.
"""
import gzip
import hashlib
import io
import json
import re
import sys
import tarfile

DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")


def want(condition, text):
    if not condition:
        sys.exit("not as it should be: " + text)


def unique(pairs):
    names = [name for name, _ in pairs]
    want(len(names) == len(set(names)), f"a name twice: {names}")
    return dict(pairs)


class Archive:
    def __init__(self, path):
        self.files = {}
        with tarfile.open(path, "r:") as tar:
            for member in tar:
                name = member.name
                want(name not in self.files, f"{name} twice")
                want((member.uid, member.gid, member.uname, member.gname) == (0, 0, "", ""), f"{name}: owner")
                want(member.mode == (0o755 if member.isdir() else 0o444), f"{name}: mode {member.mode:o}")
                self.files[name] = tar.extractfile(member).read() if member.isreg() else None
        for name, data in self.files.items():
            if data is not None and name.startswith("blobs/"):
                want(name == "blobs/sha256/" + hashlib.sha256(data).hexdigest(), f"{name}: its digest")
        self.used = set()

    def blob(self, descriptor, media_type):
        """A descriptor: mediaType, digest and size are REQUIRED, and must be right."""
        want(descriptor["mediaType"] == media_type, f"media type {descriptor['mediaType']}")
        want(DIGEST.match(descriptor["digest"]), f"digest {descriptor['digest']}")
        name = "blobs/sha256/" + descriptor["digest"][7:]
        want(name in self.files, f"{name} is missing")
        want(type(descriptor["size"]) is int and descriptor["size"] == len(self.files[name]), f"{name}: size")
        self.used.add(name)
        return self.files[name]

    def document(self, descriptor, media_type):
        document = json.loads(self.blob(descriptor, media_type), object_pairs_hook=unique)
        want(document.get("mediaType", media_type) == media_type, "a document's own media type")
        return document


def annotations(values):
    for key, value in values.items():
        want(isinstance(key, str) and key and isinstance(value, str), f"annotation {key}")
    want(TIME.match(values["org.opencontainers.image.created"]), "created")


def main(path):
    archive = Archive(path)
    files = archive.files
    want(json.loads(files["oci-layout"]) == {"imageLayoutVersion": "1.0.0"}, "oci-layout")
    top = json.loads(files["index.json"], object_pairs_hook=unique)
    want(top["schemaVersion"] == 2 and len(top["manifests"]) == 1, "index.json")
    name = top["manifests"][0]["annotations"]["org.opencontainers.image.ref.name"]
    want(name == top["manifests"][0]["annotations"]["io.containerd.image.name"], "two names")
    print("name", name)
    print("image", top["manifests"][0]["digest"])
    index = archive.document(top["manifests"][0], INDEX)
    want(index["schemaVersion"] == 2, "schemaVersion of the index")
    annotations(index["annotations"])
    platforms, layers, configs = [], set(), {}
    for descriptor in index["manifests"]:
        platform = descriptor["platform"]
        want(platform["os"] == "linux", "os")
        platforms.append(platform["architecture"])
        manifest = archive.document(descriptor, MANIFEST)
        want(manifest["schemaVersion"] == 2, "schemaVersion of a manifest")
        annotations(manifest["annotations"])
        config = archive.document(manifest["config"], CONFIG)
        want((config["architecture"], config["os"]) == (platform["architecture"], "linux"), "config's platform")
        want(config["rootfs"]["type"] == "layers", "rootfs")
        want(len(manifest["layers"]) == len(config["rootfs"]["diff_ids"]) == 1, "number of layers")
        want(len([h for h in config["history"] if not h.get("empty_layer")]) == 1, "history")
        want(TIME.match(config["created"]) and TIME.match(config["history"][0]["created"]), "created")
        want(config["config"]["Labels"] == manifest["annotations"] == index["annotations"], "labels")
        packed = archive.blob(manifest["layers"][0], LAYER)
        plain = gzip.decompress(packed)
        identity = "sha256:" + hashlib.sha256(plain).hexdigest()
        want(config["rootfs"]["diff_ids"] == [identity], "diff_ids")
        want(config["config"]["Labels"]["dimc.identity"] == identity, "dimc.identity")
        layers.add(manifest["layers"][0]["digest"])
        configs[platform["architecture"]] = "blobs/sha256/" + manifest["config"]["digest"][7:]
        print("manifest", platform["architecture"], descriptor["digest"])
    want(platforms == ["amd64", "arm64"] and len(layers) == 1, "platforms")
    print("layer", layers.pop())
    print("identity", identity)
    labels = config["config"]["Labels"]
    print("generation", labels["dimc.generation"])
    print("created", labels["org.opencontainers.image.created"])

    docker = json.loads(files["manifest.json"], object_pairs_hook=unique)
    want(len(docker) == 1 and docker[0]["RepoTags"] == [name], "manifest.json")
    want(docker[0]["Config"] == configs["amd64"] and set(docker[0]["Layers"]) <= archive.used, "manifest.json")
    blobs = {n for n, data in files.items() if data is not None and n.startswith("blobs/")}
    want(blobs == archive.used, f"blobs that nobody names: {blobs - archive.used}")

    with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
        members = tar.getmembers()
    want([m.name for m in members[:3]] == ["app", "app/data", "app/data/mmap"], "the directories of the layer")
    for member in members:
        want(member.isreg() or member.isdir(), f"{member.name}: what it is")
        want(member.name in ("app", "app/data", "app/data/mmap") or
             (member.name + "/").startswith("app/data/mmap/consciousness/"), f"{member.name}: where it is")
        want(member.mode == (0o755 if member.isdir() else 0o444), f"{member.name}: mode {member.mode:o}")


main(sys.argv[1])
