"""Adding, changing, binding and removing characters by their buttons."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import bpy
import numpy as np
import pytest
from dualtalk import status
from dualtalk.operators import characters
from dualtalk.rig.characters import builtin, heads
from dualtalk.rig.characters.flame import FlameHead
from dualtalk.tests.scenes import empty

N_VERTICES = 40


@pytest.fixture
def scene() -> Iterator[bpy.types.Scene]:
    """Return an empty scene in a Blender that has the buttons."""
    found = empty()
    for cls in characters.CLASSES:
        bpy.utils.register_class(cls)
    yield found
    for cls in reversed(characters.CLASSES):
        bpy.utils.unregister_class(cls)
    status.forget_failure()


@pytest.fixture
def flame(tmp_path: Path) -> Path:
    """Return a FLAME file of random numbers."""
    draw = np.random.default_rng(3)
    regressor = draw.random((5, N_VERTICES))
    path = tmp_path / "flame.npz"
    np.savez(
        path,
        v_template=0.1 * draw.random((N_VERTICES, 3)),
        f=np.stack([np.arange(N_VERTICES - 2) + i for i in range(3)], axis=1).astype(np.uint32),
        shapedirs=1e-2 * draw.random((N_VERTICES, 3, 400)),
        posedirs=1e-3 * draw.random((N_VERTICES, 3, 36)),
        J_regressor=regressor / regressor.sum(axis=1, keepdims=True),
        weights=np.full((N_VERTICES, 5), 0.2),
        kintree_table=np.array([[2**32 - 1, 0, 1, 1, 1], [0, 1, 2, 3, 4]]),
    )
    return path


def identity_of(head: FlameHead) -> list[bpy.types.ShapeKey]:
    keys = head.mesh.data.shape_keys.key_blocks
    return [key for key in keys if key.name.startswith("identity")]


def said(call: object, **options: object) -> str:
    """Return what a button that must fail says."""
    with pytest.raises(RuntimeError) as failed:
        call(**options)  # type: ignore[operator]
    return str(failed.value)


def test_both_faces_are_added_once_and_removed(scene: bpy.types.Scene) -> None:
    assert bpy.ops.dualtalk.add_head(speaker="1") == {"FINISHED"}
    assert bpy.ops.dualtalk.add_head(speaker="2") == {"FINISHED"}
    assert [heads.find(scene, n).armature.name for n in (1, 2)] == ["Speaker A", "Speaker B"]
    assert len(set(builtin.names_of(heads.find_pair(scene)))) == 2
    assert "has a character already" in said(bpy.ops.dualtalk.add_head, speaker="1")
    assert bpy.ops.dualtalk.remove_character(speaker="1") == {"FINISHED"}
    assert heads.find(scene, 1) is None
    assert heads.find(scene, 2) is not None


def test_a_flame_head_takes_an_identity_and_its_joints_follow(
    scene: bpy.types.Scene, flame: Path, tmp_path: Path
) -> None:
    added = bpy.ops.dualtalk.add_flame_head(
        filepath=str(flame), speaker="1", n_identity=10, names=False
    )
    assert added == {"FINISHED"}
    head = heads.find(scene, 1)
    assert isinstance(head, FlameHead)
    before = np.array(head.armature.data.bones["jaw"].head_local)
    person = tmp_path / "person.npz"
    np.savez(person, shape=np.full((2, 10), 2.0))
    bpy.ops.dualtalk.copy_identity(filepath=str(person), speaker="1")
    keys = identity_of(head)
    assert [key.value for key in keys] == pytest.approx([2.0] * 10)
    after = np.array(head.armature.data.bones["jaw"].head_local)
    assert np.abs(after - before).max() > 1e-4
    for key in keys:
        key.value = 0.0
    assert bpy.ops.dualtalk.refit_joints(speaker="1") == {"FINISHED"}
    rest = np.array(head.armature.data.bones["jaw"].head_local)
    assert rest == pytest.approx(before, abs=1e-5)


def test_pose_correctives_are_turned_over(scene: bpy.types.Scene, flame: Path) -> None:
    bpy.ops.dualtalk.add_flame_head(filepath=str(flame), speaker="2", n_identity=0, names=False)
    head = heads.find(scene, 2)
    assert head.are_correctives_on
    bpy.ops.dualtalk.toggle_correctives(speaker="2")
    assert not head.are_correctives_on
    bpy.ops.dualtalk.toggle_correctives(speaker="2")
    assert head.are_correctives_on


def test_a_person_can_be_given_with_a_flame_model(
    scene: bpy.types.Scene, flame: Path, tmp_path: Path
) -> None:
    person = tmp_path / "person.npz"
    np.savez(person, shape=np.full((1, 5), 1.5))
    bpy.ops.dualtalk.add_flame_head(
        filepath=str(flame), speaker="1", identity=str(person), n_identity=5, names=False,
        correctives=False, n_expression="100",
    )  # fmt: skip
    head = heads.find(scene, 1)
    assert not head.are_correctives_on
    assert [key.value for key in identity_of(head)] == pytest.approx([1.5] * 5)


def test_what_is_no_flame_head_is_said(scene: bpy.types.Scene, flame: Path, tmp_path: Path) -> None:
    text = tmp_path / "no.pkl"
    text.write_text("no model")
    assert "no FLAME model" in said(
        bpy.ops.dualtalk.add_flame_head, filepath=str(text), speaker="1"
    )
    assert heads.find(scene, 1) is None
    bpy.ops.dualtalk.add_head(speaker="1")
    for name in ("refit_joints", "toggle_correctives"):
        call = getattr(bpy.ops.dualtalk, name)
        assert "has no FLAME head: add one first" in said(call, speaker="1")
    assert "has no FLAME head" in said(
        bpy.ops.dualtalk.copy_identity, filepath=str(flame), speaker="1"
    )


def own_character(scene: bpy.types.Scene) -> bpy.types.Object:
    """Return a face of the user's with bones, selected."""
    data = bpy.data.armatures.new("Rig")
    rig = bpy.data.objects.new("Rig", data)
    scene.collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    for name, height in (("head", 0.0), ("jaw", 0.1), ("eye.L", 0.2), ("eye.R", 0.2)):
        bone = data.edit_bones.new(name)
        side = {"eye.L": 0.03, "eye.R": -0.03}.get(name, 0.0)
        bone.head, bone.tail = (side, 0, height), (side, -0.05, height)
        if name != "head":
            bone.parent = data.edit_bones["head"]
    bpy.ops.object.mode_set(mode="OBJECT")
    mesh = bpy.data.meshes.new("Face")
    mesh.from_pydata([(0, 0, 0), (0.1, 0, 0), (0, 0, 0.1)], [], [(0, 1, 2)])
    face = bpy.data.objects.new("Face", mesh)
    scene.collection.objects.link(face)
    face.modifiers.new("Armature", "ARMATURE").object = rig
    face.shape_key_add(name="Basis")
    for name in (
        "mouthSmileLeft",
        "mouthSmileRight",
        "eyeBlinkLeft",
        "eyeBlinkRight",
        "mouthClose",
    ):
        face.shape_key_add(name=name).data[1].co.x += 0.01
    for obj in (rig, face):
        obj.select_set(True)
    bpy.context.view_layer.objects.active = face
    return face


def test_the_selected_character_is_bound_and_let_go(scene: bpy.types.Scene) -> None:
    face = own_character(scene)
    assert bpy.ops.dualtalk.bind_character(speaker="1") == {"FINISHED"}
    assert heads.find(scene, 1).mesh == face
    assert bpy.ops.dualtalk.remove_character(speaker="1") == {"FINISHED"}
    assert heads.find(scene, 1) is None
    assert face.name in scene.objects


def test_the_dialogue_that_binds_shows_bones_and_what_lacks(scene: bpy.types.Scene) -> None:
    own_character(scene)
    found = characters.match_character(scene, characters._chosen(bpy.context))
    lines = characters.summary(found)
    assert lines[0] == "5 shapes found on 1 meshes"
    assert any(line.startswith("Missing: ") for line in lines)
    drawn: list[str] = []
    column = SimpleNamespace(enabled=True, prop_search=lambda *_, **o: drawn.append(o["text"]))
    layout = SimpleNamespace(
        use_property_split=False,
        column=lambda: column,
        label=lambda text, icon="": drawn.append(text),
    )
    bind = SimpleNamespace(layout=layout, _bones=dict)
    characters.DUALTALK_OT_bind_character.draw(bind, bpy.context)
    assert drawn[:4] == ["Head", "Jaw", "Left Eye", "Right Eye"]
    assert drawn[4:] == lines
    bpy.ops.object.select_all(action="DESELECT")
    bpy.context.view_layer.objects.active = None
    drawn.clear()
    characters.DUALTALK_OT_bind_character.draw(bind, bpy.context)
    assert len(drawn) == 1
    assert said(bpy.ops.dualtalk.bind_character, speaker="1").startswith("Error")
