"""Videos to curate: made here, or real ones of the folder beside the checkout."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

_WHY = "needs the packages of 'make setup-curation'"
_CLIPS = Path(__file__).resolve().parents[2].parent / "shared" / "video" / "clips"


@pytest.fixture
def real_clips() -> Path:
    """Return the folder of real clips."""
    if not _CLIPS.is_dir():
        pytest.skip("needs the real clips, which are not part of the project")
    return _CLIPS


@pytest.fixture(scope="session")
def landmarker() -> Iterator[Any]:
    """Return the face model."""
    pytest.importorskip("mediapipe", reason=_WHY)
    from dualtalk.core.errors import InputError
    from dualtalk.curation.faces.landmarker import Landmarker, task_file

    try:
        task_file()
    except InputError:
        pytest.skip(_WHY)
    with Landmarker() as made:
        yield made


@pytest.fixture
def av() -> Any:
    """Return the decoder."""
    return pytest.importorskip("av", reason=_WHY)


@pytest.fixture
def cv2() -> Any:
    """Return OpenCV."""
    return pytest.importorskip("cv2", reason=_WHY)


def two_heads(
    n_frames: int = 20, seed: int = 0, size: tuple[int, int] = (360, 640), n_heads: int = 2
) -> list[NDArray[np.uint8]]:
    """Return pictures of two people who talk and nod before one wall, as a preview draws them.

    In an upright picture one is above the other; `n_heads` = 1 leaves one of them out.
    """
    from dualtalk.core.motion import Motion
    from dualtalk.curation.records.preview import Drawn

    generator = np.random.default_rng(seed)
    at, phases = np.arange(n_frames), generator.uniform(0, 6, 2)
    still = np.zeros((n_frames, 40))
    heads = []
    for phase in phases:
        jaw, nod = np.zeros((2, n_frames, 3))
        jaw[:, 0] = 0.08 * np.sin(at + phase).clip(0)
        nod[:, 1], nod[:, 0] = 0.1, 0.06 * np.sin(at / 3 + phase)
        heads.append(Motion.from_arrays(still, jaw=jaw, head=nod))
    drawn, (height, width) = Drawn(), size
    places = ((60, 40), (60, 360)) if width > height else ((40, 60), (360, 60))
    pictures = []
    for frame in range(n_frames):
        picture = np.full((*size, 3), 64, np.uint8)
        for head, (top, left) in list(zip(heads, places, strict=True))[:n_heads]:
            picture[top : top + 240, left : left + 240] = drawn.picture(head, frame)
        pictures.append(picture)
    return pictures


def write_video(
    path: Path,
    pictures: Sequence[NDArray[np.uint8]],
    times_s: Sequence[float],
    sound: NDArray[np.float32] | None = None,
    codec: str = "mpeg4",
) -> Path:
    """Write pictures at any times, with sound (n_samples,) at 16 kHz."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=1000)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt, stream.bit_rate, stream.max_b_frames = "yuv420p", 4_000_000, 0
        stream.codec_context.time_base = stream.time_base = _milliseconds()
        heard = None if sound is None else container.add_stream("aac", rate=16_000, layout="mono")
        for picture, time_s in zip(pictures, times_s, strict=True):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame.pts, frame.time_base = round(time_s * 1000), _milliseconds()
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        if heard is not None and sound is not None:
            for start in range(0, len(sound), 1024):
                block = av.AudioFrame.from_ndarray(
                    sound[None, start : start + 1024], format="fltp", layout="mono"
                )
                block.sample_rate, block.pts = 16_000, start
                container.mux(heard.encode(block))
            container.mux(heard.encode())
    return path


def _milliseconds() -> Any:
    from fractions import Fraction

    return Fraction(1, 1000)
