"""What workers take is measured on real processes, and a worker has one heap."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_NEEDS = "needs the packages of 'make setup-curation'"
pytestmark = pytest.mark.skipif(
    not Path("/proc/self/smaps_rollup").is_file(), reason="only Linux says what is shared"
)

_TAKES = "held = bytearray(60_000_000); import time; time.sleep(1)"
_HEAPS = """
import ctypes, threading
from dualtalk.curation.engine import memory
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = [ctypes.c_size_t]

def heaps(path):
    file = ctypes.c_void_p(libc.fopen(path.encode(), b"w"))
    libc.malloc_info(0, file)
    libc.fclose(file)
    return open(path).read().count("<heap nr")

def work():
    for _ in range(6):
        thread = threading.Thread(target=lambda: (libc.malloc(50_000), done.wait()))
        thread.start()
        threads.append(thread)
    return heaps(PATH)

done, threads = threading.Event(), []
if SAVES:
    memory.save_memory()
before = heaps(PATH)
print(work() - before)
done.set()
"""


@pytest.fixture
def memory() -> Any:
    pytest.importorskip("cv2", reason=_NEEDS)
    pytest.importorskip("mediapipe", reason=_NEEDS)
    from dualtalk.curation.evaluation import memory

    return memory


def _new_heaps(tmp_path: Path, is_saving: bool) -> int:
    script = f"PATH, SAVES = {str(tmp_path / 'heaps.xml')!r}, {is_saving}\n{_HEAPS}"
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=300
    )
    return int(run.stdout)


def test_threads_of_a_worker_share_one_heap(tmp_path: Path) -> None:
    if "glibc" not in os.confstr("CS_GNU_LIBC_VERSION"):
        pytest.skip("another C library has other heaps")
    pytest.importorskip("torch")
    assert _new_heaps(tmp_path, is_saving=False) > 0
    assert _new_heaps(tmp_path, is_saving=True) == 0


def test_what_is_shared_is_counted_once(memory: Any) -> None:
    size = memory.size_of(os.getpid())
    assert 0 < size.own <= size.pss <= size.own + size.shared
    assert memory.size_of(2**30) == memory.Size()  # no process of this number


def test_two_workers_are_measured_at_the_same_time(
    memory: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def commands(*_: object) -> Iterator[list[str]]:
        for _ in range(2):
            yield [sys.executable, "-c", _TAKES]

    monkeypatch.setattr(memory, "_commands", commands)
    taken = memory.measured(tmp_path, 2)
    assert 120 < taken.together_mb <= taken.rss_mb < 400
    assert taken.cpu_s > 0


def test_a_worker_that_fails_is_no_measurement(
    memory: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dualtalk.core.errors import InputError

    monkeypatch.setattr(memory, "_commands", lambda *_: iter([[sys.executable, "-c", "1 / 0"]]))
    with pytest.raises(InputError, match="ZeroDivisionError"):
        memory.measured(tmp_path, 1)


def test_the_table_says_what_is_held(memory: Any) -> None:
    held, missed = (
        memory.Taken(1000.0, 950.0, 1300.0, 700.0, 9.0),
        memory.Taken(1500.0, 1400.0, 1900.0, 700.0, 9.0),
    )
    text = memory.report([("scenes", held), ("clips", missed)], 2)
    assert "| 2 workers, scenes | 1200 MB | 1000 MB | held |" in text
    assert "| 2 workers, clips | 1200 MB | 1500 MB | **missed** |" in text
    assert "700" not in text
    text = memory.report([("scenes", held)], 2, "ray")
    assert "| 2 actors of Ray, scenes | 1200 MB | 1000 MB | held |" in text
    assert "its driver beside them (PSS) | | 700 MB |" in text


def test_every_actor_of_ray_is_given_a_copy(memory: Any, tmp_path: Path) -> None:
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "a.mp4").write_bytes(b"a video")
    (command,) = memory._commands(tmp_path / "given", 2, "ray", tmp_path)
    videos = Path(command[command.index("--silent") + 1])
    assert sorted(p.read_bytes() for p in videos.rglob("*.mp4")) == [b"a video"] * 2
