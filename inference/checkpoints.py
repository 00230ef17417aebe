"""Weights on disk: safetensors, with the network, its config and the basis in the metadata."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from ..core.errors import CheckpointError
from ..core.files import atomic
from ..core.names import Basis
from ..core.paths import ASSETS
from . import pretrained
from .networks.config import DualTalkConfig
from .networks.dualtalk import DualTalk

NETWORK = "dualtalk"


@dataclass(frozen=True)
class Checkpoint:
    """A network with its weights, ready to run on the CPU."""

    network: DualTalk
    basis: Basis
    name: str
    card: dict[str, str] = field(default_factory=dict)  #: how it was made, as its maker wrote it


@dataclass(frozen=True)
class Found:
    """A checkpoint file and what its metadata says."""

    path: Path
    network: str
    basis: str


def bundled_path() -> Path:
    """Return the checkpoint that ships with DualTalk."""
    return ASSETS / "dualtalk.safetensors"


def find(folder: Path = ASSETS) -> list[Found]:
    """Return the DualTalk checkpoints in a folder, by name."""
    found = []
    for path in sorted(folder.glob("*.safetensors")):
        metadata = read_metadata(path)
        if metadata.get("network") == NETWORK:
            found.append(Found(path, metadata["network"], metadata.get("basis", "")))
    return found


def save(
    path: Path,
    network: DualTalk,
    basis: Basis,
    name: str,
    card: dict[str, str] | None = None,
    *,
    is_half: bool = False,
) -> None:
    """Write the weights and the config whole or not at all.

    Args:
        path: of the file.
        network: what is kept.
        basis: of the motion that it writes.
        name: shown to users.
        card: how it was made.
        is_half: keep the weights in half precision, for half the size.

    Raises:
        InputError: the folder cannot be written to.
    """
    metadata = {
        "network": NETWORK,
        "name": name,
        "basis": basis,
        "config": json.dumps(network.config.to_dict()),
        "card": json.dumps(card or {}),
    }
    state = pretrained.without(network.state_dict(), network)
    tensors = {key: value.contiguous().cpu() for key, value in state.items()}
    if is_half:
        names = {name for name, _ in network.named_parameters()}
        tensors |= {key: tensor.half() for key, tensor in tensors.items() if key in names}
    with atomic(path) as temporary:
        save_file({key: value.clone() for key, value in tensors.items()}, temporary, metadata)


def load(path: Path) -> Checkpoint:
    """Read a checkpoint; nothing in the file is executed.

    Raises:
        CheckpointError: the file is missing, is no safetensors, or is not a DualTalk network.
    """
    metadata = read_metadata(path)
    if metadata.get("network") != NETWORK or metadata.get("basis") not in ("arkit", "flame"):
        raise CheckpointError(
            f"{path} is not a DualTalk checkpoint: for a published .pth run "
            "'dualtalk convert DualTalk.pth out.safetensors' first."
        )
    config = DualTalkConfig.from_dict(json.loads(metadata["config"]))
    with torch.device("meta"):
        network = DualTalk(config)
    _fill(network, path)
    network.share_equal_features()
    return Checkpoint(
        network.eval().requires_grad_(False),
        "arkit" if metadata["basis"] == "arkit" else "flame",
        metadata.get("name", path.stem),
        json.loads(metadata.get("card", "{}")),
    )


def read_metadata(path: Path) -> dict[str, str]:
    """Return the metadata of a safetensors file.

    Raises:
        CheckpointError: the file is missing or is no safetensors.
    """
    if not path.is_file():
        raise CheckpointError(f"The checkpoint {path} does not exist: choose another file.")
    try:
        with safe_open(path, framework="pt") as file:
            return dict(file.metadata() or {})
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            f"{path} cannot be read as safetensors ({error}): for a published .pth run "
            "'dualtalk convert DualTalk.pth out.safetensors' first."
        ) from error


def _fill(network: DualTalk, path: Path) -> None:
    """Read the weights into a network whose parameters have no memory yet."""
    with safe_open(path, framework="pt") as file:
        state = {key: _in_float32(file.get_tensor(key)) for key in file.keys()}
    try:
        network.load_state_dict(pretrained.completed(state, network), assign=True)
    except RuntimeError as error:
        raise CheckpointError(
            f"{path} does not fit its own config: it is damaged or was edited; get it again."
        ) from error


def _in_float32(tensor: Tensor) -> Tensor:
    return tensor.float() if tensor.dtype == torch.float16 else tensor
