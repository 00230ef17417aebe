"""Actions that the add-on makes, and may replace."""

import bpy

from . import property_names


def new(name: str) -> bpy.types.Action:
    """Return an empty action that counts as the add-on's."""
    action = bpy.data.actions.new(f"{name} DualTalk")
    action[property_names.ACTION] = True
    return action


def remove(owner: bpy.types.ID) -> None:
    """Take the action off a data-block if the add-on wrote it; delete it if nobody uses it."""
    data = owner.animation_data
    if data is None or data.action is None or property_names.ACTION not in data.action:
        return
    action = data.action
    data.action = None
    delete_unused(action)


def delete_unused(action: bpy.types.Action | None) -> None:
    """Delete an action that nothing uses any more."""
    if action is not None and action.users == 0:
        bpy.data.actions.remove(action)
