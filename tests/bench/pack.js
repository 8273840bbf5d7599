// pack.js: what pack.py does, with js-yaml: one pass, SHA-256 of every content, no checks, no atomic step.
// usage: node pack.js SOURCES OUT
"use strict";
const crypto = require("crypto");
const fs = require("fs");
const path = require("path");
const yaml = require("js-yaml");

const [sources, out] = process.argv.slice(2);
for (const folder of fs.readdirSync(sources).sort()) {
  const read = (name) => yaml.load(fs.readFileSync(path.join(sources, folder, name), "utf8"));
  const dimension = read("dimension.yaml");
  const layers = fs.readdirSync(path.join(sources, folder)).filter((name) => name !== "dimension.yaml").map(read);
  const target = path.join(out, "D" + String(dimension.dimension_id).padStart(2, "0"));
  fs.mkdirSync(target, { recursive: true });
  const index = [];
  const parts = [Buffer.alloc(4096)];
  let at = 4096;
  parts[0].write("MMAP");
  for (const layer of layers.sort((a, b) => a.layer_id - b.layer_id)) {
    const content = Buffer.from(layer.content, "utf8");
    const size = Math.ceil(content.length / 4096) * 4096;
    const checksum = "sha256:" + crypto.createHash("sha256").update(content).digest("hex");
    index.push({ layer_id: layer.layer_id, offset: at, size, frequency: layer.frequency, keywords: layer.keywords, checksum });
    parts.push(content, Buffer.alloc(size - content.length));
    at += size;
  }
  fs.writeFileSync(path.join(target, "region.mmap"), Buffer.concat(parts));
  fs.writeFileSync(path.join(target, "index.json"), JSON.stringify(index));
}
