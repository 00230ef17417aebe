"""Actions that the add-on makes, and may replace; those of the user's are never lost.

An action is the add-on's if its mark is its name: one that the user copied or renamed, to keep or
to edit it, has another name than its mark says, and is the user's from then on.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import bpy

from . import property_names

_NUMBER = re.compile(r"\.\d{3}$")
#: Actions that wait for the end of `kept_until_done`, None outside it.
_waiting: list[bpy.types.Action] | None = None


def new(name: str) -> bpy.types.Action:
    """Return an empty action that counts as the add-on's."""
    return mark(bpy.data.actions.new(f"{name} DualTalk"))


def mark(action: bpy.types.Action) -> bpy.types.Action:
    """Let an action that was just made count as the add-on's."""
    action[property_names.ACTION] = action.name
    return action


def is_ours(action: bpy.types.Action) -> bool:
    """Tell whether the add-on made an action and nobody took it over."""
    written = action.get(property_names.ACTION)
    if isinstance(written, str):
        return written == action.name
    return bool(written) and " DualTalk" in action.name  # of older files, which noted no name


def playing(owner: bpy.types.ID) -> bpy.types.Action | None:
    """Return the action that animates a data-block."""
    data = owner.animation_data
    return None if data is None else data.action


def remove(owner: bpy.types.ID) -> None:
    """Take the action off a data-block if the add-on wrote it; delete it if nobody uses it."""
    action = playing(owner)
    if action is not None and is_ours(action):
        owner.animation_data.action = None
        let_go(action)


def take_off(owner: bpy.types.ID) -> None:
    """Let nothing animate a data-block; what did is deleted, or kept if it is the user's."""
    action = playing(owner)
    if action is not None:
        owner.animation_data.action = None
        let_go(action)


def let_go(action: bpy.types.Action | None) -> None:
    """Delete an action that nothing uses any more; keep one of the user's in the file.

    Without a fake user Blender would forget that when the file is saved.
    """
    if action is None:
        return
    if _waiting is not None:
        _waiting.append(action)
    elif action.users == 0:
        if is_ours(action):
            bpy.data.actions.remove(action)
        else:
            action.use_fake_user = True


@contextmanager
def kept_until_done() -> Iterator[list[str]]:
    """Delete actions that are let go only at the end, and none of them if something raises.

    Yields:
        The names of the user's actions that are kept though they play no more; filled at the end.
    """
    global _waiting
    _waiting = waiting = []
    names: list[str] = []
    try:
        yield names
    finally:
        _waiting = None
    for action in dict.fromkeys(waiting):
        is_users = action.users == 0 and not is_ours(action)
        if is_users:
            names.append(action.name)
        let_go(action)


def name_plainly(action: bpy.types.Action) -> None:
    """Give an action the name that it would have had, had its predecessor been gone."""
    wanted = _NUMBER.sub("", action.name)
    if is_ours(action) and wanted not in bpy.data.actions:
        action.name = wanted
        mark(action)
