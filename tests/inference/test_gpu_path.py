"""What a GPU runs, tested where there is none: number types by CPU autocast, copies by counting."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from dualtalk.cli import main
from dualtalk.core.conversation.dialogue import Dialogue
from dualtalk.evaluation.bench import _checkpoint, _dialogue
from dualtalk.evaluation.plain_run import plain_run
from dualtalk.inference import checkpoints, devices, resident
from dualtalk.inference.checkpoints import Checkpoint
from dualtalk.inference.executor import WindowExecutor
from dualtalk.inference.networks.audio.moonshine import Moonshine
from dualtalk.inference.networks.audio.wav2vec2_features import FeatureExtractor
from dualtalk.inference.two_track.predict import PredictOptions, predict_both
from dualtalk.inference.windows import Window


@pytest.fixture(scope="module")
def tiny() -> Checkpoint:
    """The published network in small: both encoders are wav2vec2."""
    return _checkpoint("tiny")


@pytest.fixture(params=["tiny", "bundled"])
def network(request: pytest.FixtureRequest, tiny: Checkpoint) -> Checkpoint:
    bundled = checkpoints.bundled_path()
    return tiny if request.param == "tiny" else checkpoints.load(bundled)


def numbers(dialogue: Dialogue, checkpoint: Checkpoint) -> np.ndarray:
    options = PredictOptions(device="cpu", raw=True)
    motions = predict_both(dialogue, checkpoint, options)
    return np.stack([np.concatenate([m.expression, m.jaw, m.head], axis=1) for m in motions])


@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.bfloat16, 0.2), (torch.float16, 0.03)], ids=["bf16", "fp16"]
)
def test_every_operation_takes_a_gpus_number_types(
    dtype: torch.dtype,
    tolerance: float,
    network: Checkpoint,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dialogue = _dialogue(3.0)
    wanted = numbers(dialogue, network)
    monkeypatch.setattr(Moonshine, "features_of", Moonshine.features_at_once)  # as on a GPU
    with torch.autocast("cpu", dtype=dtype):
        found = numbers(dialogue, network)
    assert np.isfinite(found).all()
    assert np.abs(found - wanted).max() < tolerance


def test_convolutions_at_once_are_those_in_chunks() -> None:
    torch.manual_seed(1)
    extractor = FeatureExtractor(32).eval()
    for n_samples in (100, 400, 16_000, 80_123):
        audio = torch.randn(3, n_samples)
        with torch.inference_mode():
            chunked = extractor(audio)
            padded = torch.nn.functional.pad(audio, (0, max(0, 400 - n_samples)))
            taps = [layer.taps() for layer in extractor._layers()]
            at_once = extractor._at_once(padded, taps)
        assert chunked.shape == at_once.shape
        assert torch.allclose(chunked, at_once, atol=2e-5)


def test_windows_at_once_are_those_one_by_one() -> None:
    """Of the bundled network's speech encoder: two tracks, stretches of many lengths, silence."""
    encoder = checkpoints.load(checkpoints.bundled_path()).network.joint_encoder.audio_encoder1
    (moonshine,) = [each for each in encoder.modules() if isinstance(each, Moonshine)]
    torch.manual_seed(2)
    tracks = 0.1 * torch.randn(3, 25 * 16_000 + 77)
    tracks[0, 16_000 * 5 : 16_000 * 8] = 0.0
    tracks[1, : 16_000 * 14] = 0.0  # what is left is a window and a bit
    tracks[2] = 0.0
    with torch.inference_mode():
        one_by_one = moonshine.features_of(tracks)
        at_once = moonshine.features_at_once(tracks)
        silent = moonshine.features_at_once(tracks[2:])
    assert at_once.shape == one_by_one.shape
    assert torch.allclose(at_once, one_by_one, atol=1e-4 * float(one_by_one.abs().max()))
    assert not silent.any()


def test_the_plain_run_gives_the_same_numbers(tiny: Checkpoint) -> None:
    dialogue = _dialogue(3.0)
    assert np.abs(numbers(dialogue, tiny) - plain_run(tiny.network, dialogue)).max() < 1e-4


@pytest.fixture
def elsewhere() -> Iterator[torch.device]:
    """A device that is not the CPU wherever the tests run; it has shapes, and no numbers."""
    before = resident.n_copied
    yield torch.device("meta")
    resident.n_copied = before


def test_weights_are_copied_to_a_device_once(tiny: Checkpoint, elsewhere: torch.device) -> None:
    first = resident.on_device(tiny.network, elsewhere)
    n_copied = resident.n_copied
    for _ in range(3):
        assert resident.on_device(tiny.network, elsewhere) is first
        half = resident.on_device(tiny.network, elsewhere, torch.float16)
    assert resident.n_copied == n_copied + 1
    assert {each.device.type for each in half.parameters()} == {"meta"}
    assert next(tiny.network.parameters()).device.type == "cpu"


def test_sessions_share_the_copy(
    tiny: Checkpoint, elsewhere: torch.device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "choose_or_fall_back", lambda _: elsewhere)
    resident.forget_devices(tiny.network)
    before = resident.n_copied
    for _ in range(3):
        WindowExecutor(tiny.network, "cuda", "float32")
    assert resident.n_copied == before + 1
    resident.forget_devices(tiny.network)


def test_a_copy_is_made_anew_when_the_weights_change(elsewhere: torch.device) -> None:
    network = _checkpoint("tiny").network
    first = resident.on_device(network, elsewhere)
    with torch.no_grad():
        next(network.parameters()).add_(1.0)
    assert resident.on_device(network, elsewhere) is not first


def test_tf32_is_for_the_fast_mode_alone() -> None:
    before = torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32
    with devices.tf32("float32"):
        assert not torch.backends.cudnn.allow_tf32
        assert not torch.backends.cuda.matmul.allow_tf32
    assert (torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32) == before


def test_short_memory_halves_what_goes_through_at_once(tiny: Checkpoint) -> None:
    executor = WindowExecutor(tiny.network, "cpu", "float32")
    executor._device = torch.device("cuda")  # as if: the CPU computes
    seen: list[int] = []

    def solve(network: object, audio: torch.Tensor, windows: list[Window]) -> torch.Tensor:
        seen.append(len(windows))
        if len(windows) > 1:
            raise torch.OutOfMemoryError
        return torch.zeros(2, 4, 1)

    windows = [Window(0, 4)] * 4
    executor._computed = lambda s, a, w: s(None, a, w).numpy()  # type: ignore[method-assign]
    assert executor.compute(solve, torch.zeros(8, 10), windows).shape == (8, 4, 1)
    assert seen == [4, 2, 1, 1, 2, 1, 1]


def test_bench_runs_on_cpu_autocast(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["bench", "--device", "cpu-autocast", "--network", "tiny", "--seconds", "2"]
    assert main(arguments) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[2:]]
    assert [row[1] for row in rows] == ["baseline", "float32", "bfloat16", "float16"]
    assert all(0 < float(row[4]) < 60 for row in rows)
