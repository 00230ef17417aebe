"""A real Blender with a window that nobody sees, and the extension's zip for it."""

import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import dualtalk
import pytest
from dualtalk.core.jobs import libraries

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent


class Window:
    """Runs sessions in a window of their own."""

    def __init__(self, pictures: Path) -> None:
        self._pictures = pictures
        subprocess.run(
            [sys.executable, ROOT / "scripts" / "build_extension.py"], check=True, cwd=ROOT
        )

    def folder(self, name: str) -> Path:
        """Return an empty or older folder for what a session makes."""
        folder = self._pictures / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def run(self, session: str, work: Path, *arguments: Path) -> dict[str, Any]:
        """Run a session (a script of this folder) and return what it found, with Blender's log."""
        zip_path = ROOT / "dist" / f"dualtalk-{dualtalk.__version__}.zip"
        given = map(str, (zip_path, _python_for(work), *arguments))
        subprocess.run(_command(session, work, *given), check=False, timeout=900)
        log = (work / "blender.log").read_text(errors="replace")
        assert (work / "found.json").is_file(), log[-3000:]
        read: dict[str, Any] = json.loads((work / "found.json").read_text())
        assert read["error"] == "", read["error"] + log[-3000:]
        return {**read, "log": log, "survived": (work / "worker_survived").exists()}

    def run_without_window(self, session: str, work: Path) -> dict[str, Any]:
        """Run a session for our Python beside Blender, and return what it found."""
        zip_path = ROOT / "dist" / f"dualtalk-{dualtalk.__version__}.zip"
        words = [sys.executable, str(HERE / session), str(work), str(zip_path), _blender()]
        done = subprocess.run(
            _inside(work, words), capture_output=True, text=True, check=False, timeout=3000
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        read: dict[str, Any] = json.loads((work / "found.json").read_text())
        return read


def _blender() -> str:
    return os.environ.get("DUALTALK_BLENDER", "blender")


def _bound_folders(work: Path, *others: Path) -> list[Path]:
    """Return what Blender's own file system lacks: this checkout, its Python, the work folder."""
    pythons = (Path(sys.prefix), Path(sys.base_prefix), *map(Path, sys.path))
    folders = sorted({path.resolve() for path in (ROOT, *pythons, work, *others) if path.is_dir()})
    return [
        path for path in folders if not any(path.is_relative_to(o) for o in folders if o != path)
    ]


def _command(session: str, work: Path, *arguments: str) -> list[str]:
    """Return the command that runs a session in a window."""
    started = [str(HERE / "start.sh"), _blender(), str(HERE / session), str(work), *arguments]
    return _inside(work, started)


def _inside(work: Path, started: list[str]) -> list[str]:
    """Return the command that runs these words, in a file system of its own if there is one."""
    root = os.environ.get("DUALTALK_GUI_ROOT")
    if not root:
        return started
    lines = [f"mount -t proc proc {root}/proc", f"mount --rbind /dev {root}/dev"]
    lines += [f"mount -t tmpfs none {root}/tmp"]
    given = [Path(word) for word in started if word.startswith("/")]
    for folder in _bound_folders(work, *given):
        inside = shlex.quote(root + str(folder))
        lines += [f"mkdir -p {inside}", f"mount --bind {shlex.quote(str(folder))} {inside}"]
    script = " && ".join([*lines, f"exec chroot {root} {shlex.join(started)}"])
    # Its own processes end with it; without a network nothing can be fetched unnoticed.
    return ["unshare", "--mount", "--pid", "--net", "--fork", "--kill-child", "bash", "-c", script]


def _python_for(work: Path) -> Path:
    """Write a Python into the work folder that is this one: pictures show no checkout's path."""
    python = work / "python3"
    python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    python.chmod(0o755)
    return python


@pytest.fixture(scope="session")
def packages() -> Path:
    """Every library of the network as a file, from the index that this machine's pip is set up for.

    They are fetched once for each state of constraints.txt and kept in the cache.
    """
    constraints = ROOT / "constraints.txt"
    cache = Path(os.environ.get("DUALTALK_CACHE") or Path.home() / ".cache" / "dualtalk")
    folder = cache / f"packages-{hashlib.sha256(constraints.read_bytes()).hexdigest()[:12]}"
    if folder.is_dir():
        return folder
    new = folder.with_suffix(".new")
    shutil.rmtree(new, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary", ":all:"]
    wanted = [*libraries.LIBRARIES, *libraries.OPTIONAL]
    done = subprocess.run(
        [*command, "--constraint", constraints, "--dest", new, *wanted],
        capture_output=True, text=True, check=False, timeout=1800,
    )  # fmt: skip
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        pytest.skip(f"pip reaches no package index that has them: {said[-1] if said else ''}")
    new.rename(folder)
    return folder


@pytest.fixture(scope="session")
def window(tmp_path_factory: pytest.TempPathFactory) -> Window:
    """A real window, where there is a Blender that has one."""
    if not os.environ.get("DUALTALK_GUI_ROOT") and not os.environ.get("DUALTALK_BLENDER"):
        pytest.skip("needs a Blender with a window: run 'make test-gui'")
    return Window(Path(os.environ.get("DUALTALK_GUI_OUT") or tmp_path_factory.mktemp("gui")))
