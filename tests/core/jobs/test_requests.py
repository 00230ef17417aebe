"""Requests and results cross the border between Blender and the worker whole, or not at all."""

import json
from dataclasses import MISSING, asdict, fields, replace
from pathlib import Path

import numpy as np
import pytest
from dualtalk.core.directing.gaze_plan import GazePlan, Look
from dualtalk.core.directing.staging import PRESETS
from dualtalk.core.errors import InputError, WorkerError
from dualtalk.core.jobs import results
from dualtalk.core.jobs.request import JsonRequest
from dualtalk.core.jobs.requests import CheckRequest, GenerateRequest
from dualtalk.core.motion import Motion
from dualtalk.core.performance import Performance
from dualtalk.inference.workers.jobs import JOBS


def performance(n_frames: int = 7) -> Performance:
    rng = np.random.default_rng(3)
    motions = [Motion.from_arrays(rng.random((n_frames, 40)), jaw=rng.random((n_frames, 3)))] * 2
    return Performance(
        (motions[0], motions[1]), (Path("a.wav"), Path("b.wav")), rng.random((2, n_frames)) > 0.5
    )


def test_a_request_survives_its_file(tmp_path: Path) -> None:
    sent = GenerateRequest("a ü.wav", "b.wav", device="cpu", window_s=10.0, seed=4)
    assert GenerateRequest.read(sent.write(tmp_path).parent) == sent


def test_a_request_of_one_mixed_track_survives_its_file(tmp_path: Path) -> None:
    staging = PRESETS["bench"].staging
    sent = GenerateRequest(
        "both.wav", "left over.wav", mixed=True, turns="t.npz", staging=asdict(staging)
    )
    got = GenerateRequest.read(sent.write(tmp_path).parent)
    assert got.mixed
    assert got.turns == "t.npz"
    assert got.sounds == (Path("both.wav"),)
    assert got.placed == staging
    assert GenerateRequest("a.wav").placed == PRESETS["interview"].staging
    with pytest.raises(InputError, match="staging is not of this version"):
        _ = GenerateRequest("a.wav", staging={"distance_m": 1.0}).placed


def test_turns_survive_their_file(tmp_path: Path) -> None:
    path = tmp_path / "turns.npz"
    results.write_turns(path, np.array([[0.0, 1.0, 0.25], [1.0, 0.0, 2.0]]))
    assert results.read_turns(path).tolist() == [[0.0, 1.0, 0.25], [1.0, 0.0, 1.0]]
    results.write_turns(path, np.zeros(3))
    with pytest.raises(InputError, match="not \\(2, n_frames\\)"):
        results.read_turns(path)
    path.write_bytes(b"no zip")
    with pytest.raises(InputError, match="is not who speaks when"):
        results.read_turns(path)
    np.savez(path, other=np.zeros((2, 3)))
    with pytest.raises(InputError, match="holds no turns"):
        results.read_turns(path)


ASKED = '"job": "generate", "version": 2'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"sound_a": "a.wav"}',
        '{"sound_a": "a.wav", "job": "generate", "version": 1}',
        '{"sound_a": "a.wav", "job": "turns", "version": 2}',
        f'{{{ASKED}, "sound_a": "a.wav", "sound_c": "x"}}',
        f"{{{ASKED}}}",
        f'{{{ASKED}, "sound_a": 1}}',
        f'{{{ASKED}, "sound_a": "a.wav", "seed": "1"}}',
        f'{{{ASKED}, "sound_a": "a.wav", "mixed": 1}}',
        f'{{{ASKED}, "sound_a": "a.wav", "staging": []}}',
    ],
)
def test_what_is_no_request_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "request.json").write_text(text)
    with pytest.raises(InputError, match="not a request") as error:
        GenerateRequest.read(tmp_path)
    assert len(str(error.value)) <= 300 + len(str(tmp_path))


@pytest.mark.parametrize("request_type", JOBS)
def test_every_request_survives_its_file(request_type: type[JsonRequest], tmp_path: Path) -> None:
    names = [f.name for f in fields(request_type) if f.default is MISSING]
    sent = request_type(**dict.fromkeys(names, "x"))
    sent.write(tmp_path)
    assert request_type.read(tmp_path) == sent


def test_a_performance_survives_its_files(tmp_path: Path) -> None:
    sent = performance()
    results.write_performance(tmp_path, sent, ("a note",))
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
    results.write_performance(tmp_path, sent, ())
    assert GenerateRequest("a.wav", mixed=True).result(tmp_path).performance.gaze == sent.gaze
    results.write_performance(tmp_path, performance(), ())
    assert GenerateRequest("a.wav").result(tmp_path).performance.gaze is None


def test_a_result_that_is_not_whole_is_refused(tmp_path: Path) -> None:
    asked = GenerateRequest("a.wav", "b.wav")
    with pytest.raises(WorkerError, match="not whole"):
        asked.result(tmp_path)
    results.write_performance(tmp_path, performance(), ())
    (tmp_path / "speaker2.npz").write_bytes(b"PK")
    with pytest.raises(WorkerError, match="not whole"):
        asked.result(tmp_path)
    performance(5).motions[0].save(tmp_path / "speaker2.npz")
    with pytest.raises(WorkerError, match="7 and 5 frames"):
        asked.result(tmp_path)


def test_a_check_reports_versions(tmp_path: Path) -> None:
    results.write_json(tmp_path, {"python": "3.11.7", "torch": "2.13.0", "devices": ["cpu"]})
    assert CheckRequest().result(tmp_path).devices == ("cpu",)
    (tmp_path / "result.json").write_text(json.dumps({"python": "3.11.7", "version": 2}))
    with pytest.raises(WorkerError, match="no whole result"):
        CheckRequest().result(tmp_path)
