"""Materials of the built-in head: alike in solid view, and deeper in EEVEE and Cycles.

Every one takes its colour from the vertices' colours; `rest` holds where a vertex is at rest, so
that pores and weave stay on the skin and the cloth when they move.
"""

from collections.abc import Callable

import bpy

from .. import property_names
from . import construction

COLOR, REST, UV = "Color", "rest", "UVMap"
_Tree = bpy.types.ShaderNodeTree

#: Roughness in solid view and renders.
_ROUGHNESS = {
    "skin": 0.48, "mouth": 0.35, "tongue": 0.35, "teeth": 0.18, "gum": 0.30, "eye_white": 0.12,
    "iris": 0.30, "pupil": 0.25, "wet": 0.05, "brow": 0.65, "lash": 0.6, "hair": 0.60,
    "cloth": 0.85,
}  # fmt: skip
_SUBSURFACE_M = {"skin": 0.0035, "tongue": 0.003, "gum": 0.002, "teeth": 0.0012, "mouth": 0.003,
                 "eye_white": 0.001}  # fmt: skip


def material(name: str, kind: str, color: tuple[float, float, float]) -> bpy.types.Material:
    """Return a new material of a kind of surface.

    Args:
        name: what it is called.
        kind: a material of the head, "hair" or "cloth".
        color: linear RGB, shown where there are no vertex colours.
    """
    made = construction.material(name, (*color, 1.0), _ROUGHNESS[kind])
    made[property_names.SURFACE] = kind
    tree = made.node_tree
    shader = next(node for node in tree.nodes if node.type == "BSDF_PRINCIPLED")
    attribute = tree.nodes.new("ShaderNodeAttribute")
    attribute.attribute_name = COLOR
    attribute.location = (-600, 200)
    tree.links.new(attribute.outputs["Color"], shader.inputs["Base Color"])
    if kind in _SUBSURFACE_M:
        shader.inputs["Subsurface Weight"].default_value = 0.75 if kind == "skin" else 0.5
        shader.inputs["Subsurface Radius"].default_value = (1.0, 0.36, 0.2)
        shader.inputs["Subsurface Scale"].default_value = _SUBSURFACE_M[kind]
    _DETAILS.get(kind, _plain)(tree, shader)
    return made


def _plain(_tree: _Tree, _shader: bpy.types.ShaderNode) -> None:
    """Leave it as it is."""


def _skin(tree: _Tree, shader: bpy.types.ShaderNode) -> None:
    """Add pores, fine mottling, and a shine that is not alike everywhere."""
    rest = _attribute(tree, REST)
    pores = _texture(tree, "ShaderNodeTexVoronoi", rest, 1500.0)
    fine = _texture(tree, "ShaderNodeTexNoise", rest, 420.0)
    broad = _texture(tree, "ShaderNodeTexNoise", rest, 55.0)
    height = _math(tree, "ADD", pores.outputs["Distance"], fine.outputs[0])
    shader_bump = _bump(tree, height, 0.22, 0.0006)
    tree.links.new(shader_bump, shader.inputs["Normal"])
    rough = tree.nodes.new("ShaderNodeMapRange")
    rough.inputs["To Min"].default_value, rough.inputs["To Max"].default_value = 0.36, 0.62
    tree.links.new(broad.outputs[0], rough.inputs["Value"])
    tree.links.new(rough.outputs["Result"], shader.inputs["Roughness"])
    _mottle(tree, shader, broad, 0.16)
    shader.inputs["Specular IOR Level"].default_value = 0.42


def _mottle(
    tree: _Tree, shader: bpy.types.ShaderNode, noise: bpy.types.ShaderNode, amount: float
) -> None:
    """Let the colour vary a little with a noise."""
    link = shader.inputs["Base Color"].links[0]
    source = link.from_socket
    factor = tree.nodes.new("ShaderNodeMapRange")
    factor.inputs["To Min"].default_value = 1.0 - amount
    factor.inputs["To Max"].default_value = 1.0 + amount
    tree.links.new(noise.outputs[0], factor.inputs["Value"])
    scaled = tree.nodes.new("ShaderNodeVectorMath")
    scaled.operation = "SCALE"
    tree.links.new(source, scaled.inputs[0])
    tree.links.new(factor.outputs["Result"], scaled.inputs["Scale"])
    tree.links.new(scaled.outputs["Vector"], shader.inputs["Base Color"])


def _eye(tree: _Tree, shader: bpy.types.ShaderNode) -> None:
    """Put a wet coat over it."""
    shader.inputs["Coat Weight"].default_value = 1.0
    shader.inputs["Coat Roughness"].default_value = 0.02


def _iris(tree: _Tree, shader: bpy.types.ShaderNode) -> None:
    """Let the light fall on it as into a bowl under the cornea, which keeps its own shine."""
    _eye(tree, shader)
    uv = tree.nodes.new("ShaderNodeUVMap")
    uv.uv_map = UV
    away = tree.nodes.new("ShaderNodeVectorMath")
    away.operation = "DISTANCE"
    away.inputs[1].default_value = (0.5, 0.5, 0.0)
    tree.links.new(uv.outputs["UV"], away.inputs[0])
    depth = _math(tree, "MULTIPLY", away.outputs["Value"], away.outputs["Value"])
    fibres = _texture(tree, "ShaderNodeTexNoise", uv.outputs["UV"], 60.0)
    height = _math(tree, "ADD", depth, _math(tree, "MULTIPLY", fibres.outputs[0], 0.02))
    tree.links.new(_bump(tree, height, 1.0, 0.03), shader.inputs["Normal"])
    _mottle(tree, shader, fibres, 0.5)


def _tissue(tree: _Tree, shader: bpy.types.ShaderNode) -> None:
    """Give tongue, gums and the mouth's lining a wet, uneven surface."""
    noise = _texture(tree, "ShaderNodeTexNoise", _attribute(tree, REST), 700.0)
    tree.links.new(_bump(tree, noise.outputs[0], 0.3, 0.0008), shader.inputs["Normal"])
    shader.inputs["Coat Weight"].default_value = 0.4
    shader.inputs["Coat Roughness"].default_value = 0.15


def _teeth(tree: _Tree, shader: bpy.types.ShaderNode) -> None:
    shader.inputs["Coat Weight"].default_value = 0.5


def _hair(tree: _Tree, shader: bpy.types.ShaderNode) -> None:
    shader.inputs["Specular IOR Level"].default_value = 0.18  # strands shine less than plates
    noise = _texture(tree, "ShaderNodeTexNoise", _attribute(tree, REST), 260.0)
    _mottle(tree, shader, noise, 0.3)


def _cloth(tree: _Tree, shader: bpy.types.ShaderNode) -> None:
    """Give cloth a weave, and a sheen at its edges."""
    rest = _attribute(tree, REST)
    weave = _texture(tree, "ShaderNodeTexVoronoi", rest, 900.0)
    folds = _texture(tree, "ShaderNodeTexNoise", rest, 14.0)
    height = _math(tree, "ADD", _math(tree, "MULTIPLY", weave.outputs["Distance"], 0.06),
                   folds.outputs[0])  # fmt: skip
    tree.links.new(_bump(tree, height, 0.5, 0.006), shader.inputs["Normal"])
    shader.inputs["Sheen Weight"].default_value = 0.25


_DETAILS: dict[str, Callable[[_Tree, bpy.types.ShaderNode], None]] = {
    "skin": _skin, "eye_white": _eye, "pupil": _eye, "iris": _iris, "tongue": _tissue,
    "gum": _tissue, "mouth": _tissue, "teeth": _teeth, "hair": _hair, "cloth": _cloth,
}  # fmt: skip


def _attribute(tree: _Tree, name: str) -> bpy.types.NodeSocket:
    node = tree.nodes.new("ShaderNodeAttribute")
    node.attribute_name = name
    node.location = (-1000, -200)
    return node.outputs["Vector"]


def _texture(
    tree: _Tree, kind: str, place: bpy.types.NodeSocket, per_metre: float
) -> bpy.types.ShaderNode:
    node = tree.nodes.new(kind)
    node.inputs["Scale"].default_value = per_metre
    node.location = (-800, -200)
    tree.links.new(place, node.inputs["Vector"])
    return node


def _math(
    tree: _Tree, operation: str, first: bpy.types.NodeSocket, second: bpy.types.NodeSocket | float
) -> bpy.types.NodeSocket:
    node = tree.nodes.new("ShaderNodeMath")
    node.operation = operation
    node.location = (-400, -200)
    tree.links.new(first, node.inputs[0])
    if isinstance(second, float):
        node.inputs[1].default_value = second
    else:
        tree.links.new(second, node.inputs[1])
    return node.outputs["Value"]


def _bump(
    tree: _Tree, height: bpy.types.NodeSocket, strength: float, distance_m: float
) -> bpy.types.NodeSocket:
    node = tree.nodes.new("ShaderNodeBump")
    node.inputs["Strength"].default_value = strength
    node.inputs["Distance"].default_value = distance_m
    node.location = (-200, -200)
    tree.links.new(height, node.inputs["Height"])
    return node.outputs["Normal"]
