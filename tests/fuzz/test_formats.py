"""The same (`test_readers`) for other programs' text and tables, and what people write by hand."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from dualtalk.core.conversation.cues import Cue, CueSheet
from dualtalk.core.faces import learned, shape_table, worn
from dualtalk.core.formats import captured, live_link, turn_files
from dualtalk.core.motion import Motion
from dualtalk.core.speech import transcript
from dualtalk.tests.fuzz.drawing import (
    fuzzed,
    odd_arrays,
    odd_json,
    odd_text,
)

SRT = (
    "1\n00:00:00,500 --> 00:00:02,000\nA: Hello there.\n\n"
    "2\n00:00:02,250 --> 00:00:03,000\nB: No.\n"
)
RTTM = (
    "SPEAKER talk 1 0.500 1.500 <NA> <NA> A <NA> <NA>\nSPEAKER talk 1 2.0 1 <NA> <NA> B <NA> <NA>\n"
)
EDL = (
    "TITLE: TALK\nFCM: NON-DROP FRAME\n001  ANNA  A     C        00:00:00:00 00:00:02:00 "
    "01:00:00:00 01:00:02:00\n* FROM CLIP NAME: anna.wav\n002  BEN  A2  C  00:00:00:00 00:00:01:00 "
    "01:00:02:00 01:00:03:00\n"
)


def timeline() -> dict[str, object]:
    def time(value: float) -> dict[str, object]:
        return {"OTIO_SCHEMA": "RationalTime.1", "rate": 25.0, "value": value}

    def span(length: float) -> dict[str, object]:
        return {"OTIO_SCHEMA": "TimeRange.1", "start_time": time(0), "duration": time(length)}

    clip = {"OTIO_SCHEMA": "Clip.2", "name": "anna", "source_range": span(40)}
    gap = {"OTIO_SCHEMA": "Gap.1", "name": "", "source_range": span(10)}
    track = {"OTIO_SCHEMA": "Track.1", "name": "A", "kind": "Audio", "children": [gap, clip]}
    stack = {"OTIO_SCHEMA": "Stack.1", "name": "tracks", "children": [track]}
    return {"OTIO_SCHEMA": "Timeline.1", "name": "talk", "tracks": stack}


def recording() -> str:
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "face.csv"
        live_link.write(written, Motion.at_rest(4))
        return written.read_text(encoding="utf-8")


@fuzzed(odd_text(SRT), "t.srt")
def test_turns_of_subtitles(path: Path) -> None:
    turn_files.as_frames(turn_files.read(path)[0], 100)


@fuzzed(odd_text(RTTM), "t.rttm")
def test_turns_of_rttm(path: Path) -> None:
    turn_files.as_frames(turn_files.read(path)[0], 100)


@fuzzed(odd_text("speaker,start_s,end_s\nA,0.5,2.0\nB,2.25,3.0\n"), "t.csv")
def test_turns_of_a_table(path: Path) -> None:
    turn_files.as_frames(turn_files.read(path)[0], 100)


@fuzzed(odd_text(EDL), "t.edl")
def test_turns_of_an_edl(path: Path) -> None:
    turn_files.as_frames(turn_files.read(path)[0], 100)


@fuzzed(odd_json(timeline()), "t.otio")
def test_turns_of_a_timeline(path: Path) -> None:
    turn_files.as_frames(turn_files.read(path)[0], 100)


@fuzzed(odd_text(recording()), "face.csv")
def test_captured_face(path: Path) -> None:
    captured.fitted(captured.read(path), 50)


@fuzzed(odd_text("Anna: Hello there.\nBen: No. It's 12 of them!\n", SRT), "t.txt")
def test_transcript(path: Path) -> None:
    transcript.read(path)


@fuzzed(odd_text(SRT), "t.srt")
def test_transcript_of_subtitles(path: Path) -> None:
    transcript.read(path)


def sheet() -> dict[str, object]:
    cue = {"path": "a.wav", "at_s": 0.0, "from_s": 0.0, "length_s": 1.0, "gain": 1.0}
    return {"version": 1, "length_s": 4.0, "cues": [cue, cue | {"at_s": 2.0}]}


@fuzzed(odd_json(sheet()), "v.dualtalk-cues")
def test_cue_sheet(path: Path) -> None:
    for cue in CueSheet.load(path).cues:
        assert isinstance(cue, Cue)


@fuzzed(odd_text("key,control,factor\nSmile,mouthSmileLeft,0.5\nBasis,,\n"), "m.csv")
def test_mapping_table(path: Path) -> None:
    shape_table.read(path)


@fuzzed(
    odd_json({"version": 1, "rows": [{"key": "Smile", "control": "jawOpen", "factor": 0.5}]}),
    "m.json",
)
def test_mapping_as_json(path: Path) -> None:
    shape_table.read(path)


@fuzzed(odd_json({"version": 1, "poses": {"jawOpen": {"jaw/rotation": [0.3, 0, 0]}}}), "p.json")
def test_learned_poses(path: Path) -> None:
    found = learned.Learned.load(path)
    found.changes(learned.controls_of(Motion.at_rest(3)))


@fuzzed(odd_arrays({"names": np.array(["bob"]), "bob_vertices": np.zeros((3, 3))}), "hair.npz")
def test_worn(path: Path) -> None:
    for cached in (worn.names, worn.load):
        cached.cache_clear()
    worn.load(path, "bob")


SHOTS = """[defaults]
seed = 3
device = "cpu"

[[shot]]
name = "sc010"
sounds = ["a.wav", "b.wav"]
staging = "table"
duration = 2.5
outputs = { scene = "out/sc010.blend", motion = "out/sc010" }

[[shot]]
name = "sc020"
mixed = "m.wav"
swap_voices = true
outputs.preview = "out/sc020.mp4"
"""


@fuzzed(odd_text(SHOTS), "shots.toml")
def test_list_of_shots(path: Path) -> None:
    shot_file = pytest.importorskip("dualtalk.batch.shot_file")
    shot_file.read(path)


@fuzzed(
    odd_json({"output": {"bytes": 3, "path": "a"}, "made_from": "0", "sha256": "1"}),
    "scene.blend.dualtalk.json",
)
def test_manifest(path: Path) -> None:
    manifest = pytest.importorskip("dualtalk.batch.manifest")
    output = path.with_name("scene.blend")
    manifest.path_of(output).write_bytes(path.read_bytes())
    manifest.read(output)
