"""Heads, nods and blinks follow an edited edge of a look by themselves.

In a window the work waits until the edit is done: while a modal operator such as a transform
holds keys, writing others next to them would take them from under it. In background mode there is
no such thing, and no timer runs: there it is done at once, also before a frame is evaluated.
"""

import logging

import bpy

from ..core.errors import DualTalkError
from ..rig.characters import heads
from ..rig.gaze import gaze_keys
from ..rig.staging import directing
from .soon import Soon

_log = logging.getLogger(__name__)
_DELAY_S = 0.3
#: Modal operators whose name begins like this change no keys.
_HARMLESS = ("DUALTALK_OT_", "SCREEN_OT_animation", "VIEW3D_OT_", "VIEW2D_OT_")

CLASSES: tuple[type, ...] = ()
_is_following = False


def follow(scene: bpy.types.Scene) -> bool:
    """Let a scene's heads follow if edges were edited, and tell whether they were."""
    global _is_following
    found = heads.find_pair(scene)
    armatures = [character.armature for character in found if character is not None]
    if _is_following or not any(gaze_keys.are_edited(armature) for armature in armatures):
        return False
    if len(armatures) < 2 or directing.is_baked(scene) or bpy.context.scene != scene:
        return False
    _is_following = True
    try:
        gaze_keys.follow_edits((armatures[0], armatures[1]))
    except DualTalkError as error:  # nobody asked for it: no message, but a trace
        _log.warning("The heads could not follow the edited looks: %s", error)
        return False
    finally:
        _is_following = False
    return True


@bpy.app.handlers.persistent
def on_update(scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> None:
    """Notice edits of keys; anything else costs one question."""
    if _is_following or not depsgraph.id_type_updated("ACTION"):
        return
    _soon.ask(scene)


@bpy.app.handlers.persistent
def on_undo(scene: bpy.types.Scene, *_: object) -> None:
    """Undo and redo bring back keys too, and what followed them only if it was stored."""
    _soon.plan()


@bpy.app.handlers.persistent
def before_frame(scene: bpy.types.Scene, *_: object) -> None:
    """Notice what scripts changed without telling Blender, before a frame is shown or rendered."""
    if bpy.app.background:
        follow(scene)


_HANDLERS = (
    ("depsgraph_update_post", on_update),
    ("frame_change_pre", before_frame),
    ("undo_post", on_undo),
    ("redo_post", on_undo),
)


def register() -> None:
    """Begin to watch the keys."""
    for name, function in _HANDLERS:
        getattr(bpy.app.handlers, name).append(function)


def unregister() -> None:
    """Watch no more."""
    for name, function in _HANDLERS:
        getattr(bpy.app.handlers, name).remove(function)
    _soon.forget()


def is_busy(window_manager: bpy.types.WindowManager) -> bool:
    """Tell whether a modal operator runs that may hold keys (asked of Blender 4.2 or later)."""
    return any(
        not operator.bl_idname.startswith(_HARMLESS)
        for window in window_manager.windows
        for operator in getattr(window, "modal_operators", ())
    )


def holds_keys() -> bool:
    """Tell whether somebody may hold keys in a window now."""
    return is_busy(bpy.context.window_manager)


_soon = Soon(follow, _DELAY_S, holds_keys)
