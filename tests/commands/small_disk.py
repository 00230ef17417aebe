"""A small disk that is full: a tmpfs, where this user may mount one (root)."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


@contextlib.contextmanager
def small_disk(folder: Path, n_bytes: int) -> Iterator[Path]:
    """Give a folder on a disk of its own of a size; skip the test without the right to mount."""
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={n_bytes}"]
    try:
        done = subprocess.run(["mount", *options, "none", folder], capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("no disk can be mounted here")
    if done.returncode:
        pytest.skip("only root may mount a disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder: Path, left: int) -> None:
    """Fill a disk but for so many bytes."""
    with open(folder / "fill", "wb", buffering=0) as file:
        with contextlib.suppress(OSError):
            while file.write(b"x" * 65_536):
                pass
        with contextlib.suppress(OSError):
            while file.write(b"x" * 4096):
                pass
        file.truncate(max(0, file.tell() - left))
