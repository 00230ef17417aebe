"""Brows, looks and a listener's feedback are generated anew on their own, and nothing else."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

import numpy as np  # noqa: E402
from dualtalk.core.directing.description import Scene as DirectedScene  # noqa: E402
from dualtalk.core.directing.staging import HeadHabit  # noqa: E402
from dualtalk.core.errors import RigError  # noqa: E402
from dualtalk.core.performance import Performance, Settings  # noqa: E402
from dualtalk.rig import compat, fcurves, property_names  # noqa: E402
from dualtalk.rig.characters import heads  # noqa: E402
from dualtalk.rig.gaze import gaze_keys  # noqa: E402
from dualtalk.rig.gaze.gaze_rig import PARTNER, find_parts  # noqa: E402
from dualtalk.rig.performance import channels, turn_strips  # noqa: E402
from dualtalk.rig.performance.editing import regeneration, retaking, takes, written  # noqa: E402
from dualtalk.rig.performance.editing.rows import Wanted  # noqa: E402
from dualtalk.rig.staging import directing  # noqa: E402
from dualtalk.tests.scenes import chatter, registered, spoken  # noqa: E402

N = 400
FIRST, LAST = 150, 260
LIDS = ("eyeBlinkLeft", "eyeBlinkRight")


@pytest.fixture
def scene(scene: bpy.types.Scene) -> Iterator[bpy.types.Scene]:
    """Return a scene with the add-on's settings."""
    with registered():
        yield scene


def performed(tmp_path: Path, seed: int) -> Performance:
    """Return 16 s in which A speaks, then B, and so on."""
    speaking = np.zeros((2, N), np.bool_)
    for start in (10, 210):
        speaking[0, start : start + 80], speaking[1, start + 100 : start + 180] = True, True
    motions = (chatter(N, seed=10 * seed + 1), chatter(N, seed=10 * seed + 2))
    return replace(spoken(tmp_path, motions), speaking=speaking)


def generate(scene: bpy.types.Scene, tmp_path: Path, has_few_keys: bool = False) -> None:
    nodding = (HeadHabit(nodding=1.0), HeadHabit(nodding=1.0))
    settings = Settings(heads=nodding, has_few_keys=has_few_keys)
    regeneration.write(scene, performed(tmp_path, 0), settings, keeps_take=False)


def retake(scene: bpy.types.Scene, tmp_path: Path, *layers: str, who: int = 1) -> int:
    wanted = Wanted(FIRST, LAST, (who,), layers)
    return retaking.write(scene, performed(tmp_path, 1), wanted, Settings(seed=7))


def values(scene: bpy.types.Scene) -> dict[tuple, np.ndarray]:
    """Return what every curve of both gives at every frame, those of the gaze's helpers too."""
    found = {}
    for speaker in (1, 2):
        character = heads.find(scene, speaker)
        parts = find_parts(character.armature)
        owners = {role: owner for role, owner in written.owners(character)}
        owners |= {name: getattr(parts, name) for name in ("gaze", "aim", "pose")}
        for role, owner in owners.items():
            for curve in fcurves.curves_of(owner):
                name = (speaker, role, curve.data_path, curve.array_index)
                found[name] = np.array([curve.evaluate(frame) for frame in range(1, N + 1)])
    return found


def changed(before: dict, after: dict) -> dict[tuple, np.ndarray]:
    """Return the frames at which curves are not the same to the bit."""
    assert before.keys() == after.keys()
    frames = {name: np.flatnonzero(after[name] != before[name]) + 1 for name in before}
    return {name: found for name, found in frames.items() if len(found)}


@pytest.mark.parametrize("has_few_keys", [False, True])
def test_brows_change_alone(scene, tmp_path: Path, has_few_keys: bool) -> None:
    generate(scene, tmp_path, has_few_keys)
    before = values(scene)
    assert retake(scene, tmp_path, "brows") == 5
    found = changed(before, values(scene))
    assert len(found) == 5
    assert all("brow" in path for _, _, path, _ in found)
    assert all(f.min() >= FIRST and f.max() <= LAST for f in found.values())


def test_expression_leaves_the_brows(scene, tmp_path: Path) -> None:
    generate(scene, tmp_path)
    before = values(scene)
    retake(scene, tmp_path, "expression")
    paths = " ".join(path for _, _, path, _ in changed(before, values(scene)))
    assert "mouthSmileLeft" in paths
    assert "brow" not in paths


@pytest.mark.parametrize("has_few_keys", [False, True])
def test_looks_change_in_the_range_alone(scene, tmp_path: Path, has_few_keys: bool) -> None:
    generate(scene, tmp_path, has_few_keys)
    before = values(scene)
    retake(scene, tmp_path, "gaze")
    found = changed(before, values(scene))
    assert all(f.min() >= FIRST and f.max() <= LAST for f in found.values())
    assert {who for who, *_ in found} == {1}
    assert {role for _, role, *_ in found} <= {"gaze", "aim", "body", "face 0"}
    influence = (1, "gaze", gaze_keys.influence_path(PARTNER), 0)
    assert influence in found
    faces = {path for _, role, path, _ in found if role == "face 0"}
    assert faces <= {fcurves.key_path(name) for name in LIDS}
    bodies = {path for _, role, path, _ in found if role == "body"}
    assert all("eye_" in path for path in bodies)
    # The edges are few keys, which an animator moves, and count as followed already.
    gaze = find_parts(heads.find(scene, 1).armature).gaze
    curve = fcurves.find_fcurve(gaze, gaze_keys.influence_path(PARTNER))
    assert len(curve.keyframe_points) < N / 4
    assert not gaze_keys.are_edited(heads.find(scene, 1).armature)
    armatures = tuple(heads.find(scene, who).armature for who in (1, 2))
    known = gaze_keys.written(armatures[0])
    assert gaze_keys.read_plan(armatures, known.plan, known.first_frame).at_partner() == (
        pytest.approx(known.plan.at_partner())
    )


def test_the_head_turns_for_new_looks_without_a_jump(scene, tmp_path: Path) -> None:
    generate(scene, tmp_path)
    before = values(scene)
    retake(scene, tmp_path, "gaze")
    after = values(scene)
    for axis in range(3):
        was, now = before[1, "aim", "location", axis], after[1, "aim", "location", axis]
        fastest = max(np.abs(np.diff(was)).max(), np.abs(np.diff(now))[FIRST:LAST].max())
        for edge in (FIRST - 1, LAST - 1):
            jump = np.abs(np.diff(now)[edge - 1 : edge + 1] - np.diff(was)[edge - 1 : edge + 1])
            assert jump.max() < 0.1 * fastest + 1e-6


def test_feedback_is_what_a_listener_does_while_the_other_speaks(scene, tmp_path: Path) -> None:
    generate(scene, tmp_path)
    before = values(scene)
    retake(scene, tmp_path, "feedback")
    found = changed(before, values(scene))
    listens = range(FIRST, 1 + 110 + 80)  # A; B's turn is frames 111 to 190
    assert all(f.min() in listens and f.max() in listens for f in found.values())
    paths = " ".join(path for _, _, path, _ in found)
    assert "mouthSmileLeft" in paths
    assert "browInnerUp" in paths
    assert "neck" in paths
    assert (1, "pose", "rotation_euler", 0) in found
    assert "jaw" not in paths
    assert "eyeBlink" not in paths
    assert "mouthPucker" not in paths


def test_who_does_not_listen_has_no_feedback(scene, tmp_path: Path) -> None:
    generate(scene, tmp_path)
    with pytest.raises(RigError, match="nobody who is chosen listens"):
        retaking.write(
            scene, performed(tmp_path, 1), Wanted(FIRST, 180, (2,), ("feedback",)), Settings()
        )
    assert not any(written.has_retakes(heads.find(scene, who)) for who in (1, 2))


def test_a_take_with_retakes_is_never_replaced(scene, tmp_path: Path) -> None:
    generate(scene, tmp_path)
    retake(scene, tmp_path, "brows")
    outcome = regeneration.write(scene, performed(tmp_path, 2), Settings(seed=2), keeps_take=False)
    assert outcome.is_new_take
    assert outcome.kept == "Take 1"
    assert takes.names(scene) == ["Take 1", "Take 2"]
    outcome = regeneration.write(scene, performed(tmp_path, 3), Settings(seed=3), keeps_take=False)
    assert not outcome.is_new_take


def test_retaken_looks_are_kept_by_sliders_and_are_none_that_were_moved(
    scene, tmp_path: Path
) -> None:
    generate(scene, tmp_path)
    retake(scene, tmp_path, "gaze")
    armatures = tuple(heads.find(scene, who).armature for who in (1, 2))
    assert not gaze_keys.has_edited_looks(armatures)
    before = gaze_keys.written(armatures[0])
    assert before.is_retaken
    directing.act(scene, DirectedScene(), seed=3)
    after = gaze_keys.written(armatures[0])
    assert after.is_retaken
    assert after.plan.at_partner() == pytest.approx(before.plan.at_partner())
    gaze_keys.follow_edits(armatures)  # a character was moved
    assert gaze_keys.written(armatures[0]).is_retaken


def test_blinks_of_the_gaze_move_with_looks(scene, tmp_path: Path) -> None:
    generate(scene, tmp_path)
    action = heads.find(scene, 1).armature.animation_data.action
    before = list(action[property_names.BLINK_FRAMES])
    retake(scene, tmp_path, "gaze")
    after = list(action[property_names.BLINK_FRAMES])
    outside = [f for f in before if f < FIRST or f > LAST]
    assert [f for f in after if f < FIRST or f > LAST] == outside


def test_selected_strips_are_times(scene, tmp_path: Path) -> None:
    generate(scene, tmp_path)
    turn_strips.write(scene, performed(tmp_path, 0).speaking, 1)
    assert channels.selected(scene) == []
    for strip in compat.strips_of(scene):
        strip.select = strip.name in ("A 1", "B 1")
    assert channels.selected(scene) == [(11, 90), (111, 190)]
    cut = compat.new_color_strip(compat.strips_of(scene), "Cut", 30, 85, 131)
    cut.select = True
    assert channels.selected(scene) == [(11, 190)]  # what touches is one range
