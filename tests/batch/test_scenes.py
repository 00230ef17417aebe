"""Characters of a scene that exists: animated in a copy, the file itself and its libraries kept."""

import dataclasses
import hashlib
from pathlib import Path

import bpy
import numpy as np
import pytest
from dualtalk.batch import scenes
from dualtalk.batch.analysis import Analysis
from dualtalk.batch.shot import Outputs, Shot
from dualtalk.core.errors import InputError
from dualtalk.core.faces.builtin_head import HeadModel
from dualtalk.core.motion import Motion
from dualtalk.core.names import ARKIT_SHAPES
from dualtalk.core.performance import Performance
from dualtalk.rig.characters import construction, heads
from mathutils import Vector

N_FRAMES = 25


def fresh() -> bpy.types.Scene:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return bpy.data.scenes[0]


def face(scene: bpy.types.Scene, name: str, x_m: float) -> bpy.types.Object:
    """Return a face with ARKit keys and no bones, as many own characters are."""
    model = HeadModel.bundled()
    mesh = construction.mesh(
        name, model.vertices, model.face_sizes, model.face_corners, scene.collection
    )
    mesh.shape_key_add(name="Basis", from_mix=False)
    for key, delta in zip(ARKIT_SHAPES, model.shapes, strict=True):
        construction.add_key(mesh, key, model.vertices + delta, (0.0, 1.0), 0.0)
    mesh.name, mesh.location.x = name, x_m
    return mesh


def saved(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    return path


def hash_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def analysed() -> Analysis:
    expression = np.zeros((N_FRAMES, len(ARKIT_SHAPES)))
    expression[:, ARKIT_SHAPES.index("mouthSmileLeft")] = np.linspace(0, 1, N_FRAMES)
    motion = Motion.from_arrays(expression)
    speaking = np.zeros((2, N_FRAMES), bool)
    speaking[0] = True
    return Analysis(Performance((motion, motion), (), speaking), (), (), {})


@pytest.fixture
def shot(tmp_path: Path) -> Shot:
    """A shot of two faces of a .blend of 24 frames per second, with a thing beside them."""
    scene = fresh()
    scene.render.fps = 24
    face(scene, "Ann", -0.5)
    face(scene, "Bob", 0.5)
    lamp = bpy.data.objects.new("Lamp", bpy.data.lights.new("Lamp", "POINT"))
    scene.collection.objects.link(lamp)
    source = saved(tmp_path / "given" / "shot.blend")
    return Shot(
        "sc010",
        (tmp_path / "a.wav", tmp_path / "b.wav"),
        scene=source,
        characters=("Ann", "Bob"),
        outputs=Outputs(scene=tmp_path / "out" / "sc010.blend"),
    )


def smile(name: str) -> float:
    """Return how much a character's face smiles at the end, as Blender evaluates it."""
    scene = bpy.data.scenes[0]
    scene.frame_set(scene.frame_end)
    keys = bpy.data.objects[name].evaluated_get(bpy.context.evaluated_depsgraph_get())
    return float(keys.data.shape_keys.key_blocks["mouthSmileLeft"].value)


def test_characters_of_a_file_are_animated_in_a_copy(shot: Shot, analysed: Analysis) -> None:
    assert shot.scene is not None
    assert shot.outputs.scene is not None
    before = hash_of(shot.scene)
    shot.outputs.scene.parent.mkdir()
    scenes.animate(shot, analysed, shot.outputs.scene)
    assert hash_of(shot.scene) == before
    assert [path.name for path in shot.scene.parent.iterdir()] == ["shot.blend"]
    scene = scenes.open_blend(shot.outputs.scene)
    assert scene.render.fps == 24
    assert "Lamp" in scene.objects
    for speaker, name in ((1, "Ann"), (2, "Bob")):
        character = heads.find(scene, speaker)
        assert character is not None
        assert character.mesh.name == name
        assert smile(name) > 0.9
    # It stays where it stood; a face without bones turns as a whole, about its neck.
    assert (bpy.data.objects["Ann"].matrix_world.translation - Vector((-0.5, 0, 0))).length < 0.1


def test_linked_characters_are_overridden_and_the_libraries_stay(
    tmp_path: Path, shot: Shot, analysed: Analysis
) -> None:
    scene = fresh()
    for name in ("Ann", "Bob"):
        collection = bpy.data.collections.new(f"{name} set")
        scene.collection.children.link(collection)
        mesh = face(scene, name, 0.0)
        scene.collection.objects.unlink(mesh)
        collection.objects.link(mesh)
    library = saved(tmp_path / "given" / "library" / "cast.blend")
    scene = fresh()
    with bpy.data.libraries.load(str(library), link=True) as (found, wanted):
        wanted.collections = list(found.collections)
    for x_m, collection in zip((-0.5, 0.5), wanted.collections, strict=True):
        instance = bpy.data.objects.new(collection.name, None)
        instance.instance_type, instance.instance_collection = "COLLECTION", collection
        instance.location.x = x_m
        scene.collection.objects.link(instance)
    source = saved(tmp_path / "given" / "linked.blend")
    bpy.ops.file.make_paths_relative()
    saved(source)
    before = hash_of(source), hash_of(library)
    target = tmp_path / "elsewhere" / "deep" / "linked.blend"
    target.parent.mkdir(parents=True)
    linked = dataclasses.replace(
        shot, scene=source, characters=("Ann set", "Bob set"), outputs=Outputs(scene=target)
    )
    scenes.animate(linked, analysed, target)
    assert (hash_of(source), hash_of(library)) == before
    scene = scenes.open_blend(target)
    found = [Path(bpy.path.abspath(each.filepath)).resolve() for each in bpy.data.libraries]
    assert found == [library.resolve()]
    for speaker in (1, 2):
        character = heads.find(scene, speaker)
        assert character is not None
        assert character.mesh.override_library is not None
        assert smile(character.mesh.name) > 0.9


def test_a_character_that_is_not_there_is_named(
    shot: Shot, analysed: Analysis, tmp_path: Path
) -> None:
    wrong = dataclasses.replace(shot, characters=("Ann", "Bert"))
    with pytest.raises(InputError, match=r"no object 'Bert'.*Bob"):
        scenes.animate(wrong, analysed, tmp_path / "x.blend")
    assert not (tmp_path / "x.blend").exists()


def test_a_file_that_is_no_blend_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.blend").write_bytes(b"no scene")
    for path in (tmp_path / "x.blend", tmp_path / "none.blend"):
        with pytest.raises(InputError):
            scenes.open_blend(path)


def test_a_scene_without_a_camera_gets_one_that_sees_both(
    shot: Shot, analysed: Analysis, tmp_path: Path
) -> None:
    from bpy_extras.object_utils import world_to_camera_view

    target = tmp_path / "seen.blend"
    seen = dataclasses.replace(shot, outputs=Outputs(scene=target, preview=tmp_path / "seen.mp4"))
    scenes.animate(seen, analysed, target)
    scene = scenes.open_blend(target)
    assert scene.camera is not None
    for name in ("Ann", "Bob"):
        at = bpy.data.objects[name].matrix_world.translation
        x, y, depth = world_to_camera_view(scene, scene.camera, at)
        assert 0.05 < x < 0.95
        assert 0 < y < 1
        assert depth > 0
