"""Shots whose sound no network analyses: two heads at rest, as long as the sound."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from dualtalk.batch import analysis
from dualtalk.batch.analysis import Analysis
from dualtalk.batch.shot import Outputs, Shot
from dualtalk.core.motion import Motion
from dualtalk.core.performance import Performance

MakeShot = Callable[..., Shot]


def at_rest(shot: Shot, *_: object) -> Analysis:
    """Return what a network that does nothing makes of a shot; a file's size is its length."""
    n_frames = shot.sounds[0].stat().st_size
    motion = Motion.at_rest(n_frames)
    speaking = np.zeros((2, n_frames), bool)
    performance = Performance((motion, motion), shot.sounds, speaking)
    return Analysis(performance, ("a note",), (), {"device": "none"})


@pytest.fixture
def silent_network(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let no network run; return the names of the shots that were analysed."""
    analysed: list[str] = []

    def analyse(shot: Shot, *rest: object) -> Analysis:
        analysed.append(shot.name)
        return at_rest(shot, *rest)

    monkeypatch.setattr(analysis, "analyse", analyse)
    return analysed


@pytest.fixture
def make_shot(tmp_path: Path) -> MakeShot:
    def shot(name: str = "sc010", n_bytes: int = 50, **settings: object) -> Shot:
        sounds = (tmp_path / f"{name}_a.wav", tmp_path / f"{name}_b.wav")
        for sound in sounds:
            if not sound.exists():
                sound.write_bytes(bytes(n_bytes))
        outputs = Outputs(motion=tmp_path / "out" / name)
        return Shot(name, sounds, outputs=outputs, **settings)  # type: ignore[arg-type]

    return shot
