"""The paper's measures of one predicted motion against the truth (DualTalk, section 4.2).

For expression, jaw and head apart: FD and P-FD (Frechet distance, of the person alone and joined
with the partner), MSE, SID (richness, both directions), variance and rPCC.
"""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans

from ..core.errors import InputError
from ..core.motion import Motion

FloatArray = NDArray[np.float64]

PARTS = ("exp", "jaw", "head")
#: What the paper multiplies its results by; what is not named stands as it is.
SCALING = {
    ("fd", "jaw"): 1e3, ("fd", "head"): 1e2, ("pfd", "jaw"): 1e3, ("pfd", "head"): 1e2,
    ("mse", "exp"): 10.0, ("mse", "jaw"): 1e3, ("mse", "head"): 1e2,
    ("rpcc", "exp"): 1e2, ("rpcc", "jaw"): 10.0, ("rpcc", "head"): 10.0,
}  # fmt: skip
_CLUSTERS = {"exp": 40, "jaw": 10, "head": 10}
_EPSILON = 1e-6


@dataclass(frozen=True)
class Score:
    """One number, as it is and as the paper prints it."""

    metric: str
    part: str
    raw: float

    @property
    def scaled(self) -> float:
        """The number in the paper's scaling."""
        return self.raw * SCALING.get((self.metric, self.part), 1.0)


def evaluate(predicted: Motion, truth: Motion, partner: Motion | None = None) -> list[Score]:
    """Return all measures; those that need the partner only if it is given.

    Motions of different length are compared over the shorter one.

    Raises:
        InputError: the motions are of different bases or sizes, or too short.
    """
    motions = [predicted, truth] + ([] if partner is None else [partner])
    if len({(m.basis, m.expression.shape[1], m.fps) for m in motions}) != 1:
        raise InputError(
            "The motions differ in basis, coefficients or frame rate: compare motions of one kind."
        )
    n = min(m.n_frames for m in motions)
    if n <= max(_CLUSTERS.values()):
        raise InputError(f"The motions share {n} frames, but SID needs more than 40.")
    scores = []
    for part in PARTS:
        own, true = _values(predicted, part, n), _values(truth, part, n)
        scores += [
            Score("fd", part, frechet_distance(true, own)),
            Score("mse", part, float(np.square(own - true).mean())),
            Score("sid", part, richness(own, true, _CLUSTERS[part])),
            Score("sid_reverse", part, richness(true, own, _CLUSTERS[part])),
            Score("var", part, float(own.var(axis=0).mean())),
        ]
        if partner is not None:
            other = _values(partner, part, n)
            joined_true = np.concatenate([other, true], axis=1)
            joined_own = np.concatenate([other, own], axis=1)
            scores.append(Score("pfd", part, frechet_distance(joined_true, joined_own)))
            scores.append(Score("rpcc", part, correlation_error(own, true, other)))
    return scores


def frechet_distance(first: FloatArray, second: FloatArray) -> float:
    """Return the Frechet distance of the Gaussians of two sequences, (n, k) each.

    |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2)); the trace of the root is the sum of the roots of
    the eigenvalues of the symmetric S1^(1/2) S2 S1^(1/2).
    """
    gap = first.mean(axis=0) - second.mean(axis=0)
    covariances = [np.atleast_2d(np.cov(x, rowvar=False)) for x in (first, second)]
    values, vectors = np.linalg.eigh(covariances[0])
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    inner = np.linalg.eigvalsh(root @ covariances[1] @ root)
    trace_of_root = np.sqrt(np.maximum(inner, 0)).sum()
    return float(gap @ gap + sum(np.trace(c) for c in covariances) - 2 * trace_of_root)


def richness(clustered: FloatArray, counted: FloatArray, n_clusters: int) -> float:
    """Return SID: the entropy, in bits, of one sequence over clusters of the other.

    The released code fits the clusters on the prediction and counts the truth; the reverse is
    reported by others.
    """
    with warnings.catch_warnings():
        # joblib counts cores with a program that a small system may lack; it does without.
        warnings.filterwarnings("ignore", message="Could not find the number of physical cores")
        model = KMeans(n_clusters=n_clusters, random_state=0).fit(clustered.astype(np.float32))
    counts = np.bincount(model.predict(counted.astype(np.float32)), minlength=n_clusters)
    share = counts / counts.sum()
    return float(-(share * np.log2(share + _EPSILON)).sum())


def correlation_error(own: FloatArray, truth: FloatArray, partner: FloatArray) -> float:
    """Return rPCC: |corr(truth, partner) - corr(own, partner)| over the flattened sequences."""

    def correlation(x: FloatArray) -> float:
        with np.errstate(invalid="ignore", divide="ignore"):  # what never moves has none
            return float(np.corrcoef(x.ravel(), partner.ravel())[0, 1])

    return abs(correlation(truth) - correlation(own))


def _values(motion: Motion, part: str, n_frames: int) -> FloatArray:
    chosen = {"exp": motion.expression, "jaw": motion.jaw, "head": motion.head}[part]
    return chosen[:n_frames].astype(np.float64)
