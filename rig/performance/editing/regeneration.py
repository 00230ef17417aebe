"""A performance takes the place of another one, and nothing that was edited is lost by it."""

from dataclasses import dataclass

import bpy

from ....core.errors import DualTalkError
from ....core.performance import Performance, Settings
from ...acting import shifts
from ...characters import heads
from ...gaze import gaze_keys
from ...gaze.gaze_rig import find_parts
from .. import scene_writer
from . import edits, takes, written


@dataclass(frozen=True)
class Outcome:
    """What became of the performance that was there and of its edits."""

    is_new_take: bool
    kept: str = ""  #: name of the take that was kept though it was to be replaced
    n_edits: int = 0  #: that were made again on the new performance
    conflicts: tuple[str, ...] = ()  #: edits that were left out or should be looked at
    said: tuple[str, ...] = ()  #: what else the user should know

    @property
    def notes(self) -> list[str]:
        """What to tell the user, a sentence each."""
        notes = []
        if self.kept:
            notes.append(f"{self.kept} has edits or retakes: it was kept, and this is a new take")
        if self.n_edits:
            notes.append(f"{_count(self.n_edits, 'edit')} made again")
        if self.conflicts:
            n = len(self.conflicts)
            notes.append(f"{_count(n, 'conflict')}: see Performance")
        return [*notes, *(sentence.rstrip(".") for sentence in self.said)]


def write(
    scene: bpy.types.Scene,
    performance: Performance,
    settings: Settings,
    keeps_take: bool,
    keeps_edits: bool = True,
) -> Outcome:
    """Write a performance as the present take, or as a new one beside it.

    A take that has edits or retakes, or of which that cannot be told, is never replaced.

    Args:
        scene: the context's.
        performance: what to write.
        settings: how.
        keeps_take: make a new take in any case.
        keeps_edits: make the edits of the present take again on the new performance.

    Raises:
        DualTalkError: it does not fit; the scene is as it was.
    """
    takes.unbake(scene)
    for character in heads.find_pair(scene):
        if character is not None:
            shifts.move(character, dict.fromkeys(shifts.SHIFTED, 0.0))
    is_known = edits.are_known(scene)
    made = edits.find(scene)
    fps = edits.rate(scene)
    has_looks = _has_edited_looks(scene)
    retaken = any(written.has_retakes(one) for one in heads.find_pair(scene) if one is not None)
    is_new = keeps_take or bool(made) or has_looks or retaken or not is_known
    takes.before_writing(scene, is_new)
    kept = takes.present(scene) if is_new and not keeps_take else ""
    said: list[str] = []
    try:
        scene_writer.write_performance(scene, performance, settings, notes=said)
    except DualTalkError:
        takes.note_edits(scene)
        raise
    n_edits, conflicts = edits.apply(scene, made, fps) if keeps_edits else (0, [])
    takes.keep(scene, settings.seed, is_new)
    if has_looks:
        where = f" are on {kept}" if kept else " are on the take from before"
        conflicts.append(f"The looks that you moved{where}: the new take has a plan of its own")
    return Outcome(is_new, kept, n_edits, tuple(conflicts), tuple(said))


def _has_edited_looks(scene: bpy.types.Scene) -> bool:
    """Tell whether an animator has moved looks of the performance that plays."""
    found = [one.armature for one in heads.find_pair(scene) if one is not None]
    return gaze_keys.has_edited_looks([one for one in found if find_parts(one) is not None])


def _count(n: int, what: str) -> str:
    return f"{n} {what}" + ("" if n == 1 else "s")
