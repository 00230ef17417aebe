"""What is noted in a file: read in its old form, refused in a newer one, said when damaged."""

import json

import bpy
import pytest
from dualtalk.core.directing.gaze_text import VERSION, WrittenGaze
from dualtalk.core.errors import InputError, RigError
from dualtalk.rig import notes, property_names

TEXT = json.dumps(
    {"looks": [[[0, "partner", 0.0, 0.0, ""]], [[0, "partner", 0.0, 0.0, ""]]], "n_frames": 10,
     "fps": 25.0, "speaking": [[[0, 5]], [[5, 10]]], "heads": [{}, {}], "first_frame": 3.0,
     "seed": 1}
)  # fmt: skip


@pytest.fixture
def owner() -> bpy.types.Object:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return bpy.data.objects.new("Control", None)


def test_a_note_comes_back_with_a_version_beside_it(owner: bpy.types.Object) -> None:
    notes.write(owner, property_names.BONES, {"jaw": "Jaw"})
    assert owner[property_names.VERSION] == notes.VERSION
    assert notes.read(owner, property_names.BONES, {}) == {"jaw": "Jaw"}


def test_a_note_of_the_first_version_has_none(owner: bpy.types.Object) -> None:
    owner[property_names.BONES] = '{"jaw": "Jaw"}'
    assert notes.read(owner, property_names.BONES, {}) == {"jaw": "Jaw"}
    assert notes.read(owner, property_names.MISSING, {}) == {}


def test_a_newer_version_is_not_guessed_at(owner: bpy.types.Object) -> None:
    notes.write(owner, property_names.BONES, {})
    owner[property_names.VERSION] = notes.VERSION + 1
    with pytest.raises(RigError, match="newer"):
        notes.read(owner, property_names.BONES, {})


@pytest.mark.parametrize("text", ["", "{", "[]", "null", 5, "x" * 3])
def test_a_damaged_note_is_said(owner: bpy.types.Object, text: object) -> None:
    owner[property_names.BONES] = text
    with pytest.raises(RigError, match="damaged"):
        notes.read(owner, property_names.BONES, {})


def test_gaze_of_the_first_version_and_of_a_newer_one() -> None:
    assert WrittenGaze.from_text(TEXT).first_frame == 3.0
    assert json.loads(WrittenGaze.from_text(TEXT).to_text())["version"] == VERSION
    newer = json.dumps({**json.loads(TEXT), "version": 99})
    with pytest.raises(InputError, match="newer"):
        WrittenGaze.from_text(newer)
    with pytest.raises(InputError):
        WrittenGaze.from_text("[1]")
