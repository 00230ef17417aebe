"""A description's feelings become keys; the next description takes their place."""

from collections.abc import Iterator
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

from dualtalk.core.directing.description import Direction  # noqa: E402
from dualtalk.core.directing.feelings import Feeling  # noqa: E402
from dualtalk.core.performance import Settings  # noqa: E402
from dualtalk.handlers import staging_follow  # noqa: E402
from dualtalk.operators import staging as buttons  # noqa: E402
from dualtalk.rig.acting import sliders  # noqa: E402
from dualtalk.rig.characters import heads  # noqa: E402
from dualtalk.rig.gaze import gaze_keys  # noqa: E402
from dualtalk.rig.performance.editing import regeneration  # noqa: E402
from dualtalk.tests.scenes import registered, spoken  # noqa: E402

_LATER = ((0.6, 0.0), (0.8, 1.0))


@pytest.fixture
def scene(scene: bpy.types.Scene, tmp_path: Path) -> Iterator[bpy.types.Scene]:
    """Return a scene with the add-on's settings in which two heads talk for two seconds."""
    with registered(*buttons.CLASSES):
        staging_follow.register()
        regeneration.write(scene, spoken(tmp_path), Settings(), keeps_take=False)
        yield scene
        staging_follow.unregister()


class _Order:
    """What `apply` needs of a job's order."""

    def __init__(self, scene: bpy.types.Scene) -> None:
        self.scene = scene


def describe(scene: bpy.types.Scene, direction: Direction) -> str:
    """Put a direction into effect as *Read Description* does."""
    return buttons.DUALTALK_OT_describe.apply(None, bpy.context, _Order(scene), direction)


def test_a_new_sentence_replaces_the_last(scene: bpy.types.Scene) -> None:
    armature = heads.find(scene, 1).armature
    angry = Direction({"a.gaze": "rarely"}, feelings=(Feeling("a", "angry", 1.0, _LATER),))
    assert describe(scene, angry) == "Understood 2 things"
    curve = sliders.curve_of(armature, "mood_angry")
    assert [round(p.co.y, 3) for p in curve.keyframe_points] == [0.0, 1.0]
    assert curve.keyframe_points[0].co.x == pytest.approx(1 + 0.6 * 49, abs=0.6)
    assert scene.dualtalk.staging.first.attention == pytest.approx(0.1)
    describe(scene, Direction({"b.nod": "often"}, feelings=(Feeling("a", "sad", 0.6),)))
    assert sliders.curve_of(armature, "mood_angry") is None
    assert armature["mood_angry"] == 0.0
    assert armature["mood_sad"] == pytest.approx(0.6)
    assert scene.dualtalk.staging.first.attention == pytest.approx(0.5)  # as before
    assert bpy.ops.dualtalk.reset_description() == {"FINISHED"}
    assert armature["mood_sad"] == 0.0
    assert scene.dualtalk.staging.second.nodding == 0.0
    assert not bpy.ops.dualtalk.reset_description.poll()


def test_a_slider_moved_since_stays(scene: bpy.types.Scene) -> None:
    describe(scene, Direction({"a.gaze": "rarely", "a.nod": "often"}))
    scene.dualtalk.staging.first.attention = 0.9
    bpy.ops.dualtalk.reset_description()
    assert scene.dualtalk.staging.first.attention == pytest.approx(0.9)
    assert scene.dualtalk.staging.first.nodding == 0.0


def test_sliders_of_staging_act_at_once(scene: bpy.types.Scene) -> None:
    armature = heads.find(scene, 1).armature
    before = armature.matrix_world.translation.copy(), gaze_keys.written(armature).plan
    scene.dualtalk.staging.distance = 3.0
    bpy.context.view_layer.update()
    assert (armature.matrix_world.translation - before[0]).length > 0.1
    scene.dualtalk.staging.first.attention = 0.0
    assert gaze_keys.written(armature).plan != before[1]


def test_sliders_keep_looks_that_were_moved(scene: bpy.types.Scene) -> None:
    pair = (heads.find(scene, 1).armature, heads.find(scene, 2).armature)
    curve = gaze_keys.targets_of(pair)[0].animation_data.action
    assert curve is not None
    points = gaze_keys.edges(pair[0])
    from dualtalk.rig import fcurves

    influence = fcurves.find_fcurve(
        gaze_keys.targets_of(pair)[0], 'constraints["DualTalk partner"].influence'
    )
    influence.keyframe_points.insert(33, 0.0)
    edited = gaze_keys.edges(pair[0])
    assert edited != points
    scene.dualtalk.staging.first.attention = 0.2
    assert gaze_keys.edges(pair[0]) == edited
