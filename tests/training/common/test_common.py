"""What every training has: the rate, the averages, going on later."""

from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from dualtalk.training.common import averaging, saving
from dualtalk.training.common.schedule import warm_cosine
from dualtalk.training.common.steps import Every, next_stage, run_stage


@dataclass
class At:
    stage: int = 0
    step: int = 0


def test_the_rate_rises_and_falls() -> None:
    rates = [warm_cosine(step, 200, 0.01) for step in range(200)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[9] == pytest.approx(1.0)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] == pytest.approx(0.01, abs=1e-3)
    assert warm_cosine(0, 1, 0.02) > 0


def test_the_average_follows_closely_at_first() -> None:
    module = torch.nn.Linear(1, 1, bias=False)
    average = averaging.copied(module.state_dict())
    before = averaging.copied(average)
    with torch.no_grad():
        module.weight += 1
    assert averaging.early(0, 0.99) == pytest.approx(0.1)
    assert averaging.early(10_000, 0.99) == 0.99
    averaging.follow(average, module, 0.75)
    assert float(average["weight"] - before["weight"]) == pytest.approx(0.25)
    averaging.blend(average, before, 0.5)
    assert float(average["weight"] - before["weight"]) == pytest.approx(0.125)


def test_a_stage_goes_on_where_it_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    taken: list[int] = []
    saved: list[int] = []
    at = At(step=3)

    def take(step: int) -> dict[str, float]:
        taken.append(step)
        return {"loss": 0.5}

    run_stage(at, 10, take, Every(saved=5, told=4), lambda: saved.append(at.step), "first")
    assert taken == list(range(3, 10))
    assert saved == [5]  # the end is the caller's
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" s/step")[0].split()[1] for line in lines] == ["4/10", "8/10"]
    assert lines[0].endswith("s/step loss 0.500")
    next_stage(at)
    assert (at.stage, at.step) == (1, 0)


def test_a_state_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "state.pt"
    assert saving.load(path) is None
    saving.save(path, {"weights": torch.ones(2), "step": 3})
    assert saving.load(path) == {"weights": pytest.approx([1, 1]), "step": 3}
    with pytest.raises(AttributeError):  # what cannot be kept leaves the last state
        saving.save(path, {"step": lambda: None})
    assert saving.load(path)["step"] == 3
    assert [p.name for p in tmp_path.iterdir()] == ["state.pt"]
