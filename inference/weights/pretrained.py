"""The pretrained speech encoder inside networks: one file of weights, whatever networks use it.

A checkpoint of a network that holds the encoder, frozen, is written without it and gets it back
when it is read (`checkpoints`, where it is a network like every other).
"""

from torch import Tensor, nn

from ...core.errors import CheckpointError
from ..networks.audio.moonshine import Moonshine

Weights = dict[str, Tensor]


def is_in(network: nn.Module) -> bool:
    """Tell whether a network holds a pretrained encoder as a part."""
    return bool(_places(network))


def give(network: nn.Module, weights: Weights) -> None:
    """Give every pretrained encoder in a network, or that is it, its weights; they stay so."""
    for encoder in (part for part in network.modules() if isinstance(part, Moonshine)):
        encoder.load_state_dict(_of_depth(weights, encoder.config.n_layers))
        encoder.requires_grad_(False)


def without(state: Weights, network: nn.Module) -> Weights:
    """Return a network's weights without those of pretrained encoders."""
    places = tuple(_places(network))
    return {k: v for k, v in state.items() if not (places and k.startswith(places))}


def completed(state: Weights, network: nn.Module, weights: Weights) -> Weights:
    """Return a network's weights with those of its pretrained encoders."""
    result = dict(state)
    for place, encoder in _places(network).items():
        known = _of_depth(weights, encoder.config.n_layers)
        result |= {place + key: value for key, value in known.items()}
    return result


def _places(network: nn.Module) -> dict[str, Moonshine]:
    """Return the encoders inside a network by the beginning of their weights' names."""
    return {
        f"{name}.": module
        for name, module in network.named_modules()
        if name and isinstance(module, Moonshine)
    }


def _of_depth(weights: Weights, n_layers: int) -> Weights:
    """Return the weights of the first layers; each key names its layer, as `layers.3.fc1.bias`."""

    def is_kept(key: str) -> bool:
        return not key.startswith("layers.") or int(key.split(".")[1]) < n_layers

    kept = {key: value for key, value in weights.items() if is_kept(key)}
    if sum(key.endswith(".qkv.weight") for key in kept) < n_layers:
        raise CheckpointError(
            "The speech encoder that comes with DualTalk has fewer layers than this checkpoint "
            "uses: update DualTalk."
        )
    return kept
