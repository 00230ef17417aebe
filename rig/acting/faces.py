"""How a face obeys the sliders of acting: each shape of feeling gets a driven twin.

With x what the network does with a shape, w what the moods add and g how large all of it is, the
face shows x g + w g (1 - x): moods fill up what the network leaves, so that nothing is pushed past
its end, and take from what speaks against them.
"""

from collections.abc import Mapping

import bpy

from ...core.acting.moods import MOODS, SPEECH, added, shapes, stem_of, taken
from .. import fcurves
from ..characters import added_keys
from ..characters.character import Character
from . import drivers, sliders

#: What full energy adds to a shape, and full asymmetry to one half.
_ENERGY, _ASYMMETRY = 0.35, 0.45

_SHAPES = frozenset(shapes())


def ensure(character: Character) -> None:
    """Let a character's face obey its sliders; it must have them."""
    for mesh in character.meshes:
        keys = mesh.data.shape_keys
        for key, controls in character.controls_of(mesh).items():
            felt = {c: f for c, f in controls.items() if c in _SHAPES and f}
            if felt and key in keys.key_blocks:
                _drive(character, mesh, key, felt)


def _drive(
    character: Character, mesh: bpy.types.Object, key: str, controls: Mapping[str, float]
) -> None:
    armature = character.armature
    shape = max(controls, key=lambda name: abs(controls[name]))
    moods = {mood: sum(f * added(mood, c) for c, f in controls.items()) for mood in MOODS}
    adds = {sliders.SHORT[mood]: amount for mood, amount in moods.items()}
    takes = {sliders.SHORT[mood]: taken(mood, shape) for mood in MOODS}
    is_speech = stem_of(shape) in SPEECH
    if is_speech and not any(adds.values()):
        return
    twin = added_keys.ensure(mesh, key, character.added_points(mesh, key))
    path = fcurves.key_path(key)
    sources: dict[str, drivers.Source] = {"x": (mesh.data.shape_keys, path)}
    for mood, short in sliders.SHORT.items():
        if adds[short] or (takes[short] and not is_speech):
            sources[short] = (armature, sliders.path_of(sliders.name_of(mood)))
    sources["g"] = (armature, sliders.path_of(sliders.EXAGGERATION))
    size = "g"
    if shape != stem_of(shape):
        sources["k"] = (armature, sliders.path_of(sliders.ASYMMETRY))
        size = f"g*(1{'+' if shape.endswith('Left') else '-'}{_ASYMMETRY}*k)"
    expression = f"(1-x)*min(1,{size}*({drivers.total(adds)}))"
    if not is_speech:
        sources["e"] = (armature, sliders.path_of(sliders.ENERGY))
        left = f"max(0,1-({drivers.total(takes)}))"
        expression += f"+min(max(1,x),x*{size}*(1+{_ENERGY}*e)*{left})-x"
    drivers.write(twin, "value", -1, expression, sources)
