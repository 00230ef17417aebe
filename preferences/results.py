"""Where results are kept, as the preferences say, and how much of them there is."""

from pathlib import Path

import bpy

from ..core.errors import InputError
from ..core.jobs.cache import ResultCache
from . import pythons, stored


def cache(context: bpy.types.Context) -> ResultCache | None:
    """Return where results are kept, None if there is no place for them."""
    chosen = stored.get(context)
    if not chosen.cache_folder:
        try:
            folder = pythons.own_folder("cache")
        except InputError:
            return None
    else:
        folder = Path(bpy.path.abspath(chosen.cache_folder))
    return ResultCache(folder, chosen.cache_mb << 20)


def measure(context: bpy.types.Context) -> None:
    """Note how much the cache holds, for the preferences to show."""
    found = cache(context)
    used = 0 if found is None else found.used_bytes()
    stored.get(context).cache_used = f"{used / (1 << 20):.2f} MB used"
