"""What the network of one mixed track is trained to do ("Talking Together", section on losses)."""

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F  # noqa: N812
from dualtalk.core.names import ARKIT_INDEX, ARKIT_SHAPES
from dualtalk.inference.networks.shared_space import eye_direction, gaze_error
from dualtalk.inference.networks.unet import N_MOTION
from dualtalk.training.mixed.config import Weights
from dualtalk.training.two_track.losses import closing_loss, trusted
from torch import Tensor

_E = len(ARKIT_SHAPES)
_JAW, _HEAD = slice(_E, _E + 3), slice(_E + 3, _E + 6)
_EYES, _PLACE = slice(_E + 6, _E + 12), slice(_E + 12, _E + 15)
_LIDS = [ARKIT_INDEX["eyeBlinkLeft"], ARKIT_INDEX["eyeBlinkRight"]]
#: A smile is six shapes of forty and rare: unweighted, no network learned that smiles are answered.
_SMILES = [
    ARKIT_INDEX[f"{part}{side}"]
    for part in ("mouthSmile", "cheekSquint", "eyeSquint")
    for side in ("Left", "Right")
]
_MOUTH = slice(ARKIT_INDEX["mouthClose"], ARKIT_INDEX["mouthUpperUpRight"] + 1)
#: Few channels that are seen at once, still or small for most of the time.
_LIDS_WEIGHT, _JAW_WEIGHT = 3.0, 4.0

#: Of a loss, on its device: to read one waits for all that the device has to do.
Parts = dict[str, Tensor]


@dataclass(frozen=True)
class Truth:
    """Scenes as the loss needs them; rows 2 i and 2 i + 1 are the two people of one scene."""

    clean: Tensor  #: (2 B, T, 55) normalised
    partner_m: Tensor  #: (B, 2, 3)
    turn: Tensor  #: (B, 2, 3, 3)
    trust: Tensor | None = None  #: (2 B, T, 55) how much each number counts; None: all alike

    def toward(self, kept: Tensor) -> "Truth":
        """Return a truth that is what a network gave before, `kept`, where this is not trusted.

        The error to it has the gradient of both errors, each as much as it is trusted.
        """
        if self.trust is None:
            return self
        return replace(self, clean=kept.lerp(self.clean, self.trust), trust=None)


@dataclass(frozen=True)
class Scale:
    """From the network's numbers to metres, radians and shapes."""

    mean: Tensor  #: (55,)
    std: Tensor  #: (55,)

    def physical(self, x: Tensor) -> Tensor:
        """Undo the normalisation of (..., 55)."""
        return x * self.std + self.mean


def full_loss(
    clean: Tensor, truth: Truth, scale: Scale, weights: Weights, smiles: float = 1.0
) -> tuple[Tensor, Parts]:
    """Return the loss of predicted motion (2 B, T, 55) and its parts, weighted.

    Smiles count `smiles` times as much as other shapes (`MixedStage.smiles`).
    """
    if truth.trust is not None:
        clean = trusted(clean, truth.clean, truth.trust)
    square = (clean - truth.clean).square().mean(dim=(0, 1))  # (55,)
    each = _weight_of_each(smiles).to(square.device)
    square = square * each
    speed = (clean.diff(dim=1) - truth.clean.diff(dim=1)).square().mean(dim=(0, 1)) * each
    ours, theirs = scale.physical(clean), scale.physical(truth.clean)
    parts = {
        "expression": weights.expression * square[:_E].mean(),
        "rotation": weights.rotation * square[_E : _E + 12].mean(),
        "translation": weights.translation * square[_PLACE].mean(),
        "velocity": weights.velocity * speed.mean(),
        "lips": weights.lips * closing_loss(ours, theirs),
    }
    if weights.gaze:
        parts["gaze"] = weights.gaze * gaze_loss(ours, theirs)
    if weights.meeting:
        parts["meeting"] = weights.meeting * meeting_loss(ours, theirs, truth)
    return torch.stack(list(parts.values())).sum(), {k: v.detach() for k, v in parts.items()}


def _weight_of_each(smiles: float) -> Tensor:
    """Return how much the error of each channel counts, (55,)."""
    each = torch.ones(N_MOTION)
    each[_LIDS], each[_E], each[_SMILES] = _LIDS_WEIGHT, _JAW_WEIGHT, smiles
    return each


def lip_loss(clean: Tensor, truth: Truth, scale: Scale, weights: Weights) -> tuple[Tensor, Parts]:
    """Return the loss of mouth and jaw alone (stage 2: only the sound is a person's)."""
    square = (clean - truth.clean).square().mean(dim=(0, 1))
    ours, theirs = scale.physical(clean), scale.physical(truth.clean)
    parts = {
        "mouth": weights.expression * square[_MOUTH].mean() + weights.rotation * square[_E] / 3,
        "closing": weights.lips * closing_loss(ours, theirs),
    }
    return torch.stack(list(parts.values())).sum(), {k: v.detach() for k, v in parts.items()}


def gaze_loss(ours: Tensor, theirs: Tensor) -> Tensor:
    """1 - cosine of the mean direction of both eyes in the head (the paper's gaze loss)."""
    directions = [eye_direction(x[..., _EYES].unflatten(-1, (2, 3))) for x in (ours, theirs)]
    return (1 - F.cosine_similarity(*directions, dim=-1)).mean()


def meeting_loss(ours: Tensor, theirs: Tensor, truth: Truth) -> Tensor:
    """Squared error of where the eye ray passes the partner's head in the shared space.

    The paper's loss knows the eyes in the head alone; this one knows where they land, so that head,
    eyes and both people's places must fit each other.
    """
    errors = []
    for motion in (ours, theirs):
        people = motion.unflatten(0, (-1, 2))  # (B, 2, T, 55)
        eyes = people[..., _EYES].unflatten(-1, (2, 3))
        errors.append(
            gaze_error(people[..., _HEAD], eyes, people[..., _PLACE], truth.partner_m, truth.turn)
        )
    return (errors[0] - errors[1]).square().sum(dim=-1).mean()
