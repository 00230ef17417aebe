"""Jobs for farms: Open Job Description's own tool accepts and runs them, Flamenco's compiles."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from dualtalk import cli
from dualtalk.batch import farm, making, shot_file
from dualtalk.core.motion import Motion

FLAMENCO = Path(farm.__file__).with_name("flamenco.js")


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """Three real shots of half a second: two of motion alone, one with a scene and a video."""
    generator = np.random.default_rng(2)
    for name in "ab":
        soundfile.write(tmp_path / f"{name}.wav", 0.1 * generator.standard_normal(8_000), 16_000)
    path = tmp_path / "shots.toml"
    path.write_text(
        """
[defaults]
sounds = ["a.wav", "b.wav"]
[[shot]]
name = "sh010"
outputs.motion = "out/sh010"
[[shot]]
name = "sh020"
seed = 4
outputs.motion = "out/sh020"
[[shot]]
name = "sh030"
fps = 12
outputs = { motion = "out/sh030", scene = "out/sh030.blend", preview = "out/sh030.mp4" }
""",
        encoding="utf-8",
    )
    return path


def openjd(*words: str) -> "subprocess.CompletedProcess[str]":
    program = Path(sys.executable).with_name("openjd")
    if not program.is_file():
        pytest.skip("openjd-cli is not installed (extra dev)")
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [str(program), *words], capture_output=True, text=True, check=False, env=environment
    )


def test_the_bundle_passes_openjds_check(shots: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["farm", str(shots), "--json"]) == 0
    written = [Path(path) for path in json.loads(capsys.readouterr().out)["outputs"]]
    assert [path.name for path in written] == [farm.TEMPLATE, farm.VALUES, farm.FLAMENCO]
    done = openjd("check", str(written[0]))
    assert done.returncode == 0, done.stdout + done.stderr
    template = json.loads(written[0].read_text())
    assert [step["name"] for step in template["steps"]] == ["Analyse", "Animate", "Preview"]
    tasks = [
        step["parameterSpace"]["taskParameterDefinitions"][0]["range"] for step in template["steps"]
    ]
    assert tasks == [["sh010", "sh020", "sh030"], ["sh030"], ["sh030"]]
    named = {each["name"] for each in template["parameterDefinitions"]}
    values = json.loads(written[1].read_text())["parameterValues"]
    assert {each["name"] for each in values} == named


def test_openjd_runs_three_shots_to_their_end(shots: Path, tmp_path: Path) -> None:
    bundle = farm.write(shot_file.read(shots), shots, tmp_path / "farm")[0]
    program = f"{sys.executable} -m dualtalk.entry"
    done = openjd(
        "run", str(bundle), "-p", f"ShotFile={shots}", "-p", f"Program={program}",
        "-p", "JobName=test",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    for shot in shot_file.read(shots):
        assert making.todo(shot) == ()
        for path in shot.outputs.files()["motion"]:
            assert Motion.load(path).n_frames == 13
    assert (tmp_path / "out" / "sh030.mp4").stat().st_size > 1000


_HARNESS = """
const vm = require("vm"), fs = require("fs");
const tasks = [];
const author = {
  Task: (name, type) => ({ name, type, commands: [], before: [],
    addCommand(c) { this.commands.push(c); }, addDependency(t) { this.before.push(t.name); } }),
  Command: (name, parameters) => ({ name, parameters }),
};
const source = fs.readFileSync(process.argv[1], "utf8") + "\\n;({ JOB_TYPE, compileJob })";
const { JOB_TYPE, compileJob } = vm.runInNewContext(source, { author });
const settings = Object.fromEntries(JOB_TYPE.settings.map((s) => [s.key, s.default]));
Object.assign(settings, JSON.parse(process.argv[2]));
try {
  compileJob({ settings, addTask: (t) => tasks.push(t) });
  console.log(JSON.stringify({ JOB_TYPE, tasks }));
} catch (error) { console.log(JSON.stringify({ error: String(error) })); }
"""


def compiled(settings: dict[str, str]) -> dict[str, object]:
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no JavaScript engine (node) here")
    words = [node, "-e", _HARNESS, str(FLAMENCO), json.dumps(settings)]
    printed = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    found: dict[str, object] = json.loads(printed)
    return found


def test_flamenco_makes_a_chain_of_tasks_for_each_shot() -> None:
    found = compiled({"shot_file": "/job/shots.toml", "shots": "sh010, sh020"})
    tasks = found["tasks"]
    assert [task["name"] for task in tasks] == [  # type: ignore[attr-defined]
        f"{shot} {step}" for shot in ("sh010", "sh020") for step in making.STEPS
    ]
    assert [task["before"] for task in tasks[:3]] == [  # type: ignore[index]
        [], ["sh010 analyse"], ["sh010 animate"],
    ]  # fmt: skip
    command = tasks[4]["commands"][0]  # type: ignore[index]
    assert command["name"] == "exec"
    words = [command["parameters"]["exe"], *command["parameters"]["args"]]
    wanted = farm.command_of("dualtalk", Path("/job/shots.toml"), "sh020", "animate")
    assert words == wanted
    kinds = {"string", "int32", "float", "bool"}
    assert {each["type"] for each in found["JOB_TYPE"]["settings"]} <= kinds  # type: ignore[index]


def test_flamenco_refuses_a_job_that_does_nothing() -> None:
    assert "nothing" in str(compiled({"shot_file": "x", "shots": " , "})["error"])
    assert "steps" in str(compiled({"shot_file": "x", "shots": "a", "steps": "dance"})["error"])
