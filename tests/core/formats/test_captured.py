"""A captured face is laid over the frames of a dialogue."""

from pathlib import Path

import numpy as np
import pytest
from dualtalk.core.errors import InputError
from dualtalk.core.formats import captured, live_link
from dualtalk.core.motion import Motion


def ramp(n_frames: int, fps: float) -> Motion:
    """Return a face whose first shape grows by 0.01 in 25ths of a second."""
    expression = np.zeros((n_frames, 40), np.float32)
    expression[:, 0] = np.arange(n_frames) * 0.01 * 25 / fps
    return Motion.from_arrays(expression, fps=fps)


@pytest.mark.parametrize("fps", [25.0, 30.0, 59.94, 60.0])
@pytest.mark.parametrize("starts_s", [-0.4, 0.0, 0.8])
def test_it_is_where_it_was_recorded_at_any_rate(fps: float, starts_s: float) -> None:
    one = captured.fitted(ramp(round(3 * fps), fps), 60, starts_s)
    frames = np.arange(60) - round(25 * starts_s)
    wanted = 0.01 * np.clip(frames, 0, None)
    inside = frames < 70
    np.testing.assert_allclose(one.motion.expression[inside, 0], wanted[inside], atol=0.006)
    assert one.motion.n_frames == 60
    assert one.motion.fps == 25


def test_it_rests_where_nothing_was_recorded_and_says_so() -> None:
    one = captured.fitted(ramp(25, 25.0), 75, 0.0, "anna.csv")
    assert (one.motion.expression[24:, 0] == one.motion.expression[24, 0]).all()
    assert one.note == "anna.csv ends 2.0 s before the dialogue: it rests then."
    longer = captured.fitted(ramp(100, 25.0), 75, 0.0, "anna.csv")
    assert longer.note == "anna.csv is 1.0 s longer than the dialogue: it is cut."


@pytest.mark.parametrize("starts_s", [-5.0, 3.0])
def test_one_outside_of_the_dialogue_is_refused(starts_s: float) -> None:
    with pytest.raises(InputError, match="set where the recording begins"):
        captured.fitted(ramp(50, 25.0), 75, starts_s)


def test_both_kinds_are_read_and_no_other(tmp_path: Path) -> None:
    motion = ramp(30, 60.0)
    motion.save(tmp_path / "a.npz")
    live_link.write(tmp_path / "a.csv", motion)
    for name in ("a.npz", "a.csv"):
        read = captured.read(tmp_path / name)
        np.testing.assert_allclose(read.expression, motion.expression, atol=1e-6)
        assert read.fps == pytest.approx(60, rel=1e-3)
    with pytest.raises(InputError, match="Live Link Face"):
        captured.read(tmp_path / "a.bvh")


def test_a_mouth_that_moves_speaks() -> None:
    jaw = np.zeros((200, 3), np.float32)
    jaw[50:100, 0] = 0.1 + 0.1 * np.sin(np.arange(50) * 1.5)
    jaw[150:, 0] = 0.2  # open and still: it listens
    speaks = captured.speaking(Motion.from_arrays(np.zeros((200, 40)), jaw))
    assert speaks[55:95].all()
    assert not speaks[:40].any()
    assert not speaks[165:].any()
