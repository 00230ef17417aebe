"""What tests in Blender put into a scene, and read out of it."""

import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import soundfile
from dualtalk import status
from dualtalk.core.directing.gaze_plan import plan_gaze
from dualtalk.core.directing.staging import PRESETS, Staging
from dualtalk.core.faces.builtin_head import HeadModel
from dualtalk.core.motion import Motion
from dualtalk.core.performance import Performance
from dualtalk.properties import scene as settings
from dualtalk.properties import staging, strengths
from dualtalk.rig import fcurves
from dualtalk.rig.characters import builtin
from dualtalk.rig.gaze import gaze_keys, gaze_rig
from dualtalk.rig.staging import directing, placing
from mathutils import Matrix, Vector

FPS = 25
EYES_M = {"eye_left": (0.031, 0.029, 0.029), "eye_right": (-0.031, 0.029, 0.029)}
TO_SCENE = Matrix(((1, 0, 0), (0, 0, -1), (0, 1, 0)))  # FLAME's axes to Blender's at rest


@contextmanager
def registered(*classes: type) -> Iterator[None]:
    """Let scenes have the add-on's settings inside the block, and Blender these classes."""
    groups = (*staging.CLASSES, *strengths.CLASSES, *settings.CLASSES, *classes)
    for cls in groups:
        bpy.utils.register_class(cls)
    settings.register()
    yield
    status.forget_failure()
    settings.unregister()
    for cls in reversed(groups):
        bpy.utils.unregister_class(cls)


def empty() -> bpy.types.Scene:
    """Return an empty scene at 25 frames per second."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.context.scene.render.fps = FPS
    return bpy.context.scene


def conversation() -> bpy.types.Scene:
    """Return a scene of two built heads at a table, who look at each other by a plan."""
    scene = empty()
    scene.frame_end = 1000
    model = HeadModel.bundled()
    for speaker, name in ((1, "A"), (2, "B")):
        builtin.build(model, name, speaker, f"Speaker {name}", scene.collection)
    pair = directing.armatures_of(scene)
    placing.place(pair, PRESETS["table"].staging)
    gaze_rig.build(pair, scene.collection)
    speaking = talk(40)
    gaze_keys.write_plan(pair, plan_gaze(speaking), speaking=speaking)
    return scene


def bare_pair() -> tuple[bpy.types.Object, bpy.types.Object]:
    """Return two armatures of our bones alone, with the gaze rig, in an empty scene."""
    scene = empty()
    pair = (make_head("A"), make_head("B"))
    gaze_rig.build(pair, scene.collection)
    return pair


def make_head(name: str) -> bpy.types.Object:
    """Return an armature with the five bones, all pointing up with FLAME's axes."""
    data = bpy.data.armatures.new(name)
    obj = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(obj)
    bpy.context.view_layer.objects.active = obj
    bpy.ops.object.mode_set(mode="EDIT")
    heads = {"root": (0, -0.2, 0), "neck": (0, -0.05, -0.02), "jaw": (0, -0.03, 0), **EYES_M}
    parents = {"neck": "root", "jaw": "neck", "eye_left": "neck", "eye_right": "neck"}
    for bone_name, head in heads.items():
        bone = data.edit_bones.new(bone_name)
        bone.head = TO_SCENE @ Vector(head)
        bone.tail = bone.head + Vector((0, 0, 0.05))
        bone.align_roll(Vector((0, -1, 0)))
        bone.parent = data.edit_bones.get(parents.get(bone_name, ""))
    bpy.ops.object.mode_set(mode="OBJECT")
    for bone in obj.pose.bones:
        bone.rotation_mode = "XYZ"
    return obj


def talk(duration_s: float, seed: int = 4) -> np.ndarray:
    """Return who speaks when as people take turns, (2, n_frames)."""
    rng = np.random.default_rng(seed)
    n, frame, who = int(duration_s * FPS), 0, 0
    speaking = np.zeros((2, n), np.bool_)
    while frame < n:
        length = int(rng.gamma(2, 2.0) * FPS) + 10
        speaking[who, frame : frame + length] = True
        frame += length + int(rng.gamma(2, 0.2) * FPS)
        who = 1 - who
    return speaking


def chatter(n_frames: int = 50, seed: int = 0) -> Motion:
    """Return a smooth random motion."""
    generator = np.random.default_rng(seed)
    waves = np.cumsum(generator.standard_normal((n_frames, 52)), axis=0) / 50
    return Motion.from_arrays(np.abs(waves[:, :40]) % 1, np.abs(waves[:, 40:43]), waves[:, 43:46])


def spoken(folder: Path, motions: tuple[Motion, Motion] | None = None) -> Performance:
    """Return a performance with two seconds of sound."""
    paths = (folder / "a.wav", folder / "b.wav")
    for path in paths:
        soundfile.write(path, 0.1 * np.sin(np.arange(32_000) / 10), 16_000)
    speaking = np.zeros((2, 50), bool)
    speaking[0, :25] = speaking[1, 25:] = True
    return Performance(motions or (chatter(seed=1), chatter(seed=2)), paths, speaking)


def sway(armature: bpy.types.Object, n_frames: int, seed: int) -> np.ndarray:
    """Key a head motion as a network gives it and return it, (n_frames, 3) radians."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(n_frames + 40, 3))
    smooth = np.stack([np.convolve(noise[:, i], np.hanning(41), "valid") for i in range(3)], 1)
    motion = smooth[:n_frames] * np.radians(4) / smooth.std()
    armature.pose.bones["neck"].rotation_mode = "XYZ"
    for axis in range(3):
        curve = fcurves.ensure_fcurve(armature, 'pose.bones["neck"].rotation_euler', axis)
        fcurves.set_keys(curve, 1.0 + np.arange(n_frames), motion[:, axis])
    return motion


def stage_and_write(pair: Any, staging: Staging, plan: Any, **settings: Any) -> Any:
    """Place two armatures and write where they look."""
    placing.place(pair, staging)
    return gaze_keys.write_plan(pair, plan, **settings)


def eye_errors_deg(armature: bpy.types.Object, partner: bpy.types.Object) -> list[float]:
    """Return the angle between each evaluated eye's ray and the partner's face."""
    depsgraph = bpy.context.evaluated_depsgraph_get()
    seen, other = armature.evaluated_get(depsgraph), partner.evaluated_get(depsgraph)
    eyes = [other.matrix_world @ other.pose.bones[name].matrix for name in EYES_M]
    face = (eyes[0].translation + eyes[1].translation) / 2
    errors = []
    for name in EYES_M:
        matrix = seen.matrix_world @ seen.pose.bones[name].matrix
        ray = (matrix.to_3x3() @ Vector((0, 0, 1))).normalized()
        errors.append(math.degrees(ray.angle(face - matrix.translation)))
    return errors


def evaluated(obj: bpy.types.Object) -> np.ndarray:
    """Return the vertices of a mesh in the world as the modifiers leave them, (V, 3)."""
    seen = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
    mesh = seen.to_mesh()
    points = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.vertices.foreach_get("co", points)
    matrix = np.array(seen.matrix_world)
    return points.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3]


def calls_of(work: Callable[[], object]) -> int:
    """Return how many calls of functions, Python's and Blender's, a piece of work makes.

    The same on every machine and under any load, unlike seconds; a loop over vertices or keys
    where a bulk write serves shows at once.
    """
    count = 0

    def counted(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count
