"""Weights that lie on a grid of at most 256 values, kept in 8 bits: a quarter of the size, no loss.

Pretrained networks come from their packages so. Beside such a tensor stands what a step is worth,
and what 0 is.
"""

import torch
from torch import Tensor

_STEP, _ZERO = ".step", ".zero"
#: Of the values, as a share of what they span: an eighth of what half precision rounds off.
_MOST_ERROR = 2.0**-14
#: Smaller tensors are not worth it.
_LEAST_SIZE = 1024


def packed(key: str, value: Tensor) -> dict[str, Tensor]:
    """Return a weight as it is kept: in 8 bits if that loses nothing, else in half precision."""
    levels = torch.unique(value) if value.numel() >= _LEAST_SIZE else value.new_zeros(0)
    if 1 < len(levels) <= 256:
        span = float(levels[-1] - levels[0])
        n_steps = round(span / float(levels.diff().min()))
        if n_steps <= 255:
            step, zero = torch.tensor(span / n_steps), torch.tensor(float(levels[0]))
            kept = ((value - zero) / step).round().to(torch.uint8)
            # The least difference is a step only if rounding has not moved the values.
            if float((kept.float() * step + zero - value).abs().max()) <= _MOST_ERROR * span:
                return {key: kept, key + _STEP: step, key + _ZERO: zero}
    return {key: value.half()}


def unpacked(kept: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the weights of a file, those of 8 bits as float32."""
    weights = {}
    for key, value in kept.items():
        if key.endswith((_STEP, _ZERO)) and key.rpartition(".")[0] in kept:
            continue
        if value.dtype == torch.uint8 and key + _STEP in kept:
            value = value.float() * kept[key + _STEP] + kept[key + _ZERO]
        weights[key] = value
    return weights
