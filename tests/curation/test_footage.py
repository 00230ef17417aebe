"""Shots and layouts of pictures that are made here."""

from typing import Any

import numpy as np
import pytest
from dualtalk.curation.options import Options


def _scene(seed: int, size: tuple[int, int] = (180, 320)) -> np.ndarray:
    """Return a room of soft shapes."""
    import cv2

    noise = np.random.default_rng(seed).uniform(0, 255, (6, 8, 3)).astype(np.float32)
    return np.asarray(cv2.resize(noise, size[::-1], interpolation=cv2.INTER_CUBIC)).clip(0, 255)


def _living(room: np.ndarray, n_frames: int) -> list[np.ndarray]:
    """Return pictures in which something dark moves before a room."""
    pictures = []
    for i in range(n_frames):
        picture = room.copy()
        left = 40 + 2 * i % 240
        picture[60:140, left : left + 40] = 30
        pictures.append(picture.astype(np.uint8))
    return pictures


def test_a_cut_is_where_the_room_changes(cv2: Any) -> None:
    pytest.importorskip("scenedetect")
    from dualtalk.curation.footage.shots import shots

    found = shots([*_living(_scene(1), 40), *_living(_scene(2), 50)])
    assert [(s.first_frame, s.n_frames) for s in found] == [(0, 40), (40, 50)]


def test_long_shots_are_cut_into_equal_parts(cv2: Any) -> None:
    pytest.importorskip("scenedetect")
    from dualtalk.curation.footage.shots import shots

    found = shots(_living(_scene(1), 110), Options(longest_s=2.0))
    assert [s.n_frames for s in found] in ([37, 36, 37], [37, 37, 36], [36, 37, 37])
    assert sum(s.n_frames for s in found) == 110


def _codes(pictures: list[np.ndarray]) -> list[str]:
    from dualtalk.curation.footage import layout

    meter = layout.Meter()
    for picture in pictures:
        meter.add(picture)
    return [reason.code for reason in layout.reasons(meter.layout)]


@pytest.mark.parametrize("axis", [0, 1])
def test_a_split_screen_is_seen_in_both_directions(cv2: Any, axis: int) -> None:
    half = (90, 320) if axis == 0 else (180, 160)
    first, second = _living(_scene(3, half), 30), _living(_scene(4, half), 30)
    split = [np.concatenate(both, axis=axis) for both in zip(first, second, strict=True)]
    assert _codes(split) == ["split_screen"]


def test_an_edge_between_faces_of_which_one_is_below_parts_them(cv2: Any) -> None:
    """Both walls are of one colour, and a body ends where the other's wall begins."""
    from dualtalk.curation.footage import layout

    meter = layout.Meter()
    for number in range(30):
        picture = np.full((180, 320, 3), 90, np.uint8)
        picture[50:90, 110:200] = 160  # shoulders, cut off by the seam
        picture[20:50, 140:170] = 200 - number  # a face
        picture[105:135, 140:170] = 200 - number
        meter.add(picture)
    assert meter.layout.level_edge == pytest.approx(0.28, abs=0.02)
    above, below = (0.44, 0.11, 0.53, 0.28), (0.44, 0.58, 0.53, 0.75)
    beside = (0.6, 0.2, 0.69, 0.6)
    codes = [r.code for r in layout.reasons(meter.layout, faces=[below, above])]
    assert codes == ["split_screen"]
    for faces in ([], [above], [above, beside], [above, below, beside]):
        assert layout.reasons(meter.layout, faces=faces) == []


def test_faces_that_a_seam_cuts_lie_on_each_other(cv2: Any) -> None:
    """The face model makes up what is cut off; in one room faces lie beside each other."""
    from dualtalk.curation.footage import layout

    meter = layout.Meter()
    for number in range(30):
        picture = np.full((180, 320, 3), 90, np.uint8)
        picture[40:90, 120:200] = 200 - number  # a face down to the mouth
        picture[90:140, 120:200] = 140 - number
        meter.add(picture)
    upper, lower = (0.4, 0.2, 0.6, 0.65), (0.4, 0.5, 0.6, 0.9)
    beside = (0.65, 0.5, 0.85, 0.9)
    assert layout.parting_edge(meter.layout, [lower, upper]) == pytest.approx(0.25, abs=0.02)
    assert layout.parting_edge(meter.layout, [upper, beside]) == 0.0


def test_one_room_is_no_split_screen(cv2: Any) -> None:
    assert _codes(_living(_scene(5), 30)) == []


def test_a_card_stands_still(cv2: Any) -> None:
    generator = np.random.default_rng(6)
    card = _scene(7)
    grainy = [(card + generator.normal(0, 0.7, card.shape)).clip(0, 255) for _ in range(30)]
    assert _codes([picture.astype(np.uint8) for picture in grainy]) == ["dub_card"]
