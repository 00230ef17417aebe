"""A description of a scene in, the parameters of staging, head pose and gaze out.

The text is cut into sentencepiece's pieces (Kudo & Richardson 2018), which `networks/director.py`
reads. Vocabulary and weights are in `assets/`; docs/directing.md says how they were made.
"""

import argparse
import json
import re
import sys
from dataclasses import asdict
from pathlib import Path

import sentencepiece
import torch
from torch import Tensor, nn

from ...core.directing import feelings, gaze_phrases
from ...core.directing.description import PARAMETERS, UNSAID, Direction
from ...core.errors import DualTalkError, InputError
from ...core.paths import ASSETS
from .. import checkpoints
from ..networks.director import DirectorNetwork
from .tokens import Cast, clauses, is_scenery, normalised

#: A value counts as said from this probability on.
_CERTAIN = 0.5
#: A part of the text counts as understood if a chosen value loses this much probability without it.
_MATTERS = 0.25


class Director:
    """Reads descriptions; load once, ask often."""

    def __init__(self, vocabulary: sentencepiece.SentencePieceProcessor, network: DirectorNetwork):
        self.vocabulary = vocabulary
        self.network = network.eval()

    @staticmethod
    def load(folder: Path = ASSETS) -> "Director":
        """Read `director.model` and `director.safetensors`.

        Raises:
            InputError: a file is missing or is none of the director's.
        """
        path = folder / "director.model"
        if not path.is_file():
            raise InputError(f"{path} is missing: install DualTalk again.")
        network = checkpoints.load(folder / "director.safetensors", DirectorNetwork).network
        try:
            vocabulary = sentencepiece.SentencePieceProcessor(model_file=str(path))
        except (RuntimeError, OSError) as error:
            raise InputError(f"{path} is damaged: install DualTalk again.") from error
        return Director(vocabulary, network)

    def direct(self, text: str, cast: Cast | None = None) -> Direction:
        """Return what was understood of a description and what was not.

        Raises:
            InputError: the text is empty or too long.
        """
        plain, distance_m = normalised(text, cast)
        felt, plain_rest = feelings.read(plain)
        looks, rest = gaze_phrases.read(plain_rest)
        if not re.search(r"[a-z]{2}", re.sub(r"\[[ab]\]", "", rest)):
            is_nothing = not felt and not looks and distance_m is None
            lost = (text.strip(),) if is_nothing else ()
            return Direction(looks, dict.fromkeys(looks, 1.0), lost, distance_m, felt)
        read = self._read(rest, cast, distance_m)
        values = {**read.values, **looks}
        confidence = {**read.confidence, **dict.fromkeys(looks, 1.0)}
        return Direction(values, confidence, read.not_understood, distance_m, felt)

    def _read(self, plain: str, cast: Cast | None, distance_m: float | None) -> Direction:
        """Return what the network understands of a normalised text."""
        scenery = [part for part in clauses(plain) if is_scenery(part)]
        parts = [part for part in clauses(plain) if not is_scenery(part)]
        if not parts:
            return Direction({}, {}, tuple(_readable(p, cast) for p in scenery), distance_m)
        if scenery:
            plain = " , ".join(parts)
        without = [" , ".join(parts[:i] + parts[i + 1 :]) for i in range(len(parts))]
        texts = [plain, *(rest or "." for rest in without), *parts]
        rows = self.probabilities(texts)
        values, confidence = {}, {}
        for name, row in zip(PARAMETERS, (row[0] for row in rows), strict=True):
            best = int(row.argmax())
            if PARAMETERS[name][best] != UNSAID and row[best] >= _CERTAIN:
                values[name] = PARAMETERS[name][best]
                confidence[name] = round(float(row[best]), 3)
        chosen = {
            i: PARAMETERS[n].index(values[n]) for i, n in enumerate(PARAMETERS) if n in values
        }
        lost = [
            part
            for i, part in enumerate(parts)
            if not _matters(rows, chosen, 1 + i, 1 + len(parts) + i)
        ]
        lost += scenery
        return Direction(values, confidence, tuple(_readable(p, cast) for p in lost), distance_m)

    def probabilities(self, texts: list[str]) -> list[Tensor]:
        """Return for each parameter (n_texts, n_values) probabilities, for normalised texts.

        Each text is read a second time with the persons exchanged, and both readings are
        averaged: what is said of one person means the same as said of the other.
        """
        n = len(texts)
        swapped = [_exchanged(text) for text in texts]
        pieces = [torch.tensor(self.vocabulary.encode(text) or [0]) for text in texts + swapped]
        lengths = torch.tensor([len(row) for row in pieces])
        padded = nn.utils.rnn.pad_sequence(pieces, batch_first=True)
        with torch.inference_mode():
            rows = [scores.softmax(dim=-1) for scores in self.network(padded, lengths)]
        by_name = dict(zip(PARAMETERS, rows, strict=True))
        return [(by_name[name][:n] + _of_exchanged(by_name, name)[n:]) / 2 for name in PARAMETERS]


def _exchanged(text: str) -> str:
    return re.sub(r"\[([ab])\]", lambda match: "[b]" if match[1] == "a" else "[a]", text)


def _of_exchanged(by_name: dict[str, Tensor], name: str) -> Tensor:
    """Return what a reading with exchanged persons says of a parameter."""
    if name == "higher":  # unsaid, a, b
        return by_name[name][:, [0, 2, 1]]
    person, dot, rest = name.partition(".")
    return by_name[f"{'b' if person == 'a' else 'a'}.{rest}" if dot else name]


def _matters(rows: list[Tensor], chosen: dict[int, int], without: int, alone: int) -> bool:
    """Tell whether one part of the text has a share in what was chosen.

    It has if the text without it is less sure of a value, or if it alone says a value.
    """
    return any(
        float(rows[i][0, value] - rows[i][without, value]) > _MATTERS
        or float(rows[i][alone, value]) > _CERTAIN
        for i, value in chosen.items()
    )


def _readable(part: str, cast: Cast | None) -> str:
    names = (cast or Cast()).names
    return part.replace("[a]", names[0]).replace("[b]", names[1])


def main(arguments: list[str] | None = None) -> int:
    """Print what a description sets, as JSON (the operator in Blender runs this)."""
    parser = argparse.ArgumentParser(prog="python -m dualtalk.inference.description.interpret")
    parser.add_argument("text", help="description of the scene")
    parser.add_argument("--names", nargs=2, default=("A", "B"), help="what it calls the two")
    parser.add_argument("--pronouns", nargs=2, default=("she", "he"), choices=("she", "he", "they"))
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    try:
        cast = Cast(tuple(given.names), tuple(given.pronouns))
        direction = Director.load().direct(given.text, cast)
    except DualTalkError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    sys.stdout.write(json.dumps(asdict(direction)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
