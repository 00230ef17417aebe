"""A range of another take laid over the one that plays, kept or taken back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

import numpy as np  # noqa: E402
from dualtalk.core.errors import RigError  # noqa: E402
from dualtalk.core.performance import Settings  # noqa: E402
from dualtalk.operators.editing import compare as buttons  # noqa: E402
from dualtalk.properties import strengths  # noqa: E402
from dualtalk.rig.characters import heads  # noqa: E402
from dualtalk.rig.performance.editing import comparing, edits, regeneration, written  # noqa: E402
from dualtalk.rig.performance.editing.rows import Wanted  # noqa: E402
from dualtalk.tests.scenes import chatter, registered, spoken  # noqa: E402

_BROW = ('key_blocks["browInnerUp"].value', 0)
_FRAMES = np.arange(1, 51)


@pytest.fixture
def scene(scene: bpy.types.Scene, tmp_path: Path) -> Iterator[bpy.types.Scene]:
    """Return a scene with the add-on's settings and two takes; the second plays."""
    with registered(*buttons.CLASSES):
        for seed in (0, 1):
            motions = (chatter(seed=2 * seed + 1), chatter(seed=2 * seed + 2))
            regeneration.write(
                scene, spoken(tmp_path, motions), Settings(seed=seed), keeps_take=True
            )
            strengths.apply_strengths(scene)
        yield scene


def brow(scene: bpy.types.Scene, speaker: int = 1) -> np.ndarray:
    """Return what a head's curve of the brows gives, frame by frame."""
    keys = heads.find(scene, speaker).mesh.data.shape_keys
    return written.keys_of(written.curves_of(keys)[_BROW]).at(_FRAMES)


def of_take(scene: bpy.types.Scene, index: int) -> np.ndarray:
    """Return the same of a take that does not play."""
    part = next(p for p in scene.dualtalk.takes[index].parts if p.role == "1 face 0")
    return written.load_from(part.action, "face 0").curves[_BROW].at(_FRAMES)


def compare(scene: bpy.types.Scene) -> None:
    scene.use_preview_range = True
    scene.frame_preview_start, scene.frame_preview_end = 15, 35
    assert bpy.ops.dualtalk.compare_take(index=0) == {"FINISHED"}


def test_the_slider_mixes_the_range_and_back_leaves_the_take(scene: bpy.types.Scene) -> None:
    before, other = brow(scene), of_take(scene, 0)
    n_actions = len(bpy.data.actions)
    compare(scene)
    assert brow(scene)[24] == pytest.approx(other[24], abs=1e-5)  # the middle of the range
    assert brow(scene)[:13] == pytest.approx(before[:13], abs=1e-6)
    scene.dualtalk.compared_share = 0.5
    assert brow(scene)[24] == pytest.approx((before[24] + other[24]) / 2, abs=1e-5)
    assert not edits.find(scene)  # a part of another take is no edit
    assert bpy.ops.dualtalk.flip_take() == {"FINISHED"}
    assert brow(scene)[24] == pytest.approx(other[24], abs=1e-5)
    assert bpy.ops.dualtalk.drop_compared() == {"FINISHED"}
    assert np.array_equal(brow(scene), before)
    assert len(bpy.data.actions) == n_actions
    assert not bpy.ops.dualtalk.flip_take.poll()


def test_what_is_kept_is_the_take(scene: bpy.types.Scene) -> None:
    other = of_take(scene, 0)
    scene.dualtalk.retakes_b = False
    partner = brow(scene, 2)
    compare(scene)
    assert bpy.ops.dualtalk.keep_compared() == {"FINISHED"}
    assert not comparing.is_on(scene)
    assert brow(scene)[24] == pytest.approx(other[24], abs=1e-5)
    assert np.array_equal(brow(scene, 2), partner)
    part = next(p for p in scene.dualtalk.takes[1].parts if p.role == "1 face 0")
    assert part.action == heads.find(scene, 1).mesh.data.shape_keys.animation_data.action


def test_edits_stay_edits(scene: bpy.types.Scene) -> None:
    keys = heads.find(scene, 1).mesh.data.shape_keys
    curve = written.curves_of(keys)[_BROW]
    curve.keyframe_points[40].co.y += 0.3
    curve.update()
    compare(scene)
    assert [(edit.name, edit.first) for edit in edits.find(scene)] == [(_BROW, 40)]


def test_looks_alone_are_refused(scene: bpy.types.Scene) -> None:
    with pytest.raises(RigError, match="Looks cannot be mixed"):
        comparing.start(scene, 0, Wanted(15, 35, layers=("gaze",)))
    assert not comparing.is_on(scene)


def test_a_take_of_another_length_is_refused(scene: bpy.types.Scene, tmp_path: Path) -> None:
    motions = (chatter(40, seed=8), chatter(40, seed=9))
    regeneration.write(scene, spoken(tmp_path, motions), Settings(seed=3), keeps_take=True)
    with pytest.raises(RuntimeError, match="another sound or frame rate"):
        bpy.ops.dualtalk.compare_take(index=0)
    assert not comparing.is_on(scene)
