"""What both people of a made-up dialogue do in one space: gaze that meets, heads, small moves.

Looks at the partner and away come from the plan that the add-on's gaze rig follows
(`core.directing.gaze_plan`,
whose docstring has the sources), drawn anew for each dialogue. The head takes over its share of the
angle to the partner and of large looks away, and eyes make up for every move of the head (the
vestibulo-ocular reflex), so that a look stays on the face while the head nods.
"""

from dataclasses import dataclass

import numpy as np
from dualtalk.core.directing.gaze_curves import GazeCurves, gaze_curves, head_share, with_blinks
from dualtalk.core.directing.gaze_plan import GazeHabit, plan_gaze
from dualtalk.core.directing.staging import LEAN_RANGE_RAD, Seat, Staging
from dualtalk.core.motion import NETWORK_FPS, Motion
from dualtalk.inference.mixed.gaze import gaze_eyes, gaze_head
from dualtalk.inference.networks.shared_space import Places
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation

Array = NDArray[np.float64]

#: Slow sway of a seated head about its place: across, up, towards the partner, metres. Ours: small
#: against the 0.1 m of a change of posture.
_SWAY_M = np.array([0.008, 0.005, 0.015])
_SWAY_S = 1.2
#: Who speaks leans in, and the partner follows a second later by this share (mimicry: Chartrand &
#: Bargh 1999 found that people take over postures; the numbers are ours).
_LEAN_IN_M, _MIRRORED, _MIRROR_DELAY_FRAMES = 0.012, 0.6, 25


@dataclass(frozen=True)
class Placed:
    """The motion of both that depends on where they are; index 0 of each array is the person."""

    head: Array  #: (2, n_frames, 3) axis-angle
    eyes: Array  #: (2, n_frames, 2, 3)
    translation: Array  #: (2, n_frames, 3) metres
    lids: Array  #: (2, n_frames) how far the looks' own blinks close them


def random_staging(generator: Generator) -> Staging:
    """Draw a staging: all that the sliders offer, the usual more often."""
    seats = []
    side = generator.normal(0, 0.5)  # both turned to the cameras, or both away
    for sign in (-1, 1):
        turn = np.clip(sign * side + generator.normal(0, 0.2), -1.4, 1.4)
        lean = np.clip(generator.normal(0, 0.12), *LEAN_RANGE_RAD)
        height = generator.choice((1.2, 1.2, 1.57)) + generator.normal(0, 0.06)
        seats.append(Seat(float(height), float(turn), float(lean)))
    distance = float(np.clip(np.exp(generator.normal(0.2, 0.55)), 0.35, 6.0))
    return Staging(distance, (seats[0], seats[1]))


def placed(
    staging: Staging, speaking: NDArray[np.bool_], offsets: Array, generator: Generator
) -> Placed:
    """Return gaze, head and translation of both.

    Args:
        staging: where both are.
        speaking: (2, n_frames).
        offsets: (2, n_frames, 3) axis-angle, what heads do whatever the gaze: nods, posture.
        generator: the source of every choice.
    """
    places = Places.of(staging)
    both = staging.placements()
    n_frames = speaking.shape[1]
    seed = int(generator.integers(2**31))
    plan = plan_gaze(speaking, (GazeHabit(), GazeHabit()), seed)
    translation = _translation(speaking, generator)
    heads, eyes, lids = [], [], []
    for who in (0, 1):
        share = head_share(both[who], both[1 - who])
        curves = gaze_curves(plan, who, share=share, seed=seed)
        head = gaze_head(places.partner_m[who], share, curves, n_frames)
        head = (Rotation.from_rotvec(head) * Rotation.from_rotvec(offsets[who])).as_rotvec()
        to_partner = places.partner_m[who] - translation[who]
        to_partner = to_partner + translation[1 - who] @ places.turn[who].T
        heads.append(head)
        eyes.append(gaze_eyes(to_partner, head, curves))
        lids.append(_lids(curves, n_frames))
    return Placed(np.stack(heads), np.stack(eyes), translation, np.stack(lids))


def _translation(speaking: NDArray[np.bool_], generator: Generator) -> Array:
    """Return how both sway and lean, (2, n_frames, 3) metres."""
    n = speaking.shape[1]
    sigma = _SWAY_S * NETWORK_FPS
    white = generator.standard_normal((2, n + 500, 3))
    sway = gaussian_filter1d(white, sigma, axis=1)[:, 250 : n + 250]
    sway *= np.sqrt(2 * np.sqrt(np.pi) * sigma) * _SWAY_M  # unit variance before
    own = sway
    own[..., 2] += _LEAN_IN_M * gaussian_filter1d(speaking.astype(float), sigma, axis=1)
    late = np.concatenate([np.repeat(own[:, :1], _MIRROR_DELAY_FRAMES, axis=1), own], axis=1)[:, :n]
    result: Array = own.copy()
    result[..., 2] += _MIRRORED * late[::-1, :, 2]
    return result


def _lids(curves: GazeCurves, n_frames: int) -> Array:
    """Return how far the blinks that come with looks close the lids, (n_frames,)."""
    still = Motion.at_rest(n_frames)
    lids: Array = with_blinks(still, curves.blinks, NETWORK_FPS).expression[:, 0].astype(float)
    return lids
