"""Choosing the dialogue's sound: from the file browser, dropped files, or the other way round."""

from pathlib import Path

import bpy
from bpy.props import BoolProperty, CollectionProperty, EnumProperty, StringProperty

from .. import operator_names, status
from ..core.conversation import cues
from ..core.paths import ASSETS
from ..rig import paths
from ..rig.performance import turn_strips, voice_strips
from . import generation, turns
from .button import Button

#: What the network's reader opens: by libsndfile, and by FFmpeg, of video files too.
SUFFIXES = (
    *(".wav", ".flac", ".ogg", ".mp3", ".aif", ".aiff", ".opus"),
    *(".m4a", ".aac", ".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi"),
)
_DEMO = tuple(ASSETS / f"demo_speaker{number}.flac" for number in (1, 2))
_FILTER = ";".join(f"*{suffix}" for suffix in SUFFIXES)


class DUALTALK_OT_choose_sounds(bpy.types.Operator):
    """From chosen or dropped files to the scene's settings."""

    bl_idname = operator_names.CHOOSE_SOUNDS
    bl_label = "Choose Sounds"
    bl_description = (
        "Choose the sound of the conversation: two files, one per speaker in the order of their "
        "names, or one file with both"
    )
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012 - Blender wants a plain set

    directory: StringProperty(subtype="DIR_PATH", options={"SKIP_SAVE", "HIDDEN"})
    files: CollectionProperty(
        type=bpy.types.OperatorFileListElement, options={"SKIP_SAVE", "HIDDEN"}
    )
    filter_glob: StringProperty(default=_FILTER, options={"HIDDEN"})
    filter_sound: BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    filter_movie: BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    filter_folder: BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Take dropped files, or open the file browser."""
        if self.files:
            return self.execute(context)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Set the scene's sounds."""
        chosen = sorted(str(Path(self.directory, file.name)) for file in self.files if file.name)
        chosen = [paths.kept(path) for path in chosen]
        if len(chosen) not in (1, 2):
            self.report(
                {"ERROR"},
                f"{len(chosen)} files are chosen: choose two, one per speaker, or one with both.",
            )
            return {"CANCELLED"}
        settings = context.scene.dualtalk
        settings.sound_a, settings.sound_b = chosen[0], chosen[1] if len(chosen) == 2 else ""
        if len(chosen) == 2:
            settings.mode = "TRACKS"
        elif settings.mode == "TRACKS":
            settings.mode = "STEREO"
        status.forget_failure()
        status.redraw(context)
        return {"FINISHED"}


class DUALTALK_OT_demo_sounds(Button):
    """Take the conversation that comes with the add-on, to see what it does"""

    bl_idname = operator_names.DEMO_SOUNDS
    bl_label = "Try a Demo Dialogue"
    stage = "dialogue"

    def run(self, context: bpy.types.Context) -> str:
        """Set the scene's sounds."""
        settings = context.scene.dualtalk
        settings.sound_a, settings.sound_b = (str(path) for path in _DEMO)
        settings.mode = "TRACKS"
        status.redraw(context)
        return "The demo dialogue is chosen: press Generate"


class DUALTALK_OT_gather_voices(Button):
    """From every voice strip of the sequencer to one dialogue."""

    bl_idname = operator_names.GATHER_VOICES
    bl_label = "Use All Sequencer Strips"
    bl_description = (
        "Let the two say all sound strips of the sequencer: each person's on a channel of their "
        "own, or by the name with which the sounds begin; silence between. The strips stay"
    )
    stage = "dialogue"

    by: EnumProperty(
        name="Told Apart",
        description="Whose a strip is",
        items=[
            ("AUTO", "As It Is", "By channel where sounds are on two, else by name"),
            ("CHANNEL", "By Channel", "Each person's sounds are on a channel"),
            ("NAME", "By Name", "Names of sounds begin with the person's: anna_03.wav"),
        ],
    )
    generates: BoolProperty(
        name="Generate", description="Generate right away; what plays is kept as a take",
        default=True,
    )  # fmt: skip

    def run(self, context: bpy.types.Context) -> str:
        """Write a cue sheet per speaker, choose them, and generate."""
        settings = context.scene.dualtalk
        found = voice_strips.gather(context.scene, self.by)
        for letter, sheet in zip("ab", found.sheets, strict=True):
            path = _sheet_path(context.scene, letter)
            sheet.save(path)
            setattr(settings, f"sound_{letter}", paths.kept(path))
        settings.mode, settings.first_frame = "TRACKS", found.first_frame
        n_strips = sum(len(sheet.cues) for sheet in found.sheets)
        said = f"{n_strips} strips; A is {found.names[0]}, B is {found.names[1]}"
        reason = status.generate_reason(context) if self.generates else ""
        if self.generates and not reason:
            generation.press(context)
        return f"{said}. {reason}".rstrip(". ")


def _sheet_path(scene: bpy.types.Scene, letter: str) -> Path:
    """Return where a speaker's cue sheet lies: beside the file, once there is one."""
    name = bpy.path.clean_name(scene.name)
    if bpy.data.filepath:
        saved = Path(bpy.data.filepath)
        return saved.with_name(f"{saved.stem}_{name}_voice_{letter}{cues.SUFFIX}")
    return Path(bpy.app.tempdir) / f"{name}_voice_{letter}{cues.SUFFIX}"


class DUALTALK_OT_swap_speakers(bpy.types.Operator):
    """Let A say what B said, and the other way round"""

    bl_idname = operator_names.SWAP_SPEAKERS
    bl_label = "Swap Speakers"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012 - Blender wants a plain set

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Tell whether there is somebody to swap."""
        settings = context.scene.dualtalk
        if settings.mode != "TRACKS":
            cls.poll_message_set("Choose the recording first.")
            return bool(settings.sound_a)
        cls.poll_message_set("Choose a sound for each speaker first.")
        return bool(settings.sound_a and settings.sound_b)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Exchange the two sounds, or the voices of the one sound and the strips of its turns."""
        settings = context.scene.dualtalk
        if settings.mode == "TRACKS":
            settings.sound_a, settings.sound_b = settings.sound_b, settings.sound_a
            return {"FINISHED"}
        settings.swaps_voices = not settings.swaps_voices
        if settings.mode == "MIXED" and turns.is_edited(context.scene, settings.sound_a):
            turn_strips.exchange(context.scene)
        status.redraw(context)
        return {"FINISHED"}


class DUALTALK_FH_sounds(bpy.types.FileHandler):
    """Sound files dropped on the 3D view"""

    bl_idname = "DUALTALK_FH_sounds"
    bl_label = "Dialogue for DualTalk"
    bl_import_operator = "dualtalk.choose_sounds"
    bl_file_extensions = ";".join(SUFFIXES)

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        """Take files that are dropped on a 3D view; the sequencer has its own use for them."""
        return context.area is not None and context.area.type == "VIEW_3D"


CLASSES = (
    DUALTALK_OT_choose_sounds,
    DUALTALK_OT_demo_sounds,
    DUALTALK_OT_gather_voices,
    DUALTALK_OT_swap_speakers,
    DUALTALK_FH_sounds,
)
