"""Turns are coloured strips in the sequencer; what is done to the strips is read back."""

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
import soundfile
from dualtalk.rig import compat
from dualtalk.rig.performance import sound_strips, turn_strips
from numpy.typing import NDArray

FIRST = 11


def talk() -> NDArray[np.bool_]:
    """A for a second, both for half a second, B for a second, A again."""
    speaking = np.zeros((2, 100), np.bool_)
    speaking[0, 5:40] = speaking[1, 30:60] = speaking[0, 70:90] = True
    return speaking


def strip(scene: Any, name: str) -> Any:
    return next(strip for strip in compat.strips_of(scene) if strip.name == name)


def rendered(scene: Any, path: Path) -> NDArray[np.float32]:
    """Return the picture (32, 32, 4) of the present frame."""
    scene.render.engine = "BLENDER_WORKBENCH"
    scene.render.resolution_x = scene.render.resolution_y = 32
    compat.use_image(scene.render.image_settings, "PNG")
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    image = bpy.data.images.load(str(path))
    pixels = np.array(image.pixels[:], np.float32).reshape(32, 32, 4)
    bpy.data.images.remove(image)
    return pixels


def test_each_turn_is_a_strip_in_its_persons_channel_and_colour(scene: Any) -> None:
    turn_strips.write(scene, talk(), FIRST)
    rows = {s.name: (s.channel, *compat.ends_of(s)) for s in compat.strips_of(scene)}
    assert rows == {"A 1": (2, 16, 51), "A 2": (2, 81, 101), "B 1": (1, 41, 71)}
    assert strip(scene, "A 1").color != strip(scene, "B 1").color
    assert strip(scene, "A 1").color_tag != strip(scene, "B 1").color_tag
    assert [c.name for c in scene.sequence_editor.channels if c.mute] == [
        "DualTalk B speaks",
        "DualTalk A speaks",
    ]


@pytest.mark.parametrize(("fps", "base"), [(25, 1.0), (24, 1.0), (30, 1.001), (60, 1.0)])
def test_what_was_written_is_read(scene: Any, fps: int, base: float) -> None:
    scene.render.fps, scene.render.fps_base = fps, base
    turn_strips.write(scene, talk(), FIRST)
    read = turn_strips.read(scene, FIRST)
    assert not read[:, -1].any()  # what follows is as it ends: silent
    differs = read != talk()[:, : read.shape[1]]
    # A strip ends on the scene's frames: beside 25 fps by half of one, at most half of ours.
    assert differs.sum() <= (0 if fps == 25 else 6)
    assert not talk()[:, read.shape[1] :].any()


def test_writing_again_replaces(scene: Any) -> None:
    turn_strips.write(scene, talk(), FIRST)
    turn_strips.write(scene, talk()[:, :60], FIRST)
    assert sorted(s.name for s in compat.strips_of(scene)) == ["A 1", "B 1"]
    assert {s.channel for s in compat.strips_of(scene)} == {1, 2}


def test_what_is_no_turn_is_left_alone(scene: Any) -> None:
    strips = compat.strips_of(scene)
    other = compat.new_color_strip(strips, "Title", 3, 1, 50)
    turn_strips.write(scene, talk(), FIRST)
    assert {s.channel for s in strips} == {3, 4, 5}
    turn_strips.remove(scene)
    assert [s.name for s in strips] == [other.name]
    assert turn_strips.read(scene, FIRST) is None


def test_moved_strips_move_the_turns(scene: Any) -> None:
    turn_strips.write(scene, talk(), FIRST)
    moved = strip(scene, "A 2")
    name = "content_start" if hasattr(moved, "content_start") else "frame_start"
    setattr(moved, name, getattr(moved, name) + 10)
    read = turn_strips.read(scene, FIRST)
    np.testing.assert_array_equal(np.flatnonzero(read[0, 60:]) + 60, np.arange(80, 100))


def test_cut_and_deleted_pieces_are_silent(scene: Any) -> None:
    turn_strips.write(scene, talk(), FIRST)
    right = strip(scene, "A 1").split(frame=FIRST + 20, split_method="SOFT")
    compat.strips_of(scene).remove(right)
    compat.strips_of(scene).remove(strip(scene, "B 1"))
    read = turn_strips.read(scene, FIRST)
    assert not read[1].any()
    np.testing.assert_array_equal(np.flatnonzero(read[0, :60]), np.arange(5, 20))


def test_added_strips_are_turns(scene: Any) -> None:
    turn_strips.write(scene, talk(), FIRST)
    channel = strip(scene, "B 1").channel
    strips = compat.strips_of(scene)
    compat.new_color_strip(strips, "Color", channel, FIRST + 110, FIRST + 120)
    read = turn_strips.read(scene, FIRST)
    np.testing.assert_array_equal(np.flatnonzero(read[1, 100:]) + 100, np.arange(110, 120))


def test_a_strip_in_the_others_channel_is_the_others_turn(scene: Any) -> None:
    turn_strips.write(scene, talk(), FIRST)
    strip(scene, "A 2").channel = strip(scene, "B 1").channel
    read = turn_strips.read(scene, FIRST)
    assert read[1, 70:90].all()
    assert not read[0, 60:].any()


def test_a_strip_out_of_the_way_stays_its_persons_and_a_muted_one_is_silent(scene: Any) -> None:
    turn_strips.write(scene, talk(), FIRST)
    strip(scene, "A 1").channel = 9
    strip(scene, "A 2").mute = True
    read = turn_strips.read(scene, FIRST)
    np.testing.assert_array_equal(np.flatnonzero(read[0]), np.arange(5, 40))


def test_speakers_are_exchanged_and_back(scene: Any) -> None:
    turn_strips.write(scene, talk(), FIRST)
    strip(scene, "A 2").mute = True
    turn_strips.exchange(scene)
    assert strip(scene, "B 2").mute
    strip(scene, "B 2").mute = False
    read = turn_strips.read(scene, FIRST)
    np.testing.assert_array_equal(read, talk()[::-1, : read.shape[1]])
    assert sorted(s.name for s in compat.strips_of(scene)) == ["A 1", "B 1", "B 2"]
    turn_strips.exchange(scene)
    np.testing.assert_array_equal(turn_strips.read(scene, FIRST), read[::-1])


def test_turns_move_as_a_whole(scene: Any) -> None:
    turn_strips.write(scene, talk(), FIRST)
    turn_strips.move(scene, 25)
    np.testing.assert_array_equal(turn_strips.read(scene, FIRST)[:, 25:], talk()[:, :91])


def test_all_deleted_is_unlike_nobody_speaks(scene: Any) -> None:
    turn_strips.write(scene, talk(), FIRST)
    for one in list(compat.strips_of(scene)):
        one.mute = True
    assert not turn_strips.read(scene, FIRST).any()
    turn_strips.remove(scene)
    assert turn_strips.read(scene, FIRST) is None


def test_turns_keep_to_a_sound_that_is_moved_with_them(scene: Any, tmp_path: Path) -> None:
    if not bpy.app.build_options.audaspace:
        pytest.skip("this Blender was built without sound")
    path = tmp_path / "talk.wav"
    soundfile.write(path, np.zeros(64_000, np.float32), 16_000)
    sound_strips.write_strips(scene, [path], FIRST, FIRST + 99)
    turn_strips.write(scene, talk(), FIRST)
    before = turn_strips.read(scene, FIRST)
    heard = sound_strips.strips(scene)[0]
    assert heard.channel < min(strip(scene, name).channel for name in ("A 1", "B 1"))
    for one in list(compat.strips_of(scene)):
        name = "content_start" if hasattr(one, "content_start") else "frame_start"
        setattr(one, name, getattr(one, name) + 40)
    np.testing.assert_array_equal(turn_strips.read(scene, FIRST), before)
    channel = heard.channel
    sound_strips.write_strips(scene, [path], FIRST, FIRST + 99)
    assert sound_strips.strips(scene)[0].channel == channel  # not above the turns


def test_renders_show_the_scene_not_the_strips(scene: Any, tmp_path: Path) -> None:
    scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(scene.camera)
    scene.frame_set(FIRST + 10)  # A speaks
    before = rendered(scene, tmp_path / "before.png")
    turn_strips.write(scene, talk(), FIRST)
    np.testing.assert_allclose(rendered(scene, tmp_path / "after.png"), before, atol=0.02)
    assert np.abs(before[..., :3] - strip(scene, "A 1").color).max() > 0.2  # else it tells nothing


def test_the_sequencer_renders_again_when_the_turns_are_gone(scene: Any) -> None:
    turn_strips.write(scene, talk(), FIRST)
    turn_strips.remove(scene)
    assert scene.render.use_sequencer
    assert not scene.keys()


def test_a_sequencer_with_pictures_goes_on_to_render(scene: Any) -> None:
    compat.new_color_strip(compat.strips_of(scene), "Title", 3, 1, 50)
    turn_strips.write(scene, talk(), FIRST)
    assert scene.render.use_sequencer
