"""A range generated anew changes what was asked for, smoothly, and nothing else."""

from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

import numpy as np  # noqa: E402
from dualtalk.core.errors import RigError  # noqa: E402
from dualtalk.rig.characters import heads  # noqa: E402
from dualtalk.rig.performance.editing import edits, retaking, written  # noqa: E402
from dualtalk.rig.performance.editing.rows import Wanted  # noqa: E402
from dualtalk.tests.rig.performance.editing.test_keeping_edits import raise_keys, smile, values  # noqa: E402
from dualtalk.tests.rig.performance.test_layer_strengths import (  # noqa: E402
    generated,
    scene,  # noqa: F401 - a fixture
)
from dualtalk.tests.scenes import chatter, spoken  # noqa: E402

FIRST, LAST = 20, 40


def keys(scene) -> dict[tuple, np.ndarray]:  # noqa: F811
    """Return the keys of all curves of both, as they lie in memory."""
    found = {}
    for speaker in (1, 2):
        for role, owner in written.owners(heads.find(scene, speaker)):
            for name, curve in written.curves_of(owner).items():
                n = len(curve.keyframe_points)
                rows = []
                for attribute, width in (("co", 2), ("handle_left", 2), ("handle_right", 2)):
                    row = np.empty(n * width, np.float32)
                    curve.keyframe_points.foreach_get(attribute, row)
                    rows.append(row.reshape(n, width))
                found[speaker, role, name] = np.concatenate(rows, axis=1)
    return found


def another(tmp_path: Path):
    """Return the performance of another seed."""
    return spoken(tmp_path, (chatter(seed=31), chatter(seed=32)))


def test_only_the_range_of_the_person_and_the_layers_changes(scene, tmp_path: Path) -> None:  # noqa: F811
    generated(scene, tmp_path)
    before = keys(scene)
    wanted = Wanted(FIRST, LAST, (1,), ("expression", "head"))
    assert retaking.write(scene, another(tmp_path), wanted) > 10
    after = keys(scene)
    assert after.keys() == before.keys()
    changed = set()
    for name, old in before.items():
        new = after[name]
        assert new.shape == old.shape
        outside = (old[:, 0] < FIRST) | (old[:, 0] > LAST)
        np.testing.assert_array_equal(new[outside, :2], old[outside, :2])
        if not np.array_equal(new[:, :2], old[:, :2]):
            changed.add(name)
            assert name[0] == 1
    paths = " ".join(path for _, _, (path, _) in changed)
    assert "neck" in paths
    assert "mouthSmileLeft" in paths
    assert "jaw" not in paths
    assert "eyeBlink" not in paths
    assert "mouthPucker" not in paths


def test_it_is_the_other_take_inside_and_meets_the_old_one_smoothly(
    scene,  # noqa: F811
    tmp_path: Path,
) -> None:
    generated(scene, tmp_path)
    old = values(smile(scene)).copy()
    performance = another(tmp_path)
    retaking.write(scene, performance, Wanted(FIRST, LAST, (1,), ("expression",)))
    now = values(smile(scene))
    new = performance.motions[0].expression[:, 11]
    assert now[FIRST + 5 : LAST - 7] == pytest.approx(new[FIRST + 5 : LAST - 7], abs=1e-6)
    sudden = old.copy()
    sudden[FIRST - 1 : LAST] = new[FIRST - 1 : LAST]
    edges = np.r_[FIRST - 4 : FIRST + 2, LAST - 4 : LAST + 2]
    assert np.abs(np.diff(now, 2))[edges].max() < np.abs(np.diff(sudden, 2))[edges].max()


def test_a_retake_counts_as_generated_and_keeps_edits(scene, tmp_path: Path) -> None:  # noqa: F811
    generated(scene, tmp_path)
    raise_keys(smile(scene), 28, 32, 0.2)
    raise_keys(smile(scene), 46, 48, 0.1)
    retaking.write(scene, another(tmp_path), Wanted(FIRST, LAST))
    assert [(e.first + 1, e.last + 1) for e in edits.find(scene)] == [(28, 32), (46, 48)]
    assert all(
        edit.values == pytest.approx(v)
        for edit, v in zip(edits.find(scene), (0.2, 0.1), strict=True)
    )
    assert edits.drop(scene, 1, 200) == 2
    assert edits.find(scene) == []


def test_the_same_take_again_changes_nothing(scene, tmp_path: Path) -> None:  # noqa: F811
    performance = generated(scene, tmp_path)
    before = keys(scene)
    with pytest.raises(RigError, match="the same there"):
        retaking.write(scene, performance, Wanted(FIRST, LAST))
    for name, rows in keys(scene).items():
        np.testing.assert_allclose(rows[:, :2], before[name][:, :2], atol=1e-6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda it: setattr(it.render, "fps", 30), "frame rate has changed"),
        (lambda it: heads.find(it, 2).armature.animation_data_clear(), "not recorded"),
    ],
)
def test_what_cannot_be_retaken_is_said_and_nothing_written(
    scene,  # noqa: F811
    tmp_path: Path,
    change,
    message: str,
) -> None:
    generated(scene, tmp_path)
    change(scene)
    before = keys(scene)
    with pytest.raises(RigError, match=message):
        retaking.write(scene, another(tmp_path), Wanted(FIRST, LAST))
    for name, rows in keys(scene).items():
        np.testing.assert_array_equal(rows, before[name])


def test_a_range_outside_and_an_empty_choice_are_refused(scene, tmp_path: Path) -> None:  # noqa: F811
    generated(scene, tmp_path)
    with pytest.raises(RigError, match="not in the performance"):
        retaking.write(scene, another(tmp_path), Wanted(5000, 5010))
    with pytest.raises(RigError, match="no length"):
        Wanted(10, 10)
    with pytest.raises(RigError, match="choose a person"):
        Wanted(10, 20, layers=())


def test_the_layers_are_all_that_have_curves() -> None:
    from dualtalk.properties.choices import RETAKEN_LAYERS

    assert tuple(item[0] for item in RETAKEN_LAYERS) == retaking.RETAKEN
