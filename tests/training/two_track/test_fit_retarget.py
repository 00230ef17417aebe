"""The fit of the bridge finds a bridge that is there, and says when there is none."""

import numpy as np
import pytest
from dualtalk.core.motion import Motion
from dualtalk.core.names import JAW_OPEN_RAD
from dualtalk.training.two_track.fit_retarget import Pairs


def pairs(noise: float) -> Pairs:
    """Return FLAME motion that is a fixed map of random shapes and jaw, and noise."""
    rng = np.random.default_rng(2)
    shapes = rng.random((300, 40))
    opening = rng.random((300, 1))
    jaw = np.concatenate([opening * JAW_OPEN_RAD, np.zeros((300, 2))], axis=1)
    flame = np.concatenate([shapes, opening], axis=1) @ rng.standard_normal((41, 50))
    flame = (1 - noise) * flame + noise * rng.standard_normal(flame.shape)
    return Pairs(Motion.from_arrays(shapes, jaw), Motion.from_arrays(flame, jaw, basis="flame"))


def test_a_bridge_is_found() -> None:
    made = pairs(0.0)
    quality, _ = made.cross_validated()
    assert quality.mean_r.low > 0.99
    assert quality.explained > 0.99
    bridge = made.bridge()
    assert bridge.to_flame.shape == (41, 50)
    assert bridge.to_arkit.shape == (51, 40)


def test_noise_is_no_bridge() -> None:
    quality, _ = pairs(1.0).cross_validated()
    assert quality.mean_r.value == pytest.approx(0, abs=0.2)
    assert quality.explained < 0.05
