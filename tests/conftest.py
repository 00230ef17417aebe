"""Fixtures for tests in Blender; what they put into a scene is in `scenes.py`.

A test that asks for one is skipped where Blender is no module of this Python.
"""

import sys
from pathlib import Path
from typing import Any

import pytest
from dualtalk.core import stopping

_REASON = "needs Blender as a module"
_EXIT_CODE = pytest.StashKey[int]()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Keep the exit code for the end."""
    session.config.stash[_EXIT_CODE] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """End without the destructors of Blender's module, some of which crash (`stopping.leave`)."""
    if "bpy" in sys.modules and _EXIT_CODE in config.stash:
        stopping.leave(config.stash[_EXIT_CODE])


@pytest.fixture
def scene() -> Any:
    """Return an empty scene at 25 frames per second; modules that need more build on it."""
    return _scenes().empty()


@pytest.fixture
def conversation() -> Any:
    """Return a scene of two built heads at a table, who look at each other by a plan."""
    return _scenes().conversation()


@pytest.fixture
def pair() -> Any:
    """Return two armatures of our bones alone, with the gaze rig."""
    return _scenes().bare_pair()


@pytest.fixture
def spoken(tmp_path: Path) -> Any:
    """Return a performance with two seconds of sound."""
    return _scenes().spoken(tmp_path)


def _scenes() -> Any:
    pytest.importorskip("bpy", reason=_REASON)
    from dualtalk.tests import scenes

    return scenes
