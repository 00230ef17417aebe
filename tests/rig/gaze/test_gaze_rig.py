"""Gaze in Blender: evaluated eyes over a whole dialogue, on a minimal armature of our bones."""

import math
import subprocess
import sys

import numpy as np
import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")
from dualtalk.core.directing.gaze_curves import EYE_LIMITS_RAD, shift_frames  # noqa: E402
from dualtalk.core.directing.gaze_plan import Extra, GazeHabit, GazeState, Look, plan_gaze  # noqa: E402
from dualtalk.core.directing.shots import cameras, cuts  # noqa: E402
from dualtalk.core.directing.staging import PRESETS, HeadHabit, Staging  # noqa: E402
from dualtalk.rig import fcurves  # noqa: E402
from dualtalk.rig.gaze import gaze_keys, gaze_rig  # noqa: E402
from dualtalk.rig.staging import cameras as rig_cameras  # noqa: E402
from dualtalk.rig.staging import placing  # noqa: E402
from dualtalk.tests.scenes import (  # noqa: E402
    EYES_M,
    FPS,
    calls_of,
    eye_errors_deg,
    stage_and_write,
    sway,
    talk,
)
from mathutils import Euler, Matrix, Vector  # noqa: E402

MOVED_M = np.array([0, -0.5, 0])


@pytest.mark.parametrize("preset", PRESETS)
def test_eyes_meet_the_face_whenever_gaze_is_mutual(pair, preset: str) -> None:
    speaking = talk(60)
    plan = plan_gaze(speaking, seed=1)
    for who in (0, 1):
        sway(pair[who], speaking.shape[1], who)
    stage_and_write(pair, PRESETS[preset].staging, plan)
    states = plan.states(math.ceil(shift_frames(FPS)) + 1)
    frames = np.flatnonzero(states[0] == GazeState.MUTUAL)
    assert len(frames) > 100
    worst = 0.0
    for frame in frames[::3]:
        bpy.context.scene.frame_set(1 + int(frame))
        worst = max(worst, *eye_errors_deg(pair[0], pair[1]), *eye_errors_deg(pair[1], pair[0]))
    assert worst < 2.0


def test_averted_eyes_leave_the_face(pair) -> None:
    plan = plan_gaze(talk(60), seed=2)
    stage_and_write(pair, Staging(), plan)
    states = plan.states(3)
    errors = []
    for frame in np.flatnonzero(states[0] == GazeState.AVERTED)[::5]:
        bpy.context.scene.frame_set(1 + int(frame))
        errors.append(np.mean(eye_errors_deg(pair[0], pair[1])))
    assert np.median(errors) > 8
    assert np.min(errors) > 4


def test_head_motion_is_composed_with_the_gaze(pair) -> None:
    """Side by side, the head is turned to the partner and still sways as the network says."""
    n = 100
    plan = plan_gaze(np.zeros((2, n), np.bool_), (GazeHabit(1.0), GazeHabit(1.0)))
    stage_and_write(pair, PRESETS["bench"].staging, plan)
    still = head_rotations(pair[0], n)
    motion = sway(pair[0], n, 3)
    swaying = head_rotations(pair[0], n)
    turned = math.degrees(still[0].to_quaternion().angle)
    assert turned > 35
    for i in range(n):
        own = Euler(motion[i]).to_matrix()
        assert_same_rotation(swaying[i], still[i] @ own)


CYCLE_SCRIPT = """
import bpy
from dualtalk.core.directing.gaze_plan import Extra, plan_gaze
from dualtalk.core.directing.staging import PRESETS
from dualtalk.tests import scenes
from dualtalk.core.faces.builtin_head import HeadModel
from dualtalk.rig.characters import builtin
from dualtalk.rig.gaze import gaze_rig
for preset in PRESETS:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    cup = bpy.data.objects.new("cup", None)
    scene.collection.objects.link(cup)
    model = HeadModel.bundled()
    pair = tuple(
        builtin.build(model, name, who, name, scene.collection).armature
        for who, name in ((1, "A"), (2, "B"))
    )
    gaze_rig.build(pair, scene.collection)
    for who in (0, 1):
        scenes.sway(pair[who], 250, who)
    plan = plan_gaze(scenes.talk(10), extras=[Extra("cup", 0.5)])
    scenes.stage_and_write(pair, PRESETS[preset].staging, plan)
    if {control}:  # heads that track each other's bones make a cycle
        parts = [gaze_rig.find_parts(head) for head in pair]
        for own, other in ((0, 1), (1, 0)):
            parts[own].turn.constraints[0].target = parts[other].face
    for frame in (1, 50, 200):
        scene.frame_set(frame)
    bpy.context.view_layer.update()
    print("evaluated", preset)
"""


@pytest.mark.parametrize("control", [False, True])
def test_no_preset_prints_a_dependency_cycle(control: bool) -> None:
    """Blender only prints cycles, and late: read all that a process of its own prints."""
    script = CYCLE_SCRIPT.format(control=control)
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.count("evaluated") == len(PRESETS)
    assert ("ycle" in run.stdout + run.stderr) == control


def test_a_moved_character_keeps_looking(pair) -> None:
    speaking = talk(20)
    plan = plan_gaze(speaking, (GazeHabit(0.9), GazeHabit(0.9)))
    stage_and_write(pair, Staging(), plan)
    pair[1].location += Vector((0.3, -0.6, 0.2))
    states = plan.states(3)
    for frame in np.flatnonzero(states[0] == GazeState.MUTUAL)[::10]:
        bpy.context.scene.frame_set(1 + int(frame))
        assert max(eye_errors_deg(pair[0], pair[1]) + eye_errors_deg(pair[1], pair[0])) < 2


def test_eyes_keep_their_limits(pair) -> None:
    speaking = talk(30)
    stage_and_write(pair, PRESETS["bench"].staging, plan_gaze(speaking, seed=5))
    sway(pair[0], speaking.shape[1], 1)
    sideways, up, down = EYE_LIMITS_RAD
    for frame in range(1, speaking.shape[1], 9):
        bpy.context.scene.frame_set(frame)
        depsgraph = bpy.context.evaluated_depsgraph_get()
        seen = pair[0].evaluated_get(depsgraph)
        for name in EYES_M:
            local = seen.pose.bones["neck"].matrix.inverted() @ seen.pose.bones[name].matrix
            pitch, yaw, _ = local.to_euler()
            assert abs(yaw) <= sideways + 0.02
            assert -up - 0.02 <= pitch <= down + 0.02


def test_an_extra_target_is_looked_at(pair) -> None:
    cup = bpy.data.objects.new("cup", None)
    cup.location = (0.0, -0.1, 0.8)
    bpy.context.scene.collection.objects.link(cup)
    plan = plan_gaze(talk(60), extras=[Extra("cup", 0.8)])
    stage_and_write(pair, Staging(), plan)
    states = plan.states(3)
    frames = np.flatnonzero(states[0] == GazeState.AT_EXTRA)
    assert len(frames) > 50
    for frame in frames[::10]:
        bpy.context.scene.frame_set(1 + int(frame))
        seen = pair[0].evaluated_get(bpy.context.evaluated_depsgraph_get())
        for name in EYES_M:
            matrix = seen.matrix_world @ seen.pose.bones[name].matrix
            ray = matrix.to_3x3() @ Vector((0, 0, 1))
            assert math.degrees(ray.angle(cup.location - matrix.translation)) < 2


def test_a_moved_edge_changes_the_plan_and_the_eyes(pair) -> None:
    speaking = np.zeros((2, 200), np.bool_)
    looks = ((Look(0, "partner"), Look(100, "away", 0.4)), (Look(0, "partner"),))
    plan = plan_gaze(speaking).__class__(looks, 200, 25.0)
    stage_and_write(pair, Staging(), plan)
    path = f'constraints["{gaze_rig.PARTNER}"].influence'
    curve = fcurves.find_fcurve(gaze_rig.find_parts(pair[0]).gaze, path)
    for point in curve.keyframe_points:
        if point.co.x > 50:
            point.co.x += 40
    curve.update()
    edited = gaze_keys.read_plan(pair, plan)
    assert [look.frame for look in edited.looks[0]] == [0, 140]
    assert edited.looks[0][1].aim == "away"
    bpy.context.scene.frame_set(121)
    assert max(eye_errors_deg(pair[0], pair[1])) < 2
    gaze_keys.write_plan(pair, edited)
    bpy.context.scene.frame_set(161)
    assert min(eye_errors_deg(pair[0], pair[1])) > 10


def test_reading_back_an_unedited_plan_gives_the_same_plan(pair) -> None:
    plan = plan_gaze(talk(60), seed=8)
    stage_and_write(pair, Staging(), plan)
    read = gaze_keys.read_plan(pair, plan)
    assert (read.at_partner() == plan.at_partner()).mean() > 0.995


def test_tilt_nods_and_turning_away_show_in_the_head(pair) -> None:
    speaking = np.zeros((2, 500), np.bool_)
    speaking[1] = True
    plan = plan_gaze(speaking, (GazeHabit(1.0), GazeHabit(1.0)))
    heads = (HeadHabit(tilt_rad=0.17, nodding=1.0), HeadHabit(turn=-1.0))
    stage_and_write(pair, Staging(), plan, heads=heads, speaking=speaking)
    first = np.array([m.to_euler()[:] for m in head_rotations(pair[0], 500)])
    second = np.array([m.to_euler()[:] for m in head_rotations(pair[1], 500)])
    # About z out of the face, negative brings the top to the own left shoulder.
    assert np.median(first[:, 2]) == pytest.approx(-0.17, abs=0.02)
    assert np.ptp(first[:, 0]) > math.radians(4)
    assert math.degrees(np.median(second[:, 1])) == pytest.approx(22, abs=4)


def test_lean_over_time_survives_moving(pair) -> None:
    from dataclasses import replace

    start = Staging()
    seat = replace(start.seats[0], lean_rad=0.3)
    end = replace(start, seats=(seat, start.seats[1]))
    placing.place(pair, start)
    placing.write_lean(pair, start, end, 1, 100)
    pair[0].location.y -= 0.5
    bpy.context.scene.frame_set(100)
    eyes = placing.current_placements(pair)[0].eyes_m
    assert eyes == pytest.approx(end.placements()[0].eyes_m + MOVED_M, abs=1e-4)
    placing.write_lean(pair, start, start, 1, 100)
    bpy.context.scene.frame_set(100)
    eyes = placing.current_placements(pair)[0].eyes_m
    assert eyes == pytest.approx(start.placements()[0].eyes_m + MOVED_M, abs=1e-4)


def test_cameras_cut_to_whoever_speaks(pair) -> None:
    scene = bpy.context.scene
    staging = PRESETS["table"].staging
    shots = rig_cameras.build(scene, cameras(staging), scene.collection)
    keep = scene.timeline_markers.new("mine", frame=7)
    planned = cuts(np.pad(talk(60), ((0, 0), (60, 0))))
    rig_cameras.write_cuts(scene, shots, planned, FPS)
    rig_cameras.write_cuts(scene, shots, planned, FPS)  # again: replaced, not doubled
    bound = sorted((m.frame, m.camera.name) for m in scene.timeline_markers if m.camera)
    assert len(bound) == len(planned)
    assert bound[0][1] == "Two-shot"
    assert keep.name == "mine"
    assert len(rig_cameras.build(scene, cameras(staging), scene.collection)) == 5
    assert len([o for o in scene.objects if o.type == "CAMERA"]) == 5


def test_the_cost_of_writing_gaze_is_that_of_its_looks_not_of_its_frames(pair) -> None:
    scene, staging, speaking = bpy.context.scene, PRESETS["interview"].staging, talk(600)
    plan = plan_gaze(speaking)

    def work() -> None:
        stage_and_write(pair, staging, plan, speaking=speaking)
        shots = rig_cameras.build(scene, cameras(staging), scene.collection)
        rig_cameras.write_cuts(scene, shots, cuts(speaking), FPS)

    # 240 calls for a look, of which there are 1,227 in 15,000 frames; keys inserted one at a time
    # would add tens of thousands.
    assert calls_of(work) < 300 * sum(map(len, plan.looks))


def head_rotations(armature, n_frames: int) -> list[Matrix]:
    """Return the evaluated rotation of the neck against the armature, FLAME's axes."""
    rest = armature.data.bones["neck"].matrix_local.to_3x3()
    found = []
    for frame in range(1, n_frames + 1):
        bpy.context.scene.frame_set(frame)
        seen = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
        found.append(rest.inverted() @ seen.pose.bones["neck"].matrix.to_3x3())
    return found


def assert_same_rotation(got: Matrix, wanted: Matrix) -> None:
    assert (got.inverted() @ wanted).to_quaternion().angle < math.radians(0.2)
