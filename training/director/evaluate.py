"""Share of parameters that the director gets right: `python -m training.director.evaluate`."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from dualtalk.core.direction import PARAMETERS, UNSAID
from dualtalk.inference.director import ASSETS, Director
from dualtalk.training.director.grammar import Example, Generator

HANDWRITTEN = Path(__file__).with_name("handwritten.tsv")


@dataclass(frozen=True)
class Scores:
    """Shares of parameters that are right, 0 to 1."""

    said: float  #: of those that the description says or the director claims it to say
    all: float  #: of all, with those that are rightly left unsaid
    mistakes: tuple[str, ...]


def held_out(n: int = 300, seed: int = 2026) -> list[Example]:
    """Return descriptions whose phrases and frames training never saw, all different."""
    generator = Generator("test", seed)
    examples: dict[str, Example] = {}
    while len(examples) < n:
        example = generator.draw()
        if example.values:
            examples[example.text] = example
    return list(examples.values())


def handwritten() -> list[Example]:
    """Return the descriptions written by hand before the first training."""
    rows = [line for line in HANDWRITTEN.read_text("utf-8").splitlines() if line[:1] != "#"]
    pairs = [row.split("\t") for row in rows]
    return [Example(text, dict(v.split("=") for v in values.split())) for text, values in pairs]


def score(director: Director, examples: list[Example]) -> Scores:
    """Compare what the director reads in descriptions with what they say."""
    right = counted = right_unsaid = 0
    mistakes = []
    for example in examples:
        read = director.direct(example.text).values
        for name in PARAMETERS:
            wanted, got = example.values.get(name, UNSAID), read.get(name, UNSAID)
            if wanted == got == UNSAID:
                right_unsaid += 1
                continue
            counted += 1
            right += wanted == got
            if wanted != got:
                mistakes.append(f"{example.text} | {name}: {got}, not {wanted}")
    n_all = counted + right_unsaid
    return Scores(right / counted, (right + right_unsaid) / n_all, tuple(mistakes))


def main() -> None:
    """Print the shares for both sets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ASSETS)
    parser.add_argument("--mistakes", action="store_true", help="list those of the held-out set")
    given = parser.parse_args()
    director = Director.load(given.folder)
    for name, examples in (("held-out", held_out()), ("handwritten", handwritten())):
        scores = score(director, examples)
        print(f"{name}: {len(examples)} descriptions, {scores.said:.1%} of what is said or "
              f"claimed is right, {scores.all:.1%} of all parameters")  # fmt: skip
        if given.mistakes and name == "held-out":
            print("\n".join(scores.mistakes))


if __name__ == "__main__":
    main()
