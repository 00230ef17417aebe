"""What the mouse does to words: takes an edge, drags it, drops it or gives up; asks for a word."""

from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("bpy", reason="needs Blender as a module")

from dualtalk.core.speech.words import Phone, SpokenWord
from dualtalk.operators.editing import words

SAID = (
    SpokenWord("ah", (Phone("AA", 0.4, 0.8),)),
    SpokenWord("aye", (Phone("AA", 0.8, 1.2), Phone("IY", 1.2, 1.4))),
)


@pytest.fixture
def context(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What a drag sees: the mouse at 0.9 s, over the first phone of the second word."""
    log: list[object] = []
    monkeypatch.setattr(words.rows, "time_at", lambda *_: 0.9)
    monkeypatch.setattr(words.rows, "preview", log.append)
    monkeypatch.setattr(words.rows, "are_at", lambda *_: True)
    monkeypatch.setattr(words.rows, "is_shown", lambda: True)
    monkeypatch.setattr(words.rows, "word_at", lambda *_: 1)
    monkeypatch.setattr(words.rows, "grip_at", lambda *_: SimpleNamespace(phone=1, is_end=False))
    monkeypatch.setattr(words.kept, "words_of", lambda armature: SAID)
    monkeypatch.setattr(words, "redraw", lambda context: None)
    window = SimpleNamespace(cursor_modal_set=log.append, cursor_modal_restore=lambda: None)
    manager = SimpleNamespace(
        modal_handler_add=log.append, invoke_props_dialog=lambda *_, **__: {"RUNNING_MODAL"}
    )
    return SimpleNamespace(
        scene=SimpleNamespace(dualtalk=SimpleNamespace(words_person="1")),
        region=SimpleNamespace(type="WINDOW"), window=window, window_manager=manager, log=log,
    )  # fmt: skip


def event(kind: str = "MOUSEMOVE", value: str = "NOTHING") -> Any:
    return SimpleNamespace(type=kind, value=value, mouse_region_x=10, mouse_region_y=5)


def edge() -> Any:
    cls = words.DUALTALK_OT_move_edge
    button = SimpleNamespace(time=0.0, _before=(), _after=(), words=lambda context: SAID)
    for name in ("_moved", "cancel"):
        setattr(button, name, lambda given, name=name: getattr(cls, name)(button, given))
    button.execute = lambda context: {"FINISHED"}
    return button


def test_an_edge_is_taken_dragged_and_dropped(context: Any) -> None:
    cls, button = words.DUALTALK_OT_move_edge, edge()
    assert cls.invoke(button, context, event("LEFTMOUSE", "PRESS")) == {"RUNNING_MODAL"}
    assert (button.phone, button.speaker) == (1, "1")
    assert cls.modal(button, context, event()) == {"RUNNING_MODAL"}
    assert button._after[1].start_s == pytest.approx(0.9)
    assert context.log[-1] == button._after
    assert cls.modal(button, context, event("TIMER")) == {"RUNNING_MODAL"}
    assert cls.modal(button, context, event("LEFTMOUSE", "RELEASE")) == {"FINISHED"}
    assert context.log[-1] is None


@pytest.mark.parametrize("how", [("ESC", "PRESS"), ("LEFTMOUSE", "RELEASE")])
def test_a_drag_that_is_given_up_or_goes_nowhere_changes_nothing(
    context: Any, how: tuple[str, str]
) -> None:
    cls, button = words.DUALTALK_OT_move_edge, edge()
    cls.invoke(button, context, event("LEFTMOUSE", "PRESS"))
    assert cls.modal(button, context, event(*how)) == {"CANCELLED"}


def test_a_press_beside_the_rows_is_the_editors(
    context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cls = words.DUALTALK_OT_move_edge
    monkeypatch.setattr(words.rows, "grip_at", lambda *_: None)
    assert cls.invoke(edge(), context, event()) == {"CANCELLED"}
    monkeypatch.setattr(words.rows, "are_at", lambda *_: False)
    assert cls.invoke(edge(), context, event()) == {"PASS_THROUGH"}


def test_the_word_under_the_mouse_is_asked_about(
    context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cls = words.DUALTALK_OT_set_word
    properties = SimpleNamespace(is_property_set=lambda name: False)
    button = SimpleNamespace(index=0, properties=properties, armature=lambda context: None)
    assert cls.invoke(button, context, event()) == {"RUNNING_MODAL"}
    assert (button.index, button.text, button.phones) == (1, "aye", "AA IY")
    drawn: list[str] = []
    column = SimpleNamespace(prop=lambda owner, name: drawn.append(name))
    button.layout = SimpleNamespace(column=lambda: column)
    cls.draw(button, context)
    assert drawn == ["text", "phones"]
    monkeypatch.setattr(words.rows, "word_at", lambda *_: None)
    assert cls.invoke(button, context, event()) == {"PASS_THROUGH"}
    properties.is_property_set = lambda name: True
    button.index = 7
    assert cls.invoke(button, context, event()) == {"CANCELLED"}
    assert words.DUALTALK_OT_add_word.invoke(button, context, event()) == {"RUNNING_MODAL"}
