"""Strengths, energy and exaggeration that are keyed or moved are put into effect by themselves.

Moods drive face and head directly; what scales a layer's curves is written on them, and follows
when a slider of the character, or a key of one, was changed. In a window this waits until nobody
holds keys (`gaze_follow.is_busy`); in background mode it is done at once.
"""

import bpy

from ..properties.strengths import apply_strengths
from . import gaze_follow
from .soon import Soon

CLASSES: tuple[type, ...] = ()
_DELAY_S = 0.05
_is_following = False


def follow(scene: bpy.types.Scene) -> bool:
    """Bring a scene's curves up to date, and tell whether they were not."""
    global _is_following
    if _is_following or getattr(scene, "dualtalk", None) is None:
        return False
    _is_following = True
    try:
        return apply_strengths(scene)
    finally:
        _is_following = False


@bpy.app.handlers.persistent
def on_update(scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> None:
    """Notice changes of objects, scenes and keys; anything else costs one question."""
    is_news = any(depsgraph.id_type_updated(kind) for kind in ("ACTION", "OBJECT", "SCENE"))
    if not is_news or _is_following:
        return
    _soon.ask(scene)


@bpy.app.handlers.persistent
def before_frame(scene: bpy.types.Scene, *_: object) -> None:
    """Notice what scripts changed without telling Blender, before a frame is shown or rendered."""
    if bpy.app.background:
        follow(scene)


_HANDLERS = (("depsgraph_update_post", on_update), ("frame_change_pre", before_frame))


def register() -> None:
    """Begin to watch the sliders."""
    for name, function in _HANDLERS:
        getattr(bpy.app.handlers, name).append(function)


def unregister() -> None:
    """Watch no more."""
    for name, function in _HANDLERS:
        getattr(bpy.app.handlers, name).remove(function)
    _soon.forget()


_soon = Soon(follow, _DELAY_S, gaze_follow.holds_keys)
