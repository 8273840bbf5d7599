"""memory_scenes.py: the commands whose allocations fail one by one, and the directory that they begin in.

In: a campaign. Out: `make_world(c, path)`, SCENES.
"""
import os


class Scene:
    """`command`: by sh, in a copy of the world, after `before`; `status`: how it ends where nothing fails. `short`: taken by the short
    form, too. `threads`: on all cores, where the order of allocations may differ from run to run. `rounds`: it may have published
    before it failed; `removes`: it may have removed what it is there to remove."""

    def __init__(self, name, command, status=0, before=None, short=False, threads=False, rounds=False, removes=False):
        self.name, self.command, self.status, self.before = name, command, status, before
        self.short, self.threads, self.rounds, self.removes = short, threads, rounds, removes


EDIT = "printf '  And more of it.\\n' >>src/D01-emotion/010-joy.yaml\n"
WATCH = """$DIMC watch --no-sync --poll -n 2 src -o v >tmp/rounds &
watch=$!
until grep -q '^round 1' tmp/rounds || ! kill -0 $watch 2>/dev/null; do sleep 0.01; done
printf '  And more of it.\\n' >>src/D01-emotion/010-joy.yaml
wait $watch
status=$?
rm tmp/rounds
exit $status"""

SCENES = [
    Scene("compile, first", "$DIMC compile src -o w/x", short=True),
    Scene("compile, changed", "$DIMC compile src -o v --layer-files --log log", before=EDIT, short=True),
    Scene("compile, unchanged", "$DIMC compile src -o v --stamp stamp -MD -MP"),
    Scene("compile, threads", "$DIMC compile src -o v -j4", before=EDIT, threads=True),
    Scene("compile, an error", "$DIMC compile wrong -o v", 1),
    Scene("compile --check", "$DIMC compile src -o v --check", 4, EDIT),
    Scene("compile --proto", "$DIMC compile --proto thought src/D02-cognition -o v"),
    Scene("compile -d --trace", "$DIMC compile src -d D02 -o v --trace trace.json", before=EDIT + "rm -r v/.cache"),
    Scene("check", "$DIMC check src"),
    Scene("check, wrong", "$DIMC check wrong", 1, short=True),
    Scene("check, libyaml", "env DIMC_READER=libyaml $DIMC check wrong", 1),
    Scene("check --diagnostics=json", "$DIMC check --diagnostics=json wrong", 1),
    Scene("check --diagnostics=sarif", "$DIMC check --diagnostics=sarif --diagnostics-file=sarif wrong", 1),
    Scene("check --diagnostics=github", "$DIMC check --diagnostics=github wrong", 1),
    Scene("check --fix", "$DIMC check --fix wrong", 1),
    Scene("fmt", "$DIMC fmt src"),
    Scene("fmt --diff", "$DIMC fmt --diff src", 4),
    Scene("new", "$DIMC new -s src D01 Awe"),
    Scene("new --dimension", "$DIMC new -s src --dimension D15 Fifteenth"),
    Scene("watch", WATCH, rounds=True),
    Scene("explain", "$DIMC explain frequency-band"),
    Scene("schema", "$DIMC schema layer"),
    Scene("init", "$DIMC init w/y"),
    Scene("verify", "$DIMC verify --strict v", short=True),
    Scene("verify --against", "$DIMC verify --against src v"),
    Scene("verify, damaged", "$DIMC verify damaged", 5),
    Scene("verify, a bundle", "$DIMC verify b.tar.gz"),
    Scene("verify, signed", "$DIMC verify --verify-key public.pem s.tar.gz"),
    Scene("info", "$DIMC info --resident v"),
    Scene("info --json", "$DIMC info --json v"),
    Scene("top", "$DIMC top -n 1 v >/dev/null"),
    Scene("show", "$DIMC show v D01/1"),
    Scene("find", "$DIMC find v feeling"),
    Scene("find --frequency", "$DIMC find v --frequency 1..2"),
    Scene("report", "$DIMC report v -o page.html"),
    Scene("diff", "$DIMC diff v src", 4, EDIT),
    Scene("diff --stat", "$DIMC diff --stat b.tar.gz src", 4, EDIT),
    Scene("diff --json", "$DIMC diff --json v src", 4, EDIT),
    Scene("dump", "$DIMC dump v -o dumped", short=True),
    Scene("dump, a bundle", "$DIMC dump b.tar.gz -o dumped"),
    Scene("bundle", "$DIMC bundle v -o new.tar.gz", short=True),
    Scene("bundle -d", "$DIMC bundle v -d D01 -o new.tar.gz"),
    Scene("bundle --format=oci", "$DIMC bundle v --format=oci -o new.oci"),
    Scene("bundle --sign", "$DIMC bundle v --sign key.pem -o new.tar.gz", short=True),
    Scene("list", "$DIMC list b.tar.gz"),
    Scene("list --sums", "$DIMC list --sums b.tar.gz"),
    Scene("restore", "$DIMC restore other.tar.gz -o v", short=True),
    Scene("restore, first", "$DIMC restore b.tar.gz -o w/z"),
    Scene("restore, signed", "$DIMC restore --verify-key public.pem s.tar.gz -o w/z", short=True),
    Scene("restore, an image", "$DIMC restore b.oci -o w/z"),
    Scene("restore, refused", "$DIMC restore --verify-key other.pem s.tar.gz -o v", 7),
    Scene("restore, threads", "$DIMC restore large.tar.gz -o v", threads=True),
    Scene("rollback", "$DIMC rollback v"),
    Scene("clean", "$DIMC clean --proto --older-than=0 v", before="mkdir -p v/temp/a/b\n: >v/temp/a/b/c\n: >v/proto/thought.mmap", removes=True),
    Scene("completion", "$DIMC completion bash"),
    Scene("help", "$DIMC compile --help"),
]


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def make_world(c, path):
    """src, wrong; volumes v (two generations), damaged; bundles of them; keys; tmp and w, which are empty."""
    dates = "created_at: 2024-10-24T10:00:00Z\nupdated_at: 2024-10-24T12:00:00Z\n"
    for name in ("tmp", "w"):
        os.makedirs(os.path.join(path, name))

    def make(source):
        write(f"{path}/{source}/D01-emotion/dimension.yaml", f"dimension_id: 1\nname: Emotion\ndescription: What is felt.\n{dates}")
        write(f"{path}/{source}/D01-emotion/010-joy.yaml",
              "layer_id: 1\ntitle: Joy\nfrequency: 1.5\nkeywords: [joy, feeling]\ncontent: |\n  Joy is bright.\n")
        write(f"{path}/{source}/D01-emotion/020-grief.yaml",
              "layer_id: 2\nfrequency: 0.5\nkeywords: &k [grief, \"feeling\", !!str sorrow]\ncontent: >\n  Grief is\n  slow.\n---\n"
              "layer_id: 3\nfrequency: 5e-1\nkeywords:\n- long\n- joys\ncontent_file: long.txt\n")
        write(f"{path}/{source}/D01-emotion/long.txt", "A long line of a long text.\n" * 300)
        write(f"{path}/{source}/D02-cognition/dimension.yaml", f"dimension_id: 2\nname: Cognition\nlayout: packed\n{dates}")
        write(f"{path}/{source}/D02-cognition/layers.yaml", "layers:\n" + "".join(
            f"  - layer_id: {n}\n    frequency: {n}.25\n    keywords: [word{n}, feeling]\n    content: 'Text {n}.'\n" for n in range(1, 13)))

    make("src")
    make("wrong")
    write(f"{path}/wrong/D01-emotion/030-wrong.yaml", "layer_id: 2\nfrequncy: 0\nkeywords: [a, a]\ncontent: x   \ncontent: y\n")
    write(f"{path}/wrong/D01-emotion/040-syntax.yaml", "layer_id: [1\nfrequency: }\n")
    write(f"{path}/wrong/D01-emotion/050-value.yaml", "layer_id: many\nfrequency: -1\nkeywords: []\ncontent: \"\"\ntitel: T\n")
    for number, command in enumerate(["compile src -o v", "bundle v -o other.tar.gz", "compile src -o v", "bundle v -o b.tar.gz",
                                      "bundle v -o b.oci --format=oci", "compile large -o l", "bundle l -o large.tar.gz"][:5 if c.short else 7]):
        if number == 2:
            write(f"{path}/src/D02-cognition/020-more.yaml", "layer_id: 20\nfrequency: 3.0\nkeywords: [more]\ncontent: More text.\n")
        if command.startswith("compile large"):
            write(f"{path}/large/D07/dimension.yaml", f"dimension_id: 7\nname: Large\n{dates}")
            write(f"{path}/large/D07/a.yaml", "".join(f"---\nlayer_id: {n}\nfrequency: {n}.5\nkeywords: [w{n}]\ncontent_file: large.txt\n"
                                                  for n in range(1, 5)))
            write(f"{path}/large/D07/large.txt", "".join(f"{n * n}\n" for n in range(100000)))
        c.must(c.dimc, "-q", *command.split(), cwd=path)
    for key in ("key", "other-key"):
        c.must("openssl", "genpkey", "-algorithm", "ed25519", "-out", f"{key}.pem", cwd=path)
    c.must("openssl", "pkey", "-in", "key.pem", "-pubout", "-out", "public.pem", cwd=path)
    c.must("openssl", "pkey", "-in", "other-key.pem", "-pubout", "-out", "other.pem", cwd=path)
    c.must(c.dimc, "-q", "bundle", "v", "--sign", "key.pem", "-o", "s.tar.gz", cwd=path)
    c.must("sh", "-ec", "cp -a v damaged; cd damaged/consciousness/D01; chmod u+w region.mmap; "
           "printf x | dd of=region.mmap bs=1 seek=4100 conv=notrunc 2>/dev/null; chmod a-w region.mmap; "
           "cd ../../..; rm -rf large l", cwd=path)
