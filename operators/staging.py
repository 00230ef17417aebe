"""Buttons of staging and gaze: presets, a description, cuts, following edits, baking."""

from dataclasses import replace
from typing import Any

import bpy
from bpy.props import StringProperty

from .. import operator_names, status
from ..core.directing.description import Direction, Scene
from ..core.directing.staging import PRESETS
from ..core.errors import InputError
from ..core.jobs.requests import DescribeRequest
from ..preferences import pythons, stored
from ..properties.staging import (
    feelings_of,
    from_scene,
    note_description,
    take_back_description,
    to_scene,
    values,
)
from ..rig import property_names
from ..rig.acting import said as said_feelings
from ..rig.gaze import gaze_keys
from ..rig.output import baking
from ..rig.staging import directing
from . import jobs
from .button import Button

#: What the setting means to the director.
_PRONOUNS = {"SHE_HE": ("she", "he"), "HE_SHE": ("he", "she"), "NONE": ("they", "they")}


class _StagingButton(Button):
    """A step of directing, which needs two heads that look at each other."""

    stage = "staging"

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str:
        """Return why the scene cannot be directed, or nothing."""
        return status.staging_reason(context)


class DUALTALK_OT_direct(_StagingButton):
    """Put staging, habits and gaze as the sliders say"""

    bl_idname = operator_names.DIRECT
    bl_label = "Plan Looks Anew"

    def run(self, context: bpy.types.Context) -> str:
        settings = context.scene.dualtalk
        plan = directing.direct(context.scene, to_scene(settings.staging), settings.seed)
        return f"Directed: {sum(map(len, plan.looks))} looks"


def _put(context: bpy.types.Context, wanted: Scene) -> None:
    """Put a scene into effect as far as there is one, and into the sliders."""
    settings = context.scene.dualtalk
    if not status.staging_reason(context):
        directing.direct(context.scene, wanted, settings.seed)
    from_scene(settings.staging, wanted)


class DUALTALK_OT_apply_preset(_StagingButton):
    """Set the sliders of the staging to the chosen preset and put it into effect"""

    bl_idname = operator_names.APPLY_PRESET
    bl_label = "Apply Preset"

    preset: StringProperty(
        name="Preset", description="Which one; unset: the scene's setting", options={"SKIP_SAVE"}
    )

    @classmethod
    def description(cls, _context: bpy.types.Context, properties: Any) -> str:
        """Say how the two are placed by the button that it is drawn for."""
        found = PRESETS.get(properties.preset)
        return found.hint if found else str(cls.__doc__)

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str:
        """Return why no slider can be set, or nothing; they need no characters yet."""
        return status.staging_reason(context) if status.is_baked(context.scene) else ""

    def run(self, context: bpy.types.Context) -> str:
        settings = context.scene.dualtalk.staging
        if self.preset not in ("", *PRESETS):
            raise InputError(f"{self.preset} is no preset: give one of {', '.join(PRESETS)}.")
        settings.preset = self.preset or settings.preset
        preset = PRESETS[settings.preset]
        _put(context, replace(to_scene(settings), staging=preset.staging))
        return f"Staged: {preset.label}"


class DUALTALK_OT_describe(jobs.Job, bpy.types.Operator):
    """Let the description set the sliders and put them into effect"""

    bl_idname = operator_names.DESCRIBE
    bl_label = "Read Description"
    bl_options = {"UNDO"}  # noqa: RUF012 - Blender wants a plain set
    stage = "staging"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Tell whether sliders can be set and no other job runs."""
        if status.is_baked(context.scene):
            cls.poll_message_set(status.staging_reason(context))
            return False
        return super().poll(context)

    def prepare(self, context: bpy.types.Context) -> jobs.Order:
        """Return the Python that has the director's libraries, and the text.

        Raises:
            InputError: there is no description, or no Python with torch.
        """
        settings = context.scene.dualtalk.staging
        if not settings.description.strip():
            raise InputError("There is no description: write what the two do.")
        request = DescribeRequest(
            settings.description,
            settings.first.called,
            settings.second.called,
            *_PRONOUNS[settings.pronouns],
            directing.on_the_left(context.scene),
        )
        python = pythons.worker_python(stored.get(context).python)
        return jobs.Order(python, request, context.scene.session_uid)

    def waits_for(self, context: bpy.types.Context, order: jobs.Order) -> str:
        """Return why what was read cannot be used at this moment, or nothing."""
        is_there = context.scene.session_uid == order.scene_uid
        return "" if is_there else "The description is read: go back to its scene"

    def apply(self, context: bpy.types.Context, order: jobs.Order, result: Direction) -> str:
        """Set the sliders in place of what an earlier description set, and put them into effect."""
        settings = order.scene.dualtalk.staging
        in_effect = to_scene(settings)
        _take_back(order.scene)
        before = values(settings)
        wanted = result.apply(to_scene(settings))
        if wanted != in_effect:  # one that only says moods leaves looks that were moved alone
            _put(context, wanted)
        said_feelings.write(order.scene, result.feelings)
        note_description(settings, before, result.feelings)
        said = [*result.values.items()]
        if result.distance_m is not None:
            said.append(("distance", f"{result.distance_m:g} m"))
        lines = [
            f"{_readable(name)}: {value.replace('_', ' ')} ({result.confidence.get(name, 1.0):.0%})"
            for name, value in said
        ]
        felt = said_feelings.described(result.feelings)
        lines += [f"{name}: {text}" for name, text in felt.items()]
        settings.understood = "\n".join(lines)
        settings.not_understood = "\n".join(result.not_understood)
        missed = len(result.not_understood)
        return f"Understood {len(lines)} things" + (f", {missed} not" if missed else "")


class DUALTALK_OT_reset_description(Button):
    """Take back what the description set: sliders that you moved since stay as you put them"""

    bl_idname = operator_names.RESET_DESCRIPTION
    bl_label = "Reset"
    stage = "staging"

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str:
        """Return that nothing was described, or why no slider can be set."""
        if not context.scene.dualtalk.staging.described:
            return "No description was read yet"
        return status.staging_reason(context) if status.is_baked(context.scene) else ""

    def run(self, context: bpy.types.Context) -> str:
        """Set the sliders back and put them into effect."""
        _take_back(context.scene)
        _put(context, to_scene(context.scene.dualtalk.staging))
        return "The description was taken back"


def _take_back(scene: bpy.types.Scene) -> None:
    settings = scene.dualtalk.staging
    said_feelings.take_back(scene, feelings_of(settings))
    take_back_description(settings)


class DUALTALK_OT_cut_to_speakers(_StagingButton):
    """Bind cameras to markers so that the scene cuts to whoever speaks"""

    bl_idname = operator_names.CUT_TO_SPEAKERS
    bl_label = "Cut to Whoever Speaks"

    def run(self, context: bpy.types.Context) -> str:
        style = context.scene.dualtalk.staging.cut_style
        return f"{directing.cut_to_speakers(context.scene, style)} shots"


class DUALTALK_OT_follow_edits(_StagingButton):
    """Let heads and nods follow characters that were moved, and looks whose keys were"""

    bl_idname = operator_names.FOLLOW_EDITS
    bl_label = "Update Heads to Edited Looks"

    def run(self, context: bpy.types.Context) -> str:
        gaze_keys.follow_edits(directing.armatures_of(context.scene))
        return "Heads follow the edited looks"


class DUALTALK_OT_edit_looks(_StagingButton):
    """Select what holds the edges of the looks, so that the timeline shows them to be moved"""

    bl_idname = operator_names.EDIT_LOOKS
    bl_label = "Select Keys of Looks"

    def run(self, context: bpy.types.Context) -> str:
        if context.mode != "OBJECT":
            bpy.ops.object.mode_set(mode="OBJECT")
        targets = gaze_keys.targets_of(directing.armatures_of(context.scene))
        for obj in context.selected_objects:
            obj.select_set(False)
        for target in targets:
            target.hide_set(False)
            target.select_set(True)
        context.view_layer.objects.active = targets[0]
        return "Move the keys of the influence in the timeline; all else follows"


class DUALTALK_OT_look_target(_StagingButton):
    """Let both look at the active object too, or no more; Direct plans the looks"""

    bl_idname = operator_names.LOOK_TARGET
    bl_label = "Look at Active Object"

    def run(self, context: bpy.types.Context) -> str:
        obj, share = context.active_object, context.scene.dualtalk.staging.look_share
        if obj is None or obj in directing.armatures_of(context.scene):
            raise InputError("Choose an object beside the two characters, such as a cup.")
        if property_names.LOOK_SHARE in obj:
            del obj[property_names.LOOK_SHARE]
        else:
            obj[property_names.LOOK_SHARE] = share
        settings = context.scene.dualtalk
        directing.direct(context.scene, to_scene(settings.staging), settings.seed)
        return f"{obj.name} is {'looked at' if property_names.LOOK_SHARE in obj else 'left alone'}"


class DUALTALK_OT_bake_gaze(_StagingButton):
    """Turn gaze and composed head motion into plain keys, for export"""

    bl_idname = operator_names.BAKE_GAZE
    bl_label = "Bake Gaze to Keyframes"

    def run(self, context: bpy.types.Context) -> str:
        scene = context.scene
        baking.bake(directing.armatures_of(scene), scene.frame_start, scene.frame_end)
        return "Baked"


class DUALTALK_OT_unbake_gaze(_StagingButton):
    """Bring back constraints and keys from before baking"""

    bl_idname = operator_names.UNBAKE_GAZE
    bl_label = "Unbake Gaze to Edit It"

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str:
        """Return that there is nothing to bring back, or nothing."""
        return "" if status.is_baked(context.scene) else "The gaze is not baked"

    def run(self, context: bpy.types.Context) -> str:
        baking.unbake(directing.armatures_of(context.scene))
        return "Unbaked"


def _readable(parameter: str) -> str:
    """Return a parameter as the panel shows it: "A gaze", "distance"."""
    person, dot, name = parameter.rpartition(".")
    return f"{person.upper()} {name}" if dot else name


CLASSES = (
    DUALTALK_OT_direct,
    DUALTALK_OT_apply_preset,
    DUALTALK_OT_describe,
    DUALTALK_OT_reset_description,
    DUALTALK_OT_cut_to_speakers,
    DUALTALK_OT_follow_edits,
    DUALTALK_OT_edit_looks,
    DUALTALK_OT_look_target,
    DUALTALK_OT_bake_gaze,
    DUALTALK_OT_unbake_gaze,
)
