"""Phone times of real speech by machine, with pocketsphinx and the English model in its wheel.

Speech without a transcript is first recognised as words: the language model makes the phones
far less noisy than free phone decoding. A known or recognised text is then aligned.
"""

from functools import cache
from pathlib import Path

import numpy as np
import pocketsphinx
from dualtalk.core.conversation import turns
from dualtalk.core.conversation.dialogue import SAMPLE_RATE
from dualtalk.training.speech.espeak import Espeak
from dualtalk.training.speech.phones import PHONE_INDEX, PHONES, SILENCE, Utterance, make_utterance
from numpy.typing import NDArray

_FRAMES_PER_SECOND = 100
#: A narrow search loses long sentences before their end. The best path through the lattice of
#: words (pocketsphinx's last pass) puts words elsewhere than the search has found them.
_SEARCH = {"beam": 1e-200, "pbeam": 1e-200, "wbeam": 1e-200, "bestpath": False}
#: A frame hears 25.6 ms of sound: its middle lies so much later than that of its own 10 ms.
_LATER_S = 0.0078
_FRAME_SAMPLES = SAMPLE_RATE // _FRAMES_PER_SECOND
#: What counts as a pause inside a phone: closures of stops are shorter.
_PAUSE_FRAMES, _PAUSE_DB = 15, -28.0
_FILLERS = ("<s>", "</s>", "<sil>", "[SPEECH]", "[NOISE]", "[COUGH]", "++", "<")


@cache
def _recogniser() -> pocketsphinx.Decoder:
    """Return the recogniser of words; its language model takes seconds to load."""
    return pocketsphinx.Decoder(samprate=16_000, loglevel="FATAL")


@cache
def _aligner() -> pocketsphinx.Decoder:
    return pocketsphinx.Decoder(samprate=16_000, loglevel="FATAL", lm=None, **_SEARCH)


def recognise(sound: NDArray[np.float32]) -> str:
    """Return the words that pocketsphinx hears, lower case, without fillers."""
    decoder = _recogniser()
    _decode(decoder, sound)
    words = [_bare(segment.word) for segment in decoder.seg() or ()]
    return " ".join(word for word in words if word)


def align(sound: NDArray[np.float32], text: str, voice: str) -> Utterance | None:
    """Find when each phone of a known text is said.

    Returns:
        the utterance, or None where the text does not fit the sound.
    """
    found = _phone_times(sound, text)
    if not found:
        return None
    found = with_pauses(sound, found)
    names = [name if name in PHONE_INDEX else SILENCE for name, _, _ in found]
    edges = np.array([(start, end) for _, start, end in found], float) / _FRAMES_PER_SECOND
    edges = np.minimum(edges + _LATER_S, len(sound) / SAMPLE_RATE)
    return make_utterance(sound, names, edges[:, 0], edges[:, 1], voice)


def with_pauses(
    sound: NDArray[np.float32], found: list[tuple[str, int, int]]
) -> list[tuple[str, int, int]]:
    """Cut silence out of phones: the aligner stretches the last one of a word over a pause.

    Silence is `_PAUSE_FRAMES` or more in a row at `_PAUSE_DB` below the loud parts of the speech.
    """
    n = len(sound) // _FRAME_SAMPLES
    power = np.square(sound[: n * _FRAME_SAMPLES].reshape(n, -1)).mean(axis=1)
    quiet = power < np.quantile(power, 0.95) * 10 ** (_PAUSE_DB / 10)
    result: list[tuple[str, int, int]] = []
    for name, start, end in found:
        runs = turns.spans(quiet[start:end])
        longest = max(runs, key=lambda run: run[1] - run[0], default=(0, 0))
        first, last = start + longest[0], start + longest[1]
        if last - first < _PAUSE_FRAMES:
            result.append((name, start, end))
            continue
        parts = [(name, start, first), (SILENCE, first, last), (name, last, end)]
        # What is left after the pause is the beginning of the next sound.
        result += [part for part in parts[:2] if part[2] > part[1]]
        if end > last:
            result.append((SILENCE, last, end))
    return result


def word_times(sound: NDArray[np.float32], text: str) -> list[tuple[float, float]]:
    """Return start and end of each word of a known text, seconds; nothing where it does not fit."""
    words = _alignment(sound, text) or ()
    said = [(w.start, w.start + w.duration) for w in words if _bare(w.name)]
    return [tuple(frame / _FRAMES_PER_SECOND + _LATER_S for frame in span) for span in said]


def _phone_times(sound: NDArray[np.float32], text: str) -> list[tuple[str, int, int]] | None:
    """Return (phone, first frame, frame after the last) of each phone, or None."""
    words = _alignment(sound, text)
    if words is None:
        return None
    return [(p.name, p.start, p.start + p.duration) for word in words for p in word]


def _alignment(sound: NDArray[np.float32], text: str) -> pocketsphinx.Alignment | None:
    """Align the words of a text, then the phones inside them; None where there is no path."""
    decoder = _aligner()
    words = [w for word in text.lower().split() for w in _known(decoder, word)]
    if not words:
        return None
    try:
        decoder.set_align_text(" ".join(words))
        _decode(decoder, sound)
        decoder.set_alignment()
        _decode(decoder, sound)
    except RuntimeError:  # pocketsphinx's word for "no path"
        _aligner.cache_clear()  # this decoder cannot be used any further
        return None
    return decoder.get_alignment()


def _known(decoder: pocketsphinx.Decoder, word: str) -> list[str]:
    """Return a word that the dictionary has now, or nothing.

    A word that it lacks, most often a name, is pronounced as espeak-ng does.
    """
    if not decoder.lookup_word(word):
        spoken = _pronounced(word)
        if not spoken:
            return []
        decoder.add_word(word, spoken)
    return [word]


@cache
def _espeak() -> Espeak:
    return Espeak()


@cache
def _pronounced(word: str) -> str:
    phones = _espeak().speak(word, "en-us", 160, 50, 50).phones
    return " ".join(PHONES[phone] for phone in phones if PHONES[phone] != SILENCE)


def plain_words(text: str) -> str:
    """Return a sentence without punctuation, lower case, as the dictionary writes words."""
    kept = "".join(c if c.isalpha() or c == "'" else " " for c in text.lower())
    return " ".join(kept.split())


def _decode(decoder: pocketsphinx.Decoder, sound: NDArray[np.float32]) -> None:
    decoder.start_utt()
    decoder.process_raw(
        (np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes(), no_search=False, full_utt=True
    )
    decoder.end_utt()


def _bare(word: str) -> str:
    """Drop fillers and the mark of a second pronunciation, as in `the(2)`."""
    return "" if word.startswith(_FILLERS) else word.split("(")[0]


def real_voices(folder: Path) -> list[Path]:
    """Return the recordings of a folder in the order of their names."""
    return sorted(folder.glob("*.flac"))
