"""A process that is told to stop ends its children, whatever it was doing with them."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

#: Waits for a child that does as it is told, or not; says its number first.
_PARENT = """
import subprocess, sys
from dualtalk.core import stopping
stopping.install()
deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" if "deaf" in sys.argv else ""
code = deaf + "import time; print(flush=True); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
with stopping.cleared_on_stop(lambda: stopping.end_child(child, float(sys.argv[1]))):
    child.stdout.readline()
    print(child.pid, flush=True)
    child.wait()
"""


@pytest.mark.skipif(os.name != "posix", reason="Windows has other signals")
@pytest.mark.parametrize("words", [["0"], ["300"], ["0.3", "deaf"]])
def test_a_child_that_is_waited_for_ends_with_its_parent(words: list[str]) -> None:
    """Far sooner than patience would end where the child does as it is told."""
    command = [sys.executable, "-c", _PARENT, *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 128 + signal.SIGTERM
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


#: Ends as the command line does, with something that looks like Blender's module.
_WITH_BLENDER = """
import sys, types
from dualtalk.core import stopping
app = types.SimpleNamespace(binary_path="", tempdir=sys.argv[1])
sys.modules["bpy"] = types.SimpleNamespace(app=app)
stopping.leave_for_good(3)
"""


@pytest.mark.parametrize(("name", "stays"), [("blender_a1b2c3", False), ("mine", True)])
def test_blenders_folder_for_temporary_files_goes_with_it(
    name: str, stays: bool, tmp_path: Path
) -> None:
    folder = tmp_path / name
    folder.mkdir()
    done = subprocess.run([sys.executable, "-c", _WITH_BLENDER, str(folder)], check=False)
    assert done.returncode == 3
    assert folder.exists() == stays
