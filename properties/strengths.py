"""How much of each layer of a performance the characters show; a slider acts at once."""

import bpy
from bpy.props import FloatProperty

from ..core.motion_layers import LAYERS
from ..rig.characters import heads
from ..rig.output import baking
from ..rig.performance import layer_strengths

_LAYER_HINT = "1 is as generated, 0 nothing, 2 twice as much. The keys stay as they are"


def _strength_changed(strengths: "DUALTALK_PG_strengths", _context: bpy.types.Context) -> None:
    apply_strengths(strengths.id_data)


def _strength(name: str, what: str, highest: float = 2.0) -> FloatProperty:
    return FloatProperty(
        name=name, description=f"Share of {what} in the performance. {_LAYER_HINT}",
        default=1.0, min=0.0, max=highest, subtype="FACTOR", update=_strength_changed,
    )  # fmt: skip


class DUALTALK_PG_strengths(bpy.types.PropertyGroup):
    """How much of each layer of a performance a character shows."""

    lips: _strength("Lips", "lips and jaw")
    expression: _strength("Expression", "smiles, brows, cheeks")
    head: _strength("Head", "the network's head motion")
    blinks: _strength("Blinks", "blinks")
    gaze: FloatProperty(
        name="Gaze", default=1.0, min=0.0, max=1.0, subtype="FACTOR", update=_strength_changed,
        description="Share of the looks in the performance: 1 as generated, 0 eyes straight ahead",
    )  # fmt: skip


def apply_strengths(scene: bpy.types.Scene) -> None:
    """Let the characters show each layer as strongly as the scene's settings say."""
    settings = scene.dualtalk
    for speaker, wanted in ((1, settings.strengths_a), (2, settings.strengths_b)):
        character = heads.find(scene, speaker)
        if character is not None and not baking.is_baked(character.armature):
            layer_strengths.set_strengths(
                character, {layer: getattr(wanted, layer) for layer in LAYERS}
            )


CLASSES = (DUALTALK_PG_strengths,)
