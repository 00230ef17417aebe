"""Faces of real clips: found, kept apart when they cross, and judged."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dualtalk.core.errors import InputError
from dualtalk.curation.faces.landmarker import check_hash


def _portrait(clip: Path) -> np.ndarray:
    """Return a person of a real clip, cut out with the clothes, (200, 150, 3)."""
    import cv2
    from dualtalk.curation.footage import video

    picture = next(video.frames(video.opened(clip)))
    return np.asarray(cv2.resize(picture[40:288, 90:276], (150, 200)))


def test_another_face_model_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "face_landmarker_v2.task"
    other.write_bytes(b"another model")
    with pytest.raises(InputError, match="not the file that was tested"):
        check_hash(other, "00" * 32)


def test_small_faces_are_found_in_tiles(landmarker: Any, av: Any, real_clips: Path) -> None:
    import cv2
    from dualtalk.curation.faces.scanning import scan

    wall = np.full((720, 1280, 3), 90, np.uint8)
    small = cv2.resize(_portrait(real_clips / "grid_bbaf2n.mpg"), (72, 96))
    for left, top in ((100, 80), (900, 500)):
        wall[top : top + 96, left : left + 72] = small
    found = scan(landmarker, wall)
    assert len(found) == 2
    assert all(35 < face.size_px < 70 for face in found)


def test_identities_are_kept_through_a_crossing(landmarker: Any, av: Any, real_clips: Path) -> None:
    from dualtalk.curation.faces.tracks import track

    walking = _portrait(real_clips / "grid_bbaf2n.mpg")
    behind = _portrait(real_clips / "grid_brbk7n.mpg")
    pictures = []
    for i in range(48):
        wall = np.full((260, 560, 3), 90, np.uint8)
        for person, left in ((behind, 400 - 8 * i), (walking, 8 * i)):
            wall[40:240, left : left + 150] = person
        pictures.append(wall)
    seen = track(landmarker, pictures)
    by_start = sorted(seen.tracks[:2], key=lambda t: float(_first(t).box[0]))
    assert len(seen.tracks) == 2
    assert float(by_start[0].last.box[0]) > 300 > float(by_start[1].last.box[0])


def _first(track: Any) -> Any:
    return next(face for face in track.faces if face is not None)


def test_a_hand_before_a_mouth_is_seen(landmarker: Any, av: Any, real_clips: Path) -> None:
    from dualtalk.curation.faces import quality, tracks
    from dualtalk.curation.footage import video

    pictures = list(video.frames(video.opened(real_clips / "grid_lbax4n.mpg")))[:45]
    with_hand = []
    found = tracks.track(landmarker, pictures[:1]).tracks[0].faces[0]
    assert found is not None
    left, top, right, bottom = found.box.astype(int)
    for i, picture in enumerate(pictures):
        shown = picture.copy()
        if i >= 30:
            shown[top + 2 * (bottom - top) // 3 : bottom + 20, left:right] = (170, 120, 100)
        with_hand.append(shown)
    seen = tracks.track(landmarker, with_hand)
    likeness = quality.measured(seen.tracks[0]).mouth
    open_mouths, covered = likeness[2:28], likeness[33:]
    covered = covered[np.isfinite(covered)]
    assert not len(covered) or np.nanmin(open_mouths) > covered.max()


def test_two_people_in_one_room_are_taken(landmarker: Any, av: Any, real_clips: Path) -> None:
    from dataclasses import replace

    from dualtalk.curation.options import Options
    from dualtalk.curation.pipeline import clips_of, watch

    options = Options(needs_sound=False)
    clip = clips_of(real_clips / "intel_two.gif", "intel_two.gif")[0]
    short = replace(clip, shot=replace(clip.shot, n_frames=55))
    watched = watch(short, landmarker, options)
    left, right = watched.tracks
    assert left.n_seen == right.n_seen == 55
    assert float(_first(left).box[0]) < float(_first(right).box[0])
