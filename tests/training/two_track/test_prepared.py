"""Examples that are kept: the same again, in another order, with their features."""

from ctypes.util import find_library
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from dualtalk.core.errors import InputError
from dualtalk.inference.networks.audio.moonshine import HOP_SAMPLES
from dualtalk.training.common import averaging
from dualtalk.training.speech.espeak import Espeak
from dualtalk.training.two_track import train
from dualtalk.training.two_track.config import Stage, TrainingConfig
from dualtalk.training.two_track.data import collate
from dualtalk.training.two_track.dialogues import Voices
from dualtalk.training.two_track.prepared import examples_of
from safetensors import safe_open

pytestmark = pytest.mark.skipif(find_library("espeak-ng") is None, reason="no libespeak-ng")

N_EXAMPLES = 3


def config(n_layers: int) -> TrainingConfig:
    stage = Stage("dialogues", 4, 1, 40, 1e-3, shares=(1.0,), n_examples=N_EXAMPLES)
    audio = {"hidden_size": 16, "dilations": [1], "n_pretrained_layers": n_layers}
    return TrainingConfig("tiny", 1, (stage,), sources=("espeak",), audio=audio)


@pytest.fixture(scope="module")
def voices() -> Voices:
    spoken = [Espeak().speak("my puppy met a fabulous beaver", "en-us+f1", 160, 50, 50)]
    return Voices(tuple(spoken))


def test_each_pass_has_every_example_in_its_own_order(voices: Voices, tmp_path: Path) -> None:
    data = examples_of([voices], config(1), 0, tmp_path)
    passes = [[data[epoch * N_EXAMPLES + i] for i in range(N_EXAMPLES)] for epoch in range(4)]
    told = [sorted(float(e.audio.sum()) for e in examples) for examples in passes]
    assert all(sums == told[0] for sums in told)
    orders = {tuple(float(e.audio.sum()) for e in examples) for examples in passes}
    assert len(orders) > 1
    assert len(list(tmp_path.rglob("*.npz"))) == N_EXAMPLES


def test_speech_that_is_labelled_anew_is_made_anew(voices: Voices, tmp_path: Path) -> None:
    said = Espeak().speak("my puppy met a fabulous beaver", "en-us+f1", 160, 50, 50)
    other = Voices((replace(said, starts=said.starts + 160),))
    for spoken in (voices, other, voices):
        examples_of([spoken], config(1), 0, tmp_path)
    assert len(list(tmp_path.rglob("dialogues-*"))) == 2


def test_kept_features_serve_as_computed_ones(voices: Voices, tmp_path: Path) -> None:
    example = examples_of([voices], config(1), 0, tmp_path)[0]
    assert example.pretrained.shape == (2, -(-40 * 640 // HOP_SAMPLES), 288)
    run = train.start(config(1), tmp_path, torch.device("cpu"))
    encoder = run.learner.network.joint_encoder.audio_encoder1.eval()
    batch = collate([example])
    with torch.inference_mode():
        known = encoder.at_50(batch["audio"], 40, batch["pretrained"])
        computed = encoder.at_50(batch["audio"], 40)
    assert torch.allclose(known, computed, atol=0.05)


def test_the_pretrained_encoder_does_not_learn(voices: Voices, tmp_path: Path) -> None:
    run = train.start(config(1), tmp_path, torch.device("cpu"))
    stage = run.config.stages[0]
    before = averaging.copied(run.learner.state_dict())
    batch = collate([examples_of([voices], config(1), 0, tmp_path)[0]])
    train.train_step(run, train.optimizer_of(run, stage), batch, stage)
    for key, value in run.learner.state_dict().items():
        if ".pretrained." in key:
            assert torch.equal(value, before[key]), key
    projection = "network.joint_encoder.audio_encoder1.pretrained_projection.weight"
    assert not torch.equal(run.learner.state_dict()[projection], before[projection])
    with safe_open(train.export(run), framework="pt") as file:
        assert not any(".pretrained." in key for key in file.keys())


def test_keeping_without_a_pretrained_encoder_is_an_error(voices: Voices, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="n_pretrained_layers"):
        examples_of([voices], config(0), 0, tmp_path)
