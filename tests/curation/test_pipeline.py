"""Whatever comes in, a verdict comes out, with reasons; never a traceback."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from dualtalk.core.errors import InputError
from dualtalk.curation.options import Options
from dualtalk.curation.sources import sources_in
from dualtalk.curation.verdicts import Reason, Verdict

from .conftest import two_heads, write_video
from .kill_session import OPTIONS


def test_names_of_clips_are_safe_and_their_own(cv2: Any) -> None:
    from dualtalk.curation.pipeline import clip_id_of

    names = {clip_id_of(source, 25) for source in ("a/b c.mp4", "a/b_c.mp4", "b c.mp4", "é.mp4")}
    assert len(names) == 4
    assert all(name.isascii() and "/" not in name and " " not in name for name in names)


def test_a_verdict_says_what_was_measured() -> None:
    reason = Reason("quality", "small_face", {"who": "A", "frames": 0.4})
    written = Verdict("a.mp4", "a", 0.0, 3.0, (reason,)).as_json()
    assert written["accepted"] is False
    assert "a face is too small (who A, frames 0.4)" in json.dumps(written)


def test_a_folder_without_videos_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no video"):
        sources_in(tmp_path)


def _reasons(path: Path, landmarker: Any) -> list[str]:
    from dualtalk.curation.pipeline import rows_of

    return [
        reason["code"]
        for row in rows_of(path, path.name, landmarker)
        for reason in json.loads(row["reasons"])
    ]


def _noise(size: tuple[int, int], n_frames: int) -> list[np.ndarray]:
    generator = np.random.default_rng(3)
    small = generator.integers(0, 255, (n_frames, 9, 16, 3), np.uint8)
    scale = (size[0] // 9 + 1, size[1] // 16 + 1)
    return [
        np.kron(s, np.ones((*scale, 1), np.uint8))[: size[0], : size[1]].astype(np.uint8)
        for s in small
    ]


_TONE = (0.1 * np.sin(np.arange(48_000) / 5)).astype(np.float32)


def test_bad_input_gets_a_verdict(av: Any, landmarker: Any, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "sound.wav", _TONE, 16_000)
    (tmp_path / "broken.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(range(200)))
    (tmp_path / "empty.mp4").write_bytes(b"")
    silent = write_video(
        tmp_path / "silent.mp4", [np.full((90, 160, 3), 50, np.uint8)] * 60,
        [i / 25 for i in range(60)],
    )  # fmt: skip
    assert _reasons(tmp_path / "sound.wav", landmarker) == ["no_picture"]
    assert _reasons(tmp_path / "broken.mp4", landmarker) == ["unreadable"]
    assert _reasons(tmp_path / "empty.mp4", landmarker) == ["unreadable"]
    assert _reasons(silent, landmarker) == ["no_sound"]


def test_nobody_short_and_upright_pictures_get_verdicts(
    av: Any, landmarker: Any, tmp_path: Path
) -> None:
    times = [i / 25 for i in range(60)]
    still = [np.full((320, 180, 3), 50, np.uint8)] * 60
    upright = write_video(tmp_path / "upright.mp4", still, times, _TONE)
    short = write_video(tmp_path / "short.mp4", still[:20], times[:20], _TONE[:8000])
    assert set(_reasons(upright, landmarker)) == {"no_face", "dub_card"}
    assert _reasons(short, landmarker) == ["too_short"]


def _judged(path: Path, landmarker: Any, options: Options = OPTIONS) -> list[set[str]]:
    """Return for every shot why it is refused; an empty set is a clip that is taken."""
    from dualtalk.curation.pipeline import rows_of

    rows = list(rows_of(path, path.name, landmarker, options))
    assert all(row["accepted"] is (row["reasons"] == "[]") for row in rows)
    return [{reason["code"] for reason in json.loads(row["reasons"])} for row in rows]


def test_two_people_are_taken_and_one_is_not(av: Any, landmarker: Any, tmp_path: Path) -> None:
    times = [i / 25 for i in range(16)]
    both = write_video(tmp_path / "both.mp4", two_heads(16), times)
    alone = write_video(tmp_path / "alone.mp4", two_heads(16, n_heads=1), times)
    assert _judged(both, landmarker) == [set()]
    assert _judged(alone, landmarker) == [{"one_face"}]


def test_a_rate_that_varies_is_taken_at_25_per_second(
    av: Any, landmarker: Any, tmp_path: Path
) -> None:
    from dualtalk.curation.pipeline import rows_of
    from dualtalk.curation.records.record import result_of

    steps = np.tile([0.02, 0.05, 0.033], 10)[:24]
    times = list(np.concatenate([[0.0], np.cumsum(steps)]))
    path = write_video(tmp_path / "vfr.mp4", two_heads(25), times)
    (row,) = rows_of(path, path.name, landmarker, OPTIONS)
    assert row["reasons"] == "[]"
    assert result_of(row).motions[0].n_frames == pytest.approx(times[-1] * 25 + 1, abs=1)


def test_upright_pictures_and_4k_are_taken(av: Any, landmarker: Any, tmp_path: Path) -> None:
    times = [i / 25 for i in range(14)]
    upright = write_video(tmp_path / "upright.mp4", two_heads(14, size=(640, 360)), times)
    large = [np.kron(p, np.ones((6, 6, 1), np.uint8)) for p in two_heads(14)]
    assert large[0].shape == (2160, 3840, 3)
    assert _judged(upright, landmarker) == [set()]
    assert _judged(write_video(tmp_path / "4k.mp4", large, times), landmarker) == [set()]


def test_a_file_that_breaks_off_is_judged_as_far_as_it_goes(
    av: Any, landmarker: Any, tmp_path: Path
) -> None:
    whole = write_video(tmp_path / "whole.ts", two_heads(30), [i / 25 for i in range(30)])
    data = whole.read_bytes()
    (tmp_path / "cut.ts").write_bytes(data[: 2 * len(data) // 3])
    assert _judged(tmp_path / "cut.ts", landmarker) == [set()]


def test_one_face_is_refused(av: Any, landmarker: Any, real_clips: Path) -> None:
    assert _reasons(real_clips / "grid_lbbc2a.mpg", landmarker) == ["one_face"]


def test_the_command_writes_verdicts(
    av: Any, landmarker: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from dualtalk.curation.cli import main

    videos = tmp_path / "videos"
    videos.mkdir()
    (videos / "broken.mp4").write_bytes(b"no video")
    assert main([str(videos), "--output", str(tmp_path / "out")]) == 0
    lines = (tmp_path / "out" / "verdicts.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["reasons"][0]["code"] for line in lines] == ["unreadable"]
    assert "0 clips taken, 1 refused" in capsys.readouterr().out


def test_nothing_is_fetched(
    av: Any, landmarker: Any, real_clips: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    def refuse(*arguments: object) -> None:
        raise AssertionError(f"a connection to {arguments[1:]}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert _reasons(real_clips / "grid_lbbc2a.mpg", landmarker) == ["one_face"]
