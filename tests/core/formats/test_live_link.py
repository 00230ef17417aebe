"""Live Link Face CSV: the conventions of Epic's app, and back."""

from pathlib import Path

import numpy as np
import pytest
from dualtalk.core.errors import InputError
from dualtalk.core.formats import live_link
from dualtalk.core.motion import Motion
from dualtalk.core.names import ARKIT_INDEX, ARKIT_SHAPES, JAW_OPEN_RAD

N = 90


def moving(fps: float = 60.0) -> Motion:
    """Return a motion that uses everything a recording holds."""
    rng = np.random.default_rng(3)
    head, eyes = rng.uniform(-0.6, 0.6, (N, 3)), np.zeros((N, 2, 3))
    eyes[:, :, 1] = rng.uniform(-0.4, 0.4, (N, 1))  # eyes turn sideways together
    jaw = np.zeros((N, 3))
    jaw[:, 0], jaw[:, 1] = rng.uniform(0, 0.4, N), rng.uniform(-0.1, 0.1, N)
    return Motion.from_arrays(rng.uniform(0, 1, (N, 40)), jaw, head, eyes=eyes, fps=fps)


@pytest.mark.parametrize("fps", [23.976, 25.0, 29.97, 60.0])
def test_a_motion_comes_back_at_any_rate(tmp_path: Path, fps: float) -> None:
    written = moving(fps)
    path = tmp_path / "Slate_1_Ann.csv"
    live_link.write(path, written, start_s=23 * 3600 + 59 * 60 + 59.5)  # over midnight
    read = live_link.read(path)
    assert read.fps == pytest.approx(fps, rel=1e-4)
    for part in ("expression", "jaw", "head", "eyes"):
        np.testing.assert_allclose(getattr(read, part), getattr(written, part), atol=2e-6)


def test_the_file_is_as_the_importer_of_epic_wants_it(tmp_path: Path) -> None:
    live_link.write(tmp_path / "a.csv", moving(), start_s=3661.5)
    lines = (tmp_path / "a.csv").read_text().splitlines()
    header = lines[0].split(",")
    assert header[:4] == ["Timecode", "BlendShapeCount", "EyeBlinkLeft", "EyeLookDownLeft"]
    assert header[16:20] == ["JawForward", "JawRight", "JawLeft", "JawOpen"]
    assert header[-9:-6] == ["HeadYaw", "HeadPitch", "HeadRoll"]
    first = lines[1].split(",")
    assert first[0] == "01:01:01:30.000"  # half a second is 30 sixtieths at any rate
    assert first[1] == "61"
    assert len(first) == 63
    assert len(first[5].split(".")[1]) == 10


def test_columns_are_found_by_name_and_rows_of_another_count_end_it(tmp_path: Path) -> None:
    live_link.write(tmp_path / "a.csv", moving())
    rows = [line.split(",") for line in (tmp_path / "a.csv").read_text().splitlines()]
    order = [0, 1, *reversed(range(2, 63))]
    shuffled = [",".join(row[i] for i in order) for row in rows]
    (tmp_path / "b.csv").write_text("\n".join([*shuffled[:40], "00:00:00:00.000,0", shuffled[50]]))
    read = live_link.read(tmp_path / "b.csv")
    assert read.n_frames == 39
    np.testing.assert_allclose(read.jaw, moving().jaw[:39], atol=2e-6)


def test_left_is_the_person_s_own_left_and_down_is_positive(tmp_path: Path) -> None:
    still = np.zeros((N, 3))
    eyes = np.zeros((N, 2, 3))
    eyes[:, :, 0], eyes[:, :, 1] = 0.2, 0.3  # down and to the own left
    jaw = np.zeros((N, 3))
    jaw[:, 0] = JAW_OPEN_RAD
    motion = Motion.from_arrays(np.zeros((N, 40)), jaw, still, eyes=eyes)
    live_link.write(tmp_path / "a.csv", motion)
    lines = (tmp_path / "a.csv").read_text().splitlines()
    row = dict(zip(lines[0].split(","), lines[1].split(","), strict=True))
    assert float(row["JawOpen"]) == pytest.approx(1.0)
    assert float(row["EyeLookOutLeft"]) > 0.3 > 0 == float(row["EyeLookInLeft"])
    assert float(row["EyeLookInRight"]) > 0.3 > 0 == float(row["EyeLookOutRight"])
    assert float(row["EyeLookDownLeft"]) > 0.2


def test_eyes_follow_the_shapes_where_the_app_left_the_angles_at_zero(tmp_path: Path) -> None:
    live_link.write(tmp_path / "a.csv", moving())
    rows = [line.split(",") for line in (tmp_path / "a.csv").read_text().splitlines()]
    angles = [i for i, name in enumerate(rows[0]) if name.startswith(("LeftEye", "RightEye"))]
    for row in rows[1:]:
        for i in angles:
            row[i] = "0.0"
    (tmp_path / "b.csv").write_text("\n".join(map(",".join, rows)))
    read = live_link.read(tmp_path / "b.csv")
    np.testing.assert_allclose(read.eyes, moving().eyes, atol=1e-4)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "lacks the column"),
        ("Timecode,BlendShapeCount\n", "lacks the column EyeBlinkLeft"),
        ("HEADER\n", "holds no frames"),
        ("HEADER\nnonsense" + ",1" * 62 + "\n", "line 1"),
        ("HEADER\n00:00:00:00.000,61" + ",nan" * 61 + "\n", "holds no frames"),
        ("HEADER\n" + ("00:00:00:00.000,61" + ",0" * 61 + "\n") * 3, "do not run on"),
    ],
)
def test_what_is_no_recording_is_told_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    header = ",".join(("Timecode", "BlendShapeCount", *live_link.COLUMNS))
    (tmp_path / "a.csv").write_text(text.replace("HEADER", header))
    with pytest.raises(InputError, match=says):
        live_link.read(tmp_path / "a.csv")


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe\x00\x01" * 50)
    with pytest.raises(InputError, match="cannot be read as text"):
        live_link.read(tmp_path / "a.csv")


def test_every_shape_has_its_column() -> None:
    assert len(live_link.COLUMNS) == len(set(live_link.COLUMNS)) == 61
    for name in ARKIT_SHAPES:
        assert name[0].upper() + name[1:] in live_link.COLUMNS
    assert len(ARKIT_INDEX) == 40
