"""A video of a saved scene, rendered by several Blenders at once, each a part of the frames.

Drawn by software, much of a picture is made by one core alone; two Blenders keep two cores busy.
"""

import shutil
import sys
import tempfile
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import bpy

from ...core.files import atomic
from ...core.formats import whole
from ...core.jobs.requests import VideoRequest
from ...core.jobs.worker_process import FOLDER, WorkerProcess
from ...core.progress import Report, silent
from ...core.stopping import cleared_on_stop, held
from . import joining, preview

#: What has fewer frames is done before another Blender has started.
_LEAST_FRAMES = 50
_POLL_S = 0.1


def render(
    scene: bpy.types.Scene,
    blend: Path,
    path: Path,
    report: Report = silent,
    size: tuple[int, int] = (1280, 720),
    n_blenders: int = 1,
) -> None:
    """Render the frames of a scene to an .mp4, whole or not at all, as `preview.render` does.

    Args:
        scene: the active one, as it was opened.
        blend: the file that it was opened from.
        path: of the video.
        report: told of progress; may cancel.
        size: of the picture, pixels.
        n_blenders: how many may render at once.

    Raises:
        DualTalkError: as `preview.render`.
    """
    n_frames = scene.frame_end - scene.frame_start + 1
    n_blenders = min(n_blenders, n_frames // _LEAST_FRAMES)
    is_module = not bpy.app.binary_path  # then this Python can start others
    if n_blenders < 2 or not is_module or not joining.is_there():
        preview.render(scene, path, report, size)
        return
    preview.require_camera(scene)
    preview.require_rendering()
    with atomic(path) as temporary, ExitStack() as stack:
        folder = _folder(stack)
        parts = _started(stack, scene, blend, folder, size, n_blenders)
        sound = folder / "sound.wav"
        joining.mix_sound(scene, sound)
        joining.join(_followed(parts, report), sound, temporary)
        whole.require(temporary, path, n_frames)


def _folder(stack: ExitStack) -> Path:
    with held():
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=FOLDER)))
        stack.enter_context(cleared_on_stop(lambda: shutil.rmtree(folder, ignore_errors=True)))
    return folder


def _started(
    stack: ExitStack,
    scene: bpy.types.Scene,
    blend: Path,
    folder: Path,
    size: tuple[int, int],
    n_blenders: int,
) -> list[tuple[WorkerProcess[Path], int]]:
    """Start a Blender for each part; return them with their numbers of frames."""
    first, n_frames = scene.frame_start, scene.frame_end - scene.frame_start + 1
    starts = [first + k * n_frames // n_blenders for k in range(n_blenders + 1)]
    parts = []
    for start, end in pairwise(starts):
        request = VideoRequest(
            blend=str(blend.resolve()), scene=scene.name, output=str(folder / f"{start}.mp4"),
            width=size[0], height=size[1], first=start, last=end - 1, draws=True,
        )  # fmt: skip
        with held():
            worker = WorkerProcess(Path(sys.executable), request)
            stack.callback(worker.close)
            stack.enter_context(cleared_on_stop(worker.kill))
        parts.append((worker, end - start))
    return parts


def _followed(parts: list[tuple[WorkerProcess[Path], int]], report: Report) -> list[Path]:
    """Wait for all Blenders and return their videos, in order."""
    total = sum(n_frames for _, n_frames in parts)
    videos: dict[int, Path] = {}
    while len(videos) < len(parts):
        for index, (worker, _) in enumerate(parts):
            if index not in videos and worker.poll(_POLL_S):
                videos[index] = worker.result()
        done = round(sum(
            n_frames * (1.0 if index in videos else worker.progress.fraction)
            for index, (worker, n_frames) in enumerate(parts)
        ))  # fmt: skip
        report(done / total, f"frame {done} of {total}")
    return [videos[index] for index in range(len(parts))]
