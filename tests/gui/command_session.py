"""What test_command.py runs where Blender is: the installed zip, and `blender --command dualtalk`.

    python command_session.py FOLDER ZIP BLENDER

FOLDER holds a.wav, b.wav and shots.toml. Writes found.json there: what each command printed.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

folder, zip_path, blender = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
TEMPORARY = folder / "tmp"
ENVIRONMENT = os.environ | {
    "BLENDER_USER_RESOURCES": str(folder / "blender"),
    "HOME": str(folder),
    "TMPDIR": str(TEMPORARY),
    "DUALTALK_PYTHON": sys.executable,
    "OMP_NUM_THREADS": "1",
}
#: The line that says that the network's process is on its way.
BEGUN = b"Predicting motion"


def ran(*words: str) -> dict[str, object]:
    """Run a command of ours in Blender, and return its exit code and what it printed."""
    done = subprocess.run(
        [blender, "--command", "dualtalk", *words],
        cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return {"code": done.returncode, "out": done.stdout, "err": done.stderr}


def stopped(number: int) -> dict[str, object]:
    """Send a signal while the sound is analysed; tell the exit code, and what is left."""
    words = ["animate", "a.wav", "b.wav", "--output", "stopped/x.blend"]
    with subprocess.Popen(
        [blender, "--command", "dualtalk", *words],
        cwd=folder, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        said = b""
        while BEGUN not in said and (line := process.stderr.readline()):
            said += line
        time.sleep(1.0)
        process.send_signal(number)
        code = process.wait(60)
        said += process.stderr.read()
    # Every file but Blender's own, and every process that was started for the work.
    left = [path for place in ("stopped", "tmp") for path in (folder / place).rglob("*")]
    return {
        "code": code,
        "err": said.decode(),
        "left": [str(path) for path in left if path.is_file()],
        "running": running("batch.analysis"),
    }


def running(word: str) -> list[str]:
    """Return the processes whose command names this."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if word in text:
            found.append(text)
    return found


TEMPORARY.mkdir(exist_ok=True)
install = ["extension", "install-file", "--repo", "user_default", "--enable", zip_path]
subprocess.run([blender, "--command", *install], env=ENVIRONMENT, check=True)
result: dict[str, object] = {
    "info": ran("info", "--json"),
    "predict": ran("predict", "a.wav", "b.wav", "--seed", "5", "--output", "out/p", "--json"),
    "missing": ran("predict", "nowhere.wav", "b.wav", "--output", "out/q", "--json"),
    "wrong": ran("animate", "a.wav"),
    "animate": ran("animate", "a.wav", "b.wav", "--output", "out/x.blend", "--json"),
    "stage": ran("stage", "out/x.blend", "--staging", "bench", "--output", "out/s.blend", "--json"),
    "batch": ran("batch", "shots.toml", "--json"),
    "again": ran("batch", "shots.toml", "--json"),
    "help": ran("--help"),
    "SIGINT": stopped(signal.SIGINT),
    "SIGTERM": stopped(signal.SIGTERM),
}
(folder / "found.json").write_text(json.dumps(result))
