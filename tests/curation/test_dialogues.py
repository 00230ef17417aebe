"""Who is rendered and heard in what is measured is never in what is trained on."""

from pathlib import Path

import numpy as np
import pytest
from dualtalk.curation.evaluation.dialogues import alternated, speakers
from dualtalk.training import held_out


def test_the_readers_of_both_kinds_are_those_of_the_one_list(tmp_path: Path) -> None:
    names = [tmp_path / f"{i:03d}.flac" for i in range(40)]
    for name in names:
        name.touch()
    assert speakers(tmp_path, True) == held_out.held_out(names)
    assert not set(speakers(tmp_path, False)) & set(held_out.held_out(names))


def test_people_who_are_measured_are_not_learned_from() -> None:
    pytest.importorskip("bpy", reason="needs Blender as a module")
    from dualtalk.modelling.footage.people import HELD_OUT, held_out_people, training_people

    assert [who.name for who in held_out_people()] == list(HELD_OUT)
    assert not {who.name for who in training_people(30)} & set(HELD_OUT)


def test_one_speaks_after_the_other() -> None:
    tracks = alternated([np.ones(400_000, np.float32), np.ones(1000, np.float32)])
    assert not np.logical_and(tracks[0], tracks[1]).any()
    assert tracks.any(axis=1).all()
