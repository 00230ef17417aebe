"""`blender --command dualtalk …`: the same commands and arguments as the console script's.

What needs Blender (`animate`, `stage`, `retake`, `export`, `batch`) runs here, with the network in
the Python that the preferences or DUALTALK_PYTHON name; all else runs in that Python altogether.
"""

from collections.abc import Sequence

import bpy

NAME = "dualtalk"
CLASSES = ()
_HERE = ("animate", "stage", "retake", "export", "batch", "farm")
_handles: list[object] = []


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; Blender ends with it."""
    from .. import cli
    from ..batch import elsewhere
    from ..core import stopping
    from ..core.errors import DualTalkError
    from ..preferences import pythons, stored

    stopping.install()  # this Blender does nothing else, and ends with the command
    given = [word for word in arguments if not word.startswith("-")]
    prog = f"blender --command {NAME}"
    if elsewhere.is_needed():
        try:
            chosen = stored.get(bpy.context).python
            elsewhere.use(pythons.worker_python(chosen))
        except (DualTalkError, KeyError):  # the command says so, if it needs one
            pass
        if given and given[0] not in _HERE:
            return _elsewhere(list(arguments))
    try:
        return cli.main(list(arguments), prog)
    except SystemExit as end:  # --help, or a wrong option
        return end.code if isinstance(end.code, int) else 2


def _elsewhere(arguments: list[str]) -> int:
    from ..batch import elsewhere
    from ..console import complain
    from ..core.errors import DualTalkError

    try:
        return elsewhere.run_command(arguments)
    except DualTalkError as error:
        complain(f"error: {error}")
        return error.exit_code


def register() -> None:
    """Add the command to Blender's command line."""
    handle: object = bpy.utils.register_cli_command(NAME, run)  # type: ignore[func-returns-value]
    _handles.append(handle)


def unregister() -> None:
    """Take it out again."""
    while _handles:
        bpy.utils.unregister_cli_command(_handles.pop())
