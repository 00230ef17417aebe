"""A process that is told to stop ends its children, whatever it was doing with them."""

import os
import signal
import subprocess
import sys

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
