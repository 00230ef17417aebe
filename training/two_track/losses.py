"""What the network is trained to do."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812
from dualtalk.core.names import ARKIT_INDEX, ARKIT_SHAPES, JAW_OPEN_RAD
from torch import Tensor

_E = len(ARKIT_SHAPES)
#: The paper weighs its parts equally in FLAME's units; these bring ours, whose variances differ a
#: hundredfold, to about one (measured on synthetic dialogues).
PART_WEIGHTS = {"expression": 100.0, "jaw": 600.0, "head": 300.0, "eyes": 60.0}
VELOCITY_WEIGHT = 0.5
PHONE_WEIGHT = 0.15
CLOSURE_WEIGHT = 30.0
CLOSED_APERTURE = 0.02
#: Two of forty shapes, still for most of the time: without more weight blinks stay half way.
LIDS_WEIGHT = 40.0
_LIDS = [ARKIT_INDEX["eyeBlinkLeft"], ARKIT_INDEX["eyeBlinkRight"]]
#: The articulators of `training.speech.visemes`, closures first among equals.
ARTICULATOR_WEIGHTS = (8.0, 6.0, 2.0, 2.0, 2.0, 2.0, 2.0)
#: The place of the lips' closing among them.
CLOSURE = 1
LIPS_WEIGHT, CUE_WEIGHT = 2.0, 0.2
#: Frames on each side of a low pitch's moment that count as it.
_CUE_FRAMES = 2


@dataclass(frozen=True)
class Loss:
    """The number to lower and what it is made of."""

    total: Tensor
    parts: dict[str, float]


@dataclass(frozen=True)
class ApertureWeights:
    """How much more than elsewhere an error of the lips' aperture counts."""

    meeting: float = 6.0  #: where the lips meet
    silence: float = 2.5  #: where they rest in silence


@dataclass(frozen=True)
class AudioOutputs:
    """What the audio encoder tells of the sound."""

    phones: Tensor  #: (B, 2 T, n_phones) logits per 20 ms
    lips: Tensor  #: (B, T, 2) logits of `compact_audio.LIPS`
    articulators: Tensor  #: (B, T, 7)
    #: (B, T) logits of low pitch that invites feedback; None where it is not learned
    cues: Tensor | None = None


def parts_of(motion: Tensor) -> dict[str, Tensor]:
    """Split (..., 52) into expression, jaw, head and eyes."""
    edges = {"expression": (0, _E), "jaw": (_E, _E + 3), "head": (_E + 3, _E + 6)}
    parts = {name: motion[..., a:b] for name, (a, b) in edges.items()}
    return {**parts, "eyes": motion[..., _E + 6 :]}


def motion_loss(
    predicted: Tensor,
    truth: Tensor,
    weights: ApertureWeights = ApertureWeights(),
    trust: Tensor | None = None,
) -> Loss:
    """MSE of each part and of its velocity (DualTalk, section 3.6), and of the lips' closing.

    Args:
        predicted: (B, T, 52).
        truth: (B, T, 52).
        weights: of the lips' aperture.
        trust: (B, T, 52) how much each number of the truth counts; None: all alike.
    """
    if trust is not None:
        predicted = trusted(predicted, truth, trust)
    total = predicted.new_zeros(())
    numbers: dict[str, float] = {}
    ours, theirs = parts_of(predicted), parts_of(truth)
    for name, weight in PART_WEIGHTS.items():
        error = F.mse_loss(ours[name], theirs[name])
        velocity = F.mse_loss(ours[name].diff(dim=1), theirs[name].diff(dim=1))
        total = total + weight * (error + VELOCITY_WEIGHT * velocity)
        numbers[name] = weight * float(error.detach())
    lids = F.mse_loss(predicted[..., _LIDS], truth[..., _LIDS])
    numbers["lids"] = LIDS_WEIGHT * float(lids.detach())
    closing = closing_loss(predicted, truth, weights)
    numbers["aperture"] = CLOSURE_WEIGHT * float(closing.detach())
    return Loss(total + LIDS_WEIGHT * lids + CLOSURE_WEIGHT * closing, numbers)


def trusted(predicted: Tensor, truth: Tensor, trust: Tensor) -> Tensor:
    """Return a prediction with errors made so small that their squares count by `trust`.

    What is not trusted at all is right whatever it is. All three are of one shape.
    """
    return truth + trust.sqrt() * (predicted - truth)


def mouth_loss(
    predicted: Tensor, truth: Tensor, weights: ApertureWeights = ApertureWeights()
) -> Loss:
    """MSE of the mouth's shapes, of the jaw and of the lips' closing, (B, T, 52) each."""
    first, last = ARKIT_INDEX["mouthClose"], ARKIT_INDEX["mouthUpperUpRight"] + 1
    mouth = PART_WEIGHTS["expression"] * F.mse_loss(
        predicted[..., first:last], truth[..., first:last]
    )
    jaw = PART_WEIGHTS["jaw"] * F.mse_loss(predicted[..., _E : _E + 3], truth[..., _E : _E + 3])
    closing = CLOSURE_WEIGHT * closing_loss(predicted, truth, weights)
    numbers = {"mouth": float(mouth.detach()), "jaw": float(jaw.detach())}
    return Loss(mouth + jaw + closing, {**numbers, "aperture": float(closing.detach())})


def published_loss(predicted: Tensor, truth: Tensor) -> Loss:
    """The paper's loss: MSE of expression, jaw, head and of the velocity of all, equal weights.

    Args:
        predicted: (B, T, E + 6) FLAME expression | jaw | head.
        truth: the same.
    """
    e = predicted.shape[2] - 6
    parts = {"expression": slice(0, e), "jaw": slice(e, e + 3), "head": slice(e + 3, e + 6)}
    terms = {k: F.mse_loss(predicted[..., s], truth[..., s]) for k, s in parts.items()}
    terms["velocity"] = F.mse_loss(predicted.diff(dim=1), truth.diff(dim=1))
    numbers = {name: float(term.detach()) for name, term in terms.items()}
    return Loss(torch.stack(list(terms.values())).sum(), numbers)


def closing_loss(
    predicted: Tensor, truth: Tensor, weights: ApertureWeights = ApertureWeights()
) -> Tensor:
    """Weighted MSE of the lips' aperture, (B, T, 52) each.

    Where the lips should meet an error counts more: plain MSE gives the mean of open and closed
    where a bilabial is uncertain, and lips that close half way are seen at once. So are lips that
    stay ajar in silence.
    """
    ours, theirs = aperture(predicted), aperture(truth)
    jaw_open = truth[..., _E] / JAW_OPEN_RAD
    meet = truth[..., ARKIT_INDEX["mouthClose"]] > 0.5 * jaw_open.clamp(min=0.02)
    silent = theirs.abs() < CLOSED_APERTURE
    weight = 1 + (weights.meeting - 1) * meet + (weights.silence - 1) * (silent & ~meet)
    return (weight * (ours - theirs).square()).mean()


def aperture(motion: Tensor) -> Tensor:
    """Return how far the lips are apart, (B, T), as `visemes.lip_aperture` defines it."""

    def mean(name: str) -> Tensor:
        left, right = ARKIT_INDEX[f"{name}Left"], ARKIT_INDEX[f"{name}Right"]
        return 0.5 * (motion[..., left] + motion[..., right])

    opening = motion[..., _E] / JAW_OPEN_RAD - motion[..., ARKIT_INDEX["mouthClose"]]
    parted = 0.25 * mean("mouthLowerDown") + 0.15 * mean("mouthUpperUp")
    return opening + parted - 0.1 * mean("mouthPress")


def audio_loss(outputs: AudioOutputs, truth: dict[str, Tensor]) -> Loss:
    """How well the audio encoder tells phones, lips, articulators and low pitch.

    Args:
        outputs: what it tells.
        truth: `phones` (B, 2 T), 0 for silence; `articulators` (B, T, 7); `cues` (B, T), if told.
    """
    silent = (truth["phones"] == 0).float().unflatten(1, (-1, 2)).mean(dim=2)  # (B, T)
    lips = torch.stack([truth["articulators"][..., CLOSURE], silent], dim=-1)
    terms = {
        "phones": PHONE_WEIGHT * phone_loss(outputs.phones, truth["phones"]),
        "lips": LIPS_WEIGHT * F.binary_cross_entropy_with_logits(outputs.lips, lips),
        "articulators": articulator_loss(outputs.articulators, truth["articulators"]),
    }
    if outputs.cues is not None:
        cues = F.max_pool1d(truth["cues"], 2 * _CUE_FRAMES + 1, stride=1, padding=_CUE_FRAMES)
        terms["cues"] = CUE_WEIGHT * F.binary_cross_entropy_with_logits(outputs.cues, cues)
    numbers = {name: float(term.detach()) for name, term in terms.items()}
    return Loss(torch.stack(list(terms.values())).sum(), numbers)


def phone_loss(logits: Tensor, phones: Tensor) -> Tensor:
    """Cross-entropy of the phone per 20 ms: (B, 2 T, n_phones) and (B, 2 T)."""
    return F.cross_entropy(logits.flatten(0, 1), phones.flatten(), label_smoothing=0.05)


def articulator_loss(predicted: Tensor, truth: Tensor) -> Tensor:
    """Weighted MSE of the articulators, (B, T, 7)."""
    weights = torch.tensor(ARTICULATOR_WEIGHTS, device=truth.device)
    return (weights * (predicted - truth).square()).mean()
