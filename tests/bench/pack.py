#!/usr/bin/env python3
"""What people write without dimc: a script with PyYAML that packs sources into 4 KB-aligned files with an index.

The peer of the benchmark: one pass, the C loader where it is there, SHA-256 of every content, no checks, no atomic step.
usage: pack.py SOURCES OUT
"""
import hashlib
import json
import os
import sys

import yaml

loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def main(sources, out):
    for folder in sorted(os.listdir(sources)):
        with open(os.path.join(sources, folder, "dimension.yaml"), encoding="utf-8") as f:
            dimension = yaml.load(f, Loader=loader)
        layers = []
        for name in sorted(os.listdir(os.path.join(sources, folder))):
            if name != "dimension.yaml":
                with open(os.path.join(sources, folder, name), encoding="utf-8") as f:
                    layers.append(yaml.load(f, Loader=loader))
        target = os.path.join(out, "D%02d" % dimension["dimension_id"])
        os.makedirs(target, exist_ok=True)
        index = []
        with open(os.path.join(target, "region.mmap"), "wb") as f:
            f.write(b"MMAP".ljust(4096, b"\0"))
            for layer in sorted(layers, key=lambda x: x["layer_id"]):
                content = layer["content"].encode("utf-8")
                size = (len(content) + 4095) // 4096 * 4096
                index.append({"layer_id": layer["layer_id"], "offset": f.tell(), "size": size,
                              "frequency": layer["frequency"], "keywords": layer["keywords"],
                              "checksum": "sha256:" + hashlib.sha256(content).hexdigest()})
                f.write(content.ljust(size, b"\0"))
        with open(os.path.join(target, "index.json"), "w", encoding="utf-8") as f:
            json.dump(index, f)


main(sys.argv[1], sys.argv[2])
