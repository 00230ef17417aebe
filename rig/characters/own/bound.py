"""An animator's own character, moved through an armature of ours beside it; letting it go again.

`binding` makes one, and says what it puts on the character; `release` takes all of that off.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import bpy
import numpy as np
from numpy.typing import NDArray

from ....core.faces.bone_names import Role
from ....core.faces.shape_names import JAW_CONTROLS
from ....core.motion import Motion
from ....core.motion_layers import Layer, of_shape
from ....core.names import ARKIT_INDEX, ARKIT_SHAPES, JAW_OPEN_RAD, Basis
from ... import actions, notes, property_names
from .. import added_keys, hindrances
from ..built import delete_armature
from ..character import Character, KeyTrack, ShapeReader, has_keys, speaker_letter
from . import bound_keys
from .read_back import Mixture

#: The name of our constraints on the character.
FOLLOW = "DualTalk follow"
#: Rotation of the jaw about y that is ARKit's jawLeft = 1, radians; a guess by eye.
_JAW_SIDE_RAD = 0.12
_MOST_NAMES = 6


@dataclass(frozen=True)
class BoundCharacter(Character):
    """A character of the animator's; it goes back to what it was when it is removed."""

    kind: ClassVar[str] = "bound"
    label: ClassVar[str] = "Own character"
    basis: ClassVar[Basis] = "arkit"
    is_placed_on_arrival: ClassVar[bool] = True

    @classmethod
    def found(cls, armature: bpy.types.Object, scene: bpy.types.Scene) -> Self | None:
        """Return the character, or None if all of its meshes are gone."""
        meshes = tuple(obj for obj in bound_keys.meshes(armature) if _is_whole(obj, scene))
        return cls(armature, meshes) if meshes else None

    @classmethod
    def damage(cls, armature: bpy.types.Object, scene: bpy.types.Scene) -> str:
        """Return which part of the character was deleted, if one was."""
        who = f"speaker {speaker_letter(armature)}'s character"
        there = [obj for obj in bound_keys.meshes(armature) if _is_whole(obj, scene)]
        if len(there) < bound_keys.n_meshes(armature):
            return f"A mesh of {who} was deleted: unbind it, then bind again."
        if property_names.RIG in armature and not _is_in(armature[property_names.RIG], scene):
            return f"The armature of {who} was deleted: unbind it."
        return ""

    @classmethod
    def remove(cls, armature: bpy.types.Object) -> None:
        """Let the character go: all is as it was before it was bound, our armature is deleted."""
        release(armature)

    @property
    def bones(self) -> dict[Role, str]:
        """The character's bones that follow, by what they are."""
        bones: dict[Role, str] = notes.read(self.armature, property_names.BONES, {})
        return bones

    @property
    def missing(self) -> tuple[str, ...]:
        """The controls that had neither keys nor bones when the character was bound."""
        return tuple(self._lacks().get("missing", ()))

    @property
    def derived(self) -> dict[str, str]:
        """The controls that other keys stood for when it was bound, and these keys."""
        found: dict[str, str] = self._lacks().get("derived", {})
        return found

    @property
    def rig(self) -> bpy.types.Object | None:
        """The character's own armature."""
        return self.armature.get(property_names.RIG)

    @property
    def hindrances(self) -> list[str]:
        """What hides the motion, with the remedy, a line each."""
        lines = [line for m in self.meshes for line in hindrances.of_mesh(m, self.weights(m))]
        return [*lines, *hindrances.of_armature(self.rig)]

    @property
    def objects(self) -> tuple[bpy.types.Object, ...]:
        """Our armature, for its action; the meshes; the character's own armature."""
        return (*super().objects, *([self.rig] if self.rig is not None else []))

    @property
    def carried_objects(self) -> tuple[bpy.types.Object, ...]:
        """The character's own armature, and what carries it and its meshes."""
        carried = [obj for obj in self._own_objects() if any(map(_is_ours, obj.constraints))]
        return tuple(dict.fromkeys([*([self.rig] if self.rig is not None else []), *carried]))

    def _own_objects(self) -> Iterator[bpy.types.Object]:
        for obj in (*([self.rig] if self.rig is not None else []), *self.meshes):
            above: bpy.types.Object | None = obj
            while above is not None:
                yield above
                above = above.parent

    def weights(self, mesh: bpy.types.Object) -> dict[str, dict[str, float]]:
        """Return what moves the keys of a mesh: key -> control -> factor."""
        return bound_keys.weights(self.armature, mesh)

    def fitted(self, motion: Motion) -> Motion:
        """Keep the jaw shut behind closed lips if the character has no key that closes them.

        `mouthClose` holds the lips together over a jaw that opens; without it the lips would part.
        """
        keys = [self.weights(mesh) for mesh in self.meshes]
        if any("mouthClose" in controls for mesh in keys for controls in mesh.values()):
            return motion
        jaw = motion.jaw.copy()
        closed = motion.expression[:, ARKIT_INDEX["mouthClose"]] * JAW_OPEN_RAD
        jaw[:, 0] = np.maximum(jaw[:, 0] - closed, np.minimum(jaw[:, 0], 0))
        return replace(motion, jaw=jaw)

    def key_tracks(self, motion: Motion) -> list[tuple[bpy.types.Object, list[KeyTrack]]]:
        """Add up for each key of each mesh what its controls do."""
        controls = dict(zip(ARKIT_SHAPES, motion.expression.T, strict=True))
        if "jaw" not in self.bones:
            controls |= _jaw_controls(motion.jaw)
        return [(mesh, list(self._tracks_of(mesh, controls))) for mesh in self.meshes]

    def moved_keys(self, mesh: bpy.types.Object) -> frozenset[str]:
        """Return the keys that controls move."""
        return frozenset(self.weights(mesh))

    def lid_weights(self, mesh: bpy.types.Object) -> dict[str, dict[str, float]]:
        """Return what moves the keys of a mesh, lids among them."""
        return self.weights(mesh)

    def controls_of(self, mesh: bpy.types.Object) -> dict[str, dict[str, float]]:
        """Return what the keys of a mesh are made of."""
        return self.weights(mesh)

    def key_layers(self, mesh: bpy.types.Object) -> dict[str, Layer]:
        """Return the layers of the keys, by the control that moves each the most."""
        found = self.weights(mesh)
        strongest = {
            key: max(by, key=lambda name: abs(by[name])) for key, by in found.items() if by
        }
        return {key: of_shape(control) for key, control in strongest.items()}

    def shape_reader(self, basis: Basis) -> ShapeReader:
        """Return what tells ARKit's shapes from the keys, by the table that moves them."""
        table = [
            (index, key, controls)
            for index, mesh in enumerate(self.meshes)
            for key, controls in self.weights(mesh).items()
            if key in mesh.data.shape_keys.key_blocks
        ]
        if "jaw" in self.bones:  # keys are not moved by the jaw then
            table = [(i, key, _without_jaw(controls)) for i, key, controls in table]
        mixture = Mixture(table, JAW_CONTROLS)
        blocks = [mesh.data.shape_keys.key_blocks for mesh in self.meshes]

        def read(jaw: NDArray[np.float32]) -> NDArray[np.float64]:
            values = [added_keys.seen(blocks[index], key) for index, key in mixture.keys]
            opened = _jaw_controls(jaw[None])
            return mixture.controls(values, [float(opened[name][0]) for name in JAW_CONTROLS])

        return read

    def facts(self) -> tuple[tuple[str, str], ...]:
        """Return the face's name, the bones that follow and what is missing."""
        bones = ", ".join(self.bones.values())
        lines = [
            (self.mesh.name, "MESH_DATA"),
            (bones or "no bones: it turns as a whole", "BONE_DATA"),
        ]
        if self.missing:
            n_more = len(self.missing) - _MOST_NAMES
            some = ", ".join(self.missing[:_MOST_NAMES])
            more = f" and {n_more} more" if n_more > 0 else ""
            lines.append((f"Shapes missing: {some}{more}", "INFO"))
        return tuple(lines)

    def _lacks(self) -> dict[str, Any]:
        found: dict[str, Any] = notes.read(self.armature, property_names.MISSING, {})
        return found

    def _tracks_of(
        self, mesh: bpy.types.Object, controls: Mapping[str, NDArray[np.float32]]
    ) -> Iterator[KeyTrack]:
        there = mesh.data.shape_keys.key_blocks
        for key, by in self.weights(mesh).items():
            moving = [factor * controls[name] for name, factor in by.items() if name in controls]
            if moving and key in there:
                yield key, np.sum(moving, axis=0, dtype=np.float32)


def release(control: bpy.types.Object) -> None:
    """Take everything off a character that `binding.bind` put there, however far it came.

    Parts of the character that were deleted meanwhile are skipped.
    """
    bound_keys.restore(control)
    for owner in _constrained(control):
        remove_constraints(owner, control)
    actions.remove(control)
    delete_armature(control)


def release_orphans(scene: bpy.types.Scene, speaker: int) -> bool:
    """Give a character back whose armature of ours was deleted; return whether there was one."""
    found = bound_keys.orphans(scene, speaker)
    for obj in found:
        bound_keys.restore_orphan(obj)
    for owner in _constrained(None) if found else ():
        remove_constraints(owner)
    return bool(found)


def remove_constraints(
    owner: bpy.types.Object | bpy.types.PoseBone, control: bpy.types.Object | None = None
) -> None:
    """Remove our constraints that point to an armature of ours, or whose target is gone."""
    for constraint in list(owner.constraints):
        if constraint.name.startswith(FOLLOW) and constraint.target in (control, None):
            owner.constraints.remove(constraint)


def _is_ours(constraint: bpy.types.Constraint) -> bool:
    return constraint.name.startswith(FOLLOW)


def _constrained(control: bpy.types.Object | None) -> list[bpy.types.Object | bpy.types.PoseBone]:
    """Return whatever may have constraints of ours: the character's objects and its bones."""
    owners: list[bpy.types.Object | bpy.types.PoseBone] = list(bpy.data.objects)
    rig = None if control is None else control.get(property_names.RIG)
    rigs = [rig] if rig is not None else [o for o in bpy.data.objects if o.type == "ARMATURE"]
    for armature in rigs:
        if armature != control:
            owners += armature.pose.bones
    return owners


def _is_whole(obj: bpy.types.Object, scene: bpy.types.Scene) -> bool:
    return _is_in(obj, scene) and has_keys(obj)


def _is_in(obj: bpy.types.Object | None, scene: bpy.types.Scene) -> bool:
    """Tell whether an object still exists; one that was deleted lives on while it is noted."""
    return obj is not None and obj.name in scene.objects


def _without_jaw(controls: Mapping[str, float]) -> dict[str, float]:
    return {name: factor for name, factor in controls.items() if name not in JAW_CONTROLS}


def _jaw_controls(jaw: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """Return the jaw's rotation (n_frames, 3) as ARKit's shapes, which know no rotation."""
    side = jaw[:, 1] / _JAW_SIDE_RAD
    values = (jaw[:, 0] / JAW_OPEN_RAD, side, -side, np.zeros_like(side))
    return {
        name: np.clip(value, 0, 1).astype(np.float32)
        for name, value in zip(JAW_CONTROLS, values, strict=True)
    }
