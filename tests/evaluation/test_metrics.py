"""The paper's measures agree with the released code's numbers."""

from pathlib import Path

import numpy as np
import pytest
from dualtalk.core.errors import InputError
from dualtalk.core.motion import Motion
from dualtalk.evaluation.metrics import evaluate

GOLDEN = Path(__file__).resolve().parents[3] / "shared" / "golden" / "metrics.npz"


def motion_of(values: np.ndarray) -> Motion:
    return Motion.from_arrays(
        values[:, :50], jaw=values[:, 50:53], head=values[:, 53:56], basis="flame"
    )


@pytest.mark.skipif(not GOLDEN.exists(), reason="needs ../shared/golden")
def test_every_measure_matches_the_released_code() -> None:
    with np.load(GOLDEN) as file:
        golden = {name: file[name] for name in file.files}
    motions = [motion_of(golden[name]) for name in ("predicted", "truth", "partner")]
    found = {(s.metric, s.part): s.raw for s in evaluate(*motions)}
    compared = 0
    for name, value in golden.items():
        if name.startswith("metric_"):
            metric, part = name.removeprefix("metric_").split("_")
            raw = found[metric, "head" if part == "pose" else part]
            if metric == "sid":
                assert raw == pytest.approx(float(value), rel=1e-12)
            assert raw == pytest.approx(float(value), rel=1e-6)
            compared += 1
    assert compared == 18


def test_a_perfect_prediction_has_no_distance() -> None:
    truth = motion_of(np.random.default_rng(0).standard_normal((100, 56)))
    found = {(s.metric, s.part): s.raw for s in evaluate(truth, truth)}
    for part in ("exp", "jaw", "head"):
        assert found["mse", part] == 0
        assert found["fd", part] == pytest.approx(0, abs=1e-9)
        assert found["sid", part] == found["sid_reverse", part] > 1


def test_motions_of_different_kinds_are_refused() -> None:
    with pytest.raises(InputError, match="basis"):
        evaluate(Motion.at_rest(100), Motion.at_rest(100, "flame"))
    with pytest.raises(InputError, match="more than 40"):
        evaluate(Motion.at_rest(20), Motion.at_rest(20))
