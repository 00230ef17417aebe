"""Kept results: the same request is not computed again, anything else is."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from dualtalk.core.jobs import cache as cache_module
from dualtalk.core.jobs.cache import ResultCache
from dualtalk.core.jobs.requests import GenerateRequest
from dualtalk.core.jobs.results import PERFORMANCE_FILES, GenerateResult, write_turns
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


@pytest.mark.parametrize("name", [*PERFORMANCE_FILES, "dualtalk.json"])
@pytest.mark.parametrize("content", [None, b"", b"{}", b"[" * 100_000, b"PK\3\4" + bytes(99)])
def test_a_broken_entry_is_dropped_and_made_anew(
    name: str, content: bytes | None, cache: ResultCache, tmp_path: Path
) -> None:
    request, result = made(tmp_path)
    cache.keep(request, result)
    path = next(cache.folder.rglob(name))
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    if cache.find(request) is not None:  # the mark is nothing that a result needs
        assert name == "dualtalk.json"
        return
    cache.keep(request, result)
    assert cache.find(request) is not None


def test_a_file_or_a_link_in_an_entrys_place_is_replaced(
    cache: ResultCache, tmp_path: Path
) -> None:
    request, result = made(tmp_path)
    cache.keep(request, result)
    place = next(cache.ours.iterdir())
    cache.clear()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "result.json").write_text("mine")
    for make in (place.touch, lambda: place.symlink_to(tmp_path / "mine")):
        cache.ours.mkdir(exist_ok=True)
        make()
        assert cache.find(request) is None
        cache.keep(request, result)
        assert cache.find(request) is not None
        cache.clear()
    assert (tmp_path / "mine" / "result.json").read_text() == "mine"


def test_what_the_result_depends_on_is_in_its_key(
    cache: ResultCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request, result = made(tmp_path)
    assets = tmp_path / "assets"
    assets.mkdir()
    for name in ("net.safetensors", "retarget.npz", "language.npz"):
        (assets / name).write_bytes(b"old")
    monkeypatch.setattr(cache_module, "ASSETS", assets)
    for name in ("net.safetensors", "retarget.npz", "language.npz"):
        cache.keep(request, result)
        (assets / name).write_bytes(b"newer")
        assert cache.find(request) is None
    cache.keep(request, result)
    monkeypatch.setattr(cache_module, "_code", lambda: "other postprocessing")
    assert cache.find(request) is None


def test_the_least_used_go_first(cache: ResultCache, tmp_path: Path) -> None:
    rows = [made(tmp_path, name) for name in "abc"]
    cache.keep(*rows[0])
    small = replace(cache, most_bytes=int(2.5 * cache.used_bytes()))
    small.keep(*rows[1])
    for path in small.ours.iterdir():
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
    inside = next(cache.ours.iterdir())
    theirs = [
        cache.folder / "mine.txt",
        cache.folder / "result-0123456789abcdef0123456789abcdef" / "result.json",
        cache.ours / "mine.txt",
        cache.ours / "result-mine" / "result.json",
        cache.ours / ("a" * 32) / "result.json",  # without our mark
        inside / "mine.txt",
    ]
    for path in theirs:
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
    replace(cache, most_bytes=1).keep(*made(tmp_path, "b"))
    cache.clear()
    assert sorted(path for path in cache.folder.rglob("*") if path.is_file()) == sorted(theirs)


def test_what_a_killed_run_left_is_counted_and_cleared(cache: ResultCache, tmp_path: Path) -> None:
    cache.keep(*made(tmp_path))
    used = cache.used_bytes()
    left, fresh = cache.ours / "new-abcd1234", cache.ours / "new-abcd5678"
    for folder in (left, fresh):
        folder.mkdir()
        (folder / "speaker1.npz").write_bytes(bytes(1000))
        (folder / ".speaker2-x.npz").write_bytes(bytes(1000))
    os.utime(left, (1000, 1000))
    assert cache.used_bytes() == used + 1000
    cache.keep(*made(tmp_path, "b"))
    assert not left.exists()
    assert fresh.exists()  # another process writes it


def test_another_process_may_clear_meanwhile(
    cache: ResultCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.keep(*made(tmp_path))
    places = list(cache.ours.iterdir())
    monkeypatch.setattr(ResultCache, "_places", lambda self: iter(places))
    assert cache.used_bytes() > 0
    shutil.rmtree(cache.ours)
    assert cache.used_bytes() == 0
    cache.clear()
    cache._shrink()
