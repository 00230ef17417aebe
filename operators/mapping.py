"""The table by which an own character's keys are moved: filled, edited, exchanged, applied."""

from pathlib import Path

import bpy
from bpy.props import EnumProperty, StringProperty

from .. import operator_names, status
from ..core.errors import InputError
from ..core.faces import shape_table
from ..core.speakers import letter
from ..rig import property_names
from ..rig.characters import heads, removal
from ..rig.characters.own import binding, mapping, matching
from ..rig.characters.own.bound import BoundCharacter
from .button import Button, FileButton
from .output.export import FileExport

_FILTER = ";".join(f"*{suffix}" for suffix in shape_table.SUFFIXES)


class _TableButton(Button):
    """A step on the table of the active mesh."""

    stage = "characters"

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str:
        """Return why the active object can have no table, or nothing."""
        return status.table_reason(context)


class DUALTALK_OT_fill_table(_TableButton):
    """List every shape key of the active mesh with what moves it now, to change by hand"""

    bl_idname = operator_names.FILL_TABLE
    bl_label = "List Shape Keys"

    def run(self, context: bpy.types.Context) -> str:
        """Fill the table; rows that are there stay as they are."""
        mesh = context.active_object
        found = mapping.recognised(mesh)
        mapping.store(mesh, found)
        n_known = len({row.key for row in found if row.control})
        return f"{n_known} of {len(mapping.key_names(mesh))} keys are known by name"


class DUALTALK_OT_edit_table(_TableButton):
    """Add a row to the mapping table, or take rows off"""

    bl_idname = operator_names.EDIT_TABLE
    bl_label = "Edit Mapping Table"

    change: EnumProperty(
        name="Change",
        description="What is done",
        items=[
            ("ADD", "Add Row", "Add a row for the chosen row's key"),
            ("REMOVE", "Remove Row", "Take the chosen row off"),
            ("CLEAR", "Clear", "Take all rows off: keys go by their names again"),
        ],
    )

    @classmethod
    def description(
        cls, _context: bpy.types.Context, properties: bpy.types.OperatorProperties
    ) -> str:
        """Say what the button does that it is drawn for."""
        items = cls.bl_rna.properties["change"].enum_items
        return str(items[properties.change].description)

    def run(self, context: bpy.types.Context) -> str:
        """Change the table."""
        settings = context.active_object.dualtalk
        if self.change == "CLEAR":
            settings.rows.clear()
            return "Keys go by their names again"
        if self.change == "REMOVE":
            if not 0 <= settings.row < len(settings.rows):
                raise InputError("The table has no row to remove.")
            settings.rows.remove(settings.row)
            settings.row = max(0, min(settings.row, len(settings.rows) - 1))
            return "The row was removed"
        is_there = 0 <= settings.row < len(settings.rows)
        key = settings.rows[settings.row].key if is_there else ""
        settings.rows.add().key = key
        settings.row = len(settings.rows) - 1
        return "A row was added"


class DUALTALK_OT_import_table(FileButton, _TableButton):
    """Read a mapping table (.csv, .json) for the active mesh"""

    bl_idname = operator_names.IMPORT_TABLE
    bl_label = "Import Table"

    filepath: StringProperty(
        name="File", description="A table", subtype="FILE_PATH", options={"SKIP_SAVE"}
    )
    filter_glob: StringProperty(default=_FILTER, options={"HIDDEN"})

    def run(self, context: bpy.types.Context) -> str:
        """Read it; rows of keys that the mesh has not are kept, and said."""
        mesh = context.active_object
        found = shape_table.read(self.chosen_file())
        names = set(mapping.key_names(mesh))
        mapping.store(mesh, found)
        lacking = sorted({row.key for row in found} - names)
        if lacking:
            self.report({"WARNING"}, f"{mesh.name} has no key {lacking[0]} ({len(lacking)} such)")
        return f"{len(found)} rows for {mesh.name}"


class DUALTALK_OT_export_table(_TableButton, FileExport):
    """Write the active mesh's mapping table (.csv or .json) for other characters and scenes"""

    bl_idname = operator_names.EXPORT_TABLE
    bl_label = "Export Table"
    bl_options = FileExport.bl_options
    suffix = ".csv"
    ending = "_shapes"

    def proposed_stem(self, context: bpy.types.Context) -> str:
        """Return a name after the object's."""
        return bpy.path.clean_name(context.active_object.name)

    def wanted_suffix(self) -> str:
        """Return the suffix that was typed, if it is of a known kind."""
        typed = Path(self.filepath).suffix.lower()
        return typed if typed in shape_table.SUFFIXES else self.suffix

    def run(self, context: bpy.types.Context) -> str:
        """Write the table, or what the names say where there is none."""
        if self.filepath:
            self.filepath = bpy.path.ensure_ext(self.filepath, self.wanted_suffix())
        path = self.path()
        mesh = context.active_object
        given = mapping.rows_of(mesh) or mapping.recognised(mesh)
        shape_table.write(path, given)
        return f"Wrote {len(given)} rows to {path.name}"


class DUALTALK_OT_apply_table(_TableButton):
    """Let a bound character go by its table: it is bound again, and Generate moves it anew"""

    bl_idname = operator_names.APPLY_TABLE
    bl_label = "Apply Table"

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str:
        """Return why there is nothing to bind again, or nothing."""
        reason = status.table_reason(context) or status.characters_reason(context)
        if reason or property_names.BOUND in context.active_object:
            return reason
        return "The active mesh is not bound: Use Selected Character goes by the table at once."

    def run(self, context: bpy.types.Context) -> str:
        """Bind it again as it was bound."""
        scene = context.scene
        speaker = int(context.active_object[property_names.BOUND])
        found = heads.find(scene, speaker)
        if not isinstance(found, BoundCharacter):
            raise InputError(heads.problem(scene, speaker) or "The character is not whole.")
        rig = [found.rig] if found.rig is not None else []
        parts, bones = [*found.meshes, *rig], dict(found.bones)
        matching.match_character(scene, parts, bones)  # raises before anything is let go
        removal.remove(scene, speaker)
        made = binding.bind(scene, speaker, parts, heads.collection(scene), bones)
        return f"{letter(speaker)} goes by the table ({len(made.missing)} shapes missing): Generate"


CLASSES = (
    DUALTALK_OT_fill_table,
    DUALTALK_OT_edit_table,
    DUALTALK_OT_import_table,
    DUALTALK_OT_export_table,
    DUALTALK_OT_apply_table,
)
