"""Paths as Blender keeps them: beside the saved file where that is wanted, so that it can move."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import bpy

from ..core.errors import RigError


def kept(path: str | Path) -> str:
    """Return a path as it is to be kept in the file: relative ("//…") if it can be.

    It stays absolute while the file is not saved, where the preferences do not want relative
    paths, and on another drive.
    """
    text = str(path)
    if not text or text.startswith("//"):
        return text
    absolute = str(Path(text).absolute())
    if not bpy.data.filepath or not bpy.context.preferences.filepaths.use_relative_paths:
        return absolute
    try:
        return bpy.path.relpath(absolute)
    except ValueError:  # on another drive
        return absolute


def read_by_file() -> list[Path]:
    """Return the open file and those that it is made of: none may be written over."""
    owners = (*bpy.data.sounds, *bpy.data.libraries, *bpy.data.movieclips)
    named = [bpy.path.abspath(owner.filepath, library=owner.library) for owner in owners]
    settings = [getattr(scene, "dualtalk", None) for scene in bpy.data.scenes]
    chosen = [bpy.path.abspath(name) for s in settings if s for name in _chosen(s)]
    return [Path(name) for name in (bpy.data.filepath, *named, *chosen) if name]


def _chosen(settings: bpy.types.PropertyGroup) -> tuple[str, ...]:
    """Return the files that a scene's settings name."""
    faces = (settings.face_a, settings.face_b)
    return (settings.sound_a, settings.sound_b, settings.voice_a, *faces)


def require_sounds(strips: Iterable[Any]) -> None:
    """Refuse to write sound that would be silent since its file is gone.

    Raises:
        RigError: a strip's sound file is not where it was.
    """
    for strip in strips:
        sound = strip.sound
        if sound is None or sound.packed_file is not None:
            continue
        path = Path(bpy.path.abspath(sound.filepath, library=sound.library))
        if not path.is_file():
            raise RigError(
                f"The sound file {path} is not there: choose it again, or use File > External "
                "Data > Find Missing Files."
            )
