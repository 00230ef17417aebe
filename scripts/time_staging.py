"""Time ten minutes of dialogue in a scene: staging, gaze, keys, and every button of directing.

    python scripts/time_staging.py [--minutes 10]

Needs Blender as a module. The dialogue is made up: turns of about 4 s, two heads that move in
every frame, two tracks of silence. "Key writing" is what
`rig.performance.motion_writer` takes for both motions alone;
the rest of writing the performance must take under 5 s.
"""

import argparse
import logging
import tempfile
import time
import wave
from collections.abc import Callable
from pathlib import Path

import bpy
import numpy as np
from dualtalk.core.directing.description import Scene
from dualtalk.core.directing.staging import PRESETS, HeadHabit
from dualtalk.core.motion import NETWORK_FPS, Motion
from dualtalk.core.performance import Performance, Settings
from dualtalk.rig.gaze import gaze_keys, gaze_view
from dualtalk.rig.output import baking
from dualtalk.rig.performance import motion_writer
from dualtalk.rig.performance.scene_writer import write_performance
from dualtalk.rig.staging import directing
from numpy.typing import NDArray

_RATE = 16_000


def turns(n_frames: int, seed: int = 4) -> NDArray[np.bool_]:
    """Return who speaks, (2, n_frames), by turns with short pauses between."""
    rng = np.random.default_rng(seed)
    speaking = np.zeros((2, n_frames), np.bool_)
    frame, who = 0, 0
    while frame < n_frames:
        length = int(rng.gamma(2, 2.0) * NETWORK_FPS) + 10
        speaking[who, frame : frame + length] = True
        frame += length + int(rng.gamma(2, 0.2) * NETWORK_FPS)
        who = 1 - who
    return speaking


def moving(n_frames: int, seed: int) -> Motion:
    """Return a motion in which everything moves in every frame."""
    rng = np.random.default_rng(seed)
    n_shapes = Motion.at_rest(1).expression.shape[1]
    return Motion.from_arrays(
        rng.random((n_frames, n_shapes)),
        jaw=rng.normal(size=(n_frames, 3)) * 0.05,
        head=rng.normal(size=(n_frames, 3)) * 0.05,
        translation=rng.normal(size=(n_frames, 3)) * 0.002,
    )


def silence(path: Path, seconds: float) -> Path:
    """Write a mono file of zeros."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(bytes(2 * round(seconds * _RATE)))
    return path


def timed(label: str, step: Callable[[], object]) -> float:
    """Run a step, print how long it took, and return that, seconds."""
    start = time.perf_counter()
    step()
    seconds = time.perf_counter() - start
    print(f"{label:<44}{seconds:7.2f} s")
    return seconds


def measure(minutes: float, folder: Path) -> float:
    """Print all timings; return what writing took beyond the keys of the motion, seconds."""
    n_frames = round(minutes * 60 * NETWORK_FPS)
    speaking = turns(n_frames)
    sounds = (silence(folder / "a.wav", minutes * 60), silence(folder / "b.wav", minutes * 60))
    performance = Performance((moving(n_frames, 1), moving(n_frames, 2)), sounds, speaking)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    settings = Settings(cuts_to_speaker=True)
    whole = timed("performance written (heads, gaze, keys, ...)",
                  lambda: write_performance(scene, performance, settings))  # fmt: skip
    characters = write_performance(scene, performance, settings)

    def keys_alone() -> None:
        for character, motion in zip(characters, performance.motions, strict=True):
            motion_writer.write_motion(character, motion, scene, settings.first_frame)

    beyond = whole - timed("  of that, keys of the two motions", keys_alone)
    print(f"{'  beyond the keys':<44}{beyond:7.2f} s")
    pair = directing.armatures_of(scene)
    write_performance(scene, performance, settings)
    habits = (HeadHabit(turn=-0.5, turn_end=1.0, nodding=1.0, lean_end_rad=0.2), HeadHabit())
    timed("Direct: staged and planned anew",
          lambda: directing.direct(scene, Scene(PRESETS["bench"].staging, habits)))  # fmt: skip
    timed("Cut to Whoever Speaks", lambda: directing.cut_to_speakers(scene))
    timed("Follow Edits", lambda: gaze_keys.follow_edits(pair))
    timed("Show Gaze: strips of the timeline", lambda: gaze_view.strips(scene))
    timed("Bake Gaze", lambda: baking.bake(pair, scene.frame_start, scene.frame_end))
    timed("Unbake Gaze", lambda: baking.unbake(pair))
    return beyond


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    given = parser.parse_args()
    logging.disable(logging.INFO)
    print(f"{given.minutes:g} minutes, Blender {bpy.app.version_string}")
    with tempfile.TemporaryDirectory() as folder:
        measure(given.minutes, Path(folder))


if __name__ == "__main__":
    main()
