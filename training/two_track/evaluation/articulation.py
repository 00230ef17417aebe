"""Numbers for how well lips follow phones of known time, each with its interval."""

from dataclasses import dataclass

import numpy as np
from dualtalk.core.conversation.dialogue import SAMPLE_RATE
from dualtalk.core.motion import NETWORK_FPS, Motion
from dualtalk.evaluation import intervals
from dualtalk.evaluation.intervals import Interval
from dualtalk.training.speech import visemes
from dualtalk.training.speech.phones import BILABIALS, PHONE_INDEX, SILENCE, Utterance
from dualtalk.training.two_track.evaluation.measure import (
    CLOSED_SHARE,
    MAX_LAG,
    ORDINARY_APERTURE,
    lagged_correlations,
)
from dualtalk.training.two_track.evaluation.sound_lag import SoundLags, sound_lags
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class Lips:
    """How well the lips of one motion fit phones of known time."""

    jaw: Interval  #: r with the labels' jaw over speech
    auc: Interval  #: of lips closed on frames of P, B, M against other speech
    f1: Interval  #: best over all thresholds
    f1_fixed: Interval  #: at `CLOSED_SHARE` of an ordinary opening, no threshold chosen on the data
    closed_share: Interval  #: of P, B, M whose lips come that close
    open_share: Interval  #: of vowels longer than 80 ms whose lips open beyond it


def lips_of(motions: list[Motion], utterances: list[Utterance]) -> Lips:
    """Compare motions with the utterances that they speak, frame by frame at 25 fps."""
    jaws, truths, apertures, closures = [], [], [], []
    events: list[bool] = []
    opened: list[bool] = []
    for motion, utterance in zip(motions, utterances, strict=True):
        n = min(motion.n_frames, int(len(utterance.sound) / SAMPLE_RATE * NETWORK_FPS))
        labels, spoken = _said(utterance, n)
        aperture = visemes.lip_aperture(motion.expression[:n], motion.jaw[:n])
        jaws.append(motion.jaw[:n, 0][spoken])
        truths.append(labels[spoken, 0])
        apertures.append(aperture[spoken])
        closures.append(labels[spoken, 1] > 0.5)
        events += closed_events(aperture, utterance)
        opened += open_events(aperture, utterance)
    aperture, closed = np.concatenate(apertures), np.concatenate(closures)
    limits = np.quantile(aperture, np.linspace(0.02, 0.5, 49))
    fixed = np.array([CLOSED_SHARE * ORDINARY_APERTURE])
    return Lips(
        intervals.correlation(np.concatenate(jaws), np.concatenate(truths)),
        auc_of(closed, -aperture),
        f1_of(closed, aperture, limits),
        f1_of(closed, aperture, fixed),
        intervals.mean(np.array(events)),
        intervals.mean(np.array(opened)),
    )


def heard_closures(
    likelihoods: list[FloatArray], utterances: list[Utterance]
) -> tuple[Interval, Interval]:
    """Return AUC and best F1 of a curve of closure, (n_frames,) at 25 fps each, on the same frames.

    A curve of its own can say that a closure is a little likely beside an open vowel; lips cannot,
    so that the AUC of the lips' aperture is lower.
    """
    curves, closures = [], []
    for likelihood, utterance in zip(likelihoods, utterances, strict=True):
        n = min(len(likelihood), int(len(utterance.sound) / SAMPLE_RATE * NETWORK_FPS))
        labels, spoken = _said(utterance, n)
        curves.append(likelihood[:n][spoken])
        closures.append(labels[spoken, 1] > 0.5)
    closed, curve = np.concatenate(closures), np.concatenate(curves)
    limits = np.quantile(-curve, np.linspace(0.02, 0.5, 49))
    return auc_of(closed, curve), f1_of(closed, -curve, limits)


def _said(utterance: Utterance, n_frames: int) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return the articulators (n_frames, 7) of an utterance and in which frames it speaks."""
    labels = visemes.at_motion_rate(visemes.articulators(utterance), n_frames)
    return labels, utterance.at_rate(NETWORK_FPS, n_frames) != PHONE_INDEX[SILENCE]


def auc_of(truth: NDArray[np.bool_], score: FloatArray) -> Interval:
    """Return the area under the ROC curve of a score (n,): how often positives are above negatives.

    Ties count half (Hanley & McNeil 1982).
    """
    _, rank = np.unique(score, return_inverse=True)
    order = np.argsort(rank, kind="stable")
    firsts = np.flatnonzero(np.diff(rank[order], prepend=-1))
    weights = np.concatenate([np.ones((1, len(score)), np.float32), intervals.drawn(len(score))])
    weights = weights[:, order].astype(np.float64)
    positive, negative = (
        np.add.reduceat(weights * part[order], firsts, axis=1) for part in (truth, ~truth)
    )
    below = np.cumsum(negative, axis=1) - 0.5 * negative
    pairs = positive.sum(axis=1) * negative.sum(axis=1)
    areas = (positive * below).sum(axis=1) / np.maximum(pairs, 1e-9)
    return intervals.around(float(areas[0]), areas[1:][pairs[1:] > 0])


def f1_of(truth: NDArray[np.bool_], aperture: FloatArray, limits: FloatArray) -> Interval:
    """Return the best F1 over limits (k,) of lips that are closed below one.

    F1 is the harmonic mean of precision and recall; the best limit is chosen anew in each draw.
    """
    weights = np.concatenate([np.ones((1, len(truth)), np.float32), intervals.drawn(len(truth))])
    found = (aperture[:, None] < limits).astype(np.float32)  # (n, k)
    hits = weights @ (found * truth[:, None])
    either = weights @ found + (weights @ truth.astype(np.float32))[:, None]
    best = (2 * hits / np.maximum(either, 1.0)).max(axis=1)
    return intervals.around(float(best[0]), best[1:])


def closed_events(aperture: FloatArray, utterance: Utterance) -> list[bool]:
    """Tell for each P, B and M whether the lips meet within a frame of it."""
    marks = []
    for phone, first, last in _frames_of(utterance):
        if phone in (PHONE_INDEX[p] for p in BILABIALS):
            near = aperture[max(first - 1, 0) : last + 2]
            marks.append(bool(len(near) and near.min() < CLOSED_SHARE * ORDINARY_APERTURE))
    return marks


def open_events(aperture: FloatArray, utterance: Utterance) -> list[bool]:
    """Tell for each open vowel of 80 ms or more whether the lips part."""
    wide = [PHONE_INDEX[p] for p in ("AA", "AE", "AO", "AW", "AY", "EH")]
    marks = []
    for phone, first, last in _frames_of(utterance):
        if phone in wide and last - first >= 2:
            marks.append(bool(aperture[first : last + 1].max() > 0.3 * ORDINARY_APERTURE))
    return marks


def _frames_of(utterance: Utterance) -> list[tuple[int, int, int]]:
    """Return (phone, first frame, last frame) of each phone."""
    scale = NETWORK_FPS / SAMPLE_RATE
    first = np.round(utterance.starts * scale).astype(int)
    last = np.maximum(np.round(utterance.ends * scale).astype(int) - 1, first)
    return [(int(p), int(a), int(b)) for p, a, b in zip(utterance.phones, first, last, strict=True)]


def timing(motions: list[Motion], utterances: list[Utterance]) -> dict[str, Interval]:
    """Measure lags in milliseconds against exact labels; above zero the lips come late.

    `curve_ms` is where the correlation of the aperture with its label peaks (parabola through
    three lags), `closure_ms` the mean time from the middle of P, B, M to the tightest lips. The
    rest are against the sound itself: see `sound_lag.SoundLags`.
    """
    scores = []  # of each utterance and lag
    closures: list[float] = []
    heard: list[SoundLags] = []
    for motion, utterance in zip(motions, utterances, strict=True):
        n = min(motion.n_frames, int(len(utterance.sound) / SAMPLE_RATE * NETWORK_FPS))
        shapes, jaw = visemes.mouth(visemes.at_motion_rate(visemes.articulators(utterance), n))
        ours = visemes.lip_aperture(motion.expression[:n], motion.jaw[:n])
        lags = lagged_correlations(ours, visemes.lip_aperture(shapes, jaw), np.ones(n, bool))
        scores.append([lags[k] * n for k in range(-MAX_LAG, MAX_LAG + 1)])
        closures += _closure_offsets(ours, utterance)
        heard.append(sound_lags(ours, utterance, CLOSED_SHARE * ORDINARY_APERTURE))
    return {
        "curve_ms": _peak_ms(np.array(scores)),
        "closure_ms": _mean_ms([frames / NETWORK_FPS for frames in closures]),
        "parting_ms": _mean_ms([lag for lags in heard for lag in lags.partings]),
        "opening_ms": _mean_ms([lag for lags in heard for lag in lags.openings]),
        "release_ms": _mean_ms([lag for lags in heard for lag in lags.releases]),
    }


def _peak_ms(scores: NDArray[np.float64]) -> Interval:
    """Return the lag at which the summed scores (n_utterances, k) peak, milliseconds."""
    weights = np.concatenate([np.ones((1, len(scores))), intervals.drawn(len(scores), 1)])
    lags = []
    for row in weights @ scores:
        peak = int(np.clip(np.argmax(row), 1, len(row) - 2))
        left, middle, right = row[peak - 1 : peak + 2]
        fraction = 0.5 * (left - right) / (left - 2 * middle + right)
        lags.append((peak - MAX_LAG + fraction) * 1000 / NETWORK_FPS)
    return intervals.around(lags[0], np.array(lags[1:]))


def _mean_ms(seconds: list[float]) -> Interval:
    """Return a mean in milliseconds, or not a number where nothing was found."""
    if not seconds:
        return Interval(float("nan"), float("nan"), float("nan"))
    return intervals.mean(1000 * np.array(seconds))


def _closure_offsets(aperture: FloatArray, utterance: Utterance) -> list[float]:
    """Return by how many frames the tightest lips follow the middle of each P, B, M."""
    offsets = []
    for phone, start, end in zip(utterance.phones, utterance.starts, utterance.ends, strict=True):
        if phone in (PHONE_INDEX[p] for p in BILABIALS):
            middle = (start + end) / 2 / SAMPLE_RATE * NETWORK_FPS
            first = max(round(middle) - 3, 0)
            near = aperture[first : round(middle) + 4]
            if len(near) == 7:
                offsets.append(first + float(np.argmin(near)) - middle)
    return offsets
