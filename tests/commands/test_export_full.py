"""A disk that fills up while Blender writes Alembic, which ends Blender: one line, nothing lost."""

import threading
import time
from pathlib import Path

import pytest
from dualtalk.cli import main
from dualtalk.core.files import UNFINISHED
from dualtalk.tests.commands.small_disk import fill, small_disk

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")


@pytest.fixture
def blend(tmp_path: Path, conversation: bpy.types.Scene) -> Path:
    """Return a saved scene of a few frames."""
    conversation.frame_end = conversation.frame_start + 3
    path = tmp_path / "x.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True)
    return path


def fill_once_begun(folder: Path, seconds: float = 120) -> None:
    """Fill the disk as soon as the file is begun, for which room had been asked before."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if list(folder.glob(f"{UNFINISHED}*")):
            fill(folder, 0)
            return
        time.sleep(0.005)


def test_the_disk_fills_up_while_alembic_is_written(
    blend: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with small_disk(tmp_path / "disk", 16 << 20) as folder:
        old = folder / "x.abc"
        old.write_bytes(b"old")
        other = threading.Thread(target=fill_once_begun, args=(folder,))
        other.start()
        code = main(["export", str(blend), str(old)])
        other.join()
        assert code == 1
        assert old.read_bytes() == b"old"
        assert {path.name for path in folder.iterdir()} == {"x.abc", "fill"}
        said = [line for line in capsys.readouterr().err.splitlines() if "error: " in line]
        assert len(said) == 1
        assert "disk" in said[0]
        (folder / "fill").unlink()
        assert main(["export", str(blend), str(old)]) == 0
        assert old.stat().st_size > 100_000
