"""Buttons of staging and gaze: presets, a description, cuts, following edits, baking."""

from dataclasses import replace
from pathlib import Path

import bpy

from .. import preferences
from ..core.directing.description import Direction, Scene
from ..core.directing.staging import PRESETS
from ..core.errors import DualTalkError, InputError
from ..core.jobs.requests import DescribeRequest
from ..properties.staging import from_scene, to_scene
from ..rig import property_names
from ..rig.characters import heads
from ..rig.gaze import gaze_keys
from ..rig.output import baking
from ..rig.staging import directing
from . import jobs

#: What the setting means to the director.
_PRONOUNS = {"SHE_HE": ("she", "he"), "HE_SHE": ("he", "she"), "NONE": ("they", "they")}


def disabled_reason(context: bpy.types.Context) -> str:
    """Return why a scene cannot be directed, or nothing."""
    found = heads.find_pair(context.scene)
    if found[0] is None or found[1] is None:
        return "The scene has no two DualTalk heads yet: generate first"
    if directing.is_baked(context.scene):
        return "The gaze is baked to plain keys: unbake first"
    if gaze_keys.written(found[0].armature) is None:
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
        plan = directing.direct(context.scene, wanted, settings.seed)
        return f"Directed: {sum(map(len, plan.looks))} looks"


def _put(context: bpy.types.Context, wanted: Scene) -> None:
    """Put a scene into effect as far as there is one, and into the sliders."""
    settings = context.scene.dualtalk_staging
    if not disabled_reason(context):
        directing.direct(context.scene, wanted, settings.seed)
    from_scene(settings, wanted)


class DUALTALK_OT_apply_preset(_Button):
    """Set the sliders of the staging to the chosen preset and put it into effect"""

    bl_idname = "dualtalk.apply_preset"
    bl_label = "Apply Preset"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Tell whether sliders can be set; they need no characters yet."""
        is_baked = directing.is_baked(context.scene)
        if is_baked:
            cls.poll_message_set(disabled_reason(context))
        return not is_baked

    def run(self, context: bpy.types.Context) -> str:
        settings = context.scene.dualtalk_staging
        preset = PRESETS[settings.preset]
        _put(context, replace(to_scene(settings), staging=preset.staging))
        return f"Staged: {preset.label}"


class DUALTALK_OT_describe(jobs.Job, bpy.types.Operator):
    """Let the description set the sliders and put them into effect"""

    bl_idname = "dualtalk.describe"
    bl_label = "Read Description"
    bl_options = {"UNDO"}  # noqa: RUF012 - Blender wants a plain set
    stage = "staging"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Tell whether sliders can be set and no other job runs."""
        if directing.is_baked(context.scene):
            cls.poll_message_set(disabled_reason(context))
            return False
        return super().poll(context)

    def prepare(self, context: bpy.types.Context) -> tuple[Path, DescribeRequest]:
        """Return the Python that has the director's libraries, and the text.

        Raises:
            InputError: there is no description, or no Python with torch.
        """
        settings = context.scene.dualtalk_staging
        if not settings.description.strip():
            raise InputError("There is no description: write what the two do.")
        self._scene_uid = context.scene.session_uid
        request = DescribeRequest(
            settings.description,
            settings.first.called,
            settings.second.called,
            *_PRONOUNS[settings.pronouns],
        )
        return preferences.worker_python(preferences.get(context).python), request

    def waits_for(self, context: bpy.types.Context) -> str:
        """Return why what was read cannot be used at this moment, or nothing."""
        is_there = context.scene.session_uid == self._scene_uid
        return "" if is_there else "The description is read: go back to its scene"

    def apply(self, context: bpy.types.Context, result: Direction) -> str:
        """Set the sliders, put them into effect, and keep what was understood."""
        settings = self.scene_of_start().dualtalk_staging
        _put(context, result.apply(to_scene(settings)))
        said = [*result.values.items()]
        if result.distance_m is not None:
            said.append(("distance", f"{result.distance_m:g} m"))
        settings.understood = "\n".join(
            f"{_readable(name)}: {value.replace('_', ' ')} ({result.confidence.get(name, 1.0):.0%})"
            for name, value in said
        )
        settings.not_understood = "\n".join(result.not_understood)
        return f"Understood {len(said)} things"


class DUALTALK_OT_cut_to_speakers(_Button):
    """Bind cameras to markers so that the scene cuts to whoever speaks"""

    bl_idname = "dualtalk.cut_to_speakers"
    bl_label = "Cut to Whoever Speaks"

    def run(self, context: bpy.types.Context) -> str:
        style = context.scene.dualtalk_staging.cut_style
        return f"{directing.cut_to_speakers(context.scene, style)} shots"


class DUALTALK_OT_follow_edits(_Button):
    """Let heads and nods follow characters that were moved, and looks whose keys were"""

    bl_idname = "dualtalk.follow_edits"
    bl_label = "Follow Edits"

    def run(self, context: bpy.types.Context) -> str:
        gaze_keys.follow_edits(directing.armatures_of(context.scene))
        return "Heads follow the edited looks"


class DUALTALK_OT_edit_looks(_Button):
    """Select what holds the edges of the looks, so that the timeline shows them to be moved"""

    bl_idname = "dualtalk.edit_looks"
    bl_label = "Edit Looks"

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


class DUALTALK_OT_look_target(_Button):
    """Let both look at the active object too, or no more; Direct plans the looks"""

    bl_idname = "dualtalk.look_target"
    bl_label = "Look at Active Object"

    def run(self, context: bpy.types.Context) -> str:
        obj, share = context.active_object, context.scene.dualtalk_staging.look_share
        if obj is None or obj in directing.armatures_of(context.scene):
            raise InputError("Choose an object beside the two characters, such as a cup.")
        if property_names.LOOK_SHARE in obj:
            del obj[property_names.LOOK_SHARE]
        else:
            obj[property_names.LOOK_SHARE] = share
        settings = context.scene.dualtalk_staging
        directing.direct(context.scene, to_scene(settings), settings.seed)
        return f"{obj.name} is {'looked at' if property_names.LOOK_SHARE in obj else 'left alone'}"


class DUALTALK_OT_bake_gaze(_Button):
    """Turn gaze and composed head motion into plain keys, for export"""

    bl_idname = "dualtalk.bake_gaze"
    bl_label = "Bake Gaze"

    def run(self, context: bpy.types.Context) -> str:
        scene = context.scene
        baking.bake(directing.armatures_of(scene), scene.frame_start, scene.frame_end)
        return "Baked"


class DUALTALK_OT_unbake_gaze(_Button):
    """Bring back constraints and keys from before baking"""

    bl_idname = "dualtalk.unbake_gaze"
    bl_label = "Unbake Gaze"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        cls.poll_message_set("The gaze is not baked")
        return directing.is_baked(context.scene)

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
    DUALTALK_OT_cut_to_speakers,
    DUALTALK_OT_follow_edits,
    DUALTALK_OT_edit_looks,
    DUALTALK_OT_look_target,
    DUALTALK_OT_bake_gaze,
    DUALTALK_OT_unbake_gaze,
)
