"""The animator's own table of a character: kept on its meshes, it goes before all known names.

`Object.dualtalk.rows` of each mesh (`properties/character.py`) holds it, so that it is saved with
the file and goes along when the character is appended to another.
"""

from collections.abc import Iterable, Sequence

import bpy

from ....core.faces.shape_names import match
from ....core.faces.shape_table import Row, rows, table


def rows_of(mesh: bpy.types.Object) -> list[Row]:
    """Return the rows of a mesh's table; none where the add-on is not registered."""
    settings = getattr(mesh, "dualtalk", None)
    if settings is None:
        return []
    return [Row(row.key, row.control, row.factor) for row in settings.rows if row.key]


def table_of(meshes: Sequence[bpy.types.Object]) -> dict[str, dict[str, float]]:
    """Return what the tables of a character's meshes say together."""
    return table(row for mesh in meshes for row in rows_of(mesh))


def store(mesh: bpy.types.Object, given: Iterable[Row]) -> None:
    """Let a mesh have this table in place of its own."""
    settings = mesh.dualtalk
    settings.rows.clear()
    for row in given:
        made = settings.rows.add()
        made.key, made.control, made.factor = row
    settings.row = 0


def recognised(mesh: bpy.types.Object) -> list[Row]:
    """Return a row per key of a mesh: as its table has it, as its name says, or left alone."""
    names = key_names(mesh)
    found = match([names], table_of([mesh])).weights[0]
    return rows({name: found.get(name, {}) for name in names})


def key_names(mesh: bpy.types.Object) -> list[str]:
    """Return the names of a mesh's shape keys without the basis."""
    keys = mesh.data.shape_keys if mesh.type == "MESH" else None
    return [] if keys is None else [key.name for key in keys.key_blocks[1:]]
