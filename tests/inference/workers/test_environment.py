"""The network's own Python is made whole from a folder of wheels, or not at all."""

import sys
import zipfile
from pathlib import Path

import pytest
from dualtalk.core.errors import DualTalkError, InputError
from dualtalk.core.jobs import libraries
from dualtalk.core.jobs.requests import InstallRequest
from dualtalk.core.jobs.worker_process import WorkerProcess
from dualtalk.core.progress import silent
from dualtalk.inference.workers import environment

PYTHON = Path(sys.executable)


def wheel(folder: Path, name: str, code: str) -> None:
    """Write a package of one module as a wheel."""
    info = f"{name}-1.0.dist-info"
    files = {
        f"{name}.py": code,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in (*files, f"{info}/RECORD"))
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)


def installing(tmp_path: Path, *libraries: str, **options: object) -> InstallRequest:
    return InstallRequest(
        str(tmp_path / "environment"),
        wheels=str(tmp_path / "wheels"),
        libraries=libraries,
        is_checked=False,
        **options,
    )


def test_an_environment_is_made_from_a_folder_of_wheels(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    wheel(tmp_path / "wheels", "first_library", "value = 7")
    heard: list[str] = []
    WorkerProcess(PYTHON, installing(tmp_path, "first_library")).wait(
        lambda _, text: heard.append(text)
    )
    assert "making the environment" in heard
    made = tmp_path / "environment"
    assert list(made.glob("**/site-packages/first_library.py"))
    assert libraries.python_in(made).exists()
    assert not (tmp_path / "environment.new").exists()


def test_what_cannot_be_installed_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    (tmp_path / "environment").mkdir()
    (tmp_path / "environment" / "kept.txt").write_text("kept")
    with pytest.raises(DualTalkError, match=r"No matching distribution.*folder that has wheels"):
        WorkerProcess(PYTHON, installing(tmp_path, "no_such_library")).wait(silent)
    assert (tmp_path / "environment" / "kept.txt").read_text() == "kept"
    assert not (tmp_path / "environment.new").exists()


def test_a_missing_folder_of_wheels_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        WorkerProcess(PYTHON, installing(tmp_path, "first_library")).wait(silent)


def test_another_python_makes_it_where_blenders_lacks_the_installer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking = tmp_path / "blenders-python"
    lacking.write_text("#!/bin/sh\necho 'No module named ensurepip' >&2\nexit 1\n")
    lacking.chmod(0o755)
    other = tmp_path / "bin" / "python3.12"
    other.parent.mkdir()
    other.write_text(f'#!/bin/sh\nexec "{PYTHON.resolve()}" "$@"\n')
    other.chmod(0o755)
    monkeypatch.setattr(environment.sys, "executable", str(lacking))
    monkeypatch.setenv("PATH", str(other.parent))
    environment._make(tmp_path / "made")
    assert libraries.python_in(tmp_path / "made").exists()
    other.unlink()
    with pytest.raises(DualTalkError, match=r"lacks ensurepip.*python3-venv"):
        environment._make(tmp_path / "none")


def locked() -> dict[str, list[str]]:
    """Return each line of the lock that pins a package, with its hashes."""
    found: dict[str, list[str]] = {}
    for line in environment.LOCK.read_text().splitlines():
        if line.startswith("    --hash=sha256:"):
            found[pin].append(line.strip(" \\").partition(":")[2])  # noqa: F821 - a pin comes first
        elif not line.startswith("#"):
            pin = line.rstrip(" \\")
            found[pin] = []
    return found


def test_over_the_network_every_file_has_a_known_hash(tmp_path: Path) -> None:
    command = environment.pip_command(InstallRequest(str(tmp_path)), PYTHON)
    assert command[-3:] == ["--require-hashes", "--requirement", str(environment.LOCK)]
    pins = locked()
    assert {pin.partition("==")[0] for pin in pins} >= set(libraries.LIBRARIES)
    assert all(hashes and all(len(h) == 64 for h in hashes) for hashes in pins.values())


def test_the_lock_has_the_versions_that_the_tests_run_with() -> None:
    versions = {pin.partition(" ")[0] for pin in locked()}
    tested = [
        line.partition(";")[0].strip() for line in environment.CONSTRAINTS.read_text().splitlines()
    ]
    names = {version.partition("==")[0] for version in versions}
    lacking = [t for t in tested if t.partition("==")[0] in names and t not in versions]
    assert lacking == []


def test_another_registry_gives_its_own_builds_of_the_same_versions(tmp_path: Path) -> None:
    asked = InstallRequest(str(tmp_path), index="file:///registry")
    command = environment.pip_command(asked, PYTHON)
    assert "--require-hashes" not in command
    assert command[command.index("--index-url") + 1] == "file:///registry"
    assert command[command.index("--constraint") + 1] == str(environment.CONSTRAINTS)
