"""Print the processor time of a frame of a Workbench video, by what takes it.

    python scripts/time_video.py [--scene build/demo.blend] [--frames 10] [--start 300]

Each row from the third on leaves something out of the row above it, depth of field aside. The first
tells also how much of it one thread does, which more cores do not help. Needs Blender as a module.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import bpy
from dualtalk.rig.output import preview

_SMALL = (64, 36)


def main() -> None:
    """Render a few frames over and over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scene", type=Path, default=Path("build/demo.blend"))
    parser.add_argument("--frames", type=int, default=10)
    parser.add_argument("--start", type=int, default=300)
    parser.add_argument("--size", type=int, nargs=2, default=(1280, 720))
    options = parser.parse_args()
    bpy.ops.wm.open_mainfile(filepath=str(options.scene.resolve()))
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = options.start, options.start + options.frames - 1
    size = tuple(options.size)
    with preview._preview_settings(scene, size, "WORKBENCH"), tempfile.TemporaryDirectory() as at:
        scene.render.filepath = str(Path(at) / "video.mp4")
        _print("as it is", _frame_s(scene), _frame_s(scene, time.thread_time))
        scene.display.shading.use_dof = True
        _print("with depth of field", _frame_s(scene))
        scene.display.shading.use_dof = False
        scene.render.use_compositing = False
        _print("without smooth edges", _frame_s(scene))
        scene.render.resolution_x, scene.render.resolution_y = _SMALL
        _print(f"of {_SMALL[0]} x {_SMALL[1]}", _frame_s(scene))
        start = time.process_time()
        for frame in range(scene.frame_start, scene.frame_end + 1):
            scene.frame_set(frame)
        _print("the heads alone, no picture", (time.process_time() - start) / options.frames)
        scene.render.resolution_x, scene.render.resolution_y = size
        scene.display.render_aa = "FXAA"
        _print("smoothed by Workbench instead", _frame_s(scene))


def _frame_s(scene: bpy.types.Scene, clock: Callable[[], float] = time.process_time) -> float:
    """Return the processor time of a frame by a clock; shaders are compiled before."""
    last = scene.frame_end
    with preview._quiet():
        scene.frame_end = scene.frame_start
        bpy.ops.render.render(animation=True)
        scene.frame_end = last
        start = clock()
        bpy.ops.render.render(animation=True)
    return (clock() - start) / (last - scene.frame_start + 1)


def _print(what: str, seconds: float, alone_s: float | None = None) -> None:
    alone = "" if alone_s is None else f", {alone_s:.3f} s of it in one thread"
    print(f"{what:32} {seconds:6.3f} s{alone}")


if __name__ == "__main__":
    main()
