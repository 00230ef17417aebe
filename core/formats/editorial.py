"""Cuts of an editor's program: OpenTimelineIO JSON (.otio) and CMX3600 lists (.edl), read.

OTIO (Academy Software Foundation, schema `Timeline.1`): tracks of clips and gaps, each as long as
its `source_range`, or as its media where that is not given; transitions take no time.
EDL (CMX 3600): `number reel channel C source-in source-out record-in record-out`, with the clip's
name in a comment; frames of the rate that the reader is told, drop-frame where FCM says so.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..damage import DAMAGE, json_object, short, text_of
from ..errors import InputError

SUFFIXES = (".otio", ".edl")
_MOST_BYTES, _MOST_DEPTH, _MOST_CLIPS = 16 << 20, 16, 100_000
#: More than a day is no dialogue, seconds.
_LONGEST_S = 24 * 3600.0
_EVENT = re.compile(
    r"^(\d+)\s+(\S+)\s+(\S+)\s+([CDWK]\S*)\s+(?:\d+\s+)?"
    # Bounded, or a line of colons alone would take minutes.
    r"(\S{1,20}[:;]\S{1,20})\s+(\S{1,20}[:;]\S{1,20})\s+(\S{1,20}[:;]\S{1,20})\s+"
    r"(\S{1,20}[:;]\S{1,20})\s*$"
)
_NAME = re.compile(r"^\*\s*(?:FROM CLIP NAME|CLIP NAME|KEY CLIP NAME)\s*:\s*(\S.*)$", re.I)
_CODE = re.compile(r"^(\d\d):(\d\d):(\d\d)([:;])(\d\d)$")
#: Dropped at each minute but every tenth, at 29.97; SMPTE 12M.
_DROPPED = {30: 2, 60: 4}


@dataclass(frozen=True)
class Clip:
    """A piece of sound or picture on a track."""

    track: str  #: its name
    is_sound: bool
    name: str
    start_s: float  #: from the beginning of the timeline
    end_s: float


def read(path: Path, fps: float = 25.0) -> list[Clip]:
    """Read all clips, in the order of time.

    Args:
        path: a .otio or .edl file.
        fps: of an EDL, which does not say it.

    Raises:
        InputError: the file cannot be read, or holds no clips.
    """
    kind = path.suffix.lower()
    if kind not in SUFFIXES:
        raise InputError(f"{path} is no cut that can be read: give .otio or .edl.")
    try:
        text = text_of(path, _MOST_BYTES, "strict" if kind == ".otio" else "replace")
        found = list(_of_otio(json_object(text))) if kind == ".otio" else _of_edl(text, fps)
    except DAMAGE as error:
        raise InputError(
            f"{path} is no {kind[1:].upper()} ({short(error)}): export it anew."
        ) from error
    if not found or len(found) > _MOST_CLIPS:
        raise InputError(f"{path} holds {'no clips' if not found else 'too many clips'}.")
    if any(not 0 <= clip.start_s < clip.end_s <= _LONGEST_S for clip in found):
        raise InputError(f"{path} holds times that do not run on: export it anew.")
    return sorted(found, key=lambda clip: clip.start_s)


def _of_otio(document: dict[str, Any]) -> Iterator[Clip]:
    schema = str(document.get("OTIO_SCHEMA", ""))
    if not schema.startswith(("Timeline.", "Stack.", "Track.")):
        raise ValueError(f"it is a {schema[:40] or 'JSON of another kind'}, not a timeline")
    top = document["tracks"] if schema.startswith("Timeline.") else document
    yield from _inside(top, "", False, 0.0, 0)


def _inside(
    item: dict[str, Any], track: str, is_sound: bool, start_s: float, depth: int
) -> Iterator[Clip]:
    """Yield the clips of a composition that begins at `start_s`."""
    if depth > _MOST_DEPTH:
        raise ValueError("it is nested too deeply")
    schema = str(item["OTIO_SCHEMA"])
    if schema.startswith("Track."):
        is_sound = str(item.get("kind", "Video")).lower() == "audio"
        track = str(item.get("name") or track)
    for child in item.get("children") or ():
        kind = str(child["OTIO_SCHEMA"])
        if kind.startswith("Transition."):
            continue
        length_s = _length(child, depth)
        if kind.startswith("Clip."):
            name = str(child.get("name") or track)
            if length_s > 0 and child.get("enabled", True):
                yield Clip(track, is_sound, name, start_s, start_s + length_s)
        elif kind.startswith(("Stack.", "Track.")):
            yield from _inside(child, track, is_sound, start_s, depth + 1)
        if not schema.startswith("Stack."):  # whose children lie above each other
            start_s += length_s


def _length(item: dict[str, Any], depth: int) -> float:
    """Return how long a child of a track is, seconds."""
    if depth > _MOST_DEPTH:
        raise ValueError("it is nested too deeply")
    given = item.get("source_range")
    if given is None and "media_references" in item:
        media = item["media_references"].get(item.get("active_media_reference_key"), {}) or {}
        given = media.get("available_range")
    elif given is None:
        given = (item.get("media_reference") or {}).get("available_range")
    if given is not None:
        return _seconds(given["duration"])
    lengths = [_length(child, depth + 1) for child in item.get("children") or ()]
    if not lengths:
        return 0.0
    return max(lengths) if str(item["OTIO_SCHEMA"]).startswith("Stack.") else sum(lengths)


def _seconds(time: dict[str, Any]) -> float:
    rate = float(time["rate"])
    if not 0 < rate <= 1e6:
        raise ValueError(f"its rate is {rate:g}")
    return float(time["value"]) / rate


def _of_edl(text: str, fps: float) -> list[Clip]:
    drops = False
    rows: list[list[Any]] = []
    for line in text.splitlines():
        if line.upper().startswith("FCM"):
            drops = "NON" not in line.upper()
        event, named = _EVENT.match(line.strip()), _NAME.match(line.strip())
        if event:
            first, last = (_edl_s(code, fps, drops) for code in event.group(7, 8))
            rows.append([event[3].upper(), event[2], first, last])
        elif named and rows:
            rows[-1][1] = named[1]
    if not rows:
        raise ValueError("it has no events")
    begins = min(row[2] for row in rows)
    return [
        Clip(channel, channel.startswith(("A", "NONE")), name, first - begins, last - begins)
        for channel, name, first, last in rows
        if last > first
    ]


def _edl_s(code: str, fps: float, drops: bool) -> float:
    match = _CODE.match(code)
    if match is None:
        raise ValueError(f"{code[:20]} is no timecode")
    hours, minutes, seconds, frames = (int(match[i]) for i in (1, 2, 3, 5))
    base = round(fps)
    count = ((hours * 60 + minutes) * 60 + seconds) * base + frames
    if drops or match[4] == ";":
        minutes += 60 * hours
        count -= _DROPPED.get(base, 0) * (minutes - minutes // 10)
    return count / fps
