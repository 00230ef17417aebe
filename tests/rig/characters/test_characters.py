"""The buttons that say who the speakers are."""

import pickle
from collections.abc import Iterator
from pathlib import Path

import bpy
import numpy as np
import pytest
from dualtalk import status
from dualtalk.core.names import ARKIT_SHAPES
from dualtalk.operators import characters
from dualtalk.panels import characters as panel
from dualtalk.rig.characters import construction, heads
from dualtalk.rig.characters.flame import expression_name


@pytest.fixture
def scene(scene: bpy.types.Scene) -> Iterator[bpy.types.Scene]:
    """Return an empty scene in a Blender that has the buttons."""
    classes = (*characters.CLASSES, *panel.CLASSES)
    for cls in classes:
        bpy.utils.register_class(cls)
    yield scene
    for cls in reversed(classes):
        bpy.utils.unregister_class(cls)
    status.forget_failure()


@pytest.fixture
def model_file(tmp_path: Path) -> Path:
    """Return a FLAME file of random numbers."""
    draw = np.random.default_rng(0)
    weights = draw.random((20, 5))
    regressor = draw.random((5, 20))
    arrays = {
        "v_template": draw.standard_normal((20, 3)) * 0.1,
        "f": np.array([[0, 1, 2], [2, 3, 4]]),
        "shapedirs": draw.standard_normal((20, 3, 400)) * 1e-3,
        "posedirs": draw.standard_normal((20, 3, 36)) * 1e-3,
        "J_regressor": regressor / regressor.sum(axis=1, keepdims=True),
        "weights": weights / weights.sum(axis=1, keepdims=True),
    }
    path = tmp_path / "flame.pkl"
    path.write_bytes(pickle.dumps(arrays))
    return path


def selected_face(scene: bpy.types.Scene) -> bpy.types.Object:
    """Return a selected face with ARKit's shapes and no armature."""
    points = np.random.default_rng(1).standard_normal((6, 3)) * 0.1
    face = construction.mesh("Own", points, np.array([3, 3]), np.arange(6), scene.collection)
    face.shape_key_add(name="Basis")
    for name in (*ARKIT_SHAPES[:10], "jawOpen"):
        construction.add_key(face, name, points * 1.1, (0, 1), 0)
    face.select_set(True)
    bpy.context.view_layer.objects.active = face
    return face


def test_a_flame_head_of_a_person(scene: bpy.types.Scene, model_file: Path, tmp_path: Path) -> None:
    shape = np.random.default_rng(2).standard_normal((4, 100))
    np.savez(tmp_path / "who.npz", shape=shape)
    assert bpy.ops.dualtalk.add_flame_head(
        speaker="2", filepath=str(model_file), identity=str(tmp_path / "who.npz"),
        n_identity=100, n_expression="100", correctives=False,
    ) == {"FINISHED"}  # fmt: skip
    found = heads.find(scene, 2)
    assert found is not None
    assert found.kind == "flame"
    keys = found.mesh.data.shape_keys.key_blocks
    assert keys["identity.007"].value == pytest.approx(shape[:, 6].mean(), abs=1e-6)
    assert expression_name(99) in keys
    assert not found.are_correctives_on
    np.savez(tmp_path / "other.npz", shape=-shape)
    bpy.ops.dualtalk.copy_identity(speaker="2", filepath=str(tmp_path / "other.npz"))
    assert keys["identity.007"].value == pytest.approx(-shape[:, 6].mean(), abs=1e-6)


def test_correctives_and_joints(scene: bpy.types.Scene, model_file: Path) -> None:
    bpy.ops.dualtalk.add_flame_head(filepath=str(model_file))
    found = heads.find(scene, 1)
    bpy.ops.dualtalk.toggle_correctives()
    assert not found.are_correctives_on
    bpy.ops.dualtalk.toggle_correctives()
    assert found.are_correctives_on
    before = found.armature.data.bones["jaw"].head_local.copy()
    found.mesh.data.shape_keys.key_blocks["identity.001"].value = 5
    bpy.ops.dualtalk.refit_joints()
    assert (found.armature.data.bones["jaw"].head_local - before).length > 1e-5


def test_an_own_character_and_what_it_lacks(scene: bpy.types.Scene) -> None:
    face = selected_face(scene)
    assert bpy.ops.dualtalk.bind_character(speaker="1") == {"FINISHED"}
    found = heads.find(scene, 1)
    assert found is not None
    assert found.meshes == (face,)
    assert "tongueOut" in found.missing
    assert "jawOpen" not in found.missing
    assert bpy.ops.dualtalk.remove_character(speaker="1") == {"FINISHED"}
    assert list(scene.objects) == [face]


def test_the_built_in_head(scene: bpy.types.Scene) -> None:
    bpy.ops.dualtalk.add_head(speaker="2", variant="A")
    assert heads.find(scene, 2).kind == "builtin"
    bpy.ops.dualtalk.remove_character(speaker="2")
    assert not bpy.data.objects
    assert not bpy.data.meshes
    assert not bpy.data.armatures
    assert not bpy.data.materials


def test_errors_stay_on_the_panel_and_change_nothing(
    scene: bpy.types.Scene, model_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "other.pkl").write_bytes(pickle.dumps({"texture": 1}))
    np.savez(tmp_path / "motion.npz", exp=np.zeros((2, 50)))
    face = selected_face(scene)
    face.shape_key_clear()
    cases = [
        (bpy.ops.dualtalk.add_flame_head, {"filepath": str(tmp_path / "other.pkl")}, "lacks"),
        (bpy.ops.dualtalk.add_flame_head, {"filepath": str(tmp_path / "absent")}, "cannot be read"),
        (
            bpy.ops.dualtalk.add_flame_head,
            {"filepath": str(model_file), "identity": str(tmp_path / "motion.npz")},
            "no 'shape'",
        ),
        (bpy.ops.dualtalk.bind_character, {}, "no shape keys"),
        (bpy.ops.dualtalk.copy_identity, {"filepath": "x.npz"}, "no FLAME head"),
        (bpy.ops.dualtalk.remove_character, {}, "no head to remove"),
    ]
    for button, options, message in cases:
        with pytest.raises(RuntimeError, match=message):
            button(**options)
        assert message in status.failure("characters").message
        assert list(bpy.data.objects) == [face]
    bpy.ops.dualtalk.add_head(speaker="1")
    assert status.failure() is None
    with pytest.raises(RuntimeError, match="has a character already"):
        bpy.ops.dualtalk.add_flame_head(filepath=str(model_file))


def test_buttons_wait_for_object_mode(scene: bpy.types.Scene) -> None:
    selected_face(scene)
    bpy.ops.object.mode_set(mode="EDIT")
    assert status.characters_reason(bpy.context) == "Switch to Object Mode first."
    assert not bpy.ops.dualtalk.bind_character.poll()
    bpy.ops.object.mode_set(mode="OBJECT")
    assert bpy.ops.dualtalk.bind_character.poll()


def drawn() -> str:
    """Return what the panel draws now."""
    window = bpy.context.window_manager.windows[0]
    with bpy.context.temp_override(window=window):
        layout = bpy.context.window_manager.popover_begin__internal(ui_units_x=20).layout
        panel.DUALTALK_PT_characters.draw(type("Panel", (), {"layout": layout})(), bpy.context)
        return str(layout.introspect())


def test_the_panel_shows_every_kind(
    scene: bpy.types.Scene, model_file: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    text = drawn()
    assert "dualtalk.bind_character" in text
    assert "dualtalk.add_flame_head" in text
    selected_face(scene)
    bpy.ops.dualtalk.bind_character(speaker="1")
    bpy.ops.dualtalk.add_flame_head(speaker="2", filepath=str(model_file))
    text = drawn()
    for shown in ("Own character", "FLAME head", "Shapes missing", "dualtalk.copy_identity"):
        assert shown in text, shown
    assert text.count("dualtalk.bind_character") == 1  # in place of the FLAME head, not of the own
    bpy.data.objects.remove(heads.find(scene, 1).mesh)
    assert "was deleted" in drawn()
    out, err = capfd.readouterr()
    assert "not found" not in out + err
