"""From a published DualTalk checkpoint (.pth) to safetensors; no code in the file is executed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..core.damage import DAMAGE, short
from ..core.errors import CheckpointError
from . import checkpoints
from .networks.config import DualTalkConfig
from .networks.dualtalk import DualTalk
from .weights.without_memory import without_memory

#: Wrappers that training scripts put around the weights.
_WRAPPERS = ("state_dict", "model", "model_state_dict")
#: Newer libraries' names of a weight-normalised convolution's two parameters.
_NEW_NAMES = {"parametrizations.weight.original0": "weight_g",
              "parametrizations.weight.original1": "weight_v"}  # fmt: skip
_SHOWN, _LONGEST_NAME = 1, 70


@dataclass(frozen=True)
class Converted:
    """What a conversion did."""

    path: Path
    n_parameters: int
    has_one_extractor: bool  #: both encoders' convolutions are equal, and will be run once


def convert(
    source: Path,
    target: Path,
    config: DualTalkConfig = DualTalkConfig(),  # noqa: B008 - frozen
) -> Converted:
    """Read a published checkpoint, check every name and shape, and write safetensors.

    Args:
        source: the `.pth`.
        target: the `.safetensors` to write.
        config: of the network that the file should hold.

    Raises:
        CheckpointError: the file is missing, is no checkpoint, holds more than weights, or its
            names or shapes are not the published network's; nothing is written then.
    """
    state = published_names(_read(source))
    with without_memory():
        network = DualTalk(config)
    _check(source, state, network.state_dict())
    network.load_state_dict({name: value.float() for name, value in state.items()}, assign=True)
    is_shared = _extractors_are_equal(state)
    checkpoints.save(target, network, "flame", source.stem)
    return Converted(target, sum(p.numel() for p in network.parameters()), is_shared)


def published_names(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the weights under the published names, from either spelling and any prefix."""
    renamed = {}
    for key, value in state.items():
        name = key.removeprefix("module.")
        for new, old in _NEW_NAMES.items():
            name = name.replace(f"conv.{new}", f"conv.{old}")
        renamed[name] = value
    return renamed


def _read(path: Path) -> dict[str, Tensor]:
    if not path.is_file():
        raise CheckpointError(f"{path} does not exist: choose a published .pth.")
    try:
        loaded: Any = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except DAMAGE as error:
        reason = short(re.split(r"[.\n]", str(error), maxsplit=1)[0])
        raise CheckpointError(
            f"{path} is not a checkpoint that holds weights alone ({reason}): "
            "choose a published DualTalk .pth."
        ) from error
    for wrapper in _WRAPPERS:
        if isinstance(loaded, dict) and isinstance(loaded.get(wrapper), dict):
            loaded = loaded[wrapper]
    if not isinstance(loaded, dict) or not all(
        isinstance(name, str) and _is_plain(value) for name, value in loaded.items()
    ):
        raise CheckpointError(f"{path} holds no weights by name: choose a published DualTalk .pth.")
    return loaded


def _is_plain(value: object) -> bool:
    """Tell whether something is a tensor of numbers in memory: not sparse, nested or quantised."""
    return (
        isinstance(value, Tensor)
        and not value.is_nested
        and not value.is_quantized
        and value.layout == torch.strided
        and value.device.type == "cpu"
        and not value.is_complex()
    )


def _check(path: Path, state: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> None:
    missing = sorted(set(wanted) - set(state))
    left_over = sorted(set(state) - set(wanted))
    misshapen = sorted(
        f"{name} {tuple(state[name].shape)} instead of {tuple(wanted[name].shape)}"
        for name in set(state) & set(wanted)
        if state[name].shape != wanted[name].shape
    )
    parts = [
        f"{len(names)} {what} ({_some(names)})"
        for what, names in (
            ("missing", missing),
            ("left over", left_over),
            ("misshapen", misshapen),
        )
        if names
    ]
    if parts:
        raise CheckpointError(
            f"{path} is not the published network, choose another file: {'; '.join(parts)}."
        )


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(short(name, _LONGEST_NAME) for name in names[:_SHOWN]) + more


def _extractors_are_equal(state: Mapping[str, Tensor]) -> bool:
    first = "joint_encoder.audio_encoder1.feature_extractor."
    second = "joint_encoder.audio_encoder2.feature_extractor."
    names = [name.removeprefix(first) for name in state if name.startswith(first)]
    return all(torch.equal(state[first + name], state[second + name]) for name in names)
