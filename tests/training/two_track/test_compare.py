"""Comparing checkpoints: on people who are neither trained on nor reported, each asked once."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from dualtalk.core.conversation.dialogue import Dialogue
from dualtalk.evaluation.intervals import Interval
from dualtalk.training import held_out
from dualtalk.training.speech.espeak import ACCENTS
from dualtalk.training.two_track import compare
from dualtalk.training.two_track.evaluation import conditions, evaluate, measure


def test_an_accent_to_choose_by_is_neither_trained_on_nor_reported() -> None:
    def accents(voices: tuple[str, ...]) -> set[str]:
        return {voice.partition("+")[0] for voice in voices}

    chosen_by = accents(conditions.VOICES_FOR_CHOOSING)
    assert chosen_by
    assert not chosen_by & (set(ACCENTS) | accents(conditions.UNSEEN_VOICES))


def test_a_row_has_what_its_header_names() -> None:
    keys = [*compare._LIPS.values(), "open_share"]
    run = SimpleNamespace(lips=lambda *_: {key: Interval(0.5, 0.4, 0.6) for key in keys})
    row = compare.lips_row(run, [], [])  # type: ignore[arg-type]
    assert row == ["0.500 (0.400 to 0.600)"] * len(compare._LIPS)


def test_roles_are_of_readers_to_choose_by(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def readers(shared: Path, n: int, people: object) -> SimpleNamespace:
        asked.append(people)
        return SimpleNamespace(tracks=None)

    monkeypatch.setattr(conditions, "real_turns", readers)
    monkeypatch.setattr(compare.turns, "speaking", lambda _: (None, None))
    shares = dict.fromkeys(compare._ROLES.values(), 0.25)
    monkeypatch.setattr(measure, "behaviour_of", lambda *_: shares)
    run = SimpleNamespace(predict=lambda *_: (None, None))
    row = compare.roles_row(run, Path())  # type: ignore[arg-type]
    assert asked == [held_out.for_choosing]
    assert row == ["0.250"] * len(compare._ROLES)


def test_heads_that_several_measures_need_are_predicted_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def predict(dialogue: Dialogue, _: object, options: evaluate.PredictOptions) -> tuple[int, int]:
        asked.append((float(dialogue.tracks.sum()), options.seed))
        return len(asked), 0

    monkeypatch.setattr(evaluate, "predict_both", predict)
    run = evaluate.Evaluation(None, Path())  # type: ignore[arg-type]
    quiet, loud = (Dialogue(np.full((2, 640), level, np.float32)) for level in (0.0, 0.5))
    found = [run.predict(one, seed)[0] for one in (quiet, loud, quiet) for seed in (0, 1)]
    assert found == [1, 2, 3, 4, 1, 2]
    assert len(set(asked)) == len(asked) == 4
