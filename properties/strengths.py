"""How much of each layer of a performance is shown, and how late; a slider acts at once."""

import bpy
from bpy.props import FloatProperty

from ..core import speakers
from ..core.acting.gain import Gain
from ..core.motion_layers import ARTICULATORS, LAYERS, Articulator, Layer
from ..rig import timing as rig_timing
from ..rig.acting import gains, shifts
from ..rig.characters import heads
from ..rig.characters.character import Character
from ..rig.output import baking
from ..rig.performance.editing import comparing, layers

_LAYER_HINT = (
    "1 is as generated, 0 nothing, 2 twice as much. The keys stay as they are. Press I over it to "
    "key the strength itself"
)


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
    lip_shapes: _strength("Lip Shapes", "the lips alone, within the layer of lips")
    jaw: _strength("Jaw", "the jaw, within the layer of lips; closed lips stay closed")
    tongue: _strength("Tongue", "the tongue, within the layer of lips")
    gaze: FloatProperty(
        name="Gaze", default=1.0, min=0.0, max=1.0, subtype="FACTOR", update=_strength_changed,
        description="Share of the looks in the performance: 1 as generated, 0 eyes straight ahead",
    )  # fmt: skip


def _timing(name: str, what: str) -> FloatProperty:
    return FloatProperty(
        name=name, description=f"By how many milliseconds {what} come later than generated; "
        "negative: earlier. Keys are moved, and moved back to the bit",
        default=0.0, min=-1000.0, max=1000.0, soft_min=-250.0, soft_max=250.0, step=1000,
        precision=0, update=_strength_changed,
    )  # fmt: skip


class DUALTALK_PG_timing(bpy.types.PropertyGroup):
    """How much later than generated the layers of a character come."""

    lips: _timing("Lips (ms)", "lips and jaw")
    lip_shapes: _timing("Lip Shapes (ms)", "the lips alone, beside the whole layer,")
    jaw: _timing("Jaw (ms)", "the jaw alone, beside the whole layer of lips,")
    tongue: _timing("Tongue (ms)", "the tongue alone, beside the whole layer of lips,")
    expression: _timing("Expression (ms)", "smiles, brows and cheeks")
    head: _timing("Head (ms)", "moves of the head")
    blinks: _timing("Blinks (ms)", "blinks")


def strength_of(scene: bpy.types.Scene, speaker: int, layer: Layer | Articulator) -> Gain:
    """Return how much of a layer a speaker shows over time: the slider may be keyed."""
    name = f"strengths_{speakers.letter(speaker).lower()}"
    value = getattr(getattr(scene.dualtalk, name), layer)
    return gains.keyed(scene, f"dualtalk.{name}.{layer}", value)


def apply_strengths(scene: bpy.types.Scene) -> bool:
    """Let the characters show each layer as strongly and as late as all sliders say.

    Returns:
        Whether anything had to be changed.
    """
    has_changed = False
    for speaker in speakers.SPEAKERS:
        character = heads.find(scene, speaker)
        if character is None or baking.is_baked(character.armature):
            continue
        strengths = {
            layer: strength_of(scene, speaker, layer) for layer in (*LAYERS, *ARTICULATORS)
        }
        has_changed |= gains.write(character, strengths)
        timing = getattr(scene.dualtalk, f"timing_{speakers.letter(speaker).lower()}")
        per_ms = rig_timing.scene_fps(scene) / 1000
        frames = {layer: getattr(timing, layer) * per_ms for layer in shifts.SHIFTED}
        has_changed |= bool(shifts.move(character, frames))
        if not comparing.is_on(scene):
            has_changed |= _lay(character, scene.dualtalk.layers_as)
    return has_changed


def _lay(character: Character, how: str) -> bool:
    """Let a performance be one action or NLA tracks; tell whether it was not."""
    wanted = None if how == "ACTION" else how
    now = layers.blend(character)
    if now == wanted:
        return False
    n_moved = layers.flatten(character) if now is not None else 0
    if wanted is not None:
        n_moved += layers.unflatten(character, wanted)
    return n_moved > 0


CLASSES = (DUALTALK_PG_strengths, DUALTALK_PG_timing)
