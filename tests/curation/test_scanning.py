"""The face model is asked as seldom as can be: it is what a video costs."""

from typing import Any

import numpy as np
import pytest


class Still:
    """A face model that knows where faces are, and counts how often it is asked."""

    def __init__(self, *boxes: tuple[float, float, float, float]) -> None:
        from dualtalk.curation.faces.landmarker import N_BLENDSHAPES, N_LANDMARKS, Face

        self.asked: list[np.ndarray] = []
        self.enlarger: Any = None
        self.n_forgotten = 0
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

    def forget(self) -> None:
        self.n_forgotten += 1

    def find_pair(self, picture: np.ndarray) -> list[Any]:
        """Return a face in the middle of each half, as large as half of it."""
        from dualtalk.curation.faces.landmarker import Face

        self.asked.append(picture)
        side = picture.shape[0]
        found = []
        for half in (1, 0):  # in no order
            points = np.random.default_rng(1).uniform(0, 1, (478, 3)).astype(np.float32)
            points[0], points[1] = 0, 1
            points[:, :2] = points[:, :2] * side / 2 + (side / 4 + half * side, side / 4)
            found.append(Face(points, np.zeros(52, np.float32), np.eye(4, dtype=np.float32)))
        return found

    def is_seen(self, picture: np.ndarray, face: Any, low: np.ndarray, scale: float) -> bool:
        """Return whether the face is not painted over: walls are noise here."""
        left, top, right, bottom = ((face.box - np.tile(low, 2)) * scale).astype(int)
        return bool(picture[top:bottom, left:right].std() > 5)


def _wall(height: int = 400, width: int = 800) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8)


def test_two_people_cost_one_look_but_for_every_twelfth_frame(cv2: Any) -> None:
    from dualtalk.curation.faces.tracks import track

    boxes = ((20, 100, 60, 140), (700, 100, 740, 140))
    model = Still(*boxes)
    track(model, [_wall()])  # type: ignore[arg-type]
    again = Still(*boxes)
    seen = track(again, [_wall()] * 12)  # type: ignore[arg-type]
    assert [each.n_seen for each in seen.tracks] == [12, 12]
    assert len(again.asked) - len(model.asked) == 10 + 2  # frame 1: one by one
    assert again.n_forgotten == 1


def test_both_are_found_where_they_are(cv2: Any) -> None:
    from dualtalk.curation.faces.scanning import follow_pair

    boxes = [np.array(b, np.float32) for b in ((100, 100, 160, 160), (600, 200, 700, 300))]
    found = follow_pair(Still(), _wall(), boxes)  # type: ignore[arg-type]
    found.sort(key=lambda face: float(face.box[0]))
    for face, box in zip(found, boxes, strict=True):
        assert face.box == pytest.approx(box, abs=1)


def test_people_who_are_near_are_looked_at_as_they_are(cv2: Any) -> None:
    from dualtalk.curation.faces.scanning import follow_all, follow_pair

    boxes = [np.array(b, np.float32) for b in ((100, 100, 220, 230), (270, 100, 390, 230))]
    model = Still(*(tuple(box) for box in boxes))  # type: ignore[arg-type]
    assert follow_pair(model, _wall(), boxes) == []  # type: ignore[arg-type]
    assert not model.asked
    assert len(follow_all(model, _wall(), boxes)) == 2  # type: ignore[arg-type]
    assert len(model.asked) == 1


def test_a_turn_is_that_of_looks_at_one_face_alone() -> None:
    from dataclasses import replace

    from dualtalk.curation.faces.landmarker import Face
    from dualtalk.curation.faces.straight import straightened

    form = np.random.default_rng(2).normal(size=(478, 3))
    faces: list[Face | None] = []
    for yaw in (0.0, 0.1, 0.3, -0.2):
        c, s = np.cos(yaw), np.sin(yaw)
        turn = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
        transform = np.eye(4, dtype=np.float32)
        transform[:3, :3] = turn
        points = (50 * form @ turn.T) * (1, -1, -1)
        faces.append(Face(points.astype(np.float32), np.zeros(52, np.float32), transform, True))
    off = np.eye(4, dtype=np.float32)
    seen = [faces[0], faces[1], None, replace(faces[2], transform=off, is_centred=False)]  # type: ignore[type-var]
    found = straightened(seen)
    assert found[2] is None
    assert found[0] is faces[0]
    assert found[3].transform[:3, :3] == pytest.approx(faces[2].transform[:3, :3], abs=1e-4)  # type: ignore[union-attr]
    assert straightened([seen[3]]) == [seen[3]]


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
