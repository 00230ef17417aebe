"""Times in a .glb corrected: Blender's exporter takes the base of a frame rate the wrong way."""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np

from ...core.errors import RigError

_JSON, _BINARY = 0x4E4F534A, 0x004E4942
_FLOAT = 5126
#: Below this times are right; above it the last key is not that of the last frame.
_EXACT, _MOST = 1e-6, 0.01


def correct(path: Path, last_s: float) -> None:
    """Stretch the times of all keys of a file so that the last one is where it belongs.

    Args:
        path: a .glb, as Blender wrote it.
        last_s: the time of the last frame, seconds.

    Raises:
        RigError: the file is no .glb with its data inside.
    """
    data = path.read_bytes()
    tree, binary = _chunks(data)
    inputs = {sampler["input"] for one in tree.get("animations", []) for sampler in one["samplers"]}
    found_s = max((tree["accessors"][index]["max"][0] for index in inputs), default=0.0)
    factor = last_s / found_s if found_s > 0 else 1.0
    if abs(factor - 1) < _EXACT or abs(factor - 1) > _MOST:
        return
    for index in inputs:
        accessor = tree["accessors"][index]
        view = tree["bufferViews"][accessor["bufferView"]]
        start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
        if accessor["componentType"] != _FLOAT or "byteStride" in view:
            raise RigError(f"The times in {path.name} are of a form that cannot be stretched.")
        times = np.frombuffer(binary, "<f4", accessor["count"], start)
        stretched = (times.astype(np.float64) * factor).astype("<f4")
        binary[start : start + stretched.nbytes] = stretched.tobytes()
        accessor["min"], accessor["max"] = [float(stretched.min())], [float(stretched.max())]
    text = json.dumps(tree, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<II", len(text), _JSON) + text
    chunks += struct.pack("<II", len(binary), _BINARY) + bytes(binary)
    path.write_bytes(struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks)


def _chunks(data: bytes) -> tuple[dict[str, Any], bytearray]:
    if data[:4] != b"glTF":
        raise RigError("Blender wrote something else than a .glb.")
    n_text = struct.unpack_from("<I", data, 12)[0]
    tree = json.loads(data[20 : 20 + n_text])
    n_binary = struct.unpack_from("<I", data, 20 + n_text)[0]
    return tree, bytearray(data[28 + n_text : 28 + n_text + n_binary])
