"""What an animator did by hand outlives generating again, is shown, and can be taken off."""

from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

import numpy as np  # noqa: E402
from dualtalk.core.errors import RigError  # noqa: E402
from dualtalk.core.performance import Settings  # noqa: E402
from dualtalk.rig import fcurves, property_names  # noqa: E402
from dualtalk.rig.characters import heads, removal  # noqa: E402
from dualtalk.rig.gaze import gaze_keys, gaze_rig  # noqa: E402
from dualtalk.rig.performance.editing import edits, regeneration, takes, written  # noqa: E402
from dualtalk.tests.rig.performance.test_layer_strengths import (  # noqa: E402
    generated,
    scene,  # noqa: F401 - a fixture
)
from dualtalk.tests.scenes import chatter, spoken  # noqa: E402


def smile(scene, speaker: int = 1):  # noqa: F811
    """Return the curve of a shape that the made-up motion moves."""
    keys = heads.find(scene, speaker).mesh.data.shape_keys
    return fcurves.find_fcurve(keys, 'key_blocks["mouthSmileLeft"].value')


def values(curve) -> np.ndarray:
    co = np.empty(2 * len(curve.keyframe_points), np.float32)
    curve.keyframe_points.foreach_get("co", co)
    return co[1::2]


def raise_keys(curve, first: int, last: int, by: float) -> None:
    """Move keys up, as a drag in the graph editor does."""
    for point in curve.keyframe_points:
        if first <= point.co.x <= last:
            point.co_ui.y += by
    curve.update()


def test_a_fresh_performance_has_no_edits_and_a_small_record(scene, tmp_path: Path) -> None:  # noqa: F811
    generated(scene, tmp_path)
    assert edits.are_known(scene)
    assert edits.find(scene) == []
    recorded = [found for found in edits.curves(scene)]
    assert len(recorded) > 80
    assert all(found.is_same for found in recorded)
    action = heads.find(scene, 1).armature.animation_data.action
    packed = sum(len(v) for k, v in action.items() if k.startswith(property_names.WRITTEN))
    n_keys = sum(len(f.curve.keyframe_points) for f in recorded if f.owner.startswith("1"))
    assert packed < 5 * n_keys  # a key in Blender's memory has 100 bytes


def test_moved_keys_are_found_and_selected(scene, tmp_path: Path) -> None:  # noqa: F811
    generated(scene, tmp_path)
    raise_keys(smile(scene), 20, 30, 0.2)
    (edit,) = edits.find(scene)
    assert (edit.owner, edit.kind, edit.first, edit.last) == ("1 face 0", "offset", 19, 29)
    lines = edits.show(scene)
    assert lines == ["A mouthSmileLeft, frames 20 to 30 (offset)"]
    chosen = [p.co.x for p in smile(scene).keyframe_points if p.select_control_point]
    assert chosen == list(range(20, 31))
    assert [obj.name for obj in bpy.context.selected_objects] == [heads.find(scene, 1).mesh.name]


def test_generating_again_keeps_the_edited_take_and_makes_the_edit_again(
    scene,  # noqa: F811
    tmp_path: Path,
) -> None:
    generated(scene, tmp_path)
    raise_keys(smile(scene), 20, 30, 0.2)
    edited = values(smile(scene)).copy()
    performance = spoken(tmp_path, (chatter(seed=11), chatter(seed=12)))
    outcome = regeneration.write(scene, performance, Settings(seed=5), keeps_take=False)
    assert outcome.is_new_take
    assert outcome.kept == "Take 1"
    assert outcome.n_edits == 1
    assert takes.names(scene) == ["Take 1", "Take 2"]
    now, (edit,) = values(smile(scene)), edits.find(scene)
    assert (edit.first, edit.last) == (19, 29)
    plain = next(f for f in edits.curves(scene) if f.name[0].endswith('"mouthSmileLeft"].value'))
    np.testing.assert_allclose(now[19:30] - plain.generated.values[19:30], 0.2, atol=1e-6)
    assert np.array_equal(now[:19], plain.generated.values[:19])
    takes.use(scene, 0)
    np.testing.assert_array_equal(values(smile(scene)), edited)


def test_a_longer_or_later_sound_moves_the_edit_with_it(scene, tmp_path: Path) -> None:  # noqa: F811
    generated(scene, tmp_path)
    raise_keys(smile(scene), 20, 30, 0.2)
    performance = spoken(tmp_path, (chatter(seed=1), chatter(seed=2)))
    outcome = regeneration.write(scene, performance, Settings(first_frame=101), keeps_take=False)
    assert outcome.conflicts == ()
    assert edits.show(scene) == ["A mouthSmileLeft, frames 120 to 130 (offset)"]


def test_another_frame_rate_keeps_the_edit_at_its_second(scene, tmp_path: Path) -> None:  # noqa: F811
    generated(scene, tmp_path)
    raise_keys(smile(scene), 26, 36, 0.2)  # from second 1.0 to 1.4
    scene.render.fps = 50
    performance = spoken(tmp_path, (chatter(seed=1), chatter(seed=2)))
    regeneration.write(scene, performance, Settings(), keeps_take=False)
    assert edits.show(scene) == ["A mouthSmileLeft, frames 51 to 71 (offset)"]


def test_edits_that_no_longer_fit_are_listed(scene, tmp_path: Path) -> None:  # noqa: F811
    generated(scene, tmp_path)
    last = scene.frame_end
    raise_keys(smile(scene), last - 5, last, 0.2)
    short = [chatter(seed=1), chatter(seed=2)]
    half = [type(m).from_arrays(m.expression[:30], m.jaw[:30], m.head[:30]) for m in short]
    performance = spoken(tmp_path, (half[0], half[1]))
    outcome = regeneration.write(scene, performance, Settings(), keeps_take=False)
    assert len(outcome.conflicts) == 1
    assert "after the end and was left out" in outcome.conflicts[0]
    assert outcome.n_edits == 0


def test_dropping_an_edit_brings_back_what_was_generated(scene, tmp_path: Path) -> None:  # noqa: F811
    generated(scene, tmp_path)
    before = values(smile(scene)).copy()
    raise_keys(smile(scene), 20, 25, 0.2)
    raise_keys(smile(scene), 40, 42, -0.1)
    assert edits.drop(scene, 21, 21) == 1
    np.testing.assert_array_equal(values(smile(scene))[:38], before[:38])
    assert [(e.first, e.last) for e in edits.find(scene)] == [(39, 41)]
    assert edits.drop(scene, 1, 100) == 1
    assert edits.find(scene) == []
    np.testing.assert_array_equal(values(smile(scene)), before)


def test_a_muted_curve_stays_muted(scene, tmp_path: Path) -> None:  # noqa: F811
    generated(scene, tmp_path)
    smile(scene).mute = True
    performance = spoken(tmp_path, (chatter(seed=11), chatter(seed=12)))
    regeneration.write(scene, performance, Settings(), keeps_take=False)
    assert smile(scene).mute
    assert edits.drop(scene, 1, 10) == 1
    assert not smile(scene).mute


def test_a_take_of_an_older_version_is_never_replaced(scene, tmp_path: Path) -> None:  # noqa: F811
    generated(scene, tmp_path)
    for speaker in (1, 2):
        character = heads.find(scene, speaker)
        for role, owner in written.owners(character):
            action = owner.animation_data.action
            name = f"{property_names.WRITTEN}_{role.replace(' ', '_')}"
            if name in action:
                del action[name]
    assert not edits.are_known(scene)
    generated(scene, tmp_path, seed=3)
    assert takes.names(scene) == ["Take 1", "Take 2"]


def test_the_record_is_saved_with_the_file(scene, tmp_path: Path) -> None:  # noqa: F811
    generated(scene, tmp_path)
    raise_keys(smile(scene), 20, 30, 0.2)
    path = tmp_path / "edited.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.open_mainfile(filepath=str(path))
    assert edits.show(bpy.context.scene) == ["A mouthSmileLeft, frames 20 to 30 (offset)"]


def test_a_take_of_another_character_is_refused_with_a_sentence(
    scene,  # noqa: F811
    tmp_path: Path,
) -> None:
    generated(scene, tmp_path)
    generated(scene, tmp_path, seed=1, is_new=True)
    keys = heads.find(scene, 1).mesh
    keys.shape_key_remove(keys.data.shape_keys.key_blocks["mouthSmileLeft"])
    with pytest.raises(RigError, match="Speaker A") as caught:
        takes.use(scene, 0)
    assert "1 of" in str(caught.value)
    removal.remove(scene, 1)
    with pytest.raises(RigError, match="there is none"):
        takes.use(scene, 0)


def test_a_take_whose_looks_were_moved_is_kept_and_that_is_said(
    scene,  # noqa: F811
    tmp_path: Path,
) -> None:
    generated(scene, tmp_path)
    pair = tuple(character.armature for character in heads.pair(scene))
    path = f'constraints["{gaze_rig.PARTNER}"].influence'
    curve = fcurves.find_fcurve(gaze_rig.find_parts(pair[0]).gaze, path)
    curve.keyframe_points[-1].co_ui.x += 3
    gaze_keys.follow_edits(pair)
    assert gaze_keys.written(pair[0]).is_edited
    performance = spoken(tmp_path, (chatter(seed=11), chatter(seed=12)))
    outcome = regeneration.write(scene, performance, Settings(seed=5), keeps_take=False)
    assert outcome.kept == "Take 1"
    assert "looks that you moved are on Take 1" in outcome.conflicts[0]
    assert not gaze_keys.written(pair[0]).is_edited
