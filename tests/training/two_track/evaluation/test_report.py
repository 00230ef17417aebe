"""The page of the bundled checkpoint says what is missed, on numbers that are made up."""

from typing import Any

import numpy as np
import pytest
from dualtalk.core.motion import Motion
from dualtalk.evaluation.intervals import Interval
from dualtalk.training.speech.phones import make_utterance
from dualtalk.training.two_track.evaluation import card, people, report
from dualtalk.training.two_track.evaluation.articulation import Lips
from dualtalk.training.two_track.fit_retarget import Quality


def about(value: float, spread: float = 0.02) -> Interval:
    return Interval(value, value - spread, value + spread)


@pytest.fixture
def numbers() -> dict[str, Any]:
    """Return numbers that meet every goal but those that a test changes."""
    lips = vars(Lips(*(about(0.97) for _ in range(6)))) | {
        "heard_auc": about(0.995, 0.002), "heard_f1": about(0.95),
    }  # fmt: skip
    person = {one.key: 0.5 * (max(one.low, 0) + min(one.high, 1)) for one in people.FACE}
    person |= {"blinks_per_minute": 20.0, "nods_per_minute_listening": 10.0}
    person |= {one.key: 0.05 if one.high < 1 else 0.99 for one in people.MOUTH}
    real = {key: person[key] for key in ("head_speed_speaking", "head_speed_listening")}
    bridge = Quality(about(0.3), 0.2, 0.6)
    jaw = {"zero": about(0.3), "best": about(0.5)}
    spoiled = {"jaw": about(0.4), "role_energy_ratio": [0.1, 0.1], "silence_closed_share": [1, 1]}
    return {
        "clip": {
            "jaw": {report.RAW: jaw, report.FINISHED: jaw, "RMS envelope in dB": jaw},
            "best_lag_frames": 3,
            "times_real_time": 40.0,
            "without_posture": 0.55,
        },
        "mouths": {
            key: {"n_people": 3, "ours": about(0.5), "level": about(0.3)}
            for key in ("grid", "facegood")
        },
        "reading": {"clean": lips},
        "held_out": lips,
        "synthetic": lips,
        "timing": {
            f"{name}_ms": about(10.0, 5.0)
            for name in ("curve", "closure", "parting", "opening", "release")
        },
        "robustness": {"clean": spoiled},
        "conversation": [person, person],
        "readers": [person, person],
        "tracked": real | {"listening_s": 11.0},
        "flame": {
            "to_flame": bridge,
            "to_arkit": bridge,
            "paper": [{"metric": "fd", "part": "exp", "scaled": 1.0}],
        },
        "diversity": {"lips, speaking": about(0.99, 0.005)},
    }


def page(numbers: dict[str, Any], folder: Any) -> str:
    n = 50
    still = Motion.at_rest(n)
    utterance = make_utterance(
        np.zeros(n * 640, np.float32), ["SIL", "P", "AA"], [0, 0.5, 0.6], [0.5, 0.6, 2.0], "none"
    )
    clip = {"truth": np.arange(n), "ours": np.arange(n), "active": np.arange(n) > 20}
    report.write(numbers, {"clip": clip, "reading": (utterance, still)}, folder)
    assert {path.name for path in folder.iterdir()} == {
        *("quality.md", "quality-jaw.png", "quality-lips.png")
    }
    return (folder / "quality.md").read_text()


def test_what_is_met_is_said(numbers: dict[str, Any], tmp_path: Any) -> None:
    text = page(numbers, tmp_path)
    assert "missed**" not in text.lower()
    assert text.count(": met") == 18
    assert "0.50 (0.48 to 0.52)" in text
    assert "1.0 times as fast while speaking" in text
    assert "| lips, speaking | 0.99 (0.98 to 0.99) |" in text


def test_what_is_missed_is_said(numbers: dict[str, Any], tmp_path: Any) -> None:
    numbers["clip"]["jaw"][report.RAW] = {"zero": about(0.2), "best": about(0.43)}
    numbers["reading"]["clean"]["f1"] = about(0.8, 0.05)
    numbers["conversation"][0] = numbers["conversation"][0] | {"blinks_per_minute": 32.0}
    numbers["tracked"]["head_speed_speaking"] *= 0.5
    numbers["timing"]["release_ms"] = about(-45.0, 3.0)
    text = page(numbers, tmp_path)
    assert "network alone, at least 0.45: **missed**" in text
    assert "at least 0.78: not shown, the interval covers it" in text
    assert "**32.0**" in text
    assert "clip, 1 32.0" in text
    assert "2.0 times as fast while speaking and 1.0 times while listening: **missed**" in text
    assert "-45 (-48 to -42) ms, at most 40: **missed**" in text


def test_the_card_judges_the_network_alone(numbers: dict[str, Any]) -> None:
    text = card.text(numbers, 1_000_000, {"seed": "3"})
    assert "network alone | 0.50 (0.48 to 0.52) |" in text
    assert "seed 3" in text
