"""Motion keeps its promises: shapes, resampling, and files that are whole or absent."""

from pathlib import Path

import numpy as np
import pytest
from dualtalk.core.errors import InputError
from dualtalk.core.motion import Motion

CLIP = Path(__file__).resolve().parents[3] / "shared" / "clips" / "dialogue_speaker1.npz"


def waving(n_frames: int = 50, fps: float = 25.0) -> Motion:
    """A head whose every number follows a slow sine."""
    wave = np.sin(np.arange(n_frames) / fps)[:, None]
    return Motion.from_arrays(
        np.repeat(wave, 40, 1), wave * [1, 0, 0], wave * [0, 1, 0], None, wave * [0, 0, 1], fps
    )


def test_file_round_trip(tmp_path: Path) -> None:
    motion = waving()
    motion.save(tmp_path / "m.npz")
    back = Motion.load(str(tmp_path / "m.npz"))  # a script's path is a text
    assert (back.fps, back.basis) == (25.0, "arkit")
    for name in ("expression", "jaw", "head", "eyes", "translation"):
        np.testing.assert_array_equal(getattr(back, name), getattr(motion, name))
    assert [path.name for path in tmp_path.iterdir()] == ["m.npz"]


def test_pose_is_head_then_jaw_as_in_the_data_set(tmp_path: Path) -> None:
    waving().save(tmp_path / "m.npz")
    with np.load(tmp_path / "m.npz") as file:
        pose = file["pose"]
    assert np.ptp(pose[:, 1]) > 0.1
    assert np.ptp(pose[:, 3]) > 0.1
    assert not pose[:, [0, 2, 4, 5]].any()


@pytest.mark.skipif(not CLIP.exists(), reason="needs ../shared/clips")
def test_reads_the_data_sets_own_files() -> None:
    motion = Motion.load(CLIP)
    assert (motion.n_frames, motion.basis, motion.fps) == (750, "flame", 25.0)
    assert motion.duration_s == pytest.approx(30.0)


@pytest.mark.parametrize("fps", [24.0, 29.97, 30.0, 60.0])
def test_resampling_keeps_time(fps: float) -> None:
    motion = waving(250)
    there = motion.resampled(fps)
    assert there.duration_s == pytest.approx(motion.duration_s, abs=0.5 / fps)
    seconds = np.arange(there.n_frames) / fps
    inside = seconds < 9.9
    np.testing.assert_allclose(there.jaw[inside, 0], np.sin(seconds)[inside], atol=1e-3)


def test_refuses_numbers_that_are_not_finite() -> None:
    with pytest.raises(InputError, match="not finite"):
        Motion.from_arrays(np.full((3, 40), np.nan))


def test_refuses_the_wrong_count_of_coefficients() -> None:
    with pytest.raises(InputError, match="40 for arkit"):
        Motion.from_arrays(np.zeros((3, 50)), basis="arkit")


def test_bad_files_are_named(tmp_path: Path) -> None:
    names = ("text.npz", "foreign.npz", "pickled.npz", "cut.npz")
    text, foreign, pickled, cut = (tmp_path / name for name in names)
    text.write_text("no motion")
    waving().save(cut)
    cut.write_bytes(cut.read_bytes()[:500])
    np.savez(foreign, other=np.zeros(3))
    np.savez(pickled, exp=np.array([{}], dtype=object), pose=np.zeros((1, 6)))
    for path, said in [
        (tmp_path / "none.npz", "does not exist"),
        (text, "not a motion file"),
        (foreign, "lacks 'exp' or 'pose'"),
        (pickled, "not a motion file"),
        (cut, "not a motion file"),
    ]:
        with pytest.raises(InputError, match=said):
            Motion.load(path)


def test_saving_where_nothing_can_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="in a folder that exists"):
        waving().save(tmp_path / "absent" / "m.npz")
    assert not list(tmp_path.iterdir())
