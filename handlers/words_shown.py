"""The rows of words are drawn as the file that was opened asks for."""

import bpy

from ..rig.performance.speech import rows


@bpy.app.handlers.persistent
def _opened(*_: object) -> None:
    rows.show(bpy.context.scene.dualtalk.shows_words)


def register() -> None:
    """Follow New and Open."""
    bpy.app.handlers.load_post.append(_opened)


def unregister() -> None:
    """Follow no more, and draw nothing."""
    bpy.app.handlers.load_post.remove(_opened)
    rows.show(False)


CLASSES: tuple[type, ...] = ()
