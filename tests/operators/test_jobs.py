"""A job leaves Blender as it found it, however it ends."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

from dualtalk import status  # noqa: E402
from dualtalk.core.errors import InputError  # noqa: E402
from dualtalk.operators import jobs  # noqa: E402

TIMER = SimpleNamespace(type="TIMER", value="NOTHING")


class Manager:
    """A window manager that notes what is begun and not ended."""

    windows = ()

    def __init__(self) -> None:
        self.open: list[object] = []

    def event_timer_remove(self, timer: object) -> None:
        self.open.remove(timer)

    def progress_update(self, percent: float) -> None:
        pass

    def progress_end(self) -> None:
        self.open.remove("progress")


class Worker:
    """A worker that is done."""

    is_closed = False

    def __init__(self) -> None:
        self.progress = SimpleNamespace(fraction=1.0, text="done")

    def poll(self) -> bool:
        return True

    def result(self) -> str:
        return "answer"

    def close(self) -> None:
        self.is_closed = True


class FakeJob(jobs.Job):
    bl_idname = "dualtalk.fake"
    stage = "generate"

    def __init__(self, raises: Exception | None = None) -> None:
        self.reports: list[tuple[set[str], str]] = []
        self.raises = raises
        self._timer: Any = "timer"
        self._order = jobs.Order(Path(), None)

    def report(self, kind: set[str], text: str) -> None:
        self.reports.append((kind, text))

    def apply(self, context: Any, order: jobs.Order, result: str) -> str:
        if self.raises:
            raise self.raises
        return f"used the {result}"


@pytest.fixture
def context():
    """What a modal operator that runs has begun."""
    manager = Manager()
    manager.open = ["timer", "progress"]
    texts = ["working"]
    workspace = SimpleNamespace(status_text_set=texts.append)
    yield SimpleNamespace(window_manager=manager, workspace=workspace, texts=texts)
    status.end()
    status.forget_failure()


def test_a_job_that_succeeds_leaves_nothing(context) -> None:
    job, worker = FakeJob(), Worker()
    status.begin(worker, job.bl_idname)
    assert status.progress("dualtalk.fake") is not None
    assert status.progress("dualtalk.other") is None
    assert job.modal(context, TIMER) == {"FINISHED"}
    assert job.reports == [({"INFO"}, "used the answer")]
    assert (context.window_manager.open, context.texts[-1]) == ([], None)
    assert worker.is_closed
    assert status.failure() is None


def test_an_error_that_a_user_can_mend_stays_on_its_panel(context) -> None:
    job = FakeJob(InputError("No sound."))
    status.begin(Worker(), job.bl_idname)
    assert job.modal(context, TIMER) == {"CANCELLED"}
    assert (context.window_manager.open, context.texts[-1]) == ([], None)
    assert status.failure("generate").message == "No sound."


def test_an_unexpected_error_is_raised_and_leaves_no_timer_and_no_text(context) -> None:
    job, worker = FakeJob(ZeroDivisionError("by zero")), Worker()
    status.begin(worker, job.bl_idname)
    with pytest.raises(ZeroDivisionError):
        job.modal(context, TIMER)
    assert (context.window_manager.open, context.texts[-1]) == ([], None)
    assert worker.is_closed
    assert status.progress() is None
    assert "ZeroDivisionError" in status.failure("generate").message
    # Blender asks once more, because no answer came back.
    assert job.modal(context, TIMER) == {"CANCELLED"}
    assert job.reports == []


def test_the_answer_goes_to_the_scene_that_asked() -> None:
    scene = bpy.data.scenes.new("Asked")
    order = jobs.Order(Path(), None, scene.session_uid)
    assert order.scene == scene
    bpy.data.scenes.remove(scene)
    with pytest.raises(InputError, match="was deleted"):
        assert order.scene
