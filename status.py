"""What panels and buttons ask before they offer a step: why it cannot run now, how far a job is.

Panels import no operators: operators tell this module what runs and what went wrong, and the
reasons here are also what the operators' `poll` says.
"""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import bpy

from .core.errors import DualTalkError, WorkerError
from .core.jobs.worker_process import Progress, WorkerProcess
from .preferences import pythons, stored
from .rig import property_names
from .rig.characters import heads
from .rig.characters.own import control_rig
from .rig.characters.people import Acting as Acting
from .rig.characters.people import Person as Person
from .rig.characters.people import acting_of as acting_of
from .rig.characters.people import person_of as person_of
from .rig.gaze import gaze_keys
from .rig.output import baking, export, streaming
from .rig.performance import scene_settings
from .rig.performance.editing import comparing, edits, retaking
from .rig.performance.editing.pushed_down import pushed_down_reason as pushed_down_reason
from .rig.performance.editing.rows import retake_times as retake_times
from .rig.performance.editing.rows import retake_times_reason as retake_times_reason
from .rig.performance.speech.here import Here as Here
from .rig.performance.speech.here import word_here as word_here
from .rig.performance.speech.outdated import words_problem as words_problem
from .rig.staging import directing

BUSY = "Another job of DualTalk is running: wait for it, or cancel it."
#: So many characters of a popup fit a window of 1280 pixels, with room beside.
_REPORT_COLUMNS = 110
OBJECT_MODE = "Switch to Object Mode first."


@dataclass(frozen=True)
class Failure:
    """What went wrong last, for the panel of the step that it belongs to."""

    message: str
    stage: str
    log: str


@dataclass
class _State:
    worker: WorkerProcess[Any] | None = None
    owner: str = ""  # name of the operator that started it
    failure: Failure | None = None
    waveform_icon: int = 0
    waveform_shown: Callable[[], None] | None = None


_state = _State()


# ---- the job that runs, and the last failure


def progress(owner: str = "") -> Progress | None:
    """Return how far the job is, if one runs (for the operator of this name)."""
    is_owner = owner in ("", _state.owner)
    return _state.worker.progress if _state.worker is not None and is_owner else None


def worker() -> WorkerProcess[Any] | None:
    """Return the process of the job that runs."""
    return _state.worker


def begin(worker: WorkerProcess[Any], owner: str) -> None:
    """Note that a job runs for the operator of this name."""
    _state.worker, _state.owner = worker, owner
    forget_failure()


def end() -> None:
    """End the job that runs, if any."""
    if _state.worker is not None:
        _state.worker.close()
        _state.worker = None


def failure(stage: str = "") -> Failure | None:
    """Return what went wrong last (in this step of the work); nothing after a success."""
    found = _state.failure
    return found if found is not None and stage in ("", found.stage) else None


def remember_failure(error: DualTalkError, stage: str) -> None:
    """Show an error on the panel of a step of the work (of its own step, if it has one)."""
    log = error.log if isinstance(error, WorkerError) else ""
    _state.failure = Failure(str(error), error.stage or stage, log)


def for_report(message: str) -> str:
    """Return a message as Blender's popup shows it whole: in lines that fit a small window."""
    return message if bpy.app.background else "\n".join(textwrap.wrap(message, _REPORT_COLUMNS))


def forget_failure() -> None:
    """Take the last error off the panels."""
    _state.failure = None


def waveform_icon() -> int:
    """Return the number of the waveform's picture for `template_icon`, 0 if there is none.

    Whoever draws it is told that it is looked at.
    """
    if _state.waveform_shown is not None:
        _state.waveform_shown()
    return _state.waveform_icon


def when_waveform_is_shown(call: Callable[[], None] | None) -> None:
    """Call this, which must cost nothing, whenever a panel shows the waveform."""
    _state.waveform_shown = call


def show_waveform(icon: int) -> None:
    """Note the number of the waveform's picture."""
    _state.waveform_icon = icon


def redraw(context: bpy.types.Context) -> None:
    """Draw the panels anew, wherever they are."""
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in {"VIEW_3D", "SEQUENCE_EDITOR", "PREFERENCES"}:
                for region in area.regions:
                    if region.type in {"UI", "WINDOW"} and (
                        region.type == "UI" or area.type == "PREFERENCES"
                    ):
                        region.tag_redraw()


# ---- why a step cannot run now; an empty text: it can


def python_reason(context: bpy.types.Context) -> str:
    """Return why no Python can run the network."""
    return pythons.problem(stored.get(context).python)


def install_reason(context: bpy.types.Context) -> str:
    """Return why the network's own Python cannot be installed."""
    if not stored.get(context).wheels and not bpy.app.online_access:
        return (
            "Downloading needs Allow Online Access (Preferences > System). Without it, choose a "
            "Folder of Packages in the add-on's preferences."
        )
    return ""


def may_allow_online() -> bool:
    """Tell whether one press would let Blender go online: it was not started without."""
    return (
        not bpy.app.online_access
        and not bpy.app.online_access_override
        and hasattr(bpy.types, "EXTENSIONS_OT_userpref_allow_online")
    )


def has_chosen_python(context: bpy.types.Context) -> bool:
    """Tell whether the preferences name an interpreter, whether it works or not."""
    return bool(stored.get(context).python)


def missing_sound(mode: str, sound_a: str, sound_b: str, has_faces: bool = False) -> str:
    """Return which sound has yet to be chosen; captured faces need none."""
    if has_faces and mode != "MIXED":
        return ""
    if has_faces and sound_a:
        return (
            "A captured face goes with Two Tracks or One Stereo File: a mixed recording does not "
            "say whose voice is whose face. Choose one of those."
        )
    if not sound_a and mode == "TRACKS":
        return "No sound is chosen: choose the sound of speaker A."
    if not sound_a:
        return "No sound is chosen: choose the recording."
    if mode == "TRACKS" and not sound_b:
        return "Choose the sound of speaker B, or say that it is One Stereo File."
    return ""


def missing_recording(settings: bpy.types.PropertyGroup) -> str:
    """Return why there is no mixed recording whose turns could be found."""
    if settings.mode != "MIXED":
        return "Turns are found in One Mixed Recording: two tracks tell by themselves."
    return "" if settings.sound_a else "No sound is chosen: choose the recording."


def mode_reason(context: bpy.types.Context) -> str:
    """Return that the user must leave a mode in which objects cannot be made."""
    return "" if context.mode == "OBJECT" else OBJECT_MODE


def generate_reason(context: bpy.types.Context) -> str:
    """Return why the panel's button cannot generate."""
    if progress() is not None:
        return BUSY
    settings = context.scene.dualtalk
    has_faces = bool(settings.face_a or settings.face_b)
    reason = missing_sound(settings.mode, settings.sound_a, settings.sound_b, has_faces)
    if reason:
        return f"{reason} It is in Dialogue."
    return mode_reason(context) or python_reason(context)


def turns_reason(context: bpy.types.Context) -> str:
    """Return why the turns cannot be found."""
    if progress() is not None:
        return BUSY
    return missing_recording(context.scene.dualtalk) or python_reason(context)


def characters_reason(context: bpy.types.Context) -> str:
    """Return why no character can be added or removed."""
    return BUSY if progress() is not None else mode_reason(context)


def table_reason(context: bpy.types.Context) -> str:
    """Return why the active object has no shape keys that a table could name."""
    mesh = context.active_object
    if mesh is None or mesh.type != "MESH" or mesh.data.shape_keys is None:
        return "Select the mesh of an own character that has the face's shape keys."
    return ""


def rig_reason(context: bpy.types.Context) -> str:
    """Return why the active object is no rig that could be shown poses."""
    rig = context.active_object
    if rig is None or rig.type != "ARMATURE" or property_names.SPEAKER in rig:
        return "Select the armature of a control rig of your own."
    return BUSY if progress() is not None else ""


def learned_controls(rig: bpy.types.Object) -> tuple[str, ...]:
    """Return the controls for which a rig was shown a pose; none where the note is damaged."""
    try:
        return tuple(control_rig.learned(rig).poses)
    except DualTalkError:
        return ()


def staging_reason(context: bpy.types.Context) -> str:
    """Return why the scene cannot be directed."""
    first, second = heads.find_pair(context.scene)
    if first is None or second is None:
        return "The scene has no two DualTalk heads yet: generate first"
    if directing.is_baked(context.scene):
        return "The gaze is baked to plain keys: unbake first"
    if gaze_keys.written(first.armature) is None:
        return "The scene has no gaze yet: generate first"
    return ""


def performance_reason(context: bpy.types.Context) -> str:
    """Return why there is no performance to change."""
    if heads.find_pair(context.scene) == (None, None):
        return "There is no performance yet: press Generate first."
    return BUSY if progress() is not None else ""


def edits_reason(context: bpy.types.Context) -> str:
    """Return why it cannot be told what was edited."""
    reason = performance_reason(context)
    if reason or is_baked(context.scene):
        return reason or "The gaze is baked to plain keys: unbake first."
    if not edits.are_known(context.scene):
        return "An older DualTalk made this performance: what was edited cannot be told."
    if comparing.is_on(context.scene):
        return "Two takes are compared: press Keep or Back first."
    return pushed_down_reason(context.scene)


def words_reason(context: bpy.types.Context, has_transcript: bool = False) -> str:
    """Return why words cannot be aligned, or nothing."""
    settings = context.scene.dualtalk
    if None in heads.find_pair(context.scene):
        return "There are no two heads yet: press Generate first."
    if not settings.sound_a or (settings.mode == "TRACKS" and not settings.sound_b):
        return "Choose the sounds first."
    if not has_transcript and settings.transcript is None:
        return "Type what is said into a text, or open a .txt or .srt file."
    return python_reason(context)


def changed_turns_reason(scene: bpy.types.Scene) -> str:
    """Return why changed turns cannot be performed anew, or nothing."""
    if scene.dualtalk.mode != "MIXED":
        return "Turns are strips in One Mixed Recording: two tracks tell by themselves."
    return ""


def changed_turns(scene: bpy.types.Scene) -> list[tuple[int, int]]:
    """Return the ranges of frames that turns touch which were changed since the take was made."""
    return [] if changed_turns_reason(scene) else retaking.changed_turns(scene)


def retake_reason(context: bpy.types.Context) -> str:
    """Return why a range cannot be generated anew, beside what `edits_reason` says."""
    return generate_reason(context) or retake_times_reason(context.scene)


def strengths_reason(context: bpy.types.Context) -> str:
    """Return why the strengths of layers cannot be changed."""
    if is_baked(context.scene):
        return "The gaze is baked to plain keys: unbake first."
    return pushed_down_reason(context.scene)


def export_reason(context: bpy.types.Context) -> str:
    """Return why there is nothing to export."""
    if progress() is not None:
        return BUSY
    if None in heads.find_pair(context.scene):
        return "There are no two heads yet: press Generate first."
    return mode_reason(context)


def format_reason(identifier: str) -> str:
    """Return why this Blender cannot write a format (`properties.choices.FORMATS`)."""
    return export.missing(identifier)


def is_streaming() -> bool:
    """Tell whether faces are sent to another program."""
    return streaming.is_on()


def rate_problem(scene: bpy.types.Scene) -> str:
    """Return that the scene's frame rate was changed after Generate, or nothing."""
    return scene_settings.rate_problem(scene)


def is_baked(scene: bpy.types.Scene) -> bool:
    """Tell whether the gaze of a character is plain keys now."""
    return any(
        character and baking.is_baked(character.armature) for character in heads.find_pair(scene)
    )
