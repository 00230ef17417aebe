"""Faces as an animation-only layer of USD (.usda): ARKit's shapes as `blendShapeWeights`.

A `SkelAnimation` per speaker under the root prim `DualTalk`, for a character of any program to bind
(`rel skel:animationSource`) or a layer to reference: no mesh, no skeleton. Turns of the head and of
the eyes are custom attributes beside, since what a rig's joints are called is not known.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ..errors import InputError
from ..faces.shape_names import CONTROLS
from ..files import atomic
from ..motion import FloatArray, Motion
from . import live_link

SUFFIX = ".usda"
_TURNS = {"head": "Head", "leftEye": "LeftEye", "rightEye": "RightEye"}
_AXES = ("Pitch", "Yaw", "Roll")


def write(path: Path, motions: Mapping[str, Motion], first_frame: int) -> None:
    """Write motions as one layer, whole or not at all.

    Args:
        path: of the file.
        motions: by the name of the speaker's prim, in the ARKit basis, all of one rate, which is
            the layer's.
        first_frame: time code of the first frame.

    Raises:
        InputError: a motion is of another basis, or the folder cannot be written to.
    """
    rates = {motion.fps for motion in motions.values()}
    if len(rates) != 1 or any(motion.basis != "arkit" for motion in motions.values()):
        raise InputError(
            "A USD layer holds ARKit's shapes at one rate: use heads that have those shapes."
        )
    fps = rates.pop()
    last = first_frame + max(motion.n_frames for motion in motions.values()) - 1
    parts = [_header(fps, first_frame, last)]
    parts += [_prim(name, motion, first_frame) for name, motion in motions.items()]
    with atomic(path) as temporary:
        temporary.write_text("\n".join([*parts, "}\n"]), encoding="utf-8", newline="\n")


def _header(fps: float, first: int, last: int) -> str:
    return f"""#usda 1.0
(
    defaultPrim = "DualTalk"
    doc = "Weights of ARKit's blend shapes, and turns of head and eyes in degrees"
    endTimeCode = {last}
    framesPerSecond = {fps!r}
    metersPerUnit = 1
    startTimeCode = {first}
    timeCodesPerSecond = {fps!r}
    upAxis = "Z"
)

def Scope "DualTalk"
{{"""


def _prim(name: str, motion: Motion, first_frame: int) -> str:
    columns = dict(zip(live_link.COLUMNS, live_link.columns_of(motion).T, strict=True))
    weights = np.stack([columns[shape[0].upper() + shape[1:]] for shape in CONTROLS], axis=1)
    tokens = ", ".join(f'"{shape}"' for shape in CONTROLS)
    rows = [f"            {first_frame + i}: [{_numbers(row)}]," for i, row in enumerate(weights)]
    turns = "\n".join(
        _turn(attribute, [columns[f"{part}{axis}"] for axis in _AXES], first_frame)
        for attribute, part in _TURNS.items()
    )
    return f"""    def SkelAnimation "{name}"
    {{
        uniform token[] blendShapes = [{tokens}]
        float[] blendShapeWeights.timeSamples = {{
{chr(10).join(rows)}
        }}
{turns}
    }}
"""


def _turn(attribute: str, angles: list[FloatArray], first_frame: int) -> str:
    """Return pitch (down), yaw (to the own left) and roll (to the own left shoulder), degrees."""
    rows = [
        f"            {first_frame + i}: ({_numbers(np.degrees(row))}),"
        for i, row in enumerate(np.stack(angles, axis=1))
    ]
    return f"""        custom float3 userProperties:{attribute}.timeSamples = {{
{chr(10).join(rows)}
        }}"""


def _numbers(row: FloatArray) -> str:
    return ", ".join(f"{value:.6g}" for value in row.tolist())
