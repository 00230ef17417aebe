"""A corpus of utterances in one file: sound, phones and times, source by source."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from dualtalk.core.errors import InputError
from dualtalk.core.files import atomic
from dualtalk.training.speech.phones import Utterance
from numpy.typing import NDArray


@dataclass(frozen=True)
class Corpus:
    """Utterances that were made or labelled once and are used many times."""

    utterances: tuple[Utterance, ...]

    @property
    def duration_s(self) -> float:
        """Length of all sound, seconds."""
        return sum(len(u.sound) for u in self.utterances) / 16_000

    def save(self, path: Path) -> None:
        """Write the corpus whole or not at all; sound is kept with 16 bits."""
        sound = [np.round(u.sound * 32767).astype(np.int16) for u in self.utterances]
        with atomic(path) as temporary, open(temporary, "wb") as file:
            np.savez(
                file,
                sound=np.concatenate(sound),
                sound_edges=_edges(len(x) for x in sound),
                phones=np.concatenate([u.phones for u in self.utterances]),
                starts=np.concatenate([u.starts for u in self.utterances]),
                ends=np.concatenate([u.ends for u in self.utterances]),
                phone_edges=_edges(len(u.phones) for u in self.utterances),
                voices=np.array([u.voice for u in self.utterances]),
            )

    @staticmethod
    def load(path: Path) -> "Corpus":
        """Read what `save` wrote.

        Raises:
            InputError: the file does not exist.
        """
        if not path.is_file():
            raise InputError(f"{path} does not exist: run 'python -m training.speech.make'.")
        with np.load(path, allow_pickle=False) as file:
            data = {name: file[name] for name in file.files}
        sound, phones = data["sound_edges"], data["phone_edges"]
        utterances = []
        for i, voice in enumerate(data["voices"]):
            a, b, c, d = sound[i], sound[i + 1], phones[i], phones[i + 1]
            wave = data["sound"][a:b].astype(np.float32) / 32767
            parts = (data[name][c:d] for name in ("phones", "starts", "ends"))
            utterances.append(Utterance(wave, *parts, voice=str(voice)))
        return Corpus(tuple(utterances))


def joined(corpora: Iterable[Corpus]) -> Corpus:
    """Return all utterances of several corpora."""
    return Corpus(tuple(u for corpus in corpora for u in corpus.utterances))


def _edges(lengths: Iterable[int]) -> NDArray[np.int64]:
    return np.cumsum([0, *lengths])
