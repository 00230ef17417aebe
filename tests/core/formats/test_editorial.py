"""Cuts of editors' programs are read: OTIO and CMX3600."""

import json
from pathlib import Path
from typing import Any

import pytest
from dualtalk.core.errors import InputError
from dualtalk.core.formats import editorial, turn_files
from dualtalk.core.formats.editorial import Clip


def time(value: float, rate: float) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": value}


def span(length: float, rate: float, start: float = 0.0) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "TimeRange.1", "duration": time(length, rate),
        "start_time": time(start, rate),
    }  # fmt: skip


def clip(name: str, length: float, rate: float = 24.0, **more: Any) -> dict[str, Any]:
    made = {"OTIO_SCHEMA": "Clip.2", "name": name, "source_range": span(length, rate, 86400)}
    return {**made, **more}


def gap(length: float, rate: float = 24.0) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "Gap.1", "name": "", "source_range": span(length, rate)}


def timeline(*tracks: dict[str, Any]) -> str:
    stack = {"OTIO_SCHEMA": "Stack.1", "children": list(tracks)}
    return json.dumps(
        {"OTIO_SCHEMA": "Timeline.1", "name": "t", "tracks": stack,
         "global_start_time": time(86400, 24)}
    )  # fmt: skip


def track(kind: str, name: str, *children: dict[str, Any]) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "Track.1", "kind": kind, "name": name, "children": list(children)}


def test_clips_stand_where_gaps_and_clips_before_them_put_them(tmp_path: Path) -> None:
    dissolve = {"OTIO_SCHEMA": "Transition.1", "in_offset": time(6, 24), "out_offset": time(6, 24)}
    nested = {
        "OTIO_SCHEMA": "Stack.1",
        "children": [track("Video", "inner", clip("x", 24), clip("y", 12))],
    }
    (tmp_path / "t.otio").write_text(
        timeline(
            track("Video", "V1", clip("wide", 48), dissolve, nested, clip("close", 30, 30.0)),
            track("Audio", "Anna", gap(12), clip("a1", 24), clip("a2", 24, enabled=False)),
        )
    )
    read = editorial.read(tmp_path / "t.otio")
    assert read == [
        Clip("V1", False, "wide", 0.0, 2.0),
        Clip("Anna", True, "a1", 0.5, 1.5),
        Clip("inner", False, "x", 2.0, 3.0),
        Clip("inner", False, "y", 3.0, 3.5),
        Clip("V1", False, "close", 3.5, 4.5),
    ]


def test_a_clip_without_a_range_is_as_long_as_its_media(tmp_path: Path) -> None:
    media = {"OTIO_SCHEMA": "ExternalReference.1", "available_range": span(50, 25)}
    old = {"OTIO_SCHEMA": "Clip.1", "name": "old", "media_reference": media}
    new = {
        "OTIO_SCHEMA": "Clip.2", "name": "new", "media_references": {"DEFAULT_MEDIA": media},
        "active_media_reference_key": "DEFAULT_MEDIA",
    }  # fmt: skip
    (tmp_path / "t.otio").write_text(timeline(track("Video", "V1", old, new)))
    assert [(c.start_s, c.end_s) for c in editorial.read(tmp_path / "t.otio")] == [(0, 2), (2, 4)]


EDL = """TITLE: dialogue
FCM: NON-DROP FRAME

001  AX       V     C        00:00:00:00 00:00:02:00 01:00:00:00 01:00:02:00
* FROM CLIP NAME: Over A
002  AX       V     D    012 00:00:00:00 00:00:01:12 01:00:02:00 01:00:03:12
* FROM CLIP NAME: close_b.mov
003  AX       A     C        00:00:00:00 00:00:01:00 01:00:00:12 01:00:01:12
* FROM CLIP NAME: anna_01.wav
004  AX       A     C        00:00:00:00 00:00:01:00 01:00:02:00 01:00:03:00
* FROM CLIP NAME: ben_01.wav
"""


@pytest.mark.parametrize("fps", [24.0, 25.0, 60.0, 24000 / 1001])
def test_an_edl_begins_with_its_first_event(tmp_path: Path, fps: float) -> None:
    (tmp_path / "t.edl").write_text(EDL.replace("\n", "\r\n"))
    read = editorial.read(tmp_path / "t.edl", fps)
    base = round(fps)
    assert [(c.name, c.is_sound) for c in read] == [
        ("Over A", False), ("anna_01.wav", True), ("close_b.mov", False), ("ben_01.wav", True),
    ]  # fmt: skip
    assert read[1].start_s == pytest.approx(12 / fps)
    assert read[2].end_s == pytest.approx((3 * base + 12) / fps)


def test_dropped_frames_are_not_counted(tmp_path: Path) -> None:
    (tmp_path / "t.edl").write_text(
        "FCM: DROP FRAME\n"
        "001  AX  V  C  00:00:00;00 00:10:00;00 01:00:00;00 01:10:00;00\n"
        "002  AX  V  C  00:00:00;00 00:01:00;02 01:10:00;00 01:11:00;02\n"
    )
    first, second = editorial.read(tmp_path / "t.edl", 30000 / 1001)
    assert first.end_s == pytest.approx(600.0, abs=0.002)  # as the clock has it
    assert second.end_s - second.start_s == pytest.approx(60.06, abs=0.01)


def test_turns_come_from_tracks_or_from_names_of_clips(tmp_path: Path) -> None:
    (tmp_path / "t.edl").write_text(EDL)
    read, names = turn_files.read(tmp_path / "t.edl", 24.0)
    assert names == ("anna", "ben")
    assert [(u.speaker, u.start_s) for u in read] == [("A", 0.5), ("B", 2.0)]
    (tmp_path / "t.otio").write_text(
        timeline(
            track("Audio", "Host", clip("x_1", 24), gap(24), clip("x_2", 24)),
            track("Audio", "Guest", gap(24), clip("x_3", 24)),
            track("Video", "V1", clip("wide", 72)),
        )
    )
    read, names = turn_files.read(tmp_path / "t.otio")
    assert names == ("Host", "Guest")
    assert [u.speaker for u in read] == ["A", "B", "A"]


def test_three_people_are_too_many(tmp_path: Path) -> None:
    sounds = [clip(name, 24) for name in ("anna_1", "ben_1", "carl_1")]
    (tmp_path / "t.otio").write_text(timeline(track("Audio", "A1", *sounds)))
    with pytest.raises(InputError, match="names 3 people"):
        turn_files.read(tmp_path / "t.otio")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.otio", "{}"),
        ("a.otio", "[1]"),
        ("a.otio", '{"OTIO_SCHEMA": "Timeline.1"}'),
        ("a.otio", '{"OTIO_SCHEMA": "Marker.2", "children": []}'),
        ("a.otio", timeline(track("Audio", "A", clip("x", 24, 0.0)))),
        ("a.otio", timeline(track("Audio", "A", clip("x", float("inf"))))),
        ("a.otio", timeline(track("Audio", "A"))),
        ("a.edl", "TITLE: nothing\n"),
        ("a.edl", "001  AX  V  C  00:00:00:00 00:00:02:00 bad:0 01:00:02:00\n"),
        ("a.edl", "\0\xff\xfe"),
        ("a.xml", "<x/>"),
    ],
)
def test_what_is_no_cut_is_refused(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(InputError):
        editorial.read(tmp_path / name)


def test_deep_nesting_ends(tmp_path: Path) -> None:
    item: dict[str, Any] = track("Video", "V", clip("x", 24))
    for _ in range(40):
        item = {"OTIO_SCHEMA": "Stack.1", "children": [item]}
    (tmp_path / "t.otio").write_text(timeline(item))
    with pytest.raises(InputError, match="nested too deeply"):
        editorial.read(tmp_path / "t.otio")
