"""Files that other tools read and write: who speaks when, and cuts."""

import math
from pathlib import Path

import bpy
from bpy.props import StringProperty

from ... import operator_names, status
from ...core.conversation.turns import Turns
from ...core.errors import InputError
from ...core.formats import editorial, turn_files
from ...core.motion import NETWORK_FPS
from ...rig import timing
from ...rig.performance import turn_strips
from ...rig.staging import edited_cuts
from .. import turns
from ..button import FileButton
from .export import FileExport


class DUALTALK_OT_import_turns(FileButton):
    """Read who speaks when from another tool's file (.rttm, .srt, .csv, .otio, .edl) as strips"""

    bl_idname = operator_names.IMPORT_TURNS
    bl_label = "Import Turns"
    stage = "dialogue"

    filepath: StringProperty(
        name="File", description="Turns of two people", subtype="FILE_PATH", options={"SKIP_SAVE"}
    )
    filter_glob: StringProperty(
        name="Filter",
        description="Which files the browser shows",
        default=";".join(f"*{suffix}" for suffix in turn_files.READ_SUFFIXES),
        options={"HIDDEN"},
    )

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str:
        """Return why turns have no recording to belong to, or nothing."""
        return status.missing_recording(context.scene.dualtalk)

    def run(self, context: bpy.types.Context) -> str:
        """Write a strip per turn in place of those that are there."""
        path = self.chosen_file()
        utterances, names = turn_files.read(path, timing.scene_fps(context.scene))
        n_frames = math.ceil(max(one.end_s for one in utterances) * NETWORK_FPS)
        settings = context.scene.dualtalk
        first_frame = turn_strips.start(context.scene, settings.first_frame)
        speaking = turn_files.as_frames(utterances, n_frames) > 0
        turns.show(context.scene, speaking, settings.sound_a, first_frame)
        who = ", ".join(f"{letter} is {name}" for letter, name in zip("AB", names, strict=False))
        return f"{len(utterances)} turns; {who}"


class DUALTALK_OT_import_cuts(FileButton):
    """Read an editor's cut (.otio, .edl): markers show the cameras its shots name"""

    bl_idname = operator_names.IMPORT_CUTS
    bl_label = "Import Cuts"
    stage = "staging"

    filepath: StringProperty(
        name="File", description="A cut", subtype="FILE_PATH", options={"SKIP_SAVE"}
    )
    filter_glob: StringProperty(
        name="Filter",
        description="Which files the browser shows",
        default=";".join(f"*{suffix}" for suffix in editorial.SUFFIXES),
        options={"HIDDEN"},
    )

    def run(self, context: bpy.types.Context) -> str:
        """Write a marker per shot in place of the cuts that are there."""
        scene = context.scene
        clips = editorial.read(self.chosen_file(), timing.scene_fps(scene))
        begin = turn_strips.start(scene, scene.dualtalk.first_frame)
        written = edited_cuts.write(scene, clips, begin)
        if written.unknown:
            some = ", ".join(written.unknown[:3])
            self.report({"WARNING"}, f"No camera is called as these shots are: {some}")
        return f"{written.n_shots} shots"


class DUALTALK_OT_export_turns(FileExport):
    """Write who speaks when, as the strips say it, for another tool (.rttm, .srt or .csv)"""

    bl_idname = operator_names.EXPORT_TURNS
    bl_label = "Turns (.rttm, .srt, .csv)"
    suffix = ".rttm"
    ending = "_turns"
    stage = "dialogue"

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str:
        """Return why there are no turns to write, or nothing."""
        if turn_strips.has_strips(context.scene):
            return ""
        return "The scene has no strips of turns: press Find Speaking Turns first."

    def wanted_suffix(self) -> str:
        """Return the suffix that was typed, if it is of a known kind."""
        typed = Path(self.filepath).suffix.lower()
        return typed if typed in turn_files.SUFFIXES else self.suffix

    def run(self, context: bpy.types.Context) -> str:
        """Write the strips' turns."""
        path = self.path()
        speaking = turn_strips.read(context.scene, context.scene.dualtalk.turns_start)
        if speaking is None:
            raise InputError("The scene has no strips of turns: press Find Speaking Turns first.")
        found = Turns(speaking.astype("float32")).utterances()
        turn_files.write(path, found, Path(context.scene.dualtalk.sound_a).stem)
        return f"Wrote {len(found)} turns to {path.name}"


CLASSES = (
    DUALTALK_OT_import_turns,
    DUALTALK_OT_import_cuts,
    DUALTALK_OT_export_turns,
)
