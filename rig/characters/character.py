"""A character of the scene, of whichever kind: what every kind must be able to do.

A kind is a class of this one in a module of its own, listed in `heads.KINDS`. Nothing outside asks
which kind a character is: it asks the character.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Self, TypeAlias

import bpy
import numpy as np
from numpy.typing import NDArray

from ...core import speakers
from ...core.errors import RigError
from ...core.motion import Motion
from ...core.motion_layers import Layer
from ...core.names import ARKIT_SHAPES, BONES, Basis
from .. import property_names
from . import added_keys, construction

#: Paths of what a motion moves on the armature.
_MOVED = re.compile(
    rf'pose\.bones\["({"|".join(BONES)})"\]\.(rotation_quaternion|location|constraints\["DualTalk)'
)
#: The name of a shape key and its values, (n_frames,).
KeyTrack: TypeAlias = tuple[str, NDArray[np.float32]]

#: From the jaw's turn in the shown frame (3,), axis-angle, to the coefficients that are seen (E,).
ShapeReader: TypeAlias = Callable[[NDArray[np.float32]], NDArray[np.float64]]


class VectorTrack(NamedTuple):
    """A property of three numbers of the armature, and its values."""

    path: str
    group: str
    values: NDArray[np.floating]  #: (n_frames, 3)


@dataclass(frozen=True)
class Character(ABC):
    """The objects of one speaker. Look it up again after undo or a timer: never keep it."""

    armature: bpy.types.Object  #: has the bones that are animated
    meshes: tuple[bpy.types.Object, ...]  #: those with shape keys; at least one

    kind: ClassVar[str]  #: its name in the file
    label: ClassVar[str]  #: what it is called on screen
    basis: ClassVar[Basis]  #: of the motion that it is made for
    is_placed_on_arrival: ClassVar[bool] = False  #: it stands where somebody put it

    @property
    def mesh(self) -> bpy.types.Object:
        """The head itself."""
        return self.meshes[0]

    @classmethod
    @abstractmethod
    def found(cls, armature: bpy.types.Object, scene: bpy.types.Scene) -> Self | None:
        """Return the character that an armature belongs to, or None if it is not whole."""

    @classmethod
    @abstractmethod
    def damage(cls, armature: bpy.types.Object, scene: bpy.types.Scene) -> str:
        """Return what is wrong with a character that is not whole, as a sentence, or nothing."""

    @classmethod
    @abstractmethod
    def remove(cls, armature: bpy.types.Object) -> None:
        """Take a character out of its file, whole or not; gaze and lights are off already."""

    @classmethod
    def mark(cls, armature: bpy.types.Object, speaker: int) -> None:
        """Make an armature the character of a speaker; one that was built waits for its place."""
        bpy.context.scene[f"{property_names.CHARACTER}_{speaker}"] = armature
        armature[property_names.SPEAKER] = speaker
        armature[property_names.BASIS] = cls.basis
        armature[property_names.KIND] = cls.kind
        if not cls.is_placed_on_arrival:
            armature[property_names.UNPLACED] = True

    @property
    def bases(self) -> tuple[Basis, ...]:
        """The bases of motion that the character plays."""
        return (self.basis,)

    @property
    def objects(self) -> tuple[bpy.types.Object, ...]:
        """All objects that make up the character, for export."""
        return (self.armature, *self.meshes)

    @property
    def carried_objects(self) -> tuple[bpy.types.Object, ...]:
        """Objects of the user's that constraints of ours move, for an export as plain keys."""
        return ()

    def check(self, motion: Motion) -> None:
        """Refuse a motion that the character cannot play.

        Raises:
            RigError: it is empty, or of another basis.
        """
        if motion.n_frames == 0:
            raise RigError("The motion holds no frames: choose a longer sound.")
        if motion.basis not in self.bases:
            raise RigError(
                f"{self.armature.name} takes motion of the basis {self.basis!r}, but the motion is "
                f"of the basis {motion.basis!r}: choose a checkpoint or a character of the other "
                "kind."
            )

    def fitted(self, motion: Motion) -> Motion:
        """Return a motion as the character's bones and keys can show it."""
        return motion

    @abstractmethod
    def key_tracks(self, motion: Motion) -> list[tuple[bpy.types.Object, list[KeyTrack]]]:
        """Return the meshes and which keys move on each; keys that are gone are left out."""

    def vector_tracks(self, motion: Motion) -> Iterator[VectorTrack]:
        """Yield what moves on the armature beside the turns of the bones."""
        return iter(())

    def moves(self, path: str) -> bool:
        """Tell whether a motion writes a property of the armature, by its path."""
        return bool(_MOVED.match(path))

    def moved_keys(self, mesh: bpy.types.Object) -> frozenset[str]:
        """Return the keys of a mesh that some motion moves, beside those that a given one does.

        Curves of all other keys are the user's, and go on in the actions that are written.
        """
        return frozenset()

    def rest(self) -> None:  # noqa: B027 - most kinds have nothing to do
        """Set keys that a motion of one basis leaves alone to rest, before it is written."""

    def keep_constraints_in_order(self) -> None:  # noqa: B027 - most kinds have none
        """Move constraints of the character's own to where they belong among new ones."""

    def lid_weights(self, mesh: bpy.types.Object) -> Mapping[str, Mapping[str, float]]:
        """Return which keys of a mesh close the lids: key -> control -> factor."""
        return {}

    def controls_of(self, mesh: bpy.types.Object) -> Mapping[str, Mapping[str, float]]:
        """Return which ARKit shapes the keys of a mesh are made of: key -> shape -> factor."""
        there = mesh.data.shape_keys.key_blocks
        return {name: {name: 1.0} for name in ARKIT_SHAPES if name in there}

    def added_points(self, mesh: bpy.types.Object, key: str) -> NDArray[np.float64]:
        """Return where the twin of a key (`added_keys`) has the vertices, (V, 3), FLAME's axes."""
        return construction.key_points(mesh.data.shape_keys.key_blocks[key])

    def key_layers(self, mesh: bpy.types.Object) -> Mapping[str, Layer]:
        """Return the layers of keys whose names do not say it."""
        return {}

    def played_basis(self) -> Basis:
        """Return the basis of what plays."""
        return self.basis

    def shape_names(self, basis: Basis) -> tuple[str, ...]:
        """Return the keys of the head that are the coefficients of a basis, in order."""
        return ARKIT_SHAPES

    def shape_reader(self, basis: Basis) -> ShapeReader:
        """Return what reads the coefficients of a basis as they are seen in the shown frame."""
        names = self.shape_names(basis)
        keys = self.mesh.data.shape_keys.key_blocks
        return lambda _jaw: np.array([added_keys.seen(keys, name) for name in names])

    def facts(self) -> tuple[tuple[str, str], ...]:
        """Return what is worth knowing about the character, a text and an icon each."""
        return ()


def of_child_meshes(armature: bpy.types.Object) -> tuple[bpy.types.Object, ...]:
    """Return the heads that hang on an armature which the add-on built."""
    return tuple(child for child in armature.children if has_keys(child))


def has_keys(obj: bpy.types.Object) -> bool:
    """Tell whether an object is a mesh with shape keys."""
    return obj.type == "MESH" and obj.data.shape_keys is not None


def is_in(scene: bpy.types.Scene, obj: bpy.types.Object) -> bool:
    """Tell whether an object is in a scene, where one that is linked may have the same name."""
    found = scene.objects.get(obj.name)
    if found is None or found == obj:
        return found is not None
    return any(each == obj for each in scene.objects)


def speaker_letter(armature: bpy.types.Object) -> str:
    """Return whose character an armature is: A or B."""
    return speakers.letter(armature[property_names.SPEAKER])
