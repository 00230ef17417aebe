"""Rows and files hold what was made; what is done is not done again."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from dualtalk.core.conversation.turns import Turns
from dualtalk.core.motion import Motion
from dualtalk.curation.records.record import Result, result_of, row_of, write_files
from dualtalk.curation.verdicts import Reason, Verdict

_VERDICT = Verdict("a.mp4", "a-0123456789-000000", 0.0, 2.0)


def _result() -> Result:
    generator = np.random.default_rng(1)
    motions = [
        Motion.from_arrays(
            generator.uniform(0, 1, (50, 40)), head=generator.normal(0, 0.1, (50, 3))
        )
        for _ in range(2)
    ]
    probability = np.zeros((2, 50), np.float32)
    probability[0, :25] = probability[1, 25:] = 1
    sound = generator.uniform(-0.5, 0.5, 32_000).astype(np.float32)
    confidence = np.full((2, 50, 40), 0.5, np.float32)
    return Result(
        (motions[0], motions[1]), confidence, sound, Turns(probability), {"distance_m": 1.2}
    )


def test_a_row_holds_all_of_a_clip() -> None:
    made = _result()
    read = result_of(row_of(_VERDICT, made))
    for before, after in zip(made.motions, read.motions, strict=True):
        assert after.expression == pytest.approx(before.expression)
        assert after.head == pytest.approx(before.head)
    assert read.sound == pytest.approx(made.sound, abs=1e-4)
    assert read.turns.probability == pytest.approx(made.turns.probability)
    assert read.confidence == pytest.approx(made.confidence)


def test_each_track_is_the_mix_where_that_person_speaks() -> None:
    tracks = _result().tracks()
    assert tracks[0, :16_000].any()
    assert not tracks[0, 16_000:].any()
    assert not tracks[1, :16_000].any()


def test_files_are_motions_that_dualtalk_reads(tmp_path: Path) -> None:
    row = row_of(_VERDICT, _result())
    write_files(row, tmp_path)
    write_files(row, tmp_path / "set", is_dataset=True)
    for path in (
        tmp_path / _VERDICT.clip_id / "speaker2.npz",
        tmp_path / "set" / f"{_VERDICT.clip_id}_speaker2.npz",
    ):
        assert Motion.load(path).n_frames == 50
        assert soundfile.info(path.with_suffix(".wav")).samplerate == 16_000
    staging = json.loads((tmp_path / _VERDICT.clip_id / "staging.json").read_text())
    assert staging["distance_m"] == 1.2


def test_a_preview_shows_the_source_beside_both_heads(av: Any, cv2: Any, tmp_path: Path) -> None:
    from dualtalk.curation.records import preview

    source = [np.full((72, 128, 3), 200, np.uint8)] * 20
    preview.write(tmp_path / "preview.mp4", iter(source), _result().motions)
    with av.open(str(tmp_path / "preview.mp4")) as container:
        frames = list(container.decode(video=0))
    assert len(frames) == 10
    assert frames[-1].time == pytest.approx(18 / 25)
    assert (frames[0].height, frames[0].width) == (240, 426 + 480)


def test_shards_say_what_is_done(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="needs the packages of 'make setup-curation'")
    from dualtalk.curation.records import shards

    refused = Verdict("b.mp4", "b-1", 0.0, 1.0, (Reason("scene", "one_face"),))
    shards.write([row_of(_VERDICT, _result()), row_of(refused, None)], tmp_path / "x.parquet")
    assert shards.done(tmp_path) == {_VERDICT.clip_id, "b-1"}
    assert [name for name, _ in shards.results(tmp_path)] == [_VERDICT.clip_id]


def test_a_shard_that_was_cut_off_is_made_again(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="needs the packages of 'make setup-curation'")
    from dualtalk.curation.engine import output
    from dualtalk.curation.records import shards

    output.prepare(tmp_path)
    whole = tmp_path / output.SHARDS / "x.parquet"
    shards.write([row_of(_VERDICT, None)], whole)
    (whole.with_name("y.parquet")).write_bytes(whole.read_bytes()[:-20])
    output.prepare(tmp_path)
    assert shards.done(tmp_path / output.SHARDS) == {_VERDICT.clip_id}
