"""Files of an older DualTalk, brought up to date when they are opened."""

import bpy

from ..properties.scene import VERSION


def migrate(scene: bpy.types.Scene) -> bool:
    """Bring a scene's settings up to this version; return whether anything was to do.

    1 (no stamp): one sound file meant a stereo file; there was no mode.
    """
    settings = scene.dualtalk
    if settings.version >= VERSION:
        return False
    if settings.version < 2 and settings.sound_a and not settings.sound_b:
        settings.mode = "STEREO"
    settings.version = VERSION
    return True


@bpy.app.handlers.persistent
def _migrate_file(*_: object) -> None:
    for scene in bpy.data.scenes:
        migrate(scene)


@bpy.app.handlers.persistent
def _stamp(*_: object) -> None:
    """Stamp scenes that were made since the file was opened: they are of this version."""
    for scene in bpy.data.scenes:
        if scene.is_property_set("dualtalk"):
            scene.dualtalk.version = VERSION


def register() -> None:
    """Look at every file that is opened, and stamp every file that is saved."""
    bpy.app.handlers.load_post.append(_migrate_file)
    bpy.app.handlers.save_pre.append(_stamp)


def unregister() -> None:
    """Stop that."""
    bpy.app.handlers.save_pre.remove(_stamp)
    bpy.app.handlers.load_post.remove(_migrate_file)


CLASSES = ()
