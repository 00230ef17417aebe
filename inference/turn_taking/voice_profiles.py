"""What people of a recording are like: averages of voices, and which voices belong together."""

from dataclasses import dataclass
from itertools import combinations

import torch
import torch.nn.functional as F  # noqa: N812
from sklearn.cluster import KMeans
from torch import Tensor

from ...core.motion import NETWORK_FPS
from ..networks.turns import TurnNetwork

#: Frames of one stretch of speech whose voices are averaged before they are clustered: 0.8 s.
_STRETCH_FRAMES = 20
#: Two voices that are more alike than this are one person's; docs/turns.md says how often.
SAME_VOICE = 0.82
#: Three voices are three people's that are less alike than this and leave less than this of what
#: two leave unexplained (squared distances to the nearest).
OTHER_VOICE, EXPLAINED = 0.6, 0.7
#: The third person of a recording speaks at least this share of it.
_LEAST_SHARE = 0.08


@dataclass(frozen=True)
class Track:
    """A whole recording as the encoder hears it."""

    features: Tensor  #: (T, hidden)
    voices: Tensor  #: (T, profile_size)
    counts: Tensor  #: (T, 3) probabilities of nobody, one person, several

    @property
    def is_speech(self) -> Tensor:
        """Where somebody speaks, (T,)."""
        return self.counts[:, 0] < 0.5


def mean(network: TurnNetwork, voices: Tensor, weight: Tensor) -> Tensor:
    """Return the profile (profile_size,) of frames (T, profile_size) with their weights (T,)."""
    return _profiles(network, (voices * weight[:, None]).sum(dim=0) / weight.sum().clamp(min=1e-6))


def stretches(network: TurnNetwork, track: Track) -> Tensor:
    """Return the profiles of short stretches of speech, (n, profile_size)."""
    one = track.counts[:, 1] * track.is_speech
    n = len(one) // _STRETCH_FRAMES * _STRETCH_FRAMES
    weight = one[:n].view(-1, _STRETCH_FRAMES, 1)
    voices = track.voices[:n].view(-1, _STRETCH_FRAMES, track.voices.shape[1])
    spoken = weight.sum(dim=1)
    enough = spoken[:, 0] > _STRETCH_FRAMES / 3
    if not bool(enough.any()):
        return mean(network, track.voices, track.counts[:, 1])[None]
    return _profiles(network, ((voices * weight).sum(dim=1) / spoken.clamp(min=1e-6))[enough])


def first(network: TurnNetwork, heard: Tensor, known: Tensor | None) -> Tensor:
    """Return the profiles of A and B, (2, profile_size).

    Args:
        heard: (n, profile_size) of stretches of speech.
        known: (profile_size,) of A from another recording, if somebody told.
    """
    centres = clustered(network, heard, 2)
    if known is not None and likeness(network, centres[1], known) > likeness(
        network, centres[0], known
    ):
        return centres.flip(0)
    return centres


def are_one(network: TurnNetwork, people: Tensor) -> bool:
    """Tell whether two profiles (2, profile_size) are one person's."""
    return likeness(network, *people) > SAME_VOICE


def are_three(network: TurnNetwork, heard: Tensor) -> bool:
    """Tell whether stretches (n, profile_size) are of three people or more."""
    if len(heard) < 3 * NETWORK_FPS / _STRETCH_FRAMES:
        return False
    two, three = (clustered(network, heard, count) for count in (2, 3))
    alike = max(likeness(network, a, b) for a, b in combinations(three, 2))
    smallest = int(torch.bincount(_distances(heard, three).argmin(dim=1), minlength=3).min())
    left = [float(_distances(heard, centres).amin(dim=1).mean()) for centres in (two, three)]
    return (
        alike < OTHER_VOICE
        and left[1] < EXPLAINED * left[0]
        and smallest > _LEAST_SHARE * len(heard)
    )


def _distances(heard: Tensor, centres: Tensor) -> Tensor:
    return torch.cdist(heard, centres).square()


def likeness(network: TurnNetwork, a: Tensor, b: Tensor) -> float:
    """Return the cosine of the voices of two profiles (profile_size,)."""
    size = network.config.voice_size
    return float(a[:size] @ b[:size])


def clustered(network: TurnNetwork, heard: Tensor, count: int) -> Tensor:
    """Return the centres of the clusters, (count, profile_size)."""
    if len(heard) < count:
        return heard[:1].repeat(count, 1)
    found = KMeans(count, n_init=10, random_state=0).fit(heard.numpy())
    return _profiles(network, torch.from_numpy(found.cluster_centers_).to(heard.dtype))


def _profiles(network: TurnNetwork, means: Tensor) -> Tensor:
    """Make averages (..., profile_size) what the network asks with: the voice has length one."""
    size = network.config.voice_size
    return torch.cat([F.normalize(means[..., :size], dim=-1), means[..., size:]], dim=-1)
