"""A video of the scene, rendered in a Blender of its own while the user goes on working."""

from dataclasses import dataclass
from pathlib import Path

import bpy
from bpy.props import EnumProperty

from ... import operator_names
from ...core.errors import RigError
from ...core.jobs.requests import VideoRequest
from ...rig import paths
from ...rig.performance import sound_strips
from .. import jobs
from .export import FileExport, blender_program, saved_copy

_SIZES = {
    "HD": (1280, 720), "FULL_HD": (1920, 1080), "SQUARE": (1080, 1080), "PORTRAIT": (1080, 1920),
}  # fmt: skip


@dataclass(frozen=True)
class VideoOrder(jobs.Order):
    """What rendering was started with."""

    copy: Path = Path()  #: the file that is rendered, in the folder that goes with Blender


class DUALTALK_OT_export_video(jobs.Job, FileExport):
    """Render a video of the scene with its sound (.mp4) while you go on working; Esc stops it"""

    bl_idname = operator_names.EXPORT_VIDEO
    bl_label = "Video (.mp4)"
    suffix = ".mp4"
    ending = "_preview"
    stage = "export"

    size: EnumProperty(
        name="Size",
        description="Width and height of the picture, pixels",
        items=[
            ("HD", "1280 x 720", "Widescreen, quick"),
            ("FULL_HD", "1920 x 1080", "Widescreen, large"),
            ("SQUARE", "1080 x 1080", "Square"),
            ("PORTRAIT", "1080 x 1920", "Upright, for phones"),
            ("SCENE", "As the Scene", "The scene's own resolution"),
        ],
    )
    engine: EnumProperty(
        name="Engine",
        description="What draws the picture",
        items=[
            ("WORKBENCH", "Workbench", "Quick and neutral"),
            ("EEVEE", "EEVEE", "The scene's light and materials; slow without a graphics card"),
            ("CYCLES", "Cycles", "The scene's light and materials, traced; slow"),
        ],
    )
    frames: EnumProperty(
        name="Frames",
        description="Which frames are rendered",
        items=[
            ("SCENE", "Scene Range", "From the scene's first frame to its last"),
            ("PREVIEW", "Preview Range", "The preview range, if there is one"),
        ],
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Tell whether there is a performance to render and nothing else runs."""
        return super().poll(context) and FileExport.poll.__func__(cls, context)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Propose a name and open the file browser, which calls `execute`."""
        return FileExport.invoke(self, context, event)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Render: in line for scripts, beside Blender for people."""
        if bpy.app.background or context.window is None:
            return super().execute(context)
        return self.start(context)

    def prepare(self, context: bpy.types.Context) -> VideoOrder:
        """Save a copy of the file and return what is to be rendered of it.

        Raises:
            RigError: there is no camera, a sound is missing, or the copy cannot be saved.
        """
        scene = context.scene
        if scene.camera is None:
            raise RigError("The scene has no camera: add one, or stage the scene, and try again.")
        paths.require_sounds(sound_strips.heard(scene))
        width, height = _SIZES.get(
            self.size, (scene.render.resolution_x, scene.render.resolution_y)
        )
        uses_preview = self.frames == "PREVIEW" and scene.use_preview_range
        copy = saved_copy("video")
        request = VideoRequest(
            str(copy),
            scene.name,
            str(self.path()),
            width - width % 2,
            height - height % 2,
            scene.frame_preview_start if uses_preview else scene.frame_start,
            scene.frame_preview_end if uses_preview else scene.frame_end,
            self.engine,
        )
        return VideoOrder(blender_program(), request, scene.session_uid, copy)

    def apply(self, context: bpy.types.Context, order: VideoOrder, result: Path) -> str:
        """Tell where the video is."""
        order.copy.unlink(missing_ok=True)
        return f"Wrote {result.name}"


CLASSES = (DUALTALK_OT_export_video,)
