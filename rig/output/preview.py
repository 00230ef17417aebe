"""A quick video of the scene: Workbench, H.264 and AAC."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bpy

from ...core.errors import CancelledError, RigError
from ...core.files import atomic
from ...core.progress import Report, silent
from .. import compat

#: Renders one pixel; without a display and without EGL Blender aborts the process there.
_PROBE = (
    "import bpy; s = bpy.context.scene; s.render.engine = 'BLENDER_WORKBENCH';"
    "s.render.resolution_x = s.render.resolution_y = 8; s.frame_end = 1;"
    "bpy.ops.render.render()"
)
_BACKGROUND = (0.24, 0.27, 0.31)
_WORLD = "DualTalk preview"


def render(
    scene: bpy.types.Scene, path: Path, report: Report = silent, size: tuple[int, int] = (768, 432)
) -> None:
    """Render the scene's frame range to an .mp4, whole or not at all.

    Raises:
        RigError: this machine cannot render, or Blender wrote no video.
        CancelledError: `report` asked for it.
    """
    _require_rendering()
    with _preview_settings(scene, size), atomic(path) as temporary:
        scene.render.filepath = str(temporary)
        error = _render_frames(scene, report)
        if error is not None:
            raise error
        if not os.path.getsize(temporary):
            raise RigError(f"Blender wrote no video to {path}: see its messages above.")


def _require_rendering() -> None:
    if not bpy.app.background:
        return
    python = sys.executable if "python" in Path(sys.executable).name else None
    command = [python, "-c", _PROBE] if python else _blender_probe()
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        raise RigError(
            "This machine cannot draw without a display: install EGL (on Debian libegl1 and "
            "libgl1-mesa-dri) and try again."
        )


def _blender_probe() -> list[str]:
    return [bpy.app.binary_path, "--background", "--factory-startup", "--python-expr", _PROBE]


def _render_frames(scene: bpy.types.Scene, report: Report) -> CancelledError | None:
    """Render all frames; an exception cannot cross Blender's handler, so it is returned."""
    total = scene.frame_end - scene.frame_start + 1
    stopped: list[CancelledError] = []

    def after_frame(rendered: bpy.types.Scene, *_: object) -> None:
        done = rendered.frame_current - rendered.frame_start + 1
        try:
            report(done / total, f"frame {done} of {total}")
        except CancelledError as error:
            stopped.append(error)
            # Blender looks at the range before each frame.
            rendered.frame_end = rendered.frame_start

    bpy.app.handlers.render_post.append(after_frame)
    try:
        with _quiet():
            bpy.ops.render.render(animation=True, scene=scene.name)
    finally:
        bpy.app.handlers.render_post.remove(after_frame)
    return stopped[0] if stopped else None


@contextmanager
def _preview_settings(scene: bpy.types.Scene, size: tuple[int, int]) -> Iterator[None]:
    """Set the scene up for a preview, and back."""
    render, shading = scene.render, scene.display.shading
    wanted = [
        (render, "engine", "BLENDER_WORKBENCH"),
        (render, "resolution_x", size[0]),
        (render, "resolution_y", size[1]),
        (render, "resolution_percentage", 100),
        (render, "use_file_extension", False),
        (render, "use_sequencer", False),
        (shading, "light", "STUDIO"),
        (shading, "color_type", "MATERIAL"),
        (shading, "show_cavity", True),
        (shading, "show_specular_highlight", True),
        (scene, "world", _world()),
        (scene.view_settings, "view_transform", "Standard"),
        (scene.display, "render_aa", "FXAA"),
    ]
    path, frame_end = render.filepath, scene.frame_end
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in wanted]
    image_before = render.image_settings.file_format
    for owner, name, value in wanted:
        setattr(owner, name, value)
    _use_h264(render)
    try:
        yield
    finally:
        if image_before != "FFMPEG":
            compat.use_image(render.image_settings, image_before)
        for owner, name, value in before:
            setattr(owner, name, value)
        render.filepath, scene.frame_end = path, frame_end
        bpy.data.worlds.remove(bpy.data.worlds[_WORLD])


def _world() -> bpy.types.World:
    """Return a world whose colour is the picture's background."""
    world = bpy.data.worlds.new(_WORLD)
    world.color = _BACKGROUND
    return world


def _use_h264(render: bpy.types.RenderSettings) -> None:
    compat.use_video(render.image_settings)
    ffmpeg = render.ffmpeg
    ffmpeg.format, ffmpeg.codec = "MPEG4", "H264"
    ffmpeg.constant_rate_factor, ffmpeg.gopsize = "HIGH", 12
    ffmpeg.audio_codec, ffmpeg.audio_bitrate = "AAC", 160


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Blender's line per frame off the terminal; its library writes past sys.stdout."""
    sys.stdout.flush()
    saved = os.dup(1)
    try:
        with open(os.devnull, "wb") as nothing:
            os.dup2(nothing.fileno(), 1)
            yield
    finally:
        os.dup2(saved, 1)
        os.close(saved)
