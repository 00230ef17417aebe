"""Sound files beside the file that is saved for the first time, so that the folder can move.

While a file is not saved there is nothing that a path could be relative to. Once it is, the paths
of the dialogue become relative to it, where the preferences want that.
"""

import bpy

from ..rig import paths
from ..rig.performance import sound_strips

_SETTINGS = ("sound_a", "sound_b", "voice_a", "turns_of", "face_a", "face_b")


@bpy.app.handlers.persistent
def _keep_relative(*_: object) -> None:
    for scene in bpy.data.scenes:
        settings = scene.dualtalk
        for name in _SETTINGS:
            before = getattr(settings, name)
            after = paths.kept(before)
            if after != before:
                setattr(settings, name, after)
        for strip in sound_strips.strips(scene) if scene.sequence_editor else ():
            if strip.sound is not None and strip.sound.library is None:
                strip.sound.filepath = paths.kept(strip.sound.filepath)


def register() -> None:
    """Follow saving."""
    bpy.app.handlers.save_post.append(_keep_relative)


def unregister() -> None:
    """Follow no more."""
    bpy.app.handlers.save_post.remove(_keep_relative)


CLASSES = ()
