"""`dualtalk bench`, `convert` and `evaluate` as commands: what they print and write."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from dualtalk.cli import main
from dualtalk.core.motion import Motion
from dualtalk.inference import checkpoints
from dualtalk.inference.convert import convert
from dualtalk.inference.networks.audio.wav2vec2 import Wav2Vec2Config
from dualtalk.inference.networks.config import DualTalkConfig
from dualtalk.inference.networks.dualtalk import DualTalk

TINY = DualTalkConfig(
    audio=Wav2Vec2Config(64, 2, 4, 128, 32, 16, 4), feature_size=32, feed_forward_size=64
)


def test_bench_prints_a_row_of_measured_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--network", "bundled", "--seconds", "2"]) == 0
    machine, header, row = capsys.readouterr().out.splitlines()
    assert machine.startswith(f"torch {torch.__version__}")
    assert header.split()[:3] == ["network", "mode", "length"]
    name, mode, length, unit, per_second, times_real_time, peak_mb, *_ = row.split()
    assert (name, mode, length, unit) == ("bundled", "float32", "2", "s")
    # A case that fails takes for ever and no memory: `inf` and `nan`.
    assert 0 < float(per_second) < 60
    assert float(times_real_time) == pytest.approx(1 / float(per_second), rel=0.05, abs=0.06)
    assert 50 < float(peak_mb) < 10_000


def test_convert_writes_a_checkpoint_that_loads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # The published network has 190 million parameters; a small one stands for it.
    monkeypatch.setattr("dualtalk.inference.convert.convert", lambda a, b: convert(a, b, TINY))
    torch.manual_seed(0)
    state = DualTalk(TINY).state_dict()
    torch.save(state, tmp_path / "DualTalk.pth")
    target = tmp_path / "new" / "out.safetensors"
    assert main(["convert", str(tmp_path / "DualTalk.pth"), str(target)]) == 0
    assert str(target) in capsys.readouterr().out
    back = checkpoints.load(target)
    assert back.basis == "flame"
    assert all(torch.equal(back.network.state_dict()[name], x) for name, x in state.items())


def test_convert_refuses_what_is_no_checkpoint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.pth").write_text("no weights")
    arguments = [str(tmp_path / name) for name in ("text.pth", "out.safetensors")]
    assert main(["convert", *arguments]) == 2
    assert "text.pth" in capsys.readouterr().err
    assert not (tmp_path / "out.safetensors").exists()


@pytest.fixture
def motions(tmp_path: Path) -> list[str]:
    """Write a prediction, its truth and the partner's motion."""
    draw = np.random.default_rng(0)
    paths = []
    for name in ("predicted", "truth", "partner"):
        values = draw.standard_normal((120, 56))
        Motion.from_arrays(values[:, :50], values[:, 50:53], values[:, 53:], basis="flame").save(
            tmp_path / f"{name}.npz"
        )
        paths.append(str(tmp_path / f"{name}.npz"))
    return paths


def test_evaluate_prints_every_measure_of_the_paper(
    motions: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    predicted, truth, partner = motions
    assert main(["evaluate", predicted, truth, "--partner", partner, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    metrics = ("fd", "mse", "sid", "sid_reverse", "var", "pfd", "rpcc")
    assert set(found) == {f"{m}_{part}" for m in metrics for part in ("exp", "jaw", "head")}
    assert found["mse_jaw"]["scaled"] == pytest.approx(1e3 * found["mse_jaw"]["raw"])
    assert main(["evaluate", truth, truth]) == 0
    rows = dict(line.rsplit(maxsplit=2)[::2] for line in capsys.readouterr().out.splitlines()[1:])
    assert float(rows["mse jaw"]) == 0
    assert "pfd jaw" not in rows  # without the partner
