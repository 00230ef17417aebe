"""Numbers for how well a motion follows what is said, and the simple rivals it must beat."""

from dataclasses import dataclass
from itertools import combinations

import librosa
import numpy as np
from dualtalk.core.dialogue import SAMPLE_RATE, Dialogue
from dualtalk.core.motion import NETWORK_FPS, Motion
from dualtalk.core.names import ARKIT_INDEX
from dualtalk.training.speech import visemes
from dualtalk.training.speech.phones import BILABIALS, PHONE_INDEX, SILENCE, Utterance
from dualtalk.training.two_track.evaluation.sound_lag import SoundLags, sound_lags
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, gaussian_filter1d
from sklearn.linear_model import RidgeCV
from sklearn.metrics import roc_auc_score

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
    predicted: FloatArray, truth: FloatArray, active: NDArray[np.bool_]
) -> dict[int, float]:
    """Return r for each lag; lag k compares the prediction of frame t + k with the truth of t."""
    n = min(len(predicted), len(truth), len(active))
    frames = np.flatnonzero(active[:n])
    result = {}
    for lag in range(-MAX_LAG, MAX_LAG + 1):
        inside = frames[(frames + lag >= 0) & (frames + lag < n)]
        x, y = predicted[inside + lag], truth[inside]
        flat = x.std() == 0 or y.std() == 0
        result[lag] = 0.0 if flat else float(np.corrcoef(x, y)[0, 1])
    return result


def rms_envelope(track: FloatArray, n_frames: int) -> FloatArray:
    """Return the RMS of a track per frame of motion, (n_frames,)."""
    step = round(SAMPLE_RATE / NETWORK_FPS)
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
        y=track, sr=SAMPLE_RATE, n_fft=1024, hop_length=640, n_mels=24
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


@dataclass(frozen=True)
class Lips:
    """How well the lips of one motion fit phones of known time."""

    jaw: float  #: r with the labels' jaw over speech
    auc: float  #: of lips closed on frames of P, B, M against other speech
    f1: float  #: best over all thresholds
    f1_fixed: float  #: at `CLOSED_SHARE` of an ordinary opening, no threshold chosen on the data
    closed_share: float  #: of P, B, M whose lips come that close
    open_share: float  #: of vowels longer than 80 ms whose lips open beyond it


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
    limit = CLOSED_SHARE * ORDINARY_APERTURE
    return Lips(
        float(np.corrcoef(np.concatenate(jaws), np.concatenate(truths))[0, 1]),
        float(roc_auc_score(closed, -aperture)),
        max(
            f1_score(closed, aperture < t)
            for t in np.quantile(aperture, np.linspace(0.02, 0.5, 49))
        ),
        f1_score(closed, aperture < limit),
        float(np.mean(events)),
        float(np.mean(opened)),
    )


def heard_closure_auc(likelihoods: list[FloatArray], utterances: list[Utterance]) -> float:
    """Return the AUC of a curve of closure, (n_frames,) at 25 fps each, on the same frames.

    A curve of its own can say that a closure is a little likely beside an open vowel; lips cannot,
    so that the AUC of the lips' aperture is lower.
    """
    curves, closures = [], []
    for likelihood, utterance in zip(likelihoods, utterances, strict=True):
        n = min(len(likelihood), int(len(utterance.sound) / SAMPLE_RATE * NETWORK_FPS))
        labels, spoken = _said(utterance, n)
        curves.append(likelihood[:n][spoken])
        closures.append(labels[spoken, 1] > 0.5)
    return float(roc_auc_score(np.concatenate(closures), np.concatenate(curves)))


def _said(utterance: Utterance, n_frames: int) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return the articulators (n_frames, 7) of an utterance and in which frames it speaks."""
    labels = visemes.at_motion_rate(visemes.articulators(utterance), n_frames)
    return labels, utterance.at_rate(NETWORK_FPS, n_frames) != PHONE_INDEX[SILENCE]


def f1_score(truth: NDArray[np.bool_], found: NDArray[np.bool_]) -> float:
    """Return the harmonic mean of precision and recall."""
    hits = float((truth & found).sum())
    return 2 * hits / max(float(truth.sum() + found.sum()), 1.0)


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
    both = np.stack([aperture, motion.jaw[:, 0] / visemes.JAW_OPEN_RAD], axis=1)
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


def timing(motions: list[Motion], utterances: list[Utterance]) -> dict[str, float]:
    """Measure lags in milliseconds against exact labels; above zero the lips come late.

    `curve_ms` is where the correlation of the aperture with its label peaks (parabola through
    three lags), `closure_ms` the mean time from the middle of P, B, M to the tightest lips. The
    rest are against the sound itself: see `sound_lag.SoundLags`.
    """
    scores = np.zeros(2 * MAX_LAG + 1)
    closures: list[float] = []
    heard: list[SoundLags] = []
    for motion, utterance in zip(motions, utterances, strict=True):
        n = min(motion.n_frames, int(len(utterance.sound) / SAMPLE_RATE * NETWORK_FPS))
        shapes, jaw = visemes.mouth(visemes.at_motion_rate(visemes.articulators(utterance), n))
        ours = visemes.lip_aperture(motion.expression[:n], motion.jaw[:n])
        lags = lagged_correlations(ours, visemes.lip_aperture(shapes, jaw), np.ones(n, bool))
        scores += [lags[k] * n for k in range(-MAX_LAG, MAX_LAG + 1)]
        closures += _closure_offsets(ours, utterance)
        heard.append(sound_lags(ours, utterance, CLOSED_SHARE * ORDINARY_APERTURE))
    peak = int(np.clip(np.argmax(scores), 1, len(scores) - 2))
    left, middle, right = scores[peak - 1 : peak + 2]
    fraction = 0.5 * (left - right) / (left - 2 * middle + right)
    to_ms = 1000 / NETWORK_FPS
    return {
        "curve_ms": float((peak - MAX_LAG + fraction) * to_ms),
        "closure_ms": float(np.mean(closures) * to_ms),
        "parting_ms": _mean_ms([lag for lags in heard for lag in lags.partings]),
        "opening_ms": _mean_ms([lag for lags in heard for lag in lags.openings]),
        "release_ms": _mean_ms([lag for lags in heard for lag in lags.releases]),
    }


def _mean_ms(seconds: list[float]) -> float:
    """Return a mean in milliseconds, or not a number where nothing was found."""
    return 1000 * float(np.mean(seconds)) if seconds else float("nan")


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
) -> dict[str, float]:
    """Compare motions of several seeds: mean correlation between every two of them.

    Of the lips' aperture while speaking, which should be near 1, and of the head's pitch and of
    the smile while listening, which should not.
    """

    def alike(curves: list[FloatArray]) -> float:
        pairs = combinations(curves, 2)
        return float(np.mean([np.corrcoef(a, b)[0, 1] for a, b in pairs]))

    lips = [visemes.lip_aperture(m.expression, m.jaw)[own] for m in motions]
    return {
        "lips_speaking": alike(lips),
        "head_listening": alike([m.head[listening, 1] for m in motions]),
        "lids": alike([m.expression[:, ARKIT_INDEX["eyeBlinkLeft"]] for m in motions]),
    }
