"""Moods and sliders act at once, can be keyed, and leave the words and the edits alone."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

import numpy as np  # noqa: E402
from dualtalk import status  # noqa: E402
from dualtalk.core.acting.moods import MOODS  # noqa: E402
from dualtalk.core.faces.builtin_head import HeadModel  # noqa: E402
from dualtalk.core.performance import Settings  # noqa: E402
from dualtalk.handlers import acting_follow  # noqa: E402
from dualtalk.operators.editing import acting as buttons  # noqa: E402
from dualtalk.properties import strengths  # noqa: E402
from dualtalk.rig.acting import acting, shifts, sliders  # noqa: E402
from dualtalk.rig.characters import added_keys, heads  # noqa: E402
from dualtalk.rig.performance.editing import edits, regeneration, written  # noqa: E402
from dualtalk.tests.scenes import chatter, evaluated, registered, spoken  # noqa: E402


@pytest.fixture
def scene(scene: bpy.types.Scene, tmp_path: Path) -> Iterator[bpy.types.Scene]:
    """Return a scene with the add-on's settings in which two heads talk for two seconds."""
    with registered(*buttons.CLASSES):
        acting_follow.register()
        generate(scene, tmp_path)
        yield scene
        acting_follow.unregister()


def generate(scene: bpy.types.Scene, tmp_path: Path, seed: int = 0) -> None:
    """Write a performance as Generate does."""
    motions = [chatter(seed=s) for s in (2 * seed + 1, 2 * seed + 2)]
    calm = [replace(m, expression=0.5 * m.expression) for m in motions]
    performance = spoken(tmp_path, (calm[0], calm[1]))
    regeneration.write(scene, performance, Settings(seed=seed), keeps_take=False)
    strengths.apply_strengths(scene)


def shown(scene: bpy.types.Scene, shape: str, frame: int = 20) -> float:
    """Return how much A's face shows of a shape."""
    scene.frame_set(frame)
    keys = heads.find(scene, 1).mesh.data.shape_keys.key_blocks
    return keys[shape].value + added_keys.value(keys, shape)


def put(scene: bpy.types.Scene, name: str, value: float) -> None:
    """Set a slider of A as a script does."""
    armature = heads.find(scene, 1).armature
    armature[name] = value
    armature.update_tag()


def neck(scene: bpy.types.Scene, frame: int = 20) -> np.ndarray:
    """Return how A's head is turned, gaze and moods included."""
    scene.frame_set(frame)
    seen = heads.find(scene, 1).armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return np.array(seen.pose.bones["neck"].matrix.to_euler())


def test_a_mood_fills_up_and_takes_away(scene: bpy.types.Scene) -> None:
    before = {name: shown(scene, name) for name in ("browDownLeft", "mouthSmileLeft")}
    head = neck(scene)
    put(scene, "mood_angry", 1.0)
    assert shown(scene, "browDownLeft") == pytest.approx(1.0)
    assert shown(scene, "mouthSmileLeft") == pytest.approx(0.1 * before["mouthSmileLeft"], abs=1e-4)
    assert np.degrees(np.abs(neck(scene) - head)).max() > 3  # the head bows
    put(scene, "mood_angry", 0.0)
    assert shown(scene, "browDownLeft") == pytest.approx(before["browDownLeft"])


def test_no_mood_parts_the_lips(scene: bpy.types.Scene) -> None:
    lips = next(s for s in HeadModel.bundled().seals if s.name == "mouthClose")
    character = heads.find(scene, 1)
    scene.frame_set(20)
    mesh = character.mesh
    for modifier in mesh.modifiers:
        modifier.show_viewport = False  # the shapes alone, without the turn of the head
    before = lips.gaps(evaluated(mesh))
    for mood in MOODS:
        put(scene, sliders.name_of(mood), 1.0)
        scene.frame_set(20)
        opened = lips.gaps(evaluated(mesh)) - before
        put(scene, sliders.name_of(mood), 0.0)
        assert opened.max() < 2e-4, mood  # what few keys may miss too


def test_a_keyed_mood_plays_and_outlasts_generating(scene: bpy.types.Scene, tmp_path: Path) -> None:
    armature = heads.find(scene, 1).armature
    for frame, value in ((1, 0.0), (30, 1.0)):
        armature["mood_surprised"] = value
        armature.keyframe_insert('["mood_surprised"]', frame=frame)
    assert shown(scene, "browInnerUp", 1) < shown(scene, "browInnerUp", 30)
    generate(scene, tmp_path, seed=5)
    assert sliders.curve_of(heads.find(scene, 1).armature, "mood_surprised") is not None
    assert shown(scene, "browInnerUp", 30) > 0.75
    assert not edits.find(scene)  # a mood is no edit of what was generated


def test_sliders_enlarge_and_tilt_the_face(scene: bpy.types.Scene) -> None:
    plain = shown(scene, "browOuterUpLeft"), shown(scene, "browOuterUpRight")
    put(scene, sliders.EXAGGERATION, 1.5)
    assert shown(scene, "browOuterUpLeft") == pytest.approx(min(1.0, 1.5 * plain[0]), abs=1e-4)
    put(scene, sliders.EXAGGERATION, 1.0)
    put(scene, sliders.ASYMMETRY, 1.0)
    assert shown(scene, "browOuterUpLeft") > plain[0] + 0.01
    assert shown(scene, "browOuterUpRight") < plain[1] - 0.01


def test_energy_and_keyed_strengths_scale_over_time(scene: bpy.types.Scene) -> None:
    character = heads.find(scene, 1)
    curve = written.curves_of(character.armature)['pose.bones["neck"].rotation_quaternion', 1]
    calm = curve.evaluate(40)
    scene.dualtalk.strengths_a.head = 1.0
    scene.keyframe_insert("dualtalk.strengths_a.head", frame=1)
    scene.dualtalk.strengths_a.head = 0.0
    scene.keyframe_insert("dualtalk.strengths_a.head", frame=40)
    scene.frame_set(40)
    assert curve.evaluate(40) == pytest.approx(0.0, abs=1e-6)
    assert abs(curve.evaluate(20)) > 0
    scene.animation_data_clear()
    scene.dualtalk.strengths_a.head = 1.0
    put(scene, sliders.ENERGY, -1.0)
    scene.frame_set(40)
    assert curve.evaluate(40) == pytest.approx(0.4 * calm, rel=1e-4)
    assert not edits.find(scene)


def test_timing_moves_keys_and_back_to_the_bit(scene: bpy.types.Scene, tmp_path: Path) -> None:
    character = heads.find(scene, 1)
    keys = character.mesh.data.shape_keys
    name = ('key_blocks["mouthFunnel"].value', 0)
    before = written.keys_of(written.curves_of(keys)[name])
    scene.dualtalk.timing_a.lips = 130.0
    moved = written.keys_of(written.curves_of(keys)[name])
    assert moved.frames - before.frames == pytest.approx(3.25, abs=1e-3)
    assert not edits.find(scene)
    generate(scene, tmp_path, seed=6)
    assert shifts.of(heads.find(scene, 1))["lips"] == pytest.approx(3.25)
    scene.dualtalk.timing_a.lips = 0.0
    again = written.keys_of(written.curves_of(heads.find(scene, 1).mesh.data.shape_keys)[name])
    assert np.array_equal(again.frames, before.frames)


def test_the_buttons_add_and_reset(scene: bpy.types.Scene) -> None:
    armature = heads.find(scene, 1).armature
    del armature["mood_sad"]
    assert status.acting_of(scene, 1).can_add
    assert bpy.ops.dualtalk.add_acting(speaker="1") == {"FINISHED"}
    assert not status.acting_of(scene, 1).reason
    armature["mood_sad"] = 1.0
    armature.keyframe_insert('["mood_sad"]', frame=3)
    scene.dualtalk.timing_a.head = 80.0
    assert bpy.ops.dualtalk.reset_acting(speaker="1") == {"FINISHED"}
    assert armature["mood_sad"] == 0.0
    assert sliders.curve_of(armature, "mood_sad") is None
    assert shifts.of(heads.find(scene, 1))["head"] == 0.0


def test_twins_can_be_taken_off(scene: bpy.types.Scene) -> None:
    character = heads.find(scene, 1)
    mesh = character.mesh
    assert added_keys.keys_of(mesh)
    added_keys.remove(mesh)
    keys = mesh.data.shape_keys
    assert not [key for key in keys.key_blocks if added_keys.is_added(key.name)]
    drivers = keys.animation_data.drivers
    assert not [driver for driver in drivers if "added." in driver.data_path]
    acting.ensure(character)
    assert added_keys.keys_of(mesh)
