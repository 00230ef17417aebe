"""Files of an older DualTalk, brought up to date when they are opened."""

from collections.abc import Callable
from typing import Any

import bpy

from ..core.directing.staging import Staging
from ..properties.scene import VERSION
from ..properties.staging import DUALTALK_PG_staging, from_scene, to_scene
from ..rig import compat
from ..rig.characters import heads

#: The table of versions up to 2, at which their sliders began.
_TABLE = Staging(1.3)
#: The pointer that held the staging up to version 2.
_STAGING = "dualtalk_staging"


def migrate(scene: bpy.types.Scene) -> bool:
    """Bring a scene's settings up to this version; return whether anything was to do."""
    settings = scene.dualtalk
    if settings.version >= VERSION:
        return False
    for version, step in _STEPS.items():
        if settings.version < version:
            step(scene)
    settings.version = VERSION
    return True


def _add_modes(scene: bpy.types.Scene) -> None:
    """Version 1 (no stamp) had no modes: one sound file meant a stereo file."""
    settings = scene.dualtalk
    if settings.sound_a and not settings.sound_b:
        settings.mode = "STEREO"


def _move_staging(scene: bpy.types.Scene) -> None:
    """Version 2 had a pointer of its own for the staging, and sliders that began at a table.

    Its second seed is left out: *Direct* uses that of *Generate*.
    """
    stored = compat.stored_properties(scene)
    old = stored.get(_STAGING) if stored is not None else None
    if old is None and not any(heads.find(scene, speaker) for speaker in (1, 2)):
        return
    staging: DUALTALK_PG_staging = scene.dualtalk.staging
    wanted = to_scene(staging)
    from_scene(staging, type(wanted)(_TABLE, wanted.heads, wanted.gaze))
    staging.preset = "table"
    if old is not None:
        _copy(old, staging)
        del stored[_STAGING]


def _add_brows(scene: bpy.types.Scene) -> None:
    """Up to version 3 brows were retaken with the expression."""
    chosen = scene.dualtalk.retaken_layers
    if "expression" in chosen:
        scene.dualtalk.retaken_layers = {*chosen, "brows"}


def _copy(old: Any, new: bpy.types.PropertyGroup) -> None:
    """Set the properties of a group that an older version stored and this one still has."""
    properties = new.bl_rna.properties
    for name in old.keys():
        if name not in properties:
            continue
        kind = properties[name].type
        if kind == "POINTER":
            _copy(old[name], getattr(new, name))
        elif kind == "ENUM":
            items = [item for item in properties[name].enum_items if item.value == old[name]]
            if items:
                setattr(new, name, items[0].identifier)
        else:
            setattr(new, name, bool(old[name]) if kind == "BOOLEAN" else old[name])


#: What each version asks of files that are older.
_STEPS: dict[int, Callable[[bpy.types.Scene], None]] = {
    2: _add_modes,
    3: _move_staging,
    4: _add_brows,
}


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
