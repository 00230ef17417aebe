"""How many people a recording holds and what each is like: variational Bayes over voices.

After Landini et al. 2022 (VBx, arXiv 2012.14952): voices of short stretches are a hidden Markov
model's, whose states are people drawn from the space in which voices differ (PLDA). People whom the
voices do not need vanish, so that their number is found.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage

from .voice_features import Voices

#: How much a voice counts (stretches overlap, and what disturbs one disturbs the next), how much
#: people are held to the space's prior, and how surely who speaks goes on to speak (Landini et al.,
#: section 3.3: F_A, F_B, P_loop).
_EVIDENCE, _PRIOR, _STAYS = 0.4, 6.0, 0.5
#: Priors to count by: the number that most of them find (of several such that of `_PRIOR`, else
#: the least); how many do says how sure it is.
_PRIORS = (1.5, 3.0, 6.0, 12.0)
#: Stretches whose voices are farther apart than this (cosine) start as different people.
_APART = 0.55
#: More voices than this are thinned out to find people: clustering needs the square of it.
_MOST_VOICES = 1500
#: A stretch tells of a person if one alone speaks in so much of it.
_CLEAN = 0.6
#: Who has less than this is nobody's: stretches (0.32 s apart), share of all.
_LEAST_STRETCHES, _LEAST_SHARE = 4, 0.05
_ROUNDS, _ENOUGH = 20, 1e-4
_START_SURENESS = 7.0

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class People:
    """The people of a recording."""

    means: FloatArray  #: (K, 128) where each person's voice lies
    spreads: FloatArray  #: (K, 128) how unsure that is, variances
    shares: FloatArray  #: (K,) of the voices


@dataclass(frozen=True)
class Count:
    """How many people speak in a recording."""

    number: int
    sureness: float  #: 0 to 1: the share of settings that find as many


def count(voices: Voices, spread: FloatArray) -> Count:
    """Return how many people the voices are of."""
    places = _telling(voices).places.astype(np.float64)
    if len(places) < 2 * _LEAST_STRETCHES:
        return Count(1, 0.5)
    start = _started(places, spread)
    found = [_real(_fitted(places, spread, start, prior)).size for prior in _PRIORS]
    usual = found[_PRIORS.index(_PRIOR)]
    number = max(sorted(found), key=lambda each: (found.count(each), each == usual))
    return Count(number, found.count(number) / len(found))


def told_apart(voices: Voices, spread: FloatArray, number: int) -> People:
    """Return this many people, those most alike as one if the voices are of more."""
    places = _telling(voices).places.astype(np.float64)
    if len(places) < number:
        places = voices.places.astype(np.float64)
    if len(places) == 0:
        raise ValueError("there are no voices")
    shares = _fitted(places, spread, _started(places, spread), _PRIOR)
    labels = shares[:, _real(shares)].argmax(axis=1)
    labels = _merged(places, spread, labels, number)
    if labels.max() + 1 < number:
        labels = _split(places, spread, number)
    return _people(places, spread, _one_hot(labels, number))


def person(places: NDArray[np.float32], spread: FloatArray) -> FloatArray:
    """Return where the voice of one person (N, 128) lies, (128,)."""
    everything = np.ones((len(places), 1))
    mean: FloatArray = _people(places.astype(np.float64), spread, everything).means[0]
    return mean


def likeness(one: FloatArray, other: FloatArray, spread: FloatArray) -> float:
    """Return the cosine of two voices (128,) where each direction counts by what it tells."""
    weight = np.sqrt(spread / (1 + spread))
    a, b = one * weight, other * weight
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b) + 1e-9))


def _telling(voices: Voices) -> Voices:
    """Return the voices that tell of people: one speaks alone, every 0.32 s, not too many."""
    which = np.flatnonzero(voices.clean > _CLEAN)[::2]
    if len(which) > _MOST_VOICES:
        which = which[np.linspace(0, len(which) - 1, _MOST_VOICES).astype(int)]
    return voices.chosen(which)


def _directions(places: FloatArray, spread: FloatArray) -> FloatArray:
    weighted = places * np.sqrt(spread / (1 + spread))
    units: FloatArray = weighted / np.linalg.norm(weighted, axis=1, keepdims=True)
    return units


def _started(places: FloatArray, spread: FloatArray) -> FloatArray:
    """Return first shares (N, K) of many people: stretches that are alike are one's."""
    tree = linkage(_directions(places, spread), "average", metric="cosine")
    return _one_hot(fcluster(tree, _APART, "distance") - 1)


def _split(places: FloatArray, spread: FloatArray, number: int) -> NDArray[np.int64]:
    """Return labels (N,) of this many people though the voices look like fewer's."""
    if len(places) <= number:
        return np.arange(len(places)) % number
    tree = linkage(_directions(places, spread), "ward")
    start = _one_hot(fcluster(tree, number, "maxclust") - 1, number)
    fitted = _fitted(places, spread, start, min(_PRIORS))
    labels: NDArray[np.int64] = fitted.argmax(axis=1)
    if len(np.unique(labels)) < number:
        labels = start.argmax(axis=1)
    return labels


def _one_hot(labels: NDArray[np.int64], number: int = 0) -> FloatArray:
    shares: FloatArray = np.eye(max(number, int(labels.max()) + 1))[labels]
    return shares


def _real(shares: FloatArray) -> NDArray[np.int64]:
    """Return which of the people (N, K) have enough of the voices."""
    mine = np.bincount(shares.argmax(axis=1), minlength=shares.shape[1])
    least = min(max(_LEAST_STRETCHES, _LEAST_SHARE * len(shares)), mine.max())
    return np.flatnonzero(mine >= least)


def _merged(
    places: FloatArray, spread: FloatArray, labels: NDArray[np.int64], number: int
) -> NDArray[np.int64]:
    """Make those people one who are most alike until no more than `number` are left."""
    while labels.max() + 1 > number:
        means = _people(places, spread, _one_hot(labels)).means
        pairs = combinations(range(len(means)), 2)
        a, b = max(pairs, key=lambda pair: likeness(means[pair[0]], means[pair[1]], spread))
        labels = np.where(labels == b, a, labels)
        labels = labels - (labels > b)
    return labels


def _people(places: FloatArray, spread: FloatArray, shares: FloatArray) -> People:
    """Return people (Landini et al., equations 16 and 17) of shares (N, K) of the voices."""
    ratio = _EVIDENCE / _PRIOR
    spreads = 1 / (1 + ratio * shares.sum(axis=0)[:, None] * spread)
    means = ratio * spreads * (shares.T @ (places * np.sqrt(spread)))
    # Their latent people are in units of the prior; ours are places.
    scale = np.sqrt(spread)
    return People(means * scale, spreads * spread, shares.mean(axis=0))


def _fitted(places: FloatArray, spread: FloatArray, start: FloatArray, prior: float) -> FloatArray:
    """Return whose each voice is, (N, K), people who are not needed with nothing."""
    shares: FloatArray = np.exp(_START_SURENESS * start)
    shares /= shares.sum(axis=1, keepdims=True)
    size = shares.shape[1]
    weights = np.full(size, 1 / size)
    ratio, scaled, before = _EVIDENCE / prior, places * np.sqrt(spread), -np.inf
    own = -0.5 * (np.square(places).sum(axis=1) + places.shape[1] * np.log(2 * np.pi))
    for _ in range(_ROUNDS):
        spreads = 1 / (1 + ratio * shares.sum(axis=0)[:, None] * spread)
        means = ratio * spreads * (shares.T @ scaled)  # (K, 128)
        fits = scaled @ means.T - 0.5 * (spreads + np.square(means)) @ spread + own[:, None]
        shares, evidence = _forward_backward(_EVIDENCE * fits, weights)
        held = (np.log(spreads) - spreads - np.square(means) + 1).sum()
        bound = evidence + prior / 2 * held
        weights = shares.sum(axis=0) / shares.sum()
        if bound - before < _ENOUGH:
            break
        before = bound
    return shares


def _forward_backward(fits: FloatArray, weights: FloatArray) -> tuple[FloatArray, float]:
    """Return whose each voice is, (N, K), given log fits (N, K), and how likely all of it is."""
    steps = _STAYS * np.eye(len(weights)) + (1 - _STAYS) * weights  # (K, K)
    best = fits.max(axis=1, keepdims=True)
    fit = np.exp(fits - best) + 1e-300
    forward, backward = np.empty_like(fit), np.ones_like(fit)
    scale = np.empty(len(fit))
    for index in range(len(fit)):
        now = (weights if index == 0 else forward[index - 1] @ steps) * fit[index]
        scale[index] = now.sum()
        forward[index] = now / scale[index]
    for index in range(len(fit) - 2, -1, -1):
        backward[index] = steps @ (fit[index + 1] * backward[index + 1]) / scale[index + 1]
    evidence = float((np.log(scale) + best[:, 0]).sum())
    return forward * backward, evidence
