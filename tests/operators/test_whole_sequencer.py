"""Every voice strip of the sequencer becomes one dialogue."""

from collections.abc import Iterator
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")
if not bpy.app.build_options.audaspace:
    pytest.skip("this Blender has no sound", allow_module_level=True)

import numpy as np  # noqa: E402
import soundfile  # noqa: E402
from dualtalk.core.conversation.cues import CueSheet  # noqa: E402
from dualtalk.operators import dialogue  # noqa: E402
from dualtalk.properties import scene as scene_properties  # noqa: E402
from dualtalk.properties import staging, strengths  # noqa: E402
from dualtalk.rig import compat  # noqa: E402
from dualtalk.rig.performance import sound_strips  # noqa: E402

CLASSES = (
    *(*staging.CLASSES, *strengths.CLASSES, *scene_properties.CLASSES),
    dialogue.DUALTALK_OT_gather_voices,
)


@pytest.fixture
def scene() -> Iterator[bpy.types.Scene]:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    scene_properties.register()
    scene = bpy.context.scene
    scene.render.fps = 24
    yield scene
    scene_properties.unregister()
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)


def add(scene, folder: Path, name: str, channel: int, frame: int, seconds: float = 1.0):
    path = folder / f"{name}.wav"
    soundfile.write(path, 0.1 * np.ones(round(seconds * 8_000)), 8_000)
    return compat.strips_of(scene).new_sound(name, str(path), channel, frame)


def sheets(scene) -> tuple[CueSheet, CueSheet]:
    return (
        CueSheet.load(Path(scene.dualtalk.sound_a)),
        CueSheet.load(Path(scene.dualtalk.sound_b)),
    )


def test_two_channels_are_two_people(scene, tmp_path: Path) -> None:
    add(scene, tmp_path, "x1", 3, 1001)
    add(scene, tmp_path, "x2", 5, 1025, 2.0).volume = 0.5
    cut = add(scene, tmp_path, "x3", 3, 1073, 2.0)
    if hasattr(cut, "frame_offset_start"):
        cut.frame_offset_start = 12
    add(scene, tmp_path, "music", 7, 1001, 9.0).mute = True
    bpy.ops.dualtalk.gather_voices(generates=False)
    first, second = sheets(scene)
    assert scene.dualtalk.mode == "TRACKS"
    assert scene.dualtalk.first_frame == 1001
    assert [round(cue.at_s, 3) for cue in first.cues] == [0.0, 3.5]
    assert first.cues[1].from_s == pytest.approx(0.5)
    assert first.cues[1].length_s == pytest.approx(1.5)
    assert [(cue.at_s, cue.gain) for cue in second.cues] == [(1.0, 0.5)]
    assert first.length_s == second.length_s == pytest.approx(5.0)


def test_names_tell_people_apart_on_many_channels(scene, tmp_path: Path) -> None:
    for number, (name, channel) in enumerate(
        [("ben_01", 1), ("Anna-01", 2), ("ben_02", 3), ("anna 02", 4)]
    ):
        add(scene, tmp_path, name, channel, 1 + 24 * number)
    bpy.ops.dualtalk.gather_voices(generates=False)
    first, second = sheets(scene)
    assert [cue.path.stem for cue in first.cues] == ["ben_01", "ben_02"]  # who speaks first is A
    assert [cue.path.stem for cue in second.cues] == ["Anna-01", "anna 02"]


def test_strips_inside_metas_count_where_they_stand(scene, tmp_path: Path) -> None:
    add(scene, tmp_path, "a_1", 1, 1)
    inside = compat.strips_of(scene).new_meta("scene 2", 2, 25)
    path = tmp_path / "b_1.wav"
    soundfile.write(path, 0.1 * np.ones(8_000), 8_000)
    compat.strips_inside(inside).new_sound("b_1", str(path), 1, 49)
    bpy.ops.dualtalk.gather_voices(by="NAME", generates=False)
    assert sheets(scene)[1].cues[0].at_s == pytest.approx(2.0)


def inside(scene, folder: Path, name: str, channel: int = 2):
    """Add a sound of two seconds from frame 25 and put it into a meta strip; return that."""
    strip = add(scene, folder, name, channel, 25, 2.0)
    meta = compat.strips_of(scene).new_meta("scene", 10, 25)
    strip.move_to_meta(meta)
    return meta


def test_of_a_meta_strip_is_heard_what_it_shows(scene, tmp_path: Path) -> None:
    add(scene, tmp_path, "a_1", 1, 1)
    meta = inside(scene, tmp_path, "b_1")
    is_new = hasattr(meta, "right_handle")
    setattr(meta, "right_handle" if is_new else "frame_final_end", 61)
    setattr(meta, "left_handle" if is_new else "frame_final_start", 37)
    bpy.ops.dualtalk.gather_voices(by="NAME", generates=False)
    (cue,) = sheets(scene)[1].cues
    assert (cue.at_s, cue.from_s, cue.length_s) == (1.5, 0.5, 1.0)


@pytest.mark.parametrize("what", ["meta", "its channel", "the channel inside"])
def test_what_is_muted_around_a_strip_mutes_it(scene, tmp_path: Path, what: str) -> None:
    add(scene, tmp_path, "a_1", 1, 1)
    add(scene, tmp_path, "b_1", 2, 25)
    meta = inside(scene, tmp_path, "music", channel=4)
    if what == "meta":
        meta.mute = True
    else:
        rows = scene.sequence_editor.channels if what == "its channel" else meta.channels
        rows[meta.channel if what == "its channel" else 4].mute = True
    bpy.ops.dualtalk.gather_voices(generates=False)
    assert [len(sheet.cues) for sheet in sheets(scene)] == [1, 1]


def retime(scene, strip, *, speed: int, at: int | None = None) -> None:
    """Change a strip's speed as the sequencer does, and set a mark for another one."""
    window = bpy.context.window_manager.windows[0]
    area = window.screen.areas[0]
    area.type = "SEQUENCE_EDITOR"
    if hasattr(window.workspace, "sequencer_scene"):
        window.workspace.sequencer_scene = scene
    region = next(region for region in area.regions if region.type == "WINDOW")
    with bpy.context.temp_override(window=window, area=area, region=region):
        for one in compat.strips_of(scene):
            one.select = one == strip
        scene.sequence_editor.active_strip = strip
        bpy.ops.sequencer.retiming_segment_speed_set(speed=speed)
        if at is not None:
            bpy.ops.sequencer.retiming_key_add(timeline_frame=at)


def test_a_faster_strip_is_heard_as_fast(scene, tmp_path: Path) -> None:
    add(scene, tmp_path, "a_1", 1, 1)
    strip = add(scene, tmp_path, "b_1", 2, 25, 4.0)
    retime(scene, strip, speed=200)
    setattr(strip, "left_handle" if hasattr(strip, "right_handle") else "frame_final_start", 37)
    bpy.ops.dualtalk.gather_voices(generates=False)
    (cue,) = sheets(scene)[1].cues
    # Blender 4.5 has the end of a faster strip a frame later.
    assert (cue.at_s, cue.from_s, cue.length_s) == pytest.approx((1.5, 1.0, 1.5), abs=1.1 / 24)
    assert cue.speed == pytest.approx(2.0, abs=0.05)
    assert len(compat.strips_of(scene)) == 2
    retime(scene, strip, speed=100, at=49)
    with pytest.raises(RuntimeError, match="changes within the strip"):
        bpy.ops.dualtalk.gather_voices(generates=False)


def test_what_was_cut_off_for_good_stays_cut(scene, tmp_path: Path) -> None:
    add(scene, tmp_path, "a_1", 1, 1)
    strip = add(scene, tmp_path, "b_1", 2, 25, 4.0)
    right = strip.split(frame=49, split_method="HARD")
    compat.strips_of(scene).remove(strip)
    if hasattr(right, "sound_offset"):
        right.sound_offset = -0.25
    bpy.ops.dualtalk.gather_voices(generates=False)
    (cue,) = sheets(scene)[1].cues
    offset_s = 0.25 if hasattr(right, "sound_offset") else 0.0
    assert (cue.at_s, cue.from_s, cue.length_s) == pytest.approx((2.0, 1.0 + offset_s, 3.0))


def test_three_people_and_none_are_told(scene, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="no sound strips of voices"):
        bpy.ops.dualtalk.gather_voices(generates=False)
    for number, name in enumerate(("ann_1", "bob_1", "cyd_1")):
        add(scene, tmp_path, name, number + 1, 1 + 24 * number)
    with pytest.raises(RuntimeError, match=r"3 people by their names \(ann, bob, cyd\)"):
        bpy.ops.dualtalk.gather_voices(generates=False)
    assert scene.dualtalk.sound_a == ""


def test_its_own_strips_are_not_doubled(scene, tmp_path: Path) -> None:
    add(scene, tmp_path, "a_1", 1, 1)
    add(scene, tmp_path, "b_1", 2, 25)
    bpy.ops.dualtalk.gather_voices(generates=False)
    sounds = [Path(scene.dualtalk.sound_a), Path(scene.dualtalk.sound_b)]
    sound_strips.write_strips(scene, sounds, 1, 48)
    assert len(compat.strips_of(scene)) == 2
    assert len(sound_strips.heard(scene)) == 2
