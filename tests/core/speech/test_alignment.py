"""The best path through a known text."""

import numpy as np
import pytest
from dualtalk.core.speech import alignment
from dualtalk.core.speech.phones import PHONE_INDEX, PHONES

_WORDS = (("HH", "AH", "L", "OW"), ("W", "ER", "L", "D"))


def heard(frames: list[str], sure: float = 0.9) -> np.ndarray:
    """Return logarithms of probabilities of phones that are heard for a frame each."""
    rows = np.full((len(frames), len(PHONES)), (1 - sure) / (len(PHONES) - 1), np.float32)
    rows[np.arange(len(frames)), [PHONE_INDEX[name] for name in frames]] = sure
    return np.log(rows)


def frames_of(words: tuple[tuple[str, ...], ...], each: int, gap: int) -> list[str]:
    """Return phones of so many frames each, with silence around words."""
    frames = ["SIL"] * gap
    for word in words:
        frames += [phone for phone in word for _ in range(each)] + ["SIL"] * gap
    return frames


def test_edges_are_where_phones_begin() -> None:
    found = alignment.align(heard(frames_of(_WORDS, 5, 10)), _WORDS, start_s=2.0)
    assert found[0].span.start_s == pytest.approx(2.2, abs=0.011)
    assert found[0].span.end_s == pytest.approx(2.6, abs=0.011)
    assert found[1].phones[1].start_s == pytest.approx(2.9, abs=0.011)
    assert min(word.fit for word in found) > 0.9


def test_words_without_a_pause_touch() -> None:
    first, second = alignment.align(heard(frames_of(_WORDS, 4, 0)), _WORDS)
    assert first.span.end_s == second.span.start_s == pytest.approx(0.32, abs=0.011)


def test_a_word_that_is_missing_in_the_text_costs_little() -> None:
    frames = frames_of((_WORDS[0], ("B", "IY", "T", "S"), _WORDS[1]), 5, 3)
    first, second = alignment.align(heard(frames), _WORDS)
    assert first.span.end_s == pytest.approx(23 / 50, abs=0.03)
    assert second.span.start_s == pytest.approx((3 + 23 + 23) / 50, abs=0.03)


def test_a_word_that_is_not_said_fits_badly() -> None:
    words = (_WORDS[0], ("K", "AE", "T"), _WORDS[1])
    fits = [one.fit for one in alignment.align(heard(frames_of(_WORDS, 5, 3)), words)]
    assert fits[1] < 0.2 < min(fits[0], fits[2])


def test_more_phones_than_frames_give_nothing_and_are_spread() -> None:
    assert alignment.align(heard(["SIL"] * 5), _WORDS) == []
    found = alignment.spread([4, 4], 1.0, 1.8)
    assert found[1].span.start_s == pytest.approx(1.4)
    assert found[0].fit == 0.0


def test_long_texts_keep_to_a_band(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alignment, "_N_FOLLOWED", 12)
    words = _WORDS * 30
    found = alignment.align(heard(frames_of(words, 3, 2)), words)
    assert found[-1].span.end_s == pytest.approx((30 * 28) / 50, abs=0.03)


def test_a_path_that_is_lost_fits_badly_and_is_no_number_of_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(alignment, "_N_FOLLOWED", 12)
    same = np.full((3000, len(PHONES)), -4.0, np.float32)  # nothing tells one phone from another
    found = alignment.align(same, _WORDS * 100)
    assert len(found) == 200
    assert all(0 <= word.fit <= 1 for word in found)
    assert all(word.span.end_s >= word.span.start_s for word in found)
