"""Videos of any rate come out at 25 frames per second, with their sound in its place."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dualtalk.core.conversation.dialogue import SAMPLE_RATE
from dualtalk.curation.verdicts import RefusedError

from .conftest import write_video


def _grey(level: int, size: tuple[int, int] = (48, 64)) -> np.ndarray:
    return np.full((*size, 3), level, np.uint8)


def _levels(path: Path) -> list[int]:
    from dualtalk.curation.footage import video

    return [int(picture.mean()) for picture in video.frames(video.opened(path))]


@pytest.mark.parametrize("fps", [24.0, 29.97, 60.0])
def test_any_rate_becomes_25(av: Any, tmp_path: Path, fps: float) -> None:
    times = np.arange(round(2 * fps)) / fps
    pictures = [_grey(round(20 + 100 * time)) for time in times]  # the level says the time
    levels = _levels(write_video(tmp_path / "a.mp4", pictures, times.tolist()))
    assert len(levels) == pytest.approx(50, abs=1)
    off_s = (np.array(levels) - 20) / 100 - np.arange(len(levels)) / 25
    assert np.abs(off_s).max() < 0.5 / fps + 0.03  # codecs move a grey level by two


def test_a_rate_that_varies_keeps_time(av: Any, tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    times = np.cumsum(generator.uniform(0.01, 0.09, 40))
    times -= times[0]
    pictures = [_grey(round(20 + 100 * time)) for time in times]
    levels = _levels(write_video(tmp_path / "a.mp4", pictures, times.tolist()))
    off_s = (np.array(levels) - 20) / 100 - np.arange(len(levels)) / 25
    assert np.abs(off_s).max() < 0.045 + 0.03


def test_a_part_is_the_same_as_in_the_whole(av: Any, tmp_path: Path) -> None:
    from dualtalk.curation.footage import video

    pictures = [_grey(20 + i) for i in range(150)]
    path = write_video(tmp_path / "a.mp4", pictures, [i / 25 for i in range(150)])
    film = video.opened(path)
    whole = [int(picture.mean()) for picture in video.frames(film)]
    part = [int(picture.mean()) for picture in video.frames(film, 4.0, 5.0)]
    assert np.abs(np.array(part) - whole[100:125]).max() <= 1


def test_sound_is_where_the_picture_is(av: Any, tmp_path: Path) -> None:
    from dualtalk.curation.footage import video

    click = np.zeros(3 * SAMPLE_RATE, np.float32)
    click[32_000:32_400] = 0.8
    pictures = [_grey(100)] * 75
    path = write_video(tmp_path / "a.mp4", pictures, [i / 25 for i in range(75)], click)
    film = video.opened(path)
    heard = video.sound(film, 0.0, 3 * SAMPLE_RATE)
    later = video.sound(film, 1.5, SAMPLE_RATE)
    assert heard is not None
    assert later is not None
    assert int(np.argmax(np.abs(heard) > 0.3)) == pytest.approx(32_000, abs=400)
    assert int(np.argmax(np.abs(later) > 0.3)) == pytest.approx(8_000, abs=400)


def test_large_pictures_are_made_smaller(av: Any, tmp_path: Path) -> None:
    from dualtalk.curation.footage import video

    path = write_video(tmp_path / "a.mp4", [_grey(80, (2160, 3840))] * 2, [0.0, 0.04])
    assert next(video.frames(video.opened(path))).shape == (1080, 1920, 3)


def test_what_is_no_video_is_refused(av: Any, tmp_path: Path) -> None:
    from dualtalk.curation.footage import video

    text = tmp_path / "a.mp4"
    text.write_text("no video", encoding="utf-8")
    with pytest.raises(RefusedError) as caught:
        video.opened(text)
    assert caught.value.reasons[0].code == "unreadable"


def test_a_file_that_breaks_off_is_used_as_far_as_it_goes(av: Any, tmp_path: Path) -> None:
    from dualtalk.curation.footage import video

    generator = np.random.default_rng(2)
    pictures = [generator.integers(0, 255, (96, 128, 3), np.uint8) for _ in range(50)]
    path = write_video(tmp_path / "a.avi", pictures, [i / 25 for i in range(50)])
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert 5 < len(list(video.frames(video.opened(path)))) < 50
