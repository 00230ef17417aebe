"""Words matched to the sound by their button: what is asked of the network, what becomes of it."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

import numpy as np  # noqa: E402
from dualtalk import status  # noqa: E402
from dualtalk.core.errors import InputError  # noqa: E402
from dualtalk.core.performance import Settings  # noqa: E402
from dualtalk.core.speech.words import Phone, Spoken, SpokenWord  # noqa: E402
from dualtalk.operators.editing import transcript  # noqa: E402
from dualtalk.preferences import pythons, stored  # noqa: E402
from dualtalk.properties import character as properties  # noqa: E402
from dualtalk.rig.characters import heads  # noqa: E402
from dualtalk.rig.performance.editing import regeneration  # noqa: E402
from dualtalk.rig.performance.speech import rows  # noqa: E402
from dualtalk.rig.performance.speech import stored as kept  # noqa: E402
from dualtalk.tests.scenes import chatter, registered, spoken  # noqa: E402

HELLO = (SpokenWord("hello", (Phone("HH", 0.2, 0.3), Phone("AH", 0.3, 0.5))),)


@pytest.fixture
def performed(
    scene: bpy.types.Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[bpy.types.Scene]:
    """Return a scene of two heads and two sounds, in a Blender whose network answers nothing."""
    with registered(*properties.CLASSES, *transcript.CLASSES):
        properties.register()
        made = spoken(tmp_path, (chatter(seed=1), chatter(seed=2)))
        regeneration.write(scene, made, Settings(), keeps_take=False)
        chosen = SimpleNamespace(python="", device="cpu")
        monkeypatch.setattr(stored, "get", lambda context: chosen)
        monkeypatch.setattr(pythons, "worker_python", lambda python: Path("python"))
        monkeypatch.setattr(status, "python_reason", lambda context: "")
        yield scene
        rows.show(False)
        properties.unregister()


def button(**values: Any) -> Any:
    return SimpleNamespace(filepath="", recognises=False, keeps_corrections=True, **values)


def prepared(given: Any) -> Any:
    return transcript.DUALTALK_OT_align_words.prepare(given, bpy.context)


def test_the_scenes_text_and_sounds_are_asked_about(
    performed: bpy.types.Scene, tmp_path: Path
) -> None:
    settings = performed.dualtalk
    with pytest.raises(InputError, match="Choose the sounds first"):
        prepared(button())
    settings.mode, settings.sound_a, settings.sound_b = "TRACKS", "/a.wav", "/b.wav"
    with pytest.raises(InputError, match="Type what is said"):
        prepared(button())
    settings.transcript = bpy.data.texts.new("Said")
    settings.transcript.write("A: Hello.\nB: No.")
    order = prepared(button())
    assert (order.request.sound_a, order.request.sound_b) == ("/a.wav", "/b.wav")
    assert len(order.request.lines) == 2
    assert order.scene == performed
    settings.mode, settings.swaps_voices = "STEREO", True
    assert prepared(button()).request.swaps_voices
    assert prepared(button()).request.sound_b == ""
    path = tmp_path / "t.txt"
    path.write_text("A: One line.")
    given = button()
    given.filepath = str(path)
    assert len(prepared(given).request.lines) == 1
    given = button()
    given.recognises = True
    assert not prepared(given).request.lines


def test_what_was_found_is_kept_with_its_character(performed: bpy.types.Scene) -> None:
    settings = performed.dualtalk
    settings.mode, settings.sound_a, settings.sound_b = "TRACKS", "/a.wav", "/b.wav"
    given = button()
    given.recognises = True
    order = prepared(given)
    peaks = (np.full(10, 0.5, np.float32), np.zeros(10, np.float32))
    result = Spoken((HELLO, ()), peaks, ("B says nothing.",))
    said = transcript.DUALTALK_OT_align_words.apply(given, bpy.context, order, result)
    assert said == "1 words were found. B says nothing"
    found = kept.words_of(heads.find(performed, 1).armature)
    assert [word.text for word in found] == ["hello"]
    assert found[0].start_s == pytest.approx(0.2)
    assert not kept.words_of(heads.find(performed, 2).armature)
    assert settings.shows_words
    assert "hello" in settings.transcript.as_string()
