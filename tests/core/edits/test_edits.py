"""Changes are found by comparison, and made again on another performance."""

import numpy as np
import pytest
from dualtalk.core.edits import comparison, reapplying, retake
from dualtalk.core.edits.curve import Curve, Record
from dualtalk.core.errors import InputError

N = 200
RNG = np.random.default_rng(4)


def chatter(seed: int = 0, n: int = N) -> np.ndarray:
    """A curve that moves as a mouth does."""
    t = np.arange(n) / 25
    return 0.4 + 0.3 * np.sin(2 * np.pi * 3.1 * t + seed) + 0.1 * np.sin(2 * np.pi * 7 * t + seed)


def found(current: np.ndarray, generated: np.ndarray) -> list[comparison.Edit]:
    return comparison.find("1 face 0", ("mouth", 0), generated, current)


def test_a_curve_nobody_touched_has_no_changes() -> None:
    assert found(chatter(), chatter()) == []
    assert found(chatter() + 5e-5, chatter()) == []


def test_keys_that_were_moved_are_an_offset_in_their_span() -> None:
    current = chatter()
    current[40:60] += 0.2
    current[63] -= 0.1  # a gap of three frames belongs to it
    current[120] += 0.05
    edits = found(current, chatter())
    assert [(e.kind, e.first, e.last) for e in edits] == [("offset", 40, 63), ("offset", 120, 120)]
    assert edits[0].values[:20] == pytest.approx(0.2)


def test_a_held_value_is_a_replacement() -> None:
    current = chatter()
    current[40:80] = 0.7
    (edit,) = found(current, chatter())
    assert edit.kind == "replacement"
    assert edit.values == pytest.approx(0.7)


def test_a_bump_over_a_moving_or_a_still_curve_is_an_offset() -> None:
    bump = np.zeros(N)
    bump[50:90] = 0.3 * np.hanning(40)
    for generated in (chatter(), np.zeros(N), 0.002 * chatter(7)):
        kinds = {edit.kind for edit in found(generated + bump, generated)}
        assert kinds == {"offset"}


def test_changes_come_back_on_another_seed() -> None:
    current = chatter()
    current[40:60] += 0.2
    current[100:140] = 0.7
    edits = found(current, chatter())
    result, conflicts = reapplying.apply(chatter(seed=1), edits)
    assert result[45:55] == pytest.approx(chatter(seed=1)[45:55] + 0.2)
    assert result[100:140] == pytest.approx(0.7)
    assert np.array_equal(result[:40], chatter(seed=1)[:40])
    assert len(conflicts) == 2  # the mouth does another thing there now
    again, none = reapplying.apply(chatter(), edits)
    assert none == []
    assert again == pytest.approx(current)


def test_a_replacement_is_met_without_a_jump() -> None:
    current = np.zeros(N)
    generated = np.linspace(0, 1, N)
    current = generated.copy()
    current[100:120] = generated[100] + 0.3 * np.hanning(20)
    edits = found(current, generated)
    result, _ = reapplying.apply(np.full(N, 0.2), edits)
    assert np.abs(np.diff(result)).max() < 0.15
    assert result[105:115] == pytest.approx(current[105:115])


def test_what_lies_after_the_end_is_left_out_and_said() -> None:
    current = chatter()
    current[150:170] += 0.2
    current[190:] += 0.2
    result, conflicts = reapplying.apply(chatter(n=160), found(current, chatter()))
    assert len(result) == 160
    assert sorted(str(c) for c in conflicts) == [
        "it lies after the end and was left out", "it was cut at the new end",
    ]  # fmt: skip


def test_a_change_keeps_its_time_at_another_rate() -> None:
    current = chatter()
    current[50:100] += 0.2
    (edit,) = found(current, chatter())
    moved = edit.at_rate(2.0)
    assert (moved.first, moved.last) == (100, 198)
    assert moved.values == pytest.approx(0.2)


def test_a_record_comes_back_to_the_bit_in_few_bytes() -> None:
    frames = np.arange(1, N + 1, dtype=np.float32)
    curves = {(f"key_{i}", 0): Curve(frames, chatter(i).astype(np.float32)) for i in range(40)}
    cubic = Curve(frames[::5], curves["key_0", 0].values[::5], RNG.random((40, 2), np.float32))
    record = Record(1, N, 25.0, curves | {("bone", 2): cubic})
    packed = record.to_bytes()
    read = Record.from_bytes(packed)
    assert (read.first_frame, read.n_frames, read.fps) == (1, N, 25.0)
    assert all(read.curves[name].equals(record.curves[name]) for name in record.curves)
    assert len(packed) < 0.9 * 4 * 41 * N
    for damaged in (b"", packed[:40], b"x" * 60, packed[:-9]):
        with pytest.raises(InputError, match="cannot be told"):
            Record.from_bytes(damaged)


def test_a_cubic_curve_goes_through_its_keys_and_handles() -> None:
    curve = Curve(
        np.array([0, 3], np.float32), np.array([0, 1], np.float32),
        np.array([[0, 1 / 3], [2 / 3, 1]], np.float32),
    )  # fmt: skip
    assert curve.at(np.array([-1.0, 0, 1.5, 3, 9])) == pytest.approx([0, 0, 0.5, 1, 1])


def test_a_retake_leaves_the_rest_and_meets_it_smoothly() -> None:
    t = np.arange(N) / 25  # a head nods slower than lips move
    old, new = np.sin(3 * t), 0.5 - np.cos(4 * t)
    weight = retake.weights(N, 60, 120, 25.0)
    result = retake.blended(old, new, weight)
    assert np.array_equal(result[:60], old[:60])
    assert np.array_equal(result[121:], old[121:])
    assert result[70:110] == pytest.approx(new[70:110])
    sudden = np.where((np.arange(N) >= 60) & (np.arange(N) <= 120), new, old)
    jump = np.abs(np.diff(result, 2))[50:130].max()
    assert jump < 0.3 * np.abs(np.diff(sudden, 2))[50:130].max()


def test_a_retake_to_the_end_is_new_there() -> None:
    weight = retake.weights(N, 150, N - 1, 25.0)
    assert weight[-1] == 1.0
    assert retake.weights(N, 0, 50, 25.0)[0] == 1.0
