"""Another language than English is noticed; English, and what holds no speech, is passed over."""

from pathlib import Path

import numpy as np
import pytest
from dualtalk.core.conversation.dialogue import SAMPLE_RATE
from dualtalk.core.errors import InputError
from dualtalk.core.paths import ASSETS
from dualtalk.inference import language, sound_checks
from dualtalk.inference.audio import read_track
from dualtalk.training.language import fit
from dualtalk.training.language.samples import Sample
from dualtalk.training.language.sentences import NAMES, TO_FIT, TO_MEASURE

SHARED = Path(__file__).resolve().parents[4] / "shared"


def test_no_language_is_fitted_and_measured() -> None:
    assert not TO_FIT.keys() & TO_MEASURE.keys()
    assert NAMES.keys() == TO_FIT.keys() | TO_MEASURE.keys()


def test_the_demo_is_english() -> None:
    for name in ("demo_speaker1", "demo_speaker2"):
        assert sound_checks.language_note("It", read_track(ASSETS / f"{name}.flac")) == ""


@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared/faces")
def test_mandarin_of_a_real_voice_is_named() -> None:
    track = read_track(next(iter(sorted((SHARED / "faces" / "facegood").glob("*.flac")))))
    assert "another language" in sound_checks.language_note("A's track", track[: 30 * SAMPLE_RATE])


def test_too_little_speech_tells_nothing() -> None:
    assert language.foreignness(np.zeros(20 * SAMPLE_RATE, np.float32)) is None
    click = np.zeros(20 * SAMPLE_RATE, np.float32)
    click[SAMPLE_RATE : SAMPLE_RATE + 800] = 0.3
    assert language.foreignness(click) is None
    assert language.foreignness(np.zeros(3, np.float32)) is None


def test_the_rule_parts_synthetic_languages_and_passes_real_english() -> None:
    generator = np.random.default_rng(0)

    def some(is_english: bool, is_real: bool, n: int) -> list[Sample]:
        middle = np.array([0.0 if is_english else 3.0, 5.0 if is_real else 0.0, 0.0])
        rows = (middle + generator.standard_normal((n, 3))).astype(np.float32)
        return [Sample("", is_english, False, row) for row in rows]

    rule = fit.fitted(some(True, False, 200) + some(False, False, 200), some(True, True, 200))
    mistaken = [rule.score(one.statistics) > 0 for one in some(True, True, 400)]
    noticed = [rule.score(one.statistics) > 0 for one in some(False, True, 400)]
    assert np.mean(mistaken) < 0.06
    assert np.mean(noticed) > 0.6


def test_a_rule_is_kept_and_a_damaged_one_refused(tmp_path: Path) -> None:
    path = tmp_path / "rule.npz"
    language.Rule(np.array([1.0, -2.0], np.float32), 0.5).save(path)
    kept = language.Rule.load(path)
    assert kept.score(np.array([1.0, 1.0], np.float32)) == pytest.approx(-0.5)
    path.write_bytes(b"no zip")
    with pytest.raises(InputError):
        language.Rule.load(path)
