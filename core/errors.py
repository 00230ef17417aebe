"""Every error that DualTalk raises on purpose.

A message is one sentence that says what is wrong (got, wanted) and what to do. Lower layers
raise; the command line and the operators turn the error into one line for the user.
"""


class DualTalkError(Exception):
    """Base of all errors that a user can do something about."""

    exit_code = 1
    #: The step of the work that it belongs to ("dialogue", ...), where it is shown; may be empty.
    stage = ""


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
