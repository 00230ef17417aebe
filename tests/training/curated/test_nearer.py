"""What is nearer is told apart from what moves less."""

from pathlib import Path

import numpy as np
import pytest
from dualtalk.core.motion import Motion
from dualtalk.training.curated import dialogues
from dualtalk.training.mixed.curated import nearer

_N = 100


def _motion(seed: int, size: float = 1.0) -> Motion:
    generator = np.random.default_rng(seed)
    jaw = np.zeros((_N, 3))
    jaw[:, 0] = 0.1 * np.abs(generator.normal(size=_N))
    head = 0.05 * size * generator.normal(size=(_N, 3))
    shapes = size * generator.uniform(0, 1, (_N, 40))
    return Motion.from_arrays(shapes, jaw=jaw, head=head)


def test_a_motion_is_as_near_to_itself_as_can_be() -> None:
    found = nearer.compared(_motion(1), _motion(1), np.ones(_N, bool))
    assert list(found) == list(nearer.MEASURES)
    assert found == pytest.approx(dict.fromkeys(nearer.MEASURES, 0.0), abs=1e-6)


def test_moving_less_makes_an_error_smaller_and_is_said() -> None:
    true, active = _motion(1), np.ones(_N, bool)
    lively, still = (nearer.compared(_motion(2, size), true, active) for size in (1.0, 0.3))
    error, moves = "head about its mean, RMS", "how much heads move, off by"
    assert still[error] < lively[error]
    assert still[moves] > 3 * lively[moves]
    assert still["how much seen shapes move, off by"] > 0.1


def test_readers_to_choose_by_are_not_held_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "speech").mkdir()
    for number in range(70):
        (tmp_path / "speech" / f"{number:03d}.flac").touch()
    read: list[int] = []

    def read_track(path: Path) -> np.ndarray:
        read.append(int(path.stem))
        return np.ones(16_000, np.float32)

    monkeypatch.setattr(dialogues, "read_track", read_track)
    pairs = dialogues.readers(tmp_path)
    kinds = [pair.name.split("_")[0] for pair in pairs]
    assert kinds == ["heldout"] * 4 + ["choose"] * 6
    is_held_out = [number % 8 == 0 for number in read]
    assert is_held_out == [True] * 8 + [False] * 12
