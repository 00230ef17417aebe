"""Turns are found on the device that was asked for: by the command, the worker, and both heads."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from dualtalk.core.conversation.turns import Turns
from dualtalk.core.jobs.requests import TurnsRequest
from dualtalk.inference.mixed import animate
from dualtalk.inference.mixed.predict import MixedOptions
from dualtalk.inference.turn_taking import finding, voice_features
from dualtalk.inference.workers import turns as worker


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the devices that were asked for, while the CPU computes."""
    names: list[str] = []

    def run_on(network: Any, name: str, work: Any) -> Any:
        names.append(name)
        return work(network, torch.device("cpu"))

    monkeypatch.setattr(voice_features, "run_on", run_on)
    return names


def test_the_recording_and_the_clip_of_a_voice_go_to_the_device(asked: list[str]) -> None:
    noise = 0.1 * np.random.default_rng(0).standard_normal(48_000).astype(np.float32)
    finding.find_turns(noise, device="cuda")
    assert asked == ["cuda"]


def test_workers_and_both_heads_ask_for_the_device_of_the_preferences(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []

    def found(*_: object, device: str, **__: object) -> Turns:
        seen.append(device)
        return Turns(np.zeros((2, 5), np.float32))

    monkeypatch.setattr(finding, "find_turns", found)
    recording = SimpleNamespace(turns=None, voice_a="", swaps_voices=False)
    sound = np.zeros(3200, np.float32)
    animate._turns(recording, sound, MixedOptions(device="mps"), lambda *_: None)
    monkeypatch.setattr("dualtalk.inference.sound_checks.read_checked_track", lambda _: (sound, ()))
    worker.run(TurnsRequest("a.wav", device="cuda"), tmp_path)
    assert seen == ["mps", "cuda"]
