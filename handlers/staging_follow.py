"""Sliders of staging and of habits act at once, once for a drag of the mouse or a whole preset.

In a window the work waits a moment, so that a preset that sets twenty sliders directs once; in
background mode it is done at once.
"""

import logging

import bpy

from ..core.errors import DualTalkError
from ..properties import changes
from ..properties.staging import to_scene
from ..rig.characters import heads
from ..rig.gaze import gaze_keys, gaze_rig
from ..rig.staging import directing
from .soon import Soon

_log = logging.getLogger(__name__)
_DELAY_S = 0.05

CLASSES: tuple[type, ...] = ()


def direct(scene: bpy.types.Scene) -> bool:
    """Put the sliders into effect if there are two heads to direct, and tell whether it was done.

    A head that looks nowhere yet, and gaze that is baked, are left alone: *Staging* says so.
    """
    found = heads.find_pair(scene)
    if None in found or directing.is_baked(scene) or bpy.context.scene != scene:
        return False
    armature = directing.armatures_of(scene)[0]
    try:
        if gaze_keys.written(armature) is None or gaze_rig.find_parts(armature) is None:
            return False
        directing.act(scene, to_scene(scene.dualtalk.staging), scene.dualtalk.seed)
    except DualTalkError as error:  # nobody pressed a button: no message, but a trace
        _log.warning("The sliders of staging could not act: %s", error)
        return False
    return True


def on_change() -> None:
    """Direct now, or once the present drag or preset is done."""
    _soon.ask(bpy.context.scene)


def register() -> None:
    """Begin to listen to the sliders."""
    changes.staging.append(on_change)


def unregister() -> None:
    """Listen no more."""
    changes.staging.remove(on_change)
    _soon.forget()


_soon = Soon(direct, _DELAY_S)
