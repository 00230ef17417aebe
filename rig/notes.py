"""Notes in JSON on what the add-on made, with a version beside them.

The version is a property of its own, so that an older add-on reads what it knows; without one the
notes are of the first version, which had the same form.
"""

import json
from typing import Any

import bpy

from ..core.errors import RigError
from . import property_names

VERSION = 1


def write(owner: bpy.types.ID, name: str, value: Any) -> None:
    """Note a value of JSON under the name of a property."""
    owner[property_names.VERSION] = VERSION
    owner[name] = json.dumps(value)


def read(owner: bpy.types.ID, name: str, default: Any) -> Any:
    """Return a value that was noted, or the default if none was.

    Raises:
        RigError: the note is damaged, or a newer version of the add-on wrote it.
    """
    text = owner.get(name)
    if text is None:
        return default
    version = owner.get(property_names.VERSION, 1)
    if not isinstance(version, int) or version > VERSION:
        raise RigError(
            f"A newer DualTalk wrote what {owner.name} remembers ({name}): use that version."
        )
    try:
        value = json.loads(text)
    except (TypeError, ValueError) as error:
        raise _damaged(owner, name) from error
    if type(value) is not type(default):
        raise _damaged(owner, name)
    return value


def _damaged(owner: bpy.types.ID, name: str) -> RigError:
    return RigError(
        f"What {owner.name} remembers ({name}) is damaged: remove this speaker's character, then "
        "bind it again."
    )
