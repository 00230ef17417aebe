"""How much of each layer a character shows over time: strengths, energy and exaggeration.

Strengths are settings of the scene, the rest are sliders of the character; all can be keyed. What
they come to is written on the curves (`rig.performance.layer_strengths`), as curves cannot have
drivers on what scales them, and written again when a key of theirs is changed.
"""

import hashlib
from collections.abc import Mapping

import bpy
import numpy as np

from ...core.acting.gain import Gain, product
from ...core.acting.moods import FACES, MOODS
from ...core.motion_layers import ARTICULATORS, LAYERS, Articulator, Layer
from .. import actions, fcurves, property_names
from ..characters.character import Character
from ..performance import layer_strengths
from . import sliders

#: What full energy adds to the moves of head and lips.
_HEAD, _LIPS = 0.6, 0.12
#: Every layer as strong as generated.
PLAIN: Mapping[Layer | Articulator, Gain] = {layer: Gain.constant(1.0) for layer in LAYERS}


def keyed(owner: bpy.types.ID, path: str, value: float) -> Gain:
    """Return the values of a property over time: of its curve, or the one that it has now."""
    curve = fcurves.find_fcurve(owner, path)
    if curve is None or not len(curve.keyframe_points) or curve.mute:
        return Gain.constant(float(value))
    span = curve.range()
    frames = np.arange(np.floor(span[0]), np.ceil(span[1]) + 1)
    return Gain.through(frames, np.array([curve.evaluate(float(frame)) for frame in frames]))


def energy_of(armature: bpy.types.Object) -> Gain:
    """Return how lively a character is over time, -1 to 1: the slider and what moods add."""
    parts = [(1.0, _slider(armature, sliders.ENERGY))]
    parts += [
        (FACES[mood].energy, _slider(armature, sliders.name_of(mood)))
        for mood in MOODS
        if FACES[mood].energy
    ]
    frames = sorted({f for _, gain in parts if len(gain.frames) > 1 for f in gain.frames})
    if not frames:
        return Gain.constant(float(np.clip(sum(w * gain.values[0] for w, gain in parts), -1, 1)))
    every = np.arange(np.floor(frames[0]), np.ceil(frames[-1]) + 1)
    return Gain.through(every, np.clip(sum(w * gain.at(every) for w, gain in parts), -1, 1))


def of(
    character: Character, strengths: Mapping[Layer | Articulator, Gain]
) -> dict[Layer | Articulator, Gain]:
    """Return how much of each layer a character shows, strengths and sliders together."""
    armature = character.armature
    energy, large = energy_of(armature), _slider(armature, sliders.EXAGGERATION)
    found = dict(strengths)
    found["head"] = product([strengths["head"], large, _lively(energy, _HEAD)])
    found["lips"] = product([strengths["lips"], _lively(energy, _LIPS)])
    for part in ARTICULATORS:
        if part in strengths:
            found[part] = product([found["lips"], strengths[part]])
    if character.played_basis() == "flame":  # its coefficients have no twins (`faces`)
        found["expression"] = product([strengths["expression"], large, _lively(energy, _HEAD / 2)])
    return found


def write(character: Character, strengths: Mapping[Layer | Articulator, Gain]) -> bool:
    """Scale a character's curves if what scales them has changed; tell whether it has."""
    action = actions.playing(character.armature)
    if action is None:
        return False
    gains = of(character, strengths)
    mark = _mark(gains)
    if action.get(property_names.GAINS) == mark:
        return False
    layer_strengths.set_strengths(character, gains)
    action[property_names.GAINS] = mark
    return True


def _slider(armature: bpy.types.Object, name: str) -> Gain:
    slider = sliders.SLIDERS[name]
    value = armature.get(name, slider.default)
    if name not in armature:
        return Gain.constant(slider.default)
    return keyed(armature, sliders.path_of(name), value)


def _lively(energy: Gain, amount: float) -> Gain:
    return Gain(energy.frames, tuple(1 + amount * value for value in energy.values))


def _mark(gains: Mapping[Layer | Articulator, Gain]) -> str:
    """Return a short text that is another one for other gains."""
    names = (*LAYERS, *(part for part in ARTICULATORS if part in gains))
    text = repr([(name, gains[name]) for name in names])
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
