"""Read the encoder of Moonshine tiny from its package.

    pip download --no-deps moonshine-voice==0.0.49
    unzip moonshine_voice-*.whl
    pip install onnxruntime flatbuffers
    python -m training.pretrained.moonshine --model FILE

FILE is `moonshine_voice/assets/tiny-en/encoder_model.ort` (MIT). It keeps its matrices in 8 bits
with a scale and a zero point each; assets/moonshine.safetensors keeps them in 8 bits where that
loses nothing, and all else as half floats.
"""

import argparse
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch
from dualtalk.core.errors import InputError
from dualtalk.inference import checkpoints
from dualtalk.inference.networks.audio.moonshine import Moonshine, MoonshineConfig
from dualtalk.inference.networks.dualtalk import gain_to_speech_level
from dualtalk.training import held_out
from dualtalk.training.speech import recogniser
from numpy.typing import NDArray
from torch import Tensor

_FLOAT, _BYTE = 1, 2
_PARTS = {"q_proj": "q", "k_proj": "k", "v_proj": "v", "o_proj": "out", "fc1": "fc1", "fc2": "fc2"}
_NAME = "Moonshine tiny, English, encoder"
_CARD = {
    "license": "MIT, Copyright (c) 2025 Moonshine AI",
    "source": "moonshine-voice 0.0.49 (PyPI), assets/tiny-en/encoder_model.ort",
    "paper": "Jeffries et al. 2024, Moonshine: Speech Recognition for Live Transcription",
    "command": "python -m training.pretrained.moonshine",
}


def model_in(path: Path) -> Any:
    """Return the model in an .ort file, as onnxruntime's own reader of flatbuffers gives it.

    Raises:
        InputError: onnxruntime or flatbuffers is missing.
    """
    package = find_spec("onnxruntime")
    if package is None or package.origin is None or find_spec("flatbuffers") is None:
        raise InputError("Reading an .ort file needs: pip install onnxruntime flatbuffers.")
    sys.path.append(str(Path(package.origin).parent / "tools" / "ort_format_model"))
    from ort_flatbuffers_py.fbs.InferenceSession import InferenceSession

    return InferenceSession.GetRootAs(bytearray(path.read_bytes()), 0).Model()


def arrays_of(graph: Any) -> dict[str, NDArray[Any]]:
    """Return the floats and bytes that a graph holds, by name."""
    kinds = {_FLOAT: np.float32, _BYTE: np.uint8}
    arrays = {}
    for tensor in (graph.Initializers(i) for i in range(graph.InitializersLength())):
        if tensor.DataType() in kinds:
            shape = [tensor.Dims(axis) for axis in range(tensor.DimsLength())]
            flat = tensor.RawDataAsNumpy().view(kinds[tensor.DataType()])
            arrays[tensor.Name().decode()] = flat.reshape(shape)
    return arrays


def products_of(graph: Any) -> Iterator[tuple[str, str]]:
    """Yield the place of each product, as `layers.0.self_attn.q_proj`, and its matrix's name."""
    for node in (graph.Nodes(i) for i in range(graph.NodesLength())):
        if node.OpType().decode() in ("MatMulIntegerToFloat", "DynamicQuantizeMatMul"):
            place = node.Outputs(0).decode().strip("/").rsplit("/", 1)[0].replace("/", ".")
            yield place, node.Inputs(1).decode().removesuffix("_quantized")


def weights_of(model: Path) -> dict[str, Tensor]:
    """Return the weights of `Moonshine` from an .ort file, matrices as float32."""
    graph = model_in(model).Graph()
    arrays = arrays_of(graph)

    def array(name: str) -> Tensor:
        return torch.from_numpy(arrays[name].copy())

    weights = {
        "conv1.weight": array("conv1.weight_add_tensor"),
        "gain": array("onnx::Mul_2080"),
        "offset": array("onnx::Add_2081"),
        "norm.weight": array("layer_norm.weight"),
    }
    for name in ("conv2", "conv3"):
        weights[f"{name}.weight"] = array(f"{name}.weight_add_tensor")
        weights[f"{name}.bias"] = array(f"{name}.bias")
    matrices = {}
    for place, name in products_of(graph):
        levels = arrays[f"{name}_quantized"].astype(np.float32) - arrays[f"{name}_zero_point"]
        matrices[place] = torch.from_numpy((levels * arrays[f"{name}_scale"]).T.copy())
    for i in range(MoonshineConfig().n_layers):
        ours, theirs = f"layers.{i}.", f"layers.{i}."
        attention = [matrices[f"{theirs}self_attn.{part}_proj"] for part in "qkv"]
        weights[f"{ours}qkv.weight"] = torch.cat(attention)
        weights[f"{ours}out.weight"] = matrices[f"{theirs}self_attn.o_proj"]
        weights[f"{ours}norm1.weight"] = array(f"{theirs}input_layernorm.weight")
        weights[f"{ours}norm2.weight"] = array(f"{theirs}post_attention_layernorm.weight")
        for part in ("fc1", "fc2"):
            weights[f"{ours}{part}.weight"] = matrices[f"{theirs}mlp.{part}"]
            weights[f"{ours}{part}.bias"] = array(f"{theirs}mlp.{part}.bias")
    return weights


@torch.inference_mode()
def level_of_speech(network: Moonshine, sounds: list[Tensor]) -> tuple[Tensor, Tensor]:
    """Return mean and deviation after the first convolution, over levelled speech."""
    moments = []
    for sound in sounds:
        x = network.conv1(sound[None, None] * gain_to_speech_level(sound)).tanh()
        moments.append(torch.stack([x.mean(), x.square().mean()]))
    mean, square = torch.stack(moments).mean(dim=0)
    return mean, (square - mean.square() + 1e-5).sqrt()


def network_of(model: Path, readers: Path, n_layers: int) -> Moonshine:
    """Return the first layers with their weights, and the level of readers to train on.

    The last norm's weight belongs to what the last layer gives: others are normed plainly.
    """
    network = Moonshine(MoonshineConfig(n_layers=n_layers)).eval()
    weights = weights_of(model)
    if n_layers < MoonshineConfig().n_layers:
        weights["norm.weight"] = torch.ones_like(weights["norm.weight"])
    network.load_state_dict({k: v for k, v in weights.items() if k in network.state_dict()}, False)
    paths = held_out.for_training(recogniser.real_voices(readers))
    sounds = [torch.from_numpy(soundfile.read(path, dtype="float32")[0]) for path in paths]
    network.centre, network.scale = level_of_speech(network, sounds)
    return network


def main() -> None:
    """Write the asset."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--speech", type=Path, default=Path("../shared/speech"))
    parser.add_argument("--layers", type=int, default=4, help="of the six; docs/training.md")
    parser.add_argument("--output", type=Path, default=Path("assets/moonshine.safetensors"))
    options = parser.parse_args()
    network = network_of(options.model, options.speech, options.layers)
    checkpoints.save(options.output, network, name=_NAME, card=_CARD, is_half=True)
    print(f"Wrote {options.output}")


if __name__ == "__main__":
    main()
