"""Eyes after sampling: looks that nearly meet the partner's face meet it, through every nod.

What the network learned from looks either at the face or at least 9 degrees past it (`core.gaze`).
Sampled eyes miss by some degrees, which is seen at once; so what lands near the face is drawn onto
it, softly, and what looks away is left alone. The head and the places are the network's own.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from ..core.gazecurves import EYE_LIMITS_RAD, head_share
from ..core.motion import Motion
from ..core.staging import Staging
from .mixed_space import Places, angles_to

Array = NDArray[np.float64]

#: Looks nearer to the face than the first are at it, farther than the second are away, radians.
_AT_FACE_RAD, _AWAY_RAD = np.radians(5.0), np.radians(9.0)


def settled(motions: tuple[Motion, Motion], staging: Staging) -> tuple[Motion, Motion]:
    """Return motions in the shared space whose eyes meet the face that they look at."""
    places = Places.of(staging)
    first, second = (_settled(motions[who], _to_partner(motions, places, who)) for who in (0, 1))
    return first, second


def for_gaze_rig(motions: tuple[Motion, Motion], staging: Staging) -> tuple[Motion, Motion]:
    """Take out of motions in the shared space what the rig's gaze adds by itself.

    In a scene the neck turns to the partner before its own keys count, and eyes are led by targets
    (docs/directing.md). What is left is as the network of two tracks writes it: the head from where
    the gaze turns it, and the eyes from the partner's face.
    """
    places, both = Places.of(staging), staging.placements()
    result = []
    for who, motion in enumerate(motions):
        share = head_share(both[who], both[1 - who])
        yaw, pitch = angles_to(places.partner_m[who])
        base = Rotation.from_euler("YX", [share * yaw, -share * pitch])
        head = Rotation.from_rotvec(motion.head)
        off = _off_partner(motion, _to_partner(motions, places, who))
        eyes = np.stack([-off[:, 1], off[:, 0], np.zeros(len(off))], axis=1)
        result.append(
            replace(
                motion,
                head=(base.inv() * head).as_rotvec().astype(np.float32),
                eyes=np.repeat(eyes[:, None], 2, axis=1).astype(np.float32),
            )
        )
    return result[0], result[1]


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


def _settled(motion: Motion, to_partner: Array) -> Motion:
    off = _off_partner(motion, to_partner)
    size = np.linalg.norm(off, axis=1, keepdims=True)
    away = np.clip((size - _AT_FACE_RAD) / (_AWAY_RAD - _AT_FACE_RAD), 0, 1)
    missed = off * (1 - away * away * (3 - 2 * away))  # by which both eyes turn back
    head = Rotation.from_rotvec(motion.head)
    eyes = np.empty_like(motion.eyes)
    for which in (0, 1):
        eye = Rotation.from_rotvec(motion.eyes[:, which])
        yaw, pitch = angles_to((head * eye).apply([0.0, 0.0, 1.0]))
        eyes[:, which] = _eye_towards(head, yaw - missed[:, 0], pitch - missed[:, 1])
    return replace(motion, eyes=eyes)


def _eye_towards(head: Rotation, yaw: Array, pitch: Array) -> Array:
    """Return the eye's rotation in the head, (n_frames, 3), to a direction outside of it."""
    look = [np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)]
    yaw, pitch = angles_to(head.inv().apply(np.stack(look, axis=1)))
    side, up, down = EYE_LIMITS_RAD
    yaw, pitch = np.clip(yaw, -side, side), np.clip(pitch, -down, up)
    result: Array = Rotation.from_euler("YX", np.stack([yaw, -pitch], axis=1)).as_rotvec()
    return result
