"""By how much edges of words and phones miss: `python -m training.speech.words.edges`.

Words of people are measured against pocketsphinx's alignment of the same words, on readers whom
nothing is trained on (`--choosing`: on those for choosing) and on LJSpeech's reader, whom no
network heard either; pocketsphinx itself steps by 10 ms. Phones of espeak-ng are exact; the network
learned from its voices, but not from these sentences. Words take the way of the product: letters,
lexicon, network, path.
"""

import argparse
import json
import logging
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from dualtalk.core.conversation.dialogue import SAMPLE_RATE
from dualtalk.core.speech import alignment
from dualtalk.core.speech.transcript import Line
from dualtalk.evaluation import intervals
from dualtalk.inference.speech import finding, phones
from dualtalk.training import held_out
from dualtalk.training.speech import espeak, recogniser, transcripts
from dualtalk.training.speech.phones import PHONES, SILENCE
from numpy.typing import NDArray

_log = logging.getLogger(__name__)
FloatArray = NDArray[np.float32]
_SENTENCES = (
    "the people in the room were waiting for a reply from the captain of the ship",
    "maybe tomorrow we will buy bread and apples before the market closes",
    "she told me that nobody had ever found the path behind the old house",
    "my brother would never have written such a letter without good reason",
)
_VOICES = ("en-us+m3", "en-us+f2", "en-gb-x-rp+m1", "en-gb-scotland+f4")


def misses(recordings: Iterable[tuple[FloatArray, str]]) -> tuple[list[FloatArray], float]:
    """Return by how much the edges of each recording's words miss, seconds, and their length."""
    found, seconds = [], 0.0
    for sound, text in recordings:
        plain = Line(recogniser.plain_words(text))
        labels = recogniser.word_times(sound, plain.text)
        if len(labels) != len(plain.text.split()):
            continue
        words = finding.find_words(sound[None], [plain], device="cpu").words[0]
        edges = np.array([(w.start_s, w.end_s) for w in words], np.float32)
        found.append((edges - np.array(labels, np.float32)).ravel())
        seconds += len(sound) / SAMPLE_RATE
    return found, seconds


def phone_misses() -> list[FloatArray]:
    """Return by how much the starts of espeak-ng's phones miss, seconds, per utterance."""
    voice, found = espeak.Espeak(), []
    for text in _SENTENCES:
        for name in _VOICES:
            said = voice.speak(text, name, 165, 50, 50)
            names = [PHONES[phone] for phone in said.phones]
            kept = [index for index, name in enumerate(names) if name != SILENCE]
            logs = phones.logarithms(said.sound, device="cpu")
            aligned = alignment.align(logs, [[names[index]] for index in kept])
            starts = np.array([one.span.start_s for one in aligned], np.float32)
            found.append(starts - (said.starts[kept] / SAMPLE_RATE).astype(np.float32))
    return found


def told(rows: list[FloatArray]) -> dict[str, Any]:
    """Return what is reported of misses, seconds per recording, in milliseconds."""
    every = np.concatenate(rows)
    away = [np.abs(row) for row in rows]
    numbers = {
        "n_recordings": len(rows),
        "n_edges": len(every),
        "late_ms": float(np.median(every)),
        "median_ms": float(np.median(np.abs(every))),
        "within_90_ms": float(np.quantile(np.abs(every), 0.9)),
    }
    scaled = {k: round(1e3 * v, 1) if k.endswith("_ms") else v for k, v in numbers.items()}
    medians = [
        float(
            np.median(
                np.concatenate(
                    [row for row, n in zip(away, draw, strict=True) for _ in range(int(n))]
                )
            )
        )
        for draw in intervals.drawn(len(away), block=1)
    ]
    low, high = np.quantile(medians, ((1 - intervals.LEVEL) / 2, (1 + intervals.LEVEL) / 2))
    return scaled | {
        "median_interval_ms": [round(1e3 * float(low), 1), round(1e3 * float(high), 1)],
        "beyond_100_ms": round(float((np.abs(every) > 0.1).mean()), 4),
    }


def readers(shared: Path, choosing: bool) -> list[tuple[FloatArray, str]]:
    """Return sound and words of readers who are held out, or those for choosing."""
    texts, choose = transcripts.load(), held_out.for_choosing if choosing else held_out.held_out
    paths = choose(recogniser.real_voices(shared / "speech"))
    return [(_sound(path), texts[path.stem]) for path in paths]


def lj(shared: Path) -> list[tuple[FloatArray, str]]:
    """Return sound and words of LJSpeech's reader."""
    lines = (shared / "aligned" / "transcripts.tsv").read_text().splitlines()
    rows = [line.split("\t")[:2] for line in lines]
    return [(_sound(shared / "aligned" / f"{name}.flac"), text) for name, text in rows]


def _sound(path: Path) -> FloatArray:
    sound, _ = soundfile.read(path, dtype="float32")
    return np.asarray(sound, np.float32)


def main() -> None:
    """Measure, and write the numbers as JSON to stdout."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--choosing", action="store_true", help="measure on readers for choosing")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    began = time.perf_counter()
    found, seconds = misses(readers(options.shared, options.choosing))
    numbers: dict[str, Any] = {"readers": told(found)}
    if not options.choosing:
        numbers["LJSpeech"] = told(misses(lj(options.shared))[0])
        numbers["espeak-ng's phones"] = told(phone_misses())
    numbers["sound_s"] = round(seconds, 1)
    numbers["all_took_s"] = round(time.perf_counter() - began, 1)
    _log.info("%s", json.dumps(numbers, indent=2))


if __name__ == "__main__":
    main()
