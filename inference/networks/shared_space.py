"""Two heads in one space, as the network of one mixed track knows it.

Each person's axes are those of `core.motion` at rest: x to the own left, y up, z out of the face,
origin midway between the eyes. A head turns about that point: what the neck adds to the place of
the eyes (some centimetres at a large turn) is left out, also in training.
"""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from numpy.typing import NDArray
from torch import Tensor

from ...core.directing.staging import Staging

Vector = NDArray[np.float64]

#: Numbers per person that tell the network where both are: the direction to the partner's eyes
#: (3), the logarithm of the distance, the direction in which the partner sees one (3), and 1 for
#: "known", which is 0 with all else where guidance leaves the staging out.
N_PLACE = 8
#: From a character's axes (faces -y, z up) to those of a motion.
_TO_MOTION = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])


@dataclass(frozen=True)
class Places:
    """Where each of the two sees the other at rest."""

    partner_m: Vector  #: (2, 3) the partner's eyes in one's own axes
    turn: Vector  #: (2, 3, 3) from the partner's axes to one's own

    @staticmethod
    def of(staging: Staging) -> "Places":
        """Return the places of a staging."""
        both = staging.placements()
        axes = [_TO_MOTION @ place.rotation.T for place in both]  # scene -> own
        apart = [both[1 - i].eyes_m - both[i].eyes_m for i in (0, 1)]
        return Places(
            np.stack([axes[i] @ apart[i] for i in (0, 1)]),
            np.stack([axes[i] @ axes[1 - i].T for i in (0, 1)]),
        )

    def conditions(self) -> NDArray[np.float32]:
        """Return what the network is told, (2, `N_PLACE`)."""
        distance = np.linalg.norm(self.partner_m, axis=1, keepdims=True)
        towards = self.partner_m / np.maximum(distance, 1e-6)
        numbers = [towards, np.log(np.maximum(distance, 1e-3)), towards[::-1], np.ones((2, 1))]
        joined: NDArray[np.float32] = np.concatenate(numbers, axis=1).astype(np.float32)
        return joined


def angles_to(direction: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return yaw (to the own left) and pitch (up) of directions (..., 3), radians."""
    x, y, z = np.moveaxis(direction, -1, 0)
    return np.arctan2(x, z), np.arctan2(y, np.hypot(x, z))


def rotated(vectors: Tensor, points: Tensor) -> Tensor:
    """Turn points (..., 3) by axis-angle vectors (..., 3) (Rodrigues' formula)."""
    angle = torch.sqrt(vectors.square().sum(dim=-1, keepdim=True) + 1e-12)
    axis = (vectors / angle).expand_as(points)
    along = (axis * points).sum(dim=-1, keepdim=True)
    cos, sin = angle.cos(), angle.sin()
    crossed = torch.linalg.cross(axis, points, dim=-1)
    turned: Tensor = points * cos + crossed * sin + axis * along * (1 - cos)
    return turned


def eye_direction(eyes: Tensor) -> Tensor:
    """Return the mean direction of both eyes in the head, (..., 3), for eyes (..., 2, 3)."""
    forward = eyes.new_tensor([0.0, 0.0, 1.0]).expand_as(eyes)
    return F.normalize(rotated(eyes, forward).mean(dim=-2), dim=-1)


def gaze_error(
    head: Tensor, eyes: Tensor, translation: Tensor, partner_m: Tensor, turn: Tensor
) -> Tensor:
    """Return the eye ray less the direction to the partner's head, in one's own axes.

    Its length is the chord of the angle between the two: 2 sin(angle / 2).

    Args:
        head: (B, 2, T, 3) axis-angle of both people; all else alike.
        eyes: (B, 2, T, 2, 3).
        translation: (B, 2, T, 3) metres, each in the own axes.
        partner_m: (B, 2, 3) of `Places`.
        turn: (B, 2, 3, 3) of `Places`.
    """
    ray = rotated(head, eye_direction(eyes))
    moved = torch.einsum("bpij,bptj->bpti", turn, translation.flip(1))
    to_partner = partner_m[:, :, None] + moved - translation
    return ray - F.normalize(to_partner, dim=-1)


def gaze_angles(
    head: NDArray[np.float32],
    eyes: NDArray[np.float32],
    translation: NDArray[np.float32],
    places: Places,
) -> NDArray[np.float64]:
    """Return the angle between each eye ray and the partner's head, (2, T) radians.

    Args:
        head: (2, T, 3), eyes (2, T, 2, 3) and translation (2, T, 3) of both people.
        places: where both are.
    """
    given = [torch.from_numpy(np.asarray(x, np.float64))[None] for x in (head, eyes, translation)]
    placed = [torch.from_numpy(x)[None] for x in (places.partner_m, places.turn)]
    chord = gaze_error(*given, *placed)[0].norm(dim=-1)
    angle: NDArray[np.float64] = (2 * torch.asin((chord / 2).clamp(max=1.0))).numpy()
    return angle
