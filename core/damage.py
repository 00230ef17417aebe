"""Reading what may be damaged, or made to harm: limits before work, and one short line after it."""

import csv
import json
import pickle
import struct
import zlib
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile, LargeZipFile

#: What Python, numpy and the archive readers raise on bytes that are not what they should be.
#: RecursionError and NotImplementedError are kinds of RuntimeError, UnicodeError and json's of
#: ValueError. MemoryError is none: sizes are limited before anything is allocated.
DAMAGE = (
    OSError, EOFError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError,
    AssertionError, RuntimeError, SyntaxError, BadZipFile, LargeZipFile, zlib.error,
    pickle.PickleError, struct.error, csv.Error,
)  # fmt: skip
#: No JSON of ours is larger: gaze of ten hours has 2 MB.
MOST_JSON_BYTES = 16 << 20
_MOST_SHOWN = 120


def short(error: BaseException | str, most: int = _MOST_SHOWN) -> str:
    """Return what an error says as part of a line: never more, never the file at length."""
    text = str(error) or type(error).__name__
    line = " ".join(text.split())
    shown = "".join(c if c.isprintable() else "?" for c in line[: most + 1])
    return shown if len(shown) <= most else f"{shown[: most - 3]}..."


def opened(path: Path) -> IO[bytes]:
    """Open a file to read bytes.

    Raises:
        OSError: it is missing, or no file but a folder, a pipe that waits or a device that never
            ends.
    """
    if path.exists() and not path.is_file():
        raise OSError("it is no file")
    return open(path, "rb")


def text_of(path: Path, most_bytes: int, errors: str = "strict") -> str:
    """Return a file of UTF-8 text; raises as `opened`, and ValueError if it is larger than that."""
    with opened(path) as file:
        read = file.read(most_bytes + 1)
    if len(read) > most_bytes:
        raise ValueError(f"it has more than {most_bytes} bytes")
    return read.decode("utf-8-sig", errors)


def json_object(text: str | bytes) -> dict[str, Any]:
    """Return the JSON object that a text holds.

    Raises:
        ValueError: it is too large, nested too deeply, or no JSON object.
    """
    if len(text) > MOST_JSON_BYTES:
        raise ValueError(f"it has {len(text)} characters")
    try:
        read = json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(read, dict):
        raise ValueError(f"it holds {type(read).__name__}, no object")
    return read


def json_file(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file; raises OSError or ValueError."""
    with opened(path) as file:
        read = file.read(MOST_JSON_BYTES + 1)
    if len(read) > MOST_JSON_BYTES:
        raise ValueError(f"it has more than {MOST_JSON_BYTES} bytes")
    return json_object(read)
