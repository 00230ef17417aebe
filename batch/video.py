"""Rendering a saved scene in a Blender of its own, so that the user's stays responsive."""

import os
import sys
from pathlib import Path

from ..core.errors import InputError, RigError
from ..core.jobs.requests import VideoRequest
from ..inference.workers import protocol


def main(arguments: list[str]) -> int:
    """Do the `VideoRequest` in a job's folder; return the exit code."""
    # Blender's lines about frames are kept off standard output while it renders; ours go on.
    sys.stdout = os.fdopen(os.dup(1), "w", encoding="utf-8")
    return protocol.serve(VideoRequest, run, Path(arguments[0]))


def run(request: VideoRequest, folder: Path) -> None:
    """Open the file and render its frames.

    Raises:
        InputError: the file cannot be opened, or has no such scene.
        RigError: the scene has no camera, this machine cannot render, or Blender wrote no video.
    """
    import bpy

    from ..rig.output import preview

    protocol.report(0.0, "opening the scene")
    try:
        bpy.ops.wm.open_mainfile(filepath=request.blend, load_ui=False)
    except RuntimeError as error:
        raise InputError(f"The scene cannot be opened for rendering: {error}") from error
    scene = bpy.data.scenes.get(request.scene)
    if scene is None:
        raise InputError(f"The file has no scene {request.scene!r}: start again.")
    if not request.first <= request.last:
        raise RigError("There are no frames to render: set the frame range.")
    bpy.context.window.scene = scene
    scene.frame_start, scene.frame_end = request.first, request.last
    size = (request.width, request.height)
    preview.render(scene, Path(request.output), protocol.report, size, request.engine)
