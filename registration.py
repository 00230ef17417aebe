"""The one place where the add-on's parts go into Blender and, mirrored, come out again."""

from collections.abc import Callable

import bpy

from . import preferences, properties
from .operators import generate as generate_operators
from .operators import sounds as sounds_operators
from .operators import staging as staging_operators
from .operators import staging_settings
from .panels import dialogue as dialogue_panel
from .panels import generate as generate_panel
from .panels import staging as staging_panel
from .rig import gazeview

_MODULES = (
    properties,
    preferences,
    staging_settings,
    sounds_operators,
    generate_operators,
    staging_operators,
    dialogue_panel,
    generate_panel,
    staging_panel,
)


def register() -> None:
    """Register everything; if a part fails, what went before it is taken out again."""
    done: list[Callable[[], None]] = []
    try:
        for module in _MODULES:
            for cls in module.CLASSES:
                bpy.utils.register_class(cls)
                done.append(lambda cls=cls: bpy.utils.unregister_class(cls))
        bpy.types.Scene.dualtalk = bpy.props.PointerProperty(type=properties.DUALTALK_PG_scene)
        done.append(_remove_pointer)
        group = staging_settings.DUALTALK_PG_staging
        bpy.types.Scene.dualtalk_staging = bpy.props.PointerProperty(type=group)
    except Exception:
        for undo in reversed(done):
            undo()
        raise


def unregister() -> None:
    """Take everything out, in reverse; a running job is ended first."""
    generate_operators.end_job()
    gazeview.show(False)
    del bpy.types.Scene.dualtalk_staging
    _remove_pointer()
    for module in reversed(_MODULES):
        for cls in reversed(module.CLASSES):
            bpy.utils.unregister_class(cls)


def _remove_pointer() -> None:
    del bpy.types.Scene.dualtalk
