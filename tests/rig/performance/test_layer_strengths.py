"""After generating: strengths of layers, takes beside each other, and what leaves Blender."""

from collections.abc import Iterator
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

import numpy as np  # noqa: E402
from dualtalk.core.errors import RigError  # noqa: E402
from dualtalk.core.motion import Motion  # noqa: E402
from dualtalk.core.motion_layers import of_shape, shapes  # noqa: E402
from dualtalk.core.names import ARKIT_INDEX, ARKIT_SHAPES  # noqa: E402
from dualtalk.core.performance import Performance, Settings  # noqa: E402
from dualtalk.operators.editing import takes as buttons  # noqa: E402
from dualtalk.properties import strengths  # noqa: E402
from dualtalk.rig import fcurves  # noqa: E402
from dualtalk.rig.characters import heads  # noqa: E402
from dualtalk.rig.output import export  # noqa: E402
from dualtalk.rig.performance import layer_strengths, motion_reader  # noqa: E402
from dualtalk.rig.performance.editing import regeneration, takes  # noqa: E402
from dualtalk.tests.scenes import chatter, registered, spoken  # noqa: E402


@pytest.fixture
def scene(scene: bpy.types.Scene) -> Iterator[bpy.types.Scene]:
    """Return an empty scene at 25 frames per second that has the add-on's settings."""
    with registered(*buttons.CLASSES):
        yield scene


def generated(
    scene: bpy.types.Scene, tmp_path: Path, seed: int = 0, is_new: bool = False
) -> Performance:
    """Write a performance as Generate does."""
    motions = (chatter(seed=2 * seed + 1), chatter(seed=2 * seed + 2))
    performance = spoken(tmp_path, motions)
    regeneration.write(scene, performance, Settings(seed=seed), is_new)
    strengths.apply_strengths(scene)
    return performance


def key_values(scene: bpy.types.Scene, frame: int, speaker: int = 1) -> np.ndarray:
    """Return what the shape keys show at a frame, in the order of the ARKit shapes."""
    scene.frame_set(frame)
    keys = heads.find(scene, speaker).mesh.data.shape_keys.key_blocks
    return np.array([keys[name].value for name in ARKIT_SHAPES])


def bone_turn(scene: bpy.types.Scene, frame: int, bone: str) -> np.ndarray:
    """Return the keyed rotation of a bone of A, axis times angle in radians."""
    scene.frame_set(frame)
    axis, angle = (
        heads.find(scene, 1).armature.pose.bones[bone].rotation_quaternion.normalized()
    ).to_axis_angle()
    return np.array(axis) * angle


def n_actions() -> int:
    return len(bpy.data.actions)


def test_every_shape_has_a_layer() -> None:
    assert {of_shape(name) for name in ARKIT_SHAPES} == {"lips", "expression", "blinks"}
    assert shapes("blinks") == ("eyeBlinkLeft", "eyeBlinkRight")
    assert of_shape("mouthPucker") == "lips"
    assert of_shape("mouthSmileLeft") == of_shape("browInnerUp") == "expression"
    assert of_shape("of no name known") == "expression"


@pytest.mark.parametrize("layer", ["lips", "expression", "blinks"])
@pytest.mark.parametrize("strength", [0.0, 0.5])
def test_a_strength_scales_its_layer_alone(
    scene: bpy.types.Scene, tmp_path: Path, layer: str, strength: float
) -> None:
    generated(scene, tmp_path)
    before = key_values(scene, 20)
    setattr(scene.dualtalk.strengths_a, layer, strength)
    factors = np.array([strength if of_shape(n) == layer else 1.0 for n in ARKIT_SHAPES])
    np.testing.assert_allclose(key_values(scene, 20), before * factors, atol=1e-5)
    setattr(scene.dualtalk.strengths_a, layer, 1.0)
    np.testing.assert_array_equal(key_values(scene, 20), before)
    modified = [c for c, _ in layer_strengths.curves_of(heads.find(scene, 1)) if len(c.modifiers)]
    assert modified == []


def test_strengths_scale_jaw_and_head(scene: bpy.types.Scene, tmp_path: Path) -> None:
    generated(scene, tmp_path)
    head, jaw = bone_turn(scene, 20, "neck"), bone_turn(scene, 20, "jaw")
    scene.dualtalk.strengths_a.head = 0.5
    np.testing.assert_allclose(bone_turn(scene, 20, "neck"), head / 2, rtol=0.05, atol=1e-4)
    np.testing.assert_allclose(bone_turn(scene, 20, "jaw"), jaw, atol=1e-6)
    scene.dualtalk.strengths_a.lips = 2.0
    np.testing.assert_allclose(bone_turn(scene, 20, "jaw"), 2 * jaw, rtol=0.05, atol=1e-4)


def test_gaze_can_be_taken_away(scene: bpy.types.Scene, tmp_path: Path) -> None:
    generated(scene, tmp_path)
    scene.dualtalk.strengths_a.gaze = 0.0
    still = motion_reader.read_motions(scene, heads.pair(scene))
    assert np.abs(still[0].eyes).max() < 1e-4
    assert np.abs(still[1].eyes).max() > 0.02


def test_strengths_outlast_generating_again(scene: bpy.types.Scene, tmp_path: Path) -> None:
    generated(scene, tmp_path)
    scene.dualtalk.strengths_b.lips = 0.0
    generated(scene, tmp_path, seed=3)
    lips = [ARKIT_INDEX[name] for name in shapes("lips")]
    assert not key_values(scene, 30, speaker=2)[lips].any()


def test_layers_are_groups_of_the_action(scene: bpy.types.Scene, tmp_path: Path) -> None:
    generated(scene, tmp_path)
    mesh = heads.find(scene, 1).mesh
    curves = fcurves.curves_of(mesh.data.shape_keys)
    assert {curve.group.name for curve in curves} == {"Lips", "Expression", "Blinks"}


def test_a_take_comes_back_with_its_edits(scene: bpy.types.Scene, tmp_path: Path) -> None:
    generated(scene, tmp_path, seed=0)
    curve = fcurves.curves_of(heads.find(scene, 1).mesh.data.shape_keys)[0]
    curve.keyframe_points[10].co.y = 0.77  # an edit by hand
    name = bpy.data.objects["Speaker A"].animation_data.action.name
    first = [key_values(scene, frame) for frame in (11, 25, 40)]
    generated(scene, tmp_path, seed=5, is_new=True)
    second = [key_values(scene, frame) for frame in (11, 25, 40)]
    assert np.abs(np.array(first) - second).max() > 0.05
    assert [take.seed for take in scene.dualtalk.takes] == [0, 5]
    assert scene.dualtalk.take == 1
    assert bpy.ops.dualtalk.use_take(index=0) == {"FINISHED"}
    np.testing.assert_array_equal([key_values(scene, frame) for frame in (11, 25, 40)], first)
    assert scene.dualtalk.seed == 0
    assert bpy.data.objects["Speaker A"].animation_data.action.name == name
    assert bpy.ops.dualtalk.use_take(index=1) == {"FINISHED"}
    np.testing.assert_array_equal([key_values(scene, frame) for frame in (11, 25, 40)], second)


def test_gaze_belongs_to_the_take(scene: bpy.types.Scene, tmp_path: Path) -> None:
    generated(scene, tmp_path, seed=0)
    pair = heads.pair(scene)
    first = motion_reader.read_motions(scene, pair)
    generated(scene, tmp_path, seed=5, is_new=True)
    other = motion_reader.read_motions(scene, pair)
    assert np.abs(first[0].eyes - other[0].eyes).max() > 0.02
    takes.use(scene, 0)
    again = motion_reader.read_motions(scene, pair)
    for name in ("expression", "jaw", "head", "eyes"):
        np.testing.assert_allclose(
            getattr(again[0], name), getattr(first[0], name), atol=1e-5, err_msg=name
        )


def test_generating_again_replaces_the_take_that_plays(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    generated(scene, tmp_path)
    before = sorted(action.name for action in bpy.data.actions)
    generated(scene, tmp_path, seed=4)
    assert sorted(action.name for action in bpy.data.actions) == before
    assert [take.seed for take in scene.dualtalk.takes] == [4]


def test_a_deleted_take_leaves_no_action(scene: bpy.types.Scene, tmp_path: Path) -> None:
    generated(scene, tmp_path)
    before = n_actions()
    generated(scene, tmp_path, seed=1, is_new=True)
    n_breathing = 2  # a body's own, whichever take plays
    assert n_actions() == 2 * before - n_breathing
    with pytest.raises(RigError, match="plays"):
        takes.remove(scene, 1)
    assert bpy.ops.dualtalk.remove_take(index=0) == {"FINISHED"}
    assert n_actions() == before
    assert [take.name for take in scene.dualtalk.takes] == ["Take 2"]
    assert scene.dualtalk.take == 0


def test_a_take_without_its_head_says_so(scene: bpy.types.Scene, tmp_path: Path) -> None:
    from dualtalk.rig.characters import removal

    generated(scene, tmp_path)
    generated(scene, tmp_path, seed=1, is_new=True)
    removal.remove(scene, 2)
    with pytest.raises(RigError, match="made for another character of Speaker B"):
        takes.use(scene, 0)


def test_motion_is_read_as_it_plays(scene: bpy.types.Scene, tmp_path: Path) -> None:
    performance = generated(scene, tmp_path)
    read = motion_reader.read_motions(scene, heads.pair(scene))
    for got, wanted in zip(read, performance.motions, strict=True):
        assert got.n_frames == wanted.n_frames
        felt = [i for n, i in ARKIT_INDEX.items() if of_shape(n) != "blinks"]
        np.testing.assert_allclose(
            got.expression[:, felt], wanted.expression[:, felt].clip(0, 1), atol=1e-5
        )
        np.testing.assert_allclose(got.jaw, wanted.jaw, atol=1e-3)
        path = tmp_path / "again.npz"
        got.save(path)
        assert Motion.load(path).basis == "arkit"


@pytest.mark.parametrize("form", export.EXPORTERS)
def test_both_heads_leave_with_their_motion(
    scene: bpy.types.Scene, tmp_path: Path, form: str
) -> None:
    why = export.missing(form)
    if why:
        pytest.skip(why)
    generated(scene, tmp_path)
    before = {obj.name for obj in scene.objects}, n_actions()
    target = tmp_path / f"scene{export.EXPORTERS[form].suffix}"
    export.write(scene, target, form)
    assert ({obj.name for obj in scene.objects}, n_actions()) == before
    bpy.ops.wm.read_factory_settings(use_empty=True)
    _IMPORTERS[form](str(target))
    meshes = [obj for obj in bpy.data.objects if obj.type == "MESH"]
    assert len(meshes) >= 2
    assert moves(meshes, bpy.context.scene)


def test_a_file_gets_the_suffix_of_its_format(scene: bpy.types.Scene, tmp_path: Path) -> None:
    if export.missing("GLTF"):
        pytest.skip(export.missing("GLTF"))
    generated(scene, tmp_path)
    scene.frame_end = 3
    before = set(tmp_path.iterdir())
    written = [export.write(scene, tmp_path / name, "GLTF") for name in ("a.usdc", "b.take 1")]
    assert [path.name for path in written] == ["a.glb", "b.take 1.glb"]
    assert set(tmp_path.iterdir()) - before == set(written)


_IMPORTERS = {
    "USD": lambda path: bpy.ops.wm.usd_import(filepath=path),
    "ALEMBIC": lambda path: bpy.ops.wm.alembic_import(filepath=path, as_background_job=False),
    "FBX": lambda path: bpy.ops.import_scene.fbx(filepath=path),
    "GLTF": lambda path: bpy.ops.import_scene.gltf(filepath=path),
}


def moves(meshes: list[bpy.types.Object], scene: bpy.types.Scene) -> bool:
    """Tell whether vertices of at least two meshes move between two frames."""
    shapes_at = []
    for frame in (5, 40):
        scene.frame_set(frame)
        graph = bpy.context.evaluated_depsgraph_get()
        row = {}
        for obj in meshes:
            seen = obj.evaluated_get(graph)
            mesh = seen.to_mesh()
            points = np.empty(3 * len(mesh.vertices), np.float32)
            mesh.vertices.foreach_get("co", points)
            row[obj.name] = points
            seen.to_mesh_clear()
        shapes_at.append(row)
    first, second = shapes_at
    return sum(np.abs(first[n] - second[n]).max() > 1e-4 for n in first) >= 2
