"""Requests and results cross the border between Blender and the worker whole, or not at all."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from dualtalk.core.directing.gaze_plan import GazePlan, Look
from dualtalk.core.directing.staging import PRESETS
from dualtalk.core.errors import InputError, WorkerError
from dualtalk.core.jobs import requests
from dualtalk.core.jobs.requests import CheckRequest, GenerateRequest
from dualtalk.core.motion import Motion
from dualtalk.core.performance import Performance


def performance(n_frames: int = 7) -> Performance:
    rng = np.random.default_rng(3)
    motions = [Motion.from_arrays(rng.random((n_frames, 40)), jaw=rng.random((n_frames, 3)))] * 2
    return Performance(
        (motions[0], motions[1]), (Path("a.wav"), Path("b.wav")), rng.random((2, n_frames)) > 0.5
    )


def test_a_request_survives_its_file(tmp_path: Path) -> None:
    sent = GenerateRequest("a ü.wav", "b.wav", device="cpu", window_s=10.0, seed=4)
    assert GenerateRequest.read(sent.write(tmp_path)) == sent


def test_a_request_of_one_mixed_track_survives_its_file(tmp_path: Path) -> None:
    staging = PRESETS["bench"].staging
    sent = GenerateRequest(
        "both.wav", "left over.wav", mixed=True, turns="t.npz", staging=asdict(staging)
    )
    got = GenerateRequest.read(sent.write(tmp_path))
    assert got.mixed
    assert got.turns == "t.npz"
    assert got.sounds == (Path("both.wav"),)
    assert got.placed == staging
    assert GenerateRequest("a.wav").placed == PRESETS["interview"].staging
    with pytest.raises(InputError, match="staging is not one"):
        _ = GenerateRequest("a.wav", staging={"distance_m": 1.0}).placed


def test_turns_survive_their_file(tmp_path: Path) -> None:
    path = tmp_path / "turns.npz"
    requests.write_turns(path, np.array([[0.0, 1.0, 0.25], [1.0, 0.0, 2.0]]))
    assert requests.read_turns(path).tolist() == [[0.0, 1.0, 0.25], [1.0, 0.0, 1.0]]
    requests.write_turns(path, np.zeros(3))
    with pytest.raises(InputError, match="not \\(2, n_frames\\)"):
        requests.read_turns(path)
    path.write_bytes(b"no zip")
    with pytest.raises(InputError, match="holds no turns"):
        requests.read_turns(path)


@pytest.mark.parametrize("text", ["", "[]", '{"sound_a": "a.wav", "sound_c": "x"}', "{}"])
def test_what_is_no_request_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "request.json"
    path.write_text(text)
    with pytest.raises(InputError, match="not a request"):
        GenerateRequest.read(path)


def test_a_performance_survives_its_files(tmp_path: Path) -> None:
    sent = performance()
    requests.write_performance(tmp_path, sent, ("a note",))
    got = GenerateRequest("a.wav", "b.wav").result(tmp_path)
    assert got.notes == ("a note",)
    assert got.performance.sounds == sent.sounds
    np.testing.assert_array_equal(got.performance.speaking, sent.speaking)
    for mine, theirs in zip(got.performance.motions, sent.motions, strict=True):
        np.testing.assert_array_equal(mine.expression, theirs.expression)
        np.testing.assert_array_equal(mine.jaw, theirs.jaw)


def test_where_both_look_survives_its_file(tmp_path: Path) -> None:
    looks = (Look(0, "partner"), Look(3, "away", 0.25, -0.5))
    sent = replace(performance(), gaze=GazePlan((looks, looks[:1]), 7))
    requests.write_performance(tmp_path, sent, ())
    assert GenerateRequest("a.wav", mixed=True).result(tmp_path).performance.gaze == sent.gaze
    requests.write_performance(tmp_path, performance(), ())
    assert GenerateRequest("a.wav").result(tmp_path).performance.gaze is None


def test_a_result_that_is_not_whole_is_refused(tmp_path: Path) -> None:
    asked = GenerateRequest("a.wav", "b.wav")
    with pytest.raises(WorkerError, match="not whole"):
        asked.result(tmp_path)
    requests.write_performance(tmp_path, performance(), ())
    (tmp_path / "speaker2.npz").write_bytes(b"PK")
    with pytest.raises(WorkerError, match="not whole"):
        asked.result(tmp_path)
    performance(5).motions[0].save(tmp_path / "speaker2.npz")
    with pytest.raises(WorkerError, match="7 and 5 frames"):
        asked.result(tmp_path)


def test_a_check_reports_versions(tmp_path: Path) -> None:
    requests.write_json(tmp_path, {"python": "3.11.7", "torch": "2.13.0", "devices": ["cpu"]})
    assert CheckRequest().result(tmp_path).devices == ("cpu",)
    (tmp_path / "result.json").write_text(json.dumps({"python": "3.11.7"}))
    with pytest.raises(WorkerError, match="no whole result"):
        CheckRequest().result(tmp_path)
