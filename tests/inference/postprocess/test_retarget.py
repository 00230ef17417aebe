"""The bridge between ARKit and FLAME keeps what both share, and lips that close stay closed."""

from pathlib import Path

import numpy as np
import pytest
from dualtalk.core.motion import Motion
from dualtalk.core.names import ARKIT_INDEX, JAW_OPEN_RAD
from dualtalk.core.paths import ASSETS
from dualtalk.inference.postprocess.retarget import Bridge, bundled, retargeted


@pytest.fixture
def bridge() -> Bridge:
    generator = np.random.default_rng(0)
    maps = (generator.standard_normal(shape).astype(np.float32) for shape in ((41, 50), (51, 40)))
    return Bridge(*maps)


def test_closed_lips_close_the_flame_jaw(bridge: Bridge) -> None:
    expression = np.zeros((2, 40))
    expression[1, ARKIT_INDEX["mouthClose"]] = 0.5
    jaw = np.array([[0.5 * JAW_OPEN_RAD, 0, 0]] * 2)
    flame = retargeted(Motion.from_arrays(expression, jaw), "flame", bridge)
    assert flame.basis == "flame"
    assert flame.expression.shape == (2, 50)
    assert flame.jaw[:, 0] == pytest.approx([0.5 * JAW_OPEN_RAD, 0])


def test_the_jaw_takes_the_lips_along(bridge: Bridge) -> None:
    jaw = np.array([[0.0, 0, 0], [JAW_OPEN_RAD, 0, 0]])
    flame = retargeted(Motion.from_arrays(np.zeros((2, 40)), jaw), "flame", bridge)
    np.testing.assert_allclose(flame.expression, [np.zeros(50), bridge.to_flame[40]], atol=1e-6)


def test_head_eyes_and_time_stay(bridge: Bridge) -> None:
    motion = Motion.from_arrays(
        np.zeros((3, 40)), head=np.ones((3, 3)), eyes=np.ones((3, 2, 3)), fps=30
    )
    there = retargeted(motion, "flame", bridge)
    assert np.array_equal(there.head, motion.head)
    assert np.array_equal(there.eyes, motion.eyes)
    assert there.fps == 30
    assert retargeted(motion, "arkit", bridge) is motion


def test_shapes_stay_within_0_and_1_whatever_flame_holds(bridge: Bridge) -> None:
    flame = Motion.from_arrays(np.random.default_rng(1).standard_normal((9, 100)), basis="flame")
    arkit = retargeted(flame, "arkit", bridge)
    assert arkit.expression.min() >= 0
    assert arkit.expression.max() <= 1
    assert not arkit.expression[:, ARKIT_INDEX["mouthClose"]].any()


def test_a_bridge_comes_back_from_its_file(bridge: Bridge, tmp_path: Path) -> None:
    bridge.save(tmp_path / "bridge.npz")
    assert np.array_equal(Bridge.load(tmp_path / "bridge.npz").to_flame, bridge.to_flame)


@pytest.mark.skipif(not (ASSETS / "retarget.npz").is_file(), reason="no bundled bridge")
def test_the_bundled_bridge_rests_at_rest() -> None:
    rest = retargeted(Motion.at_rest(2), "flame")
    assert not rest.expression.any()
    assert bundled().to_arkit.shape == (51, 40)
