"""Fit the bridge between ARKit and FLAME: `python -m training.two_track.fit_retarget`.

There is one sound with tracked FLAME motion, ../shared/clips, and no ARKit motion of it. The
bundled network's own ARKit motion of that sound stands for it, shifted by the lag at which the
jaws agree best. Ridge regression, cross-validated over five stretches of the clip; FLAME's mean
over the silent frames is rest.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from dualtalk.core.conversation import turns
from dualtalk.core.motion import Motion
from dualtalk.core.paths import ASSETS
from dualtalk.evaluation import intervals
from dualtalk.evaluation.intervals import Interval
from dualtalk.inference import checkpoints
from dualtalk.inference.postprocess import retarget
from dualtalk.inference.two_track.predict import PredictOptions, predict_both
from dualtalk.training.two_track.evaluation import conditions, measure
from numpy.typing import NDArray
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import KFold

FloatArray = NDArray[np.float32]

_N_FOLDS = 5
_ALPHAS = np.logspace(0, 5, 11)
#: Shapes that hardly move tell nothing.
_LEAST_SPREAD = 1e-3


@dataclass(frozen=True)
class Quality:
    """How well left-out frames are met."""

    mean_r: Interval  #: over the 50 coefficients, weighted by their variance
    explained: float  #: share of the variance, 0 for the mean
    best_r: float  #: of the coefficient that is met best


@dataclass(frozen=True)
class Pairs:
    """Motion of the same moments in both bases, relative to rest."""

    arkit: Motion
    flame: Motion

    def cross_validated(self) -> tuple[Quality, Quality]:
        """Tell how well ARKit gives FLAME and FLAME gives ARKit."""
        arkit, flame = self._inputs()
        return (
            cross_validated(arkit, self.flame.expression),
            cross_validated(flame, self.arkit.expression),
        )

    def bridge(self) -> retarget.Bridge:
        """Fit both maps on all moments."""
        arkit, flame = self._inputs()
        return retarget.Bridge(
            fitted(arkit, self.flame.expression), fitted(flame, self.arkit.expression)
        )

    def _inputs(self) -> tuple[FloatArray, FloatArray]:
        first, second = (retarget.with_jaw(m.expression, m.jaw) for m in (self.arkit, self.flame))
        return first, second


def paired(shared: Path, checkpoint: checkpoints.Checkpoint) -> Pairs:
    """Return the clip's first person, as the network hears and as the tracker saw that person."""
    clip = conditions.real_clip(shared)
    active = turns.speaking(clip.dialogue.tracks)[0]
    tracked = tracked_from_rest(shared, active)
    ours = predict_both(clip.dialogue, checkpoint, PredictOptions(device="cpu"))[0]
    lags = measure.lagged_correlations(ours.jaw[:, 0], clip.jaw, active)
    lag = max(lags, key=lambda k: lags[k])
    n = min(tracked.n_frames, ours.n_frames, len(active)) - abs(lag)
    return Pairs(_cut(ours, max(lag, 0), n), _cut(tracked, max(-lag, 0), n))


def _cut(motion: Motion, first: int, n: int) -> Motion:
    """Return expression and jaw of `n` frames."""
    frames = slice(first, first + n)
    return Motion.from_arrays(motion.expression[frames], motion.jaw[frames], basis=motion.basis)


def tracked_from_rest(shared: Path, own: NDArray[np.bool_]) -> Motion:
    """Return speaker 1's tracked motion, relative to its mean over the silent frames.

    A tracked face holds its person's resting expression and pose, which no sound tells.
    """
    tracked = Motion.load(shared / "clips" / "dialogue_speaker1.npz")
    n = min(tracked.n_frames, len(own))
    silent = ~own[:n]
    expression = tracked.expression[:n, : retarget.N_FLAME]
    return Motion.from_arrays(
        expression - expression[silent].mean(axis=0),
        tracked.jaw[:n] - tracked.jaw[:n][silent].mean(axis=0),
        tracked.head[:n] - tracked.head[:n][silent].mean(axis=0),
        basis="flame",
    )


def fitted(x: FloatArray, y: FloatArray) -> FloatArray:
    """Return the ridge regression of y on x without an offset, (n_x, n_y).

    Inputs count by their own spread, or the jaw would be punished for its small numbers.
    Neighbouring frames are alike, so that the strength is chosen on whole stretches left out.
    """
    scale = x.std(axis=0) + _LEAST_SPREAD
    model = RidgeCV(alphas=_ALPHAS, fit_intercept=False, cv=KFold(_N_FOLDS)).fit(x / scale, y)
    weights: FloatArray = (model.coef_ / scale).T.astype(np.float32)
    return weights


def cross_validated(x: FloatArray, y: FloatArray) -> Quality:
    """Predict each fifth of the clip from the other four."""
    fold = np.arange(len(x)) * _N_FOLDS // len(x)
    predicted = np.zeros_like(y)
    for k in range(_N_FOLDS):
        predicted[fold == k] = x[fold == k] @ fitted(x[fold != k], y[fold != k])
    spread = y.std(axis=0)
    used = spread > 1e-6
    weights = np.concatenate([np.ones((1, len(x)), np.float32), intervals.drawn(len(x))])
    r = intervals.correlations(
        predicted[:, used].astype(np.float64), y[:, used].astype(np.float64), weights
    )  # (1 + n_draws, n_used)
    residual = np.square(y - predicted).sum() / np.square(y).sum()
    share = np.square(spread[used]) / np.square(spread[used]).sum()
    mean = r @ share
    return Quality(
        intervals.around(float(mean[0]), mean[1:]), float(1 - residual), float(r[0].max())
    )


def main() -> None:
    """Fit, say how good the bridge is, and write assets/retarget.npz."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--output", type=Path, default=ASSETS / "retarget.npz")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    checkpoint = checkpoints.load(checkpoints.bundled_path())
    pairs = paired(arguments.shared, checkpoint)
    names = ("ARKit to FLAME", "FLAME to ARKit")
    for name, quality in zip(names, pairs.cross_validated(), strict=True):
        print(
            f"{name}: r {quality.mean_r.text()} (best coefficient {quality.best_r:.2f}), "
            f"{100 * quality.explained:.0f} % of the variance, on frames left out"
        )
    pairs.bridge().save(arguments.output)


if __name__ == "__main__":
    main()
