"""Eyes after sampling: looks are read from the eye rays, and the eyes then meet them exactly.

What the network learned from looks either at the partner's face or at least 9 degrees past it, and
rests there between jumps (`core.directing.gaze_plan`). Sampled eyes miss by some degrees and drift,
which is seen.
So when and where to look is the network's decision, as are head and places; how eyes rest,
jump, and make up for every nod (the vestibulo-ocular reflex) follows from it.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, median_filter
from scipy.spatial.transform import Rotation

from ...core.directing.gaze_curves import EYE_LIMITS_RAD, GazeCurves, gaze_curves, head_share
from ...core.directing.gaze_plan import GazePlan, Look
from ...core.directing.staging import Staging
from ...core.motion import Motion
from ..networks.shared_space import Places, angles_to

Array = NDArray[np.float64]

#: Looks nearer to the face than the first are at it, all others at least the second away, radians.
#: The first is where looks are at the face for as long as in the truth, on scenes of people who are
#: neither trained on nor reported (`python -m training.mixed.choose`).
AT_FACE_RAD, _AWAY_RAD = float(np.radians(5.25)), np.radians(9.0)
_HALF_EYE_DISTANCE_M = 0.032
#: Eyes that turn this far in one frame jump; what is shorter than this is no fixation.
_JUMP_RAD, _FIXATION_FRAMES = np.radians(5.0), 6
#: How sharply heads turn, frames.
_HEAD_EASE_FRAMES = 3.0


def with_fixations(
    motions: tuple[Motion, Motion], places: Places, at_face_rad: float = AT_FACE_RAD
) -> tuple[Motion, Motion]:
    """Return motions in the shared space whose eyes rest on what they look at, and jump between."""
    plan = plan_of(motions, places, at_face_rad)
    result = []
    for who, motion in enumerate(motions):
        curves = gaze_curves(plan, who)
        eyes = gaze_eyes(_to_partner(motions, places, who), motion.head.astype(np.float64), curves)
        result.append(replace(motion, eyes=eyes.astype(np.float32)))
    return result[0], result[1]


def plan_of(
    motions: tuple[Motion, Motion], places: Places, at_face_rad: float = AT_FACE_RAD
) -> GazePlan:
    """Read where both look from motions in the shared space."""
    off = [_off_partner(motions[i], _to_partner(motions, places, i)) for i in (0, 1)]
    first, second = (looks_of(one, at_face_rad) for one in off)
    return GazePlan((first, second), motions[0].n_frames)


def gaze_eyes(to_partner: Array, head: Array, curves: GazeCurves) -> Array:
    """Return the rotation of both eyes in the head, (n_frames, 2, 3), that meets the look.

    Args:
        to_partner: (n_frames, 3) where the partner's eyes are in one's own axes, metres.
        head: (n_frames, 3) axis-angle.
        curves: of the person's looks.
    """
    frames = np.arange(len(head))
    off = 1 - np.interp(frames, curves.partner.frames, curves.partner.values)
    yaw, pitch = angles_to(to_partner)
    away = [np.interp(frames, keys.frames, keys.values) for keys in curves.away]
    yaw, pitch = yaw + off * away[0], pitch + off * away[1]
    look = np.stack(
        [np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)], axis=1
    )
    distance = np.linalg.norm(to_partner, axis=1, keepdims=True)
    at = Rotation.from_rotvec(head).inv().apply(look * distance)
    side, up, down = EYE_LIMITS_RAD
    result = np.zeros((len(head), 2, 3))
    for which, x in enumerate((_HALF_EYE_DISTANCE_M, -_HALF_EYE_DISTANCE_M)):
        yaw, pitch = angles_to(at - np.array([x, 0.0, 0.0]))
        yaw, pitch = np.clip(yaw, -side, side), np.clip(pitch, -down, up)
        result[:, which] = Rotation.from_euler("YX", np.stack([yaw, -pitch], axis=1)).as_rotvec()
    return result


def for_gaze_rig(
    motions: tuple[Motion, Motion], staging: Staging
) -> tuple[tuple[Motion, Motion], GazePlan]:
    """Split motions in the shared space into what the rig's gaze does by itself and the rest.

    In a scene the neck turns to the partner and after large looks before its own keys count, and
    eyes are led by targets whose keys the animator edits (docs/directing.md). The plan makes the
    rig look where the network looks; the rest is as the network of two tracks writes it: the head
    from where the gaze turns it, and the eyes from the partner's face.
    """
    places, both = Places.of(staging), staging.placements()
    off = [_off_partner(motions[i], _to_partner(motions, places, i)) for i in (0, 1)]
    plan = GazePlan((looks_of(off[0]), looks_of(off[1])), motions[0].n_frames)
    result = []
    for who, motion in enumerate(motions):
        share = head_share(both[who], both[1 - who])
        curves = gaze_curves(plan, who, share=share)
        led = gaze_head(places.partner_m[who], share, curves, motion.n_frames)
        head = Rotation.from_rotvec(led).inv() * Rotation.from_rotvec(motion.head)
        eyes = np.stack([-off[who][:, 1], off[who][:, 0], np.zeros(len(off[who]))], axis=1)
        result.append(
            replace(
                motion,
                head=head.as_rotvec().astype(np.float32),
                eyes=np.repeat(eyes[:, None], 2, axis=1).astype(np.float32),
            )
        )
    return (result[0], result[1]), plan


def gaze_head(partner_m: Array, share: float, curves: GazeCurves, n_frames: int) -> Array:
    """Return where gaze turns the head, (n_frames, 3) axis-angle: yaw, then pitch.

    Args:
        partner_m: (3,) of `Places`.
        share: `head_share` of the person.
        curves: of the person's looks, made with that share.
        n_frames: of the motion.
    """
    yaw, pitch = (float(angle) for angle in angles_to(partner_m))
    aims = [np.interp(np.arange(n_frames), keys.frames, keys.values) for keys in curves.head]
    eased = gaussian_filter1d(share * np.stack(aims, axis=1), _HEAD_EASE_FRAMES, axis=0)
    angles = np.stack([share * yaw + eased[:, 0], -share * pitch - eased[:, 1]], axis=1)
    result: Array = Rotation.from_euler("YX", angles).as_rotvec()
    return result


def looks_of(off: Array, at_face_rad: float = AT_FACE_RAD) -> tuple[Look, ...]:
    """Read looks from yaw and pitch off the partner's face, (n_frames, 2) radians.

    A look begins where the gaze lands on the face, leaves it, or jumps from place to place; what is
    shorter than a fixation belongs to the look before it.
    """
    at_face = median_filter(np.linalg.norm(off, axis=1), _FIXATION_FRAMES - 1) < at_face_rad
    jumps = np.linalg.norm(np.diff(off, axis=0), axis=1) > _JUMP_RAD
    edges = np.flatnonzero((np.diff(at_face) != 0) | (jumps & ~at_face[1:])) + 1
    starts = [0]
    for edge in (*edges.tolist(), len(off)):
        if edge - starts[-1] >= _FIXATION_FRAMES or edge == len(off):
            starts.append(edge)
    looks: list[Look] = []
    for first, last in pairwise(starts):
        span = slice(min(first + 2, last - 1), last)  # less the jump itself
        if at_face[span].mean() >= 0.5:
            if not looks or looks[-1].aim != "partner":
                looks.append(Look(first, "partner"))
        else:
            yaw, pitch = np.median(off[span], axis=0)
            more = max(1.0, _AWAY_RAD / max(float(np.hypot(yaw, pitch)), 1e-6))
            looks.append(Look(first, "away", float(more * yaw), float(more * pitch)))
    return tuple(looks)


def _to_partner(motions: tuple[Motion, Motion], places: Places, who: int) -> Array:
    """Return where the partner's eyes are in one's own axes, (n_frames, 3) metres."""
    partner = motions[1 - who].translation.astype(np.float64) @ places.turn[who].T
    result: Array = places.partner_m[who] + partner - motions[who].translation
    return result


def _off_partner(motion: Motion, to_partner: Array) -> Array:
    """Return yaw and pitch by which the eyes' mean ray misses the partner, (n_frames, 2)."""
    forward = Rotation.from_rotvec(motion.eyes.reshape(-1, 3)).apply([0.0, 0.0, 1.0])
    ray = Rotation.from_rotvec(motion.head).apply(forward.reshape(-1, 2, 3).mean(axis=1))
    off = np.stack(angles_to(ray), axis=1) - np.stack(angles_to(to_partner), axis=1)
    off[:, 0] = np.remainder(off[:, 0] + np.pi, 2 * np.pi) - np.pi
    return off
