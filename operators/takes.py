"""What an animator does to a performance that is there: strengths of layers, takes."""

import bpy
from bpy.props import IntProperty

from ..core.motion_layers import LAYERS
from ..rig.characters import heads
from ..rig.output import baking
from ..rig.performance import layer_strengths, takes
from . import jobs
from .button import Button


def disabled_reason(context: bpy.types.Context) -> str:
    """Return why there is nothing to change, or nothing."""
    scene = context.scene
    if heads.find(scene, 1) is None and heads.find(scene, 2) is None:
        return "There is no performance yet: press Generate first."
    return jobs.BUSY if jobs.progress() is not None else ""


def strengths_reason(context: bpy.types.Context) -> str:
    """Return why the strengths cannot be changed now, or nothing."""
    found = heads.find_pair(context.scene)
    if any(character and baking.is_baked(character.armature) for character in found):
        return "The gaze is baked to plain keys: unbake first."
    return ""


def apply_strengths(scene: bpy.types.Scene) -> None:
    """Let the characters show each layer as strongly as the scene's settings say."""
    settings = scene.dualtalk
    for speaker, wanted in ((1, settings.strengths_a), (2, settings.strengths_b)):
        character = heads.find(scene, speaker)
        if character is not None and not baking.is_baked(character.armature):
            layer_strengths.set_strengths(
                character, {layer: getattr(wanted, layer) for layer in LAYERS}
            )


class _TakeButton(Button):
    """A step that needs a performance."""

    stage = "performance"
    index: IntProperty(name="Take", description="Which of the takes, counted from 0", min=0)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Tell whether there is a performance."""
        reason = disabled_reason(context)
        if reason:
            cls.poll_message_set(reason)
        return not reason


class DUALTALK_OT_use_take(_TakeButton):
    """Let the heads play this take; the present one is kept with all that was edited"""

    bl_idname = "dualtalk.use_take"
    bl_label = "Use Take"

    def run(self, context: bpy.types.Context) -> str:
        """Exchange the actions."""
        takes.use(context.scene, self.index)
        apply_strengths(context.scene)
        return f"{takes.names(context.scene)[self.index]} plays"


class DUALTALK_OT_remove_take(_TakeButton):
    """Delete this take with its keys"""

    bl_idname = "dualtalk.remove_take"
    bl_label = "Delete Take"

    def run(self, context: bpy.types.Context) -> str:
        """Delete it."""
        names = takes.names(context.scene)
        takes.remove(context.scene, self.index)
        return f"{names[self.index]} was deleted"


class DUALTALK_OT_reset_strengths(Button):
    """Show every layer as it was generated"""

    bl_idname = "dualtalk.reset_strengths"
    bl_label = "Reset Strengths"
    stage = "performance"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Tell whether they can be changed."""
        reason = strengths_reason(context)
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def run(self, context: bpy.types.Context) -> str:
        """Set all to 1."""
        settings = context.scene.dualtalk
        for strengths in (settings.strengths_a, settings.strengths_b):
            for layer in LAYERS:
                setattr(strengths, layer, 1.0)
        return "Every layer is as generated"


def next_seed(scene: bpy.types.Scene) -> int:
    """Return the lowest seed above all that the takes were made with."""
    used = [take.seed for take in scene.dualtalk.takes]
    return max([*used, scene.dualtalk.seed]) + 1


def note_edits(scene: bpy.types.Scene) -> None:
    """Note what the heads play in the present take, if there is one."""
    takes.note_edits(scene)


def keep_take(scene: bpy.types.Scene, seed: int, is_new: bool) -> None:
    """Note a performance that was just written, and give it the strengths of the settings."""
    takes.keep(scene, seed, is_new)
    apply_strengths(scene)


def before_writing(scene: bpy.types.Scene, is_new: bool) -> None:
    """Keep the present take with its edits, or let go of it because it is replaced."""
    if not is_new:
        takes.forget_current(scene)
    elif takes.names(scene):
        takes.note_edits(scene)
    elif any(heads.find_pair(scene)):
        takes.keep(scene, scene.dualtalk.seed, is_new=True)  # of a file older than takes


CLASSES = (DUALTALK_OT_use_take, DUALTALK_OT_remove_take, DUALTALK_OT_reset_strengths)
