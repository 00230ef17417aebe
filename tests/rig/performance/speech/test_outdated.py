"""Words of another sound or turn are marked, said, and aligned anew with their corrections."""

from pathlib import Path
from types import SimpleNamespace

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

import numpy as np  # noqa: E402
from dualtalk import status  # noqa: E402
from dualtalk.core.speech.words import Phone, SpokenWord, Words  # noqa: E402
from dualtalk.operators.editing import transcript  # noqa: E402
from dualtalk.rig.characters import heads  # noqa: E402
from dualtalk.rig.performance import turn_strips  # noqa: E402
from dualtalk.rig.performance.speech import outdated, stored  # noqa: E402
from dualtalk.tests.rig.performance.speech.test_words import SAID, scene  # noqa: E402, F401


@pytest.fixture
def sounded(scene: bpy.types.Scene, tmp_path: Path) -> bpy.types.Scene:  # noqa: F811
    """Return a scene whose words were aligned to two sounds."""
    scene.dualtalk.sound_a, scene.dualtalk.sound_b = (str(tmp_path / f"{n}.wav") for n in "ab")
    align(scene, SAID)
    return scene


def align(scene: bpy.types.Scene, found: Words, keeps: bool = True) -> str:  # noqa: F811
    """Keep words as the operator does when its job has ended."""
    heard = tuple(outdated.heard_now(scene, speaker) for speaker in (1, 2))
    order = SimpleNamespace(
        scene=scene, heard=heard, keeps_corrections=keeps, request=SimpleNamespace(lines=("x",))
    )
    result = SimpleNamespace(
        words=(found, ()), peaks=(np.zeros(4, np.uint8), np.zeros(4, np.uint8)), notes=()
    )
    return transcript.DUALTALK_OT_align_words.apply(None, bpy.context, order, result)


def test_words_of_the_sound_that_is_there_are_not_marked(sounded: bpy.types.Scene) -> None:
    assert outdated.words(sounded, 1) == set()
    assert status.words_problem(sounded) == ""


def test_another_sound_marks_them_and_the_same_file_elsewhere_does_not(
    sounded: bpy.types.Scene, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.wav"
    copy.write_bytes((tmp_path / "a.wav").read_bytes())
    sounded.dualtalk.sound_a = str(copy)
    assert outdated.words(sounded, 1) == set()
    content = bytearray(copy.read_bytes())
    content[-100:] = bytes(100)
    copy.write_bytes(content)
    assert outdated.words(sounded, 1) == {0, 1}
    assert status.words_problem(sounded) == (
        "The words of A are of another sound or turns: match them anew."
    )
    copy.unlink()  # that it is not there is said elsewhere
    assert status.words_problem(sounded) == ""


def test_the_other_channel_is_another_sound(sounded: bpy.types.Scene) -> None:
    sounded.dualtalk.mode = "STEREO"
    align(sounded, SAID)
    sounded.dualtalk.swaps_voices = True
    assert outdated.words(sounded, 1) == {0, 1}


def test_turns_that_were_moved_mark_the_words_under_them(sounded: bpy.types.Scene) -> None:
    sounded.dualtalk.mode = "MIXED"
    speaking = np.zeros((2, 50), np.bool_)
    speaking[0, 5:45] = True
    turn_strips.write(sounded, speaking, 1)
    align(sounded, SAID)
    assert outdated.words(sounded, 1) == set()
    speaking[0, 20:] = False  # "aye" is said from 0.8 to 1.4 s
    turn_strips.write(sounded, speaking, 1)
    assert outdated.words(sounded, 1) == {1}
    assert "1 of A" in status.words_problem(sounded)
    align(sounded, SAID)
    assert status.words_problem(sounded) == ""


def test_words_without_a_note_are_left_alone(sounded: bpy.types.Scene) -> None:
    heads.find(sounded, 1).armature.dualtalk.says.heard = ""  # of an older version
    sounded.dualtalk.mode = "MIXED"
    assert status.words_problem(sounded) == ""


def test_aligning_anew_keeps_corrections_or_forgets_them(sounded: bpy.types.Scene) -> None:
    bpy.ops.dualtalk.set_word(speaker="1", index=0, text="or", phones="AO R")
    later = tuple(
        SpokenWord(
            word.text,
            tuple(Phone(p.name, p.start_s + 0.2, p.end_s + 0.2) for p in word.phones),
            word.fit,
        )
        for word in SAID
    )
    assert "1 correction kept" in align(sounded, later)
    now = stored.words_of(heads.find(sounded, 1).armature)
    assert [word.text for word in now] == ["or", "aye"]
    assert [phone.name for phone in now[0].phones] == ["AO", "R"]
    assert now[0].start_s == pytest.approx(0.6)
    assert "kept" in align(sounded, later)  # once more
    assert "kept" not in align(sounded, later, keeps=False)
    assert stored.words_of(heads.find(sounded, 1).armature)[0].text == "ah"


def test_without_a_text_what_is_said_is_the_transcript(sounded: bpy.types.Scene) -> None:
    assert transcript._transcript(sounded) == "A: ah aye\n"
