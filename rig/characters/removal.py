"""Taking a character out of the scene: what the add-on built is deleted, a bound one let go."""

import bpy

from ...core import speakers
from ...core.errors import RigError
from ..gaze import gaze_rig
from ..output import baking
from ..staging import voice_lights
from . import heads


def remove(scene: bpy.types.Scene, speaker: int) -> None:
    """Remove the character of a speaker (1 or 2), whole or not.

    Raises:
        RigError: the speaker has none.
    """
    armatures = list(heads.marked(scene, speaker))
    if not armatures:
        raise RigError(f"{speakers.label(speaker)} has no head to remove.")
    kinds = [heads.kind_of(armature) for armature in armatures]
    for armature, kind in zip(armatures, kinds, strict=True):
        if baking.is_baked(armature):
            baking.unbake((armature,))
        gaze_rig.remove(armature)
        voice_lights.remove(armature)
        kind.remove(armature)
