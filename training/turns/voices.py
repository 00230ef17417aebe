"""How alike voices are, as a network that has heard thousands of people tells it.

Some hundred voices of ten seconds do not teach what makes voices differ. The speaker encoder of
Resemblyzer (Apache-2.0; Wan et al. 2018, arXiv 1710.10467) gives each of them its place, so that
our network learns places instead of names. It is needed for training alone:

    pip install --no-deps resemblyzer webrtcvad-wheels
"""

import contextlib
import io
import warnings

import numpy as np
import torch
from dualtalk.core.dialogue import SAMPLE_RATE
from dualtalk.core.errors import InputError
from dualtalk.training.turns.mixtures import Person
from numpy.typing import NDArray
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

#: The encoder hears 1 s at a time (mel frames of 10 ms), at this level.
_WINDOW, _HOP = 100, 50
_LEVEL_RMS = 0.03
_SHRINKAGE = 0.1

FloatArray = NDArray[np.float32]


def directions(people: list[Person], size: int) -> FloatArray:
    """Return a direction for each voice, (n_people, size) of length one.

    The encoder's vectors are turned and scaled so that what differs within a person counts little
    (linear discriminant analysis).

    Raises:
        InputError: Resemblyzer is not installed.
    """
    heard = _embedded(people)
    numbers = np.repeat(np.arange(len(people)), [len(vectors) for vectors in heard])
    analysis = LinearDiscriminantAnalysis(
        n_components=size, solver="eigen", shrinkage=_SHRINKAGE
    ).fit(np.concatenate(heard), numbers)
    means = np.stack([_unit(analysis.transform(vectors)).mean(axis=0) for vectors in heard])
    return _unit(means).astype(np.float32)


def _embedded(people: list[Person]) -> list[NDArray[np.float64]]:
    """Return what the encoder makes of each person, (n_windows, 256) each."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its dependencies use what Python retires
            from resemblyzer import VoiceEncoder, wav_to_mel_spectrogram
    except ImportError as error:
        raise InputError(
            "Training needs Resemblyzer: pip install --no-deps resemblyzer webrtcvad-wheels."
        ) from error
    with contextlib.redirect_stdout(io.StringIO()):
        encoder = VoiceEncoder("cpu")
    heard = []
    for person in people:
        mels = wav_to_mel_spectrogram(_at_level(person.sound))
        starts = range(0, len(mels) - _WINDOW + 1, _HOP)
        windows = torch.from_numpy(np.stack([mels[s : s + _WINDOW] for s in starts]))
        with torch.inference_mode():
            heard.append(encoder(windows).numpy().astype(np.float64))
    return heard


def _at_level(sound: FloatArray) -> FloatArray:
    whole = sound[: max(len(sound), 2 * SAMPLE_RATE)]
    if len(whole) < 2 * SAMPLE_RATE:
        whole = np.pad(whole, (0, 2 * SAMPLE_RATE - len(whole)), "wrap")
    speech = whole[np.abs(whole) > 0.1 * np.abs(whole).max()]
    scaled: FloatArray = whole * np.float32(_LEVEL_RMS / (np.sqrt(np.square(speech).mean()) + 1e-9))
    return scaled


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    scaled: NDArray[np.float64] = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return scaled
