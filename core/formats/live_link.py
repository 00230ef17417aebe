"""Live Link Face CSV: a captured face as Epic's phone app records it, read and written.

The first line names a timecode, a count and 61 columns. A timecode is `HH:MM:SS:FF.fff`, whose FF
counts sixtieths of a second at any rate. Columns are found by name, since recorders order them
differently. Angles are radians: yaw to the person's own left, pitch down and roll towards the own
left shoulder are positive, as in `core.motion`.
"""

import csv
import io
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from ..damage import opened
from ..directing.gaze_curves import EYE_LIMITS_RAD
from ..errors import InputError
from ..files import together
from ..motion import FloatArray, Motion
from ..names import ARKIT_INDEX, ARKIT_SHAPES, JAW_OPEN_RAD

#: The 61 columns in the order of Epic's importer.
COLUMNS: tuple[str, ...] = tuple(
    """EyeBlinkLeft EyeLookDownLeft EyeLookInLeft EyeLookOutLeft EyeLookUpLeft EyeSquintLeft
    EyeWideLeft EyeBlinkRight EyeLookDownRight EyeLookInRight EyeLookOutRight EyeLookUpRight
    EyeSquintRight EyeWideRight JawForward JawRight JawLeft JawOpen MouthClose MouthFunnel
    MouthPucker MouthRight MouthLeft MouthSmileLeft MouthSmileRight MouthFrownLeft MouthFrownRight
    MouthDimpleLeft MouthDimpleRight MouthStretchLeft MouthStretchRight MouthRollLower
    MouthRollUpper MouthShrugLower MouthShrugUpper MouthPressLeft MouthPressRight
    MouthLowerDownLeft MouthLowerDownRight MouthUpperUpLeft MouthUpperUpRight BrowDownLeft
    BrowDownRight BrowInnerUp BrowOuterUpLeft BrowOuterUpRight CheekPuff CheekSquintLeft
    CheekSquintRight NoseSneerLeft NoseSneerRight TongueOut HeadYaw HeadPitch HeadRoll LeftEyeYaw
    LeftEyePitch LeftEyeRoll RightEyeYaw RightEyePitch RightEyeRoll""".split()
)
_HEAD = [COLUMNS.index(f"Head{axis}") for axis in ("Pitch", "Yaw", "Roll")]
_EYES = [[COLUMNS.index(f"{side}Eye{axis}") for axis in ("Pitch", "Yaw")]
         for side in ("Left", "Right")]  # fmt: skip
_LEADING = ("Timecode", "BlendShapeCount")
_TICKS_HZ = 60
_DAY_S = 24 * 3600.0
#: Jaw to the side at ARKit's jawLeft = 1, radians.
_JAW_SIDE_RAD = 0.12
#: More than this is no recording of a dialogue: rows of four hours at 60 per second, and a rate.
_MAX_ROWS, _MAX_FPS, _MAX_LINE = 4 * 3600 * 60, 240.0, 1 << 16


def read(path: Path) -> Motion:
    """Read a recording as motion in the ARKit basis, at the rate of its timecodes.

    The recording ends at the first row with another count of columns, as in Epic's importer.
    Where eyes turn by shapes alone (the app's default leaves their angles at zero), the eyes of
    the motion follow the shapes.

    Raises:
        InputError: the file cannot be read, or is no such recording.
    """
    try:
        with io.TextIOWrapper(opened(path), encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(_lines(file))
            header = next(rows, [])
            missing = [name for name in (*_LEADING, *COLUMNS) if name not in header]
            if missing:
                raise InputError(
                    f"{path} is no recording of Live Link Face: it lacks the column {missing[0]}."
                )
            times_s, values = _numbers(rows, header, path)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"{path} cannot be read as text ({type(error).__name__}): choose a .csv of Live Link "
            "Face."
        ) from error
    return _motion(values, _rate(times_s, path))


def write(path: Path, motion: Motion, start_s: float = 0.0) -> None:
    """Write a motion as a recording, whole or not at all; as `write_together`."""
    write_together([path], [motion], start_s)


def write_together(paths: Sequence[Path], motions: Sequence[Motion], start_s: float = 0.0) -> None:
    """Write motions in the ARKit basis as recordings: all of them or none.

    Args:
        paths: of the files; Epic's importer expects `SLATE_TAKE_SUBJECT.csv`.
        motions: in the ARKit basis.
        start_s: time of day of the first frame, seconds.

    Raises:
        InputError: a motion is of another basis, or a folder cannot be written to.
    """
    for motion in motions:
        if motion.basis != "arkit":
            raise InputError(
                f"Live Link Face holds ARKit shapes, but the motion is of the basis "
                f"{motion.basis!r}: export that of an ARKit character."
            )
    with together(*paths) as temporaries:
        for temporary, motion in zip(temporaries, motions, strict=True):
            _write(temporary, motion, start_s)


def _write(path: Path, motion: Motion, start_s: float) -> None:
    values = columns_of(motion)
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*_LEADING, *COLUMNS])
        for frame, row in enumerate(values):
            code = timecode(start_s + frame / motion.fps)
            writer.writerow([code, len(COLUMNS), *(f"{value:.10f}" for value in row)])


def timecode(time_s: float) -> str:
    """Return `HH:MM:SS:FF.fff` of a time of day, where FF counts sixtieths of a second."""
    # Rounded first, so that no FF reads 60.000.
    thousandths = round(time_s % _DAY_S * _TICKS_HZ * 1000)
    seconds, rest = divmod(thousandths, _TICKS_HZ * 1000)
    hours, minutes = seconds // 3600 % 24, seconds // 60 % 60
    return f"{hours:02d}:{minutes:02d}:{seconds % 60:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def seconds_of(code: str) -> float:
    """Return the time of day of a timecode, seconds; raises ValueError."""
    hours, minutes, seconds, ticks = code.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(ticks) / _TICKS_HZ


def _lines(file: TextIO) -> Iterator[str]:
    """Yield the lines of a file; one longer than any of a recording is none."""
    while line := file.readline(_MAX_LINE):
        if len(line) == _MAX_LINE:
            raise csv.Error("a line is too long")
        yield line


def _numbers(
    rows: Iterator[Sequence[str]], header: Sequence[str], path: Path
) -> tuple[NDArray[np.float64], FloatArray]:
    """Return times (n,) in seconds and values (n, 61) in the order of `COLUMNS`."""
    places = [header.index(name) for name in COLUMNS]
    clock = header.index(_LEADING[0])
    times, values = array("d"), array("f")  # hours of lists would take gigabytes
    for row in rows:
        if len(row) != len(header) or len(times) == _MAX_ROWS:
            break
        try:
            times.append(seconds_of(row[clock]))
            values.extend([float(row[place]) for place in places])
        except (ValueError, OverflowError) as error:
            raise InputError(
                f"{path} has no number where one belongs in line {len(times) + 1}: record it anew."
            ) from error
    if not values or not np.isfinite(values).all() or not np.isfinite(times).all():
        raise InputError(f"{path} holds no frames that can be used: choose another recording.")
    clock_s = np.frombuffer(times)
    clock_s = clock_s + _DAY_S * np.cumsum(np.diff(clock_s, prepend=clock_s[:1]) < -_DAY_S / 2)
    return clock_s, np.frombuffer(values, np.float32).reshape(-1, len(COLUMNS))


def _rate(times_s: NDArray[np.float64], path: Path) -> float:
    """Return frames per second; recordings that drop frames are told apart by the median step."""
    if len(times_s) < 2:
        return float(_TICKS_HZ)
    step = float(np.median(np.diff(times_s)))
    if not 1 / _MAX_FPS <= step <= 1.0:
        raise InputError(f"The timecodes of {path} do not run on: record it anew.")
    whole = (len(times_s) - 1) / (times_s[-1] - times_s[0])
    # Rounded timecodes make the median coarse; the whole length is exact where no frame is lost.
    return float(whole) if abs(whole * step - 1) < 0.02 else 1 / step


def _motion(values: FloatArray, fps: float) -> Motion:
    column = {name: values[:, index] for index, name in enumerate(COLUMNS)}
    expression = np.stack([column[name[0].upper() + name[1:]] for name in ARKIT_SHAPES], axis=1)
    jaw = np.zeros((len(values), 3), np.float32)
    jaw[:, 0] = column["JawOpen"] * JAW_OPEN_RAD
    jaw[:, 1] = (column["JawLeft"] - column["JawRight"]) * _JAW_SIDE_RAD
    head = _axis_angle(values[:, _HEAD])
    eyes = np.stack([_eye(values, column, side) for side in (0, 1)], axis=1)
    return Motion.from_arrays(expression, jaw, head, eyes=eyes, fps=fps)


def _eye(values: FloatArray, column: dict[str, FloatArray], side: int) -> FloatArray:
    """Return one eye's rotation (n, 3): by its angles, or by its shapes where those are zero."""
    pitch, yaw = values[:, _EYES[side]].T
    if not (pitch.any() or yaw.any()):
        name, out = ("Left", 1) if side == 0 else ("Right", -1)
        sideways, up, down = EYE_LIMITS_RAD
        pitch = column[f"EyeLookDown{name}"] * down - column[f"EyeLookUp{name}"] * up
        yaw = out * (column[f"EyeLookOut{name}"] - column[f"EyeLookIn{name}"]) * sideways
    return _axis_angle(np.stack([pitch, yaw, np.zeros_like(pitch)], axis=1))


def columns_of(motion: Motion) -> FloatArray:
    """Return (n_frames, 61) in the order of `COLUMNS`."""
    result = np.zeros((motion.n_frames, len(COLUMNS)), np.float32)
    for name, index in ARKIT_INDEX.items():
        result[:, COLUMNS.index(name[0].upper() + name[1:])] = motion.expression[:, index]
    result[:, COLUMNS.index("JawOpen")] = np.clip(motion.jaw[:, 0] / JAW_OPEN_RAD, 0, None)
    aside = motion.jaw[:, 1] / _JAW_SIDE_RAD
    result[:, COLUMNS.index("JawLeft")] = np.maximum(aside, 0)
    result[:, COLUMNS.index("JawRight")] = np.maximum(-aside, 0)
    result[:, _HEAD] = _angles(motion.head)
    sideways, up, down = EYE_LIMITS_RAD
    for side, (name, out) in enumerate((("Left", 1), ("Right", -1))):
        pitch, yaw, _ = _angles(motion.eyes[:, side]).T
        result[:, _EYES[side]] = np.stack([pitch, yaw], axis=1)
        shares = {"Down": pitch / down, "Up": -pitch / up}
        shares |= {"Out": out * yaw / sideways, "In": -out * yaw / sideways}
        for way, share in shares.items():
            result[:, COLUMNS.index(f"EyeLook{way}{name}")] = np.clip(share, 0, 1)
    return result


def _axis_angle(angles: FloatArray) -> FloatArray:
    """Turn (n, 3) pitch, yaw, roll (yaw first, then pitch, then roll) into axis-angle (n, 3)."""
    (cx, cy, cz), (sx, sy, sz) = np.cos(angles.T / 2), np.sin(angles.T / 2)
    w = cy * cx * cz + sy * sx * sz
    xyz = np.stack(
        [cy * sx * cz + sy * cx * sz, sy * cx * cz - cy * sx * sz, cy * cx * sz - sy * sx * cz],
        axis=1,
    )
    xyz, w = xyz * np.where(w < 0, -1, 1)[:, None], np.abs(w)
    sine = np.linalg.norm(xyz, axis=1)
    angle = 2 * np.arctan2(sine, w)
    result: FloatArray = (xyz * (angle / np.maximum(sine, 1e-12))[:, None]).astype(np.float32)
    return result


def _angles(vectors: FloatArray) -> FloatArray:
    """Turn axis-angle (n, 3) into pitch, yaw, roll (n, 3), the inverse of `_axis_angle`."""
    angle = np.linalg.norm(vectors, axis=1)
    scale = np.where(angle > 1e-9, np.sin(angle / 2) / np.maximum(angle, 1e-12), 0.5)
    x, y, z = vectors.T * scale
    w = np.cos(angle / 2)
    pitch = np.arcsin(np.clip(2 * (w * x - y * z), -1, 1))
    yaw = np.arctan2(2 * (x * z + w * y), 1 - 2 * (x * x + y * y))
    roll = np.arctan2(2 * (x * y + w * z), 1 - 2 * (x * x + z * z))
    result: FloatArray = np.stack([pitch, yaw, roll], axis=1).astype(np.float32)
    return result
