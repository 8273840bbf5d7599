"""test_dim.py: dim.py against volumes that the tests publish, replace and damage.

In: DIMC, the compiler; LIBDIM or the system's libdim. Run it with python3 -X dev -m unittest test_dim.
Out: nothing outside a temporary directory.
"""

import gc
import os
import pathlib
import subprocess
import tempfile
import threading
import unittest

import dim


class Published(unittest.TestCase):
    """A volume with D01 (layers 1 and 2) and D02 (layer 1), in a directory of its own."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.path = os.path.join(scratch.name, "volume")
        self.sources = pathlib.Path(scratch.name, "sources")
        self.region = pathlib.Path(self.path, "consciousness/D01/region.mmap")
        self.publish("first")

    def publish(self, word):
        for dimension, layers in ((1, 2), (2, 1)):
            folder = self.sources / ("D%02d" % dimension)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "dimension.yaml").write_text("dimension_id: %d\nname: N%d\n" % (dimension, dimension))
            for layer in range(1, layers + 1):
                (folder / ("%d.yaml" % layer)).write_text(
                    "layer_id: %d\ntitle: T%d\nfrequency: %d.5\nkeywords: [both, %s, käse]\ncontent: |\n  %s\n"
                    % (layer, layer, layer, word, self.content(word, dimension, layer)[:-1]))
        subprocess.run([os.environ["DIMC"], "compile", "-q", "--no-sync", self.sources, "-o", self.path], check=True)

    @staticmethod
    def content(word, dimension, layer):
        return "%s, D%02d layer %d, grüßt\n" % (word, dimension, layer)

    def mapped(self):
        """How many regions of this volume the process has mapped."""
        gc.collect()
        return pathlib.Path("/proc/self/maps").read_text().count(self.path)

    def assertContent(self, view, *which):
        self.assertEqual(bytes(view), self.content(*which).encode())


class Reading(Published):
    def test_layers(self):
        with dim.Volume(self.path) as volume, volume.snapshot() as snapshot:
            self.assertEqual((snapshot.dimensions, snapshot.serial), ([1, 2], 1))
            layer = snapshot.layer(1, 2)
            self.assertEqual((layer.dimension_id, layer.id, layer.title, layer.frequency, layer.keywords),
                             (1, 2, "T2", 2.5, ["both", "first", "käse"]))
            self.assertEqual(layer.text, self.content("first", 1, 2))
            self.assertContent(layer.content, "first", 1, 2)
            self.assertEqual([(d.id, d.name, d.description, len(d), [layer.id for layer in d]) for d in snapshot],
                             [(1, "N1", "", 2, [1, 2]), (2, "N2", "", 1, [1])])
            self.assertEqual(snapshot.dimension(1).layer(2).digest, layer.digest)

    def test_searches(self):
        with dim.Volume(self.path) as volume, volume.snapshot() as snapshot:
            ids = [(1, 1), (1, 2), (2, 1)]
            found = snapshot.find("käse")
            layers = snapshot.frequency(2)
        # They keep the snapshot, too, and the bytes of the keyword.
        gc.collect()
        self.assertEqual([(layer.dimension_id, layer.id) for layer in found], ids)
        self.assertEqual([(layer.dimension_id, layer.id) for layer in layers], [(1, 2)])
        with dim.Volume(self.path) as volume, volume.snapshot() as snapshot:
            self.assertEqual([(x.dimension_id, x.id) for x in snapshot.frequency()], [(1, 1), (2, 1), (1, 2)])
            self.assertEqual(list(snapshot.frequency(3, 9)), [])
            self.assertEqual(list(snapshot.find("bot")), [])
            self.assertEqual(list(snapshot.prefix()), ["both", "first", "käse"])
            self.assertEqual(list(snapshot.prefix("kä")), ["käse"])

    def test_a_view_is_the_mapping_itself_and_nobody_can_write_to_it(self):
        with dim.Volume(self.path) as volume, volume.snapshot() as snapshot:
            view = snapshot.layer(1, 1).content
            self.assertTrue(view.readonly)
            with self.assertRaises(TypeError):
                view[0] = 0
            address = dim.ctypes.addressof(view.obj)
            maps = pathlib.Path("/proc/self/maps").read_text().splitlines()
            lines = [line for line in maps if str(self.region) in line]
            ranges = [[int(end, 16) for end in line.split()[0].split("-")] for line in lines]
            self.assertTrue(any(low <= address < high for low, high in ranges))


class Lifetimes(Published):
    def test_a_view_outlives_snapshot_volume_and_generation(self):
        with dim.Volume(self.path) as volume:
            with volume.snapshot() as snapshot:
                view = snapshot.layer(1, 1).content
            del snapshot
            self.publish("second")
            self.publish("third")  # and the first generation's directory is gone
            self.assertTrue(volume.refresh())
            self.assertContent(view, "first", 1, 1)
            self.assertEqual(volume.usage().snapshot_count, 2)
            with volume.snapshot() as snapshot:
                self.assertContent(snapshot.layer(1, 1).content, "third", 1, 1)
        del volume, snapshot
        part = view[5:]
        del view
        self.assertEqual(self.mapped(), 2)  # both regions of the first generation
        self.assertContent(b"first" + part, "first", 1, 1)
        del part
        self.assertEqual(self.mapped(), 0)

    def test_closing_ends_the_mapping_where_nobody_has_a_view(self):
        volume = dim.Volume(self.path)
        snapshot = volume.snapshot()
        self.assertEqual(self.mapped(), 2)
        volume.close()
        volume.close()
        self.assertEqual(self.mapped(), 2)
        snapshot.close()
        self.assertEqual(self.mapped(), 0)
        for call in (volume.snapshot, volume.refresh, volume.usage, lambda: volume.load(1),
                     lambda: snapshot.layer(1, 1), lambda: snapshot.find("both"), lambda: list(snapshot)):
            with self.assertRaises(ValueError):
                call()

    def test_refresh(self):
        events = []
        with dim.Volume(self.path, trace=events.append) as volume, volume.snapshot() as before:
            self.assertFalse(volume.refresh())
            self.publish("second")
            self.assertTrue(volume.refresh())
            self.assertEqual(before.layer(1, 1).text, self.content("first", 1, 1))
            with volume.snapshot() as now:
                self.assertEqual((now.layer(1, 1).text, now.serial), (self.content("second", 1, 1), 2))
            self.publish("third")
            self.region.chmod(0o644)
            self.region.write_bytes(b"x" * 8192)
            with self.assertRaises(dim.Damaged) as caught:
                volume.refresh()
            self.assertIn("D01", str(caught.exception))
            with volume.snapshot() as now:
                self.assertEqual(now.layer(1, 1).text, self.content("second", 1, 1))
        del volume, before, now
        gc.collect()
        kinds = [event.kind.name for event in events if event.kind != dim.EventKind.LOAD]
        self.assertEqual(kinds, ["OPEN", "REFRESH", "REFUSE", "CLOSE"])
        self.assertIsInstance(events[-2].error, dim.Damaged)
        self.assertEqual(events[0].path, self.path)

    def test_threads_read_while_another_one_refreshes(self):
        words, seen, wrong, ended = ("first", "second"), set(), [], threading.Event()

        def read(volume):
            while not ended.is_set():
                with volume.snapshot() as snapshot:
                    view = snapshot.layer(1, 2).content
                    other = snapshot.layer(2, 1).text
                word = bytes(view).decode().partition(",")[0]
                seen.add(word)
                if bytes(view) != self.content(word, 1, 2).encode() or other != self.content(word, 2, 1):
                    wrong.append((bytes(view), other))

        with dim.Volume(self.path) as volume:
            threads = [threading.Thread(target=read, args=(volume,)) for _ in range(3)]
            for thread in threads:
                thread.start()
            for i in range(6):
                self.publish(words[(i + 1) % 2])
                self.assertTrue(volume.refresh())
            ended.set()
            for thread in threads:
                thread.join()
            self.assertEqual(volume.usage().snapshot_count, 1)
        self.assertEqual((seen, wrong), (set(words), []))


class Refusals(Published):
    def test_what_is_not_there(self):
        with dim.Volume(self.path) as volume, volume.snapshot() as snapshot:
            for call, line in ((lambda: snapshot.layer(1, 9), "D01/9: not found"),
                               (lambda: snapshot.dimension(1).layer(9), "D01/9: not found"),
                               (lambda: snapshot.layer(7, 1), "D07/1: not found"),
                               (lambda: snapshot.dimension(7), "D07: not found")):
                with self.assertRaises(dim.NotFound) as caught:
                    call()
                self.assertEqual((str(caught.exception), caught.exception.status), (line, dim.Status.NOT_FOUND))
            # Not cut to 32 bits.
            with self.assertRaises(ValueError):
                snapshot.layer(1, (1 << 32) + 1)
        with self.assertRaises(LookupError) as caught:
            dim.Volume(self.path + "/nowhere")
        self.assertEqual(caught.exception.path, self.path + "/nowhere")
        with self.assertRaises(dim.NotFound):
            dim.Volume(self.path, dimensions=[1, 3])
        with self.assertRaises(dim.Error) as caught:
            dim.Volume(self.path, advice=99)
        self.assertIs(caught.exception.status, dim.Status.USAGE)

    def test_budget(self):
        size = self.region.stat().st_size
        with self.assertRaises(dim.LimitReached) as caught:
            dim.Volume(self.path, memory_budget=size)
        self.assertEqual(caught.exception.limit, size)
        self.assertGreater(caught.exception.usage, size)
        with dim.Volume(self.path, memory_budget=size, lazy=True) as volume:
            with volume.snapshot() as snapshot, self.assertRaises(dim.NotLoaded):
                snapshot.layer(1, 1)
            volume.load(1)
            with self.assertRaises(dim.LimitReached) as caught:
                volume.load(2)
            self.assertEqual((caught.exception.limit, volume.usage().loaded_size), (size, size))
            volume.unload(1)
            volume.load(2)
            with volume.snapshot() as snapshot:
                self.assertEqual([dimension.id for dimension in snapshot], [2])
        with self.assertRaises(dim.LimitReached):
            dim.Volume(self.path, max_region_size=4096)
        with self.assertRaises(ValueError):
            dim.Volume(self.path, memory_budget=1 << 64)

    def test_damage(self):
        whole = self.region.read_bytes()
        self.region.chmod(0o644)
        with dim.Volume(self.path, in_memory=True) as volume, volume.snapshot() as snapshot:
            self.region.write_bytes(b"")  # mapped, this would be a SIGBUS
            self.assertEqual(snapshot.layer(1, 1).text, self.content("first", 1, 1))
        with self.assertRaises(dim.Damaged):
            dim.Volume(self.path)
        # A keyword that is no UTF-8.
        self.region.write_bytes(whole.replace(b"first", b"f\xffrst"))
        with dim.Volume(self.path) as volume, volume.snapshot() as snapshot:
            with self.assertRaises(dim.Damaged):
                snapshot.layer(1, 1).keywords
        with self.assertRaises(dim.Damaged):
            dim.Volume(self.path, check=True)

    def test_the_environment_tells_where_the_volume_is(self):
        os.environ["MMAP_BASE_PATH"] = self.path
        self.addCleanup(os.environ.pop, "MMAP_BASE_PATH")
        with dim.Volume() as volume, volume.snapshot() as snapshot:
            self.assertEqual(snapshot.layer(2, 1).text, self.content("first", 2, 1))


if __name__ == "__main__":
    unittest.main()
