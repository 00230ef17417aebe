"""What both faces do in the scene, as files of motion alone: a reader and a row for each kind."""

from collections.abc import Callable
from pathlib import Path

import bpy

from ...core import speakers
from ...core.formats import live_link, usd_animation
from ...core.motion import NETWORK_FPS, Motion, save_together
from ...core.names import SPEAKERS
from ...core.progress import Report, part_of, silent
from ...core.speakers import Pair
from ..characters import heads
from ..performance import motion_reader

#: Writes the motions of a scene that begins at a frame to a file, or two beside its name; returns
#: which.
_Writer = Callable[[Path, Pair[Motion], int], list[Path]]


def write(scene: bpy.types.Scene, path: Path, form: str, report: Report = silent) -> list[Path]:
    """Write what both faces do over the scene's frames, all files or none; return them.

    Args:
        scene: the context's.
        path: the file, or what the names of two begin with.
        form: which of `FORMS`.
        report: told of progress; may cancel.
    """
    writer, fps = FORMS[form]
    pair = heads.pair(scene)
    motions = motion_reader.read_motions(scene, pair, fps, part_of(report, 0.0, 0.95))
    return writer(path, motions, scene.frame_start)


def _live_link(path: Path, motions: Pair[Motion], _first_frame: int) -> list[Path]:
    names = [f"{path.stem}_{speakers.letter(speaker)}.csv" for speaker in speakers.SPEAKERS]
    files = [path.with_name(name) for name in names]
    live_link.write_together(files, motions)
    return files


def _usd_animation(path: Path, motions: Pair[Motion], first_frame: int) -> list[Path]:
    named = {
        f"Speaker{speakers.letter(speaker)}": motion
        for speaker, motion in zip(speakers.SPEAKERS, motions, strict=True)
    }
    usd_animation.write(path, named, first_frame)
    return [path]


def _motion(path: Path, motions: Pair[Motion], _first_frame: int) -> list[Path]:
    files = [path.with_name(f"{path.stem}_{name}.npz") for name in SPEAKERS]
    save_together(motions, files)
    return files


#: By the name that a job gives it: the writer, and the rate of the file; None: the scene's.
FORMS: dict[str, tuple[_Writer, float | None]] = {
    "LIVE_LINK": (_live_link, NETWORK_FPS),
    "USD_ANIMATION": (_usd_animation, None),
    "MOTION": (_motion, NETWORK_FPS),
}
