"""Numbers for how a motion follows a conversation, and the simple rivals it must beat.

How lips follow phones of known time is measured in `articulation`.
"""

from itertools import combinations

import librosa
import numpy as np
from dualtalk.core.conversation.dialogue import FRAME_SAMPLES, SAMPLE_RATE, Dialogue
from dualtalk.core.motion import NETWORK_FPS, Motion
from dualtalk.core.names import ARKIT_INDEX, JAW_OPEN_RAD
from dualtalk.evaluation import intervals
from dualtalk.evaluation.intervals import Interval
from dualtalk.training.speech import visemes
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, gaussian_filter1d
from sklearn.linear_model import RidgeCV

FloatArray = NDArray[np.float32]

#: Frames by which the best lag may differ from zero; tracked motion leads its sound.
MAX_LAG = 4
#: Lips are closed when they are this close, as a share of an ordinary opening.
CLOSED_SHARE = 0.10
#: An ordinary opening of the lips: the mean of the labels over vowels, in `lip_aperture`'s units.
ORDINARY_APERTURE = 0.32
#: Lips may part this long before the voice is heard, and settle as long after it, frames (0.12 s);
#: people's part 0.1 to 0.3 s before (Chandrasekaran et al. 2009, PLoS Comput Biol 5(7)).
SETTLING_FRAMES = 3


def jaw_correlation(predicted: FloatArray, truth: FloatArray, active: NDArray[np.bool_]) -> float:
    """Return Pearson's r over the active frames at the best lag within `MAX_LAG`, (n_frames,)."""
    return max(lagged_correlations(predicted, truth, active).values())


def lagged_correlations(
    predicted: FloatArray, truth: FloatArray, active: NDArray[np.bool_], max_lag: int = MAX_LAG
) -> dict[int, float]:
    """Return r for each lag; lag k compares the prediction of frame t + k with the truth of t."""
    n = min(len(predicted), len(truth), len(active))
    frames = np.flatnonzero(active[:n])
    result = {}
    for lag in range(-max_lag, max_lag + 1):
        inside = frames[(frames + lag >= 0) & (frames + lag < n)]
        x, y = predicted[inside + lag], truth[inside]
        flat = x.std() == 0 or y.std() == 0
        result[lag] = 0.0 if flat else float(np.corrcoef(x, y)[0, 1])
    return result


def lagged_draws(
    predicted: FloatArray, truth: FloatArray, active: NDArray[np.bool_], weights: FloatArray
) -> FloatArray:
    """Return r of `lagged_correlations` for each row of weights (n_draws, n) and lag, (n_draws, k).

    The frames are those that `drawn` them; a frame counts with the truth of its own time.
    """
    n = min(len(predicted), len(truth), len(active))
    result = []
    for lag in range(-MAX_LAG, MAX_LAG + 1):
        frames = np.flatnonzero(active[:n])
        inside = frames[(frames + lag >= 0) & (frames + lag < n)]
        x, y = predicted[inside + lag].astype(np.float64), truth[inside].astype(np.float64)
        result.append(intervals.correlations(x, y, weights[:, inside]))
    return np.stack(result, axis=1)


def jaw_intervals(
    predicted: FloatArray, truth: FloatArray, active: NDArray[np.bool_]
) -> tuple[Interval, Interval]:
    """Return r without a lag and at the best lag, each with its interval.

    The best lag is chosen anew in each draw, as it was in the recording.
    """
    lags = lagged_correlations(predicted, truth, active)
    weights = intervals.drawn(min(len(predicted), len(truth), len(active)))
    draws = lagged_draws(predicted, truth, active, weights)
    return (
        intervals.around(lags[0], draws[:, MAX_LAG]),
        intervals.around(max(lags.values()), draws.max(axis=1)),
    )


def rms_envelope(track: FloatArray, n_frames: int) -> FloatArray:
    """Return the RMS of a track per frame of motion, (n_frames,)."""
    step = FRAME_SAMPLES
    padded = np.zeros(n_frames * step, np.float32)
    kept = track[: len(padded)]
    padded[: len(kept)] = kept
    return np.sqrt(np.square(padded.reshape(n_frames, step)).mean(axis=1))


def ridge_inside(
    track: FloatArray, truth: FloatArray, active: NDArray[np.bool_], n_folds: int = 5
) -> FloatArray:
    """Predict a curve from log-mels by ridge regression fitted inside the same clip.

    Each fifth of the active frames is predicted from the other four; 0.32 s of sound on each side.
    """
    n = len(truth)
    mel = librosa.feature.melspectrogram(
        y=track, sr=SAMPLE_RATE, n_fft=1024, hop_length=FRAME_SAMPLES, n_mels=24
    )
    frames = np.log(mel.T[:n] + 1e-6)  # (n, 24)
    context = np.concatenate([np.roll(frames, k, axis=0) for k in range(-8, 9, 2)], axis=1)
    context = (context - context.mean(axis=0)) / (context.std(axis=0) + 1e-6)
    inside = np.flatnonzero(active)
    folds = np.array_split(inside, n_folds)
    result = np.zeros(n, np.float32)
    for held in folds:
        rest = np.setdiff1d(inside, held)
        model = RidgeCV(alphas=np.logspace(1, 5, 9)).fit(context[rest], truth[rest])
        result[held] = model.predict(context[held])
    return result


def silence_closed_share(motion: Motion, silent: NDArray[np.bool_]) -> float:
    """Return in which share of the silent frames the lips are closed."""
    n = min(motion.n_frames, len(silent))
    aperture = visemes.lip_aperture(motion.expression[:n], motion.jaw[:n])
    return float((aperture[silent[:n]] < CLOSED_SHARE * ORDINARY_APERTURE).mean())


def away_from_speech(own: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the silent frames in which lips need neither part nor settle, (n_frames,)."""
    return ~binary_dilation(own, iterations=SETTLING_FRAMES)


def mouth_energy(motion: Motion) -> FloatArray:
    """Return the squared speed of the lips' aperture and of the jaw per frame, (n_frames,)."""
    aperture = visemes.lip_aperture(motion.expression, motion.jaw)
    both = np.stack([aperture, motion.jaw[:, 0] / JAW_OPEN_RAD], axis=1)
    energy: FloatArray = np.square(np.gradient(both, axis=0)).sum(axis=1)
    return energy


def role_energy_ratio(motion: Motion, own: NDArray[np.bool_], partner: NDArray[np.bool_]) -> float:
    """Return the mouth's energy while only the partner speaks over that while speaking alone."""
    energy = mouth_energy(motion)
    return float(energy[partner & ~own].mean() / energy[own & ~partner].mean())


def blinks_per_minute(motion: Motion) -> float:
    """Count the closings of the lids beyond one half."""
    lids = motion.expression[:, ARKIT_INDEX["eyeBlinkLeft"]]
    closings = (lids[1:] > 0.5) & (lids[:-1] <= 0.5)
    return float(closings.sum() / motion.duration_s * 60)


def nods_per_minute(motion: Motion, active: NDArray[np.bool_]) -> float:
    """Count nods in the active frames: bouts of swings of the pitch of at least 1.5 degrees.

    Swings that follow each other within a second are one nod.
    """
    pitch = motion.head[:, 0] - gaussian_filter1d(motion.head[:, 0], 12)
    peaks = (pitch[1:-1] > pitch[:-2]) & (pitch[1:-1] >= pitch[2:]) & active[1:-1]
    count, last = 0, -NETWORK_FPS
    for t in np.flatnonzero(peaks) + 1:
        depth = pitch[t] - max(pitch[max(t - 7, 0) : t + 1].min(), pitch[t : t + 8].min())
        if depth > np.radians(1.5):
            count += t - last > NETWORK_FPS
            last = t
    return float(count / max(active.sum() / NETWORK_FPS, 1e-6) * 60)


def gaze_on_share(motion: Motion, active: NDArray[np.bool_]) -> float:
    """Return in which share of the active frames the eyes are within 5 degrees of the partner."""
    angle = np.linalg.norm(motion.eyes.mean(axis=1), axis=1)
    return float((angle[active] < np.radians(5)).mean())


def head_speed(motion: Motion, active: NDArray[np.bool_]) -> float:
    """Return the mean speed of the head in the active frames, rad/s."""
    speed = np.linalg.norm(np.gradient(motion.head, axis=0), axis=1) * motion.fps
    return float(speed[active].mean())


def alone(track: FloatArray) -> Dialogue:
    """Return a dialogue in which the other person is silent."""
    return Dialogue(np.stack([track, np.zeros_like(track)]))


def behaviour_of(
    motion: Motion, own: NDArray[np.bool_], partner: NDArray[np.bool_]
) -> dict[str, float]:
    """Return the rates and shares of one person in a conversation."""
    n = min(motion.n_frames, len(own))
    own, partner = own[:n], partner[:n]
    return head_of(motion, own, partner) | {
        "role_energy_ratio": role_energy_ratio(motion, own, partner),
        "silence_closed_share": silence_closed_share(motion, away_from_speech(own)),
        "unspoken_closed_share": silence_closed_share(motion, ~own),
        "blinks_per_minute": blinks_per_minute(motion),
        "gaze_on_share_speaking": gaze_on_share(motion, own),
        "gaze_on_share_listening": gaze_on_share(motion, partner & ~own),
    }


def head_of(motion: Motion, own: NDArray[np.bool_], partner: NDArray[np.bool_]) -> dict[str, float]:
    """Return those numbers of `behaviour_of` that a tracked head has too."""
    n = min(motion.n_frames, len(own))
    own, listening = own[:n], partner[:n] & ~own[:n]
    return {
        "nods_per_minute_listening": nods_per_minute(motion, listening),
        "head_speed_speaking": head_speed(motion, own),
        "head_speed_listening": head_speed(motion, listening),
        "head_median_hz": head_median_hz(motion),
    }


def head_median_hz(motion: Motion) -> float:
    """Return the frequency below which half of the power of the head's speed lies, Hz."""
    speed = np.gradient(motion.head, axis=0)
    power = np.square(np.abs(np.fft.rfft(speed, axis=0))).sum(axis=1)
    share = np.cumsum(power) / power.sum()
    return float(np.fft.rfftfreq(len(speed), 1 / motion.fps)[np.searchsorted(share, 0.5)])


def diversity(
    motions: list[Motion], own: NDArray[np.bool_], listening: NDArray[np.bool_]
) -> dict[str, Interval]:
    """Compare motions of several seeds: mean correlation between every two of them.

    Of the lips' aperture while speaking, which should be near 1, and of the head, the eyes and the
    lids, which should not.
    """

    def alike(curves: list[FloatArray]) -> Interval:
        weights = intervals.drawn(len(curves[0]))
        weights = np.concatenate([np.ones((1, len(curves[0])), np.float32), weights])
        pairs = combinations([curve.astype(np.float64) for curve in curves], 2)
        r = np.mean([intervals.correlations(a, b, weights) for a, b in pairs], axis=0)
        return intervals.around(float(r[0]), r[1:])

    lips = [visemes.lip_aperture(m.expression, m.jaw)[own] for m in motions]
    return {
        "lips, speaking": alike(lips),
        "head, listening": alike([m.head[listening, 1] for m in motions]),
        "eyes, listening": alike([m.eyes[listening, 0, 1] for m in motions]),
        "lids": alike([m.expression[:, ARKIT_INDEX["eyeBlinkLeft"]] for m in motions]),
    }
