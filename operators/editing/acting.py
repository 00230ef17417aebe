"""The sliders of acting: given to characters of older files, and set back."""

import bpy
from bpy.props import EnumProperty

from ... import operator_names, status
from ...core import speakers
from ...core.errors import InputError
from ...properties.choices import SPEAKERS
from ...properties.strengths import apply_strengths
from ...rig.acting import acting, sliders
from ...rig.characters import heads
from ...rig.characters.character import Character
from ..button import Button


class _ActingButton(Button):
    """A step about one character."""

    stage = "acting"
    speaker: EnumProperty(name="Person", description="Whose acting", items=SPEAKERS)

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str:
        """Return why nobody can act, or nothing."""
        return status.performance_reason(context)

    def character(self, context: bpy.types.Context) -> Character:
        """Return the character that the button is for.

        Raises:
            InputError: there is none.
        """
        found = heads.find(context.scene, int(self.speaker))
        if found is None:
            who = speakers.label(int(self.speaker))
            raise InputError(f"{who} has no head yet: press Generate first.")
        return found


class DUALTALK_OT_add_acting(_ActingButton):
    """Give this person sliders of mood, energy, exaggeration and asymmetry"""

    bl_idname = operator_names.ADD_ACTING
    bl_label = "Add Acting Sliders"

    def run(self, context: bpy.types.Context) -> str:
        """Add what is missing."""
        acting.ensure(self.character(context))
        return "The sliders act at once, and can be keyed"


class DUALTALK_OT_reset_acting(_ActingButton):
    """Set all sliders of this person's acting back, and take their keys away"""

    bl_idname = operator_names.RESET_ACTING
    bl_label = "Reset Acting"

    def run(self, context: bpy.types.Context) -> str:
        """Set moods, sliders and timing back."""
        character = self.character(context)
        sliders.ensure(character.armature)
        sliders.reset(character.armature)
        letter = speakers.letter(int(self.speaker)).lower()
        timing = getattr(context.scene.dualtalk, f"timing_{letter}")
        for name in timing.bl_rna.properties.keys():
            if name not in ("rna_type", "name"):
                timing.property_unset(name)
        apply_strengths(context.scene)
        return f"{speakers.label(int(self.speaker))} acts as generated"


CLASSES = (DUALTALK_OT_add_acting, DUALTALK_OT_reset_acting)
