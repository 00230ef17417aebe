"""The waveform's picture: plain numbers at once, other formats by a worker, harm by neither."""

import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("bpy", reason="needs Blender as a module")
soundfile = pytest.importorskip("soundfile")
from dualtalk import status  # noqa: E402
from dualtalk.handlers import waveform  # noqa: E402
from dualtalk.preferences import pythons, stored  # noqa: E402


@pytest.fixture(autouse=True)
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[np.ndarray]]:
    """Register the handler, with this Python as the worker's; return what pictures were shown."""
    monkeypatch.setattr(stored, "get", lambda _: SimpleNamespace(python=""))
    monkeypatch.setattr(pythons, "worker_python", lambda _: Path(sys.executable))
    waveform.register()
    pictures: list[np.ndarray] = []
    show = waveform.show

    def seen(pixels: np.ndarray | None) -> None:
        show(pixels)
        pictures.extend([] if pixels is None else [pixels])

    monkeypatch.setattr(waveform, "show", seen)
    yield pictures
    waveform.unregister()


def settings(first: Path, second: Path | None = None, mode: str = "TRACKS") -> SimpleNamespace:
    chosen = "" if second is None else str(second)
    return SimpleNamespace(mode=mode, sound_a=str(first), sound_b=chosen, swaps_voices=False)


def drawn(chosen: SimpleNamespace) -> bool:
    """Draw, and return whether it was there at once."""
    waveform.begin(chosen)
    at_once = waveform.finish()
    end = time.monotonic() + 60
    while not waveform.finish():
        assert time.monotonic() < end
        time.sleep(0.05)
    return at_once


def sound(path: Path, n_channels: int = 1) -> Path:
    noise = np.random.default_rng(0).standard_normal((32_000, n_channels))
    soundfile.write(path, 0.2 * noise, 16_000)
    return path


def test_plain_numbers_are_drawn_at_once(tmp_path: Path, shown: list[np.ndarray]) -> None:
    assert drawn(settings(sound(tmp_path / "a.wav"), sound(tmp_path / "b.wav")))
    assert shown[-1].shape == (192, 192, 4)
    assert shown[-1].max() > 0.2
    assert waveform._state.images["dialogue"].image_size[:] == (192, 192)


def test_other_formats_are_drawn_by_a_worker(tmp_path: Path, shown: list[np.ndarray]) -> None:
    both = sound(tmp_path / "both.flac", 2)
    assert not drawn(settings(both, mode="STEREO"))
    assert shown[-1].max() > 0.2
    assert waveform._state.worker is None


@pytest.mark.parametrize(
    "content",
    [
        b"", b"fLaC" + b"\xff" * 60, b"OggS" + b"\0" * 60, b"RIFF\0\0\0\0WAVE",
        # What asked Blender's reader for 24 GB, and what ended it:
        b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0"
        + struct.pack("<HHLLHH", 6, 2, 2**31 - 1, 0, 4, 24) + b"data\xff\xff\xff\x7f\0",
        b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0"
        + struct.pack("<HHLLHH", 0x55, 1024, 50, 0, 65_535, 255) + b"data\0\0\0\0" + b"\xff" * 800,
    ],
)  # fmt: skip
def test_files_of_harm_give_no_picture(
    content: bytes, tmp_path: Path, shown: list[np.ndarray]
) -> None:
    path = tmp_path / "x.wav"
    path.write_bytes(content)
    drawn(settings(path, mode="MIXED"))
    assert not shown
    assert waveform._state.worker is None


def test_nothing_is_read_until_a_panel_shows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    registered: list[object] = []
    timers = SimpleNamespace(register=lambda *a, **k: registered.append(a))
    timers.is_registered = lambda _: False
    blender = SimpleNamespace(
        app=SimpleNamespace(background=False, timers=timers), context=waveform.bpy.context
    )
    with monkeypatch.context() as in_a_window:
        in_a_window.setattr(waveform, "bpy", blender)
        waveform._forget_file()
        assert not registered
        status.waveform_icon()
        assert registered


def test_a_worker_ends_with_the_file(tmp_path: Path) -> None:
    waveform.begin(settings(sound(tmp_path / "a.flac"), mode="MIXED"))
    worker = waveform._state.worker
    assert worker is not None
    waveform._forget_file()
    assert waveform._state.worker is None
    assert not Path(worker._folder.name).exists()
