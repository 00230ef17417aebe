"""Own characters look at each other however they are placed, posed, moved and animated."""

import math
from collections.abc import Callable

import bpy
import numpy as np
import pytest
from dualtalk.core.directing.gaze_plan import GazePlan, Look
from dualtalk.core.motion import Motion
from dualtalk.core.performance import Performance, Settings
from dualtalk.rig.characters import heads
from dualtalk.rig.characters.own import binding
from dualtalk.rig.gaze import gaze_keys
from dualtalk.rig.performance import scene_writer
from dualtalk.rig.staging import directing
from mathutils import Vector

N_FRAMES = 40
AT_PARTNER = Look(0, "partner")
EYES = {"eye.L": Vector((0.033, -0.085, 0.04)), "eye.R": Vector((-0.033, -0.085, 0.04))}
KEYS = {"eyeBlinkLeft": "eye.L", "eyeBlinkRight": "eye.R", "jawOpen": "", "mouthPucker": ""}
#: The body of a small character: joints and their parents.
BONES = {
    "hips": ((0, 0.02, -0.8), None), "spine": ((0, 0.02, -0.6), "hips"),
    "neck": ((0, 0.02, -0.2), "spine"), "head": ((0, 0.02, -0.1), "neck"),
}  # fmt: skip


def face(name: str, at: Vector) -> bpy.types.Object:
    bpy.ops.mesh.primitive_uv_sphere_add(segments=16, ring_count=12, radius=0.12, location=at)
    obj = bpy.context.object
    obj.name = name
    points = np.array([vertex.co for vertex in obj.data.vertices])
    obj.shape_key_add(name="Basis")
    for key, eye in KEYS.items():
        centre = np.array(EYES[eye] if eye else (0, -0.11, -0.06))
        near = np.exp(-((np.linalg.norm(points - centre, axis=1) / 0.03) ** 2))
        moved = points + near[:, None] * np.array([0, 0.005, -0.012])
        block = obj.shape_key_add(name=key)
        block.points.foreach_set("co", moved.astype(np.float32).ravel())
        block.value = 0.0
    return obj


def rig(name: str, at: Vector, with_head: bool) -> bpy.types.Object:
    armature = bpy.data.objects.new(name, bpy.data.armatures.new(name))
    bpy.context.scene.collection.objects.link(armature)
    armature.location = at
    bpy.context.view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode="EDIT")
    made = {}
    names = {**BONES, **{eye: (tuple(place), "head") for eye, place in EYES.items()}}
    for bone, (place, parent) in names.items():
        made[bone] = armature.data.edit_bones.new(bone if with_head or bone != "head" else "top")
        made[bone].head = Vector(place)
        made[bone].tail = Vector(place) + Vector((0, -0.02, 0) if bone in EYES else (0, 0, 0.1))
        made[bone].parent = made[parent] if parent else None
    bpy.ops.object.mode_set(mode="OBJECT")
    return armature


@pytest.fixture
def pair() -> list[tuple[bpy.types.Object, bpy.types.Object]]:
    """Return two characters that face each other, 1.6 m apart: their faces and armatures."""
    return characters()


def characters(with_head: bool = True) -> list[tuple[bpy.types.Object, bpy.types.Object]]:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.context.scene.render.fps = 25
    made = []
    for name, x, faces in (("Anna", -0.8, 1), ("Ben", 0.8, -1)):
        at = Vector((x, 0, 1.6))
        mesh, armature = face(name, at), rig(f"{name} rig", at, with_head)
        bpy.context.view_layer.update()
        group = mesh.vertex_groups.new(name="head" if with_head else "top")
        group.add(range(len(mesh.data.vertices)), 1.0, "REPLACE")
        mesh.parent, mesh.matrix_parent_inverse = armature, armature.matrix_world.inverted()
        mesh.modifiers.new("Armature", "ARMATURE").object = armature
        armature.rotation_euler.z = faces * math.pi / 2
        made.append((mesh, armature))
    bpy.context.view_layer.update()
    return made


def generate(
    pair: list[tuple[bpy.types.Object, bpy.types.Object]], first: Look = AT_PARTNER
) -> None:
    """Bind both and let them look at each other all the time, or the first elsewhere."""
    scene = bpy.context.scene
    for speaker, objects in enumerate(pair, start=1):
        if heads.find(scene, speaker) is None:
            binding.bind(scene, speaker, objects, heads.collection(scene))
    turns = np.random.default_rng(3).standard_normal((N_FRAMES, 3)).cumsum(axis=0) / 60
    motion = Motion.from_arrays(np.zeros((N_FRAMES, 40)), head=turns)
    plan = GazePlan(((first,), (AT_PARTNER,)), N_FRAMES, 25.0)
    performance = Performance((motion, motion), (), np.zeros((2, N_FRAMES), bool), plan)
    scene_writer.write_performance(scene, performance, Settings())


def error_deg(
    pair: list[tuple[bpy.types.Object, bpy.types.Object]], frames: tuple[int, ...] = (3, 20, 39)
) -> float:
    """Return the largest angle between where eyes look and where the partner's eyes are."""
    found = []
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        graph = bpy.context.evaluated_depsgraph_get()
        eyes = []
        for _, armature in pair:
            seen = armature.evaluated_get(graph)
            eyes.append([seen.matrix_world @ seen.pose.bones[name].matrix for name in EYES])
        middles = [(left.translation + right.translation) / 2 for left, right in eyes]
        for who, both in enumerate(eyes):
            ahead = sum(((m.to_3x3() @ Vector((0, 1, 0))).normalized() for m in both), Vector())
            found.append(math.degrees(ahead.angle(middles[1 - who] - middles[who])))
    return max(found)


def nothing(_: bpy.types.Object) -> None:
    """Leave the character as it stands."""


def walks(armature: bpy.types.Object) -> None:
    """Walk 0.8 m past the partner with keys of its own."""
    for frame, y in ((1, 0.0), (40, 0.8)):
        armature.location.y = y
        armature.keyframe_insert("location", frame=frame)


def sits(armature: bpy.types.Object) -> None:
    """Sit: hips lowered and turned, the back bent."""
    hips, spine = armature.pose.bones["hips"], armature.pose.bones["spine"]
    hips.rotation_mode = spine.rotation_mode = "XYZ"
    hips.location.y, hips.rotation_euler.y, spine.rotation_euler.x = -0.4, 0.5, -0.3


def sways(armature: bpy.types.Object) -> None:
    """Sway and turn the head with keys of its own."""
    for frame, turn in ((1, 0.0), (20, 0.35), (40, 0.0)):
        for name in ("spine", "head"):
            bone = armature.pose.bones[name]
            bone.rotation_mode = "XYZ"
            bone.rotation_euler.z = turn
            bone.keyframe_insert("rotation_euler", frame=frame)


def lies(armature: bpy.types.Object) -> None:
    """Lie on the back, the top of the head towards the partner's side."""
    armature.rotation_euler = (math.radians(-90), 0, math.radians(60))


def is_small(armature: bpy.types.Object) -> None:
    """Be of another size, under a parent that is turned."""
    stage = bpy.data.objects.new("Stage", None)
    bpy.context.scene.collection.objects.link(stage)
    stage.rotation_euler.z, stage.location = 0.4, (0.1, 0.2, 0.3)
    armature.parent, armature.scale = stage, (0.7, 0.7, 0.7)


@pytest.mark.parametrize("prepare", [nothing, walks, sits, sways, lies, is_small])
def test_eyes_meet_whatever_the_body_does(
    pair: list[tuple[bpy.types.Object, bpy.types.Object]],
    prepare: Callable[[bpy.types.Object], None],
) -> None:
    prepare(pair[0][1])
    bpy.context.view_layer.update()
    generate(pair)
    assert error_deg(pair) < 0.5


@pytest.mark.parametrize("size", [0.02, 1.0, 9.0, 100.0])
def test_no_eye_crosses_whatever_the_size(
    pair: list[tuple[bpy.types.Object, bpy.types.Object]], size: float
) -> None:
    stage = bpy.data.objects.new("Stage", None)
    bpy.context.scene.collection.objects.link(stage)
    stage.scale = (size, size, size)
    for _, armature in pair:
        armature.parent = stage
    bpy.context.view_layer.update()
    generate(pair, Look(0, "away", 0.3, 0.0))
    bpy.context.scene.frame_set(20)
    seen = pair[0][1].evaluated_get(bpy.context.evaluated_depsgraph_get())
    left, right = (
        (seen.matrix_world @ seen.pose.bones[name].matrix).to_3x3() @ Vector((0, 1, 0))
        for name in EYES
    )
    assert math.degrees(left.angle(right)) < 4.0


@pytest.mark.parametrize("whose", ["own", "ours"])
def test_eyes_meet_after_a_move(
    pair: list[tuple[bpy.types.Object, bpy.types.Object]], whose: str
) -> None:
    generate(pair)
    scene = bpy.context.scene
    moved = pair[0][1] if whose == "own" else heads.find(scene, 1).armature
    moved.location.y += 0.8
    moved.rotation_euler.z += 0.3
    bpy.context.view_layer.update()
    assert error_deg(pair) < 0.5
    gaze_keys.follow_edits(directing.armatures_of(scene))
    assert error_deg(pair) < 0.5
    generate(pair)
    assert error_deg(pair) < 0.5


def test_eyes_meet_after_the_body_is_posed_later(
    pair: list[tuple[bpy.types.Object, bpy.types.Object]],
) -> None:
    generate(pair)
    sits(pair[1][1])
    assert error_deg(pair) < 0.5


def test_eyes_meet_of_who_turns_as_a_whole() -> None:
    pair = characters(with_head=False)
    generate(pair)
    pair[0][1].location.y += 0.5
    bpy.context.view_layer.update()
    assert error_deg(pair) < 0.5


def test_up_is_the_heads_own(pair: list[tuple[bpy.types.Object, bpy.types.Object]]) -> None:
    lies(pair[0][1])
    bpy.context.view_layer.update()
    generate(pair)
    ours = heads.find(bpy.context.scene, 1).armature
    up = (ours.matrix_world.to_3x3() @ Vector((0, 0, 1))).normalized()
    wanted = (pair[0][1].matrix_world.to_3x3() @ Vector((0, 0, 1))).normalized()
    assert up.angle(wanted) < 1e-3


def test_staging_puts_the_real_eyes_in_their_places(
    pair: list[tuple[bpy.types.Object, bpy.types.Object]],
) -> None:
    sits(pair[0][1])
    generate(pair)
    scene = bpy.context.scene
    staging = Settings().staging
    directing.stage(scene, staging)
    scene.frame_set(1)
    seen = pair[0][1].evaluated_get(bpy.context.evaluated_depsgraph_get())
    middle = sum(
        ((seen.matrix_world @ seen.pose.bones[name].matrix).translation for name in EYES), Vector()
    ) / len(EYES)
    wanted = Vector(staging.placements()[0].eyes_m)
    assert (middle - wanted).length < 0.1  # the head turns about its joint
