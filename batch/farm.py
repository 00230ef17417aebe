"""Jobs for render farms: an Open Job Description bundle, and a Flamenco job type.

The bundle (jobtemplate-2023-09) is read by AWS Deadline Cloud as it is, and by `openjd run` on one
machine. Its three steps take one shot a task: analyse (the network), animate (the scene), preview
(the video). A task is `dualtalk batch SHOTS.toml --only SHOT --step STEP`, which does nothing where
the result is current: a job that is sent again does only what is missing.
"""

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..core.files import atomic
from ..core.paths import ROOT
from .making import make_folder
from .shot import STEPS, Shot

TEMPLATE, VALUES = "template.json", "parameter_values.json"
FLAMENCO = "flamenco-dualtalk.js"
#: What a host must have, by step; the network of a mixed track and the video want no more.
_MEMORY_MB = {"analyse": 2048, "animate": 2048, "preview": 2048}
_LIMIT_S = {"analyse": 3600, "animate": 3600, "preview": 14400}


def write(
    shots: Sequence[Shot], shot_file: Path, folder: Path, program: str = "dualtalk"
) -> tuple[Path, ...]:
    """Write the bundle and the Flamenco job type into a folder.

    Args:
        shots: what `shot_file` holds.
        shot_file: as the farm's machines see it.
        folder: where the files go.
        program: how the farm's machines call DualTalk.

    Raises:
        InputError: the folder cannot be written.
    """
    texts = {
        TEMPLATE: json.dumps(template(shots), indent=2) + "\n",
        VALUES: json.dumps(values(shots, shot_file, program), indent=2) + "\n",
        FLAMENCO: (ROOT / "batch" / "flamenco.js").read_text(encoding="utf-8"),
    }
    written = []
    for name, text in texts.items():
        path = folder / name
        make_folder(path)
        with atomic(path) as temporary:
            temporary.write_text(text, encoding="utf-8")
        written.append(path)
    return tuple(written)


def template(shots: Sequence[Shot]) -> dict[str, Any]:
    """Return the job template for these shots."""
    steps = []
    before: str | None = None
    for step in STEPS:
        names = [shot.name for shot in shots if step in shot.steps()]
        if not names:
            continue
        steps.append(_step(step, names, before))
        before = _title(step)
    return {
        "specificationVersion": "jobtemplate-2023-09",
        "name": "DualTalk {{Param.JobName}}",
        "parameterDefinitions": [
            {"name": "JobName", "type": "STRING", "default": "shots", "maxLength": 64},
            {
                "name": "ShotFile",
                "type": "PATH",
                "objectType": "FILE",
                "dataFlow": "IN",
                "description": "The TOML file of the shots; sounds and outputs lie beside it.",
            },
            {
                "name": "Program",
                "type": "STRING",
                "default": "dualtalk",
                "description": "How the machines call DualTalk, as a shell would read it.",
            },
        ],
        "steps": steps,
    }


def values(shots: Sequence[Shot], shot_file: Path, program: str) -> dict[str, Any]:
    """Return the parameters' values, as Deadline Cloud's bundles hold them."""
    name = shot_file.stem[:40] or "shots"
    return {
        "parameterValues": [
            {"name": "JobName", "value": f"{name}: {len(shots)} shots"},
            {"name": "ShotFile", "value": str(shot_file.resolve())},
            {"name": "Program", "value": program},
        ]
    }


def command_of(program: str, shot_file: Path, shot: str, step: str) -> list[str]:
    """Return the words of the command that does one step of one shot."""
    return [*shlex.split(program), "batch", str(shot_file), "--only", shot, "--step", step]


def _step(step: str, names: list[str], before: str | None) -> dict[str, Any]:
    # The program may be several words (a module of some Python), so that a shell parts them; all
    # else is quoted by being arguments of the script.
    script = 'set -eu\nexec {{Param.Program}} batch "$1" --only "$2" --step "$3"\n'
    found: dict[str, Any] = {
        "name": _title(step),
        "parameterSpace": {
            "taskParameterDefinitions": [{"name": "Shot", "type": "STRING", "range": names}]
        },
        "hostRequirements": {
            "amounts": [
                {"name": "amount.worker.vcpu", "min": 1},
                {"name": "amount.worker.memory", "min": _MEMORY_MB[step]},
            ],
            "attributes": [{"name": "attr.worker.os.family", "anyOf": ["linux"]}],
        },
        "script": {
            "embeddedFiles": [
                {"name": "Run", "type": "TEXT", "runnable": True, "data": "#!/bin/sh\n" + script}
            ],
            "actions": {
                "onRun": {
                    "command": "{{Task.File.Run}}",
                    "args": ["{{Param.ShotFile}}", "{{Task.Param.Shot}}", step],
                    "timeout": _LIMIT_S[step],
                    "cancelation": {"mode": "NOTIFY_THEN_TERMINATE", "notifyPeriodInSeconds": 15},
                }
            },
        },
    }
    if before is not None:
        found["dependencies"] = [{"dependsOn": before}]
    return found


def _title(step: str) -> str:
    return step.capitalize()
