"""A super-resolution network of the user's own: an ONNX file that is written here, byte by byte."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from .test_scanning import Still


def _field(number: int, value: bytes | int) -> bytes:
    """Return a field of a protocol buffer: a number, or bytes with their length."""
    if isinstance(value, int):
        return _count(number << 3) + _count(value)
    return _count(number << 3 | 2) + _count(len(value)) + value


def _count(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])


def _picture(name: str, n_channels: int) -> bytes:
    dims = _field(1, _field(1, 1)) + _field(1, _field(1, n_channels))
    dims += _field(1, _field(2, b"height")) + _field(1, _field(2, b"width"))
    return _field(1, name.encode()) + _field(2, _field(1, _field(1, 1) + _field(2, dims)))


def _ints(name: str, *values: int) -> bytes:
    listed = b"".join(_field(8, value) for value in values)
    return _field(5, _field(1, name.encode()) + listed + _field(20, 7))


def write_onnx(path: Path, weights: NDArray[np.float32], factor: int, pad: int) -> Path:
    """Write a network of one transposed convolution by `weights` (3, n_out, size, size)."""
    node = _field(1, b"in") + _field(1, b"w") + _field(2, b"out") + _field(4, b"ConvTranspose")
    node += _ints("kernel_shape", *weights.shape[2:]) + _ints("strides", factor, factor)
    node += _ints("pads", pad, pad, pad, pad)
    tensor = b"".join(_field(1, n) for n in weights.shape) + _field(2, 1) + _field(8, b"w")
    tensor += _field(9, weights.astype("<f4").tobytes())
    graph = _field(1, node) + _field(2, b"g") + _field(5, tensor)
    graph += _field(11, _picture("in", 3)) + _field(12, _picture("out", weights.shape[1]))
    path.write_bytes(_field(1, 7) + _field(8, _field(2, 11)) + _field(7, graph))
    return path


def bicubic_weights() -> NDArray[np.float32]:
    """Return the kernel (3, 3, 8, 8) that makes a picture twice as large, as OpenCV does."""
    far = np.abs((np.arange(8) - 3.5) / 2)
    a = -0.75
    near = (a + 2) * far**3 - (a + 3) * far**2 + 1
    outer = a * far**3 - 5 * a * far**2 + 8 * a * far - 4 * a
    line = np.where(far < 1, near, outer)
    return np.einsum("ij,k,l->ijkl", np.eye(3), line, line).astype(np.float32)


@pytest.fixture
def bicubic(tmp_path: Path, cv2: Any) -> Path:
    return write_onnx(tmp_path / "bicubic.onnx", bicubic_weights(), 2, 3)


def test_a_network_that_interpolates_gives_what_opencv_does(bicubic: Path, cv2: Any) -> None:
    from dualtalk.curation.faces.enlarging import Enlarger

    picture = np.random.default_rng(0).integers(0, 255, (30, 44, 3)).astype(np.uint8)
    enlarger = Enlarger(bicubic)
    found = enlarger.enlarged(picture)
    wanted = cv2.resize(picture, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    assert enlarger.factor == 2
    assert found.shape == wanted.shape
    inside = (slice(6, -6), slice(6, -6))  # at the border there is nothing to go on
    assert np.abs(found[inside].astype(int) - wanted[inside]).max() <= 1


def test_what_is_no_such_network_is_refused(tmp_path: Path, cv2: Any) -> None:
    from dualtalk.core.errors import InputError
    from dualtalk.curation.faces.enlarging import Enlarger

    with pytest.raises(InputError, match=r"missing\.onnx cannot be read"):
        Enlarger(tmp_path / "missing.onnx")
    (tmp_path / "text.onnx").write_bytes(b"no network")
    with pytest.raises(InputError, match=r"text\.onnx"):
        Enlarger(tmp_path / "text.onnx")
    grey = write_onnx(tmp_path / "grey.onnx", bicubic_weights()[:, :1], 2, 3)
    with pytest.raises(InputError, match="does not enlarge a picture as it has to"):
        Enlarger(grey)
    same = write_onnx(tmp_path / "same.onnx", np.ones((3, 3, 1, 1), np.float32), 1, 0)
    with pytest.raises(InputError, match="2 to 8 times as large"):
        Enlarger(same)


def test_small_faces_alone_are_enlarged(bicubic: Path, cv2: Any) -> None:
    from dualtalk.curation.faces.enlarging import Enlarger
    from dualtalk.curation.faces.scanning import follow

    noise = np.random.default_rng(1).integers(0, 255, (360, 640, 3)).astype(np.uint8)
    for size, is_enlarged in ((40.0, True), (120.0, False)):
        asked = []
        for enlarger in (None, Enlarger(bicubic)):
            model = Still((300, 100, 300 + size, 100 + size))
            model.enlarger = enlarger
            follow(model, noise, np.array([300, 100, 300 + size, 100 + size], np.float32))  # type: ignore[arg-type]
            asked += model.asked
        assert asked[0].shape == asked[1].shape  # the model sees the same part at the same size
        assert (not np.array_equal(*asked)) == is_enlarged


def test_the_command_says_what_is_wrong_with_the_file(
    tmp_path: Path, cv2: Any, landmarker: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    from dualtalk.curation.cli import main

    (tmp_path / "a.mp4").write_bytes(b"no video")
    given = [str(tmp_path), "--output", str(tmp_path / "out"), "--super-resolution"]
    assert main([*given, str(tmp_path / "none.onnx")]) == 2
    assert "none.onnx cannot be read" in capsys.readouterr().err


def test_a_row_says_what_enlarged_its_faces(
    bicubic: Path, tmp_path: Path, cv2: Any, av: Any, landmarker: Any
) -> None:
    import json

    from dualtalk.curation.options import Options
    from dualtalk.curation.pipeline import landmarker_of, rows_of

    from .conftest import two_heads, write_video

    path = write_video(tmp_path / "pair.mp4", two_heads(14, 1), [j / 25 for j in range(14)])
    options = Options(shortest_s=0.5, needs_sound=False, super_resolution=bicubic)
    with landmarker_of(options) as model:
        (row,) = rows_of(path, path.name, model, options)
    said = json.loads(row["staging"])["super_resolution"]
    assert row["accepted"]
    assert said["file"] == "bicubic.onnx"
    assert len(said["sha256"]) == 64
    assert said["factor"] == 2
