"""Making one shot: its steps in order, each result kept whole, what is current left as it is.

WORK/NAME/analysis-HASH/ the sound is analysed once for all later steps
WORK/NAME/scene.blend    the scene, where the shot asks for none of its own
WORK/NAME/lock           held while the shot is made: two runs do not meet in it
"""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..core.damage import DAMAGE
from ..core.errors import DualTalkError, InputError
from ..core.files import check_target, clear_unfinished, for_blender
from ..core.motion import save_together
from ..core.progress import Report, silent
from ..core.stopping import cleared_on_stop
from . import analysis, manifest
from .analysis import Analysis, Load
from .quality import Line, ranked
from .shot import STEPS, Shot

_ANALYSIS = "analysis-"
#: Lines that a manifest names, the most doubtful first.
_LINES_KEPT = 5

#: Shows a step of the work: a title in, a context that gives the step's report out.
Step = Callable[[str], AbstractContextManager[Report]]
#: Tells whether an output is what a shot gives now: its path, the shot, the output's kind.
IsCurrent = Callable[[Path, Shot, str], bool]


@dataclass(frozen=True)
class Made:
    """What was made of a shot."""

    outputs: tuple[Path, ...]  #: all files that were asked for
    notes: tuple[str, ...] = ()  #: for the user, a line each
    lines: tuple[Line, ...] = ()  #: of the dialogue, the most doubtful first
    duration_s: float = 0.0  #: of the dialogue
    took_s: dict[str, float] = field(default_factory=dict)  #: seconds of each step that was done


@contextmanager
def unseen(_title: str) -> Iterator[Report]:
    """Show nothing: a `Step` for workers and tests."""
    yield silent


def todo(shot: Shot, is_current: IsCurrent = manifest.is_current) -> tuple[str, ...]:
    """Return the steps that have something to do.

    Raises:
        InputError: an input is missing.
    """
    late = {
        manifest.STEP_OF.get(kind, "animate")
        for kind, files in shot.outputs.files().items()
        if not all(is_current(path, shot, kind) for path in files)
    }
    return tuple(step for step in shot.steps() if step in late)


def make(
    shot: Shot,
    work: Path,
    steps: Sequence[str] = STEPS,
    show: Step = unseen,
    load: Load = analysis.load,
    is_current: IsCurrent = manifest.is_current,
    n_blenders: int = 1,
) -> Made:
    """Do the steps of a shot that are missing or not current, and what they need.

    Args:
        shot: the shot.
        work: the folder of all shots' intermediate results.
        steps: those that may be done now; a farm does one at a time.
        show: shows each.
        load: gives the network.
        is_current: tells of an output (path, shot, kind) whether it is what the shot gives now.
        n_blenders: how many may render its video at once.

    Raises:
        DualTalkError: an input or an output cannot be used, or a step failed.
    """
    check(shot)
    folder = work / shot.name
    with _locked(folder, shot.name):
        _clear(shot, folder)
        late = [step for step in todo(shot, is_current) if step in steps]
        took: dict[str, float] = {}
        start = time.perf_counter()
        is_new, analysed = _analysed(shot, folder, show, load)
        if is_new:
            took["analyse"] = time.perf_counter() - start
        measures = _measures(analysed)
        if "analyse" in late:
            _write_motion(shot, analysed, measures)
        blend = shot.outputs.scene or folder / "scene.blend"
        if "animate" in late or (
            "preview" in late and not manifest.is_current(blend, shot, "scene")
        ):
            with _timed(took, "animate"), show("Building the scene") as report:
                _animate(shot, analysed, blend, measures, report)
        if "preview" in late and shot.outputs.preview is not None:
            with _timed(took, "preview"), show("Rendering the video") as report:
                _preview(shot, analysed, blend, measures, report, n_blenders)
    files = tuple(path for each in shot.outputs.files().values() for path in each)
    duration_s = analysed.performance.motions[0].duration_s
    return Made(files, analysed.notes, tuple(ranked(analysed.lines)), duration_s, took)


def check(shot: Shot) -> None:
    """Check inputs and outputs before the long work.

    Raises:
        InputError: an input is missing, or an output is no place for a file.
    """
    for path in shot.inputs():
        if not path.is_file():
            raise InputError(f"{path} does not exist or is no file.")
    for kind, files in shot.outputs.files().items():
        for path in files:
            make_folder(path)
            check_target(path)
            if kind != "motion":
                for_blender(path)
    if shot.outputs.needs_scene:  # whose strips are the sounds
        for path in (*shot.sounds, *filter(None, (shot.mixed, shot.scene))):
            for_blender(path)


def make_folder(path: Path) -> None:
    """Make the folder that `path` will be written to.

    Raises:
        InputError: it cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"Cannot write {path} ({why}): choose another folder.") from error


@contextmanager
def _locked(folder: Path, name: str) -> Iterator[None]:
    """Keep other runs, on this machine or a farm's shared disk, from making the same shot."""
    make_folder(folder / "lock")
    try:
        import fcntl
    except ImportError:  # Windows: nothing of its own is shared there but by the user's doing
        yield
        return
    with open(folder / "lock", "w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DualTalkError(f"Another run is making {name}: wait for it.") from None
        except OSError:  # a disk that knows no locks
            pass
        yield


def _clear(shot: Shot, folder: Path) -> None:
    """Delete what killed runs left behind."""
    for files in shot.outputs.files().values():
        for path in files:
            clear_unfinished(path)
            clear_unfinished(manifest.path_of(path))
            if not path.exists():
                manifest.path_of(path).unlink(missing_ok=True)
    clear_unfinished(folder / "scene.blend")
    for left in folder.glob("new-*"):
        shutil.rmtree(left, ignore_errors=True)


def _analysed(shot: Shot, folder: Path, show: Step, load: Load) -> tuple[bool, Analysis]:
    """Return whether the sound was analysed now, and its analysis."""
    key = manifest.step_hash(shot, "analyse")[:16]
    kept = folder / f"{_ANALYSIS}{key}"
    with contextlib.suppress(*DAMAGE, DualTalkError):
        if kept.is_dir():
            return False, analysis.recall(shot, kept)
    with show("Predicting motion") as report:
        analysed = analyse(shot, report, load)
    new = Path(tempfile.mkdtemp(prefix="new-", dir=folder))
    with cleared_on_stop(lambda: shutil.rmtree(new, ignore_errors=True)):
        try:
            analysis.keep(analysed, new)
            for old in folder.glob(f"{_ANALYSIS}*"):
                shutil.rmtree(old, ignore_errors=True)
            os.replace(new, kept)
        finally:
            shutil.rmtree(new, ignore_errors=True)
    return True, analysed


def analyse(shot: Shot, report: Report, load: Load = analysis.load) -> Analysis:
    """Run the network here, or from inside Blender in the Python that has its libraries."""
    from .elsewhere import analyse_elsewhere, is_needed

    return analyse_elsewhere(shot, report) if is_needed() else analysis.analyse(shot, report, load)


def _write_motion(shot: Shot, analysed: Analysis, measures: dict[str, Any]) -> None:
    files = shot.outputs.files().get("motion", ())
    if files:
        save_together(analysed.motions[: len(files)], files)
    for path in files:
        manifest.write(path, shot, "motion", analysed.made_with, measures)


def _animate(
    shot: Shot, analysed: Analysis, blend: Path, measures: dict[str, Any], report: Report
) -> None:
    from . import scenes

    exports = scenes.animate(shot, analysed, blend, report)
    made_with = analysed.made_with | {"blender": _blender()}
    for kind, path in {"scene": blend, **exports}.items():
        manifest.write(path, shot, kind, made_with, measures)


def _preview(
    shot: Shot,
    analysed: Analysis,
    blend: Path,
    measures: dict[str, Any],
    report: Report,
    n_blenders: int,
) -> None:
    from . import scenes

    if shot.outputs.preview is None:
        raise ValueError("the shot asks for no preview")
    scenes.preview(blend, shot.outputs.preview, report, n_blenders)
    made_with = analysed.made_with | {"blender": _blender()}
    manifest.write(shot.outputs.preview, shot, "preview", made_with, measures)


def _blender() -> str:
    import bpy

    return str(bpy.app.version_string)


def _measures(analysed: Analysis) -> dict[str, Any]:
    worst = ranked(analysed.lines)[:_LINES_KEPT]
    return {
        "duration_s": round(analysed.performance.motions[0].duration_s, 3),
        "lines": len(analysed.lines),
        "doubt": round(worst[0].doubt, 3) if worst else 0.0,
        "doubtful_lines": [
            asdict(line) | {"doubt": round(line.doubt, 3), "why": line.why}
            for line in worst
            if line.why
        ],
        "notes": list(analysed.notes),
    }


@contextmanager
def _timed(took: dict[str, float], step: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    took[step] = time.perf_counter() - start
