"""A performance that was pushed down into the NLA by hand: said, and brought back to the bit."""

from collections.abc import Iterator
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

import numpy as np  # noqa: E402
from dualtalk import status  # noqa: E402
from dualtalk.core.errors import RigError  # noqa: E402
from dualtalk.operators.editing import layers  # noqa: E402
from dualtalk.properties import strengths  # noqa: E402
from dualtalk.rig import compat  # noqa: E402
from dualtalk.rig.characters import heads  # noqa: E402
from dualtalk.rig.performance.editing import edits, pushed_down, written  # noqa: E402
from dualtalk.tests.rig.performance.editing.test_keeping_edits import (  # noqa: E402
    raise_keys,
    smile,
)
from dualtalk.tests.rig.performance.test_layer_strengths import generated  # noqa: E402
from dualtalk.tests.scenes import registered  # noqa: E402


@pytest.fixture
def scene(scene: bpy.types.Scene) -> Iterator[bpy.types.Scene]:
    """Return a scene with the add-on's settings and the buttons of layers."""
    with registered(*layers.CLASSES):
        yield scene


def push_down(owner: bpy.types.ID, start: int = 1) -> bpy.types.NlaStrip:
    """Do what Push Down in the action or NLA editor does."""
    data = owner.animation_data
    action, slot = data.action, compat.slot_name(data)
    track = data.nla_tracks.new()
    track.name = action.name
    strip = track.strips.new(action.name, start, action)
    compat.choose_slot(strip, slot)
    strip.action_frame_start = 1.0
    strip.frame_start = float(start)
    data.action = None
    return strip


def owners(scene: bpy.types.Scene) -> list[bpy.types.ID]:
    """Return what A's performance animates."""
    return [owner for _, owner in written.owners(heads.find(scene, 1))]


def smiled(scene: bpy.types.Scene) -> list[float]:
    keys = heads.find(scene, 1).mesh.data.shape_keys.key_blocks
    found = []
    for frame in range(1, 51, 5):
        scene.frame_set(frame)
        found.append(keys["mouthSmileLeft"].value)
    return found


def test_it_is_said_and_comes_back_with_its_edits(scene, tmp_path: Path) -> None:
    generated(scene, tmp_path)
    raise_keys(smile(scene), 28, 32, 0.2)
    made = edits.find(scene)
    before = smiled(scene)
    assert status.strengths_reason(bpy.context) == ""
    for owner in owners(scene):
        push_down(owner)
    assert smiled(scene) == pytest.approx(before, abs=1e-6)
    for reason in (status.strengths_reason, status.edits_reason):
        assert "lies in the NLA track" in reason(bpy.context)
    assert bpy.ops.dualtalk.bring_back() == {"FINISHED"}
    assert status.edits_reason(bpy.context) == ""
    assert all(not owner.animation_data.nla_tracks for owner in owners(scene))
    assert smiled(scene) == pytest.approx(before, abs=0)
    again = edits.find(scene)
    assert [(e.name, e.first, e.last) for e in again] == [(e.name, e.first, e.last) for e in made]
    scene.dualtalk.strengths_a.expression = 0.5
    strengths.apply_strengths(scene)
    assert np.array(smiled(scene)) == pytest.approx(np.array(before) / 2, abs=1e-5)


def test_a_strip_that_was_moved_is_left_where_it_is(scene, tmp_path: Path) -> None:
    generated(scene, tmp_path)
    strips = [push_down(owner, start=11) for owner in owners(scene)]
    with pytest.raises(RigError, match="moved or stretched"):
        pushed_down.bring_back(scene)
    assert [strip.frame_start for strip in strips] == [11.0] * len(strips)
    assert all(owner.animation_data.action is None for owner in owners(scene))


def test_an_action_of_the_users_on_top_is_not_displaced(scene, tmp_path: Path) -> None:
    generated(scene, tmp_path)
    armature = heads.find(scene, 1).armature
    push_down(armature)
    armature.keyframe_insert("location", frame=1)
    mine = armature.animation_data.action
    with pytest.raises(RigError, match="push that down"):
        pushed_down.bring_back(scene)
    assert armature.animation_data.action == mine


def test_layers_of_ours_are_not_taken_for_it(scene, tmp_path: Path) -> None:
    generated(scene, tmp_path)
    assert bpy.ops.dualtalk.unflatten() == {"FINISHED"}
    assert pushed_down.pushed_down_reason(scene) == ""
    assert bpy.ops.dualtalk.flatten() == {"FINISHED"}
    with pytest.raises(RuntimeError, match="plays as an action already"):
        bpy.ops.dualtalk.bring_back()
