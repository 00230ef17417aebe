"""Gaze in Blender: evaluated eyes over a whole dialogue, on a minimal armature of our bones."""

import math
import subprocess
import sys
import time

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
from mathutils import Euler, Matrix, Vector  # noqa: E402

FPS = 25
MOVED_M = np.array([0, -0.5, 0])
EYES_M = {"eye_left": (0.031, 0.029, 0.029), "eye_right": (-0.031, 0.029, 0.029)}
TO_SCENE = Matrix(((1, 0, 0), (0, 0, -1), (0, 1, 0)))  # FLAME's axes to Blender's at rest


def make_head(name: str) -> bpy.types.Object:
    """Return an armature with the five bones, all pointing up with FLAME's axes."""
    data = bpy.data.armatures.new(name)
    obj = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(obj)
    bpy.context.view_layer.objects.active = obj
    bpy.ops.object.mode_set(mode="EDIT")
    heads = {"root": (0, -0.2, 0), "neck": (0, -0.05, -0.02), "jaw": (0, -0.03, 0), **EYES_M}
    parents = {"neck": "root", "jaw": "neck", "eye_left": "neck", "eye_right": "neck"}
    for bone_name, head in heads.items():
        bone = data.edit_bones.new(bone_name)
        bone.head = TO_SCENE @ Vector(head)
        bone.tail = bone.head + Vector((0, 0, 0.05))
        bone.align_roll(Vector((0, -1, 0)))
        bone.parent = data.edit_bones.get(parents.get(bone_name, ""))
    bpy.ops.object.mode_set(mode="OBJECT")
    for bone in obj.pose.bones:
        bone.rotation_mode = "XYZ"
    return obj


@pytest.fixture
def pair():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.fps = FPS
    armatures = (make_head("A"), make_head("B"))
    gaze_rig.build(armatures, scene.collection)
    return armatures


def talk(duration_s: float, seed: int = 4) -> np.ndarray:
    rng = np.random.default_rng(seed)
    n, frame, who = int(duration_s * FPS), 0, 0
    speaking = np.zeros((2, n), np.bool_)
    while frame < n:
        length = int(rng.gamma(2, 2.0) * FPS) + 10
        speaking[who, frame : frame + length] = True
        frame += length + int(rng.gamma(2, 0.2) * FPS)
        who = 1 - who
    return speaking


def sway(armature: bpy.types.Object, n_frames: int, seed: int) -> np.ndarray:
    """Key a head motion as a network gives it and return it, (n_frames, 3) radians."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(n_frames + 40, 3))
    smooth = np.stack([np.convolve(noise[:, i], np.hanning(41), "valid") for i in range(3)], 1)
    motion = smooth[:n_frames] * np.radians(4) / smooth.std()
    armature.pose.bones["neck"].rotation_mode = "XYZ"
    for axis in range(3):
        curve = fcurves.ensure_fcurve(armature, 'pose.bones["neck"].rotation_euler', axis)
        fcurves.set_keys(curve, 1.0 + np.arange(n_frames), motion[:, axis])
    return motion


def eye_errors_deg(armature, partner) -> list[float]:
    """Return the angle between each evaluated eye's ray and the partner's face."""
    depsgraph = bpy.context.evaluated_depsgraph_get()
    seen, other = armature.evaluated_get(depsgraph), partner.evaluated_get(depsgraph)
    eyes = [other.matrix_world @ other.pose.bones[name].matrix for name in EYES_M]
    face = (eyes[0].translation + eyes[1].translation) / 2
    errors = []
    for name in EYES_M:
        matrix = seen.matrix_world @ seen.pose.bones[name].matrix
        ray = (matrix.to_3x3() @ Vector((0, 0, 1))).normalized()
        errors.append(math.degrees(ray.angle(face - matrix.translation)))
    return errors


def stage_and_write(pair, staging, plan, **settings):
    placing.place(pair, staging)
    return gaze_keys.write_plan(pair, plan, **settings)


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
import dualtalk.tests.rig.gaze.test_gaze_rig as t
from dualtalk.core.faces.builtin_head import HeadModel
from dualtalk.rig.characters import builtin
from dualtalk.rig.gaze import gaze_rig
for preset in t.PRESETS:
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
        t.sway(pair[who], 250, who)
    plan = t.plan_gaze(t.talk(10), extras=[t.Extra("cup", 0.5)])
    t.stage_and_write(pair, t.PRESETS[preset].staging, plan)
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


def test_ten_minutes_are_staged_and_written_in_time(pair) -> None:
    speaking = talk(600)
    start = time.perf_counter()
    staging = PRESETS["interview"].staging
    stage_and_write(pair, staging, plan_gaze(speaking), speaking=speaking)
    scene = bpy.context.scene
    shots = rig_cameras.build(scene, cameras(staging), scene.collection)
    rig_cameras.write_cuts(scene, shots, cuts(speaking), FPS)
    assert time.perf_counter() - start < 5.0


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
