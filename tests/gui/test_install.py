"""Install makes the network's own Python by mouse, of real packages, and the heads talk by it."""

import sys
from pathlib import Path
from typing import Any

import pytest

MOST_CLICKS = 10


@pytest.fixture(scope="module")
def found(window: Any, packages: Path) -> dict[str, Any]:
    """What a newcomer's session found who pressed Install."""
    interpreters = Path(sys.base_prefix) / "bin"
    return window.run("newcomer_session.py", window.folder("install"), packages, interpreters)


def test_install_makes_a_python_that_has_all(found: dict[str, Any]) -> None:
    assert found["install"] == ""
    assert "torch" in found["checked"]
    assert any("getting torch" in text for text in found["installing"])


def test_the_heads_talk_by_it_after_few_clicks(found: dict[str, Any]) -> None:
    assert found["plays"]
    assert found["frame"] > 1
    assert found["n_clicks"] <= MOST_CLICKS
    assert found["n_keys"] == 0
    assert "Traceback" not in found["log"]
