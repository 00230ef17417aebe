"""Small faces in large pictures: the model sees tiles, as it finds no face below 140 px in 720p."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ..footage.video import Picture
from .enlarging import Enlarger
from .landmarker import Face, Landmarker

#: Tiles overlap by a face's size, so that every face is whole in one.
TILE_PX, OVERLAP_PX = 320, 120
#: Two finds that share so much are one face.
_SAME = 0.3
#: Around a face that is followed: the crop is so many times its size, and so large in pixels.
_CROP, _CROP_PX = 2.0, 256
#: From so much on a crop is enlarged by the network, if there is one: faces below 64 px.
_ENLARGED_FROM = 2.0
#: Crops that become smaller than this share are averaged over areas, which costs more.
_SHRINKS = 0.6
#: Faces that are so large a share of a crop around all of them are found in it at one look.
_SHARE = 0.16


def scan(
    landmarker: Landmarker, picture: Picture, known: Sequence[NDArray[np.float32]] = ()
) -> list[Face]:
    """Return every face of a picture, from left to right, but those in boxes that are `known`.

    A face costs four times as much as a tile without one, and is in several: those that are
    followed anyway are painted over.
    """
    if known:
        picture = _without(picture, known)
    found: list[Face] = []
    height, width = picture.shape[:2]
    sides = [side for side in (TILE_PX, 2 * TILE_PX) if side < max(height, width)]
    for side in sides:
        for tile, left, top in _tiles(picture, side):
            shown = tile if side == TILE_PX else cv2.resize(
                tile, None, fx=TILE_PX / side, fy=TILE_PX / side, interpolation=cv2.INTER_AREA
            )  # fmt: skip
            found += landmarker.find_scaled(shown, (left, top), TILE_PX / side)
    found += landmarker.find(picture)
    apart = [face for face in _distinct(found, width, height) if not _is_in(face, known)]
    return sorted(apart, key=lambda face: float(face.box[0]))


def follow_all(
    landmarker: Landmarker, picture: Picture, boxes: Sequence[NDArray[np.float32]]
) -> list[Face]:
    """Return the faces around several places by one look, or none if they are too far apart."""
    corners = np.stack(boxes)
    sizes = (corners[:, 2:] - corners[:, :2]).max(axis=1)
    reach = 0.5 * float(sizes.max())
    low, high = corners[:, :2].min(axis=0) - reach, corners[:, 2:].max(axis=0) + reach
    if float((high - low).max()) * _SHARE > float(sizes.min()):
        return []
    left, top = (int(max(0, edge)) for edge in low)
    right, bottom = (int(max(0, edge)) for edge in high)
    part = picture[top:bottom, left:right]
    return [] if min(part.shape[:2]) < 16 else landmarker.find(part, (left, top))


def follow_pair(
    landmarker: Landmarker, picture: Picture, boxes: Sequence[NDArray[np.float32]]
) -> list[Face]:
    """Return two faces by one look at what is around each, side by side.

    None if they are so near that each would be in the other's part too.
    """
    first, second = (_crop(picture, box, landmarker.enlarger) for box in boxes)
    if any(min(crop.shape[:2]) < 16 for crop, *_ in (first, second)) or _reaches(*boxes):
        return []
    both = np.zeros((_CROP_PX, 2 * _CROP_PX, 3), np.uint8)
    for part, (crop, *_) in zip(
        (both[:, :_CROP_PX], both[:, _CROP_PX:]), (first, second), strict=True
    ):
        part[: crop.shape[0], : crop.shape[1]] = crop
    found = []
    for face in landmarker.find_pair(both):
        is_right = float(face.box[0] + face.box[2]) / 2 >= _CROP_PX
        _, left, top, scale = second if is_right else first
        found.append(_moved(face, (-_CROP_PX * is_right, 0), scale, (left, top)))
    return found


def _reaches(first: NDArray[np.float32], second: NDArray[np.float32]) -> bool:
    """Tell whether a part of one face is in the crop around the other."""
    for box, other in ((first, second), (second, first)):
        reach = _CROP / 2 * float((box[2:] - box[:2]).max())
        off = np.abs((box[:2] + box[2:] - other[:2] - other[2:]) / 2)
        if (off < reach + (other[2:] - other[:2]) / 2).all():
            return True
    return False


def _moved(
    face: Face, before: tuple[float, float], scale: float, offset: tuple[float, float]
) -> Face:
    """Return a face of a part of a picture that was scaled by `scale` in the whole picture."""
    landmarks = face.landmarks.copy()
    landmarks[:, :2] += np.array(before, np.float32)
    landmarks /= scale
    landmarks[:, :2] += np.array(offset, np.float32)
    return replace(face, landmarks=landmarks)


def follow(landmarker: Landmarker, picture: Picture, box: NDArray[np.float32]) -> list[Face]:
    """Return the faces near where one is expected, the nearest first, which is in the middle."""
    crop, left, top, scale = _crop(picture, box, landmarker.enlarger)
    if min(crop.shape[:2]) < 16:
        return []
    middle = (box[:2] + box[2:]) / 2
    found = landmarker.find_scaled(crop, (left, top), scale)
    found.sort(key=lambda f: float(np.linalg.norm((f.box[:2] + f.box[2:]) / 2 - middle)))
    return [replace(face, is_centred=True) for face in found[:1]] + found[1:]


def overlap(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Return what two boxes share, of what they cover."""
    low, high = np.maximum(first[:2], second[:2]), np.minimum(first[2:], second[2:])
    shared = float(np.prod(np.clip(high - low, 0, None)))
    areas = [float(np.prod(box[2:] - box[:2])) for box in (first, second)]
    return shared / max(sum(areas) - shared, 1e-9)


def _without(picture: Picture, known: Sequence[NDArray[np.float32]]) -> Picture:
    painted = picture.copy()
    for box in known:
        left, top, right, bottom = box.clip(0).astype(int)
        part = painted[top:bottom, left:right]
        if part.size:
            part[:] = part.mean(axis=(0, 1))
    return painted


def _is_in(face: Face, known: Sequence[NDArray[np.float32]]) -> bool:
    x, y = (face.box[:2] + face.box[2:]) / 2
    return any(box[0] <= x <= box[2] and box[1] <= y <= box[3] for box in known)


def _tiles(picture: Picture, side: int) -> Iterator[tuple[Picture, float, float]]:
    height, width = picture.shape[:2]
    step = side - OVERLAP_PX * side // TILE_PX
    for top in _starts(height, side, step):
        for left in _starts(width, side, step):
            yield picture[top : top + side, left : left + side], float(left), float(top)


def _starts(length: int, side: int, step: int) -> list[int]:
    if length <= side:
        return [0]
    count = int(np.ceil((length - side) / step)) + 1
    return [round(x) for x in np.linspace(0, length - side, count)]


def _distinct(faces: list[Face], width: int, height: int) -> list[Face]:
    """Return each face once: the find whose middle is farthest inside its tile is not known, so
    the largest of those that overlap; what reaches out of the picture by half is none.
    """
    kept: list[Face] = []
    for face in sorted(faces, key=lambda f: f.size_px, reverse=True):
        x, y = (face.box[:2] + face.box[2:]) / 2
        is_inside = 0 <= x < width and 0 <= y < height
        if is_inside and all(not _is_same(face, other) for other in kept):
            kept.append(face)
    return kept


def _is_same(face: Face, other: Face) -> bool:
    if overlap(face.box, other.box) > _SAME:
        return True
    middles = [(f.box[:2] + f.box[2:]) / 2 for f in (face, other)]
    return float(np.linalg.norm(middles[0] - middles[1])) < 0.3 * max(face.size_px, other.size_px)


def _crop(
    picture: Picture, box: NDArray[np.float32], enlarger: Enlarger | None
) -> tuple[Picture, float, float, float]:
    """Return what is around a box at the size that the model likes, its place and its scale."""
    side = float(max(box[2] - box[0], box[3] - box[1])) * _CROP
    x, y = (box[:2] + box[2:]) / 2
    left, top = int(max(0, x - side / 2)), int(max(0, y - side / 2))
    right, bottom = int(max(0, x + side / 2)), int(max(0, y + side / 2))
    part = picture[top:bottom, left:right]
    if min(part.shape[:2]) < 16:
        return part, left, top, 1.0
    scale = _CROP_PX / max(part.shape[:2])
    size = (round(part.shape[1] * scale), round(part.shape[0] * scale))
    still = scale  # to be enlarged
    if enlarger is not None and scale >= _ENLARGED_FROM:
        part, still = enlarger.enlarged(part), scale / enlarger.factor
    how = cv2.INTER_AREA if still < _SHRINKS else cv2.INTER_LINEAR
    return cv2.resize(part, size, interpolation=how), left, top, scale
