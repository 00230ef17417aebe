"""Taking a character out of the scene: what the add-on built is deleted, a bound one let go.

With the last one go the cameras and the stage, as far as nobody has made them their own.
"""

import bpy

from ...core import speakers
from ...core.errors import RigError
from ..gaze import gaze_rig
from ..output import baking
from ..staging import cameras, stage_set, voice_lights
from . import heads
from .own import bound


def remove(scene: bpy.types.Scene, speaker: int) -> None:
    """Remove the character of a speaker (1 or 2), whole or not; copies of it are the user's.

    Raises:
        RigError: the speaker has none.
    """
    armatures = list(heads.marked(scene, speaker))
    if not armatures and bound.release_orphans(scene, speaker):
        return
    if not armatures:
        raise RigError(f"{speakers.label(speaker)} has no head to remove.")
    found = heads.find(scene, speaker)
    armature = armatures[0] if found is None else found.armature
    kind = heads.kind_of(armature)
    if baking.is_baked(armature):
        baking.unbake((armature,))
    gaze_rig.remove(armature)
    voice_lights.remove(armature)
    kind.remove(armature)
    for copy in (obj for obj in armatures if obj != armature):
        heads.unmark(copy)
    if not any(any(heads.marked(scene, one)) for one in speakers.SPEAKERS):
        cameras.remove(scene)
        stage_set.remove(heads.existing_collection(scene))
