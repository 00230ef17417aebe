"""A shouted, an ordinary and a whispered line: `python -m training.two_track.evaluation.effort`.

No recording of one line said in three ways is at hand. Readings of the held-out are made over as
vocal effort makes a voice over (Traunmueller & Eriksson 2000, JASA 107(6): higher, brighter,
faster; a whisper has the vocal tract's shape and no pitch), and the faces that the product gives to
them with the same chance are compared. Writes a table into docs/acting.md, and a picture beside it.
"""

import argparse
from pathlib import Path

import librosa
import matplotlib
import numpy as np
import soundfile
import torch
from dualtalk.core.conversation.dialogue import SAMPLE_RATE, n_frames_of
from dualtalk.core.motion import NETWORK_FPS, Motion
from dualtalk.core.names import ARKIT_INDEX
from dualtalk.inference import checkpoints
from dualtalk.inference.postprocess.arousal import arousal
from dualtalk.inference.two_track.predict import PredictOptions, predict_both
from dualtalk.training import held_out, markdown
from dualtalk.training.speech import recogniser
from dualtalk.training.two_track.evaluation import measure
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.signal import istft, lfilter, stft

matplotlib.use("Agg")
import matplotlib.pyplot as plt

FloatArray = NDArray[np.float32]

#: A shout: semitones higher, as fast as so many times, dB brighter above a frequency.
_HIGHER, _FASTER, _BRIGHTER_DB, _BRIGHT_HZ = 5.0, 1.2, 12.0, 1000.0
#: Samples of a window of a whisper, and coefficients of the cepstrum that are the vocal tract's.
_WINDOW, _TRACT = 512, 30
_N_READERS = 8
#: Slower motion of the head is posture, seconds.
_POSTURE_S = 1.0
_BROWS = ("browInnerUp", "browOuterUpLeft", "browOuterUpRight")
_COLUMNS = (
    *("excitement, -1 to 1", "brows raised", "eyes wide", "lids lowered", "smile"),
    "quick motion of the head, degrees",
)


def shouted(sound: FloatArray) -> FloatArray:
    """Return a reading (n_samples,) as a loud voice says it."""
    higher = librosa.effects.pitch_shift(sound, sr=SAMPLE_RATE, n_steps=_HIGHER)
    hasty = librosa.effects.time_stretch(higher, rate=_FASTER, n_fft=1024)
    pole = np.exp(-2 * np.pi * _BRIGHT_HZ / SAMPLE_RATE)
    low = lfilter([1 - pole], [1, -pole], hasty)
    return _levelled(low + 10 ** (_BRIGHTER_DB / 20) * (hasty - low))


def whispered(sound: FloatArray, seed: int = 0) -> FloatArray:
    """Return a reading (n_samples,) with noise in place of the voice, its vocal tract kept."""
    spectrum = stft(sound, SAMPLE_RATE, nperseg=_WINDOW)[2]
    cepstrum = np.fft.irfft(np.log(np.abs(spectrum) + 1e-6), axis=0)
    cepstrum[_TRACT : len(cepstrum) - _TRACT + 1] = 0
    tract = np.exp(np.fft.rfft(cepstrum, axis=0).real)
    noise = np.random.default_rng(seed).standard_normal(len(sound))
    breath = stft(noise, SAMPLE_RATE, nperseg=_WINDOW)[2]
    return _levelled(istft(tract * breath, SAMPLE_RATE, nperseg=_WINDOW)[1][: len(sound)])


WAYS = {
    "shouted": shouted,
    "as it was read": lambda sound: _levelled(sound),
    "whispered": whispered,
}


def _levelled(sound: NDArray[np.floating]) -> FloatArray:
    """Return a sound as loud as the others: a recorder's gain must not tell."""
    level = np.sqrt(np.square(sound).mean())
    return (0.05 * sound / max(float(level), 1e-9)).astype(np.float32)


def faces(checkpoint: checkpoints.Checkpoint, sound: FloatArray) -> dict[str, Motion]:
    """Return what the product makes of a reading said in each way, by the same chance."""
    options = PredictOptions(device="cpu")
    made = {name: way(sound) for name, way in WAYS.items()}
    return {
        name: predict_both(measure.alone(said), checkpoint, options)[0]
        for name, said in made.items()
    }


def numbers_of(motion: Motion, sound: FloatArray) -> list[float]:
    """Return what `_COLUMNS` names; lids at their median, so that blinks do not count."""

    def shape(name: str) -> FloatArray:
        return motion.expression[:, ARKIT_INDEX[name]]

    posture = gaussian_filter1d(motion.head, _POSTURE_S * NETWORK_FPS, axis=0)
    return [
        float(arousal(sound, n_frames_of(len(sound))).mean()),
        float(np.mean([shape(name) for name in _BROWS])),
        float(shape("eyeWideLeft").mean()),
        float(np.median(shape("eyeBlinkLeft"))),
        float(shape("mouthSmileLeft").mean()),
        float(np.degrees(np.sqrt(np.square(motion.head - posture).sum(axis=1).mean()))),
    ]


def plot(made: dict[str, Motion], path: Path) -> None:
    """Draw brows, lids and the nod of the head of one reader in the three ways."""
    figure, rows = plt.subplots(3, 1, figsize=(10, 6), sharex=True, constrained_layout=True)
    for name, motion in made.items():
        seconds = np.arange(motion.n_frames) / NETWORK_FPS
        brows = np.mean([motion.expression[:, ARKIT_INDEX[b]] for b in _BROWS], axis=0)
        lids = [motion.expression[:, ARKIT_INDEX[f"eye{s}Left"]] for s in ("Wide", "Blink")]
        curves = (brows, lids[0] - lids[1], np.degrees(motion.head[:, 0]))
        for axes, curve in zip(rows, curves, strict=True):
            axes.plot(seconds, curve, label=name, linewidth=1)
    for axes, label in zip(
        rows, ("brows raised", "eyes wide less lids", "nod, degrees"), strict=True
    ):
        axes.set_ylabel(label)
    rows[0].legend(loc="upper right")
    rows[-1].set_xlabel("s")
    figure.savefig(path, dpi=80)
    plt.close(figure)


def main() -> None:
    """Measure, draw, and write docs/acting.md between its marks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--output", type=Path, default=Path("docs"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    checkpoint = checkpoints.load(checkpoints.bundled_path())
    found: dict[str, list[list[float]]] = {name: [] for name in WAYS}
    paths = held_out.held_out(recogniser.real_voices(options.shared / "speech"))[:_N_READERS]
    for path in paths:
        sound, _ = soundfile.read(path, dtype="float32")
        made = faces(checkpoint, sound)
        for name, motion in made.items():
            found[name].append(numbers_of(motion, WAYS[name](sound)))
        if path == paths[0]:
            plot(made, options.output / "acting-effort.png")
    rows = [
        [name, *(f"{mean:.2f} ± {deviation:.2f}" for mean, deviation in cells)]
        for name, each in found.items()
        for cells in [zip(np.mean(each, axis=0), np.std(each, axis=0), strict=True)]
    ]
    markdown.replace_measured(
        options.output / "acting.md", markdown.table(["line", *_COLUMNS], rows)
    )


if __name__ == "__main__":
    main()
