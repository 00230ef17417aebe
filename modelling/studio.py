"""A plain room for pictures of the head: Workbench, one camera."""

import tempfile
from pathlib import Path

import bpy
import numpy as np
from dualtalk.rig import compat
from dualtalk.rig.output import studio_light
from mathutils import Vector
from PIL import Image


def empty(size: tuple[int, int]) -> bpy.types.Scene:
    """Return an empty scene that renders with Workbench, as solid view shows it."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.data.scenes[0]
    scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(scene.camera)
    scene.world = bpy.data.worlds.new("World")
    scene.world.color = (0.16, 0.175, 0.20)
    scene.render.engine = "BLENDER_WORKBENCH"
    scene.render.resolution_x, scene.render.resolution_y = size
    shading = scene.display.shading
    shading.light, shading.color_type, shading.show_cavity = "STUDIO", "VERTEX", True
    scene.display.render_aa = "8"
    scene.view_settings.view_transform = "Standard"
    compat.use_image(scene.render.image_settings, "PNG")
    return scene


def look_at(
    scene: bpy.types.Scene, target: tuple[float, float, float], distance_m: float,
    aside_deg: float, lens_mm: float,
) -> None:  # fmt: skip
    """Put the camera before a face that looks along -y, so far to its left."""
    angle = np.radians(aside_deg)
    way = Vector((np.sin(angle), -np.cos(angle), 0.03))
    camera = scene.camera
    camera.location = Vector(target) + distance_m * way
    camera.rotation_mode = "QUATERNION"
    camera.rotation_quaternion = (-way).to_track_quat("-Z", "Y")
    camera.data.lens = lens_mm


def rendered() -> Image.Image:
    """Return the picture."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "still.png"
        scene = bpy.data.scenes[0]
        scene.render.filepath = str(path)
        with studio_light.three_point(scene):
            bpy.ops.render.render(write_still=True)
        return Image.open(path).convert("RGB")
