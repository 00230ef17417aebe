"""A performance as NLA tracks plays the same, is edited the same, and comes back to the bit."""

from collections.abc import Iterator
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

import numpy as np  # noqa: E402
from dualtalk.core.performance import Settings  # noqa: E402
from dualtalk.operators.editing import layers as buttons  # noqa: E402
from dualtalk.properties import strengths  # noqa: E402
from dualtalk.rig import actions, nla_tracks  # noqa: E402
from dualtalk.rig.characters import heads  # noqa: E402
from dualtalk.rig.performance.editing import (  # noqa: E402
    edits,
    regeneration,
    retaking,
    takes,
    written,
)
from dualtalk.rig.performance.editing.rows import Wanted  # noqa: E402
from dualtalk.tests.scenes import chatter, registered, spoken  # noqa: E402

_TRACKS = {"DualTalk lips", "DualTalk expression", "DualTalk blinks"}


@pytest.fixture
def scene(scene: bpy.types.Scene, tmp_path: Path) -> Iterator[bpy.types.Scene]:
    """Return a scene with the add-on's settings in which two heads talk for two seconds."""
    with registered(*buttons.CLASSES):
        generate(scene, tmp_path)
        yield scene


def generate(scene: bpy.types.Scene, tmp_path: Path, seed: int = 0) -> None:
    """Write a performance as Generate does."""
    motions = (chatter(seed=2 * seed + 1), chatter(seed=2 * seed + 2))
    regeneration.write(scene, spoken(tmp_path, motions), Settings(seed=seed), keeps_take=False)
    strengths.apply_strengths(scene)


def played(scene: bpy.types.Scene, frame: int) -> np.ndarray:
    """Return what A's face and head show at a frame."""
    scene.frame_set(frame)
    character = heads.find(scene, 1)
    keys = character.mesh.data.shape_keys.key_blocks
    seen = character.armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
    turns = [np.ravel(seen.pose.bones[bone].matrix) for bone in ("neck", "jaw")]
    return np.concatenate([[key.value for key in keys], *turns])


def recorded(scene: bpy.types.Scene) -> dict[object, object]:
    """Return the keys of A's curves."""
    found = {}
    for role, owner in written.owners(heads.find(scene, 1)):
        found |= {(role, *n): written.keys_of(c) for n, c in written.curves_of(owner).items()}
    return found


@pytest.mark.parametrize("is_additive", [False, True])
def test_tracks_play_the_same_and_come_back_to_the_bit(
    scene: bpy.types.Scene, is_additive: bool
) -> None:
    keys = heads.find(scene, 1).mesh.data.shape_keys
    own = keys.animation_data.nla_tracks.new()
    own.name = "mine"
    frames = (1, 13, 29, 50)
    before, curves = [played(scene, frame) for frame in frames], recorded(scene)
    assert bpy.ops.dualtalk.unflatten(is_additive=is_additive) == {"FINISHED"}
    assert {track.name for track in keys.animation_data.nla_tracks} == _TRACKS | {"mine"}
    for frame, expected in zip(frames, before, strict=True):
        assert played(scene, frame) == pytest.approx(expected, abs=2e-4)
    assert not edits.find(scene)
    assert bpy.ops.dualtalk.flatten() == {"FINISHED"}
    assert [track.name for track in keys.animation_data.nla_tracks] == ["mine"]
    after = recorded(scene)
    assert curves.keys() == after.keys()
    assert all(curves[name].equals(after[name]) for name in curves)
    assert played(scene, 29) == pytest.approx(before[2], abs=1e-6)


def test_edits_in_tracks_are_edits(scene: bpy.types.Scene, tmp_path: Path) -> None:
    scene.dualtalk.layers_as = "REPLACE"
    keys = heads.find(scene, 1).mesh.data.shape_keys
    name = ('key_blocks["browInnerUp"].value', 0)
    curve = written.curves_of(keys)[name]
    curve.keyframe_points[20].co.y += 0.4
    curve.update()
    found = edits.find(scene)
    assert [edit.name for edit in found] == [name]
    generate(scene, tmp_path, seed=4)
    assert takes.names(scene) == ["Take 1", "Take 2"]
    assert [edit.name for edit in edits.find(scene)] == [name]  # made again
    assert nla_tracks.are_there(heads.find(scene, 1).mesh.data.shape_keys)


def test_a_moved_a_muted_and_a_faded_strip_are_kept_by_flatten(scene: bpy.types.Scene) -> None:
    keys = heads.find(scene, 1).mesh.data.shape_keys
    lips, brows = 'key_blocks["mouthFunnel"].value', 'key_blocks["browInnerUp"].value'
    before = recorded(scene)
    scene.dualtalk.layers_as = "REPLACE"
    strips = {track.name: strip for track, strip in nla_tracks.strips(keys)}
    strips["DualTalk lips"].frame_start += 5
    strips["DualTalk expression"].use_animated_influence = True
    half = strips["DualTalk expression"].fcurves.find("influence")
    for point in half.keyframe_points:
        point.co.y = 0.5
    half.keyframe_points.insert(1, 0.5)
    strips["DualTalk blinks"].mute = True
    scene.dualtalk.layers_as = "ACTION"
    after = recorded(scene)
    moved = after["face 0", lips, 0].frames - before["face 0", lips, 0].frames
    assert moved == pytest.approx(5)
    assert after["face 0", brows, 0].values == pytest.approx(
        0.5 * before["face 0", brows, 0].at(after["face 0", brows, 0].frames), abs=1e-5
    )
    assert written.curves_of(keys)['key_blocks["eyeBlinkLeft"].value', 0].mute


def test_no_action_is_left_behind(scene: bpy.types.Scene) -> None:
    before = {action.name for action in bpy.data.actions}
    scene.dualtalk.layers_as = "ADD"
    assert all(actions.is_ours(action) for action in bpy.data.actions)
    scene.dualtalk.layers_as = "ACTION"
    assert {action.name for action in bpy.data.actions} == before


def test_strengths_act_in_tracks(scene: bpy.types.Scene) -> None:
    scene.dualtalk.layers_as = "REPLACE"
    scene.dualtalk.strengths_a.expression = 0.0
    scene.frame_set(20)
    key = heads.find(scene, 1).mesh.data.shape_keys.key_blocks["browInnerUp"]
    assert key.value == pytest.approx(0.0, abs=1e-6)
    scene.dualtalk.layers_as = "ACTION"
    scene.frame_set(21)
    assert key.value == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("how", ["REPLACE", "ADD"])
def test_a_retake_in_tracks_is_that_of_one_action(
    scene: bpy.types.Scene, tmp_path: Path, how: str
) -> None:
    wanted = Wanted(15, 35, (1,), ("lips", "head"))
    other = spoken(tmp_path, (chatter(seed=51), chatter(seed=52)))
    scene.dualtalk.layers_as = how
    before = recorded(scene)
    assert retaking.write(scene, other, wanted) > 10
    retaken = recorded(scene)
    scene.dualtalk.layers_as = "ACTION"
    assert all(curve.equals(recorded(scene)[name]) for name, curve in retaken.items())
    changed = {name for name, curve in retaken.items() if not curve.equals(before[name])}
    assert changed
    assert all("mouth" in name[1] or "jaw" in name[1] or "neck" in name[1] or "root" in name[1]
               or "tongue" in name[1] for name in changed)  # fmt: skip
    for name in changed:
        outside = np.r_[1.0:15.0, 36.0:51.0]
        np.testing.assert_array_equal(retaken[name].at(outside), before[name].at(outside))
    assert not edits.find(scene)


def test_timing_moves_tracks_and_comes_back_to_the_bit(scene: bpy.types.Scene) -> None:
    scene.dualtalk.layers_as = "REPLACE"
    before, name = recorded(scene), ("face 0", 'key_blocks["mouthFunnel"].value', 0)
    scene.dualtalk.timing_a.lips = 120.0
    moved = recorded(scene)[name].frames - before[name].frames
    assert moved == pytest.approx(3.0)
    assert not edits.find(scene)
    scene.dualtalk.timing_a.lips = 0.0
    after = recorded(scene)
    assert all(before[one].equals(after[one]) for one in before)


def test_blender_has_one_layer_an_action() -> None:
    if bpy.app.version < (4, 4, 0):
        pytest.skip("layered actions came with 4.4")
    action = bpy.data.actions.new("layered")
    layer = action.layers.new("one")
    layer.strips.new(type="KEYFRAME")
    # When this fails, docs/takes.md is to be looked at again.
    for add in (lambda: action.layers.new("two"), lambda: layer.strips.new(type="KEYFRAME")):
        with pytest.raises(RuntimeError, match="may not have more than one"):
            add()
