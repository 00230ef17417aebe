"""The face model is asked as seldom as can be: it is what a video costs."""

from typing import Any

import numpy as np
import pytest


class Still:
    """A face model that knows where faces are, and counts how often it is asked."""

    def __init__(self, *boxes: tuple[float, float, float, float]) -> None:
        from dualtalk.curation.faces.landmarker import N_BLENDSHAPES, N_LANDMARKS, Face

        self.asked: list[np.ndarray] = []
        self.faces = []
        for left, top, right, bottom in boxes:
            points = np.random.default_rng(1).uniform(0, 1, (N_LANDMARKS, 3)).astype(np.float32)
            points[0], points[1] = 0, 1
            points[:, :2] = points[:, :2] * (right - left, bottom - top) + (left, top)
            blendshapes = np.zeros(N_BLENDSHAPES, np.float32)
            self.faces.append(Face(points, blendshapes, np.eye(4, dtype=np.float32)))

    def find(self, picture: np.ndarray, offset: tuple[float, float] = (0.0, 0.0)) -> list[Any]:
        return self.find_scaled(picture, offset, 1.0)

    def find_scaled(
        self, picture: np.ndarray, offset: tuple[float, float], scale: float
    ) -> list[Any]:
        self.asked.append(picture)
        low = np.array(offset)
        high = low + np.array(picture.shape[1::-1]) / scale
        inside = [
            face
            for face in self.faces
            if (face.box[:2] >= low).all() and (face.box[2:] <= high).all()
        ]
        return [face for face in inside if self.is_seen(picture, face, low, scale)]

    def is_seen(self, picture: np.ndarray, face: Any, low: np.ndarray, scale: float) -> bool:
        """Return whether the face is not painted over: walls are noise here."""
        left, top, right, bottom = ((face.box - np.tile(low, 2)) * scale).astype(int)
        return bool(picture[top:bottom, left:right].std() > 5)


def _wall(height: int = 400, width: int = 800) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8)


def test_two_people_side_by_side_cost_one_look(cv2: Any) -> None:
    from dualtalk.curation.faces.tracks import track

    model = Still((100, 100, 220, 230), (420, 100, 540, 230))
    seen = track(model, [_wall()] * 2)  # type: ignore[arg-type]
    searched = len(model.asked)
    again = Still((100, 100, 220, 230), (420, 100, 540, 230))
    seen = track(again, [_wall()] * 12)  # type: ignore[arg-type]
    assert [each.n_seen for each in seen.tracks] == [12, 12]
    assert len(again.asked) - searched == 10


def test_people_far_apart_are_looked_at_one_by_one(cv2: Any) -> None:
    from dualtalk.curation.faces.scanning import follow_all
    from dualtalk.curation.faces.tracks import track

    boxes = ((20, 100, 60, 145), (700, 100, 740, 145))
    model = Still(*boxes)
    assert follow_all(model, _wall(), [np.array(b, np.float32) for b in boxes]) == []  # type: ignore[arg-type]
    assert not model.asked
    seen = track(model, [_wall()] * 5)  # type: ignore[arg-type]
    assert [each.n_seen for each in seen.tracks] == [5, 5]


@pytest.mark.parametrize("is_known", [False, True])
def test_a_search_is_for_those_who_are_not_followed(cv2: Any, is_known: bool) -> None:
    from dualtalk.curation.faces.scanning import scan

    model = Still((100, 100, 220, 230), (420, 100, 540, 230))
    known = [model.faces[0].box] if is_known else []
    wall = _wall()
    before = wall.copy()
    found = scan(model, wall, known)  # type: ignore[arg-type]
    assert len(found) == (1 if is_known else 2)
    assert found[-1] is model.faces[1]
    assert (wall == before).all()  # the picture itself is not painted on


def test_everybody_is_counted_whether_followed_or_new(cv2: Any) -> None:
    from dualtalk.curation.faces.tracks import track
    from dualtalk.curation.options import Options

    model = Still((100, 100, 220, 230), (420, 100, 540, 230), (600, 100, 720, 230))
    seen = track(model, [_wall()] * 8, Options(scan_every=4))  # type: ignore[arg-type]
    assert seen.counts == [3, 3]
    assert len(seen.tracks) == 3
