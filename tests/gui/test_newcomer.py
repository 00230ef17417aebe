"""A newcomer in a real Blender window: few clicks, nothing typed, and every step to be seen."""

from typing import Any

import pytest

MOST_CLICKS = 10


@pytest.fixture(scope="module")
def found(window: Any) -> dict[str, Any]:
    """What the newcomer's session found."""
    return window.run("newcomer_session.py", window.folder("newcomer"))


def test_from_the_zip_to_talking_heads_by_mouse_alone(found: dict[str, Any]) -> None:
    assert found["tab"] == "DualTalk"
    assert found["plays"]
    assert found["frame"] > 1
    assert found["n_clicks"] <= MOST_CLICKS
    assert found["n_keys"] == 0


def test_online_access_is_allowed_with_one_click(found: dict[str, Any]) -> None:
    assert found["online"]


def test_an_install_that_fails_says_why(found: dict[str, Any]) -> None:
    # Debian's Python lacks ensurepip; elsewhere it is the network that lacks.
    assert "ensurepip" in found["install"] or "could not be had" in found["install"]


def test_the_bar_has_a_text_all_the_time(found: dict[str, Any]) -> None:
    assert all(text.strip() and not text.startswith(",") for text in found["texts"])
    assert len(found["texts"]) > 2


def test_both_faces_stand_between_the_sidebars(found: dict[str, Any]) -> None:
    assert len(found["eyes_px"]) == 2
    left, right = found["free_px"]
    assert all(left < x < right for x, _ in found["eyes_px"])


def test_turns_are_shown_in_a_sequencer(found: dict[str, Any]) -> None:
    assert found["shows_turns"]


def test_the_session_draws_only_what_exists(found: dict[str, Any]) -> None:
    assert "Traceback" not in found["log"]
    assert "rna_uiItem" not in found["log"]
