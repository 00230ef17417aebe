"""The weights of the network of one mixed track on disk: one safetensors file, half precision."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from ...core.errors import CheckpointError
from ...core.files import atomic
from ...core.paths import ASSETS
from ..checkpoints import read_metadata
from ..networks.config import DualTalkConfig
from ..networks.frozen_encoder import Ears
from ..networks.unet import UNet, UNetConfig

NETWORK = "mixed"


@dataclass(frozen=True)
class MixedNetwork:
    """Everything that turns one mixed track and who speaks when into two motions."""

    unet: UNet
    ears: Ears
    mean: Tensor  #: (55,) of each channel of motion: what normalised zero is
    std: Tensor  #: (55,)
    card: dict[str, str] = field(default_factory=dict)  #: how it was made


def bundled_path() -> Path:
    """Return the file that ships with DualTalk."""
    return ASSETS / "mixed.safetensors"


def save(path: Path, network: MixedNetwork) -> None:
    """Write weights, scale and configs whole or not at all; weights in half precision.

    Raises:
        InputError: the folder cannot be written to.
    """
    tensors = {"mean": network.mean, "std": network.std}
    for part, module in (("unet", network.unet), ("ears", network.ears)):
        for key, value in module.state_dict().items():
            tensors[f"{part}.{key}"] = value.detach().half().contiguous()
    metadata = {
        "network": NETWORK,
        "unet": json.dumps(network.unet.config.to_dict()),
        "ears": json.dumps(network.ears.config.to_dict()),
        "card": json.dumps(network.card),
    }
    with atomic(path) as temporary:
        save_file({key: value.clone() for key, value in tensors.items()}, temporary, metadata)


def load(path: Path | None = None) -> MixedNetwork:
    """Read a network, the bundled one by default; nothing in the file is executed.

    Raises:
        CheckpointError: the file is missing, damaged, or holds another network.
    """
    path = path or bundled_path()
    metadata = read_metadata(path)
    if metadata.get("network") != NETWORK:
        raise CheckpointError(
            f"{path} does not hold the network for one mixed track: choose another file, or two "
            "separate tracks."
        )
    unet = UNet(UNetConfig.from_dict(json.loads(metadata["unet"])))
    ears = Ears(DualTalkConfig.from_dict(json.loads(metadata["ears"])))
    with safe_open(path, framework="pt") as file:
        tensors = {key: file.get_tensor(key).float() for key in file.keys()}
    try:
        for part, module in (("unet", unet), ("ears", ears)):
            prefix = f"{part}."
            state = {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
            module.load_state_dict(state)
        mean, std = tensors["mean"], tensors["std"]
    except (RuntimeError, KeyError) as error:
        raise CheckpointError(
            f"{path} does not fit its own config: it is damaged or was edited; get it again."
        ) from error
    for module in (unet, ears):
        module.eval().requires_grad_(False)
    return MixedNetwork(unet, ears, mean, std, json.loads(metadata.get("card", "{}")))
