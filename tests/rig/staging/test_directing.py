"""Directing a scene of two built heads: sliders, cuts, strips and rays."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

from dualtalk.core.conversation.turns import speaking  # noqa: E402
from dualtalk.core.directing.description import Direction, Scene  # noqa: E402
from dualtalk.core.directing.gaze_plan import GazeHabit, GazeState, plan_gaze  # noqa: E402
from dualtalk.core.directing.staging import PRESETS, HeadHabit  # noqa: E402
from dualtalk.core.errors import RigError  # noqa: E402
from dualtalk.core.motion import Motion  # noqa: E402
from dualtalk.core.performance import Performance, Settings  # noqa: E402
from dualtalk.rig import fcurves  # noqa: E402
from dualtalk.rig.gaze import gaze_keys, gaze_rig, gaze_view  # noqa: E402
from dualtalk.rig.output import baking  # noqa: E402
from dualtalk.rig.performance.scene_writer import write_performance  # noqa: E402
from dualtalk.rig.staging import directing, placing  # noqa: E402
from dualtalk.tests.scenes import eye_errors_deg, sway, talk  # noqa: E402


@pytest.fixture
def scene(conversation):
    return conversation


def test_directing_places_looks_and_remembers(scene) -> None:
    wanted = Direction(
        {"arrangement": "side_by_side", "distance": "close", "a.lean": "in", "b.gaze": "always"}
    ).apply(Scene())
    plan = directing.direct(scene, wanted, seed=4)
    assert plan.at_partner()[1].mean() > 0.75
    pair = directing.armatures_of(scene)
    for placement, expected in zip(
        placing.current_placements(pair), wanted.staging.placements(), strict=True
    ):
        assert placement.eyes_m == pytest.approx(expected.eyes_m, abs=1e-4)
        assert placement.facing == pytest.approx(expected.facing, abs=1e-4)
    assert directing.written_of(scene).plan == plan


def test_built_heads_meet_eyes_after_directing_and_moving(scene) -> None:
    plan = directing.direct(scene, Scene(PRESETS["bench"].staging), seed=1)
    pair = directing.armatures_of(scene)
    pair[0].location.z += 0.15
    states = plan.states(3)
    frames = np.flatnonzero(states[0] == GazeState.MUTUAL)
    assert len(frames) > 50
    for frame in frames[::5]:
        scene.frame_set(1 + int(frame))
        assert max(eye_errors_deg(pair[0], pair[1]) + eye_errors_deg(pair[1], pair[0])) < 2


def test_lean_over_time_is_replaced_by_the_next_direction(scene) -> None:
    start = PRESETS["table"].staging
    scene.frame_set(500)
    directing.direct(scene, Scene(start, (HeadHabit(lean_end_rad=0.3), HeadHabit())))
    scene.frame_set(1000)
    pair = directing.armatures_of(scene)
    leant = placing.current_placements(pair)[0].eyes_m
    assert leant[0] - start.placements()[0].eyes_m[0] == pytest.approx(
        0.77 * math.sin(0.3), abs=0.01
    )
    directing.direct(scene, Scene(start))
    scene.frame_set(1000)
    upright = placing.current_placements(pair)[0].eyes_m
    assert upright == pytest.approx(start.placements()[0].eyes_m, abs=1e-4)


def test_cuts_go_to_whoever_speaks(scene) -> None:
    with pytest.raises(RigError, match="cameras"):
        directing.cut_to_speakers(scene)
    directing.direct(scene, Scene(PRESETS["interview"].staging))
    n_cuts = directing.cut_to_speakers(scene, "close")
    markers = sorted(scene.timeline_markers, key=lambda marker: marker.frame)
    assert len(markers) == n_cuts > 3
    turns = directing.written_of(scene).speaking
    for marker in markers[1:]:
        who = 0 if marker.camera["dualtalk_shot"] == "close_a" else 1
        assert turns[who, marker.frame - 1 : marker.frame + 12].any()


def test_strips_cover_the_scene_and_follow_moved_keys(scene) -> None:
    pair = directing.armatures_of(scene)
    before = gaze_view.strips(scene)
    for row in (0, 1):
        states = [strip for strip in before if strip.row == row and not strip.is_speaking]
        assert sum(strip.last - strip.first for strip in states) == pytest.approx(1000)
    curve = fcurves.find_fcurve(
        gaze_rig.find_parts(pair[0]).gaze, f'constraints["{gaze_rig.PARTNER}"].influence'
    )
    for point in list(curve.keyframe_points)[1:3]:
        point.co.x += 3
    curve.update()
    after = gaze_view.strips(scene)
    assert after != before
    assert {strip.first for strip in after} - {strip.first for strip in before}


def test_rays_end_at_the_face_in_mutual_gaze(scene) -> None:
    pair = directing.armatures_of(scene)
    states = directing.written_of(scene).plan.states(3)
    scene.frame_set(1 + int(np.flatnonzero(states[0] == GazeState.MUTUAL)[0]))
    rays = gaze_view.rays(scene)
    assert len(rays) == 4
    face = gaze_rig.find_parts(pair[1]).face.matrix_world.translation
    assert (rays[0][1] - face).length < 0.03
    gaze_view.show(True)
    gaze_view.show(True)
    assert gaze_view.is_shown()
    gaze_view.show(False)
    assert not gaze_view.is_shown()


def test_what_cannot_be_directed_is_refused_in_a_sentence(scene) -> None:
    pair = directing.armatures_of(scene)
    baking.bake(pair, 1, 3)
    with pytest.raises(RigError, match="baked"):
        directing.direct(scene, Scene())
    baking.unbake(pair)
    gaze_rig.remove(pair[0])
    with pytest.raises(RigError, match="no gaze"):
        directing.direct(scene, Scene())
    bpy.data.objects.remove(pair[1])
    with pytest.raises(RigError, match="no speaker B"):
        directing.direct(scene, Scene())


def test_the_same_seed_gives_the_same_scene(scene) -> None:
    wanted = replace(Scene(), gaze=(GazeHabit(0.3), GazeHabit(0.6, 0.5)))
    first = directing.direct(scene, wanted, seed=9)
    assert directing.direct(scene, wanted, seed=9) == first
    assert directing.direct(scene, wanted, seed=10) != first


@pytest.mark.parametrize("preset", PRESETS)
def test_eyes_meet_in_every_mutual_frame_of_the_bundled_dialogue(scene, preset: str) -> None:
    soundfile = pytest.importorskip("soundfile", reason="reads the bundled dialogue")
    assets = Path(directing.__file__).parents[2] / "assets"
    tracks = [soundfile.read(assets / f"demo_speaker{i}.flac", dtype="float32")[0] for i in (1, 2)]
    active = speaking(np.stack([track[: min(map(len, tracks))] for track in tracks]))
    pair = directing.armatures_of(scene)
    for obj in scene.objects:  # bones decide where eyes look; skinning would take most of the time
        obj.hide_viewport = obj.type == "MESH"
    for who in (0, 1):
        sway(pair[who], active.shape[1], seed=who)
    placing.place(pair, PRESETS[preset].staging)
    plan = plan_gaze(active, seed=2)
    gaze_keys.write_plan(pair, plan, speaking=active)
    frames = np.flatnonzero(plan.states(3)[0] == GazeState.MUTUAL)
    assert len(frames) > 100
    worst = 0.0
    for frame in frames:
        scene.frame_set(1 + int(frame))
        worst = max(worst, *eye_errors_deg(pair[0], pair[1]), *eye_errors_deg(pair[1], pair[0]))
    assert worst < 2, worst


def test_generating_again_keeps_what_was_directed(scene, tmp_path) -> None:
    """A new performance on staged characters: place, lean and head habits stay, baking ends."""
    soundfile = pytest.importorskip("soundfile", reason="writes a sound")
    sounds = (tmp_path / "1.wav", tmp_path / "2.wav")
    for path in sounds:
        soundfile.write(path, np.zeros(16_000 * 4, np.float32), 16_000)
    performance = Performance((Motion.at_rest(100), Motion.at_rest(100)), sounds, talk(4)[:, :100])
    habits = (HeadHabit(tilt_rad=0.1, lean_end_rad=0.3), HeadHabit())
    directing.direct(scene, Scene(PRESETS["table"].staging, habits))
    pair = directing.armatures_of(scene)
    before = placing.current_placements(pair)[0].eyes_m
    baking.bake(pair, 1, 3)
    write_performance(scene, performance, Settings())
    assert directing.written_of(scene).heads == habits
    assert placing.current_placements(pair)[0].eyes_m == pytest.approx(before, abs=1e-4)
    scene.frame_set(1000)
    leant = placing.current_placements(pair)[0].eyes_m
    assert leant[0] - before[0] > 0.2
    assert not baking.is_baked(pair[0])
