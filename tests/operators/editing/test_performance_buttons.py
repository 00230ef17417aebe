"""The buttons on a performance that is there: takes, edits, layers and acting."""

from collections.abc import Iterator
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

import numpy as np  # noqa: E402
from dualtalk.core.performance import Settings  # noqa: E402
from dualtalk.operators.editing import acting, edits, layers, takes  # noqa: E402
from dualtalk.properties import strengths  # noqa: E402
from dualtalk.rig import fcurves  # noqa: E402
from dualtalk.rig.acting import sliders  # noqa: E402
from dualtalk.rig.characters import heads  # noqa: E402
from dualtalk.rig.performance.editing import edits as rig_edits  # noqa: E402
from dualtalk.rig.performance.editing import regeneration  # noqa: E402
from dualtalk.tests.scenes import chatter, registered, spoken  # noqa: E402

_MODULES = (acting, edits, layers, takes)
SMILE = 'key_blocks["mouthSmileLeft"].value'


@pytest.fixture
def performed(scene: bpy.types.Scene, tmp_path: Path) -> Iterator[bpy.types.Scene]:
    """Return a scene with two takes, of which the second plays, and all of these buttons."""
    with registered(*(cls for module in _MODULES for cls in module.CLASSES)):
        for seed in (0, 1):
            motions = (chatter(seed=2 * seed + 1), chatter(seed=2 * seed + 2))
            made = spoken(tmp_path, motions)
            regeneration.write(scene, made, Settings(seed=seed), keeps_take=True)
            strengths.apply_strengths(scene)
        yield scene


def smile(scene: bpy.types.Scene) -> bpy.types.FCurve:
    return fcurves.find_fcurve(heads.find(scene, 1).mesh.data.shape_keys, SMILE)


def smiled(scene: bpy.types.Scene) -> np.ndarray:
    """Return the smile of every frame."""
    return np.array([smile(scene).evaluate(frame) for frame in range(1, 51)])


def raise_key(scene: bpy.types.Scene, frame: int) -> None:
    """Move the key nearest to a frame, as a drag in the graph editor does."""
    curve = smile(scene)
    point = min(curve.keyframe_points, key=lambda each: abs(each.co.x - frame))
    point.co_ui.y += 0.3
    curve.update()


def test_takes_are_exchanged_and_one_is_deleted(performed: bpy.types.Scene) -> None:
    second = smiled(performed)
    assert bpy.ops.dualtalk.use_take(index=0) == {"FINISHED"}
    first = smiled(performed)
    assert not np.allclose(first, second, atol=0.02)
    assert bpy.ops.dualtalk.use_take(index=1) == {"FINISHED"}
    assert smiled(performed) == pytest.approx(second, abs=1e-6)
    names = [take.name for take in performed.dualtalk.takes]
    assert bpy.ops.dualtalk.remove_take(index=0) == {"FINISHED"}
    assert [take.name for take in performed.dualtalk.takes] == names[1:]
    assert smiled(performed) == pytest.approx(second, abs=1e-6)


def test_strengths_go_back_to_what_was_generated(performed: bpy.types.Scene) -> None:
    before = smiled(performed)
    performed.dualtalk.strengths_a.expression = 0.25
    strengths.apply_strengths(performed)
    assert not np.allclose(smiled(performed), before, atol=0.01)
    assert bpy.ops.dualtalk.reset_strengths() == {"FINISHED"}
    assert performed.dualtalk.strengths_a.expression == 1.0
    strengths.apply_strengths(performed)
    assert smiled(performed) == pytest.approx(before, abs=1e-5)


def test_edits_are_shown_and_taken_off_where_asked(performed: bpy.types.Scene) -> None:
    before = smiled(performed)
    assert bpy.ops.dualtalk.show_edits() == {"FINISHED"}
    raise_key(performed, 10)
    raise_key(performed, 40)
    assert len(rig_edits.find(performed)) == 2
    assert bpy.ops.dualtalk.show_edits() == {"FINISHED"}
    assert bpy.ops.dualtalk.drop_edits(first=30, last=50) == {"FINISHED"}
    assert len(rig_edits.find(performed)) == 1
    assert smiled(performed)[30:] == pytest.approx(before[30:], abs=1e-5)
    performed.frame_set(25)
    with pytest.raises(RuntimeError, match="Nothing was edited at frame 25"):
        bpy.ops.dualtalk.drop_edits()
    performed.use_preview_range = True
    performed.frame_preview_start, performed.frame_preview_end = 1, 25
    assert bpy.ops.dualtalk.drop_edits() == {"FINISHED"}
    assert smiled(performed) == pytest.approx(before, abs=1e-5)


def test_lips_are_closed_as_an_edit(performed: bpy.types.Scene) -> None:
    performed.frame_set(20)
    assert bpy.ops.dualtalk.close_lips(speaker="1") == {"FINISHED"}
    assert rig_edits.find(performed)
    assert bpy.ops.dualtalk.close_lips(speaker="1") == {"FINISHED"}  # it is closed already


def test_layers_become_tracks_and_one_action_again(performed: bpy.types.Scene) -> None:
    keys = heads.find(performed, 1).mesh.data.shape_keys
    performed.frame_set(17)
    before = keys.key_blocks["mouthSmileLeft"].value
    for is_additive in (False, True):
        assert bpy.ops.dualtalk.unflatten(is_additive=is_additive) == {"FINISHED"}
        assert len(keys.animation_data.nla_tracks) >= 2
        performed.frame_set(17)
        assert keys.key_blocks["mouthSmileLeft"].value == pytest.approx(before, abs=1e-4)
        assert bpy.ops.dualtalk.flatten() == {"FINISHED"}
        assert smile(performed) is not None
    performed.frame_set(17)
    assert keys.key_blocks["mouthSmileLeft"].value == pytest.approx(before, abs=1e-4)


def test_acting_is_set_back_with_its_keys(performed: bpy.types.Scene) -> None:
    armature = heads.find(performed, 1).armature
    assert bpy.ops.dualtalk.add_acting(speaker="1") == {"FINISHED"}
    assert sliders.are_there(armature)
    happy = sliders.name_of("happy")
    for frame, value in ((1, 0.0), (20, 0.8)):
        armature[happy] = value
        armature.keyframe_insert(sliders.path_of(happy), frame=frame)
    performed.dualtalk.timing_a.lips = 40.0
    assert bpy.ops.dualtalk.reset_acting(speaker="1") == {"FINISHED"}
    assert armature[happy] == 0.0
    assert fcurves.find_fcurve(armature, sliders.path_of(happy)) is None
    assert performed.dualtalk.timing_a.lips == 0.0


def test_without_a_head_acting_says_so(performed: bpy.types.Scene) -> None:
    bpy.data.objects.remove(heads.find(performed, 2).armature)
    with pytest.raises(RuntimeError, match="Generate"):
        bpy.ops.dualtalk.add_acting(speaker="2")
