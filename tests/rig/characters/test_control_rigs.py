"""Rigs with many bones that are called eyes: the one in the eye is taken, others are refused."""

from collections.abc import Callable

import bpy
import numpy as np
import pytest
from dualtalk.core.errors import RigError
from dualtalk.rig.characters import heads
from dualtalk.rig.characters.own import binding
from dualtalk.rig.characters.own.matching import match_character
from mathutils import Vector

EYES = {".L": Vector((0.033, -0.085, 1.64)), ".R": Vector((-0.033, -0.085, 1.64))}
AHEAD = Vector((0, -0.3, 0))


def character(
    bones: dict[str, Vector], keys: tuple[str, ...]
) -> tuple[bpy.types.Object, bpy.types.Object]:
    """Return a face with keys and a rig with bones that all hang on the head."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.object.armature_add()
    rig = bpy.context.object
    bpy.ops.object.mode_set(mode="EDIT")
    edited = rig.data.edit_bones
    edited[0].name, edited[0].head, edited[0].tail = "spine", (0, 0, 1.0), (0, 0, 1.5)
    for name, place in {"head": Vector((0, 0, 1.5)), **bones}.items():
        made = edited.new(name)
        made.head, made.tail = place, place + Vector((0, 0, 0.05))
        made.parent = edited["spine" if name == "head" else "head"]
    bpy.ops.object.mode_set(mode="OBJECT")
    bpy.ops.mesh.primitive_uv_sphere_add(
        segments=16, ring_count=12, radius=0.12, location=(0, 0, 1.6)
    )
    face = bpy.context.object
    points = np.array([vertex.co for vertex in face.data.vertices])
    face.shape_key_add(name="Basis")
    for key in keys:
        side = ".R" if key.endswith("Right") else ".L"
        centre = np.array(EYES[side] - Vector((0, 0, 1.6)) + Vector((0, -0.015, 0)))
        near = np.exp(-((np.linalg.norm(points - centre, axis=1) / 0.03) ** 2))
        block = face.shape_key_add(name=key)
        moved = points + near[:, None] * np.array([0, 0.003, -0.012])
        block.points.foreach_set("co", moved.astype(np.float32).ravel())
        block.value = 0.0
    face.modifiers.new("Armature", "ARMATURE").object = rig
    bpy.context.view_layer.update()
    return face, rig


BLINKS = ("eyeBlinkLeft", "eyeBlinkRight")
RIGIFY = {
    "jaw_master": Vector((0, -0.05, 1.55)),
    "jaw": Vector((0, -0.09, 1.52)),
    **{f"eye{side}": place + AHEAD for side, place in EYES.items()},
    **{f"MCH-eye{side}": place for side, place in EYES.items()},
    **{f"master_eye{side}": place for side, place in EYES.items()},
}
#: A rig of nobody we know: what the eyes look at has the plainest names.
UNKNOWN = {
    **{f"eye{side}": place + AHEAD for side, place in EYES.items()},
    **{f"eyeball_x{side}": place for side, place in EYES.items()},
}


def test_rigifys_eyeballs_and_jaw() -> None:
    face, rig = character(RIGIFY, BLINKS)
    assert match_character(bpy.context.scene, [face, rig]).bones == {
        "head": "head", "jaw": "jaw_master", "eye_left": "MCH-eye.L", "eye_right": "MCH-eye.R",
    }  # fmt: skip


@pytest.mark.parametrize("keys", [BLINKS, ("mouthPucker",)])
def test_a_bone_in_front_of_the_face_is_no_eye(keys: tuple[str, ...]) -> None:
    face, rig = character(UNKNOWN, keys)
    found = match_character(bpy.context.scene, [face, rig]).bones
    assert (found["eye_left"], found["eye_right"]) == ("eyeball_x.L", "eyeball_x.R")


@pytest.mark.parametrize("away", [(0, 0, -0.2), (-0.8, 0, -0.25), (0, 0.3, 0)])
def test_a_known_rigs_eyeballs_are_taken_where_the_face_hangs_elsewhere(
    away: tuple[float, float, float],
) -> None:
    face, rig = character(RIGIFY, BLINKS)
    scene = bpy.context.scene
    face.location += Vector(away)
    bpy.context.view_layer.update()
    found = match_character(scene, [face, rig]).bones
    assert (found["eye_left"], found["eye_right"]) == ("MCH-eye.L", "MCH-eye.R")
    for chosen in ("MCH-eye", "master_eye"):
        bones = {"eye_left": f"{chosen}.L", "eye_right": f"{chosen}.R"}
        assert match_character(scene, [face, rig], bones).bones["eye_left"] == f"{chosen}.L"
    with pytest.raises(RigError, match="not in an eye"):  # the rig's maker has it as a target
        match_character(scene, [face, rig], {"eye_left": "eye.L"})
    face, rig = character(UNKNOWN, BLINKS)  # of a rig that nobody knows it may be a picker
    face.location.z -= 0.2
    bpy.context.view_layer.update()
    assert match_character(bpy.context.scene, [face, rig]).bones == {"head": "head"}


def test_an_instance_of_a_collection_is_named() -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    empty = bpy.data.objects.new("Anna", None)
    empty.instance_type = "COLLECTION"
    with pytest.raises(RigError, match=r"Anna is an instance .* Make Instances Real"):
        match_character(bpy.context.scene, [empty])


def test_without_a_bone_in_the_eye_there_is_none() -> None:
    targets = {name: place for name, place in UNKNOWN.items() if name.startswith("eye.")}
    face, rig = character(targets, BLINKS)
    assert match_character(bpy.context.scene, [face, rig]).bones == {"head": "head"}


def test_a_chosen_bone_in_front_of_the_face_is_refused() -> None:
    face, rig = character(RIGIFY, BLINKS)
    scene = bpy.context.scene
    before = sorted(obj.name for obj in bpy.data.objects)
    with pytest.raises(RigError, match="not in an eye"):
        binding.bind(scene, 1, [face, rig], scene.collection, {"eye_left": "eye.L"})
    assert sorted(obj.name for obj in bpy.data.objects) == before
    binding.bind(scene, 1, [face, rig], scene.collection, {"eye_left": "master_eye.L"})
    assert heads.find(scene, 1).bones["eye_left"] == "master_eye.L"


def pinned(face: bpy.types.Object, _: bpy.types.Object) -> None:
    face.show_only_shape_key = True


def muted(face: bpy.types.Object, _: bpy.types.Object) -> None:
    face.data.shape_keys.key_blocks["eyeBlinkLeft"].mute = True


def absolute(face: bpy.types.Object, _: bpy.types.Object) -> None:
    face.data.shape_keys.use_relative = False


def short(face: bpy.types.Object, _: bpy.types.Object) -> None:
    face.data.shape_keys.key_blocks["eyeBlinkLeft"].slider_max = 0.1


def relative(face: bpy.types.Object, _: bpy.types.Object) -> None:
    blocks = face.data.shape_keys.key_blocks
    blocks["eyeBlinkRight"].relative_key = blocks["eyeBlinkLeft"]


def masked(face: bpy.types.Object, _: bpy.types.Object) -> None:
    face.vertex_groups.new(name="nothing")
    face.data.shape_keys.key_blocks["eyeBlinkLeft"].vertex_group = "nothing"


def at_rest(_: bpy.types.Object, rig: bpy.types.Object) -> None:
    rig.data.pose_position = "REST"


def unskinned(face: bpy.types.Object, _: bpy.types.Object) -> None:
    face.modifiers[0].show_viewport = False


@pytest.mark.parametrize(
    ("hide", "said"),
    [
        (pinned, "unpin"), (muted, "muted"), (absolute, "Relative"), (short, "end below 1"),
        (relative, "Relative To to Basis"),
        (masked, "empty vertex group"), (at_rest, "Rest Position"), (unskinned, "switched off"),
    ],
)  # fmt: skip
def test_what_hides_the_motion_is_listed(
    hide: Callable[[bpy.types.Object, bpy.types.Object], None], said: str
) -> None:
    face, rig = character(RIGIFY, BLINKS)
    assert not match_character(bpy.context.scene, [face, rig]).hindrances
    hide(face, rig)
    lines = match_character(bpy.context.scene, [face, rig]).hindrances
    assert len(lines) == 1
    assert said in lines[0]
    scene = bpy.context.scene
    assert binding.bind(scene, 1, [face, rig], scene.collection).hindrances == lines
