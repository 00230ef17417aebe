"""`dualtalk predict --window 0 --raw` equals the reference on a whole clip, from files to files."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from dualtalk.cli import main
from dualtalk.core.motion import Motion
from dualtalk.inference import checkpoints
from dualtalk.inference.networks.dualtalk import DualTalk

from ..networks.test_dualtalk import GOLDEN, TINY, weights_recipe

CLIPS = GOLDEN.parent / "clips"


@pytest.mark.skipif(not (GOLDEN.exists() and CLIPS.exists()), reason="needs ../shared")
def test_the_command_line_equals_the_reference(tmp_path: Path) -> None:
    with np.load(GOLDEN / "dualtalk_tiny.npz") as file:
        golden = {name: file[name] for name in file.files}
    checkpoint = tmp_path / "tiny.safetensors"
    _save_tiny(checkpoint, golden)
    sounds = []
    for speaker in (2, 1):
        samples, rate = soundfile.read(
            CLIPS / f"dialogue_speaker{speaker}.wav", start=80_000, stop=144_000
        )
        sounds.append(tmp_path / f"{speaker}.wav")
        soundfile.write(sounds[-1], samples, rate, subtype="FLOAT")
    given = golden["clip_motion2"]
    partner = Motion.from_arrays(
        given[:, :50], jaw=given[:, 50:53], head=given[:, 53:], basis="flame"
    )
    partner.save(tmp_path / "partner.npz")
    arguments = ["predict", *map(str, sounds), "--partner-motion", str(tmp_path / "partner.npz")]
    arguments += ["--checkpoint", str(checkpoint), "--window", "0", "--raw", "--device", "cpu"]
    assert main([*arguments, "--output", str(tmp_path / "out")]) == 0
    found = Motion.load(tmp_path / "out_speaker1.npz")
    values = np.concatenate([found.expression, found.jaw, found.head], axis=1)
    np.testing.assert_allclose(values, golden["clip_output"], atol=1e-3, rtol=0)


def _save_tiny(path: Path, golden: dict[str, np.ndarray]) -> None:
    fill = weights_recipe().fill
    network = DualTalk(TINY)
    state = {
        name: torch.from_numpy(np.asarray(fill(name, tuple(value.shape))))
        for name, value in network.state_dict().items()
    }
    state["joint_encoder.audio_projection.weight"] *= float(
        golden["override_audio_projection_gain"]
    )
    bias = torch.from_numpy(golden["override_audio_projection_bias"])
    state["joint_encoder.audio_projection.bias"] = bias
    network.load_state_dict(state)
    checkpoints.save(path, network, "flame", "tiny")
