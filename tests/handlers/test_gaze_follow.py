"""An edited edge of a look changes eyes, head and lids by itself, and watching costs nothing."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

from dualtalk.core.directing.gaze_curves import with_blinks  # noqa: E402
from dualtalk.core.directing.gaze_plan import GazePlan, Look  # noqa: E402
from dualtalk.core.motion import Motion  # noqa: E402
from dualtalk.handlers import gaze_follow  # noqa: E402
from dualtalk.rig import fcurves  # noqa: E402
from dualtalk.rig.characters import heads  # noqa: E402
from dualtalk.rig.gaze import gaze_blinks, gaze_keys, gaze_rig  # noqa: E402
from dualtalk.rig.performance import motion_writer  # noqa: E402
from dualtalk.rig.staging import directing  # noqa: E402
from dualtalk.tests.scenes import calls_of, eye_errors_deg  # noqa: E402

N = 400
OWN_BLINK = slice(300, 305)
#: A look away so far that head and lids take part, frames 100 to 220.
LOOKS = ((Look(0, "partner"), Look(100, "away", 0.65, 0.2), Look(220, "partner")),)


@pytest.fixture
def watched(conversation):
    """Return a scene with a motion whose first character looks far away once, being watched."""
    pair = directing.armatures_of(conversation)
    plan = GazePlan((LOOKS[0], (Look(0, "partner"),)), N, 25.0)
    for_both = gaze_keys.write_plan(pair, plan, speaking=np.zeros((2, N), np.bool_))
    expression = Motion.at_rest(N).expression.copy()
    expression[OWN_BLINK, :2] = 0.7  # the network's own blink
    for speaker, of_one in enumerate(for_both, start=1):
        motion = Motion.from_arrays(expression)
        character = heads.find(conversation, speaker)
        motion_writer.write_motion(
            character, with_blinks(motion, of_one.blinks, 25.0), conversation, 1
        )
        gaze_blinks.remember(character, motion, of_one.blinks, 25.0, 1)
    gaze_follow.register()
    yield conversation
    gaze_follow.unregister()


def edge_curve(armature):
    path = f'constraints["{gaze_rig.PARTNER}"].influence'
    return fcurves.find_fcurve(gaze_rig.find_parts(armature).gaze, path)


def move_edge(armature, after: float, by: float) -> None:
    """Move the keys after a frame, as a transform in the timeline does."""
    for point in edge_curve(armature).keyframe_points:
        if point.co.x > after:
            point.co_ui.x += by
    bpy.context.view_layer.update()


def neck_deg(scene, armature, frame: int) -> float:
    """Return how far the evaluated head is turned from where it looks at the partner."""
    found = []
    for at in (2, frame):
        scene.frame_set(at)
        seen = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
        found.append(seen.pose.bones["neck"].matrix.to_quaternion())
    return math.degrees(found[0].rotation_difference(found[1]).angle)


def lid_values(character) -> np.ndarray:
    keys = fcurves.curves_of(character.mesh.data.shape_keys)
    curve = next(c for c in keys if c.data_path == 'key_blocks["eyeBlinkLeft"].value')
    return np.array([point.co.y for point in curve.keyframe_points])


def test_a_moved_edge_moves_eyes_head_and_blinks_by_itself(watched) -> None:
    pair = directing.armatures_of(watched)
    character = heads.find(watched, 1)
    assert neck_deg(watched, pair[0], 150) > 8
    assert lid_values(character)[100:106].max() > 0.85
    move_edge(pair[0], 50, 60)  # the look away is frames 160 to 280 now
    assert neck_deg(watched, pair[0], 150) < 0.5
    assert max(eye_errors_deg(pair[0], pair[1])) < 2
    assert neck_deg(watched, pair[0], 220) > 8
    assert min(eye_errors_deg(pair[0], pair[1])) > 10
    after = lid_values(character)
    assert after[100:110].max() == pytest.approx(0, abs=1e-5)
    assert after[160:166].max() > 0.85
    assert after[OWN_BLINK] == pytest.approx(0.7, abs=1e-5)
    move_edge(pair[0], 50, -60)
    assert lid_values(character)[100:106].max() > 0.85
    assert lid_values(character)[160:166].max() == pytest.approx(0, abs=1e-5)
    assert neck_deg(watched, pair[0], 150) > 8


def test_the_keys_that_were_moved_stay_and_so_do_edits_of_the_lids(watched) -> None:
    pair = directing.armatures_of(watched)
    mesh = heads.find(watched, 1).mesh
    keys = fcurves.curves_of(mesh.data.shape_keys)
    lid = next(c for c in keys if c.data_path == 'key_blocks["eyeBlinkLeft"].value')
    lid.keyframe_points[350].co.y = 0.33
    before = gaze_keys.edges(pair[0])
    move_edge(pair[0], 50, 13.25)
    moved = [x + 13.25 if i % 2 == 0 and x > 50 else x for i, x in enumerate(before)]
    assert gaze_keys.edges(pair[0]) == pytest.approx(moved)
    assert lid_values(heads.find(watched, 1))[350] == pytest.approx(0.33)


def test_an_edit_that_blender_was_not_told_of_is_seen_at_the_next_frame(watched) -> None:
    pair = directing.armatures_of(watched)
    curve = edge_curve(pair[0])
    points = np.array(gaze_keys.edges(pair[0]), np.float32)
    points[::2] += 60 * (points[::2] > 50)
    curve.keyframe_points.foreach_set("co", points)
    assert gaze_keys.are_edited(pair[0])
    watched.frame_set(30)
    assert not gaze_keys.are_edited(pair[0])
    assert directing.written_of(watched).plan.looks[0][1].frame == 160


def test_deleting_a_look_away_leaves_no_trace_of_it(watched) -> None:
    pair = directing.armatures_of(watched)
    points = edge_curve(pair[0]).keyframe_points
    while len(points) > 1:
        points.remove(points[1])
    edge_curve(pair[0]).update()
    bpy.context.view_layer.update()
    assert len(directing.written_of(watched).plan.looks[0]) == 1
    assert neck_deg(watched, pair[0], 160) < 0.5
    assert lid_values(heads.find(watched, 1))[90:130].max() == pytest.approx(0, abs=1e-5)


def test_nothing_is_written_and_next_to_no_time_taken_when_nothing_changed(
    watched, monkeypatch
) -> None:
    calls = []
    monkeypatch.setattr(gaze_keys, "follow_edits", calls.append)
    pair = directing.armatures_of(watched)
    pair[0].location.x += 0.1  # an update that is none of ours
    pair[1].keyframe_insert("location", frame=3)  # and an edit of other keys
    bpy.context.view_layer.update()
    for frame in range(5, 25):
        watched.frame_set(frame)
    cost = calls_of(lambda: gaze_follow.before_frame(watched))
    assert not calls
    assert cost < 700  # 450 calls, well under a millisecond; 40 ms are a frame


def test_directing_anew_moves_the_blinks(watched) -> None:
    before = lid_values(heads.find(watched, 1))
    pair = directing.armatures_of(watched)
    plan = GazePlan((LOOKS[0][:1], (Look(0, "partner"),)), N, 25.0)
    gaze_keys.move_blinks(pair, gaze_keys.write_plan(pair, plan), 25.0)
    after = lid_values(heads.find(watched, 1))
    assert before[100:106].max() > 0.85
    assert after[:200].max() == pytest.approx(0, abs=1e-5)


def test_a_window_waits_for_whoever_holds_keys() -> None:
    def manager(*names: str) -> SimpleNamespace:
        operators = [SimpleNamespace(bl_idname=name) for name in names]
        return SimpleNamespace(windows=[SimpleNamespace(modal_operators=operators)])

    assert gaze_follow.is_busy(manager("TRANSFORM_OT_transform"))
    assert not gaze_follow.is_busy(manager("DUALTALK_OT_generate"))
    assert not gaze_follow.is_busy(manager())


def test_handlers_come_and_go() -> None:
    def count() -> int:
        names = ("depsgraph_update_post", "frame_change_pre", "undo_post", "redo_post")
        return sum(len(getattr(bpy.app.handlers, name)) for name in names)

    before = count()
    gaze_follow.register()
    assert count() == before + 4
    gaze_follow.unregister()
    assert count() == before
