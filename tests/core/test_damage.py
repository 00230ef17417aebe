"""What is no file is refused at once: a pipe nobody writes to, an endless device, a folder."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from dualtalk.core.conversation.cues import CueSheet
from dualtalk.core.errors import DualTalkError, InputError
from dualtalk.core.faces import flame_file, shape_table
from dualtalk.core.faces.learned import Learned
from dualtalk.core.files import for_blender
from dualtalk.core.formats import captured, turn_files
from dualtalk.core.jobs import results
from dualtalk.core.motion import Motion
from dualtalk.core.speech import transcript

READERS: list[tuple[Callable[[Path], object], str]] = [
    (Motion.load, "m.npz"),
    (results.read_turns, "t.npz"),
    (flame_file.load, "f.pkl"),
    (flame_file.load_identity, "i.npz"),
    (captured.read, "c.csv"),
    (turn_files.read, "t.srt"),
    (turn_files.read, "t.edl"),
    (transcript.read, "t.txt"),
    (shape_table.read, "t.json"),
    (Learned.load, "l.json"),
    (CueSheet.load, "c.dualtalk"),
]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
@pytest.mark.parametrize(("read", "name"), READERS)
def test_what_is_no_file_is_refused_at_once(
    read: Callable[[Path], object], name: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    os.mkfifo(path)
    with pytest.raises(InputError):
        read(path)
    path.unlink()
    path.symlink_to("/dev/zero")
    with pytest.raises(InputError):
        read(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(InputError):
        read(path)


def test_a_message_is_one_short_line_whatever_it_quotes() -> None:
    error = DualTalkError(
        f"The file {'x' * 5000}\nwith\u2028\x1b[2Jlines is damaged: choose another."
    )
    said = str(error)
    assert len(said) <= 300
    assert said.isprintable()
    assert said.startswith("The file x")
    assert said.endswith("is damaged: choose another.")


def test_an_error_can_be_shown_whatever_a_name_holds(tmp_path: Path) -> None:
    """Blender cannot take a message with bytes that are no UTF-8, and said "(null)" for it."""
    latin = Path(os.fsdecode(bytes(tmp_path) + b"/caf\xe9.wav"))
    with pytest.raises(InputError, match=r"caf\?\.wav has a name that Blender cannot hold") as said:
        for_blender(latin)
    str(said.value).encode()
