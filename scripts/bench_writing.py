"""Time how a performance is written, against keys by Blender's own means (docs/performance.md).

    python scripts/bench_writing.py [--frames 719 18000] [--rounds 5]

Needs Blender as a module. One built-in head gets a motion of which every channel moves. The same
curves get the same numbers by `foreach_set`, the fastest way that Blender has, and by
`keyframe_insert`, a key at a time (719 frames at most: it is slow). Processor time, the median over
rounds in which all take turns. Ends with 1 if a target is missed.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable

import bpy
import numpy as np
from dualtalk.core.faces.builtin_head import HeadModel
from dualtalk.core.motion import Motion
from dualtalk.core.names import ARKIT_SHAPES
from dualtalk.rig import actions, compat
from dualtalk.rig.characters import builtin
from dualtalk.rig.characters.character import Character
from dualtalk.rig.performance import motion_writer

#: At least so much faster than a key at a time, and at most so much slower than bare numbers.
FASTER_THAN_INSERT, SLOWER_THAN_BARE = 30.0, 1.5
_FPS = 25
_INSERTED_FRAMES = 719  # of the bundled dialogue


def moving(n_frames: int) -> Motion:
    """Return a motion of which every channel moves."""
    draw = np.random.default_rng(0)
    turns = 0.05 * draw.standard_normal((n_frames, 12))
    return Motion.from_arrays(
        draw.random((n_frames, len(ARKIT_SHAPES))), turns[:, :3], turns[:, 3:6],
        turns[:, 6:].reshape(-1, 2, 3), basis="arkit",
    )  # fmt: skip


def bare(parts: list[motion_writer.Part]) -> int:
    """Write by `foreach_set` alone; return how many keys that were."""
    n_keys = 0
    for part in parts:
        channels = compat.animate(part.owner, actions.new(part.title))
        for track in part.tracks:
            curve = channels.new(track.path, track.index, track.group)
            points = curve.keyframe_points
            points.add(len(track.values))
            frames = np.arange(1, len(track.values) + 1)
            points.foreach_set("co", np.stack([frames, track.values], axis=1).ravel())
            curve.update()
            n_keys += len(track.values)
    return n_keys


def inserted(parts: list[motion_writer.Part], n_frames: int) -> int:
    """Write some frames by `keyframe_insert`; return how many keys that were."""
    n_keys = 0
    for part in parts:
        part.owner.animation_data_clear()
        for track in part.tracks:
            path, _, name = track.path.rpartition(".")
            owner = part.owner.path_resolve(path)
            for frame, value in enumerate(track.values[:n_frames].tolist(), start=1):
                if track.path.startswith("key_blocks"):
                    setattr(owner, name, value)
                    owner.keyframe_insert(name, frame=frame)
                else:
                    getattr(owner, name)[track.index] = value
                    owner.keyframe_insert(name, index=track.index, frame=frame)
                n_keys += 1
    return n_keys


def timed(write: Callable[[], int]) -> float:
    """Return the processor time of a key, seconds."""
    start = time.process_time()
    n_keys = write()
    return (time.process_time() - start) / n_keys


def measure(character: Character, n_frames: int, rounds: int) -> bool:
    """Print a row for a length; tell whether it meets both targets."""
    scene, motion = bpy.context.scene, moving(n_frames)
    scene.render.fps, scene.render.fps_base = _FPS, 1.0
    parts = list(motion_writer.parts(character, character.fitted(motion)))

    def ours() -> int:
        motion_writer.write_motion(character, motion, scene, 1)
        return n_frames * sum(len(part.tracks) for part in parts)

    ways = (ours, lambda: bare(parts), lambda: inserted(parts, _INSERTED_FRAMES))
    taken = [[timed(way) for way in ways] for _ in range(rounds)]
    key_us = [1e6 * statistics.median(column) for column in zip(*taken, strict=True)]
    to_insert = statistics.median(row[2] / row[0] for row in taken)
    to_bare = statistics.median(row[0] / row[1] for row in taken)
    n_curves = sum(len(part.tracks) for part in parts)
    sys.stdout.write(
        f"| {n_curves} x {n_frames} | {key_us[0]:.2f} | {key_us[1]:.2f} | {key_us[2]:.1f} "
        f"| {to_insert:.0f} | {to_bare:.2f} |\n"
    )
    return to_insert >= FASTER_THAN_INSERT and to_bare <= SLOWER_THAN_BARE


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, nargs="+", default=[719, 18_000])
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    sys.stdout.write(
        f"Blender {bpy.app.version_string}; microseconds of processor time a key\n"
        "| curves x frames | ours | foreach_set | keyframe_insert | times faster than it "
        "| times foreach_set |\n|---|---|---|---|---|---|\n"
    )
    character = builtin.build(HeadModel.bundled(), "A", 1, "Head", bpy.context.scene.collection)
    return 0 if all([measure(character, n, given.rounds) for n in given.frames]) else 1


if __name__ == "__main__":
    sys.exit(main())
