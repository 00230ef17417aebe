"""What is drawn of the gaze in the viewport is what the file that was opened asks for."""

import bpy

from ..rig.gaze import gaze_view


@bpy.app.handlers.persistent
def _opened(*_: object) -> None:
    gaze_view.show(bpy.context.scene.dualtalk.staging.show_gaze)


def register() -> None:
    """Follow New and Open."""
    bpy.app.handlers.load_post.append(_opened)


def unregister() -> None:
    """Follow no more."""
    bpy.app.handlers.load_post.remove(_opened)


CLASSES: tuple[type, ...] = ()
