"""Averages of the weights, which generalise better than the last ones.

Over the steps (EMA: Polyak & Juditsky 1992), and between the two ends of a stage (WiSE-FT: Wortsman
et al. 2022).
"""

from torch import Tensor, nn

Weights = dict[str, Tensor]


def copied(weights: Weights) -> Weights:
    """Return weights that training does not change."""
    return {name: value.detach().clone() for name, value in weights.items()}


def early(step: int, most: float) -> float:
    """Return how much of the average is kept: at first little, or it would hold older weights."""
    return min(most, (1 + step) / (10 + step))


def follow(average: Weights, module: nn.Module, kept: float) -> None:
    """Fold a module's weights into the average, of which the share `kept` stays."""
    for name, value in module.state_dict().items():
        average[name].lerp_(value.detach(), 1 - kept)


def blend(average: Weights, before: Weights, share: float) -> None:
    """Keep a share of the way that the average went since `before`."""
    for name, value in before.items():
        average[name].lerp_(value, 1 - share)
