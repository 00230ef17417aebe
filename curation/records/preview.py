"""A video that shows the source with what was made of it beside: both heads.

It is drawn without Blender, so that any worker can: the mean person of the built-in head, posed,
its faces painted from far to near.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ...core.faces.builtin_head import CORRECTIVES, HeadModel
from ...core.faces.looks import Look, material_colors
from ...core.files import atomic
from ...core.motion import Motion
from ...core.names import BONES, JAW_OPEN_RAD
from ..footage.video import Picture

Floats = NDArray[np.floating[Any]]

#: Of the preview; half the pipeline's rate is enough to judge by.
FPS, EVERY = 12.5, 2
_HEIGHT = 240
_SIDE = 240
#: What a side of the picture shows of a head, metres.
_SHOWN_M = 0.32
_LIGHT = np.array([0.35, 0.4, 0.85])
_NECK, _JAW = BONES.index("neck"), BONES.index("jaw")


class Drawn:
    """The mean person, to be drawn in any pose."""

    def __init__(self) -> None:
        model = HeadModel.bundled()
        corners = np.array([(*face, face[-1])[:4] for face in model.faces])
        hidden = [model.part_names.index(name) for name in ("wet", "lash")]
        self._quads = corners[~np.isin(model.parts[corners[:, 0]], hidden)]
        self._points = model.vertices.astype(np.float64)
        shapes, correctives = model.fitted({})
        self._shapes = shapes.reshape(len(shapes), -1)
        self._opened = correctives[CORRECTIVES.index("jawOpen")]
        self._weights, self._joints = model.weights, model.joints
        flat = material_colors(Look())
        names = [model.material_names[i] for i in model.vertex_materials]
        colors = np.array([flat[name][:3] for name in names]) ** (1 / 2.2)
        lips = model.zones[:, model.zone_names.index("lips"), None]
        colors = (1 - lips) * colors + lips * np.array([0.6, 0.28, 0.26])
        self._colors = 255 * colors[self._quads].mean(axis=1)

    def picture(self, motion: Motion, frame: int) -> Picture:
        """Return one frame of a motion, (240, 240, 3)."""
        moved = self._points + (motion.expression[frame] @ self._shapes).reshape(-1, 3)
        jaw = float(motion.jaw[frame, 0])
        moved += max(jaw / JAW_OPEN_RAD, 0.0) * self._opened
        moved = _turned(moved, np.array([jaw, 0, 0]), self._joints[_JAW], self._weights[:, _JAW])
        for eye in (0, 1):
            bone = BONES.index(("eye_left", "eye_right")[eye])
            turn = motion.eyes[frame, eye]
            moved = _turned(moved, turn, self._joints[bone], self._weights[:, bone])
        on_neck = 1 - self._weights[:, 0]
        return self._painted(_turned(moved, motion.head[frame], self._joints[_NECK], on_neck))

    def _painted(self, points: Floats) -> Picture:
        """Paint what faces the viewer, from far to near."""
        across = points[self._quads[:, 2]] - points[self._quads[:, 0]]
        normal = np.cross(across, points[self._quads[:, 3]] - points[self._quads[:, 1]])
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
        depth = points[self._quads, 2].mean(axis=1)
        seen = np.flatnonzero(normal[:, 2] > 0)
        seen = seen[np.argsort(depth[seen])]
        shade = 0.35 + 0.65 * np.clip(normal @ _LIGHT, 0, 1)
        colors = (self._colors * shade[:, None]).clip(0, 255)
        middle = self._joints[3:].mean(axis=0)
        at = (points[:, :2] - middle[:2]) * (np.array([1.0, -1.0]) / _SHOWN_M * _SIDE)
        corners = ((at + _SIDE * np.array([0.5, 0.42])) * 16).round().astype(np.int32)
        picture = np.full((_SIDE, _SIDE, 3), 64, np.uint8)
        for quad, color in zip(corners[self._quads[seen]], colors[seen].tolist(), strict=True):
            cv2.fillConvexPoly(picture, quad, color, cv2.LINE_8, 4)
        return picture


def _turned(points: Floats, turn: Floats, joint: Floats, weights: Floats) -> Floats:
    rotation, _ = cv2.Rodrigues(np.asarray(turn, np.float64))
    moved: Floats = points + weights[:, None] * ((points - joint) @ (rotation.T - np.eye(3)))
    return moved


def write(path: Path, source: Iterator[Picture], motions: tuple[Motion, Motion]) -> None:
    """Write the video: the source on the left, both heads on the right."""
    import av

    drawn = Drawn()
    with atomic(path) as temporary:
        container: Any = av.open(str(temporary), "w", format="mp4")
        with container:
            stream: Any = None
            for number, picture in enumerate(source):
                if number % EVERY or number >= motions[0].n_frames:
                    continue
                shown = _beside(picture, [drawn.picture(m, number) for m in motions])
                if stream is None:
                    stream = container.add_stream("mpeg4", rate=25)
                    stream.time_base = stream.codec_context.time_base = _frame_time()
                    stream.height, stream.width = shown.shape[:2]
                    stream.pix_fmt, stream.bit_rate = "yuv420p", 1_500_000
                frame = av.VideoFrame.from_ndarray(shown, format="rgb24")
                frame.pts, frame.time_base = number // EVERY, _frame_time()
                container.mux(stream.encode(frame))
            if stream is not None:
                container.mux(stream.encode())


def _beside(picture: Picture, heads: list[Picture]) -> Picture:
    width = round(picture.shape[1] * _HEIGHT / picture.shape[0] / 2) * 2
    small = cv2.resize(picture, (width, _HEIGHT), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(np.concatenate([small, *heads], axis=1))


def _frame_time() -> Any:
    from fractions import Fraction

    return Fraction(EVERY, 25)
