"""A dialogue in which one face or both are captured, and whoever is not reacts.

A recording is in the space of its camera. The direction in which its gaze rests most is taken for
the partner's face; the head is turned so that this is where staging has the partner, and looks are
read from eyes and head as those of the mixed network are (`mixed.gaze`). Where the eyes were not
recorded, the head's usual direction is its rest, and looks are planned from who speaks.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from ...core.conversation import turns
from ...core.conversation.dialogue import SAMPLE_RATE, Dialogue
from ...core.directing.gaze_curves import gaze_curves, head_share
from ...core.directing.gaze_plan import GazePlan, plan_gaze
from ...core.directing.staging import Staging, default_staging
from ...core.formats import captured
from ...core.motion import NETWORK_FPS, Motion
from ...core.progress import Report, silent
from ..checkpoints import Checkpoint
from ..mixed.gaze import gaze_head, looks_of
from ..networks.shared_space import Places, angles_to
from ..postprocess.retarget import retargeted
from .predict import PredictOptions, predict_reaction

Array = NDArray[np.float64]

#: Directions this near to each other are looks at one thing, radians.
_ONE_THING_RAD = float(np.radians(6.0))
#: As many frames tell where the gaze rests most.
_MOST_COMPARED = 600


@dataclass(frozen=True)
class Face:
    """A recording, and where it belongs."""

    motion: Motion  #: as recorded
    starts_s: float = 0.0  #: when in the sound it begins
    name: str = "The face"


@dataclass(frozen=True)
class Together:
    """What both do, as the rig takes it."""

    motions: tuple[Motion, Motion]
    speaking: NDArray[np.bool_]  #: (2, n_frames)
    gaze: GazePlan
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Turned:
    """A recording over the dialogue's frames, with its head in the staged space."""

    motion: Motion  #: without recorded eyes the head is relative to where gaze turns it
    off: Array | None  #: (n_frames, 2) yaw and pitch off the partner's face; None: not recorded


Faces = tuple[Face | None, Face | None]


def silence_for(faces: Faces) -> Dialogue:
    """Return silence as long as the longest recording, for faces without any sound."""
    lengths = [captured.n_frames_of(one.motion, one.starts_s) for one in faces if one is not None]
    n_samples = round(max(lengths) * SAMPLE_RATE / NETWORK_FPS)
    return Dialogue(np.zeros((2, n_samples), np.float32))


def perform(
    dialogue: Dialogue,
    faces: Faces,
    load: Callable[[], Checkpoint],
    options: PredictOptions,
    staging: Staging | None = None,
    report: Report = silent,
) -> Together:
    """Return both heads: those that are captured, and the reaction of the one that is not.

    Args:
        dialogue: the sound; the row of somebody without sound is zero.
        faces: the recordings, at least one.
        load: gives the network; for two recordings it is not asked.
        options: of the network.
        staging: where the two are; None: an interview.
        report: told how far it is.

    Raises:
        InputError: a recording lies outside of the dialogue.
        CancelledError: `report` asked for it.
    """
    staging = staging or default_staging()
    notes = list(dialogue.notes)
    found: list[_Turned | None] = []
    speaking = turns.speaking(dialogue.tracks)
    for who, face in enumerate(faces):
        if face is None:
            found.append(None)
            continue
        one = captured.fitted(face.motion, dialogue.n_frames, face.starts_s, face.name)
        notes += [one.note] if one.note else []
        if not dialogue.tracks[who].any():
            speaking[who] = captured.speaking(one.motion)
        found.append(_turned(one, Places.of(staging), who))
    plan = _plan(found, speaking, options.seed)
    first, second = (
        None if one is None else _without_gaze(one, plan, staging, who)
        for who, one in enumerate(found)
    )
    if second is None and first is not None:
        second = _reaction(dialogue, 1, first, load(), options, report)
    elif first is None and second is not None:
        first = _reaction(dialogue, 0, second, load(), options, report)
    if first is None or second is None:
        raise ValueError("no face is captured")
    return Together((first, second), speaking, plan, tuple(notes))


def facing(motion: Motion, has_eyes: bool) -> tuple[float, float]:
    """Return yaw (to the own left) and pitch (up) at which the gaze rests most, radians."""
    rays = _rays(motion, has_eyes)
    some = rays[:: max(1, len(rays) // _MOST_COMPARED)]
    near = some @ some.T > np.cos(_ONE_THING_RAD)  # (n, n)
    most = some[near[near.sum(axis=1).argmax()]].mean(axis=0)
    yaw, pitch = angles_to(most)
    return float(yaw), float(pitch)


def _turned(one: captured.Fitted, places: Places, who: int) -> _Turned:
    head = _turn(*facing(one.motion, one.has_eyes)).inv() * Rotation.from_rotvec(one.motion.head)
    if not one.has_eyes:
        return _Turned(replace(one.motion, head=head.as_rotvec().astype(np.float32)), None)
    yaw, pitch = (float(angle) for angle in angles_to(places.partner_m[who]))
    head = _turn(yaw, pitch) * head
    motion = replace(one.motion, head=head.as_rotvec().astype(np.float32))
    off = np.stack(angles_to(_rays(motion, True)), axis=1) - [yaw, pitch]
    off[:, 0] = np.remainder(off[:, 0] + np.pi, 2 * np.pi) - np.pi
    return _Turned(motion, off)


def _plan(found: list[_Turned | None], speaking: NDArray[np.bool_], seed: int) -> GazePlan:
    """Return where both look: as it was recorded, or planned from who speaks."""
    planned = plan_gaze(speaking, seed=seed)
    first, second = (
        looks if one is None or one.off is None else looks_of(one.off)
        for one, looks in zip(found, planned.looks, strict=True)
    )
    lids = (found[0] is not None, found[1] is not None)
    return replace(planned, looks=(first, second), own_lids=lids)


def _without_gaze(one: _Turned, plan: GazePlan, staging: Staging, who: int) -> Motion:
    """Return what is left of a recording once the rig's gaze has turned head and eyes."""
    if one.off is None:
        return one.motion
    both = staging.placements()
    share = head_share(both[who], both[1 - who])
    curves = gaze_curves(plan, who, share=share)
    led = gaze_head(Places.of(staging).partner_m[who], share, curves, one.motion.n_frames)
    head = Rotation.from_rotvec(led).inv() * Rotation.from_rotvec(one.motion.head)
    eyes = np.stack([-one.off[:, 1], one.off[:, 0], np.zeros(len(one.off))], axis=1)
    return replace(
        one.motion,
        head=head.as_rotvec().astype(np.float32),
        eyes=np.repeat(eyes[:, None], 2, axis=1).astype(np.float32),
    )


def _reaction(
    dialogue: Dialogue,
    who: int,
    partner: Motion,
    checkpoint: Checkpoint,
    options: PredictOptions,
    report: Report,
) -> Motion:
    own_first = dialogue if who == 0 else dialogue.swapped()
    given = retargeted(partner, checkpoint.basis)
    return predict_reaction(own_first, checkpoint, options, given, report)


def _rays(motion: Motion, has_eyes: bool) -> Array:
    """Return where the gaze goes, unit vectors (n_frames, 3)."""
    forward = np.tile([0.0, 0.0, 1.0], (motion.n_frames, 1))
    if has_eyes:
        each = Rotation.from_rotvec(motion.eyes.reshape(-1, 3)).apply([0.0, 0.0, 1.0])
        forward = each.reshape(-1, 2, 3).mean(axis=1)
        forward /= np.linalg.norm(forward, axis=1, keepdims=True)
    rays: Array = Rotation.from_rotvec(motion.head).apply(forward)
    return rays


def _turn(yaw: float, pitch: float) -> Rotation:
    return Rotation.from_euler("YX", [yaw, -pitch])
