"""Whether a voice speaks another language than English, by which lips learned what sounds are.

The pretrained speech encoder was taught English; how its features are spread over a few seconds of
speech differs between languages. One linear rule over their means and deviations
(`training/language/fit.py`) says on which side a voice is; docs/languages.md says how often it is
right.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ..core.arrays import read_npz
from ..core.conversation.dialogue import SAMPLE_RATE
from ..core.conversation.turns import frame_levels_db
from ..core.errors import InputError
from ..core.files import atomic
from ..core.paths import ASSETS
from . import checkpoints
from .loud_windows import loudest
from .networks.audio.moonshine import HOP_SAMPLES, Moonshine
from .speech import level

#: A voice is judged by so many windows, the loudest ones: samples (10 s), how many.
WINDOW_SAMPLES, _WINDOWS = 10 * SAMPLE_RATE, 3
#: Sound within so many dB of the loud parts is speech; less of it than 3 s tells nothing.
_SPEECH_DB, _LEAST_FRAMES = 30.0, 3 * SAMPLE_RATE // HOP_SAMPLES
#: Loud parts below the first are brought to the second, dB of full scale: the features of quiet
#: speech lie elsewhere, whatever language it is.
_QUIET_DB, _ORDINARY_DB = -35.0, -25.0

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class Rule:
    """A plane in the space of means and deviations of features; above 0 it is not English."""

    weights: FloatArray  #: (2 * size,)
    offset: float

    @staticmethod
    def load(path: Path) -> "Rule":
        """Read what `save` wrote; raises `InputError` if the file is missing or damaged."""
        values = read_npz(path, ("weights", "offset"), what="a rule for languages")
        if len(values) < 2:
            raise InputError(f"{path} holds no rule for languages: install DualTalk again.")
        return Rule(values["weights"], float(values["offset"][0]))

    def save(self, path: Path) -> None:
        """Write the rule, whole or not at all."""
        with atomic(path) as temporary, open(temporary, "wb") as file:
            np.savez(file, weights=self.weights, offset=np.array([self.offset], np.float32))

    def score(self, statistics: FloatArray) -> float:
        """Return how far on the other languages' side statistics (2 * size,) are."""
        return float(self.weights @ statistics) + self.offset


@cache
def bundled_rule() -> Rule:
    """Return the rule that comes with DualTalk."""
    return Rule.load(ASSETS / "language.npz")


def foreignness(track: FloatArray) -> float | None:
    """Return how far a voice is from English, above 0 if it speaks another language.

    None if too little is said to tell.

    Args:
        track: (n_samples,) at 16 kHz, one voice or several.

    Raises:
        CheckpointError: the speech encoder is missing or damaged.
    """
    encoder = checkpoints.load(checkpoints.bundled_path(Moonshine), Moonshine).network
    gain = _gain(track)
    windows = loudest(track, WINDOW_SAMPLES, _WINDOWS)
    found = [statistics_of(encoder, gain * each) for each in windows]
    scores = [bundled_rule().score(values) for values in found if values is not None]
    return float(np.mean(scores)) if scores else None


def _gain(track: FloatArray) -> np.float32:
    """Return the factor that makes quiet speech as loud as what the rule learned from."""
    loud_db = level.loud_db(frame_levels_db(track))
    return np.float32(1 if loud_db > _QUIET_DB else 10 ** ((_ORDINARY_DB - loud_db) / 20))


def statistics_of(encoder: Moonshine, sound: FloatArray) -> FloatArray | None:
    """Return mean and deviation of the features of speech, (2 * size,); None if it is too little.

    Args:
        encoder: the pretrained one, of as many layers as ship.
        sound: (n_samples,) at 16 kHz, some seconds.
    """
    sound = np.ascontiguousarray(sound, dtype=np.float32)
    with torch.inference_mode():
        features = encoder.features(torch.from_numpy(sound)).numpy()
    n = min(len(sound) // HOP_SAMPLES, len(features))
    power = np.square(sound[: n * HOP_SAMPLES].reshape(n, HOP_SAMPLES)).mean(axis=1)
    if n == 0 or power.max() == 0:
        return None
    is_speech = power > np.quantile(power, 0.95) * 10 ** (-_SPEECH_DB / 10)
    if int(is_speech.sum()) < _LEAST_FRAMES:
        return None
    spoken: FloatArray = features[:n][is_speech]
    statistics: FloatArray = np.concatenate([spoken.mean(axis=0), spoken.std(axis=0)])
    return statistics
