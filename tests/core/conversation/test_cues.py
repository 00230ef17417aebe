"""Cue sheets survive a file and a move of the folder."""

import shutil
from pathlib import Path

import pytest
from dualtalk.core.conversation.cues import Cue, CueSheet
from dualtalk.core.errors import InputError


def test_sheets_survive_a_file_and_move_with_their_folder(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    (before / "snd").mkdir(parents=True)
    (before / "snd" / "änna.wav").write_bytes(b"x")
    sheet = CueSheet((Cue(before / "snd" / "änna.wav", 1.5, 0.25, 2.0, 0.5),), 10.0)
    sheet.save(before / "a.cues")
    assert CueSheet.load(before / "a.cues") == sheet
    shutil.move(before, after)
    assert CueSheet.load(after / "a.cues").cues[0].path.resolve() == after / "snd" / "änna.wav"


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"version": 9, "length_s": 1, "cues": []}',
     '{"version": 1, "length_s": -1, "cues": []}', '{"version": 1, "length_s": 1e99, "cues": []}',
     '{"version": 1, "length_s": 1, "cues": [{"path": "a.wav"}]}'],
)  # fmt: skip
def test_what_is_no_sheet_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.cues").write_text(text)
    with pytest.raises(InputError, match="no cue sheet"):
        CueSheet.load(tmp_path / "bad.cues")
