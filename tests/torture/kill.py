"""kill.py: a kill at every system call of everything that publishes, bundles, restores or tidies.

In: --short, --seed, --only (campaign.py); dimc and inject. Out: a line with the counts: what readers saw after each kill.

After each kill, readers see the old state or the new one, whole (`dimc verify --strict` and digests of every file); a bundle's name
is free, the old bundle or the new one, and beside it is the sum of that or none. Then the next run succeeds without help, some
after it was killed itself, and what it leaves is what an undisturbed run leaves, to the byte. Where a kill left, byte for byte, what
the one before it left, as between two calls that only read, the verdict is that one's. Point 20017 is call 17 of scene 2.
"""
import os
import sys

from campaign import Control, Failure, campaign
from scenes import below, difference, in_memory, scenes, tree, without_cache

SCENE = 10000  # numbers of a scene
CHANGES = {"renameat2", "renameat", "rename", "linkat", "unlinkat", "unlink", "rmdir", "mkdirat", "mkdir", "fchmodat", "fchmod", "fsync", "write"}
BAR = 500
CONTROLS = [
    Control("no-exchange", "a generation is replaced by two renames although the system can exchange",
            [("compiler/volume.c", "if (renameat2(volume->fd, a, volume->fd, b, RENAME_EXCHANGE) == 0)",
              "if (renameat2(volume->fd, a, volume->fd, b, 1u << 30) == 0)")]),
    Control("no-sticky-bit", "a staging directory looks like a former generation",
            [("compiler/volume.h", "VOLUME_STAGED_MODE = 01755", "VOLUME_STAGED_MODE = 0755")]),
    Control("stale-sum", "the sum of an older bundle stays until the new one is written",
            [("compiler/bundle_write.c", "error = remove_sidecars(&aside);", "error = result == PACK_AGAIN ? remove_sidecars(&aside) : 0;")]),
    Control("own-hidden-name", "what a kill leaves of a file that is replaced has a name that no other run finds",
            [("compiler/aside.c", "name_hidden(aside, hidden);",
              'snprintf(hidden, sizeof(hidden), ".%.200s.%ld.new", aside->name, (long)getpid());')]),
    Control("own-name", "on a file system without O_TMPFILE, the name of a file that is written is another one in each run",
            [("compiler/aside.c", "for (own = 0; fd < 0", "for (own = 1; fd < 0")]),
]


def sample(c, place, scene, count):
    """Some calls for the short form: the last step that shows, or what follows it, and some of those that change something."""
    rng = c.random(place)
    changing = [int(call[0]) for call in scene.calls if call[2] in CHANGES]
    steps = [int(call[0]) for call in scene.calls if call[2].startswith("rename") and "/.cache/" not in call[3]]
    return sorted({n + rng.randrange(2) for n in steps[-1:]} | set(rng.sample(changing, min(count, len(changing)))))


def kill_once(c, scene, number):
    """Kills the command at a call. None where it ended before: threads do not make as many calls each time."""
    ran = scene.inject("kill", str(number))
    if ran.status == 124:
        return None
    c.want(ran.status == 137, f"not killed: {ran}")
    return ran


def clean(c, scene, ran):
    """`dimc clean` publishes nothing, and yet leaves the volume exactly as it was before the command, or as it is after it."""
    cleaned = c.run([c.dimc, "clean", "volume"], cwd=scene.run_in)
    c.want(cleaned.status == 0, f"clean: {cleaned}\nafter {ran}")
    now, old, new = (below(without_cache(t), "volume/") for t in (scene.tree(), scene.before, scene.after))
    c.want(now in (old, new), f"after clean not as before: {difference(now, old)}; nor as after: {difference(now, new)}\n{ran}")


def recover(c, scene, ran, point):
    """The next run, sometimes after `clean`, sometimes after it was killed, too."""
    rng = c.random(point)
    rolls = scene.command[1] == "rollback"  # which goes back again where it was done
    if scene.publishes and (rolls or rng.random() < 0.3):
        clean(c, scene, ran)
    if not rolls and rng.random() < 0.25 and kill_once(c, scene, rng.randrange(1, len(scene.calls) + 1)):
        c.count("killed again while recovering")
        scene.judge(ran)
    scene.recover(ran)


def run(c):
    for place, scene in enumerate(scenes(c), 1):
        if c.only is not None and c.only // SCENE != place:
            continue
        scene.learn()
        numbers = sample(c, place, scene, 1) if c.short else range(1, len(scene.calls) + 1)
        judged = None  # what the last kill left, where that was right
        for number in numbers if c.only is None else [c.only % SCENE]:
            scene.set()
            try:
                ran = kill_once(c, scene, number)
            except Failure as failure:
                raise RuntimeError(str(failure)) from failure
            if ran is None:
                c.count("calls that threads did not make again")
                continue
            point = place * SCENE + number
            with c.point(point, f"{scene.name}, call {number}: {' '.join(scene.calls[min(number, len(scene.calls)) - 1][2:4])}"):
                left = tree(scene.run_in, os.path.getsize)
                if left == judged:
                    c.count("that left what the one before left")
                    continue
                judged = None
                c.count(scene.judge(ran))
                recover(c, scene, ran, point)
                judged = left


if __name__ == "__main__":
    in_memory()
    sys.exit(campaign("kill", BAR, "kills", run))
