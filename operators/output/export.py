"""Handing the performance on: scene files, motion files, the sound, a video."""

import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

import bpy
from bpy.props import BoolProperty, EnumProperty, StringProperty

from ... import operator_names, status
from ...core.errors import InputError, RigError
from ...core.files import atomic, check_target, require_space, why_not_written
from ...core.formats import usd_animation, whole
from ...core.jobs.requests import Exported, ExportRequest
from ...properties.choices import FORMATS
from ...rig import paths
from ...rig.output import export, face_files
from ...rig.performance import sound_strips
from .. import jobs
from ..button import Button


class FileExport(Button):
    """A step that writes a file whose name is chosen."""

    stage = "export"
    bl_options = {"REGISTER"}  # noqa: RUF012 - Blender wants a plain set
    suffix = ""
    ending = ""  # of the proposed name, before the suffix

    filepath: StringProperty(
        name="File", description="Where it is written", subtype="FILE_PATH", options={"SKIP_SAVE"}
    )
    filter_glob: StringProperty(
        name="Filter", description="Which files the browser shows", options={"HIDDEN"}
    )

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str:
        """Return why there is nothing to export now, or nothing."""
        return status.export_reason(context)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Propose a name and open the file browser, which calls `execute`."""
        if not self.filepath:
            name = self.proposed_stem(context) + self.ending
            self.filepath = str(Path(bpy.path.abspath("//")) / name)
        self.filepath = bpy.path.ensure_ext(self.filepath, self.wanted_suffix())
        self.filter_glob = f"*{self.wanted_suffix()}"
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def proposed_stem(self, context: bpy.types.Context) -> str:
        """Return how the proposed name begins: as the scene's file is called."""
        return Path(bpy.data.filepath).stem if bpy.data.filepath else "dialogue"

    def check(self, context: bpy.types.Context) -> bool:
        """Keep the file's suffix that of the format."""
        path = Path(self.filepath)
        known = path.suffix in {*export.suffixes(), self.suffix}
        wanted = str(path.with_suffix(self.wanted_suffix())) if known else self.filepath
        wanted = bpy.path.ensure_ext(wanted, self.wanted_suffix())
        is_changed = wanted != self.filepath
        self.filepath = wanted
        return is_changed

    def wanted_suffix(self) -> str:
        """Return the suffix of what is written."""
        return self.suffix

    def path(self) -> Path:
        """Return the chosen file.

        Raises:
            InputError: none is chosen, or one that the scene is made of, or no place for a file.
        """
        if not self.filepath:
            raise InputError("No file is chosen: give its path.")
        path = Path(bpy.path.abspath(self.filepath))
        check_target(path, paths.read_by_file())
        return path


@dataclass(frozen=True)
class SceneOrder(jobs.Order):
    """What an export beside Blender was started with."""

    copy: Path = Path()  #: the file that is exported, in the folder that goes with Blender


def saved_copy(what: str) -> Path:
    """Save a copy of the file for a job beside Blender, and return it.

    Raises:
        RigError: it cannot be saved.
    """
    copy = Path(bpy.app.tempdir) / f"dualtalk-{what}-{uuid.uuid4().hex[:8]}.blend"
    try:
        bpy.ops.wm.save_as_mainfile(filepath=str(copy), copy=True, check_existing=False)
    except RuntimeError as error:
        raise RigError(f"The scene cannot be saved for this: {error}") from error
    return copy


def blender_program() -> Path:
    """Return Blender, or the Python that has it as a module."""
    return Path(bpy.app.binary_path) if bpy.app.binary_path else Path(sys.executable)


class ExportBeside(jobs.Job, FileExport):
    """An export that people have done by a Blender of its own; scripts wait for the file."""

    stage = "export"
    form = ""  # of a job

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Tell whether there are characters to export and nothing else runs."""
        return super().poll(context) and FileExport.poll.__func__(cls, context)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Propose a name and open the file browser, which calls `execute`."""
        return FileExport.invoke(self, context, event)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Export: in line for scripts, beside Blender for people."""
        if bpy.app.background or context.window is None:
            return FileExport.execute(self, context)
        return self.start(context)

    def prepare(self, context: bpy.types.Context) -> SceneOrder:
        """Save a copy of the file and return what is to be exported of it.

        Raises:
            RigError: this Blender lacks the exporter, or the copy cannot be saved.
        """
        self.require()
        copy = saved_copy("export")
        request = self.request(str(copy), context.scene.name, str(self.path()))
        return SceneOrder(blender_program(), request, context.scene.session_uid, copy)

    def require(self) -> None:
        """Refuse what this Blender cannot write."""

    def request(self, copy: str, scene: str, path: str) -> ExportRequest:
        """Return what the other Blender is asked for."""
        return ExportRequest(copy, scene, path, self.form)

    def apply(self, context: bpy.types.Context, order: SceneOrder, result: Exported) -> str:
        """Tell where the file is."""
        order.copy.unlink(missing_ok=True)
        return " ".join([f"Wrote {result.path.name}.", *result.notes]).rstrip(".")

    def run(self, context: bpy.types.Context) -> str:
        """Write the faces' motion."""
        files = face_files.write(context.scene, self.path(), self.form)
        return f"Wrote {' and '.join(file.name for file in files)}"


class DUALTALK_OT_export_scene(ExportBeside):
    """Write both characters with their animation for another program, while you go on working"""

    bl_idname = operator_names.EXPORT_SCENE
    bl_label = "Export Characters"

    format: EnumProperty(name="Format", description="What reads it", items=FORMATS)
    bakes: BoolProperty(
        name="Bake Gaze to Keyframes",
        description="Write looks and turns of the head as plain keys, since other programs do not "
        "know Blender's constraints; the scene keeps its constraints",
        default=True,
    )

    starts_at_zero: BoolProperty(
        name="Start at 0",
        description="Begin FBX and glTF, whose keys are in seconds, with the scene's first frame "
        "at 0, as the exported sound does. USD and Alembic keep the scene's frame numbers",
        default=True,
    )

    def wanted_suffix(self) -> str:
        """Return the suffix of the format."""
        return export.EXPORTERS[self.format].suffix

    def require(self) -> None:
        """Refuse a format that this Blender cannot write.

        Raises:
            RigError: why it cannot.
        """
        why = export.missing(self.format)
        if why:
            raise RigError(why)

    def request(self, copy: str, scene: str, path: str) -> ExportRequest:
        """Return what the other Blender is asked for."""
        return ExportRequest(copy, scene, path, self.format, self.bakes, self.starts_at_zero)

    def run(self, context: bpy.types.Context) -> str:
        """Bake, export, unbake."""
        notes: list[str] = []
        written = export.write(
            context.scene, self.path(), self.format, self.bakes, self.starts_at_zero, notes
        )
        return " ".join([f"Wrote {written.name}.", *notes]).rstrip(".")


class DUALTALK_OT_export_motion(ExportBeside):
    """Write what both heads do as two .npz files, which the DualTalk data set's tools read"""

    bl_idname = operator_names.EXPORT_MOTION
    bl_label = "Numbers for Research (.npz)"
    suffix = ".npz"
    ending = "_motion"
    form = "MOTION"


class DUALTALK_OT_export_live_link(ExportBeside):
    """Write both faces as Live Link Face recordings (.csv), which Unreal Engine and others read"""

    bl_idname = operator_names.EXPORT_LIVE_LINK
    bl_label = "Live Link Face (.csv)"
    suffix = ".csv"
    ending = "_take"
    form = "LIVE_LINK"


class DUALTALK_OT_export_usd_animation(ExportBeside):
    """Write both faces as a USD layer of animation alone (.usda): weights of ARKit's shapes"""

    bl_idname = operator_names.EXPORT_USD_ANIMATION
    bl_label = "USD Animation (.usda)"
    suffix = usd_animation.SUFFIX
    ending = "_faces"
    form = "USD_ANIMATION"


class DUALTALK_OT_export_sound(FileExport):
    """Write the scene's sound as one file (.wav), as long as the scene"""

    bl_idname = operator_names.EXPORT_SOUND
    bl_label = "Sound (.wav)"
    suffix = ".wav"

    def run(self, context: bpy.types.Context) -> str:
        """Mix the sequencer's sound down."""
        path = self.path()
        heard = sound_strips.heard(context.scene)
        if not heard:
            raise RigError("The scene has no sound strips of the dialogue: generate first.")
        paths.require_sounds(heard)
        require_space(path, sound_strips.mixed_bytes(context.scene))  # else Blender would end
        with atomic(path) as temporary:
            try:
                bpy.ops.sound.mixdown(
                    filepath=str(temporary), container="WAV", codec="PCM", format="S16"
                )
            except RuntimeError as error:
                why = why_not_written(path, error)
                raise RigError(f"Blender could not write {path.name}: {why}") from error
            whole.require(temporary, path)
        return f"Wrote {path.name}"


CLASSES = (
    DUALTALK_OT_export_scene,
    DUALTALK_OT_export_motion,
    DUALTALK_OT_export_live_link,
    DUALTALK_OT_export_usd_animation,
    DUALTALK_OT_export_sound,
)
