"""Faces by chance, a picture each: what the regressor of curation learns from.

    python -m modelling.footage.stills --output build/curation/stills

Each person gets frames of natural motion, to some of which activations by chance are added, seen
from all sides that the pipeline accepts, through many lenses and in many lights.
"""

import argparse
from pathlib import Path

import bpy
import numpy as np
from dualtalk.core.faces.builtin_head import HeadModel
from dualtalk.core.files import atomic
from dualtalk.core.motion import Motion
from dualtalk.core.names import ARKIT_INDEX, ARKIT_SHAPES, JAW_OPEN_RAD
from dualtalk.modelling import studio
from dualtalk.modelling.footage import posing
from dualtalk.modelling.footage.people import training_people
from dualtalk.rig import compat
from dualtalk.rig.characters import builtin
from mathutils import Quaternion, Vector
from numpy.random import Generator

_SIZE_PX = 256
_CLOSE = ARKIT_INDEX["mouthClose"]
#: Of the frames, so many get activations by chance on top, and so many have nothing but rest.
_SHARE_BY_CHANCE, _SHARE_AT_REST = 0.5, 0.04
_FRAMES_PER_LIGHT = 20


def drawn(motions: list[Motion], count: int, generator: Generator) -> Motion:
    """Return `count` frames that have nothing to do with each other."""
    rows = []
    for _ in range(count):
        motion = motions[generator.integers(len(motions))]
        i = int(generator.integers(motion.n_frames))
        face = np.concatenate([motion.expression[i], motion.jaw[i]]).astype(np.float64)
        face[:-3] *= generator.uniform(0.6, 1.4)
        chance = generator.random()
        if chance < _SHARE_BY_CHANCE:
            _activate(face, generator)
        elif chance < _SHARE_BY_CHANCE + _SHARE_AT_REST:
            face[:] = 0
        rows.append(np.concatenate([face, _head(generator), _eyes(motion, i, generator)]))
    values = np.array(rows)
    values[:, :40] = values[:, :40].clip(0, 1)
    return Motion.from_arrays(
        values[:, :40], jaw=values[:, 40:43], head=values[:, 43:46],
        eyes=values[:, 46:].reshape(-1, 2, 3),
    )  # fmt: skip


def _activate(face: np.ndarray, generator: Generator) -> None:
    """Raise three shapes by chance, most often on both sides, and open the jaw a little."""
    for name in generator.choice(ARKIT_SHAPES, 3, replace=False):
        value = generator.uniform(0, 0.8)
        other = name.replace("Left", "Right") if "Left" in name else name.replace("Right", "Left")
        face[ARKIT_INDEX[name]] += value
        if other != name and other in ARKIT_INDEX and generator.random() < 0.8:
            face[ARKIT_INDEX[other]] += value * generator.uniform(0.7, 1.2)
    if generator.random() < 0.4:
        face[40] += generator.uniform(0, 0.3)
    face[_CLOSE] = min(face[_CLOSE], face[40] / JAW_OPEN_RAD)


def _head(generator: Generator) -> np.ndarray:
    return generator.normal(0, (0.06, 0.08, 0.05))


def _eyes(motion: Motion, frame: int, generator: Generator) -> np.ndarray:
    turn = generator.normal(0, (0.1, 0.2, 0.0)) if generator.random() < 0.6 else np.zeros(3)
    return (motion.eyes[frame] + turn).clip(-0.5, 0.5).ravel()


def aim(scene: bpy.types.Scene, eyes_m: np.ndarray, generator: Generator) -> None:
    """Put the camera somewhere before the face, so that it fills a third to a half of the tile."""
    yaw, pitch = generator.uniform(-0.7, 0.7), generator.normal(0.0, 0.15)
    distance = float(generator.uniform(0.5, 3.0))
    way = Vector((np.sin(yaw) * np.cos(pitch), -np.cos(yaw) * np.cos(pitch), np.sin(pitch)))
    target = Vector((0.0, -eyes_m[2] + 0.03, eyes_m[1] - 0.03))
    camera = scene.camera
    camera.location = target + distance * way
    camera.rotation_mode = "QUATERNION"
    tilt = Quaternion((0, 0, 1), float(generator.normal(0, 0.12)))
    camera.rotation_quaternion = (-way).to_track_quat("-Z", "Y") @ tilt
    seen_m = float(generator.uniform(0.30, 0.48))  # what the picture shows at the face
    camera.data.sensor_width = 36.0
    camera.data.lens = 36.0 * distance / seen_m
    camera.data.shift_x, camera.data.shift_y = generator.uniform(-0.12, 0.12, 2)


def main() -> None:
    """Render everybody who is not there yet, with a file of what is true beside the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--motions", type=Path, default=Path("build/curation/dialogues"))
    parser.add_argument("--output", type=Path, default=Path("build/curation/stills"))
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--frames", type=int, default=120)
    arguments = parser.parse_args()
    motions = [Motion.load(path) for path in sorted(arguments.motions.glob("train_*.npz"))]
    scene = studio.empty((_SIZE_PX, _SIZE_PX))
    compat.use_image(scene.render.image_settings, "JPEG")
    scene.render.image_settings.quality = 92
    scene.display.render_aa = "FXAA"
    model = HeadModel.bundled()
    head = builtin.build(model, "A", 1, "Head", scene.collection)
    for index, who in enumerate(training_people(arguments.people)):
        folder = arguments.output / f"{index:02d}"
        if (folder / "truth.npz").is_file():
            continue
        folder.mkdir(parents=True, exist_ok=True)
        generator = np.random.default_rng((20, index))
        head.become(who, model)
        motion = drawn(motions, arguments.frames, generator)
        placed, focal = _render(scene, head, model, motion, folder, generator)
        with atomic(folder / "truth.npz") as temporary, open(temporary, "wb") as file:
            np.savez(
                file, expression=motion.expression, jaw=motion.jaw, head=motion.head,
                eyes=motion.eyes, in_camera=placed, focal_px=focal,
            )  # fmt: skip


def _render(
    scene: bpy.types.Scene, head: builtin.BuiltinHead, model: HeadModel, motion: Motion,
    folder: Path, generator: Generator,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    eyes = model.joints_of(head.identity)[3:].mean(axis=0)
    placed, focal = [], []
    for frame in range(motion.n_frames):
        if frame % _FRAMES_PER_LIGHT == 0:
            posing.light(scene, generator)
        posing.pose(head, motion, frame)
        aim(scene, eyes, generator)
        bpy.context.view_layer.update()
        placed.append(posing.in_camera(head, scene.camera))
        focal.append(scene.camera.data.lens / scene.camera.data.sensor_width * _SIZE_PX)
        scene.render.filepath = str((folder / f"{frame:04d}.jpg").resolve())
        bpy.ops.render.render(write_still=True)
    return np.stack(placed), np.array(focal)


if __name__ == "__main__":
    main()
