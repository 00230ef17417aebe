"""A performance in a real Blender: the keys are the motion, and nothing else is touched."""

import json
import shutil
import subprocess
from pathlib import Path

import bpy
import numpy as np
import pytest
from dualtalk.core.errors import CancelledError, RigError
from dualtalk.core.faces.builtin_head import HeadModel
from dualtalk.core.motion import Motion
from dualtalk.core.names import ARKIT_INDEX, JAW_OPEN_RAD
from dualtalk.core.performance import Settings
from dualtalk.rig import fcurves
from dualtalk.rig.characters import builtin, heads
from dualtalk.rig.output import preview
from dualtalk.rig.performance import motion_writer, scene_writer, sound_strips
from dualtalk.rig.performance.motion_writer import quaternions
from dualtalk.tests.scenes import evaluated, spoken


def test_the_keys_are_the_motion(scene: bpy.types.Scene, tmp_path: Path) -> None:
    performance = spoken(tmp_path)
    characters = scene_writer.write_performance(scene, performance, Settings(first_frame=11))
    assert (scene.frame_start, scene.frame_end) == (11, 60)
    for character, motion in zip(characters, performance.motions, strict=True):
        keys = character.mesh.data.shape_keys.key_blocks
        for frame in (0, 20, 49):
            scene.frame_set(11 + frame)
            for name in ("mouthPucker", "browInnerUp", "mouthSmileLeft"):
                wanted = motion.expression[frame, ARKIT_INDEX[name]]
                assert keys[name].value == pytest.approx(wanted, abs=1e-5)
            for bone, vectors in (("jaw", motion.jaw), ("neck", motion.head)):
                found = character.armature.pose.bones[bone].rotation_quaternion
                np.testing.assert_allclose(found, quaternions(vectors)[frame], atol=1e-5)


@pytest.mark.parametrize(("fps", "base"), [(24, 1.0), (30, 1.001), (60, 1.0)])
def test_motion_keeps_its_time_at_other_rates(
    scene: bpy.types.Scene, tmp_path: Path, fps: int, base: float
) -> None:
    scene.render.fps, scene.render.fps_base = fps, base
    opening = np.zeros((50, 3))
    opening[:, 0] = np.linspace(0, 0.3, 50)
    motion = Motion.from_arrays(np.zeros((50, 40)), jaw=opening)
    character, _ = scene_writer.write_performance(
        scene, spoken(tmp_path, (motion, motion)), Settings(first_frame=1)
    )
    scene.frame_set(1 + round(fps / base))
    turn = character.armature.pose.bones["jaw"].rotation_quaternion.to_axis_angle()[1]
    assert turn == pytest.approx(0.3 * 25 / 49, abs=0.005)


#: Rates of films, television and games, as Blender has them: frames, and what they are divided by.
RATES = [(24, 1.001), (24, 1.0), (25, 1.0), (30, 1.001), (48, 1.0), (60, 1.001), (120, 1.0)]


@pytest.mark.parametrize("first_frame", [-50, 1, 1001])
@pytest.mark.parametrize(("fps", "base"), RATES)
def test_keys_are_within_half_a_frame_at_every_rate_and_start(
    scene: bpy.types.Scene, fps: int, base: float, first_frame: int
) -> None:
    scene.render.fps, scene.render.fps_base = fps, base
    assert missed_frames(scene, 10.0, (1.2, 8.6), first_frame) < 0.5


def test_half_an_hour_is_within_half_a_frame(scene: bpy.types.Scene) -> None:
    scene.render.fps, scene.render.fps_base = 24, 1.001
    assert missed_frames(scene, 1800.0, (3.0, 900.4, 1798.0), 1001) < 0.5


def missed_frames(
    scene: bpy.types.Scene, seconds: float, peaks_s: tuple[float, ...], first_frame: int
) -> float:
    """Write a jaw that opens at some times and return by how many frames the keys miss them."""
    character = builtin.build(HeadModel.bundled(), "A", 1, "Speaker A", scene.collection)
    times = np.arange(round(seconds * 25)) / 25
    motion = Motion.from_arrays(
        np.zeros((len(times), 40)), jaw=np.stack([pulses(times, peaks_s), 0 * times, 0 * times], 1)
    )
    motion_writer.write_motion(character, motion, scene, first_frame)
    path = 'pose.bones["jaw"].rotation_quaternion'
    curve = fcurves.find_fcurve(character.armature, path, 1)
    rate = scene.render.fps / scene.render.fps_base
    missed = 0.0
    for peak in peaks_s:
        near = np.round(first_frame + (peak + np.linspace(-0.45, 0.45, 30)) * rate)
        opened = 2 * np.arcsin([curve.evaluate(frame) for frame in near])
        wanted = pulses((near - first_frame) / rate, peaks_s)
        # A pulse rises by 0.3 in half a second: how late a value is, in frames.
        missed = max(missed, float(np.abs(opened - wanted).max() / 0.6 * rate))
    return missed


def pulses(times_s: np.ndarray, peaks_s: tuple[float, ...]) -> np.ndarray:
    """Return triangles half a second wide on either side of their peaks, 0.3 high."""
    away = np.min([np.abs(times_s - peak) for peak in peaks_s], axis=0)
    return 0.3 * np.clip(1 - away / 0.5, 0, 1)


def test_each_motion_moves_only_its_head(scene: bpy.types.Scene, tmp_path: Path) -> None:
    loud = Motion.from_arrays(np.zeros((50, 40)), jaw=np.tile([0.2, 0, 0], (50, 1)))
    first, second = scene_writer.write_performance(
        scene, spoken(tmp_path, (loud, Motion.at_rest(50))), Settings()
    )
    scene.frame_set(10)
    turns = [
        c.armature.pose.bones["jaw"].rotation_quaternion.to_axis_angle()[1] for c in (first, second)
    ]
    assert turns == pytest.approx([0.2, 0.0], abs=1e-5)


def test_generating_again_replaces_and_keeps_what_is_not_ours(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    own = bpy.data.objects.new("Own", None)
    scene.collection.objects.link(own)
    scene_writer.write_performance(scene, spoken(tmp_path), Settings())
    first = {o.name for o in bpy.data.objects}, {a.name for a in bpy.data.actions}
    moved = heads.find(scene, 1)
    assert moved is not None
    moved.armature.location.x += 1.0
    place = moved.armature.location.copy()
    scene_writer.write_performance(scene, spoken(tmp_path), Settings())
    assert ({o.name for o in bpy.data.objects}, {a.name for a in bpy.data.actions}) == first
    assert heads.find(scene, 1).armature.location == place
    if bpy.app.build_options.audaspace:
        assert len(sound_strips.strips(scene)) == 2


def test_motion_of_another_basis_is_refused_before_anything_is_made(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    flame = Motion.at_rest(50, "flame")
    with pytest.raises(RigError, match="'flame'"):
        scene_writer.write_performance(scene, spoken(tmp_path, (flame, flame)), Settings())
    assert not bpy.data.objects
    assert not bpy.data.actions


def test_the_jaw_opens_the_mouth_and_mouth_close_closes_it(scene: bpy.types.Scene) -> None:
    model = HeadModel.bundled()
    character = builtin.build(model, "A", 1, "Head", scene.collection)
    keys = character.mesh.data.shape_keys.key_blocks
    lips = next(seal for seal in model.seals if seal.name == "mouthClose")
    jaw = character.armature.pose.bones["jaw"]
    jaw.rotation_mode = "XYZ"
    jaw.rotation_euler.x = JAW_OPEN_RAD
    bpy.context.view_layer.update()
    opened = lips.gaps(evaluated(character.mesh))
    keys["mouthClose"].value = 1.0
    bpy.context.view_layer.update()
    closed = lips.gaps(evaluated(character.mesh))
    assert opened.max() > 0.02
    assert closed.max() < 0.0005


def test_quaternions_do_not_jump() -> None:
    angles = np.linspace(0, 9, 200)
    vectors = np.stack([angles, 0 * angles, 0 * angles], axis=1).astype(np.float32)
    found = quaternions(vectors)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    assert np.linalg.norm(np.diff(found, axis=0), axis=1).max() < 0.05
    assert quaternions(np.zeros((1, 3), np.float32)).tolist() == [[1, 0, 0, 0]]


def test_preview_is_a_video_with_sound(scene: bpy.types.Scene, tmp_path: Path) -> None:
    scene_writer.write_performance(scene, spoken(tmp_path), Settings(with_voice_lights=True))
    scene.frame_end = 4
    before = scene.render.engine, scene.render.resolution_x, scene.render.filepath
    path = tmp_path / "preview.mp4"
    seen: list[float] = []
    preview.render(scene, path, lambda fraction, text: seen.append(fraction), size=(640, 360))
    assert seen[-1] == pytest.approx(1.0)
    assert (scene.render.engine, scene.render.resolution_x, scene.render.filepath) == before
    content = path.read_bytes()
    assert content[4:8] == b"ftyp"
    assert b"avc1" in content
    if bpy.app.build_options.audaspace:
        assert b"mp4a" in content
    if shutil.which("ffprobe"):
        command = ["ffprobe", "-v", "error", "-show_streams", "-of", "json", str(path)]
        printed = subprocess.run(command, capture_output=True, check=True).stdout
        video = next(s for s in json.loads(printed)["streams"] if s["codec_type"] == "video")
        assert (video["width"], video["height"]) == (640, 360)


def test_a_cancelled_preview_leaves_no_file(scene: bpy.types.Scene, tmp_path: Path) -> None:
    scene_writer.write_performance(scene, spoken(tmp_path), Settings())

    def report(fraction: float, text: str) -> None:
        raise CancelledError

    with pytest.raises(CancelledError):
        preview.render(scene, tmp_path / "preview.mp4", report, size=(640, 360))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.wav", "b.wav"]
    assert scene.frame_end == 50


def test_saving_is_whole(scene: bpy.types.Scene, tmp_path: Path) -> None:
    scene_writer.write_performance(scene, spoken(tmp_path), Settings())
    scene_writer.save_blend(tmp_path / "scene.blend")
    assert {p.name for p in tmp_path.iterdir()} == {"a.wav", "b.wav", "scene.blend"}
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "scene.blend"))
    character = heads.find(bpy.context.scene, 2)
    assert character is not None
    assert len(fcurves.curves_of(character.armature)) == 16
