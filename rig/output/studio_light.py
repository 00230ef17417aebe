"""Light for pictures by Workbench: a warm key, a little fill, and rims from behind.

Workbench knows no lamps of the scene; its light is a setting of the preferences, seen from the
camera. Blender's own is made for modelling: it shines on everything as on plastic.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import bpy

from .kept_settings import kept

_Vector = tuple[float, float, float]
#: Where each comes from (right, up, towards the camera), what it lights, how it shines, and how
#: softly it falls off, 0 to 1.
_LIGHTS: tuple[tuple[_Vector, _Vector, _Vector, float], ...] = (
    ((-0.62, 0.48, 0.62), (0.98, 0.87, 0.75), (0.07, 0.07, 0.07), 0.15),
    ((0.85, 0.05, 0.50), (0.11, 0.14, 0.19), (0.03, 0.03, 0.03), 0.6),
    ((0.62, 0.42, -0.66), (0.85, 0.95, 1.00), (0.20, 0.20, 0.22), 0.0),
    ((-0.75, 0.25, -0.60), (0.50, 0.42, 0.36), (0.10, 0.10, 0.10), 0.0),
)
_AMBIENT = (0.05, 0.06, 0.075)


@contextmanager
def three_point(scene: bpy.types.Scene) -> Iterator[None]:
    """Light the scene's Workbench pictures; the preferences are as they were afterwards."""
    system, shading = bpy.context.preferences.system, scene.display.shading
    before = system.use_studio_light_edit, tuple(system.light_ambient)
    stays_in_world = shading.use_world_space_lighting
    with kept(*system.solid_lights):
        try:
            system.use_studio_light_edit = True  # else renders take the stored light
            system.light_ambient = _AMBIENT
            for light, values in zip(system.solid_lights, _LIGHTS, strict=True):
                light.use = True
                light.direction, light.diffuse_color, light.specular_color, light.smooth = values
            shading.use_world_space_lighting = False
            yield
        finally:
            system.use_studio_light_edit, system.light_ambient = before
            shading.use_world_space_lighting = stays_in_world
