"""Devices are chosen by name or by measurement, and a measurement is made once per machine."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from dualtalk.core.errors import DeviceError
from dualtalk.inference import devices


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A machine that nothing is known of; the file that its measurement goes to."""
    monkeypatch.setenv("DUALTALK_CACHE", str(tmp_path))
    devices._measured.cache_clear()
    threads = torch.get_num_threads()
    yield tmp_path / "machine.json"
    torch.set_num_threads(threads)
    devices._measured.cache_clear()


def test_the_cpu_is_always_there() -> None:
    assert devices.available()[-1] == "cpu"
    assert devices.choose("cpu") == torch.device("cpu")
    assert devices.choose("auto").type == devices.available()[0]


def test_a_missing_device_says_what_is_there() -> None:
    missing = next(name for name in ("mps", "cuda") if name not in devices.available())
    with pytest.raises(DeviceError, match="choose auto"):
        devices.choose(missing)


def test_a_machine_is_measured_once(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = devices._measured()
    assert first["threads"] >= 1
    assert fresh.exists()
    devices._measured.cache_clear()
    known = fresh.read_text()
    torch.set_num_threads(int(known.split("at most ")[1].split('"')[0]))
    monkeypatch.setattr(devices, "_measure", lambda: pytest.fail("measured again"))
    assert devices._measured() == first


def test_a_damaged_measurement_is_made_again(fresh: Path) -> None:
    fresh.write_text("{")
    assert devices._measured()["threads"] >= 1
    assert fresh.read_text() != "{"
