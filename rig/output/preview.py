"""A quick video of the scene: Workbench, H.264 and AAC."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Literal

import bpy

from ...core.errors import CancelledError, RigError
from ...core.files import atomic, for_blender, why_not_written
from ...core.formats import whole
from ...core.jobs.worker_process import FOLDER
from ...core.progress import Report, silent
from ...core.stopping import cleared_on_stop, end_child
from .. import compat
from ..characters import heads
from ..staging import framing
from . import smooth_edges, studio_light
from .kept_settings import heard_not_seen, kept, one_view_layer, set_those_that_exist

#: Renders one pixel; without a display and without EGL Blender aborts the process there.
_PROBE = (
    "import bpy; s = bpy.context.scene; s.render.engine = 'BLENDER_WORKBENCH';"
    "s.render.resolution_x = s.render.resolution_y = 8; s.frame_end = 1;"
    "bpy.ops.render.render()"
)
_BACKGROUND = (0.24, 0.27, 0.31)
_WORLD = "DualTalk preview"
#: What renders a video.
Engine = Literal["WORKBENCH", "EEVEE", "CYCLES"]


def render(
    scene: bpy.types.Scene,
    path: Path,
    report: Report = silent,
    size: tuple[int, int] = (1280, 720),
    engine: Engine = "WORKBENCH",
    draws: bool = False,
) -> None:
    """Render the scene's frame range to an .mp4, whole or not at all.

    Args:
        scene: to render; its settings are as they were afterwards.
        path: of the video.
        report: told of progress; may cancel.
        size: of the picture, pixels.
        engine: Workbench is quick and neutral; the others show the scene's own light and colours.
        draws: it is known that this machine can draw.

    Raises:
        RigError: the scene has no camera, this machine cannot render, or Blender wrote no video.
        CancelledError: `report` asked for it.
    """
    require_camera(scene)
    if not draws:
        require_rendering()
    with _preview_settings(scene, size, engine), atomic(path) as temporary:
        scene.render.filepath = for_blender(temporary)
        try:
            error = _render_frames(scene, report)
        except RuntimeError as failed:
            why = why_not_written(path, failed)
            raise RigError(f"Blender could not write {path.name}: {why}") from failed
        if error is not None:
            raise error
        whole.require(temporary, path, scene.frame_end - scene.frame_start + 1)


def require_camera(scene: bpy.types.Scene) -> None:
    """Check that the scene is seen; raises `RigError`."""
    if scene.camera is None:
        raise RigError("The scene has no camera: add one, or stage the scene, and try again.")


def require_rendering() -> None:
    """Check that this machine can draw, in a Blender of its own; raises `RigError`."""
    if not bpy.app.background:
        return
    python = sys.executable if "python" in Path(sys.executable).name else None
    command = [python, "-c", _PROBE] if python else _blender_probe()
    if _code_of(command) != 0:
        raise RigError(
            "This machine cannot draw without a display: install EGL (on Debian libegl1 and "
            "libgl1-mesa-dri) and try again."
        )


def _code_of(probe: list[str]) -> int:
    """Run a Blender to its end and return its code; nothing of it outlives this process."""
    with (
        tempfile.TemporaryDirectory(prefix=FOLDER) as folder,
        subprocess.Popen(
            probe,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), folder),
        ) as process,
    ):

        def end() -> None:
            end_child(process)
            shutil.rmtree(folder, ignore_errors=True)

        with cleared_on_stop(end):
            return process.wait()


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
def _preview_settings(
    scene: bpy.types.Scene, size: tuple[int, int], engine: Engine
) -> Iterator[None]:
    """Set the scene up for a preview that shows all of it as it plays, and back."""
    world, frame, frame_end = scene.world, scene.frame_current, scene.frame_end
    frame_step = scene.frame_step
    owners = (scene.render, scene.display, scene.view_settings, scene.display_settings)
    with ExitStack() as stack:
        stack.enter_context(kept(*owners))
        stack.enter_context(studio_light.three_point(scene))
        stack.enter_context(framing.framed_for(scene, size))
        people = [one for one in heads.find_pair(scene) if one is not None]
        faces = [mesh for character in people for mesh in character.meshes]
        layer = stack.enter_context(one_view_layer(scene, faces))
        try:
            scene.frame_step = 1
            before = scene.view_settings.view_transform, scene.view_settings.exposure
            world_before = scene.world
            scene.world = _world()
            set_picture(scene, size)
            if engine == "WORKBENCH":
                stack.enter_context(smooth_edges.smoothed(scene, layer))
            else:
                scene.world = world_before
                scene.view_settings.view_transform, scene.view_settings.exposure = before
                scene.render.engine = compat.engine(engine)
                _use_few_samples(scene)
            _use_h264(scene.render)
            stack.enter_context(heard_not_seen(scene))
            yield
        finally:
            scene.world, scene.frame_end, scene.frame_step = world, frame_end, frame_step
            scene.frame_set(frame)
            bpy.data.worlds.remove(bpy.data.worlds[_WORLD])


def _use_few_samples(scene: bpy.types.Scene) -> None:
    """Render a preview, not a final picture."""
    for settings in (getattr(scene, "cycles", None), scene.eevee):
        if settings is not None:
            set_those_that_exist(settings, samples=24, use_denoising=True, taa_render_samples=16)


def set_picture(scene: bpy.types.Scene, size: tuple[int, int]) -> None:
    """Choose Workbench, whole pictures of one eye, and neutral colours."""
    set_those_that_exist(
        scene.render, engine="BLENDER_WORKBENCH", resolution_x=size[0], resolution_y=size[1],
        resolution_percentage=100, pixel_aspect_x=1.0, pixel_aspect_y=1.0, use_border=False,
        use_crop_to_border=False, use_multiview=False, use_stamp=False, use_compositing=False,
        use_sequencer=False, use_file_extension=False, use_overwrite=True, use_placeholder=False,
        frame_map_old=100, frame_map_new=100, film_transparent=False, use_single_layer=False,
        use_freestyle=False, dither_intensity=0.0,
    )  # fmt: skip
    set_those_that_exist(
        scene.display.shading, light="STUDIO", color_type="VERTEX", show_cavity=False,
        show_specular_highlight=True, show_xray=False, show_object_outline=False,
        use_dof=False, show_backface_culling=False,
    )  # fmt: skip
    scene.display.render_aa = "FXAA"
    scene.display_settings.display_device = "sRGB"
    set_those_that_exist(
        scene.view_settings, view_transform="Standard", look="None", exposure=0.35, gamma=1.0,
        use_curve_mapping=False, use_white_balance=False,
    )  # fmt: skip


def _world() -> bpy.types.World:
    """Return a world whose colour is the picture's background."""
    world = bpy.data.worlds.new(_WORLD)
    world.color = _BACKGROUND
    return world


def _use_h264(render: bpy.types.RenderSettings) -> None:
    compat.use_video(render.image_settings)
    set_those_that_exist(render.image_settings, color_mode="RGB", color_management="FOLLOW_SCENE")
    set_those_that_exist(
        render.ffmpeg, format="MPEG4", codec="H264", use_lossless_output=False,
        constant_rate_factor="HIGH", ffmpeg_preset="GOOD", gopsize=12, use_autosplit=False,
        use_max_b_frames=False, audio_codec="AAC", audio_bitrate=160, audio_mixrate=48000,
        audio_channels="STEREO", audio_volume=1.0,
    )  # fmt: skip


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
