"""Hair and clothes of the built-in head, and the colours of all of it."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, get_args

import bpy
import numpy as np
from numpy.typing import NDArray

from ...core.faces import worn
from ...core.faces.builtin_head import HeadModel
from ...core.faces.looks import Look
from .. import property_names
from . import construction, materials

Slot = Literal["hair", "clothes"]
SLOTS: tuple[Slot, ...] = get_args(Slot)
_PATHS: Mapping[Slot, Path] = {"hair": worn.HAIR_PATH, "clothes": worn.CLOTHES_PATH}
#: How dark hair makes the scalp that shows between its locks, unless there is none.
_SCALP_UNDER_HAIR = {"fade": 1.0, "bald": 0.0, "headscarf": 0.0, "beanie": 0.6}
_SCALP = 0.85
#: The middle of a skull is this far below its hair's top, metres; how much the light falls on a
#: lock by its own surface.
_SKULL_M, _OWN_LIGHT = 0.11, 0.45


def styles(slot: Slot) -> tuple[str, ...]:
    """Return the names of what there is to wear.

    Raises:
        InputError: the file is missing or damaged.
    """
    return worn.names(_PATHS[slot])


def worn_by(armature: bpy.types.Object) -> dict[Slot, bpy.types.Object]:
    """Return what a head wears."""
    found = {child[property_names.WORN]: child for child in armature.children
             if property_names.WORN in child}  # fmt: skip
    return {slot: found[slot] for slot in SLOTS if slot in found}


def style_of(obj: bpy.types.Object) -> str:
    """Return which style an object of `worn_by` is."""
    return str(obj[property_names.STYLE])


def put_on(
    armature: bpy.types.Object,
    model: HeadModel,
    slot: Slot,
    style: str,
    identity: Mapping[str, float],
    collection: bpy.types.Collection,
) -> None:
    """Hang hair or clothes on a head; nothing else may be worn in that place.

    Raises:
        InputError: there is no such style.
    """
    piece = worn.load(_PATHS[slot], style)
    if not len(piece.vertices):
        return  # a bald head wears no hair
    points = piece.fitted(model, identity)
    obj = construction.mesh(armature.name, points, piece.face_sizes, piece.face_corners, collection)
    obj.name = f"{armature.name} {slot}"
    obj[property_names.WORN], obj[property_names.STYLE] = slot, style
    surface = "hair" if slot == "hair" and style not in worn.COVERS else "cloth"
    obj.data.materials.append(
        materials.material(f"{armature.name} {slot}", surface, (0.5, 0.5, 0.5))
    )
    add_rest(obj, piece.vertices)
    if surface == "hair":
        _soften_light(obj)
    construction.skin(obj, armature, piece.weights)


def _soften_light(obj: bpy.types.Object) -> None:
    """Let light fall on locks as on the head below them, and not as on so many plates."""
    mesh = obj.data
    count = len(mesh.vertices)
    points, own = np.empty(3 * count, np.float32), np.empty(3 * count, np.float32)
    mesh.vertices.foreach_get("co", points)
    mesh.vertex_normals.foreach_get("vector", own)
    points, own = points.reshape(-1, 3), own.reshape(-1, 3)
    top = points[:, 2].max()
    middle = np.array([0.0, (points[:, 1].min() + points[:, 1].max()) / 2, top - _SKULL_M])
    out = points - middle
    out[:, 2] = np.maximum(out[:, 2], 0.0)  # below the skull hair hangs: light comes from the side
    out /= np.linalg.norm(out, axis=1, keepdims=True) + 1e-6
    own *= np.where((own * out).sum(axis=1) < 0, -1.0, 1.0)[:, None]
    mixed = (1 - _OWN_LIGHT) * out + _OWN_LIGHT * own
    mixed /= np.linalg.norm(mixed, axis=1, keepdims=True) + 1e-6
    mesh.normals_split_custom_set_from_vertices(mixed.tolist())


def fit(armature: bpy.types.Object, model: HeadModel, identity: Mapping[str, float]) -> None:
    """Fit what a head wears to its sliders."""
    for slot, obj in worn_by(armature).items():
        piece = worn.load(_PATHS[slot], style_of(obj))
        if len(obj.data.vertices) == len(piece.vertices):  # the user may have changed it
            construction.set_points(obj, piece.fitted(model, identity))


def scalp_shade(armature: bpy.types.Object) -> float:
    """Return how dark the scalp is under the hair, 0 to 1."""
    hair = worn_by(armature).get("hair")
    return 0.0 if hair is None else _SCALP_UNDER_HAIR.get(style_of(hair), _SCALP)


def color(armature: bpy.types.Object, look: Look) -> None:
    """Colour what a head wears."""
    for slot, obj in worn_by(armature).items():
        piece = worn.load(_PATHS[slot], style_of(obj))
        plain = look.cloth if slot == "clothes" else look.hair
        if style_of(obj) in worn.COVERS:
            plain = look.cover
        tones = piece.tones
        if len(obj.data.vertices) != len(tones):  # changed by the user, or of an older file
            tones = np.ones(len(obj.data.vertices), np.float32)
        paint(obj, np.clip(tones[:, None] * np.array(plain), 0, 1))
        show_in_solid_view(obj.data.materials, {"hair": plain, "cloth": plain})


def show_in_solid_view(
    slots: Iterable[bpy.types.Material | None], flat: Mapping[str, tuple[float, float, float]]
) -> None:
    """Set the one colour by which solid view shows each material."""
    for made in slots:
        surface = made.get(property_names.SURFACE) if made is not None else None
        if surface in flat:
            made.diffuse_color = (*flat[surface], 1.0)


def paint(obj: bpy.types.Object, colors: NDArray[np.floating]) -> None:
    """Give the vertices of a mesh colours (V, 3), linear RGB."""
    attributes = obj.data.color_attributes
    layer = attributes.get(materials.COLOR)
    if layer is None or len(layer.data) != len(colors):
        layer = attributes.new(materials.COLOR, "BYTE_COLOR", "POINT")
    opaque = np.column_stack([colors, np.ones(len(colors))])
    layer.data.foreach_set("color", opaque.astype(np.float32).ravel())
    attributes.active_color = layer
    obj.data.update()


def add_rest(obj: bpy.types.Object, vertices: NDArray[np.float32]) -> None:
    """Note where the vertices (V, 3) are at rest, for pores and weave."""
    rest = obj.data.attributes.new(materials.REST, "FLOAT_VECTOR", "POINT")
    rest.data.foreach_set("vector", construction.to_blender(vertices).astype(np.float32).ravel())
