"""Few keys play as the many did, and are edited, followed and retaken as those are."""

from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

import numpy as np  # noqa: E402
from dualtalk.core.directing.gaze_curves import closed_lids  # noqa: E402
from dualtalk.core.edits.closures import closures  # noqa: E402
from dualtalk.core.motion import Motion  # noqa: E402
from dualtalk.core.names import ARKIT_INDEX, ARKIT_SHAPES  # noqa: E402
from dualtalk.core.performance import Settings  # noqa: E402
from dualtalk.rig import fcurves  # noqa: E402
from dualtalk.rig.characters import heads  # noqa: E402
from dualtalk.rig.gaze import gaze_blinks  # noqa: E402
from dualtalk.rig.performance import motion_writer, scene_writer  # noqa: E402
from dualtalk.rig.performance.editing import edits, retaking  # noqa: E402
from dualtalk.rig.performance.editing.rows import Wanted  # noqa: E402
from dualtalk.rig.performance.editing.written import curves_of, owners  # noqa: E402
from dualtalk.tests.scenes import evaluated, spoken  # noqa: E402

N = 200


def speech(seed: int) -> Motion:
    """Return a motion with syllables, closures, blinks and a head that sways."""
    t = np.arange(N) / 25
    rng = np.random.default_rng(seed)
    phase = rng.random(40) * 6
    expression = 0.2 + 0.15 * np.sin(2 * np.pi * (0.4 + 2 * rng.random(40)) * t[:, None] + phase)
    expression[:, ARKIT_INDEX["mouthClose"]] = 0.0
    expression[60::40, ARKIT_INDEX["mouthClose"]] = 0.4  # a p every 1.6 s, one frame long
    expression[:, [ARKIT_INDEX["eyeBlinkLeft"], ARKIT_INDEX["eyeBlinkRight"]]] = 0.0
    sway = np.stack([0.05 * np.sin(t), 0.1 * np.sin(0.7 * t + 1), 0.02 * np.cos(t)], axis=1)
    jaw = np.stack([0.1 + 0.08 * np.sin(20 * t), 0 * t, 0 * t], axis=1)
    return Motion.from_arrays(expression, jaw=jaw, head=sway)


@pytest.fixture
def written(scene, tmp_path: Path):
    """Return a scene with a performance of few keys, and its motions."""
    motions = (speech(1), speech(2))
    performance = spoken(tmp_path, motions)
    scene_writer.write_performance(scene, performance, Settings(has_few_keys=True))
    return scene, performance


def played(scene, speaker: int = 1) -> np.ndarray:
    """Return what the shape keys' curves give, (N, 40)."""
    keys = heads.find(scene, speaker).mesh.data.shape_keys
    curves = [fcurves.find_fcurve(keys, f'key_blocks["{n}"].value') for n in ARKIT_SHAPES]
    return np.array([[curve.evaluate(1 + i) for curve in curves] for i in range(N)])


def test_they_are_few_and_stay_within_a_fifth_of_a_millimetre(written) -> None:
    scene, performance = written
    motion = performance.motions[0]
    head = heads.find(scene, 1)
    error = played(scene) - motion.expression
    lids = [ARKIT_INDEX["eyeBlinkLeft"], ARKIT_INDEX["eyeBlinkRight"]]
    error[:, lids] = 0.0  # the gaze's blinks are in the curves
    keys = head.mesh.data.shape_keys
    count = len(keys.reference_key.data)

    def points(block) -> np.ndarray:
        flat = np.empty(3 * count, np.float32)
        block.data.foreach_get("co", flat)
        return flat.reshape(-1, 3)

    moves = np.stack(
        [points(keys.key_blocks[n]) - points(keys.reference_key) for n in ARKIT_SHAPES]
    )
    worst = max(np.linalg.norm(np.tensordot(row, moves, 1), axis=1).max() for row in error)
    assert worst < 0.2e-3
    n_keys = sum(len(c.keyframe_points) for _, o in owners(head) for c in curves_of(o).values())
    n_curves = sum(len(curves_of(o)) for _, o in owners(head))
    assert n_keys < 0.5 * n_curves * N  # these curves are all at work at once: speech needs a tenth


def test_every_closure_has_its_exact_key(written) -> None:
    scene, performance = written
    motion = performance.motions[0]
    closed = closures(motion.expression)
    assert closed[60::40].all()
    index = ARKIT_INDEX["mouthClose"]
    np.testing.assert_allclose(
        played(scene)[closed, index], motion.expression[closed, index], atol=1e-6
    )


def test_nobody_has_edited_them_and_an_edit_is_found(written) -> None:
    scene, _ = written
    assert edits.find(scene) == []
    keys = heads.find(scene, 1).mesh.data.shape_keys
    curve = fcurves.find_fcurve(keys, 'key_blocks["mouthSmileLeft"].value')
    point = curve.keyframe_points[len(curve.keyframe_points) // 2]
    at = round(point.co.x)
    point.co_ui.y += 0.3
    curve.update()
    (edit,) = edits.find(scene)
    assert edit.first + 1 <= at <= edit.last + 1
    assert edits.drop(scene, at, at) == 1
    assert edits.find(scene) == []


def test_blinks_of_the_gaze_move_between_few_keys(written) -> None:
    scene, _ = written
    character = heads.find(scene, 1)
    lids = ARKIT_INDEX["eyeBlinkLeft"]
    gaze_blinks.follow(character, np.array([30, 120], np.intp), 25.0)
    frames = 1 + np.arange(N)
    wanted = closed_lids(frames / 25, np.array([31.0, 121.0]) / 25)
    np.testing.assert_allclose(played(scene)[:, lids], wanted, atol=5e-3)
    assert edits.find(scene) == []
    gaze_blinks.follow(character, np.array([], np.intp), 25.0)
    np.testing.assert_allclose(played(scene)[:, lids], 0.0, atol=5e-3)


def test_a_range_of_few_keys_is_retaken(written, tmp_path: Path) -> None:
    scene, _ = written
    before = played(scene)
    other = spoken(tmp_path, (speech(7), speech(8)))
    retaking.write(scene, other, Wanted(60, 120, (1,), ("expression",)))
    after = played(scene)
    outside = np.r_[0:59, 120:N]
    np.testing.assert_array_equal(after[outside], before[outside])  # to the bit
    smile = ARKIT_INDEX["mouthSmileLeft"]
    assert after[75:105, smile] == pytest.approx(
        other.motions[0].expression[75:105, smile], abs=0.01
    )
    assert edits.find(scene) == []


def test_what_is_retaken_has_few_keys_too_and_every_closure(written, tmp_path: Path) -> None:
    scene, _ = written
    head = heads.find(scene, 1)
    n_before, before = n_keys(head), [played(scene), surface(scene, head, N - 1)]
    other = spoken(tmp_path, (speech(7), speech(8)))
    retaking.write(scene, other, Wanted(40, 160, (1,), ("lips", "expression")))
    n_after = n_keys(head)
    assert n_after < 1.3 * n_before  # 121 of 200 frames would be a key each
    after = played(scene)
    np.testing.assert_array_equal(after[161:], before[0][161:])
    np.testing.assert_allclose(surface(scene, head, N - 1), before[1], atol=0)
    motion = other.motions[0].expression
    closed = ARKIT_INDEX["mouthClose"]
    for frame in (60, 100, 140):
        assert after[frame, closed] == pytest.approx(motion[frame, closed], abs=1e-6)
    speed = np.abs(np.diff(after - before[0], axis=0))
    assert speed[[38, 159]].max() < 0.1 * speed[41:159].max()  # it begins and ends at rest
    assert edits.find(scene) == []
    retaking.write(scene, spoken(tmp_path, (speech(3), speech(4))), Wanted(70, 130, (1,)))
    assert edits.find(scene) == []


def n_keys(head) -> int:
    """Count the keys of a head's shapes."""
    return sum(
        len(curve.keyframe_points)
        for _, owner in owners(head)
        for curve in curves_of(owner).values()
    )


def surface(scene, head, frame: int) -> np.ndarray:
    """Return where the head's vertices are at a frame."""
    scene.frame_set(frame)
    return evaluated(head.mesh)


def test_few_and_many_keys_have_the_same_curves(scene, tmp_path: Path) -> None:
    scene_writer.write_performance(scene, spoken(tmp_path, (speech(1), speech(2))), Settings())
    many = {role: set(curves_of(owner)) for role, owner in owners(heads.find(scene, 1))}
    motion_writer.write_motion(heads.find(scene, 1), speech(1), scene, 1, has_few_keys=True)
    assert {role: set(curves_of(o)) for role, o in owners(heads.find(scene, 1))} == many
