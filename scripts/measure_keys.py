"""Print how few keys motions need, what that misses on the built-in head, and how long it takes.

dualtalk predict A.wav B.wav --output build/dialogue
python scripts/measure_keys.py build/dialogue_speaker1.npz build/dialogue_speaker2.npz
"""

import sys
import time
from pathlib import Path

import bpy
import numpy as np
from dualtalk.core.edits.closures import closures
from dualtalk.core.edits.curve import Record
from dualtalk.core.edits.reduction import reduced_keys
from dualtalk.core.faces.builtin_head import HeadModel
from dualtalk.core.motion import Motion
from dualtalk.core.motion_layers import of_shape
from dualtalk.core.names import ARKIT_SHAPES
from dualtalk.rig.characters import builtin, heads
from dualtalk.rig.performance import motion_writer
from dualtalk.rig.performance.editing import written

RATES = (24.0, 25.0, 30.0, 60.0)


def main(paths: list[str]) -> None:
    """Measure each motion at each rate, then the speed on curves of two heads for 12 minutes."""
    model = HeadModel.bundled()
    print("motion, frames/s: keys; furthest vertex (shapes); head; jaw; closures; record of it")
    for path in paths:
        for fps in RATES:
            print(f"{Path(path).stem}, {fps:g}: {measured(model, Motion.load(Path(path)), fps)}")
    values = np.random.default_rng(0).standard_normal((112, 18_000)).cumsum(axis=1) * 0.02
    smooth = np.apply_along_axis(np.convolve, 1, values, np.hanning(9) / 4, "same")
    start = time.perf_counter()
    curves = reduced_keys(1, smooth, np.full(112, 0.01))
    share = np.mean([len(curve.frames) for curve in curves]) / 18_000
    print(f"112 curves of 18,000 frames: {time.perf_counter() - start:.1f} s, {share:.0%} keys")


def measured(model: HeadModel, motion: Motion, fps: float) -> str:
    """Write a motion onto a head with few keys and compare every frame."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.fps = round(fps)
    head = builtin.build(model, "A", 1, "Speaker A", heads.collection(scene))
    motion_writer.write_motion(head, motion, scene, 1, has_few_keys=True)
    wanted = motion.resampled(fps)
    frames = 1.0 + np.arange(wanted.n_frames)
    record = written.load(head.mesh.data.shape_keys, written.face(0))
    body = written.load(head.armature, written.BODY)
    got = np.stack([_at(record, f'key_blocks["{n}"].value', 0, frames) for n in ARKIT_SHAPES], 1)
    error = got - wanted.expression
    worst = 0.0
    for first in range(0, len(error), 50):
        moved = np.tensordot(error[first : first + 50], model.shapes, 1)
        worst = max(worst, float(np.linalg.norm(moved, axis=2).max()))
    turned = [_missed_deg(body, bone, turn, frames) for bone, turn in
              (("neck", wanted.head), ("jaw", wanted.jaw))]  # fmt: skip
    n_keys = sum(len(c.frames) for r in (record, body) for c in r.curves.values())
    n_curves = sum(len(r.curves) for r in (record, body))
    size = sum(len(r.to_bytes()) for r in (record, body))
    closed = closures(wanted.expression)
    lips = [of_shape(name) == "lips" for name in ARKIT_SHAPES]
    kept = np.abs(error[closed][:, lips]).max(initial=0.0) < 1e-6
    share = n_keys / n_curves / wanted.n_frames
    return (
        f"{share:.1%}; {1000 * worst:.2f} mm; {turned[0]:.2f} deg; {turned[1]:.2f} deg; "
        f"{int(closed.sum())} {'kept' if kept else 'LOST'}; {size / 1000:.0f} kB"
    )


def _at(record: Record, path: str, index: int, frames: np.ndarray) -> np.ndarray:
    return record.curves[path, index].at(frames)


def _missed_deg(body: Record, bone: str, turn: np.ndarray, frames: np.ndarray) -> float:
    path = f'pose.bones["{bone}"].rotation_quaternion'
    got = np.stack([_at(body, path, index, frames) for index in range(4)], axis=1)
    got /= np.linalg.norm(got, axis=1, keepdims=True)
    dots = np.abs((got * motion_writer.quaternions(turn)).sum(axis=1)).clip(0, 1)
    return float(np.degrees(2 * np.arccos(dots)).max())


if __name__ == "__main__":
    main(sys.argv[1:])
