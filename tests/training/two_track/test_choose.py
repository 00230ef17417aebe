"""What is set by hand is chosen on people who are reported nowhere."""

from dataclasses import replace

import numpy as np
import pytest
from dualtalk.core.errors import InputError
from dualtalk.core.motion import Motion
from dualtalk.core.names import ARKIT_INDEX
from dualtalk.inference.postprocess.motion import postprocessed
from dualtalk.inference.postprocess.thresholds import CHOSEN, Thresholds
from dualtalk.training.two_track import choose


class Made:
    """Stands for the readers: silence is told apart at 0.75."""

    def silence(self) -> tuple[np.ndarray, np.ndarray]:
        speaks = np.arange(1000) % 2 == 0
        draw = np.random.default_rng(0).random(1000)
        return np.where(speaks, 0.75 * draw, 0.4 + 0.6 * draw), speaks

    def gaze(self, thresholds: Thresholds) -> tuple[float, float]:
        return 0.9 - 0.15 * thresholds.eye_gain, 0.6 - 0.14 * thresholds.eye_gain


def test_the_lowest_silence_that_spares_speech_is_chosen(
    capsys: pytest.CaptureFixture[str],
) -> None:
    chosen = choose.best_of(choose.silences(Made(), Thresholds()))
    assert chosen == replace(Thresholds(), silent=0.8)
    assert capsys.readouterr().out.count("of the speech taken for silence") == 6


def test_the_gain_with_the_shares_of_people_is_chosen() -> None:
    chosen = choose.best_of(choose.eye_gains(Made(), Thresholds(certain=0.25)))
    assert chosen == Thresholds(certain=0.25, eye_gain=1.0)


def test_nothing_to_choose_from_is_said() -> None:
    with pytest.raises(InputError, match="nothing to choose"):
        choose.best_of(iter(()))


@pytest.mark.parametrize("name", ["closure_low", "certain", "silent", "eye_gain"])
def test_every_threshold_acts(name: str) -> None:
    n = 100
    draw = np.random.default_rng(1)
    expression = np.full((n, 40), 0.3)
    expression[:, ARKIT_INDEX["eyeBlinkLeft"]] = 0
    jaw = np.outer(np.full(n, 0.2), [1, 0, 0])
    motion = Motion.from_arrays(expression, jaw, eyes=np.full((n, 2, 3), 0.1))
    cues = np.repeat(draw.uniform(0.3, 0.75, (n // 10, 3)), 10, axis=0)
    other = replace(CHOSEN, **{name: {"eye_gain": 1.0}.get(name, 0.5 * getattr(CHOSEN, name))})
    usual, changed = postprocessed(motion, cues), postprocessed(motion, cues, other)
    parts = ("expression", "jaw", "eyes")
    assert any(np.abs(getattr(usual, p) - getattr(changed, p)).max() > 1e-3 for p in parts)
