"""Rendering a saved scene in a Blender of its own, so that the user's stays responsive."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import InputError, RigError
from ..core.jobs.requests import BlenderRequest, VideoRequest
from ..inference.workers import protocol

if TYPE_CHECKING:
    import bpy


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
    from ..rig.output import preview

    scene = opened(request)
    if not request.first <= request.last:
        raise RigError("There are no frames to render: set the frame range.")
    scene.frame_start, scene.frame_end = request.first, request.last
    size = (request.width, request.height)
    preview.render(
        scene, Path(request.output), protocol.report, size, request.engine, request.draws  # type: ignore[arg-type]
    )  # fmt: skip


def opened(request: BlenderRequest) -> "bpy.types.Scene":
    """Open the file of a request without running its scripts, and return its scene.

    Raises:
        InputError: the file cannot be opened, or has no such scene.
    """
    import bpy

    protocol.report(0.0, "opening the scene")
    try:
        bpy.ops.wm.open_mainfile(filepath=request.blend, load_ui=False, use_scripts=False)
    except RuntimeError as error:
        raise InputError(f"The scene cannot be opened for this: {error}") from error
    scene = bpy.data.scenes.get(request.scene) if request.scene else bpy.context.scene
    if scene is None:
        raise InputError(f"The file has no scene {request.scene!r}: start again.")
    if bpy.context.window is not None:  # there is one in background mode too
        bpy.context.window.scene = scene
    return scene
