"""The paper's metrics equal the released code's on a worked case, ../shared/golden/metrics.npz."""

from pathlib import Path

import numpy as np
import pytest
from dualtalk.training import metrics

GOLDEN = Path(__file__).resolve().parents[3] / "shared" / "golden" / "metrics.npz"


@pytest.mark.skipif(not GOLDEN.is_file(), reason="no ../shared/golden")
def test_metrics_equal_the_released_codes() -> None:
    with np.load(GOLDEN) as file:
        golden = {name: file[name] for name in file.files}
    ours = metrics.all_metrics(golden["predicted"], golden["truth"], golden["partner"])
    assert len(ours) == 18
    for name, value in ours.items():
        assert value == pytest.approx(float(golden[f"metric_{name}"]), rel=1e-4, abs=1e-9), name


def test_the_distance_of_a_motion_to_itself_is_zero() -> None:
    motion = np.random.default_rng(0).standard_normal((100, 5))
    assert abs(metrics.frechet(motion, motion)) < 1e-9
    assert metrics.frechet(motion, motion + 1) == pytest.approx(5)
