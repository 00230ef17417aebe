"""A job leaves Blender as it found it, however it ends."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

from dualtalk import status  # noqa: E402
from dualtalk.core.errors import InputError, WorkerError  # noqa: E402
from dualtalk.operators import jobs  # noqa: E402

TIMER = SimpleNamespace(type="TIMER", value="NOTHING")


class Manager:
    """A window manager that notes what is begun and not ended."""

    windows = ()

    def __init__(self) -> None:
        self.open: list[object] = []

    clipboard = ""

    def event_timer_add(self, seconds: float, window: object) -> str:
        self.open.append("timer")
        return "timer"

    def progress_begin(self, low: int, high: int) -> None:
        self.open.append("progress")

    def modal_handler_add(self, operator: object) -> None:
        pass

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


class Busy(Worker):
    """A worker that has only begun."""

    def poll(self) -> bool:
        self.progress = SimpleNamespace(fraction=0.25, text="half of a half")
        return False


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

    def prepare(self, context: Any) -> jobs.Order:
        if isinstance(self.raises, InputError):
            raise self.raises
        return self._order

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
    yield SimpleNamespace(
        window_manager=manager, workspace=workspace, texts=texts, window=None, screen=None
    )
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


def test_a_job_is_begun_followed_and_ended_by_escape(
    context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "WorkerProcess", lambda python, request: Busy())
    context.window_manager.open.clear()
    job = FakeJob()
    assert job.start(context) == {"RUNNING_MODAL"}
    assert context.window_manager.open == ["timer", "progress"]
    assert job.modal(context, SimpleNamespace(type="MOUSEMOVE", value="NOTHING")) == {
        "PASS_THROUGH"
    }
    assert job.modal(context, TIMER) == {"PASS_THROUGH"}
    assert "(25%). Esc cancels" in context.texts[-1]
    worker = status.worker()
    assert job.modal(context, SimpleNamespace(type="ESC", value="PRESS")) == {"CANCELLED"}
    assert worker.is_closed
    assert job.reports == [({"INFO"}, "Cancelled")]
    assert (context.window_manager.open, context.texts[-1]) == ([], None)


def test_a_job_waits_while_its_answer_cannot_be_used(
    context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, worker = FakeJob(), Worker()
    status.begin(worker, job.bl_idname)
    monkeypatch.setattr(job, "waits_for", lambda *_: "Leave Edit Mode.")
    assert job.modal(context, TIMER) == {"PASS_THROUGH"}
    assert worker.progress.text == "Leave Edit Mode."
    monkeypatch.setattr(job, "waits_for", lambda *_: "")
    assert job.modal(context, TIMER) == {"FINISHED"}


def test_what_is_known_is_used_at_once_and_what_lacks_is_said(
    context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = FakeJob()
    monkeypatch.setattr(job, "known", lambda *_: "kept answer")
    assert job.start(context) == {"FINISHED"}
    assert job.reports == [({"INFO"}, "used the kept answer")]
    refused = FakeJob(InputError("No sound."))
    assert refused.start(context) == {"CANCELLED"}
    assert status.failure("generate").message == "No sound."
    assert refused.reports == [({"ERROR"}, "No sound.")]


def test_blender_may_end_a_job(context: Any) -> None:
    job, worker = FakeJob(), Busy()
    status.begin(worker, job.bl_idname)
    job.cancel(context)
    assert worker.is_closed
    assert context.window_manager.open == []


def test_the_log_is_copied_and_the_message_dismissed(context: Any) -> None:
    show, drawn = jobs.DUALTALK_OT_show_log, []
    assert not show.poll(context)
    status.remember_failure(WorkerError("It ended.", "line one\nline two"), "generate")
    assert show.poll(context)
    column = SimpleNamespace(label=lambda text, icon="": drawn.append(text))
    reports: list[str] = []
    button = SimpleNamespace(
        layout=SimpleNamespace(column=lambda align: column),
        report=lambda kind, text: reports.append(text),
    )
    show.draw(button, context)
    assert drawn == ["It ended.", "line one", "line two"]
    assert show.execute(button, context) == {"FINISHED"}
    assert context.window_manager.clipboard == "It ended.\nline one\nline two"
    assert jobs.DUALTALK_OT_dismiss.execute(button, context) == {"FINISHED"}
    assert status.failure() is None


def test_a_job_can_be_cancelled_by_its_button(context: Any) -> None:
    cancel = jobs.DUALTALK_OT_cancel
    assert not cancel.poll(context)
    worker = Busy()
    status.begin(worker, "dualtalk.fake")
    assert cancel.poll(context)
    assert cancel.execute(SimpleNamespace(), context) == {"FINISHED"}
    assert worker.is_closed
