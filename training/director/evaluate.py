"""Share of parameters that the director gets right: `python -m training.director.evaluate`.

Generated descriptions whose templates (frames and joins of sentences) training never saw, with the
phrases of training or with phrases that it never saw either; and handwritten ones. `train` chooses
by the validation's scores; the test's are only reported.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

from dualtalk.core.directing.description import PARAMETERS, UNSAID
from dualtalk.inference.description.interpret import ASSETS, Director
from dualtalk.training.director.grammar import Example, Generator, Split

#: Seeds of the generated descriptions.
_SEEDS: dict[Split, int] = {"validation": 2026, "test": 2027}


@dataclass(frozen=True)
class Scores:
    """Shares of parameters that are right, 0 to 1."""

    said: float  #: of those that the description says or the director claims it to say
    all: float  #: of all, with those that are rightly left unsaid
    mistakes: tuple[str, ...]


def held_out(n: int = 300, split: Split = "test", wordings: Split | None = None) -> list[Example]:
    """Return descriptions by templates that training never saw, all different.

    Args:
        n: how many.
        split: whose templates.
        wordings: whose phrases fill them; by default the split's, which training never saw either.
    """
    generator = Generator(split, _SEEDS[split], wordings)
    examples: dict[str, Example] = {}
    while len(examples) < n:
        example = generator.draw()
        if example.values:
            examples[example.text] = example
    return list(examples.values())


def handwritten(split: Split = "test") -> list[Example]:
    """Return the descriptions written by hand: those to choose by, or those to report."""
    path = Path(__file__).with_name(f"handwritten_{split}.tsv")
    rows = [line for line in path.read_text("utf-8").splitlines() if line[:1] != "#"]
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


def validate(director: Director) -> float:
    """Return the score by which one of several trainings is chosen, 0 to 1."""
    examples = (held_out(split="validation"), handwritten("validation"))
    return sum(score(director, found).said for found in examples) / len(examples)


def main() -> None:
    """Print the shares for all sets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ASSETS)
    parser.add_argument("--mistakes", action="store_true", help="list those of the validation")
    given = parser.parse_args()
    director = Director.load(given.folder)
    splits: tuple[Split, Split] = ("validation", "test")
    for split in splits:
        for kind, examples in (
            ("new templates", held_out(split=split, wordings="train")),
            ("new templates and phrases", held_out(split=split)),
            ("handwritten", handwritten(split)),
        ):
            scores = score(director, examples)
            print(f"{split}, {kind}: {len(examples)} descriptions, {scores.said:.1%} of what is "
                  f"said or claimed is right, {scores.all:.1%} of all parameters")  # fmt: skip
            if given.mistakes and split == "validation":
                print("\n".join(scores.mistakes))


if __name__ == "__main__":
    main()
