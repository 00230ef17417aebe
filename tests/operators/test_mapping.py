"""The mapping table of a character with keys of its own names."""

from collections.abc import Iterator
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

from dualtalk import status  # noqa: E402
from dualtalk.core.errors import RigError  # noqa: E402
from dualtalk.operators import mapping as operators  # noqa: E402
from dualtalk.properties import character as properties  # noqa: E402
from dualtalk.rig.characters import heads  # noqa: E402
from dualtalk.rig.characters.own import binding, mapping, matching  # noqa: E402

CLASSES = (*properties.CLASSES, *operators.CLASSES)


@pytest.fixture
def face(monkeypatch: pytest.MonkeyPatch) -> Iterator[bpy.types.Object]:
    """Return a mesh whose keys are in German."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    properties.register()
    monkeypatch.setattr(status, "characters_reason", lambda _context: "")
    bpy.ops.mesh.primitive_uv_sphere_add(segments=12, ring_count=8, radius=0.1)
    mesh = bpy.context.active_object
    for name in ("Basis", "Mund_auf", "Auge_zu"):
        key = mesh.shape_key_add(name=name, from_mix=False)
        key.value = 0.0
        if name != "Basis":
            key.points[5].co.z -= 0.02
    yield mesh
    properties.unregister()
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)


def test_a_table_makes_a_strange_face_bindable(face: bpy.types.Object) -> None:
    scene = bpy.context.scene
    with pytest.raises(RigError, match="fill in its Mapping Table"):
        matching.match_character(scene, [face])
    bpy.ops.dualtalk.fill_table()
    assert [row.key for row in face.dualtalk.rows] == ["Mund_auf", "Auge_zu"]
    face.dualtalk.rows[0].control = "jawOpen"
    found = matching.match_character(scene, [face])
    assert found.shapes.weights[0] == {"Mund_auf": {"jawOpen": 1.0}}
    bound = binding.bind(scene, 1, [face], heads.collection(scene))
    face.dualtalk.rows[1].control, face.dualtalk.rows[1].factor = "eyeBlinkLeft", 0.5
    bpy.context.view_layer.objects.active = face
    bpy.ops.dualtalk.apply_table()
    bound = heads.find(scene, 1)
    assert bound.weights(face)["Auge_zu"] == {"eyeBlinkLeft": 0.5}
    assert bound.weights(face)["Mund_auf"] == {"jawOpen": 1.0}


def test_a_table_is_written_over_nothing_that_the_scene_is_made_of(
    face: bpy.types.Object, tmp_path: Path
) -> None:
    bpy.ops.dualtalk.fill_table()
    voice = tmp_path / "voices.csv"
    voice.write_text("kept")
    bpy.data.sounds.load(str(voice))
    with pytest.raises(RuntimeError, match=r"voices\.csv"):
        bpy.ops.dualtalk.export_table(filepath=str(voice))
    assert voice.read_text() == "kept"
    bpy.ops.dualtalk.export_table(filepath=str(tmp_path / "clara.v2"))
    assert (tmp_path / "clara.v2.csv").is_file()
    assert not list(tmp_path.glob(".dualtalk-*"))


@pytest.mark.parametrize("ending", [".csv", ".json"])
def test_tables_go_from_one_character_to_another(
    face: bpy.types.Object, tmp_path: Path, ending: str
) -> None:
    bpy.ops.dualtalk.fill_table()
    face.dualtalk.rows[0].control = "jawOpen"
    bpy.ops.dualtalk.export_table(filepath=str(tmp_path / f"t{ending}"))
    bpy.ops.dualtalk.edit_table(change="CLEAR")
    assert not mapping.rows_of(face)
    bpy.ops.dualtalk.import_table(filepath=str(tmp_path / f"t{ending}"))
    assert mapping.table_of([face]) == {"Mund_auf": {"jawOpen": 1.0}, "Auge_zu": {}}


def test_rows_are_added_and_removed(face: bpy.types.Object) -> None:
    bpy.ops.dualtalk.fill_table()
    bpy.ops.dualtalk.edit_table(change="ADD")
    assert [row.key for row in face.dualtalk.rows] == ["Mund_auf", "Auge_zu", "Mund_auf"]
    bpy.ops.dualtalk.edit_table(change="REMOVE")
    assert len(face.dualtalk.rows) == 2
