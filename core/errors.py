"""Every error that DualTalk raises on purpose.

A message is one sentence that says what is wrong (got, wanted) and what to do. Lower layers
raise; the command line and the operators turn the error into one line for the user.
"""

import re

#: Names and texts that a message quotes come from files: whatever they hold, it stays this short.
_MOST_SHOWN = 300
#: What would break a line, or move a terminal's cursor.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
#: How Python holds a name's bytes that are no UTF-8; Blender and most files take none of it.
_NO_TEXT = re.compile(r"[\ud800-\udfff]")


class DualTalkError(Exception):
    """Base of all errors that a user can do something about."""

    exit_code = 1
    #: The step of the work that it belongs to ("dialogue", ...), where it is shown; may be empty.
    stage = ""

    def __init__(self, message: str) -> None:
        super().__init__(_one_line(message))


class InputError(DualTalkError):
    """A file or a setting that the user gave cannot be used."""

    exit_code = 2


class CheckpointError(InputError):
    """A network's weights are missing, damaged or of another network."""


class RigError(InputError):
    """A character in the scene, or the model that it is built from, cannot be animated."""


class DeviceError(DualTalkError):
    """The computing device that was asked for is missing or out of memory."""


class WorkerError(DualTalkError):
    """The worker process ended without a result; `log` holds its last lines."""

    def __init__(self, message: str, log: str = "") -> None:
        super().__init__(message)
        self.log = log


class CancelledError(DualTalkError):
    """The user stopped the job."""

    exit_code = 130

    def __init__(self, message: str = "Cancelled.") -> None:
        super().__init__(message)


def _one_line(message: str) -> str:
    """Return a message in one line; of a long one the middle is left out, for the end says why."""
    line = _NO_TEXT.sub("?", _CONTROL.sub(" ", message))
    if len(line) <= _MOST_SHOWN:
        return line
    half = (_MOST_SHOWN - 3) // 2
    return f"{line[:half]}...{line[-half:]}"
