"""Fit the rule that notices other languages than English: `python -m training.language.fit`.

Logistic regression on synthetic voices of English and of eight languages, without the direction in
which real voices differ from synthetic ones: no real voice of another language is trained on, so
that being real would count as English. The offset is set on real English readers who are reported
nowhere: one in fifty is taken for another language. Measured on other languages, other accents and
recordings; writes assets/language.npz and docs/languages.md.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from dualtalk.core.paths import ASSETS
from dualtalk.inference import checkpoints
from dualtalk.inference.audio import read_track
from dualtalk.inference.language import Rule, bundled_rule, foreignness
from dualtalk.inference.networks.audio.moonshine import Moonshine
from dualtalk.training import markdown
from dualtalk.training.language import samples, sentences
from dualtalk.training.language.samples import Sample
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

_MISTAKEN = 0.02  #: of the readers' samples that the offset is set on
_STRENGTH = 1e-3  #: scikit-learn's C; leaving one language out after the other, 1e-4 to 1e-2 agree
_N_FITTED, _N_MEASURED, _SEED = 6, 6, 3


def fitted(synthetic: list[Sample], real: list[Sample]) -> Rule:
    """Return the rule.

    Args:
        synthetic: of English and of other languages.
        real: English readers who are reported nowhere; they set the offset alone.
    """
    x, y = _stacked(synthetic), np.array([not one.is_english for one in synthetic])
    mean, deviation = x.mean(axis=0), x.std(axis=0) + 1e-6
    scaled = (x - mean) / deviation
    real_scaled = (_stacked(real) - mean) / deviation
    away = real_scaled.mean(axis=0) - scaled[~y].mean(axis=0)
    away /= np.linalg.norm(away)
    model = LogisticRegression(C=_STRENGTH, max_iter=2000, class_weight="balanced")
    model.fit(scaled - np.outer(scaled @ away, away), y)
    plane = model.coef_[0] - (model.coef_[0] @ away) * away
    weights = (plane / deviation).astype(np.float32)
    offset = -float(np.quantile(_stacked(real) @ weights, 1 - _MISTAKEN))
    return Rule(weights, offset)


def _stacked(those: list[Sample]) -> NDArray[np.float64]:
    return np.stack([one.statistics for one in those]).astype(np.float64)


def told(rule: Rule, measured: list[Sample]) -> str:
    """Return the table: how often each group is taken for another language than English."""
    rows = []
    for group in dict.fromkeys(one.group for one in measured):
        mine = [one for one in measured if one.group == group]
        cells = [group, "yes" if mine[0].is_english else "no"]
        for is_spoiled in (False, True):
            those = [one for one in mine if one.is_spoiled == is_spoiled]
            n = sum(rule.score(one.statistics) > 0 for one in those)
            cells.append(f"{n} of {len(those)}" if those else "")
        rows.append(cells)
    return markdown.table(["voices", "English", "taken for another language", "spoiled"], rows)


def whole(shared: Path) -> str:
    """Return the table of whole recordings: for how many of them a user gets the note."""
    rows = []
    for name, folder, is_english in (
        ("AMI, meetings, one far microphone", shared / "conversations", True),
        ("the real conversation, two tracks", shared / "clips", True),
        ("FACEGOOD, real Mandarin", shared / "faces" / "facegood", False),
    ):
        paths = samples.files(folder)
        n = sum((foreignness(read_track(path)) or 0) > 0 for path in paths)
        rows.append([name, "yes" if is_english else "no", f"{n} of {len(paths)}"])
    return markdown.table(["whole recordings", "English", "named"], rows)


def main() -> None:
    """Fit, measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--output", type=Path, default=ASSETS / "language.npz")
    parser.add_argument("--page", type=Path, default=Path("docs/languages.md"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    encoder = checkpoints.load(checkpoints.bundled_path(Moonshine), Moonshine).network
    generator = np.random.default_rng(_SEED)
    shared: Path = options.shared

    def made(*sounds: samples.Sounds) -> list[Sample]:
        return [one for each in sounds for one in samples.samples(encoder, each, generator)]

    synthetic = made(samples.spoken(sentences.TO_FIT, samples.ACCENTS_TO_FIT, _N_FITTED, generator))
    real = made(samples.readers(shared, "to train on"), samples.readers(shared, "to choose by"))
    rule = fitted(synthetic, real)
    rule.save(options.output)
    measured = made(
        samples.spoken(sentences.TO_MEASURE, samples.ACCENTS_TO_MEASURE, _N_MEASURED, generator),
        samples.readers(shared, "held-out readers"),
        samples.recordings(shared / "aligned", "LJSpeech", True),
        samples.recordings(shared / "conversations", "AMI, meetings, one far microphone", True),
        samples.recordings(shared / "clips", "the real conversation, two tracks", True),
        samples.recordings(shared / "faces" / "facegood", "FACEGOOD, real Mandarin", False),
    )
    bundled_rule.cache_clear()
    markdown.replace_measured(options.page, f"{told(rule, measured)}\n{whole(shared)}")


if __name__ == "__main__":
    main()
