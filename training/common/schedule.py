"""The learning rate over a stage."""

import math


def warm_cosine(step: int, n_steps: int, floor: float) -> float:
    """Return the share of the highest rate: up over 5 % of the steps, then down a cosine.

    Args:
        step: from 0.
        n_steps: of the stage.
        floor: the share at the end.
    """
    warm = max(1, n_steps // 20)
    done = max(0.0, (step - warm) / max(1, n_steps - warm))
    return min(1.0, (step + 1) / warm) * (
        floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * done))
    )
