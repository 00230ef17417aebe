"""A face in each frame as packets that programs listen for: Live Link Face (UDP) and VMC (OSC).

Live Link Face: uint32 version 6 little-endian, "$" and a UUID of 36 characters, then big-endian:
length and text of the subject's name, int32 frame, float sub-frame, int32 rate and denominator,
uint8 61, 61 floats. Their order is the app's, with JawLeft before JawRight and MouthLeft before
MouthRight, which differs from its files (`live_link.COLUMNS`).
VMC (Virtual Motion Capture): a bundle of `/VMC/Ext/Bone/Pos` name, place and turn (x y z w) of the
bones Head, LeftEye and RightEye; `/VMC/Ext/Blend/Val` name value; and `…/Blend/Apply`. Its axes are
Unity's: left-handed, x to the person's right, y up, z out of the face. Where a listener's bones lie
is its own: places are zero, as face trackers send them.
"""

import struct
import uuid
from collections.abc import Iterator, Mapping

import numpy as np

from ..motion import FloatArray, Motion
from . import live_link

LIVE_LINK_PORT, VMC_PORT = 11_111, 39_539
_VERSION = 6
_SWAPPED = (("JawRight", "JawLeft"), ("MouthRight", "MouthLeft"))
_NAMESPACE = uuid.UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")
_IMMEDIATELY = 1  # OSC's time tag for "now"


def _streamed() -> tuple[str, ...]:
    order = list(live_link.COLUMNS)
    for first, second in _SWAPPED:
        one, other = order.index(first), order.index(second)
        order[one], order[other] = order[other], order[one]
    return tuple(order)


#: The 61 values of a packet, in order.
STREAMED = _streamed()
_PLACES = [live_link.COLUMNS.index(name) for name in STREAMED]


def live_link_packet(subject: str, motion: Motion, frame: int, fps: float) -> bytes:
    """Return the packet of a motion's first frame.

    Args:
        subject: what the receiver calls the face.
        motion: in the ARKit basis.
        frame: number of the frame.
        fps: of the scene; 23.976 is 24000 / 1001.
    """
    name = subject.encode("utf-8")
    numerator, denominator = _rate(fps)
    values = live_link.columns_of(motion)[0][_PLACES].astype(">f4")
    identity = str(uuid.uuid5(_NAMESPACE, subject)).encode("ascii")
    head = struct.pack("<I", _VERSION) + b"$" + identity
    named = struct.pack(">i", len(name)) + name
    time = struct.pack(">ifiiB", frame, 0.0, numerator, denominator, len(values))
    return head + named + time + bytes(values.tobytes())


def vmc_bundle(motion: Motion) -> bytes:
    """Return the bundle of a motion's first frame: head and eyes, every shape of ARKit by name."""
    row = live_link.columns_of(motion)[0]
    shapes = {name: float(value) for name, value in zip(live_link.COLUMNS, row, strict=True)}
    return osc_bundle(
        [
            *(_bone(name, turn) for name, turn in _turns(motion)),
            *(_message("/VMC/Ext/Blend/Val", name, value) for name, value in _blends(shapes)),
            _message("/VMC/Ext/Blend/Apply"),
        ]
    )


def osc_bundle(messages: list[bytes]) -> bytes:
    """Return messages as a bundle that is to be done at once (OSC 1.0)."""
    head = b"#bundle\0" + struct.pack(">Q", _IMMEDIATELY)
    return head + b"".join(struct.pack(">i", len(one)) + one for one in messages)


def _blends(shapes: Mapping[str, float]) -> list[tuple[str, float]]:
    return [
        (name[0].lower() + name[1:], value)
        for name, value in shapes.items()
        if not name.startswith("Head") and not name.endswith(("Yaw", "Pitch", "Roll"))
    ]


def _turns(motion: Motion) -> Iterator[tuple[str, FloatArray]]:
    """Yield the bones that turn, as VRM names them, and their turns of the first frame."""
    yield "Head", motion.head[0]
    yield "LeftEye", motion.eyes[0, 0]
    yield "RightEye", motion.eyes[0, 1]


def _bone(name: str, turn: FloatArray) -> bytes:
    """Return a bone's message; `turn` is axis-angle in FLAME's axes, radians."""
    angle = float(np.linalg.norm(turn))
    half = np.sin(angle / 2) / angle if angle > 0 else 0.5
    # x points the other way there: an axis of rotation keeps its x, and y and z turn over.
    x, y, z = half * turn[0], -half * turn[1], -half * turn[2]
    values = (0.0, 0.0, 0.0, x, y, z, np.cos(angle / 2))
    return (
        _text("/VMC/Ext/Bone/Pos") + _text(",sfffffff") + _text(name) + struct.pack(">7f", *values)
    )


def _message(address: str, name: str = "", value: float = 0.0) -> bytes:
    if not name:
        return _text(address) + _text(",")
    return _text(address) + _text(",sf") + _text(name) + struct.pack(">f", value)


def _text(text: str) -> bytes:
    """Return an OSC string: ended by a zero byte and filled to four."""
    raw = text.encode("utf-8") + b"\0"
    return raw + b"\0" * (-len(raw) % 4)


def _rate(fps: float) -> tuple[int, int]:
    """Return frames per second as a fraction: 23.976 as 24000 / 1001."""
    whole = round(fps)
    if np.isclose(fps, whole, atol=1e-3):
        return whole, 1
    return round(fps * 1001), 1001
