"""The manifest beside every output: what it was made from, with what, and that it is whole.

`sc010.blend` has `sc010.blend.dualtalk.json` beside it. It is written after the output, so that an
output without a manifest that names its bytes is one that was not finished, and is made anew.
"""

import functools
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..core.damage import json_file
from ..core.errors import InputError
from ..core.files import atomic
from ..core.paths import ASSETS
from ..core.version import VERSION
from .shot import Shot

SUFFIX = ".dualtalk.json"
_FORMAT = 1
_BLOCK = 1 << 20
#: What decides each step, beside what decides the step before it.
_DECIDES = {
    "analyse": (
        *("sounds", "face_a", "face_b", "mixed", "turns", "voice_a", "swap_voices", "duration"),
        "checkpoint",
        *("device", "precision", "window", "seed", "raw", "sentence"),
    ),
    "animate": ("staging", "scene", "characters", "cuts", "fps"),
    "preview": (),
}
#: The step that gives each kind of output.
STEP_OF = {"motion": "analyse", "preview": "preview"}
_FILES = ("sounds", "face_a", "face_b", "mixed", "turns", "voice_a", "checkpoint", "scene")


def sha256(path: Path) -> str:
    """Return the hash of a file's bytes; a file that did not change is read once.

    Raises:
        InputError: the file is not there or cannot be read.
    """
    try:
        if not path.is_file():
            raise InputError(f"{path} does not exist or is no file.")
        found = path.stat()
        return _hashed(path, found.st_size, found.st_mtime_ns)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}).") from error


def step_hash(shot: Shot, step: str) -> str:
    """Return what decides the result of a step: settings, contents of all inputs, version.

    Raises:
        InputError: an input is missing.
    """
    decides: dict[str, Any] = {"version": VERSION, "format": _FORMAT}
    for each in ("analyse", "animate", "preview"):
        for name in _DECIDES[each]:
            decides[name] = _content(shot, name)
        if each == step:
            break
    if step == "analyse" and shot.mixed is not None:
        decides["staging"] = shot.staging  # the network of one mixed track hears in a space
    if step != "analyse":
        decides["voice_lights"] = shot.outputs.preview is not None
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()


def path_of(output: Path) -> Path:
    """Return where the manifest of an output is."""
    return output.with_name(output.name + SUFFIX)


def write(
    output: Path, shot: Shot, kind: str, made_with: Mapping[str, Any], measures: Mapping[str, Any]
) -> None:
    """Write the manifest of an output that is whole."""
    step = STEP_OF.get(kind, "animate")
    facts = {
        "format": _FORMAT,
        "dualtalk": VERSION,
        "output": {"name": output.name, "kind": kind, "bytes": output.stat().st_size},
        "sha256": sha256(output),
        "step": step,
        "made_from": step_hash(shot, step),
        "inputs": [
            {"path": _relative(path, output), "sha256": sha256(path)} for path in _read_by(shot)
        ],
        "shot": shot.to_json() | {"outputs": None},
        "seed": shot.seed,
        "made_with": dict(made_with),
        "measures": dict(measures),
    }
    with atomic(path_of(output)) as temporary:
        temporary.write_text(json.dumps(facts, indent=1), encoding="utf-8")


def is_current(output: Path, shot: Shot, kind: str) -> bool:
    """Tell whether an output is there, whole, and what the shot would give now."""
    facts = read(output)
    if facts is None or not output.is_file():
        return False
    return (
        facts.get("made_from") == step_hash(shot, STEP_OF.get(kind, "animate"))
        and facts.get("output", {}).get("bytes") == output.stat().st_size
        and facts.get("sha256") == sha256(output)
    )


def read(output: Path) -> dict[str, Any] | None:
    """Return the manifest of an output, or None if it has none that can be read."""
    path = path_of(output)
    try:
        facts = json_file(path)
    except (OSError, ValueError):
        return None
    return facts if isinstance(facts.get("output"), dict) else None


def _content(shot: Shot, name: str) -> Any:
    value = getattr(shot, name)
    if name not in _FILES:
        return list(value) if isinstance(value, tuple) else value
    if name == "checkpoint":
        return [sha256(path) for path in _networks(shot)]
    if isinstance(value, tuple):
        return [sha256(path) for path in value]
    return None if value is None else sha256(value)


def _networks(shot: Shot) -> tuple[Path, ...]:
    """Return the weights that the shot uses."""
    if shot.checkpoint is not None:
        return (shot.checkpoint,)
    names = ("mixed", "turns") if shot.mixed is not None else ("dualtalk",)
    found = [ASSETS / f"{name}.safetensors" for name in names]
    return tuple(path for path in found if path.is_file())


def _read_by(shot: Shot) -> tuple[Path, ...]:
    return tuple(dict.fromkeys((*shot.inputs(), *_networks(shot))))


def _relative(path: Path, output: Path) -> str:
    """Return a path as seen from the output's folder, so that both can move together."""
    try:
        return Path(os.path.relpath(path.resolve(), output.parent.resolve())).as_posix()
    except ValueError:  # another drive
        return str(path)


@functools.lru_cache(maxsize=4096)
def _hashed(path: Path, _size: int, _changed_ns: int) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
