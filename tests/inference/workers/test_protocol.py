"""Every job speaks one protocol: what goes wrong is one sentence, whatever goes wrong."""

import json
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from dualtalk.core.errors import CheckpointError, DeviceError, InputError, WorkerError
from dualtalk.core.jobs import libraries
from dualtalk.core.jobs.request import JsonRequest
from dualtalk.core.jobs.requests import CheckRequest
from dualtalk.inference.workers import jobs, protocol

OUT_OF_MEMORY = [
    MemoryError(),
    RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory"),
    RuntimeError("std::bad_alloc"),
]


@pytest.fixture(autouse=True)
def in_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Serve in this process: it keeps its priority, does not end, and logs as before."""
    monkeypatch.setattr(protocol, "_end_with_parent", lambda: None)
    monkeypatch.setattr(os, "nice", lambda _: 0, raising=False)
    logger = logging.getLogger("dualtalk")
    before = list(logger.handlers)
    yield
    logger.handlers[:] = before


def served(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    run: Callable[[Any, Path], None],
    asked: JsonRequest = CheckRequest(),  # noqa: B008 - frozen
) -> tuple[int, dict[str, Any]]:
    """Serve a request and return the exit code and the last that was said."""
    asked.write(tmp_path)
    code = protocol.serve(type(asked), run, tmp_path)
    lines = capsys.readouterr().out.splitlines()
    return code, json.loads(lines[-1]) if lines else {}


def failing(error: Exception) -> Callable[[Any, Path], None]:
    def run(_request: Any, _folder: Path) -> None:
        raise error

    return run


def test_a_job_that_ends_well_says_nothing_more(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert served(tmp_path, capsys, lambda request, folder: None) == (0, {})


@pytest.mark.parametrize("request_type", jobs.JOBS)
@pytest.mark.parametrize("error", OUT_OF_MEMORY)
def test_out_of_memory_is_a_sentence_in_every_job(
    request_type: type[JsonRequest],
    error: Exception,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = [name for name, field in request_type.__dataclass_fields__.items()]
    needed = {name: "x" for name in names if not hasattr(request_type, name)}
    request_type(**needed).write(tmp_path)
    monkeypatch.setitem(jobs.JOBS, request_type, failing(error))
    assert jobs.do(request_type.job, tmp_path) == 1
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert said["kind"] == "DeviceError"
    assert said["error"].startswith("Memory ran out: close other programs")


def test_what_nobody_foresaw_is_told_with_its_kind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = served(tmp_path, capsys, failing(ZeroDivisionError("a\nb " + "x" * 5000)))
    assert (code, said["kind"]) == (1, "WorkerError")
    assert "ZeroDivisionError: a b xxx" in said["error"]
    assert len(said["error"]) < 300
    assert "\n" not in said["error"]


def test_a_full_disk_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = served(tmp_path, capsys, failing(OSError(28, "No space left on device")))
    assert code == 1
    assert "free some disk space" in said["error"]


def test_an_error_of_ours_keeps_its_kind_and_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = served(tmp_path, capsys, failing(CheckpointError("It is damaged.")))
    assert code == InputError.exit_code
    assert said == {"error": "It is damaged.", "kind": "CheckpointError", "stage": ""}


def test_a_damaged_request_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "request.json").write_text("{")
    assert protocol.serve(CheckRequest, failing(AssertionError()), tmp_path) == 2
    said = json.loads(capsys.readouterr().out)
    assert said["kind"] == "InputError"
    assert "not a request of this version" in said["error"]


def test_a_stage_marks_its_errors_and_those_alone_that_have_none() -> None:
    with pytest.raises(InputError) as known, protocol.stage("dialogue"):
        raise InputError("wrong")
    assert known.value.stage == "dialogue"
    with pytest.raises(DeviceError) as memory, protocol.stage("generate"):
        raise MemoryError
    assert memory.value.stage == "generate"
    with pytest.raises(WorkerError) as nested, protocol.stage("generate"):
        with protocol.stage("dialogue"):
            raise KeyError("x")
    assert nested.value.stage == "dialogue"


def test_each_job_has_one_name_and_one_place() -> None:
    names = [request.job for request in jobs.JOBS]
    assert len(set(names)) == len(names) == 8
    assert libraries.INSTALL in names


def test_what_is_missing_is_named_but_for_the_job_that_brings_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(libraries.LIBRARIES, "no-such-library", "no_such_library")
    assert libraries.problem("generate").endswith("lacks no-such-library")
    assert libraries.problem(libraries.INSTALL) == ""
