"""The command for whoever has a graphics card runs in a Python that has four libraries alone."""

import importlib.util
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: What is installed, and what that needs.
LIBRARIES = (
    *("torch", "torchgen", "functorch", "numpy", "scipy", "safetensors"),
    *("sympy", "mpmath", "networkx", "jinja2", "markupsafe", "filelock", "fsspec"),
    "typing_extensions",
)


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """Return a Python that sees these libraries and no others."""
    venv.create(tmp_path / "bare", symlinks=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = tmp_path / "bare" / "lib" / version / "site-packages"
    for name in LIBRARIES:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            continue
        found = Path(spec.origin)
        found = found.parent if found.name == "__init__.py" else found
        for each in (found, found.with_name(f"{name}.libs")):
            if each.exists():
                (packages / each.name).symlink_to(each)
    return tmp_path / "bare" / "bin" / "python"


@pytest.mark.skipif(os.name != "posix", reason="a shell script")
def test_it_runs_in_a_bare_python(bare: Path) -> None:
    lacks = subprocess.run([bare, "-c", "import soundfile"], capture_output=True, check=False)
    assert lacks.returncode
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        ["bash", ROOT / "scripts" / "gpu_check.sh", bare, "cpu"],
        capture_output=True, text=True, check=False, env=environment | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert "repeats identical: True" in done.stdout
    for mode in ("baseline", "float32", "bfloat16", "float16"):
        assert f"tiny     {mode}" in done.stdout
