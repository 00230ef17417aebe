"""A motion becomes keys: shape keys, bones, one action per character."""

from collections.abc import Iterator
from typing import NamedTuple

import bpy
import numpy as np
from numpy.typing import NDArray

from ...core.edits.closures import closures
from ...core.edits.curve import Curve, Name
from ...core.motion import Motion
from ...core.motion_layers import of_shape
from .. import actions, compat, fcurves, timing
from ..characters.character import Character
from . import few_keys
from .editing import key_spans, written


def write_motion(
    character: Character,
    motion: Motion,
    scene: bpy.types.Scene,
    first_frame: int,
    has_few_keys: bool = False,
) -> None:
    """Write a motion onto a character; what an earlier run wrote is replaced.

    Curves of what a motion does not move, such as the object's place, go on playing.

    Args:
        character: in the motion's basis.
        motion: at any frame rate; it is resampled to the scene's.
        scene: whose frame rate counts.
        first_frame: scene frame of the motion's frame 0.
        has_few_keys: write the keys that are needed (`few_keys`) in place of one per frame.

    Raises:
        RigError: the motion does not fit the character.
    """
    character.check(motion)
    fps = timing.scene_fps(scene)
    at_scene_rate = character.fitted(motion).resampled(fps)
    others = _other_curves(character)
    character.rest()
    frames = first_frame + np.arange(at_scene_rate.n_frames, dtype=np.float32)
    before = [actions.playing(owner) for owner in _owners(character)]
    closed = closures(at_scene_rate.expression)
    action = actions.new(character.armature.name)
    channels: dict[bpy.types.ID, compat.Channels] = {}
    known: dict[tuple[str, Name], Curve] = {}
    for bone in _turns(at_scene_rate):
        character.armature.pose.bones[bone].rotation_mode = "QUATERNION"
    for part in parts(character, at_scene_rate):
        if part.is_face and not compat.SHARES_ACTIONS:
            action = actions.new(f"{part.title} face")
        channels[part.owner] = compat.animate(part.owner, action)
        empty = [
            channels[part.owner].new(track.path, track.index, track.group) for track in part.tracks
        ]
        if has_few_keys and part.tracks:
            for curve, made in zip(empty, _few(part, closed, first_frame), strict=True):
                key_spans.replace(curve, made)
            continue
        for curve, track in zip(empty, part.tracks, strict=True):
            values = np.asarray(track.values, np.float32)
            fcurves.set_keys(curve, frames, values)
            known[part.role, (track.path, track.index)] = Curve(frames, values)
    written.record(character, first_frame, at_scene_rate.n_frames, fps, known)
    for owner, curve in others:
        if fcurves.find_fcurve(owner, curve.data_path, curve.array_index) is None:
            fcurves.copy_curve(curve, channels[owner])
    for old in dict.fromkeys(before):
        actions.let_go(old)


def _few(part: "Part", closed: NDArray[np.bool_], first_frame: int) -> list[Curve]:
    """Return few keys for a part's tracks; what moves the lips has one at every closure."""
    values = np.stack([track.values for track in part.tracks])
    moves_lips = np.array([track.group in ("Lips", "jaw") for track in part.tracks])
    paths = [track.path for track in part.tracks]
    return few_keys.curves(
        part.owner, paths, values, first_frame, moves_lips[:, None] & closed[None]
    )


class Track(NamedTuple):
    """What is written into one curve."""

    path: str
    index: int  # type: ignore[assignment]  # of the curve, not of a value in the tuple
    group: str
    values: NDArray[np.floating]  #: (n_frames,)


class Part(NamedTuple):
    """The curves of one data-block."""

    role: str  #: as in `written.owners`
    owner: bpy.types.ID
    title: str
    is_face: bool
    tracks: list[Track]


def parts(character: Character, motion: Motion) -> Iterator[Part]:
    """Yield what a motion writes on a character: the bones, then the keys of each mesh.

    Args:
        character: whose bones and keys.
        motion: fitted to the character (`Character.fitted`).
    """
    body = [
        Track(f'pose.bones["{bone}"].rotation_quaternion', index, bone, values)
        for bone, vectors in _turns(motion).items()
        for index, values in enumerate(quaternions(vectors).T)
    ]
    if motion.translation.any():
        path = 'pose.bones["root"].location'
        body += [Track(path, i, "root", values) for i, values in enumerate(motion.translation.T)]
    for path, group, vectors in character.vector_tracks(motion):
        body += [Track(path, i, group, values) for i, values in enumerate(vectors.T)]
    armature = character.armature
    yield Part(written.BODY, armature, armature.name, False, body)
    meshes = list(character.meshes)
    for mesh, rows in character.key_tracks(motion):
        layers = character.key_layers(mesh)
        tracks = [
            # A group per layer, to edit or mute.
            Track(fcurves.key_path(name), 0, layers.get(name, of_shape(name)).title(), values)
            for name, values in rows
        ]
        role = written.face(meshes.index(mesh))
        yield Part(role, mesh.data.shape_keys, mesh.name, True, tracks)


def _owners(character: Character) -> list[bpy.types.ID]:
    return [owner for _, owner in written.owners(character)]


def _other_curves(character: Character) -> list[tuple[bpy.types.ID, bpy.types.FCurve]]:
    """Return the curves of what a motion does not move: they go on in the new actions."""
    armature = character.armature
    found: list[tuple[bpy.types.ID, bpy.types.FCurve]] = [
        (armature, curve)
        for curve in fcurves.curves_of(armature)
        if not character.moves(curve.data_path)
    ]
    for mesh in character.meshes:
        moved = {fcurves.key_path(name) for name in character.moved_keys(mesh)}
        keys = mesh.data.shape_keys
        found += [(keys, c) for c in fcurves.curves_of(keys) if c.data_path not in moved]
    return found


def quaternions(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Turn axis-angle vectors (n, 3) into unit quaternions (n, 4), w first, without jumps.

    Neighbours are on the same side of the sphere, so that linear keys never go the long way.
    """
    exact = vectors.astype(np.float64)
    angle = np.linalg.norm(exact, axis=1)
    # np.sinc(x) is sin(pi x) / (pi x), which is right at zero too.
    scale = 0.5 * np.sinc(angle / (2 * np.pi))
    result = np.concatenate([np.cos(angle / 2)[:, None], exact * scale[:, None]], axis=1)
    turns = np.sign((result[1:] * result[:-1]).sum(axis=1))
    result[1:] *= np.cumprod(np.where(turns < 0, -1.0, 1.0))[:, None]
    return result.astype(np.float32)


def _turns(motion: Motion) -> dict[str, NDArray[np.float32]]:
    """Return the rotations of the bones, axis-angle (n_frames, 3) each."""
    return {
        "neck": motion.head,
        "jaw": motion.jaw,
        "eye_left": motion.eyes[:, 0],
        "eye_right": motion.eyes[:, 1],
    }
