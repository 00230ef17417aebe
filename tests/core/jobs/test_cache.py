"""Kept results: the same request is not computed again, anything else is."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from dualtalk.core.jobs.cache import ResultCache
from dualtalk.core.jobs.requests import GenerateRequest, GenerateResult, write_turns
from dualtalk.core.motion import Motion
from dualtalk.core.performance import Performance


def made(
    folder: Path, name: str = "a", value: float = 0.5
) -> tuple[GenerateRequest, GenerateResult]:
    """Return a request for a file of that name, and a result for it."""
    sound = folder / f"{name}.wav"
    sound.write_bytes(b"sound of " + name.encode())
    motion = Motion.from_arrays(np.full((30, 40), value))
    performance = Performance((motion, motion), (sound,), np.zeros((2, 30), bool))
    return GenerateRequest(str(sound), seed=3), GenerateResult(performance, ("a note",))


@pytest.fixture
def cache(tmp_path: Path) -> ResultCache:
    return ResultCache(tmp_path / "cache", 10 << 20)


def test_the_same_request_is_known(cache: ResultCache, tmp_path: Path) -> None:
    request, result = made(tmp_path)
    assert cache.find(request) is None
    cache.keep(request, result)
    known = cache.find(request)
    assert known is not None
    assert known.notes == ("a note",)
    for got, wanted in zip(known.performance.motions, result.performance.motions, strict=True):
        np.testing.assert_array_equal(got.expression, wanted.expression)
    assert known.performance.sounds == result.performance.sounds


def test_another_seed_or_a_changed_sound_is_not(cache: ResultCache, tmp_path: Path) -> None:
    request, result = made(tmp_path)
    cache.keep(request, result)
    assert cache.find(replace(request, seed=4)) is None
    Path(request.sound_a).write_bytes(b"another sound")
    assert cache.find(request) is None


def test_the_same_turns_in_another_file_are_the_same(cache: ResultCache, tmp_path: Path) -> None:
    request, result = made(tmp_path)
    first, second, other = (tmp_path / f"{name}.npz" for name in ("first", "second", "other"))
    write_turns(first, np.eye(2))
    os.utime(first, (0, 0))
    write_turns(second, np.eye(2))
    write_turns(other, np.ones((2, 2)))
    cache.keep(replace(request, mixed=True, turns=str(first)), result)
    assert cache.find(replace(request, mixed=True, turns=str(second))) is not None
    assert cache.find(replace(request, mixed=True, turns=str(other))) is None
    assert cache.find(replace(request, mixed=True, turns="gone.npz")) is None


def test_a_damaged_result_is_dropped(cache: ResultCache, tmp_path: Path) -> None:
    request, result = made(tmp_path)
    cache.keep(request, result)
    next(cache.folder.rglob("*.npz")).write_bytes(b"cut")
    assert cache.find(request) is None
    assert cache.used_bytes() == 0


def test_the_least_used_go_first(cache: ResultCache, tmp_path: Path) -> None:
    rows = [made(tmp_path, name) for name in "abc"]
    cache.keep(*rows[0])
    small = replace(cache, most_bytes=int(2.5 * cache.used_bytes()))
    small.keep(*rows[1])
    for path in small.folder.iterdir():
        os.utime(path, (1000, 1000))
    assert small.find(rows[0][0]) is not None  # so it was used later than b
    small.keep(*rows[2])
    assert [small.find(request) is not None for request, _ in rows] == [True, False, True]


def test_no_size_keeps_nothing(cache: ResultCache, tmp_path: Path) -> None:
    request, result = made(tmp_path)
    off = replace(cache, most_bytes=0)
    off.keep(request, result)
    assert not cache.folder.exists()


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    cache = ResultCache(tmp_path / "file", 1 << 20)
    cache.keep(*made(tmp_path))
    assert cache.find(made(tmp_path)[0]) is None


def test_clearing_leaves_other_files_alone(cache: ResultCache, tmp_path: Path) -> None:
    cache.keep(*made(tmp_path))
    (cache.folder / "mine.txt").write_text("mine")
    cache.clear()
    assert [path.name for path in cache.folder.iterdir()] == ["mine.txt"]
