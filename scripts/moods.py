"""Render every mood on the built-in heads: a row for who speaks, one for who listens.

    python scripts/moods.py A_speaker1.npz A_speaker2.npz [--output build/moods.png] [--frame 60]

The motions are what `dualtalk predict` writes. Needs Blender as a module, or Blender itself.
"""

import argparse
from pathlib import Path

import bpy
import numpy as np
from dualtalk.core.acting.moods import MOODS
from dualtalk.core.motion import Motion
from dualtalk.core.performance import Performance, Settings
from dualtalk.rig.acting import acting, sliders
from dualtalk.rig.characters import heads
from dualtalk.rig.characters.character import Character
from dualtalk.rig.gaze import gaze_rig
from dualtalk.rig.output import preview, studio_light
from dualtalk.rig.performance import scene_writer
from mathutils import Matrix, Vector

_SIZE = (240, 270)
_DISTANCE_M, _ASIDE_RAD = 0.8, 0.35


def main() -> None:
    """Render the sheet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("motions", nargs=2, type=Path)
    parser.add_argument("--output", type=Path, default=Path("build/moods.png"))
    parser.add_argument("--frame", type=int, default=60)
    parser.add_argument("--amount", type=float, default=1.0)
    parser.add_argument("--moods", nargs="+", choices=MOODS, default=list(MOODS))
    options = parser.parse_args()
    options.output.parent.mkdir(parents=True, exist_ok=True)
    scene = _performed(options.motions)
    scene.frame_set(options.frame)
    columns = []
    for mood in [None, *options.moods]:
        for character in heads.pair(scene):
            sliders.reset(character.armature)
            if mood is not None:
                character.armature[sliders.name_of(mood)] = options.amount
            character.armature.update_tag()
        scene.frame_set(options.frame)
        stills = [_still(scene, one, options.output) for one in reversed(heads.pair(scene))]
        columns.append(np.concatenate(stills))
    half = (len(columns) + 1) // 2
    blank = np.zeros_like(columns[0])
    rows = [columns[:half], columns[half:] + [blank] * (2 * half - len(columns))]
    _save(np.concatenate([np.concatenate(row, axis=1) for row in rows[::-1]]), options.output)


def _performed(paths: list[Path]) -> bpy.types.Scene:
    """Return a scene in which both play their motions; the first speaks."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.fps = 25
    first, second = (Motion.load(path) for path in paths)
    speaking = np.zeros((2, first.n_frames), np.bool_)
    speaking[0] = True
    performance = Performance((first, second), (), speaking)
    for character in scene_writer.write_performance(scene, performance, Settings()):
        acting.ensure(character)
    return scene


def _still(scene: bpy.types.Scene, character: Character, beside: Path) -> np.ndarray:
    """Render a portrait: (height, width, 4) of 0 to 1, bottom row first."""
    scene.render.engine = "BLENDER_WORKBENCH"
    preview.set_picture(scene, _SIZE)
    camera = scene.objects.get("Portrait")
    if camera is None:
        camera = bpy.data.objects.new("Portrait", bpy.data.cameras.new("Portrait"))
        scene.collection.objects.link(camera)
        camera.data.lens, camera.data.sensor_fit = 75.0, "VERTICAL"
    at = camera.get(character.armature.name)
    if at is None:  # where the face is without a mood, so that the bearing of moods is seen
        face = gaze_rig.find_parts(character.armature).face.matrix_world
        middle = face.translation + Vector((0, 0, -0.025))
        ahead = character.armature.matrix_world @ character.armature.pose.bones["neck"].matrix
        ahead = Matrix.Rotation(_ASIDE_RAD, 3, "Z") @ ahead.to_3x3() @ Vector((0, 0, 1))
        at = camera[character.armature.name] = [*middle, *ahead]
    middle, ahead = Vector(at[:3]), Vector(at[3:])
    camera.location = middle + _DISTANCE_M * ahead
    camera.rotation_euler = (-ahead).to_track_quat("-Z", "Y").to_euler()
    scene.camera = camera
    path = beside.with_name("still.png")
    scene.render.filepath = str(path)
    with studio_light.three_point(scene):
        bpy.ops.render.render(write_still=True)
    image = bpy.data.images.load(str(path))
    pixels = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(pixels)
    width, height = image.size
    bpy.data.images.remove(image)
    path.unlink()
    return pixels.reshape(height, width, 4)


def _save(pixels: np.ndarray, path: Path) -> None:
    height, width, _ = pixels.shape
    image = bpy.data.images.new("sheet", width, height)
    image.pixels.foreach_set(np.ascontiguousarray(pixels, np.float32).ravel())
    image.filepath_raw, image.file_format = str(path), "PNG"
    image.save()
    bpy.data.images.remove(image)


if __name__ == "__main__":
    main()
