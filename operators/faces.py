"""A captured actor becomes one of the two, and the other one reacts."""

from pathlib import Path

import bpy
from bpy.props import BoolProperty, CollectionProperty, EnumProperty, StringProperty

from .. import operator_names, status
from ..core.errors import InputError
from ..core.formats import captured
from ..core.speakers import letter, partner
from ..properties.choices import SPEAKERS
from ..rig import paths
from . import generation
from .button import Button

_FILTER = ";".join(f"*{suffix}" for suffix in captured.SUFFIXES)


class DUALTALK_OT_import_face(Button):
    """A recorded actor becomes one of the two."""

    bl_idname = operator_names.IMPORT_FACE
    bl_label = "Import Captured Face"
    bl_description = (
        "Let a recorded face (Live Link Face .csv, DualTalk .npz) be one of the two; the other one "
        "reacts to it. Two files are A and B in the order of their names"
    )
    stage = "dialogue"

    filepath: StringProperty(
        name="File", description="A recording", subtype="FILE_PATH", options={"SKIP_SAVE"}
    )
    directory: StringProperty(subtype="DIR_PATH", options={"SKIP_SAVE", "HIDDEN"})
    files: CollectionProperty(
        type=bpy.types.OperatorFileListElement, options={"SKIP_SAVE", "HIDDEN"}
    )
    filter_glob: StringProperty(default=_FILTER, options={"HIDDEN"})
    speaker: EnumProperty(
        name="Speaker", description="Whose face it is; of two files the first is A's",
        items=SPEAKERS,
    )  # fmt: skip
    generates: BoolProperty(
        name="React at Once",
        description="Generate right away: a performance that is there is kept as a take",
        default=True,
    )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask whose face a dropped file is, or open the file browser."""
        if len(self._chosen()) == 1:
            return context.window_manager.invoke_props_dialog(self, width=320)
        if self._chosen():
            return self.execute(context)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the choices, in the dialog and beside the file browser."""
        layout = self.layout
        layout.row(align=True).prop(self, "speaker", expand=True)
        layout.prop(self, "generates")

    def run(self, context: bpy.types.Context) -> str:
        """Read the recordings, note whose they are, and let the other one react."""
        chosen = self._chosen()
        if len(chosen) not in (1, 2):
            raise InputError(
                f"{len(chosen)} recordings are chosen: choose one, or two for both speakers."
            )
        whose = (1, 2) if len(chosen) == 2 else (int(self.speaker),)
        said = [_said(path, who) for path, who in zip(chosen, whose, strict=True)]
        settings = context.scene.dualtalk
        for path, who in zip(chosen, whose, strict=True):
            setattr(settings, f"face_{letter(who).lower()}", paths.kept(path))
        reason = status.generate_reason(context) if self.generates else ""
        if reason:
            said.append(reason)
        elif self.generates:
            generation.press(context)
        elif len(whose) == 1:
            said.append(f"press Generate, and {letter(partner(whose[0]))} reacts")
        return "; ".join(said)

    def _chosen(self) -> list[Path]:
        """Return the files, in the order of their names."""
        named = sorted(Path(self.directory, one.name) for one in self.files if one.name)
        given = [Path(bpy.path.abspath(self.filepath))] if self.filepath else []
        return [path for path in named or given if path.suffix or path.is_file()]


class DUALTALK_OT_clear_face(Button):
    """Let the network perform this speaker again; the recording stays where it is"""

    bl_idname = operator_names.CLEAR_FACE
    bl_label = "Clear Captured Face"
    speaker: EnumProperty(name="Speaker", description="Whose face", items=SPEAKERS)

    def run(self, context: bpy.types.Context) -> str:
        """Forget the recording."""
        settings, who = context.scene.dualtalk, letter(int(self.speaker))
        setattr(settings, f"face_{who.lower()}", "")
        setattr(settings, f"face_start_{who.lower()}", 0.0)
        return f"{who} is performed by the network again"


class DUALTALK_FH_faces(bpy.types.FileHandler):
    """Captured faces dropped on the 3D view"""

    bl_idname = "DUALTALK_FH_faces"
    bl_label = "Captured Face for DualTalk"
    bl_import_operator = operator_names.IMPORT_FACE
    bl_file_extensions = ";".join(captured.SUFFIXES)

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        """Take files that are dropped on a 3D view."""
        return context.area is not None and context.area.type == "VIEW_3D"


def _said(path: Path, speaker: int) -> str:
    """Check a recording, and say what it is."""
    motion = captured.read(path)
    return (
        f"{letter(speaker)} is {path.name} ({motion.duration_s:.1f} s at {motion.fps:.4g} frames "
        "a second)"
    )


CLASSES = (DUALTALK_OT_import_face, DUALTALK_OT_clear_face, DUALTALK_FH_faces)
