"""Light, ground and furniture of a staging, in a collection that is switched off in one click."""

from itertools import pairwise

import bmesh
import bpy
import numpy as np
from mathutils import Matrix, Vector

from ...core.directing.stage_set import AreaLight, Box, Material, furniture, lights
from ...core.directing.staging import Staging
from .. import property_names

COLLECTION = "DualTalk Stage"
_WORLD = "DualTalk World"
#: Colours in linear light, and roughness.
_LOOK: dict[Material, tuple[tuple[float, float, float], float]] = {
    "floor": ((0.20, 0.205, 0.22), 0.9),
    "wood": ((0.16, 0.085, 0.045), 0.45),
    "cloth": ((0.045, 0.06, 0.085), 0.85),
    "shade": ((0.80, 0.55, 0.30), 0.9),
    "paper": ((0.30, 0.16, 0.12), 0.8),
}
_WORLD_COLOR = (0.11, 0.115, 0.13)
#: The backdrop: its floor for two at no distance, and the wall around it, metres.
_RADIUS_M, _HEIGHT_M, _BEND_M = 4.0, 9.0, 1.5
_ROUND_M = 0.012
#: How long the ray of a lamp is drawn in the viewport, metres; it lights as far as it did.
_RAY_M = 0.3
#: How high the backdrop is brightest where no lamps count, metres.
_GLOW_M = 1.2


def is_bare(scene: bpy.types.Scene) -> bool:
    """Tell whether a scene has nobody's light yet but that of Blender's new file."""
    lamps = [obj for obj in scene.objects if obj.type == "LIGHT"]
    return all(_is_of_new_file(obj, "Light") for obj in lamps)


def hide_default_cube(scene: bpy.types.Scene) -> str:
    """Hide the cube of Blender's new file, which would stand in the picture; return a note."""
    cube = scene.objects.get("Cube")
    if cube is None or not _is_of_new_file(cube, "Cube") or cube.hide_get():
        return ""
    cube.hide_set(True)
    cube.hide_render = True
    return "The default cube stood between the two and is hidden, not deleted"


def build(
    scene: bpy.types.Scene, staging: Staging, parent: bpy.types.Collection, lies: Matrix
) -> None:
    """Make the set of a staging, or make it anew for another.

    Args:
        scene: the context's.
        staging: where both are.
        parent: the collection to which the stage's own is added.
        lies: from the staging's axes to the scene's, where the characters were moved.
    """
    collection = _emptied(parent)
    for light in lights(staging):
        _add(collection, _light(light), lies)
    for box in furniture(staging):
        _add(collection, _box(box), lies)
    _add(collection, _backdrop(staging), lies)
    if scene.world is None or scene.world.name in ("World", _WORLD):
        scene.world = _world()


def remove(parent: bpy.types.Collection | None) -> None:
    """Remove the stage from a collection of ours; what the user put into it stays."""
    found = _stage_of(parent) if parent is not None else None
    if found is None:
        return
    _empty(found)
    if not found.objects and not found.children:
        bpy.data.collections.remove(found)


def _stage_of(parent: bpy.types.Collection) -> bpy.types.Collection | None:
    return next((child for child in parent.children if property_names.STAGE in child), None)


def _emptied(parent: bpy.types.Collection) -> bpy.types.Collection:
    """Return the stage's collection without what an earlier run put there."""
    found = _stage_of(parent)
    if found is None:
        found = bpy.data.collections.new(COLLECTION)
        found[property_names.STAGE] = True
        parent.children.link(found)
    _empty(found)
    return found


def _empty(found: bpy.types.Collection) -> None:
    for obj in [obj for obj in found.objects if property_names.STAGE in obj]:
        data = obj.data
        bpy.data.objects.remove(obj)
        if data is not None and data.users == 0:
            (bpy.data.lights if isinstance(data, bpy.types.Light) else bpy.data.meshes).remove(data)


def _add(collection: bpy.types.Collection, obj: bpy.types.Object, lies: Matrix) -> None:
    obj[property_names.STAGE] = True
    obj.hide_select = True  # clicks are for the characters
    obj.matrix_world = lies @ obj.matrix_basis
    collection.objects.link(obj)


def _light(light: AreaLight) -> bpy.types.Object:
    data = bpy.data.lights.new(light.name, "AREA")
    data.energy, data.size, data.color = light.power_w, light.size_m, light.color
    data.cutoff_distance = _RAY_M  # its ray must not cross the view of the two
    obj = bpy.data.objects.new(light.name, data)
    sight = Vector(light.target_m - light.position_m)
    obj.matrix_basis = Matrix.Translation(light.position_m) @ (
        sight.to_track_quat("-Z", "Y").to_matrix().to_4x4()
    )
    return obj


def _box(box: Box) -> bpy.types.Object:
    shape = bmesh.new()
    bmesh.ops.create_cube(shape, size=1.0, matrix=Matrix.Diagonal((*box.size_m, 1.0)))
    bmesh.ops.bevel(
        shape, geom=shape.edges, offset=_ROUND_M, segments=2, profile=0.5, affect="EDGES"
    )
    obj = _mesh_object(shape, box.name, box.material)
    obj.matrix_basis = Matrix.Translation(box.center_m) @ Matrix.Rotation(box.turn_rad, 4, "Z")
    return obj


def _backdrop(staging: Staging) -> bpy.types.Object:
    """Return a round floor that bends up into a wall: no horizon or corner behind any face."""
    radius = _RADIUS_M + 1.5 * staging.distance_m
    bend = [
        (radius + _BEND_M * np.sin(a), _BEND_M * (1 - np.cos(a)))
        for a in np.linspace(0, np.pi / 2, 25)
    ]
    wall = [(radius + _BEND_M, z) for z in np.linspace(_BEND_M, _HEIGHT_M, 20)[1:]]
    profile = [(0.5 * radius, 0.0), (0.9 * radius, 0.0), *bend, *wall]
    turns = np.linspace(0, 2 * np.pi, 97)[:-1]
    shape = bmesh.new()
    middle = shape.verts.new((0.0, 0.0, 0.0))
    rings = [
        [shape.verts.new((r * np.cos(a), r * np.sin(a), z)) for a in turns] for r, z in profile
    ]
    for k in range(len(turns)):
        shape.faces.new((middle, rings[0][k], rings[0][k - 1]))
        for inner, outer in pairwise(rings):
            shape.faces.new((inner[k - 1], inner[k], outer[k], outer[k - 1]))
    bmesh.ops.recalc_face_normals(shape, faces=shape.faces)
    bmesh.ops.reverse_faces(shape, faces=shape.faces)  # inwards
    for face in shape.faces:
        face.smooth = True
    return _mesh_object(shape, "Backdrop", "floor")


def _mesh_object(shape: bmesh.types.BMesh, name: str, look: Material) -> bpy.types.Object:
    mesh = bpy.data.meshes.new(name)
    shape.to_mesh(mesh)
    shape.free()
    mesh.materials.append(_material(look))
    # Workbench and the solid view draw an attribute's colour where they are asked for it.
    color = mesh.color_attributes.new("Color", "BYTE_COLOR", "POINT")
    values = np.tile((*_LOOK[look][0], 1.0), (len(mesh.vertices), 1))
    if look == "floor":  # lit behind the two, darker above and in front
        heights = np.array([vertex.co.z for vertex in mesh.vertices])
        values[:, :3] *= (0.32 + 0.85 * np.exp(-(((heights - _GLOW_M) / 0.95) ** 2)))[:, None]
    color.data.foreach_set("color", values.astype(np.float32).ravel())
    return bpy.data.objects.new(name, mesh)


def _material(look: Material) -> bpy.types.Material:
    name = f"DualTalk {look}"
    found = next((m for m in bpy.data.materials if m.get(property_names.STAGE) == look), None)
    if found is not None:
        return found
    color, roughness = _LOOK[look]
    material = bpy.data.materials.new(name)
    material[property_names.STAGE] = look
    if material.node_tree is None:
        material.use_nodes = True  # 5.0 makes the nodes by itself
    material.diffuse_color, material.roughness = (*color, 1.0), roughness
    shader = material.node_tree.nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (*color, 1.0)
    shader.inputs["Roughness"].default_value = roughness
    return material


def _world() -> bpy.types.World:
    found = bpy.data.worlds.get(_WORLD)
    if found is not None:
        return found
    world = bpy.data.worlds.new(_WORLD)
    world.color = _WORLD_COLOR
    if world.node_tree is None:
        world.use_nodes = True
    background = world.node_tree.nodes.get("Background")
    if background is not None:
        background.inputs["Color"].default_value = (*_WORLD_COLOR, 1.0)
    return world


def _is_of_new_file(obj: bpy.types.Object, name: str) -> bool:
    """Tell whether an object is the one that Blender's new file holds, as it was there."""
    return (
        obj.name == name
        and obj.data is not None
        and obj.data.name == name
        and obj.animation_data is None
        and obj.parent is None
        and not obj.children
        and not obj.constraints
        and not obj.modifiers
    )
