"""Arrays on the disk are arrays as any other, and need no memory while nobody looks at them."""

import os
import tempfile
from pathlib import Path

import numpy as np
import pytest
from dualtalk.core import stored

needs_linux = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="asks Linux")


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@needs_linux
def test_what_is_let_go_of_takes_no_memory_and_stays() -> None:
    before = resident_mb()
    array = stored.zeros((2, 20_000_000))  # 160 MB
    for piece in stored.pieces(array.shape[1], 8):
        array[:, piece] = piece.start + 1
    assert resident_mb() - before < 60
    assert array[0, 0] == 1
    assert array[1, -1] > 1
    assert array[:, ::1000].any(axis=0).all()
    stored.let_go()
    assert resident_mb() - before < 60


def test_small_arrays_are_in_memory() -> None:
    assert stored.zeros((10, 3), np.int16).base is None


def test_pieces_cover_an_axis_in_multiples() -> None:
    found = list(stored.pieces(10_000_001, 8, 640))
    assert [p.start for p in found[1:]] == [p.stop for p in found[:-1]]
    assert (found[0].start, found[-1].stop) == (0, 10_000_001)
    assert all((p.stop - p.start) % 640 == 0 for p in found[:-1])
    assert not list(stored.pieces(0, 4))


@pytest.mark.parametrize("least", [1, 1 << 40])
def test_channels_grow_on_the_disk_as_in_memory(
    least: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "LEAST_BYTES", least)
    draw = np.random.default_rng(0)
    blocks = [draw.random((n, 2), np.float32) for n in (1000, 3, 500)]
    growing = stored.Growing()
    for block in blocks:
        growing.add(block)
    np.testing.assert_array_equal(growing.result(2), np.concatenate(blocks).T)
    assert stored.Growing().result(2).shape == (2, 0)


@pytest.mark.parametrize("room", [0, 8_000, 12_000, 1 << 30])
def test_what_finds_no_room_on_the_disk_stays_in_memory(
    room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = stored._write_all
    left = [room]

    def limited(file: object, block: np.ndarray) -> None:
        left[0] -= block.nbytes
        if left[0] < 0:
            write(file, block[: len(block) // 2])  # a part may be there
            raise OSError(28, "No space left on device")
        write(file, block)

    monkeypatch.setattr(stored, "LEAST_BYTES", 1)
    monkeypatch.setattr(stored, "_write_all", limited)
    draw = np.random.default_rng(0)
    blocks = [draw.random((1000, 2), np.float32) for _ in range(3)]
    growing = stored.Growing()
    for block in blocks:
        growing.add(block)
    np.testing.assert_array_equal(growing.result(2), np.concatenate(blocks).T)


def test_no_room_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(stored, "LEAST_BYTES", 1)
    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    assert stored.zeros((5, 5)).shape == (5, 5)
    growing = stored.Growing()
    growing.add(np.ones((5, 1), np.float32))
    assert growing.result(1).tolist() == [[1.0] * 5]
