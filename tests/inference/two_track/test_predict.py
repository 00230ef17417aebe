"""Prediction: both heads agree, windows join unseen, and the same input gives the same bytes."""

import itertools

import numpy as np
import pytest
import torch
from dualtalk.core.conversation.dialogue import Dialogue
from dualtalk.core.errors import CancelledError, InputError
from dualtalk.core.motion import Motion
from dualtalk.inference import checkpoints, devices
from dualtalk.inference.checkpoints import Checkpoint
from dualtalk.inference.devices import Precision
from dualtalk.inference.low_precision import in_low_precision
from dualtalk.inference.networks.audio.wav2vec2 import Wav2Vec2Config
from dualtalk.inference.networks.config import DualTalkConfig, compact_config
from dualtalk.inference.networks.dualtalk import DualTalk, swapped
from dualtalk.inference.two_track.predict import (
    PredictOptions,
    _agreed,
    predict_both,
    predict_reaction,
)
from dualtalk.inference.windows import Blend, plan

CPU = PredictOptions(device="cpu")


def talk(seconds: float, seed: int = 0) -> Dialogue:
    """Return two tracks of noise bursts."""
    generator = np.random.default_rng(seed)
    n = round(seconds * 16_000)
    bursts = np.repeat(generator.random((2, n // 3_200 + 1)) > 0.5, 3_200, axis=1)[:, :n]
    return Dialogue((0.1 * generator.standard_normal((2, n)) * bursts).astype(np.float32))


def test_both_heads_agree_with_each_other(seeded: Checkpoint) -> None:
    dialogue = talk(4)
    raw = PredictOptions(device="cpu", raw=True)
    first, second = predict_both(dialogue, seeded, raw)
    again = predict_reaction(dialogue, seeded, raw, second)
    assert np.abs(again.expression - first.expression).max() < 5e-3
    assert np.abs(again.head - first.head).max() < 5e-3


@pytest.mark.parametrize(("precision", "worth"), [("float32", 1e-4), ("fast", 1e-3)])
def test_passes_that_are_left_out_would_change_little(precision: Precision, worth: float) -> None:
    network = checkpoints.load(checkpoints.bundled_path()).network
    tracks = torch.stack([network.prepare(torch.from_numpy(x)) for x in talk(6).tracks])
    with torch.inference_mode():
        features = network.encode_dialogue(tracks)
        noise = torch.zeros(*features.own.shape[:2], network.config.n_noise)
        found = motion = _agreed(network, features, noise, precision)
        for _ in range(4):
            motion = network.decode(features, swapped(motion), noise)
    assert 0 < float((motion - found).abs().max()) < worth


def test_the_same_input_gives_the_same_bytes(seeded: Checkpoint) -> None:
    one, two = (predict_both(talk(3), seeded, CPU)[0] for _ in range(2))
    assert one.expression.tobytes() == two.expression.tobytes()
    assert one.head.tobytes() == two.head.tobytes()


def test_swapping_the_tracks_swaps_the_heads() -> None:
    # Without noise and postprocessing, whose chance is each speaker's own and stays where it is.
    torch.manual_seed(0)
    network = DualTalk(compact_config(n_noise=0)).eval().requires_grad_(False)
    noiseless = Checkpoint(network, "arkit", "noiseless")
    dialogue = talk(3)
    swapped = Dialogue(np.ascontiguousarray(dialogue.tracks[::-1]))
    raw = PredictOptions(device="cpu", raw=True)
    heads, exchanged = (predict_both(d, noiseless, raw) for d in (dialogue, swapped))
    for part in ("expression", "jaw", "head", "eyes"):
        mine, other = getattr(heads[0], part), getattr(heads[1], part)
        np.testing.assert_allclose(getattr(exchanged[1], part), mine, atol=1e-5)
        np.testing.assert_allclose(getattr(exchanged[0], part), other, atol=1e-5)
    assert np.abs(heads[0].jaw - heads[1].jaw).max() > 1e-3  # or nothing was exchanged


def test_frame_counts_do_not_depend_on_windows(seeded: Checkpoint) -> None:
    dialogue = talk(7.3)
    for window_s in (0, 2.5, None):
        motion, _ = predict_both(dialogue, seeded, PredictOptions(window_s=window_s, device="cpu"))
        assert motion.n_frames == dialogue.n_frames


def test_a_reaction_depends_on_the_partners_motion(seeded: Checkpoint) -> None:
    dialogue = talk(3)
    generator = np.random.default_rng(1)
    moving = Motion.from_arrays(generator.random((75, 40)), head=generator.random((75, 3)))
    still = predict_reaction(dialogue, seeded, CPU, Motion.at_rest(75))
    stirred = predict_reaction(dialogue, seeded, CPU, moving)
    assert np.abs(still.expression - stirred.expression).max() > 1e-4


def test_a_partner_of_another_length_and_rate_is_fitted(seeded: Checkpoint) -> None:
    partner = Motion.at_rest(30, fps=30.0)
    assert predict_reaction(talk(3), seeded, CPU, partner).n_frames == 75


def test_a_partner_of_another_basis_is_refused(seeded: Checkpoint) -> None:
    with pytest.raises(InputError, match="'flame'"):
        predict_reaction(talk(1), seeded, CPU, Motion.at_rest(25, basis="flame"))


def test_a_device_that_is_missing_falls_back_and_says_so(
    seeded: Checkpoint, caplog: pytest.LogCaptureFixture
) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has the device")
    there, _ = predict_both(talk(1), seeded, PredictOptions(device="cuda"))
    here, _ = predict_both(talk(1), seeded, CPU)
    assert "Going on with the CPU" in caplog.text
    np.testing.assert_array_equal(there.expression, here.expression)


def test_work_can_be_cancelled(seeded: Checkpoint) -> None:
    def report(fraction: float, text: str) -> None:
        if fraction > 0:
            raise CancelledError

    with pytest.raises(CancelledError):
        predict_both(talk(8), seeded, PredictOptions(window_s=2, device="cpu"), report)


@pytest.fixture
def published() -> Checkpoint:
    """Return a small network of the published design with random weights."""
    torch.manual_seed(0)
    encoder = Wav2Vec2Config(
        hidden_size=32, n_layers=2, n_heads=2, feed_forward_size=64, n_channels=16
    )
    network = DualTalk(DualTalkConfig(audio=encoder)).eval().requires_grad_(False)
    return Checkpoint(network, "flame", "small")


def test_fast_mode_stays_near_float32(
    published: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "cpu_prefers_bfloat16", lambda: True)
    fast, _ = predict_both(talk(2), published, PredictOptions(device="cpu", precision="fast"))
    exact, _ = predict_both(talk(2), published, CPU)
    assert 0 < np.abs(fast.expression - exact.expression).max() < 1e-2


def test_only_what_costs_most_changes_its_number_type(published: Checkpoint) -> None:
    network = published.network
    original = dict(network.named_parameters())
    copy = dict(in_low_precision(network, torch.bfloat16).named_parameters())
    changed = {name for name in copy if copy[name].dtype is torch.bfloat16}
    assert changed
    assert all(".attention." in name or ".feed_forward." in name for name in changed)
    assert all(copy[name] is original[name] for name in copy if name not in changed)
    assert {value.dtype for value in original.values()} == {torch.float32}


def test_windows_cover_everything_and_blend_to_the_same() -> None:
    windows = plan(1_000, 200, 50)
    assert (windows[0].first, windows[-1].last) == (0, 1_000)
    assert all(b.first <= a.last - 50 for a, b in itertools.pairwise(windows))
    truth = np.random.default_rng(0).random((2, 1_000, 3)).astype(np.float32)
    blend = Blend(2, 1_000, 3, 50)
    for window in windows:
        blend.add(window, truth[:, window.first : window.last])
    np.testing.assert_allclose(blend.result(), truth, rtol=1e-6)


def test_a_short_dialogue_is_one_window() -> None:
    assert len(plan(100, 500, 100)) == 1
    assert len(plan(100, 0, 100)) == 1
