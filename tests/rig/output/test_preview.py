"""The quick video shows the whole scene as it plays, and leaves the render settings alone."""

import wave
from collections.abc import Callable
from pathlib import Path

import bpy
import numpy as np
import pytest
from dualtalk.core.errors import RigError
from dualtalk.rig import compat
from dualtalk.rig.output import preview, smooth_edges, studio_light
from dualtalk.rig.output.kept_settings import _settings, _value, one_view_layer

SIZE = (64, 36)


@pytest.fixture
def scene() -> bpy.types.Scene:
    """Return a scene of 6 frames with a camera."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = 1, 6
    scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(scene.camera)
    return scene


def own_video(scene: bpy.types.Scene) -> None:
    """Have settings of a video of the user's own."""
    compat.use_video(scene.render.image_settings)
    ffmpeg = scene.render.ffmpeg
    ffmpeg.format, ffmpeg.codec, ffmpeg.audio_codec = "MKV", "FFV1", "FLAC"
    ffmpeg.gopsize, ffmpeg.audio_bitrate, ffmpeg.video_bitrate = 7, 320, 1234
    ffmpeg.use_autosplit = True


def own_pictures(scene: bpy.types.Scene) -> None:
    """Have settings of pictures of the user's own."""
    compat.use_image(scene.render.image_settings, "OPEN_EXR")
    scene.render.image_settings.color_mode = "RGBA"
    scene.render.image_settings.color_depth = "32"
    scene.render.image_settings.exr_codec = "PIZ"


def every_other_frame(scene: bpy.types.Scene) -> None:
    """Render every second frame."""
    scene.frame_step = 2


def cropped(scene: bpy.types.Scene) -> None:
    """Render a part of the picture."""
    render = scene.render
    render.use_border = render.use_crop_to_border = True
    render.border_min_x, render.border_max_x = 0.4, 0.6


def odd_picture(scene: bpy.types.Scene) -> None:
    """Have oblong pixels, a stamp, two eyes, stretched time and other colours."""
    render = scene.render
    render.pixel_aspect_x, render.use_stamp, render.use_multiview = 2.0, True, True
    render.frame_map_new, render.film_transparent, render.use_freestyle = 200, True, True
    scene.view_settings.exposure, scene.view_settings.gamma = 3.0, 2.0


def values(scene: bpy.types.Scene) -> dict[str, object]:
    """Return every setting of the scene that a preview might touch."""
    owners = (scene.render, scene.display, scene.view_settings, scene.display_settings)
    found = {
        f"{owner.bl_rna.identifier}.{name}": _value(owner, name)
        for root in owners
        for owner, name in _settings(root)
    }
    names = ("frame_start", "frame_end", "frame_current", "frame_step", "world", "camera")
    return found | {name: getattr(scene, name) for name in names}


def size_and_frames(path: Path) -> tuple[tuple[int, int], int]:
    movie = bpy.data.movieclips.load(str(path))
    return (movie.size[0], movie.size[1]), movie.frame_duration


@pytest.mark.parametrize(
    "prepare", [own_video, own_pictures, every_other_frame, cropped, odd_picture]
)
def test_the_users_settings_change_nothing_and_come_back(
    scene: bpy.types.Scene, tmp_path: Path, prepare: Callable[[bpy.types.Scene], None]
) -> None:
    prepare(scene)
    scene.frame_set(3)
    before = values(scene)
    preview.render(scene, tmp_path / "video.mp4", size=SIZE)
    assert values(scene) == before
    assert size_and_frames(tmp_path / "video.mp4") == (SIZE, 6)


@pytest.mark.skipif(
    not bpy.app.build_options.audaspace or compat.RENDERS_MUTED_STRIPS,
    reason="this Blender has no sound, or renders muted strips",
)
@pytest.mark.parametrize("is_off", [True, False])
def test_the_sequencer_is_heard_and_not_seen(
    scene: bpy.types.Scene, tmp_path: Path, is_off: bool
) -> None:
    av = pytest.importorskip("av")
    tone = tmp_path / "tone.wav"
    with wave.open(str(tone), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        time = np.arange(16_000) / 16_000
        file.writeframes((9_000 * np.sin(2 * np.pi * 300 * time)).astype("<i2").tobytes())
    strips = scene.sequence_editor_create().strips
    strips.new_sound("Anna", str(tone), 1, 1)
    card = compat.new_color_strip(strips, "Title", 2, 1, 7)
    card.color = (1.0, 0.0, 0.0)
    scene.render.use_sequencer = not is_off
    preview.render(scene, tmp_path / "talk.mp4", size=SIZE)
    assert (card.mute, scene.render.use_sequencer) == (False, not is_off)
    with av.open(str(tmp_path / "talk.mp4")) as video:
        heard = np.concatenate([f.to_ndarray() for f in video.decode(audio=0)], axis=1)
        video.seek(0)
        seen = next(video.decode(video=0)).to_ndarray(format="rgb24").mean(axis=(0, 1))
    assert np.abs(heard[0, 2000:8000]).max() > 0.1
    assert seen[0] < 1.5 * seen[1]


def test_a_scene_without_a_camera_is_said_in_a_line(scene: bpy.types.Scene, tmp_path: Path) -> None:
    scene.camera = None
    before = values(scene)
    with pytest.raises(RigError, match="no camera"):
        preview.render(scene, tmp_path / "video.mp4", size=SIZE)
    assert values(scene) == before
    assert not list(tmp_path.iterdir())


def test_the_users_light_comes_back(scene: bpy.types.Scene) -> None:
    system = bpy.context.preferences.system

    def lights() -> list[object]:
        rows = [
            (light.use, tuple(light.direction), tuple(light.diffuse_color), light.smooth)
            for light in system.solid_lights
        ]
        return [system.use_studio_light_edit, tuple(system.light_ambient), *rows]

    before = lights()
    with studio_light.three_point(scene):
        assert lights() != before
    assert lights() == before


def tones(scene: bpy.types.Scene, path: Path) -> int:
    """Return how many shades a picture of a slanted edge has."""
    compat.use_image(scene.render.image_settings, "PNG")
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    picture = bpy.data.images.load(str(path))
    red = {round(value, 2) for value in list(picture.pixels)[::4]}
    bpy.data.images.remove(picture)
    return len(red)


def test_edges_are_smooth(scene: bpy.types.Scene, tmp_path: Path) -> None:
    bpy.ops.mesh.primitive_plane_add(location=(0, 0, -3), rotation=(0, 0, 0.3))
    preview.set_picture(scene, SIZE)
    scene.display.shading.light, scene.world = "FLAT", bpy.data.worlds.new("Black")
    scene.display.render_aa = "OFF"
    assert tones(scene, tmp_path / "stairs.png") == 2
    scene.display.render_aa = "FXAA"
    with smooth_edges.smoothed(scene, scene.view_layers[0]):
        assert tones(scene, tmp_path / "smooth.png") > 6


@pytest.mark.parametrize("others", [(), ("Beauty",)])
def test_view_layers_that_are_off_are_rendered(
    scene: bpy.types.Scene, tmp_path: Path, others: tuple[str, ...]
) -> None:
    bpy.ops.mesh.primitive_plane_add(location=(0, 0, -3), rotation=(0, 0, 0.3))
    for name in others:
        scene.view_layers.new(name)
    for layer in scene.view_layers:
        layer.use = False
    with preview._preview_settings(scene, SIZE, "WORKBENCH"):
        assert [layer.use for layer in scene.view_layers] == [True, *(False for _ in others)]
        scene.display.shading.light = "FLAT"
        assert tones(scene, tmp_path / "seen.png") > 3
    assert not any(layer.use for layer in scene.view_layers)


def test_the_view_layer_that_shows_the_faces_is_rendered(scene: bpy.types.Scene) -> None:
    bpy.ops.mesh.primitive_plane_add()
    face = bpy.context.object
    home = bpy.data.collections.new("Faces")
    scene.collection.children.link(home)
    scene.collection.objects.unlink(face)
    home.objects.link(face)
    second = scene.view_layers.new("Second")
    scene.view_layers[0].layer_collection.children["Faces"].exclude = True
    second.use = False
    for each in scene.view_layers:
        each.update()
    with one_view_layer(scene, [face]) as layer:
        assert layer == second
        assert [each.use for each in scene.view_layers] == [False, True]
    assert [each.use for each in scene.view_layers] == [True, False]


def test_the_users_compositor_comes_back(scene: bpy.types.Scene) -> None:
    if hasattr(scene, "compositing_node_group"):
        own = bpy.data.node_groups.new("Own", "CompositorNodeTree")
        scene.compositing_node_group = own
    else:
        scene.use_nodes = True
        own = scene.node_tree
    n_nodes, n_trees = len(own.nodes), len(bpy.data.node_groups)
    with preview._preview_settings(scene, SIZE, "WORKBENCH"):
        pass
    assert (getattr(scene, "compositing_node_group", None) or scene.node_tree) == own
    assert (len(own.nodes), len(bpy.data.node_groups)) == (n_nodes, n_trees)
