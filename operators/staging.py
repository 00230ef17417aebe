"""Buttons of staging and gaze: presets, a description, cuts, following edits, baking."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import bpy

from .. import preferences
from ..core.direction import Direction, Scene
from ..core.errors import DualTalkError, InputError
from ..core.staging import PRESETS
from ..rig import baking, gazekeys, heads, staging
from .staging_settings import from_scene, to_scene

_TIMEOUT_S = 120


def disabled_reason(context: bpy.types.Context) -> str:
    """Return why a scene cannot be directed, or nothing."""
    found = [heads.find(context.scene, speaker) for speaker in (1, 2)]
    if found[0] is None or found[1] is None:
        return "The scene has no two DualTalk heads yet: generate first"
    if staging.is_baked(context.scene):
        return "The gaze is baked to plain keys: unbake first"
    if gazekeys.written(found[0].armature) is None:
        return "The scene has no gaze yet: generate first"
    return ""


class _Button(bpy.types.Operator):
    """One step of directing; errors of ours become one line for the user."""

    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012 - Blender wants a plain set

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        reason = disabled_reason(context)
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            message = self.run(context)
        except DualTalkError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"INFO"}, message)
        return {"FINISHED"}

    def run(self, context: bpy.types.Context) -> str:
        """Do it and return what to tell the user."""
        raise NotImplementedError


class DUALTALK_OT_direct(_Button):
    """Put staging, habits and gaze as the sliders say"""

    bl_idname = "dualtalk.direct"
    bl_label = "Direct"

    def run(self, context: bpy.types.Context) -> str:
        settings = context.scene.dualtalk_staging
        wanted = to_scene(settings)
        plan = staging.direct(context.scene, wanted, settings.seed)
        return f"Directed: {sum(map(len, plan.looks))} looks"


class _SliderButton(_Button):
    """Sets sliders, which need no characters yet; with characters they go into effect."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        is_baked = staging.is_baked(context.scene)
        if is_baked:
            cls.poll_message_set(disabled_reason(context))
        return not is_baked

    def put(self, context: bpy.types.Context, wanted: Scene) -> None:
        """Put a scene into effect as far as there is one, and into the sliders."""
        settings = context.scene.dualtalk_staging
        if not disabled_reason(context):
            staging.direct(context.scene, wanted, settings.seed)
        from_scene(settings, wanted)


class DUALTALK_OT_apply_preset(_SliderButton):
    """Set the sliders of the staging to the chosen preset and put it into effect"""

    bl_idname = "dualtalk.apply_preset"
    bl_label = "Apply Preset"

    def run(self, context: bpy.types.Context) -> str:
        settings = context.scene.dualtalk_staging
        preset = PRESETS[settings.preset]
        wanted = replace(to_scene(settings), staging=preset.staging)
        self.put(context, wanted)
        return f"Staged: {preset.label}"


class DUALTALK_OT_describe(_SliderButton):
    """Let the description set the sliders and put them into effect"""

    bl_idname = "dualtalk.describe"
    bl_label = "Read Description"

    def run(self, context: bpy.types.Context) -> str:
        settings = context.scene.dualtalk_staging
        direction = read_description(settings.description, self._python(context))
        wanted = direction.apply(to_scene(settings))
        self.put(context, wanted)
        said = [*direction.values.items()]
        if direction.distance_m is not None:
            said.append(("distance", f"{direction.distance_m:g} m"))
        settings.understood = "\n".join(
            f"{_readable(name)}: {value.replace('_', ' ')} "
            f"({direction.confidence.get(name, 1.0):.0%})"
            for name, value in said
        )
        settings.not_understood = "\n".join(direction.not_understood)
        return f"Understood {len(said)} things"

    def _python(self, context: bpy.types.Context) -> str:
        return str(preferences.worker_python(preferences.get(context).python))


class DUALTALK_OT_cut_to_speakers(_Button):
    """Bind cameras to markers so that the scene cuts to whoever speaks"""

    bl_idname = "dualtalk.cut_to_speakers"
    bl_label = "Cut to Whoever Speaks"

    def run(self, context: bpy.types.Context) -> str:
        style = context.scene.dualtalk_staging.cut_style
        return f"{staging.cut_to_speakers(context.scene, style)} shots"


class DUALTALK_OT_follow_edits(_Button):
    """Let heads and nods follow characters that were moved, and looks whose keys were"""

    bl_idname = "dualtalk.follow_edits"
    bl_label = "Follow Edits"

    def run(self, context: bpy.types.Context) -> str:
        gazekeys.follow_edits(staging.armatures_of(context.scene))
        return "Heads follow the edited looks"


class DUALTALK_OT_edit_looks(_Button):
    """Select what holds the edges of the looks, so that the timeline shows them to be moved"""

    bl_idname = "dualtalk.edit_looks"
    bl_label = "Edit Looks"

    def run(self, context: bpy.types.Context) -> str:
        if context.mode != "OBJECT":
            bpy.ops.object.mode_set(mode="OBJECT")
        targets = gazekeys.targets_of(staging.armatures_of(context.scene))
        for obj in context.selected_objects:
            obj.select_set(False)
        for target in targets:
            target.hide_set(False)
            target.select_set(True)
        context.view_layer.objects.active = targets[0]
        return "Move the keys of the influence in the timeline; all else follows"


class DUALTALK_OT_look_target(_Button):
    """Let both look at the active object too, or no more; Direct plans the looks"""

    bl_idname = "dualtalk.look_target"
    bl_label = "Look at Active Object"

    def run(self, context: bpy.types.Context) -> str:
        obj, share = context.active_object, context.scene.dualtalk_staging.look_share
        if obj is None or obj in staging.armatures_of(context.scene):
            raise InputError("Choose an object beside the two characters, such as a cup.")
        if staging.SHARE_KEY in obj:
            del obj[staging.SHARE_KEY]
        else:
            obj[staging.SHARE_KEY] = share
        settings = context.scene.dualtalk_staging
        staging.direct(context.scene, to_scene(settings), settings.seed)
        return f"{obj.name} is {'looked at' if staging.SHARE_KEY in obj else 'left alone'}"


class DUALTALK_OT_bake_gaze(_Button):
    """Turn gaze and composed head motion into plain keys, for export"""

    bl_idname = "dualtalk.bake_gaze"
    bl_label = "Bake Gaze"

    def run(self, context: bpy.types.Context) -> str:
        scene = context.scene
        baking.bake(staging.armatures_of(scene), scene.frame_start, scene.frame_end)
        return "Baked"


class DUALTALK_OT_unbake_gaze(_Button):
    """Bring back constraints and keys from before baking"""

    bl_idname = "dualtalk.unbake_gaze"
    bl_label = "Unbake Gaze"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        cls.poll_message_set("The gaze is not baked")
        return staging.is_baked(context.scene)

    def run(self, context: bpy.types.Context) -> str:
        baking.unbake(staging.armatures_of(context.scene))
        return "Unbaked"


def _readable(parameter: str) -> str:
    """Return a parameter as the panel shows it: "A gaze", "distance"."""
    person, dot, name = parameter.rpartition(".")
    return f"{person.upper()} {name}" if dot else name


def read_description(text: str, python: str) -> Direction:
    """Ask the director, in a process with torch, what a description sets.

    Raises:
        InputError: the text cannot be used, or the process failed.
    """
    start = Path(__file__).resolve().parents[1] / "inference" / "worker_start.py"
    command = [python, "-I", str(start), "inference.director", "--", text]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InputError(f"The description could not be read: {error}") from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise InputError(f"The description could not be read: {last}")
    read = json.loads(done.stdout)
    return Direction(
        read["values"], read["confidence"], tuple(read["not_understood"]), read["distance_m"]
    )


CLASSES = (
    DUALTALK_OT_direct,
    DUALTALK_OT_apply_preset,
    DUALTALK_OT_describe,
    DUALTALK_OT_cut_to_speakers,
    DUALTALK_OT_follow_edits,
    DUALTALK_OT_edit_looks,
    DUALTALK_OT_look_target,
    DUALTALK_OT_bake_gaze,
    DUALTALK_OT_unbake_gaze,
)
