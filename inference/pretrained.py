"""The weights of the pretrained speech encoder: one file, whatever networks hear through it.

A checkpoint of a network that holds the encoder, frozen, is written without it and gets it back
when it is read.
"""

from functools import cache

from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from ..core.errors import CheckpointError
from ..core.paths import ASSETS
from .networks.audio.moonshine import Moonshine

PATH = ASSETS / "moonshine.safetensors"


@cache
def weights() -> dict[str, Tensor]:
    """Return the weights in the asset, float32.

    Raises:
        CheckpointError: the asset is missing or damaged.
    """
    try:
        with safe_open(PATH, framework="pt") as file:
            return {key: file.get_tensor(key).float() for key in file.keys()}
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            f"The speech encoder {PATH} cannot be read ({error}): install DualTalk again."
        ) from error


def load_into(network: nn.Module) -> None:
    """Give every pretrained encoder inside a network its weights."""
    for encoder in network.modules():
        if isinstance(encoder, Moonshine):
            encoder.load_state_dict(_of_depth(encoder.config.n_layers))
            encoder.requires_grad_(False)


def without(state: dict[str, Tensor], network: nn.Module) -> dict[str, Tensor]:
    """Return a network's weights without those of pretrained encoders."""
    places = tuple(_places(network))
    return {k: v for k, v in state.items() if not (places and k.startswith(places))}


def completed(state: dict[str, Tensor], network: nn.Module) -> dict[str, Tensor]:
    """Return a network's weights with those of its pretrained encoders."""
    result = dict(state)
    for place, encoder in _places(network).items():
        known = _of_depth(encoder.config.n_layers)
        result |= {place + key: value for key, value in known.items()}
    return result


def _places(network: nn.Module) -> dict[str, Moonshine]:
    return {
        f"{name}.": module
        for name, module in network.named_modules()
        if isinstance(module, Moonshine)
    }


def _of_depth(n_layers: int) -> dict[str, Tensor]:
    """Return the weights of the first layers; each key names its layer, as `layers.3.fc1.bias`."""

    def is_kept(key: str) -> bool:
        return not key.startswith("layers.") or int(key.split(".")[1]) < n_layers

    kept = {key: value for key, value in weights().items() if is_kept(key)}
    if sum(key.endswith(".qkv.weight") for key in kept) < n_layers:
        raise CheckpointError(
            f"The speech encoder {PATH} has fewer layers than this checkpoint hears through: "
            "update DualTalk."
        )
    return kept
