"""Which row of a retake a curve of a character belongs to, and how much of it is taken when."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import bpy
import numpy as np
from numpy.typing import NDArray

from ....core.edits import retake
from ....core.edits.comparison import Values
from ....core.edits.curve import Record
from ....core.errors import RigError
from ....core.motion_layers import FEEDBACK_ROWS, ROWS, Layer, Row
from ....core.speakers import SPEAKERS, Speaker
from ... import fcurves
from ...characters.character import Character
from ...gaze.gaze_rig import EYE_BONES
from .. import channels, layer_strengths


@dataclass(frozen=True)
class Wanted:
    """What is to be generated anew."""

    first: int  #: scene frame
    last: int
    speakers: tuple[Speaker, ...] = SPEAKERS
    layers: tuple[Row, ...] = ROWS

    def __post_init__(self) -> None:
        if self.last <= self.first:
            raise RigError("The range has no length: set a preview range over what to retake (P).")
        if not self.layers or not self.speakers:
            raise RigError("Nothing is chosen to retake: choose a person and a layer.")


def retake_times(scene: bpy.types.Scene) -> list[tuple[int, int]]:
    """Return the ranges of frames, first and last, that a retake is of; none: they must be set."""
    if scene.dualtalk.retake_over == "STRIPS":
        return channels.selected(scene)
    is_set = scene.use_preview_range
    return [(scene.frame_preview_start, scene.frame_preview_end)] if is_set else []


def retake_times_reason(scene: bpy.types.Scene) -> str:
    """Return why it is not known what time a retake is of, or nothing."""
    if retake_times(scene):
        return ""
    if scene.dualtalk.retake_over == "STRIPS":
        return "Select strips in the sequencer, such as a turn, over what to retake."
    return "Set a preview range over what to retake (P in the timeline)."


class Weights:
    """How much of the new each curve of a person takes, at every frame of the performance."""

    def __init__(
        self, wanted: Wanted, who: int, record: Record, speaking: NDArray[np.bool_]
    ) -> None:
        """Note what is wanted.

        Args:
            wanted: of scene frames.
            who: 0 or 1.
            record: of the performance.
            speaking: (2, m_frames) at 25 frames per second.
        """
        first, last = wanted.first - record.first_frame, wanted.last - record.first_frame
        self._rows = wanted.layers
        self.nothing: Values = np.zeros(record.n_frames)
        self.all = retake.weights(record.n_frames, first, last, record.fps)
        self.feedback = self.nothing
        if "feedback" in wanted.layers:
            self.feedback = retake.listening(
                speaking, who, record.n_frames, first, last, record.fps
            )

    def of(self, row: Row | None) -> Values:
        """Return the weights of a row, (n_frames,) 0 to 1."""
        if row in self._rows:
            return self.all
        return self.feedback if row in FEEDBACK_ROWS else self.nothing


def of_keys(character: Character, mesh: bpy.types.Object) -> dict[str, Row]:
    """Return the rows of those keys of a mesh that are no row of their layer, by path."""
    found: dict[str, Row] = {}
    for key, factors in character.controls_of(mesh).items():
        if factors and max(factors, key=lambda n: abs(factors[n])).startswith("brow"):
            found[fcurves.key_path(key)] = "brows"
    return found


def of_curves(character: Character, owner: bpy.types.ID) -> Iterator[tuple[bpy.types.FCurve, Row]]:
    """Yield the curves of the armature, or of the keys of a mesh, that are of a row."""
    brows: Mapping[str, Row] = {}
    for mesh in character.meshes:
        if mesh.data.shape_keys == owner:
            brows = of_keys(character, mesh)
    for curve, layer in layer_strengths.layers_of(character, owner):
        yield curve, brows.get(curve.data_path, layer)


def of_track(path: str, group: str, brows: Mapping[str, Row]) -> Row | None:
    """Return the row of what a motion writes into a curve, by its path and group."""
    if path.startswith("key_blocks"):
        layer: Layer = group.lower()  # type: ignore[assignment]  # keys have theirs as the group
        return brows.get(path, layer)
    if "constraints" in path:  # FLAME's joints move with the expression
        return "expression"
    return "gaze" if group in EYE_BONES else layer_strengths.BONE_LAYERS.get(group)
